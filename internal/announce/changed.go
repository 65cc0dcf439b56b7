package announce

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// ChangesAhead is how long before a start it is announced that a session is
// cancelled, moved or reinstated; what changes earlier is left to pages and
// calendars.
const ChangesAhead = 48 * time.Hour

// maxReason is how much of a reason one line has, in bytes.
const maxReason = 60

// Changed announces that the plan of a session was changed: that it is cancelled,
// was moved, or takes place after all. base is the portal's URL without a slash at
// the end.
func Changed(s hackfest.Session, base string) string {
	begin, was := "Takes place after all: ", ""
	switch {
	case s.State == hackfest.StateCancelled:
		begin = "Cancelled: "
	case !s.MovedFrom.IsZero():
		begin, was = "Moved: ", "was "+short(s.MovedFrom, s.StartsAt, s.Zone)
	}
	return fit(begin, s.Title, join(When(s.StartsAt, s.Zone), was, cut(clean(s.Reason), maxReason), clean(s.Channel), base+"/sessions/"+s.Slug))
}

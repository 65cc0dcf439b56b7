package announce

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// ChangesAhead is how long before a start it is announced that a session is
// cancelled, moved or reinstated; what changes earlier is left to pages and
// calendars.
const ChangesAhead = 48 * time.Hour

// changes are the occasions that are a change of the plan, with how their lines
// begin.
var changes = map[hackfest.Occasion]string{
	hackfest.OccasionCancelled:  "Cancelled: ",
	hackfest.OccasionMoved:      "Moved: ",
	hackfest.OccasionReinstated: "Takes place after all: ",
}

// refuseChange says why a change is not to be announced any more: the plan was
// changed again, or it is too late.
func refuseChange(d hackfest.Delivery, s hackfest.Session, now time.Time) (reason string, missed bool) {
	off := d.Occasion == hackfest.OccasionCancelled
	switch {
	case off != (s.State == hackfest.StateCancelled), !s.StartsAt.Equal(d.StartsAt), elsewhere(d, s):
		return "The plan was changed again.", false
	case s.Held > 0:
		return "The session had begun already.", false
	case Overdue(d, now):
		return late(d)
	}
	return "", false
}

// OccasionOf is the occasion on which the plan of s is announced as it is now.
func OccasionOf(s hackfest.Session) hackfest.Occasion {
	switch {
	case s.State == hackfest.StateCancelled:
		return hackfest.OccasionCancelled
	case !s.MovedFrom.IsZero():
		return hackfest.OccasionMoved
	}
	return hackfest.OccasionReinstated
}

// maxReason is how much of a reason one line has, in bytes.
const maxReason = 60

// Changed announces that the plan of a session was changed: what is one of the
// three occasions of that. base is the portal's URL without a slash at
// the end.
func Changed(s hackfest.Session, what hackfest.Occasion, base string) string {
	was := ""
	if what == hackfest.OccasionMoved && !s.MovedFrom.IsZero() {
		was = "was " + short(s.MovedFrom, s.StartsAt, s.Zone)
	}
	return fit(changes[what], s.Title, join(When(s.StartsAt, s.Zone), was, cut(clean(s.Reason), maxReason), clean(s.Channel), base+"/sessions/"+s.Slug))
}

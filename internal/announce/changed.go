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
	case off != (s.State == hackfest.StateCancelled), !s.StartsAt.Equal(d.StartsAt), elsewhere(d, s) && !d.Left:
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

// What a line about a change has room for, in bytes.
const (
	maxReason = 60
	minReason = 12 // less of it says nothing
	minTitle  = 20
)

// Changed announces that the plan of a session was changed: what is one of the
// three occasions of that. base is the portal's URL without a slash at
// the end. Where all of it is too long for a line the reason gives way first, then
// when the session was to be.
func Changed(s hackfest.Session, what hackfest.Occasion, base string) string {
	begin, was := changes[what], ""
	if what == hackfest.OccasionMoved && !s.MovedFrom.IsZero() && !s.MovedFrom.Equal(s.StartsAt) {
		was = "was " + short(s.MovedFrom, s.StartsAt, s.Zone)
	}
	line := func(was, reason string) string {
		return join(When(s.StartsAt, s.Zone), was, reason, clean(s.Channel), base+"/sessions/"+s.Slug)
	}
	room := func(end string) int { return maxLine - len(begin) - minTitle - len(between) - len(end) }
	if room(line(was, "")) < 0 {
		was = ""
	}
	reason := clean(s.Reason)
	if left := min(maxReason, room(line(was, ""))-len(between)); len(reason) > left {
		if reason = ""; left >= minReason {
			reason = cut(clean(s.Reason), left)
		}
	}
	return fit(begin, s.Title, line(was, reason))
}

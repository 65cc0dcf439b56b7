package announce

import (
	"fmt"
	"slices"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Refusal says why d, about session s as it is now, must not go any more; "" when
// it may. missed means that people should have had it. Where d is about no
// session s is the zero Session.
func Refusal(d hackfest.Delivery, s hackfest.Session, now time.Time) (reason string, missed bool) {
	if d.Silent {
		return "Announcements were switched off for the channel, or the bot was taken out of it.", false
	}
	if d.Occasion.Changes() {
		return refuseChange(d, s, now)
	}
	if slices.ContainsFunc(Moments, func(m Moment) bool { return m.Occasion == d.Occasion }) || d.Occasion == hackfest.OccasionTopic && d.SessionID != 0 {
		if reason := refuseStart(d, s, now); reason != "" {
			return reason, false
		}
	}
	if Overdue(d, now) {
		return late(d)
	}
	return "", false
}

// refuseStart says why the start of s is not to be announced any more.
func refuseStart(d hackfest.Delivery, s hackfest.Session, now time.Time) string {
	switch {
	case s.State == hackfest.StateCancelled:
		return "The session was cancelled."
	case s.State != hackfest.StateScheduled:
		return "The session is not scheduled any more."
	case !s.StartsAt.Equal(d.StartsAt):
		return "The session was moved to another time."
	case elsewhere(d, s):
		return "The session was moved to another channel."
	case s.Held > 0, !s.StartsAt.After(now) && d.Occasion != hackfest.OccasionStart && d.Outlet != hackfest.OutletIRC:
		return "The session had begun already."
	}
	return ""
}

// elsewhere reports whether s is not in the channel that is to be told any more.
func elsewhere(d hackfest.Delivery, s hackfest.Session) bool {
	return d.Outlet == hackfest.OutletIRC && !d.Everywhere && s.ChannelID != d.ChannelID
}

// late is why d, which is overdue, does not go.
func late(d hackfest.Delivery) (reason string, missed bool) {
	switch {
	case d.Quiet:
		return "The bot had been told to be quiet.", false
	case d.Outlet == hackfest.OutletNotice:
		return "They were not on IRC.", false
	case d.Outlet == hackfest.OutletMail:
		return "It could not be sent in time.", true
	}
	return "Nobody could say it in time.", true
}

// Start announces a session before or at its start, as one line. base is the
// portal's URL without a slash at the end.
func Start(s hackfest.Session, base string, now time.Time) string {
	begin := "Starting now: "
	switch left := s.StartsAt.Sub(now); {
	case left > 0:
		begin = "In " + span(left) + ": "
	case left <= -time.Minute:
		begin = "Started " + span((-left).Truncate(time.Minute)) + " ago: "
	}
	return fit(begin, s.Title, join(When(s.StartsAt, s.Zone), clean(s.Channel), base+"/sessions/"+s.Slug))
}

// Minutes announces that the minutes of a meeting are published, as one line.
func Minutes(m hackfest.Meeting, base string) string {
	counts := irctext.Count(m.Decisions, "decision") + ", " + irctext.Count(m.Actions, "action")
	return fit("Minutes published: ", m.Title,
		join(When(m.StartedAt, m.SessionZone), counts, clean(m.Channel), base+"/meetings/"+m.Ref.String()))
}

// fit makes a line of three parts and cuts the one in the middle, which people
// typed, when it would be too long.
func fit(begin, text, end string) string {
	end = between + end
	return begin + cut(title(text), max(maxLine-len(begin)-len(end), 20)) + end
}

// unavailable is the answer to a question about what could never be read.
func unavailable(base string) []string {
	return []string{fmt.Sprintf("I cannot look that up now: the database does not answer. %s/schedule", base)}
}

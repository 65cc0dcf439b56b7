package announce

import (
	"fmt"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Refusal says why d, about session s as it is now, must not be made any more;
// "" when it may. missed means that people should have heard it.
func Refusal(d hackfest.Delivery, s hackfest.Session, now time.Time) (reason string, missed bool) {
	if d.Silent {
		return "Announcements were switched off for the channel, or the bot was taken out of it.", false
	}
	if changes[d.Occasion] != "" {
		return refuseChange(d, s, now)
	}
	if d.Occasion != hackfest.OccasionMinutes {
		switch {
		case s.State == hackfest.StateCancelled:
			return "The session was cancelled.", false
		case s.State != hackfest.StateScheduled:
			return "The session is not scheduled any more.", false
		case !s.StartsAt.Equal(d.StartsAt):
			return "The session was moved to another time.", false
		case s.ChannelID != d.ChannelID:
			return "The session was moved to another channel.", false
		case s.Held > 0:
			return "The session had begun already.", false
		}
	}
	if Overdue(d, now) {
		return "Nobody could say it in time.", true
	}
	return "", false
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
	end = " · " + end
	return begin + cut(title(text), max(maxLine-len(begin)-len(end), 20)) + end
}

// unavailable is the answer to a question about what could never be read.
func unavailable(base string) []string {
	return []string{fmt.Sprintf("I cannot look that up now: the database does not answer. %s/schedule", base)}
}

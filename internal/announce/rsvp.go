package announce

import (
	"strconv"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// answered is what the reply to an answer says, behind the nick.
var answered = map[hackfest.Answer]string{
	hackfest.AnswerComing:  ": you come to ",
	hackfest.AnswerMaybe:   ": you may come to ",
	hackfest.AnswerRegrets: ": you do not come to ",
}

// Answered tells somebody on IRC what was kept of their answer, as one line.
// coming is how many come now. zone is that of who answered, "" for the
// session's own; base is the portal's URL without a slash at the end, "" for no
// link.
func Answered(s hackfest.Session, nick string, a hackfest.Answer, coming int, zone, base string) string {
	if zone == "" {
		zone = s.Zone
	}
	count, link := "", ""
	if coming > 0 {
		count = strconv.Itoa(coming) + " coming"
	}
	if base != "" {
		link = base + "/sessions/" + s.Slug
	}
	return fit("Noted, "+cut(clean(nick), 40)+answered[a], s.Title, join(When(s.StartsAt, zone), count, link))
}

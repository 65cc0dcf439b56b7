package announce

import (
	"regexp"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// around is how long before its start a session is meant when somebody speaks of
// the hackfest.
const around = 2 * time.Hour

// mention is how people speak of it.
var mention = regexp.MustCompile(`(?i)\bhack[ -]?fests?\b`)

// Mentions reports whether somebody who says text may be looking for a session.
func Mentions(text string) bool { return mention.MatchString(clean(text)) }

// Elsewhere tells people who look for a hackfest in a channel where none are held
// where the one is that runs, or starts within two hours; "" when there is none,
// or it is there.
func Elsewhere(f Facts, network, channel, base string, now time.Time) string {
	a := asked{Facts: f, base: base, network: network, now: now, size: maxLine}
	first, _ := a.session()
	a.Sessions = keep(f.Sessions, func(s hackfest.Session) bool { return s.Kind == hackfest.KindHackfest })
	s, ok := a.session()
	if !ok || s.StartsAt.Sub(now) > around || s.Network == network && s.Channel == channel {
		return ""
	}
	begin := "The hackfest starts in " + span(s.StartsAt.Sub(now))
	if s.Status(now) == hackfest.StatusLive {
		begin = "The hackfest is on now"
	}
	url := base + "/next"
	if first.Slug != s.Slug { // a meeting comes before it
		url = base + "/sessions/" + s.Slug
	}
	return fit(begin+", in "+a.where(s)+": ", s.Title, url)
}

// Greeting welcomes somebody who is there for the first time. host is who shows
// them around, "" for nobody.
func Greeting(nick, host string) string {
	ask := "Ask anything, at any time."
	if host = cut(clean(host), maxTitle/2); host != "" {
		ask = host + " hosts this session and is glad to help. " + ask
	}
	return "Welcome, " + cut(clean(nick), maxTitle/2) + ": good to have you here for the first time. " + ask
}

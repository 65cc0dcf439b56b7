package web

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/demo"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// thursday is when the live session of the sample began: Thu 5 Mar 2026, noon
// in Los Angeles. Clocks there change three days later.
var thursday = time.Date(2026, 3, 5, 20, 0, 0, 0, time.UTC)

// sample is a portal with the sample community and sessions in all states.
type sample struct {
	*liveServer
	fill *strings.Replacer // of what stands in square brackets in examples
}

// path fills in an example.
func (s sample) path(p string) string { return s.fill.Replace(p) }

// newSample is a portal over real HTTP. It is 40 minutes past thursday, and the
// weekly hackfest is live.
func newSample(t *testing.T) sample {
	t.Helper()
	s := newBareServer(t, testdb.URL(t))
	must(t, demo.Seed(t.Context(), s.Store, demo.Options{
		Network: "local", Server: "irc.example.org:6697", BaseURL: s.url, Now: thursday.AddDate(0, 0, -3),
	}))
	local := func(title string, at time.Duration, change func(*hackfest.Session)) hackfest.Session {
		t.Helper()
		return plan(t, s.Server, title, thursday.Add(at), func(x *hackfest.Session) {
			x.Network = "local"
			if change != nil {
				change(x)
			}
		})
	}
	const day = 24 * time.Hour
	held := local("Cloud Foundry", -7*day, func(x *hackfest.Session) { x.TargetSlug = "cloud-foundry" })
	local("Office hours", 50*time.Minute, func(x *hackfest.Session) { x.Channel = "#eucalyptus-meeting"; x.Kind = hackfest.KindMeeting })
	local("Recipes in Chef", 23*time.Hour, func(x *hackfest.Session) {
		x.Goal = "The recipes that exist as shell scripts, as cookbooks that run with one command."
	})
	local("Stackato", 13*day, func(x *hackfest.Session) { x.State = hackfest.StateCancelled; x.Reason = "Release week." })
	local("Walrus and S3", 14*day+2*time.Hour, func(x *hackfest.Session) {
		x.MovedFrom, x.Reason = thursday.Add(12*day), "Two hours were not enough on the day planned first."
	})
	local("A cloud in a box", 28*day, func(x *hackfest.Session) { x.State = hackfest.StateProposed })

	k := listen(t, s.Server, held)
	ref := k.opening()
	k.chat(60)
	k.close()
	m, err := s.Store.Minutes(t.Context(), viewerOf(nil), ref)
	must(t, err)
	_, err = s.Store.PublishMinutes(t.Context(), ref, m, "The first node is in; the second waits for a mirror.", "", k.clock())
	must(t, err)

	live, err := s.Store.Session(t.Context(), viewerOf(nil), "2026-03-05-weekly-hackfest")
	must(t, err)
	k = listen(t, s.Server, live)
	k.opening()
	k.lines(hackfest.Line{Kind: hackfest.Gap, Text: "Disconnected from local: ping timeout"}, hackfest.Line{Kind: hackfest.Gap, Text: "Connected again after 1s."})
	k.lines(hackfest.Line{Nick: "a_nick_that_is_as_long_as_nicks_go", Text: strings.Repeat("x", 400)})
	k.chat(50)
	k.now.Store(thursday.Add(40 * time.Minute).Unix())
	return sample{s, strings.NewReplacer("[held]", ref.String())}
}

// chat is n lines of several people, about half a minute apart.
func (k *talk) chat(n int) {
	k.t.Helper()
	said := []string{
		"the broker is up, now the node", "which mirror do you use? mine is slow today", "packages are in, it reboots",
		"it says that the quota is not set, see https://paste.example.org/9kQe", "same here", "that is the image, not you",
	}
	for i := range n {
		k.pass(time.Duration(10+i%7*9) * time.Second)
		k.say([]string{"kestrel", "okapi", "hbrandt", "snowgum"}[i%4], said[i%len(said)])
	}
}

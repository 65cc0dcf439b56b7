package web

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/demo"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// thursday is when the live session of the sample began: Thu 5 Mar 2026, noon
// in Los Angeles. Clocks there change three days later.
var thursday = time.Date(2026, 3, 5, 20, 0, 0, 0, time.UTC)

// proposalSecret is that of the link to a target that is proposed in the sample.
// It is not drawn, so that two samples have the same page.
var proposalSecret = strings.Repeat("A", 43)

// sample is a portal with the sample community and sessions in all states.
type sample struct {
	*liveServer
	dsn  string            // of its database
	talk *talk             // in the channel of the live session
	fill *strings.Replacer // of what stands in square brackets in examples
}

// path fills in an example.
func (s sample) path(p string) string { return s.fill.Replace(p) }

// newSample is a portal over real HTTP. It is 40 minutes past thursday, and the
// weekly hackfest is live.
func newSample(t *testing.T) sample {
	t.Helper()
	url := testdb.URL(t)
	s := newBareServer(t, url)
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
	held := local("AppScale on Eucalyptus 3.1", -7*day, func(x *hackfest.Session) { x.TargetSlug = "appscale" })
	local("Office hours", 50*time.Minute, func(x *hackfest.Session) { x.Channel = "#eucalyptus-meeting"; x.Kind = hackfest.KindMeeting })
	local("Recipes in Chef", 23*time.Hour, func(x *hackfest.Session) {
		x.Goal = "The recipes that exist as shell scripts, as cookbooks that run with one command."
	})
	local("Stackato", 13*day, func(x *hackfest.Session) { x.State = hackfest.StateCancelled; x.Reason = "Release week." })
	local("Walrus and S3", 14*day+2*time.Hour, func(x *hackfest.Session) {
		x.MovedFrom, x.Reason = thursday.Add(12*day), "Two hours were not enough on the day planned first."
	})
	local("A cloud in a box", 28*day, func(x *hackfest.Session) { x.State = hackfest.StateProposed })

	introduce(t, url, "Kestrel", "local", "kestrel")

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
	k.hackfest()
	k.now.Store(thursday.Add(40 * time.Minute).Unix())

	kestrel, err := s.Store.Account(t.Context(), "Kestrel")
	must(t, err)
	secret, hash := auth.NewSecret()
	must(t, s.Store.SetCalendarLink(t.Context(), kestrel.ID, hash, thursday))
	proposal, err := s.Store.AddTargetProposal(t.Context(), "quoll@example.org", hackfest.TargetEdit{Name: "GitLab", Goal: "A push runs"}, thursday, thursday.AddDate(1, 0, 0))
	must(t, err)
	_, _, err = s.Store.SealProposal(t.Context(), proposal, auth.HashSecret(proposalSecret))
	must(t, err)
	fieldTools(t, s.Server, url)
	return sample{s, url, k, strings.NewReplacer("[held]", ref.String(), "[calendar]", secret, "[link]", linkFor(t, s.Server, kestrel.ID),
		"[confirm]", askedBy(t, s.Server, "quoll@example.org"), "[unsubscribe]", wayOut(t, s.Server, "okapi@example.org"))}
}

// chat is n lines of several people, about half a minute apart.
func (k *talk) chat(n int) {
	k.t.Helper()
	said := []string{
		"the broker is up, now the node", "which mirror do you use? mine is slow today", "the one in Portland, 2 MB/s",
		"packages are in, it reboots", "ssh answers, and the agent does not", "is port 4222 open in the security group?",
		"it is not. one moment", "there it is", "router sees one cell", "same here, with the small instance",
		"it says that the quota is not set, see https://paste.example.org/9kQe", "that is the image, not you: take the one of last week",
		"do we write that down?", "yes, as a check for next time", "pushing the hello world app", "staging takes its time",
		"mine failed with no space left on device", "how large is the disk?", "2 GB, so that was that", "m1.xlarge it is", "app answers on port 80",
		"two of two here", "who tries it with Postgres as a service?", "me, after lunch", "I will watch and write the recipe",
	}
	for i := range n {
		k.pass(time.Duration(10+i%7*9) * time.Second)
		k.say([]string{"kestrel", "okapi", "hbrandt", "okapi", "snowgum", "kestrel", "tessv"}[i%7], said[i%len(said)])
	}
}

// hackfest is the meeting that is live in the sample.
func (k *talk) hackfest() {
	k.t.Helper()
	k.lines(hackfest.Line{Kind: hackfest.Join, Nick: "kestrel"}, hackfest.Line{Kind: hackfest.Join, Nick: "okapi"})
	k.say("tessv", "#startmeeting Cloud Foundry")
	k.lines(hackfest.Line{Nick: "hackbot", Text: "Meeting started.", Self: true})
	k.say("tessv", "#topic What we want to have at the end")
	k.say("tessv", "#info A router, a controller and one cell on the sandbox, from one recipe")
	k.say("snowgum", "first time with this one, I brought a credential and no plan")
	k.lines(hackfest.Line{Kind: hackfest.Gap, Text: "Disconnected from local: ping timeout"}, hackfest.Line{Kind: hackfest.Gap, Text: "Connected again after 1s."})
	k.lines(hackfest.Line{Nick: "a_nick_that_is_as_long_as_nicks_go", Text: strings.Repeat("x", 400)})
	k.pass(3 * time.Minute)
	k.say("tessv", "#topic Which image do we all use?")
	k.say("okapi", "#link https://images.example.org/precise/2026-02-27 the one of last week")
	k.chat(18)
	k.say("tessv", "#agreed The image of last week, named by its id in the recipe")
	k.say("okapi", "#action okapi to list the ports that the cells need")
	k.chat(16)
	k.say("tessv", "#topic First cell, first app")
	k.chat(25)
	k.say("snowgum", "#action snowgum and kestrel to try Postgres as a service")
	k.say("tessv", "two apps up, forty minutes in. not bad")
}

package ircbot

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// settled changes the settings of a channel and waits until the bot has them.
func (w *world) settled(b *running, channel string, change func(c *hackfest.ChannelSettings)) {
	w.t.Helper()
	all, err := w.AllChannelSettings(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range all {
		if c.Name != channel {
			continue
		}
		change(&c)
		if err := w.ChangeChannel(w.t.Context(), c, store.NewKey{}); err != nil {
			w.t.Fatal(err)
		}
		w.settings <- struct{}{}
		w.eventually("the bot knows", func() bool {
			now := b.room("test", channel).wanted.Load()
			return now.Greet == c.Greet && now.Hackfests == c.Hackfests
		})
	}
}

// Who speaks for the first time ever is greeted, once, in one line; nobody in the
// very first meeting, and nobody who was there before.
func TestNewcomersAreGreeted(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.networks[0].Timing.PerLine = 10 * time.Millisecond
	b := w.start()
	ann, bob := w.person(server.Addr, "ann", "#euca"), w.person(server.Addr, "bob", "#euca")
	meet := func(says map[*testirc.Client]string) {
		t.Helper()
		w.stored(b)
		ann.Say("#euca", "#startmeeting Recipes")
		ann.ExpectText("Meeting started")
		w.stored(b)
		for c, text := range says {
			c.Say("#euca", text)
		}
		w.eventually("all are looked at", func() bool { return len(b.clerk.errands) == 0 })
		ann.Say("#euca", "#endmeeting")
		ann.ExpectText("Meeting ended")
	}
	greeted := func(nick string) int { return count(ann.Received(), "#euca :Welcome, "+nick+":") }

	meet(map[*testirc.Client]string{bob: "hello from bob"})
	zoe, eve := w.person(server.Addr, "zoe", "#euca"), w.person(server.Addr, "eve", "#euca")
	ann.Say("#euca", "#startmeeting Recipes")
	ann.ExpectText("Meeting started")
	w.stored(b)
	bob.Say("#euca", "bob again")
	zoe.Say("#euca", "hello, I am new")
	ann.ExpectText("PRIVMSG #euca :Welcome, zoe: good to have you here for the first time. Ask anything, at any time.")
	zoe.Say("#euca", "thanks")
	w.settled(b, "#euca", func(c *hackfest.ChannelSettings) { c.Greet = false })
	eve.Say("#euca", "me too")
	ann.ExpectText("me too")
	ann.Say("#euca", "#endmeeting")
	ann.ExpectText("Meeting ended")
	w.settled(b, "#euca", func(c *hackfest.ChannelSettings) { c.Greet = true })
	meet(map[*testirc.Client]string{zoe: "zoe is back", bob: "and bob"})
	for nick, want := range map[string]int{"ann": 0, "bob": 0, "zoe": 1, "eve": 0} {
		if got := greeted(nick); got != want {
			t.Errorf("%s was greeted %d times, want %d", nick, got, want)
		}
	}
	rows, err := w.Receipts(t.Context(), person.Viewer{Role: person.Admin}, "greeting/test/"+hackfest.WhoNick("test", "zoe"))
	if err != nil || len(rows) != 1 || rows[0].State != hackfest.DeliverySent {
		t.Errorf("receipts %+v, %v", rows, err)
	}
}

// Who speaks of the hackfest where none is held, while one runs or is near, is
// told where it is: once in ten minutes.
func TestPeopleAreSentToTheRightChannel(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca", "#euca-users"))
	w.networks[0].Timing.PerLine = 10 * time.Millisecond
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca", "#euca-users")
	now := w.now().UTC()
	_, err := w.AddSession(t.Context(), hackfest.Session{
		Title: "OpenShift evening", Kind: hackfest.KindHackfest, StartsAt: now.Add(3 * time.Hour).Truncate(time.Second), EndsAt: now.Add(5 * time.Hour).Truncate(time.Second),
		Zone: "UTC", Network: "test", Channel: "#euca", Visibility: person.Public,
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	w.settled(b, "#euca-users", func(c *hackfest.ChannelSettings) { c.Hackfests = false })
	ask := func(channel, text string) {
		ann.Say(channel, text)
		ann.Say(channel, "!time Berlin")
		ann.ExpectText(channel + " :")
		w.eventually("answered", func() bool { return len(b.voice.asked) == 0 })
	}
	ask("#euca-users", "is the hackfest today?") // three hours ahead: nobody is in the wrong place
	w.late.Store(int64(2*time.Hour + 30*time.Minute))
	ann.Say("#euca-users", "so where is the hack-fest?")
	ann.ExpectText("PRIVMSG #euca-users :The hackfest starts in 30 min, in #euca: OpenShift evening · http://portal.example/next")
	ask("#euca-users", "I said, where is the hackfest?")
	ask("#euca", "is the hackfest here?")
	if n := strings.Count(strings.Join(ann.Received(), "\n"), "The hackfest starts in"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

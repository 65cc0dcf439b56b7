package ircbot

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

func (s *shaky) Suggest(ctx context.Context, x hackfest.Suggestion, now time.Time) (string, error) {
	if err := s.trouble(ctx); err != nil {
		return "", err
	}
	return s.Recorder.Suggest(ctx, x, now)
}

func (s *shaky) Respond(ctx context.Context, r hackfest.Response, now time.Time) (string, error) {
	if err := s.trouble(ctx); err != nil {
		return "", err
	}
	return s.Recorder.Respond(ctx, r, now)
}

func (s *shaky) Hush(ctx context.Context, network, channel string, until time.Time) error {
	if err := s.trouble(ctx); err != nil {
		return err
	}
	return s.Recorder.Hush(ctx, network, channel, until)
}

// coming are the answers to the one session there is, as "nick answer".
func (w *world) coming() (list []string) {
	w.t.Helper()
	all, err := w.Sessions(w.t.Context(), person.PublicViewer, store.SessionFilter{From: w.now(), Limit: 5})
	if err != nil || len(all) != 1 {
		w.t.Fatal(len(all), err)
	}
	answers, err := w.Answers(w.t.Context(), person.Viewer{Role: person.Admin}, all[0].ID, true)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range answers {
		list = append(list, a.Nick+" "+string(a.Answer))
	}
	slices.Sort(list)
	return list
}

func TestDeedsAreDone(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.networks[0].Timing.PerLine = 10 * time.Millisecond
	w.planned("#euca")
	w.start()
	ann, bob, eve := w.person(server.Addr, "ann", "#euca"), w.person(server.Addr, "bob", "#euca"), w.person(server.Addr, "eve", "#euca")

	ann.Say("#euca", "!coming")
	ann.ExpectText("PRIVMSG #euca :Noted, ann: you come to OpenShift evening")
	bob.Say("hackbot", "!coming")
	bob.ExpectText("NOTICE bob :Noted, bob: you come to OpenShift evening")
	eve.Say("hackbot", "coming home late")
	eve.ExpectText("NOTICE eve :I do not keep what is said to me alone")
	eve.Say("#euca", "!regrets openshift-night")
	eve.ExpectText("I know no coming session of that name.")
	if got := w.coming(); !slices.Equal(got, []string{"ann coming", "bob coming"}) {
		t.Errorf("answers %q", got)
	}
	ann.Say("#euca", "!REGRETS")
	ann.ExpectText("Noted, ann: you do not come to OpenShift evening")
	if got := w.coming(); !slices.Equal(got, []string{"ann regrets", "bob coming"}) {
		t.Errorf("answers %q", got)
	}
	eve.Say("#euca", "!idea Zeroinstall on Euca")
	eve.ExpectText("PRIVMSG #euca :On the board as an idea: Zeroinstall on Euca · http://portal.example/targets/zeroinstall-on-euca")
	eve.Say("#euca", "!idea")
	eve.Expect(func(l string) bool { return strings.Contains(l, ":hackbot!") && strings.Contains(l, "#euca :") })

	ann.Say("#euca", "#startmeeting Recipes")
	ann.ExpectText("Meeting started")
	bob.Say("#euca", "!regrets")
	bob.ExpectText("NOTICE bob :Noted, bob: you do not come to")
	ann.Say("#euca", "#endmeeting")
	ann.ExpectText("Meeting ended")
}

// Without the database nothing is promised, and half of it is not kept.
func TestDeedsWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.networks[0].Timing.PerLine = 10 * time.Millisecond
	w.planned("#euca")
	w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	for _, mode := range []string{"away", "frozen"} {
		w.postgres.set(mode)
		for _, deed := range []string{"!coming", "!idea Swift"} {
			begun := time.Now()
			ann.Say("#euca", deed)
			ann.ExpectText("PRIVMSG #euca :The database does not answer, so I cannot promise that this is noted.")
			if took := time.Since(begun); took > 5*noteFor {
				t.Errorf("%s: %s after %v", mode, deed, took)
			}
		}
		w.postgres.set("")
	}
	if got := w.coming(); len(got) > 0 {
		t.Errorf("answers %q", got)
	}
}

// Who asks too often is told so once, and the rest is not done.
func TestDeedsHaveLimits(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.networks[0].Timing.PerLine = 10 * time.Millisecond
	w.planned("#euca")
	b := w.start()
	ann := w.person(server.Addr, "ann", "#euca")
	for range 10 {
		ann.Say("#euca", "!coming")
	}
	w.eventually("six too many", func() bool { return b.Counters.Unanswered.Load() == 6 })
	ann.ExpectText("NOTICE ann :" + tooFast)
	ann.Say("#euca", "!help")
	ann.ExpectText("I answer !next")
	if n := strings.Count(strings.Join(ann.Received(), "\n"), ": you come to"); n != 4 {
		t.Errorf("answered %d times", n)
	}
	if n := strings.Count(strings.Join(ann.Received(), "\n"), tooFast); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", server.Addr, "#euca"))
	w.networks[0].Timing.PerLine = 10 * time.Millisecond
	w.planned("#euca")
	ann := w.person(server.Addr, "ann", "#euca") // makes the channel, so is its operator
	b := w.start()
	bob := w.person(server.Addr, "bob", "#euca")
	bob.Say("#euca", "!quiet")
	bob.ExpectText("NOTICE bob :Operators of the channel and chairs can tell me that.")
	ann.Say("hackbot", "!quiet")
	ann.ExpectText("NOTICE ann :Say that in the channel")
	ann.Say("#euca", "!quiet for ever")
	ann.ExpectText("NOTICE ann :Say for how long, at most a day")
	ann.Say("#euca", "!quiet 1h30m")
	ann.ExpectText("NOTICE ann :I say nothing unasked in #euca for 1 hour and 30 minutes, until ")
	quiet := func(b *running, want bool) {
		t.Helper()
		if b.Present("test", "#euca") == want {
			t.Errorf("present although quiet, or the other way round: %t", want)
		}
		err := b.Announce(t.Context(), "test", "#euca", "In 1 h: Recipes")
		if (fault.KindOf(err) == fault.Unavailable) != want || !want && err != nil {
			t.Errorf("announced with %v", err)
		}
	}
	quiet(b, true)
	bob.Say("#euca", "!next") // what it is asked it answers
	bob.ExpectText("PRIVMSG #euca :Next: ")

	b.stop()
	b = w.start()
	quiet(b, true)
	w.late.Store(int64(91 * time.Minute))
	quiet(b, false)
	w.late.Store(0)
	quiet(b, true)
	w.stored(b)

	bob.Say("#euca", "#startmeeting Recipes")
	bob.ExpectText("Meeting started")
	bob.Say("#euca", "!speak") // as its chair
	bob.ExpectText("NOTICE bob :I may speak in #euca again.")
	quiet(b, false)

	w.postgres.set("away")
	ann.Say("#euca", "!quiet 5")
	ann.ExpectText("for 5 minutes, until ")
	quiet(b, true)
	w.postgres.set("")
	if n := count(ann.Received(), "I forget it if I am restarted"); n != 1 {
		t.Errorf("told %d times that it is not stored", n)
	}
}

func TestHushTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"": usualHush, "45": 45 * time.Minute, "2h": 2 * time.Hour, "1H 30m": 90 * time.Minute, "24h": mostHush, "90s": 2 * time.Minute,
		"25h": 0, "0": 0, "-5m": 0, "10s": 0, "for ever": 0, "1e9h": 0,
	} {
		if got, ok := hushTime(text); ok != (want != 0) || ok && got != want {
			t.Errorf("%q: %v, %t", text, got, ok)
		}
	}
}

// Whom services know by the account of a maintainer, or of who chairs a series,
// may tell the bot to be quiet wherever they are.
func TestWhoMayTellToBeQuiet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, on("test", "127.0.0.1:1", "#euca"))
	b := w.dead()
	t.Cleanup(func() { _ = b.spool.Close() })
	accounts := map[string]person.Account{
		"melacc": {Role: person.Maintainer}, "chairacc": {Role: person.Member, Chairs: []string{"weekly"}}, "annacc": {Role: person.Member},
	}
	b.rec = byAccount{w.postgres, accounts}
	for _, tt := range []struct {
		account string
		chair   bool
		may     bool
	}{{"melacc", false, true}, {"chairacc", false, true}, {"annacc", false, false}, {"nobody", false, false}, {"", false, false}, {"", true, true}} {
		if why := b.clerk.mayNotHush(t.Context(), errand{link: b.links[0], account: tt.account, chair: tt.chair}); (why == "") != tt.may {
			t.Errorf("%q: %q", tt.account, why)
		}
	}
}

// byAccount is a Recorder that knows some accounts.
type byAccount struct {
	Recorder
	accounts map[string]person.Account
}

func (r byAccount) ByAccount(_ context.Context, _, account string) (person.Account, error) {
	a, ok := r.accounts[account]
	if !ok {
		return a, fault.New(fault.NotFound, "There is no such account.")
	}
	return a, nil
}

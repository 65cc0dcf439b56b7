package store_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/testhistory"
)

// Whatever happens in a meeting, however its lines come to Postgres, wherever the
// bot is restarted and whatever is redacted meanwhile: the draft of its end, the
// minutes worked out from the archive and, as long as nothing is redacted, those
// of the live meeting are the same, byte for byte. What was redacted is nowhere,
// and nothing but words goes with it.
//
// HACKFEST_TEST_HISTORIES asks for more histories than usual.
func TestHistoriesAreRebuiltAsTheyWere(t *testing.T) {
	t.Parallel()
	const workers = 2
	histories := testhistory.Wanted(100)
	var tried [workers]map[string]int
	t.Run("histories", func(t *testing.T) {
		for i := range workers {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				tried[i] = newArchive(t).tryAll(uint64(i), uint64(histories), workers)
			})
		}
	})
	sum := map[string]int{}
	for _, one := range tried {
		for what, n := range one {
			sum[what] += n
		}
	}
	for _, what := range []string{"meeting", "restart", "again", "redacted", "redacted while it ran", "taken back", "purged", "secret vote", "plan", "away at the start"} {
		if sum[what] < histories/20 {
			t.Errorf("%q %d times in %d histories: are they still a test of it?", what, sum[what], histories)
		}
	}
	t.Log(histories, "histories:", sum)
}

// archive is a database in which histories are tried, one after the other, each
// on a network of its own.
type archive struct {
	world
	channels uint32
	open     hackfest.ItemID // an action of an earlier meeting
	tried    map[string]int
	gone     map[string]string // words that were wiped, and what said them
}

func newArchive(t *testing.T) *archive {
	w := newWorld(t)
	_, err := w.AddTarget(t.Context(), hackfest.Target{Name: "OpenShift"}, aug2)
	w.must(err)
	g := newLog(channel, aug2).meeting("Before")
	w.record(g)
	return &archive{
		world: w, open: hackfest.ItemID{Ref: g.lines[4].Ref, N: 1}, tried: map[string]int{}, gone: map[string]string{},
	}
}

// tryAll tries every step-th history from seed on, and then looks whether wiped
// words are left anywhere.
func (a *archive) tryAll(seed, end, step uint64) map[string]int {
	for ; seed < end; seed += step {
		err := a.try(seed, a.events(seed))
		if err == nil {
			continue
		}
		tried := a.tried
		a.tried = map[string]int{}
		events := testhistory.Shrink(a.events(seed), func(events []testhistory.Event) bool { return a.try(seed, events) != nil })
		err = a.try(seed, events)
		a.tried = tried
		a.t.Fatalf("history %d: %v\n%s", seed, err, testhistory.Transcript(testhistory.Spool(events, a.plans(seed))))
	}
	for where, words := range a.left() {
		for _, word := range words {
			a.t.Errorf("%s is left in %s; it was said in %q", word, where, a.gone[word])
		}
	}
	return a.tried
}

// begins is when the history of that seed does.
func begins(seed uint64) time.Time { return aug2.AddDate(0, 0, 1+int(seed)) }

// events are those of the history of that seed.
func (a *archive) events(seed uint64) []testhistory.Event {
	return testhistory.New(seed, network, channel, begins(seed), a.plans(seed), 100)
}

// plans is what the shell knows of a channel before the history of that seed, but
// for the names that the database gives; see planIt.
func (a *archive) plans(seed uint64) meeting.Context {
	c := meeting.Context{BaseURL: "https://hack.example", Bot: testhistory.Bot}
	if seed%3 == 0 {
		return c
	}
	c.Targets = []meeting.ContextTarget{{Slug: "openshift", Name: "OpenShift", Stage: "idea"}}
	c.Sessions = []meeting.ContextSession{{
		Slug: "SLUG", Title: "Planned", StartsAt: begins(seed), EndsAt: begins(seed).Add(2 * time.Hour), Zone: "Europe/Berlin",
		Agenda:  []meeting.AgendaItem{{ID: 9001, Text: "one"}, {ID: 9002, Text: "two"}, {ID: 9003, Text: "three"}},
		Actions: []meeting.OpenAction{{ID: a.open, Text: "bob to write that down", Owners: []string{"bob"}, Sessions: 1}},
	}}
	return c
}

// planIt plans the session of a history and returns what puts its names into what
// the shell knows.
func (a *archive) planIt(seed uint64, network string) *strings.Replacer {
	a.t.Helper()
	if seed%3 == 0 {
		return strings.NewReplacer()
	}
	a.tried["plan"]++
	s := planned("Planned", begins(seed))
	s.Network = network
	s = a.plan(s)
	ids := a.prepare(s, "one", "two", "three")
	return strings.NewReplacer("SLUG", s.Slug, "9001", fmt.Sprint(ids[0]), "9002", fmt.Sprint(ids[1]), "9003", fmt.Sprint(ids[2]))
}

// run is one history on its way into the archive.
type run struct {
	*archive
	id      hackfest.ChannelID
	network string
	spooled []hackfest.Line
	stored  int               // how many of them are
	state   meeting.State     // of the bot's fold, after all that is spooled
	batch   []meeting.Applied // folded and not stored yet
	whole   []meeting.Applied // all, folded without a restart
	live    meeting.State
	hidden  []hackfest.RedactionID
	purged  bool // so that nothing can be folded again
	rand    *rand.Rand
}

// try plays the history of that seed, or what is left of it.
func (a *archive) try(seed uint64, events []testhistory.Event) error {
	a.t.Helper()
	n := a.channels + 1
	a.channels = n
	r := &run{archive: a, network: fmt.Sprintf("n%d", n), rand: rand.New(rand.NewPCG(seed, 5))}
	a.must(a.OpenChannels(a.t.Context(), r.network, []string{channel}, mapping, begins(seed)))
	c, err := a.Channel(a.t.Context(), member, r.network, channel[1:])
	a.must(err)
	r.id = c.ID
	names := a.planIt(seed, r.network)
	at := begins(seed)
	for _, e := range testhistory.Spool(events, a.plans(seed)) {
		at = e.ReceivedAt
		binary.BigEndian.PutUint32(e.Ref[10:], n) // no line is stored under the ref of another
		binary.BigEndian.PutUint32(e.Of[10:], n)
		if e.Kind == hackfest.Context {
			e.Text = names.Replace(e.Text)
		}
		if e.Do == "" {
			r.spool(e.Line)
		} else if err := r.do(e); err != nil {
			return err
		}
	}
	return r.end(at)
}

func (r *run) spool(l hackfest.Line) {
	l.Network = r.network
	r.spooled = append(r.spooled, l)
	for _, fold := range []struct {
		state *meeting.State
		batch *[]meeting.Applied
	}{{&r.state, &r.batch}, {&r.live, &r.whole}} {
		one := meeting.Applied{Line: l}
		*fold.state, one.Effects = meeting.Apply(*fold.state, l)
		*fold.batch = append(*fold.batch, one)
	}
}

// do lets something happen to the bot or in the database.
func (r *run) do(e testhistory.Event) error {
	ctx := r.t.Context()
	switch e.Do {
	case testhistory.Store:
		return r.store(e.At)
	case testhistory.Again:
		r.tried["again"]++
		if err := r.store(e.At); err != nil {
			return err
		}
		from := max(0, r.stored-1-r.rand.IntN(10))
		return r.Record(ctx, r.network, channel, r.whole[from:r.stored], mapping, e.At)
	case testhistory.Restart:
		return r.restart()
	case testhistory.Redact:
		got, _, err := r.Redact(ctx, hackfest.Redaction{ChannelID: r.id, Actor: "marlow", At: e.At, Lines: []hackfest.Ref{e.Of}})
		if fault.KindOf(err) == fault.Conflict {
			return nil // not stored yet, or redacted already
		}
		r.tried["redacted"]++
		if r.live.Running() {
			r.tried["redacted while it ran"]++
		}
		r.hidden = append(r.hidden, got.ID)
		return err
	case testhistory.TakeBack:
		if len(r.hidden) == 0 {
			return nil
		}
		return r.takeBack(len(r.hidden)-1, e.At)
	case testhistory.Purge:
		return r.purge(e.At)
	}
	return errors.New("what is " + string(e.Do))
}

// store brings to Postgres what is spooled, in one batch or two.
func (r *run) store(at time.Time) error {
	if len(r.spooled)-r.stored > len(r.batch) {
		return errors.New("lines are missing") // the test's own fault
	}
	if r.stored == 0 && len(r.spooled) > 10 {
		r.tried["away at the start"]++
	}
	for len(r.batch) > 0 {
		n := 1 + r.rand.IntN(len(r.batch))
		if err := r.Record(r.t.Context(), r.network, channel, r.batch[:n], mapping, at); err != nil {
			return err
		}
		r.batch = r.batch[n:]
	}
	r.stored = len(r.spooled)
	return nil
}

// restart has the bot fold again what Postgres gives it and what is in its spool.
func (r *run) restart() error {
	r.tried["restart"]++
	list, err := r.Resume(r.t.Context(), r.network)
	if err != nil {
		return err
	}
	r.state, r.batch = meeting.Replay(list[0].Lines), nil
	for _, l := range r.spooled {
		if l.Ref.Compare(list[0].Applied) > 0 {
			one := meeting.Applied{Line: l}
			r.state, one.Effects = meeting.Apply(r.state, l)
			r.batch = append(r.batch, one)
		}
	}
	return nil
}

// takeBack undoes the redaction at place n, unless it is too late.
func (r *run) takeBack(n int, at time.Time) error {
	err := r.TakeBack(r.t.Context(), r.hidden[n], at)
	switch fault.KindOf(err) {
	case fault.Conflict:
		return nil
	case fault.NotFound:
		err = nil
	}
	r.tried["taken back"]++
	r.hidden = slices.Delete(r.hidden, n, n+1)
	return err
}

// purge wipes what can no longer be taken back. Of each line of the archive only
// words go.
func (r *run) purge(at time.Time) error {
	before, drafts, err := r.lines(), map[hackfest.Ref]string{}, error(nil)
	for _, m := range r.meetings() {
		if drafts[m.Ref], err = r.minutes(m.Ref); err != nil {
			return err
		}
	}
	n, err := r.PurgeRedactions(r.t.Context(), at)
	if err != nil || n == 0 {
		return err
	}
	r.tried["purged"] += n
	r.purged = true
	for ref, was := range drafts {
		is, err := r.minutes(ref)
		if err != nil || was != is {
			return errors.Join(err, fmt.Errorf("the purge changed the minutes: %s", differing(was, is)))
		}
	}
	wiped := map[hackfest.Ref]bool{}
	for i, l := range r.lines() {
		if was := before[i]; l.Text == "" && was.Text != "" {
			wiped[l.Ref] = true
			l.Text, l.Raw, l.Windows1252 = was.Text, was.Raw, was.Windows1252
			if asText(l) != asText(was) {
				return fmt.Errorf("the purge took more than words: %s, was %s", asText(l), asText(was))
			}
		} else if asText(l) != asText(was) && l.Kind != hackfest.Context {
			return fmt.Errorf("the purge changed another line: %s, was %s", asText(l), asText(was))
		}
	}
	r.forget(wiped)
	return nil
}

// forget notes the words that only lines said that are wiped.
func (r *run) forget(wiped map[hackfest.Ref]bool) {
	kept := map[string]bool{}
	for _, l := range r.spooled {
		if !wiped[l.Ref] && !l.Self && l.Kind != hackfest.Context {
			for _, w := range testhistory.Words(strings.ToLower(l.Text)) {
				kept[w] = true
			}
		}
	}
	for _, l := range r.spooled {
		for _, w := range testhistory.Words(strings.ToLower(l.Text)) {
			if wiped[l.Ref] && !kept[w] && !l.Self {
				r.gone[w] = l.Text
			}
		}
	}
}

// end stores the rest and compares.
func (r *run) end(at time.Time) error {
	if err := r.store(at); err != nil {
		return err
	}
	if n := r.number(`select count(*) from set_aside where channel_id = $1`, r.id); n > 0 {
		return fmt.Errorf("%d effects were set aside: %s", n, r.reasons())
	}
	if !r.purged {
		if err := r.compare(); err != nil {
			return err
		}
	}
	for n := len(r.hidden) - 1; n >= 0 && r.rand.IntN(4) > 0; n-- {
		if err := r.takeBack(n, at); err != nil {
			return err
		}
	}
	if !r.purged {
		if err := r.compare(); err != nil {
			return fmt.Errorf("after taking back: %w", err)
		}
	}
	return r.purge(at.Add(24 * time.Hour))
}

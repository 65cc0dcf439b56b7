package store_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

func TestSpeaksAs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.know("Ann Example", "ann_", false)
	for _, tt := range []struct{ name, change, nick, account string }{
		{"a proven nick", "select 1", "ann_", ""},
		{"an account too", `insert into identities (person_id, kind, network, value, proven_at, since)
			select id, 'account', 'freenode', 'ann', now(), now() from people`, "ann_", "ann"},
		{"the account alone", "update identities set until = now() where kind = 'nick'", "ann", "ann"},
		{"no longer", "update identities set until = now() where until is null", "Ann_Example/web", ""},
	} {
		w.exec(tt.change)
		nick, account, err := w.SpeaksAs(t.Context(), id, network)
		if err != nil || nick != tt.nick || account != tt.account {
			t.Errorf("%s: %q, %q, %v", tt.name, nick, account, err)
		}
	}
	if nick, _, _ := w.SpeaksAs(t.Context(), id, "oftc"); nick != "Ann_Example/web" {
		t.Errorf("on another network: %q", nick)
	}
	if _, _, err := w.SpeaksAs(t.Context(), 4711, network); fault.KindOf(err) != fault.NotFound {
		t.Errorf("nobody: %v", err)
	}
}

// command gives text on the web at aug2.
func (w world) command(who person.ID, text string) string {
	w.t.Helper()
	id, err := w.AddCommand(w.t.Context(), hackfest.WebCommand{
		ChannelID: w.channelID("eucalyptus-devel"), PersonID: who, Nick: "ann", Account: "acc", Text: text, Chair: true,
	}, aug2)
	w.must(err)
	return id
}

func TestCommandsAreTakenOnce(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	ann := w.know("Ann", "ann", false)
	first := w.command(ann, "#topic\tImages [off] not this")
	w.command(ann, "#info two")
	var mu sync.Mutex
	var taken []hackfest.WebCommand
	var wg sync.WaitGroup
	for range 8 { // eight bots
		wg.Go(func() {
			list, err := w.TakeCommands(ctx, network, aug2.Add(29*time.Second))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			taken = append(taken, list...)
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(taken) != 2 {
		t.Fatalf("taken %d times: %+v", len(taken), taken)
	}
	if taken[0].ID != first {
		taken[0], taken[1] = taken[1], taken[0]
	}
	if c := taken[0]; c.ID != first || c.Text != "#topic Images" || c.Nick != "ann" || c.Account != "acc" || !c.Chair ||
		c.PersonID != ann || c.Network != network || c.Channel != channel {
		t.Errorf("got %+v", c)
	}
	if n := w.number("select count(*) from bot_commands where text <> ''"); n != 0 {
		t.Errorf("%d texts are kept", n)
	}
}

func TestWhatBecameOfACommand(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	ann := w.know("Ann", "ann", false)
	v := person.Viewer{ID: ann, Role: person.Member}
	expired, taken, refused, given := w.command(ann, "#info 1"), w.command(ann, "#info 2"), w.command(ann, "#info 3"), w.command(ann, "#info 4")
	check := func(when string, at time.Time, want map[string]hackfest.CommandState) {
		t.Helper()
		for id, state := range want {
			st, err := w.Command(ctx, v, id, at)
			if err != nil || st.State != state || st.Ref.IsZero() == (state == hackfest.CommandGiven) {
				t.Errorf("%s: %+v, %v; want %s", when, st, err, state)
			}
		}
	}
	check("at once", aug2, map[string]hackfest.CommandState{expired: "waiting", taken: "waiting", refused: "waiting", given: "waiting"})
	check("after half a minute nobody took any", aug2.Add(31*time.Second), map[string]hackfest.CommandState{expired: "lost", taken: "lost"})
	w.exec("update bot_commands set expires_at = $1 where id = $2", aug2.Add(time.Second), expired)
	if list, err := w.TakeCommands(ctx, network, aug2.Add(2*time.Second)); err != nil || len(list) != 3 {
		t.Errorf("took %+v, %v", list, err)
	}
	if n := w.number("select count(*) from bot_commands where text <> ''"); n != 0 {
		t.Errorf("%d texts are kept", n)
	}
	w.must(w.SettleCommand(ctx, refused, hackfest.Ref{}, aug2))
	g := newLog(channel, aug2).add(hackfest.Web, "ann", "#info 4")
	g.lines[0].Command = given
	w.record(g)
	check("after it was taken", aug2.Add(31*time.Second), map[string]hackfest.CommandState{
		expired: "lost", taken: "waiting", refused: "lost", given: "given",
	})
	w.must(w.SettleCommand(ctx, given, g.lines[0].Ref, aug2))
	w.must(w.SettleCommand(ctx, given, hackfest.Ref{}, aug2)) // what is given stays given
	check("a minute later", aug2.Add(61*time.Second), map[string]hackfest.CommandState{taken: "lost", given: "given"})
	w.exec("update bot_commands set made_at = made_at - interval '8 days' where id = $1", expired)
	w.command(ann, "#info 5")
	if _, err := w.Command(ctx, v, expired, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an old one: %v", err)
	}
	if _, err := w.Command(ctx, person.Viewer{ID: ann + 1, Role: person.Admin}, given, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("somebody else's: %v", err)
	}
}

func TestRefusedCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.know("Ann", "ann", false)
	for name, text := range map[string]string{
		"nothing": " \t\n", "off the record": "[off] psst", "too long": strings.Repeat("x", 301), "control characters": "\x02\x00",
	} {
		_, err := w.AddCommand(t.Context(), hackfest.WebCommand{
			ChannelID: w.channelID("eucalyptus-devel"), PersonID: ann, Nick: "ann", Text: text,
		}, aug2)
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := w.number("select count(*) from bot_commands"); n != 0 {
		t.Errorf("%d are stored", n)
	}
}

// Whoever listens is told of a command when it is committed.
func TestCommandsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.know("Ann", "ann", false)
	ready, heard := make(chan struct{}), make(chan string, 10)
	go func() {
		_ = store.Listen(t.Context(), w.url, func() { close(ready) }, func(topic string) { heard <- topic })
	}()
	<-ready
	w.command(ann, "#info 1")
	select {
	case topic := <-heard:
		if topic != store.CommandsTopic() {
			t.Errorf("heard %q", topic)
		}
	case <-time.After(30 * time.Second):
		t.Error("nothing was heard")
	}
}

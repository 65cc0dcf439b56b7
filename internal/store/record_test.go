package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// texts are the nicks and texts of lines, to compare at a glance.
func texts[L any](list []L) string {
	var b strings.Builder
	for _, l := range list {
		switch l := any(l).(type) {
		case hackfest.LogLine:
			fmt.Fprintf(&b, "<%s> %s %v\n", l.Nick, l.Text, l.Marks)
		case store.ItemRow:
			fmt.Fprintf(&b, "%s <%s> %s %s %v undone=%v\n", l.Kind, l.Nick, l.Text, l.URL, l.Owners, l.Undone)
		case store.TopicRow:
			fmt.Fprintf(&b, "%s undone=%v\n", l.Title, l.Undone)
		}
	}
	return b.String()
}

func TestRecordStoresAMeeting(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).meeting("OpenShift Origin")
	w.record(g)

	m, err := w.Meeting(ctx, person.PublicViewer, g.lines[0].Ref)
	w.must(err)
	if m.Title != "OpenShift Origin" || m.Owner != "ann" || !m.StartedAt.Equal(aug2) || m.Running() || m.EndedBy != "chair" ||
		m.LastRef != g.lines[10].Ref || m.People != 2 || m.Decisions != 1 || m.Actions != 1 || m.ChannelPath != "eucalyptus-devel" {
		t.Errorf("meeting: %+v", m)
	}
	items, err := w.Items(ctx, person.PublicViewer, m.Ref, hackfest.Ref{})
	w.must(err)
	want := `info <bob> two images are called fedora 16  [] undone=false
action <ann> bob to write that down  [bob] undone=false
agreed <ann> images are named by id  [] undone=false
idea <bob> a mirror  [] undone=true
link <bob> the bug https://example.org/31 [] undone=false
`
	if got := texts(items); got != want {
		t.Errorf("items:\n%swant\n%s", got, want)
	}
	lines, err := w.Lines(ctx, person.PublicViewer, store.LineQuery{ChannelID: m.ChannelID})
	w.must(err)
	var marks []string
	for _, l := range lines {
		marks = append(marks, strings.Join(l.Marks, ","))
	}
	wantMarks := []string{"", "", "topic", "info", "action", "agreed", "", "", "topic", "link", ""}
	if !slices.Equal(marks, wantMarks) {
		t.Errorf("marks %q, want %q", marks, wantMarks)
	}
	if lines[6].ChangedRef != g.lines[7].Ref {
		t.Error("the line whose item was undone is not marked as changed by the #undo")
	}
}

func TestRecordKeepsEveryFieldOfALine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newLog(channel, aug2).say("ann", "before")
	want := g.lines[0]
	want.Ref[15]++
	want.At, want.ReceivedAt = aug2.Add(3*time.Second), aug2.Add(4*time.Second)
	want.Nick, want.Account, want.Text, want.Target = "[x]^", "acc", "caf\u00e9 \x02bold\x02 \U0001F427", "bob"
	want.Raw, want.Command, want.Kind = []byte("caf\xe9 \x00"), "cmd-1", hackfest.Kick
	want.Self, want.Bot, want.Op, want.History, want.OffRecord, want.Windows1252 = true, true, true, true, true, true
	g.lines = append(g.lines, want)
	w.record(g)
	got, c, err := w.Line(t.Context(), person.PublicViewer, want.Ref)
	w.must(err)
	if !reflect.DeepEqual(got.Line, want) {
		t.Errorf("got  %+v\nwant %+v", got.Line, want)
	}
	if c.Name != channel || c.Network != network || c.AppliedRef != want.Ref {
		t.Errorf("its channel: %+v", c)
	}
}

// Each flag lands in its own column.
func TestRecordKeepsFlagsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	set := []func(*hackfest.Line){
		func(l *hackfest.Line) { l.Self = true }, func(l *hackfest.Line) { l.Bot = true }, func(l *hackfest.Line) { l.Op = true },
		func(l *hackfest.Line) { l.History = true }, func(l *hackfest.Line) { l.OffRecord = true },
		func(l *hackfest.Line) { l.Windows1252 = true },
	}
	g := newLog(channel, aug2)
	for i := range set {
		set[i](&g.say("ann", "x").lines[i])
	}
	w.record(g)
	lines, err := w.Lines(t.Context(), person.PublicViewer, store.LineQuery{ChannelID: w.channelID("eucalyptus-devel")})
	w.must(err)
	for i, l := range lines {
		if !reflect.DeepEqual(l.Line, g.lines[i]) {
			t.Errorf("got  %+v\nwant %+v", l.Line, g.lines[i])
		}
	}
}

// However often and in whatever pieces the same lines come, they are stored
// once and in order.
func TestRecordAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).meeting("OpenShift Origin").say("bob", "bye")
	batch := apply(meeting.State{}, g.lines)
	for _, cut := range []int{0, 1, 4, 4, 2, len(batch), 7, len(batch)} {
		w.must(w.Record(ctx, network, channel, batch[:cut], mapping, g.at))
	}
	w.must(w.Record(ctx, network, strings.ToUpper(channel), batch[5:], mapping, g.at)) // the same channel by its case mapping
	lines, err := w.Lines(ctx, person.PublicViewer, store.LineQuery{ChannelID: w.channelID("eucalyptus-devel")})
	w.must(err)
	if len(lines) != len(g.lines) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(g.lines), texts(lines))
	}
	for i, l := range lines {
		if l.Ref != g.lines[i].Ref {
			t.Errorf("line %d is %s, want %s", i, l.Ref, g.lines[i].Ref)
		}
	}
	s, err := w.LiveSessions(ctx, person.PublicViewer, g.at)
	w.must(err)
	if len(s) != 0 {
		t.Errorf("still live: %+v", s)
	}
	if n := w.number("select held from sessions"); n != 1 {
		t.Errorf("held %d times", n)
	}
	if n := w.number("select count(*) from set_aside"); n != 0 {
		t.Errorf("%d set aside", n)
	}
}

// A bot that stopped anywhere, even between a context and its #startmeeting,
// goes on from what is stored and ends with the same minutes.
func TestResumeFromEveryLine(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).say("zed", "early").
		add(hackfest.Context, "", `{"base_url":"https://hackfest.example.org","settings":{}}`).
		meeting("OpenShift Origin").say("bob", "bye")
	var want meeting.State
	var whole minutes.Minutes
	for _, l := range g.lines {
		var effects []meeting.Effect
		want, effects = meeting.Apply(want, l)
		for _, e := range effects {
			if c, ok := e.(meeting.Closed); ok {
				whole = minutes.FromState(c.State)
			}
		}
	}
	for cut := range len(g.lines) + 1 {
		name := fmt.Sprintf("net%d", cut) // one network for each, so that none sees another's
		lines := slices.Clone(g.lines)
		for i := range lines {
			lines[i].Network = name
			lines[i].Ref[14] = byte(cut + 1)
		}
		w.must(w.OpenChannels(ctx, name, []string{channel}, mapping, aug2))
		w.must(w.Record(ctx, name, channel, apply(meeting.State{}, lines[:cut]), mapping, g.at))
		rs, err := w.Resume(ctx, name)
		w.must(err)
		if len(rs) != 1 || rs[0].Channel != channel {
			t.Fatalf("after %d lines: %+v", cut, rs)
		}
		if cut > 1 && (len(rs[0].Lines) == 0 || rs[0].Lines[0].Kind != hackfest.Context) {
			t.Errorf("after %d lines the context is missing", cut)
		}
		if cut > 0 && rs[0].Applied != lines[cut-1].Ref || cut == 0 && !rs[0].Applied.IsZero() {
			t.Errorf("after %d lines applied is %s", cut, rs[0].Applied)
		}
		w.must(w.Record(ctx, name, channel, apply(meeting.Replay(rs[0].Lines), lines[cut:]), mapping, g.at))
		got, err := w.Minutes(ctx, person.PublicViewer, lines[2].Ref)
		w.must(err)
		if sameBut(got, lines[2].Ref, name) != sameBut(whole, g.lines[2].Ref, network) {
			t.Errorf("after %d lines:\n%s\nwant\n%s", cut, asJSON(got), asJSON(whole))
		}
	}
}

// sameBut is m as text without what differs between two networks.
func sameBut(m minutes.Minutes, ref hackfest.Ref, network string) string {
	m.ID, m.Network = hackfest.Ref{}, ""
	var b strings.Builder
	for _, t := range m.Topics {
		fmt.Fprintln(&b, t.Title, t.Subtopic, t.StartedAt, t.ID.N)
		for _, i := range t.Items {
			fmt.Fprintln(&b, i.Kind, i.At, i.Nick, i.Text, i.URL, i.Owners, i.Undone, i.ID.N)
		}
	}
	fmt.Fprintln(&b, m.Title, m.Owner, m.Chairs, m.Present, m.StartedAt, m.EndedAt, len(m.Decisions), len(m.Actions), m.Diagnostics)
	_, _ = ref, network
	return b.String()
}

func asJSON(v any) string {
	b, _ := json.MarshalIndent(v, "", " ")
	return string(b)
}

// What Postgres refuses of a meeting is set aside; lines and what follows go on.
func TestRefusedEffectsAreSetAside(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).meeting("OpenShift Origin")
	batch := apply(meeting.State{}, g.lines)
	batch[3].Effects = []meeting.Effect{ // the end is taken back with the riddle after it
		meeting.Closed{State: meeting.Replay(g.lines[:3])},
		meeting.Noted{Item: meeting.Item{ID: hackfest.ItemID{Ref: g.lines[3].Ref, N: 1}, Kind: "riddle", At: aug2, Nick: "bob"}},
	}
	w.must(w.Record(ctx, network, channel, batch, mapping, g.at))
	if n := w.number("select count(*) from lines"); n != len(batch) {
		t.Errorf("%d lines, want %d", n, len(batch))
	}
	if n, err := w.SetAside(ctx); err != nil || n != 1 {
		t.Errorf("%d set aside, %v", n, err)
	}
	if n := w.number("select count(*) from set_aside where ref = $1 and reason <> ''", g.lines[3].Ref); n != 1 {
		t.Error("the riddle is not set aside with its reason")
	}
	if n := w.number("select count(*) from items"); n != 4 {
		t.Errorf("%d items, want the other four", n)
	}
}

// A meeting whose beginning is refused takes nothing else with it, and its
// items do not land in another meeting.
func TestRefusedBeginning(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	first := newLog(channel, aug2).meeting("First")
	batch := apply(meeting.State{}, first.lines)
	c := batch[10].Effects
	for i, e := range c { // the end of the first is refused
		if e, ok := e.(meeting.Closed); ok {
			e.State.Header.EndedBy = "nobody"
			c[i] = e
		}
	}
	w.must(w.Record(ctx, network, channel, batch, mapping, first.at))
	second := newLog(channel, aug2.Add(time.Hour)).meeting("Second")
	batch = apply(meeting.State{}, second.lines)
	batch[0].Effects = slices.Clone(batch[0].Effects)
	for i, e := range batch[0].Effects { // and so is the beginning of the second
		if e, ok := e.(meeting.Opened); ok {
			e.Header.Ref = hackfest.Ref{}
			batch[0].Effects[i] = e
		}
	}
	w.must(w.Record(ctx, network, channel, batch, mapping, second.at))
	third := newLog(channel, aug2.Add(2*time.Hour)).meeting("Third")
	w.record(third)

	if n := w.number("select count(*) from lines"); n != 33 {
		t.Errorf("%d lines, want 33", n)
	}
	if n := w.number("select count(*) from items where meeting_ref = $1 and ref > $2", first.lines[0].Ref, first.lines[10].Ref); n != 0 {
		t.Errorf("%d items of the second meeting are in the first", n)
	}
	list, err := w.Meetings(ctx, person.PublicViewer, store.MeetingFilter{})
	w.must(err)
	if len(list) != 2 || list[0].Title != "Third" || list[1].Title != "First" || list[0].Running() || list[1].Running() {
		t.Errorf("meetings: %+v", list)
	}
	if n := w.number("select sum(running)::int from sessions"); n != 0 {
		t.Errorf("%d meetings are counted as running", n)
	}
}

// A line that Postgres cannot take does not stand in the way of the others.
func TestRefusedLineIsSetAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newLog(channel, aug2).say("ann", "one").say("ann", "two\x00\xff").say("ann", "three")
	g.lines[0].Kind = "riddle"
	w.must(w.Record(t.Context(), network, channel, apply(meeting.State{}, g.lines), mapping, g.at))
	lines, err := w.Lines(t.Context(), person.PublicViewer, store.LineQuery{ChannelID: w.channelID("eucalyptus-devel")})
	w.must(err)
	if got, want := texts(lines), "<ann> two\uFFFD\uFFFD []\n<ann> three []\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if n := w.number("select count(*) from set_aside where ref = $1", g.lines[0].Ref); n != 1 {
		t.Error("the refused line is not set aside")
	}
}

// When Postgres goes away in the middle, nothing is stored, and the same batch
// is taken afterwards.
func TestRecordIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newLog(channel, aug2).meeting("OpenShift Origin")
	batch := apply(meeting.State{}, g.lines)
	tx, err := w.pool.Begin(t.Context())
	w.must(err)
	_, err = tx.Exec(t.Context(), "lock table items") // Record waits in its middle
	w.must(err)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := w.Record(ctx, network, channel, batch, mapping, g.at); err == nil {
		t.Error("it did not wait")
	}
	w.must(tx.Rollback(t.Context()))
	if n := w.number("select count(*) from lines"); n != 0 {
		t.Errorf("%d lines are left of it", n)
	}
	w.must(w.Record(t.Context(), network, channel, batch, mapping, g.at))
	if n := w.number("select count(*) from items"); n != 5 {
		t.Errorf("%d items, want 5", n)
	}
}

// Channels do not wait for each other, and one channel's lines stay in order
// whoever records them.
func TestRecordFromManySides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var wg sync.WaitGroup
	for _, name := range []string{channel, "#other", "#third"} {
		g := newLog(name, aug2)
		for i := range 50 {
			g.say("ann", fmt.Sprint(i))
		}
		batch := apply(meeting.State{}, g.lines)
		for range 3 {
			wg.Go(func() {
				for i := range batch {
					if err := w.Record(t.Context(), network, name, batch[:i+1], mapping, g.at); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
	if n := w.number("select count(*) from lines"); n != 150 {
		t.Errorf("%d lines, want 150", n)
	}
}

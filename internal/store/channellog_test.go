package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// threeDays is a log with lines on 2, 3 and 6 August, numbered through.
func threeDays() *channelLog {
	g := newLog(channel, time.Date(2012, 8, 2, 23, 59, 57, 0, time.UTC))
	for i := range 6 {
		g.say("ann", fmt.Sprint(i)) // three on each side of midnight
	}
	g.at = time.Date(2012, 8, 6, 12, 0, 0, 0, time.UTC)
	for i := 6; i < 10; i++ {
		g.say("bob", fmt.Sprint(i))
	}
	return g
}

func TestLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := threeDays()
	w.record(g)
	other := newLog("#other", aug2).say("eve", "not here")
	w.record(other)
	day := func(d int) time.Time { return time.Date(2012, 8, d, 0, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name string
		lq   store.LineQuery
		want string
	}{
		{"all", store.LineQuery{}, "0123456789"},
		{"newest first", store.LineQuery{Desc: true}, "9876543210"},
		{"a page", store.LineQuery{After: g.lines[2].Ref, Limit: 3}, "345"},
		{"a page backward", store.LineQuery{Before: g.lines[2].Ref, Desc: true, Limit: 5}, "10"},
		{"between two", store.LineQuery{After: g.lines[2].Ref, Before: g.lines[5].Ref}, "34"},
		{"a day", store.LineQuery{Day: day(2)}, "012"},
		{"another, backward", store.LineQuery{Day: day(3), Desc: true}, "543"},
		{"a page of a day", store.LineQuery{Day: day(6), After: g.lines[7].Ref}, "89"},
		{"a day without lines", store.LineQuery{Day: day(4)}, ""},
		{"from a time", store.LineQuery{From: g.lines[4].At}, "456789"},
		{"to a time", store.LineQuery{To: g.lines[4].At}, "0123"},
		{"in a time, backward", store.LineQuery{From: day(3), To: day(4), Desc: true}, "543"},
		{"changed since", store.LineQuery{ChangedAfter: g.lines[7].Ref}, "89"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.lq.ChannelID = w.channelID("eucalyptus-devel")
			lines, err := w.Lines(t.Context(), person.PublicViewer, tt.lq)
			w.must(err)
			got := ""
			for _, l := range lines {
				got += l.Text
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Lines are found by the time they show, also where a clock was wrong and the
// time in their refs is another.
func TestLinesByTimeThroughAWrongClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newLog(channel, aug2).say("ann", "0").say("ann", "1").say("ann", "2")
	g.lines[0].At = aug2.Add(5 * time.Second) // the server's clock is ahead
	g.lines[2].At = aug2.Add(-20 * time.Hour) // ours was set back, so refs run ahead
	g.lines[2].ReceivedAt = aug2.Add(-20 * time.Hour)
	w.record(g)
	for _, tt := range []struct {
		name     string
		from, to time.Time
		want     string
	}{
		{"the server's clock ahead", aug2.Add(4 * time.Second), time.Time{}, "0"},
		{"ours set back", time.Time{}, aug2.Add(-19 * time.Hour), "2"},
	} {
		lines, err := w.Lines(t.Context(), person.PublicViewer, store.LineQuery{
			ChannelID: w.channelID("eucalyptus-devel"), From: tt.from, To: tt.to,
		})
		w.must(err)
		got := ""
		for _, l := range lines {
			got += l.Text
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestDays(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.record(threeDays())
	id := w.channelID("eucalyptus-devel")
	day := func(d int) time.Time { return time.Date(2012, 8, d, 0, 0, 0, 0, time.UTC) }
	days, err := w.Days(ctx, person.PublicViewer, id, day(1), day(6))
	w.must(err)
	want := []hackfest.LogDay{{Day: day(2), Lines: 3, People: 1}, {Day: day(3), Lines: 3, People: 1}}
	if !slices.Equal(days, want) {
		t.Errorf("got %+v, want %+v", days, want)
	}
	for _, tt := range []struct {
		of            int
		before, after time.Time
	}{
		{2, time.Time{}, day(3)},
		{3, day(2), day(6)},
		{5, day(3), day(6)},
		{6, day(3), time.Time{}},
	} {
		before, err := w.DayBefore(ctx, person.PublicViewer, id, day(tt.of))
		w.must(err)
		after, err := w.DayAfter(ctx, person.PublicViewer, id, day(tt.of))
		w.must(err)
		if !before.Equal(tt.before) || !after.Equal(tt.after) {
			t.Errorf("around %d August: %s and %s, want %s and %s", tt.of, before, after, tt.before, tt.after)
		}
	}
}

func TestActivity(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := threeDays().add(hackfest.Join, "cat", "").say("github", "f")
	g.lines[len(g.lines)-1].Bot = true
	g.at = time.Date(2012, 8, 8, 12, 0, 0, 0, time.UTC)
	for i := range 501 {
		g.say("ann", fmt.Sprint(i))
	}
	g.at = time.Date(2012, 8, 9, 12, 0, 0, 0, time.UTC)
	w.record(g.say("ann", "not asked for"))
	id := w.channelID("eucalyptus-devel")
	day := func(d int) time.Time { return time.Date(2012, 8, d, 0, 0, 0, 0, time.UTC) }
	got, err := w.Activity(ctx, person.PublicViewer, id, day(3), day(9))
	w.must(err)
	want := []hackfest.LogDay{
		{Day: day(3), Lines: 3, Said: 3}, {Day: day(6), Lines: 6, Said: 4}, {Day: day(8), Lines: 500, Said: 500, More: true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	w.exec("update lines set members_only = true where day = '2012-08-06'")
	if got, err := w.Activity(ctx, person.PublicViewer, id, day(3), day(9)); err != nil || len(got) != 2 {
		t.Errorf("the public sees a hidden day: %+v, %v", got, err)
	}
	if got, err := w.Activity(ctx, member, id, day(10), day(20)); err != nil || len(got) != 0 {
		t.Errorf("no days: %+v, %v", got, err)
	}
}

func TestPulse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newLog(channel, aug2).say("ann", "a").add(hackfest.Act, "Ann", "b").add(hackfest.Join, "bob", "")
	g.at = aug2.Add(2 * time.Minute)
	g.say("bob", "c").say("rob", "d").say("hackbot", "e").say("github", "f")
	g.lines[3].Account, g.lines[4].Account, g.lines[5].Self, g.lines[6].Bot = "bob", "bob", true, true
	w.record(g)
	p, err := w.Pulse(t.Context(), person.PublicViewer, w.channelID("eucalyptus-devel"), g.lines[0].Ref, hackfest.Ref{})
	w.must(err)
	want := []hackfest.PulseMinute{{At: aug2, Lines: 2}, {At: aug2.Add(2 * time.Minute), Lines: 2}}
	if !slices.Equal(p.Minutes, want) || p.Speakers != 2 {
		t.Errorf("got %+v, want %+v and 2 people", p, want)
	}
}

// Context and private lines are kept and never shown; a redacted line keeps its
// place only.
func TestLinesThatAreNotShown(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).add(hackfest.Context, "", `{}`).say("ann", "secret").add(hackfest.Private, "bob", "#vote yes").say("ann", "shown")
	g.lines[1].Raw = []byte("secret\xff")
	w.record(g)
	w.exec("update lines set redacted_at = $1 where ref = $2", aug2, g.lines[1].Ref)
	lines, err := w.Lines(ctx, member, store.LineQuery{ChannelID: w.channelID("eucalyptus-devel")})
	w.must(err)
	if len(lines) != 2 || !lines[0].Redacted || lines[0].Text != "" || lines[0].Raw != nil || lines[1].Text != "shown" {
		t.Errorf("got %+v", lines)
	}
	for _, i := range []int{0, 2} {
		if _, _, err := w.Line(ctx, member, g.lines[i].Ref); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a %s line can be asked for: %v", g.lines[i].Kind, err)
		}
	}
}

func TestChannelByPath(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.must(w.OpenChannels(ctx, network, []string{"##Eucalyptus-Devel", "&local", "#C++"}, mapping, aug2))
	w.must(w.OpenChannels(ctx, network, []string{"#EUCALYPTUS-devel"}, mapping, aug2)) // known already
	for _, tt := range []struct{ path, want string }{
		{"eucalyptus-devel", channel},
		{"Eucalyptus-Devel", channel},
		{"#eucalyptus-devel", "##Eucalyptus-Devel"},
		{"&local", "&local"},
		{"c++", "#C++"},
		{"nothing", ""},
	} {
		c, err := w.Channel(ctx, person.PublicViewer, network, tt.path)
		if tt.want == "" && fault.KindOf(err) != fault.NotFound || tt.want != "" && (err != nil || c.Name != tt.want) {
			t.Errorf("%q is %q, %v; want %q", tt.path, c.Name, err, tt.want)
		}
	}
	list, err := w.Channels(ctx, person.PublicViewer)
	if err != nil || len(list) != 5 {
		t.Errorf("%d channels, %v; want 5", len(list), err)
	}
}

// Somebody who follows a meeting by Changes, however often, has in the end what
// a page that is loaded anew shows.
func TestChangesAddUp(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).meeting("OpenShift Origin").say("bob", "bye")
	batch := apply(meetingState{}, g.lines)
	id := w.channelID("eucalyptus-devel")
	lines, topics, items := map[hackfest.Ref]hackfest.LogLine{}, map[hackfest.ItemID]store.TopicRow{}, map[hackfest.ItemID]store.ItemRow{}
	var last *hackfest.Meeting
	var cursor hackfest.Ref
	for _, cut := range []int{1, 2, 3, 6, 7, 8, 8, 11, 12} {
		w.must(w.Record(ctx, network, channel, batch[:cut], mapping, g.at))
		c, err := w.Changes(ctx, person.PublicViewer, store.ChangeQuery{ChannelID: id, MeetingRef: g.lines[0].Ref, After: cursor})
		w.must(err)
		if c.Cursor != g.lines[cut-1].Ref || c.More {
			t.Errorf("after %d lines the cursor is %s, more %v", cut, c.Cursor, c.More)
		}
		for _, l := range c.Lines {
			lines[l.Ref] = l
		}
		for _, p := range c.Topics {
			topics[p.ID] = p
		}
		for _, i := range c.Items {
			i.Owners = nil // known at the end only
			items[i.ID] = i
		}
		if c.Meeting != nil {
			last = c.Meeting
		}
		cursor = c.Cursor
	}
	c, err := w.Changes(ctx, person.PublicViewer, store.ChangeQuery{ChannelID: id, MeetingRef: g.lines[0].Ref})
	w.must(err)
	if len(lines) != 12 || len(c.Lines) != 12 || len(topics) != len(c.Topics) || len(items) != 5 || len(c.Items) != 5 {
		t.Fatalf("%d, %d lines; %d, %d topics; %d, %d items", len(lines), len(c.Lines), len(topics), len(c.Topics), len(items), len(c.Items))
	}
	for _, l := range c.Lines {
		if fmt.Sprint(lines[l.Ref]) != fmt.Sprint(l) {
			t.Errorf("followed: %+v\nanew:     %+v", lines[l.Ref], l)
		}
	}
	for _, i := range c.Items {
		i.Owners = nil
		if fmt.Sprint(items[i.ID]) != fmt.Sprint(i) {
			t.Errorf("followed: %+v\nanew:     %+v", items[i.ID], i)
		}
	}
	if last == nil || last.Running() {
		t.Errorf("the end was not seen: %+v", last)
	}
	few, err := w.Changes(ctx, person.PublicViewer, store.ChangeQuery{ChannelID: id, Limit: 5})
	if err != nil || len(few.Lines) != 5 || !few.More {
		t.Errorf("%d lines, more %v, %v", len(few.Lines), few.More, err)
	}
}

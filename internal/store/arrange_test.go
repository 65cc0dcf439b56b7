package store_test

import (
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// counted are a session's counters.
func (w world) counted(slug string) (running, held int, published bool, state hackfest.SessionState) {
	w.t.Helper()
	s, err := w.Session(w.t.Context(), member, slug)
	w.must(err)
	return s.Running, s.Held, s.Published, s.State
}

func TestRelinkMeeting(t *testing.T) {
	t.Parallel()
	for _, running := range []bool{false, true} {
		w, ctx := newWorld(t), t.Context()
		planned := w.plan(planned("OpenShift", aug2.Add(5*time.Hour)))
		g := newLog(channel, aug2).meeting("On the spot")
		ref, runs := g.lines[0].Ref, 0
		if running {
			g.lines, runs = g.lines[:5], 1
		}
		w.record(g)
		if !running {
			m, err := w.Minutes(ctx, member, ref)
			w.must(err)
			_, err = w.PublishMinutes(ctx, ref, m, "", "", aug2)
			w.must(err)
		}
		spot := "2012-08-02-on-the-spot"
		w.must(w.RelinkMeeting(ctx, ref, planned.Slug, aug2))
		w.must(w.RelinkMeeting(ctx, ref, planned.Slug, aug2)) // again is nothing
		m, err := w.Meeting(ctx, person.PublicViewer, ref)
		if err != nil || m.SessionSlug != planned.Slug {
			t.Fatalf("%+v, %v", m, err)
		}
		if r, h, p, state := w.counted(planned.Slug); r != runs || h != 1 || p == running || state != "scheduled" {
			t.Errorf("the planned one: %d running, %d held, published %t, %s", r, h, p, state)
		}
		if r, h, p, state := w.counted(spot); r != 0 || h != 0 || p || state != "cancelled" {
			t.Errorf("the other: %d running, %d held, published %t, %s", r, h, p, state)
		}
		if running { // its end is counted where it is now
			g = newLog(channel, aug2).meeting("On the spot")
			w.must(w.Record(ctx, network, channel, apply(meetingState{}, g.lines), mapping, g.at))
			if r, h, _, _ := w.counted(planned.Slug); r != 0 || h != 1 {
				t.Errorf("after its end: %d running, %d held", r, h)
			}
		}
		w.must(w.RelinkMeeting(ctx, ref, spot, aug2))
		if r, h, _, state := w.counted(spot); r != 0 || h != 1 || state != "scheduled" {
			t.Errorf("back: %d running, %d held, %s", r, h, state)
		}
	}
}

func TestRelinkToASessionOfItsOwn(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	s := w.plan(planned("OpenShift", aug2))
	g := newLog(channel, aug2).meeting("Something else")
	w.record(g)
	for range 2 {
		w.must(w.RelinkMeeting(ctx, g.lines[0].Ref, "", aug2))
	}
	m, err := w.Meeting(ctx, person.PublicViewer, g.lines[0].Ref)
	if err != nil || m.SessionSlug != "2012-08-02-something-else" {
		t.Errorf("%+v, %v", m, err)
	}
	if _, h, _, _ := w.counted(s.Slug); h != 0 {
		t.Errorf("the planned one was held %d times", h)
	}
}

func TestRelinkRefuses(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	elsewhere, off := planned("Elsewhere", aug2), planned("Off", aug2)
	elsewhere.Channel, off.State, off.Title = "#other", hackfest.StateCancelled, "Off"
	w.plan(elsewhere)
	w.plan(off)
	g := newLog(channel, aug2).meeting("OpenShift")
	w.record(g)
	for slug, want := range map[string]fault.Kind{
		"2012-08-02-elsewhere": fault.Invalid, "2012-08-02-off": fault.Invalid, "2012-08-02-nothing": fault.NotFound,
	} {
		if err := w.RelinkMeeting(ctx, g.lines[0].Ref, slug, aug2); fault.KindOf(err) != want {
			t.Errorf("%s: %v", slug, err)
		}
	}
	if err := w.RelinkMeeting(ctx, g.lines[1].Ref, "2012-08-02-openshift", aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no meeting: %v", err)
	}
}

// A meeting that is given to a session for members is for members, with its log.
func TestRelinkHides(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	hidden := planned("Board", aug2.Add(5*time.Hour))
	hidden.Visibility = person.MembersOnly
	w.plan(hidden)
	g := newLog(channel, aug2).say("bob", "before").meeting("OpenShift").say("bob", "after")
	w.record(g)
	w.must(w.RelinkMeeting(ctx, g.lines[1].Ref, "2012-08-02-board", aug2))
	lines, err := w.Lines(ctx, person.PublicViewer, store.LineQuery{ChannelID: w.channelID("eucalyptus-devel")})
	if err != nil || texts(lines) != "<bob> before []\n<bob> after []\n" {
		t.Errorf("the public reads\n%s%v", texts(lines), err)
	}
	w.must(w.RelinkMeeting(ctx, g.lines[1].Ref, "", aug2))
	if _, err := w.Meeting(ctx, person.PublicViewer, g.lines[1].Ref); fault.KindOf(err) != fault.NotFound {
		t.Errorf("it came back into the open: %v", err)
	}
}

func TestDiscardMeeting(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	spot := "2012-08-02-oops"
	g := newLog(channel, aug2).say("ann", "#startmeeting Oops").say("ann", "#info wrong").say("ann", "#undo").say("ann", "#endmeeting").say("ann", "sorry")
	w.record(g)
	ref := g.lines[0].Ref
	for range 2 {
		w.must(w.DiscardMeeting(ctx, ref))
		if _, err := w.Meeting(ctx, member, ref); fault.KindOf(err) != fault.NotFound {
			t.Errorf("still there: %v", err)
		}
		if r, h, _, state := w.counted(spot); r != 0 || h != 0 || state != "cancelled" {
			t.Errorf("its session: %d running, %d held, %s", r, h, state)
		}
		if n := w.number("select count(*) from lines"); n != 5 {
			t.Errorf("%d lines are left", n)
		}
		if err := w.DiscardMeeting(ctx, ref); fault.KindOf(err) != fault.NotFound {
			t.Errorf("twice: %v", err)
		}
		w.must(w.RestoreMeeting(ctx, ref, aug2))
		w.must(w.RestoreMeeting(ctx, ref, aug2))
		m, err := w.Meeting(ctx, person.PublicViewer, ref)
		if err != nil || m.Running() || m.Title != "Oops" || m.SessionSlug != spot || m.People != 1 {
			t.Errorf("restored: %+v, %v", m, err)
		}
		if r, h, _, state := w.counted(spot); r != 0 || h != 1 || state != "scheduled" {
			t.Errorf("its session: %d running, %d held, %s", r, h, state)
		}
	}
}

func TestDiscardRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		lines func(g *channelLog)
	}{
		{"it runs", func(*channelLog) {}},
		{"something stands in it", func(g *channelLog) { g.say("ann", "#info x").say("ann", "#endmeeting") }},
		{"a minute", func(g *channelLog) { g.at = aug2.Add(time.Minute); g.say("ann", "#endmeeting") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			g := newLog(channel, aug2).say("ann", "#startmeeting Oops")
			tt.lines(g)
			w.record(g)
			if err := w.DiscardMeeting(t.Context(), g.lines[0].Ref); fault.KindOf(err) != fault.Conflict {
				t.Errorf("got %v", err)
			}
			if n := w.number("select count(*) from meetings"); n != 1 {
				t.Errorf("%d meetings", n)
			}
		})
	}
}

// While another meeting runs a discarded one stays away.
func TestRestoreWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).say("ann", "#startmeeting Oops").say("ann", "#endmeeting").say("ann", "#startmeeting Again")
	w.record(g)
	w.must(w.DiscardMeeting(ctx, g.lines[0].Ref))
	if err := w.RestoreMeeting(ctx, g.lines[0].Ref, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("got %v", err)
	}
	if err := w.RestoreMeeting(ctx, g.lines[1].Ref, aug2); fault.KindOf(err) == fault.Internal {
		t.Errorf("a line that starts nothing: %v", err)
	}
	if _, err := w.Session(ctx, member, "2012-08-02-oops"); err != nil {
		t.Error(err)
	}
	if err := w.RestoreMeeting(ctx, hackfest.Ref{1}, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no such line: %v", err)
	}
}

// After #restrictlogs nobody else reads any of the meeting, from its first line
// on, and pages that showed it are loaded again.
func TestRestrictedLogs(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).say("bob", "before").say("ann", "#startmeeting Board").say("bob", "the salaries").say("ann", "#info 42").
		say("ann", "#restrictlogs").say("bob", "more").say("ann", "#endmeeting").say("bob", "after")
	id := w.channelID("eucalyptus-devel")
	batch := apply(meetingState{}, g.lines)
	w.must(w.Record(ctx, network, channel, batch[:4], mapping, g.at))
	following := store.ChangeQuery{ChannelID: id, MeetingRef: g.lines[1].Ref, After: g.lines[3].Ref}
	if c, err := w.Changes(ctx, person.PublicViewer, following); err != nil || c.More {
		t.Errorf("before: %+v, %v", c, err)
	}
	for i := 4; i < len(batch); i++ {
		w.must(w.Record(ctx, network, channel, batch[i:i+1], mapping, g.at))
		for _, v := range []person.Viewer{person.PublicViewer, member} {
			if c, err := w.Changes(ctx, v, following); err != nil || !c.More || len(c.Lines) > 0 {
				t.Errorf("a page from before line %d: %+v, %v", i, c, err)
			}
		}
	}
	lines, err := w.Lines(ctx, person.PublicViewer, store.LineQuery{ChannelID: id})
	if err != nil || texts(lines) != "<bob> before []\n<bob> after []\n" {
		t.Errorf("the public reads\n%s%v", texts(lines), err)
	}
	if _, err := w.Minutes(ctx, person.PublicViewer, g.lines[1].Ref); fault.KindOf(err) != fault.NotFound {
		t.Errorf("minutes: %v", err)
	}
	if m, err := w.Minutes(ctx, member, g.lines[1].Ref); err != nil || len(m.Topics) == 0 {
		t.Errorf("a member's minutes: %+v, %v", m, err)
	}
	c, err := w.Changes(ctx, person.PublicViewer, store.ChangeQuery{ChannelID: id, After: g.lines[6].Ref})
	if err != nil || c.More || texts(c.Lines) != "<bob> after []\n" {
		t.Errorf("a page loaded since: %+v, %v", c, err)
	}
}

// #target names the session's target; a lesson keeps its kind.
func TestTargetAndLesson(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "OpenShift"}, aug2)
	w.must(err)
	s := w.plan(planned("Hackfest", aug2))
	g := w.hold(s, "ann: #target openshift", "bob: #lesson- images by name", "ann: #lesson+ a mirror", "ann: #lesson hm", "ann: #endmeeting")
	got, err := w.Session(ctx, person.PublicViewer, s.Slug)
	if err != nil || got.TargetSlug != "openshift" {
		t.Errorf("session %+v, %v", got, err)
	}
	items, err := w.Items(ctx, person.PublicViewer, g.lines[1].Ref, hackfest.Ref{})
	w.must(err)
	want := []hackfest.LessonKind{hackfest.LessonAvoid, hackfest.LessonDoAgain, hackfest.LessonUnknown}
	for i, x := range items {
		if x.Lesson != want[i] {
			t.Errorf("%s is %q, want %q", x.Text, x.Lesson, want[i])
		}
	}
	if len(items) != 3 {
		t.Errorf("%d lessons", len(items))
	}
}

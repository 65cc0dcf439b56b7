package store_test

import (
	"testing"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

type meetingState = meeting.State

// found is how much of what is hidden one viewer finds by each way there is.
func found(t *testing.T, w world, v person.Viewer, id hackfest.ChannelID, s hackfest.Session, g *channelLog) map[string]int {
	t.Helper()
	ctx, n := t.Context(), map[string]int{}
	ref := g.lines[0].Ref
	one := func(way string, err error) {
		switch {
		case err == nil:
			n[way] = 1
		case fault.KindOf(err) != fault.NotFound:
			t.Errorf("%s: %v", way, err)
		}
	}
	many := func(way string, k int, err error) {
		w.must(err)
		n[way] = k
	}
	_, err := w.Session(ctx, v, s.Slug)
	one("session", err)
	_, err = w.SessionByID(ctx, v, s.ID)
	one("session by id", err)
	_, err = w.NextSession(ctx, v, aug2)
	one("next session", err)
	sessions, err := w.Sessions(ctx, v, store.SessionFilter{})
	many("sessions", len(sessions), err)
	sessions, err = w.Sessions(ctx, v, store.SessionFilter{Desc: true})
	many("sessions backward", len(sessions), err)
	sessions, err = w.LiveSessions(ctx, v, aug2)
	many("live sessions", len(sessions), err)
	_, err = w.Meeting(ctx, v, ref)
	one("meeting", err)
	_, err = w.Minutes(ctx, v, ref)
	one("minutes", err)
	meetings, err := w.Meetings(ctx, v, store.MeetingFilter{})
	many("meetings", len(meetings), err)
	meetings, err = w.MeetingsOfSession(ctx, v, s.ID)
	many("meetings of the session", len(meetings), err)
	items, err := w.Items(ctx, v, ref, hackfest.Ref{})
	many("items", len(items), err)
	topics, err := w.Topics(ctx, v, ref, hackfest.Ref{})
	many("topics", len(topics), err)
	for way, lq := range map[string]store.LineQuery{
		"lines": {}, "lines backward": {Desc: true}, "day": {Day: aug2}, "day backward": {Day: aug2, Desc: true},
		"changed lines": {ChangedAfter: hackfest.Ref{15: 1}},
	} {
		lq.ChannelID = id
		lines, err := w.Lines(ctx, v, lq)
		many(way, len(lines), err)
	}
	_, _, err = w.Line(ctx, v, ref)
	one("line", err)
	days, err := w.Days(ctx, v, id, aug2, aug2.AddDate(0, 0, 1))
	many("days", len(days), err)
	if day, err := w.DayBefore(ctx, v, id, aug2.AddDate(0, 0, 1)); err != nil || !day.IsZero() {
		many("day before", 1, err)
	}
	if day, err := w.DayAfter(ctx, v, id, aug2.AddDate(0, 0, -1)); err != nil || !day.IsZero() {
		many("day after", 1, err)
	}
	p, err := w.Pulse(ctx, v, id, ref, hackfest.Ref{})
	many("pulse", p.Speakers, err)
	c, err := w.Changes(ctx, v, store.ChangeQuery{ChannelID: id, MeetingRef: ref})
	if fault.KindOf(err) != fault.NotFound {
		many("changes", len(c.Lines)+len(c.Items)+len(c.Topics), err)
	}
	lessons, err := w.Lessons(ctx, v, store.LessonFilter{})
	w.must(err)
	for _, l := range lessons {
		if l.SessionSlug != "" || !l.LineRef.IsZero() {
			n["lesson's evidence"]++
		}
	}
	for way, k := range n {
		if k == 0 {
			delete(n, way)
		}
	}
	return n
}

// What is for members is not there for the public, by no way; members find it
// by all of them.
func TestMembersOnly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, hide string }{
		{"channel", "update channels set visibility = 'members'"},
		{"session", "update sessions set visibility = 'members'"},
		{"nothing", "select 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := w.plan(planned("OpenShift", aug2))
			w.exec(tt.hide)
			g := newLog(channel, aug2).meeting("OpenShift")
			g.lines = g.lines[:10] // it still runs
			w.record(g)
			_, err := w.AddLesson(t.Context(), hackfest.Lesson{
				Text: "Ask for the image by its id.", Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeAll,
				SessionSlug: s.Slug, LineRef: g.lines[3].Ref, PublishedAt: aug2,
			}, aug2)
			w.must(err)
			id := w.channelID("eucalyptus-devel")
			ways := found(t, w, member, id, s, g)
			if len(ways) != 24 {
				t.Errorf("a member finds it by %d ways: %v", len(ways), ways)
			}
			for way, n := range found(t, w, person.PublicViewer, id, s, g) {
				if tt.name != "nothing" {
					t.Errorf("the public finds %d by way of: %s", n, way)
				} else if n != ways[way] {
					t.Errorf("nothing is hidden and the public finds %d by way of %s, a member %d", n, way, ways[way])
				}
			}
		})
	}
}

// Only the lines of the hidden meeting are hidden, and those from before and
// after it stay.
func TestLinesAroundAHiddenMeeting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := planned("OpenShift", aug2)
	s.Visibility = person.MembersOnly
	w.plan(s)
	g := newLog(channel, aug2).say("ann", "before").meeting("OpenShift").say("ann", "after")
	batch := apply(meetingState{}, g.lines)
	for i := range batch { // one by one, as on a quiet channel
		w.must(w.Record(t.Context(), network, channel, batch[i:i+1], mapping, g.at))
	}
	lines, err := w.Lines(t.Context(), person.PublicViewer, store.LineQuery{ChannelID: w.channelID("eucalyptus-devel")})
	w.must(err)
	if got, want := texts(lines), "<ann> before []\n<ann> after []\n"; got != want {
		t.Errorf("the public sees\n%swant\n%s", got, want)
	}
	lines, err = w.Lines(t.Context(), member, store.LineQuery{ChannelID: w.channelID("eucalyptus-devel")})
	w.must(err)
	if len(lines) != 13 || !lines[1].MembersOnly || lines[12].MembersOnly {
		t.Errorf("a member sees %d lines, want 13", len(lines))
	}
}

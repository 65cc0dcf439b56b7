package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// planned is a hackfest of two hours on the usual channel.
func planned(title string, start time.Time) hackfest.Session {
	return hackfest.Session{
		Title: title, Kind: hackfest.KindHackfest, StartsAt: start, EndsAt: start.Add(2 * time.Hour),
		Zone: "America/Los_Angeles", Network: network, Channel: channel,
	}
}

func (w world) plan(s hackfest.Session) hackfest.Session {
	w.t.Helper()
	id, err := w.AddSession(w.t.Context(), s, aug2)
	w.must(err)
	got, err := w.SessionByID(w.t.Context(), member, id)
	w.must(err)
	return got
}

func TestAddSession(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "OpenShift Origin"}, aug2)
	w.must(err)
	s := planned("OpenShift Origin on Eucalyptus 3.1", time.Date(2012, 8, 3, 4, 0, 0, 0, time.UTC)) // still 2 August in Los Angeles
	s.TargetSlug, s.Goal = "openshift-origin", "One node that answers"
	got := w.plan(s)
	if got.Slug != "2012-08-02-openshift-origin-on-eucalyptus-3-1" || got.TargetName != "OpenShift Origin" ||
		got.ChannelPath != "eucalyptus-devel" || got.State != hackfest.StateScheduled || got.Goal != s.Goal ||
		!got.StartsAt.Equal(s.StartsAt) || got.Zone != s.Zone || got.Visibility != person.Public {
		t.Errorf("got %+v", got)
	}
	s.Channel = "#other"
	if again := w.plan(s); again.Slug != got.Slug+"-2" {
		t.Errorf("the second of that name is %s", again.Slug)
	}
}

func TestAddSessionRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan(planned("OpenShift", aug2))
	for _, tt := range []struct {
		name   string
		change func(*hackfest.Session)
		want   fault.Kind
		ok     bool
	}{
		{name: "half an hour into the other", change: func(s *hackfest.Session) {}, want: fault.Conflict},
		{name: "touching its end", change: func(s *hackfest.Session) { move(s, 2*time.Hour) }, ok: true},
		{name: "touching its start", change: func(s *hackfest.Session) { move(s, -2*time.Hour) }, ok: true},
		{name: "another channel", change: func(s *hackfest.Session) { s.Channel = "#other" }, ok: true},
		{name: "allowed to overlap", change: func(s *hackfest.Session) { s.OverlapOK = true }, ok: true},
		{name: "cancelled", change: func(s *hackfest.Session) { s.State = hackfest.StateCancelled }, ok: true},
		{name: "proposed", change: func(s *hackfest.Session) { s.State = hackfest.StateProposed }, ok: true},
		{name: "no length", change: func(s *hackfest.Session) { s.EndsAt = s.StartsAt }, want: fault.Invalid},
		{name: "longer than a week", change: func(s *hackfest.Session) { s.EndsAt = s.StartsAt.Add(8 * 24 * time.Hour) }, want: fault.Invalid},
		{name: "unknown channel", change: func(s *hackfest.Session) { s.Channel = "#nowhere" }, want: fault.NotFound},
		{name: "unknown target", change: func(s *hackfest.Session) { s.TargetSlug = "nothing" }, want: fault.NotFound},
		{name: "unknown zone", change: func(s *hackfest.Session) { s.Zone = "Mars/Olympus" }, want: fault.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := planned("AppScale", aug2.Add(30*time.Minute))
			if tt.ok {
				s = planned("AppScale", aug2)
			}
			tt.change(&s)
			id, err := w.AddSession(t.Context(), s, aug2)
			if tt.ok {
				w.must(err)
				w.exec("delete from sessions where id = $1", id)
			} else if err == nil || fault.KindOf(err) != tt.want {
				t.Errorf("got %v, want kind %d", err, tt.want)
			}
		})
	}
}

func move(s *hackfest.Session, d time.Duration) {
	s.StartsAt, s.EndsAt = s.StartsAt.Add(d), s.EndsAt.Add(d)
}

// A violation that shows at the commit is refused like any other.
func TestDeferredOverlapIsAConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.plan(planned("One", aug2)), w.plan(planned("Two", aug2.Add(2*time.Hour)))
	swap := func(tx *store.Store, late time.Duration) error {
		if err := tx.DeferOverlaps(t.Context()); err != nil {
			return err
		}
		if err := tx.MoveForTest(t.Context(), one.ID, two.StartsAt.Add(late)); err != nil {
			return err
		}
		return tx.MoveForTest(t.Context(), two.ID, one.StartsAt)
	}
	if err := w.InTx(t.Context(), func(tx *store.Store) error { return swap(tx, -time.Hour) }); fault.KindOf(err) != fault.Conflict {
		t.Errorf("two that overlap at the commit: %v", err)
	}
	if err := w.InTx(t.Context(), func(tx *store.Store) error { return swap(tx, 0) }); err != nil {
		t.Errorf("two that changed places: %v", err)
	}
}

func TestSessionsFilterAndPage(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "Chef"}, aug2)
	w.must(err)
	const n = 25
	for i := range n {
		s := planned(fmt.Sprintf("Session %d", i), aug2.AddDate(0, 0, i/2)) // two each day, at the same time, so that pages of three part them
		if i%2 == 1 {
			s.Channel, s.Kind = "#other", hackfest.KindMeeting
		}
		if i%5 == 0 {
			s.TargetSlug = "chef"
		}
		w.plan(s)
	}
	for _, tt := range []struct {
		name string
		f    store.SessionFilter
		want int
	}{
		{"all", store.SessionFilter{}, n},
		{"from the middle of one", store.SessionFilter{From: aug2.Add(time.Hour)}, n},
		{"from the end of the first two", store.SessionFilter{From: aug2.Add(2 * time.Hour)}, n - 2},
		{"until a start", store.SessionFilter{To: aug2.AddDate(0, 0, 1)}, 2},
		{"by kind", store.SessionFilter{Kind: hackfest.KindMeeting}, 12},
		{"by channel", store.SessionFilter{Channel: "#other"}, 12},
		{"by network", store.SessionFilter{Network: "oftc"}, 0},
		{"by target", store.SessionFilter{Target: "chef"}, 5},
		{"with a target", store.SessionFilter{WithTarget: true}, 5},
		{"by series", store.SessionFilter{Series: "weekly"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, desc := range []bool{false, true} {
				tt.f.Desc, tt.f.Limit, tt.f.After = desc, 3, store.SessionCursor{}
				var got []hackfest.Session
				for {
					page, err := w.Sessions(ctx, person.PublicViewer, tt.f)
					w.must(err)
					got = append(got, page...)
					if len(page) < tt.f.Limit {
						break
					}
					tt.f.After = store.CursorAfter(page[len(page)-1])
				}
				seen := map[hackfest.SessionID]bool{}
				for i, s := range got {
					if i > 0 && (s.StartsAt.Before(got[i-1].StartsAt) != desc && !s.StartsAt.Equal(got[i-1].StartsAt)) {
						t.Errorf("desc=%v: %s comes after %s", desc, s.Slug, got[i-1].Slug)
					}
					seen[s.ID] = true
				}
				if len(got) != tt.want || len(seen) != tt.want {
					t.Errorf("desc=%v: %d sessions (%d different), want %d", desc, len(got), len(seen), tt.want)
				}
			}
		})
	}
}

func TestNextAndLiveSessions(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	if _, err := w.NextSession(ctx, person.PublicViewer, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("without sessions: %v", err)
	}
	early := w.plan(planned("Early", aug2))
	w.plan(func() hackfest.Session {
		s := planned("Off", aug2.Add(20*time.Hour))
		s.State = hackfest.StateCancelled
		return s
	}())
	late := w.plan(planned("Late", aug2.Add(24*time.Hour)))
	next := func(now time.Time) string {
		s, err := w.NextSession(ctx, person.PublicViewer, now)
		if fault.KindOf(err) == fault.NotFound {
			return "none"
		}
		w.must(err)
		return s.Title
	}
	live := func(now time.Time) string {
		list, err := w.LiveSessions(ctx, person.PublicViewer, now)
		w.must(err)
		titles := ""
		for _, s := range list {
			titles += s.Title + " "
			if s.Status(now) != hackfest.StatusLive {
				t.Errorf("%s is listed as live and is %s", s.Title, s.Status(now))
			}
		}
		return titles
	}
	for _, tt := range []struct {
		name       string
		now        time.Time
		next, live string
	}{
		{"before all", aug2.Add(-time.Hour), "Early", ""},
		{"in the first", aug2.Add(time.Hour), "Early", "Early "},
		{"at its end", aug2.Add(2 * time.Hour), "Late", ""},
		{"after all", aug2.Add(48 * time.Hour), "none", ""},
	} {
		if got := next(tt.now); got != tt.next {
			t.Errorf("%s: next is %s, want %s", tt.name, got, tt.next)
		}
		if got := live(tt.now); got != tt.live {
			t.Errorf("%s: live are %q, want %q", tt.name, got, tt.live)
		}
	}
	// A meeting that runs makes its session live, however late it is.
	g := newLog(channel, late.StartsAt.Add(-10*time.Minute)).say("ann", "#startmeeting")
	w.record(g)
	if got := live(aug2.Add(40 * time.Hour)); got != "Late " {
		t.Errorf("while its meeting runs over: live are %q", got)
	}
	// One that was held is not next again, though its time is not over.
	g.say("ann", "#endmeeting")
	w.record(g)
	if got := next(late.StartsAt); got != "none" {
		t.Errorf("after its meeting: next is %s", got)
	}
	s, err := w.Session(ctx, person.PublicViewer, late.Slug)
	w.must(err)
	if s.Status(late.StartsAt) != hackfest.StatusEnded || early.Status(late.StartsAt) != hackfest.StatusEnded {
		t.Errorf("after its meeting it is %s", s.Status(late.StartsAt))
	}
}

// Which session a meeting belongs to.
func TestMeetingFindsItsSession(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	first := w.plan(planned("First", aug2))
	second := w.plan(planned("Second", aug2.Add(2*time.Hour)))
	elsewhere := planned("Elsewhere", aug2.Add(6*time.Hour))
	elsewhere.Channel = "#other"
	w.plan(elsewhere)
	off := planned("Off", aug2.Add(12*time.Hour))
	off.State = hackfest.StateCancelled
	off = w.plan(off)
	for _, tt := range []struct {
		name  string
		after time.Duration // of the first's start
		slug  string        // what the engine says
		want  string        // title of the session; "" is one made on the spot
	}{
		{name: "half an hour early", after: -30 * time.Minute, want: "First"},
		{name: "earlier", after: -31 * time.Minute},
		{name: "in its time", after: time.Hour, want: "First"},
		{name: "nearer to the next start", after: 110 * time.Minute, want: "Second"},
		{name: "at the last end", after: 4 * time.Hour, want: "Second"},
		{name: "later", after: 4*time.Hour + time.Minute},
		{name: "the engine named it", after: 111 * time.Minute, slug: first.Slug, want: "First"},
		{name: "the engine named one that is gone", after: 61 * time.Minute, slug: "2012-08-02-gone", want: "First"},
		{name: "another channel's time", after: 7 * time.Hour},
		{name: "a cancelled one", after: 12 * time.Hour, slug: off.Slug},
	} {
		at := aug2.Add(tt.after)
		g := newLog(channel, at).say("ann", "#startmeeting")
		batch := apply(meeting.State{}, g.lines)
		for i, e := range batch[0].Effects {
			if o, ok := e.(meeting.Opened); ok {
				o.Header.SessionSlug, o.Header.Title = tt.slug, "On the spot"
				batch[0].Effects[i] = o
			}
		}
		w.exec("update channels set applied_ref = null")
		w.must(w.Record(ctx, network, channel, batch, mapping, at))
		m, err := w.Meeting(ctx, person.PublicViewer, g.lines[0].Ref)
		w.must(err)
		s, err := w.SessionByID(ctx, person.PublicViewer, m.SessionID)
		w.must(err)
		if tt.want == "" {
			if s.Title != "On the spot" || s.Kind != hackfest.KindMeeting || s.EndsAt.Sub(s.StartsAt) != time.Hour || !s.OverlapOK ||
				s.Slug[:22] != at.Format(time.DateOnly)+"-on-the-spot"[:12] {
				t.Errorf("%s: it is %+v, want one made on the spot", tt.name, s)
			}
			w.exec("update sessions set state = 'cancelled' where id = $1", s.ID)
		} else if s.Title != tt.want {
			t.Errorf("%s: it is in %s, want %s", tt.name, s.Title, tt.want)
		}
		w.exec("update meetings set ended_at = started_at, last_ref = ref where ended_at is null")
	}
	_ = second
}

// A meeting that nobody planned is held in the community's zone, and its date is
// the one there.
func TestSessionsMadeOnTheSpotAreInTheCommunitysZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var err error
	w.Zone, err = time.LoadLocation("Asia/Kolkata") // 19:00 in UTC is after midnight there
	w.must(err)
	w.record(newLog(channel, aug2).meeting("Out of the blue"))
	got, err := w.Session(t.Context(), member, "2012-08-03-out-of-the-blue")
	if err != nil || got.Zone != "Asia/Kolkata" || !got.StartsAt.Equal(aug2) {
		t.Errorf("got %+v, %v", got, err)
	}
}

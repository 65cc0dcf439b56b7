package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// What the public is not to know is in no answer of the bot.
func TestFacts(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	live := w.plan(planned("Live", aug2))
	w.plan(planned("Over", aug2.AddDate(0, 0, -7)))
	w.plan(planned("Next", aug2.AddDate(0, 0, 7)))
	hidden := planned("Hidden", aug2.AddDate(0, 0, 8))
	hidden.Visibility = person.MembersOnly
	w.plan(hidden)
	for _, target := range []string{"One", "Two"} {
		_, err := w.AddTarget(ctx, hackfest.Target{Name: target}, aug2)
		w.must(err)
		for i := range 6 {
			_, err := w.AddLesson(ctx, hackfest.Lesson{
				Text: fmt.Sprint(target, i), Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeTarget, TargetSlug: hackfest.Slug(target),
				PublishedAt: aug2.Add(time.Duration(i) * time.Minute),
			}, aug2)
			w.must(err)
		}
	}
	_, err := w.AddLesson(ctx, hackfest.Lesson{Text: "not read yet", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll}, aug2)
	w.must(err)
	f, err := w.Facts(ctx, person.PublicViewer, aug2.Add(time.Minute))
	w.must(err)
	var titles, lessons []string
	for _, s := range f.Sessions {
		titles = append(titles, s.Title)
	}
	for _, l := range f.Lessons {
		lessons = append(lessons, l.Text)
	}
	if want := []string{"Live", "Next"}; !slices.Equal(titles, want) || f.Sessions[0].ID != live.ID || !f.At.Equal(aug2.Add(time.Minute)) {
		t.Errorf("sessions %q, want %q", titles, want)
	}
	if want := []string{"Two5", "One5", "Two4", "One4", "Two3", "One3", "Two2", "One2"}; !slices.Equal(lessons, want) || len(want) != 2*announce.MaxLessons {
		t.Errorf("lessons %q, want %q", lessons, want)
	}
	if len(f.Targets) != 2 {
		t.Errorf("targets %+v", f.Targets)
	}
}

// A delivery about what is for members is shown to members.
func TestUnknownDeliveriesAskWhoLooks(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.exec(`update channels set visibility = 'members' where folded = '#other'`)
	w.plan(planned("Public", aug2))
	elsewhere := planned("For members", aug2.Add(time.Minute))
	elsewhere.Channel, elsewhere.Visibility = "#other", person.MembersOnly
	w.plan(elsewhere)
	due := aug2.Add(-time.Hour)
	for range 2 { // planned again they are the same
		w.must(w.PlanDeliveries(ctx, due.Add(time.Minute), due))
	}
	list, err := w.QueueDeliveries(ctx, due.Add(time.Minute), due, due, due)
	w.must(err)
	if len(list) != 2 {
		t.Fatalf("%d deliveries", len(list))
	}
	if again, err := w.QueueDeliveries(ctx, due.Add(time.Minute), due, due, due); err != nil || len(again) != 0 {
		t.Errorf("queued twice: %v, %v", again, err)
	}
	for i, d := range list {
		w.must(w.MoveDelivery(ctx, d.ID, hackfest.DeliverySending, "", false, due.Add(time.Duration(i)*time.Second)))
	}
	if n, err := w.CutOffDeliveries(ctx, due, due); n != 0 || err != nil {
		t.Errorf("cut off too early: %d, %v", n, err)
	}
	if n, err := w.CutOffDeliveries(ctx, time.Time{}, due.Add(time.Minute)); n != 2 || err != nil {
		t.Errorf("cut off %d, %v", n, err)
	}
	for _, tt := range []struct {
		viewer person.Viewer
		want   []string
	}{{person.PublicViewer, []string{"Public"}}, {member, []string{"For members", "Public"}}} {
		list, err := w.UnknownDeliveries(ctx, tt.viewer, 10)
		w.must(err)
		var titles []string
		for _, d := range list {
			titles = append(titles, d.SessionTitle)
			if d.State != hackfest.DeliveryUnknown || d.SettledAt.IsZero() || d.SendingAt.IsZero() || d.Reason == "" || d.SessionSlug == "" {
				t.Errorf("%+v", d)
			}
		}
		slices.Sort(titles)
		if !slices.Equal(titles, tt.want) {
			t.Errorf("%+v sees %q, want %q", tt.viewer, titles, tt.want)
		}
	}
	if list, err := w.UnknownDeliveries(ctx, member, 1); err != nil || len(list) != 1 {
		t.Errorf("limit: %d, %v", len(list), err)
	}
}

// changed is what channels are to be told of changed plans since the last time, as
// "occasion date time". It is taken for said.
func (w world) changed(now time.Time) string {
	w.t.Helper()
	w.must(w.PlanDeliveries(w.t.Context(), now.Add(time.Minute), now))
	rows, err := w.pool.Query(w.t.Context(), `
		update deliveries d set state = 'sent', settled_at = $1
		where d.outlet = 'irc' and d.occasion in ('cancelled', 'moved', 'reinstated') and d.state = 'pending'
		returning d.occasion || ' ' || to_char(d.starts_at at time zone 'UTC', 'DD HH24:MI')`, now)
	w.must(err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	w.must(err)
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// Whatever changes the time, channel or state of a session that is near is told,
// once; what only has calendars read it again is not.
func TestChangesArePlanned(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	list := w.weeks(3)
	s, later := list[0], list[1]
	now := s.StartsAt.Add(-30 * time.Hour)
	series := func() hackfest.Series {
		t.Helper()
		r, err := w.Series(ctx, member, s.SeriesSlug)
		w.must(err)
		return r
	}
	for _, tt := range []struct {
		name string
		do   func() error
		want string
	}{
		{"nothing", func() error { return nil }, ""},
		{"its series begins an hour later", func() error {
			w.change(series(), now, func(e *hackfest.SeriesEdit) { e.First = e.First.Add(time.Hour) })
			return nil
		}, "moved 17 20:00"},
		{"its series has another name", func() error {
			w.change(series(), now, func(e *hackfest.SeriesEdit) { e.Title = "Weekly evening" })
			return nil
		}, ""},
		{"its series meets in another channel", func() error {
			w.change(series(), now, func(e *hackfest.SeriesEdit) { e.Channel = "#other" })
			return nil
		}, "moved 17 20:00, moved 17 20:00"}, // said in both
		{"moved", func() error {
			at := s.StartsAt.Add(3 * time.Hour)
			return failed(w.MoveSession(ctx, s.Slug, hackfest.SessionMove{StartsAt: at, EndsAt: at.Add(time.Hour)}, 0, 0, now))
		}, "moved 17 22:00"},
		{"which its series does not change", func() error {
			w.change(series(), now, func(e *hackfest.SeriesEdit) { e.First = e.First.Add(time.Hour) })
			return nil
		}, ""},
		{"longer than it was", func() error {
			at := s.StartsAt.Add(3 * time.Hour)
			return failed(w.MoveSession(ctx, s.Slug, hackfest.SessionMove{StartsAt: at, EndsAt: at.Add(2 * time.Hour)}, 0, 0, now))
		}, ""},
		{"cancelled", func() error { return failed(w.CancelSession(ctx, s.Slug, "Release week", 0, 0, now)) }, "cancelled 17 22:00"},
		{"cancelled, and its series another time", func() error {
			w.change(series(), now, func(e *hackfest.SeriesEdit) { e.First = e.First.Add(-time.Hour) })
			return nil
		}, ""},
		{"reinstated", func() error { return failed(w.ReinstateSession(ctx, s.Slug, false, 0, 0, now)) }, "reinstated 17 22:00"},
		{"cancelled again", func() error { return failed(w.CancelSession(ctx, s.Slug, "Release week", 0, 0, now)) }, "cancelled 17 22:00"},
		{"the next date falls away when its series ends", func() error {
			now = later.StartsAt.Add(-40 * time.Hour)
			return failed(w.EndSeries(ctx, s.SeriesSlug, now.AddDate(0, 0, -1), "Over", 0, 0, now))
		}, "cancelled 24 20:00"},
	} {
		now = now.Add(time.Minute)
		w.must(tt.do())
		for _, again := range []string{"", ", again"} {
			now = now.Add(time.Minute)
			if got := w.changed(now); got != tt.want {
				t.Errorf("%s%s: %q, want %q", tt.name, again, got, tt.want)
			}
			tt.want = ""
		}
	}
}

package jobs

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// A portal that runs for a month has as much ahead as on its first day.
func TestSessionsAreLaidOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.AddSeries(t.Context(), hackfest.Series{
		Title: "Weekly hackfest", Kind: hackfest.KindHackfest, Network: "test", Channel: "#euca",
		Rule: "FREQ=WEEKLY", First: noon.AddDate(0, 0, -7).Truncate(24 * time.Hour).Add(12 * time.Hour), Zone: "America/Los_Angeles", Length: 2 * time.Hour,
	}, noon)
	w.must(err)
	ahead := func() int {
		list, err := w.Sessions(t.Context(), person.PublicViewer, store.SessionFilter{From: w.now()})
		w.must(err)
		return len(list)
	}
	w.run(func(ctx context.Context) error { return Lead(ctx, w.config()) })
	w.eventually("26 weeks are laid out when it begins", func() bool { return ahead() == 26 })
	w.at(noon.AddDate(0, 0, 28))
	for range 2 { // the second time adds nothing
		_, err := w.insert.Insert(t.Context(), extendArgs{}, &river.InsertOpts{})
		w.must(err)
		w.settled()
		if got := ahead(); got != 26 {
			t.Errorf("%d sessions ahead, want 26", got)
		}
	}
}

// With another release of the zone database what is to come is worked out anew,
// once.
func TestZoneDatabaseChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.AddSeries(t.Context(), hackfest.Series{
		Title: "Weekly hackfest", Kind: hackfest.KindHackfest, Network: "test", Channel: "#euca",
		Rule: "FREQ=WEEKLY", First: noon.AddDate(0, 0, 1).Truncate(24 * time.Hour).Add(12 * time.Hour), Zone: "America/Los_Angeles", Length: 2 * time.Hour,
	}, noon)
	w.must(err)
	const older = `update sessions set starts_at = starts_at - interval '1 hour', ends_at = ends_at - interval '1 hour'`
	work := func(tzdata string) (wrong int) {
		c := w.config().withDefaults()
		c.Tzdata = tzdata
		w.must((&extendWorker{Config: c}).Work(t.Context(), nil))
		const q = `select count(*) from sessions where starts_at at time zone zone <> occurrence`
		w.must(w.pool.QueryRow(t.Context(), q).Scan(&wrong))
		return wrong
	}
	for _, tt := range []struct {
		name, tzdata string
		want         int
	}{
		{"the first time", "2026a", 0},
		{"the same release", "2026a", 26},
		{"nobody knows which", "", 26},
		{"another", "2026b", 0},
	} {
		w.exec(older)
		if got := work(tt.tzdata); got != tt.want {
			t.Errorf("%s: %d sessions are at another hour than their rule says, want %d", tt.name, got, tt.want)
		}
		w.exec(`update sessions set starts_at = occurrence at time zone zone, ends_at = (occurrence + interval '2 hours') at time zone zone`)
	}
}

// What a chair changes after an announcement was noted is what people hear.
func TestChangesAreHeard(t *testing.T) {
	t.Parallel()
	later := seven.Add(30 * time.Minute)
	for _, tt := range []struct {
		name   string
		change func(w *world, slug string) error
		want   []string // deliveries half an hour after it was due
		said   int
	}{
		{"moved", func(w *world, slug string) error {
			_, err := w.MoveSession(t.Context(), slug, hackfest.SessionMove{StartsAt: later, EndsAt: later.Add(time.Hour)}, 0, 0, w.now())
			return err
		}, []string{"moved sent", "hour dropped: The session was moved to another time.", "hour sent"}, 2},
		{"moved to another channel", func(w *world, slug string) error {
			_, err := w.MoveSession(t.Context(), slug, hackfest.SessionMove{StartsAt: seven, EndsAt: later, Network: "test", Channel: "#members"}, 0, 0, w.now())
			return err
		}, []string{"moved sent", "moved sent", "hour dropped: The session was moved to another channel.", "hour sent"}, 3}, // in both
		{"cancelled", func(w *world, slug string) error {
			_, err := w.CancelSession(t.Context(), slug, "no power", 0, 0, w.now())
			return err
		}, []string{"cancelled sent", "hour dropped: The session was cancelled."}, 1},
		{"cancelled, and reinstated when people had heard it", func(w *world, slug string) error {
			if _, err := w.CancelSession(t.Context(), slug, "no power", 0, 0, w.now()); err != nil {
				return err
			}
			w.plan(seven.Add(-time.Hour))
			_, err := w.ReinstateSession(t.Context(), slug, false, 0, 0, w.now())
			return err
		}, []string{"cancelled sent", "hour dropped: The session was cancelled.", "reinstated sent"}, 2},
		{"cancelled and reinstated", func(w *world, slug string) error {
			return w.InTx(t.Context(), func(tx *store.Store) error { // or what plans may come in between
				if _, err := tx.CancelSession(t.Context(), slug, "no power", 0, 0, w.now()); err != nil {
					return err
				}
				_, err := tx.ReinstateSession(t.Context(), slug, false, 0, 0, w.now())
				return err
			})
		}, []string{"hour sent"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.session("Evening", seven, nil)
			x, err := w.SessionByID(t.Context(), person.Viewer{Role: person.Admin}, id)
			w.must(err)
			w.start()
			w.plan(seven.Add(-time.Hour - time.Minute))
			w.want("noted", w.states(), []string{"hour pending"})
			w.must(tt.change(w, x.Slug))
			w.plan(seven.Add(-time.Hour))
			w.plan(seven.Add(-30 * time.Minute))
			w.want("deliveries", w.states(), tt.want)
			if said := w.voice.lines(); len(said) != tt.said {
				t.Errorf("said %q", said)
			}
		})
	}
}

// A series that is ended takes what was noted for its dates with it, and channels
// are told of those that were near.
func TestAnnouncementsOfDatesThatFellAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.AddSeries(t.Context(), hackfest.Series{
		Title: "Daily", Kind: hackfest.KindMeeting, Network: "test", Channel: "#euca", Rule: "FREQ=DAILY", First: seven, Zone: "UTC", Length: time.Hour,
	}, noon)
	w.must(err)
	w.start()
	w.plan(seven.Add(-time.Hour - time.Minute))
	w.want("noted", w.states(), []string{"hour pending"})
	_, err = w.EndSeries(t.Context(), "daily", time.Time{}, "", 0, 0, w.now())
	w.must(err)
	w.plan(seven.Add(-time.Hour))
	w.want("deliveries", w.states(), []string{"cancelled sent", "cancelled sent", "hour dropped: The session was cancelled."})
	if said := w.voice.lines(); len(said) != 2 || !strings.Contains(said[0], "Cancelled: Daily") {
		t.Errorf("said %q", said)
	}
}

package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

var weekly = hackfest.Series{
	Title: "Weekly hackfest", Kind: hackfest.KindHackfest, Network: network, Channel: channel,
	Rule: "FREQ=WEEKLY;BYDAY=WE", First: time.Date(2012, 10, 17, 12, 0, 0, 0, time.UTC), Zone: "America/Los_Angeles", Length: 2 * time.Hour,
}

func TestExtendSeries(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddSeries(ctx, weekly, aug2)
	w.must(err)
	got, err := w.Series(ctx, person.PublicViewer, "weekly-hackfest")
	w.must(err)
	if got.Length != weekly.Length || !got.First.Equal(weekly.First) || got.Rule != weekly.Rule || got.UID == "" ||
		got.Channel != channel || got.ChannelPath != "eucalyptus-devel" {
		t.Errorf("read back: %+v", got)
	}
	now := time.Date(2012, 10, 20, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		until time.Time
		want  store.Extension
	}{
		{"two weeks", now.AddDate(0, 0, 14), store.Extension{Added: 2}},
		{"the same again", now.AddDate(0, 0, 14), store.Extension{}},
		{"a third", now.AddDate(0, 0, 21), store.Extension{Added: 1}},
	} {
		x, err := w.ExtendSeries(ctx, "weekly-hackfest", tt.until, now)
		if err != nil || x != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, x, err, tt.want)
		}
	}
	list, err := w.Sessions(ctx, person.PublicViewer, store.SessionFilter{Series: "weekly-hackfest"})
	w.must(err)
	starts := []string{"10-24 19:00", "10-31 19:00", "11-07 20:00"} // noon in Los Angeles; the clocks change on 4 November
	for i, s := range list {
		if s.StartsAt.Format("01-02 15:04") != starts[i] || s.SeriesTitle != weekly.Title || s.Zone != weekly.Zone {
			t.Errorf("session %d: %+v, want %s", i, s, starts[i])
		}
	}
	if list[0].Slug != "2012-10-24-weekly-hackfest" {
		t.Errorf("slug %s", list[0].Slug)
	}
}

// A date whose channel is taken is planned all the same, and marked.
func TestExtendSeriesFindsConflicts(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddSeries(ctx, weekly, aug2)
	w.must(err)
	w.plan(planned("OpenShift", time.Date(2012, 10, 31, 18, 0, 0, 0, time.UTC)))
	now := weekly.First
	x, err := w.ExtendSeries(ctx, "weekly-hackfest", now.AddDate(0, 0, 21), now)
	if err != nil || x != (store.Extension{Added: 3, Conflicts: 1}) {
		t.Fatalf("%+v, %v", x, err)
	}
	list, err := w.Sessions(ctx, person.PublicViewer, store.SessionFilter{Series: "weekly-hackfest"})
	w.must(err)
	for i, s := range list {
		if taken := i == 2; s.OverlapOK != taken || s.ConflictAt.IsZero() == taken {
			t.Errorf("%s: overlap_ok %v, conflict %s", s.Slug, s.OverlapOK, s.ConflictAt)
		}
	}
}

// The dates are tried one by one also where overlaps are to be found at the end
// of the transaction only.
func TestExtendSeriesInATransactionThatDefers(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddSeries(ctx, weekly, aug2)
	w.must(err)
	w.plan(planned("OpenShift", time.Date(2012, 10, 31, 18, 0, 0, 0, time.UTC)))
	w.must(w.InTx(ctx, func(tx *store.Store) error {
		if err := tx.DeferOverlaps(ctx); err != nil {
			return err
		}
		x, err := tx.ExtendSeries(ctx, "weekly-hackfest", weekly.First.AddDate(0, 0, 21), weekly.First)
		if x != (store.Extension{Added: 3, Conflicts: 1}) {
			t.Errorf("%+v", x)
		}
		return err
	}))
}

// Two programs that extend the same series make its sessions once.
func TestExtendSeriesAtOnce(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddSeries(ctx, weekly, aug2)
	w.must(err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := w.ExtendSeries(ctx, "weekly-hackfest", weekly.First.AddDate(0, 0, 70), weekly.First); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.number("select count(*) from sessions"); n != 10 {
		t.Errorf("%d sessions, want 10", n)
	}
}

func TestAddSeriesRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct {
		name   string
		change func(*hackfest.Series)
		want   fault.Kind
	}{
		{"unknown channel", func(s *hackfest.Series) { s.Channel = "#nowhere" }, fault.NotFound},
		{"unknown target", func(s *hackfest.Series) { s.TargetSlug = "nothing" }, fault.NotFound},
		{"no length", func(s *hackfest.Series) { s.Length = 0 }, fault.Invalid},
		{"unknown zone", func(s *hackfest.Series) { s.Zone = "Mars/Olympus" }, fault.Invalid},
		{"a rule that gives other dates", func(s *hackfest.Series) { s.Rule = "FREQ=WEEKLY;BYDAY=TH" }, fault.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := weekly
			tt.change(&s)
			if _, err := w.AddSeries(t.Context(), s, aug2); err == nil || fault.KindOf(err) != tt.want {
				t.Errorf("got %v, want kind %d", err, tt.want)
			}
		})
	}
}

package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Of two who change one series at once, one wins and the other is told; and the
// job that lays out does not bring back what one of them ended.
func TestTwoWhoChangeASeries(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r := w.weekly()
	e := as(r)
	at13(&e)
	errs := make([]error, 3)
	var wg sync.WaitGroup
	wg.Go(func() { _, errs[0] = w.ChangeSeries(ctx, r.Slug, e, r.Revision, 0, w1.Add(time.Hour)) })
	wg.Go(func() { _, errs[1] = w.EndSeries(ctx, r.Slug, date(10, 24), "x", r.Revision, 0, w1.Add(time.Hour)) })
	wg.Go(func() { _, errs[2] = w.ExtendSeries(ctx, r.Slug, w1.AddDate(1, 0, 0), w1.Add(time.Hour)) })
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || errs[2] != nil {
		t.Fatalf("%v", errs)
	}
	if errs[1] == nil {
		if list := w.listed(r.Slug); len(list) != 2 {
			t.Errorf("it was ended, and there is %v", list)
		}
	}
}

// The zone database is updated: what is to come follows it, what has been not.
func TestResettleSeries(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r := w.weekly()
	moved := "2012-11-07-weekly-hackfest"
	_, err := w.MoveSession(ctx, moved, hackfest.SessionMove{StartsAt: w4.Add(4 * time.Hour), EndsAt: w4.Add(5 * time.Hour)}, 0, 0, aug2)
	w.must(err)
	w.exec("update sessions set starts_at = starts_at - interval '1 hour', ends_at = ends_at - interval '1 hour'") // as an older one had it
	taken := planned("Instead", w3.Add(time.Hour+time.Minute))
	taken.Channel = "#other"
	w.exec("update sessions set channel_id = $1 where id = $2", w.channelID("eucalyptus-devel"), w.plan(taken).ID)
	n, err := w.ResettleSeries(ctx, r.Slug, w2.Add(-30*time.Minute))
	if err != nil || n != 13 { // of 16, two have begun and one was moved
		t.Errorf("%d moved, %v", n, err)
	}
	want := []string{"10-17 18:00", "10-24 18:00", "10-31 19:00", "11-07 23:00", "11-14 20:00"}
	if list := w.listed(r.Slug); !slices.Equal(list[:5], want) {
		t.Errorf("sessions %v", list[:5])
	}
	if s := w.session(third); s.ConflictAt.IsZero() || s.Sequence != 1 || s.Overridden {
		t.Errorf("its channel is taken: %+v", s)
	}
	if n, err := w.ResettleSeries(ctx, r.Slug, w2); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	for _, release := range []string{"2026a", "2026b"} {
		w.must(w.SetLaidOutBy(ctx, release, aug2))
		if got, err := w.LaidOutBy(ctx); got != release || err != nil {
			t.Errorf("%s, %v", got, err)
		}
	}
}

// Two series that are moved onto each other at the same moment do not both get
// there, and whoever does not is told so.
func TestTwoSeriesMeet(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	one, two := weekly, weekly
	one.Slug, two.Slug, two.First = "one", "two", weekly.First.Add(6*time.Hour)
	for _, r := range []hackfest.Series{one, two} {
		_, err := w.AddSeries(ctx, r, aug2)
		w.must(err)
	}
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i, slug := range []string{"one", "two"} {
		e := as(w.series(slug))
		e.First = weekly.First.Add(3 * time.Hour)
		wg.Go(func() { _, errs[i] = w.ChangeSeries(ctx, slug, e, 0, 0, aug2) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || fault.KindOf(errors.Join(errs...)) != fault.Conflict {
		t.Errorf("%v", errs)
	}
	if n := w.number("select count(*) from sessions where extract(hour from occurrence) = 15"); n != 16 {
		t.Errorf("%d sessions are at three", n)
	}
}

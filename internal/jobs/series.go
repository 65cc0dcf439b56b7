package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

const extendEvery = 6 * time.Hour

// extendArgs lays out the coming sessions of all series.
type extendArgs struct{}

// Kind is River's name of the job.
func (extendArgs) Kind() string { return "extend_series" }

type extendWorker struct {
	river.WorkerDefaults[extendArgs]
	Config
}

// Work lays them out. Doing so again adds nothing. One series that cannot be laid
// out is no reason to leave out the others.
func (w *extendWorker) Work(ctx context.Context, _ *river.Job[extendArgs]) error {
	list, err := w.Store.SeriesList(ctx, person.Viewer{Role: person.Admin})
	if err != nil {
		return err
	}
	if err := w.resettle(ctx, list); err != nil {
		return err
	}
	now := w.Now()
	var failed []error
	for _, s := range list {
		made, err := w.Store.ExtendSeries(ctx, s.Slug, now.Add(store.Ahead), now)
		if err != nil {
			failed = append(failed, fmt.Errorf("series %s: %w", s.Slug, err))
			continue
		}
		if made.Added > 0 {
			w.Log.InfoContext(ctx, "sessions laid out", "series", s.Slug, "added", made.Added, "conflicts", made.Conflicts)
		}
	}
	return errors.Join(failed...)
}

// resettle works out anew when the coming sessions are, if that was done by
// another release of the zone database last.
func (w *extendWorker) resettle(ctx context.Context, list []hackfest.Series) error {
	last, err := w.Store.LaidOutBy(ctx)
	if err != nil || w.Tzdata == "" || last == w.Tzdata {
		return err
	}
	for _, s := range list {
		moved, err := w.Store.ResettleSeries(ctx, s.Slug, w.Now())
		if err != nil {
			return fmt.Errorf("series %s: %w", s.Slug, err)
		}
		if moved > 0 {
			w.Log.WarnContext(ctx, "the zone database has moved sessions", "series", s.Slug, "sessions", moved, "tzdata", w.Tzdata, "before", last)
		}
	}
	return w.Store.SetLaidOutBy(ctx, w.Tzdata, w.Now())
}

package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

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

// Work lays them out. Doing so again adds nothing.
func (w *extendWorker) Work(ctx context.Context, _ *river.Job[extendArgs]) error {
	list, err := w.Store.SeriesList(ctx, person.Viewer{Role: person.Admin})
	if err != nil {
		return err
	}
	now := w.Now()
	for _, s := range list {
		made, err := w.Store.ExtendSeries(ctx, s.Slug, now.Add(store.Ahead), now)
		if err != nil {
			return err
		}
		if made.Added > 0 {
			w.Log.InfoContext(ctx, "sessions laid out", "series", s.Slug, "added", made.Added, "conflicts", made.Conflicts)
		}
	}
	return nil
}

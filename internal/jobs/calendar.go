package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// fadeEvery is how often it is looked which cancelled dates calendars need not
// show any more.
const fadeEvery = 24 * time.Hour

// fadeArgs has calendars leave out what was cancelled and is over for a week.
type fadeArgs struct{}

// Kind is River's name of the job.
func (fadeArgs) Kind() string { return "fade_cancelled" }

type fadeWorker struct {
	river.WorkerDefaults[fadeArgs]
	Config
}

// Work stamps them. Doing so twice does no harm.
func (w *fadeWorker) Work(ctx context.Context, _ *river.Job[fadeArgs]) error {
	n, err := w.Store.FadeCancelled(ctx, w.Now())
	if n > 0 {
		w.Log.InfoContext(ctx, "cancelled dates have left the calendars", "dates", n)
	}
	return err
}

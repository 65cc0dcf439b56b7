package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/store"
)

// hookEvery is how often it is looked for deliveries of GitHub whose own job was
// given up.
const hookEvery = 5 * time.Minute

type hookWorker struct {
	river.WorkerDefaults[store.HookArgs]
	Config
}

// Work applies all deliveries that wait. Each is applied once, also when several
// of these jobs run or one is cut off.
func (w *hookWorker) Work(ctx context.Context, _ *river.Job[store.HookArgs]) error {
	for until, _ := ctx.Deadline(); time.Until(until) > hardStop; {
		d, worked, why, err := w.Store.WorkHookDelivery(ctx, w.Now())
		if err != nil || !worked {
			return err
		}
		if why != nil {
			w.Log.ErrorContext(ctx, "a delivery of GitHub cannot be applied; GitHub is asked instead",
				"delivery", d.ID, "event", d.Event, "repository", d.Repository, "err", why)
		}
	}
	return river.JobSnooze(0) // the rest is another job's, so that none is cut off
}

package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// expireEvery is how often what has expired is removed.
const expireEvery = time.Hour

// expireArgs removes sign-ins, links, codes, subscriptions and notes of forms that
// are of no use any more.
type expireArgs struct{}

// Kind is River's name of the job.
func (expireArgs) Kind() string { return "remove_expired" }

type expireWorker struct {
	river.WorkerDefaults[expireArgs]
	Config
}

// Work removes them. Forms count once for a day, long after their notice is gone.
func (w *expireWorker) Work(ctx context.Context, _ *river.Job[expireArgs]) error {
	now := w.Now()
	if err := w.Store.ForgetSignins(ctx, auth.IdleTime, now); err != nil {
		return err
	}
	if err := w.Store.ExpireSubscribers(ctx, now); err != nil {
		return err
	}
	if err := w.Store.ForgetProposals(ctx, now); err != nil {
		return err
	}
	return w.Store.ForgetChanges(ctx, now.Add(-24*time.Hour-hackfest.UndoTime))
}

package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// keepRequests is how long what people wrote with a removal request is kept once
// it is settled.
const keepRequests = 30 * 24 * time.Hour

// purgeArgs wipes what was redacted ten minutes ago from Postgres, and has the
// bot wipe it from its spool.
type purgeArgs struct{}

// Kind is River's name of the job.
func (purgeArgs) Kind() string { return "purge_redactions" }

type purgeWorker struct {
	river.WorkerDefaults[purgeArgs]
	Config
}

// Work purges. Doing so twice does no harm.
func (w *purgeWorker) Work(ctx context.Context, _ *river.Job[purgeArgs]) error {
	now := w.Now()
	n, err := w.Store.PurgeRedactions(ctx, now)
	if n > 0 {
		w.Log.InfoContext(ctx, "redacted words were wiped", "redactions", n)
	}
	if err != nil {
		return err
	}
	if err := w.Store.ForgetRequests(ctx, now.Add(-keepRequests)); err != nil {
		return err
	}
	left, err := w.Store.Unforgotten(ctx)
	if err != nil || len(left) == 0 {
		return err
	}
	_, err = river.ClientFromContext[pgx.Tx](ctx).Insert(ctx, forgetArgs{}, &river.InsertOpts{
		Queue: queueIRC, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished},
	})
	return err
}

// unfinished are the states of a job that is still to be done.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

// forgetArgs makes the bot's spool forget what was wiped. It names no lines:
// jobs are kept for a while.
type forgetArgs struct{}

// Kind is River's name of the job.
func (forgetArgs) Kind() string { return "forget_redacted" }

type forgetWorker struct {
	river.WorkerDefaults[forgetArgs]
	Config
	voice Voice
}

// errStillSpooled is why a redaction is not final yet; the next job tries again.
var errStillSpooled = errors.New("newer lines that are not stored yet share a file of the spool with what was wiped")

// Work forgets. What the spool still holds, the next of these jobs tries again.
func (w *forgetWorker) Work(ctx context.Context, _ *river.Job[forgetArgs]) error {
	left, err := w.Store.Unforgotten(ctx)
	if err != nil {
		return err
	}
	var refs []hackfest.Ref
	for _, r := range left {
		refs = append(refs, r...)
	}
	slices.SortFunc(refs, hackfest.Ref.Compare)
	gone, err := w.voice.Forget(ctx, refs)
	if err != nil {
		return err
	}
	if !gone {
		return errStillSpooled
	}
	for id := range left {
		if err := w.Store.Forgotten(ctx, id, w.Now()); err != nil {
			return err
		}
	}
	return nil
}

package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/ghsync"
)

const (
	queueGitHub = "github"

	pollEvery    = time.Minute
	pollTime     = 50 * time.Second // for beginning to ask about one more repository
	keepTags     = 7 * 24 * time.Hour
	keepWorked   = 30 * 24 * time.Hour
	forgetGitHub = 6 * time.Hour
)

// pollArgs asks GitHub about the repositories that are due.
type pollArgs struct{}

// Kind is River's name of the job.
func (pollArgs) Kind() string { return "poll_github" }

// InsertOpts has one such job wait at most: it works all that is due.
func (pollArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueGitHub, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByState: unfinished}}
}

type pollWorker struct {
	river.WorkerDefaults[pollArgs]
	Config
}

// Work asks about one repository after the other, until none is due, GitHub allows
// no more, or something fails; the job of the next minute goes on.
func (w *pollWorker) Work(ctx context.Context, _ *river.Job[pollArgs]) error {
	client := ghsync.NewClient(w.GitHub, w.Store, w.BaseURL, w.Now)
	defer client.Close()
	for begun := time.Now(); time.Since(begun) < pollTime; {
		asked, err := client.Poll(ctx)
		if b, ok := errors.AsType[*ghsync.Blocked](err); ok {
			w.Log.InfoContext(ctx, "GitHub is not asked for now", "until", b.Until, "why", b.Reason)
			return nil
		}
		if err != nil || !asked {
			return err
		}
	}
	return nil
}

// forgetGitHubArgs deletes what nobody needs any more of what GitHub said.
type forgetGitHubArgs struct{}

// Kind is River's name of the job.
func (forgetGitHubArgs) Kind() string { return "forget_github" }

type forgetGitHubWorker struct {
	river.WorkerDefaults[forgetGitHubArgs]
	Config
}

// Work deletes it.
func (w *forgetGitHubWorker) Work(ctx context.Context, _ *river.Job[forgetGitHubArgs]) error {
	now := w.Now()
	return w.Store.ForgetGitHub(ctx, now.Add(-keepTags), now.Add(-keepWorked))
}

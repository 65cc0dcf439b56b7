package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
)

const (
	issuesEvery  = time.Minute     // how often it is looked what waits
	issuesAtOnce = 50              // in one job
	issueCut     = 2 * time.Minute // longer than any call: who still sends then has ended
	issueLook    = time.Minute     // between two looks for one that is unknown
	issueGiveUp  = 24 * time.Hour  // GitHub could not be asked for so long
)

type issuesWorker struct {
	river.WorkerDefaults[store.IssuesArgs]
	Config
}

// Work asks GitHub to make the issues that were confirmed, one after the other, and
// looks for those of which nobody knows whether they were made.
func (w *issuesWorker) Work(ctx context.Context, _ *river.Job[store.IssuesArgs]) error {
	now := w.Now()
	n, err := w.Store.CutOffIssues(ctx, now.Add(-issueCut), now)
	if err != nil {
		return err
	}
	if n > 0 {
		w.Log.WarnContext(ctx, "GitHub was being asked for issues when a process ended; they are looked for", "issues", n)
	}
	list, err := w.Store.DueIssues(ctx, now, issuesAtOnce)
	if err != nil || len(list) == 0 {
		return err
	}
	client := ghsync.NewClient(w.GitHub, w.Store, w.BaseURL, w.Now)
	defer client.Close()
	for _, a := range list {
		if until, ok := ctx.Deadline(); ok && time.Until(until) < jobTime/3 { // the next one does the rest
			break
		}
		if a.State == hackfest.IssueUnknown {
			err = w.look(ctx, client, a)
		} else {
			err = w.make(ctx, client, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// make has one issue made if it still is to be: as with deliveries it is noted
// first that GitHub is asked.
func (w *issuesWorker) make(ctx context.Context, client *ghsync.Client, due hackfest.ActionIssue) error {
	a, ok, err := w.Store.BeginIssue(ctx, due.Action, w.Now())
	if err != nil || !ok {
		return err
	}
	asked := w.Now()
	try := client.NewIssue(context.WithoutCancel(ctx), a) // once begun it is ended, by the client's own time
	now := w.Now()
	to := store.IssueMove{From: hackfest.IssueSending, To: try.State, Reason: try.Reason, DueAt: try.Again, Number: try.Issue.Number}
	switch {
	case try.State == hackfest.IssueUnknown:
		to.DueAt = now.Add(issueLook)
	case try.State == hackfest.IssuePending && now.Sub(a.CreatedAt) > issueGiveUp:
		to.To, to.Reason = hackfest.IssueFailed, "GitHub could not be asked for a day. "+try.Reason
	}
	if try.Err != nil {
		w.Log.WarnContext(ctx, "an issue was not made", "repository", a.Repo, "action", a.Action, "state", to.To, "err", try.Err)
	}
	if err := insist(ctx, func(ctx context.Context) error { return w.Store.MoveIssue(ctx, a.Action, to, w.Now()) }); err != nil || to.To != hackfest.IssueMade {
		return err
	}
	return w.keep(ctx, a, try.Issue, asked)
}

// look seeks an issue by its mark. What is not there after a while was not made,
// and somebody may have it tried again.
func (w *issuesWorker) look(ctx context.Context, client *ghsync.Client, a hackfest.ActionIssue) error {
	asked := w.Now()
	found, err := client.FindIssue(ctx, a)
	now := w.Now()
	to := store.IssueMove{From: hackfest.IssueUnknown, To: hackfest.IssueUnknown, Reason: a.Reason, DueAt: now.Add(issueLook)}
	switch {
	case err == nil:
		to.To, to.Reason, to.Number = hackfest.IssueMade, "", found.Number
	case fault.KindOf(err) == fault.NotFound && now.Sub(a.SendingAt) >= hackfest.IssueSure:
		to.To, to.Reason = hackfest.IssueFailed, a.Reason+" GitHub has no such issue, so it was not made."
	case fault.KindOf(err) != fault.NotFound:
		w.Log.WarnContext(ctx, "an issue cannot be looked for", "repository", a.Repo, "action", a.Action, "err", err)
		to.DueAt = now.Add(min(max(now.Sub(a.SendingAt)/4, issueLook), time.Hour))
	}
	if err := w.Store.MoveIssue(ctx, a.Action, to, now); err != nil || to.To != hackfest.IssueMade {
		return err
	}
	return w.keep(ctx, a, found, asked)
}

// keep stores an issue as GitHub showed it when it was asked, so that pages know it
// at once.
func (w *issuesWorker) keep(ctx context.Context, a hackfest.ActionIssue, i hackfest.Issue, asked time.Time) error {
	err := w.Store.ApplyGitHub(ctx, hackfest.GitHubChange{
		Repository: hackfest.Repository{ID: a.RepositoryID}, Issues: []hackfest.Issue{i}, Polled: true, At: asked,
	})
	if fault.KindOf(err) == fault.NotFound { // taken off meanwhile
		return nil
	}
	return err
}

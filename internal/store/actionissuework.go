package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// IssuesArgs is the job that makes, and looks for, all issues that are due.
type IssuesArgs struct{}

// Kind is River's name of the job.
func (IssuesArgs) Kind() string { return "make_issues" }

// IssueQueue is the queue of those jobs: whoever confirmed an issue does not wait
// until all repositories are asked for.
const IssueQueue = "issues"

// HaveIssuesMade has what was confirmed made soon, by clock, when the transaction
// is committed.
func (s *Store) HaveIssuesMade(ctx context.Context, clock rivertype.TimeGenerator) error {
	return s.addJob(ctx, IssuesArgs{}, IssueQueue, clock)
}

// DueIssues returns the issues that are to be made or looked for now, those that
// are due longest first, at most most.
func (s *Store) DueIssues(ctx context.Context, now time.Time, most int) ([]hackfest.ActionIssue, error) {
	const q = `
		select ` + actionIssueColumns + `
		from action_issues a
		join repositories p on p.id = a.repository_id
		where a.state in ('pending', 'unknown') and a.due_at <= @now
		order by a.due_at, a.ref, a.n
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"now": now, "limit": most})
	list, err := pgx.CollectRows(rows, scanActionIssue)
	return list, classify(err, "issue")
}

// Why an issue that was confirmed is not made any more.
const (
	reasonTakenOff = "The repository was taken off the portal."
	reasonGone     = "GitHub says that there is no such repository any more."
	reasonArchived = "The repository is archived on GitHub: nobody can open issues in it."
	reasonRemoved  = "Its words were removed while GitHub was asked."
	reasonMembers  = "The meeting is for members now, and everybody reads the repository."
)

// BeginIssue notes that GitHub is about to be asked to make an issue, and returns
// it. ok is false when that is not to be done: it is settled, somebody else is at
// it, or it must not be made any more and has failed for that reason. It is to be
// committed before GitHub is asked: who is cut off then leaves it behind.
func (s *Store) BeginIssue(ctx context.Context, id hackfest.ItemID, now time.Time) (a hackfest.ActionIssue, ok bool, err error) {
	const q = `
		select ` + actionIssueColumns + `,
			case when p.removed_at is not null then '` + reasonTakenOff + `'
				when p.gone_at is not null then '` + reasonGone + `'
				when p.archived then '` + reasonArchived + `'
				when a.title = '' then '` + reasonRemoved + `'
				when not p.private and not (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public') then '` + reasonMembers + `'
				else '' end
		from action_issues a
		join repositories p on p.id = a.repository_id
		join actions t on t.ref = a.ref and t.n = a.n
		join meetings m on m.ref = t.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		where a.ref = @ref and a.n = @n and a.state = 'pending' and a.due_at <= @now
		for update of a skip locked`
	err = s.InTx(ctx, func(tx *Store) error {
		ok = false
		var refused string
		var sending, settled *time.Time
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"ref": uuid(id.Ref), "n": id.N, "now": now})
		found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (bool, error) {
			return true, row.Scan(append(actionIssueFields(&a, &sending, &settled), &refused)...)
		})
		switch {
		case err != nil || len(found) == 0:
			return classify(err, "issue")
		case refused != "":
			return tx.MoveIssue(ctx, id, IssueMove{From: hackfest.IssuePending, To: hackfest.IssueFailed, Reason: refused}, now)
		}
		ok = true
		return tx.MoveIssue(ctx, id, IssueMove{From: hackfest.IssuePending, To: hackfest.IssueSending}, now)
	})
	return a, ok && err == nil, err
}

// IssueMove is the next state of an action's issue.
type IssueMove struct {
	From, To hackfest.ActionIssueState
	Reason   string    // needed when it failed
	DueAt    time.Time // when it is tried or looked for next; zero is now
	Number   int       // of the issue that was made
}

// MoveIssue gives the issue of an action its next state, if it is still in
// m.From: a webhook may have told meanwhile what became of it. One that goes back
// to pending was certainly not made: it is a try more.
func (s *Store) MoveIssue(ctx context.Context, id hackfest.ItemID, m IssueMove, now time.Time) error {
	const q = `
		update action_issues
		set state = @to, reason = @reason, due_at = coalesce(@due::timestamptz, @now), number = nullif(@number::int, 0),
			tries = tries + case when @to = 'pending' then 1 else 0 end,
			title = case when @to = 'made' then '' else title end, body = case when @to = 'made' then '' else body end,
			sending_at = case @to when 'sending' then @now::timestamptz when 'pending' then null else sending_at end,
			settled_at = case when @to in ('made', 'failed', 'unknown') then @now::timestamptz end
		where ref = @ref and n = @n and state = @from`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": uuid(id.Ref), "n": id.N, "from": m.From, "to": string(m.To), "reason": clean(m.Reason), "due": orNull(m.DueAt), "number": m.Number, "now": now,
	})
	return classify(err, "issue")
}

// CutOffIssues makes those unknown that GitHub was being asked to make since
// before the given instant, and returns how many there were.
func (s *Store) CutOffIssues(ctx context.Context, begunBefore, now time.Time) (int, error) {
	const q = `
		update action_issues
		set state = 'unknown', reason = 'The portal ended while GitHub was asked.', due_at = @now, settled_at = @now
		where state = 'sending' and sending_at < @before`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"before": begunBefore, "now": now})
	return int(tag.RowsAffected()), classify(err, "issue")
}

package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// actionIssueColumns are those of scanActionIssue, of action_issues a and its
// repository p.
const actionIssueColumns = `a.ref, a.n, a.repository_id, p.name, p.private, a.title, a.body, a.label, a.assignee, a.mark, a.state, a.reason, a.tries,
			a.due_at, coalesce(a.number, 0), coalesce(a.person_id, 0), a.created_at, a.sending_at, a.settled_at`

// actionIssueFields are where a row of actionIssueColumns goes.
func actionIssueFields(a *hackfest.ActionIssue, sending, settled **time.Time) []any {
	return []any{
		&a.Action.Ref, &a.Action.N, &a.RepositoryID, &a.Repo, &a.Private, &a.Title, &a.Body, &a.Label, &a.Assignee, &a.Mark, &a.State, &a.Reason, &a.Tries,
		&a.DueAt, &a.Number, &a.PersonID, &a.CreatedAt, sending, settled,
	}
}

func scanActionIssue(row pgx.CollectableRow) (hackfest.ActionIssue, error) {
	var a hackfest.ActionIssue
	var sending, settled *time.Time
	err := row.Scan(actionIssueFields(&a, &sending, &settled)...)
	a.DueAt, a.CreatedAt, a.SendingAt, a.SettledAt = a.DueAt.UTC(), a.CreatedAt.UTC(), orZero(sending), orZero(settled)
	return a, err
}

// ActionIssues returns what became of those of ids that were to become issues.
// What v may not see, the action's meeting or the repository, is left out.
func (s *Store) ActionIssues(ctx context.Context, v person.Viewer, ids []hackfest.ItemID) (map[hackfest.ItemID]hackfest.ActionIssue, error) {
	const q = `
		select ` + actionIssueColumns + `, a.hidden is not null, i.title, i.state = 'open', i.reason, i.updated_at, i.known_at
		from unnest(@refs::uuid[], @ns::int[]) k (ref, n)
		join action_issues a on a.ref = k.ref and a.n = k.n
		join repositories p on p.id = a.repository_id
		join actions t on t.ref = a.ref and t.n = a.n
		join meetings m on m.ref = t.meeting_ref
		join sessions s on s.id = m.session_id
		join channels c on c.id = m.channel_id
		left join issues i on i.repository_id = a.repository_id and i.number = a.number and i.removed_at is null
		where (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public' and p.visibility = 'public'))`
	if len(ids) == 0 {
		return nil, nil
	}
	refs, ns := itemKeys(ids)
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"refs": refs, "ns": ns, "members": v.SeesMembersOnly()})
	all := map[hackfest.ItemID]hackfest.ActionIssue{}
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (bool, error) {
		var a hackfest.ActionIssue
		var sending, settled, updated, known *time.Time
		var title, reason *string
		var hidden bool
		var open *bool
		err := row.Scan(append(actionIssueFields(&a, &sending, &settled), &hidden, &title, &open, &reason, &updated, &known)...)
		if err != nil {
			return false, err
		}
		a.DueAt, a.CreatedAt, a.SendingAt, a.SettledAt = a.DueAt.UTC(), a.CreatedAt.UTC(), orZero(sending), orZero(settled)
		if title != nil {
			a.Issue = &hackfest.Issue{
				RepositoryID: a.RepositoryID, Repo: a.Repo, Number: a.Number, Title: *title, Open: *open, Reason: *reason,
				UpdatedAt: updated.UTC(), KnownAt: known.UTC(),
			}
			if hidden {
				a.Issue.Title = ""
			}
		}
		all[a.Action] = a
		return true, nil
	})
	return all, classify(err, "issue")
}

// IssuableActions lists the open actions of a meeting that is over, in the order
// in which they were noted. Those whose line was removed are left out.
func (s *Store) IssuableActions(ctx context.Context, v person.Viewer, meetingRef hackfest.Ref) ([]hackfest.Action, error) {
	const q = selectActions + `
		  and a.meeting_ref = @meeting and m.ended_at is not null and a.state in ('open', 'carried') and i.redacted_at is null
		order by a.ref, a.n`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"meeting": uuid(meetingRef), "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanAction)
	return list, classify(err, "action")
}

// itemKeys are ids as Postgres takes them.
func itemKeys(ids []hackfest.ItemID) (refs [][16]byte, ns []int) {
	for _, id := range ids {
		refs, ns = append(refs, uuid(id.Ref)), append(ns, id.N)
	}
	return refs, ns
}

// errHasIssue answers who wants to make an issue of an action of which none can
// be made.
var errHasIssue = fault.New(fault.Conflict, "This action is an issue already, is becoming one, or is not open any more.")

// ConfirmIssue keeps that an open action of a meeting is to become an issue, as a
// says: offered or pending. Of one that failed or was only offered it takes the
// place, and keeps the mark, so that what turns up late is still found. Of any
// other it is fault.Conflict, so nothing is made twice.
func (s *Store) ConfirmIssue(ctx context.Context, meetingRef hackfest.Ref, a hackfest.ActionIssue, now time.Time) error {
	const q = `
		insert into action_issues as x (ref, n, repository_id, title, body, label, assignee, mark, state, due_at, person_id, created_at)
		select t.ref, t.n, @repository, @title, @body, @label, @assignee, @mark, @state, @now, nullif(@person::bigint, 0), @now
		from actions t
		join items i on i.ref = t.ref and i.n = t.n
		where t.ref = @ref and t.n = @n and t.meeting_ref = @meeting and t.state in ('open', 'carried') and i.redacted_at is null
		for share of t, i
		on conflict (ref, n) do update set
			repository_id = excluded.repository_id, title = excluded.title, body = excluded.body, label = excluded.label, assignee = excluded.assignee,
			state = excluded.state, reason = '', tries = 0, due_at = excluded.due_at, person_id = excluded.person_id, created_at = excluded.created_at,
			sending_at = null, settled_at = null
		where x.state in ('failed', 'offered')`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"ref": uuid(a.Action.Ref), "n": a.Action.N, "meeting": uuid(meetingRef), "repository": a.RepositoryID, "title": clean(a.Title),
		"body": clean(a.Body), "label": clean(a.Label), "assignee": a.Assignee, "mark": a.Mark, "state": string(a.State), "person": a.PersonID, "now": now,
	})
	if err == nil && tag.RowsAffected() == 0 {
		return errHasIssue
	}
	return classify(err, "action")
}

// WithdrawIssue forgets that an action is to become an issue, as long as nobody
// began to make it. One that is unknown, and that GitHub was asked to make before
// the given instant, has failed then, and is not looked for any more; its mark is
// kept, so that it is still found when GitHub tells of it. Of any other it is
// fault.Conflict.
func (s *Store) WithdrawIssue(ctx context.Context, meetingRef hackfest.Ref, id hackfest.ItemID, begunBefore, now time.Time) (forgotten bool, err error) {
	const q = `
		delete from action_issues x
		using actions t
		where x.ref = @ref and x.n = @n and x.state in ('offered', 'pending', 'failed') and t.ref = x.ref and t.n = x.n and t.meeting_ref = @meeting`
	const giveUp = `
		update action_issues x set state = 'failed', reason = @reason, settled_at = @now
		from actions t
		where x.ref = @ref and x.n = @n and x.state = 'unknown' and x.sending_at < @before and t.ref = x.ref and t.n = x.n and t.meeting_ref = @meeting`
	args := pgx.NamedArgs{
		"ref": uuid(id.Ref), "n": id.N, "meeting": uuid(meetingRef), "reason": reasonGivenUp, "before": begunBefore, "now": now,
	}
	tag, err := s.db.Exec(ctx, q, args)
	if err != nil || tag.RowsAffected() > 0 {
		return err == nil, classify(err, "issue")
	}
	tag, err = s.db.Exec(ctx, giveUp, args)
	if err == nil && tag.RowsAffected() == 0 {
		return false, errBegun
	}
	return false, classify(err, "issue")
}

// reasonGivenUp is why nobody looks for an issue any more.
const reasonGivenUp = "GitHub was asked to make it, and nobody knows whether it did. Look in the repository before you try again."

var errBegun = fault.New(fault.Conflict, "It cannot be taken back any more: GitHub has been asked to make it.")

// settleByIssues follows what became of issues of a repository, inside the
// transaction that keeps it: one that bears the mark of an action is that
// action's, and an action follows its issue when that is closed or opened again.
// Each change is followed once; what people did to the action here stands.
func (s *Store) settleByIssues(ctx context.Context, repository hackfest.RepositoryID, issues []hackfest.Issue, now time.Time) error {
	if len(issues) == 0 {
		return nil
	}
	var numbers, marked []int
	var marks []string
	for _, i := range issues {
		numbers = append(numbers, i.Number)
		if i.Mark != "" && !i.Pull {
			marks, marked = append(marks, i.Mark), append(marked, i.Number)
		}
	}
	if len(marks) > 0 {
		if err := s.foundByMark(ctx, repository, marks, marked, now); err != nil {
			return err
		}
	}
	if err := s.hideRemovedTitles(ctx, repository, numbers); err != nil {
		return err
	}
	return s.followIssues(ctx, repository, numbers, now)
}

// foundByMark notes which issues were made of actions. Of several with one mark
// the first is it: the others copied its body.
func (s *Store) foundByMark(ctx context.Context, repository hackfest.RepositoryID, marks []string, numbers []int, now time.Time) error {
	const q = `
		update action_issues a
		set state = 'made', repository_id = @repository, number = x.number, reason = '', title = '', body = '', settled_at = @now
		from (select f.mark, min(f.number) as number from unnest(@marks::text[], @numbers::int[]) f (mark, number) group by f.mark) x
		where a.mark = x.mark and a.number is null
		  and not exists (select 1 from action_issues b where b.repository_id = @repository and b.number = x.number)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"repository": repository, "marks": marks, "numbers": numbers, "now": now})
	return classify(err, "issue")
}

// followIssues brings actions to where their issues were brought since they were
// last followed.
func (s *Store) followIssues(ctx context.Context, repository hackfest.RepositoryID, numbers []int, now time.Time) error {
	const q = `
		with told as (
			select a.ref, a.n, case when i.state = 'open' then 'open' when i.reason in ('not_planned', 'duplicate') then 'dropped' else 'done' end as says
			from action_issues a
			join issues i on i.repository_id = a.repository_id and i.number = a.number
			where a.repository_id = @repository and a.number = any (@numbers) and i.removed_at is null),
		followed as (
			update action_issues a set followed = t.says
			from told t
			where a.ref = t.ref and a.n = t.n and a.followed <> t.says
			returning a.ref, a.n, t.says)
		select f.ref, f.n, f.says
		from followed f
		join actions x on x.ref = f.ref and x.n = f.n
		where (x.state in ('open', 'carried')) <> (f.says = 'open')
		order by f.ref, f.n`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"repository": repository, "numbers": numbers})
	type said struct {
		id    hackfest.ItemID
		state hackfest.ActionState
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x said, err error) {
		return x, row.Scan(&x.id.Ref, &x.id.N, &x.state)
	})
	if err != nil {
		return classify(err, "action")
	}
	for _, x := range list {
		if err := s.SettleAction(ctx, x.id, x.state, Settler{Name: hackfest.ByGitHub}, now); err != nil {
			return err
		}
	}
	return nil
}

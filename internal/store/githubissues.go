package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// issueRow is an issue as Postgres reads it from JSON.
type issueRow struct {
	Number    int        `json:"number"`
	Pull      bool       `json:"pull"`
	Title     string     `json:"title"`
	State     string     `json:"state"`
	Reason    string     `json:"reason"`
	Draft     bool       `json:"draft"`
	Labels    []string   `json:"labels"`
	Assignees []string   `json:"assignees"`
	Author    string     `json:"author"`
	Milestone *int       `json:"milestone"`
	OpenedAt  time.Time  `json:"opened_at"`
	ClosedAt  *time.Time `json:"closed_at"`
	MergedAt  *time.Time `json:"merged_at"`
	UpdatedAt time.Time  `json:"updated_at"`
}

const (
	stateOpen   = "open"
	stateClosed = "closed"
)

func rowOfIssue(i hackfest.Issue) issueRow {
	r := issueRow{
		Number: i.Number, Pull: i.Pull, Title: clean(i.Title), State: stateClosed, Reason: clean(i.Reason), Draft: i.Draft,
		Labels: cleanAll(i.Labels), Assignees: cleanAll(i.Assignees), Author: clean(i.Author),
		OpenedAt: i.OpenedAt, ClosedAt: orNull(i.ClosedAt), MergedAt: orNull(i.MergedAt), UpdatedAt: i.UpdatedAt,
	}
	if i.Open {
		r.State, r.ClosedAt = stateOpen, nil
	} else if r.ClosedAt == nil {
		r.ClosedAt = &r.UpdatedAt
	}
	if i.Milestone > 0 {
		r.Milestone = &i.Milestone
	}
	if !i.Pull {
		r.MergedAt = nil
	}
	return r
}

func cleanAll(list []string) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, clean(s))
	}
	return out
}

// issueRecord is how Postgres reads issueRows.
const issueRecord = `jsonb_to_recordset(@rows::jsonb) x (number integer, pull boolean, title text, state text, reason text, draft boolean,
			labels text[], assignees text[], author text, milestone integer, opened_at timestamptz, closed_at timestamptz,
			merged_at timestamptz, updated_at timestamptz)`

// sameIssue compares what is shown of the issue i with that of the row x.
const sameIssue = `(i.pull, i.title, i.state, i.reason, i.draft, i.labels, i.assignees, i.author, i.milestone, i.opened_at, i.closed_at, i.merged_at)
			is not distinct from (x.pull, x.title, x.state, x.reason, x.draft, x.labels, x.assignees, x.author, x.milestone, x.opened_at, x.closed_at, x.merged_at)`

// issues stores those of which this is the newest story; GitHub's own word, when it
// is asked long after another was heard, is the newest whatever that said. One that
// was removed comes back only if GitHub has it when asked later.
func (a *applying) issues(ctx context.Context) error {
	const tie = `
		select count(*) from ` + issueRecord + `
		join issues i on i.repository_id = @id and i.number = x.number
		where not @polled and i.updated_at = x.updated_at and i.removed_at is null and not (` + sameIssue + `)`
	const q = `
		with x as (
			select distinct on (x.number) x.* from ` + issueRecord + ` order by x.number, x.updated_at desc),
		news as (
			select x.*, i.number is null or i.removed_at is not null or not (` + sameIssue + `) as differs
			from x
			left join issues i on i.repository_id = @id and i.number = x.number
			where i.number is null
			   or (i.updated_at < x.updated_at or @polled and (i.updated_at <= x.updated_at or i.known_at < @at::timestamptz - interval '10 minutes'))
			  and (i.removed_at is null or @polled and i.removed_at < @at)),
		put as (
			insert into issues as i (repository_id, number, pull, title, state, reason, draft, labels, assignees, author, milestone,
				opened_at, closed_at, merged_at, updated_at, known_at)
			select @id, n.number, n.pull, n.title, n.state, n.reason, n.draft, n.labels, n.assignees, n.author, n.milestone,
				n.opened_at, n.closed_at, n.merged_at, n.updated_at, @at::timestamptz
			from news n
			order by n.number
			on conflict (repository_id, number) do update
			set pull = excluded.pull, title = excluded.title, state = excluded.state, reason = excluded.reason, draft = excluded.draft,
				labels = excluded.labels, assignees = excluded.assignees, author = excluded.author, milestone = excluded.milestone,
				opened_at = excluded.opened_at, closed_at = excluded.closed_at, merged_at = excluded.merged_at,
				updated_at = excluded.updated_at, known_at = excluded.known_at, removed_at = null)
		select n.number from news n where n.differs order by n.number`
	if len(a.c.Issues) == 0 {
		return nil
	}
	list := make([]issueRow, len(a.c.Issues))
	for i, x := range a.c.Issues {
		list[i] = rowOfIssue(x)
	}
	args := pgx.NamedArgs{"id": a.id, "rows": list, "polled": a.c.Polled, "at": a.c.At}
	rows, _ := a.db.Query(ctx, tie, args)
	ties, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	if err != nil {
		return classify(err, "issue")
	}
	a.due = a.due || ties > 0
	rows, _ = a.db.Query(ctx, q, args)
	differ, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return classify(err, "issue")
	}
	a.changed = a.changed || len(differ) > 0
	var follow []hackfest.Issue
	for _, i := range a.c.Issues {
		if i.Mark != "" || slices.Contains(differ, i.Number) {
			follow = append(follow, i)
		}
	}
	return a.settleByIssues(ctx, a.id, follow, a.c.At)
}

// removeIssues marks issues that are not there any more. One that was never heard
// of is noted, so that a late story about it does not bring it up.
func (a *applying) removeIssues(ctx context.Context) error {
	const q = `
		insert into issues as i (repository_id, number, pull, title, state, opened_at, updated_at, known_at, removed_at)
		select @id, x.number, false, '', 'open', 'epoch', 'epoch', @at::timestamptz, @at::timestamptz
		from (select distinct n from unnest(@numbers::bigint[]) n) x (number)
		on conflict (repository_id, number) do update set removed_at = @at, known_at = @at
		where i.removed_at is null`
	if len(a.c.RemovedIssues) == 0 {
		return nil
	}
	return a.exec(ctx, "issue", q, pgx.NamedArgs{"numbers": a.c.RemovedIssues})
}

// milestones stores those of which this is the newest story. A deleted one is
// taken off its issues, which GitHub does without a new updated_at.
func (a *applying) milestones(ctx context.Context) error {
	const q = `
		insert into milestones as m (repository_id, number, title, state, due_on, updated_at, closed_at, known_at)
		select distinct on (x.number) @id, x.number, x.title, x.state, x.due_on, x.updated_at, x.closed_at, @at::timestamptz
		from jsonb_to_recordset(@rows::jsonb) x (number integer, title text, state text, due_on date, updated_at timestamptz, closed_at timestamptz)
		order by x.number, x.updated_at desc
		on conflict (repository_id, number) do update
		set title = excluded.title, state = excluded.state, due_on = excluded.due_on, updated_at = excluded.updated_at,
			closed_at = excluded.closed_at, known_at = excluded.known_at, removed_at = null
		where (m.updated_at < excluded.updated_at or @polled and m.updated_at <= excluded.updated_at)
		  and (m.removed_at is null or @polled and m.removed_at < @at)
		  and (m.title, m.state, m.due_on, m.updated_at, m.closed_at, m.removed_at)
			is distinct from (excluded.title, excluded.state, excluded.due_on, excluded.updated_at, excluded.closed_at, null::timestamptz)`
	const without = `
		insert into milestones as m (repository_id, number, title, state, updated_at, known_at, removed_at)
		select @id, x.number, '', 'open', 'epoch', @at::timestamptz, @at::timestamptz
		from (select distinct n from unnest(@numbers::bigint[]) n) x (number)
		on conflict (repository_id, number) do update set removed_at = @at where m.removed_at is null`
	const others = `
		update milestones set removed_at = @at
		where repository_id = @id and removed_at is null and known_at < @at and number <> all (@numbers::bigint[])
		returning number`
	const off = `update issues set milestone = null where repository_id = @id and milestone = any (@numbers::bigint[])`
	if len(a.c.Milestones) > 0 {
		if err := a.exec(ctx, "milestone", q, pgx.NamedArgs{"rows": milestoneRows(a.c.Milestones)}); err != nil {
			return err
		}
	}
	removed := a.c.RemovedMilestones
	if a.c.AllMilestones {
		kept := []int{}
		for _, m := range a.c.Milestones {
			kept = append(kept, m.Number)
		}
		rows, _ := a.db.Query(ctx, others, pgx.NamedArgs{"id": a.id, "at": a.c.At, "numbers": kept})
		list, err := pgx.CollectRows(rows, pgx.RowTo[int])
		if err != nil {
			return classify(err, "milestone")
		}
		removed = append(slices.Clone(removed), list...)
		a.changed = a.changed || len(list) > 0
	}
	if len(removed) == 0 {
		return nil
	}
	if err := a.exec(ctx, "milestone", without, pgx.NamedArgs{"numbers": removed}); err != nil {
		return err
	}
	return a.exec(ctx, "milestone", off, pgx.NamedArgs{"numbers": removed})
}

// milestoneRow is a milestone as Postgres reads it from JSON.
type milestoneRow struct {
	Number    int        `json:"number"`
	Title     string     `json:"title"`
	State     string     `json:"state"`
	DueOn     *string    `json:"due_on"`
	UpdatedAt time.Time  `json:"updated_at"`
	ClosedAt  *time.Time `json:"closed_at"`
}

func milestoneRows(list []hackfest.Milestone) []milestoneRow {
	rows := make([]milestoneRow, len(list))
	for i, m := range list {
		rows[i] = milestoneRow{Number: m.Number, Title: clean(m.Title), State: stateClosed, UpdatedAt: m.UpdatedAt, ClosedAt: orNull(m.ClosedAt)}
		if m.Open {
			rows[i].State = stateOpen
		}
		if !m.DueOn.IsZero() {
			day := m.DueOn.Format(time.DateOnly)
			rows[i].DueOn = &day
		}
	}
	return rows
}

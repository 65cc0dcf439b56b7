package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// outcomeRepositories is how many repositories of a session are looked at.
const outcomeRepositories = 50

// Outcome returns what changed in the repositories of a session that v may see,
// with the first most things (at least one) that happened of each kind. A session
// that does not take place has no outcome.
func (s *Store) Outcome(ctx context.Context, v person.Viewer, id hackfest.SessionID, most int) (hackfest.Outcome, error) {
	most = max(most, 1) // its rows tell how many there are
	o, err := s.outcomeTime(ctx, v, id)
	if err != nil || o.From.IsZero() {
		return o, err
	}
	if len(o.Repositories) > 0 {
		if err := s.outcomeIssues(ctx, &o, most); err != nil {
			return o, err
		}
		if slices.ContainsFunc(o.Repositories, func(r hackfest.OutcomeRepository) bool { return r.Commits > 0 }) {
			if o.Commits, err = s.outcomeCommits(ctx, o, most); err != nil {
				return o, err
			}
		}
	}
	o.Tested, err = s.MatrixChanges(ctx, v, id)
	return o, err
}

// outcomeTime finds the time of a session's outcome, and its repositories. What
// is in a record is known by days: its time is made of whole ones.
func (s *Store) outcomeTime(ctx context.Context, v person.Viewer, id hackfest.SessionID) (hackfest.Outcome, error) {
	const q = `
		with held as (
			select m.started_at, m.ended_at
			from meetings m join channels mc on mc.id = m.channel_id
			where m.session_id = @session and (@members or (m.visibility = 'public' and mc.visibility = 'public'))),
		w as materialized (
			select s.id, coalesce(h.since, s.starts_at) as since,
				case when not coalesce(h.runs, false) then coalesce(h.upto, s.ends_at) + @grace::interval end as upto
			from sessions s
			join channels c on c.id = s.channel_id
			cross join (select min(started_at) as since, max(ended_at) as upto, bool_or(ended_at is null) as runs from held) h
			where s.id = @session and s.state <> 'cancelled' and (s.state = 'scheduled' or s.held > 0)
			  and (@members or (s.visibility = 'public' and c.visibility = 'public')))
		select w.since, w.upto, coalesce(r.id, 0), coalesce(r.name, ''), coalesce(r.visibility, ''), p.since, p.upto,
			r.recorded_at, r.known_at, r.commits_from, r.gone_at, coalesce(r.trouble, ''), coalesce(k.n, 0), coalesce(k.authors, 0)
		from w
		left join (session_repositories x join repositories r on r.id = x.repository_id and (@members or r.visibility = 'public'))
			on x.session_id = w.id
		cross join lateral (
			select case when r.recorded_at is null then w.since else date_trunc('day', w.since, 'UTC') end as since,
				case when r.recorded_at is null then w.upto else date_trunc('day', w.upto, 'UTC') + interval '1 day' - interval '1 second' end as upto) p
		left join lateral (
			select count(*) as n, count(distinct lower(k.author)) as authors from commits k
			where k.repository_id = r.id and k.committed_at >= p.since and k.committed_at <= coalesce(p.upto, 'infinity')) k on true
		order by x.rank, r.id
		limit @most`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"session": id, "members": v.SeesMembersOnly(), "grace": hackfest.OutcomeGrace, "most": outcomeRepositories,
	})
	var o hackfest.Outcome
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var r hackfest.OutcomeRepository
		var upto, rUpto, recorded, known, commits, gone *time.Time
		err := row.Scan(&o.From, &upto, &r.ID, &r.Name, &r.Visibility, &r.From, &rUpto,
			&recorded, &known, &commits, &gone, &r.Trouble, &r.Commits, &r.Authors)
		o.To, r.To, r.RecordedAt, r.KnownAt = orZero(upto), orZero(rUpto), orZero(recorded), orZero(known)
		r.CommitsFrom, r.GoneAt = orZero(commits), orZero(gone)
		if r.ID != 0 {
			o.Repositories = append(o.Repositories, r)
		}
		return struct{}{}, err
	})
	return o, classify(err, "session")
}

// outcomeTimes are the repositories of o with their times, as parameters.
func outcomeTimes(o hackfest.Outcome, most int) pgx.NamedArgs {
	var ids []hackfest.RepositoryID
	var since []time.Time
	var upto []*time.Time
	for _, r := range o.Repositories {
		ids, since, upto = append(ids, r.ID), append(since, r.From), append(upto, orNull(r.To))
	}
	return pgx.NamedArgs{"ids": ids, "since": since, "upto": upto, "most": most}
}

// outcomeSpans are the rows of outcomeTimes.
const outcomeSpans = `
		from unnest(@ids::bigint[], @since::timestamptz[], @upto::timestamptz[]) p (id, since, upto)
		join repositories r on r.id = p.id`

// outcomeIssues puts what happened to issues and pull requests into o, in the
// order in which it did.
func (s *Store) outcomeIssues(ctx context.Context, o *hackfest.Outcome, most int) error {
	const q = `
		(select 'merged', count(*) over (), ` + issueColumns + outcomeSpans + `
		join issues i on i.repository_id = r.id and i.removed_at is null and i.merged_at >= p.since and i.merged_at <= coalesce(p.upto, 'infinity')
		where i.pull
		order by i.merged_at, r.id, i.number limit @most)
		union all
		(select 'offered', count(*) over (), ` + issueColumns + outcomeSpans + `
		join issues i on i.repository_id = r.id and i.removed_at is null and i.opened_at >= p.since and i.opened_at <= coalesce(p.upto, 'infinity')
		where i.pull
		order by i.opened_at, r.id, i.number limit @most)
		union all
		(select 'opened', count(*) over (), ` + issueColumns + outcomeSpans + `
		join issues i on i.repository_id = r.id and i.removed_at is null and i.opened_at >= p.since and i.opened_at <= coalesce(p.upto, 'infinity')
		where not i.pull
		order by i.opened_at, r.id, i.number limit @most)
		union all
		(select 'closed', count(*) over (), ` + issueColumns + outcomeSpans + `
		join issues i on i.repository_id = r.id and i.removed_at is null and i.closed_at >= p.since and i.closed_at <= coalesce(p.upto, 'infinity')
		where not i.pull
		order by i.closed_at, r.id, i.number limit @most)`
	into := map[string]*hackfest.IssueChanges{"merged": &o.Merged, "offered": &o.Offered, "opened": &o.Opened, "closed": &o.Closed}
	rows, _ := s.db.Query(ctx, q, outcomeTimes(*o, most))
	return countedIssues(rows, into)
}

// countedIssues reads issues with the name of the list that each belongs to and
// how many that has in all.
func countedIssues(rows pgx.Rows, into map[string]*hackfest.IssueChanges) error {
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var list string
		var total int
		var i hackfest.Issue
		to, done := issueFields(&i)
		if err := row.Scan(append([]any{&list, &total}, to...)...); err != nil {
			return struct{}{}, err
		}
		done()
		c := into[list]
		c.Count, c.First = total, append(c.First, i)
		return struct{}{}, nil
	})
	return classify(err, "issue")
}

// outcomeCommits lists the first commits of o.
func (s *Store) outcomeCommits(ctx context.Context, o hackfest.Outcome, most int) ([]hackfest.Commit, error) {
	const q = `
		select r.id, r.name, k.sha, k.summary, k.author, k.committed_at` + outcomeSpans + `
		join commits k on k.repository_id = r.id and k.committed_at >= p.since and k.committed_at <= coalesce(p.upto, 'infinity')
		order by k.committed_at, r.id, k.sha
		limit @most`
	rows, _ := s.db.Query(ctx, q, outcomeTimes(o, most))
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hackfest.Commit, error) {
		var c hackfest.Commit
		err := row.Scan(&c.RepositoryID, &c.Repo, &c.SHA, &c.Summary, &c.Author, &c.CommittedAt)
		return c, err
	})
	return list, classify(err, "commit")
}

package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// nextMilestone is what is planned for the next release of repository r: its open
// milestone that is due first, else the one that was made first.
const nextMilestone = `
		left join lateral (
			select number, title, due_on, updated_at from milestones
			where repository_id = r.id and state = 'open' and removed_at is null
			order by due_on nulls last, number
			limit 1) m on true`

// TargetIssues returns what is known of the repositories of a target that v may
// see: at most most issues of each kind, all of which are counted.
func (s *Store) TargetIssues(ctx context.Context, v person.Viewer, id hackfest.TargetID, most int) (hackfest.TargetIssues, error) {
	const q = repositoryColumns + `, coalesce(m.number, 0), coalesce(m.title, ''), m.due_on, m.updated_at,
			coalesce(l.id, 0), coalesce(l.tag, ''), coalesce(l.name, ''), coalesce(l.prerelease, false), l.published_at
		from repository_uses u
		join repositories r on r.id = u.repository_id` + nextMilestone + `
		left join lateral (
			select * from (
				(select * from releases where repository_id = r.id and not prerelease order by published_at desc limit 1)
				union all
				(select * from releases where repository_id = r.id order by published_at desc limit 1)) x
			limit 1) l on true
		where u.target_id = @target and r.removed_at is null and (@members or r.visibility = 'public')
		order by r.id
		limit @most`
	var t hackfest.TargetIssues
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"target": id, "members": v.SeesMembersOnly(), "most": outcomeRepositories})
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var r hackfest.Repository
		var m hackfest.Milestone
		var l hackfest.Release
		var due, updated, published *time.Time
		to, done := repositoryFields(&r)
		err := row.Scan(append(to, &m.Number, &m.Title, &due, &updated, &l.ID, &l.Tag, &l.Name, &l.Prerelease, &published)...)
		done()
		t.Repositories = append(t.Repositories, r)
		if m.Number > 0 {
			m.RepositoryID, m.Open, m.DueOn, m.UpdatedAt = r.ID, true, orZero(due), orZero(updated)
			t.Next = append(t.Next, m)
		}
		if published != nil {
			l.RepositoryID, l.PublishedAt = r.ID, orZero(published)
			t.Releases = append(t.Releases, l)
		}
		return struct{}{}, err
	})
	if err != nil || len(t.Repositories) == 0 {
		return t, classify(err, "repository")
	}
	return t, s.openIssues(ctx, &t, most)
}

// openIssues puts the open issues of its repositories into t.
func (s *Store) openIssues(ctx context.Context, t *hackfest.TargetIssues, most int) error {
	const q = `
		(select 'open', count(*) over (), ` + issueColumns + `
		from repositories r
		join issues i on i.repository_id = r.id and i.state = 'open' and i.removed_at is null
		where r.id = any (@ids) and not i.pull
		order by i.opened_at desc, r.id, i.number desc limit @most)
		union all
		(select 'bugs', count(*) over (), ` + issueColumns + `
		from repositories r
		join issues i on i.repository_id = r.id and i.state = 'open' and i.removed_at is null
		where r.id = any (@ids) and not i.pull and exists (select 1 from unnest(i.labels) n where lower(n) = any (r.bug_labels))
		order by i.opened_at desc, r.id, i.number desc limit @most)
		union all
		(select 'planned', count(*) over (), ` + issueColumns + `
		from repositories r` + nextMilestone + `
		join issues i on i.repository_id = r.id and i.state = 'open' and i.removed_at is null
		where r.id = any (@ids) and i.milestone = m.number
		order by i.opened_at, r.id, i.number limit @most)`
	var ids []hackfest.RepositoryID
	for _, r := range t.Repositories {
		ids = append(ids, r.ID)
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ids": ids, "most": most})
	return countedIssues(rows, map[string]*hackfest.IssueChanges{"open": &t.Open, "bugs": &t.Bugs, "planned": &t.Planned})
}

// FirstIssues lists at most most open issues that suit somebody who is new, of
// the repositories of a session that v may see: what nobody has taken, the newest
// first.
func (s *Store) FirstIssues(ctx context.Context, v person.Viewer, id hackfest.SessionID, most int) ([]hackfest.Issue, error) {
	const q = `
		select ` + issueColumns + `
		from session_repositories x
		join repositories r on r.id = x.repository_id and not r.archived and r.gone_at is null
		join issues i on i.repository_id = r.id and i.state = 'open' and i.removed_at is null
		where x.session_id = @session and (@members or r.visibility = 'public') and not i.pull and i.assignees = '{}'
		  and exists (select 1 from unnest(i.labels) n where lower(n) = any (r.first_labels))
		order by x.rank, i.opened_at desc, r.id, i.number desc
		limit @most`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"session": id, "members": v.SeesMembersOnly(), "most": most})
	list, err := pgx.CollectRows(rows, scanIssue)
	return list, classify(err, "issue")
}

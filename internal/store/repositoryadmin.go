package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// RemovedRepository returns the repository called name, in any case, that was
// taken off last, for RestoreRepository. Without one that v may see it is
// fault.NotFound.
func (s *Store) RemovedRepository(ctx context.Context, v person.Viewer, name string) (hackfest.Repository, error) {
	const q = repositoryColumns + `
		from repositories r
		where r.removed_at is not null and lower(r.name) = lower(@name) and (@members or r.visibility = 'public')
		order by r.removed_at desc, r.id desc
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"name": clean(name), "members": v.SeesMembersOnly()})
	r, err := pgx.CollectExactlyOneRow(rows, scanRepository)
	return r, classify(err, "repository")
}

// OwnRepositories are those that a target, a series or a session has by itself,
// and v may see: of a session without those of its target and its series.
func (s *Store) OwnRepositories(ctx context.Context, v person.Viewer, of hackfest.RepositoryUse) ([]hackfest.RepositoryID, error) {
	const q = `
		select r.id
		from repository_uses u
		join repositories r on r.id = u.repository_id
		where (u.target_id = @target or u.series_id = @series or u.session_id = @session)
		  and r.removed_at is null and (@members or r.visibility = 'public')
		order by r.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"target": of.TargetID, "series": of.SeriesID, "session": of.SessionID, "members": v.SeesMembersOnly(),
	})
	list, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.RepositoryID])
	return list, classify(err, "repository")
}

// RepositoryUsers lists to what repositories belong, as far as v may see both:
// targets and series by title, then sessions, the newest first, at most most of
// each kind for each repository. With id that of one repository only.
func (s *Store) RepositoryUsers(ctx context.Context, v person.Viewer, id hackfest.RepositoryID, most int) ([]hackfest.RepositoryUser, error) {
	const q = `
		select y.repository_id, y.kind, y.slug, y.title, y.starts_at, y.zone
		from (
			select x.*, row_number() over (partition by x.repository_id, x.kind order by x.starts_at desc nulls last, x.title, x.slug) as place
			from (
				select u.repository_id, 'target' as kind, t.slug, t.name as title, null::timestamptz as starts_at, '' as zone, 0 as rank
				from repository_uses u join targets t on t.id = u.target_id and t.removed_at is null
				union all
				select u.repository_id, 'series', s.slug, s.title, null, '', 1
				from repository_uses u join series s on s.id = u.series_id
				join channels c on c.id = s.channel_id
				where @members or (s.visibility = 'public' and c.visibility = 'public')
				union all
				select u.repository_id, 'session', e.slug, e.title, e.starts_at, e.zone, 2
				from repository_uses u join sessions e on e.id = u.session_id
				join channels c on c.id = e.channel_id
				where @members or (e.visibility = 'public' and c.visibility = 'public')) x
			join repositories r on r.id = x.repository_id
			where r.removed_at is null and (@members or r.visibility = 'public') and (@id = 0 or r.id = @id)) y
		where y.place <= @most
		order by y.repository_id, y.rank, y.place`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly(), "most": most})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hackfest.RepositoryUser, error) {
		var u hackfest.RepositoryUser
		var starts *time.Time
		err := row.Scan(&u.RepositoryID, &u.Kind, &u.Slug, &u.Title, &starts, &u.Zone)
		u.StartsAt = orZero(starts)
		return u, err
	})
	return list, classify(err, "repository")
}

// RepositoryKnown counts what is known of a repository. Of one that v may not see
// it is fault.NotFound.
func (s *Store) RepositoryKnown(ctx context.Context, v person.Viewer, id hackfest.RepositoryID) (hackfest.RepositoryKnown, error) {
	const q = `
		select count(i.number) filter (where not i.pull) as issues, count(i.number) filter (where not i.pull and i.state = 'open') as open_issues,
			count(i.number) filter (where i.pull) as pulls, count(i.number) filter (where i.pull and i.state = 'open') as open_pulls,
			(select count(*) from commits c where c.repository_id = r.id) as commits,
			(select count(*) from releases l where l.repository_id = r.id) as releases,
			(select count(*) from milestones m where m.repository_id = r.id and m.removed_at is null) as milestones,
			r.commits_from
		from repositories r
		left join issues i on i.repository_id = r.id and i.removed_at is null
		where r.id = @id and r.removed_at is null and (@members or r.visibility = 'public')
		group by r.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly()})
	k, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (hackfest.RepositoryKnown, error) {
		var k hackfest.RepositoryKnown
		var from *time.Time
		err := row.Scan(&k.Issues, &k.OpenIssues, &k.Pulls, &k.OpenPulls, &k.Commits, &k.Releases, &k.Milestones, &from)
		k.CommitsFrom = orZero(from)
		return k, err
	})
	return k, classify(err, "repository")
}

// UnknownRepositories lists what is not registered and of which issues were named
// in meetings that v may see and that ended at since or later; only the last
// thousand of them are looked at. What is named most leads.
func (s *Store) UnknownRepositories(ctx context.Context, v person.Viewer, since time.Time, most int) ([]hackfest.UnknownRepository, error) {
	const q = `
		with lately as (
			select m.ref, m.ended_at, m.draft, s.slug
			from meetings m
			join sessions s on s.id = m.session_id
			join channels c on c.id = m.channel_id
			where m.ended_at >= @since
			  and (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public'))
			order by m.ended_at desc
			limit 1000
		)
		select (array_agg(i.repo order by l.ended_at desc))[1] as name, count(distinct i.number) as issues, count(distinct l.ref) as meetings,
			(array_agg(l.ref order by l.ended_at desc, l.ref desc))[1] as meeting,
			(array_agg(l.slug order by l.ended_at desc, l.ref desc))[1] as session, max(l.ended_at) as ended_at
		from lately l
		cross join lateral jsonb_to_recordset(case when jsonb_typeof(l.draft->'issues') = 'array' then l.draft->'issues' else '[]' end) i (repo text, number bigint)
		where not exists (select 1 from repositories r where lower(r.name) = lower(i.repo) and r.removed_at is null)
		  and not exists (
			select 1 from repository_names n join repositories r on r.id = n.repository_id and r.removed_at is null where n.name = lower(i.repo))
		group by lower(i.repo)
		order by count(distinct l.ref) desc, count(distinct i.number) desc, lower(i.repo)
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "since": since, "limit": limit(most)})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[hackfest.UnknownRepository])
	for i := range list {
		list[i].EndedAt = list[i].EndedAt.UTC()
	}
	return list, classify(err, "repository")
}

// FormerNames are what a repository that v may see was called before, in lower
// case, the last first.
func (s *Store) FormerNames(ctx context.Context, v person.Viewer, id hackfest.RepositoryID) ([]string, error) {
	const q = `
		select n.name
		from repository_names n
		join repositories r on r.id = n.repository_id
		where r.id = @id and (@members or r.visibility = 'public')
		order by n.created_at desc, n.name
		limit 20`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return list, classify(err, "repository")
}

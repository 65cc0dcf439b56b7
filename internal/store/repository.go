package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// topicGitHub is told when what is known of GitHub changed.
const topicGitHub = "github"

// GitHubTopic is the topic of changes of issues and whatever else GitHub has.
func GitHubTopic() string { return topicGitHub }

// repositoryColumns are those of a hackfest.Repository.
const repositoryColumns = `
		select r.id, r.name, coalesce(r.github_id, 0) as github_id, r.about, r.default_branch, r.private, r.archived, r.visibility,
			r.bug_labels, r.first_labels, r.recorded_at, r.due_at, r.asked_at, r.known_at, r.hook_at, r.gone_at, r.trouble, r.revision, r.created_at`

// selectRepositories is the head of queries for repositories that are shown.
const selectRepositories = repositoryColumns + `
		from repositories r
		where r.removed_at is null and (@members or r.visibility = 'public')`

// repositoryFields are where repositoryColumns are scanned to; done puts in the
// times that may be null.
func repositoryFields(r *hackfest.Repository) (to []any, done func()) {
	var recorded, asked, known, hook, gone *time.Time
	to = []any{
		&r.ID, &r.Name, &r.GitHubID, &r.About, &r.DefaultBranch, &r.Private, &r.Archived, &r.Visibility,
		&r.BugLabels, &r.FirstLabels, &recorded, &r.DueAt, &asked, &known, &hook, &gone, &r.Trouble, &r.Revision, &r.CreatedAt,
	}
	return to, func() {
		r.RecordedAt, r.AskedAt, r.KnownAt, r.HookAt, r.GoneAt = orZero(recorded), orZero(asked), orZero(known), orZero(hook), orZero(gone)
	}
}

func scanRepository(row pgx.CollectableRow) (hackfest.Repository, error) {
	var r hackfest.Repository
	to, done := repositoryFields(&r)
	err := row.Scan(to...)
	done()
	return r, err
}

// Repositories lists all repositories that v may see, by name.
func (s *Store) Repositories(ctx context.Context, v person.Viewer) ([]hackfest.Repository, error) {
	const q = selectRepositories + ` order by lower(r.name)`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanRepository)
	return list, classify(err, "repository")
}

// Repository returns the repository that is called name, in any case, or was
// before it moved. Without one that v may see it is fault.NotFound.
func (s *Store) Repository(ctx context.Context, v person.Viewer, name string) (hackfest.Repository, error) {
	const q = selectRepositories + `
		  and r.id = (
			select o.id from repositories o
			where o.removed_at is null
			  and (lower(o.name) = lower(@name) or o.id = (select f.repository_id from repository_names f where f.name = lower(@name)))
			order by lower(o.name) = lower(@name) desc
			limit 1)`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"name": clean(name), "members": v.SeesMembersOnly()})
	r, err := pgx.CollectExactlyOneRow(rows, scanRepository)
	return r, classify(err, "repository")
}

// AddRepository registers a repository, which is asked for at once. One that was
// taken off comes back with all that was known of it. One that is registered is
// fault.Conflict, what is no owner/name is fault.Invalid.
func (s *Store) AddRepository(ctx context.Context, name string, visibility person.Visibility, now time.Time) (hackfest.RepositoryID, error) {
	const back = `
		update repositories set removed_at = null, due_at = @now, visibility = @visibility, whole_at = null, revision = revision + 1
		where id = (select max(o.id) from repositories o where lower(o.name) = lower(@name) and o.removed_at is not null and o.gone_at is null)
		  and not exists (select 1 from repositories o where lower(o.name) = lower(@name) and o.removed_at is null)
		returning id`
	const q = `
		insert into repositories (name, visibility, due_at, created_at)
		values (@name, @visibility, @now, @now)
		returning id`
	args := pgx.NamedArgs{"name": clean(name), "visibility": visibility, "now": now}
	var id hackfest.RepositoryID
	err := s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, back, args)
		ids, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.RepositoryID])
		if err == nil && len(ids) == 0 {
			rows, _ = tx.db.Query(ctx, q, args)
			ids, err = pgx.CollectRows(rows, pgx.RowTo[hackfest.RepositoryID])
		}
		if err != nil {
			return classify(err, "repository")
		}
		id = ids[0]
		return tx.notify(ctx, topicGitHub)
	})
	return id, err
}

// SetRepository stores what people decide about a repository, unless it is not
// of the given revision any more (0 is any): then it is fault.Conflict.
func (s *Store) SetRepository(ctx context.Context, id hackfest.RepositoryID, e hackfest.RepositoryEdit, revision int) error {
	const q = `
		update repositories set visibility = @visibility, bug_labels = @bugs, first_labels = @firsts, revision = revision + 1
		where id = @id and removed_at is null and (@revision = 0 or revision = @revision)`
	return s.changeRepository(ctx, q, pgx.NamedArgs{
		"id": id, "visibility": e.Visibility, "bugs": cleanLabels(e.BugLabels), "firsts": cleanLabels(e.FirstLabels), "revision": revision,
	})
}

// cleanLabels are labels as they are compared: lower case, each once.
func cleanLabels(labels []string) []string {
	list := []string{}
	for _, l := range labels {
		if l = strings.ToLower(strings.TrimSpace(clean(l))); l != "" && !slices.Contains(list, l) {
			list = append(list, l)
		}
	}
	return list
}

// RemoveRepository takes a repository off. What is known of it is kept for
// RestoreRepository, and shown nowhere.
func (s *Store) RemoveRepository(ctx context.Context, id hackfest.RepositoryID, now time.Time) error {
	const q = `update repositories set removed_at = @now, revision = revision + 1 where id = @id and removed_at is null`
	return s.changeRepository(ctx, q, pgx.NamedArgs{"id": id, "now": now})
}

// RestoreRepository takes that back.
func (s *Store) RestoreRepository(ctx context.Context, id hackfest.RepositoryID, now time.Time) error {
	const q = `update repositories set removed_at = null, due_at = @now, revision = revision + 1 where id = @id and removed_at is not null`
	return s.changeRepository(ctx, q, pgx.NamedArgs{"id": id, "now": now})
}

// DueNow has GitHub asked about a repository, and all its issues compared, as soon
// as GitHub's limits allow.
func (s *Store) DueNow(ctx context.Context, id hackfest.RepositoryID, now time.Time) error {
	const q = `update repositories set due_at = least(due_at, @now), whole_at = null where id = @id and removed_at is null`
	return s.changeRepository(ctx, q, pgx.NamedArgs{"id": id, "now": now})
}

// changeRepository runs an update of one repository. Without an effect it is
// fault.Conflict.
func (s *Store) changeRepository(ctx context.Context, sql string, args pgx.NamedArgs) error {
	return s.InTx(ctx, func(tx *Store) error {
		tag, err := tx.db.Exec(ctx, sql, args)
		if err != nil {
			return classify(err, "repository")
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "Somebody else changed this repository meanwhile. Look at it again, then change it.")
		}
		return tx.notify(ctx, topicGitHub)
	})
}

// RepositoriesOf lists the repositories of a target, a series or a session that v
// may see: those a session has by itself first, then its target's, then its
// series'; in each, those registered first lead. The first is what a bare #12
// means.
func (s *Store) RepositoriesOf(ctx context.Context, v person.Viewer, of hackfest.RepositoryUse) ([]hackfest.Repository, error) {
	const q = repositoryColumns + `
		from repositories r
		join (
			select x.repository_id, x.rank from session_repositories x where x.session_id = @session
			union all
			select u.repository_id, 0 from repository_uses u where u.target_id = @target or u.series_id = @series) x on x.repository_id = r.id
		where r.removed_at is null and (@members or r.visibility = 'public')
		order by x.rank, r.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"session": of.SessionID, "target": of.TargetID, "series": of.SeriesID, "members": v.SeesMembersOnly(),
	})
	list, err := pgx.CollectRows(rows, scanRepository)
	return list, classify(err, "repository")
}

// SetRepositoryUses makes ids the repositories that a target, a series or a
// session has by itself. What is gone is fault.Invalid.
func (s *Store) SetRepositoryUses(ctx context.Context, of hackfest.RepositoryUse, ids []hackfest.RepositoryID, now time.Time) error {
	const without = `
		delete from repository_uses u
		where (u.target_id = @target or u.series_id = @series or u.session_id = @session) and u.repository_id <> all (@ids::bigint[])`
	const q = `
		insert into repository_uses (repository_id, target_id, series_id, session_id, created_at)
		select x.id, nullif(@target::bigint, 0), nullif(@series::bigint, 0), nullif(@session::bigint, 0), @now
		from unnest(@ids::bigint[]) x (id)
		on conflict do nothing`
	if ids == nil {
		ids = []hackfest.RepositoryID{}
	}
	args := pgx.NamedArgs{"target": of.TargetID, "series": of.SeriesID, "session": of.SessionID, "ids": ids, "now": now}
	return s.InTx(ctx, func(tx *Store) error {
		if _, err := tx.db.Exec(ctx, without, args); err != nil {
			return classify(err, "repository")
		}
		if _, err := tx.db.Exec(ctx, q, args); err != nil {
			return classify(err, "repository")
		}
		if err := tx.notify(ctx, topicSessions); err != nil {
			return err
		}
		return tx.notify(ctx, topicGitHub)
	})
}

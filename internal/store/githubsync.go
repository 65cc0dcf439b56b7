package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// ApplyGitHub stores what GitHub said, in one transaction, and tells those who
// listen to GitHubTopic if that changed anything. Doing so twice, or in another
// order, does no harm: see hackfest.GitHubChange. A repository that is not
// registered, was taken off, or was written down for good is fault.NotFound.
func (s *Store) ApplyGitHub(ctx context.Context, c hackfest.GitHubChange) error {
	return s.InTx(ctx, func(tx *Store) error {
		id, err := tx.lockRepository(ctx, c.Repository)
		if err != nil {
			return err
		}
		a := applying{Store: tx, c: c, id: id}
		for _, step := range []func(context.Context) error{
			a.facts, a.issues, a.removeIssues, a.milestones, a.commits, a.releases, a.ask,
		} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		if !a.changed {
			return nil
		}
		return tx.notify(ctx, topicGitHub)
	})
}

// lockRepository returns which repository GitHub speaks of. It stays as it is for
// others until the end of the transaction.
func (s *Store) lockRepository(ctx context.Context, r hackfest.Repository) (hackfest.RepositoryID, error) {
	const q = `
		select r.id from repositories r
		where r.removed_at is null and r.recorded_at is null
		  and case when @id::bigint <> 0 then r.id = @id
			else r.github_id = @github::bigint or lower(r.name) = lower(@name) and (r.github_id is null or @github = 0) end
		order by coalesce(r.github_id = @github, false) desc
		limit 1
		for update`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": r.ID, "github": r.GitHubID, "name": clean(r.Name)})
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.RepositoryID])
	return id, classify(err, "repository")
}

// applying is one ApplyGitHub. Its steps are in its transaction.
type applying struct {
	*Store
	c       hackfest.GitHubChange
	id      hackfest.RepositoryID
	changed bool // something that is shown
	due     bool // two stories are equally new and differ
}

// exec runs one statement and notes whether it changed anything.
func (a *applying) exec(ctx context.Context, what, sql string, args pgx.NamedArgs) error {
	args["id"], args["at"], args["polled"] = a.id, a.c.At, a.c.Polled
	tag, err := a.db.Exec(ctx, sql, args)
	a.changed = a.changed || err == nil && tag.RowsAffected() > 0
	return classify(err, what)
}

// facts stores what GitHub said about the repository itself. One that becomes
// private is for members from then on, until somebody decides otherwise.
func (a *applying) facts(ctx context.Context) error {
	const private = `
		update repositories set private = true, visibility = 'members', revision = revision + 1
		where id = @id and @private and not private`
	const heard = `update repositories set hook_at = greatest(hook_at, @at), github_id = coalesce(github_id, nullif(@github::bigint, 0)) where id = @id`
	r := a.c.Repository
	if err := a.exec(ctx, "repository", private, pgx.NamedArgs{"private": r.Private}); err != nil {
		return err
	}
	if !a.c.Polled {
		_, err := a.db.Exec(ctx, heard, pgx.NamedArgs{"id": a.id, "at": a.c.At, "github": r.GitHubID})
		return classify(err, "repository")
	}
	if r.GitHubID == 0 {
		return nil // it was not asked about itself
	}
	return a.polledFacts(ctx, r)
}

// polledFacts stores what GitHub said when it was asked about the repository.
// A former name leads on from then on.
func (a *applying) polledFacts(ctx context.Context, r hackfest.Repository) error {
	const free = `update repositories set github_id = null where github_id = @github and id <> @id and removed_at is not null`
	const taken = `
		select o.name from repositories o
		where o.id <> @id and o.removed_at is null and (o.github_id = @github or lower(o.name) = lower(@name))
		limit 1`
	const keep = `
		insert into repository_names (name, repository_id, created_at)
		select lower(name), id, @at from repositories where id = @id and lower(name) <> lower(@name)
		on conflict (name) do update set repository_id = excluded.repository_id, created_at = excluded.created_at`
	const back = `delete from repository_names where name = lower(@name) and repository_id = @id`
	const q = `
		update repositories set name = @name, github_id = @github, about = @about, default_branch = @branch, private = @private,
			archived = @archived, gone_at = null
		where id = @id and (name, github_id, about, default_branch, private, archived, gone_at)
			is distinct from (@name, @github::bigint, @about, @branch, @private, @archived, null::timestamptz)`
	args := pgx.NamedArgs{
		"id": a.id, "name": clean(r.Name), "github": r.GitHubID, "about": clean(r.About), "branch": clean(r.DefaultBranch),
		"private": r.Private, "archived": r.Archived, "at": a.c.At,
	}
	rows, _ := a.db.Query(ctx, taken, args)
	others, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil && len(others) > 0 {
		return fault.New(fault.Conflict, "GitHub says that this is %s now, which is registered too. Take one of them off.", r.Name)
	}
	if err != nil {
		return classify(err, "repository")
	}
	for _, sql := range []string{free, keep, back} {
		if _, err := a.db.Exec(ctx, sql, args); err != nil {
			return classify(err, "repository")
		}
	}
	return a.exec(ctx, "repository", q, args)
}

// commits stores those of the default branch. What a delivery says of them has no
// version, so the next time GitHub is asked it is to say all of it again.
func (a *applying) commits(ctx context.Context) error {
	const q = `
		insert into commits as c (repository_id, sha, summary, author, committed_at, known_at)
		select distinct on (x.sha) @id, x.sha, x.summary, x.author, x.committed_at, @at::timestamptz
		from jsonb_to_recordset(@rows::jsonb) x (sha text, summary text, author text, committed_at timestamptz)
		order by x.sha
		on conflict (repository_id, sha) do update
		set summary = excluded.summary, author = excluded.author, committed_at = excluded.committed_at
		where @polled and (c.summary, c.author, c.committed_at) is distinct from (excluded.summary, excluded.author, excluded.committed_at)`
	const without = `
		delete from commits c
		where c.repository_id = @id and c.committed_at >= @from and c.committed_at <= @to and c.known_at < @at and c.sha <> all (@shas::text[])`
	if len(a.c.Commits) == 0 && !a.c.AllCommits {
		return nil
	}
	type row struct {
		SHA         string `json:"sha"`
		Summary     string `json:"summary"`
		Author      string `json:"author"`
		CommittedAt any    `json:"committed_at"`
	}
	list, shas := []row{}, []string{}
	for _, c := range a.c.Commits {
		list, shas = append(list, row{c.SHA, clean(c.Summary), clean(c.Author), c.CommittedAt}), append(shas, c.SHA)
	}
	if err := a.exec(ctx, "commit", q, pgx.NamedArgs{"rows": list}); err != nil {
		return err
	}
	if a.c.AllCommits {
		return a.exec(ctx, "commit", without, pgx.NamedArgs{"from": a.c.CommitsFrom, "to": a.c.CommitsTo, "shas": shas})
	}
	return a.askAgain(ctx, "commits")
}

// releases stores published ones, and forgets those that were deleted.
func (a *applying) releases(ctx context.Context) error {
	const without = `delete from releases where repository_id = @id and id = any (@ids::bigint[])`
	const q = `
		insert into releases as r (repository_id, id, tag, name, prerelease, published_at, known_at)
		select distinct on (x.id) @id, x.id, x.tag, x.name, x.prerelease, x.published_at, @at::timestamptz
		from jsonb_to_recordset(@rows::jsonb) x (id bigint, tag text, name text, prerelease boolean, published_at timestamptz)
		order by x.id
		on conflict (repository_id, id) do update
		set tag = excluded.tag, name = excluded.name, prerelease = excluded.prerelease, published_at = excluded.published_at
		where (r.tag, r.name, r.prerelease, r.published_at) is distinct from (excluded.tag, excluded.name, excluded.prerelease, excluded.published_at)`
	const others = `delete from releases where repository_id = @id and known_at < @at and id <> all (@ids::bigint[])`
	if len(a.c.Releases)+len(a.c.RemovedReleases) == 0 && !a.c.AllReleases {
		return nil
	}
	type row struct {
		ID          int64  `json:"id"`
		Tag         string `json:"tag"`
		Name        string `json:"name"`
		Prerelease  bool   `json:"prerelease"`
		PublishedAt any    `json:"published_at"`
	}
	list, ids := []row{}, []int64{}
	for _, r := range a.c.Releases {
		list, ids = append(list, row{r.ID, clean(r.Tag), clean(r.Name), r.Prerelease, r.PublishedAt}), append(ids, r.ID)
	}
	if err := a.exec(ctx, "release", q, pgx.NamedArgs{"rows": list}); err != nil {
		return err
	}
	if err := a.exec(ctx, "release", without, pgx.NamedArgs{"ids": append([]int64{}, a.c.RemovedReleases...)}); err != nil {
		return err
	}
	if a.c.AllReleases {
		return a.exec(ctx, "release", others, pgx.NamedArgs{"ids": ids})
	}
	return a.askAgain(ctx, "releases")
}

// askAgain has the next question for a list of the repository answered in full,
// when a delivery changed what is known of it.
func (a *applying) askAgain(ctx context.Context, list string) error {
	const q = `
		delete from github_etags e
		using repositories r
		where r.id = @id and (e.path like 'repositories/' || r.github_id || @list || '?%' or e.path like 'repositories/' || r.github_id || @list)`
	if a.c.Polled {
		return nil
	}
	_, err := a.db.Exec(ctx, q, pgx.NamedArgs{"id": a.id, "list": "/" + list})
	return classify(err, "repository")
}

// ask has GitHub asked soon when a delivery does not say all.
func (a *applying) ask(ctx context.Context) error {
	const q = `
		update repositories set due_at = least(due_at, @at), whole_at = case when @whole then null else whole_at end
		where id = @id`
	if !a.due && !a.c.Due && !a.c.Whole {
		return nil
	}
	_, err := a.db.Exec(ctx, q, pgx.NamedArgs{"id": a.id, "at": a.c.At, "whole": a.c.Whole})
	return classify(err, "repository")
}

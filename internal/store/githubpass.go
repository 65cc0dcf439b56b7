package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// GitHubPass is one round of asking GitHub about a repository, with what earlier
// ones left to go on from. Times are UTC and zero where there is none.
type GitHubPass struct {
	hackfest.Repository
	Lease       time.Time // until when nobody else begins a pass
	IssuesTo    time.Time // up to which updated_at issues were fetched
	WholeAt     time.Time // when all issues were last compared
	WholeFrom   time.Time // when the comparison began that is under way
	WholePage   int       // its pages that were read
	CommitsFrom time.Time // back to when commits are known
	CommitsBack time.Time // back to when they are being fetched
	CommitsPage int       // pages of these that were read
	WantedFrom  time.Time // when the first session begins that has the repository
}

// NextGitHubPass begins a pass over the repository that is due longest, and gives
// it to nobody else until lease. Without one it is fault.NotFound.
func (s *Store) NextGitHubPass(ctx context.Context, lease, now time.Time) (GitHubPass, error) {
	const q = `
		update repositories r set asked_at = @now, due_at = @lease
		where r.id = (
			select o.id from repositories o
			where o.removed_at is null and o.recorded_at is null and o.due_at <= @now
			order by o.due_at, o.id
			limit 1
			for update skip locked)
		returning r.id, r.name, coalesce(r.github_id, 0), r.default_branch, r.private, r.known_at, r.hook_at, r.gone_at, r.issues_to, r.whole_at,
			r.whole_from, r.whole_page, r.commits_from, r.commits_back, r.commits_page,
			(select min(x.starts_at) from session_repositories u join sessions x on x.id = u.session_id where u.repository_id = r.id)`
	p := GitHubPass{Lease: lease}
	var known, hook, gone, to, whole, from, commits, back, wanted *time.Time
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"now": now, "lease": lease})
	_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&p.ID, &p.Name, &p.GitHubID, &p.DefaultBranch, &p.Private, &known, &hook, &gone, &to, &whole,
			&from, &p.WholePage, &commits, &back, &p.CommitsPage, &wanted)
	})
	p.KnownAt, p.HookAt, p.GoneAt, p.IssuesTo, p.WholeAt = orZero(known), orZero(hook), orZero(gone), orZero(to), orZero(whole)
	p.WholeFrom, p.CommitsFrom, p.CommitsBack, p.WantedFrom = orZero(from), orZero(commits), orZero(back), orZero(wanted)
	return p, classify(err, "repository")
}

// GitHubPassEnd is how a pass ended.
type GitHubPassEnd struct {
	KnownAt time.Time // as of when all is known; zero leaves it as it was
	DueAt   time.Time // when GitHub is to be asked next
	Trouble string    // why it failed; "" when it did not
	GoneAt  time.Time // GitHub says that there is none; zero leaves it as it was
}

// EndGitHubPass ends a pass. If a delivery had GitHub be asked again meanwhile, it
// stays due.
func (s *Store) EndGitHubPass(ctx context.Context, p GitHubPass, e GitHubPassEnd) error {
	const q = `
		update repositories set known_at = coalesce(@known, known_at), trouble = @trouble, gone_at = coalesce(gone_at, @gone),
			due_at = case when due_at = @lease then @due else least(due_at, @due) end
		where id = @id`
	return s.InTx(ctx, func(tx *Store) error {
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{
			"id": p.ID, "known": orNull(e.KnownAt), "trouble": clean(e.Trouble), "gone": orNull(e.GoneAt), "lease": p.Lease, "due": e.DueAt,
		})
		if err != nil {
			return classify(err, "repository")
		}
		return tx.notify(ctx, topicGitHub) // the age of what is known
	})
}

// ApplyGitHubIssues is ApplyGitHub for a page of issues that was asked for, after
// which all are fetched that were updated before to.
func (s *Store) ApplyGitHubIssues(ctx context.Context, c hackfest.GitHubChange, to time.Time) error {
	const q = `update repositories set issues_to = greatest(issues_to, @to) where id = @id`
	return s.InTx(ctx, func(tx *Store) error {
		if err := tx.ApplyGitHub(ctx, c); err != nil {
			return err
		}
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": c.Repository.ID, "to": orNull(to)})
		return classify(err, "repository")
	})
}

// BeginWhole notes that all issues are being compared since from.
func (s *Store) BeginWhole(ctx context.Context, id hackfest.RepositoryID, from time.Time) error {
	const q = `update repositories set whole_from = @from, whole_page = 0 where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "from": from})
	return classify(err, "repository")
}

// ReadWhole notes how many pages of the comparison were read that began at from.
func (s *Store) ReadWhole(ctx context.Context, id hackfest.RepositoryID, from time.Time, pages int) error {
	const q = `update repositories set whole_page = @pages where id = @id and whole_from = @from`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "from": from, "pages": pages})
	return classify(err, "repository")
}

// EndWhole notes that the comparison is done that began at from, unless another
// was asked for meanwhile. A first fetch of all issues is one too.
func (s *Store) EndWhole(ctx context.Context, id hackfest.RepositoryID, from time.Time) error {
	const q = `
		update repositories set whole_at = @from, whole_from = null, whole_page = 0
		where id = @id and (whole_from = @from or whole_from is null and whole_at is null)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "from": from})
	return classify(err, "repository")
}

// UnseenIssues are the numbers of issues of which GitHub did not tell since from,
// and which are known here.
func (s *Store) UnseenIssues(ctx context.Context, id hackfest.RepositoryID, from time.Time, most int) ([]int, error) {
	const q = `
		select i.number from issues i
		where i.repository_id = @id and i.removed_at is null and i.known_at < @from
		order by i.number
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "from": from, "limit": limit(most)})
	list, err := pgx.CollectRows(rows, pgx.RowTo[int])
	return list, classify(err, "issue")
}

// CommitsKnown notes back to when commits are known, and that they are fetched no
// further back for now.
func (s *Store) CommitsKnown(ctx context.Context, id hackfest.RepositoryID, from time.Time) error {
	const q = `update repositories set commits_from = @from, commits_back = null, commits_page = 0 where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "from": from})
	return classify(err, "repository")
}

// CommitsRead notes that so many pages were read of the commits back to back.
func (s *Store) CommitsRead(ctx context.Context, id hackfest.RepositoryID, back time.Time, pages int) error {
	const q = `update repositories set commits_back = @back, commits_page = @pages where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "back": back, "pages": pages})
	return classify(err, "repository")
}

// GitHubETag is the entity tag of the last answer to what is at path; "" is none.
func (s *Store) GitHubETag(ctx context.Context, path string) (string, error) {
	const q = `select e.etag from github_etags e where e.path = @path`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"path": path})
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(list) == 0 {
		return "", classify(err, "answer")
	}
	return list[0], nil
}

// SetGitHubETag keeps the entity tag of an answer, once all that it said is
// stored.
func (s *Store) SetGitHubETag(ctx context.Context, path, etag string, now time.Time) error {
	const q = `
		insert into github_etags (path, etag, asked_at) values (@path, @etag, @now)
		on conflict (path) do update set etag = excluded.etag, asked_at = excluded.asked_at`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"path": path, "etag": clean(etag), "now": now})
	return classify(err, "answer")
}

// ForgetGitHub deletes entity tags and worked deliveries that are of no use any
// more: of before the given times.
func (s *Store) ForgetGitHub(ctx context.Context, tags, deliveries time.Time) error {
	const q = `delete from github_etags where asked_at < @tags`
	const worked = `delete from hook_deliveries where received_at < @deliveries and state <> 'received'`
	if _, err := s.db.Exec(ctx, q, pgx.NamedArgs{"tags": tags}); err != nil {
		return classify(err, "answer")
	}
	_, err := s.db.Exec(ctx, worked, pgx.NamedArgs{"deliveries": deliveries})
	return classify(err, "delivery")
}

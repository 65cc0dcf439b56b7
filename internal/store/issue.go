package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// issueColumns are those of a hackfest.Issue, i, of a repository, r.
const issueColumns = `i.repository_id, r.name, i.number, i.pull, i.title, i.state = 'open', i.reason, i.draft, i.labels, i.assignees, i.author,
			coalesce(i.milestone, 0), i.opened_at, i.closed_at, i.merged_at, i.updated_at, i.known_at`

// issueFields are where issueColumns are scanned to; done puts in the times that
// may be null.
func issueFields(i *hackfest.Issue) (to []any, done func()) {
	var closed, merged *time.Time
	to = []any{
		&i.RepositoryID, &i.Repo, &i.Number, &i.Pull, &i.Title, &i.Open, &i.Reason, &i.Draft, &i.Labels, &i.Assignees, &i.Author,
		&i.Milestone, &i.OpenedAt, &closed, &merged, &i.UpdatedAt, &i.KnownAt,
	}
	return to, func() { i.ClosedAt, i.MergedAt = orZero(closed), orZero(merged) }
}

func scanIssue(row pgx.CollectableRow) (hackfest.Issue, error) {
	var i hackfest.Issue
	to, done := issueFields(&i)
	err := row.Scan(to...)
	done()
	return i, err
}

// Issues returns what is known of refs, under the keys that were asked for: in
// any case, and by names that repositories had before. What is not known, was
// deleted, or is of a repository that v may not see, is left out.
func (s *Store) Issues(ctx context.Context, v person.Viewer, refs []hackfest.IssueRef) (map[hackfest.IssueRef]hackfest.Issue, error) {
	const q = `
		select x.place, ` + issueColumns + `
		from unnest(@repos::text[], @numbers::bigint[]) with ordinality x (repo, number, place)
		cross join lateral (
			select o.id, o.name, o.visibility from repositories o
			where (lower(o.name) = x.repo or o.id = (select f.repository_id from repository_names f where f.name = x.repo))
			  and o.removed_at is null
			order by lower(o.name) = x.repo desc
			limit 1) r
		join issues i on i.repository_id = r.id and i.number = x.number and i.removed_at is null
		where @members or r.visibility = 'public'`
	found := map[hackfest.IssueRef]hackfest.Issue{}
	if len(refs) == 0 {
		return found, nil
	}
	repos, numbers := make([]string, len(refs)), make([]int64, len(refs))
	for i, r := range refs {
		repos[i], numbers[i] = strings.ToLower(clean(r.Repo)), int64(r.Number)
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"repos": repos, "numbers": numbers, "members": v.SeesMembersOnly()})
	_, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var place int
		var i hackfest.Issue
		to, done := issueFields(&i)
		err := row.Scan(append([]any{&place}, to...)...)
		done()
		found[refs[max(place, 1)-1]] = i
		return struct{}{}, err
	})
	return found, classify(err, "issue")
}

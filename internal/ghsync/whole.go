package ghsync

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/go-github/v58/github"
)

// compare asks for all issues when it is time to, goes on with what an earlier
// pass began, and then looks for those that GitHub did not name: GitHub tells
// nobody that an issue was deleted, or that a label was renamed.
func (p *pass) compare(ctx context.Context) error {
	if !p.whole || p.KnownAt.IsZero() && p.WholeAt.IsZero() {
		return nil // the first fetch of all was one
	}
	if p.WholeFrom.IsZero() {
		if err := p.beginWhole(ctx); err != nil {
			return err
		}
	}
	for next, leads := true, 0; next; {
		if err := left(ctx); err != nil {
			return err
		}
		var some []listed
		c := p.change()
		s, err := p.ask(ctx, listPath(p.path+"/issues", p.WholePage+1, "state", "all", "sort", "created", "direction", "asc"), "", &some)
		if err != nil {
			return err
		}
		if err := movesOn(some, &leads, p.WholePage+1); err != nil {
			return err
		}
		c.Issues = reduceAll(some, reduceListed)
		if err := p.store.ApplyGitHub(ctx, c); err != nil {
			return err
		}
		if next = s.next; next {
			p.WholePage++
			if err := p.store.ReadWhole(ctx, p.ID, p.WholeFrom, p.WholePage); err != nil {
				return err
			}
		}
	}
	return p.endWhole(ctx)
}

// beginWhole notes that all issues are compared from now on.
func (p *pass) beginWhole(ctx context.Context) error {
	p.WholeFrom, p.WholePage = p.at, 0
	return p.store.BeginWhole(ctx, p.ID, p.at)
}

// endWhole looks for the issues of which GitHub said nothing since the comparison
// began, and ends it.
func (p *pass) endWhole(ctx context.Context) error {
	numbers, err := p.store.UnseenIssues(ctx, p.ID, p.WholeFrom, mostUnseen)
	if err != nil {
		return err
	}
	if err := p.unseen(ctx, numbers); err != nil {
		return err
	}
	if len(numbers) == mostUnseen {
		return errLater
	}
	return p.store.EndWhole(ctx, p.ID, p.WholeFrom)
}

// commits asks for those of the last days, and forgets which of these are not on
// the default branch any more. After a long time, and when all is compared, it
// asks further back.
func (p *pass) commits(ctx context.Context) error {
	from := p.at.Add(-commitsUsual)
	switch {
	case p.KnownAt.IsZero():
	case p.at.Sub(p.KnownAt) > commitsLate:
		p.CommitsFrom, p.CommitsBack = time.Time{}, time.Time{}
	default:
		from = earlier(from, p.KnownAt.Add(-24*time.Hour))
	}
	from = week(from)
	if p.whole && !p.CommitsFrom.IsZero() {
		from = earlier(from, later(p.CommitsFrom, week(p.at.Add(-commitsBack))))
	}
	c := p.change()
	c.CommitsFrom, c.CommitsTo = from, c.At
	all := func(list []github.RepositoryCommit, more bool) error {
		c.Commits, c.AllCommits = reduceAll(list, reduceCommit), !more
		if err := p.store.ApplyGitHub(ctx, c); err != nil || !p.CommitsFrom.IsZero() && !from.Before(p.CommitsFrom) {
			return err
		}
		if more && len(c.Commits) > 0 {
			from = c.Commits[len(c.Commits)-1].CommittedAt
		}
		p.CommitsFrom, p.CommitsBack = from, time.Time{}
		return p.store.CommitsKnown(ctx, p.ID, from)
	}
	err := list(ctx, p.Client, p.path+"/commits", mostCommits, p.whole || p.CommitsFrom.IsZero(), []string{"sha", p.DefaultBranch, "since", instant(from)}, all)
	if s := statusOf(err); s == http.StatusConflict || s == http.StatusNotFound { // it has no commit yet
		return all(nil, false)
	}
	return err
}

// oldCommits asks for those of before, back to the first session that has the
// repository, page by page over as many passes as it takes.
func (p *pass) oldCommits(ctx context.Context) error {
	if p.CommitsBack.IsZero() {
		back := p.at.Add(-commitsBack)
		if !p.WantedFrom.IsZero() {
			back = earlier(back, p.WantedFrom.Add(-24*time.Hour))
		}
		if p.CommitsFrom.Sub(back) < commitsUsual {
			return nil // it is known, as far as it matters
		}
		p.CommitsBack, p.CommitsPage = week(back), 0
	}
	for range mostBack {
		if err := left(ctx); err != nil {
			return err
		}
		var some []github.RepositoryCommit
		c := p.change()
		path := listPath(p.path+"/commits", p.CommitsPage+1, "sha", p.DefaultBranch, "since", instant(p.CommitsBack), "until", instant(p.CommitsFrom))
		s, err := p.ask(ctx, path, "", &some)
		if s := statusOf(err); s == http.StatusConflict || s == http.StatusNotFound {
			err = nil // it has no commit yet
		}
		if err != nil {
			return err
		}
		c.Commits = reduceAll(some, reduceCommit)
		if err := p.store.ApplyGitHub(ctx, c); err != nil {
			return err
		}
		if !s.next {
			return p.store.CommitsKnown(ctx, p.ID, p.CommitsBack)
		}
		p.CommitsPage++
		if err := p.store.CommitsRead(ctx, p.ID, p.CommitsBack, p.CommitsPage); err != nil {
			return err
		}
	}
	return errLater
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// pathOf is the path of a repository, below the API.
func pathOf(githubID int64) string { return "repositories/" + strconv.FormatInt(githubID, 10) }

package ghsync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/go-github/v58/github"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
)

// How often GitHub is asked about a repository.
const (
	everyUsual   = 5 * time.Minute
	eachUsual    = 3 * time.Second  // for each of very many
	everyHooked  = 30 * time.Minute // when it delivers what changes
	hooked       = 24 * time.Hour   // it does, if it did within this time
	everyGone    = 24 * time.Hour   // when there is none any more
	everySlow    = 10 * time.Minute // without a token, one repository
	eachSlow     = 7 * time.Minute  // without a token, for each of several: a pass takes five calls of the fifty in an hour
	wholeUsual   = 24 * time.Hour   // all issues are compared
	wholeSlow    = 7 * 24 * time.Hour
	leaseTime    = 10 * time.Minute
	leastLeft    = 25 * time.Second // of the caller's time, for one more call
	commitsUsual = 7 * 24 * time.Hour
	commitsLate  = 30 * 24 * time.Hour // after which a gap is fetched piece by piece
	commitsBack  = 90 * 24 * time.Hour // before a repository was registered
)

// Bounds of what one pass reads at once.
const (
	mostReleases   = 10 // pages
	mostMilestones = 10
	mostCommits    = 20
	mostBack       = 10
	mostUnseen     = 30 // issues that are looked for one by one
)

// pass is one round of asking GitHub about a repository.
type pass struct {
	*Client
	store.GitHubPass
	at    time.Time // when it began
	path  string    // of the repository, below the API
	whole bool      // whole lists are asked for, whatever their entity tags
	slow  bool      // without a token
	known bool      // all that is new was asked for
}

// errLater is that a pass goes on the next time.
var errLater = errors.New("there is more to ask")

// errEndless is that a list does not move on from one page to the next.
var errEndless = fault.New(fault.Unavailable, "GitHub gives the same page of a list again and again.")

// errGone is that GitHub knows no such repository.
var errGone = errors.New("there is no such repository")

// errReplaced is errGone of one whose name another repository has now.
var errReplaced = fmt.Errorf("%w, but another of that name", errGone)

// Poll asks GitHub about the repository that is due longest, and keeps what is
// new. It reports whether one was due and GitHub may be asked. What GitHub did
// not answer is told in the repository's row and asked again later; the error is
// that of the database, or that GitHub cannot be asked any more for now.
func (c *Client) Poll(ctx context.Context) (asked bool, err error) {
	b, err := c.Blocked(ctx)
	if err != nil || b != nil {
		return false, err
	}
	now := c.now().UTC()
	next, err := c.store.NextGitHubPass(ctx, now.Add(leaseTime), now)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	all, err := c.store.GitHubLimits(ctx)
	if err != nil {
		return false, err
	}
	p := &pass{Client: c, GitHubPass: next, at: now, slow: (&gate{Client: c}).tokenFor(all) == ""}
	failure := p.run(ctx)
	end, err := p.end(context.WithoutCancel(ctx), failure)
	if err == nil {
		err = c.store.EndGitHubPass(context.WithoutCancel(ctx), next, end)
	}
	if err == nil && failure != nil && !errors.Is(failure, errGone) && statusOf(failure) == 0 && fault.KindOf(failure) != fault.Conflict {
		err = failure
	}
	if errors.Is(err, errLater) {
		err = nil
	}
	return true, err
}

// run asks for everything. The parts it got through are kept when it fails.
func (p *pass) run(ctx context.Context) error {
	every := wholeUsual
	if p.slow {
		every = wholeSlow
	}
	p.whole = p.WholeAt.IsZero() && !p.KnownAt.IsZero() || !p.WholeFrom.IsZero() || !p.WholeAt.IsZero() && p.at.Sub(p.WholeAt) >= every
	if err := p.facts(ctx); err != nil {
		return err
	}
	p.path = pathOf(p.GitHubID)
	for _, part := range []func(context.Context) error{p.issues, p.milestones, p.releases, p.commits} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	// All that is new is known now. What follows is about old times.
	if err := p.store.EndGitHubPass(ctx, p.GitHubPass, store.GitHubPassEnd{KnownAt: p.at, DueAt: p.Lease}); err != nil {
		return err
	}
	p.known = true
	if err := p.compare(ctx); err != nil {
		return err
	}
	return p.oldCommits(ctx)
}

// end says how the pass ended, and when the next one begins.
func (p *pass) end(ctx context.Context, failure error) (store.GitHubPassEnd, error) {
	g, err := p.store.GitHubState(ctx)
	e := store.GitHubPassEnd{DueAt: p.at.Add(p.every(g.Repositories))}
	if err != nil || failure == nil {
		return e, err
	}
	if errors.Is(failure, errLater) || errors.Is(failure, context.Canceled) {
		e.DueAt = p.at
		return e, nil
	}
	b, ok := errors.AsType[*Blocked](failure)
	if !ok {
		b = (&gate{Client: p.Client}).blockedNow(g.Limits) // the failure may have been a limit, or GitHub's own
	}
	if b != nil {
		e.DueAt = b.Until
		if !p.known {
			e.Trouble = b.Reason
		}
		return e, nil
	}
	e.Trouble = p.trouble(failure, g)
	if errors.Is(failure, errGone) {
		e.DueAt = p.at.Add(everyGone)
		if p.mayBeGone(g) {
			e.GoneAt = p.at
		} else {
			e.DueAt = p.at.Add(tokenAgain)
		}
	}
	return e, nil
}

// every is how long to wait until the repository is asked for again, as one of n.
func (p *pass) every(n int) time.Duration {
	switch {
	case p.slow:
		return max(everySlow, time.Duration(n)*eachSlow)
	case p.at.Sub(p.HookAt) < hooked:
		return everyHooked
	}
	return max(everyUsual, time.Duration(n)*eachUsual)
}

// mayBeGone reports whether GitHub's word is to be believed that there is no such
// repository. A private one is hidden from who has no token any more.
func (p *pass) mayBeGone(g hackfest.GitHubState) bool {
	return !p.Private || !g.Limits[hackfest.GitHubToken].Blocked(p.now()) && p.access.Token != ""
}

// trouble says for people why a pass failed.
func (p *pass) trouble(failure error, g hackfest.GitHubState) string {
	if f, ok := errors.AsType[*fault.Error](failure); ok && f.Kind != fault.Internal {
		return f.Message
	}
	if errors.Is(failure, errReplaced) {
		return hackfest.RepositoryReplaced
	}
	if errors.Is(failure, errGone) {
		switch token := g.Limits[hackfest.GitHubToken]; {
		case token.Blocked(p.now()):
			return "GitHub shows no such repository without a token. " + token.Reason
		case p.access.Token == "":
			return "GitHub shows no such repository. If it is private, it needs HACKFEST_GITHUB_TOKEN."
		}
		return "GitHub shows no such repository: it was deleted, or the token may not read it."
	}
	switch s := statusOf(failure); {
	case s == http.StatusForbidden:
		return "GitHub does not let the token read this repository, or parts of it."
	case s == http.StatusUnavailableForLegalReasons:
		return "GitHub does not show this repository for legal reasons."
	case s != 0:
		return "GitHub answers " + strconv.Itoa(s) + " " + http.StatusText(s) + "."
	}
	if l := g.Limits[hackfest.GitHubHost]; l.Reason != "" {
		return l.Reason
	}
	return "GitHub's answer could not be read: " + wordsOf(failure) + "."
}

// change is one of what GitHub was asked.
func (p *pass) change() hackfest.GitHubChange {
	return hackfest.GitHubChange{Repository: hackfest.Repository{ID: p.ID, Private: p.Private}, Polled: true, At: p.now().UTC()}
}

// left is errLater when the caller's time is too short for one more call.
func left(ctx context.Context) error {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < leastLeft {
		return errLater
	}
	return ctx.Err()
}

// issues asks for those that changed, in the order in which they did. The time to
// ask from moves on only behind a page that is full: so the question stays the
// same while nothing changes, its answer has an entity tag, and the last changes
// are looked at again.
func (p *pass) issues(ctx context.Context) error {
	first := p.KnownAt.IsZero() && p.WholeAt.IsZero()
	if first && p.WholeFrom.IsZero() {
		if err := p.beginWhole(ctx); err != nil {
			return err
		}
	}
	query := []string{"state", "all", "sort", "updated", "direction", "asc"}
	since, page, leads := p.IssuesTo, 1, 0
	for {
		if err := left(ctx); err != nil {
			return err
		}
		query := query
		if !since.IsZero() {
			query = append(slices.Clone(query), "since", instant(since))
		}
		full, err := p.changed(ctx, &since, &page, &leads, query)
		if statusOf(err) == http.StatusGone {
			return nil // issues are switched off
		}
		if err != nil {
			return err
		}
		if !full {
			break
		}
	}
	p.IssuesTo = since
	if first {
		return p.endWhole(ctx) // deliveries may have told of issues that are gone by now
	}
	return nil
}

// changed asks for one page of those that changed since, and moves on to what is
// to be asked next; leads is the number of the issue that led the page before. It
// reports whether there may be more.
func (p *pass) changed(ctx context.Context, since *time.Time, page, leads *int, query []string) (full bool, err error) {
	var some []listed
	fresh := false
	err = p.tagged(ctx, listPath(p.path+"/issues", *page, query...), &some, func(said) error {
		fresh, full = true, len(some) >= perPage
		if err := movesOn(some, leads, *page); err != nil {
			return err
		}
		c, to := p.change(), *since
		c.Issues = reduceAll(some, reduceListed)
		if full {
			to = later(to, second(some[len(some)-1].GetUpdatedAt()))
		}
		if to.Equal(*since) {
			*page++ // more of one second than a page holds
		} else {
			*since, *page = to, 1
		}
		return p.store.ApplyGitHubIssues(ctx, c, to)
	})
	if err != nil || fresh {
		return full, err
	}
	*page++ // this one is as it was; there was one behind it if that has a tag
	etag, err := p.store.GitHubETag(ctx, listPath(p.path+"/issues", *page, query...))
	return etag != "", err
}

// movesOn is errEndless when page, unless it is the first, is led by the issue that
// led the one before.
func movesOn(some []listed, leads *int, page int) error {
	was := *leads
	if len(some) > 0 {
		*leads = some[0].GetNumber()
	}
	if page > 1 && len(some) > 0 && *leads == was {
		return errEndless
	}
	return nil
}

func (p *pass) milestones(ctx context.Context) error {
	c := p.change()
	return list(ctx, p.Client, p.path+"/milestones", mostMilestones, p.whole, []string{"state", "all"}, func(all []github.Milestone, more bool) error {
		c.Milestones, c.AllMilestones = reduceAll(all, reduceMilestone), !more
		return p.store.ApplyGitHub(ctx, c)
	})
}

func (p *pass) releases(ctx context.Context) error {
	c := p.change()
	return list(ctx, p.Client, p.path+"/releases", mostReleases, p.whole, nil, func(all []github.RepositoryRelease, more bool) error {
		c.Releases, c.AllReleases = reduceAll(all, reduceRelease), !more
		return p.store.ApplyGitHub(ctx, c)
	})
}

// unseen asks for issues that a comparison did not find, one by one: whether they
// were deleted or transferred, or moved between pages meanwhile.
func (p *pass) unseen(ctx context.Context, numbers []int) error {
	for _, n := range numbers {
		if err := left(ctx); err != nil {
			return err
		}
		var one listed
		c := p.change()
		_, err := p.ask(stay(ctx), p.path+"/issues/"+strconv.Itoa(n), "", &one)
		switch s := statusOf(err); {
		case s == http.StatusNotFound || s == http.StatusGone || s == http.StatusMovedPermanently:
			c.RemovedIssues = []int{n}
		case err != nil:
			return err
		default:
			i, ok := reduceListed(&one)
			if !ok || i.Number != n {
				c.RemovedIssues = []int{n}
			} else {
				c.Issues = []hackfest.Issue{i}
			}
		}
		if err := p.store.ApplyGitHub(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// week is the Monday before t: a time that stays the same for a while.
func week(t time.Time) time.Time {
	day := t.UTC().Truncate(24 * time.Hour)
	return day.AddDate(0, 0, -int(day.Weekday()+6)%7)
}

package ghsync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/go-github/v58/github"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

const (
	issueAgain = time.Minute // when GitHub could not be asked, and did not say when
	clockSkew  = time.Hour   // by which GitHub's clock and ours may differ
	maxSearch  = 20          // pages of a hundred issues
)

// IssueTry is what came of asking GitHub to make an issue.
type IssueTry struct {
	// State is made; failed when GitHub refused for good; pending when it was
	// certainly not made and may be tried again; unknown when nobody can say.
	State  hackfest.ActionIssueState
	Issue  hackfest.Issue // that was made
	Reason string         // for people, why it was not
	Again  time.Time      // of a pending one, when it may be tried again
	Err    error          // for the log
}

// NewIssue asks GitHub to make an issue, once. Whoever calls it has noted before
// that it does: the caller may not come to know what came of it.
func (c *Client) NewIssue(ctx context.Context, a hackfest.ActionIssue) IssueTry {
	waits := func(until time.Time, reason string, err error) IssueTry {
		return IssueTry{State: hackfest.IssuePending, Reason: reason, Again: laterOf(until, c.now().Add(issueAgain)), Err: err}
	}
	if c.access.Token == "" {
		return IssueTry{State: hackfest.IssueFailed, Reason: "The portal has no token for GitHub any more.", Err: errors.New("no token")}
	}
	hub, err := c.hub()
	if err != nil {
		return IssueTry{State: hackfest.IssueFailed, Reason: "HACKFEST_GITHUB_API cannot be read.", Err: err}
	}
	owner, name, _ := strings.Cut(a.Repo, "/")
	ask := &github.IssueRequest{Title: &a.Title, Body: github.String(hackfest.Marked(a.Body, a.Mark))}
	if a.Label != "" {
		ask.Labels = &[]string{a.Label}
	}
	if a.Assignee != "" {
		ask.Assignees = &[]string{a.Assignee}
	}
	var sent atomic.Bool
	traced := httptrace.WithClientTrace(urgent(ctx), &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	made, _, err := hub.Issues.Create(traced, owner, name, ask)
	if err == nil {
		x, ok := reduceIssue(made)
		if !ok {
			return IssueTry{State: hackfest.IssueUnknown, Reason: "GitHub's answer cannot be read.", Err: errors.New("the answer is no issue")}
		}
		return IssueTry{State: hackfest.IssueMade, Issue: x}
	}
	if b, ok := errors.AsType[*Blocked](err); ok {
		return waits(b.Until, b.Reason, err)
	}
	if !sent.Load() {
		return waits(time.Time{}, "GitHub could not be reached: "+wordsOf(err)+".", err)
	}
	status := statusOf(err)
	if status == http.StatusUnauthorized || status == http.StatusTooManyRequests || status == http.StatusForbidden {
		if b, failed := c.mayAsk(ctx); failed == nil && b != nil {
			return waits(b.Until, b.Reason, err)
		}
	}
	if status == http.StatusUnauthorized || status == http.StatusTooManyRequests {
		return waits(time.Time{}, "GitHub does not take it now.", err)
	}
	if status >= http.StatusBadRequest && status < http.StatusInternalServerError {
		return IssueTry{State: hackfest.IssueFailed, Reason: refusal(status, a, err), Err: err}
	}
	reason := "GitHub was asked and did not answer: " + wordsOf(err) + "."
	if status != 0 {
		reason = fmt.Sprintf("GitHub was asked and answered %d %s.", status, http.StatusText(status))
	}
	return IssueTry{State: hackfest.IssueUnknown, Reason: reason, Err: err}
}

// mayAsk is why nothing can be made now, by what GitHub just said; nil when it is
// not about limits.
func (c *Client) mayAsk(ctx context.Context) (*Blocked, error) {
	all, err := c.store.GitHubLimits(ctx)
	if err != nil {
		return nil, err
	}
	if l := all[hackfest.GitHubToken]; l.Blocked(c.now()) {
		return &Blocked{l.BlockedUntil, l.Reason}, nil
	}
	return blocked(all, c.access.Token, true, c.now()), nil
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// refusal says why GitHub refuses an issue for good, and the way out.
func refusal(status int, a hackfest.ActionIssue, err error) string {
	var says string
	var fields []string
	if e, ok := errors.AsType[*github.ErrorResponse](err); ok {
		says = e.Message
		for _, x := range e.Errors {
			fields = append(fields, x.Field)
		}
	}
	switch {
	case strings.Contains(strings.ToLower(says), "archived"):
		return a.Repo + " is archived on GitHub: nobody can open issues in it."
	case status == http.StatusForbidden:
		return "The portal's token may not open issues in " + a.Repo + ": it needs the permission to write issues there."
	case status == http.StatusNotFound:
		return "GitHub shows no " + a.Repo + " to the portal's token: it was deleted or renamed, or the token may not see it."
	case status == http.StatusGone:
		return "Issues are switched off in " + a.Repo + "."
	case status == http.StatusUnprocessableEntity && strings.Contains(strings.Join(fields, " "), "assignee"):
		return "GitHub cannot assign " + a.Assignee + " in " + a.Repo + ". Leave the assignee out, or have them invited there."
	case status == http.StatusUnprocessableEntity && strings.Contains(strings.Join(fields, " "), "label"):
		return "GitHub does not take the label " + a.Label + "."
	}
	return "GitHub refuses it (" + strconv.Itoa(status) + "): " + text(says, maxName)
}

// FindIssue looks for an issue that GitHub was asked to make, by its mark, among
// all that are not older than the asking. It is fault.NotFound when GitHub has
// none; any other error leaves that open.
func (c *Client) FindIssue(ctx context.Context, a hackfest.ActionIssue) (hackfest.Issue, error) {
	from := a.SendingAt.Add(-clockSkew)
	query := url.Values{
		"state": {"all"}, "sort": {"created"}, "direction": {"desc"}, "since": {from.UTC().Format(time.RFC3339)}, "per_page": {"100"},
	}
	var found hackfest.Issue
	for page := 1; page <= maxSearch; page++ {
		query.Set("page", strconv.Itoa(page))
		var list []*github.Issue
		said, err := c.ask(urgent(ctx), "repos/"+a.Repo+"/issues?"+query.Encode(), "", &list)
		if err != nil {
			return hackfest.Issue{}, err
		}
		over := !said.next
		for _, i := range list {
			if x, ok := reduceIssue(i); ok && x.Mark == a.Mark && !x.Pull {
				found = x // the first that was opened: later ones copied its body
			}
			over = over || !i.GetCreatedAt().IsZero() && i.GetCreatedAt().Before(from)
		}
		switch {
		case over && found.Number == 0:
			return found, errNotMade
		case over:
			return found, nil
		}
	}
	return hackfest.Issue{}, fault.New(fault.Unavailable, "There are too many new issues to look through.")
}

var errNotMade = fault.New(fault.NotFound, "GitHub has no such issue.")

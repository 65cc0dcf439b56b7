package ghsync

import (
	"cmp"
	"strings"

	"github.com/google/go-github/v58/github"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// listed is an issue as lists have it. go-github leaves out when a pull request
// was merged.
type listed struct {
	github.Issue
	PullRequest *struct {
		MergedAt *github.Timestamp `json:"merged_at"`
	} `json:"pull_request"`
}

// reduceListed reduces an issue or pull request of a list; false when it lacks
// what every one has.
func reduceListed(l *listed) (hackfest.Issue, bool) {
	if l.PullRequest != nil {
		l.PullRequestLinks = &github.PullRequestLinks{}
	}
	i, ok := reduceIssue(&l.Issue)
	if l.PullRequest != nil && l.PullRequest.MergedAt != nil && !i.Open {
		i.MergedAt = second(*l.PullRequest.MergedAt)
	}
	return i, ok
}

// reduceRepository reduces what GitHub says of a repository that is registered.
func reduceRepository(r *github.Repository) (hackfest.Repository, bool) {
	return hackfest.Repository{
		GitHubID: r.GetID(), Name: r.GetFullName(), About: text(r.GetDescription(), maxText), DefaultBranch: text(r.GetDefaultBranch(), maxName),
		Private: r.GetPrivate(), Archived: r.GetArchived(),
	}, r.GetID() > 0 && isRepository(r.GetFullName())
}

// reduceCommit reduces a commit of a list; false when it cannot be kept.
func reduceCommit(c *github.RepositoryCommit) (hackfest.Commit, bool) {
	sha, at := strings.ToLower(c.GetSHA()), c.GetCommit().GetCommitter().GetDate()
	x := hackfest.Commit{
		SHA: sha, Summary: firstLine(c.GetCommit().GetMessage()),
		Author:      text(cmp.Or(c.GetAuthor().GetLogin(), c.GetCommit().GetAuthor().GetName()), maxName),
		CommittedAt: second(at),
	}
	return x, isSHA(sha) && isTime(at.Time)
}

// reduceAll reduces what can be.
func reduceAll[From, To any](list []From, reduce func(*From) (To, bool)) []To {
	var out []To
	for i := range list {
		if x, ok := reduce(&list[i]); ok {
			out = append(out, x)
		}
	}
	return out
}

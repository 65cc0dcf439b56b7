package ghsync

import (
	"cmp"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/google/go-github/v58/github"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Bounds of what is kept, in characters and in number. GitHub's own are narrower;
// they are for who pretends to be GitHub.
const (
	maxText = 500
	maxName = 200
	maxList = 100
)

// text is what is kept of a line that people wrote: without control characters,
// line breaks and what is no text.
func text(s string, most int) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\r' || c == '\t':
			return ' '
		case unicode.IsControl(c):
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.TrimSpace(s)
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i]
		}
	}
	return s
}

// firstLine is the summary of a commit's message.
func firstLine(message string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(message, "\r\n\t "), "\n")
	return text(line, maxText)
}

var hexadecimal = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

func isSHA(s string) bool { return hexadecimal.MatchString(s) }

// isTime reports whether t can be one of GitHub's: Git takes any number for a
// time, JSON and Postgres do not.
func isTime(t time.Time) bool { return t.Unix() > 0 && t.Year() < 9999 }

// isNumber reports whether n can be the number of an issue or a milestone.
func isNumber(n int) bool { return n > 0 && n <= math.MaxInt32 }

// second is a time of GitHub's as it is kept: UTC, to the second; zero when there
// is none.
func second(t github.Timestamp) time.Time {
	if !isTime(t.Time) {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}

// reduceIssue reduces an issue, or a pull request that is shown as one; false when
// it lacks what every issue has.
func reduceIssue(i *github.Issue) (hackfest.Issue, bool) {
	if i == nil {
		return hackfest.Issue{}, false
	}
	x := hackfest.Issue{
		Number: i.GetNumber(), Pull: i.IsPullRequest(), Title: text(i.GetTitle(), maxText), Open: i.GetState() == "open",
		Reason: text(i.GetStateReason(), maxName), Draft: i.GetDraft(), Labels: labels(i.Labels), Assignees: logins(i.Assignees),
		Author: text(i.GetUser().GetLogin(), maxName), Milestone: i.GetMilestone().GetNumber(),
		OpenedAt: second(i.GetCreatedAt()), ClosedAt: second(i.GetClosedAt()), UpdatedAt: second(i.GetUpdatedAt()),
		Mark: hackfest.MarkIn(i.GetBody()),
	}
	return settled(x, i.GetState())
}

// reducePull reduces a pull request.
func reducePull(p *github.PullRequest) (hackfest.Issue, bool) {
	if p == nil {
		return hackfest.Issue{}, false
	}
	x := hackfest.Issue{
		Number: p.GetNumber(), Pull: true, Title: text(p.GetTitle(), maxText), Open: p.GetState() == "open",
		Draft: p.GetDraft(), Labels: labels(p.Labels), Assignees: logins(p.Assignees),
		Author: text(p.GetUser().GetLogin(), maxName), Milestone: p.GetMilestone().GetNumber(),
		OpenedAt: second(p.GetCreatedAt()), ClosedAt: second(p.GetClosedAt()), MergedAt: second(p.GetMergedAt()), UpdatedAt: second(p.GetUpdatedAt()),
	}
	return settled(x, p.GetState())
}

// settled makes what is closed have a time for that, and nothing else have one.
func settled(x hackfest.Issue, state string) (hackfest.Issue, bool) {
	if x.Open {
		x.ClosedAt, x.MergedAt = time.Time{}, time.Time{}
	} else if x.ClosedAt.IsZero() {
		x.ClosedAt = x.UpdatedAt
	}
	return x, isNumber(x.Number) && (state == "open" || state == "closed") && !x.OpenedAt.IsZero() && !x.UpdatedAt.IsZero()
}

// labels are the names of labels as GitHub spells them.
func labels(list []*github.Label) []string {
	names := []string{}
	for _, l := range list[:min(len(list), maxList)] {
		if name := text(l.GetName(), maxName); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// logins are the names of GitHub's users.
func logins(list []*github.User) []string {
	names := []string{}
	for _, u := range list[:min(len(list), maxList)] {
		if name := text(u.GetLogin(), maxName); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// reduceRelease reduces a release; false when it is not published.
func reduceRelease(r *github.RepositoryRelease) (hackfest.Release, bool) {
	x := hackfest.Release{
		ID: r.GetID(), Tag: text(r.GetTagName(), maxText), Name: text(r.GetName(), maxText), Prerelease: r.GetPrerelease(),
		PublishedAt: second(r.GetPublishedAt()),
	}
	return x, x.ID > 0 && x.Tag != "" && !r.GetDraft() && !x.PublishedAt.IsZero()
}

// reduceMilestone reduces a milestone; false when it lacks what every one has.
func reduceMilestone(m *github.Milestone) (hackfest.Milestone, bool) {
	x := hackfest.Milestone{
		Number: m.GetNumber(), Title: text(m.GetTitle(), maxText), Open: m.GetState() == "open",
		DueOn: second(m.GetDueOn()).Truncate(24 * time.Hour), UpdatedAt: cmp.Or(second(m.GetUpdatedAt()), second(m.GetCreatedAt())),
		ClosedAt: second(m.GetClosedAt()),
	}
	return x, isNumber(x.Number) && !x.UpdatedAt.IsZero()
}

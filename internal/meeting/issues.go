package meeting

import (
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// noteIssues remembers the GitHub issues and pull requests that text names, also
// by a bare #12 where the meeting's session has a repository.
func (t *turn) noteIssues(text string) {
	for _, issue := range IssuesIn(text, t.s.session().Repository, t.s.Context.GitHub) {
		known := func(i Issue) bool { return i.Number == issue.Number && strings.EqualFold(i.Repo, issue.Repo) }
		if !slices.ContainsFunc(t.s.Issues, known) {
			t.s.Issues = append(slices.Clip(t.s.Issues), issue)
		}
	}
}

// IssuesIn lists the issues that a line names. A bare #12 is of repo, owner/name,
// if that is not "", except in "#done #1", which numbers open actions. Addresses
// are those of github.com and of the GitHub whose pages begin with web.
func IssuesIn(line, repo, web string) []Issue {
	line = irctext.Strip(line)
	if word, _, ok := commandWord(line); ok && NumbersActions(word) {
		repo = ""
	}
	var list []Issue
	for _, found := range hackfest.FindIssues(line, repo, web) {
		list = append(list, found.Ref)
	}
	return list
}

// NumbersActions reports whether what stands behind a command are numbers of open
// actions. The command is without its #.
func NumbersActions(command string) bool {
	_, ok := settlementSaid[Settlement(strings.ToLower(command))]
	return ok
}

package meeting

import (
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// noteIssues remembers the GitHub issues and pull requests that text names, also
// by a bare #12 where the meeting's session has a repository.
func (t *turn) noteIssues(text string) {
	for _, found := range hackfest.FindIssues(text, t.repository()) {
		issue := found.Ref
		known := func(i Issue) bool { return i.Number == issue.Number && strings.EqualFold(i.Repo, issue.Repo) }
		if !slices.ContainsFunc(t.s.Issues, known) {
			t.s.Issues = append(slices.Clip(t.s.Issues), issue)
		}
	}
}

// repository is what a bare #12 in the line means an issue of; "" when it means
// none, as in "#done #1", which numbers open actions.
func (t *turn) repository() string {
	if word, _, ok := commandWord(t.text); ok && NumbersActions(word) {
		return ""
	}
	return t.s.session().Repository
}

// NumbersActions reports whether what stands behind a command are numbers of open
// actions. The command is without its #.
func NumbersActions(command string) bool {
	_, ok := settlementSaid[Settlement(strings.ToLower(command))]
	return ok
}

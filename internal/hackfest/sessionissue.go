package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// MaxSessionIssues is how many issues people may link with one session.
const MaxSessionIssues = 50

// SessionIssue is an issue that somebody linked with a session by hand.
type SessionIssue struct {
	IssueRef
	By string // name of who did; "" when they left
	At time.Time
}

// LinkedIssue reads what somebody typed to link an issue: owner/repo#12, #12 when
// repo is not "", or the address of its page. Anything else is fault.Invalid.
func LinkedIssue(typed, repo string, web ...string) (IssueRef, error) {
	found := FindIssues(typed, repo, web...)
	switch {
	case len(found) == 0 && repo == "":
		return IssueRef{}, fault.On("issue", "Write the issue as owner/name#12, or the address of its page on GitHub.")
	case len(found) == 0:
		return IssueRef{}, fault.On("issue", "Write the issue as #12 of %s, as owner/name#12, or the address of its page on GitHub.", repo)
	case len(found) > 1:
		return IssueRef{}, fault.On("issue", "That names %d issues. Link one at a time.", len(found))
	}
	return found[0].Ref, nil
}

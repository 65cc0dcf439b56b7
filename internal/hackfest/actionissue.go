package hackfest

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// ActionIssueState is how far an action has come on its way to an issue.
type ActionIssueState string

const (
	IssueOffered ActionIssueState = "offered" // we have no token: whoever follows a link makes it
	IssuePending ActionIssueState = "pending" // it is to be made
	IssueSending ActionIssueState = "sending" // GitHub is being asked to make it
	IssueMade    ActionIssueState = "made"
	IssueFailed  ActionIssueState = "failed"  // it was certainly not made; somebody may have it tried again
	IssueUnknown ActionIssueState = "unknown" // nobody knows whether it was made; it is looked for, and never made again meanwhile
)

// ActionIssue is an action that somebody confirmed to become an issue on GitHub,
// at most once. Times are UTC, zero where nothing happened yet.
type ActionIssue struct {
	Action       ItemID
	RepositoryID RepositoryID
	Repo         string // owner/name as it is called now
	Private      bool   // GitHub shows the repository to its members alone
	Title        string // "" once the issue is there
	Body         string // Markdown, without the mark; "" once the issue is there
	Label        string // "" is none
	Assignee     string // login; "" is nobody
	Mark         string // see Marked
	State        ActionIssueState
	Reason       string // why it failed, or why it waits
	Tries        int    // how often GitHub certainly did not take it
	DueAt        time.Time
	Number       int // of the issue; 0 while there is none
	PersonID     person.ID
	CreatedAt    time.Time
	SendingAt    time.Time
	SettledAt    time.Time
	Issue        *Issue // as GitHub last told; nil while it did not
}

// Ref names the issue; its number is 0 while there is none.
func (a ActionIssue) Ref() IssueRef { return IssueRef{a.Repo, a.Number} }

// ByGitHub is who brought an action to its state when its issue did.
const ByGitHub = "GitHub"

// IssueSure is how long after it was asked for an issue that GitHub does not have
// was certainly not made.
const IssueSure = 5 * time.Minute

// Limits of an issue that is made: GitHub's for titles and logins, ours for labels.
const (
	MaxIssueTitle = 256 // characters
	MaxIssueLabel = 50
	MaxLogin      = 39
)

// CheckActionIssue says what of an issue cannot be made as it is written, on the
// fields title, label and assignee.
func CheckActionIssue(a ActionIssue) []*fault.Error {
	var wrong []*fault.Error
	switch n := len([]rune(a.Title)); {
	case n == 0:
		wrong = append(wrong, fault.On("title", "The title is missing."))
	case n > MaxIssueTitle:
		wrong = append(wrong, fault.On("title", "GitHub takes titles of at most %d characters; this one has %d.", MaxIssueTitle, n))
	}
	if strings.Contains(a.Label, ",") || len([]rune(a.Label)) > MaxIssueLabel {
		wrong = append(wrong, fault.On("label", "One label of at most %d characters, without a comma.", MaxIssueLabel))
	}
	if a.Assignee != "" && !loginForm.MatchString(a.Assignee) {
		wrong = append(wrong, fault.On("assignee", "A login on GitHub has letters, digits and hyphens, at most 39."))
	}
	return wrong
}

// loginForm also takes the underscores of GitHub Enterprise's managed users.
var loginForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$`)

var markForm = regexp.MustCompile(`<!-- hackfest-action: ([0-9a-f]{32}) -->`)

// Marked is the body of an issue with the mark by which it is found again. Nobody
// sees the mark on GitHub's page, and nobody can guess it before the issue is
// there.
func Marked(body, mark string) string {
	return strings.TrimRight(body, "\n") + "\n\n<!-- hackfest-action: " + mark + " -->\n"
}

// MarkIn is the mark in the body of an issue; "" is none.
func MarkIn(body string) string {
	m := markForm.FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return m[1]
}

// IssueTitle is the title that an issue has unless somebody writes another: the
// words of the action, on one line, as far as GitHub takes them.
func IssueTitle(words string) string {
	words = IssueLine(words)
	if runes := []rune(words); len(runes) > MaxIssueTitle {
		return strings.TrimSpace(string(runes[:MaxIssueTitle-1])) + "…"
	}
	return words
}

// IssueLine is text on one line, without what nobody sees.
func IssueLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsGraphic(c) }), " ")
}

// IssueBody is what the issue of an action says below its title, in GitHub's
// Markdown. What people wrote is quoted so that it notifies nobody and links
// nothing there. day is the meeting's, as people write it.
func IssueBody(a Action, title, meeting, day, minutes, line string) string {
	var b strings.Builder
	b.WriteString("Noted as an action in the meeting " + verbatim(IssueLine(meeting)) + " of " + day + ".\n")
	if words := IssueLine(a.Text); words != title {
		b.WriteString("\nAs it was noted: " + verbatim(words) + "\n")
	}
	b.WriteString("\n")
	if len(a.Owners) > 0 {
		owners := make([]string, len(a.Owners))
		for i, o := range a.Owners {
			owners[i] = verbatim(o)
		}
		b.WriteString("- Who takes it: " + strings.Join(owners, ", ") + "\n")
	}
	if !a.Due.IsZero() {
		b.WriteString("- Due: " + a.Due.Format("2 January 2006") + "\n")
	}
	b.WriteString("- Minutes: <" + minutes + ">\n- Its line in the log: <" + line + ">\n")
	return b.String()
}

// verbatim is words as a code span of Markdown (CommonMark 6.1).
func verbatim(words string) string {
	longest, run := 0, 0
	for _, c := range words {
		if run++; c != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if strings.HasPrefix(words, "`") || strings.HasSuffix(words, "`") {
		words = " " + words + " "
	}
	return fence + words + fence
}

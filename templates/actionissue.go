package templates

import (
	"maps"
	"net/url"
	"slices"

	"github.com/eucalyptus/hackfest/templates/ui"
)

// ActionIssuesPage is where actions of a meeting are ticked to become issues.
type ActionIssuesPage struct {
	Frame
	Name     string
	Session  string // slug; a bare #12 is of its repository
	Minutes  string // path of the meeting's minutes
	Path     string // of the form
	Form     ui.Form
	Token    bool   // else people open the issues themselves, by links
	Without  string // why no issue can be made; "" when some can
	Plan     string // the form where the session is given repositories; "" for who may not
	Actions  int    // of the meeting, settled ones too
	Choices  []IssueChoice
	Standing []StandingIssue
}

// IssueChoice is an action that can be ticked.
type IssueChoice struct {
	ID     string
	Text   []ui.Bit
	Line   string // path of its line
	Owners string // "" when nobody took it
	Due    string // "due Fri 24 Aug 2012"; "" without

	Make, Title, Repository, Label, Assignee ui.Field
}

// StandingIssue is an action that is an issue, or on its way to one.
type StandingIssue struct {
	ID       string // of the element
	At       ui.Moment
	Text     []ui.Bit
	Line     string
	State    ui.State
	Repo     string
	Reason   string     // why it failed or waits; "" when it does not
	Again    *ui.Moment // when it is tried next
	Issue    *MadeIssue
	Open     string // GitHub's form, filled in; "" when nobody has to follow it
	Retry    url.Values
	Withdraw string // "" when it is too late
	Lost     bool   // it was looked for long enough, and cannot be found: Withdraw ends that
	Form     ui.Form
}

// MadeIssue is an issue that was made of an action.
type MadeIssue struct {
	Name      string // owner/repo#12
	Href      string
	Known     bool // its title and state are known here
	StillOpen bool // the action is settled and the issue is open
}

// ConfirmIssuesPage shows what will be made, and where.
type ConfirmIssuesPage struct {
	Frame
	Name   string
	Back   string
	Form   ui.Form
	Token  bool
	Issues []IssuePreview
	Hidden url.Values // the form again
}

// IssuePreview is an issue as it will be.
type IssuePreview struct {
	Repo, Href string
	Private    bool // only the repository's members read it
	Title      string
	Body       string
	Label      string
	Assignee   string
}

// namesOf lists the fields of v in order.
func namesOf(v url.Values) []string { return slices.Sorted(maps.Keys(v)) }

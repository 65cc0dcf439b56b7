package templates

import (
	"net/url"

	"github.com/eucalyptus/hackfest/templates/ui"
)

// ChecklistURL is the path of a checklist by the last part of its address.
func ChecklistURL(path string) string { return "/checklists/" + url.PathEscape(path) }

// ChecklistsPage lists the checklists.
type ChecklistsPage struct {
	Frame
	Rows  []ChecklistRow
	Stale []CheckRow // that ask to be retired
}

// ChecklistRow is a checklist in a list.
type ChecklistRow struct {
	Href   string
	Title  string
	Kind   string // "target" or "series"; "" for all
	Items  string // "4 items"
	Caught string // "2 of them caught something"; may be empty
}

// ChecklistPage is one checklist.
type ChecklistPage struct {
	Frame
	Title     string
	For       *LogLink // the target, series or session; nil for all
	Sentence  string   // whom it is for
	Rows      []CheckRow
	Inherited []CheckRow // from the checklist for all
	Command   string     // "" when no program can look at anything
	Text      string     // all of it, to copy
	Next      *LogLink   // the next session that has it; nil for none
	Edit      string     // where it is changed; "" for those who may not
}

// CheckRow is an item of a checklist.
type CheckRow struct {
	ID        string // of the element
	Text      string
	Advice    string
	Mandatory bool
	Lesson    *LessonBehind
	Auto      string   // what Nurse looks at; "" is ticked by hand
	Caught    string   // "caught something in 2 sessions"; may be empty
	List      *LogLink // the checklist it is on, where that is not plain
	Stale     string   // why it asks to be retired; "" when it does not
	Path      string   // of its forms; "" for those who may not change it
	First     bool
	Last      bool
	Form      ui.Form
}

// ChecklistEditPage is where a checklist is changed.
type ChecklistEditPage struct {
	Frame
	Title   string
	Href    string // the checklist
	Path    string // where what is added is sent
	Rows    []CheckRow
	Retired []CheckRow
	Add     CheckFields
}

// CheckFields are the fields of an item.
type CheckFields struct {
	Form       ui.Form
	Text       string
	Advice     string
	Mandatory  bool
	Kinds      []ui.Choice
	Kind       string
	Severities []ui.Choice
	Values     map[string]string // of the check, by field
	Open       bool              // what Nurse looks at is shown at once
}

// CheckEditPage is where one item is changed.
type CheckEditPage struct {
	Frame
	List     LogLink
	Path     string
	Revision int
	Fields   CheckFields
}

// CheckMakePage is where a lesson is made a check.
type CheckMakePage struct {
	Frame
	Path    string
	Lesson  string
	State   ui.State
	Line    string // of the log; "" when none is known
	Form    ui.Form
	Lists   []ui.Choice
	List    string
	Already []LogLink // the checklists that have it
	Inherit []InheritRow
	More    int    // sessions that are not shown
	Later   string // that later ones have it too
	Fields  CheckFields
}

// InheritRow is a session that will have a check.
type InheritRow struct {
	At    ui.Moment
	Title string
	Href  string
}

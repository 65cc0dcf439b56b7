package templates

import (
	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// MinutesEditPage is the editor of a meeting's minutes, beside its log.
type MinutesEditPage struct {
	Frame
	Name     string  // of the meeting
	Path     string  // of the form
	Session  LogLink // the session's page, by its day
	State    ui.State
	SavedAt  *ui.Moment // nil before anybody wrote
	Writer   string     // who saved last, when that is somebody else; else ""
	Since    ui.Moment  // when they began
	Form     ui.Form
	Revision int // of the draft that the form was made of
	Number   int // of the published revision; 0 is none

	Suspects  []SuspectRow
	Summary   EditField
	Decisions EditList
	Actions   EditList
	Lessons   []EditLesson
	Topics    []EditTopic
	People    []EditPerson
	Hidden    string // how many are not to be named; "" is nobody
	Also      EditField
	Regrets   EditField
	Issues    EditField
	Names     []string // to choose from
	Images    []string
	Scopes    []ui.Choice
	Log       []EditLine
	LogMore   *LogLink // where the log goes on; nil when all of it is here
}

// EditField is a field of the editor.
type EditField struct {
	Name  string
	Label string
	Value string // "on" for what is ticked
	Error string
	Max   int
}

// EditList are entries of one sort, and those that are left out.
type EditList struct {
	Entries []EditEntry
	Out     []EditEntry
}

// EditEntry is an entry of the minutes.
type EditEntry struct {
	ID     string // of its element
	Kind   string
	At     ui.Moment
	Line   hackfest.Ref // that it stands on
	Text   EditField
	Owners *EditField // of an action
	Due    *EditField
	Gone   EditField
	Noted  string // what the channel noted, where people changed that; else ""
	Added  bool
	Fixed  string // what stands there and cannot be changed, like a mark of a removal; else ""
}

// EditLesson is a lesson or a candidate for one.
type EditLesson struct {
	ID      string
	At      ui.Moment
	LineRef hackfest.Ref
	Text    EditField
	Kind    EditField
	Scope   EditField
	Image   EditField
	Line    EditField
	Pick    EditField
	Noted   string
}

// EditTopic is a topic with what was noted under it, besides decisions and
// actions.
type EditTopic struct {
	ID      string
	At      ui.Moment
	Line    hackfest.Ref
	Title   *EditField // nil for what came before the first
	Fixed   string
	Noted   string
	Entries []EditEntry
	Out     []EditEntry
}

// EditPerson is somebody who was there.
type EditPerson struct {
	Nick EditField
	Gone EditField
	Said string // "12 lines"
}

// EditLine is a line of the log beside the editor.
type EditLine struct {
	LogRow
	Number int    // by which it can be cited; 0 for what cannot
	Pick   string // what its box is called
	Cited  bool
}

// SuspectRow is something that perhaps nobody should read.
type SuspectRow struct {
	What                 string // "a secret key"
	Place                string // "Summary"; "" for a line of the log
	At                   ui.Moment
	Who                  string
	Before, Found, After string
	Line                 hackfest.Ref // zero for what people wrote
	Redact               string       // value of the button that leads to its removal; "" without one
	Field                string       // id of the field that holds it; "" for a line
	Keep                 EditField
}

// fieldID is the id of a field's control.
func fieldID(name string) string { return "f-" + name }

// fieldAttributes are those of a control that are there only sometimes.
func fieldAttributes(d EditField) templ.Attributes {
	a := templ.Attributes{"autocomplete": "off"}
	if d.Max > 0 {
		a["maxlength"] = number(d.Max)
	}
	if d.Error != "" {
		a["aria-invalid"], a["aria-describedby"] = "true", fieldID(d.Name)+"-e"
	}
	return a
}

// longEntry is from how many characters on an entry has two lines.
const longEntry = 70

// lessonKinds are what a lesson can tell people to do.
var lessonKinds = []ui.Choice{
	{Value: string(hackfest.LessonDoAgain), Text: "do again"},
	{Value: string(hackfest.LessonAvoid), Text: "avoid"},
	{Value: string(hackfest.LessonUnknown), Text: "unknown"},
	{Value: string(hackfest.LessonBroken), Text: "broken upstream"},
}

// addKinds are what can be made of lines.
var addKinds = []ui.Choice{
	{Value: "agreed", Text: "Decision"}, {Value: "action", Text: "Action"}, {Value: "lesson", Text: "Lesson"}, {Value: "info", Text: "Note"},
}

// LineLabel is what the box beside a line is called.
func (l EditLine) LineLabel() string { return "Line " + number(l.Number) + ": " + l.Pick }

// labelled names a control without a label of its own.
func labelled(label string) templ.Attributes {
	if label == "" {
		return nil
	}
	return templ.Attributes{"aria-label": label}
}

// listed offers names for a control.
func listed(list string) templ.Attributes {
	if list == "" {
		return nil
	}
	return templ.Attributes{"list": list}
}

// counted is "1 field" or "3 fields".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// EntryID is the id of an entry's element in the editor.
func EntryID(sort, id string) string { return "e-" + sort + "-" + id }

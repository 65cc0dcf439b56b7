package templates

import "github.com/eucalyptus/hackfest/templates/ui"

// OpenAction is an action in a list outside its minutes, open or settled.
type OpenAction struct {
	ID             string   // of the element
	Owners         []ui.Who // empty when nobody took it
	Text           []ui.Bit
	Line           string // path of its line
	Due            string // "due Fri 24 Aug 2012"; "" without
	Late           bool   // that day has passed and it is still open
	Day            ui.Moment
	From, FromHref string   // the session it was noted in
	State          ui.State // open, carried over, done, dropped
	Age            string   // "open for 3 sessions"; "" for new and for settled ones
	Settle         *SettleBox
	Issue          *MadeIssue    // that was made of it; nil while there is none
	History        []ActionEvent // newest last; the note itself left out
}

// SettleBox lets its reader settle an action.
type SettleBox struct {
	Path   string
	Return string // where the reader is led back to
	Open   bool   // else it can be opened again
	Form   ui.Form
}

// ActionEvent is one step of an action's life.
type ActionEvent struct {
	At   ui.Moment
	Text string // "carried over by ann"
	Line string // path of the line that did it; "" for the web
}

package templates

import (
	"strconv"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// AgendaBox is the agenda of a session.
type AgendaBox struct {
	Path  string // where an item is taken up; "" for who does not
	Edit  string // the page on which it is changed; "" for who may not
	Items []AgendaRow
}

// AgendaRow is one item of an agenda.
type AgendaRow struct {
	ID    string
	Text  string
	From  *AgendaLink // the session it was carried over from; nil when it is new
	To    *AgendaLink // the session it was carried to; nil when it was not
	Taken bool
	Line  string // path of the line that took it up; "" when none did
	Now   bool   // it is talked about now
	Form  ui.Form
}

// AgendaLink leads to the session before or after in which an item stands.
type AgendaLink struct {
	Href string
	Text string // its day: "15 Aug"
}

// Counted says how much of an agenda is old: "2 carried over, 3 new".
func (a AgendaBox) Counted() string {
	old := 0
	for _, i := range a.Items {
		if i.From != nil {
			old++
		}
	}
	switch fresh := len(a.Items) - old; {
	case old == 0:
		return chart.Count(fresh, "item", "items")
	case fresh == 0:
		return strconv.Itoa(old) + " carried over"
	default:
		return strconv.Itoa(old) + " carried over, " + strconv.Itoa(fresh) + " new"
	}
}

// Taken counts the items that were taken up.
func (a AgendaBox) Taken() int {
	n := 0
	for _, i := range a.Items {
		if i.Taken {
			n++
		}
	}
	return n
}

// CarryBox offers to carry over what a session did not reach.
type CarryBox struct {
	Path string
	To   AgendaLink // the next session of the series
	Left int        // items
	Form ui.Form
}

// AgendaPage is the page on which an agenda is changed.
type AgendaPage struct {
	Frame
	Name  string // of the session
	Href  string
	When  ui.Span
	Path  string // of this page
	Items []AgendaEdit
	Add   ui.Form
	Carry *CarryBox
	Over  bool // the session is over: nothing is added
}

// AgendaEdit is an item that can be changed.
type AgendaEdit struct {
	AgendaRow
	Path        string // the forms are sent to paths below it
	Revision    string
	First, Last bool
	Fixed       bool // taken up, or carried on: it stays as it is
}

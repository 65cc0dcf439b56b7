package templates

import (
	"time"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// LogRowKind is how a row of a log is drawn.
type LogRowKind int

const (
	RowSaid  LogRowKind = iota // somebody said something
	RowEvent                   // something happened: one grey sentence
	RowGone                    // a line whose words are not kept
	RowGap                     // a stretch without log
)

// LogRow is one row of a log; mostly that is one line.
type LogRow struct {
	Ref      hackfest.Ref
	Kind     LogRowKind
	Class    string // besides: "m" for a line that became something, and what it became
	Mark     string // the word in the margin; "" for most
	At       ui.Moment
	Who      string
	WhoClass string    // colour of the nick; "" for our own bot
	Act      bool      // said with /me
	Command  string    // "#topic", shown as typed; "" when there is none or the margin says it
	Said     []ui.Bit  // of RowSaid
	Event    string    // of RowEvent, RowGone and RowGap
	Until    ui.Moment // of RowGap with both ends: the second; At is the first
	More     string    // of RowEvent: what unfolds under Event; "" for most
	Folded   []hackfest.Ref
	Pick     string // what a box to remove the line is called; "" without a box
	Learn    string // where a lesson is made of the line; "" without a link
}

// LineID is the id of a line's row in a page.
func LineID(ref hackfest.Ref) string { return "l-" + ref.String() }

// stampOf is an instant as HTML wants it.
func stampOf(m ui.Moment) string { return m.At.Format(time.RFC3339) }

func lineHref(ref hackfest.Ref) templ.SafeURL { return templ.SafeURL("#" + LineID(ref)) }

// LogLink is a link above or below a log.
type LogLink struct{ Href, Text string }

// LogPage is a page of a channel's log: a day, or the time of a session.
type LogPage struct {
	Frame
	Network  string
	Channel  string
	Day      string    // "Wed 15 Aug 2012"; "" on a session's log
	Session  string    // title of the session; "" on a day's log
	Slug     string    // of the session whose repository a bare #12 means; "" for none
	Crumb    LogLink   // the page above this one; empty on a day's log
	All      string    // path of the channel's calendar
	Where    ui.Moment // the zone its times are in
	Facts    string    // "412 lines, 14 people."; may be empty
	Minutes  []LogLink // of what happened then
	Days     []LogLink // the day before and the day after
	Forms    []LogLink // other forms of this log
	Members  bool      // some lines on it are not for everybody
	Filtered bool      // marked lines only
	Rows     []LogRow
	Newer    templ.SafeURL // "" on the last page
	Older    templ.SafeURL // "" on the first page
	Remove   *RemoveBox    // lines are being picked to be removed; nil when not
}

// RemoveBox is the form around a log whose lines are picked to be removed.
type RemoveBox struct {
	Path   string // where it goes
	Before string // the ref behind which the page begins; "" is the log's beginning
	Stop   string // path of the page without boxes
	Wrong  string // what was wrong with the choice; "" when nothing was
}

// LogCalendarPage is the calendar of a channel's log: twelve months of it.
type LogCalendarPage struct {
	Frame
	Network  string
	Channel  string
	Purpose  string // may be empty
	Calendar chart.Calendar
	Newest   LogLink         // the last day
	Days     []ui.FacetGroup // all days by month, newest month first
	Earlier  *LogLink        // the twelve months before; nil when there is no log of then
	Later    *LogLink
}

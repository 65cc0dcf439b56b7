package templates

import (
	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// SessionPage is the page of a session. Exactly one of Before, Live and Ended
// is set.
type SessionPage struct {
	Frame
	Session  hackfest.Session
	State    ui.State
	When     ui.Span
	Begun    *ui.Moment // since when one runs that nobody planned; then When means nothing
	Length   string     // how long it took in all: "2 h 31 min"; "" until it is over
	Moved    *ui.Span   // when it was to be before it was moved; nil when it was not
	Where    Where
	Members  bool      // not everybody sees it
	By       string    // who moved or cancelled it; "" when that is not known
	Plan     []LogLink // the forms by which the reader may change its plan
	Calendar []LogLink // its calendar entries
	Event    string    // schema.org description as JSON
	Stream   Stream
	Sent     *Sent // what became of the command that led here; nil when none did
	Ready    ReadyBox
	Issues   IssuesBox

	Before *SessionBefore
	Live   *SessionLive
	Ended  *SessionEnded
}

// Console is the reader's, in whatever state the session is; nil when they have
// none.
func (p SessionPage) Console() *Console {
	switch {
	case p.Before != nil:
		return p.Before.Console
	case p.Live != nil:
		return p.Live.Console
	}
	return nil
}

// Where is how to get into a channel.
type Where struct {
	Channel string
	Network string
	Server  string // host; "" when unknown
	IRC     string // irc:// link; "" without a server
	WebChat string // "" when there is none
	Log     string // path of the channel's log
	Chairs  []ui.Who
	Host    *ui.Who // nil when nobody is named
}

// Stream is the live stream of a page; without a Path there is none.
type Stream struct {
	Path  string // of the stream
	After string // ref from which on it sends
	State string // what the page shows; the stream says when that is over
}

// Phase is how near a session is that has not begun.
type Phase int

// The phases, from far to near, and what may happen instead.
const (
	Ahead     Phase = iota // more than a day ahead
	Soon                   // within a day: the page is about getting in
	Starting               // within ten minutes
	Proposed               // nobody chairs it yet
	Cancelled              // it does not take place
)

// SessionBefore is a session that has not begun, or was cancelled.
type SessionBefore struct {
	Phase       Phase
	Reason      string   // why it was cancelled or moved; may be empty
	Instead     *LogLink // the joint meeting that is held instead; nil for none
	Chair       string   // where somebody says that they will chair a proposal; "" where there is none
	Next        *LogLink // of a cancelled one: the next that takes place
	Ribbon      chart.Ribbon
	Clashes     []Clash // what else is in its channel then
	Lessons     []TaughtLesson
	LessonsHref string // all lessons about its target
	Earlier     []EarlierSession
	LastTime    *LastTime // nil before the first
	Agenda      AgendaBox
	Console     *Console  // where a chair begins it; nil for everybody else
	Card        *RSVPCard // nil when nobody can answer
	Who         WhoComes
	First       []IssueRow // issues that suit somebody who is new
}

// LastTime is what the session before left behind.
type LastTime struct {
	Text, Href string // the session: "OpenShift Origin, 15 Aug"
	Lessons    []TaughtLesson
	Actions    []OpenAction
}

// TaughtLesson is a lesson with where it comes from.
type TaughtLesson struct {
	Text     string
	State    ui.State
	From     string // "OpenShift Origin, 2 Aug 2012"; "" when no session taught it
	FromHref string
	Line     templ.SafeURL // the line that taught it; "" when none is known
}

// EarlierSession is a session on the same target.
type EarlierSession struct {
	At    ui.Moment
	Title string
	Href  string
	State ui.State
}

// SessionLive is a session while it runs.
type SessionLive struct {
	Running bool     // a meeting runs; else it is only the time for one
	Console *Console // what the reader may say from here; nil for the public
	Floor   Floor
	Every   int // seconds after which the page loads itself again; 0 never
	Now     NowBox
	Tail    []LogRow
	Newest  ui.Moment
	Topics  []TopicRow
	Lists   []LiveList
	Earlier []MeetingLink // meetings of this session that are over
}

// NowBox is the box that says what is talked about.
type NowBox struct {
	Topic   string // "" before the first
	Since   ui.Moment
	Spark   chart.Spark
	Talking string // "9 talking"; "" when nobody is
	Lines   string // "214 lines"
	Start   string // what to type when no meeting runs; "" otherwise
}

// TopicRow is a topic in the list of a live page.
type TopicRow struct {
	ID       hackfest.ItemID
	Title    string
	Subtopic bool
	Undone   bool
	Now      bool // talked about now
}

// LiveList is one of the lists beside the log: decisions, actions and so on.
type LiveList struct {
	ID    string // of the list's element
	Title string
	Items []ItemRow
}

// ItemRow is an item of minutes.
type ItemRow struct {
	ID     string // of the element; "" where an item is shown for the second time
	At     ui.Moment
	Href   templ.SafeURL // of its line
	Kind   string        // "" where the list says it
	Text   []ui.Bit
	Link   *ui.Bit // of a link item
	Nick   string  // who noted it; "" where that is not shown
	Due    string  // "due Fri 24 Aug"; "" without
	Undone bool
	Gone   bool // Text is the mark that says who removed the words
}

// MeetingLink leads to another meeting of a session.
type MeetingLink struct {
	Href  string
	Title string
	At    ui.Moment
}

// SessionEnded is a session that is over.
type SessionEnded struct {
	NoLog    bool     // the time has passed and no meeting was held
	Logged   bool     // yet the channel has lines of that time
	Planned  *ui.Span // when it was to be, where that differs from when it was
	Spot     bool     // nobody planned it
	Before   *LogLink // the session before it in its series, or on its target
	After    *LogLink // the one after it
	Meetings []MinutesView
	Answered string // who of those who said that they come did; "" when nobody had answered
	Lessons  []TaughtLesson
	Agenda   AgendaBox
	Carry    *CarryBox // nil when nothing is left, or the reader may not
	Matrix   []ChangedCell
	Outcome  *OutcomeBox // nil without a repository
}

// MinutesView is the minutes of one meeting as its session's page shows them.
type MinutesView struct {
	ID        string      // of the element; unique on the page
	Title     string      // "" when the session has only one meeting
	When      ui.Span     // beside Title
	Published *ui.Moment  // when its minutes were published; nil while they are a draft
	Corrected string      // what the last revision corrected; may be empty
	Earlier   []DatedNote // what earlier corrections were, newest first
	Revisions string      // where all revisions are; "" while there is one at most
	Edit      string      // where it is written; "" for those who may not
	Writing   *Writing    // who writes about it; nil when nobody does
	Members   bool        // for members only
	Noted     int         // items that stand in them
	Arrange   *ArrangeBox // for chairs; nil for everybody else
	Silence   bool        // nobody ended it: it ended by itself
	Summary   []string
	Chairs    []ui.Who
	Regrets   []ui.Who
	Held      string // full date, both ends and zone of the session
	Present   string // "11 spoke, 5 took an action"
	Length    string
	Forms     []LogLink
	Log       LogLink
	Pulse     chart.Pulse
	Decisions []ItemRow
	Actions   []ActionRow
	Issuable  string // where issues are made of them, for who may; "" for others
	Votes     []VoteBox
	Topics    []TopicView
	Lessons   []ItemRow
	Issues    []LogLink
	People    []PersonRow
	Listened  string // "rnix^ and lindqvist listened; hackbot kept the log."; may be empty
	Problems  []string
}

// DatedNote is what was corrected, and when.
type DatedNote struct {
	At   ui.Moment
	Note string
}

// Writing says that somebody writes minutes that are not published yet.
type Writing struct {
	Writer string // "" when they left
	Since  ui.Moment
	Saved  ui.Moment
}

// ActionRow is an action with all who took it.
type ActionRow struct {
	Who  []ui.Who // empty when nobody did
	Item ItemRow
	Due  string
	Now  *OpenAction // how it stands today; nil when that is not known
}

// TopicView is a section of minutes with what was noted in it.
type TopicView struct {
	ID    string // of the element
	Title string
	Sub   bool
	At    ui.Moment
	Href  templ.SafeURL
	Items []ItemRow
}

// PersonRow is somebody who spoke.
type PersonRow struct {
	Who   ui.Who
	Lines int
}

// elementID is the id of an element that may have none.
func elementID(id string) templ.Attributes {
	if id == "" {
		return nil
	}
	return templ.Attributes{"id": id}
}

// ItemElement is the id of an item's element on a page.
func ItemElement(id string) string { return "i-" + id }

// TopicElement is the id of a topic's element on a page.
func TopicElement(id string) string { return "t-" + id }

// Count is the number beside the title of a live list.
func (l LiveList) Count() int {
	n := 0
	for _, i := range l.Items {
		if !i.Undone {
			n++
		}
	}
	return n
}

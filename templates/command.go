package templates

import (
	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/templates/ui"
)

// Console is what a signed-in reader of a session's page may say in its channel
// from there. Its forms are ordinary ones.
type Console struct {
	Path    string // the forms are sent to paths below it
	Channel string
	Nick    string     // as whom it is said
	Chair   bool       // the reader may run the meeting
	Running bool       // a meeting runs
	Opens   *ui.Moment // from when on it can be started here; nil when it can now
	Title   string     // what a meeting is called when nothing is typed
	Kinds   []string   // commands that note an item: "#action"
	Kind    string     // the one that was chosen
	Away    string     // why nothing sent from here is said now; "" when it will be
	Place   string     // where a chair gives the meeting to another session; "" for everybody else
	Voting  bool       // a vote is open, so no other can be

	Topic, Text, Question, Name ui.Form // the forms with a field to type in, each with what came back
	End                         ui.Form
	Other                       ui.Form // any other form of the page, when it came back

	Next NextBox
	Undo UndoBox
	Sent *Sent
}

// Sent is a command given on a page, and what became of it.
type Sent struct {
	Line  string // what is said in the channel: "#topic Ports"; "" when nobody knows it any more
	Poll  string // path of the page that says how it went; "" when that is known
	At    *ui.Moment
	Href  templ.SafeURL // of the line it became
	Where string        // the channel

	OffRecord bool // the meeting was off the record, so nothing was done
}

// NextBox is the button that takes up the next item of the agenda; without Text
// there is none.
type NextBox struct {
	Path string
	ID   string // of the item
	Text string
	Form ui.Form
}

// UndoBox says what would be taken back; without Text there is nothing.
type UndoBox struct {
	Path string
	ID   string // of the item or topic
	Text string // "#agreed images are named by id"
	Form ui.Form
}

// Floor is what changes in a running meeting besides its log and its items: the
// vote, who wants to speak, the agenda, and what is open from earlier.
type Floor struct {
	Vote     VoteBox
	Queue    QueueBox
	Agenda   AgendaBox
	Standing []OpenAction // that were open when the meeting began
}

// VoteBox is the vote that is open, or the last one.
type VoteBox struct {
	Path     string // where the reader votes; "" for who does not vote from here
	Question string // "" when there was none
	Open     bool
	Secret   bool
	Result   string // of one that is closed: "yes", "no decision"
	Options  []VoteRow
	Voted    string // who voted so far: "3 voted"
	Quorum   string // "2 of the 5 it takes"; may be empty
	How      string // what to type in the channel: "#vote yes"
	End      string // where a chair ends it; "" for everybody else
	Only     string // "only ann, bob"; "" when everybody may vote
	Form     ui.Form
	Closing  ui.Form // the form that ends it
}

// VoteRow is one option of a vote.
type VoteRow struct {
	Option string
	Count  int
	Share  string // width of its bar in per cent: "66.67%"
	Voters string // "ann, bob"; "" when secret or none
}

// QueueBox is who wants to speak.
type QueueBox struct {
	Path  string // where the reader gets in line; "" for who does not from here
	Ack   bool   // the reader gives the floor
	Nicks []string
	Mine  bool // the reader is in line
	Form  ui.Form
}

// wrong is the form of c that came back, for what stands above all of them.
func (c Console) wrong() ui.Form {
	for _, f := range []ui.Form{c.Topic, c.Text, c.Question, c.Name, c.End, c.Undo.Form, c.Next.Form, c.Other} {
		if len(f.Errors) > 0 {
			return f
		}
	}
	return ui.Form{}
}

// Package meeting is the meeting engine: it turns what people say in an IRC
// channel into minutes. Apply takes the state so far and one line, and returns
// the new state and what should happen because of it. It does no I/O, reads no
// clock and starts no goroutine: time comes with the line. So a meeting can be
// replayed from the log after a restart, from a foreign log, or in a test, and
// gives the same bytes.
//
// The commands are those of Debian's MeetBot, which most IRC communities know.
package meeting

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Context is what the shell knows and the engine needs. It arrives as the JSON
// text of a hackfest.Context line before each #startmeeting and again when
// settings change during a meeting.
type Context struct {
	BaseURL  string           `json:"base_url,omitempty"` // of the portal, without a slash at the end; "" offline
	GitHub   string           `json:"github,omitempty"`   // base of the pages of an Enterprise server's, without a slash at the end; "" is github.com alone
	Bot      string           `json:"bot,omitempty"`      // the bot's nick
	Sessions []ContextSession `json:"sessions,omitempty"` // the channel's next 24 hours, soonest first
	Topic    *string          `json:"topic,omitempty"`    // the channel's topic now; nil when not known
	Members  []string         `json:"members,omitempty"`  // nicks in the channel now; empty when not known
	Targets  []ContextTarget  `json:"targets,omitempty"`  // all there are
	Settings Settings         `json:"settings"`

	Tick    time.Time `json:"tick,omitzero"`     // set when nothing but time passed; the rest is then ignored
	Tallies []Tally   `json:"tallies,omitempty"` // in a replay only, behind #startmeeting; the rest is then ignored
	Whole   Whole     `json:"whole,omitempty"`   // offline only; the rest is then ignored
}

// Whole marks the ends of a log that is one meeting although nobody typed
// #startmeeting. See WholeLog.
type Whole string

const (
	WholeBegins Whole = "begins"
	WholeEnds   Whole = "ends"
)

// ContextSession is one planned session of the channel.
type ContextSession struct {
	Slug     string    `json:"slug"`
	Title    string    `json:"title"`
	StartsAt time.Time `json:"starts_at"` // UTC
	EndsAt   time.Time `json:"ends_at"`   // UTC

	Zone    string       `json:"zone,omitempty"`    // IANA name; in it "due friday" is understood; "" is UTC
	Target  string       `json:"target,omitempty"`  // slug of the session's target; "" when it has none
	Agenda  []AgendaItem `json:"agenda,omitempty"`  // what is not yet reached, in order
	Actions []OpenAction `json:"actions,omitempty"` // of the series, still open; their place here is their number in the meeting
	Coming  []string     `json:"coming,omitempty"`  // nicks of those who said on the web that they come
	Regrets []string     `json:"regrets,omitempty"` // and of those who do not; actions can name both

	Repository string `json:"repository,omitempty"` // owner/name: #12 is an issue of it; "" when the session has none
}

// Settings are the channel's.
type Settings struct {
	StartRight     string   `json:"start_right,omitempty"`     // who may start: "" or "anyone", "ops", "members"
	MemberAccounts []string `json:"member_accounts,omitempty"` // services accounts of members
	Noisy          bool     `json:"noisy,omitempty"`           // confirm items in the channel
	Casemapping    string   `json:"casemapping,omitempty"`     // ISUPPORT CASEMAPPING; "" is rfc1459
	W3C            bool     `json:"w3c,omitempty"`             // "ACTION: …", "RESOLVED: …", "Topic: …" and "PROPOSED: …" are commands too
}

// ItemKind is what sort of thing an Item records; the values are those of the
// minutes JSON and of the database.
type ItemKind string

const (
	Info     ItemKind = "info"
	Action   ItemKind = "action"
	Agreed   ItemKind = "agreed"
	Accepted ItemKind = "accepted"
	Rejected ItemKind = "rejected"
	Idea     ItemKind = "idea"
	Help     ItemKind = "help"
	Link     ItemKind = "link"
	Lesson   ItemKind = "lesson"
	Voted    ItemKind = "vote"
)

// Decision reports whether items of kind k are decisions.
func (k ItemKind) Decision() bool { return k == Agreed || k == Accepted || k == Rejected }

// Topic is a section of the minutes.
type Topic struct {
	ID       hackfest.ItemID
	Title    string // "" only for the section before the first #topic
	Subtopic bool
	At       time.Time // UTC
	Undone   bool
}

// Item is one entry of the minutes.
type Item struct {
	ID     hackfest.ItemID // ID.Ref is the line that made it
	Topic  hackfest.ItemID
	Kind   ItemKind
	At     time.Time           // UTC
	Nick   string              // who noted it
	Text   string              // without the command, the URL of a link and formatting codes
	URL    string              // of a link; "" otherwise
	Due    time.Time           // UTC midnight of the day an action is due; zero when none
	Lesson hackfest.LessonKind // of a lesson: unknown, do again or avoid; "" otherwise
	Undone bool

	said   string // Text with all that was taken out of it: what a correction corrects; "" when nobody typed it
	author int    // place in People of whoever noted it, counted from 1; 0 for nobody
	life   int    // Person.lives of the author then
}

// Issue is a GitHub issue or pull request that was named in the meeting, as it
// was first written.
type Issue = hackfest.IssueRef

// Header is what a meeting is, apart from what was noted in it.
type Header struct {
	Ref         hackfest.Ref // of its #startmeeting line: the meeting's id
	Network     string
	Channel     string
	SessionSlug string // of the planned session it belongs to; "" when made on the spot
	Title       string
	Name        string   // #meetingname; "" when none
	Suffix      string   // #meetingtopic; "" when none
	Owner       string   // current nick of whoever started it; "" for a whole log
	Chairs      []string // current nicks, the owner first
	StartedAt   time.Time
	EndedAt     time.Time // zero while it runs
	EndedBy     string    // "chair" or "silence"; "" while it runs
	Restricted  bool      // a chair said #restrictlogs: minutes and log are for members only
}

// Effect is something the shell must carry out: one of the types below, in the
// order in which Apply returned them.
type Effect interface{ effect() }

type (
	// Say is for the channel.
	Say struct{ Text string }
	// Tell is a NOTICE to one person.
	Tell struct{ Nick, Text string }
	// SetTopic changes the channel's topic, if the bot may.
	SetTopic struct{ Text string }
	// Opened means that a meeting started.
	Opened struct{ Header Header }
	// Changed means that the header of the running meeting is now this one.
	Changed struct{ Header Header }
	// TopicNoted means that a topic was opened or, when Undone, taken back.
	TopicNoted struct{ Topic Topic }
	// Noted means that an item was added, corrected or, when Undone, taken back.
	Noted struct{ Item Item }
	// VoteMoved means that a vote was opened, changed, closed or taken back: it
	// is now this one. Ballot says that the line was counted as a vote.
	VoteMoved struct {
		Vote   Vote
		Ballot bool
	}
	// QueueMoved means that the speaker queue is now this one: nicks in their
	// turn, each with what they want to say if they told it.
	QueueMoved struct{ Queue []string }
	// Saved means that the draft of the running meeting is to be stored.
	Saved struct{ State State }
	// Closed means that the meeting ended; State is its last.
	Closed struct{ State State }
)

func (Say) effect()        {}
func (Tell) effect()       {}
func (SetTopic) effect()   {}
func (Opened) effect()     {}
func (Changed) effect()    {}
func (TopicNoted) effect() {}
func (Noted) effect()      {}
func (VoteMoved) effect()  {}
func (QueueMoved) effect() {}
func (Saved) effect()      {}
func (Closed) effect()     {}

// Applied is a line with the effects it had: what the shell stores.
type Applied struct {
	Line    hackfest.Line
	Effects []Effect
}

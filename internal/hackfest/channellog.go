package hackfest

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// LineKind is what sort of thing a Line of a channel log records. The values
// are also the database's.
type LineKind string

const (
	Message LineKind = "message" // PRIVMSG to the channel
	Act     LineKind = "action"  // CTCP ACTION, "/me"; never a command
	Notice  LineKind = "notice"
	Join    LineKind = "join"
	Part    LineKind = "part"
	Quit    LineKind = "quit"
	Nick    LineKind = "nick"  // Line.Nick became Line.Target
	Topic   LineKind = "topic" // Line.Text is the new topic
	Mode    LineKind = "mode"  // Line.Text is the mode string with its arguments
	Kick    LineKind = "kick"  // Line.Nick kicked Line.Target
	Gap     LineKind = "gap"   // a connect or a disconnect of ours; Line.Text says why

	Context LineKind = "context" // what the shell told the engine (JSON); never shown
	Web     LineKind = "web"     // a command given on the web; shown as a message by its author
	Private LineKind = "private" // a vote sent to the bot alone; never shown
)

// Shown reports whether lines of kind k are part of the public log and API.
func (k LineKind) Shown() bool { return k != Context && k != Private }

// Line is one thing that happened in one channel. It is what the spool holds,
// what the engine folds and what a row of table lines keeps.
type Line struct {
	Ref        Ref       `json:"ref"`
	Network    string    `json:"network"`     // the network's name, as in URLs
	Channel    string    `json:"channel"`     // as the server spells it, with its prefix; compare by the network's casemapping
	At         time.Time `json:"at"`          // UTC, to show: the server's time clamped to 5 s around ReceivedAt
	ReceivedAt time.Time `json:"received_at"` // UTC, our clock when the bytes came

	Nick    string   `json:"nick"`              // "" for what the server or we did
	Account string   `json:"account,omitempty"` // services account; "" when unknown or not logged in
	Kind    LineKind `json:"kind"`
	Text    string   `json:"text"`             // valid UTF-8 without NUL; formatting codes are kept
	Target  string   `json:"target,omitempty"` // the new nick of a Nick line, the victim of a Kick
	Raw     []byte   `json:"raw,omitempty"`    // the text's bytes as received, only where they differ from Text

	Self        bool `json:"self,omitempty"`        // said by our own bot
	Bot         bool `json:"bot,omitempty"`         // tagged as a bot's by the server (IRCv3 bot mode)
	Op          bool `json:"op,omitempty"`          // the author was a channel operator when saying it
	History     bool `json:"history,omitempty"`     // replayed by a server or bouncer: kept, never a command
	OffRecord   bool `json:"off_record,omitempty"`  // a tombstone: its text, or the rest of it, was not kept
	Windows1252 bool `json:"windows1252,omitempty"` // Raw was not UTF-8 and has been read as Windows-1252

	Command string `json:"command,omitempty"` // id of the web command a Web line carries out
}

// ChannelID identifies a channel inside one database; people see its network
// and path.
type ChannelID int64

// ChannelInfo is a channel whose log is kept.
type ChannelInfo struct {
	ID         ChannelID
	Network    string // the network's name, as in URLs
	Server     string // host of the network's server, as people put it into a client; may be empty
	Name       string // as the server spells it, with its prefix
	Folded     string // Name under the network's casemapping
	Path       string // Folded without exactly one leading '#': the part of URLs, not yet percent-encoded
	Purpose    string // may be empty
	WebchatURL string // may be empty
	Visibility person.Visibility
	Joined     bool // the bot should be in it
	Logged     bool
	AppliedRef Ref // the last line that reached the database; zero before the first
}

// LogLine is a Line as it is shown in a log.
type LogLine struct {
	Line
	ChangedRef  Ref    // the line that last changed this one; its own Ref at first
	MembersOnly bool   // the public does not see it
	Redacted    bool   // its text was taken away; Text and Raw are empty
	RedactedBy  string // who did that; "" when it was not
	RedactedAt  time.Time
	Marks       []string // what it noted in the minutes: "topic", "subtopic" or a kind of item, in order; nil for most lines
}

// LogDay is one day of a channel log.
type LogDay struct {
	Day    time.Time // midnight in UTC
	Lines  int       // all kinds but those never shown
	Said   int       // messages and actions of people; counted by Activity only
	More   bool      // there are more than were counted
	People int       // nicks that said something; counted by Days only
}

// Pulse is how busy a channel was over some time.
type Pulse struct {
	Minutes  []PulseMinute // only minutes in which something was said, oldest first
	Speakers int           // how many people said something; an account counts once, bots not at all
}

// PulseMinute is how much was said in one minute.
type PulseMinute struct {
	At    time.Time // UTC, the full minute
	Lines int       // messages and actions, those of bots left out
}

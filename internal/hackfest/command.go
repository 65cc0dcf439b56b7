package hackfest

import (
	"strings"
	"time"
	"unicode"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// CommandLife is how long a command given on the web waits for the bot.
const CommandLife = 30 * time.Second

// MaxCommand is the longest command, in bytes, so that the bot can say it in one
// line.
const MaxCommand = 300

// WebCommand is something a person says to a channel on the web: "#topic
// Images". The bot puts it into the log in the person's name and says it in the
// channel.
type WebCommand struct {
	ID        string // 26 characters; given out when stored
	ChannelID ChannelID
	PersonID  person.ID
	Nick      string // as whom they speak on the channel's network; "name/web" for who has proven none
	Account   string // their services account; "" when they have proven none
	Text      string // one line, at most MaxCommand bytes
	Chair     bool   // the portal lets them run this meeting

	Network, Channel string // filled in for the bot: the channel as the server spells it
}

// CommandState is what became of a WebCommand.
type CommandState string

const (
	CommandWaiting CommandState = "waiting"
	CommandGiven   CommandState = "given" // it is in the log
	CommandLost    CommandState = "lost"  // not delivered
)

// CommandStatus is how a WebCommand stands.
type CommandStatus struct {
	ID        string
	Text      string // what was sent, as long as no bot has taken it; "" afterwards
	State     CommandState
	Ref       Ref       // its line; zero unless given
	Stored    bool      // the line, with what it did, has reached the database
	OffRecord bool      // the meeting was off the record, so nothing of it was kept or done
	MadeAt    time.Time // UTC
}

// CommandText is text as a command keeps it: one line without control
// characters and without blanks around it. What is empty or too long is
// fault.Invalid, with Field "text".
func CommandText(text string) (string, error) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD")))
	switch {
	case text == "":
		return "", &fault.Error{Kind: fault.Invalid, Field: "text", Message: "There is nothing to say."}
	case len(text) > MaxCommand:
		return "", &fault.Error{Kind: fault.Invalid, Field: "text", Message: "This is too long for one line on IRC: at most 300 bytes."}
	}
	return text, nil
}

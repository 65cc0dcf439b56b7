package hackfest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// AgendaID identifies an AgendaItem.
type AgendaID int64

// AgendaState is what became of an agenda item.
type AgendaState string

const (
	AgendaOpen    AgendaState = "open"    // still to come
	AgendaReached AgendaState = "reached" // became a topic
	AgendaCarried AgendaState = "carried" // not reached; it is on the agenda of a later session
	AgendaDropped AgendaState = "dropped" // taken off; it can be put back
)

// MaxAgenda is how many items the agenda of one session may have, dropped ones
// left out; MaxAgendaText is how long each may be, in characters.
const (
	MaxAgenda     = 50
	MaxAgendaText = 300
)

// AgendaItem is one thing a session is to talk about.
type AgendaItem struct {
	ID         AgendaID
	SessionID  SessionID
	Text       string // one line, at most MaxAgendaText characters
	State      AgendaState
	Revision   int    // counts edits, for optimistic locking
	From       string // slug of the session it was carried over from; "" when it is new, or not for the viewer
	FromTitle  string
	To         string // slug of the session it was carried over to; "" while it was not, or not for the viewer
	ToTitle    string
	Topic      Ref    // the line that made it a topic; zero before
	Action     ItemID // the action that returned by itself; zero for what people wrote
	ChangedRef Ref    // the line that last changed it; zero when only the web did
}

// AgendaText is text as an agenda item keeps it: one line without control
// characters and without blanks around it. What is empty or too long is
// fault.Invalid, with Field "text".
func AgendaText(text string) (string, error) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
	switch n := utf8.RuneCountInString(text); {
	case text == "":
		return "", &fault.Error{Kind: fault.Invalid, Field: "text", Message: "Say what is to be talked about."}
	case n > MaxAgendaText:
		return "", &fault.Error{Kind: fault.Invalid, Field: "text", Message: "An agenda item has at most 300 characters."}
	}
	return text, nil
}

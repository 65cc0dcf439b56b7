package meeting

import (
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Silence is how long nobody may speak before a tick ends the meeting.
const Silence = silence

// Starts reports whether l asks for a meeting to be started: it is what Apply
// takes for #startmeeting, whether or not one runs. Before such a line the shell
// tells the engine what it knows.
func Starts(l hackfest.Line) bool {
	if l.Self || l.Bot || l.History || l.Kind != hackfest.Message && l.Kind != hackfest.Web {
		return false
	}
	word, _, ok := commandWord(irctext.Strip(l.Text))
	return ok && word == "startmeeting"
}

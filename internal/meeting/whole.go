package meeting

import (
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// WholeLog makes one meeting of a log in which nobody typed #startmeeting, by
// putting a context line before its first line and one behind its last. Such a
// meeting has neither owner nor chairs, and every command is open to everybody.
// A log that has a #startmeeting is returned as it is.
func WholeLog(lines []hackfest.Line) []hackfest.Line {
	if len(lines) == 0 {
		return nil
	}
	for _, l := range lines {
		word, _, ok := commandWord(irctext.Strip(l.Text))
		if ok && word == "startmeeting" && l.Kind == hackfest.Message && !l.Bot && !l.Self {
			return lines
		}
	}
	first, last := lines[0], lines[len(lines)-1]
	mark := func(at hackfest.Line, w Whole) hackfest.Line {
		return hackfest.Line{
			Ref: at.Ref, Network: at.Network, Channel: at.Channel, At: at.At, ReceivedAt: at.ReceivedAt,
			Kind: hackfest.Context, Text: `{"whole":"` + string(w) + `"}`,
		}
	}
	all := append([]hackfest.Line{mark(first, WholeBegins)}, lines...)
	return append(all, mark(last, WholeEnds))
}

// openWhole starts the meeting of a whole log.
func (t *turn) openWhole() {
	t.open("")
	t.s.Topics[0].ID.N = 0 // the ref is that of the first line, which may make items of its own
	t.out = append(t.out, Opened{t.s.Header}, TopicNoted{t.s.Topics[0]})
}

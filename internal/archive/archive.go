// Package archive knows how logs that were kept elsewhere come to stand among
// the lines that are here: which files of a folder are logs and which only
// repeat them, which lines of a log are missing here, and where in the channel's
// order those belong. It reads no files and stores nothing; what a log's text
// means is internal/logformat's.
package archive

import (
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Stored is a line of the channel that is there already.
type Stored struct {
	hackfest.Line
	MAC []byte // of a line whose words were taken away: by it a log's line is known as the same; else nil
}

// Words is what makes two spoken lines the same, whoever wrote them down: the
// nick in either case, and the text without formatting and doubled blanks.
func Words(nick, text string) string {
	return irctext.RFC1459.Fold(nick) + "\x00" + strings.Join(strings.Fields(irctext.Strip(text)), " ")
}

// fromTheWeb is how our bot begins to say what somebody gave on the web. Such a
// line is stored once, as its author's.
const fromTheWeb = "From the web, "

// saidOfWeb is how much of such a line is compared: the bot cuts long ones.
const saidOfWeb = 120

// key is what l has in common with other records of the same event.
func key(l hackfest.Line) string {
	switch l.Kind {
	case hackfest.Message, hackfest.Act, hackfest.Notice, hackfest.Web:
		if l.OffRecord && l.Text == "" {
			return "\x01off"
		}
		return Words(l.Nick, l.Text)
	case hackfest.Topic, hackfest.Mode, hackfest.Gap:
		return "\x01" + string(l.Kind) + "\x00" + Words("", l.Text)
	}
	return "\x01" + string(l.Kind) + "\x00" + Words(l.Nick, l.Target)
}

// webKey is the key of a line that our bot said for somebody on the web; "" for
// all others.
func webKey(l hackfest.Line) string {
	text := strings.Join(strings.Fields(irctext.Strip(l.Text)), " ")
	switch {
	case l.Kind == hackfest.Web && l.Text != "":
		text = fromTheWeb + strings.Join(strings.Fields(irctext.Strip(l.Nick)), "_") + ": " + text
	case l.Kind != hackfest.Message || !strings.HasPrefix(text, fromTheWeb):
		return ""
	}
	return "\x01web\x00" + text[:min(len(text), saidOfWeb)]
}

// precise reports whether t has seconds. A log that has none shows every line at
// the full minute.
func precise(t time.Time) bool { return t.Second() != 0 || t.Nanosecond() != 0 }

// PreciseLog reports whether the times of a log have seconds.
func PreciseLog(lines []hackfest.Line) bool {
	for _, l := range lines {
		if precise(l.At) {
			return true
		}
	}
	return false
}

func minute(t time.Time) int64 {
	s := t.Unix()
	if s < 0 {
		s -= 59
	}
	return s / 60
}

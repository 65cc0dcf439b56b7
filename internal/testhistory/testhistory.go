// Package testhistory makes random meetings for tests: what people say and do in
// a channel, what the shell tells the engine meanwhile, and what happens to the
// bot and to Postgres. The same seed makes the same history. One that shows a
// fault is cut down to what that needs.
package testhistory

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// Event is one thing that happens: a line, or a deed.
type Event struct {
	hackfest.Line              // as the server sent it or the shell makes it; of a deed only Ref and At count
	Do            Deed         // "" for a line
	Of            hackfest.Ref // the line that Redact hides
}

// Deed is what happens beside the lines of a channel.
type Deed string

const (
	Store    Deed = "store"       // what the bot has spooled reaches Postgres
	Again    Deed = "store again" // and so does the newest of what is stored, once more
	Restart  Deed = "restart"     // of the bot, which knows its spool and Postgres alone
	Redact   Deed = "redact"      // a line
	TakeBack Deed = "take back"   // the newest redaction
	Purge    Deed = "purge"       // of what cannot be taken back any more
)

// Bot is the nick of the bot in histories.
const Bot = "hackbot"

// spooler does with events what the bot does before it writes them down.
type spooler struct {
	state    meeting.State
	snapshot string // what the shell knows, as the text of a context line
	network  string
	channel  string
}

// Spool returns what the bot makes of events: what is off the record goes, before
// each #startmeeting comes what the shell knows, and behind each line what the
// bot says because of it. At first the shell knows first.
func Spool(events []Event, first meeting.Context) []Event {
	s := spooler{snapshot: textOf(first)}
	var out []Event
	for _, e := range events {
		out = append(out, s.take(e)...)
	}
	return out
}

// Lines are the lines of events.
func Lines(events []Event) []hackfest.Line {
	var lines []hackfest.Line
	for _, e := range events {
		if e.Do == "" {
			lines = append(lines, e.Line)
		}
	}
	return lines
}

func textOf(c meeting.Context) string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // a Context is strings, times and lists of them
	}
	return string(text)
}

func (s *spooler) take(e Event) []Event {
	l := e.Line
	switch {
	case e.Do != "":
		return []Event{e}
	case l.Kind == hackfest.Context && !strings.Contains(l.Text, `"tick":"`):
		s.snapshot = l.Text
		if !s.state.Running() {
			return nil
		}
		return s.put(l)
	case l.Kind == hackfest.Context:
		return s.put(l)
	}
	l = kept(l, s.state)
	if !meeting.Starts(l) {
		return s.put(l)
	}
	c := hackfest.Line{Ref: l.Ref, Network: l.Network, Channel: l.Channel, At: l.At, ReceivedAt: l.ReceivedAt, Kind: hackfest.Context, Text: s.snapshot}
	c.Ref[9]--
	return append(s.put(c), s.put(l)...)
}

// put folds a line and returns it with what the bot says to it.
func (s *spooler) put(l hackfest.Line) []Event {
	var effects []meeting.Effect
	s.state, effects = meeting.Apply(s.state, l)
	out := []Event{{Line: l}}
	for _, e := range effects {
		echo := hackfest.Line{Ref: l.Ref, Network: l.Network, Channel: l.Channel, At: l.At, ReceivedAt: l.ReceivedAt, Nick: Bot, Self: true}
		switch e := e.(type) {
		case meeting.Say:
			echo.Kind, echo.Text = hackfest.Message, e.Text
		case meeting.SetTopic:
			echo.Kind, echo.Text = hackfest.Topic, e.Text
		default:
			continue
		}
		echo.Ref[9] += byte(len(out))
		s.state, _ = meeting.Apply(s.state, echo)
		out = append(out, Event{Line: echo})
	}
	return out
}

// kept is what the bot writes down of l: the rule of [off], and that of #off.
func kept(l hackfest.Line, s meeting.State) hackfest.Line {
	off := s.OffTheRecord(l.At)
	switch l.Kind {
	case hackfest.Message, hackfest.Act, hackfest.Notice, hackfest.Web:
	case hackfest.Part, hackfest.Quit, hackfest.Kick:
		if off {
			l.Text, l.Raw, l.Windows1252 = "", nil, false
		}
		return l
	default:
		return l
	}
	text, cut := irctext.OffTheRecord(l.Text)
	if off {
		text, cut = s.KeptOff(l), true
	}
	if !cut {
		return l
	}
	l.Text, l.Raw, l.Windows1252, l.OffRecord = text, nil, false, true
	if text == "" {
		l.Nick, l.Account, l.Op = "", "", false
	}
	return l
}

// Wanted is how many histories a test tries: HACKFEST_TEST_HISTORIES, or usual.
func Wanted(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("HACKFEST_TEST_HISTORIES")); err == nil {
		return n
	}
	return usual
}

// mostTries is how often Shrink tries again.
const mostTries = 600

// Shrink drops events from a history for which fails, as long as it fails
// without them.
func Shrink(events []Event, fails func([]Event) bool) []Event {
	tries := 0
	for n := len(events) / 2; n > 0; n /= 2 {
		for at := 0; at < len(events) && tries < mostTries; {
			tries++
			if less := slices.Delete(slices.Clone(events), at, min(at+n, len(events))); fails(less) {
				events = less
			} else {
				at += n
			}
		}
	}
	return events
}

// Transcript writes events for people.
func Transcript(events []Event) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "%s %s ", e.At.Format(time.TimeOnly), e.Ref)
		switch {
		case e.Do == Redact:
			fmt.Fprintf(&b, "%s %s", e.Do, e.Of)
		case e.Do != "":
			b.WriteString(string(e.Do))
		default:
			fmt.Fprintf(&b, "%s <%s!%s> %s", e.Kind, e.Nick, e.Account, e.Text)
			for _, x := range []struct {
				on   bool
				text string
			}{
				{e.Target != "", " => " + e.Target},
				{e.Command != "", " id=" + e.Command},
				{e.Op, " op"},
				{e.Bot, " bot"},
				{e.Self, " self"},
				{e.History, " history"},
				{e.OffRecord, " off"},
			} {
				if x.on {
					b.WriteString(x.text)
				}
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

package ircbot

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// ear is what a room's lines go through on their way to the spool. It folds them
// itself, each at once, before it takes the next: so it knows whether a meeting
// is off the record before anything of the next line is written, and no line has
// to wait for the disk or for another goroutine. A line the spool has no room for
// is not folded, as nobody will read it.
type ear struct {
	mu       sync.Mutex
	state    meeting.State
	expected []string // what we say in a web command's name: it is in the log already
	commands []string // ids of the newest web commands
}

const (
	maxExpected = 50  // sayings that may be on the way to one room
	maxCommands = 200 // web commands of one room we know again
)

// prime lets the ears hear what is in Postgres and in the spool from before we
// started.
func (b *Bot) prime(ctx context.Context, standing []meeting.Resumption) {
	ctx, cancel := context.WithTimeout(ctx, askFor) // the last record may have been damaged since
	defer cancel()
	applied := map[*room]hackfest.Ref{}
	for _, res := range standing {
		if r := b.room(res.Network, res.Channel); r != nil {
			r.ear.start(res)
			applied[r] = res.Applied
		}
	}
	for after := (hackfest.Ref{}); after.Compare(b.found.Last) < 0; {
		lines, err := b.spool.Read(ctx, after, atOnce)
		if err != nil {
			b.cfg.Log.Error("the spool cannot be read", "err", err)
			return
		}
		for _, l := range lines {
			if r := b.room(l.Network, l.Channel); r != nil && l.Ref.Compare(applied[r]) > 0 {
				r.ear.state, _ = meeting.Apply(r.ear.state, l)
				r.ear.given(l.Command)
			}
			after = l.Ref
		}
	}
}

// start makes the ear begin where res stands.
func (e *ear) start(res meeting.Resumption) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state = meeting.Replay(res.Lines)
	for _, l := range res.Lines {
		e.given(l.Command)
	}
}

// given notes the id of a web command, if it is one, and reports whether it was
// noted before.
func (e *ear) given(id string) (before bool) {
	if id == "" {
		return false
	}
	if slices.Contains(e.commands, id) {
		return true
	}
	e.commands = append(e.commands, id)
	e.commands = e.commands[max(0, len(e.commands)-maxCommands):]
	return false
}

// meeting is the state after all lines so far.
func (e *ear) meeting() meeting.State {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state
}

// take spools a line that people or the server made, without what is off the
// record; before one that asks for a meeting it spools what the engine has to
// know. The zero ref means that nothing was spooled.
func (b *Bot) take(r *room, l hackfest.Line) hackfest.Ref {
	e := &r.ear
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.heardAlready(l) {
		return hackfest.Ref{}
	}
	l = offTheRecord(l)
	if e.state.OffTheRecord(l.At) {
		l = unrecorded(l, e.state)
	}
	if meeting.Starts(l) {
		b.put(r, b.contextLine(r, l))
	}
	return b.put(r, l)
}

// heardAlready reports what is in the log before it comes: our saying of a web
// command, and a web command that comes twice.
func (e *ear) heardAlready(l hackfest.Line) bool {
	if l.Self && l.Kind == hackfest.Message {
		i := slices.Index(e.expected, echoOf(l.Text))
		if i >= 0 {
			e.expected = slices.Delete(e.expected, i, i+1)
		}
		return i >= 0
	}
	return e.given(l.Command)
}

// expect notes that we say text and that it is not to be stored.
func (e *ear) expect(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.expected = append(e.expected, echoOf(text))
	e.expected = e.expected[max(0, len(e.expected)-maxExpected):]
}

// echoOf is how a saying of ours is known again when the server gives it back.
func echoOf(text string) string { return strings.Join(strings.Fields(irctext.Strip(text)), " ") }

// append hands a line that the bot made itself to the spool.
func (b *Bot) append(l hackfest.Line) {
	r := b.room(l.Network, l.Channel)
	if r == nil {
		b.spoolLine(l)
		return
	}
	r.ear.mu.Lock()
	defer r.ear.mu.Unlock()
	b.put(r, l)
}

// put spools and folds a line of r, whose ear is locked.
func (b *Bot) put(r *room, l hackfest.Line) hackfest.Ref {
	if l.Ref = b.spoolLine(l); !l.Ref.IsZero() {
		r.ear.state, _ = meeting.Apply(r.ear.state, l)
	}
	return l.Ref
}

// spoolLine hands a line to the spool and counts it.
func (b *Bot) spoolLine(l hackfest.Line) hackfest.Ref {
	ref := b.spool.Append(l)
	if ref.IsZero() {
		b.Counters.Lost.Add(1)
	} else {
		b.Counters.Heard.Add(1)
	}
	return ref
}

// speech are the kinds of lines that people fill with words.
var speech = []hackfest.LineKind{hackfest.Message, hackfest.Act, hackfest.Notice, hackfest.Web}

// offTheRecord removes from l what its author does not want kept. It is done
// before anything is written; of a line that is all off the record only time
// and kind stay. What the bot says itself is no one's secret.
func offTheRecord(l hackfest.Line) hackfest.Line {
	if l.Self || !slices.Contains(speech, l.Kind) {
		return l
	}
	kept, off := irctext.OffTheRecord(l.Text)
	if !off {
		return l
	}
	return keepOnly(l, kept)
}

// unrecorded is what is kept of l while the meeting s is off the record: who came
// and went and what the bot said, and of the rest that something was said.
func unrecorded(l hackfest.Line, s meeting.State) hackfest.Line {
	switch {
	case l.Self:
	case slices.Contains(speech, l.Kind):
		l = keepOnly(l, s.KeptOff(l))
	case l.Kind == hackfest.Part || l.Kind == hackfest.Quit || l.Kind == hackfest.Kick:
		l.Text, l.Raw, l.Windows1252 = "", nil, false // the reason
	}
	return l
}

// keepOnly is l with kept as its text, and a tombstone when that is empty.
func keepOnly(l hackfest.Line, kept string) hackfest.Line {
	l.OffRecord, l.Text = true, kept
	if l.Raw = irctext.KeepRaw(l.Raw, kept); string(l.Raw) == kept {
		l.Raw, l.Windows1252 = nil, false
	}
	if kept == "" {
		l.Nick, l.Account, l.Op, l.Windows1252, l.Raw = "", "", false, false, nil
	}
	return l
}

// offTick is the time between two words to the engine that a meeting should be on
// the record again.
const offTick = 5 * time.Second

// backOnRecord reports whether the engine has to be told that a span off the
// record is over.
func (t *talk) backOnRecord(now time.Time) bool {
	until := t.state.OffUntil()
	if until.IsZero() || now.Before(until) || now.Sub(t.ended) < offTick {
		return false
	}
	t.ended = now
	return true
}

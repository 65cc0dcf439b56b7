package ircnet

import (
	"slices"
	"strings"
	"time"

	"github.com/lrstanley/girc"

	"github.com/eucalyptus/hackfest/internal/irctext"
)

const (
	burst      = 5    // lines at once after a silence, and then one each Timing.PerLine,
	perBytes   = 256  // plus once more for each so many bytes: ngIRCd punishes 256 in a second
	maxText    = 350  // bytes of text in one line; fits 512 with any prefix a server adds
	goesOn     = "… " // begins all pieces of a long line but the first, so that none begins with what people typed
	maxEvent   = 384  // bytes of target and text; girc cuts at 395
	maxQueue   = 500  // lines of ours that wait; more are dropped
	staleAfter = 2 * time.Minute
)

// said is one line waiting to be sent.
type said struct {
	command string // PRIVMSG, NOTICE, TOPIC
	target  string
	text    string
	at      time.Time  // when it was asked for; it is not said long after
	asked   *delivery  // who wants to know what became of it; nil for nobody
	label   string     // by which the server's answer to it is known; "" for none
	gone    time.Time  // when the socket had taken it; zero before
	only    *addressee // nil for everybody who has the nick, or is in the channel
}

type queue struct {
	items   []said
	dropped int
}

// Say says text in channel, in as many lines as it takes. It waits until we are
// in the channel, at most two minutes.
func (n *Network) Say(channel, text string) {
	n.enqueue(said{command: "PRIVMSG", target: channel, text: text})
}

// Notice tells text to one person.
func (n *Network) Notice(nick, text string) {
	n.enqueue(said{command: "NOTICE", target: nick, text: text})
}

// SetTopic sets the topic of channel, cut to what the server allows. "" clears
// it. That we may not is no error.
func (n *Network) SetTopic(channel, topic string) {
	n.mu.Lock()
	n.queue.items = slices.DeleteFunc(n.queue.items, func(s said) bool {
		old := s.command == "TOPIC" && n.mapping.Equal(s.target, channel)
		if old {
			s.asked.tell(ErrUnsaid)
		}
		return old
	})
	n.mu.Unlock()
	n.enqueue(said{command: "TOPIC", target: channel, text: topic})
}

// enqueue puts a line of ours behind those that wait, in pieces when it is too
// long; a topic, and a line somebody asks about, is cut instead.
func (n *Network) enqueue(line said) {
	if strings.ContainsAny(line.target, " ,:\x00\r\n\x07") || line.target == "" || len(line.target) > maxName {
		n.cfg.Log.Warn("nothing can be said to such a name", "target", line.target)
		line.asked.tell(ErrUnsaid)
		return
	}
	text := strings.ToValidUTF8(strings.NewReplacer("\x00", "", "\x01", "").Replace(line.text), "\ufffd")
	room := min(maxText, maxEvent-len(line.target))
	pieces := irctext.Split(text, room)
	switch {
	case line.command == "TOPIC" || line.asked != nil:
		pieces = append(pieces, "")[:1]
	case len(pieces) > 1:
		pieces = irctext.Split(text, room-len(goesOn))
		for i := range pieces[1:] {
			pieces[i+1] = goesOn + pieces[i+1]
		}
	}
	line.at = time.Now()
	n.mu.Lock()
	for _, piece := range pieces {
		if len(n.queue.items) >= maxQueue {
			if n.queue.dropped++; n.queue.dropped%100 == 1 {
				n.cfg.Log.Warn("too many lines wait to be said; dropping", "dropped", n.queue.dropped)
			}
			line.asked.tell(ErrUnsaid)
			continue
		}
		line.text = piece
		n.queue.items = append(n.queue.items, line)
	}
	n.mu.Unlock()
	n.wake()
}

// bucket lets size lines through at once and one in every so much time after.
type bucket struct {
	size   float64
	every  time.Duration
	tokens float64
	at     time.Time // zero before the first line
}

// take reports whether one more may go through now. It may cost more than one;
// the rest is waited for afterwards.
func (b *bucket) take(now time.Time, cost float64) bool {
	if b.at.IsZero() {
		b.tokens = b.size
	} else {
		b.tokens = min(b.size, b.tokens+float64(now.Sub(b.at))/float64(b.every))
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens -= cost
	return true
}

// pace sends what may be sent now: what the connection itself needs first.
func (s *session) pace(now time.Time) {
	for {
		o, ok := s.next(now)
		if !ok {
			return
		}
		s.push(o)
	}
}

// now sends a command past everything that waits.
func (s *session) now(command string, params ...string) {
	s.push(outgoing{event: &girc.Event{Command: command, Params: params}})
}

func (s *session) push(o outgoing) {
	if s.mute {
		return
	}
	select {
	case s.out <- o:
	default:
		s.fail("the server takes nothing any more")
	}
}

func (s *session) next(now time.Time) (outgoing, bool) {
	q := &s.n.queue
	q.items = slices.DeleteFunc(q.items, func(i said) bool { return i.stale(now) || s.misses(i) })
	at := slices.IndexFunc(q.items, s.sendable)
	if len(s.control) > 0 {
		if !s.bucket.take(now, 1) {
			return outgoing{}, false
		}
		event := s.control[0]
		s.control = s.control[1:]
		return outgoing{event: event}, true
	}
	if at < 0 || !s.bucket.take(now, 1+float64((len(q.items[at].target)+len(q.items[at].text))/perBytes)) {
		return outgoing{}, false
	}
	item := q.items[at]
	q.items = slices.Delete(q.items, at, at+1)
	if item.asked != nil {
		return s.sendAsked(item), true
	}
	if item.command == "TOPIC" {
		item.text = append(irctext.Split(item.text, s.support.number("TOPICLEN", maxText)), "")[0]
	}
	return outgoing{event: &girc.Event{Command: item.command, Params: []string{item.target, item.text}}}, true
}

// stale reports a line that has waited too long to be said, and tells whoever
// asks about it.
func (s said) stale(now time.Time) bool {
	if now.Sub(s.at) <= staleAfter {
		return false
	}
	s.asked.tell(ErrUnsaid)
	return true
}

// sendable reports whether a line would reach whom it is for.
func (s *session) sendable(i said) bool {
	return s.registered && (!s.support.isChannel(i.target) || s.roster.room(i.target) != nil)
}

// send puts a command of the connection itself in line.
func (s *session) send(command string, params ...string) {
	s.control = append(s.control, &girc.Event{Command: command, Params: params})
}

package ircnet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/lrstanley/girc"
)

// ErrUnsaid is that a line has certainly not been said and never will be.
var ErrUnsaid = errors.New("not said")

// errCutOff is that the connection ended with a line somewhere between us and
// the socket.
var errCutOff = errors.New("the connection ended while it was being said")

// delivery is a line of which somebody wants to know what became of it.
type delivery struct{ done chan error }

// tell says what became of it. Nobody asks twice, and the first answer stays.
func (d *delivery) tell(err error) {
	if d == nil {
		return
	}
	select {
	case d.done <- err:
	default:
	}
}

// Deliver says text in channel, as one line, and waits until the server has
// answered it or, where servers do not, until the socket has taken it. ErrUnsaid means that it was not said, also when ctx ended while it
// waited for its turn; any other error that nobody knows.
func (n *Network) Deliver(ctx context.Context, channel, text string) error {
	d := &delivery{done: make(chan error, 1)}
	n.enqueue(said{command: "PRIVMSG", target: channel, text: text, asked: d})
	select {
	case err := <-d.done:
		return err
	case <-ctx.Done():
	}
	n.mu.Lock()
	before := len(n.queue.items)
	n.queue.items = slices.DeleteFunc(n.queue.items, func(s said) bool { return s.asked == d })
	waiting := len(n.queue.items) < before
	n.mu.Unlock()
	select {
	case err := <-d.done: // it was said at the last moment
		return err
	default:
	}
	if waiting {
		return fmt.Errorf("%w: %w", ErrUnsaid, ctx.Err())
	}
	return ctx.Err()
}

// Waiting is how many lines of ours wait for their turn.
func (n *Network) Waiting() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.queue.items)
}

// sendAsked sends a line somebody asks about, with a label where servers answer
// each labelled line (https://ircv3.net/specs/extensions/labeled-response).
func (s *session) sendAsked(item said) outgoing {
	o := outgoing{event: &girc.Event{Command: item.command, Params: []string{item.target, item.text}}}
	if s.caps.on["labeled-response"] && s.caps.on["batch"] {
		s.labels++
		item.label = "hf" + strconv.Itoa(s.labels)
		o = outgoing{raw: fmt.Sprintf("@label=%s %s %s :%s", item.label, item.command, item.target, item.text)}
	}
	s.awaited = append(s.awaited, item)
	return o
}

// left is told by the wire that a line of ours is on the socket.
func (s *session) left(m *message) {
	i := slices.IndexFunc(s.awaited, func(a said) bool {
		return a.label == m.tags.label && a.command == m.command && a.target == m.param(0) && a.text == m.raw(1)
	})
	switch {
	case i < 0:
	case m.tags.label != "":
		s.awaited[i].gone = time.Now()
	default:
		s.settleAsked(i, nil)
	}
}

func (s *session) settleAsked(i int, err error) {
	s.awaited[i].asked.tell(err)
	s.awaited = slices.Delete(s.awaited, i, i+1)
}

// labelled looks for the answer to a labelled line: it comes back, is
// acknowledged or is refused, alone or in a batch.
func (s *session) labelled(m *message) {
	label := cmp.Or(m.tags.label, s.batches[m.tags.batch].label)
	i := slices.IndexFunc(s.awaited, func(a said) bool { return a.label == label })
	if label == "" || i < 0 {
		return
	}
	switch refused := len(m.command) == 3 && (m.command[0] == '4' || m.command[0] == '5'); {
	case refused || m.command == "FAIL":
		s.settleAsked(i, fmt.Errorf("%w: %s", ErrUnsaid, m.last()))
	case m.command == s.awaited[i].command || m.command == "ACK":
		s.settleAsked(i, nil)
	}
}

// watchLabels does not wait for ever: some servers forget.
func (s *session) watchLabels(now time.Time) {
	for i := len(s.awaited) - 1; i >= 0; i-- {
		if a := &s.awaited[i]; !a.gone.IsZero() && now.Sub(a.gone) > s.n.cfg.Timing.Label {
			s.settleAsked(i, nil)
		}
	}
}

// cutOff is the end of the connection for the lines that were on their way.
func (s *session) cutOff() {
	for _, a := range s.awaited {
		a.asked.tell(errCutOff)
	}
	s.awaited = nil
}

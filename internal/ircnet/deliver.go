package ircnet

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// Deliver says text in channel, as one line, and waits until the socket has
// taken it. ErrUnsaid means that it was not said, also when ctx ended while it
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

// left is told by the wire that a line of ours is on the socket.
func (s *session) left(m *message) {
	i := slices.IndexFunc(s.awaited, func(a said) bool {
		return a.command == m.command && a.target == m.param(0) && a.text == m.raw(1)
	})
	if i < 0 {
		return
	}
	s.awaited[i].asked.tell(nil)
	s.awaited = slices.Delete(s.awaited, i, i+1)
}

// cutOff is the end of the connection for the lines that were on their way.
func (s *session) cutOff() {
	for _, a := range s.awaited {
		a.asked.tell(errCutOff)
	}
	s.awaited = nil
}

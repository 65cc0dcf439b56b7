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

// ErrRefused is that the server did not let us, in its own words. It is wrapped
// together with ErrUnsaid.
var ErrRefused = errors.New("refused")

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
	return n.deliver(ctx, said{command: "PRIVMSG", target: channel, text: text})
}

// DeliverTo says text to one person, as one line, and waits like Deliver. They
// must be in a channel with us and, unless account is "", be logged in with
// services as that; else, and when they are logged in as anybody else, it is not
// said.
func (n *Network) DeliverTo(ctx context.Context, nick, account, text string) error {
	n.mu.Lock()
	only := &addressee{session: n.session, account: account, seen: true}
	n.mu.Unlock()
	return n.deliver(ctx, said{command: "NOTICE", target: nick, text: text, only: only})
}

// ChangeTopic sets the topic of channel and waits until the server says that it
// is set. It must have no more than TopicRoom bytes. ErrUnsaid means that it was
// not set, with ErrRefused that we may not.
func (n *Network) ChangeTopic(ctx context.Context, channel, topic string) error {
	return n.deliver(ctx, said{command: "TOPIC", target: channel, text: topic})
}

// TopicRoom is how many bytes the topic of channel may have.
func (n *Network) TopicRoom(channel string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	room := min(maxText, maxEvent-len(channel))
	if n.session != nil {
		room = min(room, n.session.support.number("TOPICLEN", room))
	}
	return room
}

// deliver puts a line behind those that wait, and waits for what becomes of it.
func (n *Network) deliver(ctx context.Context, line said) error {
	d := &delivery{done: make(chan error, 1)}
	line.asked = d
	n.enqueue(line)
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
	case m.tags.label != "" || m.command == "TOPIC":
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
		s.settleAsked(i, fmt.Errorf("%w, %w: %s", ErrUnsaid, ErrRefused, m.last()))
	case m.command == s.awaited[i].command || m.command == "ACK":
		s.settleAsked(i, nil)
	}
}

// topicSet looks for who waits for a topic to be set in channel: it is, or it is
// refused.
func (s *session) topicSet(channel string, err error) {
	i := slices.IndexFunc(s.awaited, func(a said) bool {
		return a.command == "TOPIC" && !a.gone.IsZero() && s.support.casemapping().Equal(a.target, channel)
	})
	if i >= 0 {
		s.settleAsked(i, err)
	}
}

// topicRefused is 482: we may not set the topic of a channel.
func topicRefused(s *session, m *message) {
	s.topicSet(m.param(1), fmt.Errorf("%w, %w: %s", ErrUnsaid, ErrRefused, m.last()))
}

// watchLabels does not wait for ever: some servers forget.
func (s *session) watchLabels(now time.Time) {
	for i := len(s.awaited) - 1; i >= 0; i-- {
		if a := &s.awaited[i]; !a.gone.IsZero() && now.Sub(a.gone) > s.n.cfg.Timing.Label {
			s.settleAsked(i, s.silence(*a))
		}
	}
}

// silence is what it means that the server has not answered a line: it was said,
// but a topic is only set when we see it.
func (s *session) silence(a said) error {
	c := s.roster.room(a.target)
	if a.command == "TOPIC" && (c == nil || c.topic != a.text) {
		return errCutOff
	}
	return nil
}

// cutOff is the end of the connection for the lines that were on their way.
func (s *session) cutOff() {
	for _, a := range s.awaited {
		a.asked.tell(errCutOff)
	}
	s.awaited = nil
}

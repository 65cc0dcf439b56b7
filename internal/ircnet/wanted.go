package ircnet

import "slices"

// Join makes the bot want to be in c, from now on and on each new connection.
// For a channel it wants already it takes over the key and makes a fresh start:
// ten tries, the first not sooner than Timing.Rejoin after the last. It may be
// called before Run.
func (n *Network) Join(c Channel) {
	n.mu.Lock()
	p := n.place(c.Name)
	if p == nil {
		p = &place{Channel: c}
		n.places = append(n.places, p)
	}
	p.Key, p.leaving = c.Key, false
	p.tries, p.givenUp, p.reason = 0, false, ""
	n.mu.Unlock()
	n.wake()
}

// Part makes the bot leave channel, with reason for those who are there, and not
// come back by itself. What waits to be said there is not said. Of a channel it
// is in it hears its own PART and a gap, then nothing any more; it may be called
// before Run.
func (n *Network) Part(channel, reason string) {
	n.mu.Lock()
	if p := n.place(channel); p != nil {
		p.leaving, p.farewell = true, reason
		n.dropLeft()
	}
	n.queue.items = slices.DeleteFunc(n.queue.items, func(s said) bool {
		here := n.mapping.Equal(s.target, channel)
		if here {
			s.asked.tell(ErrUnsaid)
		}
		return here
	})
	n.mu.Unlock()
	n.wake()
}

// place finds a channel we should be in; nil when we should not. Network.mu is
// held.
func (n *Network) place(channel string) *place {
	for _, p := range n.places {
		if n.mapping.Equal(p.Name, channel) {
			return p
		}
	}
	return nil
}

// dropLeft forgets the places that are not wanted any more and where we are not;
// Network.mu is held.
func (n *Network) dropLeft() {
	n.places = slices.DeleteFunc(n.places, func(p *place) bool {
		return p.leaving && (n.session == nil || n.session.roster.room(p.Name) == nil)
	})
}

// wake makes the loop look at once.
func (n *Network) wake() {
	select {
	case n.nudge <- struct{}{}:
	default:
	}
}

// leave parts from the channels that are not wanted any more.
func (s *session) leave() {
	for _, p := range s.n.places {
		if p.leaving && !p.parting {
			p.parting = true
			s.send("PART", p.Name, p.farewell)
		}
	}
}

// notThere is 442: the server does not know that we are in a channel.
func notThere(s *session, m *message) {
	if p := s.n.place(m.param(1)); p != nil && p.parting {
		s.roster.leave(p.Name)
		p.parting = false
		s.n.dropLeft()
	}
}

package ircnet

import (
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// place is a channel we should be in, and what we did to get there.
type place struct {
	Channel
	tries    int       // in a row
	next     time.Time // when to try again; zero is now
	givenUp  bool
	reason   string    // why we are not there; "" when we are or nobody said
	since    time.Time // when we came in, to measure from
	joined   time.Time // the same by the server's clock; zero when it did not tell
	left     time.Time // when the last gap began, by Config.Now; zero before the first join
	leaving  bool      // we do not want to be there any more, and may be still
	farewell string    // what those who are there are told then
	parting  bool      // the server was told, and has not answered
}

// reset gives the place a fresh start on a new connection.
func (p *place) reset() {
	p.tries, p.next, p.givenUp, p.reason, p.parting = 0, time.Time{}, false, "", false
}

// place finds a channel of ours by a name the server used; nil when it is none.
func (s *session) place(channel string) *place {
	for _, p := range s.n.places {
		if s.support.casemapping().Equal(p.Name, channel) {
			return p
		}
	}
	return nil
}

// join tries all channels that are due. A try that is not answered counts as
// one that failed.
func (s *session) join(now time.Time) {
	var names, keys []string
	for _, withKey := range []bool{true, false} { // JOIN a,b,c key-of-a: those with a key come first
		for _, p := range s.n.places {
			if (p.Key != "") != withKey || !s.due(p, now) {
				continue
			}
			names = append(names, p.Name)
			if withKey {
				keys = append(keys, p.Key)
			}
			if len(names) == 5 {
				s.sendJoin(names, keys)
				names, keys = nil, nil
			}
		}
	}
	if len(names) > 0 {
		s.sendJoin(names, keys)
	}
}

// due reports whether to try p now, and counts the try.
func (s *session) due(p *place, now time.Time) bool {
	if p.givenUp || s.roster.room(p.Name) != nil || now.Before(p.next) {
		return false
	}
	if p.tries >= JoinTries {
		p.givenUp = true
		if p.reason == "" {
			p.reason = "the server does not answer"
		}
		s.n.cfg.Log.Warn("gave a channel up", "channel", p.Name, "reason", p.reason)
		s.gap(p, s.n.cfg.Now(), "Gave up joining: "+p.reason+". An invitation brings the bot back.")
		return false
	}
	p.tries++
	p.next = now.Add(s.n.cfg.Timing.Rejoin)
	return true
}

func (s *session) sendJoin(names, keys []string) {
	params := []string{strings.Join(names, ",")}
	if len(keys) > 0 {
		params = append(params, strings.Join(keys, ","))
	}
	s.send("JOIN", params...)
}

// came is our own JOIN of a channel. One that is not ours, where a server
// forwarded us, is left again and never logged.
func (s *session) came(m *message, channel string) {
	p := s.place(channel)
	if p == nil {
		s.send("PART", channel)
		return
	}
	s.roster.enter(channel)
	text := "Connected to " + s.n.cfg.Name + "."
	if !p.left.IsZero() {
		text = "Connected again after " + m.at.Sub(p.left).Round(time.Second).String() + "."
	}
	p.reason, p.givenUp, p.since, p.joined = "", false, time.Now(), m.tags.time
	s.roster.wonder(channel, time.Now())
	s.gap(p, m.at, text)
}

// went is that we are no longer in a channel although we want to be: kicked, or
// made to part.
func (s *session) went(m *message, channel, reason string) {
	p := s.place(channel)
	known := s.roster.room(channel) != nil
	s.roster.leave(channel)
	if p == nil || !known {
		return
	}
	now := time.Now()
	p.left = m.at
	if p.parting || p.leaving {
		s.gap(p, m.at, "Left the channel: "+p.farewell)
		p.parting, p.next = false, time.Time{}
		s.n.dropLeft()
		return
	}
	if now.Sub(p.since) > JoinTries*s.n.cfg.Timing.Rejoin {
		p.tries = 0
	}
	p.next = now.Add(s.n.cfg.Timing.Rejoin)
	p.reason = reason
	s.gap(p, m.at, "Out of the channel: "+reason)
}

// joinRefused is one of the answers that keep us out: full, banned, by
// invitation only, a key, too many channels, a forward.
func joinRefused(s *session, m *message) {
	if p := s.place(m.param(1)); p != nil && s.roster.room(p.Name) == nil {
		reason := s.n.hide(m.last())
		if reason == p.reason {
			return // the log knows
		}
		p.reason = reason
		s.n.cfg.Log.Warn("cannot join", "channel", p.Name, "answer", m.command, "reason", p.reason)
	}
}

// invited is INVITE: a channel of ours is worth a new series of tries.
func invited(s *session, m *message) {
	if p := s.place(m.param(1)); p != nil && s.isMe(m.param(0)) {
		p.tries, p.givenUp = 0, false
	}
}

// gap logs that we came or went.
func (s *session) gap(p *place, at time.Time, text string) {
	name := p.Name
	if c := s.roster.room(name); c != nil {
		name = c.name
	}
	s.emit(hackfest.Line{Channel: name, At: at.UTC(), ReceivedAt: s.n.cfg.Now().UTC(), Kind: hackfest.Gap, Text: text})
}

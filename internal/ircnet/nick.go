package ircnet

import (
	"strconv"
	"time"
)

// maxCollisions is how many names we try before we come back later.
const maxCollisions = 20

// collisions counts the names that were refused before we were let in.
type collisions struct {
	n        int
	maxLen   int       // of a name the server takes; 0 is not known
	tryAgain time.Time // when to ask for the wanted nick again
	ghost    time.Time // when services may be asked to end who has it
}

// candidate is the nth name to try when the wanted one is taken: never more
// than two characters longer, and not longer than maxLen.
func candidate(wanted string, n, maxLen int) string {
	suffix := "_"
	switch {
	case n == 2:
		suffix = "__"
	case n > 2:
		suffix = strconv.Itoa(n - 2)
	}
	if maxLen > 0 && len(wanted)+len(suffix) > maxLen {
		wanted = wanted[:max(1, maxLen-len(suffix))]
	}
	return wanted + suffix
}

// nickRefused is 432, 433, 436, 437: while we register, another name is tried;
// later it only means that the wanted one is not free yet.
func nickRefused(s *session, m *message) {
	if s.support.isChannel(m.param(1)) {
		joinRefused(s, m) // 437 is for channels too
		return
	}
	if s.registered {
		return
	}
	if s.nicks.n++; s.nicks.n > maxCollisions {
		s.fail("no name was free")
		return
	}
	if m.command == "432" {
		s.nicks.maxLen = min(len(s.n.cfg.Nick), 9)
	}
	s.nick = candidate(s.n.cfg.Nick, s.nicks.n, s.nicks.maxLen)
	s.send("NICK", s.nick)
}

// regain asks for the wanted nick from time to time while we have another.
func (s *session) regain(now time.Time) {
	if s.support.casemapping().Equal(s.nick, s.n.cfg.Nick) || now.Before(s.nicks.tryAgain) {
		return
	}
	s.nicks.tryAgain = now.Add(s.n.cfg.Timing.Regain)
	s.dropGhost(now)
	s.send("NICK", s.n.cfg.Nick)
}

// freed is told that somebody gave up a nick.
func (s *session) freed(nick string) {
	if s.support.casemapping().Equal(nick, s.n.cfg.Nick) && !s.isMe(nick) {
		s.nicks.tryAgain = time.Time{}
	}
}

func (s *session) isMe(nick string) bool { return s.support.casemapping().Equal(nick, s.nick) }

package ircnet

import "time"

// whoToken marks the answers to our question
// (https://ircv3.net/specs/extensions/whox).
const whoToken = "717"

// askWho asks the server for the accounts of those in a channel: when we have
// joined it, and a while after somebody else has where JOIN does not tell.
// Servers without WHOX cannot be asked.
func (s *session) askWho(now time.Time) {
	if _, ok := s.support.tokens["WHOX"]; !ok {
		return
	}
	for _, c := range s.roster.channels {
		if !c.wonder.IsZero() && !now.Before(c.wonder) {
			c.wonder = time.Time{}
			s.send("WHO", c.name, "%tna,"+whoToken)
		}
	}
}

// whoIs is 354: token, nick, account; "0" is none.
func whoIs(s *session, m *message) {
	if !s.byServer(m) || len(m.params) < 4 || m.param(1) != whoToken {
		return
	}
	account := m.param(3)
	if account == "0" {
		account = ""
	}
	s.roster.login(m.param(2), account)
}

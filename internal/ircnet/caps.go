package ircnet

import (
	"slices"
	"strings"
)

// wantedCaps are the IRCv3 capabilities we ask for where they are offered.
var wantedCaps = []string{
	"account-notify", "account-tag", "batch", "cap-notify", "echo-message",
	"extended-join", "labeled-response", "message-tags", "multi-prefix", "server-time",
}

// caps is the state of the negotiation
// (https://ircv3.net/specs/extensions/capability-negotiation).
type caps struct {
	offered []string
	on      map[string]bool
	over    bool // CAP END was sent
}

// capability answers CAP: parameters are our nick, a subcommand and a list; a
// list that goes on has a "*" before it.
func capability(s *session, m *message) {
	names := strings.Fields(m.last())
	switch sub := strings.ToUpper(m.param(1)); sub {
	case "LS", "NEW":
		if len(s.caps.offered) < 500 {
			s.caps.offered = append(s.caps.offered, names...)
		}
		s.login.noteOffer(names)
		if m.param(2) != "*" || len(m.params) < 4 {
			s.requestCaps()
			if s.settled && !s.login.again.IsZero() {
				s.askNickServ() // unless the server has SASL by now
			}
		}
	case "ACK", "NAK", "DEL":
		sasl := false
		for _, c := range names {
			c, _, _ = strings.Cut(c, "=")
			off := strings.HasPrefix(c, "-") || sub != "ACK"
			c = strings.TrimLeft(c, "-~=")
			s.caps.set(c, !off)
			sasl = sasl || c == "sasl"
		}
		switch {
		case sasl && sub == "ACK":
			s.beginSASL()
		case sasl && sub == "NAK":
			s.saslNotGranted(len(names) > 1)
		case sasl:
			s.login.offered = false
		default:
			s.endCaps()
		}
	}
}

func (c *caps) set(name string, on bool) {
	if c.on == nil {
		c.on = map[string]bool{}
	}
	if slices.Contains(wantedCaps, name) {
		c.on[name] = on
	}
}

// requestCaps asks for what is wanted, offered and not on yet.
func (s *session) requestCaps() {
	var ask []string
	for _, c := range s.caps.offered {
		c, _, _ = strings.Cut(c, "=")
		if slices.Contains(wantedCaps, c) && !s.caps.on[c] && !slices.Contains(ask, c) {
			ask = append(ask, c)
		}
	}
	s.caps.offered = nil
	if s.wantsSASL() {
		ask = append(ask, "sasl")
	}
	if len(ask) == 0 {
		s.endCaps()
		return
	}
	s.send("CAP", "REQ", strings.Join(ask, " "))
}

// endCaps lets the server go on, unless it would let us in as nobody.
func (s *session) endCaps() {
	if s.caps.over || s.registered || s.login.busy() {
		return
	}
	if s.checkLogin(); s.refusal == "" {
		s.caps.over = true
		s.send("CAP", "END")
	}
}

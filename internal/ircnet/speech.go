package ircnet

import (
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// maxSkew is how far the server's clock is believed to be from ours.
const maxSkew = 5 * time.Second

// spoken is PRIVMSG and NOTICE. To a channel of ours it is logged; to us alone it
// is private if a person said it; what goes to a part of a channel only (@#c) or
// to everybody on a server is neither. On networks where '+' begins channel names
// +#c looks like one, but it is none of ours.
func spoken(s *session, m *message) {
	target := m.param(0)
	switch {
	case len(m.params) < 2:
	case s.support.isChannel(target):
		s.log(m, target, speech(m))
	case s.isMe(target):
		text := speech(m)
		if m.command == "NOTICE" && s.isNickServ(m.source.Nick) {
			s.fromNickServ(text.Text)
		}
		if m.command == "PRIVMSG" && !m.server && !s.isMe(m.source.Nick) && !strings.HasPrefix(text.Text, "\x01") && text.Kind == hackfest.Message {
			s.private(m, text.Text)
		}
	}
}

// speech reads the text of a PRIVMSG or NOTICE. CTCP ACTION is what "/me"
// sends; any other CTCP stays as it came.
func speech(m *message) hackfest.Line {
	raw := m.raw(1)
	if m.command == "NOTICE" {
		return textLine(hackfest.Notice, raw)
	}
	if action, ok := strings.CutPrefix(raw, "\x01ACTION "); ok {
		return textLine(hackfest.Act, strings.TrimSuffix(action, "\x01"))
	}
	return textLine(hackfest.Message, raw)
}

func textLine(kind hackfest.LineKind, raw string) hackfest.Line {
	l := hackfest.Line{Kind: kind}
	l.Text, l.Raw, l.Windows1252 = irctext.Decode([]byte(raw))
	return l
}

// said is a line of ours that the socket took. Servers that echo tell us what
// became of it; of others we log what we sent.
func (s *session) said(m *message) {
	s.left(m)
	if m.command != "PRIVMSG" && m.command != "NOTICE" || s.caps.on["echo-message"] || len(m.params) < 2 || !s.support.isChannel(m.param(0)) {
		return
	}
	m.source, m.server = Source{Nick: s.nick}, false
	s.log(m, m.param(0), speech(m))
}

// log completes a line from the message it came in and emits it, if it is of a
// channel of ours. l has the kind and the text.
func (s *session) log(m *message, channel string, l hackfest.Line) {
	p := s.place(channel)
	if p == nil {
		return
	}
	l.Channel = channel
	if c := s.roster.room(channel); c != nil {
		l.Channel = c.name
	}
	l.Nick = m.source.Nick
	l.ReceivedAt = m.at.UTC()
	l.At = clamp(m.tags.time, l.ReceivedAt)
	l.Self = !m.server && s.isMe(m.source.Nick)
	l.Bot = m.tags.bot || m.server
	l.Account = s.accountOf(m)
	l.History = l.History || s.beforeUs(m, p)
	l.Op = !l.History && s.roster.isOp(channel, m.source.Nick)
	s.emit(l)
}

// beforeUs reports a line that is older than our own JOIN by the server's clock:
// a bouncer or server plays it back.
func (s *session) beforeUs(m *message, p *place) bool {
	return !m.sent && !m.tags.time.IsZero() && s.roster.room(p.Name) != nil &&
		p.joined.Sub(m.tags.time) > maxSkew && !p.joined.IsZero()
}

// accountOf is the author's services account: what the line says where each
// line says it, else what we know.
func (s *session) accountOf(m *message) string {
	switch {
	case m.server:
		return ""
	case s.caps.on["account-tag"]:
		if m.tags.hasAccount {
			return m.tags.account
		}
		if m.command == "PRIVMSG" || m.command == "NOTICE" {
			return ""
		}
	}
	return s.roster.accounts[s.roster.fold(m.source.Nick)]
}

// clamp keeps the server's idea of the time near ours; without one it is ours.
func clamp(server, received time.Time) time.Time {
	switch {
	case server.IsZero():
		return received
	case server.Before(received.Add(-maxSkew)):
		return received.Add(-maxSkew)
	case server.After(received.Add(maxSkew)):
		return received.Add(maxSkew)
	}
	return server.UTC()
}

func (s *session) emit(l hackfest.Line) {
	l.Network = s.n.cfg.Name
	s.n.emitted = append(s.n.emitted, func() { s.n.handler.Line(l) })
}

func (s *session) private(m *message, text string) {
	from := m.source
	from.Account = s.accountOf(m)
	s.n.emitted = append(s.n.emitted, func() { s.n.handler.Private(from, text) })
}

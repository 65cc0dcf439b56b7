package ircnet

import (
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// answers is what is done about each command a server can send. What is not
// here needs no answer.
var answers = map[string]func(*session, *message){
	"001": welcome, "005": announce, "376": motdOver, "422": motdOver,
	"331": topicIs, "332": topicIs, "353": names,
	"403": joinRefused, "405": joinRefused, "470": joinRefused, "471": joinRefused, "473": joinRefused,
	"474": joinRefused, "475": joinRefused, "476": joinRefused, "477": joinRefused, "489": joinRefused, "520": joinRefused,
	"432": nickRefused, "433": nickRefused, "436": nickRefused, "437": nickRefused,
	"464": farewell, "465": farewell, "ERROR": farewell,
	"404": unsaid, "354": whoIs, "442": notThere, "482": topicRefused,
	"900": loggedIn, "901": loggedOut, "903": saslDone, "907": saslDone,
	"902": saslRefused, "904": saslRefused, "905": saslRefused, "906": saslRefused, "908": saslMechanisms,
	"401": noNickServ, "408": noNickServ, "440": noNickServ, "421": unknownCommand, "312": isService, "313": isService, "318": whoisOver,
	"AUTHENTICATE": challenge,
	"ACCOUNT":      account, "BATCH": openBatch, "CAP": capability, "INVITE": invited,
	"JOIN": join, "KICK": kick, "MODE": mode, "NICK": nick, "PART": part, "QUIT": quit, "TOPIC": topic,
	"PRIVMSG": spoken, "NOTICE": spoken,
}

// handle is called for each line, received or sent, in order; Network.mu is
// held.
func (s *session) handle(m *message) {
	if m.sent {
		s.said(m)
		return
	}
	s.n.lastLine = m.at.UTC()
	if !s.closeAt.IsZero() && !s.quitting && m.command != "ERROR" && m.command != "PING" {
		s.closeAt, s.goodbye = time.Time{}, "" // it said ERROR and goes on: no goodbye then
	}
	if m.server && m.source.Nick == "" {
		m.source.Nick = s.server
	} else if m.source.User == "" && m.source.Host == "" && m.source.Nick == s.server {
		m.server = true
	}
	s.labelled(m)
	if b := s.batches[m.tags.batch]; b.history && m.command != "BATCH" {
		s.replay(m, b)
	} else if answer := answers[m.command]; answer != nil {
		answer(s, m)
	}
}

func welcome(s *session, m *message) {
	if s.registered {
		return
	}
	s.registered, s.welcomed = true, time.Now()
	s.server = m.source.Nick
	if nick := m.param(0); nick != "" && nick != "*" {
		s.nick = nick
	}
	s.nicks.tryAgain = time.Now().Add(s.n.cfg.Timing.Regain)
	if s.checkLogin(); s.refusal != "" {
		return
	}
	s.n.state, s.n.err, s.n.failures = stateOnline, "", 0
	s.n.connects++
	s.n.cfg.Log.Info("connected", "server", s.server, "nick", s.nick, "account", s.login.account)
}

func announce(s *session, m *message) {
	old := s.support.casemapping()
	s.support.add(m.params)
	s.roster.refold(old)
	s.n.mapping = s.support.casemapping()
}

func motdOver(s *session, _ *message) { s.settle() }

// farewell notes what the server has against us. After ERROR it should close;
// we give it half a second to, and forget it if it goes on talking.
func farewell(s *session, m *message) {
	if !m.server {
		return
	}
	s.goodbye = s.n.hide(strings.TrimSpace(irctext.Strip(m.last())))
	if m.command == "465" {
		s.goodbye = "banned: " + s.goodbye
	}
	if m.command == "ERROR" && !s.quitting {
		s.closeAt = time.Now().Add(500 * time.Millisecond)
	}
}

func unsaid(s *session, m *message) {
	s.n.cfg.Log.Warn("the channel does not take what we say", "channel", m.param(1), "reason", m.last())
}

func topicIs(s *session, m *message) {
	if c := s.roster.room(m.param(1)); c != nil {
		c.topic = ""
		if m.command == "332" && len(m.params) > 2 {
			c.topic, _, _ = irctext.Decode([]byte(m.raw(2)))
		}
	}
}

// names is 353. Servers differ in what comes before the channel and the names,
// which are the last two.
func names(s *session, m *message) {
	if n := len(m.params); n >= 3 {
		s.roster.list(m.param(n-2), m.last())
	}
}

func account(s *session, m *message) {
	if !m.server && len(m.params) == 1 {
		s.roster.login(m.source.Nick, m.param(0))
	}
}

func join(s *session, m *message) {
	if m.server {
		return
	}
	for channel := range strings.SplitSeq(m.param(0), ",") {
		if !s.support.isChannel(channel) {
			continue
		}
		if s.isMe(m.source.Nick) {
			s.came(m, channel)
		}
		s.roster.join(channel, m.source.Nick)
		if len(m.params) > 1 && s.caps.on["extended-join"] {
			s.roster.login(m.source.Nick, m.param(1))
		} else {
			s.roster.wonder(channel, time.Now().Add(s.n.cfg.Timing.Who))
		}
		s.log(m, channel, hackfest.Line{Kind: hackfest.Join})
	}
}

func part(s *session, m *message) {
	if m.server {
		return
	}
	for channel := range strings.SplitSeq(m.param(0), ",") {
		s.log(m, channel, textLine(hackfest.Part, m.raw(1)))
		if s.isMe(m.source.Nick) {
			s.went(m, channel, "made to leave")
		} else {
			s.roster.part(channel, m.source.Nick)
		}
	}
}

func kick(s *session, m *message) {
	channel, victim := m.param(0), m.param(1)
	if victim == "" {
		return
	}
	line := textLine(hackfest.Kick, m.raw(2))
	line.Target = victim
	s.log(m, channel, line)
	if s.isMe(victim) {
		s.went(m, channel, "kicked by "+m.source.Nick+": "+irctext.Strip(line.Text))
	} else {
		s.roster.part(channel, victim)
	}
}

func quit(s *session, m *message) {
	if m.server {
		return
	}
	for _, channel := range s.roster.channelsOf(m.source.Nick) {
		s.log(m, channel, textLine(hackfest.Quit, m.raw(0)))
	}
	if !s.isMe(m.source.Nick) {
		s.roster.quit(m.source.Nick)
	}
	s.freed(m.source.Nick)
}

func nick(s *session, m *message) {
	now := m.param(0)
	if m.server || now == "" {
		return
	}
	old := m.source.Nick
	me := s.isMe(old)
	for _, channel := range s.roster.channelsOf(old) {
		s.log(m, channel, hackfest.Line{Kind: hackfest.Nick, Target: now})
	}
	s.roster.rename(old, now)
	if me {
		s.nick = now
	} else {
		s.freed(old)
	}
}

func mode(s *session, m *message) {
	channel := m.param(0)
	if s.isMe(channel) && len(m.params) > 1 {
		s.myMode(m.param(1))
	}
	if !s.support.isChannel(channel) || len(m.params) < 2 {
		return
	}
	s.log(m, channel, s.roster.modeLine(m))
	s.roster.mode(channel, m.params[1:])
}

func topic(s *session, m *message) {
	line := textLine(hackfest.Topic, m.raw(1))
	s.log(m, m.param(0), line)
	if c := s.roster.room(m.param(0)); c != nil {
		c.topic = line.Text
	}
	if s.isMe(m.source.Nick) {
		s.topicSet(m.param(0), nil)
	}
}

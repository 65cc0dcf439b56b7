package ircnet

import (
	"regexp"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/irctext"
)

// nickServ is where networks without SASL ask who we are. The command NICKSERV
// reaches services and nobody else. Servers that do not know it are asked whether
// who is called NickServ is a service, before it is told a password.
const nickServ = "NickServ"

// askNickServ is called when the server has let us in: where SASL is not to be
// had, NickServ is told who we are, and the channels wait for its answer.
func (s *session) askNickServ() {
	c, l := &s.n.cfg.Login, &s.login
	switch {
	case *c == Login{} || l.account != "" || l.offered || c.Required || l.stage != idle:
	case c.Account == "" || c.Password == "":
		s.loginFailed("the server offers no SASL")
	case strings.Contains(c.Password, " ") || c.Password[0] == ':':
		s.loginFailed("the server offers no SASL, and NickServ takes no password with a blank or a colon at its beginning")
	default:
		l.stage, l.until = identified, time.Now().Add(s.n.cfg.Timing.Login/2)
		s.push(outgoing{raw: "NICKSERV IDENTIFY " + c.Account + " " + c.Password, secret: true})
	}
}

// unknownCommand is 421.
func unknownCommand(s *session, m *message) {
	l := &s.login
	switch {
	case !s.byServer(m):
		return
	case s.settled && m.param(1) == "CAP" && !l.again.IsZero():
		s.askNickServ()
		return
	case !strings.EqualFold(m.param(1), nickServ) || l.noAlias:
		return
	}
	l.noAlias = true
	s.nicks.ghost = time.Time{}
	if l.stage == identified {
		l.stage = doubting
		s.push(outgoing{raw: "WHOIS " + nickServ})
	}
}

// isService is 312, which tells the server somebody is on, and 313, which tells
// operators and services. Nobody else can have either.
func isService(s *session, m *message) {
	if s.byServer(m) && s.isNickServ(m.param(1)) && (m.command == "313" || strings.HasPrefix(m.param(2), "services.")) {
		s.login.service = true
	}
}

// whoisOver is 318.
func whoisOver(s *session, m *message) {
	c, l := &s.n.cfg.Login, &s.login
	if l.stage != doubting || !s.byServer(m) || !s.isNickServ(m.param(1)) {
		return
	}
	if !l.service {
		s.loginFailed("who is called NickServ is no service of the network")
		return
	}
	l.stage = identified
	s.push(outgoing{raw: "PRIVMSG " + nickServ + " :IDENTIFY " + c.Account + " " + c.Password, secret: true})
}

// noNickServ is 401, 408 and 440.
func noNickServ(s *session, m *message) {
	if l := &s.login; (l.stage == identified || l.stage == doubting) && s.byServer(m) && s.isNickServ(m.param(1)) {
		s.loginFailed("NickServ is not there")
	}
}

var (
	refusedUs   = regexp.MustCompile(`(?i)\b(invalid|incorrect|wrong|denied|failed|failure|suspended|frozen|not (a )?(registered|recognized)|isn't registered|too many)\b`)
	knowsUs     = regexp.MustCompile(`(?i)\b(identified|recogni[sz]ed|accepted|logged in)\b`)
	isNoFailure = regexp.MustCompile(`(?i)\b(failed (login|attempt)|last failed)`)
)

// fromNickServ reads what NickServ says to us while we wait for its answer. 900
// or our mode +r say the same where servers have them.
func (s *session) fromNickServ(text string) {
	if s.login.stage != identified {
		return
	}
	switch text = irctext.Strip(text); {
	case isNoFailure.MatchString(text):
	case refusedUs.MatchString(text):
		s.loginFailed(s.n.hide(text))
		s.login.again = time.Time{}
	case knowsUs.MatchString(text):
		s.known(s.n.cfg.Login.Account)
	}
}

// myMode is a change of our own modes: +r is for those whom services know.
func (s *session) myMode(change string) {
	added := change
	if i := strings.IndexByte(change, '-'); i >= 0 {
		added = change[:i]
	}
	if s.login.stage == identified && strings.HasPrefix(added, "+") && strings.Contains(added, "r") {
		s.known(s.n.cfg.Login.Account)
	}
}

// dropGhost asks services to end who has our nick: a connection of ours that the
// server still believes in, or somebody who has no right to it.
func (s *session) dropGhost(now time.Time) {
	if s.login.account == "" || now.Before(s.nicks.ghost) {
		return
	}
	s.nicks.ghost = now.Add(ghostEvery)
	s.nicks.tryAgain = now.Add(min(s.n.cfg.Timing.Regain, 2*time.Second))
	if s.login.noAlias {
		s.send("PRIVMSG", nickServ, "GHOST "+s.n.cfg.Nick)
	} else {
		s.send("NICKSERV", "GHOST", s.n.cfg.Nick)
	}
}

// ghostEvery keeps two bots of one account from ending each other all the time.
const ghostEvery = 5 * time.Minute

func (s *session) isNickServ(nick string) bool {
	return s.support.casemapping().Equal(nick, nickServ)
}

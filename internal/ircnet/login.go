package ircnet

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"
)

// Login is how we prove to a network's services who we are, before we join
// anything. The zero value is no login.
type Login struct {
	Account  string // of the services; "" for the one our certificate belongs to
	Password string // of Account; "" for none
	External bool   // Config.TLS has a certificate that proves it
	Required bool   // stay out until services have said that they know us
}

// login is how far that has come in one connection. SASL comes before the server
// lets us in (https://ircv3.net/specs/extensions/sasl-3.2); NickServ is asked once
// we are in (nickserv.go). If services were away, both are tried again later.
type login struct {
	stage   stage
	until   time.Time // how long we wait for the answer
	offered bool      // the server has SASL
	listed  []string  // its mechanisms; nil when it does not say
	left    []string  // mechanisms of ours to try after the present one
	using   string    // the present one
	account string    // who services say we are; "" when nobody
	known   bool      // services have known us in this connection
	trouble string    // why they do not
	again   time.Time // when to try again although we are in; zero: not
	noAlias bool      // the server has no command NICKSERV
	service bool      // WHOIS says that NickServ is one
}

type stage int

const (
	idle       stage = iota
	saslBegun        // AUTHENTICATE and the mechanism were sent
	saslSent         // and our proof
	identified       // NickServ was told our password
	doubting         // the server was asked who NickServ is
)

// over reports whether the channels may be joined now.
func (l *login) over() bool { return l.stage == idle }

// busy reports whether SASL is under way.
func (l *login) busy() bool { return l.stage == saslBegun || l.stage == saslSent }

// noteOffer looks for SASL among capabilities that a server lists.
func (l *login) noteOffer(capabilities []string) {
	for _, c := range capabilities {
		if name, list, _ := strings.Cut(c, "="); name == "sasl" {
			l.offered, l.listed = true, nil
			if list != "" {
				l.listed = strings.Split(strings.ToUpper(list), ",")
			}
		}
	}
}

func (s *session) wantsSASL() bool {
	return s.n.cfg.Login != Login{} && s.login.offered && s.login.stage == idle && s.login.account == ""
}

// beginSASL is called when the server has granted SASL.
func (s *session) beginSASL() {
	c, l := &s.n.cfg.Login, &s.login
	if l.stage != idle {
		return
	}
	l.left = nil
	if c.External {
		l.left = append(l.left, "EXTERNAL")
	}
	if c.Account != "" && c.Password != "" {
		l.left = append(l.left, "PLAIN")
	}
	if !s.tryMechanism() {
		s.loginFailed("the server has only SASL " + strings.Join(l.listed, ", "))
	}
}

// tryMechanism begins with the next mechanism that the server has, if there is
// one.
func (s *session) tryMechanism() bool {
	l := &s.login
	l.left = slices.DeleteFunc(l.left, func(m string) bool { return l.listed != nil && !slices.Contains(l.listed, m) })
	if len(l.left) == 0 {
		return false
	}
	l.using, l.left = l.left[0], l.left[1:]
	l.stage, l.until = saslBegun, time.Now().Add(s.n.cfg.Timing.Login)
	s.push(outgoing{raw: "AUTHENTICATE " + l.using})
	return true
}

// saslNotGranted is CAP NAK. With others refused at the same time, which of them
// the server meant is not known.
func (s *session) saslNotGranted(amongOthers bool) {
	if amongOthers {
		s.send("CAP", "REQ", "sasl")
		return
	}
	s.loginFailed("the server refuses SASL")
}

// challenge is AUTHENTICATE from the server. Neither mechanism of ours expects
// more of it than an empty one, once.
func challenge(s *session, m *message) {
	l := &s.login
	if l.stage != saslBegun || !s.byServer(m) {
		return
	}
	if m.param(0) != "+" {
		s.push(outgoing{raw: "AUTHENTICATE *"})
		s.loginFailed("the server asks something that SASL " + l.using + " does not know")
		return
	}
	proof := s.n.cfg.Login.Account
	if l.using == "PLAIN" { // RFC 4616: on whose behalf, who, password
		proof = proof + "\x00" + proof + "\x00" + s.n.cfg.Login.Password
	}
	for _, chunk := range saslChunks(proof) {
		s.push(outgoing{raw: "AUTHENTICATE " + chunk, secret: true})
	}
	l.stage = saslSent
}

// saslChunks cuts base64 into pieces of 400 bytes. A shorter one is the last, so
// one more that says nothing follows when the last is full.
func saslChunks(proof string) []string {
	const size = 400
	text := base64.StdEncoding.EncodeToString([]byte(proof))
	var chunks []string
	for len(text) >= size {
		chunks, text = append(chunks, text[:size]), text[size:]
	}
	if text == "" {
		text = "+"
	}
	return append(chunks, text)
}

// byServer reports a line that no other person can have sent.
func (s *session) byServer(m *message) bool { return m.server || !s.registered }

// loggedIn is 900: whoever asked, services know us as this account now.
func loggedIn(s *session, m *message) {
	if !s.byServer(m) {
		return
	}
	account := m.param(2)
	if account == "" {
		account = s.n.cfg.Login.Account
	}
	s.known(account)
}

// loggedOut is 901.
func loggedOut(s *session, m *message) {
	if !s.byServer(m) || s.login.account == "" {
		return
	}
	s.login.account = ""
	if s.n.cfg.Login != (Login{}) {
		s.trouble("services have logged us out")
		s.login.again = time.Now().Add(s.n.cfg.Timing.Relogin)
	}
}

// saslDone is 903, or 907 of a server that thinks we were logged in before.
func saslDone(s *session, m *message) {
	if !s.login.busy() || !s.byServer(m) {
		return
	}
	s.login.stage = idle
	if s.login.account == "" {
		s.known(s.n.cfg.Login.Account)
	}
	s.endCaps()
}

// saslMechanisms is 908, before or instead of a refusal.
func saslMechanisms(s *session, m *message) {
	if s.login.busy() && s.byServer(m) && len(m.params) > 1 {
		s.login.listed = strings.Split(strings.ToUpper(m.param(1)), ",")
	}
}

func saslRefused(s *session, m *message) {
	if s.login.busy() && s.byServer(m) && !s.tryMechanism() {
		s.loginFailed(s.n.hide(m.last()))
		s.login.again = time.Time{} // it would be refused again
	}
}

// known notes that services know us. Channels that were closed to strangers are
// worth another series of tries.
func (s *session) known(account string) {
	l := &s.login
	l.account, l.known, l.trouble, l.again = account, true, "", time.Time{}
	s.n.loginTold = ""
	if !l.busy() {
		l.stage = idle
	}
	s.n.cfg.Log.Info("logged in", "account", account)
	for _, p := range s.n.places {
		if s.settled && s.roster.room(p.Name) == nil {
			p.reset()
		}
	}
}

// loginFailed goes on without being logged in, or leaves if that must not be.
func (s *session) loginFailed(reason string) {
	s.login.stage, s.login.again = idle, time.Now().Add(s.n.cfg.Timing.Relogin)
	s.trouble(reason)
	if s.n.cfg.Login.Required && !s.login.known {
		s.refuse(s.login.trouble)
		return
	}
	s.endCaps()
}

// trouble notes why we are not logged in, and tells the log once.
func (s *session) trouble(reason string) {
	who := s.n.cfg.Login.Account
	if who == "" {
		who = "whom our certificate belongs to"
	}
	s.login.trouble = "not logged in as " + who + ": " + reason
	if s.n.cfg.Login.Required && !s.login.known || s.n.loginTold == reason {
		return // how the connection ends is told anyway
	}
	s.n.loginTold = reason
	s.n.cfg.Log.Warn("not logged in", "account", s.n.cfg.Login.Account, "reason", reason)
}

// checkLogin is called before we let a server let us in, and when it has.
func (s *session) checkLogin() {
	if s.n.cfg.Login.Required && !s.login.known && s.refusal == "" {
		s.loginFailed("the server offers no SASL; its services may be down")
	}
}

// watchLogin does not wait for ever, and tries again.
func (s *session) watchLogin(now time.Time) {
	l := &s.login
	switch {
	case s.quitting:
	case l.stage == idle && s.settled && !l.again.IsZero() && now.After(l.again):
		l.again, l.offered = now.Add(s.n.cfg.Timing.Relogin), false
		s.send("CAP", "LS", "302") // servers do not always say by themselves that SASL is back
	case l.stage == idle || now.Before(l.until):
	case !l.busy():
		s.loginFailed("NickServ does not answer")
	case l.known: // 900 without 903
		l.stage = idle
		s.endCaps()
	default:
		s.push(outgoing{raw: "AUTHENTICATE *"})
		s.loginFailed("services do not answer")
	}
}

// hide takes our secrets out of a server's words before people see them;
// Network.mu is held.
func (n *Network) hide(text string) string {
	secrets := []string{n.cfg.Password, n.cfg.Login.Password}
	for _, p := range n.places {
		secrets = append(secrets, p.Key)
	}
	for _, secret := range secrets {
		if len(secret) > 3 {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

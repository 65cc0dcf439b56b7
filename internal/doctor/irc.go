package doctor

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/settings"
)

// soon is how long before its end a certificate should be renewed.
const soon = 14 * 24 * time.Hour

// network goes to one IRC network as the bot would, under another nick, and
// leaves once it is let in.
func (e *examination) network(ctx context.Context, n settings.Network) []Finding {
	v := &visit{check: "irc " + n.Name, of: n, e: e}
	if n.TLS != nil {
		v.ownCertificate()
	} else if !settings.Loopback(n.Host) {
		v.add(Warning, n.Addr+" is not encrypted: everybody on the way can read along, and write.", "Use ircs:// if the server offers it, as nearly all do.")
	}
	v.connect(ctx, v.config())
	if c := v.config(); v.loggedIn && c.Login.External && c.Login.Password != "" {
		v.tryCertificate(ctx, c)
	}
	return v.findings
}

// tryCertificate comes a second time with the certificate alone: the first time
// the password may have hidden that services do not know it.
func (v *visit) tryCertificate(ctx context.Context, c ircnet.Config) {
	alone := &visit{check: v.check, of: v.of, e: v.e}
	c.Login.Password, c.Login.Required = "", true
	alone.connect(ctx, c)
	if !alone.loggedIn {
		v.add(Warning, "Services do not know the bot's certificate, so it logs in with its password.", v.tellFingerprint())
	}
}

// tellFingerprint is how services get to know the bot's certificate.
func (v *visit) tellFingerprint() string {
	if v.of.TLS == nil || len(v.of.TLS.Certificates) == 0 {
		return ""
	}
	der := v.of.TLS.Certificates[0].Certificate[0]
	return fmt.Sprintf("Logged in as the bot's account, tell NickServ its fingerprint, of the kind that the network takes: CERT ADD %x (SHA-256) or CERT ADD %x (SHA-512).", sha256.Sum256(der), sha512.Sum512(der))
}

// visit is one connection to one network.
type visit struct {
	check    string
	of       settings.Network
	e        *examination
	findings []Finding
	loggedIn bool // services knew us

	mu      sync.Mutex // guards what the connection's goroutine notes
	dialed  string     // the address that answered; "" for none
	dialErr error
	peer    *x509.Certificate // what the server showed
	badTLS  error
}

func (v *visit) add(status Status, message, advice string) {
	v.findings = append(v.findings, Finding{v.check, status, message, advice})
}

// ownCertificate looks at what the bot shows the server.
func (v *visit) ownCertificate() {
	for _, pair := range v.of.TLS.Certificates {
		cert, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			continue // settings has read it
		}
		left := cert.NotAfter.Sub(v.e.Now())
		variable := v.of.Variable("CERT")
		switch {
		case left < 0:
			v.add(Problem, fmt.Sprintf("The bot's certificate (%s) expired on %s.", variable, day(cert.NotAfter)), "Make a new one, and tell services its fingerprint (CERT ADD).")
		case left < soon:
			v.add(Warning, fmt.Sprintf("The bot's certificate (%s) expires on %s.", variable, day(cert.NotAfter)), "Make a new one, and tell services its fingerprint (CERT ADD).")
		}
	}
}

// letIn is how long a server may take to let us in.
func (e *examination) letIn() time.Duration { return letInFactor * e.Wait }

// connect goes there with the bot's own client.
func (v *visit) connect(ctx context.Context, c ircnet.Config) {
	ctx, cancel := context.WithTimeout(ctx, v.e.letIn())
	defer cancel()
	client := ircnet.New(c, silent{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = client.Run(ctx) // it ends with ctx, and Status says how it went
	}()
	s := v.watch(ctx, client)
	cancel()
	<-ended
	v.mu.Lock()
	defer v.mu.Unlock()
	v.loggedIn = s.State == "online" && s.Account != ""
	v.judge(s)
}

// watch waits until the server has let us in or has not.
func (v *visit) watch(ctx context.Context, client *ircnet.Network) ircnet.Status {
	begun := time.Now()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		s := client.Status()
		mute := s.LastLineAt.IsZero() && time.Since(begun) > v.e.Wait
		in := s.State == "online" && (!v.logsIn() || s.Account != "" || s.LoginErr != "")
		if in || s.State == "waiting" || mute || ctx.Err() != nil {
			return s
		}
		select {
		case <-look.C:
		case <-ctx.Done():
		}
	}
}

// config is the bot's, under a nick of its own and in no channel.
func (v *visit) config() ircnet.Config {
	c := v.of.Client()
	c.Nick = "hf" + strings.ToLower(rand.Text()[:6])
	c.RealName = "hackfest doctor"
	c.Dial = v.dial
	if c.TLS != nil {
		c.TLS = c.TLS.Clone()
		c.TLS.InsecureSkipVerify = true // verify does it, and keeps what it saw
		c.TLS.VerifyConnection = v.verify
	}
	return c
}

func (v *visit) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, v.e.Wait)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.dialErr = err
	if err == nil {
		v.dialed = conn.RemoteAddr().String()
	}
	return conn, err
}

// verify is what crypto/tls does by itself without InsecureSkipVerify.
func (v *visit) verify(s tls.ConnectionState) error {
	o := x509.VerifyOptions{DNSName: v.of.Host, Roots: v.of.TLS.RootCAs, Intermediates: x509.NewCertPool(), CurrentTime: v.e.Now()}
	for _, c := range s.PeerCertificates[1:] {
		o.Intermediates.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(o)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.peer, v.badTLS = s.PeerCertificates[0], err
	return err
}

// judge says how far we came.
func (v *visit) judge(s ircnet.Status) {
	now, addr := v.e.Now(), v.of.Addr
	dns, isDNS := errors.AsType[*net.DNSError](v.dialErr)
	trust, _ := certificateTrouble(v.badTLS, now)
	switch {
	case isDNS:
		v.add(Problem, fmt.Sprintf("%s: %s.", v.of.Host, reason(dns)), "Correct the host in HACKFEST_IRC, or this machine's DNS (/etc/resolv.conf).")
		return
	case v.dialErr != nil:
		v.add(Problem, fmt.Sprintf("%s cannot be reached: %s.", addr, reason(v.dialErr)), "Correct host and port in HACKFEST_IRC (usual are 6697 with TLS and 6667 without), or let the firewall through.")
		return
	case v.badTLS != nil:
		v.add(Problem, fmt.Sprintf("The certificate of %s is not to be trusted: %s.", addr, trust), v.trustAdvice())
		return
	}
	if v.of.TLS != nil && v.peer != nil {
		v.served(now)
	}
	v.admitted(s)
}

// trustAdvice depends on what is wrong with the server's certificate.
func (v *visit) trustAdvice() string {
	if _, ok := errors.AsType[x509.HostnameError](v.badTLS); ok {
		return "Write the name in HACKFEST_IRC that the certificate is for, or tell the people who run the server."
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](v.badTLS); ok {
		return "If the network has an authority of its own, name its certificate in " + v.of.Variable("CA") + "; install the package ca-certificates if there is none at all."
	}
	return "Tell the people who run the server; if the clock of this machine is wrong, put it right."
}

// served tells until when the server's certificate is good.
func (v *visit) served(now time.Time) {
	until := v.peer.NotAfter
	if until.Sub(now) < soon {
		v.add(Warning, fmt.Sprintf("The certificate of %s expires on %s; then the bot stays out.", v.of.Addr, day(until)), "Tell the people who run the server, unless they renew it shortly before its end each time.")
		return
	}
	v.add(OK, fmt.Sprintf("%s (%s) has a certificate good until %s.", v.of.Addr, v.dialed, day(until)), "")
}

// admitted tells whether we were let in.
func (v *visit) admitted(s ircnet.Status) {
	switch {
	case s.State == "online" && s.LoginErr != "":
		v.add(Warning, fmt.Sprintf("%s lets the bot in, but it is %s.", s.Server, strings.TrimSuffix(s.LoginErr, ".")), v.outAdvice(s.LoginErr))
	case s.State == "online" && s.Account != "":
		v.add(OK, fmt.Sprintf("%s lets the bot in, logged in as %s.", s.Server, s.Account), "")
	case s.State == "online" && v.logsIn():
		v.add(Warning, fmt.Sprintf("%s lets the bot in, but services do not say that it is logged in.", s.Server), v.outAdvice("not logged in"))
	case s.State == "online":
		v.add(OK, fmt.Sprintf("%s lets the bot in.", s.Server), "")
	case v.of.TLS != nil && v.peer == nil:
		v.add(Problem, fmt.Sprintf("There is no TLS with %s: %s.", v.of.Addr, s.Err), "The port may be one without TLS: use the right one (6697 is usual), or write irc:// instead of ircs://.")
	case s.State == "waiting":
		v.add(Problem, fmt.Sprintf("%s does not let the bot in: %s.", v.of.Addr, strings.TrimSuffix(s.Err, ".")), v.outAdvice(s.Err))
	case s.LastLineAt.IsZero():
		v.add(Problem, fmt.Sprintf("%s takes connections, but says nothing for %s.", v.of.Addr, v.e.Wait), "It may not be an IRC server, or one with TLS where HACKFEST_IRC says irc://; or it hangs.")
	default:
		v.add(Problem, fmt.Sprintf("%s does not let the bot in within %s.", v.of.Addr, v.e.letIn()), "Try again; if it stays so, ask the people who run the network.")
	}
}

// logsIn reports whether the bot is to log in to services.
func (v *visit) logsIn() bool { return v.of.Client().Login != ircnet.Login{} }

// outAdvice is what to do about the words with which a server turned us away.
func (v *visit) outAdvice(words string) string {
	words = strings.ToLower(words)
	switch {
	case strings.Contains(words, "registration timeout") && v.logsIn():
		return "The network's services did not answer in time: try again, and see with your own client whether NickServ answers."
	case strings.Contains(words, "no sasl"), strings.Contains(words, "do not answer"), strings.Contains(words, "does not answer"):
		return "Services may be down: try again. Where the network has no SASL at all, leave " + v.of.Variable("SASL") + " unset."
	case strings.Contains(words, "not logged in") && v.of.Client().Login.Password == "":
		return v.tellFingerprint()
	case strings.Contains(words, "not logged in"):
		return "Correct account= in HACKFEST_IRC and " + v.of.Variable("PASSWORD") + "; see with NickServ's INFO that the account exists and is verified."
	case strings.Contains(words, "password"):
		return "Correct " + v.of.Variable("PASSWORD") + "."
	case strings.Contains(words, "-line"), strings.Contains(words, "lined"), strings.Contains(words, "ban"):
		return "This address is banned: ask the people who run the network, and keep the portal stopped meanwhile."
	}
	return "Ask the people who run the network if the words do not tell enough."
}

// certificateTrouble says in few words why a certificate is refused, if err is
// about one.
func certificateTrouble(err error, now time.Time) (words string, is bool) {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if invalid.Reason != x509.Expired {
			return lastPart(invalid), true
		}
		if now.Before(invalid.Cert.NotBefore) {
			return "it is good only from " + day(invalid.Cert.NotBefore) + " on", true
		}
		return "it expired on " + day(invalid.Cert.NotAfter), true
	}
	if wrong, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("it is for %s, not for %s", strings.Join(names(wrong.Certificate), ", "), wrong.Host), true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "no authority that this machine trusts has signed it", true
	}
	if err != nil && strings.Contains(err.Error(), "x509") {
		return lastPart(err), true
	}
	return "", false
}

// names are whom a certificate is for; at most five.
func names(c *x509.Certificate) []string {
	list := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		list = append(list, ip.String())
	}
	if len(list) == 0 {
		return []string{"nobody"}
	}
	return list[:min(len(list), 5)]
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// silent hears nothing.
type silent struct{}

func (silent) Line(hackfest.Line)            {}
func (silent) Private(ircnet.Source, string) {}

// Package testmail is a mail server for tests: it takes what it is given over
// SMTP, in the clear or over TLS, or refuses it, ignores it or hangs up as a test
// wants. It delivers nothing.
package testmail

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for a mail.
const patience = 60 * time.Second

// Sink is a running mail server.
type Sink struct {
	Port int // on 127.0.0.1

	refuse   string
	security security
	keys     *keys // nil without TLS

	mu    sync.Mutex
	lines []string // received
	mails []Mail
	calls int // connections
	fails []Failure
	more  chan struct{} // closed and replaced at each mail
}

// security is how connections are encrypted.
type security int

const (
	none security = iota
	startTLS
	implicitTLS
)

// Option is something about a Sink that is not usual.
type Option func(*Sink)

// STARTTLS has the server offer it (RFC 3207), and take mail over nothing else.
func STARTTLS(s *Sink) { s.security = startTLS }

// ImplicitTLS has connections be encrypted from the first byte on (RFC 8314).
func ImplicitTLS(s *Sink) { s.security = implicitTLS }

// Silent as what a Sink refuses makes it say nothing at all.
const Silent = "*"

// Failure is something that goes wrong.
type Failure struct {
	At    string // the command it answers to, as RCPT; "." is the end of a message
	To    string // only of messages to addresses that hold this; "" is all
	Code  int    // the answer; 0 hangs up
	Kept  bool   // the message is taken all the same; At is "."
	Times int    // how often; 0 is always

	Hold <-chan struct{} // At is ".": nothing is answered before it is closed; nil is closed
}

// Start starts a mail server that refuses the given command, such as RCPT; ""
// refuses none. It stops with the test.
func Start(t testing.TB, refuse string, options ...Option) *Sink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Sink{Port: l.Addr().(*net.TCPAddr).Port, refuse: refuse, more: make(chan struct{})}
	for _, o := range options {
		o(s)
	}
	if s.security != none {
		s.keys = newKeys(t)
	}
	if s.security == implicitTLS {
		l = tls.NewListener(l, s.keys.server)
	}
	var serving sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(ctx, c) })
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = l.Close() // a second time is no matter
		serving.Wait()
	})
	return s
}

// Fail has something go wrong from now on, besides what does already.
func (s *Sink) Fail(f Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = append(s.fails, f)
}

// Heal ends all that was to go wrong.
func (s *Sink) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = nil
}

// failing is what goes wrong at a command for a recipient; nil is nothing.
func (s *Sink) failing(at, to string) *Failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.fails {
		if f.At != at || !strings.Contains(to, f.To) {
			continue
		}
		if f.Times == 1 {
			s.fails = slices.Delete(s.fails, i, i+1)
		} else if f.Times > 1 {
			s.fails[i].Times--
		}
		return &f
	}
	return nil
}

// Client is how to connect to a server with TLS: with trust in its certificate
// and no other.
func (s *Sink) Client() *tls.Config { return s.keys.client.Clone() }

// Authority is a file with the certificate of the authority that signed the
// server's, for programs that read SSL_CERT_FILE.
func (s *Sink) Authority() string { return s.keys.file }

// Received is all that was sent to the server, line by line.
func (s *Sink) Received() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// Connections is how often somebody connected.
func (s *Sink) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Mails are those that were taken so far.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// To are those of Mails that went to an address.
func (s *Sink) To(address string) []Mail {
	return slices.DeleteFunc(s.Mails(), func(m Mail) bool { return !strings.Contains(m.To, address) })
}

// Await waits until there are n mails.
func (s *Sink) Await(t testing.TB, n int) []Mail {
	t.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		mails, more := append([]Mail(nil), s.mails...), s.more
		s.mu.Unlock()
		if len(mails) >= n {
			return mails
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("%d mails came, not %d:\n%s", len(mails), n, s.Received())
		}
	}
}

package ircnet

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lrstanley/girc"
)

// ending is how a connection, or the attempt to make one, ended.
type ending struct {
	reason string        // for people
	at     time.Time     // when, by Config.Now; for a dead link the last sign of life
	banned bool          // the server does not want us
	online time.Duration // how long we were registered
}

// Run connects and reconnects until ctx ends; then it quits, which takes three
// seconds at most, and returns nil. It may be called once.
func (n *Network) Run(ctx context.Context) error {
	failures, told := 0, ""
	for {
		n.enter(stateConnecting, "")
		end := n.connect(ctx)
		n.flush()
		if ctx.Err() != nil {
			n.enter(stateStopped, end.reason)
			return nil
		}
		failures = max(0, failures-int(end.online/n.cfg.Backoff.Calm)) + 1
		wait := n.cfg.Backoff.wait(failures, end.banned)
		if end.online > 0 {
			told = ""
		}
		level := slog.LevelDebug
		if said := numbers.ReplaceAllString(end.reason, "0"); said != told { // once, not at each attempt
			told, level = said, slog.LevelWarn
		}
		n.cfg.Log.Log(ctx, level, "not connected", "reason", end.reason, "failures", failures, "next_try_in", wait.Round(time.Millisecond))
		n.mu.Lock()
		n.failures, n.nextTry = failures, n.cfg.Now().Add(wait)
		n.mu.Unlock()
		n.enter(stateWaiting, end.reason)
		pause := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			pause.Stop()
			n.enter(stateStopped, end.reason)
			return nil
		case <-pause.C:
		}
	}
}

// numbers differ between two messages that say the same.
var numbers = regexp.MustCompile(`[0-9]+`)

// enter changes the state shown; an empty err leaves the last one to be read.
func (n *Network) enter(state, err string) {
	n.mu.Lock()
	n.state = state
	if err != "" || state == stateOnline {
		n.err = err
	}
	n.mu.Unlock()
}

// connect makes one connection and stays with it to its end.
func (n *Network) connect(ctx context.Context) ending {
	dialCtx, cancel := context.WithTimeout(ctx, n.cfg.Timing.Dial)
	conn, err := n.dial(dialCtx)
	cancel()
	if err != nil {
		return ending{reason: reasonOf(err), at: n.cfg.Now()}
	}
	n.mu.Lock()
	s := newSession(n, conn)
	n.session, n.state = s, stateRegistering
	n.mu.Unlock()

	if n.cfg.Password != "" {
		s.wire.write("PASS :"+n.cfg.Password+"\r\n", false)
	}
	s.wire.write("CAP LS 302\r\n", true) // before girc says our name; girc will see it if this failed
	ended := make(chan error, 2)
	go func() { ended <- s.client.DialerConnect(dialled{s.wire}) }()
	go func() { s.deliver(); ended <- nil }()
	s.loop(ctx, ended)
	s.endSending()
	s.await(ended)

	n.mu.Lock()
	for _, m := range s.wire.take(true) {
		s.handle(&m)
	}
	end := s.end()
	n.session = nil
	n.mu.Unlock()
	return end
}

// flush makes the calls of the handler that are due, without n.mu, so that the
// handler may ask the network what it likes.
func (n *Network) flush() {
	n.mu.Lock()
	calls := n.emitted
	n.emitted = nil
	n.mu.Unlock()
	for _, call := range calls {
		call()
	}
}

// newClient makes the girc client of one connection.
func newClient(c *Config, w *wire, panics *atomic.Int64) *girc.Client {
	host, _, _ := net.SplitHostPort(c.Addr)
	if host == "" {
		host = c.Addr
	}
	client := girc.New(girc.Config{
		Server: host, Port: 6667, // only named in its own log: we dial
		Nick: c.Nick, User: c.User, Name: c.RealName, Version: c.Version,
		AllowFlood: true,
		DisableSTS: true,
		PingDelay:  -1,
		RecoverFunc: func(_ *girc.Client, e *girc.HandlerError) {
			panics.Add(1)
			c.Log.Error("girc panicked", "where", e.ID, "error", e.Error())
		},
	})
	client.DisableTracking()
	client.Handlers.Add(girc.ALL_EVENTS, func(_ *girc.Client, e girc.Event) { hear(w, e) })
	return client
}

// reasonOf says in people's words why a connection failed.
func reasonOf(err error) string {
	var dns *net.DNSError
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return "the server closed the connection"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was reset"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the server refuses connections"
	case errors.Is(err, context.DeadlineExceeded):
		return "the server does not answer"
	case errors.As(err, &dns):
		return "the name " + dns.Name + " cannot be looked up"
	}
	return strings.ToValidUTF8(err.Error(), "\ufffd")
}

// bans are the words servers use for people they do not want back soon.
var bans = regexp.MustCompile(`(?i)\b([kgzdq]:?-?lined?|akill(ed)?|banned|blacklisted|not welcome)\b`)

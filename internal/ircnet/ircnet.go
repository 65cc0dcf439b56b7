// Package ircnet keeps one bot on one IRC network and turns what happens there
// into hackfest lines. It connects, logs in, comes back, keeps its nick and its channels,
// says what it is told to say at a pace servers bear, and knows who is where.
// It stores nothing, knows no commands and no meetings, and does not apply the
// off-record rule.
//
//	socket → wire → girc → hear → Run (holds all state, calls Handler) → pace → girc → wire → socket
//
// girc is the transport: it registers, answers PING and CTCP VERSION, hands
// lines over in order and writes ours. Everything else is done here, because
// girc v1.1.1, measured:
//
//   - dies of, or is deaf after, lines that servers do send; so it sees only
//     stand-ins, and the original lines go past it (wire.go);
//   - tracks channels with a data race, folds names by one casemapping only and
//     sends a WHO for every JOIN; so its tracking is off and we have our own
//     roster (roster.go), ISUPPORT (isupport.go) and capabilities (caps.go);
//   - blocks its event loop when it limits its own rate, and loses what is too
//     long; so flooding is allowed to it and pace.go decides (also on length);
//   - goes on unauthenticated when it cannot log in, and spoils long passwords; so
//     it knows none, and we do SASL (login.go) and NickServ (nickserv.go);
//   - answers nick collisions without end; so it never hears of them (nick.go);
//   - hangs in TLS handshakes and takes minutes to notice a dead link; so we
//     dial (dial.go), and ping (session.go);
//   - cannot connect twice; so each connection has a client of its own (run.go).
package ircnet

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Config is what a Network needs to know. Name, Addr and Nick are required.
type Config struct {
	Name     string      // the network's name, as in URLs
	Addr     string      // host:port
	TLS      *tls.Config // nil: plain text; ServerName "" is Addr's host
	Nick     string
	User     string // "" is Nick in small letters
	RealName string // "" is Nick
	Password string // for the server (PASS); "" none
	Login    Login
	Version  string    // the answer to CTCP VERSION; "" none
	Channels []Channel // where it is to be at first; see Join and Part

	Now     func() time.Time                                                  // nil is time.Now
	Log     *slog.Logger                                                      // nil logs nothing
	Dial    func(ctx context.Context, network, addr string) (net.Conn, error) // nil is the net package's
	Backoff Backoff
	Timing  Timing
}

// Channel is one to be in.
type Channel struct {
	Name string // with its prefix
	Key  string // "" when it has none
}

// Timing are the waits of a connection. Zero values mean the defaults beside
// them; tests set shorter ones.
type Timing struct {
	Dial      time.Duration // 15 s to connect, TLS included
	Register  time.Duration // 60 s to be let in
	Ping      time.Duration // 30 s of silence before we ask whether the server is there
	Pong      time.Duration // 30 s for any line to come after that
	Deaf      time.Duration // 10 s for a line to come through girc
	Rejoin    time.Duration // 30 s between two tries to join a channel
	Regain    time.Duration // 30 s between two tries to have our nick back
	Tick      time.Duration // 200 ms: how often these are looked at
	JoinAfter time.Duration // 1 s after 001 we join even if no 376 or 422 came
	Login     time.Duration // 20 s for services to say whether they know us
	Relogin   time.Duration // 1 min between two tries to log in where that is optional
	Who       time.Duration // 10 s after somebody joined we ask who they are, where JOIN does not say
	Label     time.Duration // 5 s for a labelled line to be answered
	Quit      time.Duration // 2 s for the server to close after our QUIT
	PerLine   time.Duration // 1 s between lines of ours, after the first five
}

// JoinTries is how often in a row a channel is tried before it is given up.
const JoinTries = 10

// Handler is who hears what happens. Its methods are called from Run's
// goroutine only, in order, and must not block: they hand over.
type Handler interface {
	// Line gets everything that belongs into a channel's log. Ref is zero and
	// Channel one of those we are to be in, as the server spells it. QUIT and NICK come once for each
	// channel both of us are in.
	Line(l hackfest.Line)
	// Private gets what a person said to us alone, CTCP excepted.
	Private(from Source, text string)
}

// Source is who sent a line.
type Source struct {
	Nick, User, Host string
	Account          string // services account; "" when unknown or not logged in
}

// Status is how a network is doing, for people and for /healthz.
type Status struct {
	State      string   // connecting, registering, online, waiting, stopped
	Nick       string   // ours now, or the wanted one while not online
	Server     string   // as it calls itself; "" while not online
	Account    string   // who services say we are; "" when nobody
	Channels   []string // where we are, sorted
	Absent     []Absence
	LastLineAt time.Time     // UTC, our clock; zero before the first line
	Lag        time.Duration // how long the server took to answer when it was last asked, after a silence; zero before
	Err        string        // why we are not connected, or were not the last time; "" when online
	LoginErr   string        // why we are online but not logged in, although we should be; "" else
	Failures   int           // connections in a row that failed or were lost, as the waits between attempts count them
	NextTryAt  time.Time     // UTC, when the next attempt is made; zero unless waiting
	Connects   int           // times we were online since the start
	Panics     int           // panics of girc that we recovered from since the start
	Dropped    int           // lines of ours thrown away since the start because too many waited
}

// Absence is a channel we should be in and are not.
type Absence struct {
	Channel string
	Reason  string
	Tries   int
	GivenUp bool // we wait for an invitation now
}

// Network is one bot on one network. Its methods may be called from any
// goroutine.
type Network struct {
	cfg     Config
	handler Handler
	nudge   chan struct{} // something waits in queue

	mu        sync.Mutex // guards all below
	state     string
	err       string
	lastLine  time.Time
	failures  int       // as in Status
	nextTry   time.Time // by Config.Now
	connects  int
	loginTold string              // why we are not logged in, as the log knows
	panics    atomic.Int64        // not guarded: girc calls from its goroutines
	session   *session            // nil while not connected
	mapping   irctext.Casemapping // of the last connection that told
	places    []*place
	queue     queue
	emitted   []func() // calls of handler to make once mu is free
}

// New prepares a network; Run connects it.
func New(c Config, h Handler) *Network {
	n := &Network{cfg: c.withDefaults(), handler: h, nudge: make(chan struct{}, 1), state: stateConnecting, mapping: irctext.RFC1459}
	for _, channel := range c.Channels {
		n.places = append(n.places, &place{Channel: channel})
	}
	return n
}

const (
	stateConnecting  = "connecting"
	stateRegistering = "registering"
	stateOnline      = "online"
	stateWaiting     = "waiting"
	stateStopped     = "stopped"
)

// Status reports how the network is doing.
func (n *Network) Status() Status {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := Status{State: n.state, Nick: n.cfg.Nick, LastLineAt: n.lastLine, Err: n.err, Dropped: n.queue.dropped}
	s.Failures, s.Connects, s.Panics = n.failures, n.connects, int(n.panics.Load())
	if n.state == stateWaiting {
		s.NextTryAt = n.nextTry.UTC()
	}
	if n.session != nil {
		s.Nick, s.Server = n.session.nick, n.session.server
		s.Lag = n.session.lag
		s.Account, s.LoginErr = n.session.login.account, n.session.login.trouble
		s.Channels = n.session.roster.names()
	}
	for _, p := range n.places {
		if n.session == nil || n.session.roster.room(p.Name) == nil {
			s.Absent = append(s.Absent, Absence{Channel: p.Name, Reason: p.reason, Tries: p.tries, GivenUp: p.givenUp})
		}
	}
	return s
}

// Casemapping is how the network compares names; rfc1459 until it said so.
func (n *Network) Casemapping() irctext.Casemapping {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.mapping
}

// Has reports whether nick is in channel now, as far as we can see.
func (n *Network) Has(channel, nick string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.session != nil && n.session.roster.has(channel, nick)
}

// Members are the nicks in channel now, as far as we can see, sorted; nil when we
// are not there.
func (n *Network) Members(channel string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.session == nil {
		return nil
	}
	return n.session.roster.members(channel)
}

// IsOp reports whether nick is an operator of channel now, or more than that.
func (n *Network) IsOp(channel, nick string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.session != nil && n.session.roster.isOp(channel, nick)
}

// Topic is the channel's topic with its formatting; "" when it has none or we
// are not there.
func (n *Network) Topic(channel string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.session == nil {
		return ""
	}
	if c := n.session.roster.room(channel); c != nil {
		return c.topic
	}
	return ""
}

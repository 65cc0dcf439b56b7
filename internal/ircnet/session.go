package ircnet

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/lrstanley/girc"

	"github.com/eucalyptus/hackfest/internal/irctext"
)

// session is one connection, from the first byte to the last. Only Run's
// goroutine changes it; others read it under Network.mu.
type session struct {
	n      *Network
	wire   *wire
	client *girc.Client
	out    chan outgoing // to the server, by deliver

	control []*girc.Event // what the connection itself has to say, in order
	labels  int           // given so far
	awaited []said        // lines on their way to the socket of which somebody wants to know
	bucket  bucket

	nick       string // ours, as the server last said
	server     string // its name; "" until 001
	registered bool
	settled    bool // the MOTD is over: the channels were joined
	started    time.Time
	welcomed   time.Time // when 001 came
	nicks      collisions
	support    isupport
	caps       caps
	login      login
	batches    map[string]batch
	roster     *roster

	pinged   time.Time     // when we last asked; zero when we need not wait for an answer
	lag      time.Duration // how long the server took to answer the last time; zero before
	ticked   time.Time
	over     uint64    // lines that were too long
	goodbye  string    // what the server said in ERROR, 465 and the like
	closeAt  time.Time // when to close although the server has not; zero: not at all
	failed   string    // why we close; "" as long as we do not
	refusal  string    // why we left by ourselves; "" when we did not
	quitting bool
	mute     bool // nothing more can be sent
}

// newSession takes over conn; Network.mu is held.
func newSession(n *Network, conn net.Conn) *session {
	now := time.Now()
	s := &session{
		n: n, out: make(chan outgoing, 64), nick: n.cfg.Nick,
		started: now, ticked: now, batches: map[string]batch{},
	}
	s.roster = newRoster(&s.support)
	s.bucket = bucket{size: burst, every: n.cfg.Timing.PerLine}
	limit := bucket{size: 2, every: 5 * time.Second}
	s.wire = newWire(conn, n.cfg.Now, func() bool { return n.cfg.Version != "" && limit.take(time.Now(), 1) })
	s.client = newClient(&n.cfg, s.wire, &n.panics)
	n.dropLeft()
	for _, p := range n.places {
		p.reset()
	}
	return s
}

// hear is girc's one handler: it only hands over.
func hear(w *wire, e girc.Event) {
	tag, _ := e.Tags.Get("n")
	if seq, err := strconv.ParseUint(tag, 10, 64); err == nil {
		w.passed(seq)
	}
}

// outgoing is one line for the server: through girc, or past it what girc would
// spoil. It drops tags, shows secrets to whoever debugs it, and closes before the
// server has read our QUIT.
type outgoing struct {
	event  *girc.Event
	raw    string // when event is nil; without its line end
	secret bool
}

var oneLine = strings.NewReplacer("\r", "", "\n", "")

// deliver sends what Run decided to send. girc may block, Run must not.
func (s *session) deliver() {
	for o := range s.out {
		if o.event == nil {
			s.wire.write(oneLine.Replace(o.raw)+"\r\n", !o.secret)
			continue
		}
		s.client.Send(o.event)
	}
}

// endSending lets deliver end. Lines that come to light afterwards are handled
// and not answered.
func (s *session) endSending() {
	s.mute = true
	close(s.out)
}

// loop runs the connection until it has ended.
func (s *session) loop(ctx context.Context, ended chan error) {
	tick := time.NewTicker(s.n.cfg.Timing.Tick)
	defer tick.Stop()
	stop := ctx.Done()
	for {
		select {
		case <-stop:
			stop = nil
			s.quit()
		case err := <-ended:
			s.fail(reasonOf(err))
			return
		case <-s.wire.wake:
		case <-tick.C:
		case <-s.n.nudge:
		}
		s.turn(time.Now())
		if s.failed != "" {
			s.wire.Close()
			s.await(ended)
			return
		}
	}
}

// turn handles all that has come and sends what is due.
func (s *session) turn(now time.Time) {
	s.n.mu.Lock()
	for _, m := range s.wire.take(false) {
		s.handle(&m)
	}
	s.watch(now)
	if s.registered && s.settled && !s.quitting && len(s.control) == 0 && s.login.over() {
		s.leave()
		s.join(now)
		s.regain(now)
		s.askWho(now)
	}
	if !s.quitting {
		s.pace(now)
	}
	s.n.mu.Unlock()
	s.n.flush()
}

// watch looks for all ways in which a connection can be dead without having
// been closed.
func (s *session) watch(now time.Time) {
	t := &s.n.cfg.Timing
	if now.Sub(s.ticked) > t.Pong/2 { // we slept, not the server
		s.pinged = time.Time{}
	}
	s.ticked = now
	last, over := s.wire.heard()
	if over > s.over {
		s.n.cfg.Log.Warn("lines were too long; their ends were dropped", "lines", over-s.over)
		s.over = over
	}
	switch {
	case !s.closeAt.IsZero() && now.After(s.closeAt):
		s.fail("the server said goodbye")
	case !s.registered && now.Sub(s.started) > t.Register:
		s.fail("the server did not let us in")
	case s.wire.brokenFor(now) > time.Second:
		s.fail("the server takes nothing any more")
	case s.wire.deafFor(now) > t.Deaf:
		s.n.cfg.Log.Error("lines do not come through girc", "for", s.wire.deafFor(now))
		s.fail("we had become deaf")
	case last.After(s.pinged):
		if !s.pinged.IsZero() {
			s.lag = last.Sub(s.pinged)
		}
		s.pinged = time.Time{}
		if s.registered && now.Sub(last) > t.Ping {
			s.pinged = now
			s.now("PING", "hackfest")
		}
	case !s.pinged.IsZero() && now.Sub(s.pinged) > t.Pong:
		s.fail(silence)
	}
	if s.registered && !s.settled && now.Sub(s.welcomed) > t.JoinAfter {
		s.settle()
	}
	s.watchLogin(now)
	s.watchLabels(now)
}

const silence = "the server fell silent"

// fail makes loop close the connection; the first reason stays.
func (s *session) fail(reason string) {
	if s.failed == "" {
		s.failed = reason
	}
}

// quit asks the server to close the connection, and closes it soon if the
// server does not.
func (s *session) quit() {
	s.quitting = true
	s.closeAt = time.Now().Add(s.n.cfg.Timing.Quit)
	s.push(outgoing{raw: "QUIT :hackfest is being stopped"})
}

// refuse leaves a server that would let us in as nobody.
func (s *session) refuse(reason string) {
	s.refusal, s.quitting = reason, true
	s.closeAt = time.Now().Add(s.n.cfg.Timing.Quit)
	s.push(outgoing{raw: "QUIT :hackfest cannot log in"})
}

// settle is called once, when the server has said all it says at the start.
func (s *session) settle() {
	if s.settled || !s.registered {
		return
	}
	s.settled = true
	if mode := s.support.tokens["BOT"]; len(mode) == 1 {
		s.send("MODE", s.nick, "+"+mode)
	}
	s.askNickServ()
}

// end closes the books of the connection; Network.mu is held.
func (s *session) end() ending {
	s.cutOff()
	now := s.n.cfg.Now()
	e := ending{reason: s.failed, at: now, banned: bans.MatchString(s.goodbye)}
	if s.goodbye != "" {
		e.reason = s.goodbye
	}
	switch {
	case s.refusal != "" && e.banned: // which counts for more
	case s.refusal != "":
		e.reason = s.refusal
	case s.quitting:
		e.reason = "hackfest was stopped"
	}
	if s.failed == silence {
		last, _ := s.wire.heard()
		e.at = now.Add(-time.Since(last))
	}
	if s.registered && s.refusal == "" {
		e.online = time.Since(s.welcomed)
	}
	for _, p := range s.n.places {
		if s.roster.room(p.Name) != nil {
			s.gap(p, e.at, "Disconnected from "+s.n.cfg.Name+": "+irctext.Strip(e.reason))
			p.left = e.at
		}
	}
	return e
}

// await waits for one of the connection's two goroutines, both of which end
// when the wire is closed. girc may sit in a write for up to thirty seconds
// first, when the server had stopped reading: it is then left to end by itself.
func (s *session) await(ended <-chan error) {
	late := time.NewTimer(time.Second)
	defer late.Stop()
	select {
	case <-ended:
	case <-late.C:
		s.n.cfg.Log.Warn("girc is slow to end")
	}
}

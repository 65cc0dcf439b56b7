package testirc

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testport"
)

// ScriptOptions say how a scripted server behaves by itself.
type ScriptOptions struct {
	TLS      bool
	Caps     []string // capabilities offered and granted; "*" begins another line of the list
	ISupport string   // tokens of the 005, as "CASEMAPPING=ascii BOT=B"; "" sends none
	// Answer is asked first about each line a client sends. When it returns
	// true, the server does nothing more about that line.
	Answer func(p *Peer, line string) bool
}

// ScriptServer is an IRC server that is polite by itself and hostile on demand.
// It lets clients in, answers CAP, PING, JOIN, NICK and QUIT, and echoes what is
// said if echo-message was granted; all else is up to the test.
type ScriptServer struct {
	Addr string
	CA   *x509.CertPool // set with TLS; the name is localhost

	t        testing.TB
	options  ScriptOptions
	tls      *tls.Config
	accepted chan *Peer

	mu       sync.Mutex
	listener net.Listener
	peers    []*Peer
	times    []time.Time
}

// Script starts a scripted server that ends with the test.
func Script(t testing.TB, o ScriptOptions) *ScriptServer {
	t.Helper()
	s := &ScriptServer{t: t, options: o, accepted: make(chan *Peer, 1000), Addr: testport.FreeAddress(t)}
	if o.TLS {
		s.tls, s.CA = serverTLS(t)
	}
	s.Up()
	t.Cleanup(s.Down)
	return s
}

// Up takes connections again after Down, on the same port.
func (s *ScriptServer) Up() {
	s.t.Helper()
	l, err := net.Listen("tcp", s.Addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	s.listener = l
	s.mu.Unlock()
	go s.accept(l)
}

// Down refuses connections and closes those there are.
func (s *ScriptServer) Down() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener.Close()
	for _, p := range s.peers {
		p.conn.Close()
	}
}

func (s *ScriptServer) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		p := &Peer{s: s, tcp: conn.(*net.TCPConn), conn: conn, transcript: newTranscript(), joined: map[string]bool{}}
		if s.tls != nil {
			p.conn = tls.Server(conn, s.tls)
		}
		s.mu.Lock()
		s.peers = append(s.peers, p)
		s.times = append(s.times, time.Now())
		s.mu.Unlock()
		s.accepted <- p
		go p.serve()
	}
}

// Attempts is when each connection so far came.
func (s *ScriptServer) Attempts() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.times)
}

// Peer returns the next connection, waiting for it.
func (s *ScriptServer) Peer() *Peer {
	s.t.Helper()
	select {
	case p := <-s.accepted:
		return p
	case <-time.After(Patience):
		s.t.Fatal("nobody connected")
		return nil
	}
}

// Peer is one connection of a client to a ScriptServer.
type Peer struct {
	s    *ScriptServer
	tcp  *net.TCPConn
	conn net.Conn
	*transcript

	state    sync.Mutex
	nick     string
	hasUser  bool
	capsOpen bool
	welcomed bool
	caps     []string
	joined   map[string]bool
	frozen   chan struct{}
}

// Nick is what the client calls itself.
func (p *Peer) Nick() string {
	p.state.Lock()
	defer p.state.Unlock()
	return p.nick
}

// Send sends lines, each with its line end. It is no error when the client is
// gone.
func (p *Peer) Send(lines ...string) {
	for _, line := range lines {
		p.Write([]byte(line + "\r\n"))
	}
}

// Write sends bytes as they are.
func (p *Peer) Write(b []byte) { _, _ = p.conn.Write(b) }

// Expect returns the next line of the client for which match is true.
func (p *Peer) Expect(match func(line string) bool) string {
	p.s.t.Helper()
	return p.expect(p.s.t, "the scripted server", match)
}

// ExpectText returns the next line of the client that contains text.
func (p *Peer) ExpectText(text string) string {
	p.s.t.Helper()
	return p.Expect(Has(text))
}

// Received returns all lines of the client so far.
func (p *Peer) Received() []string { return p.all() }

// Close ends the connection in order (FIN, and TLS close).
func (p *Peer) Close() { p.conn.Close() }

// Reset ends the connection at once (RST).
func (p *Peer) Reset() {
	_ = p.tcp.SetLinger(0)
	p.tcp.Close()
}

// Freeze leaves the connection open but answers nothing more, as a server whose
// link is cut.
func (p *Peer) Freeze() {
	p.state.Lock()
	defer p.state.Unlock()
	p.frozen = make(chan struct{})
}

// Gone waits until the client has closed the connection.
func (p *Peer) Gone() {
	p.s.t.Helper()
	if _, ok := p.wait(func(string) bool { return false }, Patience); !ok {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.over {
			p.s.t.Fatal("the client does not close the connection")
		}
	}
}

func (p *Peer) serve() {
	defer p.end()
	in := bufio.NewReader(p.conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		p.add(line)
		p.state.Lock()
		frozen := p.frozen != nil
		p.state.Unlock()
		if frozen || p.s.options.Answer != nil && p.s.options.Answer(p, line) {
			continue
		}
		p.answer(line)
	}
}

// answer is what the server does by itself.
func (p *Peer) answer(line string) {
	_, command, params := parse(line)
	params = append(params, "", "")
	p.state.Lock()
	defer p.state.Unlock()
	switch command {
	case "CAP":
		p.capability(strings.ToUpper(params[0]), params[1])
	case "USER":
		p.hasUser = true
		p.welcome()
	case "NICK":
		if p.welcomed {
			p.Send(":" + p.nick + "!bot@host.example NICK " + params[0])
		}
		p.nick = params[0]
		p.welcome()
	case "PING":
		p.Send(":irc.script.example PONG irc.script.example :" + params[0])
	case "JOIN":
		for channel := range strings.SplitSeq(params[0], ",") {
			p.Join(channel)
		}
	case "PRIVMSG", "NOTICE":
		if slices.Contains(p.caps, "echo-message") {
			p.Send(":" + p.nick + "!bot@host.example " + line)
		}
	case "QUIT":
		p.Send("ERROR :Closing link")
		p.conn.Close()
	}
}

// Join tells the client that it is in channel now, with one other person.
func (p *Peer) Join(channel string) {
	p.joined[channel] = true
	tag := ""
	if slices.Contains(p.caps, "server-time") {
		tag = "@time=" + time.Now().UTC().Format("2006-01-02T15:04:05.000Z") + " "
	}
	p.Send(
		tag+":"+p.nick+"!bot@host.example JOIN "+channel,
		fmt.Sprintf(":irc.script.example 353 %s = %s :%s @ann", p.nick, channel, p.nick),
		fmt.Sprintf(":irc.script.example 366 %s %s :End of NAMES", p.nick, channel),
	)
}

func (p *Peer) capability(command, names string) {
	switch command {
	case "LS":
		p.capsOpen = true
		lines := strings.Split(strings.Join(p.s.options.Caps, " "), " * ")
		for _, line := range lines[:len(lines)-1] {
			p.Send("CAP * LS * :" + line)
		}
		p.Send("CAP * LS :" + lines[len(lines)-1])
	case "REQ":
		p.caps = append(p.caps, strings.Fields(names)...)
		p.Send("CAP * ACK :" + names)
	case "END":
		p.capsOpen = false
		p.welcome()
	}
}

// welcome lets the client in once it has said all it must.
func (p *Peer) welcome() {
	if p.welcomed || p.capsOpen || !p.hasUser || p.nick == "" {
		return
	}
	p.welcomed = true
	p.Send(":irc.script.example 001 " + p.nick + " :Welcome")
	if p.s.options.ISupport != "" {
		p.Send(":irc.script.example 005 " + p.nick + " " + p.s.options.ISupport + " :are supported by this server")
	}
	p.Send(":irc.script.example 422 " + p.nick + " :No MOTD")
}

package testirc

import (
	_ "embed"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/eucalyptus/hackfest/internal/testport"
)

// InspIRCdOptions of an InspIRCd; the zero value suits most tests.
type InspIRCdOptions struct {
	Password     string // clients must send it; "" none
	FloodControl bool   // the limits InspIRCd has by default
	NoSASL       bool   // as a network that only has NickServ
	More         string // more configuration
}

// InspIRCd is a running InspIRCd, which services and other servers can be
// linked to. Its operator is op with the password oppass.
type InspIRCd struct {
	*Server
	name     string
	linkPort int
}

//go:embed inspircd.conf
var inspircdConf string

// StartInspIRCd starts the real InspIRCd 3 and stops it when the test ends.
// Without the program the test is skipped, or fails where the environment has
// CI set.
func StartInspIRCd(t testing.TB, o InspIRCdOptions) *InspIRCd {
	t.Helper()
	return startInspIRCd(t, "irc.test.example", "1AA", o)
}

func startInspIRCd(t testing.TB, name, id string, o InspIRCdOptions) *InspIRCd {
	t.Helper()
	d := newDaemon(t, "inspircd")
	d.drop = true
	s := &InspIRCd{Server: &Server{daemon: d}, name: name, linkPort: testport.Free(t)}
	port, tlsPort := s.listen(t)
	password, sasl := "", `<module name="sasl"><sasl target="services.test.example" requiressl="no">`
	if o.Password != "" {
		password = `password="` + o.Password + `"`
	}
	if o.NoSASL {
		sasl = ""
	}
	flood := `threshold="1000" commandrate="100000" fakelag="off"`
	if o.FloodControl {
		flood = `threshold="10" commandrate="1000" fakelag="on"`
	}
	d.argv = []string{"--nofork", "--config=" + d.write("inspircd.conf", []byte(strings.NewReplacer(
		"@DIR@", d.dir, "@MODULES@", modules(t), "@NAME@", name, "@ID@", id,
		"@PORT@", strconv.Itoa(port), "@TLSPORT@", strconv.Itoa(tlsPort), "@LINKPORT@", strconv.Itoa(s.linkPort),
		"@PASSWORD@", password, "@SASL@", sasl, "@FLOOD@", flood, "@MORE@", o.More,
	).Replace(inspircdConf)))}
	d.Start()
	return s
}

func (s *InspIRCd) uplink() (server *Server, protocol, name, port string) {
	return s.Server, "inspircd", s.name, strconv.Itoa(s.linkPort)
}

// modules is where the program keeps its modules.
func modules(t testing.TB) string {
	t.Helper()
	for _, pattern := range []string{"/usr/lib/inspircd/modules", "/usr/lib/*/inspircd/modules", "/usr/local/lib/inspircd/modules"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0]
		}
	}
	t.Fatal("InspIRCd's modules are not found")
	return ""
}

// Link is a line between two servers that can be cut.
type Link struct {
	leaf *InspIRCd
	addr string // where the leaf connects to
	to   string // where that leads

	mu       sync.Mutex
	listener net.Listener
	open     []net.Conn
}

// LinkedInspIRCds starts two servers of one network, the second linked to the
// first, and waits until they are.
func LinkedInspIRCds(t testing.TB, o InspIRCdOptions) (hub, leaf *InspIRCd, link *Link) {
	t.Helper()
	link = &Link{addr: testport.FreeAddress(t)}
	t.Cleanup(link.Cut)
	linked := func(name, more string) InspIRCdOptions {
		with := o
		_, port, _ := net.SplitHostPort(link.addr)
		with.More += fmt.Sprintf("\n<link name=%q ipaddr=\"127.0.0.1\" port=%q allowmask=\"127.0.0.1\" sendpass=\"linkpass\" recvpass=\"linkpass\">\n%s\n", name, port, more)
		return with
	}
	hub = startInspIRCd(t, "irc.test.example", "1AA", linked("leaf.test.example", ""))
	link.to = fmt.Sprintf("127.0.0.1:%d", hub.linkPort)
	leaf = startInspIRCd(t, "leaf.test.example", "2BB", linked(hub.name, ""))
	link.leaf = leaf
	link.Mend()
	return hub, leaf, link
}

// Cut cuts the line: each server tells its people that those of the other have
// quit.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.listener != nil {
		l.listener.Close()
	}
	for _, conn := range l.open {
		conn.Close()
	}
	l.open = nil
}

// Mend links the servers again and waits until they are.
func (l *Link) Mend() {
	t := l.leaf.t
	t.Helper()
	listener, err := net.Listen("tcp", l.addr)
	if err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	l.listener = listener
	l.mu.Unlock()
	go l.accept(listener)
	op := Dial(t, l.leaf.Addr, "linker")
	op.Raw("OPER op oppass")
	op.Expect(Command("381"))
	op.Raw("CONNECT irc.test.example")
	l.leaf.awaitServer(op, "irc.test.example")
	op.Quit("linked")
}

// awaitServer waits until another server is seen from s.
func (s *Server) awaitServer(op *Client, name string) {
	s.t.Helper()
	s.await(name+" is not linked", func() bool {
		op.Raw("LINKS")
		for {
			line := op.Expect(func(line string) bool { return Command("364")(line) || Command("365")(line) })
			if Command("365")(line) {
				return false
			}
			if _, _, params := parse(line); len(params) > 1 && params[1] == name {
				op.Expect(Command("365"))
				return true
			}
		}
	})
}

func (l *Link) accept(listener net.Listener) {
	for {
		leaf, err := listener.Accept()
		if err != nil {
			return
		}
		hub, err := net.DialTimeout("tcp", l.to, Patience)
		if err != nil {
			leaf.Close()
			continue
		}
		l.mu.Lock()
		l.open = append(l.open, leaf, hub)
		l.mu.Unlock()
		for _, pair := range [][2]net.Conn{{leaf, hub}, {hub, leaf}} {
			go func() {
				_, _ = io.Copy(pair[0], pair[1])
				pair[0].Close()
			}()
		}
	}
}

// Log is what the server has written to its log.
func (s *InspIRCd) Log() string {
	log, _ := os.ReadFile(filepath.Join(s.dir, "ircd.log"))
	return string(log)
}

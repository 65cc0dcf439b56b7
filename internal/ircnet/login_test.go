package ircnet_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// services are those of a scripted server. They keep what they are told, which
// is the record of what a client lets out.
type services struct {
	mu      sync.Mutex
	ok      bool                             // they accept whatever is proved
	refuse  []string                         // what they say instead, before 904
	other   func(*testirc.Peer, string) bool // what else the server does by itself
	using   string
	text    string
	chunks  []int
	proved  []string // mechanism and decoded proof
	members []string // lines of the commands that matter, in order
}

func (v *services) answer(p *testirc.Peer, line string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	command, rest, _ := strings.Cut(line, " ")
	if slices.Contains([]string{"AUTHENTICATE", "JOIN", "NICKSERV", "PRIVMSG", "WHOIS", "QUIT"}, command) || line == "CAP END" {
		v.members = append(v.members, line)
	}
	switch {
	case v.other != nil && v.other(p, line):
	case command != "AUTHENTICATE":
		return false
	case rest == "PLAIN" || rest == "EXTERNAL":
		v.using, v.text, v.chunks = rest, "", nil
		p.Send("AUTHENTICATE +")
	case rest == "*":
		p.Send(":irc.script.example 906 hackbot :SASL authentication aborted")
	default:
		v.chunk(p, rest)
	}
	return true
}

func (v *services) chunk(p *testirc.Peer, chunk string) {
	v.chunks = append(v.chunks, len(chunk))
	if chunk != "+" {
		v.text += chunk
	}
	if len(chunk) == 400 {
		return
	}
	proof, err := base64.StdEncoding.DecodeString(v.text)
	v.proved = append(v.proved, v.using+" "+string(proof))
	switch {
	case v.ok && err == nil:
		p.Send(":irc.script.example 900 hackbot hackbot!bot@host.example hackacc :You are now logged in as hackacc",
			":irc.script.example 903 hackbot :SASL authentication successful")
	case len(v.refuse) > 0:
		p.Send(v.refuse...)
	default:
		p.Send(":irc.script.example 904 hackbot :SASL authentication failed")
	}
}

func (v *services) set(change func()) { v.mu.Lock(); defer v.mu.Unlock(); change() }

func (v *services) record() (proved, commands []string, chunks []int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.proved), slices.Clone(v.members), slices.Clone(v.chunks)
}

const secret = "canary-3f9b"

func plain(c *ircnet.Config) { c.Login = ircnet.Login{Account: "hackacc", Password: secret} }

func required(c *ircnet.Config) { plain(c); c.Login.Required = true }

// 3 bytes become 4 of base64, and the account stands before the password twice.
func passwordFor(base64Bytes int) string {
	return strings.Repeat("p", base64Bytes/4*3-len("hackacc\x00hackacc\x00"))
}

func TestSASLBeforeTheFirstJoin(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		offer  string
		login  ircnet.Login
		proved []string // "PLAIN password" stands for the whole proof
		chunks []int
	}{
		{"a short password", "sasl=PLAIN,EXTERNAL", ircnet.Login{Account: "hackacc", Password: secret}, []string{"PLAIN " + secret}, []int{36}},
		{"a server that lists nothing", "sasl", ircnet.Login{Account: "hackacc", Password: secret}, []string{"PLAIN " + secret}, []int{36}},
		{"one chunk but a byte", "sasl=PLAIN", ircnet.Login{Account: "hackacc", Password: passwordFor(400)[1:]}, nil, []int{400, 1}},
		{"one full chunk", "sasl=PLAIN", ircnet.Login{Account: "hackacc", Password: passwordFor(400)}, nil, []int{400, 1}},
		{"a full chunk and a short one", "sasl=PLAIN", ircnet.Login{Account: "hackacc", Password: passwordFor(404)}, nil, []int{400, 4}},
		{"two full chunks", "sasl=PLAIN", ircnet.Login{Account: "hackacc", Password: passwordFor(800)}, nil, []int{400, 400, 1}},
		{"a password of 290 bytes", "sasl=PLAIN", ircnet.Login{Account: "hackacc", Password: strings.Repeat("x", 290)}, nil, []int{400, 8}},
		{"blanks and colons", "sasl=PLAIN", ircnet.Login{Account: "hackacc", Password: ":a b: ü"}, nil, []int{32}},
		{"a certificate", "sasl=PLAIN,EXTERNAL", ircnet.Login{External: true}, []string{"EXTERNAL "}, []int{1}},
		{"a certificate of an account", "sasl=external,plain", ircnet.Login{Account: "hackacc", External: true}, []string{"EXTERNAL hackacc"}, []int{12}},
		{"a certificate where it is of no use", "sasl=PLAIN", ircnet.Login{Account: "hackacc", Password: secret, External: true}, []string{"PLAIN " + secret}, []int{36}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.proved == nil {
				tt.proved = []string{"PLAIN " + tt.login.Password}
			}
			for i, p := range tt.proved {
				tt.proved[i] = strings.Replace(p, "PLAIN ", "PLAIN hackacc\x00hackacc\x00", 1)
			}
			v := &services{ok: true}
			_, _, n, _ := script(t, testirc.ScriptOptions{Caps: []string{"server-time", tt.offer}, Answer: v.answer}, func(c *ircnet.Config) {
				c.Login = tt.login
				c.Login.Required = true
			})
			proved, commands, chunks := v.record()
			if !slices.Equal(proved, tt.proved) || !slices.Equal(chunks, tt.chunks) {
				t.Errorf("proved %q in chunks of %v", proved, chunks)
			}
			if n := len(commands); commands[n-2] != "CAP END" || commands[n-1] != "JOIN #hackfest" {
				t.Errorf("commands %q", commands)
			}
			if s := n.Status(); s.Account != "hackacc" || s.LoginErr != "" {
				t.Errorf("status %+v", s)
			}
		})
	}
}

// A list of capabilities that goes on is read to its end, and SASL is asked for
// with the others, once.
func TestCapabilitiesOnManyLines(t *testing.T) {
	t.Parallel()
	v := &services{ok: true}
	caps := []string{"sasl=EXTERNAL,PLAIN", "multi-prefix", "*", "unknown=x,y", "*", "server-time"}
	_, peer, n, _ := script(t, testirc.ScriptOptions{Caps: caps, Answer: v.answer}, required)
	var asked []string
	for _, line := range peer.Received() {
		if after, ok := strings.CutPrefix(line, "CAP REQ "); ok {
			asked = append(asked, after)
		}
	}
	if !slices.Equal(asked, []string{":multi-prefix server-time sasl"}) || n.Status().Account != "hackacc" {
		t.Errorf("asked for %q, status %+v", asked, n.Status())
	}
}

// Whatever keeps us from being known, we do not join: we say why, once, and join
// when services are back.
func TestRequiredLoginStaysOut(t *testing.T) {
	t.Parallel()
	ignore := func(command string) func(*testirc.Peer, string) bool {
		return func(_ *testirc.Peer, line string) bool { return strings.HasPrefix(line, command) }
	}
	say := func(command string, lines ...string) func(*testirc.Peer, string) bool {
		return func(p *testirc.Peer, line string) bool {
			if strings.HasPrefix(line, command) {
				p.Send(lines...)
				return true
			}
			return false
		}
	}
	for _, tt := range []struct {
		name  string
		caps  []string
		v     *services
		login ircnet.Login
		err   string
	}{
		{name: "no capabilities at all", v: &services{other: ignore("CAP")}, err: "the server offers no SASL"},
		{name: "a server that does not know CAP", v: &services{other: say("CAP", ":irc.script.example 421 * CAP :Unknown command")}, err: "the server offers no SASL"},
		{name: "no SASL", caps: []string{"server-time"}, v: &services{}, err: "the server offers no SASL; its services may be down"},
		{name: "only mechanisms that are not ours", caps: []string{"sasl=SCRAM-SHA-256,EXTERNAL"}, v: &services{}, err: "the server has only SASL SCRAM-SHA-256, EXTERNAL"},
		{name: "NAK", caps: []string{"sasl", "batch"}, v: &services{other: func(p *testirc.Peer, line string) bool {
			names, ok := strings.CutPrefix(line, "CAP REQ ")
			if ok {
				p.Send("CAP * NAK :" + strings.TrimPrefix(names, ":"))
			}
			return ok
		}}, err: "the server refuses SASL"},
		{name: "a wrong password", caps: []string{"sasl=PLAIN"}, v: &services{}, err: "SASL authentication failed"},
		{name: "the account is locked", caps: []string{"sasl"}, v: &services{refuse: []string{":irc.script.example 902 hackbot :You must use a nick assigned to you"}}, err: "You must use a nick"},
		{name: "too long", caps: []string{"sasl"}, v: &services{refuse: []string{":irc.script.example 905 hackbot :SASL message too long"}}, err: "too long"},
		{name: "services do not answer", caps: []string{"sasl"}, v: &services{other: ignore("AUTHENTICATE")}, err: "services do not answer"},
		{name: "services do not answer the proof", caps: []string{"sasl"}, v: &services{refuse: []string{"PING x"}}, err: "services do not answer"},
		{name: "let in while services are asked", caps: []string{"sasl"}, v: &services{refuse: []string{":irc.script.example 001 hackbot :Hi", ":irc.script.example 376 hackbot :End"}}, err: "the server offers no SASL"},
		{name: "a challenge", caps: []string{"sasl"}, v: &services{other: say("AUTHENTICATE", "AUTHENTICATE c2VjcmV0")}, err: "asks something"},
		{name: "certificate and password are refused", caps: []string{"sasl"}, v: &services{}, login: ircnet.Login{External: true}, err: "SASL authentication failed"},
		{name: "mechanisms come with the refusal", caps: []string{"sasl"}, v: &services{other: say("AUTHENTICATE EXTERNAL",
			":irc.script.example 908 hackbot SCRAM-SHA-256 :are available SASL mechanisms", ":irc.script.example 904 hackbot :No such mechanism")}, login: ircnet.Login{External: true}, err: "No such mechanism"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := testirc.Script(t, testirc.ScriptOptions{Caps: tt.caps, Answer: tt.v.answer})
			c := settings(server.Addr)
			required(&c)
			c.Login.External = tt.login.External
			c.Timing.Login = 300 * time.Millisecond
			var log syncLog
			c.Log = log.logger()
			n, h := start(t, c)
			for range 3 {
				peer := server.Peer()
				peer.ExpectText("QUIT :hackfest cannot log in")
				peer.Gone()
			}
			wait(t, "the status does not say why", func() bool {
				s := n.Status()
				return strings.HasPrefix(s.Err, "not logged in as hackacc: ") && strings.Contains(s.Err, tt.err) && s.State != "online"
			})
			if _, commands, _ := tt.v.record(); slices.ContainsFunc(commands, testirc.Has("JOIN")) || slices.ContainsFunc(commands, testirc.Has("IDENTIFY")) || len(h.all()) > 0 {
				t.Errorf("commands %q, log\n%s", commands, shown(h.all()))
			}
			if told := strings.Count(log.String(), "level=WARN"); told != 1 || !strings.Contains(log.String(), tt.err) || strings.Contains(log.String(), secret) {
				t.Errorf("the log was told %d times:\n%s", told, log.String())
			}
			if !slices.ContainsFunc(tt.caps, testirc.Has("sasl")) || slices.ContainsFunc(tt.caps, testirc.Has("SCRAM")) {
				return // it will never be otherwise
			}
			tt.v.set(func() { tt.v.ok, tt.v.other = true, nil })
			h.kind(hackfest.Join)
			if s := n.Status(); s.Account != "hackacc" || s.Err != "" {
				t.Errorf("status %+v", s)
			}
		})
	}
}

// Services that come back log us in then, and channels that were closed to
// strangers are tried again.
func TestLateLogin(t *testing.T) {
	t.Parallel()
	v := &services{ok: true}
	v.other = func(p *testirc.Peer, line string) bool {
		if strings.HasPrefix(line, "JOIN") && len(v.proved) == 0 {
			p.Send(":irc.script.example 477 hackbot #hackfest :You need to be identified to join that channel")
			return true
		}
		return strings.HasPrefix(line, "NICKSERV")
	}
	server := testirc.Script(t, testirc.ScriptOptions{Answer: v.answer})
	c := settings(server.Addr)
	plain(&c)
	c.Timing.Login, c.Timing.Rejoin = 200*time.Millisecond, time.Hour
	n, h := start(t, c)
	peer := server.Peer()
	peer.ExpectText("JOIN")
	wait(t, "the refusal is not seen", func() bool { s := n.Status(); return len(s.Absent) == 1 && s.Absent[0].Reason != "" })
	peer.Send(":irc.script.example CAP hackbot NEW :sasl=PLAIN")
	h.kind(hackfest.Join)
	if s := n.Status(); s.Account != "hackacc" || s.LoginErr != "" {
		t.Errorf("status %+v", s)
	}
	peer.Send(":irc.script.example 901 hackbot hackbot!b@h :You are now logged out")
	wait(t, "the logout is not seen", func() bool { s := n.Status(); return s.Account == "" && s.LoginErr != "" })
}

// A password that was refused is not tried again and again.
func TestWrongPasswordIsTriedOnce(t *testing.T) {
	t.Parallel()
	for _, caps := range [][]string{{"sasl"}, nil} {
		v := &services{other: func(p *testirc.Peer, line string) bool {
			if strings.HasPrefix(line, "NICKSERV") {
				p.Send(":NickServ!s@services.example NOTICE hackbot :Invalid password for hackacc.")
			}
			return false
		}}
		_, peer, n, _ := script(t, testirc.ScriptOptions{Caps: caps, Answer: v.answer}, func(c *ircnet.Config) {
			plain(c)
			c.Timing.Relogin = 20 * time.Millisecond
		})
		for range 2 { // each after 0.3 s of silence
			peer.Expect(testirc.Command("PING"))
		}
		proved, commands, _ := v.record()
		told := len(proved) + len(slices.DeleteFunc(commands, func(c string) bool { return !strings.HasPrefix(c, "NICKSERV") }))
		if told != 1 || n.Status().LoginErr == "" {
			t.Errorf("told %d times, status %+v", told, n.Status())
		}
	}
}

// Nothing is told to a server that speaks of SASL when no login is set.
func TestNoLoginTellsNothing(t *testing.T) {
	t.Parallel()
	v := &services{ok: true}
	_, peer, _, _ := script(t, testirc.ScriptOptions{Caps: []string{"sasl=PLAIN"}, Answer: v.answer}, nil)
	peer.Send("AUTHENTICATE +", ":irc.script.example CAP hackbot NEW :sasl=PLAIN", ":NickServ!s@services.example NOTICE hackbot :identify", "PING done")
	peer.ExpectText("PONG")
	if _, commands, _ := v.record(); !slices.Equal(commands, []string{"CAP END", "JOIN #hackfest"}) {
		t.Errorf("commands %q", commands)
	}
}

// Two networks: each server sees its own secret and never the other's, and no
// server's words bring one into a log.
func TestSecretsStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	var log syncLog
	secrets := []string{"canary-first-pass", "canary-second-account"}
	var servers []*testirc.ScriptServer
	var peers []*testirc.Peer
	for i, secret := range secrets {
		v := &services{ok: true}
		server := testirc.Script(t, testirc.ScriptOptions{Caps: []string{"sasl=PLAIN"}, Answer: v.answer})
		c := settings(server.Addr)
		c.Name, c.Log = "net"+string(rune('1'+i)), log.logger()
		c.Channels[0].Key = "canary-key-" + c.Name
		if i == 0 {
			c.Password = secret
		} else {
			c.Login = ircnet.Login{Account: "hackacc", Password: secret, Required: true}
		}
		_, h := start(t, c)
		peer := server.Peer()
		h.kind(hackfest.Join)
		peer.Send(":irc.script.example 464 hackbot :Password "+secret+" is wrong", "ERROR :Bad "+secret+" and canary-key-"+c.Name)
		peer.Close()
		if l := h.until("the end", func(l hackfest.Line) bool { return strings.HasPrefix(l.Text, "Disconnected") }); strings.Contains(l.Text, "canary") || !strings.Contains(l.Text, "Bad …") {
			t.Errorf("the log of the channel says %q", l.Text)
		}
		servers, peers = append(servers, server), append(peers, peer)
	}
	for i, server := range servers {
		all := strings.Join(append(peers[i].Received(), server.Peer().Received()...), "\n")
		own := map[int]string{0: "PASS :" + secrets[0], 1: base64.StdEncoding.EncodeToString([]byte("hackacc\x00hackacc\x00" + secrets[1]))}[i]
		if !strings.Contains(all, own) {
			t.Errorf("server %d did not get its secret:\n%s", i+1, all)
		}
		for _, proof := range []string{secrets[1-i], base64.StdEncoding.EncodeToString([]byte(secrets[1-i])), "canary-key-net" + string(rune('2'-i))} {
			if strings.Contains(all, proof) {
				t.Errorf("server %d got the other's secret:\n%s", i+1, all)
			}
		}
	}
	if strings.Contains(log.String(), "canary") {
		t.Errorf("a secret is in the log:\n%s", log.String())
	}
}

// A password for the server goes out whole, whatever its signs.
func TestServerPassword(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"a", ":with : signs", strings.Repeat("x", 500)} {
		_, peer, _, _ := script(t, testirc.ScriptOptions{}, func(c *ircnet.Config) { c.Password = password })
		if got := peer.Received()[:2]; !slices.Equal(got, []string{"PASS :" + password, "CAP LS 302"}) {
			t.Errorf("got %q", got)
		}
	}
}

package ircnet

import (
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

func TestParseMessage(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 16, 0, 0, 123e6, time.UTC)
	for _, tt := range []struct {
		name, line string
		ok         bool
		want       message
	}{
		{"command alone", "PING", true, message{server: true, command: "PING"}},
		{"all parts", "@time=2026-11-22T16:00:00.123Z;account=a :n!u@h PRIVMSG #c :a :b", true, message{
			tags: tags{time: at, account: "a", hasAccount: true}, source: Source{Nick: "n", User: "u", Host: "h"},
			command: "PRIVMSG", params: []string{"#c", "a :b"},
		}},
		{"several blanks", ":n!u@h  mode   #c  +o  x ", true, message{
			source: Source{Nick: "n", User: "u", Host: "h"}, command: "MODE", params: []string{"#c", "+o", "x"},
		}},
		{"empty last parameter", "TOPIC #c :", true, message{server: true, command: "TOPIC", params: []string{"#c", ""}}},
		{"colon within a parameter", "005 me CHANLIMIT=#:10 :x", true, message{server: true, command: "005", params: []string{"me", "CHANLIMIT=#:10", "x"}}},
		{"server", ":a.b NOTICE * :x", true, message{source: Source{Nick: "a.b"}, server: true, command: "NOTICE", params: []string{"*", "x"}}},
		{"nick with a dot in its host", ":n@a.b JOIN #c", true, message{source: Source{Nick: "n", Host: "a.b"}, command: "JOIN", params: []string{"#c"}}},
		{"tags alone", "@a=b", false, message{}},
		{"source alone", ":n!u@h", false, message{}},
		{"client-only tags count for nothing", "@+account=x;+time=y;+bot TAGMSG x", true, message{server: true, command: "TAGMSG", params: []string{"x"}}},
		{"escaped tag", `@account=a\:\s\\\q;bot PING`, true, message{tags: tags{account: `a; \\q`, hasAccount: true, bot: true}, server: true, command: "PING"}},
		{"command of odd bytes", "PR\x00IV x", false, message{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := parseMessage(tt.line)
			if ok != tt.ok {
				t.Fatalf("parseMessage(%q) is %v", tt.line, ok)
			}
			if ok && (got.tags != tt.want.tags || got.source != tt.want.source || got.server != tt.want.server ||
				got.command != tt.want.command || !slices.Equal(got.params, tt.want.params)) {
				t.Errorf("parseMessage(%q) = %+v", tt.line, got)
			}
		})
	}
}

func TestCandidatesStayShort(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for n := 1; n <= maxCollisions; n++ {
		name := candidate("hackbot", n, 0)
		if len(name) > len("hackbot")+2 || seen[name] {
			t.Errorf("candidate %d is %q", n, name)
		}
		seen[name] = true
		if cut := candidate("hackbot", n, 8); len(cut) > 8 {
			t.Errorf("cut candidate %d is %q", n, cut)
		}
	}
}

func TestBucket(t *testing.T) {
	t.Parallel()
	b := bucket{size: burst, every: time.Second}
	now := time.Now()
	taken := 0
	for range 100 { // ten seconds
		if b.take(now, 1) {
			taken++
		}
		now = now.Add(100 * time.Millisecond)
	}
	if taken < 13 || taken > 15 {
		t.Errorf("%d lines in ten seconds", taken)
	}
	now = now.Add(time.Hour)
	for taken = 0; b.take(now, 2); taken++ {
	}
	if taken != 3 {
		t.Errorf("%d long lines at once", taken)
	}
}

func TestModesFollowISupport(t *testing.T) {
	t.Parallel()
	var support isupport
	support.add([]string{"me", "PREFIX=(qaohv)~&@%+", "CHANMODES=beI,k,l,imnpst", "sentence"})
	r := newRoster(&support)
	r.enter("#c")
	r.list("#C", "~owner &admin @op %half +voice @+both plain")
	for nick, op := range map[string]bool{"owner": true, "admin": true, "OP": true, "half": false, "voice": false, "both": true, "plain": false, "none": false} {
		if r.isOp("#c", nick) != op {
			t.Errorf("isOp(%s) is %v", nick, !op)
		}
	}
	r.mode("#c", []string{"+bkl-o+o-l+v", "*!*@*", "key", "10", "op", "plain", "op"})
	if r.isOp("#c", "op") || !r.isOp("#c", "plain") {
		t.Error("a mode with arguments before it was read wrongly")
	}
	for _, params := range [][]string{
		{"-o", "both"},
		{"-b+o", "both", "voice"}, // a list's mode has an argument when it is taken off, too
		{"-l+o", "half"},          // a limit has none
		{"+i-t+o", "none"},
	} {
		r.mode("#c", params)
	}
	if r.isOp("#c", "both") || !r.isOp("#c", "voice") || !r.isOp("#c", "half") || r.has("#c", "none") {
		t.Errorf("members are %+v", r.room("#c").members)
	}
}

func TestRefold(t *testing.T) {
	t.Parallel()
	var support isupport
	r := newRoster(&support)
	r.enter("#C[]")
	r.join("#c{}", "Ann[]")
	old := support.casemapping()
	support.add([]string{"me", "CASEMAPPING=ascii", "sentence"})
	r.refold(old)
	if r.has("#c{}", "ann[]") || !r.has("#c[]", "ANN[]") {
		t.Error("names are folded by the old mapping")
	}
}

// Whatever a server sends, nothing panics and every line logged is sound.
func FuzzHandle(f *testing.F) {
	corpus, err := os.ReadFile("testdata/hostile.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(corpus)) {
		f.Add(strings.Trim(strings.ReplaceAll(line, "{me}", "hackbot"), "\"\n"))
	}
	f.Add(":hackbot!h@h JOIN #c\n:hackbot!h@h NICK x\n:x!h@h KICK #c x\n:s.e 005 x CASEMAPPING=ascii PREFIX=(o)@ :s\n:ann JOIN #C")
	f.Add(":s.e CAP * LS * :sasl=EXTERNAL\n:s.e CAP * LS :batch\n:s.e CAP x ACK :sasl batch\nAUTHENTICATE +\n:s.e 904 x :no\nAUTHENTICATE +\n:s.e 900 x x!x@x acc :hi\n:s.e 903 x :yes")
	f.Add(":s.e 001 hackbot :x\n:s.e 376 hackbot :x\n:s.e 421 hackbot NICKSERV :x\n:s.e 313 hackbot NickServ :x\n:s.e 318 hackbot NickServ :x\n:NickServ!n@s NOTICE hackbot :you are now identified\n:s.e 901 x :out")
	f.Fuzz(func(t *testing.T, stream string) {
		var got []hackfest.Line
		n := New(Config{
			Name: "test", Addr: "irc.example:6667", Nick: "hackbot", Channels: []Channel{{Name: "#c"}, {Name: "#hackfest"}},
			Login: Login{Account: "hackacc", Password: "canary", External: len(stream)%2 == 0, Required: len(stream)%3 == 0},
		}, keeper{&got})
		conn, _ := net.Pipe()
		s := newSession(n, conn)
		n.session = s
		for line := range strings.SplitSeq(stream, "\n") {
			if m, ok := parseMessage(line); ok {
				m.at = time.Now()
				s.handle(&m)
				_ = s.wire.standIn(&m)
			}
			s.settle()
			s.watchLogin(time.Now().Add(time.Duration(len(line)%2) * time.Hour))
			if s.registered && s.login.over() && !s.quitting {
				s.join(time.Now())
			}
			if s.n.cfg.Login.Required && !s.login.known && len(s.control) > 0 && s.control[len(s.control)-1].Command == "JOIN" {
				t.Fatal("would join as nobody")
			}
		}
		for len(s.out) > 0 {
			if o := <-s.out; strings.Contains(o.raw, "canary") && (!o.secret || !strings.HasPrefix(o.raw, "NICKSERV IDENTIFY ") && !(s.login.service && strings.HasPrefix(o.raw, "PRIVMSG NickServ :"))) {
				t.Fatalf("would send %q", o.raw)
			}
		}
		s.end()
		n.session = nil
		n.flush()
		for _, l := range got {
			for _, text := range []string{l.Channel, l.Nick, l.Account, l.Text, l.Target} {
				if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
					t.Fatalf("unsound line %+v", l)
				}
			}
			if l.Kind == "" || l.At.IsZero() || !irctext.ASCII.Equal(l.Channel, "#c") && !irctext.ASCII.Equal(l.Channel, "#hackfest") {
				t.Fatalf("unsound line %+v", l)
			}
		}
		for _, e := range s.control {
			if strings.ContainsAny(e.String(), "\r\n\x00") {
				t.Fatalf("would send %q", e.String())
			}
		}
	})
}

type keeper struct{ lines *[]hackfest.Line }

func (k keeper) Line(l hackfest.Line)   { *k.lines = append(*k.lines, l) }
func (k keeper) Private(Source, string) {}

// A line that girc swallows is late, not lost: the session notices that it is
// deaf, ends the connection and hands the line over all the same.
func TestDeafnessLosesNothing(t *testing.T) {
	t.Parallel()
	var got []hackfest.Line
	n := New(Config{Name: "test", Addr: "irc.example:6667", Nick: "hackbot", Channels: []Channel{{Name: "#c"}}}, keeper{&got})
	ours, theirs := net.Pipe()
	s := newSession(n, ours)
	n.session = s
	go func() {
		_, _ = theirs.Write([]byte(":a!b@c PRIVMSG #c :one\r\n:a!b@c PRIVMSG #c :two\r\n:a!b@c PRIVMSG #c :three\r\n"))
	}()
	buf := make([]byte, 100)
	for range 3 {
		if _, err := s.wire.Read(buf); err != nil {
			t.Fatal(err)
		}
	}
	s.wire.passed(2) // the first number was swallowed, the third hangs
	s.turn(time.Now())
	if len(got) != 2 || got[0].Text != "one" || got[1].Text != "two" || s.failed != "" {
		t.Fatalf("heard %+v, failed %q", got, s.failed)
	}
	s.turn(time.Now().Add(n.cfg.Timing.Deaf + time.Second))
	if s.failed != "we had become deaf" {
		t.Errorf("failed is %q", s.failed)
	}
	for _, m := range s.wire.take(true) {
		s.handle(&m)
	}
	n.flush()
	if len(got) != 3 || got[2].Text != "three" {
		t.Errorf("heard %+v", got)
	}
}

// Lines that are read only after the end of a connection may want an answer,
// which nobody can be given any more.
func TestLinesBehindTheEnd(t *testing.T) {
	t.Parallel()
	n := New(Config{Name: "test", Addr: "irc.example:6667", Nick: "hackbot", Login: Login{Account: "hackacc", Password: "canary"}}, keeper{&[]hackfest.Line{}})
	conn, _ := net.Pipe()
	s := newSession(n, conn)
	s.endSending()
	for _, line := range []string{":s.e CAP * LS :sasl", ":s.e CAP * ACK :sasl", "AUTHENTICATE +"} {
		m, _ := parseMessage(line)
		s.handle(&m)
	}
	if s.login.stage != saslSent {
		t.Error("the lines were not handled")
	}
}

// What is to be said waits until we are there, but not for ever.
func TestSpeechWaitsForItsChannel(t *testing.T) {
	t.Parallel()
	n := New(Config{Name: "test", Addr: "irc.example:6667", Nick: "hackbot", Channels: []Channel{{Name: "#a"}, {Name: "#b"}}}, keeper{&[]hackfest.Line{}})
	n.Say("#a", "for a")
	n.Say("#b", "for b")
	n.Notice("ann", "for ann")
	conn, _ := net.Pipe()
	s := newSession(n, conn)
	now := time.Now()
	if e, ok := s.next(now); ok {
		t.Fatalf("sent %v before registration", e)
	}
	s.registered = true
	s.roster.enter("#B")
	for _, want := range []string{"PRIVMSG #b :for b", "NOTICE ann :for ann"} {
		if e, ok := s.next(now); !ok || e.event.String() != want {
			t.Errorf("sent %v, want %s", e, want)
		}
	}
	if e, ok := s.next(now.Add(staleAfter - time.Second)); ok {
		t.Errorf("sent %v to a channel we are not in", e)
	}
	s.roster.enter("#a")
	if e, ok := s.next(now.Add(staleAfter + time.Second)); ok {
		t.Errorf("sent %v after two minutes", e)
	}
}

// When we were stopped ourselves, the server gets its time to answer anew.
func TestOurOwnSleepIsNotSilence(t *testing.T) {
	t.Parallel()
	n := New(Config{Name: "test", Addr: "irc.example:6667", Nick: "hackbot"}, keeper{&[]hackfest.Line{}})
	conn, _ := net.Pipe()
	s := newSession(n, conn)
	s.registered, s.settled = true, true
	now := time.Now()
	for ; now.Sub(s.started) < 31*time.Second; now = now.Add(time.Second) {
		s.watch(now)
	}
	now = now.Add(time.Hour)
	for range 29 {
		s.watch(now)
		now = now.Add(time.Second)
	}
	if s.failed != "" {
		t.Error("failed although we slept: ", s.failed)
	}
	for range 5 {
		s.watch(now)
		now = now.Add(time.Second)
	}
	if s.failed != silence {
		t.Error("not failed: ", s.failed)
	}
}

// A line that was handed to the connection and not seen on the socket when that
// ends may have been said or not.
func TestDeliveryIsCutOff(t *testing.T) {
	t.Parallel()
	n := New(Config{Name: "test", Addr: "irc.example:6667", Nick: "hackbot"}, keeper{new([]hackfest.Line)})
	conn, _ := net.Pipe()
	s := newSession(n, conn)
	lost, seen := &delivery{done: make(chan error, 1)}, &delivery{done: make(chan error, 1)}
	s.awaited = []said{{command: "PRIVMSG", target: "#c", text: "a b", asked: lost}, {command: "PRIVMSG", target: "#c", text: "c", asked: seen}}
	for _, raw := range []string{"NOTICE #c :a b", "PRIVMSG #d :a b", "PRIVMSG #c c"} {
		m, _ := parseMessage(raw)
		m.sent = true
		s.handle(&m)
	}
	s.end()
	if err := <-seen.done; err != nil {
		t.Errorf("seen: %v", err)
	}
	if err := <-lost.done; err == nil || errors.Is(err, ErrUnsaid) {
		t.Errorf("lost: %v", err)
	}
}

// hasty is a connection whose other side answers before Write has returned.
type hasty struct {
	net.Conn
	answer func()
}

func (h hasty) Write(p []byte) (int, error)      { h.answer(); return len(p), nil }
func (h hasty) Read(p []byte) (int, error)       { return copy(p, ":a!b@c PRIVMSG #c :answer\r\n"), nil }
func (h hasty) SetWriteDeadline(time.Time) error { return nil }

// An answer never comes before what it answers.
func TestAnswersComeAfterWhatWeSaid(t *testing.T) {
	t.Parallel()
	var w *wire
	w = newWire(hasty{answer: func() {
		if _, err := w.Read(make([]byte, 100)); err != nil {
			t.Error(err)
		}
		w.passed(1)
	}}, time.Now, func() bool { return false })
	if _, err := w.Write([]byte("PRIVMSG #c :question\r\n")); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, m := range w.take(false) {
		order = append(order, m.last())
	}
	if !slices.Equal(order, []string{"question", "answer"}) {
		t.Errorf("order is %q", order)
	}
}

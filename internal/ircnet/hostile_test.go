package ircnet_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// hostile reads the corpus: quoted lines, as the bot called nick should get
// them.
func hostile(t testing.TB, nick string) []string {
	t.Helper()
	corpus, err := os.ReadFile("testdata/hostile.txt")
	if err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("{me}", nick, "{8k}", strings.Repeat("x", 8<<10), "{70k}", strings.Repeat("y", 70<<10))
	var lines []string
	for quoted := range strings.Lines(string(corpus)) {
		if !strings.HasPrefix(quoted, `"`) {
			continue
		}
		line, err := strconv.Unquote(strings.TrimSpace(quoted))
		if err != nil {
			t.Fatalf("%s: %v", quoted, err)
		}
		line = fill.Replace(line)
		if !strings.HasSuffix(line, "\n") {
			line += "\r\n"
		}
		lines = append(lines, line)
	}
	if len(lines) < 200 {
		t.Fatalf("only %d lines", len(lines))
	}
	return lines
}

// complaints is a log that keeps what is worse than a warning: girc's panics
// among it.
type complaints struct {
	slog.Handler
	mu   *sync.Mutex
	list *[]string
}

func newComplaints() complaints {
	return complaints{Handler: slog.DiscardHandler, mu: &sync.Mutex{}, list: &[]string{}}
}

func (c complaints) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }
func (c complaints) WithAttrs([]slog.Attr) slog.Handler           { return c }
func (c complaints) WithGroup(string) slog.Handler                { return c }
func (c complaints) Handle(_ context.Context, r slog.Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	*c.list = append(*c.list, text)
	return nil
}

func (c complaints) check(t testing.TB) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, text := range *c.list {
		t.Error("logged: ", text)
	}
}

var allCaps = []string{
	"account-notify", "account-tag", "batch", "cap-notify", "echo-message", "extended-join",
	"message-tags", "multi-prefix", "sasl=PLAIN", "server-time", "sts=port=1",
}

// After each hostile line the next ordinary one must be heard, over the same
// connection. That the bot still answers PING would prove nothing.
func TestNoLineMakesUsDeaf(t *testing.T) {
	t.Parallel()
	for i, line := range hostile(t, "hackbot") {
		t.Run(fmt.Sprintf("%03d %.40q", i, line), func(t *testing.T) {
			t.Parallel()
			o := testirc.ScriptOptions{ISupport: "CASEMAPPING=rfc1459 CHANTYPES=#"}
			if i%2 == 0 {
				o.Caps = allCaps
			}
			server := testirc.Script(t, o)
			c := settings(server.Addr)
			c.Timing.Ping, c.Timing.Pong, c.Timing.Rejoin = 0, 0, 0
			log := newComplaints()
			c.Log = slog.New(log)
			_, h := start(t, c)
			peer := server.Peer()
			h.kind(hackfest.Join)
			peer.Write([]byte(line))
			peer.Send(":bob!b@h PRIVMSG #hackfest :the next line")
			h.text("the next line")
			peer.Send(":bob!b@h PRIVMSG #hackfest :and one more")
			h.text("and one more")
			if len(server.Attempts()) != 1 {
				t.Error("the connection was lost")
			}
			log.check(t)
		})
	}
}

// All hostile lines in one stream, three times shuffled, between ordinary ones.
func TestOrdinaryLinesSurviveHostileCompany(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			server := testirc.Script(t, testirc.ScriptOptions{Caps: allCaps[:int(seed)*5]})
			c := settings(server.Addr)
			c.Timing.Ping, c.Timing.Pong, c.Timing.Rejoin = 0, 0, 0
			log := newComplaints()
			c.Log = slog.New(log)
			_, h := start(t, c)
			peer := server.Peer()
			h.kind(hackfest.Join)
			lines := hostile(t, "hackbot")
			lines = slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "BATCH +1 chathistory") })
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			var want []string
			go func() {
				for i, line := range lines {
					peer.Write([]byte(line))
					peer.Send(fmt.Sprintf("@time=2026-11-22T00:00:00.000Z :bob!b@h PRIVMSG #hackfest :ordinary %d", i))
				}
			}()
			for i := range lines {
				want = append(want, fmt.Sprint("ordinary ", i))
			}
			h.text(want[len(want)-1])
			var got []string
			for _, l := range h.all() {
				if l.Nick == "bob" {
					got = append(got, l.Text)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("heard %d ordinary lines of %d, or in another order", len(got), len(want))
			}
			if len(server.Attempts()) != 1 {
				t.Error("the connection was lost")
			}
			log.check(t)
		})
	}
}

// What girc cannot carry is kept all the same.
func TestOddTextsAreKeptWhole(t *testing.T) {
	t.Parallel()
	server := testirc.Script(t, testirc.ScriptOptions{})
	_, h := start(t, settings(server.Addr))
	peer := server.Peer()
	h.kind(hackfest.Join)
	long := strings.Repeat("0123456789abcdef", 1<<10) // 16 KiB
	for _, tt := range []struct {
		name, sent, text string
		raw, windows1252 bool
	}{
		{"NUL", "a\x00b", "a\ufffdb", true, false},
		{"Windows-1252", "caf\xe9 \x93x\x94", "café “x”", true, true},
		{"16 KiB", long, long, false, false},
		{"CR in the middle", "a\rb", "a\rb", false, false},
		{"formatting", "\x02bold\x02", "\x02bold\x02", false, false},
	} {
		peer.Send(":ann!a@h PRIVMSG #hackfest :" + tt.sent)
		l := h.kind(hackfest.Message)
		if l.Text != tt.text || l.Windows1252 != tt.windows1252 {
			t.Errorf("%s: %.100q, %v", tt.name, l.Text, l.Windows1252)
		}
		if (l.Raw != nil) != tt.raw || tt.raw && string(l.Raw) != tt.sent {
			t.Errorf("%s: raw %.100q", tt.name, l.Raw)
		}
	}
	peer.Send(":ann!a@h PRIVMSG #hackfest :" + strings.Repeat("z", 100<<10))
	if l := h.kind(hackfest.Message); len(l.Text) < 60<<10 || strings.Trim(l.Text, "z") != "" {
		t.Errorf("of 100 KiB came %d bytes", len(l.Text))
	}
}

// The same lines before the bot has been let in: those that refuse it may cost
// the connection, never the bot.
func TestHostileRegistration(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, l := range hostile(t, "hackbot") {
		if !strings.Contains(l, "ERROR") && !strings.Contains(l, " 43") && !strings.Contains(l, " 001") {
			lines = append(lines, l)
		}
	}
	server := testirc.Script(t, testirc.ScriptOptions{Caps: allCaps, Answer: func(p *testirc.Peer, line string) bool {
		if strings.HasPrefix(line, "USER") {
			p.Write([]byte(strings.Join(lines, "")))
		}
		return false
	}})
	c := settings(server.Addr)
	log := newComplaints()
	c.Log = slog.New(log)
	n, h := start(t, c)
	peer := server.Peer()
	wait(t, "we are let in", func() bool { return n.Status().State == "online" })
	peer.Send(":bob!b@h PRIVMSG #hackfest :the next line")
	h.text("the next line")
	if len(server.Attempts()) != 1 {
		t.Error("the connection was lost")
	}
	log.check(t)
}

// A flood is heard whole and in order, whatever the pace of girc.
func TestFloodIsHeardWhole(t *testing.T) {
	t.Parallel()
	const lines = 30_000
	server := testirc.Script(t, testirc.ScriptOptions{})
	_, h := start(t, settings(server.Addr))
	peer := server.Peer()
	h.kind(hackfest.Join)
	go func() {
		for i := 0; i < lines; i += 100 {
			var b strings.Builder
			for j := range 100 {
				fmt.Fprintf(&b, ":ann!a@h PRIVMSG #hackfest :%d\r\n", i+j)
			}
			peer.Write([]byte(b.String()))
		}
	}()
	for i := range lines {
		if l := h.kind(hackfest.Message); l.Text != strconv.Itoa(i) {
			t.Fatalf("line %d is %q", i, l.Text)
		}
	}
}

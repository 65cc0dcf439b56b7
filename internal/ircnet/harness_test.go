package ircnet_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// heard is a Handler that remembers all it got.
type heard struct {
	t testing.TB

	mu       sync.Mutex
	lines    []hackfest.Line
	privates []string
	read     int
	more     chan struct{}
}

func newHeard(t testing.TB) *heard { return &heard{t: t, more: make(chan struct{})} }

func (h *heard) Line(l hackfest.Line) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, l)
	close(h.more)
	h.more = make(chan struct{})
}

func (h *heard) Private(from ircnet.Source, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.privates = append(h.privates, from.Nick+": "+text)
	close(h.more)
	h.more = make(chan struct{})
}

func (h *heard) all() []hackfest.Line {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]hackfest.Line(nil), h.lines...)
}

func (h *heard) private() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.privates...)
}

// until returns the next line, behind the last one returned, for which match is
// true.
func (h *heard) until(what string, match func(hackfest.Line) bool) hackfest.Line {
	h.t.Helper()
	late := time.After(testirc.Patience)
	for {
		h.mu.Lock()
		for h.read < len(h.lines) {
			l := h.lines[h.read]
			h.read++
			if match(l) {
				h.mu.Unlock()
				return l
			}
		}
		more := h.more
		h.mu.Unlock()
		select {
		case <-more:
		case <-late:
			h.t.Fatalf("no line: %s; heard:\n%s", what, shown(h.all()))
		}
	}
}

func (h *heard) text(text string) hackfest.Line {
	h.t.Helper()
	return h.until(text, func(l hackfest.Line) bool { return l.Text == text })
}

func (h *heard) kind(kind hackfest.LineKind) hackfest.Line {
	h.t.Helper()
	return h.until(string(kind), func(l hackfest.Line) bool { return l.Kind == kind })
}

// shown writes lines as "#c message ann: text", one per line.
func shown(lines []hackfest.Line) string {
	var out strings.Builder
	for _, l := range lines {
		who := l.Nick
		if l.Target != "" {
			who += ">" + l.Target
		}
		fmt.Fprintf(&out, "%s %s %s: %.200q\n", l.Channel, l.Kind, who, l.Text)
	}
	return out.String()
}

// quick are the waits of tests: everything ten times faster or more.
var quick = ircnet.Timing{
	Register: 5 * time.Second, Ping: 300 * time.Millisecond, Pong: 300 * time.Millisecond,
	Rejoin: 100 * time.Millisecond, Regain: 100 * time.Millisecond, Tick: 10 * time.Millisecond,
	JoinAfter: 200 * time.Millisecond, PerLine: 20 * time.Millisecond,
	Login: 5 * time.Second, Relogin: time.Second, Who: 50 * time.Millisecond,
}

func settings(addr string) ircnet.Config {
	return ircnet.Config{
		Name: "test", Addr: addr, Nick: "hackbot", Version: "hackfest test",
		Channels: []ircnet.Channel{{Name: "#hackfest"}},
		Backoff:  ircnet.Backoff{Waits: []time.Duration{20 * time.Millisecond}},
		Timing:   quick,
	}
}

// start runs a network until the test ends.
func start(t testing.TB, c ircnet.Config) (*ircnet.Network, *heard) {
	t.Helper()
	if testing.Verbose() && c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	h := newHeard(t)
	n := ircnet.New(c, h)
	run(t, n)
	return n, h
}

// run runs n until the test ends.
func run(t testing.TB, n *ircnet.Network) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(testirc.Patience):
			t.Error("Run does not end")
		}
	})
}

// wait polls a condition that no signal tells of.
func wait(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(testirc.Patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}

// syncLog is a log that can be read while it is written.
type syncLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *syncLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *syncLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *syncLog) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

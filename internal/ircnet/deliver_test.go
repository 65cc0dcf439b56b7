package ircnet_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

func TestDeliver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, channel, text string
		unsaid              bool
	}{
		{name: "one line", channel: "#hackfest", text: "In one hour:  two  blanks · ümläut"},
		{name: "a second line is left off", channel: "#hackfest", text: "first\nsecond"},
		{name: "too long is cut", channel: "#hackfest", text: strings.Repeat("long ", 200)},
		{name: "not in the channel", channel: "#elsewhere", text: "x", unsaid: true},
		{name: "no channel at all", channel: "#a b", text: "x", unsaid: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, caps := range [][]string{nil, {"echo-message"}} {
				_, peer, n, _ := script(t, testirc.ScriptOptions{Caps: caps}, nil)
				d := testirc.Patience
				if tt.unsaid {
					d = 100 * time.Millisecond
				}
				ctx, cancel := context.WithTimeout(t.Context(), d)
				err := n.Deliver(ctx, tt.channel, tt.text)
				cancel()
				if errors.Is(err, ircnet.ErrUnsaid) != tt.unsaid || (err == nil) == tt.unsaid {
					t.Errorf("got %v", err)
				}
				if n.Waiting() != 0 {
					t.Error("it still waits to be said")
				}
				n.Say("#hackfest", "behind")
				peer.ExpectText("behind")
				said := 0
				for _, l := range peer.Received() {
					if strings.HasPrefix(l, "PRIVMSG") && !strings.Contains(l, "behind") {
						said++
					}
				}
				if want := map[bool]int{true: 0, false: 1}[tt.unsaid]; said != want {
					t.Errorf("said %d lines, want %d", said, want)
				}
			}
		})
	}
}

// Lines of others, and what others say in our name, are not the line we wait
// for.
func TestDeliverWaitsForItsOwnLine(t *testing.T) {
	t.Parallel()
	_, peer, n, h := script(t, testirc.ScriptOptions{}, func(c *ircnet.Config) { c.Timing.PerLine = time.Hour })
	for range 20 {
		n.Say("#hackfest", "before")
	}
	wait(t, "the pace is used up", func() bool { return n.Waiting() < 20 })
	before := n.Waiting()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := make(chan error, 1)
	go func() { got <- n.Deliver(ctx, "#hackfest", "ours") }()
	wait(t, "it is in the queue", func() bool { return n.Waiting() == before+1 })
	peer.Send(":ann!a@h PRIVMSG #hackfest :ours", ":hackbot!h@h PRIVMSG #hackfest :ours", ":ann!a@h PRIVMSG #hackfest :after")
	h.text("after")
	cancel()
	if err := <-got; !errors.Is(err, ircnet.ErrUnsaid) {
		t.Errorf("got %v", err)
	}
}

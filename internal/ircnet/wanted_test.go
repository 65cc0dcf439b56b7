package ircnet_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// in reports whether the bot is in exactly these channels and misses none.
func in(n *ircnet.Network, channels ...string) func() bool {
	return func() bool {
		s := n.Status()
		return slices.Equal(s.Channels, channels) && len(s.Absent) == 0
	}
}

func TestChannelsChangeWhileRunningOnNgIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ann := testirc.Dial(t, server.Addr, "ann")
	ann.Join("#second")
	ann.Raw("MODE #second +k sesame")
	n, h := start(t, settings(server.Addr))
	h.kind(hackfest.Join)

	n.Join(ircnet.Channel{Name: "#second", Key: "wrong"})
	wait(t, "a refusal", func() bool {
		s := n.Status()
		return len(s.Absent) == 1 && s.Absent[0].Channel == "#second" && strings.Contains(s.Absent[0].Reason, "+k")
	})
	n.Join(ircnet.Channel{Name: "#second", Key: "sesame"})
	if l := h.kind(hackfest.Join); l.Channel != "#second" {
		t.Errorf("join is %+v", l)
	}
	wait(t, "both channels", in(n, "#hackfest", "#second"))
	ann.Raw("MODE #second -k sesame")
	if l := h.kind(hackfest.Mode); l.Text != "-k *" || l.Raw != nil {
		t.Errorf("the key is in %+v", l)
	}
	ann.Raw("MODE #second +ko other hackbot")
	if l := h.kind(hackfest.Mode); l.Text != "+ko * hackbot" {
		t.Errorf("the key is in %+v", l)
	}
	wait(t, "an operator", func() bool { return n.IsOp("#second", "hackbot") })

	n.Part("#second", "no more meetings here")
	ann.ExpectText("PART #second :no more meetings here")
	if l := h.kind(hackfest.Part); !l.Self || l.Channel != "#second" {
		t.Errorf("part is %+v", l)
	}
	if l := h.kind(hackfest.Gap); l.Text != "Left the channel: no more meetings here" || l.Channel != "#second" {
		t.Errorf("gap is %+v", l)
	}
	wait(t, "one channel", in(n, "#hackfest"))
	ann.Raw("INVITE hackbot #second")
	ann.Say("#second", "unheard")
	ann.Join("#hackfest")
	ann.Say("#hackfest", "heard")
	h.text("heard")
	for _, l := range h.all() {
		if l.Text == "unheard" {
			t.Error("it hears a channel it has left")
		}
	}

	// A key that changed is no reason to leave, only to know for the next time.
	n.Join(ircnet.Channel{Name: "#second", Key: "other"})
	wait(t, "both channels again", in(n, "#hackfest", "#second"))
	n.Join(ircnet.Channel{Name: "#SECOND", Key: "third"})
	ann.Raw("MODE #second +k third")
	ann.Kick("#second", "hackbot", "try the new key")
	h.text("Out of the channel: kicked by ann: try the new key")
	wait(t, "both channels with the third key", in(n, "#hackfest", "#second"))
}

func TestBannedAndLetInOnNgIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ann := testirc.Dial(t, server.Addr, "ann")
	ann.Join("#second")
	ann.Raw("MODE #second +b hackbot!*@*")
	ann.ExpectText("MODE #second +b")
	n, h := start(t, settings(server.Addr))
	h.kind(hackfest.Join)
	n.Join(ircnet.Channel{Name: "#second"})
	if l := h.kind(hackfest.Gap); l.Channel != "#second" || !strings.HasPrefix(l.Text, "Gave up joining: ") || !strings.Contains(l.Text, "+b") {
		t.Errorf("gap is %+v", l)
	}
	ann.Raw("MODE #second -b hackbot!*@*")
	ann.ExpectText("MODE #second -b")
	n.Join(ircnet.Channel{Name: "#second"}) // asked for again: a fresh start
	wait(t, "both channels", in(n, "#hackfest", "#second"))
}

func TestForwardedAtRunTime(t *testing.T) {
	t.Parallel()
	_, peer, n, h := script(t, testirc.ScriptOptions{Answer: func(p *testirc.Peer, line string) bool {
		if !strings.HasPrefix(line, "JOIN #second") {
			return false
		}
		p.Send(":irc.script.example 470 hackbot #second ##elsewhere :Forwarding to another channel")
		p.Join("##elsewhere")
		return true
	}}, nil)
	n.Join(ircnet.Channel{Name: "#second"})
	peer.ExpectText("PART ##elsewhere")
	peer.Send(":ann!a@h PRIVMSG ##elsewhere :not for the log")
	wait(t, "the reason", func() bool {
		s := n.Status()
		return len(s.Absent) == 1 && s.Absent[0].Reason == "Forwarding to another channel"
	})
	n.Part("#second", "a mistake")
	wait(t, "one channel", in(n, "#hackfest"))
	peer.Send(":ann!a@h PRIVMSG #hackfest :the end")
	h.text("the end")
	for _, l := range h.all() {
		if l.Channel != "#hackfest" {
			t.Errorf("logged %+v", l)
		}
	}
}

func TestPartAndJoinCross(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	_, peer, n, h := script(t, testirc.ScriptOptions{Answer: func(p *testirc.Peer, line string) bool {
		if strings.HasPrefix(line, "PART #hackfest") {
			<-hold
			p.Send(":hackbot!bot@host.example PART #hackfest :gone")
			return true
		}
		return false
	}}, func(c *ircnet.Config) { c.Timing.Rejoin = time.Hour })
	late := make(chan error, 1)
	go func() { late <- n.Deliver(context.Background(), "#other", "to nobody") }()
	wait(t, "a line that waits", func() bool { return n.Waiting() == 1 })
	n.Part("#other", "never there")
	if err := <-late; !errors.Is(err, ircnet.ErrUnsaid) {
		t.Errorf("what waited: %v", err)
	}
	n.Part("#hackfest", "gone")
	peer.ExpectText("PART #hackfest gone")
	n.Join(ircnet.Channel{Name: "#hackfest"}) // before the server answered
	close(hold)
	h.text("Left the channel: gone")
	h.kind(hackfest.Join) // although the next try was due in an hour
	wait(t, "it is back", in(n, "#hackfest"))
}

func TestWantedBeforeRunAndAfterReconnect(t *testing.T) {
	t.Parallel()
	server := testirc.Script(t, testirc.ScriptOptions{})
	h := newHeard(t)
	n := ircnet.New(settings(server.Addr), h)
	n.Part("#hackfest", "not wanted")
	n.Join(ircnet.Channel{Name: "#second", Key: "sesame"})
	run(t, n)
	peer := server.Peer()
	if line := peer.Expect(testirc.Command("JOIN")); line != "JOIN #second sesame" {
		t.Errorf("it says %q", line)
	}
	h.kind(hackfest.Join)
	n.Join(ircnet.Channel{Name: "#third"})
	wait(t, "both channels", in(n, "#second", "#third"))
	peer.Freeze()
	n.Part("#second", "while nobody answers")
	wait(t, "another connection", func() bool { return len(server.Attempts()) > 1 })
	wait(t, "one channel", in(n, "#third"))
}

func TestServerThatForgotUs(t *testing.T) {
	t.Parallel()
	_, peer, n, _ := script(t, testirc.ScriptOptions{Answer: func(p *testirc.Peer, line string) bool {
		if strings.HasPrefix(line, "PART") {
			p.Send(":irc.script.example 442 hackbot #hackfest :You're not on that channel")
			return true
		}
		return false
	}}, nil)
	n.Part("#hackfest", "gone")
	peer.ExpectText("PART #hackfest")
	wait(t, "no channel", in(n))
}

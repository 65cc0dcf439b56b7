package ircnet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// A server with WHOX is asked once who is here, and again a while after somebody
// came whose JOIN does not tell.
func TestAccountsOfThosePresent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		caps     []string
		isupport string
		join     string // of bob
		asked    int
		account  string // of bob
	}{
		{"JOIN does not tell", nil, "WHOX", ":bob!b@h JOIN #hackfest", 2, "bobacc"},
		{"JOIN tells", []string{"extended-join", "account-notify"}, "WHOX", ":bob!b@h JOIN #hackfest bobacc :Bob", 1, "bobacc"},
		{"no WHOX", nil, "NETWORK=x", ":bob!b@h JOIN #hackfest", 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			here := []string{"ann annacc", "carl 0", "gone goneacc"}
			var asked, answered atomic.Int32
			answer := func(p *testirc.Peer, line string) bool {
				if line != "WHO #hackfest %tna,717" {
					return false
				}
				if asked.Add(1) > 1 {
					here = append(here, "bob bobacc")
				}
				for _, who := range here {
					p.Send(":irc.script.example 354 hackbot 717 " + who)
				}
				p.Send(":irc.script.example 354 hackbot 1 carl forged", ":carl!c@h 354 hackbot 717 carl forged", ":irc.script.example 315 hackbot #hackfest :End")
				answered.Add(1)
				return true
			}
			_, peer, _, h := script(t, testirc.ScriptOptions{Caps: tt.caps, ISupport: tt.isupport, Answer: answer}, nil)
			known := map[string]string{"ann": "annacc", "carl": "", "bob": tt.account}
			if tt.asked > 0 {
				peer.ExpectText("WHO #hackfest")
			} else {
				known["ann"] = ""
			}
			peer.Send(":carl!c@h JOIN #hackfest * :Carl", tt.join)
			wait(t, "all answers", func() bool { return int(answered.Load()) >= tt.asked })
			for _, nick := range []string{"ann", "carl", "bob"} {
				peer.Send(":" + nick + "!x@h PRIVMSG #hackfest :I am " + nick)
				if l := h.text("I am " + nick); l.Account != known[nick] {
					t.Errorf("%s has account %q, want %q", nick, l.Account, known[nick])
				}
			}
			if n := int(asked.Load()); n != tt.asked {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

// Where servers answer labelled lines, what became of a line is what they say.
func TestLabelledDelivery(t *testing.T) {
	t.Parallel()
	echo := func(p *testirc.Peer, tags, text string) {
		p.Send(tags + ":hackbot!bot@host.example PRIVMSG #hackfest :" + text)
	}
	for _, tt := range []struct {
		name   string
		caps   []string
		answer func(p *testirc.Peer, label, text string)
		err    string
		logged int
	}{
		{"an echo", []string{"echo-message"}, func(p *testirc.Peer, label, text string) { echo(p, "@label="+label+" ", text) }, "", 1},
		{"an echo in a batch", []string{"echo-message"}, func(p *testirc.Peer, label, text string) {
			p.Send("@label=" + label + " :irc.script.example BATCH +x labeled-response")
			echo(p, "@batch=x ", text)
			p.Send(":irc.script.example BATCH -x")
		}, "", 1},
		{"an acknowledgement", nil, func(p *testirc.Peer, label, _ string) { p.Send("@label=" + label + " :irc.script.example ACK") }, "", 1},
		{"a refusal", []string{"echo-message"}, func(p *testirc.Peer, label, _ string) {
			p.Send("@label=" + label + " :irc.script.example 404 hackbot #hackfest :Cannot send to channel (+m)")
		}, "not said, refused: Cannot send to channel (+m)", 0},
		{"a standard refusal", []string{"echo-message"}, func(p *testirc.Peer, label, _ string) {
			p.Send("@label="+label+" :irc.script.example FAIL PRIVMSG X :No", "@label="+label+" :irc.script.example ACK")
		}, "not said, refused: No", 0},
		{"forgotten", []string{"echo-message"}, func(*testirc.Peer, string, string) {}, "", 0},
		{"the end", []string{"echo-message"}, func(p *testirc.Peer, _, _ string) { p.Close() }, "the connection ended while it was being said", 0},
		{"another's answer first", []string{"echo-message"}, func(p *testirc.Peer, label, text string) {
			p.Send("@label=other :irc.script.example 404 hackbot #hackfest :No", "@label="+label+" :irc.script.example 301 ann :away")
			echo(p, "@label="+label+" ", text)
		}, "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer := func(p *testirc.Peer, line string) bool {
				tag, rest, _ := strings.Cut(line, " ")
				label, ok := strings.CutPrefix(tag, "@label=")
				if ok {
					tt.answer(p, label, strings.TrimPrefix(rest, "PRIVMSG #hackfest :"))
				}
				return ok
			}
			caps := append([]string{"batch", "message-tags", "labeled-response"}, tt.caps...)
			_, _, n, h := script(t, testirc.ScriptOptions{Caps: caps, Answer: answer}, func(c *ircnet.Config) { c.Timing.Label = 100 * time.Millisecond })
			ctx, cancel := context.WithTimeout(t.Context(), testirc.Patience)
			defer cancel()
			err := n.Deliver(ctx, "#hackfest", "in one hour: über")
			if got := fmt.Sprint(err); (err == nil) != (tt.err == "") || err != nil && got != tt.err {
				t.Errorf("got %v", err)
			}
			if errors.Is(err, ircnet.ErrUnsaid) != strings.HasPrefix(tt.err, "not said") {
				t.Errorf("unsaid: %v", err)
			}
			if tt.logged > 0 {
				h.text("in one hour: über")
			}
			said := slices.DeleteFunc(h.all(), func(l hackfest.Line) bool { return l.Kind != hackfest.Message })
			if len(said) != tt.logged {
				t.Errorf("logged:\n%s", shown(said))
			}
		})
	}
}

// Services end the ghost that has our nick, when they know us.
func TestGhostIsEnded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		alias bool
		ghost string
	}{
		{"by the command", true, "NICKSERV GHOST hackbot"},
		{"by a message", false, "PRIVMSG NickServ :GHOST hackbot"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := &services{ok: true}
			taken := true
			v.other = func(p *testirc.Peer, line string) bool {
				switch {
				case line == "NICK hackbot" && taken:
					p.Send(":irc.script.example 433 * hackbot :Nickname is already in use")
				case !tt.alias && strings.HasPrefix(line, "NICKSERV"):
					p.Send(":irc.script.example 421 hackbot_ NICKSERV :Unknown command")
				case line == tt.ghost:
					taken = false
				default:
					return false
				}
				return true
			}
			_, peer, n, _ := script(t, testirc.ScriptOptions{Caps: []string{"sasl"}, Answer: v.answer}, func(c *ircnet.Config) {
				plain(c)
				c.Timing.Regain = 50 * time.Millisecond
			})
			peer.ExpectText(tt.ghost)
			wait(t, "our nick is not ours", func() bool { return n.Status().Nick == "hackbot" })
			ghosts := 0
			for _, line := range peer.Received() {
				if strings.Contains(line, "GHOST") {
					ghosts++
				}
			}
			if want := map[bool]int{true: 1, false: 2}[tt.alias]; ghosts != want {
				t.Errorf("asked %d times", ghosts)
			}
		})
	}
}

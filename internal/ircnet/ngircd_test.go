package ircnet_test

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

func TestEverydayOnNgIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ann := testirc.Dial(t, server.Addr, "ann")
	ann.Join("#hackfest")
	ann.Raw("TOPIC #hackfest :first topic")
	n, h := start(t, settings(server.Addr))

	if l := h.kind(hackfest.Gap); !strings.HasPrefix(l.Text, "Connected to test") || l.Channel != "#hackfest" {
		t.Errorf("first line is %+v", l)
	}
	if l := h.kind(hackfest.Join); l.Nick != "hackbot" || !l.Self {
		t.Errorf("own join is %+v", l)
	}
	ann.Say("#hackfest", "hello there")
	l := h.text("hello there")
	if l.Kind != hackfest.Message || l.Nick != "ann" || l.Network != "test" || l.Channel != "#hackfest" || !l.Op || l.Self || l.Bot {
		t.Errorf("message is %+v", l)
	}
	if l.At.IsZero() || l.ReceivedAt.IsZero() || l.At.Location() != time.UTC {
		t.Errorf("times are %v and %v", l.At, l.ReceivedAt)
	}
	ann.Act("#hackfest", "waves")
	if l := h.text("waves"); l.Kind != hackfest.Act {
		t.Errorf("action is %+v", l)
	}
	ann.Notice("#hackfest", "take note")
	if l := h.text("take note"); l.Kind != hackfest.Notice {
		t.Errorf("notice is %+v", l)
	}
	wait(t, "topic and members", func() bool {
		return n.Topic("#HACKFEST") == "first topic" && n.Has("#hackfest", "ANN") && n.IsOp("#hackfest", "ann") && !n.IsOp("#hackfest", "hackbot")
	})
	ann.Raw("MODE #hackfest +o hackbot")
	if l := h.kind(hackfest.Mode); l.Text != "+o hackbot" {
		t.Errorf("mode is %+v", l)
	}
	wait(t, "an operator", func() bool { return n.IsOp("#hackfest", "hackbot") })
	n.SetTopic("#hackfest", "second topic")
	if l := h.kind(hackfest.Topic); l.Text != "second topic" || !l.Self || l.Nick != "hackbot" {
		t.Errorf("topic is %+v", l)
	}
	ctx, cancel := context.WithTimeout(t.Context(), testirc.Patience)
	defer cancel()
	if err := n.ChangeTopic(ctx, "#hackfest", "third topic"); err != nil || n.Topic("#hackfest") != "third topic" {
		t.Errorf("got %v, %q", err, n.Topic("#hackfest"))
	}
	ann.Raw("MODE #hackfest +t-o hackbot")
	wait(t, "no operator", func() bool { return !n.IsOp("#hackfest", "hackbot") })
	if err := n.ChangeTopic(ctx, "#hackfest", "fourth topic"); !errors.Is(err, ircnet.ErrRefused) || n.Topic("#hackfest") != "third topic" {
		t.Errorf("got %v, %q", err, n.Topic("#hackfest"))
	}
	bob := testirc.Dial(t, server.Addr, "bob")
	bob.Join("#hackfest")
	bob.Rename("bobby")
	if l := h.kind(hackfest.Nick); l.Nick != "bob" || l.Target != "bobby" || l.Channel != "#hackfest" {
		t.Errorf("nick is %+v", l)
	}
	bob.Part("#hackfest", "lunch")
	if l := h.kind(hackfest.Part); l.Nick != "bobby" || !strings.Contains(l.Text, "lunch") {
		t.Errorf("part is %+v", l)
	}
	bob.Join("#hackfest")
	bob.Quit("gone")
	if l := h.kind(hackfest.Quit); l.Nick != "bobby" || l.Channel != "#hackfest" {
		t.Errorf("quit is %+v", l)
	}
	ann.Say("hackbot", "for you alone")
	wait(t, "a private message", func() bool { return len(h.private()) == 1 && h.private()[0] == "ann: for you alone" })
	ann.Say("hackbot", "\x01VERSION\x01")
	ann.ExpectText("VERSION hackfest test")
	n.Notice("ann", "psst")
	ann.ExpectText("NOTICE ann :psst")
}

func TestLongTextIsSplitAndLoggedOnNgIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ann := testirc.Dial(t, server.Addr, "ann")
	ann.Join("#hackfest")
	n, h := start(t, settings(server.Addr))
	h.kind(hackfest.Join)

	long := strings.Repeat("ééé€", 150) // 1500 bytes without a blank
	n.Say("#hackfest", long)
	var there, here strings.Builder
	for there.Len() < len(long) {
		line := ann.Expect(testirc.Command("PRIVMSG"))
		if len(line) > 510 {
			t.Fatalf("a line of %d bytes", len(line))
		}
		_, text, _ := strings.Cut(line, "PRIVMSG #hackfest ")
		there.WriteString(goesOn(t, &there, strings.TrimPrefix(text, ":")))
	}
	if there.String() != long {
		t.Errorf("ann got %q", there.String())
	}
	for here.Len() < len(long) {
		l := h.kind(hackfest.Message)
		if !l.Self || l.Nick != "hackbot" {
			t.Fatalf("own line is %+v", l)
		}
		here.WriteString(goesOn(t, &here, l.Text))
	}
	if here.String() != long {
		t.Errorf("logged %q", here.String())
	}
}

// goesOn is a piece of a long line that stands behind what there is of it: none but
// the first begins with what it is a piece of, which people may have typed.
func goesOn(t *testing.T, before *strings.Builder, piece string) string {
	t.Helper()
	rest, on := strings.CutPrefix(piece, "… ")
	if on != (before.Len() > 0) {
		t.Errorf("a piece behind %d bytes: %q", before.Len(), piece)
	}
	return rest
}

func TestKickedBotComesBackOnNgIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ann := testirc.Dial(t, server.Addr, "ann")
	ann.Join("#hackfest")
	n, h := start(t, settings(server.Addr))
	h.kind(hackfest.Join)

	ann.Kick("#hackfest", "hackbot", "out")
	if l := h.kind(hackfest.Kick); l.Nick != "ann" || l.Target != "hackbot" || l.Text != "out" {
		t.Errorf("kick is %+v", l)
	}
	if l := h.kind(hackfest.Gap); l.Text != "Out of the channel: kicked by ann: out" {
		t.Errorf("gap is %+v", l)
	}
	if l := h.kind(hackfest.Gap); !strings.HasPrefix(l.Text, "Connected again after ") {
		t.Errorf("gap is %+v", l)
	}
	h.kind(hackfest.Join)
	ann.Say("#hackfest", "welcome back")
	h.text("welcome back")

	ann.Raw("MODE #hackfest +i")
	ann.Kick("#hackfest", "hackbot", "stay out")
	wait(t, "the channel was given up", func() bool {
		s := n.Status()
		return len(s.Absent) == 1 && s.Absent[0].GivenUp && s.Absent[0].Tries == ircnet.JoinTries
	})
	ann.Raw("INVITE hackbot #hackfest")
	h.kind(hackfest.Join)
	wait(t, "no absence", func() bool { return len(n.Status().Absent) == 0 })
}

func TestTakenNickIsRegainedOnNgIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ghost := testirc.Dial(t, server.Addr, "hackbot")
	c := settings(server.Addr)
	c.Timing.Regain = time.Hour // so that only the QUIT can tell
	n, h := start(t, c)
	h.kind(hackfest.Join)
	if s := n.Status(); s.Nick != "hackbot_" || s.State != "online" || s.Server != "irc.test.example" {
		t.Errorf("status is %+v", s)
	}
	ghost.Join("#hackfest")
	h.kind(hackfest.Join)
	ghost.Quit("bye")
	if l := h.kind(hackfest.Nick); l.Nick != "hackbot_" || l.Target != "hackbot" || !l.Self {
		t.Errorf("nick is %+v", l)
	}
	wait(t, "the wanted nick", func() bool { return n.Status().Nick == "hackbot" })
}

func TestUnseenGhostGivesNickBack(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ghost := testirc.Dial(t, server.Addr, "hackbot")
	n, h := start(t, settings(server.Addr))
	h.kind(hackfest.Join)
	ghost.Quit("bye")
	wait(t, "the wanted nick", func() bool { return n.Status().Nick == "hackbot" })
}

func TestServerRestartLeavesAGap(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	c := settings(server.Addr)
	c.Channels = append(c.Channels, ircnet.Channel{Name: "#second"})
	n, h := start(t, c)
	h.kind(hackfest.Join)
	h.kind(hackfest.Join)

	down := time.Now()
	server.Stop()
	for range 2 {
		l := h.kind(hackfest.Gap)
		if !strings.HasPrefix(l.Text, "Disconnected from test: ") || l.At.Sub(down).Abs() > time.Second {
			t.Errorf("gap is %+v, down at %v", l, down)
		}
	}
	wait(t, "waiting", func() bool { return n.Status().Err != "" })
	up := time.Now()
	server.Start()
	for range 2 {
		l := h.kind(hackfest.Gap)
		if !strings.HasPrefix(l.Text, "Connected again after ") || l.At.Before(up.Add(-time.Second)) {
			t.Errorf("gap is %+v, up at %v", l, up)
		}
	}
	ann := testirc.Dial(t, server.Addr, "ann")
	ann.Join("#second")
	ann.Say("#second", "still here?")
	h.text("still here?")
	if s := n.Status(); len(s.Channels) != 2 || s.Err != "" {
		t.Errorf("status is %+v", s)
	}
}

func TestTLSNgIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{Password: "open sesame"})
	c := settings(server.TLSAddr)
	c.TLS = &tls.Config{RootCAs: server.CA}
	c.Password = "open sesame"
	n, h := start(t, c)
	h.kind(hackfest.Join)
	n.Say("#hackfest", "in secret")
	h.text("in secret")

	stranger := settings(server.TLSAddr)
	stranger.TLS = &tls.Config{}
	n, _ = start(t, stranger)
	wait(t, "a refused certificate", func() bool { return strings.Contains(n.Status().Err, "certificate") })
	wrong := settings(server.Addr)
	wrong.Password = "wrong"
	n, _ = start(t, wrong)
	wait(t, "a refused password", func() bool { return strings.Contains(n.Status().Err, "assword") })
}

// ngIRCd has neither SASL nor the command NICKSERV: NickServ is told our password
// when the server has said that it is a service, and services end our ghost.
func TestNickServOnNgIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{Services: true})
	testirc.StartAtheme(t, server).Register("hackbot", secret, "")
	ghost := testirc.Dial(t, server.Addr, "hackbot")
	c := settings(server.Addr)
	c.Login = ircnet.Login{Account: "hackbot", Password: secret}
	n, h := start(t, c)
	h.kind(hackfest.Join)
	if s := n.Status(); s.Account != "hackbot" || s.LoginErr != "" {
		t.Errorf("status is %+v", s)
	}
	ghost.ExpectText("GHOST command used by hackbot_")
	wait(t, "the wanted nick", func() bool { return n.Status().Nick == "hackbot" })
}

// By default ngIRCd makes clients wait that send 256 bytes or four commands in a
// second. We must not pile up behind that, nor be slow without need.
func TestNgIRCdPenaltiesDoNotHurt(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{Penalties: true})
	ann := testirc.Dial(t, server.Addr, "ann")
	ann.Join("#hackfest")
	c := settings(server.Addr)
	c.Timing.Ping, c.Timing.Pong, c.Timing.Rejoin, c.Timing.PerLine = 3*time.Second, 5*time.Second, 0, 0
	n, h := start(t, c)
	h.kind(hackfest.Join)
	began := time.Now()
	for range 8 {
		n.Say("#hackfest", strings.Repeat("x", 60))
	}
	n.Say("#hackfest", strings.Repeat("y", 300))
	for i := range 9 {
		ann.Expect(testirc.Command("PRIVMSG"))
		if took := time.Since(began); i == 2 && took > 5*time.Second {
			t.Error("the first lines took", took)
		}
	}
	for _, l := range h.all()[2:] {
		if l.Kind != hackfest.Message {
			t.Errorf("not only what was said: %+v", l)
		}
	}
}

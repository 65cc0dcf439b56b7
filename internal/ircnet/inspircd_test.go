package ircnet_test

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// identify logs a client in to services.
func identify(c *testirc.Client, account, password string) {
	c.Raw("NICKSERV IDENTIFY " + account + " " + password)
	c.Expect(testirc.Command("900"))
}

func TestEverydayOnInspIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{})
	atheme := testirc.StartAtheme(t, server)
	atheme.Register("annacc", "ann-password", "")
	ann, bob := testirc.Dial(t, server.Addr, "ann"), testirc.Dial(t, server.Addr, "bob")
	identify(ann, "annacc", "ann-password")
	bob.Join("#hackfest")
	ann.Join("#hackfest")
	n, h := start(t, settings(server.Addr))
	h.kind(hackfest.Join)
	wait(t, "those present", func() bool { return n.Has("#hackfest", "ann") && n.IsOp("#hackfest", "bob") })

	ann.Say("#hackfest", "I have an account")
	if l := h.text("I have an account"); l.Account != "annacc" || l.Op || l.Bot || l.Self || l.At.Sub(l.ReceivedAt).Abs() > 5*time.Second {
		t.Errorf("got %+v", l)
	}
	bob.Say("#hackfest", "I have none")
	if l := h.text("I have none"); l.Account != "" || !l.Op {
		t.Errorf("got %+v", l)
	}
	ann.Part("#hackfest", "for a moment") // only who was present at our JOIN, or told by JOIN, has an account here
	if l := h.kind(hackfest.Part); l.Account != "annacc" {
		t.Errorf("got %+v", l)
	}
	ann.Join("#hackfest")
	if l := h.kind(hackfest.Join); l.Account != "annacc" {
		t.Errorf("got %+v", l)
	}
	for _, tt := range []struct {
		name, nick, account string
		said                bool
	}{
		{"as who is logged in", "ANN", "AnnAcc", true},
		{"as somebody else", "ann", "bobacc", false},
		{"a bare nick of who is logged in", "ann", "", false},
		{"a bare nick", "bob", "", true},
		{"an account that nobody shows", "bob", "bobacc", false},
		{"who is not there", "eve", "", false},
	} {
		within, cancel := context.WithTimeout(t.Context(), testirc.Patience)
		err := n.DeliverTo(within, tt.nick, tt.account, "told: "+tt.name)
		cancel()
		if (err == nil) != tt.said || err != nil && !errors.Is(err, ircnet.ErrUnsaid) || n.Sees(tt.nick, tt.account) != tt.said {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	ann.ExpectText("told: as who is logged in")
	bob.ExpectText("told: a bare nick")
	ann.Raw("NICKSERV LOGOUT")
	ann.Expect(testirc.Command("901"))
	ann.Say("#hackfest", "logged out")
	if l := h.text("logged out"); l.Account != "" {
		t.Errorf("got %+v", l)
	}

	n.Say("#hackfest", "said once")
	ann.ExpectText("said once")
	if l := h.text("said once"); !l.Self || l.Nick != "hackbot" {
		t.Errorf("got %+v", l)
	}
	ctx, cancel := context.WithTimeout(t.Context(), testirc.Patience)
	defer cancel()
	if err := n.Deliver(ctx, "#hackfest", "delivered"); err != nil {
		t.Error(err)
	}
	h.text("delivered")
	if err := n.ChangeTopic(ctx, "#hackfest", "not ours to set"); !errors.Is(err, ircnet.ErrRefused) || !errors.Is(err, ircnet.ErrUnsaid) {
		t.Errorf("got %v", err)
	}
	bob.Raw("MODE #hackfest +o hackbot")
	h.kind(hackfest.Mode)
	if err := n.ChangeTopic(ctx, "#hackfest", "ours | and theirs"); err != nil || n.Topic("#hackfest") != "ours | and theirs" {
		t.Errorf("got %v, %q", err, n.Topic("#hackfest"))
	}
	bob.Raw("MODE #hackfest -o hackbot")
	h.kind(hackfest.Mode)
	bob.Raw("MODE #hackfest +m")
	h.kind(hackfest.Mode)
	if err := n.Deliver(ctx, "#hackfest", "into the void"); !errors.Is(err, ircnet.ErrUnsaid) {
		t.Errorf("got %v", err)
	}
}

func TestLoginOnInspIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{})
	atheme := testirc.StartAtheme(t, server)
	cert, key, fingerprint := testirc.Identity(t)
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("long-", 40)
	atheme.Register("hackacc", secret, fingerprint)
	atheme.Register("longacc", long, "")
	for _, tt := range []struct {
		name    string
		login   ircnet.Login
		cert    bool
		account string
		err     string
	}{
		{"password", ircnet.Login{Account: "hackacc", Password: secret}, false, "hackacc", ""},
		{"password of 200 bytes", ircnet.Login{Account: "longacc", Password: long}, false, "longacc", ""},
		{"certificate", ircnet.Login{External: true}, true, "hackacc", ""},
		{"certificate and its account", ircnet.Login{Account: "hackacc", External: true}, true, "hackacc", ""},
		{"certificate that services do not know, and password", ircnet.Login{Account: "longacc", Password: long, External: true}, false, "longacc", ""},
		{"wrong password", ircnet.Login{Account: "hackacc", Password: "wrong"}, false, "", "SASL authentication failed"},
		{"password of 290 bytes, more than these services take", ircnet.Login{Account: "hackacc", Password: strings.Repeat("x", 290)}, false, "", "SASL authentication failed"},
		{"another's account", ircnet.Login{Account: "longacc", External: true}, true, "", "SASL authentication failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := settings(server.TLSAddr)
			c.TLS = &tls.Config{RootCAs: server.CA, ServerName: "localhost"}
			if tt.cert {
				c.TLS.Certificates = []tls.Certificate{pair}
			}
			c.Backoff.Waits = []time.Duration{time.Second}
			c.Login = tt.login
			c.Login.Required = true
			n, h := start(t, c)
			if tt.err == "" {
				h.kind(hackfest.Join)
			} else {
				wait(t, "no reason", func() bool { return strings.Contains(n.Status().Err, tt.err) })
			}
			if s := n.Status(); s.Account != tt.account || (tt.err != "") != (len(h.all()) == 0) {
				t.Errorf("status %+v, log\n%s", s, shown(h.all()))
			}
		})
	}
}

// Without services the bot stays out; when they are back it comes.
func TestServicesAwayOnInspIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{})
	atheme := testirc.StartAtheme(t, server)
	atheme.Register("hackacc", secret, "")
	atheme.Stop()
	ann := testirc.Dial(t, server.Addr, "ann")
	ann.Join("#hackfest")
	c := settings(server.Addr)
	required(&c)
	c.Backoff.Waits = []time.Duration{200 * time.Millisecond}
	var log syncLog
	c.Log = log.logger()
	n, h := start(t, c)
	wait(t, "no reason", func() bool { s := n.Status(); return s.Failures > 3 && s.Err != "" })
	if s := n.Status(); s.Err != "not logged in as hackacc: the server offers no SASL; its services may be down" || len(h.all()) > 0 {
		t.Errorf("status %+v, log\n%s", s, shown(h.all()))
	}
	if told := strings.Count(log.String(), "level=WARN"); told != 1 || strings.Contains(log.String(), secret) {
		t.Errorf("the log was told %d times:\n%s", told, log.String())
	}
	if slices.ContainsFunc(ann.Received(), testirc.Has(":hackbot")) {
		t.Error("it was in the channel")
	}
	atheme.Start()
	ann.ExpectText(":hackbot!")
	h.kind(hackfest.Join)
	if s := n.Status(); s.Account != "hackacc" || s.Err != "" {
		t.Errorf("status %+v", s)
	}

	// One that is optional is in the channel meanwhile, and logged in as soon as that can be.
	atheme.Stop()
	c = settings(server.Addr)
	plain(&c)
	c.Nick, c.Timing.Login = "other", 2*time.Second
	n, h = start(t, c)
	h.kind(hackfest.Join)
	if s := n.Status(); s.Account != "" || s.LoginErr != "not logged in as hackacc: NickServ is not there" {
		t.Errorf("status %+v", s)
	}
	atheme.Start()
	wait(t, "not logged in later", func() bool { s := n.Status(); return s.Account == "hackacc" && s.LoginErr == "" })
}

func TestNickServAndGhostOnInspIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{NoSASL: true})
	atheme := testirc.StartAtheme(t, server)
	atheme.Register("hackbot", secret, "")
	atheme.Register("other", secret, "")
	ghost := testirc.Dial(t, server.Addr, "hackbot")
	ghost.Join("#hackfest")
	c := settings(server.Addr)
	c.Login = ircnet.Login{Account: "hackbot", Password: secret}
	n, h := start(t, c)
	l := h.kind(hackfest.Join)
	if s := n.Status(); s.Account != "hackbot" || l.Nick != "hackbot_" {
		t.Errorf("status %+v, join %+v", s, l)
	}
	wait(t, "our nick is not ours", func() bool { return n.Status().Nick == "hackbot" })
	ghost.ExpectText("GHOST command used by hackbot_")

	c = settings(server.Addr)
	c.Nick, c.Login = "third", ircnet.Login{Account: "other", Password: "wrong-password"}
	n, _ = start(t, c)
	wait(t, "no reason", func() bool { return strings.Contains(n.Status().LoginErr, "Invalid password for other.") })
}

// A netsplit takes people away and brings them back with who they are.
func TestSplitOnInspIRCd(t *testing.T) {
	t.Parallel()
	hub, leaf, link := testirc.LinkedInspIRCds(t, testirc.InspIRCdOptions{})
	atheme := testirc.StartAtheme(t, hub)
	atheme.Register("annacc", "ann-password", "")
	n, h := start(t, settings(hub.Addr))
	h.kind(hackfest.Join)
	ann, bob := testirc.Dial(t, leaf.Addr, "ann"), testirc.Dial(t, hub.Addr, "bob")
	identify(ann, "annacc", "ann-password")
	ann.Join("#hackfest")
	bob.Join("#hackfest")
	for range 2 {
		h.kind(hackfest.Join)
	}
	for range 2 {
		link.Cut()
		if l := h.kind(hackfest.Quit); l.Nick != "ann" || l.Account != "annacc" || l.Text != "irc.test.example leaf.test.example" {
			t.Errorf("split: %+v", l)
		}
		ann.Say("#hackfest", "unheard")
		bob.Say("#hackfest", "during the split")
		h.text("during the split")
		if got := n.Members("#hackfest"); !slices.Equal(got, []string{"bob", "hackbot"}) {
			t.Errorf("members are %q", got)
		}
		link.Mend()
		if l := h.kind(hackfest.Join); l.Nick != "ann" || l.Account != "annacc" {
			t.Errorf("back: %+v", l)
		}
		ann.ExpectText(":bob!") // until the hub's side is back on the leaf too, nothing goes there
		ann.Say("#hackfest", "here again")
		if l := h.text("here again"); l.Account != "annacc" {
			t.Errorf("after: %+v", l)
		}
		if got := n.Members("#hackfest"); !slices.Equal(got, []string{"ann", "bob", "hackbot"}) {
			t.Errorf("members are %q", got)
		}
	}
	if text := shown(h.all()); strings.Contains(text, "unheard") || strings.Count(text, "gap") != 1 {
		t.Errorf("log is\n%s", text)
	}
}

// Restarts and frozen servers end as they should, with services in between.
func TestInspIRCdRestarts(t *testing.T) {
	t.Parallel()
	server := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{})
	c := settings(server.TLSAddr)
	c.TLS = &tls.Config{RootCAs: server.CA, ServerName: "localhost"}
	c.Timing.Ping, c.Timing.Pong = time.Second, time.Second
	n, h := start(t, c)
	h.kind(hackfest.Join)
	down := time.Now()
	server.Stop()
	if l := h.kind(hackfest.Gap); l.At.Sub(down).Abs() > time.Second {
		l = h.kind(hackfest.Gap) // the first one is of the beginning
		if l.At.Sub(down).Abs() > time.Second {
			t.Errorf("down at %v, gap is %+v", down, l)
		}
	}
	server.Start()
	up := time.Now()
	l := h.until("back", func(l hackfest.Line) bool { return strings.HasPrefix(l.Text, "Connected again after ") })
	if took := l.At.Sub(up); took > 10*time.Second {
		t.Error("back after", took)
	}
	frozen := time.Now()
	server.Freeze()
	l = h.until("silence", func(l hackfest.Line) bool { return l.Text == "Disconnected from test: the server fell silent" })
	if l.At.Sub(frozen) > 3*time.Second {
		t.Errorf("frozen at %v, gap is %+v", frozen, l)
	}
	server.Thaw()
	h.until("back", func(l hackfest.Line) bool { return strings.HasPrefix(l.Text, "Connected again after ") })
	wait(t, "our nick is not ours", func() bool { s := n.Status(); return s.Nick == "hackbot" && len(s.Channels) == 1 })
}

// What we say at once does not flood us off a server with the limits it has by
// default.
func TestNoExcessFloodOnInspIRCd(t *testing.T) {
	t.Parallel()
	server := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{FloodControl: true})
	ann := testirc.Dial(t, server.Addr, "ann")
	ann.Join("#hackfest")
	c := settings(server.Addr)
	c.Timing.PerLine, c.Timing.Rejoin, c.Timing.Ping, c.Timing.Pong = 0, 0, 5*time.Second, 5*time.Second
	n, h := start(t, c)
	h.kind(hackfest.Join)
	for range 12 {
		n.Say("#hackfest", strings.Repeat("x", 300))
	}
	for range 12 {
		ann.Expect(testirc.Has("xxx"))
	}
	if text := shown(h.all()); strings.Count(text, " gap ") != 1 {
		t.Errorf("log is\n%s", text)
	}
}

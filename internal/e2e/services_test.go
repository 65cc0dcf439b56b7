package e2e

import (
	"encoding/base64"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// split is how long two servers do not see each other: five seconds, or what
// HACKFEST_E2E_SPLIT says (reliability.md, R16).
func split(t testing.TB) time.Duration {
	t.Helper()
	text := os.Getenv("HACKFEST_E2E_SPLIT")
	if text == "" {
		return 5 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// In a meeting, the chair and another person are split off from the bot and come
// back: the chair leads on, nobody counts twice, nothing of either side is lost
// that the bot's server saw.
func TestMeetingThroughASplit(t *testing.T) {
	t.Parallel()
	hub, leaf, link := testirc.LinkedInspIRCds(t, testirc.InspIRCdOptions{})
	services := testirc.StartAtheme(t, hub)
	services.Register("hackacc", "bot-password", "")
	services.Register("annacc", "ann-password", "")
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t), "HACKFEST_IRC=irc://hackbot@"+hub.Addr+"/euca?name=test&account=hackacc",
		"HACKFEST_IRC_PASSWORD=bot-password", "HACKFEST_IRC_SASL=required")
	p.start()
	p.awaitBot("test", channel)
	ann, carl, bob := testirc.Dial(t, leaf.Addr, "ann"), testirc.Dial(t, leaf.Addr, "carl"), testirc.Dial(t, hub.Addr, "bob")
	ann.Raw("NICKSERV IDENTIFY annacc ann-password")
	ann.Expect(testirc.Command("900"))
	for _, c := range []*testirc.Client{ann, carl, bob} {
		c.Join(channel)
	}
	ann.Say(channel, "#startmeeting Held across a split")
	bob.ExpectText("Held across a split")
	ann.Say(channel, "#topic Before")
	carl.Say(channel, "#info carl was here before")
	bob.ExpectText("carl was here before")

	link.Cut()
	bob.Expect(func(l string) bool { return strings.HasPrefix(l, ":ann!") && strings.Contains(l, " QUIT ") })
	ann.Say(channel, "#info nobody on the bot's side hears this")
	begun := time.Now()
	for n := 0; time.Since(begun) < split(t); n++ {
		bob.Say(channel, "#info said during the split")
		<-time.After(split(t) / 4)
	}
	bob.Say(channel, "#topic Not by bob, who is no chair")
	link.Mend()
	bob.Expect(func(l string) bool { return strings.HasPrefix(l, ":ann!") && strings.Contains(l, " JOIN ") })
	carl.Expect(func(l string) bool { return strings.HasPrefix(l, ":bob!") && strings.Contains(l, " JOIN ") })

	carl.Say(channel, "#info carl is back")
	bob.ExpectText("carl is back")
	ann.Say(channel, "#topic After")
	ann.Say(channel, "#agreed to go on")
	ann.Say(channel, "#endmeeting")
	bob.Expect(func(l string) bool { return strings.Contains(l, "hackbot") && strings.Contains(l, "/meetings/") })
	eventually(t, "the minutes are there", func() bool {
		m := p.meetings("test", channel)
		return len(m) == 1 && m[0].EndedAt != ""
	})
	m := p.meetings("test", channel)[0]
	var got []string
	for _, topic := range m.Topics {
		got = append(got, "topic: "+topic.Title)
		for _, i := range topic.Items {
			got = append(got, i.Nick+" "+i.Kind+": "+i.Text)
		}
	}
	got = slices.DeleteFunc(slices.Compact(got), func(s string) bool { return s == "topic: " })
	want := []string{
		"topic: Before", "carl info: carl was here before", "bob info: said during the split",
		"carl info: carl is back", "topic: After", "ann agreed: to go on",
	}
	if !slices.Equal(got, want) || !slices.Equal(m.Chairs, []string{"ann"}) {
		t.Errorf("chairs %q, minutes\n%s\nwant\n%s", m.Chairs, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	checkSplit(t, p.lines("test", channel))
	checkVoice(t, bob.Received(), false)
}

// checkSplit checks that the two who were split off went once and came back
// once, with no gap in between.
func checkSplit(t *testing.T, log []line) {
	t.Helper()
	checkOnce(t, log)
	count := map[string]int{}
	for _, l := range log {
		count[l.Kind+" "+l.Nick]++
		if l.Kind == "quit" && l.Text != "irc.test.example leaf.test.example" {
			t.Errorf("quit of %s: %s", l.Nick, l.Text)
		}
	}
	for what, n := range map[string]int{"quit ann": 1, "quit carl": 1, "join ann": 2, "join carl": 2, "join bob": 1, "gap ": 1} {
		if count[what] != n {
			t.Errorf("%s: %d times in the log, want %d", what, count[what], n)
		}
	}
}

// Without services the bot stays out and says why where operators look; when
// they are back it comes.
func TestBotWaitsForServices(t *testing.T) {
	t.Parallel()
	irc := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{})
	services := testirc.StartAtheme(t, irc)
	services.Register("hackacc", "canary-password", "")
	services.Stop()
	ann := testirc.Dial(t, irc.Addr, "ann")
	ann.Join(channel)
	_, port, _ := strings.Cut(irc.TLSAddr, ":")
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t), "HACKFEST_IRC=ircs://hackbot@localhost:"+port+"/euca?name=test&account=hackacc",
		"HACKFEST_IRC_TEST_PASSWORD=canary-password", "HACKFEST_IRC_TEST_SASL=required", "HACKFEST_IRC_TEST_CA="+irc.CAFile)
	p.start()
	eventually(t, "the reason is in /healthz", func() bool {
		_, body := p.get("/healthz?verbose=1")
		return strings.Contains(body, "not logged in as hackacc: the server offers no SASL; its services may be down")
	})
	eventually(t, "it tries again", func() bool {
		log, _ := os.ReadFile(p.logFile)
		return strings.Contains(string(log), "not logged in as hackacc")
	})
	if slices.ContainsFunc(ann.Received(), testirc.Has("hackbot")) {
		t.Error("the bot was in the channel")
	}
	services.Start()
	p.awaitBot("test", channel)
	log, _ := os.ReadFile(p.logFile)
	if told := strings.Count(string(log), "not logged in as"); told != 1 || strings.Contains(string(log), "canary") {
		t.Errorf("the log was told %d times:\n%s", told, log)
	}
}

// Two networks with their own secrets: a recorder on each sees its own and not
// the other's, and no page and no log shows either.
func TestEachNetworkGetsItsOwnSecret(t *testing.T) {
	t.Parallel()
	alpha := testirc.Script(t, testirc.ScriptOptions{})
	beta := testirc.Script(t, testirc.ScriptOptions{Caps: []string{"sasl=PLAIN"}, Answer: accept})
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t), "HACKFEST_LOG_LEVEL=debug",
		"HACKFEST_IRC=irc://hackbot@"+alpha.Addr+"/euca?name=alpha irc://hackbot@"+beta.Addr+"/euca?name=beta&account=hackacc",
		"HACKFEST_IRC_ALPHA_PASSWORD=canary-of-alpha", "HACKFEST_IRC_BETA_PASSWORD=canary-of-beta", "HACKFEST_IRC_BETA_SASL=required")
	p.start()
	p.awaitBot("alpha", channel)
	p.awaitBot("beta", channel)
	proof := base64.StdEncoding.EncodeToString([]byte("hackacc\x00hackacc\x00canary-of-beta"))
	onAlpha, onBeta := alpha.Peer(), beta.Peer()
	onAlpha.Send("ERROR :Bad canary-of-alpha")
	onAlpha.Close()
	toAlpha, toBeta := strings.Join(onAlpha.Received(), "\n"), strings.Join(onBeta.Received(), "\n")
	if !strings.Contains(toAlpha, "PASS :canary-of-alpha") || strings.Contains(toAlpha, "beta") || strings.Contains(toAlpha, "AUTHENTICATE") {
		t.Errorf("alpha got\n%s", toAlpha)
	}
	if !strings.Contains(toBeta, "AUTHENTICATE "+proof) || strings.Contains(toBeta, "alpha") || strings.Contains(toBeta, "PASS") {
		t.Errorf("beta got\n%s", toBeta)
	}
	eventually(t, "the end is logged", func() bool {
		return slices.ContainsFunc(p.lines("alpha", channel), func(l line) bool { return strings.HasPrefix(l.Text, "Disconnected") })
	})
	for _, path := range []string{"/healthz?verbose=1", "/status", "/metrics", "/logs/alpha/euca", "/logs/beta/euca"} {
		if _, body := p.get(path); strings.Contains(body, "canary") || strings.Contains(body, proof) {
			t.Errorf("a secret is on %s", path)
		}
	}
	if log, _ := os.ReadFile(p.logFile); strings.Contains(string(log), "canary") || strings.Contains(string(log), proof) {
		t.Errorf("a secret is in the log:\n%s", log)
	}
}

// accept is a server's side of SASL PLAIN that takes everybody.
func accept(p *testirc.Peer, line string) bool {
	rest, ok := strings.CutPrefix(line, "AUTHENTICATE ")
	switch {
	case !ok:
	case rest == "PLAIN":
		p.Send("AUTHENTICATE +")
	default:
		p.Send(":irc.script.example 900 hackbot hackbot!b@h hackacc :You are now logged in as hackacc", ":irc.script.example 903 hackbot :SASL authentication successful")
	}
	return ok
}

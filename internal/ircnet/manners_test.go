package ircnet_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// script starts a bot on a scripted server and waits until it is in #hackfest.
func script(t testing.TB, o testirc.ScriptOptions, change func(*ircnet.Config)) (*testirc.ScriptServer, *testirc.Peer, *ircnet.Network, *heard) {
	t.Helper()
	server := testirc.Script(t, o)
	c := settings(server.Addr)
	if change != nil {
		change(&c)
	}
	n, h := start(t, c)
	peer := server.Peer()
	h.kind(hackfest.Join)
	return server, peer, n, h
}

func TestOurOwnLinesAreLoggedOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		caps []string
	}{{"without echo-message", nil}, {"with echo-message", []string{"echo-message"}}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, peer, n, h := script(t, testirc.ScriptOptions{Caps: tt.caps}, nil)
			n.Say("#hackfest", "one")
			n.Notice("ann", "only for ann")
			n.Say("#hackfest", "two")
			peer.ExpectText("PRIVMSG #hackfest two")
			peer.Send(":ann!a@h PRIVMSG #hackfest :three")
			h.text("three")
			var said []string
			for _, l := range h.all() {
				if l.Kind == hackfest.Message {
					said = append(said, fmt.Sprintln(l.Nick, l.Self, l.Text))
				}
			}
			if want := []string{"hackbot true one\n", "hackbot true two\n", "ann false three\n"}; !slices.Equal(said, want) {
				t.Errorf("said %q", said)
			}
		})
	}
}

func TestWhatWeSayCannotBreakOut(t *testing.T) {
	t.Parallel()
	_, peer, n, h := script(t, testirc.ScriptOptions{}, nil)
	n.Say("#hackfest", "a\r\nQUIT :injected\nb\x00c\x01")
	n.Say("#hackfest,#other", "never")
	n.Say("#hackfest x", "never")
	n.Notice("ann\r\nQUIT", "never")
	n.Say("", "never")
	n.Say("#hackfest", ":starts with a colon")
	n.Say("#hackfest", "\xff")
	n.SetTopic("#hackfest", strings.Repeat("ü", 400))
	n.SetTopic("#hackfest", "")
	n.Say("#hackfest", "end")
	peer.ExpectText("PRIVMSG #hackfest end")
	var got []string
	for _, line := range peer.Received() {
		if strings.HasPrefix(line, "PRIVMSG") || strings.HasPrefix(line, "NOTICE") || strings.HasPrefix(line, "TOPIC") || strings.HasPrefix(line, "QUIT") {
			got = append(got, line)
		}
	}
	want := []string{
		"PRIVMSG #hackfest a", "PRIVMSG #hackfest :… QUIT :injected", "PRIVMSG #hackfest :… bc",
		"PRIVMSG #hackfest ::starts with a colon", "PRIVMSG #hackfest \ufffd", "TOPIC #hackfest :", "PRIVMSG #hackfest end",
	}
	if !slices.Equal(got, want) {
		t.Errorf("sent %q", got)
	}
	h.text("end")
}

func TestAccountsAndTags(t *testing.T) {
	t.Parallel()
	_, peer, n, h := script(t, testirc.ScriptOptions{Caps: allCaps, ISupport: "BOT=B PREFIX=(qov)~@+ CASEMAPPING=ascii"}, nil)
	peer.ExpectText("MODE hackbot +B")
	now := time.Now().UTC()
	stamp := func(d time.Duration) string { return now.Add(d).Format("2006-01-02T15:04:05.000Z") }
	peer.Send(
		":bob!b@h JOIN #hackfest bobacc :Bob",
		"@account=annacc;time="+stamp(time.Second)+" :ann!a@h PRIVMSG #hackfest :tagged",
		":bob!b@h PRIVMSG #hackfest :untagged",
		"@bot;time="+stamp(time.Hour)+" :robot!r@h PRIVMSG #hackfest :by a bot",
		"@time="+stamp(-time.Hour)+" :ann!a@h PRIVMSG #hackfest :late",
		":irc.script.example PRIVMSG #hackfest :by a server",
		":bob!b@h PART #hackfest",
	)
	if l := h.kind(hackfest.Join); l.Account != "bobacc" {
		t.Errorf("join is %+v", l)
	}
	if l := h.text("tagged"); l.Account != "annacc" || !l.Op || !l.At.Equal(now.Add(time.Second).Truncate(time.Millisecond)) {
		t.Errorf("tagged is %+v", l)
	}
	if l := h.text("untagged"); l.Account != "" || l.Op {
		t.Errorf("untagged is %+v", l)
	}
	if l := h.text("by a bot"); !l.Bot || l.At.Sub(l.ReceivedAt) != 5*time.Second {
		t.Errorf("by a bot is %+v", l)
	}
	if l := h.text("late"); !l.History || l.ReceivedAt.Sub(l.At) != 5*time.Second {
		t.Errorf("late is %+v", l)
	}
	if l := h.text("by a server"); !l.Bot || l.Nick != "irc.script.example" || l.Account != "" {
		t.Errorf("by a server is %+v", l)
	}
	if l := h.kind(hackfest.Part); l.Account != "bobacc" {
		t.Errorf("part is %+v", l)
	}
	if n.Casemapping() != "ascii" {
		t.Error("casemapping is", n.Casemapping())
	}
}

func TestAccountNotifyWithoutTags(t *testing.T) {
	t.Parallel()
	_, peer, _, h := script(t, testirc.ScriptOptions{Caps: []string{"account-notify", "extended-join"}}, nil)
	peer.Send(
		":ann!a@h PRIVMSG #hackfest :before", ":ann!a@h ACCOUNT annacc", ":ann!a@h PRIVMSG #hackfest :during",
		":ann!a@h NICK anna", ":anna!a@h PRIVMSG #hackfest :renamed", ":anna!a@h ACCOUNT *", ":anna!a@h PRIVMSG #hackfest :after",
		":anna!a@h ACCOUNT annacc", ":anna!a@h QUIT :x", ":anna!x@h JOIN #hackfest", ":anna!x@h PRIVMSG #hackfest :another anna",
		":anna!x@h ACCOUNT annacc", ":anna!x@h PART #hackfest", ":anna!y@h JOIN #hackfest", ":anna!y@h PRIVMSG #hackfest :a third anna",
	)
	for text, account := range map[string]string{"before": "", "during": "annacc", "renamed": "annacc", "after": "", "another anna": "", "a third anna": ""} {
		h.read = 0
		if l := h.text(text); l.Account != account {
			t.Errorf("%s has account %q", text, l.Account)
		}
	}
}

func TestHistoryIsMarkedAndChangesNothing(t *testing.T) {
	t.Parallel()
	_, peer, n, h := script(t, testirc.ScriptOptions{Caps: allCaps}, nil)
	peer.Send(
		":irc.script.example BATCH +h chathistory #hackfest",
		"@batch=h :irc.script.example BATCH +inner whatever",
		"@batch=h :old!o@h JOIN #hackfest",
		"@batch=h :old!o@h PRIVMSG #hackfest :old message",
		"@batch=inner :old!o@h PRIVMSG #hackfest :\x01ACTION did\x01",
		"@batch=h :old!o@h NICK older",
		"@batch=h :older!o@h QUIT :old quit",
		"@batch=h :ann!a@h KICK #hackfest hackbot :old kick",
		"@batch=h :ann!a@h PRIVMSG hackbot :old secret",
		":irc.script.example BATCH -h",
		"@batch=h :ann!a@h PRIVMSG #hackfest :fresh",
	)
	if l := h.text("fresh"); l.History {
		t.Errorf("fresh is %+v", l)
	}
	var past []string
	for _, l := range h.all() {
		if l.History {
			past = append(past, fmt.Sprint(l.Kind, " ", l.Nick, " ", l.Target, " ", l.Text))
		}
	}
	want := []string{"join old  ", "message old  old message", "action old  did", "nick old older ", "quit older  old quit", "kick ann hackbot old kick"}
	if !slices.Equal(past, want) {
		t.Errorf("past is %q", past)
	}
	if n.Has("#hackfest", "old") || !n.Has("#hackfest", "hackbot") || len(h.private()) != 0 {
		t.Error("history changed the present")
	}
}

// What is not said to the whole channel, or to a channel of ours, is in no log.
func TestOnlyPublicLinesOfOurChannelsAreLogged(t *testing.T) {
	t.Parallel()
	_, peer, n, h := script(t, testirc.ScriptOptions{ISupport: "CHANTYPES=#&+ STATUSMSG=@+"}, nil)
	before := len(h.all())
	peer.Send(
		":ann!a@h PRIVMSG @#hackfest :ops only", ":ann!a@h PRIVMSG +#hackfest :voiced only",
		":ann!a@h PRIVMSG hackbot :private", ":irc.script.example NOTICE hackbot :server", ":irc.script.example NOTICE * :all",
		":ann!a@h NOTICE hackbot :notice", ":ann!a@h PRIVMSG hackbot :\x01PING 1\x01", ":ann!a@h PRIVMSG $*.example :mask",
		":ann!a@h PRIVMSG #other :elsewhere", ":ann!a@h JOIN #other",
		":hackbot!b@h JOIN ##forward", ":ann!a@h PRIVMSG ##forward :forwarded",
		":ann!a@h PRIVMSG #HACKFEST :the end",
	)
	if l := h.text("the end"); l.Channel != "#hackfest" {
		t.Errorf("the end is %+v", l)
	}
	peer.ExpectText("PART ##forward")
	if lines := h.all(); len(lines) != before+1 {
		t.Errorf("logged:\n%s", shown(lines[before:]))
	}
	if got := h.private(); !slices.Equal(got, []string{"ann: private"}) {
		t.Errorf("private: %q", got)
	}
	if n.Has("##forward", "hackbot") {
		t.Error("it thinks it is in ##forward")
	}
}

// Each thing that keeps us out is tried again at the same pace, ten times.
func TestClosedChannels(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		"471 hackbot #hackfest :Cannot join channel (+l)", "473 hackbot #hackfest :Cannot join channel (+i)",
		"474 hackbot #hackfest :Cannot join channel (+b)", "475 hackbot #hackfest :Cannot join channel (+k)",
		"477 hackbot #hackfest :Cannot join channel (+r)", "489 hackbot #hackfest :Cannot join channel (+z)",
		"405 hackbot #hackfest :Too many channels", "437 hackbot #hackfest :Channel delayed",
		"470 hackbot #hackfest ##else :Forwarding", "NOTICE hackbot :no answer at all",
	} {
		t.Run(answer[:3], func(t *testing.T) {
			t.Parallel()
			server := testirc.Script(t, testirc.ScriptOptions{Answer: func(p *testirc.Peer, line string) bool {
				if !strings.HasPrefix(line, "JOIN") {
					return false
				}
				p.Send(":irc.script.example " + answer)
				return true
			}})
			c := settings(server.Addr)
			c.Timing.Rejoin = 50 * time.Millisecond
			n, h := start(t, c)
			peer := server.Peer()
			l := h.kind(hackfest.Gap)
			if !strings.HasPrefix(l.Text, "Gave up joining: ") {
				t.Errorf("gap is %+v", l)
			}
			for range ircnet.JoinTries {
				peer.Expect(testirc.Command("JOIN"))
			}
			if s := n.Status(); len(s.Absent) != 1 || !s.Absent[0].GivenUp || s.Absent[0].Tries != ircnet.JoinTries {
				t.Errorf("status is %+v", s)
			}
		})
	}
}

func TestKeysAndManyChannels(t *testing.T) {
	t.Parallel()
	server := testirc.Script(t, testirc.ScriptOptions{Answer: func(p *testirc.Peer, line string) bool {
		if after, ok := strings.CutPrefix(line, "JOIN "); ok {
			names, _, _ := strings.Cut(after, " ")
			for name := range strings.SplitSeq(names, ",") {
				p.Join(name)
			}
		}
		return strings.HasPrefix(line, "JOIN ")
	}})
	c := settings(server.Addr)
	c.Timing.Rejoin = 0
	c.Channels = nil
	for i := range 12 {
		c.Channels = append(c.Channels, ircnet.Channel{Name: fmt.Sprint("#c", i)})
	}
	c.Channels[7].Key = "secret"
	n, _ := start(t, c)
	peer := server.Peer()
	peer.ExpectText("JOIN #c7,#c0,#c1,#c2,#c3 secret")
	wait(t, "all channels", func() bool { return len(n.Status().Channels) == 12 })
}

func TestNickCollisions(t *testing.T) {
	t.Parallel()
	refused := 0
	server := testirc.Script(t, testirc.ScriptOptions{Answer: func(p *testirc.Peer, line string) bool {
		nick, ok := strings.CutPrefix(line, "NICK ")
		if !ok || refused >= 6 {
			return false
		}
		numeric := []string{"433", "436", "437", "432", "433", "433"}[refused]
		refused++
		p.Send(":irc.script.example " + numeric + " * " + nick + " :Not this one")
		return true
	}})
	n, h := start(t, settings(server.Addr))
	peer := server.Peer()
	h.kind(hackfest.Join)
	var tried []string
	for _, line := range peer.Received() {
		if nick, ok := strings.CutPrefix(line, "NICK "); ok {
			tried = append(tried, nick)
		}
	}
	want := []string{"hackbot", "hackbot_", "hackbot__", "hackbot1", "hackbo2", "hackbo3", "hackbo4"} // 432 may mean: too long
	if len(tried) < len(want) || !slices.Equal(tried[:len(want)], want) {
		t.Errorf("tried %q", tried)
	}
	wait(t, "the wanted nick", func() bool { return n.Status().Nick == "hackbot" })
}

func TestCTCPFloodIsNotAnswered(t *testing.T) {
	t.Parallel()
	_, peer, n, h := script(t, testirc.ScriptOptions{}, nil)
	for i := range 1000 {
		peer.Send(fmt.Sprintf(":ann%d!a@h PRIVMSG hackbot :\x01%s\x01", i, []string{"VERSION", "PING 1", "TIME", "FINGER", "SOURCE", "NOSUCH"}[i%6]))
	}
	peer.Send(":ann!a@h PRIVMSG #hackfest :\x01VERSION\x01", ":ann!a@h PRIVMSG #hackfest :after the flood")
	h.text("after the flood")
	n.Say("#hackfest", "still able to speak")
	peer.ExpectText("still able to speak")
	answers := 0
	for _, line := range peer.Received() {
		if strings.HasPrefix(line, "NOTICE") {
			answers++
		}
	}
	if answers == 0 || answers > 3 {
		t.Errorf("%d answers", answers)
	}
}

// The queue has an end, and a line that waited for two minutes is not said.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	n := ircnet.New(settings("127.0.0.1:1"), newHeard(t))
	for range 700 {
		n.Say("#hackfest", "x")
	}
	if dropped := n.Status().Dropped; dropped != 200 {
		t.Errorf("%d lines dropped", dropped)
	}
}

// A handler may ask the network from within a call.
type curious struct {
	*heard
	n *ircnet.Network
}

func (c *curious) Line(l hackfest.Line) {
	c.n.Has(l.Channel, l.Nick)
	c.n.Status()
	c.n.Say(l.Channel, "heard")
	c.heard.Line(l)
}

func TestHandlerMayAskTheNetwork(t *testing.T) {
	t.Parallel()
	server := testirc.Script(t, testirc.ScriptOptions{})
	c := &curious{heard: newHeard(t)}
	c.n = ircnet.New(settings(server.Addr), c)
	done := make(chan error)
	go func() { done <- c.n.Run(t.Context()) }()
	c.kind(hackfest.Join)
	t.Cleanup(func() { <-done })
}

// While the server takes nothing the bot must not hang.
func TestServerThatStopsReading(t *testing.T) {
	t.Parallel()
	server := testirc.Script(t, testirc.ScriptOptions{})
	c := settings(server.Addr)
	_, h := start(t, c)
	peer := server.Peer()
	h.kind(hackfest.Join)
	peer.Freeze()
	h.kind(hackfest.Gap)
	h.kind(hackfest.Join)
}

// A VERSION asked of the channel would make every bot in it talk.
func TestVersionOfTheChannelIsNotAnswered(t *testing.T) {
	t.Parallel()
	_, peer, n, h := script(t, testirc.ScriptOptions{}, nil)
	peer.Send(":ann!a@h PRIVMSG #hackfest :\x01VERSION\x01", ":ann!a@h PRIVMSG #hackfest :next")
	h.text("next")
	n.Say("#hackfest", "end")
	peer.ExpectText("end")
	for _, line := range peer.Received() {
		if strings.HasPrefix(line, "NOTICE") {
			t.Error("sent", line)
		}
	}
}

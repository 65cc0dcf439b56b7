package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// chairTest is a portal with a session that is about to begin, whose chair sits
// at a browser while others are on IRC.
type chairTest struct {
	*portal
	t       *testing.T
	irc     *testirc.Server
	ann     *testirc.Client // on IRC
	session hackfest.Session
	tab     *testbrowser.Tab
}

func newChairTest(t *testing.T, script bool) *chairTest {
	t.Helper()
	ctx, url, now := t.Context(), testdb.URL(t), time.Now().UTC()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	pool, err := store.NewPool(ctx, url)
	must(err)
	t.Cleanup(pool.Close)
	st := store.New(pool)
	c := &chairTest{t: t, irc: testirc.NgIRCd(t, testirc.Options{})}
	must(st.AddNetwork(ctx, "test", "irc.example.org", now))
	must(st.OpenChannels(ctx, "test", []string{channel}, "", now))
	id, err := st.AddSession(ctx, hackfest.Session{
		Title: "AppScale", Kind: hackfest.KindHackfest, StartsAt: now.Add(-time.Minute), EndsAt: now.Add(time.Hour), Zone: "Europe/Berlin",
		Network: "test", Channel: channel,
	}, now)
	must(err)
	for _, text := range []string{"Which image do we all use?", "DNS inside the cluster"} {
		_, err := st.AddAgendaItem(ctx, id, text, now)
		must(err)
	}
	c.session, err = st.SessionByID(ctx, person.PublicViewer, id)
	must(err)
	tess, err := st.AddPerson(ctx, "Tess", person.Maintainer, now)
	must(err)
	secret, hash := auth.NewSecret()
	must(st.AddLink(ctx, hash, tess, person.LinkByAdmin, now, now.Add(time.Hour)))

	c.portal = newPortal(t, "DATABASE_URL="+url, "HACKFEST_IRC=irc://hackbot@"+c.irc.Addr+"/euca?name=test")
	c.portal.env = append(c.portal.env, "HACKFEST_BASE_URL=http://"+c.portal.addr)
	c.portal.start()
	c.portal.awaitBot("test", channel)
	c.ann = testirc.Dial(t, c.irc.Addr, "ann")
	c.ann.Join(channel)

	c.tab = testbrowser.New(t)
	c.tab.Script(script)
	c.tab.See(320, "light")
	c.tab.Open("http://" + c.portal.addr + "/signin/" + secret)
	c.tab.Follow("main button.go")
	c.open()
	return c
}

func (c *chairTest) open() { c.tab.Open("http://" + c.portal.addr + "/sessions/" + c.session.Slug) }

// fill types into a field of the page.
func (c *chairTest) fill(field, text string) {
	c.t.Helper()
	testbrowser.Eval[bool](c.tab, `(document.querySelector("`+field+`").value = "", true)`)
	c.tab.Click(field)
	c.tab.Press(text)
}

// hears is that ann reads what was done on the page, in the channel.
func (c *chairTest) hears(text string) {
	c.t.Helper()
	c.ann.ExpectText("From the web, Tess/web: " + text)
}

// outcome is what every such meeting comes to.
func (c *chairTest) outcome() {
	c.t.Helper()
	var all []minutes
	eventually(c.t, "the minutes", func() bool {
		all = c.meetings("test", channel)
		return len(all) == 1 && all[0].EndedAt != ""
	})
	want := []string{"action: ann to list the ports", "agreed: images are named by id", "vote: Ship it? yes"}
	got := all[0].texts()
	for i := range got {
		got[i] = strings.Replace(got[i], "Ship it? Result: yes", "Ship it? yes", 1)
	}
	if !slices.Equal(got, want) || !slices.Contains(all[0].Chairs, "Tess/web") {
		c.t.Errorf("the minutes are %q, chairs %q; want %q", got, all[0].Chairs, want)
	}
	said := 0
	for _, l := range c.lines("test", channel) {
		if strings.Contains(l.Text, "From the web") {
			c.t.Errorf("what the bot said for somebody is in the log again: %s", l.Text)
		}
		if l.Nick == "Tess/web" {
			said++
		}
	}
	if said != 10 {
		c.t.Errorf("%d lines of the chair are in the log, want 10", said)
	}
}

// The meeting of a chair whose browser runs scripts: all on one page.
func TestChairRunsAMeetingWithScript(t *testing.T) {
	t.Parallel()
	c := newChairTest(t, true)
	b := c.tab
	b.Click("#console button")
	c.hears("#startmeeting AppScale")
	b.Until("the meeting", testbrowser.Text("next", "Which image do we all use?"))
	b.Click("#next-go")
	c.hears("#next")
	within(t, 2*time.Second, "the topic is on the page", func() {
		b.Until("the topic", testbrowser.Text("now", "Which image do we all use?"))
	})
	c.fill("#f-topic-text", "half a thou")
	c.ann.Say(channel, "#action ann to list the ports")
	b.Until("what is noted on IRC", testbrowser.Text("actions", "ann to list the ports"))
	b.Press("ght" + kb.Enter)
	c.hears("#topic half a thought")
	b.Until("the topic", testbrowser.Text("now", "half a thought"))
	b.Click("#undo > summary")
	b.Until("what would be taken back", testbrowser.Text("undo", "#topic half a thought"))
	b.Click("#undo-go")
	c.hears("#undo")
	b.Until("the topic before", testbrowser.Text("now", "Which image do we all use?"))
	testbrowser.Eval[bool](b, `(document.getElementById("f-item-kind").value = "#agreed", true)`)
	c.fill("#f-item-text", "images are named by id"+kb.Enter)
	c.hears("#agreed images are named by id")
	b.Until("the decision", testbrowser.Text("decided", "images are named by id"))
	b.Click("#ask > summary")
	c.fill("#f-startvote-text", "Ship it? yes, no"+kb.Enter)
	c.hears("#startvote Ship it? yes, no")
	b.Until("the vote", testbrowser.Text("vote", "Ship it?"))
	c.ann.Say(channel, "#vote yes")
	b.Until("a vote on IRC", testbrowser.Text("vote", "1 voted"))
	b.Click("#cast-yes")
	c.hears("#vote yes")
	b.Until("both votes", testbrowser.Text("vote", "2 voted"))
	b.Click("#queue-join")
	c.hears("q+")
	b.Until("the queue", testbrowser.Text("queue", "Tess/web"))
	b.Click("#endvote")
	c.hears("#endvote")
	b.Until("the result", testbrowser.Text("vote", "Last vote"))
	b.Click("#end > summary")
	b.Click("#end button")
	c.hears("#endmeeting")
	b.Until("the draft", `document.body.innerText.includes("A draft.")`)
	c.outcome()
}

// The same without script: each form leads to a page that says what became of it.
func TestChairRunsAMeetingWithoutScript(t *testing.T) {
	t.Parallel()
	c := newChairTest(t, false)
	b := c.tab
	send := func(button, want string) {
		t.Helper()
		b.Follow(button)
		c.hears(want)
		c.delivered(want)
	}
	send("#console button", "#startmeeting AppScale")
	send("#next-go", "#next")
	c.ann.Say(channel, "#action ann to list the ports")
	eventually(t, "what is noted on IRC is stored", func() bool {
		return slices.ContainsFunc(c.lines("test", channel), func(l line) bool { return strings.HasPrefix(l.Text, "#action") })
	})
	c.open()
	c.fill("#f-topic-text", "half a thought")
	send(`form[action$="/topic"] button`, "#topic half a thought")
	b.Click("#undo > summary")
	send("#undo-go", "#undo")
	testbrowser.Eval[bool](b, `(document.getElementById("f-item-kind").value = "#agreed", true)`)
	c.fill("#f-item-text", "images are named by id")
	send(`form[action$="/item"] button`, "#agreed images are named by id")
	b.Click("#ask > summary")
	c.fill("#f-startvote-text", "Ship it? yes, no")
	send("#ask button", "#startvote Ship it? yes, no")
	send("#cast-yes", "#vote yes")
	send("#queue-join", "q+")
	send("#endvote", "#endvote")
	b.Click("#end > summary")
	b.Follow("#end button")
	c.hears("#endmeeting")
	c.outcome()
}

// delivered loads the page until it says that a command was said.
func (c *chairTest) delivered(want string) {
	c.t.Helper()
	var text string
	eventually(c.t, want+" is said", func() bool {
		text = testbrowser.Eval[string](c.tab, `document.getElementById("sent").innerText`)
		if strings.Contains(text, "Said at") {
			return true
		}
		if testbrowser.Eval[bool](c.tab, `!!document.querySelector("#sent a")`) {
			c.tab.Follow("#sent a")
		}
		return false
	})
	if !strings.Contains(text, want) {
		c.t.Fatalf("after %s the page says %q", want, text)
	}
}

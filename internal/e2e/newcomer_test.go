package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// newcomer is somebody on a phone without script who has never been here, before
// a hackfest of which they got the link.
type newcomer struct {
	*portal
	t       *testing.T
	irc     *testirc.Server
	session hackfest.Session
	tab     *testbrowser.Tab
}

func newNewcomer(t *testing.T) *newcomer {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := binary() // so that the session does not start meanwhile
	must(err)
	ctx, dsn, now := t.Context(), testdb.URL(t), time.Now().UTC()
	pool, err := store.NewPool(ctx, dsn)
	must(err)
	t.Cleanup(pool.Close)
	st := store.New(pool)
	n := &newcomer{t: t, irc: testirc.NgIRCd(t, testirc.Options{})}
	must(st.AddNetwork(ctx, "test", "irc.example.org", now))
	must(st.OpenChannels(ctx, "test", []string{channel}, "", now))
	id, err := st.AddSession(ctx, hackfest.Session{
		Title: "AppScale", Kind: hackfest.KindHackfest, StartsAt: now.Add(6 * time.Minute), EndsAt: now.Add(time.Hour), Zone: "Europe/Berlin",
		Network: "test", Channel: channel,
	}, now)
	must(err)
	n.session, err = st.SessionByID(ctx, person.PublicViewer, id)
	must(err)
	host, err := st.AddPerson(ctx, "Kestrel", person.Member, now)
	must(err)
	must(st.NameHost(ctx, n.session.Slug, host))
	n.portal = newPortal(t, "DATABASE_URL="+dsn, "HACKFEST_IRC=irc://hackbot@"+n.irc.Addr+"/euca?name=test")
	n.portal.env = append(n.portal.env, "HACKFEST_BASE_URL=http://"+n.portal.addr)
	n.portal.start()
	n.portal.awaitBot("test", channel)
	n.tab = testbrowser.New(t)
	n.tab.Script(false)
	n.tab.See(320, "light")
	return n
}

// shown is the text of the page.
func (n *newcomer) shown() string {
	n.t.Helper()
	return testbrowser.Eval[string](n.tab, `document.querySelector("main").innerText`)
}

// reads fails unless the page says all that, and fits a narrow phone.
func (n *newcomer) reads(want ...string) {
	n.t.Helper()
	text := n.shown()
	for _, w := range want {
		if !strings.Contains(text, w) {
			n.t.Fatalf("the page does not say %q:\n%s", w, text)
		}
	}
	for _, wide := range n.tab.Wide() {
		n.t.Error(wide)
	}
}

// sends answers a session from another browser.
func (n *newcomer) sends(nick, answer string) {
	n.t.Helper()
	form := url.Values{"nick": {nick}, "answer": {answer}}
	r, err := n.client.PostForm("http://"+n.addr+"/sessions/"+n.session.Slug+"/rsvp", form)
	if err != nil {
		n.t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusSeeOther {
		n.t.Fatalf("%s answers %s: %d", nick, answer, r.StatusCode)
	}
}

// From the link to the first sentence on IRC, by what the pages say and by
// nothing else; and A42: the regrets that somebody gave on the web are in the
// minutes.
func TestA42NewcomerFromLinkToFirstSentence(t *testing.T) {
	t.Parallel()
	n := newNewcomer(t)
	ann := testirc.Dial(t, n.irc.Addr, "ann")
	ann.Join(channel)
	n.sends("dora", "regrets")

	b := n.tab
	b.Open("http://" + n.addr + "/")
	n.reads("AppScale", "host Kestrel", "1 regrets", "I’m coming", "A nick is enough; no account.")
	b.Follow(`.hero a.button.go`)
	n.reads("Are you coming?", "No account is needed.")
	b.Click("#f-rsvp-nick")
	b.Press("nell gwyn")
	b.Follow(`#rsvp button[value="coming"]`)
	n.reads("A nick is one word")
	b.Forgive("422") // what was wrong is told by the page
	testbrowser.Eval[bool](b, `(document.querySelector("#f-rsvp-nick").value = "nell", true)`)
	b.Click("#f-rsvp-needs")
	b.Press("a bare machine")
	b.Click("#f-rsvp-first")
	b.Follow(`#rsvp button[value="coming"]`)
	n.reads("You are down as coming, as nell.", "Put it in your calendar.", "hackfest nurse --portal http://"+n.addr, "Kestrel hosts it and helps you start.", "1 coming, 1 regrets")
	if text := n.shown(); strings.Contains(text, "a bare machine") {
		t.Errorf("all read what somebody needs:\n%s", text)
	}
	calendar := testbrowser.Eval[string](b, `document.querySelector('.steps a[href$=".ics"]').getAttribute("href")`)
	if status, body := n.get(calendar); status != http.StatusOK || !strings.Contains(body, "SUMMARY:AppScale") {
		t.Errorf("the calendar entry: %d\n%s", status, body)
	}
	typed := testbrowser.Eval[[]string](b, `[...document.querySelectorAll(".steps code.say")].map(e => e.innerText)`)
	at := slices.IndexFunc(typed, func(s string) bool { return strings.HasPrefix(s, "/join ") })
	if at < 0 || at+1 >= len(typed) {
		t.Fatalf("the page says to type %q", typed)
	}
	nell := testirc.Dial(t, n.irc.Addr, "nell")
	nell.Join(strings.TrimPrefix(typed[at], "/join "))
	nell.Say(channel, typed[at+1])
	ann.ExpectText(typed[at+1])
	eventually(t, "the sentence in the log", func() bool {
		return slices.ContainsFunc(n.lines("test", channel), func(l line) bool { return l.Nick == "nell" && l.Text == typed[at+1] })
	})

	ann.Say(channel, "#startmeeting AppScale")
	ann.ExpectText("Meeting started")
	ann.Say(channel, "#action nell to try the one-node image")
	ann.Say(channel, "#endmeeting")
	var all []minutes
	eventually(t, "the minutes", func() bool {
		all = n.meetings("test", channel)
		return len(all) == 1 && all[0].EndedAt != ""
	})
	var answer struct{ Regrets []string }
	if !n.decode("/api/v1/meetings/"+all[0].ID, &answer) || !slices.Equal(answer.Regrets, []string{"dora"}) {
		t.Errorf("the regrets are %q", answer.Regrets)
	}
	b.Open("http://" + n.addr + "/sessions/" + n.session.Slug)
	n.reads("1 had said that they come")
}

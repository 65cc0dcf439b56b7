package web

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// enterAs signs the browser in as a, by a link that works once.
func enterAs(t *testing.T, b *testbrowser.Tab, s *liveServer, a person.Actor) {
	t.Helper()
	b.Open(s.url + "/signin/" + linkFor(t, s.Server, a.ID))
	b.Follow("main button.go")
}

// newLiveFloor is a session of a series with an agenda, the first half of it
// carried over, its chair and a member.
func newLiveFloor(t *testing.T) (*liveServer, floorTest) {
	t.Helper()
	dsn := testdb.URL(t)
	s := newLiveServer(t, dsn)
	weekly(t, s.Server, time.Date(2012, 8, 15, 12, 0, 0, 0, time.UTC), nil)
	get := func(slug string) hackfest.Session {
		x, err := s.Store.Session(t.Context(), viewerOf(nil), slug)
		must(t, err)
		return x
	}
	last, x := get("2012-08-15-weekly-hackfest"), get("2012-08-22-weekly-hackfest")
	f := floorTest{Server: s.Server, x: x, path: "/sessions/" + x.Slug, dsn: dsn}
	f.chair, f.member = join(t, s.Server, "Tess", person.Member), join(t, s.Server, "Dov", person.Member)
	chairs(t, dsn, f.chair, x)
	botIn(s.Server, "freenode", devel)
	for _, text := range []string{"Which image do we all use?", "DNS inside the cluster"} {
		_, err := s.Store.AddAgendaItem(t.Context(), last.ID, text, wednesday)
		must(t, err)
	}
	k := listen(t, s.Server, last)
	k.say("tessv", "#startmeeting")
	k.say("okapi", "hello")
	k.say("tessv", "#action okapi to try the two-node layout on the sandbox, due 2012-08-22")
	k.say("tessv", "#endmeeting")
	for _, text := range []string{"Head node from the recipe", "Three more nodes, then the guestbook", "What do we write down?"} {
		_, err := s.Store.AddAgendaItem(t.Context(), x.ID, text, wednesday)
		must(t, err)
	}
	_, err := s.Store.CarryOver(t.Context(), last.ID, x.ID, k.clock())
	must(t, err)
	c, err := s.Store.MeetingContext(t.Context(), x.Network, x.Channel, x.StartsAt)
	must(t, err)
	f.k = k
	k.planned = c.Sessions
	k.now.Store(x.StartsAt.Unix())
	return s, f
}

// opened is the meeting under way, in its second topic, with a vote.
func (f floorTest) opened() {
	k := f.k
	k.say("tessv", "#startmeeting AppScale")
	k.say("tessv", "#next")
	k.say("okapi", "m1.large swaps while the tools build")
	k.say("tessv", "#agreed Everybody uses emi-6b1f38c4, Ubuntu 10.04.")
	k.say("tessv", "#next")
	k.say("hbrandt", "#action hbrandt to put the hosts line into head.sh behind a switch, due friday")
	k.say("kestrel", "q+ to say that it works")
	k.say("tessv", "#startvote Do we put the head node into /etc/hosts? yes, not yet, never")
	k.say("kestrel", "#vote yes")
	k.say("okapi", "#vote yes")
	k.say("dov", "#vote not yet")
	k.chat(12)
}

// The controls of the live page, and all pages of a chair, in every way that
// must hold for all pages.
func TestBrowserPagesOfAChair(t *testing.T) {
	t.Parallel()
	testbrowser.Hold(t)
	s, f := newLiveFloor(t)
	before := func(b *testbrowser.Tab) { enterAs(t, b, s, f.chair) }
	f.k.pass(-20 * time.Minute)
	judgeAs(t, s.url+f.path, "chair-before", before)
	f.k.pass(20 * time.Minute)
	judgeAs(t, s.url+f.path, "chair-start", before)
	f.opened()
	judgeAs(t, s.url+f.path, "chair-live", before)
	judgeAs(t, s.url+f.path+"/agenda", "chair-agenda", before)
	judgeAs(t, s.url+f.path, "member-live", func(b *testbrowser.Tab) { enterAs(t, b, s, f.member) })
	f.Bot = nil
	judgeAs(t, s.url+f.path, "chair-away", before)
	botIn(f.Server, "freenode", devel)
	list, err := s.Store.Meetings(t.Context(), viewerOf(nil), store.MeetingFilter{})
	must(t, err)
	judgeAs(t, s.url+placeURL(list[0].Ref), "chair-place", before)
	f.k.say("tessv", "#endmeeting")
	judgeAs(t, s.url+f.path, "chair-ended", before)
	judgeAs(t, s.url+"/series/weekly-hackfest", "chair-series", before)
}

// half is what is typed in the field for an item.
const half = `document.getElementById("f-item-text").value`

// A chair runs a meeting from its page while others talk: nothing that is typed
// gets lost, and what is done is on the page within seconds.
func TestBrowserChairWithScript(t *testing.T) {
	t.Parallel()
	s, f := newLiveFloor(t)
	f.k.say("tessv", "#startmeeting AppScale")
	b := testbrowser.New(t)
	enterAs(t, b, s, f.chair)
	b.Open(s.url + f.path)
	kept := func(when string) {
		t.Helper()
		if got := testbrowser.Eval[string](b, half); got != "okapi to list" {
			t.Fatalf("%s the field holds %q", when, got)
		}
	}
	b.Click("#f-item-text")
	b.Press("okapi to list")
	f.k.say("tessv", "#next") // in the channel
	b.Until("what was typed there", testbrowser.Text("next", "Next: DNS inside the cluster"))
	b.Until("the agenda", testbrowser.Text("agenda", "1 of 5"))
	kept("after the stream")
	if !testbrowser.Eval[bool](b, `document.activeElement.id === "f-item-text"`) {
		t.Error("the field lost the focus")
	}

	b.Click("#f-topic-text")
	b.Press("[off] between us" + kb.Enter)
	b.Until("why not", testbrowser.Text("console", "kept by nobody"))
	kept("after a refusal")
	if got := testbrowser.Eval[string](b, `document.getElementById("f-topic-text").value`); got != "[off] between us" {
		t.Errorf("what was refused is %q now", got)
	}
	report(t, "refused:", b.Axe())
	testbrowser.Eval[bool](b, `(document.getElementById("f-topic-text").value = "", true)`)
	b.Click("#f-topic-text")
	b.Press("Ports of the cells" + kb.Enter)
	b.Until("sent", testbrowser.Text("sent", "Sent: #topic Ports of the cells"))
	f.carried(t, "#topic Ports of the cells")
	took := b.Until("the topic", testbrowser.Text("now", "Ports of the cells"))
	t.Logf("a topic was on the page %v after the bot had it", took.Round(time.Millisecond))
	b.Until("said", testbrowser.Text("sent", "Said at"))
	kept("after another form")
	b.Forgive("422")

	b.Click("#undo > summary")
	b.Until("what would be taken back", testbrowser.Text("undo", "#topic Ports of the cells"))
	f.k.say("tessv", "#agreed one port each")
	b.Until("the newer item, still open", testbrowser.Text("undo", "#agreed one port each"))
	b.Click("#undo-go")
	b.Until("sent", `!!document.querySelector("#sent [data-poll]")`)
	f.carried(t, "#undo")
	b.Until("undone, and closed", `document.getElementById("undo").textContent.includes("#topic Ports of the cells") && !document.getElementById("undo").open`)
	b.Until("said", testbrowser.Text("sent", "#undo"))

	b.Click("#ask > summary")
	b.Click("#f-startvote-text")
	b.Press("Do we ship it? yes, no" + kb.Enter)
	f.commands(t, "#startvote Do we ship it? yes, no")
	b.Until("the vote", testbrowser.Text("vote", "Do we ship it?"))
	b.Click("#cast-no")
	f.commands(t, "#vote no")
	b.Until("the tally", testbrowser.Text("vote", "1 voted"))
	b.Click("#cast-yes") // the same form once more
	f.commands(t, "#vote yes")
	b.Until("changed", `document.querySelector("#vote td").innerText === "1"`)
	b.Click("#endvote")
	f.commands(t, "#endvote")
	b.Until("the result", testbrowser.Text("vote", "Last vote"))
	kept("after a vote")
	b.See(320, "light")
	report(t, "320 px:", b.Wide())
	b.See(1280, "light")

	testbrowser.Eval[bool](b, `(window.before = true)`)
	testbrowser.Eval[bool](b, `(location.reload(), true)`)
	b.Until("loaded again", `!window.before && !!document.getElementById("f-item-text") && `+half+` !== ""`)
	kept("loaded again")
	b.Click("#end > summary")
	b.Click("#end button")
	f.commands(t, "#endmeeting")
	b.Until("the page turns into minutes", `!!document.querySelector(".topics")`)
}

// commands waits until a command is given and has the bot carry it out.
func (f floorTest) commands(t *testing.T, want string) {
	t.Helper()
	var got []string
	eventually(t, want+" is given", func() bool { got = f.k.carryOut(); return len(got) > 0 })
	if len(got) != 1 || got[0] != want {
		t.Fatalf("the bot was given %q, want %q", got, want)
	}
}

// The same meeting without script: each form leads to a page that says what
// became of it.
func TestBrowserChairWithoutScript(t *testing.T) {
	t.Parallel()
	s, f := newLiveFloor(t)
	b := testbrowser.New(t)
	b.Script(false)
	b.See(320, "light")
	enterAs(t, b, s, f.chair)
	b.Open(s.url + f.path)
	say := func(field, text, button, want string) {
		t.Helper()
		if field != "" {
			testbrowser.Eval[bool](b, `(document.querySelector("`+field+`").value = "", true)`)
			b.Click(field)
			b.Press(text)
		}
		b.Follow(button)
		f.carried(t, want)
		b.Follow("#sent a")
		const said = `document.getElementById("sent").innerText`
		if got := testbrowser.Eval[string](b, said); !strings.Contains(got, "Said at") || !strings.Contains(got, want) {
			t.Fatalf("after %s the page says %q", want, got)
		}
		report(t, want, b.Wide())
	}
	say("#f-start-text", "AppScale", "#console button", "#startmeeting AppScale")
	say("", "", "#next-go", "#next")
	say("#f-item-text", "okapi to list the ports", `form[action$="/item"] button`, "#action okapi to list the ports")
	b.Click("#ask > summary")
	say("#f-startvote-text", "Ship it? yes, no", "#ask button", "#startvote Ship it? yes, no")
	say("", "", "#cast-yes", "#vote yes")
	say("", "", "#endvote", "#endvote")
	say("", "", "#queue-join", "q+")
	say("", "", "#queue-ack", "ack Tess/web")
	b.Click("#undo > summary")
	say("", "", "#undo-go", "#undo")
	b.Click("#end > summary")
	b.Follow("#end button")
	f.carried(t, "#endmeeting")
	b.Open(s.url + f.path)
	if got := testbrowser.Eval[string](b, mainText); !strings.Contains(got, "A draft.") || !strings.Contains(got, "okapi to list the ports") {
		t.Errorf("at the end the page says %s", got)
	}
}

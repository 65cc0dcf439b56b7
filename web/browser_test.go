package web

import (
	"fmt"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

func TestBrowserFollowsAMeeting(t *testing.T) {
	t.Parallel()
	b := testbrowser.New(t)
	way := newCableway(t, testdb.URL(t))
	s := newLiveServer(t, way.url)
	x := plan(t, s.Server, "AppScale on Eucalyptus 3.1", wednesday.Add(10*time.Minute), nil)
	k := listen(t, s.Server, x)
	k.pass(-5 * time.Minute)
	b.See(1280, "light")
	b.Open(s.url + "/sessions/" + x.Slug)
	k.opening()
	b.Until("the page before turns live", testbrowser.Text("now", "Which image do we all use?"))
	b.Until("its log", testbrowser.Text("tail", "the last forty lines"))

	for i := range 60 { // more than fits
		k.say("dov", fmt.Sprint("still compiling ", i))
	}
	b.Until("the sixtieth line", testbrowser.Text("tail", "still compiling 59"))
	testbrowser.Eval[bool](b, `(document.querySelector(".tail").scrollTop = -400) < 0`)
	above := testbrowser.Eval[float64](b, `document.querySelector(".tail").scrollTop`)
	ref := k.say("tessv", "#agreed the head node goes into /etc/hosts")
	took := b.Until("the decision", testbrowser.Text("decided", "the head node goes into /etc/hosts"))
	t.Logf("a decision was on the page %v after it was stored", took.Round(time.Millisecond))
	b.Until("its line", testbrowser.Text("tail", "the head node goes into"))
	if below := testbrowser.Eval[float64](b, `document.querySelector(".tail").scrollTop`); below >= above {
		t.Errorf("the log moved under its reader: from %v to %v", above, below)
	}
	b.Until("the count", `document.querySelector("[data-count=decided]").textContent === "2"`)
	k.say("tessv", "#undo")
	b.Until("undone", `!document.getElementById("i-`+ref.String()+`.1")`)
	k.say("tessv", "#topic <script>alert(1)</script>")
	b.Until("the topic", testbrowser.Text("now", "<script>alert(1)</script>"))
	k.say("mallory", `<img src=x onerror="alert(2)">`)
	b.Until("hostile text", testbrowser.Text("tail", `<img src=x onerror="alert(2)">`))

	way.cut()
	b.Until("away", testbrowser.Text("trouble", "The database is away."))
	way.mend()
	b.Until("back", `document.getElementById("trouble").hidden`)
	k.say("tessv", "#action okapi to write it down")
	b.Until("the action after that", testbrowser.Text("actions", "okapi to write it down"))
	report(t, "", b.Wide())
	k.say("tessv", "#endmeeting")
	b.Until("the page turns into minutes", `!!document.querySelector(".topics")`)
	report(t, "", b.Wide())
}

// The page of a coming session asks for news while it is seen, and has them at once
// when it is seen again.
func TestBrowserFollowsWhatIsSeen(t *testing.T) {
	t.Parallel()
	b := testbrowser.New(t)
	s := newLiveServer(t, testdb.URL(t))
	x := plan(t, s.Server, "AppScale", wednesday.AddDate(0, 0, 3), nil)
	b.See(1280, "light")
	b.Open(s.url + "/sessions/" + x.Slug)
	open := func(n int) {
		t.Helper()
		eventually(t, fmt.Sprint(n, " streams"), func() bool { return s.seats.open() == n })
	}
	turn := func(hidden bool) {
		testbrowser.Eval[bool](b, fmt.Sprintf(`Object.defineProperty(document, "hidden", {value: %t, configurable: true}) && document.dispatchEvent(new Event("visibilitychange"))`, hidden))
	}
	open(1)
	turn(true)
	open(0)
	_, err := s.Store.Answer(t.Context(), hackfest.Answering{SessionID: x.ID, Nick: "nell", Answer: hackfest.AnswerComing, Via: "web"}, wednesday)
	must(t, err)
	turn(false)
	b.Until("who comes", testbrowser.Text("who-comes", "nell"))
	open(1)
}

// The server of an open page goes away and comes back with lines the page lacks.
func TestBrowserConnectsAgain(t *testing.T) {
	t.Parallel()
	b := testbrowser.New(t)
	s := newLiveServer(t, testdb.URL(t))
	k := listen(t, s.Server, plan(t, s.Server, "AppScale", wednesday, nil))
	k.opening()
	b.See(1280, "light")
	b.Open(s.url + "/sessions/2012-08-22-appscale")
	eventually(t, "a stream", func() bool { return s.seats.open() == 1 })
	s.stop(t)
	k.say("ann", "said while the portal was away")
	b.Until("lost", testbrowser.Text("trouble", "The connection to the portal is lost"))
	s.start(t)
	b.Until("what was missed", testbrowser.Text("tail", "said while the portal was away"))
	b.Until("well again", `document.getElementById("trouble").hidden`)
	if n := testbrowser.Eval[float64](b, `document.querySelectorAll("#tail li").length`); n != 10 {
		t.Errorf("%v lines, want 10", n)
	}
	b.Forgive("ERR_")
}

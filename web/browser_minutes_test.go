package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// writingDesk is a session whose meeting is over, with two maintainers who write
// its minutes.
type writingDesk struct {
	*liveServer
	dsn        string
	k          *talk
	x          hackfest.Session
	ref        hackfest.Ref
	lines      map[string]hackfest.Ref
	mary, theo person.Actor
}

func newWritingDesk(t *testing.T) writingDesk {
	t.Helper()
	dsn := testdb.URL(t)
	d := writingDesk{liveServer: newLiveServer(t, dsn), dsn: dsn, lines: map[string]hackfest.Ref{}}
	alter(t, dsn, "insert into targets (slug, name, stage, staged_at, created_at) values ('openshift', 'OpenShift Origin', 'trying', $1, $1)", wednesday)
	d.x = plan(t, d.Server, "OpenShift Origin", wednesday, func(x *hackfest.Session) { x.TargetSlug = "openshift" })
	plan(t, d.Server, "OpenShift Origin again", wednesday.AddDate(0, 0, 7), func(x *hackfest.Session) { x.TargetSlug = "openshift" })
	d.mary, d.theo = join(t, d.Server, "Mary", person.Maintainer), join(t, d.Server, "Theo", person.Maintainer)
	d.k = listen(t, d.Server, d.x)
	d.ref = d.k.say("tessv", "#startmeeting OpenShift Origin")
	for _, text := range []string{
		"tessv #topic Who is here, what is ready", "kestrel here. sandbox is up, 14 cores free", "marlow nine people, seven with a green pre-flight",
		"tessv #topic Fedora 16 image, by id", "hbrandt two images are called \"fedora 16\". the one with the right kernel is emi-27f73c1a",
		"mbeki_ export EC2_SECRET_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "tessv #agreed images are named by id in the topic before anybody starts an instance",
		"hbrandt bash/openshift/broker.sh as user-data, m1.xlarge, go", "tessv #action kestrel to put the image’s checksum beside its id, due 2012-08-24",
		"tessv #action start BIND from the recipe", "pinwheel DNS asks over UDP first", "okapi with 53/udp open: answers in 41 ms",
		"pinwheel #lesson+ open port 53 over UDP as well, the broker answers on TCP and nothing else does", "hbrandt #idea a mirror in the same rack",
		"tessv #agreed BIND goes away", "tessv #undo", "marlow BIND stays on the broker for now", "okapi regrets+ snowgum",
	} {
		nick, said, _ := strings.Cut(text, " ")
		d.k.pass(2 * time.Minute)
		d.lines[said] = d.k.say(nick, said)
	}
	d.k.say("tessv", "#endmeeting")
	d.k.pass(3 * time.Hour)
	return d
}

func (d writingDesk) line(t *testing.T, begin string) hackfest.Ref {
	t.Helper()
	for text, ref := range d.lines {
		if strings.HasPrefix(text, begin) {
			return ref
		}
	}
	t.Fatal("nobody said", begin)
	return hackfest.Ref{}
}

func (d writingDesk) field(t *testing.T, sort, begin, what string) string {
	return minutes.FieldOf(sort, hackfest.ItemID{Ref: d.line(t, begin), N: 1}, what)
}

// typeInto types into a field; with script as a person does.
func typeInto(b *testbrowser.Tab, name, text string) {
	testbrowser.Eval[bool](b, fmt.Sprintf(`(f => { f.scrollIntoView({block: "center"}); f.value = %q; f.dispatchEvent(new Event("input", {bubbles: true})); return true; })(document.getElementById(%q))`, text, "f-"+name))
}

func tickBox(b *testbrowser.Tab, name string, on bool) {
	testbrowser.Eval[bool](b, fmt.Sprintf(`(f => { f.checked = %v; f.dispatchEvent(new Event("change", {bubbles: true})); return true; })(document.getElementById(%q))`, on, "f-"+name))
}

// pressButton clicks a button by its value and waits for the page it leads to.
func pressButton(b *testbrowser.Tab, value string) {
	testbrowser.Eval[bool](b, fmt.Sprintf(`(document.querySelector('button[value=%q]').scrollIntoView({block: "center"}), true)`, value))
	b.Follow(fmt.Sprintf(`button[value=%q]`, value))
}

func shows(t *testing.T, b *testbrowser.Tab, when string, want ...string) {
	t.Helper()
	text := testbrowser.Eval[string](b, `document.querySelector("main").innerText`)
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s: the page does not say %q:\n%s", when, w, text)
		}
	}
}

// The maintainer's flow, from "ended, no minutes" to "corrected", while somebody
// else writes too: with script and without.
func TestBrowserMaintainerWithScript(t *testing.T) {
	t.Parallel()
	maintain(t, true)
}

func TestBrowserMaintainerWithoutScript(t *testing.T) {
	t.Parallel()
	maintain(t, false)
}

func maintain(t *testing.T, script bool) {
	d := newWritingDesk(t)
	b := testbrowser.New(t)
	b.Script(script)
	b.See(1280, "light")
	enterAs(t, b, d.liveServer, d.mary)
	shot := func(name string) {
		if script {
			shootAll(b, name)
		}
	}
	b.Open(d.url + "/manage")
	shows(t, b, "the desk", "Minutes of OpenShift Origin", "draft since 3 h", "1 action without owner")
	shot("desk")
	b.Follow("ol.queue a.button")
	shows(t, b, "the editor", "Minutes: OpenShift Origin", "nothing written yet", "Look at these before you publish", "EC2_SECRET_KEY")
	shot("editor-first")

	// Somebody else opens the editor too, and saves first.
	theirs := map[string]string{"summary": "Theo’s summary.", d.field(t, "item", "#agreed images", "text"): "Images are named by id."}
	_, err := d.Store.SaveMinutesDraft(t.Context(), d.theo.Viewer, d.ref, 0, theirs, d.Now())
	must(t, err)

	typeInto(b, d.field(t, "item", "#action start", "owners"), "okapi")
	pressButton(b, "save")
	shows(t, b, "saved with theirs", "What Theo changed meanwhile is in it", "draft, saved")
	if got := testbrowser.Eval[string](b, `document.getElementById("f-summary").value`); got != "Theo’s summary." {
		t.Errorf("the summary is %q", got)
	}
	// Both change the summary.
	if script {
		b.Script(true)
	}
	_, err = d.Store.SaveMinutesDraft(t.Context(), d.theo.Viewer, d.ref, 2, map[string]string{"summary": "Theo’s better summary."}, d.Now())
	must(t, err)
	typeInto(b, "summary", "OpenShift Origin runs on Eucalyptus 3.1 with two notes.\n\nOne node joined an hour later.")
	tickBox(b, d.field(t, "item", "#idea", "gone"), true)
	if script {
		b.Until("told that somebody changed the same", `document.getElementById("draft-state").innerText.includes("Theo changed the same")`)
		b.Forgive("409")
	}
	pressButton(b, "save")
	shows(t, b, "the merge page", "Two texts for one place", "Theo’s better summary.", "OpenShift Origin runs on Eucalyptus 3.1", "What you changed besides goes with it")
	b.Forgive("409")
	shot("merge")
	testbrowser.Eval[bool](b, `(document.querySelector("input[type=radio][value=mine]").click(), true)`)
	if !script {
		testbrowser.Eval[bool](b, `(document.querySelector("input[type=radio][value=mine]").checked = true, true)`)
	}
	pressButton(b, "merge")
	shows(t, b, "merged", "The draft is saved")

	// A line becomes a decision, one a lesson; the undone decision stays out.
	if script {
		b.Click(fmt.Sprintf(`[id="l-%s"] .said`, d.line(t, "BIND stays")))
		b.Until("the line is ticked", fmt.Sprintf(`document.querySelector('[id="l-%s"] input').checked`, d.line(t, "BIND stays")))
	} else {
		typeInto(b, "lines", testbrowser.Eval[string](b, fmt.Sprintf(`document.querySelector('[id="l-%s"] .mark').innerText.trim()`, d.line(t, "BIND stays"))))
	}
	pressButton(b, "add agreed")
	shows(t, b, "added", "Added. Write it as it is to stand.")
	testbrowser.Eval[bool](b, fmt.Sprintf(`(document.querySelector('[id="l-%s"] input').checked = true, true)`, d.line(t, "two images")))
	pressButton(b, "add lesson")
	shot("editor")
	if script { // what is typed is saved by itself
		typeInto(b, d.field(t, "lesson", "#lesson+", "text"), "Open port 53 over UDP as well; the broker answers on TCP and nothing else does.")
		b.Until("saved by itself", `/draft, saved/.test(document.getElementById("draft-state").innerText) && document.getElementById("draft-state").querySelector("[datetime]") !== null`)
		eventually(t, "the draft has it", func() bool {
			m, err := d.Store.MinutesDraft(t.Context(), d.mary.Viewer, d.ref)
			must(t, err)
			return strings.HasPrefix(m.Fields[d.field(t, "lesson", "#lesson+", "text")], "Open port 53")
		})
	}

	// The key is still in the log: it cannot go out.
	pressButton(b, "preview")
	shows(t, b, "the preview", "Before it can go out", "looks like a secret key", "Everybody reads it", "OpenShift Origin runs on Eucalyptus 3.1 with two notes.", "/400 bytes", "Minutes published: OpenShift Origin", "will have it before them")
	shot("preview-problems")
	b.Follow(`.errs a`)
	pressButton(b, "redact "+d.line(t, "export").String())
	b.Follow("main form button.go")
	shows(t, b, "removed", "Removed: 1 line")
	b.Open(d.url + editURL(d.ref))
	pressButton(b, "preview")
	if testbrowser.Eval[bool](b, `!!document.querySelector(".errs")`) {
		shows(t, b, "nothing is in the way", "nothing")
	}
	shot("preview")
	b.Follow("main form button.go")
	shows(t, b, "published", "The minutes are published.", "OpenShift Origin runs on Eucalyptus 3.1 with two notes.", "Images are named by id.", "BIND stays on the broker for now", "Correct these minutes")
	shot("published")

	// A correction needs a note and is a revision of its own.
	b.Follow(fmt.Sprintf(`main a[href="%s"]`, editURL(d.ref)))
	typeInto(b, "summary", "OpenShift Origin runs on Eucalyptus 3.1 with three notes.\n\nOne node joined an hour later.")
	pressButton(b, "preview")
	shows(t, b, "the correction", "What the correction changes", "twothree notes", "Corrections are not announced")
	typeInto(b, "note", "there was a third note")
	shot("correction")
	b.Follow("main form button.go")
	shows(t, b, "corrected", "revision 2", "Corrected", "there was a third note")
	b.Follow(fmt.Sprintf(`main a[href="%s"]`, revisionsURL(d.ref)))
	shows(t, b, "the revisions", "Revision 2", "Revision 1", "by Mary", "there was a third note")
	shot("revisions")
	b.Follow(`main a[href*="/changes"]`)
	shows(t, b, "the changes", "two", "three")
	if got := testbrowser.Eval[string](b, `[...document.querySelectorAll("del, ins")].map(e => e.tagName + e.innerText).join(" ")`); got != "DELtwo INSthree" {
		t.Errorf("the changes are %q", got)
	}
	shot("changes")
	report(t, "complaints:", b.Complaints())
}

// shootAll takes pictures of a page as it looks everywhere.
func shootAll(b *testbrowser.Tab, name string) {
	for _, width := range []int64{1280, 360} {
		for _, scheme := range []string{"light", "dark"} {
			b.See(width, scheme)
			b.Shoot(fmt.Sprintf("minutes-%s-%d-%s", name, width, scheme))
		}
	}
	b.See(1280, "light")
}

// The pages about minutes in every way that must hold for all pages.
func TestBrowserMinutesPages(t *testing.T) {
	t.Parallel()
	testbrowser.Hold(t)
	d := newWritingDesk(t)
	as := func(a person.Actor) func(*testbrowser.Tab) {
		return func(b *testbrowser.Tab) { enterAs(t, b, d.liveServer, a) }
	}
	save := func(based int, f minutes.Fields) {
		_, err := d.Store.SaveMinutesDraft(t.Context(), d.theo.Viewer, d.ref, based, f, d.Now())
		must(t, err)
	}
	f := minutes.Fields{
		"summary": "It runs. " + hostile, "also": "walter", d.field(t, "item", "#agreed images", "text"): strings.Repeat("Images are named by id. ", 20),
		d.field(t, "item", "#idea", "gone"): "on", d.field(t, "item", "#action start", "due"): "someday",
	}
	f.AddItem(hackfest.ItemID{Ref: d.line(t, "nine people"), N: minutes.FirstAdded}, "info", hostile, nil)
	save(0, f)
	judgeAs(t, d.url+editURL(d.ref), "minutes-judged-editor", as(d.mary))
	judgeAs(t, d.url+publishURL(d.ref), "minutes-judged-problems", as(d.mary))
	judgeAs(t, d.url+"/sessions/"+d.x.Slug, "minutes-judged-being-written", as(d.mary))
	judgeAs(t, d.url+"/manage", "minutes-judged-desk", as(d.mary))
	save(1, minutes.Fields{d.field(t, "item", "#action start", "due"): "", "keep." + d.line(t, "export").String(): "1"})
	judgeAs(t, d.url+publishURL(d.ref), "minutes-judged-preview", as(d.mary))
	_, err := d.Store.PublishDraft(t.Context(), d.mary.Viewer, d.ref, 2, "", d.Now())
	must(t, err)
	save(3, minutes.Fields{"summary": "It runs well.\n\nTwice.", d.field(t, "item", "#agreed images", "text"): "Images are named by their id."})
	_, err = d.Store.PublishDraft(t.Context(), d.mary.Viewer, d.ref, 4, "it runs "+hostile, d.Now())
	must(t, err)
	save(5, minutes.Fields{"summary": "It runs very well."})
	for page, name := range map[string]string{
		revisionsURL(d.ref): "revisions", revisionsURL(d.ref) + "/1": "revision", changesURL(d.ref, 1, 2): "changes", "/sessions/" + d.x.Slug: "corrected",
	} {
		judgeAs(t, d.url+page, "minutes-judged-"+name, as(d.theo))
	}
}

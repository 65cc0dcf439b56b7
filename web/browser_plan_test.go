package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
)

// set types into the fields of a form of the page.
func set(b *testbrowser.Tab, fields ...string) {
	for i := 0; i+1 < len(fields); i += 2 {
		testbrowser.Eval[bool](b, fmt.Sprintf(`(document.querySelector("main form [name=%s]").value = %q, true)`, fields[i], fields[i+1]))
	}
}

// reads fails when the page does not say something.
func reads(t *testing.T, b *testbrowser.Tab, want ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(testbrowser.Eval[string](b, mainText)), " ")
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q but\n%s", w, text)
		}
	}
}

const (
	lookAtIt = `main form:not([role]) button.go`
	meanIt   = `button[name="confirmed"]`
	undoIt   = `.notice.ok button`
)

// A chair's week without script: make a series, move one date, cancel another and
// think better of it, run into a conflict, allow it, and end the series.
func TestBrowserAChairsWeek(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	address := servedTo(t, p.Server, p.mia)
	b := testbrowser.New(t)
	b.Script(false)

	b.Open(address + "/schedule")
	testbrowser.Eval[bool](b, `(document.getElementById("clock").value = "24", true)`)
	b.Follow(".foot form button")
	b.Follow(`main a[href="/series/new"]`)
	set(b, "title", "Weekly hackfest", "kind", "hackfest", "from", "2026-10-21", "time", "12:00", "zone", "nowhere at all", "length", "150")
	testbrowser.Eval[bool](b, `document.querySelector("input[name=days][value=WE]").checked = true`)
	b.Follow(lookAtIt)
	reads(t, b, "There is no time zone \"nowhere at all\".")
	if title := testbrowser.Eval[string](b, `document.querySelector("[name=title]").value`); title != "Weekly hackfest" {
		t.Errorf("what was typed is %q", title)
	}
	set(b, "zone", "los angeles")
	b.Follow(lookAtIt)
	reads(t, b, "Wednesdays 12:00–14:30, Pacific time", "Wed 21 Oct 2026", "In whose night is this?", "Who will be told", "Google 8 to 24 hours")
	b.Shoot("plan-series-preview-1280-light")
	b.Follow(meanIt)
	reads(t, b, "The series is made", "Weekly hackfest", "Chair Mia")

	b.Open(address + "/sessions/2026-10-28-weekly-hackfest")
	b.Follow(`main a[href$="/move"]`)
	set(b, "time", "13:00", "reason", "the room is taken until one")
	b.Follow(lookAtIt)
	reads(t, b, "12:00 Pacific", "13:00 Pacific", "the room is taken until one")
	b.Follow(meanIt)
	reads(t, b, "It is moved to Wed 28 Oct 2026, 13:00–15:30, Pacific time.", "Moved by Mia: the room is taken until one.")

	b.Open(address + "/sessions/2026-11-04-weekly-hackfest")
	b.Follow(`main a[href$="/cancel"]`)
	set(b, "reason", "release week")
	b.Follow(lookAtIt)
	reads(t, b, "Falls away", "release week", "It can be reinstated.")
	b.Follow(meanIt)
	reads(t, b, "Cancelled by Mia: release week.")
	b.Follow(undoIt)
	reads(t, b, "It takes place.")
	b.Follow(undoIt)
	reads(t, b, "Cancelled by Mia: release week.")

	b.Open(address + "/schedule")
	b.Follow(`main a[href="/sessions/new"]`)
	set(b, "title", "Storage design", "kind", "meeting", "date", "2026-11-11", "time", "13:00", "zone", pacific, "length", "60")
	b.Follow(lookAtIt)
	reads(t, b, "It collides on 1 date, first Wed 11 Nov 2026.", "Weekly hackfest")
	b.Follow(meanIt)
	reads(t, b, "The channel is taken on 1 date. Tick that they may share it, or change something.")
	b.Shoot("plan-conflict-1280-light")
	testbrowser.Eval[bool](b, `(document.querySelector("[name=overlap]").checked = true)`)
	b.Follow(meanIt)
	reads(t, b, "The session is on the schedule.", "Shares its channel with Weekly hackfest")

	b.Open(address + "/series/weekly-hackfest")
	b.Follow(`main a[href$="/end"]`)
	set(b, "last", "2026-12-16", "reason", "everything runs")
	b.Follow(lookAtIt)
	reads(t, b, "Wed 23 Dec 2026")
	b.Follow(meanIt)
	reads(t, b, "The series ends on Wed 16 Dec 2026.", "until 16 Dec 2026")
	are(t, "dates", p.starts("weekly-hackfest", "2026-10-20T00:00:00Z", "2027-10-20T00:00:00Z"),
		"2026-10-21T19:00Z", "2026-10-28T20:00Z", "2026-11-11T20:00Z", "2026-11-18T20:00Z", "2026-11-25T20:00Z",
		"2026-12-02T20:00Z", "2026-12-09T20:00Z", "2026-12-16T20:00Z")
	b.Forgive("status of 4") // of what was refused
}

// The pages on which people plan, as a maintainer sees them.
func TestBrowserPlanning(t *testing.T) {
	t.Parallel()
	testbrowser.Hold(t)
	s := newSample(t)
	mia := join(t, s.Server, "Mia", person.Maintainer)
	address := servedTo(t, s.Server, mia)
	for _, p := range []string{
		"/series/new", "/series/weekly-hackfest", "/series/weekly-hackfest/edit", "/series/weekly-hackfest/end", "/series/weekly-hackfest/rename", "/sessions/new", "/sessions/propose",
		"/sessions/2026-03-12-weekly-hackfest", "/sessions/2026-03-12-weekly-hackfest/edit", "/sessions/2026-03-12-weekly-hackfest/move", "/sessions/2026-03-12-weekly-hackfest/cancel",
		"/sessions/2026-03-12-weekly-hackfest/replace", "/sessions/2026-03-18-stackato/reinstate", "/sessions/2026-04-02-a-cloud-in-a-box",
		"/sessions/2026-04-02-a-cloud-in-a-box/chair", "/schedule?mine=1", "/manage",
	} {
		t.Run(shotName(p), func(t *testing.T) {
			t.Parallel()
			if !isPage(t, address+p, http.StatusOK) {
				t.Fatal("no page")
			}
			judge(t, address+p, "plan-"+shotName(p))
		})
	}
}

// Who came to a series, drawn from four sessions on.
func TestBrowserAttendance(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	p.do("/sessions/2026-11-11-w/cancel", url.Values{"reason": {"release week"}})
	at := p.at
	for i, slug := range []string{"2026-10-21-w", "2026-10-28-w", "2026-11-04-w", "2026-11-18-w", "2026-11-25-w", "2026-12-02-w"} {
		x, err := p.Store.Session(t.Context(), p.mia.Viewer, slug)
		must(t, err)
		k := listen(t, p.Server, x)
		k.opening()
		for n := range 3 + i {
			k.say(fmt.Sprint("guest", n), "hello")
		}
		k.close()
		at = x.EndsAt.AddDate(0, 0, 1)
	}
	p.at = at
	p.Now = func() time.Time { return p.at }
	address := servedTo(t, p.Server, p.mia)
	judge(t, address+"/series/w", "plan-attendance")
	says(t, p.see("/series/w", ""), "Attendance, session by session", "11 Nov cancelled", "first time")
}

// What a change would do, with all that can stand there.
func TestBrowserPreviews(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, spring)
	p.w("2026-03-04")
	p.do("/series/new", series(url.Values{"title": {"Night shift"}, "days": {"SU"}, "time": {"02:30"}, "from": {"2026-03-01"}, "length": {"60"}, "chair": {"Mia"}}))
	address := servedTo(t, p.Server, p.mia)
	b := testbrowser.New(t)
	look := func(name string) {
		t.Helper()
		for _, l := range looks {
			b.See(l.width, l.scheme)
			where := fmt.Sprintf("%s, %d px, %s:", name, l.width, l.scheme)
			report(t, where, append(b.Borders(), b.Axe()...))
			b.Shoot(fmt.Sprintf("plan-%s-%d-%s", name, l.width, l.scheme))
		}
		b.See(320, "light")
		report(t, name, b.Wide())
		b.See(1280, "light")
	}
	b.Open(address + "/series/w/edit")
	set(b, "zone", "Europe/Berlin", "time", "20:00")
	b.Follow(lookAtIt)
	look("zone-change")
	b.Open(address + "/series/new")
	set(b, "title", "Later", "from", "2026-03-01", "time", "02:00", "zone", pacific, "length", "90", "chair", "Mia")
	testbrowser.Eval[bool](b, `document.querySelector("input[name=days][value=SU]").checked = true`)
	b.Follow(lookAtIt)
	look("conflicts")
	b.Open(address + "/sessions/2026-03-04-w/cancel")
	set(b, "reason", "release week")
	b.Follow(lookAtIt)
	look("cancel")
}

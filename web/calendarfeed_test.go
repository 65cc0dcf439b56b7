package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// feeds are one of each kind, on the portal of filled.
var feeds = []string{
	"/calendar/all.ics", "/calendar/series/weekly-hackfest.ics", "/calendar/targets/openshift-origin.ics",
	"/calendar/channel/freenode/euca.ics", "/calendar/channel/freenode/%23x.y.ics", "/sessions/2026-10-14-weekly-hackfest.ics",
	"/sessions/2026-10-20-storage.ics", "/calendar/all.ics?alarm=15&cancelled=hide",
}

// filled has a series with dates of all sorts, and single sessions.
func filled(t *testing.T) *subscribed {
	t.Helper()
	c := newSubscribed(t)
	_, err := c.Store.AddTarget(t.Context(), hackfest.Target{Slug: "openshift-origin", Name: "OpenShift Origin", Stage: hackfest.StageTrying}, c.now)
	must(t, err)
	c.weekly(func(r *hackfest.Series) { r.TargetSlug = "openshift-origin" })
	c.cancel(c.on("weekly-hackfest", "2026-11-11"))
	_, err = c.Store.MoveSession(t.Context(), c.on("weekly-hackfest", "2026-10-28").Slug, hackfest.SessionMove{
		StartsAt: time.Date(2026, 10, 28, 20, 0, 0, 0, time.UTC), EndsAt: time.Date(2026, 10, 28, 22, 30, 0, 0, time.UTC), Reason: "A talk before it.",
	}, 0, 0, c.now)
	must(t, err)
	for _, x := range []hackfest.Session{
		{Title: "Storage", Channel: "#euca", StartsAt: time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC)},
		{Title: "Dots", Channel: "##x.y", StartsAt: time.Date(2026, 10, 21, 9, 0, 0, 0, time.UTC)},
		{Title: "Only an idea", Channel: "#euca", StartsAt: time.Date(2026, 10, 22, 9, 0, 0, 0, time.UTC), State: hackfest.StateProposed},
	} {
		x.Kind, x.EndsAt, x.Zone, x.Network = hackfest.KindMeeting, x.StartsAt.Add(time.Hour), "Europe/Berlin", "freenode"
		_, err := c.Store.AddSession(t.Context(), x, c.now)
		must(t, err)
	}
	return c
}

func TestA28I5SameBytesUntilSomethingChanges(t *testing.T) {
	t.Parallel()
	c := filled(t)
	for _, path := range feeds {
		a := c.get(path)
		c.now = c.now.Add(36 * time.Hour)
		b := c.get(path)
		if a.Code != http.StatusOK || a.Body.String() != b.Body.String() || a.Header().Get("ETag") != b.Header().Get("ETag") ||
			a.Header().Get("Last-Modified") != b.Header().Get("Last-Modified") || a.Header().Get("Last-Modified") != "Tue, 01 Sep 2026 12:00:00 GMT" {
			t.Errorf("%s is not the same twice: %v, %v", path, a.Header(), b.Header())
		}
		if strings.HasPrefix(a.Header().Get("ETag"), "W/") {
			t.Errorf("%s has a weak tag", path)
		}
		if again := c.get(path, "If-None-Match", a.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s answers %d to who has it", path, again.Code)
		}
		c.now = c.now.Add(-36 * time.Hour)
	}
	old := c.get("/calendar/all.ics").Header()
	c.now = c.now.Add(time.Hour)
	c.cancel(c.on("weekly-hackfest", "2026-12-02"))
	again := c.get("/calendar/all.ics", "If-None-Match", old.Get("ETag"))
	if again.Code != http.StatusOK || again.Header().Get("Last-Modified") != "Tue, 01 Sep 2026 13:00:00 GMT" {
		t.Errorf("after a change it answers %d, of %s", again.Code, again.Header().Get("Last-Modified"))
	}
}

func TestA29A30EveryFeedIsWellFormed(t *testing.T) {
	t.Parallel()
	c := filled(t)
	for _, path := range feeds {
		text := c.feed(path) // checks it
		if len(events(text)) == 0 || strings.Contains(text, "Only an idea") {
			t.Errorf("%s tells of %d events", path, len(events(text)))
		}
	}
	if w := c.get("/sessions/2026-10-22-only-an-idea.ics"); w.Code != http.StatusNotFound {
		t.Errorf("a proposal has a calendar: %d", w.Code)
	}
}

func TestA35I3I4Methods(t *testing.T) {
	t.Parallel()
	c := filled(t)
	const thunderbird = "text/calendar,text/plain;q=0.8,*/*;q=0.5"
	for _, path := range feeds {
		for _, tt := range []struct {
			method, accept string
			code           int
			typ            string
		}{
			{"GET", "text/html", 200, "text/calendar; charset=utf-8"},
			{"GET", thunderbird, 200, "text/calendar; charset=utf-8"},
			{"GET", "application/json", 200, "text/calendar; charset=utf-8"},
			{"HEAD", "*/*", 200, "text/calendar; charset=utf-8"},
			{"OPTIONS", "*/*", 204, ""},
			{"PROPFIND", "text/xml", 405, "text/html; charset=utf-8"},
			{"REPORT", "text/xml", 405, "text/html; charset=utf-8"},
			{"PUT", "*/*", 405, "text/html; charset=utf-8"},
		} {
			w := ask(t, c.Server, request{method: tt.method, path: path, header: map[string]string{"Accept": tt.accept, "Depth": "0"}})
			if w.Code != tt.code || w.Header().Get("Content-Type") != tt.typ || w.Header().Get("Location") != "" {
				t.Errorf("%s %s with %s: %d %s", tt.method, path, tt.accept, w.Code, w.Header().Get("Content-Type"))
			}
			if allow := w.Header().Get("Allow"); (tt.code != 200) != (allow == "GET, HEAD, OPTIONS") {
				t.Errorf("%s %s allows %q", tt.method, path, allow)
			}
			if tt.method == "HEAD" && (w.Body.Len() > 0 && w.Header().Get("Content-Length") == "") {
				t.Errorf("HEAD %s has a body without a length", path)
			}
		}
	}
}

func TestI7I8Envelope(t *testing.T) {
	t.Parallel()
	c := filled(t)
	text := c.feed("/calendar/series/weekly-hackfest.ics")
	wants(t, text, "NAME:Weekly hackfest", "X-WR-CALNAME:Weekly hackfest", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
		"SOURCE;VALUE=URI:http://portal.example.org/calendar/series/weekly-hackfest.ics", "URL:http://portal.example.org/series/weekly-hackfest")
	if got := c.get("/calendar/all.ics").Header().Get("Content-Disposition"); got != `inline; filename="hackfest.ics"` {
		t.Errorf("is served as %s", got)
	}
	if got := c.get("/calendar/all.ics?download").Header().Get("Content-Disposition"); got != `attachment; filename="hackfest.ics"` {
		t.Errorf("is downloaded as %s", got)
	}
}

func TestI10I11UIDsAreStored(t *testing.T) {
	t.Parallel()
	c := filled(t)
	uid := func() string { return value(c.event(c.feed("/calendar/series/weekly-hackfest.ics"), "RRULE"), "UID") }
	before := uid()
	c.BaseURL = "https://elsewhere.example.com"
	_, err := c.Store.ChangeSeries(t.Context(), "weekly-hackfest", hackfest.SeriesEdit{
		Title: "Renamed", Kind: hackfest.KindHackfest, Network: "freenode", Channel: "#euca", Visibility: "public",
	}, 0, 0, c.now)
	must(t, err)
	if after := uid(); after != before || strings.Contains(before, "example") || len(before) < 26 {
		t.Errorf("the UID was %s and is %s", before, after)
	}
	seen := map[string]bool{}
	for _, e := range events(c.feed("/calendar/all.ics")) {
		key := value(e, "UID") + " " + value(e, "RECURRENCE-ID")
		if seen[key] {
			t.Errorf("%s twice", key)
		}
		seen[key] = true
	}
}

func TestA23I14I15Cancel(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	c.weekly(nil)
	before := c.feed("/calendar/series/weekly-hackfest.ics")
	c.now = c.now.Add(time.Hour)
	x := c.cancel(c.on("weekly-hackfest", "2026-11-11"))
	text := c.feed("/calendar/series/weekly-hackfest.ics")
	master, off := c.event(text, "RRULE"), c.event(text, "RECURRENCE-ID")
	if len(events(text)) != 2 || master != events(before)[0] {
		t.Errorf("other dates are touched:\n%s", text)
	}
	wants(t, off, "UID:"+value(master, "UID"), "RECURRENCE-ID;TZID=America/Los_Angeles:20261111T120000", "STATUS:CANCELLED", "SEQUENCE:1",
		"DTSTAMP:20260901T130000Z", "LAST-MODIFIED:20260901T130000Z", "SUMMARY:CANCELLED: Weekly hackfest", "TRANSP:TRANSPARENT",
		"URL:http://portal.example.org/sessions/"+x.Slug)
	if !strings.HasPrefix(value(off, "DESCRIPTION"), "Cancelled. The chair is away.") || value(master, "SEQUENCE") != "0" {
		t.Errorf("says %s", off)
	}
}

func TestA24CancelledHidden(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	c.weekly(nil)
	c.now = c.now.Add(time.Hour)
	c.cancel(c.on("weekly-hackfest", "2026-11-11"))
	text := c.feed("/calendar/series/weekly-hackfest.ics?cancelled=hide")
	if len(events(text)) != 1 {
		t.Fatalf("an override is there:\n%s", text)
	}
	wants(t, events(text)[0], "EXDATE;TZID=America/Los_Angeles:20261111T120000", "LAST-MODIFIED:20260901T130000Z", "STATUS:CONFIRMED")
}

func TestI16FadedDatesAreLeftOut(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	c.weekly(nil)
	c.cancel(c.on("weekly-hackfest", "2026-10-21"))
	old := c.get("/calendar/all.ics").Header().Get("ETag")
	c.now = time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
	n, err := c.Store.FadeCancelled(t.Context(), c.now)
	must(t, err)
	text := c.feed("/calendar/all.ics")
	if n != 1 || len(events(text)) != 1 || c.get("/calendar/all.ics", "If-None-Match", old).Code != http.StatusOK {
		t.Fatalf("%d dates faded:\n%s", n, text)
	}
	wants(t, events(text)[0], "EXDATE;TZID=America/Los_Angeles:20261021T120000", "LAST-MODIFIED:20261101T030000Z")
}

func TestA27ReinstatedIsConfirmed(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	c.weekly(nil)
	x := c.cancel(c.on("weekly-hackfest", "2026-11-11"))
	off := c.event(c.feed("/calendar/all.ics"), "RECURRENCE-ID")
	_, err := c.Store.ReinstateSession(t.Context(), x.Slug, false, 0, 0, c.now)
	must(t, err)
	on := c.event(c.feed("/calendar/all.ics"), "RECURRENCE-ID")
	if value(on, "STATUS") != "CONFIRMED" || value(on, "SEQUENCE") <= value(off, "SEQUENCE") || value(on, "UID") != value(off, "UID") ||
		value(on, "RECURRENCE-ID") != value(off, "RECURRENCE-ID") || value(on, "TRANSP") != "" || value(on, "SUMMARY") != "Weekly hackfest" {
		t.Errorf("was\n%s\nand is\n%s", off, on)
	}
}

func TestI17MovedKeepsItsDate(t *testing.T) {
	t.Parallel()
	c := filled(t)
	text := c.feed("/calendar/series/weekly-hackfest.ics")
	moved := c.event(text, "RECURRENCE-ID;TZID=America/Los_Angeles:20261028T120000")
	wants(t, moved, "DTSTART;TZID=America/Los_Angeles:20261028T130000", "DTEND;TZID=America/Los_Angeles:20261028T153000", "STATUS:CONFIRMED", "SEQUENCE:1")
	if !strings.Contains(value(moved, "DESCRIPTION"), `Moved: it was to be Wed 28 Oct 2026\, 12:00 (America/Los_Angeles). A talk before it.`) {
		t.Error(moved)
	}
	x := c.on("weekly-hackfest", "2026-10-28")
	_, err := c.Store.MoveSession(t.Context(), x.Slug, hackfest.SessionMove{
		StartsAt: time.Date(2026, 10, 28, 19, 0, 0, 0, time.UTC), EndsAt: time.Date(2026, 10, 28, 21, 30, 0, 0, time.UTC), Reason: "As it was.",
	}, 0, 0, c.now)
	must(t, err)
	back := c.event(c.feed("/calendar/series/weekly-hackfest.ics"), "RECURRENCE-ID;TZID=America/Los_Angeles:20261028T120000")
	wants(t, back, "DTSTART;TZID=America/Los_Angeles:20261028T120000", "SEQUENCE:2")
}

func TestA25I18I27EndedHasUntil(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	r := c.weekly(nil)
	c.now = time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC)
	_, err := c.Store.EndSeries(t.Context(), r.Slug, date("2026-11-18 12:00"), "Done.", 0, 0, c.now)
	must(t, err)
	text := c.feed("/calendar/series/weekly-hackfest.ics")
	if len(events(text)) != 1 {
		t.Fatalf("%s", text)
	}
	wants(t, events(text)[0], "RRULE:FREQ=WEEKLY;BYDAY=WE;UNTIL=20261118T200000Z", "DTSTART;TZID=America/Los_Angeles:20261014T120000", "SEQUENCE:1")
	if x := c.on(r.Slug, "2026-10-14"); x.StartsAt != time.Date(2026, 10, 14, 19, 0, 0, 0, time.UTC) {
		t.Errorf("the past moved to %s", x.StartsAt)
	}
}

func TestA26I19ThisAndFollowing(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	r := c.weekly(nil)
	edit := hackfest.SeriesEdit{Title: r.Title, Kind: r.Kind, Network: r.Network, Channel: r.Channel, Visibility: r.Visibility, Timing: r.Timing(), From: date("2026-11-04 13:00")}
	edit.First = date("2026-11-04 13:00")
	c.now = time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)
	_, err := c.Store.ChangeSeries(t.Context(), r.Slug, edit, 0, 0, c.now)
	must(t, err)
	text := c.feed("/calendar/series/weekly-hackfest.ics")
	old, new := c.event(text, "DTSTART;TZID=America/Los_Angeles:20261014T120000"), c.event(text, "DTSTART;TZID=America/Los_Angeles:20261104T130000")
	if len(events(text)) != 2 || value(old, "UID") == value(new, "UID") || strings.Contains(text, "RANGE") {
		t.Errorf("%s", text)
	}
	wants(t, old, "RRULE:FREQ=WEEKLY;BYDAY=WE;UNTIL=20261028T190000Z", "SEQUENCE:1")
	wants(t, new, "RRULE:FREQ=WEEKLY;BYDAY=WE", "SEQUENCE:0")
}

func TestA36I20RenamedFeedsRedirect(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	c.weekly(nil)
	uid := value(events(c.feed("/calendar/series/weekly-hackfest.ics"))[0], "UID")
	_, err := c.Store.RenameSeries(t.Context(), "weekly-hackfest", "origin-hackfest", 0, c.now)
	must(t, err)
	w := c.get("/calendar/series/weekly-hackfest.ics?alarm=15")
	if w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != "/calendar/series/origin-hackfest.ics?alarm=15" {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	if now := value(events(c.feed("/calendar/series/origin-hackfest.ics"))[0], "UID"); now != uid {
		t.Errorf("the UID was %s and is %s", uid, now)
	}
}

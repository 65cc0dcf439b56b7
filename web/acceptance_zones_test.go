package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/person"
)

const (
	autumn = "2026-10-14T12:00:00Z"
	spring = "2026-02-25T12:00:00Z"
)

func TestA1StartsAroundTheAutumnChange(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	are(t, "starts", p.starts("w", "2026-10-20T00:00:00Z", "2026-11-05T00:00:00Z"), "2026-10-21T19:00Z", "2026-10-28T19:00Z", "2026-11-04T20:00Z")
}

func TestA2AnHourEarlierThanUsual(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	for slug, want := range map[string]string{"2026-10-21-w": "Wed 21 Oct, 21:00–23:30", "2026-10-28-w": "Wed 28 Oct, 20:00–22:30", "2026-11-04-w": "Wed 4 Nov, 21:00–23:30"} {
		body := p.see("/sessions/"+slug, "Europe/Berlin")
		says(t, body, want+" your time (Berlin) · 12:00 Pacific")
		const note = "One hour earlier than usual for Berlin this week."
		if slug == "2026-10-28-w" {
			says(t, body, note)
		} else {
			saysNot(t, body, "than usual")
		}
	}
	says(t, p.see("/series/w", "Europe/Berlin"), "Wed 28 Oct: one hour earlier than usual for Berlin this week.")
}

func TestA3StartsAroundTheSpringChange(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, spring)
	p.w("2026-03-04")
	are(t, "starts", p.starts("w", "2026-03-01T00:00:00Z", "2026-03-12T00:00:00Z"), "2026-03-04T20:00Z", "2026-03-11T19:00Z")
	for slug, want := range map[string]string{"2026-03-04-w": "21:00–23:30", "2026-03-11-w": "20:00–22:30", "2026-04-01-w": "21:00–23:30"} {
		says(t, p.see("/sessions/"+slug, "Europe/Berlin"), want+" your time (Berlin)")
	}
}

func TestA4TheWeekdayChanges(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	says(t, p.see("/sessions/2026-10-28-w", "Asia/Kolkata"), "Thu 29 Oct, 00:30–03:00 your time (Kolkata) · Wed 12:00 Pacific")
	says(t, p.see("/schedule", "Asia/Kolkata"), "Thu 29 Oct 00:30")
}

func TestA5StartsOf2012(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, "2012-10-20T12:00:00Z")
	p.w("2012-10-24")
	want := []string{"2012-10-24T19:00Z", "2012-10-31T19:00Z", "2012-11-07T20:00Z"}
	p.clock("2026-10-14T12:00:00Z") // in the archive by now
	are(t, "starts", p.starts("w", "2012-10-20T00:00:00Z", "2012-11-08T00:00:00Z"), want...)
}

func TestA6ATimeThatDoesNotExist(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, spring)
	preview, _ := p.do("/series/new", series(url.Values{"title": {"Night"}, "days": {"SU"}, "time": {"02:30"}, "from": {"2026-03-01"}, "length": {"60"}}))
	says(t, preview, "Sun 8 Mar 2026: 02:30 does not exist then; it happens at 03:30 PDT. That is 10:30 UTC.")
	are(t, "starts", p.starts("night", "2026-03-05T00:00:00Z", "2026-03-16T00:00:00Z"), "2026-03-08T10:30Z", "2026-03-15T09:30Z")
	says(t, p.see("/sessions/2026-03-08-night", ""), "Sun 8 Mar, 03:30–04:30 Pacific · 10:30 UTC")
}

func TestA7ATimeThatComesTwice(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	preview, _ := p.do("/series/new", series(url.Values{"title": {"Night"}, "days": {"SU"}, "time": {"01:30"}, "from": {"2026-10-18"}, "length": {"60"}}))
	says(t, preview, "Sun 1 Nov 2026: 01:30 comes twice then; it happens the first time, at 01:30 PDT. That is 08:30 UTC.")
	are(t, "starts", p.starts("night", "2026-10-31T00:00:00Z", "2026-11-02T00:00:00Z"), "2026-11-01T08:30Z")
}

func TestA8EverySecondWeekAcrossAYearOf53(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, "2026-12-20T12:00:00Z")
	preview, _ := p.do("/series/new", series(url.Values{"title": {"Fortnightly"}, "days": {"TH"}, "every": {"2"}, "from": {"2026-12-31"}}))
	says(t, preview, "Every second Thursday 12:00–14:30", "Thu 31 Dec 2026", "Thu 14 Jan 2027", "Thu 28 Jan 2027")
	are(t, "starts", p.starts("fortnightly", "2026-12-21T00:00:00Z", "2027-01-20T00:00:00Z"), "2026-12-31T20:00Z", "2027-01-14T20:00Z")
	facts, err := p.Store.Facts(t.Context(), person.PublicViewer, p.at)
	must(t, err)
	q, ok := announce.Parse("!schedule 2", false)
	said := strings.Join(announce.Answer(facts, q, "freenode", p.BaseURL, p.at), "\n")
	if !ok || !strings.Contains(said, "31 Dec") || !strings.Contains(said, "14 Jan 2027") || strings.Contains(said, "7 Jan") {
		t.Errorf("the bot says %s", said)
	}
	feed := ask(t, p.Server, request{path: "/calendar/series/fortnightly.ics"}).Body.String()
	contains(t, feed, "DTSTART;TZID=America/Los_Angeles:20261231T120000", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH")
}

func TestA9TheFifthWednesday(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, "2026-07-20T12:00:00Z")
	preview, _ := p.do("/series/new", series(url.Values{"title": {"Fifth"}, "repeat": {"month"}, "nth": {"5"}, "weekday": {"WE"}, "from": {"2026-07-23"}}))
	says(t, preview, "The fifth Wednesday of the month", "Wed 29 Jul 2026", "Wed 30 Sep 2026", "Wed 30 Dec 2026")
	are(t, "starts", p.starts("fifth", "2026-07-20T00:00:00Z", "2027-01-01T00:00:00Z"), "2026-07-29T19:00Z", "2026-09-30T19:00Z", "2026-12-30T20:00Z")
}

func TestA10AnotherZone(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	p.clock("2026-11-10T12:00:00Z")
	past := p.starts("w", "2026-10-20T00:00:00Z", "2026-11-09T00:00:00Z")
	before := p.sequences("w")
	preview, form := p.preview("/series/w/edit", series(url.Values{"from": {"2026-11-11"}, "zone": {"berlin"}, "time": {"20:00"}}))
	says(t, preview, "Before After",
		"Wed 11 Nov 2026, 12:00 Pacific · 21:00 Berlin", "Wed 11 Nov 2026, 11:00 Pacific · 20:00 Berlin",
		"Wed 18 Nov 2026, 12:00 Pacific · 21:00 Berlin", "Wed 18 Nov 2026, 11:00 Pacific · 20:00 Berlin",
		"Wed 25 Nov 2026, 12:00 Pacific · 21:00 Berlin", "Wed 25 Nov 2026, 11:00 Pacific · 20:00 Berlin")
	p.confirm("/series/w/edit", form)
	are(t, "the past", p.starts("w", "2026-10-20T00:00:00Z", "2026-11-09T00:00:00Z"), past...)
	are(t, "what comes", p.starts("w", "2026-11-10T00:00:00Z", "2026-11-20T00:00:00Z"), "2026-11-11T19:00Z", "2026-11-18T19:00Z")
	after := p.sequences("w")
	if len(after) != 2 || after[0] <= before[0] {
		t.Errorf("SEQUENCE was %v and is %v", before, after)
	}
}

// sequences are the SEQUENCEs of the rules of a series, oldest first.
func (p *planner) sequences(slug string) []int {
	p.t.Helper()
	x, err := p.Store.Series(p.t.Context(), person.PublicViewer, slug)
	must(p.t, err)
	var list []int
	for _, r := range x.Rules {
		list = append(list, r.Sequence)
	}
	return list
}

// No page of the schedule ever shows an hour of which one has to guess the zone.
func TestA11NoBareHour(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	p.do("/sessions/2026-10-28-w/move", p.move("2026-10-28", "13:00", "the room is taken"))
	p.do("/sessions/2026-11-04-w/cancel", url.Values{"reason": {"release week"}})
	picture := regexp.MustCompile(`(?s)<figure.*?</figure>`) // names a zone in each row
	clock := regexp.MustCompile(`\d\d:\d\d(–\d\d:\d\d)?,?( \S+){0,4}`)
	for _, path := range []string{"/", "/schedule", "/series/w", "/sessions/2026-10-21-w", "/sessions/2026-10-28-w", "/sessions/2026-11-04-w"} {
		times := clock.FindAllString(plainText(picture.ReplaceAllString(p.see(path, ""), "")), -1)
		if len(times) == 0 {
			t.Errorf("%s shows no time", path)
		}
		for _, m := range times {
			if !strings.Contains(m, "Pacific") && !strings.Contains(m, "UTC") {
				t.Errorf("%s: %q names no zone", path, m)
			}
		}
	}
	says(t, p.see("/", ""), "12:00–14:30 Pacific · 19:00 UTC")
}

func TestA12AZoneByTheFootersForm(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	form := url.Values{"zone": {"Asia/Kathmandu"}, "clock": {"24"}, "return": {"/schedule"}}
	w := ask(t, p.Server, request{method: http.MethodPost, path: "/preferences", form: form, header: map[string]string{"Origin": "http://example.com", "Sec-Fetch-Site": "same-origin"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/schedule" {
		t.Fatalf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	cookie := w.Result().Cookies()[0]
	for path, want := range map[string]string{"/": "Thu 22 Oct, 00:45–03:15 your time (Kathmandu)", "/schedule": "Thu 22 Oct 00:45", "/series/w": "Thu 22 Oct 00:45", "/sessions/2026-10-21-w": "Thu 22 Oct, 00:45"} {
		body := ask(t, p.Server, request{path: path, header: map[string]string{"Cookie": cookie.Name + "=" + cookie.Value}}).Body.String()
		says(t, body, want)
		saysNot(t, body, "Wed 21 Oct 12:00", "Wed 21 Oct, 12:00–14:30")
	}
}

// The machine's own zone is nowhere in what people see: the tests of this file
// hold in whatever zone they run, and CI runs them in two.
func TestA13TheMachinesOwnZone(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.Now = func() time.Time { return p.at.In(time.FixedZone("Tokyo", 9*3600)) }
	p.w("2026-10-21")
	are(t, "starts", p.starts("w", "2026-10-20T00:00:00Z", "2026-11-05T00:00:00Z"), "2026-10-21T19:00Z", "2026-10-28T19:00Z", "2026-11-04T20:00Z")
	says(t, p.see("/sessions/2026-10-28-w", "Europe/Berlin"), "Wed 28 Oct, 20:00–22:30")
}

// move are the fields of a move of W.
func (p *planner) move(date, clock, why string) url.Values {
	return url.Values{"date": {date}, "time": {clock}, "zone": {pacific}, "length": {"150"}, "channel": {"freenode/eucalyptus-devel"}, "reason": {why}}
}

func TestA14AMoveKeepsItsAddress(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	uid := p.uid("2026-10-28-w")
	nell := p.browser(person.Actor{})
	nell.answer("/sessions/2026-10-28-w", "coming", url.Values{"nick": {"nell"}})
	preview, to := p.do("/sessions/2026-10-28-w/move", p.move("2026-10-28", "13:00", "the room is taken until one"))
	says(t, preview, "Wed 28 Oct 2026, 12:00 Pacific", "Wed 28 Oct 2026, 13:00 Pacific", "Who will be told", "#eucalyptus-devel on freenode")
	if to != "/sessions/2026-10-28-w" || p.uid("2026-10-28-w") != uid {
		t.Errorf("it is at %s and has the UID %s, was %s", to, p.uid("2026-10-28-w"), uid)
	}
	body := p.see("/sessions/2026-10-28-w", "Europe/Berlin")
	says(t, body, "Wed 28 Oct, 21:00–23:30 your time (Berlin)", "Moved by Mia: the room is taken until one.")
	if !regexp.MustCompile(`<s><time[^>]*>Wed 28 Oct, 20:00–22:30</time>\s*</s>`).MatchString(body) {
		t.Error("the old time is not struck")
	}
	if x := p.api("2026-10-28-w"); x.StartsAt != "2026-10-28T20:00:00Z" || x.MovedFrom != "2026-10-28T19:00:00Z" || x.Sequence == 0 {
		t.Errorf("%+v", x)
	}
	if !slices.Contains(p.audited("2026-10-28-w"), "move session") {
		t.Error("it is not in the audit log")
	}
	says(t, body, "1 coming", "Coming nell")
	says(t, nell.see("/sessions/2026-10-28-w"), "You are coming")
}

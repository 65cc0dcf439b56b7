package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testical"
)

// starts are the starts that a program finds, in UTC.
func starts(list []testical.Found) []string {
	var out []string
	for _, x := range list {
		out = append(out, x.Start.Format("2006-01-02 15:04"))
	}
	return out
}

// The rules that people get wrong, as both programs read them: the change of the
// clocks (A1, A3), every second week over a year of 53 (A8, I30), fifth and last
// weekdays (A9, I31), zones with odd offsets (I28). An hour that is missing or
// comes twice is not among them: both programs read it otherwise than RFC 5545
// section 3.3.5, and each in its own way.
func TestRulesAsOthersReadThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, zone, first, rule string
		from, till              string
		want                    string
	}{
		{"A1: autumn", pacific, "2026-10-21 12:00", "FREQ=WEEKLY;BYDAY=WE", "2026-10-20", "2026-11-06", "2026-10-21 19:00, 2026-10-28 19:00, 2026-11-04 20:00"},
		{"A3: spring", pacific, "2026-03-04 12:00", "FREQ=WEEKLY;BYDAY=WE", "2026-03-01", "2026-03-14", "2026-03-04 20:00, 2026-03-11 19:00"},
		{"A5: 2012", pacific, "2012-10-24 12:00", "FREQ=WEEKLY;BYDAY=WE", "2012-10-20", "2012-11-09", "2012-10-24 19:00, 2012-10-31 19:00, 2012-11-07 20:00"},
		{"A8, I30: a year of 53 weeks", "Europe/Berlin", "2026-12-17 20:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "2026-12-01", "2027-02-01", "2026-12-17 19:00, 2026-12-31 19:00, 2027-01-14 19:00, 2027-01-28 19:00"},
		{"A9, I31: fifth Wednesdays", pacific, "2026-07-29 12:00", "FREQ=MONTHLY;BYDAY=5WE", "2026-07-01", "2027-01-01", "2026-07-29 19:00, 2026-09-30 19:00, 2026-12-30 20:00"},
		{"I31: last Wednesdays", "Europe/Berlin", "2026-09-30 19:00", "FREQ=MONTHLY;BYDAY=-1WE", "2026-09-01", "2027-01-01", "2026-09-30 17:00, 2026-10-28 18:00, 2026-11-25 18:00, 2026-12-30 18:00"},
		{"I28: Kolkata", "Asia/Kolkata", "2026-10-21 19:00", "FREQ=WEEKLY;COUNT=2", "2026-10-01", "2026-12-01", "2026-10-21 13:30, 2026-10-28 13:30"},
		{"I28: Kathmandu", "Asia/Kathmandu", "2026-10-21 19:00", "FREQ=WEEKLY;COUNT=2", "2026-10-01", "2026-12-01", "2026-10-21 13:15, 2026-10-28 13:15"},
		{"I28: Sao Paulo, abolished", "America/Sao_Paulo", "2018-10-31 19:00", "FREQ=MONTHLY;BYMONTHDAY=-1", "2018-10-01", "2019-04-01", "2018-10-31 22:00, 2018-11-30 21:00, 2018-12-31 21:00, 2019-01-31 21:00, 2019-02-28 22:00, 2019-03-31 22:00"},
		{"I28: Lord Howe, half an hour", "Australia/Lord_Howe", "2026-09-30 19:00", "FREQ=WEEKLY;COUNT=2", "2026-09-01", "2026-11-01", "2026-09-30 08:30, 2026-10-07 08:00"},
		{"I28: Dublin", "Europe/Dublin", "2026-10-21 19:00", "FREQ=WEEKLY;COUNT=2", "2026-10-01", "2026-12-01", "2026-10-21 18:00, 2026-10-28 19:00"},
		{"I28: Casablanca in Ramadan", "Africa/Casablanca", "2027-02-03 19:00", "FREQ=WEEKLY;COUNT=2", "2027-02-01", "2027-03-01", "2027-02-03 18:00, 2027-02-10 19:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newSubscribed(t)
			c.now = date(tt.first).AddDate(0, 0, -8)
			c.weekly(func(r *hackfest.Series) {
				r.Zone, r.First, r.Rule, r.Length = tt.zone, date(tt.first), tt.rule, time.Hour
			})
			c.feed("/calendar/all.ics")
			body := c.get("/calendar/all.ics").Body.Bytes()
			from, till := date(tt.from+" 00:00"), date(tt.till+" 00:00")
			if got := strings.Join(starts(testical.ICALJS(t, body, from, till)), ", "); got != tt.want {
				t.Errorf("ical.js finds %s, want %s", got, tt.want)
			}
			if got := strings.Join(starts(testical.Khal(t, body, from, till)), ", "); got != tt.want {
				t.Errorf("khal finds %s, want %s", got, tt.want)
			}
			list, err := c.Store.Sessions(t.Context(), person.PublicViewer, store.SessionFilter{From: from, To: till})
			must(t, err)
			var ours []string
			for _, x := range list {
				ours = append(ours, x.StartsAt.Format("2006-01-02 15:04"))
			}
			if got := strings.Join(ours, ", "); got != tt.want {
				t.Errorf("we say %s, want %s", got, tt.want)
			}
		})
	}
}

// A6, A7, I29: the rule tells gaps and folds by the wall clock, as RFC 5545
// section 3.3.5 has it; what they mean on the days of the change is told by the
// instant, for those who read it otherwise.
func TestI29GapAndFold(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	c.now = time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)
	c.weekly(func(r *hackfest.Series) { r.First, r.Rule = date("2026-03-01 02:30"), "FREQ=WEEKLY;BYDAY=SU" })
	if x := c.on("weekly-hackfest", "2026-03-08"); x.StartsAt != time.Date(2026, 3, 8, 10, 30, 0, 0, time.UTC) {
		t.Errorf("the gap is at %s", x.StartsAt)
	}
	wants(t, events(c.feed("/calendar/all.ics"))[0], "DTSTART;TZID=America/Los_Angeles:20260301T023000", "DTEND;TZID=America/Los_Angeles:20260301T050000")
	wants(t, c.event(c.feed("/calendar/all.ics"), "RECURRENCE-ID;TZID=America/Los_Angeles:20260308T023000"), "DTSTART;TZID=America/Los_Angeles:20260308T033000", "DTEND;TZID=America/Los_Angeles:20260308T060000")
	c.now = time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)
	x := plan(t, c.Server, "Twice", time.Date(2026, 11, 1, 8, 30, 0, 0, time.UTC), nil)
	wants(t, c.event(c.feed("/calendar/all.ics"), "SUMMARY:Twice"), "DTSTART:20261101T083000Z", "DTEND;TZID=America/Los_Angeles:20261101T023000")
	_, err := c.Store.MoveSession(t.Context(), x.Slug, hackfest.SessionMove{StartsAt: x.StartsAt.Add(time.Hour), EndsAt: x.EndsAt, Reason: "Later.", OverlapOK: true}, 0, 0, c.now)
	must(t, err)
	wants(t, c.event(c.feed("/calendar/all.ics"), "SUMMARY:Twice"), "DTSTART:20261101T093000Z")
}

func TestA31InSydney(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	c.weekly(nil)
	body := c.get("/calendar/series/weekly-hackfest.ics").Body.Bytes()
	got := starts(testical.KhalIn(t, "Australia/Sydney", body, date("2026-10-27 00:00"), date("2026-11-07 00:00")))
	if strings.Join(got, ", ") != "2026-10-29 06:00, 2026-11-05 07:00" {
		t.Errorf("a client in Sydney shows %v", got)
	}
}

// A32, I40: what an independent program finds in each feed is what the API lists
// for the same.
func TestA32I40FeedsAreTheAPI(t *testing.T) {
	t.Parallel()
	c := filled(t)
	from, till := date("2026-09-01 00:00"), date("2027-02-01 00:00")
	for _, tt := range []struct {
		feed   string
		filter store.SessionFilter
	}{
		{"/calendar/all.ics", store.SessionFilter{}},
		{"/calendar/series/weekly-hackfest.ics", store.SessionFilter{Series: "weekly-hackfest"}},
		{"/calendar/targets/openshift-origin.ics", store.SessionFilter{Target: "openshift-origin"}},
		{"/calendar/channel/freenode/euca.ics", store.SessionFilter{Network: "freenode", Channel: "#euca"}},
		{"/calendar/channel/freenode/%23x.y.ics", store.SessionFilter{Network: "freenode", Channel: "##x.y"}},
	} {
		tt.filter.From, tt.filter.To, tt.filter.Limit = from, till, 1000
		list, err := c.Store.Sessions(t.Context(), person.PublicViewer, tt.filter)
		must(t, err)
		var want []string
		for _, x := range list {
			if x.State != hackfest.StateProposed {
				want = append(want, x.StartsAt.Format("2006-01-02 15:04"))
			}
		}
		body := c.get(tt.feed).Body.Bytes()
		for name, got := range map[string][]testical.Found{"ical.js": testical.ICALJS(t, body, from, till), "khal": testical.Khal(t, body, from, till)} {
			if a, b := strings.Join(starts(got), "\n"), strings.Join(want, "\n"); a != b || a == "" {
				t.Errorf("%s finds in %s\n%s\nthe API says\n%s", name, tt.feed, a, b)
			}
		}
	}
}

func TestA33I34Escaping(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	const title = "Talk, part 1; C:\\temp\nsecond 🦘 and more and more and more and more and more ünd möre"
	x := plan(t, c.Server, "Escapes", time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC), func(x *hackfest.Session) { x.Goal = title + "\x07" })
	alter(t, c.dsn, "update sessions set title = $2 where slug = $1", x.Slug, title) // no form lets that through
	body := c.get("/sessions/" + x.Slug + ".ics").Body.Bytes()
	checkBytes(t, body)
	got := testical.ICALJS(t, body, date("2026-10-01 00:00"), date("2026-11-01 00:00"))
	if len(got) != 1 || got[0].Summary != title || !strings.Contains(got[0].About, "\n"+title+"\n") {
		t.Errorf("parsed as %+v", got)
	}
}

func TestI35I36I37Content(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	c.weekly(func(r *hackfest.Series) { r.About = "<b>Bring</b> a cloud." })
	gregdek := join(t, c.Server, "gregdek", person.Member)
	unnamed := join(t, c.Server, "shy", person.Member)
	must(t, c.Store.AddChair(t.Context(), gregdek.ID, "weekly-hackfest", c.now))
	must(t, c.Store.AddChair(t.Context(), unnamed.ID, "weekly-hackfest", c.now))
	must(t, c.Store.SetListing(t.Context(), unnamed.ID, person.Settings{Unnamed: true, Revision: 1}))
	must(t, c.Store.SetMail(t.Context(), gregdek.ID, "secret@example.org"))
	e := events(c.feed("/calendar/all.ics"))[0]
	wants(t, e, "LOCATION:#euca on freenode", "CONTACT:gregdek", "URL:http://portal.example.org/series/weekly-hackfest/next",
		`DESCRIPTION:Join: irc://chat.freenode.net/euca\n<b>Bring</b> a cloud.\nChaired by gregdek.\nMore: http://portal.example.org/series/weekly-hackfest/next`)
	if strings.Contains(e, "secret@") || strings.Contains(e, "shy") {
		t.Errorf("tells too much:\n%s", e)
	}
	if w := c.get("/series/weekly-hackfest/next"); w.Code != http.StatusFound || w.Header().Get("Location") != "/sessions/2026-10-14-weekly-hackfest" {
		t.Errorf("its URL leads to %d %s", w.Code, w.Header().Get("Location"))
	}
}

// What is for members only is in no public calendar, not even as a date.
func TestI38MembersOnlyDates(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	c.weekly(nil)
	c.weekly(func(r *hackfest.Series) {
		r.Title, r.Visibility, r.OverlapOK = "Hidden series", person.MembersOnly, true
	})
	x := c.on("weekly-hackfest", "2026-10-21")
	alter(t, c.dsn, "update sessions set visibility = 'members' where slug = $1", x.Slug)
	text := c.feed("/calendar/all.ics")
	if len(events(text)) != 1 || strings.Contains(text, "Hidden") {
		t.Errorf("%s", text)
	}
	wants(t, events(text)[0], "EXDATE;TZID=America/Los_Angeles:20261021T120000")
	for _, path := range []string{"/calendar/series/hidden-series.ics", "/sessions/" + x.Slug + ".ics"} {
		if w := c.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
	w := ask(t, c.Server, request{path: "/sessions/" + x.Slug + ".ics", as: join(t, c.Server, "ann", person.Member)})
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Cache-Control"), "private") {
		t.Errorf("a member has it by %d, %s", w.Code, w.Header().Get("Cache-Control"))
	}
}

func TestA34I38PrivateCalendar(t *testing.T) {
	t.Parallel()
	c := newSubscribed(t)
	c.weekly(nil)
	c.weekly(func(r *hackfest.Series) {
		r.Title, r.Visibility, r.OverlapOK = "Hidden series", person.MembersOnly, true
	})
	c.weekly(func(r *hackfest.Series) { r.Title, r.Channel = "Somebody else’s", "##x.y" })
	ann := join(t, c.Server, "ann", person.Member)
	must(t, c.Store.AddChair(t.Context(), ann.ID, "weekly-hackfest", c.now))
	first, hash := auth.NewSecret()
	must(t, c.Store.SetCalendarLink(t.Context(), ann.ID, hash, c.now))
	path := func(secret string) string { return "/calendar/mine/" + secret + ".ics" }
	text := c.feed(path(first))
	if len(events(text)) != 2 || !strings.Contains(text, "Hidden series") || strings.Contains(text, "Somebody") || strings.Contains(text, first) {
		t.Errorf("ann reads %s", text)
	}
	w := c.get(path(first))
	if w.Header().Get("Cache-Control") != "private, no-cache" || w.Header().Get("X-Robots-Tag") != "noindex" || len(first) < 26 {
		t.Errorf("served with %v", w.Header())
	}
	if c.get(path(first), "If-None-Match", w.Header().Get("ETag")).Code != http.StatusNotModified {
		t.Error("fetched twice it is sent twice")
	}
	second, hash := auth.NewSecret()
	must(t, c.Store.SetCalendarLink(t.Context(), ann.ID, hash, c.now))
	if a, b := c.get(path(first)).Code, c.get(path(second)).Code; a != http.StatusNotFound || b != http.StatusOK {
		t.Errorf("replaced, the old one answers %d and the new one %d", a, b)
	}
	join(t, c.Server, "root", person.Admin)
	must(t, c.Store.Suspend(t.Context(), ann.ID, c.now))
	if w := c.get(path(second)); w.Code != http.StatusNotFound || w.Header().Get("X-Robots-Tag") != "noindex" {
		t.Errorf("suspended, ann reads it by %d", w.Code)
	}
	must(t, c.Store.Unsuspend(t.Context(), ann.ID))
	must(t, c.Store.RevokeCalendarLink(t.Context(), ann.ID))
	if code := c.get(path(second)).Code; code != http.StatusNotFound {
		t.Errorf("revoked, it answers %d", code)
	}
}

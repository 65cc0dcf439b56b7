package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// weekly is a series on Wednesdays at noon in Los Angeles, with its sessions
// from first on until the end of September.
func weekly(t *testing.T, s *Server, first time.Time, change func(*hackfest.Series)) {
	t.Helper()
	x := hackfest.Series{
		Slug: "weekly-hackfest", Title: "Weekly hackfest", Kind: hackfest.KindHackfest, Rule: "FREQ=WEEKLY;BYDAY=WE", Zone: pacific,
		Length: 150 * time.Minute, First: first, Network: "freenode", Channel: devel, OverlapOK: true,
	}
	if change != nil {
		change(&x)
	}
	_, err := s.Store.AddSeries(t.Context(), x, wednesday)
	must(t, err)
	_, err = s.Store.ExtendSeries(t.Context(), x.Slug, wednesday.AddDate(0, 0, 40), first)
	must(t, err)
}

func TestSeries(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	weekly(t, s, time.Date(2012, 8, 8, 12, 0, 0, 0, time.UTC), nil)
	first, err := s.Store.Session(t.Context(), viewerOf(nil), "2012-08-08-weekly-hackfest")
	must(t, err)
	k := listen(t, s, first)
	k.opening()
	k.close()
	s.Now = func() time.Time { return wednesday }
	body := page(t, s, "/series/weekly-hackfest")
	contains(t, body, `<h1 dir="auto">Weekly hackfest</h1>`, "Wednesdays 12:00–14:30, Pacific time", "/sessions/2012-08-22-weekly-hackfest",
		"/sessions/2012-08-29-weekly-hackfest", "/sessions/2012-09-05-weekly-hackfest", "draft", "no minutes", `<td class="num">3</td>`,
		`href="/minutes?series=weekly-hackfest"`, "/series/weekly-hackfest/next")
	lacks(t, body, "2012-09-12", "This series has ended.")
	_, archive, _ := strings.Cut(body, "Archive of the series")
	if a, b := strings.Index(archive, "2012-08-15-weekly"), strings.Index(archive, "2012-08-08-weekly"); a < 0 || b < a {
		t.Errorf("the archive is not newest first: %d, %d", a, b)
	}
	contains(t, page(t, s, "/schedule"), "Standing series", `href="/series/weekly-hackfest"`)
	contains(t, page(t, s, "/sessions/2012-08-22-weekly-hackfest"), `<a href="/series/weekly-hackfest"><bdi>Weekly hackfest</bdi></a>`,
		"Last time", "okapi to list the ports", "Weekly hackfest, 8 Aug")
	contains(t, page(t, s, "/sessions/2012-08-08-weekly-hackfest"), `rel="next">15 Aug →`)
	for _, path := range []string{"/series/none", "/series/none/next", "/series"} {
		if w := ask(t, s, request{path: path}); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestSeriesWithoutDates(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	weekly(t, s, time.Date(2012, 8, 1, 12, 0, 0, 0, time.UTC), func(x *hackfest.Series) { x.Rule += ";COUNT=2"; x.Title = hostile; x.Slug = "x" })
	body := page(t, s, "/series/x")
	contains(t, body, "This series has ended.", "2 times in all", "&lt;script&gt;alert(1)")
	lacks(t, body, "<script>alert")
	w := ask(t, s, request{path: "/series/x/next"})
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("nothing is next: %d", w.Code)
	}
	contains(t, w.Body.String(), "Nothing is planned", `href="/series/x"`)
	lacks(t, page(t, s, "/schedule"), "Standing series")
	weekly(t, s, time.Date(2013, 5, 1, 12, 0, 0, 0, time.UTC), nil) // further ahead than its sessions are made
	contains(t, page(t, s, "/series/weekly-hackfest"), "No dates are set at the moment.", "None has taken place yet.")
}

func TestSeriesNext(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	weekly(t, s, time.Date(2012, 8, 15, 12, 0, 0, 0, time.UTC), nil)
	plan(t, s, "Live, of no series", wednesday.Add(-time.Hour), nil)
	for _, tt := range []struct {
		name string
		now  time.Time
		want string
	}{
		{"before it", wednesday, "/sessions/2012-08-22-weekly-hackfest"},
		{"while it is live", wednesday.Add(3 * time.Hour), "/sessions/2012-08-22-weekly-hackfest"},
		{"a minute after its end", time.Date(2012, 8, 22, 21, 31, 0, 0, time.UTC), "/sessions/2012-08-29-weekly-hackfest"},
	} {
		s.Now = func() time.Time { return tt.now }
		if w := ask(t, s, request{path: "/series/weekly-hackfest/next"}); w.Code != http.StatusFound || w.Header().Get("Location") != tt.want {
			t.Errorf("%s: %d to %s, want %s", tt.name, w.Code, w.Header().Get("Location"), tt.want)
		}
	}
}

func TestArchiveOfASeriesGoesOn(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	weekly(t, s, time.Date(2011, 5, 4, 12, 0, 0, 0, time.UTC), nil) // 68 before wednesday
	var got int
	for path := "/series/weekly-hackfest"; path != ""; {
		body := page(t, s, path)
		_, table, _ := strings.Cut(body, "Archive of the series")
		got += strings.Count(table, `href="/sessions/`)
		path = link(body, "next")
	}
	if got != 68 {
		t.Errorf("%d sessions in all pages, want 68", got)
	}
}

func TestRuleWords(t *testing.T) {
	t.Parallel()
	monday := time.Date(2012, 8, 20, 17, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, rule, zone string
		twelve           bool
		want             string
	}{
		{"each week", "FREQ=WEEKLY;BYDAY=MO", pacific, false, "Mondays 17:00–18:00, Pacific time"},
		{"in English", "FREQ=WEEKLY", "Asia/Kolkata", true, "Mondays 5:00 pm–6:00 pm, India time"},
		{"every other week", "FREQ=WEEKLY;INTERVAL=2", "UTC", false, "Every second Monday 17:00–18:00, UTC"},
		{"every third week", "FREQ=WEEKLY;INTERVAL=3", "UTC", false, "Every third week on Monday 17:00–18:00, UTC"},
		{"with an end", "FREQ=WEEKLY;UNTIL=20120830T200000Z", "UTC", false, "Mondays 17:00–18:00, UTC, until 30 Aug 2012"},
		{"once", "FREQ=WEEKLY;COUNT=1", "UTC", false, "Mondays 17:00–18:00, UTC, once"},
		{"several days", "FREQ=WEEKLY;BYDAY=TH,TU", "UTC", false, "Tuesdays and Thursdays 17:00–18:00, UTC"},
		{"several days every other week", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "UTC", false, "Every second week on Monday and Friday 17:00–18:00, UTC"},
		{"last of the month", "FREQ=MONTHLY;BYDAY=-1WE", "UTC", false, "The last Wednesday of the month 17:00–18:00, UTC"},
		{"fifth of every other month", "FREQ=MONTHLY;INTERVAL=2;BYDAY=5WE", "UTC", false, "The fifth Wednesday of every second month 17:00–18:00, UTC"},
		{"a day of the month", "FREQ=MONTHLY", "UTC", false, "The 20th of the month 17:00–18:00, UTC"},
		{"each day", "FREQ=DAILY", "UTC", false, "Daily 17:00–18:00, UTC"},
		{"until, in its zone", "FREQ=WEEKLY;UNTIL=20120831T030000Z", pacific, false, "Mondays 17:00–18:00, Pacific time, until 30 Aug 2012"},
		{"the last workday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "UTC", false, "The last Monday, Tuesday, Wednesday, Thursday or Friday of the month 17:00–18:00, UTC"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &Server{}
			got := s.ruleWords(ui.Clock{Twelve: tt.twelve, Locate: s.locate}, hackfest.Series{Rule: tt.rule, First: monday, Zone: tt.zone, Length: time.Hour})
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Running minutes hold the decisions of all meetings, their summaries, and what
// is open: A52.
func TestRunningMinutes(t *testing.T) {
	t.Parallel()
	f := newSeriesTest(t)
	path := "/series/weekly-hackfest/minutes"
	contains(t, f.see(t, person.Actor{}, path), "No meeting of this series has been held yet.", "Nothing is open.")
	start := f.k.opening()
	f.k.close()
	m, err := f.Store.Minutes(t.Context(), viewerOf(nil), start)
	must(t, err)
	_, err = f.Store.PublishMinutes(t.Context(), start, m, "The first node is in.\n\nTwo to go.", "", f.k.clock())
	must(t, err)
	body := f.see(t, person.Actor{}, path)
	contains(t, body, "<p dir=\"auto\">The first node is in.</p>", "Two to go.", "images are named by id", "okapi to list the ports", `href="/meetings/`+start.String()+`"`)
	lacks(t, body, "a mirror", `action="/actions`)
	contains(t, f.see(t, join(t, f.Server, "Mel", person.Maintainer), path), `action="/actions/`)
	if w := ask(t, f.Server, request{path: "/series/none/minutes"}); w.Code != http.StatusNotFound {
		t.Errorf("of no series: %d", w.Code)
	}
}

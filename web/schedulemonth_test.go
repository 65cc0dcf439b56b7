package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

func TestMonth(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	must(t, s.Store.OpenChannels(t.Context(), "freenode", []string{"#other"}, irctext.RFC1459, wednesday))
	june := plan(t, s, "In June", time.Date(2012, 6, 30, 23, 0, 0, 0, time.UTC), nil)
	plan(t, s, "On the last evening of July", time.Date(2012, 8, 1, 6, 30, 0, 0, time.UTC), nil) // still July in Los Angeles
	x := plan(t, s, "AppScale", wednesday.Add(130*time.Minute), nil)
	plan(t, s, "Off", wednesday.AddDate(0, 0, 2), func(x *hackfest.Session) { x.State, x.Kind = hackfest.StateCancelled, hackfest.KindMeeting })
	plan(t, s, "In October", wednesday.AddDate(0, 2, 0), nil)
	august := page(t, s, "/schedule/2012/08")
	contains(t, august, "August 2012", "Days and times are Pacific time.", `<th scope="col"><abbr title="Monday">Mon</abbr></th>`,
		`<time datetime="2012-08-22">22 today</time>`, `<span class="mono">12:00</span>`, "/sessions/"+x.Slug, "<s><bdi>Off</bdi></s>",
		`<time datetime="2012-09-01">1 Sep</time>`, `href="/schedule/2012/07" rel="prev"`, `href="/schedule/2012/10" rel="next"`,
		`rel="canonical" href="http://portal.example.org/schedule/2012/08"`)
	lacks(t, august, "last evening of July", "In October", "this month", `name="robots"`)
	if n := strings.Count(august, "<tr>"); n != 6 { // the head, and 30 July to 2 September
		t.Errorf("%d rows", n)
	}
	contains(t, page(t, s, "/schedule?view=month"), "22 today", `rel="canonical" href="http://portal.example.org/schedule/2012/08"`)
	contains(t, page(t, s, "/schedule/2012/07"), "last evening of July", `href="/schedule/2012/06" rel="prev"`, "this month")
	lacks(t, page(t, s, "/schedule/2012/06"), `rel="prev"`)

	berlin := ask(t, s, request{path: "/schedule/2012/07", header: map[string]string{"Cookie": "hackfest_prefs=zone=Europe%2FBerlin"}}).Body.String()
	contains(t, berlin, "Days and times are yours (Berlin).", "/sessions/"+june.Slug, `<span class="mono">01:00</span>`)
	lacks(t, berlin, "last evening of July")

	meetings := page(t, s, "/schedule/2012/08?kind=meeting")
	contains(t, meetings, "Off", `href="/schedule?kind=meeting&amp;view=month"`, `href="/schedule?kind=meeting"`)
	lacks(t, meetings, "AppScale", `rel="next"`)
	contains(t, page(t, s, "/schedule/2012/08?channel=freenode/other"), "Nothing in August 2012 fits.", `href="/schedule/2012/08"`)
	empty := page(t, s, "/schedule/2013/01")
	contains(t, empty, "Nothing is planned in January 2013.", `href="/schedule/2012/10" rel="prev"`, `content="noindex"`)
	lacks(t, empty, `rel="next"`)
}

func TestMonthsThatAreNone(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, path := range []string{
		"/schedule/2012/13", "/schedule/2012/00", "/schedule/2012/8", "/schedule/0001/01", "/schedule/99999/01", "/schedule/2012", "/schedule/2012/08/01",
		"/schedule/2012/08?channel=freenode/nowhere", "/schedule/2012/08?target=none",
	} {
		if w := ask(t, s, request{path: path}); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, w.Code)
		}
	}
}

func TestHostileTextInAMonth(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	plan(t, s, hostile, wednesday, func(x *hackfest.Session) { x.Reason = hostile })
	plan(t, s, hostile, wednesday.Add(time.Hour), nil)
	for _, path := range []string{"/schedule/2012/08", "/schedule?view=month"} {
		body := page(t, s, path)
		lacks(t, body, "<script>alert", `href="javascript:`)
		contains(t, body, "&lt;script&gt;alert(1)&lt;/script&gt;")
	}
}

// What shares a channel's time is said in the list, in the month and on the
// page itself; of what is for members only the time.
func TestConflictsAreFlagged(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday.Add(2*time.Hour), nil)
	y := plan(t, s, "Storage design", wednesday.Add(3*time.Hour), nil)
	plan(t, s, "Over before", wednesday, nil)
	allowed := page(t, s, "/schedule")
	contains(t, allowed, "Shares its channel with", `<a href="/sessions/`+y.Slug+`"><bdi>Storage design</bdi></a>`, `<a href="/sessions/`+x.Slug+`"><bdi>AppScale</bdi></a>`)
	if n := strings.Count(allowed, "Shares its channel with"); n != 2 {
		t.Errorf("%d are flagged, want 2", n)
	}
	contains(t, page(t, s, "/schedule/2012/08"), "collides")
	contains(t, page(t, s, "/sessions/"+x.Slug), "Shares its channel with", "Storage design", "12:50–14:50")

	// A series that found its channel taken.
	weekly := hackfest.Series{
		Title: "Weekly", Kind: hackfest.KindMeeting, Rule: "FREQ=WEEKLY;BYDAY=WE", Zone: pacific, Length: time.Hour,
		First: time.Date(2012, 8, 22, 17, 0, 0, 0, time.UTC), Network: "freenode", Channel: devel, Foreign: "https://example.org/weekly.ics",
	}
	taken := plan(t, s, "Only once", time.Date(2012, 8, 30, 0, 0, 0, 0, time.UTC), func(x *hackfest.Session) { x.OverlapOK = false })
	_, err := s.Store.AddSeries(t.Context(), weekly, wednesday)
	must(t, err)
	contains(t, page(t, s, "/schedule"), "<b>Collides:</b>", "/sessions/"+taken.Slug)
	contains(t, page(t, s, "/series/weekly"), "<b>Collides:</b>", "Only once")
}

package web

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

func TestA21ACancelledDateKeepsItsPage(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	contains(t, p.see("/sessions/2026-10-28-w", ""), "Open IRC client")
	preview, to := p.do("/sessions/2026-10-28-w/cancel", url.Values{"reason": {"release week"}})
	says(t, preview, "Falls away W", "Wed 28 Oct 2026, 12:00–14:30, Pacific time", "Next W, Wed 21 Oct 2026")
	body := p.see(to, "Europe/Berlin")
	says(t, body, "Cancelled by Mia: release week. Next: W, Wed 21 Oct.")
	lacks(t, body, "Open IRC client", "irc://", "Join in browser")
	p.clock("2026-10-22T12:00:00Z")
	says(t, p.see(to, "Europe/Berlin"), "Next: W, Wed 4 Nov.")
	if x := p.api("2026-10-28-w"); x.Status != "cancelled" || x.Reason != "release week" {
		t.Errorf("%+v", x)
	}
}

// One line, one banner, and no reminder; mail is not part of this.
func TestA22CancelledTwoHoursBefore(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	p.clock("2026-10-21T17:00:00Z")
	preview, _ := p.do("/sessions/2026-10-21-w/cancel", url.Values{"reason": {"release week"}})
	says(t, preview, "“Cancelled: W · Wed 21 Oct 2026 12:00 PDT (America/Los_Angeles) = 19:00 UTC · release week · #eucalyptus-devel · http://portal.example.org/sessions/2026-10-21-w”",
		"within a minute", "It starts in 2 h: most calendars will not have caught up by then.", "Google 8 to 24 hours")
	must(t, p.Store.PlanDeliveries(t.Context(), p.at.Add(4*time.Hour), p.at.Add(time.Second)))
	due := p.due()
	if !slices.Equal(due, []string{"cancelled 17:00"}) {
		t.Errorf("announced are %v", due)
	}
	for _, path := range []string{"/", "/schedule", "/minutes"} {
		contains(t, p.see(path, ""), `class="notice soon banner"`, "Cancelled", "/sessions/2026-10-21-w")
	}
	p.clock("2026-10-21T22:00:00Z")
	lacks(t, p.see("/minutes", ""), "banner")
}

// due are the announcements that are noted, with the time at which they are due.
func (p *planner) due() []string {
	p.t.Helper()
	list, err := p.Store.QueueDeliveries(p.t.Context(), p.at.AddDate(1, 0, 0), p.at.AddDate(1, 0, 0), p.at.AddDate(1, 0, 0), p.at)
	must(p.t, err)
	var due []string
	for _, d := range list {
		due = append(due, string(d.Occasion)+" "+d.DueAt.Format("15:04"))
	}
	slices.Sort(due)
	return due
}

func TestA26ThisAndFollowing(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	p.clock("2026-10-23T12:00:00Z")
	preview, _ := p.do("/series/w/edit", series(url.Values{"from": {"2026-11-04"}, "time": {"13:00"}}))
	says(t, preview, "Wed 4 Nov 2026, 12:00 Pacific", "Wed 4 Nov 2026, 13:00 Pacific", "Dates before Wed 4 Nov 2026 stay as they are.")
	are(t, "starts", p.starts("w", "2026-10-20T00:00:00Z", "2026-11-12T00:00:00Z"),
		"2026-10-21T19:00Z", "2026-10-28T19:00Z", "2026-11-04T21:00Z", "2026-11-11T21:00Z")
	x, err := p.Store.Series(t.Context(), person.PublicViewer, "w")
	must(t, err)
	if len(x.Rules) != 2 || x.Rules[0].UID == x.Rules[1].UID {
		t.Errorf("%d rules: %+v", len(x.Rules), x.Rules)
	}
	days := map[string]int{}
	for _, at := range p.starts("w", "2026-10-20T00:00:00Z", "2027-10-20T00:00:00Z") {
		if days[at[:10]]++; days[at[:10]] > 1 {
			t.Errorf("%s is there twice", at[:10])
		}
	}
}

// Who changes or ends a series reads before what its channel is told at once.
func TestSeriesChangesThatAreNear(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	p.clock("2026-10-27T12:00:00Z")
	preview, _ := p.do("/series/w/edit", series(url.Values{"from": {"2026-10-28"}, "time": {"13:00"}}))
	says(t, preview, "“Moved: W · Wed 28 Oct 2026 13:00 PDT (America/Los_Angeles) = 20:00 UTC · was Wed 28 Oct 12:00 PDT = 19:00 UTC · #eucalyptus-devel · http://portal.example.org/sessions/2026-10-28-w”")
	preview, _ = p.do("/series/w/end", url.Values{"last": {"2026-10-27"}})
	says(t, preview, "“Cancelled: W · Wed 28 Oct 2026 13:00 PDT (America/Los_Angeles) = 20:00 UTC · The series has ended. · #eucalyptus-devel · http://portal.example.org/sessions/2026-10-28-w”")
}

// Where a session meets elsewhere, those who wait in the old channel are told too.
func TestTheOldChannelIsTold(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	p.clock("2026-10-27T12:00:00Z")
	moved := func(to string) string {
		return " on freenode “Moved: W · Wed 28 Oct 2026 12:00 PDT (America/Los_Angeles) = 19:00 UTC · " + to + " · http://portal.example.org/sessions/2026-10-28-w”"
	}
	preview, _ := p.do("/series/w/edit", series(url.Values{"from": {"2026-10-28"}, "channel": {"freenode/other"}}))
	says(t, preview, "#eucalyptus-devel"+moved("#other"), "#other"+moved("#other"))
	preview, _ = p.do("/sessions/2026-10-28-w/move", p.move("2026-10-28", "12:00", "back"))
	says(t, preview, "#eucalyptus-devel"+moved("back · #eucalyptus-devel"), "#other"+moved("back · #eucalyptus-devel"))
}

func TestA27Reinstated(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	uid, first := p.uid("2026-10-28-w"), p.api("2026-10-28-w").Sequence
	p.do("/sessions/2026-10-28-w/cancel", url.Values{"reason": {"release week"}})
	cancelled := p.api("2026-10-28-w").Sequence
	p.do("/sessions/2026-10-28-w/reinstate", nil)
	x := p.api("2026-10-28-w")
	if x.Status != "scheduled" || !(first < cancelled && cancelled < x.Sequence) || p.uid("2026-10-28-w") != uid {
		t.Errorf("%s with the SEQUENCEs %d, %d, %d and the UID %s, was %s", x.Status, first, cancelled, x.Sequence, p.uid("2026-10-28-w"), uid)
	}
	saysNot(t, p.see("/sessions/2026-10-28-w", ""), "Cancelled", "release week")
}

func TestA36ARenamedSeries(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	uid := p.uid("2026-10-28-w")
	if _, to := p.do("/series/w/rename", url.Values{"slug": {"weekly-hackfest"}}); to != "/series/weekly-hackfest" {
		t.Fatalf("it is at %s", to)
	}
	for old, now := range map[string]string{
		"/series/w": "/series/weekly-hackfest", "/series/w/next": "/series/weekly-hackfest/next", "/series/w/minutes": "/series/weekly-hackfest/minutes",
		"/calendar/series/w.ics": "/calendar/series/weekly-hackfest.ics", "/feeds/series/w.atom": "/feeds/series/weekly-hackfest.atom",
	} {
		if w := ask(t, p.Server, request{path: old}); w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != now && w.Header().Get("Location") != p.BaseURL+now {
			t.Errorf("%s: %d to %s", old, w.Code, w.Header().Get("Location"))
		}
		if w := ask(t, p.Server, request{path: now}); w.Code != http.StatusOK && w.Code != http.StatusFound {
			t.Errorf("%s: %d", now, w.Code)
		}
	}
	if p.uid("2026-10-28-w") != uid {
		t.Errorf("the UID is %s, was %s", p.uid("2026-10-28-w"), uid)
	}
}

func TestA37NextFollowsTheClock(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	for _, tt := range []struct{ name, now, next, live string }{
		{"before it", "2026-10-21T18:00:00Z", "/sessions/2026-10-21-w", "/next"},
		{"during it", "2026-10-21T20:00:00Z", "/sessions/2026-10-21-w", "/sessions/2026-10-21-w"},
		{"a minute after its end", "2026-10-21T21:31:00Z", "/sessions/2026-10-28-w", "/next"},
	} {
		p.clock(tt.now)
		for path, want := range map[string]string{"/next": tt.next, "/series/w/next": tt.next, "/now": tt.live} {
			if w := ask(t, p.Server, request{path: path}); w.Code != http.StatusFound || w.Header().Get("Location") != want {
				t.Errorf("%s, %s: %d to %s, want %s", tt.name, path, w.Code, w.Header().Get("Location"), want)
			}
		}
	}
}

func TestA38NothingIsScheduled(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	w := ask(t, p.Server, request{path: "/next"})
	if w.Code != http.StatusOK {
		t.Fatalf("%d", w.Code)
	}
	says(t, w.Body.String(), "Nothing is planned", "Subscribe to the calendar")
	contains(t, w.Body.String(), `href="/calendar"`)
	// What is cancelled or only proposed is nothing that is scheduled.
	plan(t, p.Server, "Perhaps", p.at.AddDate(0, 0, 7), func(x *hackfest.Session) { x.State = hackfest.StateProposed })
	plan(t, p.Server, "Off", p.at.AddDate(0, 0, 8), func(x *hackfest.Session) { x.State = hackfest.StateCancelled })
	if w := ask(t, p.Server, request{path: "/next"}); w.Code != http.StatusOK {
		t.Errorf("with what does not take place: %d to %s", w.Code, w.Header().Get("Location"))
	}
	_, err := p.Store.Sessions(t.Context(), person.PublicViewer, store.SessionFilter{})
	must(t, err)
}

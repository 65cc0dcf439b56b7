package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// The page of a session that has not begun, as it comes nearer. What belongs to
// other states is absent, not empty.
func TestSessionComesNearer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		ahead       time.Duration
		change      func(*hackfest.Session)
		want, lacks []string
	}{
		{
			"proposed", 72 * time.Hour, func(x *hackfest.Session) { x.State = hackfest.StateProposed },
			[]string{"Needs a chair.", "in no calendar", "proposed", "Open IRC client"},
			[]string{"Join it", `class="joinbar"`},
		},
		{
			"more than a day ahead", 25 * time.Hour, nil,
			[]string{"scheduled", "Open IRC client", "In whose night is this?", `id="stream"`},
			[]string{"Join it", `class="button go"`, "Starts <b", `class="joinbar"`},
		},
		{
			"within a day", 23 * time.Hour, nil,
			[]string{"Join it", `Starts <b data-until="2012-08-23T15:50:00Z">in 23 h</b>`, `class="button go"`, `id="stream"`},
			[]string{`class="joinbar"`, "about to start"},
		},
		{"within two hours", 2 * time.Hour, nil, []string{"Join it", "in 2 h", `id="stream"`}, []string{`class="joinbar"`}},
		{"ten minutes ahead", 10 * time.Minute, nil, []string{"It is about to start", "in 10 min", `class="joinbar"`}, []string{"Join it"}},
		{
			"moved", 25 * time.Hour, func(x *hackfest.Session) { x.MovedFrom, x.Reason = x.StartsAt.Add(-2*time.Hour), "The cloud is down." },
			[]string{"<s><time", "08:50–10:50", "Moved: The cloud is down.", "It was to be", "10:50–12:50"},
			[]string{"down.."},
		},
		{
			"cancelled", 25 * time.Hour, func(x *hackfest.Session) { x.State, x.Reason = hackfest.StateCancelled, "Release week." },
			[]string{"Cancelled: Release week.", "Nothing else is planned yet."},
			[]string{"IRC client", "#startmeeting", "In whose night", `id="stream"`},
		},
		{
			"cancelled and over", -200 * time.Hour, func(x *hackfest.Session) { x.State = hackfest.StateCancelled },
			[]string{"<b dir=\"auto\">Cancelled.</b>"},
			[]string{"IRC client", "No log was recorded"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			x := plan(t, s, "AppScale", wednesday.Add(tt.ahead), tt.change)
			body := page(t, s, "/sessions/"+x.Slug)
			contains(t, body, tt.want...)
			lacks(t, body, append(tt.lacks, `id="tail"`, "Session pulse", "Decisions", "Last time", "Reason")...)
		})
	}
}

// Live without a meeting: the page says how to begin one, and the way in stays
// in sight.
func TestSessionStarts(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday.Add(-5*time.Minute), nil)
	contains(t, page(t, s, "/sessions/"+x.Slug), "live, 5 min in", "#startmeeting", `class="joinbar"`, `href="irc://chat.freenode.net/eucalyptus-devel"`)
	c, err := s.Store.Channel(t.Context(), viewerOf(nil), "freenode", "eucalyptus-devel")
	must(t, err)
	must(t, s.Store.SetChannel(t.Context(), c.ID, "", "https://webchat.example.org/?channels=eucalyptus-devel"))
	contains(t, page(t, s, "/sessions/"+x.Slug), `<a class="button go" href="https://webchat.example.org/?channels=eucalyptus-devel">Join in browser</a>`)
}

func TestNextOfACancelledSessionIsOfItsSeries(t *testing.T) {
	t.Parallel()
	s, url := newServerAt(t)
	weekly(t, s, time.Date(2012, 8, 22, 12, 0, 0, 0, time.UTC), nil)
	plan(t, s, "Of no series", wednesday.Add(time.Hour), nil)
	alter(t, url, "update sessions set state = 'cancelled' where slug = '2012-08-22-weekly-hackfest'")
	contains(t, page(t, s, "/sessions/2012-08-22-weekly-hackfest"), `Next: <a href="/sessions/2012-08-29-weekly-hackfest">`)
}

// An ended session says when it was held, and when it had been planned if that
// is another time.
func TestPlannedAndHeld(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	late := plan(t, s, "AppScale", wednesday, nil)
	k := listen(t, s, late)
	k.pass(20 * time.Minute)
	k.opening()
	k.close()
	contains(t, page(t, s, "/sessions/"+late.Slug), "Wed 22 Aug, 10:10–10:19", "<dt>Planned</dt>", "Wed 22 Aug, 09:50–11:50", "9 min in")

	k.planned = nil
	k.pass(48 * time.Hour)
	k.say("ann", "#startmeeting Out of the blue")
	spot := "/sessions/" + k.clock().UTC().Format(time.DateOnly) + "-out-of-the-blue"
	contains(t, page(t, s, spot), "since", "Fri 24 Aug 17:19")
	k.pass(5 * time.Minute)
	k.say("ann", "#endmeeting")
	body := page(t, s, spot)
	contains(t, body, "no; it was begun in the channel")
	lacks(t, body, "18:19")
}

// One row an action, whoever took it; the number says how many there are.
func TestActionOfSeveral(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday, nil)
	k := listen(t, s, x)
	k.say("ann", "#startmeeting")
	k.say("bob", "here")
	k.say("ann", "#action ann and bob to write it down")
	k.say("ann", "#action somebody has to")
	k.say("ann", "#endmeeting")
	body := page(t, s, "/sessions/"+x.Slug)
	contains(t, body, `<h2>Actions</h2><span class="muted">2</span>`, "nobody yet")
	_, table, _ := strings.Cut(body, `aria-label="Actions"`)
	table, _, _ = strings.Cut(table, "</table>")
	if strings.Count(table, "<tr>") != 3 || strings.Count(table, "ann and bob to write") != 1 || strings.Contains(table, "Due") {
		t.Errorf("the table is %s", table)
	}
}

func TestPublishedMinutes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday, nil)
	k := listen(t, s, x)
	start := k.opening()
	k.close()
	draft := page(t, s, "/sessions/"+x.Slug)
	contains(t, draft, "A draft.")
	if strings.Index(draft, `class="rail"`) > strings.Index(draft, `class="col"`) {
		t.Error("facts come after the notes of a draft")
	}
	m, err := s.Store.Minutes(t.Context(), viewerOf(nil), start)
	must(t, err)
	_, err = s.Store.PublishMinutes(t.Context(), start, m, "", "", k.clock().AddDate(0, 0, 1))
	must(t, err)
	contains(t, page(t, s, "/sessions/"+x.Slug), "published without a summary", "<dt>Published</dt>", "23 Aug")
	_, err = s.Store.PublishMinutes(t.Context(), start, m, "It runs.", "the node joined "+hostile, k.clock().AddDate(0, 0, 2))
	must(t, err)
	body := page(t, s, "/sessions/"+x.Slug)
	contains(t, body, "It runs.", "Corrected", "24 Aug", "the node joined &lt;script&gt;")
	lacks(t, body, "A draft.", "<script>alert")
	if strings.Index(body, `class="rail"`) < strings.Index(body, `class="col"`) {
		t.Error("the summary does not come first")
	}
}

func TestNowLeadsToWhatIsLive(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	to := func() string {
		w := ask(t, s, request{path: "/now"})
		if w.Code != http.StatusFound || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("/now: %d", w.Code)
		}
		return w.Header().Get("Location")
	}
	if got := to(); got != "/next" {
		t.Errorf("nothing is live: to %s", got)
	}
	x := plan(t, s, "Now", wednesday.Add(-time.Minute), nil)
	if got := to(); got != "/sessions/"+x.Slug {
		t.Errorf("to %s", got)
	}
}

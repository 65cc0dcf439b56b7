package web

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

// meet holds a short meeting at a time.
func meet(t *testing.T, s *Server, title string, at time.Time) hackfest.Ref {
	t.Helper()
	x := plan(t, s, title, at, nil)
	k := listen(t, s, x)
	k.refs = int(at.Unix() % 100000 * 100) // no two meetings share a ref
	start := k.say("ann", "#startmeeting "+title)
	k.say("ann", "#action ann to do it")
	k.say("ann", "#endmeeting")
	s.Now = func() time.Time { return wednesday }
	return start
}

func TestMinutesArchive(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	contains(t, page(t, s, "/minutes"), "No meeting has been held yet.", "#startmeeting", `href="/schedule"`)
	meet(t, s, "Long ago", time.Date(2010, 3, 1, 20, 0, 0, 0, time.UTC))
	contains(t, page(t, s, "/minutes"), "Long ago") // nothing newer
	meet(t, s, "Last year", time.Date(2011, 11, 2, 20, 0, 0, 0, time.UTC))
	march := meet(t, s, "In March", time.Date(2012, 3, 2, 20, 0, 0, 0, time.UTC))
	meet(t, s, hostile, time.Date(2012, 8, 1, 20, 0, 0, 0, time.UTC))

	body := page(t, s, "/minutes")
	contains(t, body, "4 meetings since March 2010.", "August 2012", "March 2012", "draft", `href="/minutes?m=2012-03"`, `href="/minutes?y=2011"`, `href="/minutes?y=2010"`,
		`<link rel="alternate" type="application/atom+xml" title="Minutes" href="/feeds/minutes.atom">`, `<a href="/feeds/minutes.atom">Follow by Atom</a>`,
		"&lt;script&gt;alert(1)", `rel="next">Older</a>`)
	lacks(t, body, "Last year", "Long ago", "<script>alert")
	older := page(t, s, link(body, "next"))
	contains(t, older, "Last year", "Long ago")
	lacks(t, older, "In March")

	contains(t, page(t, s, "/minutes?y=2011"), "Last year", `href="/minutes?y=2011" aria-current="true"`, `href="/minutes?m=2011-11"`)
	lacks(t, page(t, s, "/minutes?y=2011"), "In March")
	contains(t, page(t, s, "/minutes?m=2010-03"), "Long ago")
	contains(t, page(t, s, "/minutes?m=2010-04"), "No meeting fits.")
	contains(t, page(t, s, "/minutes?m=rubbish&y=x&after=7"), "In March")

	m, err := s.Store.Minutes(t.Context(), viewerOf(nil), march)
	must(t, err)
	_, err = s.Store.PublishMinutes(t.Context(), march, m, "It runs "+strings.Repeat("and runs ", 40)+".\n\nSecond paragraph.", "", wednesday)
	must(t, err)
	body = page(t, s, "/minutes")
	contains(t, body, "It runs and runs", " …<", "minutes")
	lacks(t, body, "Second paragraph.")
}

func TestFirstLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, summary, want string }{
		{"nothing", "\n\n ", ""},
		{"one line", "It runs.", "It runs."},
		{"two paragraphs", "It runs.\r\n\r\nNext week again.", "It runs."},
		{"broken lines", "It\nruns.", "It runs."},
		{"long", strings.Repeat("word ", 60), strings.TrimSpace(strings.Repeat("word ", 32)) + " …"},
		{"one long word", strings.Repeat("ä", 200), strings.Repeat("ä", 160) + " …"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := firstLine(tt.summary); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCalendarOfALog(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const log = "/logs/freenode/eucalyptus-devel"
	contains(t, page(t, s, log), "Nothing was logged here yet.", `href="/schedule"`)
	meet(t, s, "Long ago", time.Date(2010, 3, 1, 20, 0, 0, 0, time.UTC))
	for day := range 5 {
		meet(t, s, "In August", time.Date(2012, 8, 1+day, 20, 0, 0, 0, time.UTC))
	}
	body := page(t, s, log)
	contains(t, body, "Newest day: Sun 5 Aug 2012", `<title id="activity-t">Calendar of activity</title>`, "September 2011 to August 2012. 15 messages on 5 days",
		`href="`+log+`/2012-08-03"`, "← March 2010 and before", "Show as table")
	lacks(t, body, "2010-03-01")
	before := page(t, s, link(body, "prev"))
	contains(t, before, "April 2009 to March 2010.", `href="`+log+`/2010-03-01"`, `href="`+log+`?until=2011-03" rel="next"`)
	lacks(t, before, "2012-08-03", `rel="prev"`, "<svg class=\"plot\" role=\"img\"") // one day is a sentence, no picture
	contains(t, page(t, s, log+"?until=rubbish"), "2012-08-03")
	contains(t, page(t, s, log+"?until=2011-03"), "Nothing was said.", `rel="prev"`, `rel="next"`)
}

// What the page of a meeting has to tell besides what was noted.
func TestMinutesPageIsWhole(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ref := meet(t, s, "Held", wednesday.AddDate(0, 0, -7))
	for n, note := range []string{"", "The first correction.", "The second <b>.", "The third."} {
		m, err := s.Store.Minutes(t.Context(), viewerOf(nil), ref)
		must(t, err)
		m.Regrets, m.Issues = []string{"carol"}, []minutes.Issue{{Repo: "eucalyptus/recipes", Number: 12}}
		_, err = s.Store.PublishMinutes(t.Context(), ref, m, "", note, wednesday.Add(time.Duration(n)*time.Hour))
		must(t, err)
	}
	held, err := s.Store.Meeting(t.Context(), viewerOf(nil), ref)
	must(t, err)
	body := page(t, s, "/sessions/"+held.SessionSlug)
	contains(t, body, "<dt>Held</dt><dd>Wednesday 15 August 2012, 09:50–09:50 PDT</dd>", "<dt>Regrets</dt>", "carol", "The third.", "The second &lt;b&gt;.",
		"The first correction.", `<bdi>eucalyptus/recipes#12</bdi>`, "nothing is known of it here",
		`href="/sessions/`+held.SessionSlug+`/log.txt"`, `href="/sessions/`+held.SessionSlug+`.ics"`)
	if third, first := strings.Index(body, "The third."), strings.Index(body, "The first correction."); first < third {
		t.Error("the newest correction is not first")
	}
}

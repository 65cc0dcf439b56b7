package web

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
)

func TestSessionBefore(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	_, err := s.Store.AddTarget(t.Context(), hackfest.Target{Slug: "appscale", Name: "AppScale", Stage: hackfest.StageTrying, StagedAt: wednesday}, wednesday)
	must(t, err)
	first := plan(t, s, "First try", wednesday.AddDate(0, 0, -7), func(x *hackfest.Session) { x.TargetSlug = "appscale" })
	_, err = s.Store.AddLesson(t.Context(), hackfest.Lesson{
		Text: "Start the head node on m1.xlarge", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeTarget,
		TargetSlug: "appscale", SessionSlug: first.Slug, PublishedAt: wednesday,
	}, wednesday)
	must(t, err)
	x := plan(t, s, "AppScale <again>", wednesday.Add(130*time.Minute), func(x *hackfest.Session) {
		x.TargetSlug, x.Goal = "appscale", "A cluster of four instances that serves the guestbook."
	})
	body := page(t, s, "/sessions/"+x.Slug)
	contains(t, body,
		"<title>AppScale &lt;again&gt; · Eucalyptus</title>", "in 2 h 10 min", "Wed 22 Aug, 12:00–14:00",
		`property="og:title" content="AppScale &lt;again&gt;, Wed 22 Aug 2012, 19:00 UTC (12:00 Pacific)"`,
		"In whose night is this?", "In the night for Bengaluru (Thu 00:30) and Tokyo (Thu 04:00).",
		`href="irc://chat.freenode.net/eucalyptus-devel"`, "serves the guestbook", "Start the head node on m1.xlarge",
		"/sessions/"+first.Slug, `href="/targets/appscale"`)
	lacks(t, body, "<again>", `id="tail"`, "No log was recorded")

	m := regexp.MustCompile(`<script type="application/ld\+json">(.*?)</script>`).FindStringSubmatch(body)
	if m == nil {
		t.Fatal("no JSON-LD")
	}
	var event map[string]any
	must(t, json.Unmarshal([]byte(m[1]), &event))
	if event["startDate"] != "2012-08-22T12:00:00-07:00" || event["name"] != "AppScale <again>" {
		t.Errorf("event %v", event)
	}
}

func TestSessionCancelledAndMoved(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	off := plan(t, s, "Release week", wednesday.AddDate(0, 0, 2), func(x *hackfest.Session) {
		x.State, x.Reason = hackfest.StateCancelled, "release week"
	})
	moved := plan(t, s, "AppScale", wednesday.AddDate(0, 0, 7), func(x *hackfest.Session) { x.MovedFrom = wednesday.AddDate(0, 0, 6) })
	body := page(t, s, "/sessions/"+off.Slug)
	contains(t, body, "Cancelled: release week.", "EventCancelled", `href="/sessions/`+moved.Slug+`"`)
	lacks(t, body, "In whose night", "Open IRC client")
	contains(t, page(t, s, "/sessions/"+moved.Slug), "<s><time", ">Tue 28 Aug, 09:50–11:50</time>", "</span></s>", "Wed 29 Aug, 09:50–11:50", "EventRescheduled")
}

func TestSessionLive(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale on Eucalyptus 3.1", wednesday, nil)
	k := listen(t, s, x)
	contains(t, page(t, s, "/sessions/"+x.Slug), "No meeting runs", "#startmeeting", "Nothing was said yet.")
	k.opening()
	body := page(t, s, "/sessions/"+x.Slug)
	contains(t, body, "live, 5 min in", `role="log"`, `<h2><bdi>Which image do we all use?</bdi></h2>`, "3 talking",
		"images are named by id", `href="https://sandbox.example.org/status" rel="nofollow ugc noopener"`,
		`data-count="decided">1<`, `data-count="noted">0<`, "?every=30", "js/live.")
	if n := strings.Count(body, `<li id="l-`); n != 9 {
		t.Errorf("%d lines in the tail, want 9", n)
	}
	lacks(t, body, `http-equiv="refresh"`)
	contains(t, page(t, s, "/sessions/"+x.Slug+"?every=30"), `<noscript><meta http-equiv="refresh" content="30"></noscript>`)
}

func TestSessionEnded(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale on Eucalyptus 3.1", wednesday, nil)
	k := listen(t, s, x)
	start := k.opening()
	k.close()
	body := page(t, s, "/sessions/"+x.Slug)
	contains(t, body, "ended", "Session pulse", "Talk was busiest", "Show as table", "1. Which image do we all use?",
		"images are named by id", "first node in", "3 spoke, 1 took an action", "9 min", "hackbot",
		`href="/meetings/`+start.String()+`.txt"`, "/sessions/"+x.Slug+"/log", "Nobody has written a summary yet.")
	lacks(t, body, "a mirror", "No log was recorded", `id="stream"`)

	m, err := s.Store.Minutes(t.Context(), viewerOf(nil), start)
	must(t, err)
	_, err = s.Store.PublishMinutes(t.Context(), start, m, "It runs, with notes.\n\nNext week again.", "", k.clock())
	must(t, err)
	contains(t, page(t, s, "/sessions/"+x.Slug), "<p dir=\"auto\">It runs, with notes.</p>", "<p dir=\"auto\">Next week again.</p>")
}

func TestSessionWithoutALog(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	gone := plan(t, s, "Nobody kept the log", wednesday.AddDate(0, 0, -3), nil)
	contains(t, page(t, s, "/sessions/"+gone.Slug), "No log was recorded.")
	talked := plan(t, s, "Only talk", wednesday.AddDate(0, 0, -1), nil)
	k := listen(t, s, talked)
	k.say("ann", "anybody here?")
	k.pass(3 * time.Hour)
	contains(t, page(t, s, "/sessions/"+talked.Slug), "No meeting was held.", "/sessions/"+talked.Slug+"/log")
}

func TestTwoMeetingsOfOneSession(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday, nil)
	k := listen(t, s, x)
	first := k.say("ann", "#startmeeting Morning")
	k.say("ann", "#endmeeting")
	k.pass(time.Minute)
	second := k.say("ann", "#startmeeting Evening")
	contains(t, page(t, s, "/sessions/"+x.Slug), "Earlier in this session", "Morning")
	k.say("ann", "#info the second")
	k.say("ann", "#endmeeting")
	body := page(t, s, "/sessions/"+x.Slug)
	if a, b := strings.Index(body, `id="m-`+first.String()), strings.Index(body, `id="m-`+second.String()); a < 0 || b < a {
		t.Errorf("meetings stand at %d and %d", a, b)
	}
	contains(t, page(t, s, "/sessions/"+x.Slug+"/minutes.txt"), "the second")
}

func TestMeetingAddresses(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday, nil)
	k := listen(t, s, x)
	start := k.opening()
	running := ask(t, s, request{path: "/meetings/" + start.String()})
	if running.Code != http.StatusFound || running.Header().Get("Location") != "/sessions/"+x.Slug {
		t.Errorf("while it runs: %d %s", running.Code, running.Header().Get("Location"))
	}
	contains(t, page(t, s, "/meetings/"+start.String()+".txt"), "images are named by id", "not ended")
	k.close()
	over := ask(t, s, request{path: "/meetings/" + start.String()})
	if got := over.Header().Get("Location"); got != "/sessions/"+x.Slug+"#m-"+start.String() {
		t.Errorf("when it is over: %s", got)
	}
	young := hackfest.RefAt(k.clock().Add(-time.Minute))
	young[15] = 7
	old := hackfest.RefAt(wednesday.AddDate(-1, 0, 0))
	for _, tt := range []struct {
		name, path, typ string
		code            int
	}{
		{"text", "/meetings/" + start.String() + ".txt", "text/plain; charset=utf-8", 200},
		{"Markdown", "/meetings/" + start.String() + ".md", "text/markdown; charset=utf-8", 200},
		{"HTML", "/meetings/" + start.String() + ".html", "text/html; charset=utf-8", 200},
		{"JSON of the session", "/sessions/" + x.Slug + "/minutes.json", "application/json", 200},
		{"no such form", "/meetings/" + start.String() + ".doc", "text/html; charset=utf-8", 404},
		{"on its way", "/meetings/" + young.String(), "text/html; charset=utf-8", 202},
		{"too old to be on its way", "/meetings/" + old.String(), "text/html; charset=utf-8", 404},
		{"no id", "/meetings/7", "text/html; charset=utf-8", 404},
		{"no such session", "/sessions/2012-01-01-none/minutes.txt", "text/html; charset=utf-8", 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := ask(t, s, request{path: tt.path})
			if w.Code != tt.code || w.Header().Get("Content-Type") != tt.typ {
				t.Errorf("%d %s, want %d %s", w.Code, w.Header().Get("Content-Type"), tt.code, tt.typ)
			}
			if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("CSP %q", csp)
			}
		})
	}
	var m minutes.Minutes
	must(t, json.Unmarshal(ask(t, s, request{path: "/meetings/" + start.String() + ".json"}).Body.Bytes(), &m))
	if m.Schema != minutes.Schema || m.ID != start || len(m.Decisions) != 1 || len(m.Actions) != 1 {
		t.Errorf("minutes %+v", m)
	}
}

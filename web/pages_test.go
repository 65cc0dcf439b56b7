package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// hostile is a text that must be shown as it is.
const hostile = `<script>alert(1)</script>"'>` + "\u202ejavascript:alert(2)"

func TestHomeBeforeAnything(t *testing.T) {
	t.Parallel()
	body := page(t, newServer(t), "/")
	contains(t, body, "A new portal", "HACKFEST_IRC=", "#startmeeting", `href="/manage">desk`, "hackfest admin user add")
}

func TestHomeShowsWhatIsNext(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	plan(t, s, "Last week", wednesday.AddDate(0, 0, -7), nil)
	plan(t, s, "Called off", wednesday.Add(time.Hour), func(x *hackfest.Session) {
		x.State, x.Reason = hackfest.StateCancelled, "Release week."
	})
	next := plan(t, s, "AppScale on Eucalyptus 3.1", wednesday.Add(130*time.Minute), func(x *hackfest.Session) { x.Goal = "A cluster of four." })
	plan(t, s, "In a month", wednesday.AddDate(0, 1, 0), nil)
	body := page(t, s, "/")
	contains(t, body, `<h1><a class="plain" href="/sessions/`+next.Slug+`"`, "in 2 h 10 min", "A cluster of four.", "chat.freenode.net",
		"Called off", "Release week.", "cancelled", "/join "+devel, `href="/sessions/`+next.Slug+`.ics">Add to calendar`)
	lacks(t, body, "A new portal", "In a month", `class="onair"`, "Last week")
}

// A11: whoever we know nothing about is told zone and UTC with every time.
func TestHomeNeverShowsABareHour(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	plan(t, s, "AppScale", wednesday.Add(130*time.Minute), nil)
	plan(t, s, "Moved", wednesday.AddDate(0, 0, 2), func(x *hackfest.Session) { x.MovedFrom = wednesday.AddDate(0, 0, 1) })
	body := page(t, s, "/")
	main := body[strings.Index(body, "<main"):]
	if i := strings.Index(main, "<figure"); i >= 0 { // the ribbon names a zone in each row
		main = main[:i] + main[strings.Index(main, "</figure>"):]
	}
	text := strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(main[:strings.Index(main, "</main>")], " ")), " ")
	times := regexp.MustCompile(`\d\d:\d\d(–\d\d:\d\d)?( \S+){0,4}`).FindAllString(text, -1)
	if len(times) < 4 {
		t.Fatalf("only %d times in %s", len(times), text)
	}
	for _, m := range times {
		if !strings.Contains(m, "Pacific") && !strings.Contains(m, "UTC") {
			t.Errorf("%q names no zone", m)
		}
	}
	contains(t, text, "12:00 Pacific · 19:00 UTC")
}

func TestLiveStripOnOtherPages(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	live := plan(t, s, "OpenShift Origin", wednesday.Add(-41*time.Minute), nil)
	contains(t, page(t, s, "/schedule"), `class="onair"`, "41 min in", "/sessions/"+live.Slug)
	home := page(t, s, "/")
	contains(t, home, "Follow it live", "live, 41 min in")
	lacks(t, home, `class="onair"`)
}

func TestNextLeadsToWhatIsLiveOrComes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	w := ask(t, s, request{path: "/next"})
	if w.Code != http.StatusOK {
		t.Fatalf("nothing planned: %d", w.Code)
	}
	contains(t, w.Body.String(), "Nothing is planned", `href="/schedule"`)
	live := plan(t, s, "Now", wednesday.Add(-time.Hour), nil)
	later := plan(t, s, "Later", wednesday.Add(4*time.Hour), nil)
	for _, tt := range []struct {
		name string
		now  time.Time
		want string
	}{
		{"while one is live", wednesday, live.Slug},
		{"a minute after its end", live.EndsAt.Add(time.Minute), later.Slug},
	} {
		s.Now = func() time.Time { return tt.now }
		w := ask(t, s, request{path: "/next"})
		if w.Code != http.StatusFound || w.Header().Get("Location") != "/sessions/"+tt.want || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d to %s", tt.name, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	plan(t, s, "Past thing", wednesday.AddDate(0, -1, 0), nil)
	plan(t, s, "This one", wednesday.AddDate(0, 0, 1), nil)
	plan(t, s, "Next one", wednesday.AddDate(0, 0, 7), func(x *hackfest.Session) { x.Kind = hackfest.KindMeeting })
	plan(t, s, "Far one", wednesday.AddDate(0, 1, 0), nil)
	body := page(t, s, "/schedule")
	contains(t, body, "This week", "20 Aug to 26 Aug", "Next week", "September 2012", "This one", "Next one", "Far one", "← earlier")
	lacks(t, body, "Past thing")
	body = page(t, s, "/schedule?kind=meeting")
	contains(t, body, "Next one")
	lacks(t, body, "This one")
	body = page(t, s, "/schedule?past=1")
	contains(t, body, "Past thing", "July 2012", "coming →")
	lacks(t, body, "This one")
	contains(t, page(t, s, "/schedule?kind=nonsense"), "Nothing here fits.")
	for _, path := range []string{"/schedule?channel=freenode/nowhere", "/schedule?target=none"} {
		if w := ask(t, s, request{path: path}); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	contains(t, page(t, s, "/schedule?after=rubbish"), "This one")
}

func TestScheduleGoesOnWhereThePageEnds(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for i := range schedulePage + 3 {
		plan(t, s, "Session "+string(rune('a'+i%26))+string(rune('a'+i/26)), wednesday.Add(time.Duration(i+1)*time.Hour), nil)
	}
	first := page(t, s, "/schedule?kind=hackfest")
	more := regexp.MustCompile(`href="(/schedule\?after=[^"]+)"`).FindStringSubmatch(first)
	if more == nil {
		t.Fatal("the first page leads nowhere")
	}
	second := page(t, s, strings.ReplaceAll(more[1], "&amp;", "&"))
	if a, b := strings.Count(first, `class="at"`), strings.Count(second, `class="at"`); a != schedulePage || b != 3 {
		t.Errorf("%d and %d sessions", a, b)
	}
	lacks(t, second, `href="/schedule?after=`)
}

func TestTargets(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	contains(t, page(t, s, "/targets"), "There are no targets yet.")
	_, err := s.Store.AddTarget(t.Context(), hackfest.Target{
		Slug: "openshift", Name: "OpenShift Origin", Stage: hackfest.StageNotes, Sentence: "It runs, with two notes.", StagedAt: wednesday.AddDate(0, 0, -8),
	}, wednesday)
	must(t, err)
	on := func(x *hackfest.Session) { x.TargetSlug = "openshift" }
	plan(t, s, "First try", wednesday.AddDate(0, 0, -21), on)
	plan(t, s, "Second try", wednesday.AddDate(0, 0, -14), func(x *hackfest.Session) { on(x); x.State = hackfest.StateCancelled })
	plan(t, s, "Third try", wednesday.AddDate(0, 0, -8), on)
	plan(t, s, "Two nodes", wednesday.AddDate(0, 0, 8), on)
	const label = "4 sessions: no outcome noted, cancelled, works with notes, coming"
	contains(t, page(t, s, "/targets"), "Works with notes <span>1</span>", "OpenShift Origin", label, "since 8 days", "one square a session")
	body := page(t, s, "/targets/openshift")
	contains(t, body, "It runs, with two notes.", "2 held", "1 cancelled", "Two nodes", "Take part", "Nothing learned on record yet.")
	contains(t, page(t, s, "/"), "is at <b>Works with notes</b>", label)
	if w := ask(t, s, request{path: "/targets/none"}); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "There is no such target.") {
		t.Errorf("no such target: %d", w.Code)
	}
}

func TestLessons(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	contains(t, page(t, s, "/lessons"), "Nothing learned on record yet.")
	_, err := s.Store.AddTarget(t.Context(), hackfest.Target{Slug: "openshift", Name: "OpenShift Origin"}, wednesday)
	must(t, err)
	taught := plan(t, s, "OpenShift", wednesday.AddDate(0, 0, -20), nil)
	for _, l := range []hackfest.Lesson{
		{Text: "Prepare Fedora 16, not 17.", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeTarget, TargetSlug: "openshift", SessionSlug: taught.Slug, PublishedAt: wednesday},
		{Text: "The newer cloud-init writes better logs.", Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeAll, PublishedAt: wednesday.Add(-time.Hour)},
		{Text: "Nobody has read this yet.", Kind: hackfest.LessonUnknown, Scope: hackfest.ScopeAll},
	} {
		_, err := s.Store.AddLesson(t.Context(), l, wednesday)
		must(t, err)
	}
	body := page(t, s, "/lessons")
	contains(t, body, "2 sentences.", "all 2", "avoid 1", "OpenShift Origin 1", "Prepare Fedora 16", "cloud-init", "the session", "August 2012")
	lacks(t, body, "Nobody has read")
	body = page(t, s, "/lessons?kind=avoid&target=openshift")
	contains(t, body, "Prepare Fedora 16")
	lacks(t, body, "cloud-init")
	contains(t, page(t, s, "/lessons?kind=unknown"), "No lesson fits.")
	contains(t, page(t, s, "/"), "Prepare Fedora 16", "session of 2 Aug")
}

func TestTextOfOthersIsShownAsText(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	_, err := s.Store.AddTarget(t.Context(), hackfest.Target{Slug: "x", Name: hostile, Sentence: hostile, About: hostile, Stage: hackfest.StageTrying}, wednesday)
	must(t, err)
	plan(t, s, hostile, wednesday.Add(-time.Minute), func(x *hackfest.Session) { x.Goal, x.Reason, x.TargetSlug = hostile, hostile, "x" })
	_, err = s.Store.AddLesson(t.Context(), hackfest.Lesson{Text: hostile, Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeTarget, TargetSlug: "x", PublishedAt: wednesday}, wednesday)
	must(t, err)
	for _, path := range []string{"/", "/schedule", "/targets", "/targets/x", "/lessons", "/minutes", "/next?" + "q=<script>alert(1)</script>", "/<script>alert(1)</script>"} {
		body := ask(t, s, request{path: strings.NewReplacer("<", "%3C", ">", "%3E").Replace(path)}).Body.String()
		lacks(t, body, "<script>alert", `href="javascript:`)
	}
	contains(t, page(t, s, "/targets/x"), "&lt;script&gt;alert(1)&lt;/script&gt;")
}

func TestTimesFollowTheLanguage(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	plan(t, s, "AppScale", wednesday.Add(130*time.Minute), nil)
	for _, tt := range []struct{ name, language, want string }{
		{"United States", "en-US,en;q=0.9", "12:00–2:00 pm"},
		{"Germany", "de-DE,en-US;q=0.5", "12:00–14:00"},
		{"not said", "", "12:00–14:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, s, request{path: "/", header: map[string]string{"Accept-Language": tt.language}})
			contains(t, w.Body.String(), tt.want)
			if !strings.Contains(w.Header().Get("Vary"), "Accept-Language") {
				t.Error("caches are not told")
			}
		})
	}
}

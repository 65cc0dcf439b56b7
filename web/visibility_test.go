package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// hiding are two portals with the same public community. Only one of them has
// things for members besides, with the canary in all their texts.
type hiding struct {
	plain, holds sample
	secret       []string // paths of what is hidden
}

func newHiding(t *testing.T) hiding {
	t.Helper()
	h := hiding{plain: newSample(t), holds: newSample(t)}
	for _, s := range []sample{h.plain, h.holds} { // what both have: a public channel and session, and a lesson
		must(t, s.Store.OpenChannels(t.Context(), "local", []string{"#cellar"}, irctext.RFC1459, thursday))
		plan(t, s.Server, "Cellar", thursday.AddDate(0, 0, -1), func(x *hackfest.Session) { x.Network, x.Channel = "local", "#cellar" })
	}
	h.hide(t)
	for _, s := range []sample{h.plain, h.holds} {
		now := s.Now
		listen(t, s.Server, hackfest.Session{Network: "local", Channel: "#cellar", StartsAt: thursday}).say("ann", "This is for everybody.")
		s.Now = now
		must(t, s.Store.PlanDeliveries(t.Context(), s.Now().Add(24*time.Hour), s.Now()))
	}
	alter(t, h.holds.dsn, `update deliveries d set state = 'unknown', settled_at = $1, reason = $2 from sessions s
		where s.id = d.session_id and s.title like $2 || '%'`, thursday, canary)
	return h
}

// hide adds what is for members: a channel with a live meeting, a session in a
// public channel with minutes, a restricted meeting of a public session, a
// series, what comes next, and a lesson that all this taught.
func (h *hiding) hide(t *testing.T) {
	t.Helper()
	s, now := h.holds, h.holds.Now
	const backroom = "#" + canary + "-backroom"
	must(t, s.Store.OpenChannels(t.Context(), "local", []string{backroom}, irctext.RFC1459, thursday))
	hidden := func(title, channel string, at time.Duration) hackfest.Session {
		return plan(t, s.Server, canary+" "+title, thursday.Add(at), func(x *hackfest.Session) {
			x.Network, x.Channel, x.Goal, x.TargetSlug = "local", channel, canary+" goal", "cloud-foundry"
		})
	}
	meet := func(x hackfest.Session, restricted bool, until ...string) hackfest.Ref {
		k := listen(t, s.Server, x)
		if x.Channel == "#cellar" {
			k.now.Add(int64(x.ID) * 60) // so that no two have a ref in common
		}
		start := k.say("tessv", "#startmeeting "+canary)
		if restricted {
			k.say("tessv", "#restrictlogs")
		}
		for _, text := range append([]string{"#topic " + canary, "#info " + canary, "#agreed " + canary, "#lesson " + canary, canary + " words"}, until...) {
			k.say("kestrel", "and "+canary)
			k.say("tessv", text)
		}
		return start
	}
	inBackroom := hidden("live", backroom, -10*time.Minute) // before the one that is live for everybody
	later := hidden("later", backroom, 45*time.Minute)
	inCellar := hidden("past", "#cellar", -48*time.Hour)
	_, err := s.Store.AddSeries(t.Context(), hackfest.Series{
		Slug: canary + "-series", Title: canary + " series", Kind: hackfest.KindMeeting, Network: "local", Channel: "#cellar", Zone: pacific,
		First: thursday.AddDate(0, 0, 8), Length: time.Hour, Rule: "FREQ=WEEKLY", Visibility: person.MembersOnly,
	}, thursday)
	must(t, err)
	alter(t, s.dsn, "update channels set visibility = 'members', purpose = $1 where name = $2", canary, backroom)
	alter(t, s.dsn, "update sessions set visibility = 'members' where title like $1 || '%'", canary)
	alter(t, s.dsn, "update sessions set series_id = (select id from series where slug = 'weekly-hackfest') where id in ($1, $2)", later.ID, inCellar.ID)
	_, err = s.Store.AddAgendaItem(t.Context(), inBackroom.ID, canary+" agenda", thursday)
	must(t, err)
	running := meet(inBackroom, false, "#startvote "+canary+"? yes, no", "#action kestrel to "+canary)
	past := meet(inCellar, false, "#action kestrel to "+canary, "#endmeeting")
	m, err := s.Store.Minutes(t.Context(), person.Viewer{Role: person.Member}, past)
	must(t, err)
	_, err = s.Store.PublishMinutes(t.Context(), past, m, canary, "", thursday)
	must(t, err)
	cellar, err := s.Store.Session(t.Context(), person.PublicViewer, "2026-03-04-cellar")
	must(t, err)
	restricted := meet(cellar, true, "#action kestrel to "+canary, "#endmeeting")
	for _, x := range []struct {
		slug string
		ref  hackfest.Ref
	}{{inCellar.Slug, past}, {cellar.Slug, restricted}, {inBackroom.Slug, running}} {
		lesson := hackfest.Lesson{Text: "Bring a second disk.", Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeAll, PublishedAt: thursday}
		_, err = h.plain.Store.AddLesson(t.Context(), lesson, thursday)
		must(t, err)
		if lesson.LineRef = x.ref; x.slug != cellar.Slug {
			lesson.SessionSlug = x.slug
		}
		_, err = s.Store.AddLesson(t.Context(), lesson, thursday)
		must(t, err)
	}
	s.Now = now
	for _, x := range []hackfest.Session{inBackroom, later, inCellar} {
		h.secret = append(h.secret, "/sessions/"+x.Slug)
	}
	for _, ref := range []hackfest.Ref{running, past, restricted} {
		h.secret = append(h.secret, "/meetings/"+ref.String(), "/l/"+ref.String())
	}
	h.secret = append(h.secret, "/series/"+canary+"-series", "/logs/local/"+canary+"-backroom")
}

// paths are all that can be read: every example of every GET.
func (h hiding) paths(t *testing.T) []string {
	t.Helper()
	var list []string
	must(t, chi.Walk(router(t, h.holds.Server), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if method == http.MethodGet && !strings.HasSuffix(route, "/live") && route != "/metrics" && route != "/healthz" && route != "/readyz" {
			list = append(list, examplesOf(t, route)...)
		}
		return nil
	}))
	return append(list, "/sessions/2026-03-04-cellar", "/sessions/2026-03-04-cellar/log", "/logs/local/cellar", "/logs/local/cellar/2026-03-04",
		"/logs/local/cellar/2026-03-03", "/logs/local/eucalyptus-meeting/2026-03-05", "/api/v1/channels/local/cellar/lines", "/api/v1/sessions/2026-03-04-cellar",
		"/minutes?y=2026", "/targets/cloud-foundry", "/lessons?kind=do-again", "/api/v1/sessions?limit=200", "/api/v1/meetings?limit=200",
		"/schedule/2026/03", "/schedule?past=1&kind=hackfest", "/people/kestrel", "/nothing/here")
}

// What differs between two portals, or two requests, by itself.
var (
	drawn   = regexp.MustCompile(`(name="once" value=")[^"]*|(127\.0\.0\.1(?::|%3A))\d+|(/signin/|/follow/confirm/|/unsubscribe/)[A-Za-z0-9_-]{43}`)
	renewed = regexp.MustCompile(`data-version="[^"]*"|urn:uuid:[0-9a-f-]{36}|[0-9a-z]{26}@hackfest`)
)

func alike(body string) string {
	body = strings.ReplaceAll(body, "\r\n ", "") // lines of calendars are folded
	return renewed.ReplaceAllString(drawn.ReplaceAllString(body, "$1$2$3"), "")
}

// What is for members is nowhere for the public: every page and every answer is
// to the letter what it would be if there were no such thing; so neither texts
// nor numbers nor gaps tell of it. Members find it where it belongs.
func TestMembersOnlyIsNowhere(t *testing.T) {
	t.Parallel()
	h := newHiding(t)
	mel := join(t, h.holds.Server, "Mel", person.Member)
	hers := signedIn(t, h.holds.Server, mel.ID)
	program := token(t, h.holds.Server, mel, person.ScopeRead)
	seen := map[string]bool{}
	paths := h.paths(t)
	paths = slices.DeleteFunc(paths, func(p string) bool { return strings.HasPrefix(p, "/calendar/mine/") }) // whoever has the secret is its person
	for _, p := range paths {
		without, with := ask(t, h.plain.Server, request{path: h.plain.path(p)}), ask(t, h.holds.Server, request{path: h.holds.path(p)})
		for name := range with.Header() {
			if strings.Contains(strings.ToLower(fmt.Sprint(with.Header()[name])), canary) {
				t.Errorf("%s: the header %s tells of it", p, name)
			}
		}
		body := alike(with.Body.String())
		if strings.Contains(strings.ToLower(body), canary) {
			t.Errorf("%s tells the public of it:\n%s", p, around(strings.ToLower(body), canary))
		} else if want := alike(without.Body.String()); with.Code != without.Code || with.Header().Get("Location") != without.Header().Get("Location") || body != want {
			t.Errorf("%s: %d and %d, to %q and %q; they differ at\n%s", p, without.Code, with.Code, without.Header().Get("Location"), with.Header().Get("Location"), difference(want, body))
		}
		header := hers
		if strings.HasPrefix(p, "/api/") {
			header = program
		}
		if strings.Contains(strings.ToLower(ask(t, h.holds.Server, request{path: h.holds.path(p), header: header}).Body.String()), canary) {
			seen[p] = true
		}
	}
	for _, p := range []string{
		"/", "/schedule", "/schedule?view=month", "/targets/cloud-foundry", "/lessons", "/minutes", "/people/Kestrel", "/privacy", "/status", "/conduct",
		"/api/v1/channels", "/api/v1/sessions", "/api/v1/meetings", "/api/v1/lessons", "/api/v1/series", "/logs/local/cellar/2026-03-03",
		"/api/v1/channels/local/cellar/lines", "/sessions/2026-03-04-cellar", "/sessions/2026-03-04-cellar/log",
	} {
		if !seen[p] {
			t.Errorf("a member does not find it at %s", p)
		}
	}
	t.Logf("%d answers compared; members find it in %d of them", len(paths), len(seen))

	now := h.holds.Now()
	for name, v := range map[string]person.Viewer{"public": person.PublicViewer, "members": mel.Viewer} {
		facts, err := h.holds.Store.Facts(t.Context(), v, now)
		must(t, err)
		text, err := json.Marshal(facts)
		must(t, err)
		if tells := strings.Contains(strings.ToLower(string(text)), canary); tells != (name == "members") {
			t.Errorf("what the bot answers %s from tells of it: %t", name, tells)
		}
	}
	facts, err := h.plain.Store.Facts(t.Context(), person.PublicViewer, now)
	must(t, err)
	other, err := h.holds.Store.Facts(t.Context(), person.PublicViewer, now)
	must(t, err)
	for _, q := range []string{"!next", "!now", "!schedule", "!targets", "!lessons"} {
		asked, _ := announce.Parse(q, false)
		if a, b := announce.Answer(facts, asked, "local", "x", now), announce.Answer(other, asked, "local", "x", now); !slices.Equal(a, b) {
			t.Errorf("%s is answered %q, and %q", q, a, b)
		}
	}
}

// That a channel is taken is told, since people have to know it; by what is not.
func TestTakenByWhatIsForMembers(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	x := plan(t, s.Server, canary, thursday.Add(55*time.Minute), func(x *hackfest.Session) { x.Network, x.Channel = "local", "#eucalyptus-meeting" })
	alter(t, s.dsn, "update sessions set visibility = 'members', overlap_ok = false where id = $1", x.ID)
	hers := signedIn(t, s.Server, join(t, s.Server, "Mel", person.Member).ID)
	for _, p := range []string{"/schedule", "/schedule?view=month", "/sessions/2026-03-05-office-hours"} {
		body := page(t, s.Server, p)
		lacks(t, strings.ToLower(body), canary)
		if !strings.Contains(body, "something else") && !strings.Contains(body, "collides") {
			t.Errorf("%s does not say that the channel is taken", p)
		}
		contains(t, ask(t, s.Server, request{path: p, header: hers}).Body.String(), canary)
	}
	y := x
	y.Title, y.OverlapOK = "Office hours again", false
	_, err := s.Store.AddSession(t.Context(), y, thursday)
	if fault.KindOf(err) != fault.Conflict || strings.Contains(fault.Message(err), canary) {
		t.Errorf("the same time, planned: %v", err)
	}
}

// around is what stands around a word, and difference where two texts part.
func around(text, word string) string {
	i := strings.Index(text, word)
	return text[max(0, i-200):min(len(text), i+200)]
}

func difference(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return "without: " + a[max(0, i-100):min(len(a), i+200)] + "\nwith: " + b[max(0, i-100):min(len(b), i+200)]
}

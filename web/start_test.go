package web

import (
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// alter changes what no method of the store changes yet, for the server over the
// database at url.
func alter(t *testing.T, url, sql string, args ...any) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { must(t, c.Close(t.Context())) }()
	_, err = c.Exec(t.Context(), sql, args...)
	must(t, err)
}

func TestStart(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	contains(t, page(t, s, "/start"), "Nothing is planned at the moment.", devel, `href="/privacy"`, `href="/conduct"`)
	_, err := s.Store.AddTarget(t.Context(), hackfest.Target{Slug: "appscale", Name: "AppScale"}, wednesday)
	must(t, err)
	x := plan(t, s, hostile, wednesday.Add(2*time.Hour), func(x *hackfest.Session) { x.TargetSlug, x.Goal = "appscale", hostile })
	body := page(t, s, "/start")
	contains(t, body, "The next one is", "/sessions/"+x.Slug, "/join "+devel, "chat.freenode.net", "first time here", "Open IRC client", `href="/targets/appscale"`)
	lacks(t, body, "<script>alert", "Join in browser", "It is on now")
	_, err = s.Store.AddLesson(t.Context(), hackfest.Lesson{
		Text: "Start on m1.xlarge.", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeTarget, TargetSlug: "appscale", PublishedAt: wednesday,
	}, wednesday)
	must(t, err)
	s.Now = func() time.Time { return wednesday.Add(3 * time.Hour) }
	contains(t, page(t, s, "/start"), "It is on now:", "They are talking now", "Start on m1.xlarge.")
}

func TestGroundRules(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	contains(t, page(t, s, "/privacy"), "[off]", devel, "Have a line removed", "maintainer")
	contains(t, page(t, s, "/conduct"), "Answer newcomers first.", `href="/privacy"`)
	home := page(t, s, "/")
	contains(t, home, `<a href="/start">Help: your first hackfest</a>`, `href="/people"`, `href="/conduct"`, `href="/privacy"`, `href="/status"`)
	lacks(t, home, "127.0.0.1:8080")
}

func TestStatusPage(t *testing.T) {
	t.Parallel()
	s, url := newServerAt(t)
	contains(t, page(t, s, "/status"), "The portal answers.", "It runs in another process", "test", "None.")

	heard := wednesday.Add(-time.Minute)
	s.Bot = func() BotHealth {
		return BotHealth{DatabaseAway: &heard, Networks: []NetworkHealth{
			{Network: "freenode", State: "online", Nick: "hackbot", Channels: []string{devel}, LastLineAt: &heard},
			{Network: "oftc", State: "waiting", Nick: "hackbot", Error: "refused: your address 192.0.2.9 is banned"},
			{Network: "local", State: "connecting"},
			{Network: "alone", State: "online"},
		}}
	}
	body := page(t, s, "/status")
	contains(t, body, "freenode", "there", "not there; it tries again", "on its way", "connected, in no channel", "keeps what is said", "nothing yet")
	lacks(t, body, "192.0.2.9")

	x := plan(t, s, "AppScale", wednesday.Add(time.Hour), nil)
	for i, state := range []string{"unknown", "dropped", "sent"} {
		alter(t, url, `insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, starts_at, due_at, state, reason, missed, created_at, settled_at)
			select 'session/' || $1::int, 'irc', 'freenode/#x', 'ten', s.channel_id, s.id, s.starts_at, s.starts_at, $2, 'The bot was not there.', $2 = 'dropped', $3, $3
			from sessions s where s.slug = $4`, i, state, wednesday, x.Slug)
	}
	body = page(t, s, "/status")
	contains(t, body, "unknown", "not said", "that it starts in ten minutes", "/sessions/"+x.Slug, "The bot was not there.")
	lacks(t, body, "None.")
	alter(t, url, "update sessions set visibility = 'members'")
	lacks(t, page(t, s, "/status"), "/sessions/"+x.Slug)
}

func TestStatusPageWithoutDatabase(t *testing.T) {
	t.Parallel()
	w := ask(t, awayServer(t), request{path: "/status"})
	if w.Code != http.StatusOK {
		t.Fatalf("%d", w.Code)
	}
	contains(t, w.Body.String(), "does not answer", "Meetings go on", "test")
}

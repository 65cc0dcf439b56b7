package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// introduce makes a person who opted in to be listed and has proven a nick, for
// the server over the database at url.
func introduce(t *testing.T, url, name, network, nick string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { must(t, c.Close(t.Context())) }()
	_, err = c.Exec(t.Context(), `
		with p as (insert into people (name, listed, zone, created_at) values ($1, true, 'Europe/Berlin', '2010-01-01') returning id)
		insert into identities (person_id, kind, network, value, proven_at, since)
		select p.id, 'nick', $2, $3, '2010-01-01', '2010-01-01' from p`, name, network, nick)
	must(t, err)
}

// newServerAt is newServer over a database whose address is known.
func newServerAt(t *testing.T) (*Server, string) {
	t.Helper()
	url := testdb.URL(t)
	pool, err := store.NewPool(t.Context(), url)
	must(t, err)
	t.Cleanup(pool.Close)
	s := testServer(store.New(pool))
	must(t, s.Store.AddNetwork(t.Context(), "freenode", "chat.freenode.net", wednesday))
	must(t, s.Store.OpenChannels(t.Context(), "freenode", []string{devel}, irctext.Casemapping(""), wednesday))
	return s, url
}

func TestNobodyIsListedUnasked(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday, nil)
	k := listen(t, s, x)
	k.opening()
	k.close()
	contains(t, page(t, s, "/people"), "Nobody has asked to be listed.", `href="/minutes"`)
	w := ask(t, s, request{path: "/people/okapi"})
	if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "There is no such person.") {
		t.Errorf("somebody who spoke and is not listed: %d", w.Code)
	}
	unknown := ask(t, s, request{path: "/people/nobody"})
	same := strings.NewReplacer("okapi", "", "nobody", "")
	if same.Replace(unknown.Body.String()) != same.Replace(w.Body.String()) {
		t.Error("the page of who did not opt in differs from that of nobody")
	}
	lacks(t, page(t, s, "/sessions/"+x.Slug), `href="/people/`)
}

func TestPerson(t *testing.T) {
	t.Parallel()
	s, url := newServerAt(t)
	introduce(t, url, "Otto <Kapitza>", "freenode", "okapi")
	introduce(t, url, hostile, "freenode", "mallory")
	x := plan(t, s, "AppScale", wednesday, nil)
	k := listen(t, s, x)
	k.opening()
	ref := k.say("okapi", "m1.small is too small")
	k.close()
	_, err := s.Store.AddLesson(t.Context(), hackfest.Lesson{
		Text: "Take a larger one.", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll, SessionSlug: x.Slug, LineRef: ref, PublishedAt: wednesday,
	}, wednesday)
	must(t, err)

	list := page(t, s, "/people")
	contains(t, list, "Otto &lt;Kapitza&gt;", `href="/people/Otto%20%3CKapitza%3E"`, "okapi", "Berlin time")
	body := page(t, s, "/people/Otto%20%3CKapitza%3E")
	contains(t, body, "<h1 dir=\"auto\">Otto &lt;Kapitza&gt;</h1>", "okapi", "Berlin time, now Wed 1", "/sessions/"+x.Slug,
		"okapi to list the ports", "Take a larger one.", `rel="canonical" href="http://portal.example.org/people/Otto%20%3CKapitza%3E"`)
	contains(t, page(t, s, "/people/okapi"), "Otto &lt;Kapitza&gt;")
	for _, path := range []string{"/people", "/people/mallory"} {
		body := page(t, s, path)
		lacks(t, body, "<script>alert", `href="javascript:`)
		contains(t, body, "&lt;script&gt;alert(1)")
	}
	contains(t, page(t, s, "/people/mallory"), "None on record yet.", "None taken on record.")

	// Where nicks stand, those of listed people lead to their pages.
	ended := page(t, s, "/sessions/"+x.Slug)
	contains(t, ended, `<a class="nick" href="/people/Otto%20%3CKapitza%3E"><bdi>okapi</bdi></a>`)
	lacks(t, ended, `href="/people/tessv"`, `href="/people/kestrel"`)
}

func TestPeopleGoesOnWhereThePageEnds(t *testing.T) {
	t.Parallel()
	s, url := newServerAt(t)
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	_, err = c.Exec(t.Context(), `insert into people (name, listed, created_at) select 'Person ' || to_char(n, 'FM000'), true, $2 from generate_series(1, $1::int) n`,
		peoplePage+2, wednesday.Add(-time.Hour))
	must(t, err)
	must(t, c.Close(t.Context()))
	first := page(t, s, "/people")
	more := link(first, "next")
	if strings.Count(first, `href="/people/Person`) != peoplePage || more == "" {
		t.Fatalf("%d people, more at %q", strings.Count(first, `href="/people/Person`), more)
	}
	second := page(t, s, more)
	if strings.Count(second, `href="/people/Person`) != 2 || link(second, "next") != "" {
		t.Errorf("the second page has %d", strings.Count(second, `href="/people/Person`))
	}
}

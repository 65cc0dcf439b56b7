package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// submit sends a form as somebody and returns the answer.
func submit(t *testing.T, s *Server, a person.Actor, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return ask(t, s, request{method: http.MethodPost, path: path, form: form, as: a})
}

// seenBy is the page that somebody is shown.
func seenBy(t *testing.T, s *Server, a person.Actor, path string) string {
	t.Helper()
	w := ask(t, s, request{path: path, as: a})
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// landed fails t unless w leads on, and returns the page it leads to.
func landed(t *testing.T, s *Server, a person.Actor, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	return seenBy(t, s, a, w.Header().Get("Location"))
}

func TestAdministrationIsForAdmins(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	people := map[person.Role]person.Actor{
		person.Anonymous: {}, person.Member: join(t, s, "mel", person.Member),
		person.Maintainer: join(t, s, "mia", person.Maintainer), person.Admin: join(t, s, "ada", person.Admin),
	}
	for _, r := range s.Inventory() {
		if r.Action != person.Administer && r.Action != person.AppointChair {
			continue
		}
		path := strings.NewReplacer("{person}", "mel", "{network}", "freenode", "{channel}", "eucalyptus-devel", "{job}", "7", "{role}", "member",
			"{series}", "none", "{session}", "none").Replace(r.Pattern)
		for role, who := range people {
			w := ask(t, s, request{method: r.Method, path: path, form: url.Values{}, as: who})
			may := role == person.Admin || role == person.Maintainer && r.Action == person.AppointChair
			want := http.StatusForbidden
			if role == person.Anonymous {
				want = http.StatusUnauthorized
				if r.Method == http.MethodGet {
					want = http.StatusSeeOther
				}
			}
			if may == (w.Code == want) || !may && w.Code != want || w.Code >= 500 {
				t.Errorf("%s %s as %q: %d", r.Method, path, role, w.Code)
			}
		}
	}
	list, err := s.Store.AuditEntries(t.Context(), store.AuditFilter{Person: "mia", Action: string(person.Administer), Limit: 100})
	must(t, err)
	if len(list) < 10 || !list[0].Refused {
		t.Errorf("%d refusals are in the audit log", len(list))
	}
}

func TestRolesAndStanding(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada, mel := join(t, s, "ada", person.Admin), join(t, s, "mel", person.Member)
	role := func(name string) person.Role {
		a, err := s.Store.Account(t.Context(), name)
		must(t, err)
		return a.Role
	}

	body := landed(t, s, ada, submit(t, s, ada, "/admin/people/mel/role", url.Values{"role": {"maintainer"}, "was": {"member"}}))
	contains(t, body, "mel is a maintainer now.", `action="/admin/people/mel/role/member"`)
	landed(t, s, ada, submit(t, s, ada, "/admin/people/mel/role/member", nil))
	if role("mel") != person.Member {
		t.Errorf("not taken back: %s", role("mel"))
	}
	for name, tt := range map[string]struct {
		path string
		form url.Values
		code int
		says string
	}{
		"no such role":              {"/admin/people/mel/role", url.Values{"role": {"owner"}}, 422, "Choose a role"},
		"somebody was faster":       {"/admin/people/mel/role", url.Values{"role": {"admin"}, "was": {"maintainer"}}, 409, "made them a member meanwhile"},
		"nobody":                    {"/admin/people/nobody/role", url.Values{"role": {"admin"}}, 404, "Nobody is called nobody here."},
		"the last admin steps down": {"/admin/people/ada/role", url.Values{"role": {"member"}, "was": {"admin"}}, 409, "No admin would be left."},
		"suspends oneself":          {"/admin/people/ada/suspend", nil, 409, "You cannot suspend yourself."},
		"a name without letters":    {"/admin/people", url.Values{"person": {" "}, "role": {"member"}}, 422, "A name is needed."},
		"a name that is taken":      {"/admin/people", url.Values{"person": {"MEL"}, "role": {"member"}}, 409, "Somebody is called MEL already."},
		"a name too long":           {"/admin/people", url.Values{"person": {strings.Repeat("x", 65)}, "role": {"member"}}, 422, "A name has at most 64 characters."},
	} {
		w := submit(t, s, ada, tt.path, tt.form)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: %d\n%s", name, w.Code, w.Body)
		}
	}
	if w := submit(t, s, mel, "/admin/people/mel/role", url.Values{"role": {"admin"}}); w.Code != http.StatusForbidden || role("mel") != person.Member {
		t.Errorf("raises herself: %d, %s", w.Code, role("mel"))
	}

	// With a second admin the first may go; neither can be the last to.
	landed(t, s, ada, submit(t, s, ada, "/admin/people", url.Values{"person": {"bea"}, "role": {"admin"}}))
	bea := signedUp(t, s, "bea")
	if w := submit(t, s, ada, "/admin/people/ada/role", url.Values{"role": {"member"}, "was": {"admin"}}); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/?did=") {
		t.Errorf("steps down: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if role("ada") != person.Member {
		t.Error("did not step down")
	}
	body = landed(t, s, bea, submit(t, s, bea, "/admin/people/mel/suspend", nil))
	contains(t, body, "mel is suspended", `action="/admin/people/mel/unsuspend"`, "Let them in again")
	if w := submit(t, s, bea, "/admin/people/mel/link", nil); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Let them in again first.") {
		t.Errorf("a link for who is suspended: %d", w.Code)
	}
	contains(t, landed(t, s, bea, submit(t, s, bea, "/admin/people/mel/unsuspend", nil)), "mel may come in again.")
}

// signedUp is somebody who is there already.
func signedUp(t *testing.T, s *Server, name string) person.Actor {
	t.Helper()
	a, err := s.Store.Account(t.Context(), name)
	must(t, err)
	return person.Actor{Viewer: person.Viewer{ID: a.ID, Role: a.Role}, Name: a.Name}
}

func TestSigninLinkIsShownOnce(t *testing.T) {
	t.Parallel()
	s, db := newServerAt(t)
	ada := join(t, s, "ada", person.Admin)
	join(t, s, "mel", person.Member)
	w := submit(t, s, ada, "/admin/people/mel/link", nil)
	_, secret, found := strings.Cut(w.Body.String(), s.BaseURL+"/signin/")
	if w.Code != http.StatusCreated || !found || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d, %q\n%s", w.Code, w.Header().Get("Cache-Control"), w.Body)
	}
	secret, _, _ = strings.Cut(secret, "<")
	for _, q := range []string{`select after::text from audit where after is not null`, `select location || said from changes`, `select object from audit`} {
		if all := strings.Join(column(t, db, q), " "); strings.Contains(all, secret) {
			t.Errorf("the link is kept: %s", all)
		}
	}
	if w := ask(t, s, request{path: "/signin/" + secret}); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "mel") {
		t.Errorf("the link: %d\n%s", w.Code, w.Body)
	}
}

func TestFindPeople(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := join(t, s, "ada", person.Admin)
	for i := range adminMost + 5 {
		join(t, s, fmt.Sprintf("Mel%03d", i), person.Member)
	}
	body := seenBy(t, s, ada, "/admin/people?name=MEL")
	contains(t, body, "Mel000", "Mel099", "after=Mel099")
	lacks(t, body, "Mel100", `href="/admin/people/ada"`)
	body = seenBy(t, s, ada, "/admin/people?after=Mel099&name=mel")
	contains(t, body, "Mel100", "Mel104")
	lacks(t, body, "Mel099<", `rel="next"`)
	contains(t, seenBy(t, s, ada, "/admin/people?name=nobody"), "Nobody has such a name.")
	join(t, s, "a/b ü?", person.Member)
	contains(t, seenBy(t, s, ada, "/admin/people/a%2Fb%20%C3%BC%3F"), "a/b ü?", `action="/admin/people/a%2Fb%20%C3%BC%3F/role"`)
}

func TestChairsAreAppointed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	mia, mel := join(t, s, "mia", person.Maintainer), join(t, s, "mel", person.Member)
	x := plan(t, s, "One-off", wednesday.Add(time.Hour), nil)
	_, err := s.Store.AddSeries(t.Context(), hackfest.Series{
		Slug: "weekly", Title: "Weekly", Kind: hackfest.KindMeeting, Network: "freenode", Channel: devel, Zone: pacific, First: wednesday,
		Length: time.Hour, Rule: "FREQ=WEEKLY",
	}, wednesday)
	must(t, err)
	runs := func(path string) bool {
		o, err := s.Store.RelationToSession(t.Context(), mel.Viewer, path)
		must(t, err)
		return person.Can(mel, person.RunMeeting, o) == nil
	}
	for name, tt := range map[string]struct {
		form url.Values
		says string
	}{
		"nobody":       {url.Values{"series": {"weekly"}}, "Who is to chair?"},
		"nothing":      {url.Values{"person": {"mel"}}, "Choose a series, or name one session"},
		"both":         {url.Values{"person": {"mel"}, "series": {"weekly"}, "session": {x.Slug}}, "not both"},
		"a stranger":   {url.Values{"person": {"eve"}, "series": {"weekly"}}, "Nobody is called eve here."},
		"no series":    {url.Values{"person": {"mel"}, "series": {"daily"}}, "There is no series daily."},
		"no session":   {url.Values{"person": {"mel"}, "session": {"2012-01-01-x"}}, "There is no session 2012-01-01-x."},
		"a wrong link": {url.Values{"person": {"mel"}, "session": {"https://portal.example.org/sessions/"}}, "Choose a series"},
	} {
		if w := submit(t, s, mia, "/manage/chairs", tt.form); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: %d\n%s", name, w.Code, w.Body)
		}
	}
	if runs(x.Slug) {
		t.Fatal("mel chairs already")
	}
	body := landed(t, s, mia, submit(t, s, mia, "/manage/chairs", url.Values{"person": {"MEL"}, "session": {"https://portal.example.org/sessions/" + x.Slug}}))
	contains(t, body, "mel chairs "+x.Slug+" now.", `href="/sessions/`+x.Slug+`"`)
	if !runs(x.Slug) {
		t.Error("mel does not chair")
	}
	body = landed(t, s, mia, submit(t, s, mia, "/manage/chairs/mel/sessions/"+x.Slug+"/remove", nil))
	contains(t, body, `action="/manage/chairs/mel/sessions/`+x.Slug+`/add"`)
	if runs(x.Slug) {
		t.Error("mel chairs still")
	}
	landed(t, s, mia, submit(t, s, mia, "/manage/chairs/mel/sessions/"+x.Slug+"/add", nil))
	if !runs(x.Slug) {
		t.Error("it was not taken back")
	}
	landed(t, s, mia, submit(t, s, mia, "/manage/chairs", url.Values{"person": {"mel"}, "series": {"weekly"}}))
	landed(t, s, mia, submit(t, s, mia, "/manage/chairs/mel/series/weekly/remove", nil))
	if w := submit(t, s, mia, "/manage/chairs/mel/series/weekly/remove", nil); w.Code != http.StatusNotFound {
		t.Errorf("taken away twice: %d", w.Code)
	}
	list, err := s.Store.AuditEntries(t.Context(), store.AuditFilter{Person: "mia", Limit: 100})
	must(t, err)
	var acts []string
	for _, e := range list {
		acts = append(acts, e.Action+" "+e.Object)
	}
	want := []string{
		"take chair away series/weekly", "appoint chair series/weekly", "appoint chair sessions/" + x.Slug,
		"take chair away sessions/" + x.Slug, "appoint chair sessions/" + x.Slug,
	}
	if !slices.Equal(acts, want) {
		t.Errorf("audit %q", acts)
	}
}

func TestAdminOverview(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := join(t, s, "ada", person.Admin)
	contains(t, seenBy(t, s, ada, "/admin"), "It runs in another process")
	s.Bot = func() BotHealth { return BotHealth{} }
	contains(t, seenBy(t, s, ada, "/admin"), "It is set up for no network")
	s.Bot, s.Tzdata, s.Settings = troubled, "2026a", []Setting{{"HACKFEST_METRICS_TOKEN", "set; not shown"}}
	body := seenBy(t, s, ada, "/admin")
	contains(t, body, "irc.example.org", "42 ms", "Cannot join channel (+k) - bad key", "given up", "banned: ", "not logged in", "2026a", "set; not shown", "nothing waits")
	s.Bot = func() BotHealth {
		b := troubled()
		b.SpoolError, b.Networks[0].LoginError, b.Networks[0].Lag = "no space left", "services do not answer", time.Microsecond
		return b
	}
	contains(t, seenBy(t, s, ada, "/admin"), "cannot be written", "services do not answer", "under 1 ms")
	if w := ask(t, s, request{path: "/status"}); strings.Contains(w.Body.String(), "bad key") {
		t.Error("everybody is told the server's words")
	}
}

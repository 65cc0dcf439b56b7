package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

const gadgets = "/admin/repositories/euca/gadgets"

// theRepository is euca/gadgets as it is stored.
func theRepository(t *testing.T, s *Server) hackfest.Repository {
	t.Helper()
	x, err := s.Store.Repository(t.Context(), person.Viewer{Role: person.Admin}, "euca/gadgets")
	must(t, err)
	return x
}

func TestRepositoryForms(t *testing.T) {
	t.Parallel()
	s, db := newServerAt(t)
	s.GitHub = ghsync.Access{API: ghsync.PublicAPI, Web: hackfest.PublicGitHub}
	ada := join(t, s, "ada", person.Admin)
	contains(t, seenBy(t, s, ada, "/admin/repositories?name=euca/gadgets"), "No repository is registered", `value="euca/gadgets"`, "HACKFEST_GITHUB_WEBHOOK_SECRET</code> is not set",
		"None: HACKFEST_GITHUB_TOKEN is not set", `aria-current="page">Repositories`)
	body := landed(t, s, ada, submit(t, s, ada, "/admin/repositories", url.Values{"repository": {"https://github.com/euca/gadgets/issues"}, "visibility": {"public"}}))
	contains(t, body, "euca/gadgets is registered.", "not asked yet", `action="`+gadgets+`/remove"`)
	form := func(changes url.Values) url.Values {
		f := url.Values{"visibility": {"public"}, "bugs": {"bug"}, "firsts": {""}, "revision": {"1"}}
		for k, v := range changes {
			f[k] = v
		}
		return f
	}
	for name, tt := range map[string]struct {
		path string
		form url.Values
		code int
		says string
	}{
		"nothing":                      {"/admin/repositories", url.Values{"visibility": {"public"}}, 422, "Which repository?"},
		"another host":                 {"/admin/repositories", url.Values{"repository": {"https://gitlab.com/a/b"}, "visibility": {"public"}}, 422, "another host than github.com"},
		"nobody sees it":               {"/admin/repositories", url.Values{"repository": {"a/b"}, "visibility": {"nobody"}}, 422, `value="a/b"`},
		"one that is there":            {"/admin/repositories", url.Values{"repository": {"Euca/Gadgets"}, "visibility": {"public"}}, 409, "euca/gadgets is registered already."},
		"labels that are none":         {gadgets, form(url.Values{"bugs": {strings.Repeat("x", 51)}}), 422, "A label has at most 50"},
		"for nobody":                   {gadgets, form(url.Values{"visibility": {""}}), 422, "for everybody or for members"},
		"an old revision":              {gadgets, form(url.Values{"revision": {"7"}, "bugs": {"mine"}}), 409, "mine</textarea>"},
		"one that is not registered":   {"/admin/repositories/euca/none", form(nil), 404, "There is no such repository."},
		"one that was never taken off": {gadgets + "/restore", nil, 404, "There is no such repository."},
	} {
		w := submit(t, s, ada, tt.path, tt.form)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: %d\n%s", name, w.Code, w.Body)
		}
	}
	if x := theRepository(t, s); x.Revision != 1 {
		t.Errorf("a refused form changed %+v", x)
	}
	contains(t, landed(t, s, ada, submit(t, s, ada, gadgets, form(url.Values{"bugs": {"Bug\r\nkind/defect\r\n"}, "visibility": {"members"}}))), "euca/gadgets is saved.", "bug\nkind/defect</textarea>")

	// What GitHub hides is published on purpose only.
	alter(t, db, `update repositories set private = true`)
	w := submit(t, s, ada, gadgets, form(url.Values{"revision": {"2"}}))
	if w.Code != http.StatusOK || theRepository(t, s).Visibility != person.MembersOnly {
		t.Errorf("published without a question: %d", w.Code)
	}
	contains(t, w.Body.String(), "shows euca/gadgets to its members alone", `name="visibility" value="public"`)
	landed(t, s, ada, submit(t, s, ada, gadgets, form(url.Values{"revision": {"2"}, "confirmed": {"on"}})))
	if x := theRepository(t, s); x.Visibility != person.Public || len(x.BugLabels) != 1 {
		t.Errorf("saved %+v", x)
	}

	contains(t, landed(t, s, ada, submit(t, s, ada, gadgets+"/check", nil)), "GitHub is asked within a minute or two.")
	off := submit(t, s, ada, gadgets+"/remove", url.Values{"once": {"01J00000000000000000000000"}})
	contains(t, landed(t, s, ada, off), "euca/gadgets is taken off.", `action="`+gadgets+`/restore"`, "No repository is registered")
	if again := submit(t, s, ada, gadgets+"/remove", url.Values{"once": {"01J00000000000000000000000"}}); again.Code != http.StatusSeeOther {
		t.Errorf("sent twice: %d", again.Code)
	}
	contains(t, landed(t, s, ada, submit(t, s, ada, gadgets+"/restore", nil)), "euca/gadgets is back")
	alter(t, db, `insert into repository_names (name, repository_id, created_at) select 'old/name', id, now() from repositories`)
	if w := ask(t, s, request{path: "/admin/repositories/Old/name", as: ada}); w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != gadgets {
		t.Errorf("a former name: %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := submit(t, s, ada, "/admin/repositories", url.Values{"repository": {"old/name"}, "visibility": {"public"}}); w.Code != 409 || !strings.Contains(w.Body.String(), "old/name is called euca/gadgets now") {
		t.Errorf("a former name again: %d\n%s", w.Code, w.Body)
	}
	contains(t, seenBy(t, s, ada, "/admin/audit"), "add repository", "change repository", "remove repository", "restore repository")
}

// An admin reads what is wrong, and what to do about it.
func TestRepositoryTrouble(t *testing.T) {
	t.Parallel()
	s, db := newServerAt(t)
	ada := join(t, s, "ada", person.Admin)
	_, err := s.Store.AddRepository(t.Context(), "euca/gadgets", person.Public, s.Now().Add(time.Minute))
	must(t, err)
	limit := func(resource, reason string) string {
		return `insert into github_limits (resource, remaining, resets_at, blocked_until, reason, at) values ('` + resource + `', 0, '` +
			s.Now().Add(30*time.Minute).Format(time.RFC3339) + `', '` + s.Now().Add(30*time.Minute).Format(time.RFC3339) + `', '` + reason + `', '2012-01-01')`
	}
	with := ghsync.Access{API: ghsync.PublicAPI, Web: hackfest.PublicGitHub, Token: "t0ken-of-a-test"}
	without := ghsync.Access{API: ghsync.PublicAPI, Web: hackfest.PublicGitHub}
	hooked := ghsync.Access{API: "https://git.example.org/api/v3/", Web: "https://git.example.org", HookSecret: "s3cret-of-a-test"}
	row := func(set string) string { return `update repositories set ` + set }
	for _, tt := range []struct {
		name   string
		access ghsync.Access
		sql    string
		over   bool // the overview says so too
		says   []string
	}{
		{"all is well", with, row(`asked_at = '2012-08-01', known_at = '2012-08-01'`), false, []string{"in step", "Set, by HACKFEST_GITHUB_TOKEN", "Every 5 minutes"}},
		{"without a token", without, `select 1`, false, []string{"None: HACKFEST_GITHUB_TOKEN is not set", "every 10 minutes"}},
		{"never found", without, row(`gone_at = '2012-08-01', asked_at = '2012-08-01'`), true, []string{"not there", "whether it is spelt right", "put a token that may read it into HACKFEST_GITHUB_TOKEN"}},
		{"never found with a token", with, row(`gone_at = '2012-08-01', asked_at = '2012-08-01'`), true, []string{"not there", "let the token in HACKFEST_GITHUB_TOKEN read it"}},
		{"gone", with, row(`gone_at = '2012-08-01', known_at = '2012-07-01'`), true, []string{"does not show it any more since", "if it was deleted, take it off"}},
		{"made anew", with, row(`gone_at = '2012-08-01', known_at = '2012-07-01', trouble = '` + hackfest.RepositoryReplaced + `'`), true, []string{"another repository has its name now", "add the name anew"}},
		{"its own trouble", with, row(`trouble = 'GitHub answers 500 <b>.', asked_at = '2012-08-01'`), true, []string{"not in step", "GitHub answers 500 &lt;b&gt;.", "It is tried again"}},
		{"archived", with, row(`archived = true, known_at = '2012-08-01', asked_at = '2012-08-01'`), false, []string{"nothing changes there any more"}},
		{"written down", with, row(`recorded_at = '2012-08-01', trouble = 'old'`), false, []string{"recorded", "never asked about"}},
		{"a revoked token", with, limit("token", "x"), true, []string{"GitHub refuses the token", "/settings/tokens"}},
		{"used up", with, limit("core", "The calls are used up."), true, []string{"The calls are used up. It is asked again", "With webhooks GitHub is asked less"}},
		{"used up without a token", without, limit("anonymous", "The calls are used up."), true, []string{"makes it 5,000"}},
		{"away", with, limit("host", "GitHub does not answer since 14:02."), true, []string{"GitHub does not answer since 14:02. It is asked again", "hackfest doctor"}},
		{"asked too much at once", with, limit("secondary", "GitHub has us wait."), true, []string{"GitHub has us wait.", "Nothing has to be done."}},
		{"nobody asks", with, row(`due_at = '2012-01-01'`), true, []string{"Nobody asks GitHub", "Role jobs"}},
		{"a webhook that nobody made", hooked, `select 1`, false, []string{"nothing delivered yet", "none yet", "http://portal.example.org/webhooks/github", "git.example.org/euca/gadgets/settings/hooks/new", "pull_request", "application/json"}},
		{"a webhook that works", hooked, row(`hook_at = '2012-08-01'`) + `; insert into hook_deliveries (id, event, received_at, state) values ('1', 'ping', '2012-08-01', 'ignored')`, false, []string{"delivered last", "GitHub can reach this portal", "1 ignored"}},
		{"deliveries that nobody works", hooked, `insert into hook_deliveries (id, event, received_at, state) values ('1', 'issues', '2012-08-01', 'received')`, false, []string{"waits to be worked since", "1 waiting"}},
	} {
		s.GitHub = tt.access
		alter(t, db, tt.sql)
		body := seenBy(t, s, ada, gadgets) + seenBy(t, s, ada, "/admin/repositories")
		if over := seenBy(t, s, ada, "/admin"); tt.over != strings.Contains(over, `class="notice soon"`) {
			t.Errorf("the overview speaks of it: %v", !tt.over)
		}
		contains(t, body, tt.says...)
		lacks(t, body, with.Token, hooked.HookSecret)
		if t.Failed() {
			t.Fatal(tt.name)
		}
		alter(t, db, `update repositories set gone_at = null, asked_at = null, known_at = null, hook_at = null, trouble = '', recorded_at = null, archived = false, due_at = '`+
			s.Now().Add(time.Minute).Format(time.RFC3339)+`'; truncate github_limits, hook_deliveries`)
	}
	s.GitHub = hooked
	if w := ask(t, s, request{method: http.MethodPost, path: hookPath, form: url.Values{"payload": {"{}"}}, header: map[string]string{"X-Hub-Signature-256": "sha256=00", "X-GitHub-Event": "ping", "X-GitHub-Delivery": "1"}}); w.Code != http.StatusForbidden {
		t.Fatalf("a wrong signature: %d", w.Code)
	}
	contains(t, seenBy(t, s, ada, "/admin/repositories"), "A delivery with a wrong signature came", "type it there again")
	alter(t, db, `insert into hook_deliveries (id, event, repository, received_at, state, note)
		select 'guid-' || n, 'issues', 'EUCA/Gadgets', timestamptz '2012-08-01' + n * interval '1 second', 'failed', 'Asked <instead>.' from generate_series(1, 101) n`)
	body := seenBy(t, s, ada, "/admin/repositories/deliveries")
	contains(t, body, "guid-101", "Asked &lt;instead&gt;.", `href="`+gadgets+`"`, "/admin/repositories/deliveries?before=guid-2")
	lacks(t, body, "guid-1<")
	contains(t, seenBy(t, s, ada, "/admin/repositories/deliveries?before=guid-2"), "guid-1<")
}

// Repositories are chosen on the pages of what they belong to, once any is there.
func TestRepositoriesAreChosen(t *testing.T) {
	t.Parallel()
	s, db := newServerAt(t)
	mia := join(t, s, "mia", person.Maintainer)
	x := plan(t, s, "AppScale", wednesday, nil)
	at := "/sessions/" + x.Slug
	lacks(t, seenBy(t, s, mia, at+"/edit"), `action="`+at+`/repositories"`)
	contains(t, seenBy(t, s, mia, at+"/repositories"), "No repository is registered here.")
	for _, name := range []string{"euca/a", "euca/b", "euca/c"} {
		_, err := s.Store.AddRepository(t.Context(), name, person.Public, s.Now())
		must(t, err)
	}
	contains(t, seenBy(t, s, mia, at+"/edit"), `action="`+at+`/repositories"`, `value="euca/c"`)
	chosen := func() string {
		return strings.Join(column(t, db, `select r.name from repository_uses u join repositories r on r.id = u.repository_id where u.session_id = $1 order by 1`, x.ID), " ")
	}
	landed(t, s, mia, submit(t, s, mia, at+"/repositories", url.Values{"was": {""}, "repositories": {"euca/a", "euca/b"}}))
	// Somebody else ticked c in a form of before, and another unticks b: both hold.
	landed(t, s, mia, submit(t, s, mia, at+"/repositories", url.Values{"was": {""}, "repositories": {"euca/c"}}))
	body := landed(t, s, mia, submit(t, s, mia, at+"/repositories", url.Values{"was": {"euca/a,euca/b"}, "repositories": {"euca/a"}}))
	contains(t, body, "euca/a and euca/c belong to it now.")
	if got := chosen(); got != "euca/a euca/c" {
		t.Errorf("chosen are %s", got)
	}
	undo := body[strings.Index(body, `action="`+at+`/repositories?`)+8:]
	undo = strings.ReplaceAll(undo[:strings.IndexByte(undo, '"')], "&amp;", "&")
	landed(t, s, mia, submit(t, s, mia, undo, nil))
	if got := chosen(); got != "euca/a euca/b euca/c" {
		t.Errorf("after undoing it chosen are %s", got)
	}
	w := submit(t, s, mia, at+"/repositories", url.Values{"was": {"euca/a"}, "repositories": {"euca/none"}})
	if w.Code != 422 || !strings.Contains(w.Body.String(), "euca/none is not registered any more.") {
		t.Errorf("one that is gone: %d\n%s", w.Code, w.Body)
	}
	contains(t, seenBy(t, s, mia, at+"/repositories"), `value="euca/a" checked`)
	landed(t, s, mia, submit(t, s, mia, at+"/repositories", url.Values{"was": {"euca/a,euca/b,euca/c"}}))
	if got := chosen(); got != "" {
		t.Errorf("left are %s", got)
	}
}

// fieldTools puts into a sample a repository that GitHub does not show any more,
// and what GitHub delivered.
func fieldTools(t *testing.T, s *Server, db string) {
	t.Helper()
	_, err := s.Store.AddRepository(t.Context(), "kestrel/field-tools", person.MembersOnly, thursday)
	must(t, err)
	alter(t, db, `update repositories set github_id = 7, about = 'What one takes along', default_branch = 'main', private = true, asked_at = $1, known_at = $2, gone_at = $1
		where name = 'kestrel/field-tools'`, thursday, thursday.AddDate(0, 0, -2))
	alter(t, db, `insert into hook_deliveries (id, event, repository, received_at, state, note) values
		('72d3162e-cc78-11e3-81ab-4c9367dc0958', 'ping', '', $1, 'ignored', 'GitHub can reach this portal.'),
		('9a2b4c10-0f0e-11ee-9d1e-0242ac120002', 'issues', 'kestrel/field-tools', $1, 'failed', 'GitHub is asked instead.')`, thursday)
}

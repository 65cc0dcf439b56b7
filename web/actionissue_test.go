package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// issueDesk is a meeting with two actions, whose target has a repository.
type issueDesk struct {
	writingDesk
	hub      *testgithub.GitHub
	repo     *testgithub.Repo
	pool     *pgxpool.Pool
	path     string
	one, two hackfest.ItemID
}

func newIssueDesk(t *testing.T, token string) issueDesk {
	t.Helper()
	d := issueDesk{writingDesk: newWritingDesk(t)}
	d.hub = testgithub.Start(t, testgithub.Options{Secret: hookSecret, Now: d.k.clock})
	d.repo = d.hub.AddRepo("euca/recipes")
	d.Server.GitHub = ghsync.Access{API: d.hub.URL, Web: d.hub.Web, Token: token, HookSecret: hookSecret}
	var err error
	d.pool, err = pgxpool.New(t.Context(), d.dsn)
	must(t, err)
	t.Cleanup(d.pool.Close)
	s := hooked{d.Server, t, d.pool}
	s.repository("euca/recipes", "openshift", person.Public)
	s.exec(`update repositories set github_id = $1`, d.repo.ID)
	d.path = actionIssuesURL(d.ref)
	d.one = hackfest.ItemID{Ref: d.line(t, "#action kestrel"), N: 1}
	d.two = hackfest.ItemID{Ref: d.line(t, "#action start"), N: 1}
	return d
}

// fields are those of the issue of one action.
func fieldsOf(id hackfest.ItemID, title, repository, label, assignee string) []string {
	x := id.String()
	return []string{fieldMake + x, "on", fieldTitle + x, title, fieldRepository + x, repository, fieldLabel + x, label, fieldAssignee + x, assignee}
}

// deliver brings what GitHub has said since, as its webhook does.
func (d issueDesk) deliver(t *testing.T) {
	t.Helper()
	s := hooked{d.Server, t, d.pool}
	for _, x := range d.hub.Deliveries() {
		if w := s.send(x, nil); w.Code >= 300 {
			t.Fatalf("%s: %d %s", x.Event, w.Code, w.Body)
		}
	}
	s.work()
	d.k.pass(time.Minute) // what GitHub says next is newer
}

// Nothing is made that was not shown first as it will be; what was confirmed is
// made once however often the form is sent, and its state comes back by webhook.
func TestActionsBecomeIssues(t *testing.T) {
	t.Parallel()
	d := newIssueDesk(t, "a-token")
	count := func() int { return one[int](t, d.dsn, "select count(*)::int from action_issues") }
	alter(t, d.dsn, `insert into people (name, role, created_at) values ('Kestrel', 'member', $1)`, wednesday)
	alter(t, d.dsn, `insert into identities (person_id, kind, network, value, shown, proven_at, since)
		select id, 'nick', $2, 'kestrel', '', $1::timestamptz, $1::timestamptz from people where name = 'Kestrel'
		union all select id, 'github', null, '7', 'kes-gh', $1, $1 from people where name = 'Kestrel'`, wednesday, d.x.Network)
	contains(t, d.sees(t, d.mary, "/sessions/"+d.x.Slug, 200), `href="`+d.path+`"`)
	lacks(t, d.sees(t, person.Actor{}, "/sessions/"+d.x.Slug, 200), d.path)
	contains(t, d.sees(t, d.mary, d.path, 200), "start BIND from the recipe", `value="kes-gh"`, "euca/recipes", "due Fri 24 Aug 2012")

	for name, tt := range map[string]struct {
		fields []string
		code   int
		says   string
	}{
		"nothing ticked":         {[]string{"do", "make"}, 422, "Tick at least one"},
		"no title":               {append(fieldsOf(d.one, " ", "euca/recipes", "", ""), "do", "make"), 422, "The title is missing."},
		"a repository of others": {append(fieldsOf(d.one, "x", "torvalds/linux", "", ""), "do", "make"), 422, "Choose one of the session"},
		"all wrong":              {append(fieldsOf(d.one, "<b>&", "euca/recipes", "a,b", "no login"), "do", "make"), 422, `value="&lt;b&gt;&amp;"`},
		"to be changed":          {append(fieldsOf(d.one, "Another title", "euca/recipes", "", ""), "do", "edit"), 200, `value="Another title"`},
		"to be shown":            {append(fieldsOf(d.one, "See the <checksum>", "euca/recipes", "docs", "@kes-gh"), "do", "show"), 200, "See the &lt;checksum&gt;"},
	} {
		w := d.sends(t, d.mary, d.path, tt.fields...)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.says) || count() != 0 {
			t.Errorf("%s: %d, %d are made\n%s", name, w.Code, count(), w.Body)
		}
		if name == "to be shown" {
			contains(t, w.Body.String(), "Who takes it: `kestrel`", "- Due: 24 August 2012", "/meetings/"+d.ref.String(), "/l/"+d.one.Ref.String(), "with its own token", "Make 1 issue")
		}
	}

	sent := append(fieldsOf(d.one, "See the checksum", "euca/recipes", "docs", "kes-gh"), "do", "make", "once", newKey().String())
	for range 2 {
		if w := d.sends(t, d.mary, d.path, sent...); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), d.path) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if jobs := one[int](t, d.dsn, "select count(*)::int from river_job where kind = 'make_issues'"); count() != 1 || jobs != 1 {
		t.Errorf("%d issues, %d jobs", count(), jobs)
	}
	if w := d.sends(t, d.theo, d.path, fieldsOf(d.one, "Once more", "euca/recipes", "", "")...); w.Code != 409 {
		t.Errorf("a second one: %d", w.Code)
	}
	contains(t, d.sees(t, d.theo, d.path, 200), "about to be made", "/withdraw")
	if got := strings.Join(column(t, d.dsn, "select actor || ' ' || action || ' ' || object || ' ' || after::text from audit where action = 'make issue'"), "\n"); got != `Mary make issue /actions/`+d.one.String()+` {"made": true, "repository": "euca/recipes"}` {
		t.Errorf("audit: %s", got)
	}

	mark := one[string](t, d.dsn, "select mark from action_issues")
	n := d.repo.OpenIssue(testgithub.Issue{Title: "See the checksum", Body: hackfest.Marked("Noted.", mark)})
	d.deliver(t)
	contains(t, d.sees(t, person.Actor{}, "/sessions/"+d.x.Slug, 200), d.hub.Web+"/euca/recipes/issues/1", `data-issue="euca/recipes#1"`)
	d.repo.Close(n, "mel")
	d.deliver(t)
	contains(t, d.sees(t, person.Actor{}, "/sessions/"+d.x.Slug, 200), "done: its issue was closed on GitHub")
	if w := d.sends(t, d.mary, d.path+"/"+d.one.String()+"/withdraw"); w.Code != 409 {
		t.Errorf("one that is made is withdrawn: %d", w.Code)
	}
	d.repo.Reopen(n)
	d.deliver(t)
	contains(t, d.sees(t, person.Actor{}, "/sessions/"+d.x.Slug, 200), "open again: its issue was opened again on GitHub")
	if w := d.sends(t, d.mary, actionURL(d.one), "how", "done"); w.Code != 303 {
		t.Fatal(w.Code)
	}
	contains(t, d.sees(t, d.mary, d.path, 200), "still open on GitHub")
	if !strings.Contains(d.repo.State().Issues[0].Title, "checksum") || !d.repo.State().Issues[0].Open {
		t.Error("the issue was changed")
	}
}

// Without a token there are links to GitHub's own form, and what comes of them is
// known by its mark; a meeting for members is not made public by an issue.
func TestIssuesWithoutToken(t *testing.T) {
	t.Parallel()
	d := newIssueDesk(t, "")
	form := append(fieldsOf(d.two, "Start & see", "euca/recipes", "good first issue", "mel"), "do", "make")
	if w := d.sends(t, d.mary, d.path, form...); w.Code != 303 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if jobs := one[int](t, d.dsn, "select count(*)::int from river_job where kind = 'make_issues'"); jobs != 0 {
		t.Errorf("%d jobs", jobs)
	}
	page := d.sees(t, d.mary, d.path, 200)
	_, rest, _ := strings.Cut(page, `href="`+d.hub.Web+"/euca/recipes/issues/new?")
	query, _, _ := strings.Cut(rest, `"`)
	q, err := url.ParseQuery(strings.ReplaceAll(query, "&amp;", "&"))
	must(t, err)
	if q.Get("title") != "Start & see" || q.Get("labels") != "good first issue" || q.Get("assignees") != "mel" || len(hackfest.MarkIn(q.Get("body"))) != 32 {
		t.Errorf("the link has %q", q)
	}
	d.repo.OpenIssue(testgithub.Issue{Title: q.Get("title"), Body: q.Get("body"), Author: "mary-gh"})
	d.deliver(t)
	contains(t, d.sees(t, person.Actor{}, "/sessions/"+d.x.Slug, 200), `data-issue="euca/recipes#1"`)

	form = append(fieldsOf(d.one, "x", "euca/recipes", "", ""), "do", "make")
	for _, sql := range []string{
		"update repositories set archived = true", "update repositories set archived = false; update meetings set visibility = 'members'",
	} {
		for _, s := range strings.Split(sql, "; ") {
			alter(t, d.dsn, s)
		}
		w := d.sends(t, d.mary, d.path, form...)
		if w.Code != http.StatusUnprocessableEntity || one[int](t, d.dsn, "select count(*)::int from action_issues") != 1 {
			t.Errorf("%s: %d", sql, w.Code)
		}
	}
	contains(t, d.sees(t, d.mary, d.path, 200), "This meeting is for members", "/repositories")
}

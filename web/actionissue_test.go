package web

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
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

// confirms posts what is asked for twice: to be shown, and as that is confirmed.
func (d issueDesk) confirms(t *testing.T, as person.Actor, fields []string) *httptest.ResponseRecorder {
	t.Helper()
	return d.sends(t, as, d.path, append(d.shown(t, as, fields), "do", "make")...)
}

// shown are the hidden fields of the page on which what is asked for is confirmed.
func (d issueDesk) shown(t *testing.T, as person.Actor, fields []string) []string {
	t.Helper()
	w := d.sends(t, as, d.path, append(fields, "do", "show")...)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var all []string
	for _, x := range hiddenInput.FindAllStringSubmatch(w.Body.String(), -1) {
		if strings.Contains(x[1], ".") || x[1] == "once" {
			all = append(all, x[1], html.UnescapeString(x[2]))
		}
	}
	return all
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

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

	sent := append(d.shown(t, d.mary, fieldsOf(d.one, "See the checksum", "euca/recipes", "docs", "kes-gh")), "do", "make")
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
	alter(t, d.dsn, "update items set text = 'to mend #1' where kind = 'action'")
	contains(t, d.sees(t, d.mary, d.path, 200), "still open on GitHub", `title="See the checksum" rel="nofollow ugc noopener">#1</a>`)
	if !strings.Contains(d.repo.State().Issues[0].Title, "checksum") || !d.repo.State().Issues[0].Open {
		t.Error("the issue was changed")
	}
}

// What changed between the page on which issues are confirmed and the confirmation
// is shown again, and nobody's tick is lost without a word.
func TestIssuesAreMadeAsShown(t *testing.T) {
	t.Parallel()
	d := newIssueDesk(t, "a-token")
	both := append(fieldsOf(d.one, "See", "euca/recipes", "", ""), fieldsOf(d.two, "Start", "euca/recipes", "", "")...)
	for _, tt := range []struct {
		name   string
		change func()
		code   int
		says   string
	}{
		{"what was never shown", nil, 409, "nothing is made yet"},
		{"an action with other words", func() { alter(t, d.dsn, "update items set text = 'to read it' where kind = 'action'") }, 409, "As it was noted: `to read it`"},
		{"a repository that everybody reads by now", func() { alter(t, d.dsn, "update repositories set private = not private") }, 409, "Make 2 issues"},
		{"one that is settled by now", func() {
			alter(t, d.dsn, "update actions set state = 'done', settled_at = opened_at, settled_by = 'Mary' where n = 1 and ref = $1", d.two.Ref)
		}, 409, "is not open any more"},
		{"the other alone", nil, 303, ""},
	} {
		sent := append(both, "do", "make")
		if tt.change != nil {
			sent = append(d.shown(t, d.mary, both), "do", "make")
			tt.change()
		} else if tt.code == 303 {
			sent = append(d.shown(t, d.mary, both[:10]), "do", "make")
		}
		w := d.sends(t, d.mary, d.path, sent...)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: %d\n%s", tt.name, w.Code, w.Body)
		}
		if n := one[int](t, d.dsn, "select count(*)::int from action_issues"); (n > 0) != (tt.code == 303) {
			t.Errorf("%s: %d issues are made", tt.name, n)
		}
	}
	// Nobody gives up one that is still looked for.
	withdraw := d.path + "/" + d.one.String() + "/withdraw"
	alter(t, d.dsn, "update action_issues set state = 'unknown', reason = 'GitHub did not answer.', sending_at = $1, settled_at = $1", d.k.clock())
	lacks(t, d.sees(t, d.mary, d.path, 200), "/withdraw")
	if w := d.sends(t, d.mary, withdraw); w.Code != 409 {
		t.Errorf("one that is looked for: %d", w.Code)
	}
	d.k.pass(hackfest.IssueSure + time.Second)
	contains(t, d.sees(t, d.mary, d.path, 200), "Stop looking for it", withdraw)
	if w := d.sends(t, d.mary, withdraw); w.Code != 303 {
		t.Errorf("one that cannot be looked for: %d", w.Code)
	}
	contains(t, d.sees(t, d.mary, d.path, 200), "Look in the repository before you try again", "Try again")

	// One that failed is made again as it was; when it would say something else now,
	// it is shown first.
	alter(t, d.dsn, "update action_issues set state = 'failed', reason = 'No.', settled_at = created_at")
	retry := []string{}
	for _, x := range hiddenInput.FindAllStringSubmatch(d.sees(t, d.mary, d.path, 200), -1) {
		if x[1] == "do" || strings.HasSuffix(x[1], "."+d.one.String()) {
			retry = append(retry, x[1], html.UnescapeString(x[2]))
		}
	}
	alter(t, d.dsn, "update items set text = 'once more' where kind = 'action'")
	if w := d.sends(t, d.mary, d.path, retry...); w.Code != 409 {
		t.Errorf("tried again with other words: %d", w.Code)
	}
	alter(t, d.dsn, "update items set text = 'to read it' where kind = 'action'")
	if w := d.sends(t, d.mary, d.path, retry...); w.Code != 303 {
		t.Errorf("tried again: %d\n%s", w.Code, w.Body)
	}
}

// Without a token there are links to GitHub's own form, and what comes of them is
// known by its mark; a meeting for members is not made public by an issue.
func TestIssuesWithoutToken(t *testing.T) {
	t.Parallel()
	d := newIssueDesk(t, "")
	form := fieldsOf(d.two, "Start & see", "euca/recipes", "good first issue", "mel")
	if w := d.confirms(t, d.mary, form); w.Code != 303 {
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

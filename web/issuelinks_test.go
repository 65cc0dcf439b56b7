package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// hostileTitle is the title of an issue that somebody made to do harm.
const hostileTitle = `<script>alert(1)</script>" onmouseover="alert(2)`

// withIssues adds a repository of which the test server knows some issues, in use by x.
func withIssues(t *testing.T, s *Server, name string, v person.Visibility, x hackfest.Session) hackfest.RepositoryID {
	t.Helper()
	id, err := s.Store.AddRepository(t.Context(), name, v, wednesday)
	must(t, err)
	must(t, s.Store.SetRepositoryUses(t.Context(), hackfest.RepositoryUse{SessionID: x.ID}, []hackfest.RepositoryID{id}, wednesday))
	toldOf(t, s, id,
		hackfest.Issue{Number: 12, Title: "The head node waits for DNS", Open: true, Labels: []string{"bug"}, Assignees: []string{"hbrandt"}},
		hackfest.Issue{Number: 13, Title: hostileTitle, ClosedAt: wednesday.Add(-time.Hour), Reason: "completed"},
		hackfest.Issue{Number: 14, Title: "Start BIND", Pull: true, ClosedAt: wednesday.Add(-time.Hour), MergedAt: wednesday.Add(-time.Hour)},
		hackfest.Issue{Number: 15, Title: "Name the mirror", ClosedAt: wednesday.Add(-time.Hour), Reason: "not_planned"})
	return id
}

// toldOf stores what GitHub says of issues.
func toldOf(t *testing.T, s *Server, id hackfest.RepositoryID, issues ...hackfest.Issue) {
	t.Helper()
	for i := range issues {
		issues[i].OpenedAt = wednesday.AddDate(0, -1, 0)
		if issues[i].UpdatedAt.IsZero() {
			issues[i].UpdatedAt = wednesday.Add(-time.Hour)
		}
	}
	must(t, s.Store.ApplyGitHub(t.Context(), hackfest.GitHubChange{Repository: hackfest.Repository{ID: id}, Issues: issues, At: wednesday}))
}

// linked is an issue as a text has it.
func linked(text, path, title, state string) string {
	return `<a href="https://github.com/` + path + `" title="` + title + `" rel="nofollow ugc noopener">` + text + `</a> <span class="state ` + state + `" data-issue="` +
		strings.NewReplacer("/issues/", "#", "/pull/", "#").Replace(path) + `">`
}

// spoken is a page with one blank where templates leave several.
func spoken(body string) string { return strings.Join(strings.Fields(body), " ") }

// A53: wherever a text names an issue it is linked with its title and state, and an
// unknown one stays text; A64: a hostile title is text.
func TestA53IssuesAreLinked(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ctx := t.Context()
	_, err := s.Store.AddTarget(ctx, hackfest.Target{
		Slug: "appscale", Name: "AppScale", Stage: hackfest.StageTrying, StagedAt: wednesday, Sentence: "It waits for eucalyptus/recipes#12.", About: "See eucalyptus/recipes#14 & no/body#1.",
	}, wednesday)
	must(t, err)
	x := plan(t, s, "Issues", wednesday, func(x *hackfest.Session) {
		x.TargetSlug, x.Goal = "appscale", "Close #12, eucalyptus/recipes#13 and no/body#1; merge https://github.com/eucalyptus/recipes/pull/14#discussion, not #99."
	})
	withIssues(t, s, "eucalyptus/recipes", person.Public, x)
	_, err = s.Store.AddAgendaItem(ctx, x.ID, "What of #13", wednesday)
	must(t, err)
	_, err = s.Store.AddLesson(ctx, hackfest.Lesson{
		Text: "Without #12 nothing starts", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll, SessionSlug: x.Slug, PublishedAt: wednesday,
	}, wednesday)
	must(t, err)
	_, err = s.Store.AddNews(ctx, hackfest.News{
		Title: "DNS", State: hackfest.NewsPublished, Body: "We fixed **eucalyptus/recipes#13**, `eucalyptus/recipes#12` and https://github.com/eucalyptus/recipes/issues/12.", PublishedAt: wednesday.Add(-6 * time.Hour),
	}, wednesday)
	must(t, err)

	open := func(text string) string {
		return linked(text, "eucalyptus/recipes/issues/12", "The head node waits for DNS", "ok")
	}
	closed := func(text string) string {
		return linked(text, "eucalyptus/recipes/issues/13", "&lt;script&gt;alert(1)&lt;/script&gt;&#34; onmouseover=&#34;alert(2)", "done")
	}
	merged := func(text string) string {
		return linked(text, "eucalyptus/recipes/pull/14", "Start BIND", "done")
	}
	sees := func(path string, want ...string) {
		t.Helper()
		body := spoken(page(t, s, path))
		for _, w := range want {
			if !strings.Contains(body, spoken(w)) {
				t.Errorf("%s lacks\n%s\nin\n%s", path, w, body)
			}
		}
		lacks(t, body, "<script>alert", `" onmouseover`, "no/body</a>", "#99</a>", "no/body#1</a>")
	}
	goal := []string{"Close " + open("#12"), closed("eucalyptus/recipes#13"), "and no/body#1; merge", merged("https://github.com/eucalyptus/recipes/pull/14#discussion"), "not #99."}
	before := s.Now
	s.Now = func() time.Time { return wednesday.Add(-5 * time.Hour) }
	sees("/sessions/"+x.Slug, append(goal, "What of "+closed("#13"),
		`<a href="https://github.com/eucalyptus/recipes/issues/12" title="eucalyptus/recipes#12" rel="nofollow ugc noopener" dir="auto">The head node waits for DNS</a>`,
		"<bdi>bug</bdi>", "hbrandt", "named in the goal", "from GitHub, not all of it yet", "js/issues.")...)
	sees("/", goal...)
	sees("/start", goal...)
	sees("/targets/appscale", "It waits for "+open("eucalyptus/recipes#12"), merged("eucalyptus/recipes#14"), "&amp; no/body#1.")
	sees("/lessons", "Without "+open("#12")+"")
	sees("/news/dns", "<strong>"+closed("eucalyptus/recipes#13"), "<code>eucalyptus/recipes#12</code>", `>https://github.com/eucalyptus/recipes/issues/12</a> <span class="state ok" data-issue="eucalyptus/recipes#12">`)
	s.Now = before

	k := listen(t, s, x)
	k.planned[0].Repository = "eucalyptus/recipes"
	k.say("tessv", "#startmeeting")
	k.say("tessv", "#topic About #13")
	ref := k.say("ann", "see #12, #15 and https://github.com/eucalyptus/recipes/pull/14, no/body#1")
	k.say("tessv", "#agreed eucalyptus/recipes#12 first")
	sees("/sessions/"+x.Slug, "see "+open("#12"), `/pull/14</a> <span class="state done" data-issue="eucalyptus/recipes#14">`, "named in the log", "<h2><bdi>About "+closed("#13"))
	k.pass(70e9)
	k.say("tessv", "#endmeeting")
	sees("/sessions/"+x.Slug, open("eucalyptus/recipes#12")+"", "1. About "+closed("#13"), "named in the meeting")
	sees("/sessions/"+x.Slug+"/log", "see "+open("#12"), closed("#13"))
	day := ask(t, s, request{path: "/l/" + ref.String()}).Header().Get("Location")
	sees(strings.Split(day, "#")[0], "see "+open("#12"))
	text := page(t, s, "/sessions/"+x.Slug+"/minutes.txt")
	contains(t, text, "* eucalyptus/recipes#12: The head node waits for DNS (open)", "https://github.com/eucalyptus/recipes/pull/14", "* no/body#1\n")
	contains(t, page(t, s, "/sessions/"+x.Slug+"/minutes.md"), "(<https://github.com/eucalyptus/recipes/pull/14>): Start BIND (merged)", "- no/body\\#1")
	contains(t, spoken(page(t, s, "/sessions/"+x.Slug+"/minutes.html")), `rel="noopener nofollow">eucalyptus/recipes#12</a> <bdi>The head node waits for DNS</bdi> (open)`)
	contains(t, spoken(page(t, s, "/sessions/"+x.Slug+"/minutes.json")), `{ "repo": "eucalyptus/recipes", "number": 12 }`)
	lacks(t, page(t, s, "/feeds/lessons.atom"), "data-issue", "The head node")
}

// Who may not see a repository sees the text that names its issues.
func TestIssuesForMembersAreTextToOthers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "Issues", wednesday.Add(5*time.Hour), func(x *hackfest.Session) { x.Goal = "Close #12 and secret/repo#13." })
	withIssues(t, s, "secret/repo", person.MembersOnly, x)
	member := join(t, s, "mary", person.Member)
	path := "/sessions/" + x.Slug
	contains(t, spoken(ask(t, s, request{path: path, as: member}).Body.String()), `title="The head node waits for DNS"`, "named in the goal", "<bdi>bug</bdi>")
	body := spoken(page(t, s, path))
	contains(t, body, "Close #12 and secret/repo#13.")
	lacks(t, body, "head node", "secret/repo#12", "bug", "data-issue", "hbrandt")
	contains(t, spoken(ask(t, s, request{path: "/", as: member}).Body.String()), "data-issue", "js/issues.")
	lacks(t, spoken(page(t, s, "/")), "head node", "data-issue", "js/issues.") // no stream of its own, and none of issues
	lacks(t, ask(t, s, request{path: "/api/v1" + path + "/issues"}).Body.String(), `"number": 12`, "head node")
	contains(t, ask(t, s, request{path: "/api/v1" + path + "/issues", as: member}).Body.String(), "head node", `"state": "open"`, `"hbrandt"`)
}

// A55: what is known is shown while GitHub is away, with its age and why it is old.
func TestA55PagesRenderWhileGitHubIsAway(t *testing.T) {
	t.Parallel()
	s, dsn := newServerAt(t)
	x := plan(t, s, "Issues", wednesday.Add(5*time.Hour), func(x *hackfest.Session) { x.Goal = "Close #12." })
	id := withIssues(t, s, "eucalyptus/recipes", person.Public, x)
	path := "/sessions/" + x.Slug
	now := s.Now()
	for _, row := range []struct {
		name, trouble string
		age           time.Duration
		want, not     string
	}{
		{"just now", "", 20 * time.Second, "from GitHub, as of a moment ago", "It may have changed"},
		{"a while ago", "", 4 * time.Minute, "from GitHub, as of 4 min ago", "It may have changed"},
		{"away for hours", "GitHub does not answer.", 6 * time.Hour, "It may have changed since: GitHub does not answer.", "as of 4 min"},
		{"away for days", "GitHub does not answer.", 75 * time.Hour, "from GitHub, as of 3 days ago", ""},
		{"not asked for long", "", 3 * time.Hour, "GitHub was not asked for all of eucalyptus/recipes since then.", ""},
	} {
		exec(t, dsn, fmt.Sprintf(`update repositories set known_at = '%s', trouble = '%s' where id = %d`, now.Add(-row.age).Format(time.RFC3339), row.trouble, id))
		body := page(t, s, path)
		contains(t, body, row.want, "The head node waits for DNS")
		if row.not != "" {
			lacks(t, body, row.not)
		}
	}
	exec(t, dsn, fmt.Sprintf(`update repositories set gone_at = now() where id = %d`, id))
	contains(t, page(t, s, path), "GitHub says that there is no eucalyptus/recipes any more")
}

// Chairs link issues by hand, and take them off.
func TestLinkIssuesByHand(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "Issues", wednesday.Add(5*time.Hour), nil)
	withIssues(t, s, "eucalyptus/recipes", person.Public, x)
	path := "/sessions/" + x.Slug
	theo := join(t, s, "theo", person.Maintainer)
	lacks(t, page(t, s, path), `action="`+path+`/issues"`, "named in")
	post := func(at, issue string) (int, string, string) {
		t.Helper()
		w := ask(t, s, request{method: http.MethodPost, path: at, as: theo, form: url.Values{"issue": {issue}}})
		return w.Code, w.Header().Get("Location"), w.Body.String()
	}
	for _, row := range []struct {
		name, typed string
		code        int
		want        string
	}{
		{"nothing", " ", 422, "Write the issue as #12 of eucalyptus/recipes"},
		{"no issue", "<b>later</b>", 422, "&lt;b&gt;later&lt;/b&gt;"},
		{"two", "#12 and #13", 422, "That names 2 issues."},
		{"bare", "#12", 303, ""},
		{"the same again", "https://github.com/Eucalyptus/Recipes/issues/12", 409, "linked with this session already"},
		{"one that nobody knows", "no/body#7", 303, ""},
	} {
		code, to, body := post(path+"/issues", row.typed)
		if code != row.code {
			t.Errorf("%s: %d %s", row.name, code, body)
		}
		if row.code != 303 {
			contains(t, body, row.want)
			continue
		}
		to, _, _ = strings.Cut(to, "#")
		contains(t, ask(t, s, request{path: to, as: theo}).Body.String(), "Linked: ", "Undo", "linked by theo")
	}
	contains(t, page(t, s, path), "The head node waits for DNS", "linked by theo", "no/body#7", "nothing is known of it here")
	list := ask(t, s, request{path: "/api/v1" + path + "/issues"}).Body.String()
	contains(t, spoken(list), `"repository": "eucalyptus/recipes", "number": 12, "linked": true, "known": true`, `"repository": "no/body", "number": 7, "linked": true, "known": false`)
	if code, _, _ := post(path+"/issues/eucalyptus/recipes/12/unlink", ""); code != 303 {
		t.Errorf("unlinking: %d", code)
	}
	lacks(t, page(t, s, path), "The head node waits for DNS")
	if code, _, _ := post(path+"/issues/eucalyptus/recipes/12/unlink", ""); code != 409 {
		t.Errorf("unlinking what is not linked: %d", code)
	}
	if code, _, _ := post(path+"/issues/eucalyptus/recipes/12/link", ""); code != 303 {
		t.Errorf("taking that back: %d", code)
	}
	contains(t, page(t, s, path), "The head node waits for DNS")
	for _, odd := range []string{"/issues/eucalyptus/recipes/012/link", "/issues/-x/recipes/1/link", "/issues/a/../1/link", "/issues/a/b/x/unlink"} {
		if code, _, _ := post(path+odd, ""); code != 404 {
			t.Errorf("%s: %d", odd, code)
		}
	}
}

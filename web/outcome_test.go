package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// newOutcome is a server whose target appscale has the repository
// eucalyptus/recipes on a GitHub of our own, which delivers and is then gone.
func newOutcome(t *testing.T, now func() time.Time) (hooked, *testgithub.GitHub, *testgithub.Repo) {
	t.Helper()
	s, ctx := newHooked(t), t.Context()
	must(t, s.Store.AddNetwork(ctx, "freenode", "chat.freenode.net", wednesday))
	must(t, s.Store.OpenChannels(ctx, "freenode", []string{devel}, irctext.Casemapping(""), wednesday))
	_, err := s.Store.AddTarget(ctx, hackfest.Target{Name: "AppScale"}, wednesday)
	must(t, err)
	g := testgithub.Start(t, testgithub.Options{Secret: hookSecret, Now: now})
	s.GitHub.API = g.URL
	repo := g.AddRepo("eucalyptus/recipes")
	s.repository("eucalyptus/recipes", "appscale", person.Public)
	return s, g, repo
}

// repository registers a repository of a target.
func (s hooked) repository(name, target string, visibility person.Visibility) hackfest.RepositoryID {
	s.t.Helper()
	id, err := s.Store.AddRepository(s.t.Context(), name, visibility, wednesday)
	must(s.t, err)
	t, err := s.Store.Target(s.t.Context(), target)
	must(s.t, err)
	s.exec(`insert into repository_uses (repository_id, target_id, created_at) values ($1, $2, $3)`, id, t.ID, wednesday)
	return id
}

func (s hooked) exec(sql string, args ...any) {
	s.t.Helper()
	_, err := s.pool.Exec(s.t.Context(), sql, args...)
	must(s.t, err)
}

// A56: what was closed while people met, or in the day after, is there without
// anyone typing it.
func TestA56IssueClosedInTheSession(t *testing.T) {
	t.Parallel()
	var k *talk
	s, g, repo := newOutcome(t, func() time.Time {
		if k == nil {
			return wednesday.Add(-48 * time.Hour)
		}
		return k.clock()
	})
	old := repo.OpenIssue(testgithub.Issue{Title: "Closed the day before"})
	repo.Close(old, "tessv")
	broker := repo.OpenIssue(testgithub.Issue{Title: "Broker <i>does not</i> start"})
	mirror := repo.OpenIssue(testgithub.Issue{Title: "A mirror"})
	x := plan(t, s.Server, "AppScale on 3.1", wednesday, func(x *hackfest.Session) { x.TargetSlug = "appscale" })
	k = listen(t, s.Server, x)
	ref := k.opening()
	repo.Close(broker, "tessv")
	patch := repo.OpenIssue(testgithub.Issue{Pull: true, Title: "Start BIND", Author: "okapi"})
	k.pass(time.Second) // GitHub's clock knows nothing smaller
	repo.Merge(patch)
	k.close()
	ended := k.clock()
	k.pass(24 * time.Hour)
	repo.Close(mirror, "tessv", "not_planned") // in the last second that counts
	k.pass(time.Second)
	late := repo.OpenIssue(testgithub.Issue{Title: "Too late"})
	repo.Push(testgithub.Commit{Message: "Later"})
	for _, d := range g.Deliveries() {
		if w := s.send(d, nil); w.Code >= 300 {
			t.Fatalf("%s: %d %s", d.Event, w.Code, w.Body)
		}
	}
	s.work()
	g.Down()
	asked := len(g.Requests())

	at := "/sessions/" + x.Slug
	issue := func(n int) string { return fmt.Sprintf(">recipes#%d</bdi></a>", n) }
	body := page(t, s.Server, at)
	contains(t, body, "GitHub has not yet said anything about eucalyptus/recipes.")
	s.exec(`update repositories set known_at = $1, commits_from = $2`, ended.Add(time.Hour), wednesday.AddDate(0, -1, 0))
	contains(t, between(t, page(t, s.Server, at), `id="outcome"`, "</section>"), "eucalyptus/recipes is known as of", "what changed in it later is not here yet")
	s.exec(`update repositories set known_at = $1`, k.clock())

	body = page(t, s.Server, at)
	contains(t, body[strings.Index(body, `id="outcome"`):], "Session pulse") // what came of it is above a draft
	box := between(t, body, `id="outcome"`, "</section>")
	contains(t, box, "from GitHub, start to end + 24 h", issue(broker), "Broker &lt;i&gt;does not&lt;/i&gt; start", issue(mirror), "not planned", issue(patch), "Start BIND", "by okapi",
		`href="https://github.com/eucalyptus/recipes/pull/4"`, `<span class="at">merged</span>`, `<span class="at">closed</span>`)
	lacks(t, box, issue(old), issue(late), "Closed the day before", "Too late", "is known as of", ">commits<", "counts too")
	for _, form := range []string{".txt", ".md", ".html"} {
		text := page(t, s.Server, "/meetings/"+ref.String()+form)
		_, text, _ = strings.Cut(text, "Outcome")
		contains(t, text, fmt.Sprintf("recipes%s%d", map[bool]string{true: `\#`, false: "#"}[form == ".md"], broker), "merged", "closed", "not planned", "Start BIND")
		lacks(t, text, "Too late", "Closed the day before")
	}
	lacks(t, page(t, s.Server, "/meetings/"+ref.String()+".json"), "outcome", "Start BIND")

	k.now.Store(ended.Add(23 * time.Hour).Unix())
	s.exec(`update repositories set known_at = $1`, ended.Add(time.Minute))
	contains(t, between(t, page(t, s.Server, at), `id="outcome"`, "</section>"), "is known as of", "What changes until", "counts too.")
	s.exec(`update repositories set visibility = 'members'`)
	for _, form := range []string{at, "/meetings/" + ref.String() + ".txt", "/targets/appscale"} {
		lacks(t, page(t, s.Server, form), "Start BIND", "eucalyptus/recipes", "Broker", `id="outcome"`)
	}
	contains(t, ask(t, s.Server, request{path: at, as: join(t, s.Server, "mel", person.Member)}).Body.String(), "Start BIND")
	if len(g.Requests()) != asked {
		t.Error("a page asked GitHub")
	}
}

// What there is to know and to do of a target on GitHub, and what suits somebody
// who is new.
func TestTargetIssues(t *testing.T) {
	t.Parallel()
	s, g, repo := newOutcome(t, func() time.Time { return wednesday.Add(-time.Hour) })
	soon := repo.AddMilestone(testgithub.Milestone{Title: "3.1.1", DueOn: wednesday.AddDate(0, 1, 0)})
	repo.AddMilestone(testgithub.Milestone{Title: "4.0", DueOn: wednesday.AddDate(1, 0, 0)})
	repo.OpenIssue(testgithub.Issue{Title: "BIND does not start", Labels: []string{"Bug"}, Assignees: []string{"okapi"}})
	repo.OpenIssue(testgithub.Issue{Title: "Say it in the log", Labels: []string{"Good First Issue"}, Milestone: soon})
	repo.OpenIssue(testgithub.Issue{Title: "Taken already", Labels: []string{"good first issue"}, Assignees: []string{"okapi"}})
	for i := range 10 {
		repo.OpenIssue(testgithub.Issue{Title: fmt.Sprint("Wish ", i)})
	}
	repo.OpenIssue(testgithub.Issue{Pull: true, Title: "A patch", Milestone: soon})
	repo.Publish(testgithub.Release{Tag: "v3.1.0"})
	for _, d := range g.Deliveries() {
		s.send(d, nil)
	}
	s.work()
	s.exec(`update repositories set known_at = $1`, wednesday.Add(-3*time.Minute))
	x := plan(t, s.Server, "AppScale on 3.1", wednesday.Add(25*time.Hour), func(x *hackfest.Session) { x.TargetSlug = "appscale" })

	body := page(t, s.Server, "/targets/appscale")
	contains(t, between(t, body, "Open issues</h2>", "</section>"), "from GitHub, as of 3 min ago", "Wish 9", "3 more on GitHub", "repo%3Aeucalyptus%2Frecipes")
	contains(t, between(t, body, "Known bugs</h2>", "</section>"), "BIND does not start", "okapi")
	planned := between(t, body, "Planned for the next release</h2>", "</section>")
	contains(t, planned, "3.1.1, due 22 Sep 2012", "Say it in the log", "A patch", "pull request, opened")
	lacks(t, planned, "BIND", "4.0")
	contains(t, body, `href="https://github.com/eucalyptus/recipes/releases/tag/v3.1.0"`, ">eucalyptus/recipes</bdi>")
	for _, path := range []string{"/start", "/sessions/" + x.Slug} {
		first := between(t, page(t, s.Server, path), "Good for the first two hours</h2>", "</section>")
		contains(t, first, "Say it in the log")
		lacks(t, first, "Taken already", "Wish")
	}
	s.exec(`update issues set state = 'closed', closed_at = $1`, wednesday)
	s.exec(`update repositories set trouble = 'GitHub is away.', known_at = $1`, wednesday.Add(-3*time.Hour))
	contains(t, page(t, s.Server, "/targets/appscale"), "No issue is open.", "GitHub is away.", "Nothing that is planned for it is left open.")
	lacks(t, page(t, s.Server, "/start"), "Good for the first two hours")
}

package testgithub

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v58/github"
)

// began is the time of a clock that goes only when a test says so.
var began = time.Date(2012, 8, 2, 18, 0, 0, 0, time.UTC)

type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func start(t *testing.T, token string) (*GitHub, *Repo, *clock) {
	t.Helper()
	c := &clock{began}
	g := Start(t, Options{
		Secret: "0123456789abcdef", Token: token, ClientID: "id", ClientSecret: "hush", Callback: "https://portal.example.org/signin/", Now: c.now,
	})
	return g, g.AddRepo("eucalyptus/recipes"), c
}

// client is go-github as the portal uses it.
func client(t *testing.T, g *GitHub, token string) *github.Client {
	t.Helper()
	c := github.NewClient(nil)
	if token != "" {
		c = c.WithAuthToken(token)
	}
	base, err := url.Parse(g.URL)
	if err != nil {
		t.Fatal(err)
	}
	c.BaseURL = base
	return c
}

// What go-github reads over the API is what is true.
func TestStateOverTheAPI(t *testing.T) {
	t.Parallel()
	g, r, c := start(t, "good")
	r.Describe("Boot scripts")
	m := r.AddMilestone(Milestone{Title: "1.0", DueOn: time.Date(2012, 9, 1, 0, 0, 0, 0, time.UTC)})
	bug := r.OpenIssue(Issue{Title: "OpenShift does not start", Labels: []string{"bug"}, Assignees: []string{"ann"}, Author: "bob", Milestone: m})
	pull := r.OpenIssue(Issue{Pull: true, Draft: true, Title: "Start it"})
	c.Time = c.Add(time.Hour)
	r.Close(bug, "ann", "not_planned")
	r.Merge(pull)
	sha := r.Push(Commit{Message: "Start OpenShift\n\nAt last.", Author: "ann", At: c.In(time.FixedZone("", 7200))}, Commit{Message: "More", Name: "Carol"})
	r.Publish(Release{Tag: "v1", Name: "One"})
	api, ctx := client(t, g, "good"), t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	repo, _, err := api.Repositories.Get(ctx, "eucalyptus", "recipes")
	must(err)
	want := r.State()
	if f := want.Repository; repo.GetFullName() != f.Name || repo.GetID() != f.GitHubID || repo.GetDescription() != f.About || repo.GetDefaultBranch() != "main" || repo.GetPrivate() {
		t.Errorf("repository is %v, want %v", repo, f)
	}
	issues, _, err := api.Issues.ListByRepo(ctx, "eucalyptus", "recipes", &github.IssueListByRepoOptions{State: "all", Sort: "updated", Direction: "asc"})
	must(err)
	if len(issues) != len(want.Issues) {
		t.Fatalf("%d issues, want %d", len(issues), len(want.Issues))
	}
	for n, i := range issues {
		w := want.Issues[n]
		if i.GetNumber() != w.Number || i.GetTitle() != w.Title || i.IsPullRequest() != w.Pull || i.GetState() != "closed" || i.GetStateReason() != w.Reason || i.GetDraft() != w.Draft ||
			i.GetUser().GetLogin() != w.Author || i.GetMilestone().GetNumber() != w.Milestone || !i.GetCreatedAt().Time.Equal(w.OpenedAt) || !i.GetClosedAt().Time.Equal(w.ClosedAt) || !i.GetUpdatedAt().Time.Equal(c.Time) {
			t.Errorf("issue is %v, want %v", i, w)
		}
	}
	if i := issues[0]; i.Labels[0].GetName() != "bug" || i.Assignees[0].GetLogin() != "ann" || i.GetStateReason() != "not_planned" {
		t.Errorf("issue is %v", i)
	}
	pr, _, err := api.PullRequests.Get(ctx, "eucalyptus", "recipes", pull)
	must(err)
	if !pr.GetMerged() || !pr.GetMergedAt().Time.Equal(c.Time) || pr.GetBase().GetRepo().GetFullName() != "eucalyptus/recipes" {
		t.Errorf("pull request is %v", pr)
	}
	commits, _, err := api.Repositories.ListCommits(ctx, "eucalyptus", "recipes", &github.CommitsListOptions{SHA: "main", Since: c.Time})
	must(err)
	if len(commits) != 2 || commits[0].GetSHA() != sha || commits[0].Author != nil || commits[0].GetCommit().GetAuthor().GetName() != "Carol" ||
		commits[1].GetAuthor().GetLogin() != "ann" || !commits[1].GetCommit().GetCommitter().GetDate().Time.Equal(c.Time) {
		t.Errorf("commits are %v", commits)
	}
	releases, _, err := api.Repositories.ListReleases(ctx, "eucalyptus", "recipes", nil)
	must(err)
	if len(releases) != 1 || releases[0].GetTagName() != "v1" || !releases[0].GetPublishedAt().Time.Equal(c.Time) {
		t.Errorf("releases are %v", releases)
	}
	milestones, _, err := api.Issues.ListMilestones(ctx, "eucalyptus", "recipes", &github.MilestoneListOptions{State: "all"})
	must(err)
	if len(milestones) != 1 || milestones[0].GetTitle() != "1.0" || milestones[0].GetDueOn().Format(time.DateOnly) != "2012-09-01" {
		t.Errorf("milestones are %v", milestones)
	}
	labels, _, err := api.Issues.ListLabels(ctx, "eucalyptus", "recipes", nil)
	must(err)
	if len(labels) != 1 || labels[0].GetName() != "bug" {
		t.Errorf("labels are %v", labels)
	}
}

// Lists come in pages that lead to each other, and only what is asked for.
func TestPages(t *testing.T) {
	t.Parallel()
	g, r, c := start(t, "")
	for n := range 250 {
		c.Time = began.Add(time.Duration(n) * time.Minute)
		r.OpenIssue(Issue{Closed: n%2 == 1, Author: []string{"ann", "bob"}[n%2]})
	}
	api := client(t, g, "")
	for _, tt := range []struct {
		name        string
		options     github.IssueListByRepoOptions
		first, last int
		all, pages  int
	}{
		{"as GitHub has them: open, newest first, 30 a page", github.IssueListByRepoOptions{}, 249, 1, 125, 5},
		{"most on a page are 100", github.IssueListByRepoOptions{State: "all", Sort: "updated", Direction: "asc", ListOptions: github.ListOptions{PerPage: 1000}}, 1, 250, 250, 3},
		{"since takes what was updated then", github.IssueListByRepoOptions{State: "all", Sort: "updated", Direction: "asc", Since: began.Add(249 * time.Minute)}, 250, 250, 1, 1},
		{"of somebody", github.IssueListByRepoOptions{State: "all", Creator: "BOB", ListOptions: github.ListOptions{PerPage: 100}}, 250, 2, 125, 2},
		{"none", github.IssueListByRepoOptions{Creator: "carol"}, 0, 0, 0, 1},
	} {
		var numbers []int
		pages := 0
		for page := 1; page != 0; pages++ {
			tt.options.Page = page
			list, res, err := api.Issues.ListByRepo(t.Context(), "eucalyptus", "recipes", &tt.options)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range list {
				numbers = append(numbers, i.GetNumber())
			}
			page = res.NextPage
		}
		if len(numbers) != tt.all || pages != tt.pages || tt.all > 0 && (numbers[0] != tt.first || numbers[len(numbers)-1] != tt.last) {
			t.Errorf("%s: %d on %d pages: %v", tt.name, len(numbers), pages, numbers)
		}
	}
	if last := g.Requests()[5]; last.Path != "repos/eucalyptus/recipes/issues?direction=asc&page=1&per_page=1000&sort=updated&state=all" || last.Status != 200 || last.Token != "" || !last.Counted {
		t.Errorf("the record has %+v", last)
	}
}

// What go-github parses of the deliveries is what was done, and each is signed.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	_, r, _ := start(t, "")
	r.Ping()
	n := r.OpenIssue(Issue{Title: "A"})
	r.Edit(n, func(i *Issue) { i.Title, i.Labels, i.Assignees = "B", []string{"bug"}, []string{"ann"} })
	r.Close(n, "ann")
	r.Reopen(n)
	p := r.OpenIssue(Issue{Pull: true})
	r.Edit(p, func(i *Issue) { i.Draft = true })
	r.Merge(p)
	r.RenameLabel("bug", "defect")
	m := r.AddMilestone(Milestone{Title: "1"})
	r.Edit(n, func(i *Issue) { i.Milestone = m })
	r.EditMilestone(m, func(m *Milestone) { m.Closed = true })
	r.DeleteMilestone(m)
	r.Push(Commit{Message: "One", Author: "ann", Files: map[string]string{"a.sh": "true\n"}})
	r.ForcePush("", Commit{Message: "Another"})
	r.PushBranch("side", Commit{Message: "Aside"})
	x := r.Publish(Release{Tag: "v1"})
	r.EditRelease(x, func(x *Release) { x.Name = "One" })
	r.DeleteRelease(x)
	r.Transfer(n, r.g.AddRepo("eucalyptus/other"))
	r.DeleteIssue(p)
	r.SetPrivate(true)
	r.SetArchived(true)
	r.Star("bob")
	r.Rename("eucalyptus/boot-scripts")
	r.Rename("euca/boot-scripts")
	r.Delete()
	var got []string
	ids := map[string]bool{}
	for _, d := range r.g.Deliveries() {
		req := d.Request("http://portal.example.org/webhooks/github")
		body, err := github.ValidatePayload(req, []byte("0123456789abcdef"))
		if err != nil {
			t.Fatal(err)
		}
		event, err := github.ParseWebHook(github.WebHookType(req), body)
		if err != nil {
			t.Fatalf("%s: %v", d.Event, err)
		}
		ids[github.DeliveryID(req)] = true
		said := d.Event
		switch e := event.(type) {
		case *github.IssuesEvent:
			said += " " + e.GetAction() + " " + e.GetRepo().GetFullName() + " " + e.GetIssue().GetTitle() + " " + e.GetIssue().GetState()
		case *github.PullRequestEvent:
			said += " " + e.GetAction() + " " + e.GetPullRequest().GetState()
			if e.GetPullRequest().GetMerged() {
				said += " merged"
			}
		case *github.PushEvent:
			said += " " + e.GetRef() + " " + e.GetCommits()[0].GetMessage() + " " + e.GetRepo().GetFullName()
			if e.GetForced() {
				said += " forced"
			}
		case *github.RepositoryEvent:
			said += " " + e.GetAction() + " " + e.GetRepo().GetFullName()
		case interface{ GetAction() string }:
			said += " " + e.GetAction()
		}
		got = append(got, said)
	}
	want := []string{
		"ping", "issues opened eucalyptus/recipes A open", "issues edited eucalyptus/recipes B open", "issues labeled eucalyptus/recipes B open",
		"issues assigned eucalyptus/recipes B open", "issues closed eucalyptus/recipes B closed", "issues reopened eucalyptus/recipes B open",
		"pull_request opened open", "pull_request converted_to_draft open", "pull_request closed closed merged", "label edited",
		"milestone created", "issues milestoned eucalyptus/recipes B open", "milestone closed", "issues demilestoned eucalyptus/recipes B open", "milestone deleted",
		"push refs/heads/main One eucalyptus/recipes", "push refs/heads/main Another eucalyptus/recipes forced", "push refs/heads/side Aside eucalyptus/recipes",
		"release published", "release edited", "release deleted", "issues opened eucalyptus/other B open", "issues transferred eucalyptus/recipes B open",
		"pull_request deleted closed merged", "repository privatized eucalyptus/recipes", "repository archived eucalyptus/recipes", "star created",
		"repository renamed eucalyptus/boot-scripts", "repository transferred euca/boot-scripts", "repository deleted euca/boot-scripts",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(ids) != len(want) {
		t.Errorf("%d ids for %d deliveries", len(ids), len(want))
	}
	if commits := r.State().Commits; len(commits) != 1 || commits[0].Summary != "Another" || commits[0].Author != "Somebody" {
		t.Errorf("commits are %v", commits)
	}
}

// What moved, went or is hidden is answered as GitHub does.
func TestMovedAndGone(t *testing.T) {
	t.Parallel()
	g, r, _ := start(t, "good")
	hidden := g.AddRepo("eucalyptus/hidden")
	hidden.SetPrivate(true)
	n, other := r.OpenIssue(Issue{Title: "There"}), r.OpenIssue(Issue{})
	r.Transfer(n, hidden)
	r.DeleteIssue(other)
	r.Rename("eucalyptus/boot-scripts")
	for _, tt := range []struct {
		name, token, path string
		status            int
		found             string
	}{
		{"moved", "", "repos/eucalyptus/Recipes", 200, `"full_name":"eucalyptus/boot-scripts"`},
		{"moved, with what is below", "", "repos/eucalyptus/recipes/issues?state=all", 200, `[]`},
		{"by its number", "", "repositories/" + strconv.FormatInt(r.ID, 10) + "/milestones", 200, `[]`},
		{"hidden", "", "repos/eucalyptus/hidden", 404, "Not Found"},
		{"shown to who may", "good", "repos/eucalyptus/hidden", 200, `"private":true`},
		{"transferred", "good", "repos/eucalyptus/boot-scripts/issues/1", 200, `"title":"There"`},
		{"deleted issue", "", "repos/eucalyptus/boot-scripts/issues/2", 410, "deleted"},
		{"no such issue", "", "repos/eucalyptus/boot-scripts/issues/3", 404, "Not Found"},
		{"nothing pushed", "", "repos/eucalyptus/boot-scripts/commits", 409, "empty"},
		{"no such repository", "", "repos/eucalyptus/none", 404, "Not Found"},
		{"a bad token", "bad", "repos/eucalyptus/boot-scripts", 401, "Bad credentials"},
		{"no such path", "", "repos/eucalyptus/boot-scripts/nothing/here", 404, "Not Found"},
	} {
		res, body := get(t, g.URL+tt.path, tt.token, "")
		if res.StatusCode != tt.status || !strings.Contains(body, tt.found) {
			t.Errorf("%s: %s %s", tt.name, res.Status, body)
		}
	}
	r.Delete()
	if res, _ := get(t, g.URL+"repos/eucalyptus/recipes", "", ""); res.StatusCode != 404 {
		t.Errorf("a deleted repository is %s", res.Status)
	}
}

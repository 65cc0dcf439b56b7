package ghsync

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// Whatever happens on GitHub is so here after the next questions.
func TestFollows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		happen func(*world, *testgithub.Repo)
		after  time.Duration // until it is to be known; 0 is ten minutes
	}{
		{name: "an issue is opened", happen: func(_ *world, r *testgithub.Repo) { r.OpenIssue(testgithub.Issue{}) }},
		{name: "issues are closed, opened again, merged", happen: func(_ *world, r *testgithub.Repo) {
			r.Close(1, "ann", "completed")
			r.Close(4, "bob", "not_planned")
			r.Reopen(4)
			r.Merge(5)
		}},
		{name: "an issue is edited", happen: func(_ *world, r *testgithub.Repo) {
			r.Edit(1, func(i *testgithub.Issue) {
				i.Title, i.Labels, i.Assignees, i.Milestone = "Other words", []string{"x"}, []string{"eve"}, 2
			})
		}},
		{name: "an issue is deleted", happen: func(_ *world, r *testgithub.Repo) { r.DeleteIssue(3) }, after: 25 * time.Hour},
		{name: "an issue is transferred to a repository that is known", happen: func(w *world, r *testgithub.Repo) {
			r.Transfer(3, w.hub.AddRepo("eucalyptus/other"))
		}, after: 25 * time.Hour},
		{name: "a label is renamed", happen: func(_ *world, r *testgithub.Repo) { r.RenameLabel("bug", "Defect") }, after: 25 * time.Hour},
		{name: "a delivery told of a time to come", happen: func(w *world, r *testgithub.Repo) {
			w.must(w.store.ApplyGitHub(w.Context(), hackfest.GitHubChange{
				Repository: hackfest.Repository{GitHubID: r.ID}, At: w.now(),
				Issues: []hackfest.Issue{{Number: 1, Title: "Too early", Open: true, OpenedAt: noon, UpdatedAt: noon.AddDate(1, 0, 0)}},
			}))
		}, after: 25 * time.Hour},
		{name: "commits are pushed", happen: func(_ *world, r *testgithub.Repo) {
			r.Push(testgithub.Commit{Message: "One", Name: "Somebody"}, testgithub.Commit{Message: "Two", Author: "ann"})
		}},
		{name: "commits are replaced", happen: func(w *world, r *testgithub.Repo) {
			sha := r.Push(testgithub.Commit{Message: "One"}, testgithub.Commit{Message: "Two"}, testgithub.Commit{Message: "Three"})
			w.run(10 * time.Minute)
			w.same(r)
			truth := r.State()
			r.ForcePush(truth.Commits[2].SHA, testgithub.Commit{Message: "Two again"})
			if sha != truth.Commits[0].SHA {
				w.Error("the last pushed is not the newest")
			}
		}},
		{name: "milestones come, change and go", happen: func(_ *world, r *testgithub.Repo) {
			r.EditMilestone(1, func(m *testgithub.Milestone) { m.Title, m.DueOn = "3.2.1", time.Time{} })
			r.DeleteMilestone(2)
			r.AddMilestone(testgithub.Milestone{Title: "4.0"})
		}},
		{name: "a milestone of issues goes", happen: func(_ *world, r *testgithub.Repo) { r.DeleteMilestone(1) }},
		{name: "releases come, change and go", happen: func(_ *world, r *testgithub.Repo) {
			x := r.State().Releases
			r.DeleteRelease(x[0].ID)
			r.EditRelease(x[1].ID, func(e *testgithub.Release) { e.Prerelease, e.Name = false, "Done" })
			r.Publish(testgithub.Release{Tag: "v4"})
		}},
		{name: "it says something else about itself", happen: func(_ *world, r *testgithub.Repo) {
			r.Describe("Boot scripts")
			r.SetArchived(true)
		}},
		{name: "it is renamed", happen: func(_ *world, r *testgithub.Repo) { r.Rename("eucalyptus/boot-scripts") }},
		{name: "it moves to another owner", happen: func(_ *world, r *testgithub.Repo) { r.Rename("hackers/recipes") }},
		{name: "its default branch is another", happen: func(_ *world, r *testgithub.Repo) { r.SetBranch("trunk") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "good")
			r := w.hub.AddRepo("eucalyptus/recipes")
			fill(w, r, 12)
			w.add(r.Name())
			w.run(10 * time.Minute)
			w.same(r)
			tt.happen(w, r)
			w.wait(tt.after)
			w.run(10 * time.Minute)
			w.same(r)
			if old := w.repository("eucalyptus/recipes"); old.Name != r.Name() {
				t.Errorf("its old name leads to %s", old.Name)
			}
		})
	}
}

// What is private is for members from then on, also when it is opened again;
// somebody decides that.
func TestPrivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "good")
	r := w.hub.AddRepo("eucalyptus/recipes")
	id := w.add(r.Name())
	visible := func() bool {
		list, err := w.store.Repositories(t.Context(), person.PublicViewer)
		w.must(err)
		return len(list) == 1
	}
	w.run(10 * time.Minute)
	if !visible() {
		t.Error("what is public is not visible")
	}
	r.SetPrivate(true)
	w.run(10 * time.Minute)
	if visible() {
		t.Error("what is private is visible")
	}
	r.SetPrivate(false)
	w.run(10 * time.Minute)
	if visible() {
		t.Error("it is visible again though nobody said so")
	}
	w.must(w.store.SetRepository(t.Context(), id, hackfest.RepositoryEdit{Visibility: person.Public}, 0))
	w.run(10 * time.Minute)
	if !visible() {
		t.Error("it is not visible though somebody said so")
	}
	w.same(r)
}

// A repository that is deleted is asked about once a day, with the reason; what
// was known stays.
func TestGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "good")
	r := w.hub.AddRepo("eucalyptus/recipes")
	fill(w, r, 3)
	w.add(r.Name())
	w.add("eucalyptus/never-was")
	w.run(10 * time.Minute)
	r.Delete()
	w.run(10 * time.Minute)
	w.hub.Forget()
	for range 48 {
		w.wait(time.Hour)
		w.poll()
	}
	if n := w.calls(nil); n != 6 {
		t.Errorf("%d calls in two days, want one a day for each, and one for the name of the one that was there", n)
	}
	g := w.repository("eucalyptus/recipes")
	if g.GoneAt.IsZero() || !strings.Contains(g.Trouble, "deleted") || w.repository("eucalyptus/never-was").GoneAt.IsZero() {
		t.Errorf("gone at %v, trouble %q", g.GoneAt, g.Trouble)
	}
	ref := hackfest.IssueRef{Repo: "Eucalyptus/Recipes", Number: 1}
	known, err := w.store.Issues(t.Context(), person.PublicViewer, []hackfest.IssueRef{ref})
	if err != nil || known[ref].Title != "Problem 0" {
		t.Errorf("known: %+v, %v", known, err)
	}
	w.hub.AddRepo("Eucalyptus/Recipes")
	w.wait(24 * time.Hour)
	w.poll()
	if s := w.repository("eucalyptus/recipes").Trouble; s != hackfest.RepositoryReplaced {
		t.Errorf("its name is taken, trouble %q", s)
	}
}

// Two names of one repository are told apart.
func TestRegisteredTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "good")
	r := w.hub.AddRepo("eucalyptus/recipes")
	w.add("eucalyptus/recipes")
	w.run(10 * time.Minute)
	r.Rename("eucalyptus/boot")
	w.run(10 * time.Minute)
	w.add("Eucalyptus/Recipes")
	w.run(10 * time.Minute)
	w.same(r)
	list, err := w.store.Repositories(t.Context(), person.PublicViewer)
	w.must(err)
	if len(list) != 2 || !strings.Contains(list[1].Trouble, "eucalyptus/boot now, which is registered too") {
		t.Errorf("%+v", list)
	}
}

// Repositories without a commit, without issues, and with more than a page of
// issues of one second.
func TestOddRepositories(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "good")
	empty, off, burst := w.hub.AddRepo("a/empty"), w.hub.AddRepo("a/off"), w.hub.AddRepo("a/burst")
	off.TurnIssuesOff()
	off.Push(testgithub.Commit{Message: "One"})
	for range 250 {
		burst.OpenIssue(testgithub.Issue{})
	}
	for _, r := range []*testgithub.Repo{empty, off, burst} {
		w.add(r.Name())
	}
	w.run(10 * time.Minute)
	for _, r := range []*testgithub.Repo{empty, off, burst} {
		w.same(r)
	}
	for range 101 { // behind pages that stay as they are
		burst.OpenIssue(testgithub.Issue{OpenedAt: noon})
	}
	w.run(10 * time.Minute)
	w.same(burst)
	burst.Close(7, "ann")
	w.run(10 * time.Minute)
	w.same(burst)
	burst.Edit(350, func(i *testgithub.Issue) { i.Title = "The last but one" })
	burst.DeleteIssue(120)
	w.wait(25 * time.Hour)
	w.run(10 * time.Minute)
	w.same(burst)
}

// Commits are fetched back to the first session that has the repository, and known
// to be from then.
func TestOldCommits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	r := w.hub.AddRepo("eucalyptus/recipes")
	for i := range 1500 {
		r.Push(testgithub.Commit{Message: fmt.Sprintf("Commit %d", i), At: noon.Add(-time.Duration(1500-i) * 8 * time.Hour)})
	}
	id := w.add(r.Name())
	w.run(10 * time.Minute)
	var from time.Time
	read := func() int {
		var n int
		w.must(w.pool.QueryRow(t.Context(), `select commits_from, (select count(*) from commits) from repositories`).Scan(&from, &n))
		return n
	}
	if n := read(); n < 3*90 || n > 3*105 || from.After(noon.Add(-commitsBack)) {
		t.Errorf("%d commits are known, from %s", n, from)
	}
	w.must(w.store.AddNetwork(t.Context(), "test", "irc.example.org", noon))
	w.must(w.store.OpenChannels(t.Context(), "test", []string{"#euca"}, "", noon))
	first := noon.AddDate(0, 0, -480)
	s, err := w.store.AddSession(t.Context(), hackfest.Session{
		Title: "The first", Kind: hackfest.KindHackfest, StartsAt: first, EndsAt: first.Add(time.Hour), Zone: "UTC", Network: "test", Channel: "#euca",
	}, noon)
	w.must(err)
	w.must(w.store.SetRepositoryUses(t.Context(), hackfest.RepositoryUse{SessionID: s}, []hackfest.RepositoryID{id}, noon))
	w.run(2 * time.Hour)
	if n := read(); n < 3*480 || n > 1500 || from.After(first) {
		t.Errorf("%d commits are known, from %s, want from %s", n, from, first)
	}
	if n := w.busiest(time.Hour, counted); n > 50 {
		t.Errorf("%d calls within an hour", n)
	}
}

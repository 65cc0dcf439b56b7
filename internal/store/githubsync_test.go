package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// story is that issue 12 has a title, as it was updated so many seconds after noon.
func story(title string, updated int) hackfest.GitHubChange {
	return hackfest.GitHubChange{Issues: []hackfest.Issue{{
		Number: 12, Title: title, Open: true, OpenedAt: aug2, UpdatedAt: aug2.Add(time.Duration(updated) * time.Second),
	}}}
}

// polled is c as GitHub answered it, so many minutes after noon.
func polled(c hackfest.GitHubChange, minute int) hackfest.GitHubChange {
	c.Polled, c.At = true, aug2.Add(time.Duration(minute)*time.Minute)
	return c
}

var removed12 = hackfest.GitHubChange{RemovedIssues: []int{12}}

// Of all stories about an issue the right one holds, in whatever order they come.
func TestNewestStoryHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.registerRecipes()
	for _, tt := range []struct {
		name    string
		changes []hackfest.GitHubChange
		title   string // "" is none
		due     bool   // GitHub is to be asked at once
	}{
		{"the newer one", []hackfest.GitHubChange{story("old", 1), story("new", 2)}, "new", false},
		{"not the older one", []hackfest.GitHubChange{story("new", 2), story("old", 1)}, "new", false},
		{"the newer of one change", []hackfest.GitHubChange{{Issues: append(story("new", 2).Issues, story("old", 1).Issues...)}}, "new", false},
		{"of one second the first, and GitHub is asked", []hackfest.GitHubChange{story("first", 1), story("second", 1)}, "first", true},
		{"of one second twice the same", []hackfest.GitHubChange{story("first", 1), story("first", 1)}, "first", false},
		{"of one second what GitHub was asked for", []hackfest.GitHubChange{story("told", 1), polled(story("asked", 1), 1)}, "asked", false},
		{"not what GitHub was asked before", []hackfest.GitHubChange{story("told", 2), polled(story("asked", 1), 1)}, "told", false},
		{"what GitHub was asked long after, whatever was told", []hackfest.GitHubChange{story("told", 9999), polled(story("asked", 1), 11)}, "asked", false},
		{"none when it was removed", []hackfest.GitHubChange{story("told", 1), removed12}, "", false},
		{"none when it was removed before", []hackfest.GitHubChange{removed12, story("told", 9)}, "", false},
		{"one of which GitHub knows after all", []hackfest.GitHubChange{story("told", 1), removed12, polled(story("asked", 1), 1)}, "asked", false},
		{"none of which GitHub knew before", []hackfest.GitHubChange{story("told", 1), polled(removed12, 2), polled(story("asked", 1), 1)}, "", false},
		{"one of a repository that is to be asked about", []hackfest.GitHubChange{{Due: true, Issues: story("told", 1).Issues}}, "told", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w.exec(`delete from issues`)
			w.exec(`update repositories set due_at = '2012-08-03'`)
			for _, c := range tt.changes {
				c.Repository.Name = "eucalyptus/RECIPES"
				if c.At.IsZero() {
					c.At = aug2
				}
				w.must(w.ApplyGitHub(t.Context(), c))
			}
			ref := hackfest.IssueRef{Repo: "eucalyptus/recipes", Number: 12}
			found, err := w.Issues(t.Context(), person.PublicViewer, []hackfest.IssueRef{ref})
			w.must(err)
			if i, ok := found[ref]; ok != (tt.title != "") || i.Title != tt.title {
				t.Errorf("title is %q (%v), want %q", i.Title, ok, tt.title)
			}
			r, err := w.Repository(t.Context(), person.PublicViewer, ref.Repo)
			w.must(err)
			if due := !r.DueAt.After(aug2); due != tt.due {
				t.Errorf("due at %s", r.DueAt)
			}
		})
	}
}

// What a delivery says of a list without versions has the next answer be read in
// full; a list that was asked for whole takes off what is not on it.
func TestWholeLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.registerRecipes()
	ctx := t.Context()
	sha := func(n int) string { return fmt.Sprintf("%040x", n) }
	apply := func(c hackfest.GitHubChange) {
		c.Repository.ID = id
		if c.At.IsZero() {
			c.At = aug2
		}
		w.must(w.ApplyGitHub(ctx, c))
	}
	list := func(what, q, want string) {
		t.Helper()
		rows, _ := w.pool.Query(ctx, q)
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		w.must(err)
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s are %q, want %q", what, s, want)
		}
	}
	apply(hackfest.GitHubChange{Polled: true, Repository: hackfest.Repository{GitHubID: 7, Name: "Eucalyptus/Recipes"}})
	for _, path := range []string{"repositories/7/commits?since=x", "repositories/7/releases?per_page=100", "repositories/77/commits?since=x", "repositories/7"} {
		w.must(w.SetGitHubETag(ctx, path, `"x"`, aug2))
	}
	commits := `select right(sha, 1) from commits order by sha`
	tags := `select path from github_etags order by path`
	var three []hackfest.Commit
	for n := 1; n <= 3; n++ {
		three = append(three, hackfest.Commit{SHA: sha(n), Summary: "Do it", CommittedAt: aug2.AddDate(0, 0, n)})
	}
	apply(hackfest.GitHubChange{Commits: three})
	list("tags", tags, "repositories/7 repositories/7/releases?per_page=100 repositories/77/commits?since=x")
	apply(hackfest.GitHubChange{Releases: []hackfest.Release{{ID: 1, Tag: "v1", PublishedAt: aug2}, {ID: 2, Tag: "v2", PublishedAt: aug2}}})
	list("tags", tags, "repositories/7 repositories/77/commits?since=x")
	late := aug2.Add(time.Hour)
	apply(hackfest.GitHubChange{Commits: []hackfest.Commit{{SHA: sha(9), CommittedAt: aug2.AddDate(0, 0, 2)}}, At: late})
	apply(hackfest.GitHubChange{
		Commits: three[2:], AllCommits: true, CommitsFrom: aug2.AddDate(0, 0, 2), CommitsTo: aug2.AddDate(0, 0, 9), Polled: true, At: late,
	})
	list("commits, those of before and the one heard of meanwhile too,", commits, "1 3 9")
	apply(hackfest.GitHubChange{Releases: []hackfest.Release{{ID: 2, Tag: "v2.0", PublishedAt: aug2}}, AllReleases: true, Polled: true, At: late})
	list("releases", `select tag from releases`, "v2.0")
	apply(hackfest.GitHubChange{RemovedReleases: []int64{2}})
	list("releases", `select tag from releases`, "")
	m := func(n int) hackfest.Milestone {
		return hackfest.Milestone{Number: n, Title: fmt.Sprint("m", n), Open: true, UpdatedAt: aug2}
	}
	apply(hackfest.GitHubChange{Milestones: []hackfest.Milestone{m(1), m(2), m(3)}})
	x := story("In two", 1)
	x.Issues[0].Milestone = 2
	apply(x)
	apply(hackfest.GitHubChange{Milestones: []hackfest.Milestone{m(1)}, AllMilestones: true, Polled: true, At: late, RemovedMilestones: []int{3}})
	apply(hackfest.GitHubChange{Milestones: []hackfest.Milestone{m(3)}})
	list("milestones", `select title from milestones where removed_at is null`, "m1")
	list("issues", `select title || coalesce(milestone::text, '') from issues`, "In two")
}

// Which repository GitHub speaks of is told by its number before its name.
func TestWhichRepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for _, name := range []string{"a/old", "a/new", "a/off", "a/written"} {
		_, err := w.AddRepository(ctx, name, person.Public, aug2)
		w.must(err)
	}
	w.exec(`update repositories set github_id = 1 where name = 'a/old'`)
	w.exec(`update repositories set removed_at = now(), github_id = 3 where name = 'a/off'`)
	w.exec(`update repositories set recorded_at = now() where name = 'a/written'`)
	for _, tt := range []struct {
		id   int64
		name string
		want string // name of the row; "" is none
	}{
		{1, "a/old", "a/old"},
		{1, "a/renamed", "a/old"},
		{1, "a/new", "a/old"},
		{2, "a/old", ""}, // another one took its name
		{2, "A/New", "a/new"},
		{3, "a/off", ""},
		{4, "a/written", ""},
		{5, "a/nowhere", ""},
	} {
		w.exec(`delete from issues`)
		c := story("It", 1)
		c.Repository, c.At = hackfest.Repository{GitHubID: tt.id, Name: tt.name}, aug2
		err := w.ApplyGitHub(ctx, c)
		if tt.want == "" {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%d %s: %v", tt.id, tt.name, err)
			}
			continue
		}
		w.must(err)
		var got string
		w.must(w.pool.QueryRow(ctx, `select r.name from issues i join repositories r on r.id = i.repository_id`).Scan(&got))
		if got != tt.want {
			t.Errorf("%d %s is taken for %s, want %s", tt.id, tt.name, got, tt.want)
		}
	}
}

// Issues are found as they are written, and those of hidden repositories by members
// alone.
func TestIssues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for i, name := range []string{"a/Public", "a/hidden", "a/off"} {
		id, err := w.AddRepository(ctx, name, person.Public, aug2)
		w.must(err)
		c := story(name, 1)
		c.Repository, c.At, c.Polled = hackfest.Repository{ID: id, GitHubID: int64(i + 1), Name: "x" + name}, aug2, true
		w.must(w.ApplyGitHub(ctx, c)) // it was renamed
		if name == "a/hidden" {
			w.must(w.SetRepository(ctx, id, hackfest.RepositoryEdit{Visibility: person.MembersOnly}, 0))
		}
		if name == "a/off" {
			w.must(w.RemoveRepository(ctx, id, aug2))
		}
	}
	var refs []hackfest.IssueRef
	for _, repo := range []string{"xa/public", "XA/PUBLIC", "a/public", "a/Hidden", "xa/hidden", "a/off", "xa/off", "a/nowhere", ""} {
		refs = append(refs, hackfest.IssueRef{Repo: repo, Number: 12}, hackfest.IssueRef{Repo: repo, Number: 13}, hackfest.IssueRef{Repo: repo, Number: 1 << 40})
	}
	for _, tt := range []struct {
		v    person.Viewer
		want []string
	}{
		{person.PublicViewer, []string{"XA/PUBLIC#12", "a/public#12", "xa/public#12"}},
		{member, []string{"XA/PUBLIC#12", "a/Hidden#12", "a/public#12", "xa/hidden#12", "xa/public#12"}},
	} {
		found, err := w.Issues(ctx, tt.v, refs)
		w.must(err)
		var got []string
		for ref, i := range found {
			got = append(got, ref.String())
			if !strings.EqualFold(i.Repo, "xa/public") && !strings.EqualFold(i.Repo, "xa/hidden") {
				t.Errorf("%s is %s", ref, i.Ref())
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s finds %q, want %q", tt.v.Role, got, tt.want)
		}
	}
}

// A pass is begun by one process, and what a delivery asks for meanwhile is not
// forgotten at its end.
func TestGitHubPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id := w.registerRecipes()
	lease := aug2.Add(10 * time.Minute)
	p, err := w.NextGitHubPass(ctx, lease, aug2)
	w.must(err)
	if _, err := w.NextGitHubPass(ctx, lease, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("it is begun twice: %v", err)
	}
	w.must(w.EndGitHubPass(ctx, p, store.GitHubPassEnd{KnownAt: aug2, DueAt: aug2.Add(5 * time.Minute)}))
	if _, err := w.NextGitHubPass(ctx, lease, aug2.Add(4*time.Minute)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("it is begun too early: %v", err)
	}
	p, err = w.NextGitHubPass(ctx, aug2.Add(15*time.Minute), aug2.Add(5*time.Minute))
	w.must(err)
	w.must(w.ApplyGitHub(ctx, hackfest.GitHubChange{Repository: hackfest.Repository{ID: id}, Due: true, At: aug2.Add(6 * time.Minute)}))
	w.must(w.EndGitHubPass(ctx, p, store.GitHubPassEnd{Trouble: "It rains.", DueAt: aug2.Add(time.Hour)}))
	p, err = w.NextGitHubPass(ctx, aug2.Add(16*time.Minute), aug2.Add(6*time.Minute))
	if err != nil || !p.KnownAt.Equal(aug2) {
		t.Errorf("what a delivery asked for is forgotten: %+v, %v", p, err)
	}
	w.must(w.RemoveRepository(ctx, id, aug2))
	if _, err := w.NextGitHubPass(ctx, lease, aug2.AddDate(1, 0, 0)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("what was taken off is asked for: %v", err)
	}
	again, err := w.AddRepository(ctx, "eucalyptus/RECIPES", person.Public, aug2)
	if err != nil || again != id {
		t.Errorf("it comes back as %d, %v; want %d", again, err, id)
	}
	if _, err := w.AddRepository(ctx, "eucalyptus/recipes", person.Public, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("it is registered twice: %v", err)
	}
	for _, name := range []string{"", "recipes", "a/b/c", "a b/c", "-/x", "a/\x00"} {
		if _, err := w.AddRepository(ctx, name, person.Public, aug2); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// What nobody needs any more goes; what waits stays.
func TestForgetGitHub(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for i, state := range []string{"received", "applied", "ignored", "failed"} {
		w.exec(fmt.Sprintf(`insert into hook_deliveries (id, event, received_at, state) values ('old%d', 'push', '2012-07-01', '%s'), ('new%d', 'push', '2012-08-01', '%s')`, i, state, i, state))
	}
	w.must(w.SetGitHubETag(ctx, "old", "x", aug2.AddDate(0, 0, -8)))
	w.must(w.SetGitHubETag(ctx, "new", "x", aug2))
	w.must(w.ForgetGitHub(ctx, aug2.AddDate(0, 0, -7), aug2.AddDate(0, 0, -30)))
	var deliveries, tags int
	w.must(w.pool.QueryRow(ctx, `select (select count(*) from hook_deliveries), (select count(*) from github_etags)`).Scan(&deliveries, &tags))
	if deliveries != 5 || tags != 1 {
		t.Errorf("%d deliveries and %d tags are left, want 5 and 1", deliveries, tags)
	}
}

package ghsync

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// noon is when the tests begin: a Thursday.
var noon = time.Date(2012, 8, 2, 12, 0, 0, 0, time.UTC)

// world is a database, a GitHub, a client, and a clock that stands.
type world struct {
	*testing.T
	hub    *testgithub.GitHub
	store  *store.Store
	pool   *pgxpool.Pool
	client *Client
	clock  atomic.Pointer[time.Time]
}

func newWorld(t *testing.T, token string) *world {
	t.Helper()
	w := &world{T: t, pool: testdb.New(t)}
	w.clock.Store(&noon)
	w.hub = testgithub.Start(t, testgithub.Options{Secret: secret, Token: token, Now: w.now})
	w.store = store.New(w.pool)
	w.client = NewClient(Access{API: w.hub.URL, Web: w.hub.Web, Token: token}, w.store, "https://hack.example.org", w.now)
	t.Cleanup(w.client.Close)
	return w
}

func (w *world) now() time.Time { return *w.clock.Load() }

func (w *world) wait(d time.Duration) {
	now := w.now().Add(d)
	w.clock.Store(&now)
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// add registers a repository.
func (w *world) add(name string) hackfest.RepositoryID {
	w.Helper()
	id, err := w.store.AddRepository(w.Context(), name, person.Public, w.now())
	w.must(err)
	return id
}

// poll does what the job of each minute does.
func (w *world) poll() {
	w.Helper()
	for range 1000 {
		asked, err := w.client.Poll(w.Context())
		if _, ok := errors.AsType[*Blocked](err); ok || err == nil && !asked || err != nil && w.failing() {
			return
		}
		w.must(err)
	}
	w.Fatal("it does not come to an end")
}

// failing reports whether GitHub is to fail.
func (w *world) failing() bool {
	limits, err := w.store.GitHubLimits(w.Context())
	w.must(err)
	return limits[hackfest.GitHubHost].Reason != ""
}

// run lets time go by, a minute for each job.
func (w *world) run(d time.Duration) {
	w.Helper()
	for end := w.now().Add(d); w.now().Before(end); w.wait(time.Minute) {
		w.poll()
	}
}

// count counts from now on how often a connection is tried, whether or not anybody
// is there.
func (w *world) count() *atomic.Int64 {
	tries := new(atomic.Int64)
	g := w.client.http.Transport.(*gate)
	next := g.next
	g.next = tripper(func(r *http.Request) (*http.Response, error) {
		tries.Add(1)
		return next.RoundTrip(r)
	})
	return tries
}

type tripper func(*http.Request) (*http.Response, error)

func (t tripper) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// calls counts those made since the last call, by what keep says.
func (w *world) calls(keep func(testgithub.Request) bool) int {
	n := 0
	for _, r := range w.hub.Requests() {
		if keep == nil || keep(r) {
			n++
		}
	}
	return n
}

// busiest is how many calls were made in the busiest time of length d.
func (w *world) busiest(d time.Duration, keep func(testgithub.Request) bool) int {
	var at []time.Time
	for _, r := range w.hub.Requests() {
		if keep == nil || keep(r) {
			at = append(at, r.At)
		}
	}
	most := 0
	for i := range at {
		j := i
		for j < len(at) && at[j].Before(at[i].Add(d)) {
			j++
		}
		most = max(most, j-i)
	}
	return most
}

func counted(r testgithub.Request) bool { return r.Counted }

func (w *world) repository(name string) hackfest.Repository {
	w.Helper()
	r, err := w.store.Repository(w.Context(), person.Viewer{ID: 1, Role: person.Member}, name)
	w.must(err)
	return r
}

// same fails unless what is stored of a repository is what is true of it.
func (w *world) same(r *testgithub.Repo) {
	w.Helper()
	truth := r.State()
	stored := w.state(w.repository(r.Name()))
	order(truth, &stored)
	for i := range truth.Issues {
		truth.Issues[i].Labels, truth.Issues[i].Assignees = some(truth.Issues[i].Labels), some(truth.Issues[i].Assignees)
	}
	differ(w, "repository", []hackfest.Repository{stored.Repository}, []hackfest.Repository{truth.Repository})
	differ(w, "issues", stored.Issues, truth.Issues)
	differ(w, "commits", stored.Commits, truth.Commits)
	differ(w, "releases", stored.Releases, truth.Releases)
	differ(w, "milestones", stored.Milestones, truth.Milestones)
}

// differ shows the first in which two lists differ.
func differ[T any](w *world, name string, got, want []T) {
	w.Helper()
	for i := range max(len(got), len(want)) {
		var g, x string
		if i < len(got) {
			g = asJSON(w, got[i])
		}
		if i < len(want) {
			x = asJSON(w, want[i])
		}
		if g != x {
			w.Errorf("%d %s, want %d; number %d:\n got %s\nwant %s", len(got), name, len(want), i, g, x)
			return
		}
	}
}

// some is list, nil when it is empty.
func some(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

func asJSON(w *world, v any) string {
	text, err := json.Marshal(v)
	w.must(err)
	return string(text)
}

// state is what is stored, in the form of what is true.
func (w *world) state(r hackfest.Repository) testgithub.State {
	w.Helper()
	s := testgithub.State{Repository: hackfest.Repository{
		Name: r.Name, GitHubID: r.GitHubID, About: r.About, DefaultBranch: r.DefaultBranch, Private: r.Private, Archived: r.Archived,
	}}
	rows, _ := w.pool.Query(w.Context(), `select number from issues where repository_id = $1 and removed_at is null order by number`, r.ID)
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[int])
	w.must(err)
	var refs []hackfest.IssueRef
	for _, n := range numbers {
		refs = append(refs, hackfest.IssueRef{Repo: r.Name, Number: n})
	}
	found, err := w.store.Issues(w.Context(), person.Viewer{ID: 1, Role: person.Member}, refs)
	w.must(err)
	for _, ref := range refs {
		i := found[ref]
		i.RepositoryID, i.KnownAt = 0, time.Time{}
		i.Labels, i.Assignees = some(i.Labels), some(i.Assignees)
		s.Issues = append(s.Issues, i)
	}
	rows, _ = w.pool.Query(w.Context(), `select sha, summary, author, committed_at from commits where repository_id = $1`, r.ID)
	var c hackfest.Commit
	_, err = pgx.ForEachRow(rows, []any{&c.SHA, &c.Summary, &c.Author, &c.CommittedAt}, func() error {
		c.Repo = r.Name
		s.Commits = append(s.Commits, c)
		return nil
	})
	w.must(err)
	rows, _ = w.pool.Query(w.Context(), `select id, tag, name, prerelease, published_at from releases where repository_id = $1 order by id`, r.ID)
	var x hackfest.Release
	_, err = pgx.ForEachRow(rows, []any{&x.ID, &x.Tag, &x.Name, &x.Prerelease, &x.PublishedAt}, func() error {
		s.Releases = append(s.Releases, x)
		return nil
	})
	w.must(err)
	rows, _ = w.pool.Query(w.Context(), `select number, title, state = 'open', due_on, updated_at, closed_at from milestones
		where repository_id = $1 and removed_at is null order by number`, r.ID)
	var m hackfest.Milestone
	var due, closed *time.Time
	_, err = pgx.ForEachRow(rows, []any{&m.Number, &m.Title, &m.Open, &due, &m.UpdatedAt, &closed}, func() error {
		m.DueOn, m.ClosedAt = time.Time{}, time.Time{}
		if due != nil {
			m.DueOn = *due
		}
		if closed != nil {
			m.ClosedAt = *closed
		}
		s.Milestones = append(s.Milestones, m)
		return nil
	})
	w.must(err)
	return s
}

// order sorts commits as the truth does, for which those of one second are in the
// order in which they were pushed.
func order(truth testgithub.State, stored *testgithub.State) {
	place := map[string]int{}
	for i, c := range truth.Commits {
		place[c.SHA] = i
	}
	slices.SortFunc(stored.Commits, func(a, b hackfest.Commit) int { return cmp.Compare(place[a.SHA], place[b.SHA]) })
}

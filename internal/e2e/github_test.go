package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// R39, short: two portals on one database take webhooks in any order, some twice
// and some never, while GitHub changes, is asked, and each portal is killed once.
// A day later all that is known is what is true. HACKFEST_TEST_DELIVERIES=10000 is
// all of R39.
func TestR39DeliveriesShuffledDoubledAndLost(t *testing.T) {
	t.Parallel()
	w := newWatched(t, deliveries(t))
	const waves = 8
	for wave := range waves {
		for len(w.g.Deliveries()) < w.most*(wave+1)/waves {
			w.change()
		}
		w.take()
		if wave > waves/4 && wave < waves-2 {
			w.poll() // not at first, so that deliveries came before; not at last, so that something is missing
		}
		w.send(len(w.pool)*4/5, map[int]*portal{waves / 3: w.portals[0], waves * 2 / 3: w.portals[1]}[wave])
	}
	w.send(len(w.pool), nil)
	eventually(t, "all deliveries are worked", func() bool {
		return w.count(`select count(*) from hook_deliveries where state = 'received'`) == 0
	})
	w.once()
	before := w.differing()
	if len(before) == 0 {
		t.Error("nothing is missing although deliveries were lost: this proves nothing")
	}
	w.reconcile()
	for _, wrong := range w.differing() {
		t.Error(wrong)
	}
	slices.Sort(w.took)
	at := func(share float64) time.Duration {
		return w.took[int(share*float64(len(w.took)-1))].Round(100 * time.Microsecond)
	}
	const bar = 500 * time.Millisecond
	verdict := "PASS"
	if at(0.99) > bar {
		verdict = "FAIL"
	}
	t.Logf("R39 %d deliveries, %d lost, %d repeated, 2 kills, GitHub asked %d times, %d rows wrong before reconciling; answered in %v (median), p99 %v, at most %v; bar %v %s",
		len(w.g.Deliveries()), w.lost, w.repeated, len(w.g.Requests()), len(before), at(0.5), at(0.99), at(1), bar, verdict)
	if at(0.99) > 5*bar {
		t.Errorf("p99 of the answers is %v, promised are %v", at(0.99), bar)
	}
}

// deliveries is how many are made: 500, or what HACKFEST_TEST_DELIVERIES says.
func deliveries(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("HACKFEST_TEST_DELIVERIES"), "500"))
	if err != nil || n < 100 {
		t.Fatal("HACKFEST_TEST_DELIVERIES is no number of at least 100")
	}
	return n
}

// watched is a GitHub that changes, and two portals on one database that are told
// so.
type watched struct {
	t       *testing.T
	most    int // deliveries to be made
	random  *rand.Rand
	clock   *clockFile
	g       *testgithub.GitHub
	repos   []*testgithub.Repo // those that are registered
	other   *testgithub.Repo   // one that is not
	pool    []testgithub.Delivery
	taken   int // deliveries that were in pool, or lost
	portals []*portal
	db      *pgxpool.Pool
	river   *river.Client[pgx.Tx]

	mu       sync.Mutex
	fresh    map[string]int // how often a delivery was answered as new, by its id
	took     []time.Duration
	lost     int
	repeated int
	refused  []string
}

func newWatched(t *testing.T, most int) *watched {
	t.Helper()
	if _, err := clockBinary(); err != nil { // before anybody looks at the clock
		t.Fatal(err)
	}
	database := testdb.URL(t)
	db, err := store.NewPool(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	w := &watched{
		t: t, most: most, random: rand.New(rand.NewPCG(39, uint64(most))), //nolint:gosec // the same changes at each run
		clock: newClockFile(t), db: db, fresh: map[string]int{},
	}
	w.g = testgithub.Start(t, testgithub.Options{Secret: "a secret of the tests", Token: "a-token-of-the-tests", Now: w.clock.now})
	if w.river, err = river.NewClient(riverpgxv5.New(db), &river.Config{Test: river.TestConfig{Time: heraldClock{w.clock.now}}}); err != nil {
		t.Fatal(err)
	}
	st := store.New(db)
	for _, name := range []string{"eucalyptus/recipes", "eucalyptus/eutester", "openshift/origin-server"} {
		w.repos = append(w.repos, w.g.AddRepo(name))
		if _, err := st.AddRepository(t.Context(), name, person.Public, w.clock.now()); err != nil {
			t.Fatal(err)
		}
	}
	w.other = w.g.AddRepo("somebody/else")
	// Each time that a delivery is applied is noted.
	if _, err := db.Exec(t.Context(), `
		create table worked (id text not null);
		create function note_worked() returns trigger language plpgsql as $$ begin insert into worked values (new.id); return new; end $$;
		create trigger note_worked after update of state on hook_deliveries for each row when (new.state = 'applied') execute function note_worked()`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		p := newPortal(t, append(w.g.Settings(), "DATABASE_URL="+database, "HACKFEST_TEST_CLOCK="+w.clock.path, "HACKFEST_ROLES=web,jobs")...)
		p.program = clockBinary
		p.start()
		w.portals = append(w.portals, p)
	}
	for _, p := range w.portals {
		eventually(t, "a portal is ready", func() bool { status, _ := p.get("/readyz"); return status == http.StatusOK })
	}
	return w
}

// take takes the deliveries that GitHub made: one in twenty gets lost, one in ten
// is doubled, and all are shuffled among those that are late.
func (w *watched) take() {
	for _, d := range w.g.Deliveries()[w.taken:] {
		w.taken++
		switch x := w.random.IntN(20); {
		case x == 0:
			w.lost++
		case x <= 2:
			w.pool = append(w.pool, d, d)
		default:
			w.pool = append(w.pool, d)
		}
	}
	w.random.Shuffle(len(w.pool), func(i, j int) { w.pool[i], w.pool[j] = w.pool[j], w.pool[i] })
}

// send delivers the first n of the pool, eight at a time. Half way victim is
// killed and started again, unless that is nil.
func (w *watched) send(n int, victim *portal) {
	w.t.Helper()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	defer client.CloseIdleConnections()
	queue := make(chan int)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for i := range queue {
				w.deliver(client, w.pool[i], i)
			}
		})
	}
	for i := range n {
		if i == n/2 && victim != nil {
			victim.kill()
			victim.start()
		}
		queue <- i
	}
	close(queue)
	workers.Wait()
	if len(w.refused) > 0 {
		w.t.Fatalf("%d deliveries are refused; the first: %s", len(w.refused), w.refused[0])
	}
	w.pool = slices.Clone(w.pool[n:])
}

// deliver gives a delivery to one portal, or to the other one where that is away or
// just starting, as what stands in front of them would.
func (w *watched) deliver(client *http.Client, d testgithub.Delivery, i int) {
	for n := range 2 {
		begun := time.Now()
		res, err := client.Do(d.Request("http://" + w.portals[(i+n)%2].addr + "/webhooks/github").WithContext(w.t.Context()))
		if err != nil {
			continue
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode == http.StatusServiceUnavailable {
			continue
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.took = append(w.took, time.Since(begun))
		var a struct{ Repeated bool }
		if err := json.Unmarshal(body, &a); res.StatusCode != http.StatusAccepted || err != nil {
			w.refused = append(w.refused, fmt.Sprintf("%s %s is answered with %s: %.200s", d.Event, d.ID, res.Status, body))
			return
		}
		if a.Repeated {
			w.repeated++
			w.fresh[d.ID] += 0
		} else {
			w.fresh[d.ID]++
		}
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost++
}

// once checks that each delivery that was answered is kept, and had its effect
// once.
func (w *watched) once() {
	w.t.Helper()
	rows, _ := w.db.Query(w.t.Context(), `select id || ' ' || state || ' ' || repository from hook_deliveries`)
	kept, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.t.Fatal(err)
	}
	states := map[string]int{}
	for _, k := range kept {
		id, rest, _ := strings.Cut(k, " ")
		state, name, _ := strings.Cut(rest, " ")
		states[state]++
		if n := w.fresh[id]; n > 1 {
			w.t.Errorf("delivery %s was new %d times", id, n)
		}
		delete(w.fresh, id)
		if (state == "applied") == (name == w.other.Name()) && state != "ignored" {
			w.t.Errorf("delivery %s of %s is %s", id, name, state)
		}
	}
	if len(w.fresh) > 0 {
		w.t.Errorf("%d deliveries that were answered are not kept", len(w.fresh))
	}
	if n := w.count(`select count(*) from worked`); n != states["applied"] || n == 0 {
		w.t.Errorf("%d deliveries had an effect; they are %v", n, states)
	}
}

func (w *watched) count(q string, args ...any) (n int) {
	w.t.Helper()
	if err := w.db.QueryRow(w.t.Context(), q, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// reconcile lets a day go by, after which GitHub is asked for everything.
func (w *watched) reconcile() {
	w.t.Helper()
	day := w.clock.now().Add(24 * time.Hour)
	w.clock.jump(25 * time.Hour)
	next := time.NewTicker(time.Second)
	defer next.Stop()
	w.poll()
	eventually(w.t, "GitHub was asked for everything", func() bool {
		select {
		case <-next.C:
			w.clock.jump(31 * time.Minute) // there was more than one pass asks for
			w.poll()
		default:
		}
		return w.count(`select count(*) from repositories where whole_at >= $1 and known_at >= $1`, day) == len(w.repos)
	})
}

// poll has the portals ask GitHub for what is due, as they do each minute.
func (w *watched) poll() {
	w.t.Helper()
	if _, err := w.river.Insert(w.t.Context(), pollArgs{}, &river.InsertOpts{MaxAttempts: 1, Queue: "github"}); err != nil {
		w.t.Fatal(err)
	}
}

// pollArgs is the portal's job that asks GitHub for what is due.
type pollArgs struct{}

func (pollArgs) Kind() string { return "poll_github" }

// differing are the lines in which what is known and what is true differ.
func (w *watched) differing() (wrong []string) {
	w.t.Helper()
	known, truth := map[string]bool{}, map[string]bool{}
	for _, l := range w.known() {
		known[l] = true
	}
	for _, l := range w.truth() {
		truth[l] = true
	}
	for _, l := range slices.Sorted(maps.Keys(known)) {
		if !truth[l] {
			wrong = append(wrong, "known, but not true: "+l)
		}
	}
	for _, l := range slices.Sorted(maps.Keys(truth)) {
		if !known[l] {
			wrong = append(wrong, "true, but not known: "+l)
		}
	}
	return wrong
}

// known is what the portals know, one line for each thing.
func (w *watched) known() []string {
	w.t.Helper()
	const q = `
		select concat_ws('|', 'repository', name, github_id, about, default_branch, private, archived) from repositories
		union all
		select concat_ws('|', 'issue', r.name, i.number, i.pull, i.title, i.state = 'open', i.reason, i.draft, array_to_string(i.labels, ','),
			array_to_string(i.assignees, ','), i.author, coalesce(i.milestone, 0), coalesce(extract(epoch from i.opened_at)::bigint, 0),
			coalesce(extract(epoch from i.closed_at)::bigint, 0), coalesce(extract(epoch from i.merged_at)::bigint, 0), extract(epoch from i.updated_at)::bigint)
		from issues i join repositories r on r.id = i.repository_id where i.removed_at is null
		union all
		select concat_ws('|', 'commit', r.name, c.sha, c.summary, c.author, extract(epoch from c.committed_at)::bigint)
		from commits c join repositories r on r.id = c.repository_id
		union all
		select concat_ws('|', 'release', r.name, x.id, x.tag, x.name, x.prerelease, extract(epoch from x.published_at)::bigint)
		from releases x join repositories r on r.id = x.repository_id
		union all
		select concat_ws('|', 'milestone', r.name, m.number, m.title, m.state = 'open', coalesce(m.due_on::text, ''), extract(epoch from m.updated_at)::bigint,
			coalesce(extract(epoch from m.closed_at)::bigint, 0))
		from milestones m join repositories r on r.id = m.repository_id where m.removed_at is null`
	rows, _ := w.db.Query(context.WithoutCancel(w.t.Context()), q)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.t.Fatal(err)
	}
	return lines
}

// truth is what is true on GitHub, in the same lines.
func (w *watched) truth() (lines []string) {
	flag := func(b bool) string { return strconv.FormatBool(b)[:1] }
	unix := func(t time.Time) int64 {
		if t.IsZero() {
			return 0
		}
		return t.Unix()
	}
	add := func(parts ...any) {
		var text []string
		for _, p := range parts {
			if b, ok := p.(bool); ok {
				p = flag(b)
			}
			text = append(text, fmt.Sprint(p))
		}
		lines = append(lines, strings.Join(text, "|"))
	}
	for _, r := range w.repos {
		s := r.State()
		f := s.Repository
		add("repository", f.Name, f.GitHubID, f.About, f.DefaultBranch, f.Private, f.Archived)
		for _, i := range s.Issues {
			add("issue", f.Name, i.Number, i.Pull, i.Title, i.Open, i.Reason, i.Draft, strings.Join(i.Labels, ","), strings.Join(i.Assignees, ","),
				i.Author, i.Milestone, unix(i.OpenedAt), unix(i.ClosedAt), unix(i.MergedAt), unix(i.UpdatedAt))
		}
		for _, c := range s.Commits {
			add("commit", f.Name, c.SHA, c.Summary, c.Author, unix(c.CommittedAt))
		}
		for _, x := range s.Releases {
			add("release", f.Name, x.ID, x.Tag, x.Name, x.Prerelease, unix(x.PublishedAt))
		}
		for _, m := range s.Milestones {
			due := ""
			if !m.DueOn.IsZero() {
				due = m.DueOn.Format(time.DateOnly)
			}
			add("milestone", f.Name, m.Number, m.Title, m.Open, due, unix(m.UpdatedAt), unix(m.ClosedAt))
		}
	}
	return lines
}

// change changes something on GitHub, up to two seconds after the last change:
// GitHub tells times to the second.
func (w *watched) change() {
	w.t.Helper()
	w.clock.jump(time.Duration(w.random.IntN(2000)) * time.Millisecond)
	r := w.repos[w.random.IntN(len(w.repos))]
	s := r.State()
	var open, closed []int
	pulls := map[int]bool{}
	for _, i := range s.Issues {
		if pulls[i.Number] = i.Pull; i.Open {
			open = append(open, i.Number)
		} else {
			closed = append(closed, i.Number)
		}
	}
	pick := func(list []int) int { return list[w.random.IntN(len(list))] }
	word := func() string {
		return []string{"bug", "good first issue", "docs", "OpenShift", "näïve ☃"}[w.random.IntN(5)]
	}
	login := []string{"ann", "bob", "carol", "Dave-2"}[w.random.IntN(4)]
	commit := testgithub.Commit{Message: fmt.Sprintf("Change %d\n\nBecause.", w.taken+w.random.IntN(1e6)), Author: login}
	switch x := w.random.IntN(100); {
	case x < 18 || len(open) == 0 || len(closed) == 0:
		n := r.OpenIssue(testgithub.Issue{Pull: w.random.IntN(3) == 0, Title: word() + " again", Author: login})
		if len(closed) == 0 {
			r.Close(n, login)
		}
	case x < 30:
		r.Edit(pick(open), func(i *testgithub.Issue) {
			i.Title = fmt.Sprintf("%s, then %s %d", word(), word(), w.random.IntN(1000))
		})
	case x < 40:
		r.Edit(pick(open), func(i *testgithub.Issue) { i.Labels = slices.Compact([]string{word(), word()}) })
	case x < 48:
		r.Edit(pick(open), func(i *testgithub.Issue) { i.Assignees = []string{login} })
	case x < 60:
		if n := pick(open); pulls[n] && x%2 == 0 {
			r.Merge(n)
		} else {
			r.Close(n, login, []string{"completed", "not_planned"}[w.random.IntN(2)])
		}
	case x < 67:
		r.Reopen(pick(closed))
	case x < 77:
		r.Push(commit)
	default:
		w.rarely(x, r, s, pick(open), commit)
	}
}

// rarely is a change that is rare.
func (w *watched) rarely(x int, r *testgithub.Repo, s testgithub.State, open int, commit testgithub.Commit) {
	w.t.Helper()
	milestone := func() int { return s.Milestones[w.random.IntN(len(s.Milestones))].Number }
	switch {
	case x < 79:
		r.DeleteIssue(open)
	case x < 81:
		r.Transfer(open, w.repos[(slices.Index(w.repos, r)+1)%len(w.repos)])
	case x < 83:
		r.PushBranch("aside", commit)
	case x < 84 && len(s.Commits) > 3:
		r.ForcePush(s.Commits[2].SHA, commit)
	case x < 87 || len(s.Milestones) == 0:
		r.AddMilestone(testgithub.Milestone{Title: commit.Message[:9], DueOn: w.clock.now().AddDate(0, 0, w.random.IntN(90))})
	case x < 90:
		r.Edit(open, func(i *testgithub.Issue) { i.Milestone = milestone() })
	case x < 91:
		r.EditMilestone(milestone(), func(m *testgithub.Milestone) { m.Closed = !m.Closed })
	case x < 92:
		r.DeleteMilestone(milestone())
	case x < 94 || len(s.Releases) == 0:
		r.Publish(testgithub.Release{Tag: fmt.Sprintf("v%d", len(s.Releases)), Prerelease: x%2 == 0})
	case x < 95:
		r.EditRelease(s.Releases[0].ID, func(x *testgithub.Release) { x.Name = commit.Message[:9] })
	case x < 96:
		r.DeleteRelease(s.Releases[len(s.Releases)-1].ID)
	case x < 97:
		r.Describe(commit.Message[:9])
	case x < 98:
		w.other.OpenIssue(testgithub.Issue{})
	case x < 99:
		r.Star("ann")
	case len(w.g.Deliveries()) > w.most/2 && r == w.repos[1]:
		r.Rename(fmt.Sprintf("eucalyptus/eutester%d", len(w.g.Deliveries())))
	default:
		if len(s.Issues) > 0 && len(s.Issues[0].Labels) > 0 {
			r.RenameLabel(s.Issues[0].Labels[0], s.Issues[0].Labels[0]+"'")
		}
	}
}

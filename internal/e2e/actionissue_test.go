package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// A portal is killed while it asks GitHub for an issue, which GitHub makes without
// anybody hearing of it. The next one finds that, makes the other issue that was
// confirmed, each of them once, and learns by asking that one was closed.
func TestIssuesAreMadeOnceThroughAKill(t *testing.T) {
	t.Parallel()
	if _, err := clockBinary(); err != nil { // before anybody looks at the clock
		t.Fatal(err)
	}
	database, clock, ctx := testdb.URL(t), newClockFile(t), t.Context()
	db, err := store.NewPool(ctx, database)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	t.Cleanup(db.Close)
	g := testgithub.Start(t, testgithub.Options{Token: "a-token-of-the-tests", Now: clock.now})
	r, st := g.AddRepo("eucalyptus/recipes"), store.New(db)
	repository, err := st.AddRepository(ctx, r.Name(), person.Public, clock.now())
	must(err)
	jobs, err := river.NewClient(riverpgxv5.New(db), &river.Config{Test: river.TestConfig{Time: heraldClock{clock.now}}})
	must(err)
	p := newPortal(t, append(g.Settings(), "DATABASE_URL="+database, "HACKFEST_TEST_CLOCK="+clock.path, "HACKFEST_ROLES=web,jobs")...)
	p.program = clockBinary
	ready := func() {
		t.Helper()
		p.start()
		eventually(t, "the portal is ready", func() bool { status, _ := p.get("/readyz"); return status == http.StatusOK })
	}
	ready()

	actions := noted(t, st, clock.now().Add(-time.Hour), "ann to write it down", "bob to read it")
	g.Fail(testgithub.Failure{Method: http.MethodPost, Path: "/issues", Times: 1, Hang: true, Kept: true})
	g.Fail(testgithub.Failure{Method: http.MethodGet, Path: "/issues", Hang: true}) // polling would find the new one
	for i, id := range actions {
		must(st.ConfirmIssue(ctx, id.meeting, hackfest.ActionIssue{
			Action: id.ItemID, RepositoryID: repository, Title: fmt.Sprint("Action ", i+1), Body: "Noted.", Mark: strings.Repeat(fmt.Sprint(i+1), 32),
			State: hackfest.IssuePending,
		}, clock.now()))
	}
	again := func() {
		_, err := jobs.Insert(ctx, store.IssuesArgs{}, &river.InsertOpts{Queue: store.IssueQueue, MaxAttempts: 1})
		must(err)
	}
	again()
	eventually(t, "GitHub has made an issue", func() bool { return len(r.State().Issues) == 1 })
	p.kill()
	states := func() (s string) {
		t.Helper()
		must(db.QueryRow(ctx, `select string_agg(state || ' ' || coalesce(number, 0), ', ' order by ref) from action_issues`).Scan(&s))
		return s
	}
	if got := states(); got != "sending 0, pending 0" {
		t.Fatalf("the killed portal leaves behind: %s", got)
	}

	g.Heal()
	clock.jump(3 * time.Minute)
	ready()
	next := time.NewTicker(2 * time.Second)
	defer next.Stop()
	again()
	eventually(t, "both are there", func() bool {
		select {
		case <-next.C:
			again() // the one before may have been another's
		default:
		}
		return states() == "made 1, made 2"
	})
	for i, x := range []string{"Action 1", "Action 2"} {
		if made := r.Issue(i + 1); made.Title != x || hackfest.MarkIn(made.Body) != strings.Repeat(fmt.Sprint(i+1), 32) {
			t.Errorf("issue %d is %q, marked %q", i+1, made.Title, hackfest.MarkIn(made.Body))
		}
	}
	asked := 0
	for _, q := range g.Requests() {
		if q.Method == http.MethodPost {
			asked++
		}
	}
	if n := len(r.State().Issues); n != 2 || asked != 2 {
		t.Errorf("GitHub has %d issues and was asked for %d", n, asked)
	}

	r.Close(1, "mel")
	clock.jump(40 * time.Minute)
	eventually(t, "the action of the closed issue is done", func() bool {
		select {
		case <-next.C:
			_, err := jobs.Insert(ctx, pollArgs{}, &river.InsertOpts{Queue: "github", MaxAttempts: 1})
			must(err)
		default:
		}
		a, err := st.Action(ctx, person.PublicViewer, actions[0].ItemID)
		must(err)
		return a.State == hackfest.ActionDone && a.By == hackfest.ByGitHub
	})
}

// notedAction is an action, and the meeting it was noted in.
type notedAction struct {
	hackfest.ItemID
	meeting hackfest.Ref
}

// noted stores a meeting that was, in which these actions were taken.
func noted(t *testing.T, st *store.Store, at time.Time, texts ...string) (list []notedAction) {
	t.Helper()
	for _, err := range []error{st.AddNetwork(t.Context(), "test", "irc.example.org", at), st.OpenChannels(t.Context(), "test", []string{"#euca"}, "", at)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	said := []string{"#startmeeting Recipes"}
	for _, x := range texts {
		said = append(said, "#action "+x)
	}
	var state meeting.State
	var batch []meeting.Applied
	first := hackfest.RefAt(at)
	for i, x := range append(said, "#endmeeting") {
		ref := hackfest.RefAt(at.Add(time.Duration(i) * time.Second))
		l := hackfest.Line{Ref: ref, Network: "test", Channel: "#euca", At: ref.Time(), ReceivedAt: ref.Time(), Kind: hackfest.Message, Nick: "ann", Text: x}
		var effects []meeting.Effect
		state, effects = meeting.Apply(state, l)
		batch = append(batch, meeting.Applied{Line: l, Effects: effects})
		if i > 0 && i <= len(texts) {
			list = append(list, notedAction{hackfest.ItemID{Ref: ref, N: 1}, first})
		}
	}
	if err := st.Record(t.Context(), "test", "#euca", batch, irctext.RFC1459, at); err != nil {
		t.Fatal(err)
	}
	return list
}

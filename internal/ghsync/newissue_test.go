package ghsync

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

var (
	markOne = strings.Repeat("a1", 16)
	markTwo = strings.Repeat("b2", 16)
)

// wanted is an issue that somebody confirmed.
func wanted() hackfest.ActionIssue {
	return hackfest.ActionIssue{
		Repo: "euca/recipes", Title: "Write the check down", Body: "Noted.\n", Label: "docs", Assignee: "ann", Mark: markOne, SendingAt: noon, CreatedAt: noon,
	}
}

// What came of it is known for certain, or said to be unknown; what was not made
// says why in words, and how many issues there are then is how many were made.
func TestNewIssue(t *testing.T) {
	t.Parallel()
	made, failed, pending, unknown := hackfest.IssueMade, hackfest.IssueFailed, hackfest.IssuePending, hackfest.IssueUnknown
	for _, tt := range []struct {
		name   string
		wrong  func(w *world, r *testgithub.Repo)
		want   hackfest.ActionIssueState
		reason string        // a part of it
		wait   time.Duration // at least, of a pending one
		issues int
	}{
		{"all is well", func(*world, *testgithub.Repo) {}, made, "", 0, 1},
		{"the repository moved", func(_ *world, r *testgithub.Repo) { r.Rename("euca/cookbook") }, made, "", 0, 1},
		{"the token may only read", func(w *world, _ *testgithub.Repo) { w.hub.SetReadOnly(true) }, failed, "may not open issues in euca/recipes", 0, 0},
		{"the repository was deleted", func(_ *world, r *testgithub.Repo) { r.Delete() }, failed, "shows no euca/recipes", 0, 0},
		{"issues are switched off", func(_ *world, r *testgithub.Repo) { r.TurnIssuesOff() }, failed, "switched off", 0, 0},
		{"the repository is archived", func(_ *world, r *testgithub.Repo) { r.SetArchived(true) }, failed, "archived", 0, 0},
		{"somebody GitHub does not know", func(w *world, _ *testgithub.Repo) { w.hub.RenameUser("ann", "anna") }, failed, "cannot assign ann", 0, 0},
		{"the token was revoked", func(w *world, _ *testgithub.Repo) { w.hub.Revoke() }, pending, "refuses the token", time.Minute, 0},
		{
			"the calls of the hour are used up", func(w *world, _ *testgithub.Repo) { w.hub.Fail(testgithub.PrimaryLimit(noon.Add(20 * time.Minute))) },
			pending, "used up", 20 * time.Minute, 0,
		},
		{
			"too much at once", func(w *world, _ *testgithub.Repo) { w.hub.Fail(testgithub.SecondaryLimit(3 * time.Minute)) },
			pending, "too much at once", 3 * time.Minute, 0,
		},
		{"429", func(w *world, _ *testgithub.Repo) { w.hub.Fail(testgithub.TooMany(2 * time.Minute)) }, pending, "too much at once", 2 * time.Minute, 0},
		{"nobody is there", func(w *world, _ *testgithub.Repo) { w.hub.Down() }, pending, "could not be reached", time.Minute, 0},
		{"an error of theirs", func(w *world, _ *testgithub.Repo) { w.hub.Fail(testgithub.Broken(502)) }, unknown, "answered 502", 0, 0},
		{
			"an error of theirs after it was made", func(w *world, _ *testgithub.Repo) { w.hub.Fail(testgithub.Failure{Status: 500, Kept: true}) },
			unknown, "answered 500", 0, 1,
		},
		{"the connection breaks", func(w *world, _ *testgithub.Repo) { w.hub.Fail(testgithub.Failure{}) }, unknown, "did not answer", 0, 0},
		{"the connection breaks after it was made", func(w *world, _ *testgithub.Repo) { w.hub.Fail(testgithub.Failure{Kept: true}) }, unknown, "did not answer", 0, 1},
		{
			"an answer that is none", func(w *world, _ *testgithub.Repo) {
				w.hub.Fail(testgithub.Failure{Status: http.StatusCreated, Body: `{}`, Kept: true})
			}, unknown, "cannot be read", 0, 1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a-token")
			w.hub.AddUser(testgithub.User{Login: "ann"})
			r := w.hub.AddRepo("euca/recipes")
			w.add("euca/recipes")
			tt.wrong(w, r)
			got := w.client.NewIssue(t.Context(), wanted())
			if got.State != tt.want || !strings.Contains(got.Reason, tt.reason) || (got.Err == nil) != (tt.want == made) {
				t.Errorf("%s, %q, %v", got.State, got.Reason, got.Err)
			}
			if tt.want == pending && got.Again.Before(noon.Add(tt.wait)) {
				t.Errorf("it is tried again at %s", got.Again)
			}
			issues := r.State().Issues
			if len(issues) != tt.issues {
				t.Fatalf("GitHub has %+v", issues)
			}
			if tt.issues == 0 {
				return
			}
			i := r.Issue(1)
			if fmt.Sprintf("%s %s %s %s", i.Title, i.Labels, i.Assignees, i.Author) != "Write the check down [docs] [ann] hackfest-bot" || hackfest.MarkIn(i.Body) != markOne {
				t.Errorf("GitHub has %+v", i)
			}
			if tt.want == made && (got.Issue.Number != 1 || got.Issue.Mark != markOne || !got.Issue.Open) {
				t.Errorf("made %+v", got.Issue)
			}
			if calls := w.calls(func(q testgithub.Request) bool { return q.Method == http.MethodPost }); calls > 2 {
				t.Errorf("GitHub was asked %d times", calls)
			}
		})
	}
}

// An issue is found by its mark among all that are new enough: the first that has
// it, since others may copy its body.
func TestFindIssue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		have func(w *world, r *testgithub.Repo)
		want int        // 0: none
		kind fault.Kind // of the error
	}{
		{"none", func(*world, *testgithub.Repo) {}, 0, fault.NotFound},
		{"another's", func(_ *world, r *testgithub.Repo) {
			r.OpenIssue(testgithub.Issue{Title: "x", Body: hackfest.Marked("", markTwo)})
		}, 0, fault.NotFound},
		{"it, closed meanwhile", func(_ *world, r *testgithub.Repo) {
			r.OpenIssue(testgithub.Issue{Title: "x", Body: hackfest.Marked("Noted.", markOne)})
			r.Close(1, "mel")
		}, 1, 0},
		{"it, and a copy", func(w *world, r *testgithub.Repo) {
			r.OpenIssue(testgithub.Issue{Title: "x", Body: hackfest.Marked("Noted.", markOne)})
			w.wait(time.Minute)
			r.OpenIssue(testgithub.Issue{Title: "y", Body: "> " + hackfest.Marked("Noted.", markOne)})
		}, 1, 0},
		{"it, below a page of others", func(_ *world, r *testgithub.Repo) {
			r.OpenIssue(testgithub.Issue{Title: "x", Body: hackfest.Marked("Noted.", markOne)})
			for range 120 {
				r.OpenIssue(testgithub.Issue{Title: "another"})
			}
		}, 1, 0},
		{"a pull request with its mark", func(_ *world, r *testgithub.Repo) {
			r.OpenIssue(testgithub.Issue{Title: "x", Body: hackfest.Marked("", markOne), Pull: true})
		}, 0, fault.NotFound},
		{"GitHub is away", func(w *world, _ *testgithub.Repo) { w.hub.Down() }, 0, fault.Internal},
		{"the repository is not to be seen", func(_ *world, r *testgithub.Repo) { r.Delete() }, 0, fault.Internal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a-token")
			r := w.hub.AddRepo("euca/recipes")
			tt.have(w, r)
			got, err := w.client.FindIssue(t.Context(), wanted())
			if got.Number != tt.want || (err == nil) != (tt.want > 0) || err != nil && fault.KindOf(err) != tt.kind {
				t.Errorf("found %+v, %v", got, err)
			}
		})
	}
}

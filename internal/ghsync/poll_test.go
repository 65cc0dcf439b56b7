package ghsync

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// fill gives a repository n issues, opened one a minute before now, and some of
// all else.
func fill(w *world, r *testgithub.Repo, n int) {
	w.Helper()
	m := r.AddMilestone(testgithub.Milestone{Title: "3.2", DueOn: noon.AddDate(0, 1, 0).Truncate(24 * time.Hour)})
	r.AddMilestone(testgithub.Milestone{Title: "3.1", Closed: true})
	for i := range n {
		at := noon.Add(-time.Duration(n-i) * time.Minute)
		x := testgithub.Issue{OpenedAt: at, Title: fmt.Sprintf("Problem %d", i), Body: "It does not work."}
		switch i % 5 {
		case 1:
			x.Closed, x.Reason, x.ClosedAt = true, "not_planned", at.Add(30*time.Second)
		case 2:
			x.Pull, x.Closed, x.ClosedAt, x.MergedAt = true, true, at.Add(30*time.Second), at.Add(30*time.Second)
		case 3:
			x.Labels, x.Assignees, x.Milestone = []string{"bug", "Good First Issue"}, []string{"ann", "bob"}, m
		case 4:
			x.Pull, x.Draft = true, true
		}
		x.UpdatedAt = x.ClosedAt
		r.OpenIssue(x)
	}
	for i := range 10 {
		r.Push(testgithub.Commit{Message: fmt.Sprintf("Do it %d\n\nAt length.", i), Author: "ann", At: noon.AddDate(0, 0, -60+6*i)})
	}
	r.Publish(testgithub.Release{Tag: "v3.1.0", Name: "Three one"})
	r.Publish(testgithub.Release{Tag: "v3.2.0-rc1", Prerelease: true})
}

// A repository with 2,500 issues is fetched whole within GitHub's limits, and costs
// nothing once nothing changes in it.
func TestFetchWhole(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, token string
		most        int           // counted calls within an hour
		within      time.Duration // until all is known
	}{
		{"with a token", "good", 4800, time.Minute},
		{"without a token", "", 50, 2 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.token)
			r := w.hub.AddRepo("eucalyptus/recipes")
			fill(w, r, 2500)
			w.add("Eucalyptus/Recipes")
			w.run(tt.within)
			w.same(r)
			if k := w.repository("eucalyptus/recipes").KnownAt; k.IsZero() {
				t.Error("nobody says as of when it is known")
			}
			t.Logf("%d calls, at most %d counted within an hour", w.calls(nil), w.busiest(time.Hour, counted))
			if n := w.busiest(time.Hour, counted); n > tt.most {
				t.Errorf("%d calls within an hour", n)
			}
			w.run(10 * time.Minute)
			w.hub.Forget()
			w.run(3 * time.Hour)
			n := w.calls(nil)
			if n == 0 {
				t.Error("nothing is asked any more")
			}
			if all := w.calls(func(r testgithub.Request) bool { return r.Status == http.StatusNotModified }); all != n {
				t.Errorf("of %d calls about what did not change %d were answered in full", n, n-all)
				for _, r := range w.hub.Requests() {
					if r.Status != http.StatusNotModified {
						t.Log(r.At, r.Path, r.Status)
					}
				}
			}
			if tt.token == "" {
				if n := w.busiest(time.Hour, nil); n > tt.most {
					t.Errorf("%d calls within an hour", n)
				}
			}
			w.same(r)
		})
	}
}

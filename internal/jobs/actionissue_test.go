package jobs

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// What becomes of an issue that GitHub did not take, or of which nobody knows,
// while time goes by: what is not there is said to be so, and made by nobody but
// who asks for it again.
func TestIssuesThatAreNotMade(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		wrong testgithub.Failure
		after time.Duration // the second look
		want  []string      // after the first job and after the second
		heal  bool
		made  int
	}{
		{"an error, and it was not made", testgithub.Broken(502), 6 * time.Minute, []string{"unknown", "failed"}, true, 0},
		{"an error, and it is too soon to say", testgithub.Broken(502), 3 * time.Minute, []string{"unknown", "unknown"}, true, 0},
		{"an error, and it was made", testgithub.Failure{Status: 502, Kept: true}, 3 * time.Minute, []string{"unknown", "made"}, true, 1},
		{"a limit that ends", testgithub.SecondaryLimit(2 * time.Minute), 3 * time.Minute, []string{"pending", "made"}, true, 1},
		{"a limit that does not for a day", testgithub.SecondaryLimit(time.Minute), 25 * time.Hour, []string{"pending", "failed"}, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			g := testgithub.Start(t, testgithub.Options{Token: "a-token", Now: w.now})
			r := g.AddRepo("euca/recipes")
			id, err := w.AddRepository(t.Context(), "euca/recipes", person.Public, noon)
			w.must(err)
			begun, action := w.acted()
			w.must(w.ConfirmIssue(t.Context(), begun, hackfest.ActionIssue{
				Action: action, RepositoryID: id, Title: "Rest", Mark: strings.Repeat("a", 32), State: hackfest.IssuePending,
			}, noon))
			c := w.config()
			c.GitHub = ghsync.Access{API: g.URL, Web: g.Web, Token: "a-token"}
			g.Fail(tt.wrong)
			for i, want := range tt.want {
				w.must((&issuesWorker{Config: c.withDefaults()}).Work(t.Context(), nil))
				var state string
				w.must(w.pool.QueryRow(t.Context(), "select state from action_issues").Scan(&state))
				if state != want {
					t.Errorf("after job %d it is %s, want %s", i+1, state, want)
				}
				if tt.heal {
					g.Heal()
				}
				w.at(noon.Add(tt.after))
			}
			if n := len(r.State().Issues); n != tt.made {
				t.Errorf("GitHub has %d issues", n)
			}
		})
	}
}

// acted stores a meeting with one action.
func (w *world) acted() (begun hackfest.Ref, action hackfest.ItemID) {
	w.t.Helper()
	var state meeting.State
	var batch []meeting.Applied
	for i, text := range []string{"#startmeeting", "#action ann to rest", "#endmeeting"} {
		ref := hackfest.RefAt(noon.Add(time.Duration(i-60) * time.Minute))
		l := hackfest.Line{Ref: ref, Network: "test", Channel: "#euca", At: ref.Time(), ReceivedAt: ref.Time(), Kind: hackfest.Message, Nick: "ann", Text: text}
		var effects []meeting.Effect
		state, effects = meeting.Apply(state, l)
		batch = append(batch, meeting.Applied{Line: l, Effects: effects})
	}
	w.must(w.Record(w.t.Context(), "test", "#euca", batch, irctext.RFC1459, noon))
	return batch[0].Line.Ref, hackfest.ItemID{Ref: batch[1].Line.Ref, N: 1}
}

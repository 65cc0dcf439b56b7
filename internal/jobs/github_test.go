package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// Role jobs asks GitHub about what is due, and forgets what is old: that another
// token was refused, too.
func TestGitHubIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hub := testgithub.Start(t, testgithub.Options{Token: "another", Now: w.now})
	r := hub.AddRepo("eucalyptus/recipes")
	r.OpenIssue(testgithub.Issue{Title: "It does not boot"})
	_, err := w.AddRepository(t.Context(), r.Name(), person.Public, noon)
	w.must(err)
	w.exec(`insert into hook_deliveries (id, event, received_at, state) values ('old', 'push', $1, 'applied')`, noon.Add(-31*24*time.Hour))
	w.exec(`insert into github_limits (resource, blocked_until, reason, at) values ('token', $1, 'GitHub refuses the token.', $2)`, noon.Add(time.Hour), noon)
	w.run(func(ctx context.Context) error {
		c := w.config()
		c.GitHub = ghsync.Access{API: hub.URL, Web: hub.Web, Token: "another", Calls: new(ghsync.Tally)}
		return Lead(ctx, c)
	})
	w.eventually("the issue is known", func() bool {
		var n int
		w.must(w.pool.QueryRow(t.Context(), `select count(*) from issues i join repositories r on r.id = i.repository_id where r.known_at is not null`).Scan(&n))
		return n == 1
	})
	w.eventually("the old delivery is forgotten", func() bool {
		var n int
		w.must(w.pool.QueryRow(t.Context(), `select count(*) from hook_deliveries`).Scan(&n))
		return n == 0
	})
	for _, q := range hub.Requests() {
		if q.Token != "another" {
			t.Errorf("%s is asked for with token %q", q.Path, q.Token)
		}
	}
}

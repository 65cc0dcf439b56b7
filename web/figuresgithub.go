package web

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// githubFigureTime is how long Postgres may take for what it knows of GitHub. It
// is left out when it takes longer, as while it is away.
const githubFigureTime = 500 * time.Millisecond

// github puts how it stands with GitHub.
func (f figures) github(put func(name, help string, kind prometheus.ValueType, value float64, labels ...string)) {
	calls := f.s.GitHub.Calls.Calls()
	for _, result := range ghsync.CallResults {
		put("hackfest_github_calls_total", "Calls of GitHub's API since the start, by what came of them.", counter, float64(calls[result]), "result", result)
	}
	ctx, cancel := context.WithTimeout(context.Background(), githubFigureTime)
	defer cancel()
	g, err := f.s.Store.GitHubState(ctx)
	if err != nil {
		return
	}
	now := f.s.Now()
	age := func(since time.Time) float64 {
		if since.IsZero() {
			return 0
		}
		return max(0, now.Sub(since).Seconds())
	}
	var blocked time.Duration
	for resource, l := range g.Limits {
		if resource != hackfest.GitHubToken { // without it GitHub is asked all the same
			blocked = max(blocked, l.BlockedUntil.Sub(now))
		}
	}
	put("hackfest_github_blocked_seconds", "For how long GitHub is not asked, because of its limits or an outage; 0 when it is.", gauge, blocked.Seconds())
	put("hackfest_github_token_refused", "1 while GitHub refuses the token.", gauge, oneIf(g.Limits[hackfest.GitHubToken].Blocked(now)))
	put("hackfest_github_repositories", "Repositories that are kept in step.", gauge, float64(g.Repositories))
	put("hackfest_github_repositories_troubled", "Of these, those about which GitHub could not be asked the last time.", gauge, float64(g.Troubled))
	put("hackfest_github_age_seconds", "Age of what is known of the repository about which that is longest ago.", gauge, age(g.KnownAt))
	for _, state := range []string{"received", "applied", "ignored", "failed"} {
		put("hackfest_github_deliveries", "Deliveries of GitHub that are kept, by what came of them; received ones wait.", gauge, float64(g.Deliveries[state]), "state", state)
	}
	put("hackfest_github_deliveries_waiting_seconds", "Age of the oldest delivery of GitHub that waits; 0 when none does.", gauge, age(g.WaitingSince))
}

package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
)

const (
	githubCheck = "github"

	fewCalls    = 0.1              // of an hour's calls
	longWaiting = 10 * time.Minute // a delivery is worked at once
)

// github looks whether GitHub answers, takes the token and allows more calls, and
// what the portal noted when it asked. A portal without repositories does not
// need GitHub. Asking this costs no call of GitHub's limit.
func (e *examination) github(ctx context.Context) []Finding {
	if e.wrong("HACKFEST_GITHUB") {
		return nil
	}
	access := e.chosen.GitHub
	state, err := e.githubState(ctx)
	known := err == nil
	if state.Repositories == 0 && access.Token == "" {
		if !known {
			return nil // the findings about the database say why
		}
		return []Finding{{githubCheck, OK, "No repository is registered, so GitHub is not asked.", ""}}
	}
	list := []Finding{e.reached(ctx, access)}
	if !known {
		return list
	}
	return append(list, e.noted(state)...)
}

// githubState is how it stands with GitHub, as the portal's database has it.
func (e *examination) githubState(ctx context.Context) (hackfest.GitHubState, error) {
	url := e.chosen.DatabaseURL
	if url == "" {
		url, _ = e.privatePostgres(ctx)
	}
	if url == "" || e.wrong("DATABASE_URL") {
		return hackfest.GitHubState{}, fault.New(fault.Unavailable, "There is no database yet.")
	}
	ctx, cancel := context.WithTimeout(ctx, databaseAnswer)
	defer cancel()
	s, err := store.Open(ctx, url)
	if err != nil {
		return hackfest.GitHubState{}, err
	}
	defer s.Close()
	return s.GitHubState(ctx)
}

// reached asks GitHub, and says what came of it.
func (e *examination) reached(ctx context.Context, access ghsync.Access) Finding {
	rate, err := access.Examine(ctx, e.Now())
	left := fmt.Sprintf("%d of %d calls are left until %s", rate.Remaining, rate.Limit, rate.ResetsAt.UTC().Format("15:04 UTC"))
	switch {
	case errors.Is(err, ghsync.ErrToken):
		return Finding{
			githubCheck, Problem, fault.Message(err),
			"Make a new one on github.com/settings/tokens, that may read issues, contents and metadata of your repositories, and put it into HACKFEST_GITHUB_TOKEN.",
		}
	case err != nil:
		return Finding{
			githubCheck, Problem, fault.Message(err) + " Pages show what was known before, with its age.",
			"Look whether this machine may connect to " + access.API + " (HTTPS_PROXY is honoured), and at www.githubstatus.com.",
		}
	case rate.Limit == 0:
		return Finding{githubCheck, OK, access.API + " answers, and sets no limit.", ""}
	case float64(rate.Remaining) < fewCalls*float64(rate.Limit) && e.Now().Before(rate.ResetsAt):
		return Finding{
			githubCheck, Warning, "GitHub answers, but only " + left + ".",
			"The portal waits by itself. If that happens often, set HACKFEST_GITHUB_TOKEN to a token that nothing else uses, and set up the webhook.",
		}
	case access.Token == "":
		return Finding{githubCheck, OK, "GitHub answers; " + left + ". HACKFEST_GITHUB_TOKEN would allow 5000 an hour.", ""}
	}
	return Finding{githubCheck, OK, "GitHub answers and takes the token; " + left + ".", ""}
}

// noted says what the portal found when it asked GitHub, and what GitHub
// delivered.
func (e *examination) noted(g hackfest.GitHubState) []Finding {
	now := e.Now()
	var list []Finding
	if l := g.Limits[hackfest.GitHubHost]; l.Blocked(now) {
		list = append(list, Finding{githubCheck, Warning, l.Reason + " The portal asks again at " + l.BlockedUntil.Format("15:04 UTC") + ".", "Nothing, if GitHub answers now."})
	}
	if g.Troubled > 0 {
		list = append(list, Finding{
			githubCheck, Warning, fmt.Sprintf("Of %d repositories %d could not be asked about the last time.", g.Repositories, g.Troubled),
			"/admin/repositories says why, and what to do.",
		})
	}
	if !g.WaitingSince.IsZero() && now.Sub(g.WaitingSince) > longWaiting {
		list = append(list, Finding{
			githubCheck, Problem, "Deliveries of GitHub wait since " + g.WaitingSince.Format("2 January, 15:04 UTC") + " to be worked.",
			"Run a process with role jobs: hackfest serve --roles jobs.",
		})
	}
	if e.chosen.GitHub.HookSecret != "" && g.DeliveredAt.IsZero() && g.Repositories > 0 {
		list = append(list, Finding{
			githubCheck, Warning, "HACKFEST_GITHUB_WEBHOOK_SECRET is set, and GitHub has delivered nothing in the last month. It is asked instead, every few minutes.",
			"Set up the webhook as /admin/repositories shows, and look at its deliveries on GitHub.",
		})
	}
	if len(list) == 0 && g.Repositories > 0 && !g.KnownAt.IsZero() {
		list = append(list, Finding{githubCheck, OK, fmt.Sprintf("What is known of %d repositories is of %s or later.", g.Repositories, g.KnownAt.Format("2 January 2006, 15:04 UTC")), ""})
	}
	return list
}

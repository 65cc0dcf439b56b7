package ghsync

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Blocked says, by the limits that the database holds, why GitHub is not to be
// asked by a at now; nil when it is. slow is that it is asked without a token.
func (a Access) Blocked(all map[hackfest.GitHubResource]hackfest.GitHubLimit, now time.Time) (why *Blocked, slow bool) {
	token := a.Token
	if all[hackfest.GitHubToken].Blocked(now) {
		token = ""
	}
	return blocked(all, token, false, now), token == ""
}

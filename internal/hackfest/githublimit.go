package hackfest

import "time"

// GitHubResource is something for which GitHub lets us ask or does not.
type GitHubResource string

// The resources. Each has its own limit.
const (
	GitHubCore      GitHubResource = "core"      // calls an hour with the token
	GitHubAnonymous GitHubResource = "anonymous" // calls an hour without one
	GitHubSecondary GitHubResource = "secondary" // calls at once, as GitHub sees fit
	GitHubToken     GitHubResource = "token"     // the token itself: blocked when GitHub refused it
	GitHubHost      GitHubResource = "host"      // GitHub itself: blocked while it does not answer
)

// GitHubLimit is what GitHub lets us ask. Times are UTC and zero where there is
// none.
type GitHubLimit struct {
	Resource     GitHubResource
	Remaining    int       // calls left until ResetsAt; -1 is not known
	ResetsAt     time.Time // when it is as many as ever, by our clock
	BlockedUntil time.Time // nothing is asked before
	Reason       string    // what GitHub said, for people
	At           time.Time // when we learned it; of what is blocked, when it last failed
}

// Blocked reports whether nothing is asked at now.
func (l GitHubLimit) Blocked(now time.Time) bool { return now.Before(l.BlockedUntil) }

// GitHubState is how it stands with GitHub: for admins, hackfest doctor and the
// metrics.
type GitHubState struct {
	Limits       map[GitHubResource]GitHubLimit
	Repositories int       // that are kept in step
	AskedAt      time.Time // when GitHub was last asked about one
	KnownAt      time.Time // of the repository of which that is longest ago
	Troubled     int       // repositories whose last try failed
	DeliveredAt  time.Time // when GitHub last delivered something
	PingedAt     time.Time // when it last delivered a ping
	WaitingSince time.Time // when the oldest delivery came that was not worked yet; zero: all were
	Deliveries   map[string]int
}

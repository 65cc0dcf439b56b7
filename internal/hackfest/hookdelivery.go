package hackfest

import "time"

// HookDelivery is one call of our webhook by GitHub.
type HookDelivery struct {
	ID         string    // GitHub's, X-GitHub-Delivery; whoever delivers again says it again
	Event      string    // X-GitHub-Event, as in "issues"
	Repository string    // owner/name as the payload had it; "" when it named none
	ReceivedAt time.Time // UTC
	State      HookState
	Note       string // why it was ignored or failed, or what it was good for; for people
}

// HookState is what became of a HookDelivery.
type HookState string

const (
	HookReceived HookState = "received" // it waits for a worker
	HookApplied  HookState = "applied"  // what it says is known here
	HookIgnored  HookState = "ignored"  // it says nothing that is kept
	HookFailed   HookState = "failed"   // it could not be applied; GitHub was asked instead
)

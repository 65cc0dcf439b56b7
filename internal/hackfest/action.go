package hackfest

import "time"

// Action is what somebody took on in a meeting that is over.
type Action struct {
	ID     ItemID
	Text   string
	Owners []string  // nicks; empty means that nobody took it
	Due    time.Time // midnight in UTC of its day; zero without one
	At     time.Time // UTC, when it was noted

	SessionSlug  string
	SessionTitle string
	SessionAt    time.Time // UTC, its start
	SessionZone  string    // IANA name
	Network      string
}

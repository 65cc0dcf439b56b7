package person

import "time"

// Profile is what a person shows about themselves on /people. There is one only
// of who opted in.
type Profile struct {
	ID    ID
	Name  string
	Zone  string    // IANA name; "" when they keep it to themselves
	Nicks []string  // current and proven, in order of the alphabet
	Since time.Time // UTC, when they made the account
}

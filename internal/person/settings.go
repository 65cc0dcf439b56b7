package person

import "time"

// Settings are what somebody says about themselves, as only they read it.
type Settings struct {
	Name         string
	Zone         string // IANA name; "" when they gave none
	ZoneShown    bool   // on their page
	Listed       bool   // they have a page, and stand on /people
	Unnamed      bool   // their names are left out of who was at a meeting
	Mail         string // "" when they gave none
	MailProvenAt time.Time
	HasPassword  bool
	Revision     int
	CreatedAt    time.Time
}

// IdentityID identifies an Identity inside one database.
type IdentityID int64

// Identity is what a person is or was called on an IRC network.
type Identity struct {
	ID       IdentityID
	Kind     IdentityKind
	Network  string
	Value    string
	ProvenAt time.Time // UTC; zero was not
	Since    time.Time // UTC
	Until    time.Time // UTC; zero is now
}

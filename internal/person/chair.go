package person

import "time"

// Chair is that somebody chairs a series, with all its sessions, or one session.
type Chair struct {
	PersonID ID
	Person   string // their name on the portal
	Series   string // slug; "" when it is one session
	Session  string // slug; "" when it is a series
	Title    string
	Since    time.Time // UTC
}

// Host is somebody who chairs a series or a session, as its page names them.
type Host struct {
	ID     ID
	Name   string
	Listed bool // they have a page
}

// ZoneCount is how many people live in a zone, of those who show it.
type ZoneCount struct {
	Zone   string // IANA name
	People int
}

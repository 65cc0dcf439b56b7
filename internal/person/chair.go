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

package hackfest

import "time"

// Attendance is how many people came to one session that is over. Somebody who
// does not want to be named is counted.
type Attendance struct {
	Slug      string
	StartsAt  time.Time // UTC
	Zone      string    // IANA name of the zone it was planned in
	Cancelled bool      // it did not take place: the numbers are zero
	Present   int       // who was there, bots left out
	Spoke     int       // of these, who said something
	Acted     int       // of those present, who took an action on
	New       int       // of those present, who was at no earlier session of the series; 0 at its first
}

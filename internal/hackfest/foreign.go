package hackfest

import "time"

// ForeignSeries is an event of somebody else's calendar that is shown as a series
// of ours. Series.Foreign says where it comes from, Series.UID which event it is.
type ForeignSeries struct {
	Series
	Dates []ForeignDate // that are not as the rule has them
}

// ForeignDate is what became of one date of a foreign series.
type ForeignDate struct {
	Occurrence       time.Time // wall-clock start that the rule gives
	StartsAt, EndsAt time.Time // UTC
	Title            string    // "" is that of the series
	Cancelled        bool
	Out              bool // left out there, without a word: calendars of ours leave it out as well
}

// Imported is what an import of a foreign series did.
type Imported struct {
	Slug    string
	New     bool
	Changed int // dates that are otherwise than before, or that the series was changed
}

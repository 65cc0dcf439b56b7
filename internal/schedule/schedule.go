// Package schedule works out when things happen: a Series repeats by a rule, and
// each time it happens is an Occurrence. It is arithmetic on dates only; it
// reads no clock and stores nothing.
package schedule

import (
	"iter"
	"time"
)

// Series is a session that repeats. It keeps a wall-clock time and a zone, never
// an instant: a meeting at 19:00 in Berlin stays at 19:00 when summer time
// starts.
type Series struct {
	First  time.Time      // date and wall-clock time of the first occurrence; its own zone is ignored
	Zone   *time.Location // IANA zone the community keeps, e.g. Europe/Berlin
	Length time.Duration
	Rule   Rule
}

// Occurrence is one time a Series happens.
type Occurrence struct {
	Wall       time.Time // the wall-clock start the rule gave, as if it were UTC (RFC 5545 RECURRENCE-ID)
	Start, End time.Time // instants, shown in the series' zone
}

// From yields the occurrences of s that end after t, soonest first. Without a
// Count or Until in its rule the sequence has no end: the caller breaks off.
func (s Series) From(t time.Time) iter.Seq[Occurrence] {
	first := wallOf(s.First)
	return func(yield func(Occurrence) bool) {
		for n := 0; s.Rule.Count == 0 || n < s.Rule.Count; n++ {
			wall := first.AddDate(0, 0, 7*s.Rule.every()*n)
			start := Instant(wall, s.Zone)
			if !s.Rule.Until.IsZero() && start.After(s.Rule.Until) {
				return
			}
			occ := Occurrence{Wall: wall, Start: start, End: start.Add(s.Length)}
			if occ.End.After(t) && !yield(occ) {
				return
			}
		}
	}
}

// wallOf is what a clock shows at t, to the second and as if it were UTC.
func wallOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// Instant returns the instant at which a clock in zone shows wall's date and
// time. When that happens twice (summer time ends) it is the first of the two.
// When it never happens (summer time starts) wall is read with the offset in
// force before the change, which lands after the gap. Both are RFC 5545 section
// 3.3.5, so calendar programs that read our feeds agree with our pages.
//
// time.Date is no substitute: it promises neither.
func Instant(wall time.Time, zone *time.Location) time.Time {
	const day = 24 * time.Hour
	utc := wallOf(wall)
	with := func(probe time.Time) time.Time {
		_, offset := probe.In(zone).Zone() // seconds east of UTC
		return utc.Add(-time.Duration(offset) * time.Second).In(zone)
	}
	before, after := with(utc.Add(-day)), with(utc.Add(day))
	shows := func(t time.Time) bool { return wallOf(t).Equal(utc) }
	if !shows(before) && shows(after) {
		return after
	}
	return before
}

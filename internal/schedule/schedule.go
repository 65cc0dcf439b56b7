// Package schedule works out when things happen: a Series repeats by a Rule, and
// each time it happens is an Occurrence. It also says rules in words, which of
// their dates a change of the clocks touches, and what collides with what. It is
// arithmetic on dates only; it reads no clock and stores nothing.
//
// Rules are expanded by rrule-go on dates without a zone; what instant a date is,
// Instant says. rrule-go alone puts what falls into a gap an hour too early.
package schedule

import (
	"iter"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
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

// MaxLength is how long an occurrence may be.
const MaxLength = 7 * 24 * time.Hour

// Read makes a Series of what is stored or was asked for. It is fault.Invalid,
// on the field at fault, when there is no such zone or the rule cannot be read.
func Read(rule string, first time.Time, zone string, length time.Duration) (Series, error) {
	z, err := Zone(zone)
	if err != nil {
		return Series{}, err
	}
	r, err := ParseRule(rule, z)
	return Series{First: wallOf(first), Zone: z, Length: length, Rule: r}, err
}

// Zone finds an IANA zone by its name. It is fault.Invalid on the field "zone"
// when there is none; the machine's own zone has no name.
func Zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fault.On("zone", "A series needs a zone, as in Europe/Berlin.")
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Field: "zone", Message: "There is no zone " + name + ".", Err: err}
	}
	return z, nil
}

// New is Read for a series that somebody plans. It is also fault.Invalid when
// the first date is none of the rule, which names the first that is; when the
// length is not between a minute and a week; and when two dates overlap.
func New(rule string, first time.Time, zone string, length time.Duration) (Series, error) {
	s, err := Read(rule, first, zone, length)
	if err != nil {
		return s, err
	}
	return s, s.check()
}

// looks is how many dates are looked at to see whether any two overlap.
const looks = 60

func (s Series) check() error {
	if s.Length < time.Minute || s.Length > MaxLength || s.Length%time.Minute != 0 {
		return fault.On("length", "A session lasts between a minute and seven days, in whole minutes.")
	}
	if y := s.First.Year(); y < 1970 || y > 2500 {
		return fault.On("first", "The first date has to be between 1970 and 2500.")
	}
	if s.First.Second() != 0 {
		return fault.On("first", "A session begins at a whole minute.")
	}
	n, last := 0, time.Time{}
	for o := range s.All() {
		switch {
		case n == 0 && !o.Wall.Equal(s.First):
			return fault.On("first", "%s is not a date of this rule. The first that is one is %s.",
				s.First.Format(longDay), o.Wall.Format(longDay))
		case o.Start.Before(last):
			return fault.On("length", "Each session has to be over before the next one begins.")
		case n == looks:
			return nil
		}
		n, last = n+1, o.End
	}
	if n == 0 {
		return fault.On("rule", "The rule has no dates.")
	}
	return nil
}

const longDay = "Mon 2 Jan 2006"

// From yields the occurrences of s that end after t, soonest first. Without a
// Count or Until in its rule the sequence may have no end: the caller breaks off.
func (s Series) From(t time.Time) iter.Seq[Occurrence] {
	return func(yield func(Occurrence) bool) {
		for o := range s.All() {
			if o.End.After(t) && !yield(o) {
				return
			}
		}
	}
}

// Between yields the occurrences of s that end after from and start before to.
func (s Series) Between(from, to time.Time) iter.Seq[Occurrence] {
	return func(yield func(Occurrence) bool) {
		for o := range s.From(from) {
			if !o.Start.Before(to) || !yield(o) {
				return
			}
		}
	}
}

// Next are the first n occurrences of s that start after t.
func (s Series) Next(n int, t time.Time) []Occurrence {
	var list []Occurrence
	for o := range s.From(t) {
		if len(list) == n {
			break
		}
		if o.Start.After(t) {
			list = append(list, o)
		}
	}
	return list
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

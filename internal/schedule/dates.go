package schedule

import (
	"iter"
	"time"

	"github.com/teambition/rrule-go"
)

// frequencies and days are ours as rrule-go calls them.
var (
	frequencies = map[Freq]rrule.Frequency{Daily: rrule.DAILY, Weekly: rrule.WEEKLY, Monthly: rrule.MONTHLY, Yearly: rrule.YEARLY}
	days        = []rrule.Weekday{rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU}
)

// walls are the dates of s without a zone, however late.
func (s Series) walls() (rrule.Next, error) {
	o := rrule.ROption{
		Freq: frequencies[s.Rule.Freq], Dtstart: wallOf(s.First), Interval: s.Rule.interval(), Count: s.Rule.Count,
		Wkst: days[place(s.Rule.WeekStart)], Bysetpos: s.Rule.BySetPos, Bymonth: s.Rule.ByMonth,
		Bymonthday: s.Rule.ByMonthDay, Byyearday: s.Rule.ByYearDay,
	}
	for _, d := range s.Rule.ByDay {
		day := days[place(d.Weekday)]
		o.Byweekday = append(o.Byweekday, day.Nth(d.N))
	}
	if !s.Rule.Until.IsZero() {
		o.Until = wallOf(s.Rule.Until.In(s.Zone)).AddDate(0, 0, 1) // All looks closer
	}
	r, err := rrule.NewRRule(o)
	if err != nil {
		return nil, err
	}
	return r.Iterator(), nil
}

// All yields the occurrences of s, soonest first. A series that was not made by
// Read or New, and whose rule is none, has no dates. A date that falls on the
// instant of the one before, because its zone left a day out, is none.
func (s Series) All() iter.Seq[Occurrence] {
	return func(yield func(Occurrence) bool) {
		next, err := s.walls()
		if err != nil {
			return
		}
		var last time.Time
		for wall, ok := next(); ok; wall, ok = next() {
			start := Instant(wall, s.Zone)
			if !s.Rule.Until.IsZero() && start.After(s.Rule.Until) {
				return
			}
			if !start.After(last) {
				continue
			}
			last = start
			if !yield(Occurrence{Wall: wall, Start: start, End: start.Add(s.Length)}) {
				return
			}
		}
	}
}

// Since returns what is left of s when it begins with its first occurrence that
// keep accepts: that is the first date, and COUNT is less by those before. It
// keeps step: every second week stays on the same weeks. ok is false when there
// is none.
func (s Series) Since(keep func(Occurrence) bool) (rest Series, ok bool) {
	before := 0
	for o := range s.All() {
		if keep(o) {
			s.First = o.Wall
			if s.Rule.Count > 0 {
				s.Rule.Count -= before
			}
			return s, true
		}
		if before++; before > maxBefore {
			break
		}
	}
	return Series{}, false
}

// maxBefore is how many dates Since looks at: thirty years of days.
const maxBefore = 30 * 366

// Last returns the last occurrence of s that keep accepts, of those before the
// first that it does not.
func (s Series) Last(keep func(Occurrence) bool) (last Occurrence, ok bool) {
	for o := range s.All() {
		if !keep(o) {
			break
		}
		last, ok = o, true
	}
	return last, ok
}

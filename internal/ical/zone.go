package ical

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// span is a zone and from when on its rules are wanted.
type span struct {
	zone *time.Location
	from time.Time // wall-clock or instant: a day more or less does not matter
}

// zonesOf are the zones that events are in, by name.
func zonesOf(events []Event) []span {
	first := map[string]span{}
	for _, e := range events {
		name := ZoneName(e.Zone)
		for _, t := range append([]time.Time{e.Start, e.End, e.Occurrence}, e.Except...) {
			if x, ok := first[name]; !t.IsZero() && (!ok || t.Before(x.from)) {
				first[name] = span{e.Zone, t}
			}
		}
	}
	list := make([]span, 0, len(first))
	for _, x := range first {
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b span) int { return strings.Compare(ZoneName(a.zone), ZoneName(b.zone)) })
	return list
}

// change is a moment at which the clocks of a zone are changed.
type change struct {
	at       time.Time // instant
	from, to int       // seconds east of UTC, before and after
	name     string    // abbreviation afterwards
	daylight bool
}

// wall is what the clock shows when it is changed (RFC 5545 section 3.6.5: in
// the offset that is left).
func (c change) wall() time.Time { return c.at.UTC().Add(time.Duration(c.from) * time.Second) }

// sameKind reports whether c and d lead from and to the same.
func (c change) sameKind(d change) bool {
	return c.from == d.from && c.to == d.to && c.name == d.name && c.daylight == d.daylight
}

// settled are the years whose changes tell the rule of a zone for all time. All
// that tzdata lists one by one lies before, and each date of the year falls on
// each weekday in them, in leap years and others.
const (
	settledFrom = 2101
	settledTill = 2128
)

// oldest is the earliest change that is written as it was. Before, some
// calendar programs know no dates.
var oldest = time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)

// changes lists when the clocks of zone are changed: beginning with the change
// that leads to the time in force at from, or an earlier one to standard time
// should there be no other, until the year settledTill.
func changes(zone *time.Location, from time.Time) []change {
	at := from.In(zone)
	list := []change{changeTo(at)}
	for i := 0; i < 8 && list[0].daylight && list[0].at.After(oldest); i++ {
		list = slices.Insert(list, 0, changeTo(list[0].at.Add(-time.Second).In(zone)))
	}
	for {
		next, ok := nextChange(at)
		if !ok || next.Year() > settledTill {
			return list
		}
		at = next
		list = append(list, changeTo(at))
	}
}

// nextChange is when the clocks are changed after t. ZoneBounds alone does not
// tell: where a zone keeps a rule it also ends a span, or begins none, at the
// end of a leap year.
func nextChange(t time.Time) (time.Time, bool) {
	for {
		_, end := t.ZoneBounds()
		switch {
		case end.IsZero():
			return end, false
		case !end.After(t):
			t = t.Add(24 * time.Hour)
		case sameTime(end.Add(-time.Second), end):
			t = end
		default:
			return end, true
		}
	}
}

// sameTime reports whether the same time is in force at both.
func sameTime(a, b time.Time) bool {
	nameA, offsetA := a.Zone()
	nameB, offsetB := b.Zone()
	return nameA == nameB && offsetA == offsetB && a.IsDST() == b.IsDST()
}

// changeTo is the change that led to the time in force at t. Where there was
// none since 1970, it is one that changes nothing, then.
func changeTo(t time.Time) change {
	name, to := t.Zone()
	start, _ := t.ZoneBounds()
	for !start.IsZero() && sameTime(start.Add(-time.Second), start) {
		start, _ = start.Add(-time.Second).ZoneBounds()
	}
	if start.IsZero() || start.Before(oldest) {
		return change{at: oldest.Add(-time.Duration(to) * time.Second), from: to, to: to, name: name}
	}
	before := start.Add(-time.Second)
	_, from := before.Zone()
	// What tzdata calls daylight saving may be behind standard time (Dublin in
	// winter). Calendar programs take the time that is ahead for it.
	return change{at: start, from: from, to: to, name: name, daylight: to > from && before.IsDST() != start.IsDST()}
}

// zone writes the VTIMEZONE of one zone: changes by a rule that holds for ever
// as soon as there is one, those before it by date.
func (w *writer) zone(s span) {
	list := changes(s.zone, s.from.AddDate(0, 0, -2))
	rules := yearlyOf(list)
	n := ruledFrom(list, rules)
	w.line("BEGIN:VTIMEZONE")
	w.line("TZID:" + ZoneName(s.zone))
	for once := list[:n]; len(once) > 0; {
		var alike, rest []change
		for _, c := range once {
			if c.sameKind(once[0]) {
				alike = append(alike, c)
			} else {
				rest = append(rest, c)
			}
		}
		var dates []string
		for _, c := range alike {
			dates = append(dates, "RDATE:"+c.wall().Format(wallFormat))
		}
		if len(alike) == 1 {
			dates = nil // DTSTART is enough
		}
		w.observance(once[0], dates...)
		once = rest
	}
	for _, y := range rules {
		if i := slices.IndexFunc(list[n:], y.gives); i >= 0 {
			w.observance(list[n+i], "RRULE:"+y.rule())
		}
	}
	w.line("END:VTIMEZONE")
}

// observance writes the change c, and by more when it comes again. Each date has
// its line, and DTSTART is among them: ical.js reads the first of a line alone,
// and leaves out DTSTART when there are others.
func (w *writer) observance(c change, more ...string) {
	kind := "STANDARD"
	if c.daylight {
		kind = "DAYLIGHT"
	}
	w.line("BEGIN:" + kind)
	w.line("DTSTART:" + c.wall().Format(wallFormat))
	for _, line := range more {
		w.line(line)
	}
	w.line("TZOFFSETFROM:" + utcOffset(c.from))
	w.line("TZOFFSETTO:" + utcOffset(c.to))
	w.text("TZNAME", c.name)
	w.line("END:" + kind)
}

// utcOffset writes seconds east of UTC (RFC 5545 section 3.3.14).
func utcOffset(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	s := fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}

package ical

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/schedule"
)

// Foreign is what Read makes of a calendar of somebody else.
type Foreign struct {
	Name     string
	Events   []Event // as in a Calendar: overrides behind the event with their rule
	Problems []Problem
}

// Problem is something in a foreign calendar that is left out.
type Problem struct {
	Event string // its title, or its UID; "" when it is about the calendar
	What  string // a sentence
}

// Read reads a calendar that another program wrote (RFC 5545, and what Outlook
// and Google make of it). Times without a zone are read in that of the calendar
// (X-WR-TIMEZONE), else in zone; without either such events are left out. What
// is no calendar is fault.Invalid.
func Read(data []byte, zone *time.Location) (Foreign, error) {
	cal, err := parse(string(data))
	if err != nil {
		return Foreign{}, err
	}
	if v := cal.text("VERSION"); v != "" && v != "2.0" {
		return Foreign{}, fault.New(fault.Invalid, "This is vCalendar %s; only iCalendar (version 2.0) is understood.", v)
	}
	r := reader{floating: zone, located: map[string]string{}}
	r.out.Name = cal.text("X-WR-CALNAME")
	if name := cal.text("NAME"); name != "" {
		r.out.Name = name
	}
	if name := cal.text("X-WR-TIMEZONE"); name != "" {
		if z, ok := findZone(name, ""); ok {
			r.floating = z
		}
	}
	var events []component
	others := map[string]int{}
	for _, c := range cal.parts {
		switch c.name {
		case "VEVENT":
			events = append(events, c)
		case "VTIMEZONE":
			r.located[c.text("TZID")] = c.text("X-LIC-LOCATION")
		default:
			others[c.name]++
		}
	}
	r.events(events)
	for _, name := range slices.Sorted(maps.Keys(others)) {
		r.out.Problems = append(r.out.Problems, Problem{What: fmt.Sprintf("%d of %s are left out: only events are read.", others[name], name)})
	}
	return r.out, nil
}

// reader collects what is understood.
type reader struct {
	floating *time.Location
	located  map[string]string // TZID → X-LIC-LOCATION
	out      Foreign
}

// problem notes what is left out of c.
func (r *reader) problem(c component, format string, args ...any) {
	name := c.text("SUMMARY")
	if name == "" {
		name = c.text("UID")
	}
	r.out.Problems = append(r.out.Problems, Problem{name, fmt.Sprintf(format, args...)})
}

// events reads the masters first, since overrides are told by their clock.
func (r *reader) events(list []component) {
	masters := map[string]Event{}
	var order []string
	for _, c := range list {
		if _, override := c.first("RECURRENCE-ID"); override {
			continue
		}
		e, ok := r.master(c)
		if !ok {
			continue
		}
		if before, twice := masters[e.UID]; !twice {
			order = append(order, e.UID)
		} else if e.Sequence <= before.Sequence {
			continue
		}
		masters[e.UID] = e
	}
	overrides := map[string][]Event{}
	for _, c := range list {
		if _, override := c.first("RECURRENCE-ID"); !override {
			continue
		}
		m, ok := masters[c.text("UID")]
		if !ok {
			r.problem(c, "It is one date of an event that is not in the file.")
			continue
		}
		if e, ok := r.override(c, m); ok {
			overrides[m.UID] = append(overrides[m.UID], e)
		}
	}
	for _, uid := range order {
		r.out.Events = append(append(r.out.Events, masters[uid]), overrides[uid]...)
	}
}

// common reads what a master and an override have alike, but for their times.
func (r *reader) common(c component) Event {
	e := Event{
		UID: c.text("UID"), Status: Status(strings.ToUpper(c.text("STATUS"))), Summary: c.text("SUMMARY"),
		Description: c.text("DESCRIPTION"), Location: c.text("LOCATION"), URL: c.text("URL"), Contact: c.text("CONTACT"),
	}
	if n, err := strconv.Atoi(c.text("SEQUENCE")); err == nil && n > 0 && n < 1<<30 {
		e.Sequence = n
	}
	for _, name := range []string{"LAST-MODIFIED", "DTSTAMP"} {
		if t, err := time.Parse(instantFormat, c.text(name)); err == nil {
			e.Changed = t
			break
		}
	}
	return e
}

// master reads an event that is no override.
func (r *reader) master(c component) (Event, bool) {
	e := r.common(c)
	start, ok := r.stamp(c, "DTSTART", nil)
	switch {
	case e.UID == "":
		r.problem(c, "It has no UID.")
		return e, false
	case !ok:
		return e, false
	case start.day:
		r.problem(c, "It lasts whole days; sessions have an hour.")
		return e, false
	}
	e.Zone, e.Start = start.zone, start.wall
	if !r.end(c, &e) {
		return e, false
	}
	if rule := strings.TrimSpace(c.text("RRULE")); rule != "" {
		e.Rule = untilUTC(rule, e.Zone)
	}
	if n := len(c.all("RRULE")); n > 1 {
		r.problem(c, "It has %d rules; only the first is read.", n)
	}
	for _, name := range []string{"RDATE", "EXRULE"} {
		if _, ok := c.first(name); ok {
			r.problem(c, "Its %s is left out.", name)
		}
	}
	for _, p := range c.all("EXDATE") {
		for value := range strings.SplitSeq(p.value, ",") {
			p.value = value
			if t, ok := r.parseStamp(c, p, e.Zone); ok {
				e.Except = append(e.Except, t.on(e.Zone, e.Start))
			}
		}
	}
	return e, true
}

// override reads what became of one date of m.
func (r *reader) override(c component, m Event) (Event, bool) {
	e := r.common(c)
	e.Zone = m.Zone
	p, _ := c.first("RECURRENCE-ID")
	if p.params["RANGE"] != "" {
		r.problem(c, "It changes all dates from one on (RANGE), which is not understood.")
		return e, false
	}
	id, ok := r.parseStamp(c, p, m.Zone)
	if !ok {
		return e, false
	}
	e.Occurrence = id.on(m.Zone, m.Start)
	start, ok := r.stamp(c, "DTSTART", m.Zone)
	if !ok || start.day {
		start = stamp{wall: e.Occurrence, zone: m.Zone}
	}
	e.Start = start.on(m.Zone, m.Start)
	if !start.at.IsZero() && !schedule.Instant(e.Start, m.Zone).Equal(start.at) {
		e.Exact = start.at
	}
	if !r.end(c, &e) {
		return e, false
	}
	return e, true
}

// Package ical writes calendars that other programs subscribe to, and reads
// those of others (RFC 5545 and RFC 7986). What it writes is the same for the
// same input: it reads no clock, and knows neither the portal's addresses nor
// its words. It does not expand rules; internal/schedule does.
package ical

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// MediaType is that of what Bytes returns.
const MediaType = "text/calendar; charset=utf-8"

// product identifies the program that wrote a calendar (RFC 5545 section 3.7.3).
const product = "-//Hackfest//Hackfest//EN"

// Status is what becomes of an event (RFC 5545 section 3.8.1.11).
type Status string

const (
	Confirmed Status = "CONFIRMED"
	Tentative Status = "TENTATIVE"
	Cancelled Status = "CANCELLED"
)

// Calendar is a VCALENDAR for subscription.
type Calendar struct {
	Name    string        // shown as the calendar's name
	About   string        // one sentence; may be empty
	URL     string        // of the page about it; may be empty
	Source  string        // where it can be fetched again; may be empty
	Refresh time.Duration // how often that is worth while; zero says nothing
	Alarm   time.Duration // so long before each event that is not cancelled; zero means none
	Events  []Event       // overrides after the event with the rule
}

// Event is a VEVENT: one that happens once, one with a Rule, or what became of
// one date of a rule. Wall-clock times are those of Zone; their own zone is
// ignored.
type Event struct {
	UID        string // RFC 5545 section 3.8.4.7; what has the same is one event and its overrides
	Sequence   int    // RFC 5545 section 3.8.7.4
	Changed    time.Time
	Status     Status         // "" is Confirmed
	Zone       *time.Location // of an IANA name; all of one UID have the same
	Start, End time.Time      // wall-clock
	Rule       string         // RFC 5545 section 3.3.10, UNTIL in UTC; "" happens once
	Except     []time.Time    // wall-clock starts that the rule gives and that are not held
	Occurrence time.Time      // wall-clock start that the rule gave for this override; zero for none
	Exact      time.Time      // the instant it starts, where Start shows two instants and the second is meant; else zero
	ExactEnd   time.Time      // the same of End

	Summary, Description, Location, URL, Contact string
	Categories                                   []string
}

// Bytes is the calendar as it is served.
func (c Calendar) Bytes() []byte {
	var w writer
	w.line("BEGIN:VCALENDAR")
	w.line("VERSION:2.0")
	w.line("PRODID:" + product)
	w.line("CALSCALE:GREGORIAN")
	if c.Name != "" {
		w.text("NAME", c.Name)
		w.text("X-WR-CALNAME", c.Name)
	}
	if c.About != "" {
		w.text("DESCRIPTION", c.About)
		w.text("X-WR-CALDESC", c.About)
	}
	w.uri("URL", c.URL)
	w.uri("SOURCE;VALUE=URI", c.Source)
	if c.Refresh > 0 {
		w.line("REFRESH-INTERVAL;VALUE=DURATION:" + duration(c.Refresh))
		w.line("X-PUBLISHED-TTL:" + duration(c.Refresh))
	}
	for _, z := range zonesOf(c.Events) {
		w.zone(z)
	}
	for _, e := range c.Events {
		w.event(e, c.Alarm)
	}
	w.line("END:VCALENDAR")
	return w.b
}

// event writes one VEVENT.
func (w *writer) event(e Event, alarm time.Duration) {
	if e.Status == "" {
		e.Status = Confirmed
	}
	changed := e.Changed.UTC().Format(instantFormat)
	w.line("BEGIN:VEVENT")
	w.text("UID", e.UID)
	if !e.Occurrence.IsZero() {
		w.wall("RECURRENCE-ID", e.Zone, e.Occurrence)
	}
	w.line("DTSTAMP:" + changed)
	w.line("LAST-MODIFIED:" + changed)
	w.line("SEQUENCE:" + strconv.Itoa(e.Sequence))
	w.line("STATUS:" + string(e.Status))
	w.moment("DTSTART", e.Zone, e.Start, e.Exact)
	w.moment("DTEND", e.Zone, e.End, e.ExactEnd)
	if e.Rule != "" {
		w.line("RRULE:" + oneLine(e.Rule))
	}
	if len(e.Except) > 0 {
		w.wall("EXDATE", e.Zone, slices.SortedFunc(slices.Values(e.Except), time.Time.Compare)...)
	}
	w.text("SUMMARY", e.Summary)
	for _, p := range []struct{ name, value string }{
		{"DESCRIPTION", e.Description}, {"LOCATION", e.Location}, {"CONTACT", e.Contact},
	} {
		if p.value != "" {
			w.text(p.name, p.value)
		}
	}
	w.uri("URL", e.URL)
	if len(e.Categories) > 0 {
		list := make([]string, len(e.Categories))
		for i, c := range e.Categories {
			list[i] = escape(c)
		}
		w.line("CATEGORIES:" + strings.Join(list, ","))
	}
	if e.Status == Cancelled {
		w.line("TRANSP:TRANSPARENT")
	} else if alarm > 0 {
		w.alarm(e, alarm)
	}
	w.line("END:VEVENT")
}

// alarm writes a VALARM that shows the event's title.
func (w *writer) alarm(e Event, before time.Duration) {
	w.line("BEGIN:VALARM")
	w.line("ACTION:DISPLAY")
	w.text("DESCRIPTION", e.Summary)
	w.line("TRIGGER:-" + duration(before))
	w.line("END:VALARM")
}

// Layouts of RFC 5545 section 3.3.5.
const (
	wallFormat    = "20060102T150405"
	instantFormat = "20060102T150405Z"
	dateFormat    = "20060102"
)

// wall writes a property whose values are wall-clock times in zone.
func (w *writer) wall(name string, zone *time.Location, at ...time.Time) {
	list := make([]string, len(at))
	for i, t := range at {
		list[i] = t.Format(wallFormat)
	}
	w.line(name + ";TZID=" + ZoneName(zone) + ":" + strings.Join(list, ","))
}

// moment writes a start or an end: by the clock of zone, unless that does not
// tell the instant.
func (w *writer) moment(name string, zone *time.Location, wall, exact time.Time) {
	if exact.IsZero() {
		w.wall(name, zone, wall)
		return
	}
	w.line(name + ":" + exact.UTC().Format(instantFormat))
}

// duration writes d as RFC 5545 section 3.3.6 has it, to the second.
func duration(d time.Duration) string {
	s := int64(d / time.Second)
	out := "P"
	if days := s / 86400; days > 0 {
		out += strconv.FormatInt(days, 10) + "D"
	}
	if s%86400 == 0 && s > 0 {
		return out
	}
	out += "T"
	for _, u := range []struct {
		n    int64
		unit string
	}{{s / 3600 % 24, "H"}, {s / 60 % 60, "M"}, {s % 60, "S"}} {
		if u.n > 0 {
			out += strconv.FormatInt(u.n, 10) + u.unit
		}
	}
	if s == 0 {
		out += "0S"
	}
	return out
}

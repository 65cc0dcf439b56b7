package ical

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/schedule"
)

// stamp is a DATE or DATE-TIME: a day, or a wall-clock time in a zone.
type stamp struct {
	wall time.Time
	zone *time.Location
	at   time.Time // the instant, when it was written as one
	day  bool
}

// on is t by the clock of zone; a day is at the hour of start.
func (t stamp) on(zone *time.Location, start time.Time) time.Time {
	switch {
	case t.day:
		return time.Date(t.wall.Year(), t.wall.Month(), t.wall.Day(), start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
	case ZoneName(t.zone) == ZoneName(zone):
		return t.wall
	}
	return wallIn(schedule.Instant(t.wall, t.zone), zone)
}

// wallIn is what a clock in zone shows at t, as if it were UTC.
func wallIn(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// stamp reads the first property of that name. Times without a zone are read in
// zone, or when that is nil in the calendar's.
func (r *reader) stamp(c component, name string, zone *time.Location) (stamp, bool) {
	p, ok := c.first(name)
	if !ok {
		r.problem(c, "It has no %s.", name)
		return stamp{}, false
	}
	return r.parseStamp(c, p, zone)
}

func (r *reader) parseStamp(c component, p property, zone *time.Location) (stamp, bool) {
	value := strings.TrimSpace(p.value)
	if t, err := time.Parse(dateFormat, value); err == nil {
		return stamp{wall: t, day: true}, true
	}
	if t, err := time.Parse(instantFormat, value); err == nil && inCalendar(t) {
		return stamp{wall: t, zone: time.UTC, at: t}, true
	}
	t, err := time.Parse(wallFormat, value)
	if err != nil || !inCalendar(t) {
		r.problem(c, "%s is %q, which is no time.", p.name, value)
		return stamp{}, false
	}
	if tzid := p.params["TZID"]; tzid != "" {
		z, ok := findZone(tzid, r.located[tzid])
		if !ok {
			r.problem(c, "Nobody knows the zone %q of its %s.", tzid, p.name)
			return stamp{}, false
		}
		return stamp{wall: t, zone: z}, true
	}
	if zone == nil {
		zone = r.floating
	}
	if zone == nil {
		r.problem(c, "Its %s has no zone.", p.name)
		return stamp{}, false
	}
	return stamp{wall: t, zone: zone}, true
}

// inCalendar keeps out years that only a mistake can mean.
func inCalendar(t time.Time) bool { return t.Year() >= 1970 && t.Year() < 2200 }

// longest is how long an event may last.
const longest = 7 * 24 * time.Hour

// end reads when e ends, by DTEND or DURATION.
func (r *reader) end(c component, e *Event) bool {
	start := e.Exact
	if start.IsZero() {
		start = schedule.Instant(e.Start, e.Zone)
	}
	var end time.Time
	if _, ok := c.first("DTEND"); ok {
		t, ok := r.stamp(c, "DTEND", e.Zone)
		if !ok {
			return false
		}
		e.End = t.on(e.Zone, e.Start)
		if end = t.at; end.IsZero() {
			end = schedule.Instant(e.End, e.Zone)
		} else if !schedule.Instant(e.End, e.Zone).Equal(end) {
			e.ExactEnd = end
		}
	} else if d, ok := parseDuration(c.text("DURATION")); ok {
		end = start.Add(d)
		e.End = wallIn(end, e.Zone)
		if !schedule.Instant(e.End, e.Zone).Equal(end) {
			e.ExactEnd = end
		}
	} else {
		r.problem(c, "It does not say when it ends.")
		return false
	}
	if d := end.Sub(start); d <= 0 || d > longest {
		r.problem(c, "It lasts %s; a session lasts up to seven days.", d)
		return false
	}
	return true
}

// durations are those of RFC 5545 section 3.3.6.
var durations = regexp.MustCompile(`^\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$`)

func parseDuration(s string) (time.Duration, bool) {
	m := durations.FindStringSubmatch(strings.ToUpper(s))
	if m == nil {
		return 0, false
	}
	var d time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if n, err := strconv.Atoi(m[i+1]); err == nil {
			d += time.Duration(n) * unit
		}
	}
	return d, true
}

// untilUTC writes the UNTIL of a rule as an instant (RFC 5545 section 3.3.10): a
// day, as many programs write it, means all of that day.
func untilUTC(rule string, zone *time.Location) string {
	parts := strings.Split(strings.ToUpper(strings.ReplaceAll(rule, " ", "")), ";")
	for i, part := range parts {
		value, ok := strings.CutPrefix(part, "UNTIL=")
		if !ok {
			continue
		}
		if t, err := time.Parse(dateFormat, value); err == nil {
			value = t.Add(24*time.Hour - time.Second).Format(wallFormat)
		}
		if t, err := time.Parse(wallFormat, value); err == nil {
			parts[i] = "UNTIL=" + schedule.Instant(t, zone).UTC().Format(instantFormat)
		}
	}
	return strings.Join(parts, ";")
}

package ui

import (
	"fmt"
	"strings"
	"time"
)

// Clock is how one reader reads times. The zero Zone is a reader of whom we do
// not know where they are: they are told the session's zone and UTC, until
// static/js/time.js finds out.
type Clock struct {
	Now    time.Time
	Zone   *time.Location                   // the reader's own; nil when unknown
	Twelve bool                             // 9:00 pm instead of 21:00
	Locate func(name string) *time.Location // never nil; UTC for a name that is no zone
}

// Span is a stretch of time in words: "Wed 22 Aug, 21:00–23:30 your time
// (Berlin) · 12:00 Pacific".
type Span struct {
	Starts, Ends time.Time
	Text         string // date and times in the first zone
	Place        string // "your time (Berlin)", else the name of the first zone
	Own          bool   // the first zone is the reader's own
	Other        string // the start in the second zone; "" when there is none
	OtherZone    string
	There        string // the start in the session's own zone, for the script
	ThereZone    string
	Shift        string // a sentence when the clocks differ this week; usually ""
}

// Moment is one instant in words.
type Moment struct {
	At   time.Time
	Form string // what static/js/time.js makes of it: gutter, day, wday or hm
	Text string
	Zone string // name of the zone Text is in; "" when it is the reader's own or is not to be shown
	UTC  string // the time in UTC; "" when not to be shown
}

// shown is the zone in which c writes times of something planned in zone.
func (c Clock) shown(zone string) *time.Location {
	if c.Zone != nil {
		return c.Zone
	}
	return c.Locate(zone)
}

// In returns at on the clock on which c shows what was planned in zone.
func (c Clock) In(at time.Time, zone string) time.Time { return at.In(c.shown(zone)) }

// Span words the time from starts to ends of something planned in the zone of
// the given IANA name.
func (c Clock) Span(starts, ends time.Time, zone string) Span {
	there := c.Locate(zone)
	s := Span{Starts: starts.UTC(), Ends: ends.UTC(), There: c.hm(starts.In(there)), ThereZone: ZoneName(there.String())}
	first := c.shown(zone)
	a, b := starts.In(first), ends.In(first)
	s.Text = c.date("Mon 2 Jan", a) + ", " + c.between(a, b)
	if c.Zone == nil {
		s.Place = s.ThereZone
		if s.Place != "UTC" {
			s.Other, s.OtherZone = c.hm(starts.UTC()), "UTC"
		}
		return s
	}
	s.Own, s.Place = true, "your time ("+City(first.String())+")"
	if first.String() != there.String() {
		s.Other, s.OtherZone = c.hm(starts.In(there)), s.ThereZone
		if t := starts.In(there); t.YearDay() != a.YearDay() {
			s.Other = t.Format("Mon ") + s.Other
		}
		s.Shift = shift(starts, first, there)
	}
	return s
}

// Gutter words at for the left edge of a list: "Wed 22 Aug 21:00".
func (c Clock) Gutter(at time.Time, zone string) Moment {
	t := c.In(at, zone)
	m := Moment{At: at.UTC(), Form: "gutter", Text: c.date("Mon 2 Jan", t) + " " + c.hm(t)}
	if c.Zone == nil {
		m.Zone = ZoneName(t.Location().String())
		if m.Zone != "UTC" {
			m.UTC = c.hm(at.UTC())
		}
	}
	return m
}

// Day words the day of at: "16 Aug", or "16 Aug 2012" in other years than this.
func (c Clock) Day(at time.Time, zone string) Moment {
	return Moment{At: at.UTC(), Form: "day", Text: c.date("2 Jan", c.In(at, zone))}
}

// Weekday words the day of at with its weekday: "Tue 21 Aug".
func (c Clock) Weekday(at time.Time, zone string) Moment {
	return Moment{At: at.UTC(), Form: "wday", Text: c.date("Mon 2 Jan", c.In(at, zone))}
}

// Minute words the time of day of at: "21:00". The page must say in which zone.
func (c Clock) Minute(at time.Time, zone string) Moment {
	return Moment{At: at.UTC(), Form: "hm", Text: c.hm(c.In(at, zone))}
}

// Until is "in 2 h 10 min" when at is ahead by less than a day, else "".
func (c Clock) Until(at time.Time) string {
	d := at.Sub(c.Now)
	if d <= 0 || d > 24*time.Hour {
		return ""
	}
	return "in " + length(d)
}

// Elapsed is "41 min in", counted from at; "just started" within the first
// minute and before it.
func (c Clock) Elapsed(at time.Time) string {
	d := c.Now.Sub(at)
	if d < time.Minute {
		return "just started"
	}
	return length(d.Truncate(time.Minute)) + " in"
}

// Stamp writes an instant for people who may be anywhere, as link previews need
// it: "Wed 22 Aug 2012, 19:00 UTC (12:00 Pacific)".
func (c Clock) Stamp(at time.Time, zone string) string {
	there := c.Locate(zone)
	s := at.UTC().Format("Mon 2 Jan 2006, 15:04 UTC")
	if there.String() == "UTC" {
		return s
	}
	return s + " (" + at.In(there).Format("15:04 ") + ZoneName(there.String()) + ")"
}

// date formats t, with the year when it is not the current one.
func (c Clock) date(layout string, t time.Time) string {
	if t.Year() != c.Now.In(t.Location()).Year() {
		layout += " 2006"
	}
	return t.Format(layout)
}

func (c Clock) hm(t time.Time) string {
	if c.Twelve {
		return t.Format("3:04 pm")
	}
	return t.Format("15:04")
}

// between is "21:00–23:30", "9:00–11:30 pm" or "11:00 am–1:30 pm".
func (c Clock) between(a, b time.Time) string {
	from := c.hm(a)
	if c.Twelve && (a.Hour() < 12) == (b.Hour() < 12) {
		from = a.Format("3:04")
	}
	return from + "–" + c.hm(b)
}

// length is d in hours and minutes, rounded up to a minute.
func length(d time.Duration) string {
	m := int((d + time.Minute - 1) / time.Minute)
	switch h := m / 60; {
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case m%60 == 0:
		return fmt.Sprintf("%d h", h)
	default:
		return fmt.Sprintf("%d h %d min", h, m%60)
	}
}

// shift compares the distance of two zones at an instant with the one they have
// most of the year around it, and says in words if it differs: two countries
// rarely change their clocks in the same week.
func shift(at time.Time, reader, there *time.Location) string {
	distance := func(t time.Time) int {
		_, a := t.In(reader).Zone()
		_, b := t.In(there).Zone()
		return a - b
	}
	count, usual := map[int]int{}, 0
	for week := -26; week < 26; week++ {
		d := distance(at.AddDate(0, 0, 7*week))
		if count[d]++; count[d] > count[usual] {
			usual = d
		}
	}
	// Half a year apart is a reader who keeps one time all year: not this week's matter.
	now := distance(at)
	if now == usual || count[now] > 12 {
		return ""
	}
	word := "later"
	if now < usual {
		word, now, usual = "earlier", usual, now
	}
	return fmt.Sprintf("%s %s than usual for %s this week.", hours(now-usual), word, City(reader.String()))
}

// hours words a difference of clocks given in seconds.
func hours(seconds int) string {
	switch seconds {
	case 3600:
		return "One hour"
	case 1800:
		return "Half an hour"
	}
	return length(time.Duration(seconds) * time.Second)
}

// zoneNames are zones that people in them do not call by a city.
var zoneNames = map[string]string{
	"America/Los_Angeles": "Pacific",
	"America/Denver":      "Mountain",
	"America/Chicago":     "Central",
	"America/New_York":    "Eastern",
	"America/Halifax":     "Atlantic",
	"Asia/Kolkata":        "India",
	"Asia/Calcutta":       "India",
	"Etc/UTC":             "UTC",
}

// ZoneName is what people call the zone of an IANA name: "Pacific", "Berlin".
func ZoneName(iana string) string {
	if name, ok := zoneNames[iana]; ok {
		return name
	}
	return City(iana)
}

// City is the last part of an IANA name as it is read: "Los Angeles".
func City(iana string) string {
	return strings.ReplaceAll(iana[strings.LastIndexByte(iana, '/')+1:], "_", " ")
}

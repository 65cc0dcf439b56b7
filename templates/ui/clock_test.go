package ui

import (
	"testing"
	"time"
)

// locate is what web gives a Clock, without its cache.
func locate(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSpan(t *testing.T) {
	t.Parallel()
	const pacific = "America/Los_Angeles"
	for _, tt := range []struct {
		name         string
		reader       string // "" is unknown
		twelve       bool
		starts, ends string
		zone         string
		want         string // text | place | other | other zone | shift
	}{
		{"reader in Berlin", "Europe/Berlin", false, "2012-08-22T19:00:00Z", "2012-08-22T21:30:00Z", pacific, "Wed 22 Aug, 21:00–23:30|your time (Berlin)|12:00|Pacific|"},
		{"reader unknown", "", false, "2012-08-22T19:00:00Z", "2012-08-22T21:30:00Z", pacific, "Wed 22 Aug, 12:00–14:30|Pacific|19:00|UTC|"},
		{"reader unknown, planned in UTC", "", false, "2012-08-22T19:00:00Z", "2012-08-22T21:30:00Z", "UTC", "Wed 22 Aug, 19:00–21:30|UTC|||"},
		{"reader lives there", pacific, false, "2012-08-22T19:00:00Z", "2012-08-22T21:30:00Z", pacific, "Wed 22 Aug, 12:00–14:30|your time (Los Angeles)|||"},
		{"another day there", "Asia/Kolkata", false, "2012-10-24T19:00:00Z", "2012-10-24T21:30:00Z", pacific, "Thu 25 Oct, 00:30–03:00|your time (Kolkata)|Wed 12:00|Pacific|"},
		{"another year", "", false, "2013-01-02T20:00:00Z", "2013-01-02T22:00:00Z", pacific, "Wed 2 Jan 2013, 12:00–14:00|Pacific|20:00|UTC|"},
		{"twelve hours, one half", "", true, "2012-08-22T19:00:00Z", "2012-08-22T21:30:00Z", pacific, "Wed 22 Aug, 12:00–2:30 pm|Pacific|7:00 pm|UTC|"},
		{"twelve hours, both halves", "", true, "2012-08-22T18:00:00Z", "2012-08-22T20:30:00Z", pacific, "Wed 22 Aug, 11:00 am–1:30 pm|Pacific|6:00 pm|UTC|"},
		{"past midnight", "Europe/Berlin", false, "2012-08-22T21:00:00Z", "2012-08-23T00:30:00Z", "UTC", "Wed 22 Aug, 23:00–02:30|your time (Berlin)|21:00|UTC|"},
		{"Europe changed its clocks first", "Europe/Berlin", false, "2012-10-31T19:00:00Z", "2012-10-31T21:30:00Z", pacific, "Wed 31 Oct, 20:00–22:30|your time (Berlin)|12:00|Pacific|One hour earlier than usual for Berlin this week."},
		{"India never changes its clocks", "Asia/Kolkata", false, "2012-12-05T20:00:00Z", "2012-12-05T21:00:00Z", pacific, "Thu 6 Dec, 01:30–02:30|your time (Kolkata)|Wed 12:00|Pacific|"},
		{"not a zone", "", false, "2012-08-22T19:00:00Z", "2012-08-22T21:30:00Z", "Mars/Olympus", "Wed 22 Aug, 19:00–21:30|UTC|||"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := Clock{Now: at(t, "2012-08-22T16:50:00Z"), Twelve: tt.twelve, Locate: locate}
			if tt.reader != "" {
				c.Zone = locate(tt.reader)
			}
			s := c.Span(at(t, tt.starts), at(t, tt.ends), tt.zone)
			if got := s.Text + "|" + s.Place + "|" + s.Other + "|" + s.OtherZone + "|" + s.Shift; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestGutterNamesItsZoneUnlessItIsTheReaders(t *testing.T) {
	t.Parallel()
	c := Clock{Now: at(t, "2012-08-22T16:50:00Z"), Locate: locate}
	m := c.Gutter(at(t, "2012-08-22T19:00:00Z"), "America/Los_Angeles")
	if m.Text != "Wed 22 Aug 12:00" || m.Zone != "Pacific" || m.UTC != "19:00" {
		t.Errorf("unknown reader: %+v", m)
	}
	c.Zone = locate("Europe/Berlin")
	m = c.Gutter(at(t, "2012-08-22T19:00:00Z"), "America/Los_Angeles")
	if m.Text != "Wed 22 Aug 21:00" || m.Zone != "" || m.UTC != "" {
		t.Errorf("reader in Berlin: %+v", m)
	}
}

func TestUntilOnlyWithinADay(t *testing.T) {
	t.Parallel()
	c := Clock{Now: at(t, "2012-08-22T16:50:00Z")}
	for _, tt := range []struct{ name, at, want string }{
		{"two hours and ten minutes", "2012-08-22T19:00:00Z", "in 2 h 10 min"},
		{"seconds count as a minute", "2012-08-22T16:50:20Z", "in 1 min"},
		{"full hours", "2012-08-22T18:50:00Z", "in 2 h"},
		{"a day and a second", "2012-08-23T16:50:01Z", ""},
		{"now", "2012-08-22T16:50:00Z", ""},
		{"over", "2012-08-22T16:00:00Z", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := c.Until(at(t, tt.at)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

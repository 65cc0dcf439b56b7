package ical

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

// odd are zones in which something is special that a VTIMEZONE must tell.
var odd = []struct{ name, special string }{
	{"America/Los_Angeles", "the usual"},
	{"Europe/Berlin", "the usual, last Sundays"},
	{"Europe/Dublin", "tzdata's daylight saving is behind standard time"},
	{"Africa/Casablanca", "behind standard time in Ramadan, by the moon"},
	{"Asia/Kolkata", "half an hour, never changed"},
	{"Asia/Kathmandu", "45 minutes, never changed since 1986"},
	{"Pacific/Chatham", "45 minutes, changed"},
	{"Australia/Lord_Howe", "changed by half an hour"},
	{"Australia/Sydney", "summer at the turn of the year"},
	{"America/Sao_Paulo", "abolished in 2019"},
	{"Europe/Istanbul", "summer time for ever since 2016"},
	{"America/Mexico_City", "abolished in 2022"},
	{"Asia/Tehran", "abolished in 2022, by another calendar"},
	{"Europe/Moscow", "twice another standard time"},
	{"Africa/Cairo", "abolished and brought back; an end that is in October or November"},
	{"Asia/Jerusalem", "the Friday before the last Sunday"},
	{"America/Santiago", "the Sunday after the first Saturday"},
	{"America/Nuuk", "the evening before the last Sunday; another standard time"},
	{"Asia/Gaza", "by the moon, then by a rule"},
	{"Antarctica/Troll", "changed by two hours"},
	{"Pacific/Apia", "a day left out, abolished in 2021"},
	{"America/Caracas", "half an hour for nine years"},
	{"America/Phoenix", "never changed"},
	{"America/St_Johns", "half an hour and changed"},
	{"Asia/Pyongyang", "half an hour for three years"},
	{"Etc/UTC", "nothing"},
}

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// zoneText is the VTIMEZONE of a zone from a year on.
func zoneText(t testing.TB, name string, year int) component {
	t.Helper()
	var w writer
	w.line("BEGIN:VCALENDAR")
	w.zone(span{location(t, name), time.Date(year, 7, 1, 0, 0, 0, 0, time.UTC)})
	w.line("END:VCALENDAR")
	cal, err := parse(string(w.b))
	if err != nil {
		t.Fatal(err)
	}
	if len(cal.parts) != 1 || cal.parts[0].text("TZID") != name {
		t.Fatalf("no VTIMEZONE of %s:\n%s", name, w.b)
	}
	return cal.parts[0]
}

// onset is a change as a calendar program reads it.
type onset struct {
	at     time.Time
	offset int
}

// onsets expands a VTIMEZONE till 2060 by the words of RFC 5545 section 3.6.5.
func onsets(t testing.TB, z component) []onset {
	t.Helper()
	var list []onset
	for _, o := range z.parts {
		from, to := offsetOf(t, o.text("TZOFFSETFROM")), offsetOf(t, o.text("TZOFFSETTO"))
		start, err := time.Parse(wallFormat, o.text("DTSTART"))
		if err != nil {
			t.Fatal(err)
		}
		walls := []time.Time{start}
		for _, p := range o.all("RDATE") {
			wall, err := time.Parse(wallFormat, p.value)
			if err != nil {
				t.Fatal(err)
			}
			walls = append(walls, wall)
		}
		if rule := o.text("RRULE"); rule != "" {
			if !given(t, rule, start) {
				t.Errorf("DTSTART:%s is not of its own RRULE:%s", o.text("DTSTART"), rule)
			}
			for wall := start.AddDate(0, 0, 1); wall.Year() < 2060; wall = wall.AddDate(0, 0, 1) {
				if given(t, rule, wall) {
					walls = append(walls, wall)
				}
			}
		}
		for _, wall := range walls {
			list = append(list, onset{wall.Add(-time.Duration(from) * time.Second), to})
		}
	}
	slices.SortFunc(list, func(a, b onset) int { return a.at.Compare(b.at) })
	return list
}

// given reports whether a yearly rule gives the day of t.
func given(t testing.TB, rule string, at time.Time) bool {
	t.Helper()
	rule, ok := strings.CutPrefix(rule, "FREQ=YEARLY;")
	if !ok {
		t.Fatalf("%s is not yearly", rule)
	}
	for part := range strings.SplitSeq(rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "BYMONTH":
			ok = value == strconv.Itoa(int(at.Month()))
		case "BYMONTHDAY":
			ok = slices.Contains(strings.Split(value, ","), strconv.Itoa(at.Day()))
		case "BYDAY":
			nth, day := value[:len(value)-2], value[len(value)-2:]
			ok = day == strings.ToUpper(at.Weekday().String()[:2])
			last := at.AddDate(0, 0, 7).Month() != at.Month()
			ok = ok && (nth == "" || nth == "-1" && last || nth == strconv.Itoa((at.Day()+6)/7))
		default:
			t.Fatalf("nobody knows %s", part)
		}
		if !ok {
			return false
		}
	}
	return true
}

func offsetOf(t testing.TB, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s[1:5])
	if err != nil || len(s) != 5 {
		t.Fatalf("%q is no offset", s)
	}
	seconds := n/100*3600 + n%100*60
	if s[0] == '-' {
		return -seconds
	}
	return seconds
}

func TestI23I24I28ZoneIsTzdatas(t *testing.T) {
	t.Parallel()
	for _, z := range odd {
		for _, year := range []int{1995, 2012, 2026} {
			t.Run(z.name+" from "+strconv.Itoa(year)+": "+z.special, func(t *testing.T) {
				t.Parallel()
				text := zoneText(t, z.name, year)
				if !slices.ContainsFunc(text.parts, func(o component) bool { return o.name == "STANDARD" }) {
					t.Error("no STANDARD")
				}
				list, zone := onsets(t, text), location(t, z.name)
				for at := time.Date(year, 7, 1, 0, 30, 0, 0, time.UTC); at.Year() < 2060; at = at.Add(7 * time.Hour) {
					_, want := at.In(zone).Zone()
					i := slices.IndexFunc(list, func(o onset) bool { return o.at.After(at) })
					if i < 0 {
						i = len(list)
					}
					if i == 0 || list[i-1].offset != want {
						t.Fatalf("at %s the VTIMEZONE is not at %d: %v", at, want, list[:i])
					}
				}
			})
		}
	}
}

func TestI25ObservancesStartInTheOffsetThatIsLeft(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ zone, name, start, from, to, rule string }{
		{"America/Los_Angeles", "DAYLIGHT", "20260308T020000", "-0800", "-0700", "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"},
		{"America/Los_Angeles", "STANDARD", "20251102T020000", "-0700", "-0800", "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"},
		{"Europe/Dublin", "STANDARD", "20251026T020000", "+0100", "+0000", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"},
		{"Europe/Dublin", "DAYLIGHT", "20260329T010000", "+0000", "+0100", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"},
		{"Australia/Lord_Howe", "DAYLIGHT", "20251005T020000", "+1030", "+1100", "FREQ=YEARLY;BYMONTH=10;BYDAY=1SU"},
		{"Asia/Kathmandu", "STANDARD", "19860101T000000", "+0530", "+0545", ""},
		{"Asia/Kolkata", "STANDARD", "19700101T000000", "+0530", "+0530", ""},
		{"Asia/Jerusalem", "DAYLIGHT", "20260327T020000", "+0200", "+0300", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=23,24,25,26,27,28,29;BYDAY=FR"},
		{"America/Sao_Paulo", "STANDARD", "20190217T000000", "-0200", "-0300", ""},
	} {
		t.Run(tt.zone+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			z := zoneText(t, tt.zone, 2026)
			if tt.zone == "Australia/Lord_Howe" {
				z = zoneText(t, tt.zone, 2025)
			}
			for _, o := range z.parts {
				if o.name == tt.name && o.text("DTSTART") == tt.start && o.text("TZOFFSETFROM") == tt.from && o.text("TZOFFSETTO") == tt.to && o.text("RRULE") == tt.rule {
					return
				}
			}
			t.Errorf("not among %v", z.parts)
		})
	}
}

func TestI22ZoneNamesHaveAnArea(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"Europe/Berlin", "Europe/Berlin"},
		{"America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"},
		{"UTC", "Etc/UTC"},
		{"Singapore", "Asia/Singapore"},
		{"GB", "Europe/London"},
		{"GMT", "Etc/GMT"},
		{"EST5EDT", "America/New_York"},
	} {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			if got := ZoneName(location(t, tt.in)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// The full names mean what the short ones mean.
func TestAreasAreTheSameZone(t *testing.T) {
	t.Parallel()
	for short, full := range area {
		a, b := location(t, short), location(t, full)
		for at := time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2040; at = at.AddDate(0, 0, 5) {
			_, x := at.In(a).Zone()
			_, y := at.In(b).Zone()
			if x != y {
				t.Errorf("%s is not %s at %s", short, full, at)
				break
			}
		}
	}
	for name, zone := range windows {
		if _, ok := findZone(name, ""); !ok {
			t.Errorf("%s leads to %s, which is no zone", name, zone)
		}
	}
}

func BenchmarkZone(b *testing.B) {
	zone := location(b, "Africa/Casablanca")
	for b.Loop() {
		var w writer
		w.zone(span{zone, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)})
	}
}

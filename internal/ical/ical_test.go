package ical_test

import (
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/eucalyptus/hackfest/internal/ical"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func wall(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// weekly is a series with a date that is left out, one that is moved and one
// that is cancelled.
func weekly(t testing.TB) ical.Calendar {
	t.Helper()
	la := zone(t, "America/Los_Angeles")
	changed := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	return ical.Calendar{
		Name: "Community hackfests", About: "All of them, and more; some", URL: "https://hack.example.org/schedule",
		Source: "https://hack.example.org/calendar/all.ics", Refresh: time.Hour,
		Events: []ical.Event{
			{
				UID: "01a@hackfest", Sequence: 3, Changed: changed, Zone: la,
				Start: wall(t, "2026-10-14 12:00"), End: wall(t, "2026-10-14 14:30"),
				Rule: "FREQ=WEEKLY;BYDAY=WE;UNTIL=20261202T200000Z", Except: []time.Time{wall(t, "2026-11-25 12:00"), wall(t, "2026-10-21 12:00")},
				Summary: "Weekly hackfest", Description: "Join: https://web.example.org\nÜbersicht; and a lot of words, so that the line has to be folded",
				Location: "#euca on freenode", URL: "https://hack.example.org/series/weekly-hackfest/next", Contact: "gregdek",
				Categories: []string{"hackfest", "a,b"},
			},
			{
				UID: "01a@hackfest", Sequence: 4, Changed: changed.Add(time.Hour), Zone: la,
				Occurrence: wall(t, "2026-10-28 12:00"), Start: wall(t, "2026-10-28 13:00"), End: wall(t, "2026-10-28 15:30"),
				Summary: "OpenShift Origin", URL: "https://hack.example.org/sessions/2026-10-28-openshift-origin",
			},
			{
				UID: "01a@hackfest", Sequence: 4, Changed: changed.Add(2 * time.Hour), Zone: la, Status: ical.Cancelled,
				Occurrence: wall(t, "2026-11-11 12:00"), Start: wall(t, "2026-11-11 12:00"), End: wall(t, "2026-11-11 14:30"),
				Summary: "CANCELLED: Weekly hackfest",
			},
		},
	}
}

const weeklyText = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Hackfest//Hackfest//EN
CALSCALE:GREGORIAN
NAME:Community hackfests
X-WR-CALNAME:Community hackfests
DESCRIPTION:All of them\, and more\; some
X-WR-CALDESC:All of them\, and more\; some
URL:https://hack.example.org/schedule
SOURCE;VALUE=URI:https://hack.example.org/calendar/all.ics
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
BEGIN:VTIMEZONE
TZID:America/Los_Angeles
BEGIN:DAYLIGHT
DTSTART:20260308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0800
TZOFFSETTO:-0700
TZNAME:PDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20251102T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0700
TZOFFSETTO:-0800
TZNAME:PST
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:01a@hackfest
DTSTAMP:20260901T120000Z
LAST-MODIFIED:20260901T120000Z
SEQUENCE:3
STATUS:CONFIRMED
DTSTART;TZID=America/Los_Angeles:20261014T120000
DTEND;TZID=America/Los_Angeles:20261014T143000
RRULE:FREQ=WEEKLY;BYDAY=WE;UNTIL=20261202T200000Z
EXDATE;TZID=America/Los_Angeles:20261021T120000,20261125T120000
SUMMARY:Weekly hackfest
DESCRIPTION:Join: https://web.example.org\nÜbersicht\; and a lot of words\
 , so that the line has to be folded
LOCATION:#euca on freenode
CONTACT:gregdek
URL:https://hack.example.org/series/weekly-hackfest/next
CATEGORIES:hackfest,a\,b
END:VEVENT
BEGIN:VEVENT
UID:01a@hackfest
RECURRENCE-ID;TZID=America/Los_Angeles:20261028T120000
DTSTAMP:20260901T130000Z
LAST-MODIFIED:20260901T130000Z
SEQUENCE:4
STATUS:CONFIRMED
DTSTART;TZID=America/Los_Angeles:20261028T130000
DTEND;TZID=America/Los_Angeles:20261028T153000
SUMMARY:OpenShift Origin
URL:https://hack.example.org/sessions/2026-10-28-openshift-origin
END:VEVENT
BEGIN:VEVENT
UID:01a@hackfest
RECURRENCE-ID;TZID=America/Los_Angeles:20261111T120000
DTSTAMP:20260901T140000Z
LAST-MODIFIED:20260901T140000Z
SEQUENCE:4
STATUS:CANCELLED
DTSTART;TZID=America/Los_Angeles:20261111T120000
DTEND;TZID=America/Los_Angeles:20261111T143000
SUMMARY:CANCELLED: Weekly hackfest
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
`

// Each byte of a calendar: I1, I2, I6, I7, I12 to I15, I17, I21, I26, I32.
func TestCalendarBytes(t *testing.T) {
	t.Parallel()
	got := string(weekly(t).Bytes())
	if want := strings.ReplaceAll(weeklyText, "\n", "\r\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if again := string(weekly(t).Bytes()); again != got {
		t.Error("not the same twice")
	}
}

func TestAlarmOnlyBeforeWhatTakesPlace(t *testing.T) {
	t.Parallel()
	c := weekly(t)
	c.Alarm = 15 * time.Minute
	got := string(c.Bytes())
	if n := strings.Count(got, "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:"); n != 2 || strings.Count(got, "TRIGGER:-PT15M\r\n") != 2 {
		t.Errorf("%d alarms, want that of the rule and of the moved date:\n%s", n, got)
	}
}

func TestOnlyAnInstantTellsTheSecondPass(t *testing.T) {
	t.Parallel()
	c := weekly(t)
	c.Events = c.Events[:1]
	c.Events[0].Exact = time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC)
	c.Events[0].ExactEnd = c.Events[0].Exact.Add(time.Hour)
	if got := string(c.Bytes()); !strings.Contains(got, "DTSTART:20261101T093000Z\r\nDTEND:20261101T103000Z\r\n") {
		t.Errorf("the second pass of an hour is not told:\n%s", got)
	}
}

// What is written is read back as it was.
func TestReadWhatIsWritten(t *testing.T) {
	t.Parallel()
	c := weekly(t)
	got, err := ical.Read(c.Bytes(), nil)
	if err != nil || len(got.Problems) > 0 {
		t.Fatal(err, got.Problems)
	}
	for i := range c.Events {
		if c.Events[i].Status == "" {
			c.Events[i].Status = ical.Confirmed
		}
		c.Events[i].Categories = nil // not read
	}
	want := c.Events[0]
	want.Except = []time.Time{want.Except[1], want.Except[0]}
	c.Events[0] = want
	if got.Name != c.Name || !reflect.DeepEqual(got.Events, c.Events) {
		t.Errorf("got\n%+v\nwant\n%+v", got.Events, c.Events)
	}
}

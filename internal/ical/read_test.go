package ical_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/ical"
)

// event is a calendar of one VEVENT with these lines.
func event(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:a\nSUMMARY:A\n" + strings.Join(lines, "\n") + "\nEND:VEVENT\nEND:VCALENDAR\n")
}

// told is an event in one line.
func told(e ical.Event) string {
	const layout = "2006-01-02 15:04"
	s := fmt.Sprintf("%s %s–%s %s", e.UID, e.Start.Format(layout), e.End.Format(layout), ical.ZoneName(e.Zone))
	if e.Rule != "" {
		s += " " + e.Rule
	}
	if !e.Occurrence.IsZero() {
		s += " instead of " + e.Occurrence.Format(layout)
	}
	for _, x := range e.Except {
		s += " but " + x.Format(layout)
	}
	if e.Status == ical.Cancelled {
		s += " cancelled"
	}
	return s
}

func TestReadWhatOthersWrite(t *testing.T) {
	t.Parallel()
	const start, end = "DTSTART;TZID=Europe/Berlin:20261014T190000", "DTEND;TZID=Europe/Berlin:20261014T200000"
	const plain = "a 2026-10-14 19:00–2026-10-14 20:00 Europe/Berlin"
	for _, tt := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"once", []string{start, end}, plain},
		{"DURATION", []string{start, "DURATION:PT1H"}, plain},
		{"DURATION of a day and more", []string{start, "DURATION:P1DT90M"}, "a 2026-10-14 19:00–2026-10-15 20:30 Europe/Berlin"},
		{"in UTC", []string{"DTSTART:20261014T190000Z", "DTEND:20261014T200000Z"}, "a 2026-10-14 19:00–2026-10-14 20:00 Etc/UTC"},
		{"Outlook's zone", []string{"DTSTART;TZID=W. Europe Standard Time:20261014T190000", "DTEND;TZID=W. Europe Standard Time:20261014T200000"}, plain},
		{"a zone in quotes", []string{`DTSTART;TZID="Europe/Berlin":20261014T190000`, end}, plain},
		{"a zone with a vendor", []string{"DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261014T190000", end}, plain},
		{"end in another zone", []string{start, "DTEND;TZID=Europe/London:20261014T190000"}, plain},
		{"in small letters", []string{strings.ToLower("dtstart") + ";tzid=Europe/Berlin:20261014T190000", end}, plain},
		{"the last day as a date", []string{start, end, "RRULE:FREQ=WEEKLY;UNTIL=20261028"}, plain + " FREQ=WEEKLY;UNTIL=20261028T225959Z"},
		{"the last day by its clock", []string{start, end, "RRULE:FREQ=WEEKLY;UNTIL=20261028T190000"}, plain + " FREQ=WEEKLY;UNTIL=20261028T180000Z"},
		{"spaces in the rule", []string{start, end, "RRULE:FREQ=WEEKLY; COUNT=3"}, plain + " FREQ=WEEKLY;COUNT=3"},
		{"left out by day", []string{start, end, "RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20261021"}, plain + " FREQ=WEEKLY but 2026-10-21 19:00"},
		{"left out in UTC", []string{start, end, "RRULE:FREQ=WEEKLY", "EXDATE:20261021T170000Z,20261028T180000Z"}, plain + " FREQ=WEEKLY but 2026-10-21 19:00 but 2026-10-28 19:00"},
		{"cancelled", []string{start, end, "STATUS:CANCELLED"}, plain + " cancelled"},

		{"a whole day", []string{"DTSTART;VALUE=DATE:20261014"}, "A: It lasts whole days; sessions have an hour."},
		{"no end", []string{start}, "A: It does not say when it ends."},
		{"an end before the start", []string{start, "DTEND;TZID=Europe/Berlin:20261014T180000"}, "A: It lasts -1h0m0s; a session lasts up to seven days."},
		{"no start", []string{end}, "A: It has no DTSTART."},
		{"an unknown zone", []string{"DTSTART;TZID=My Zone:20261014T190000", end}, `A: Nobody knows the zone "My Zone" of its DTSTART.`},
		{"the machine's zone", []string{"DTSTART;TZID=Local:20261014T190000", end}, `A: Nobody knows the zone "Local" of its DTSTART.`},
		{"no zone", []string{"DTSTART:20261014T190000", end}, "A: Its DTSTART has no zone."},
		{"no time", []string{"DTSTART:yesterday", end}, `A: DTSTART is "yesterday", which is no time.`},
		{"a year that nobody means", []string{"DTSTART:99990101T000000Z", end}, `A: DTSTART is "99990101T000000Z", which is no time.`},
		{"extra dates", []string{start, end, "RDATE;TZID=Europe/Berlin:20261015T190000"}, "A: Its RDATE is left out.\n" + plain},
		{"two rules", []string{start, end, "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"}, "A: It has 2 rules; only the first is read.\n" + plain + " FREQ=DAILY"},
		{"an override without its event", []string{start, end, "RECURRENCE-ID:20261014T170000Z"}, "A: It is one date of an event that is not in the file."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ical.Read(event(tt.lines...), nil)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, p := range got.Problems {
				lines = append(lines, p.Event+": "+p.What)
			}
			for _, e := range got.Events {
				lines = append(lines, told(e))
			}
			if text := strings.Join(lines, "\n"); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
		})
	}
}

func TestReadOverrides(t *testing.T) {
	t.Parallel()
	const text = `BEGIN:VCALENDAR
VERSION:2.0
X-WR-CALNAME:Theirs
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VTODO
SUMMARY:Sweep
END:VTODO
BEGIN:VEVENT
UID:a
RECURRENCE-ID:20261021T170000Z
SEQUENCE:1
DTSTART:20261022T170000Z
DTEND:20261022T180000Z
END:VEVENT
BEGIN:VEVENT
UID:a
SEQUENCE:2
RRULE:FREQ=WEEKLY
DTSTART:20261014T190000
DTEND:20261014T200000
END:VEVENT
BEGIN:VEVENT
UID:a
SEQUENCE:1
RRULE:FREQ=DAILY
DTSTART:20261014T190000
DTEND:20261014T200000
END:VEVENT
BEGIN:VEVENT
UID:a
RECURRENCE-ID;VALUE=DATE:20261028
STATUS:CANCELLED
DTSTART;VALUE=DATE:20261028
DURATION:PT1H
END:VEVENT
BEGIN:VEVENT
UID:a
RECURRENCE-ID:20261024T233000Z
DTSTART:20261025T013000Z
DTEND:20261025T023000Z
END:VEVENT
BEGIN:VEVENT
UID:a
RECURRENCE-ID;RANGE=THISANDFUTURE:20261104T180000Z
DTSTART:20261105T170000Z
DTEND:20261105T180000Z
END:VEVENT
END:VCALENDAR
`
	got, err := ical.Read([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a 2026-10-14 19:00–2026-10-14 20:00 Europe/Berlin FREQ=WEEKLY",
		"a 2026-10-22 19:00–2026-10-22 20:00 Europe/Berlin instead of 2026-10-21 19:00",
		"a 2026-10-28 19:00–2026-10-28 20:00 Europe/Berlin instead of 2026-10-28 19:00 cancelled",
		"a 2026-10-25 02:30–2026-10-25 03:30 Europe/Berlin instead of 2026-10-25 01:30", // in the second pass of 02:30
	}
	if len(got.Events) != len(want) || got.Name != "Theirs" {
		t.Fatalf("got %d events of %q: %v", len(got.Events), got.Name, got.Problems)
	}
	for i, e := range got.Events {
		if told(e) != want[i] {
			t.Errorf("got  %s\nwant %s", told(e), want[i])
		}
	}
	if at := time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC); !got.Events[3].Exact.Equal(at) {
		t.Errorf("the second pass of 02:30 is read as %s", got.Events[3].Exact)
	}
	if len(got.Problems) != 2 || !strings.Contains(got.Problems[0].What, "RANGE") || !strings.Contains(got.Problems[1].What, "1 of VTODO") {
		t.Errorf("told of %v", got.Problems)
	}
}

func TestReadIsNoCalendar(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", "no BEGIN:VCALENDAR"},
		{"a page", "<!doctype html>\n<title>Sign in: here</title>", "no BEGIN:VCALENDAR"},
		{"cut off", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n", "VEVENT has no end"},
		{"ends that do not fit", "BEGIN:VCALENDAR\nEND:VEVENT\n", "END:VEVENT"},
		{"too deep", strings.Repeat("BEGIN:VCALENDAR\n", 20), "too deep"},
		{"vCalendar 1.0", "BEGIN:VCALENDAR\nVERSION:1.0\nEND:VCALENDAR\n", "vCalendar 1.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ical.Read([]byte(tt.in), nil)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Whatever is read can be written, and is then read as the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte(weeklyText))
	f.Add(event("DTSTART;TZID=W. Europe Standard Time:20261014T190000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;UNTIL=20261028"))
	f.Add(event(`DTSTART;X="a:;b";TZID="Europe/Berlin":20261014T190000`, "DTEND:20261014T180000Z", "EXDATE;VALUE=DATE:20261021,20261022"))
	f.Add([]byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n UID:a\r\nEND:VCALENDAR"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := ical.Read(data, nil)
		if err != nil {
			return
		}
		text := ical.Calendar{Name: got.Name, Events: got.Events}.Bytes()
		again, err := ical.Read(text, nil)
		if err != nil {
			t.Fatalf("%v in what was written:\n%s", err, text)
		}
		if len(again.Events) != len(got.Events) {
			t.Fatalf("%d events, then %d:\n%s", len(got.Events), len(again.Events), text)
		}
		for i := range got.Events {
			if !again.Events[i].Start.Equal(got.Events[i].Start) && again.Events[i].Exact.IsZero() {
				t.Errorf("starts %s, then %s", got.Events[i].Start, again.Events[i].Start)
			}
		}
	})
}

package testical_test

import (
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testical"
)

const calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n" +
	"BEGIN:STANDARD\r\nDTSTART:20251026T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nEND:STANDARD\r\n" +
	"BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nEND:DAYLIGHT\r\n" +
	"END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260901T000000Z\r\nSUMMARY:Talk\r\nDTSTART;TZID=Europe/Berlin:20261022T230000\r\n" +
	"DTEND;TZID=Europe/Berlin:20261023T010000\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// Both programs find two talks past midnight, and the change of the clocks
// between them.
func TestBothProgramsRead(t *testing.T) {
	t.Parallel()
	from, till := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	want := []time.Time{time.Date(2026, 10, 22, 21, 0, 0, 0, time.UTC), time.Date(2026, 10, 29, 22, 0, 0, 0, time.UTC)}
	for name, read := range map[string]func(testing.TB, []byte, time.Time, time.Time) []testical.Found{"ical.js": testical.ICALJS, "khal": testical.Khal} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, []byte(calendar), from, till)
			if len(got) != 2 || !got[0].Start.Equal(want[0]) || !got[1].Start.Equal(want[1]) || got[0].Summary != "Talk" || got[0].End.Sub(got[0].Start) != 2*time.Hour {
				t.Errorf("found %v", got)
			}
		})
	}
}

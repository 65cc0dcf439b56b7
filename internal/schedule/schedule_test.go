package schedule_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/eucalyptus/hackfest/internal/schedule"
)

func at(t *testing.T, wall string) time.Time {
	t.Helper()
	parsed, err := time.Parse("2006-01-02 15:04", wall)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Every clock change of one year in five zones. want follows RFC 5545 section
// 3.3.5 by hand: in a gap the old offset, in a fold the first of the two.
func TestInstantAtClockChanges(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ zone, wall, want string }{
		{"Europe/Berlin", "2026-03-29 02:30", "03:30 CEST"},
		{"Europe/Berlin", "2026-10-25 02:30", "02:30 CEST"},
		{"Europe/London", "2026-03-29 01:30", "02:30 BST"},
		{"Europe/London", "2026-10-25 01:30", "01:30 BST"},
		{"America/New_York", "2026-03-08 02:30", "03:30 EDT"},
		{"America/New_York", "2026-11-01 01:30", "01:30 EDT"},
		{"Australia/Sydney", "2026-04-05 02:30", "02:30 AEDT"},
		{"Australia/Sydney", "2026-10-04 02:30", "03:30 AEDT"},
		{"America/Sao_Paulo", "2018-02-17 23:30", "23:30 -02"},
		{"America/Sao_Paulo", "2018-11-04 00:30", "01:30 -02"},

		{"Europe/Berlin", "2026-03-29 04:30", "04:30 CEST"},      // same day, after the gap
		{"Europe/Berlin", "2026-03-29 01:30", "01:30 CET"},       // same day, before it
		{"Europe/Berlin", "2026-03-29 02:00", "03:00 CEST"},      // the gap's first minute
		{"Europe/Berlin", "2026-03-29 03:00", "03:00 CEST"},      // the first minute after it
		{"Asia/Kolkata", "2026-06-01 19:00", "19:00 IST"},        // no changes, half-hour offset
		{"Pacific/Apia", "2011-12-30 12:00", "12:00 +14"},        // a day that was left out lands on the next
		{"America/Los_Angeles", "2012-08-02 12:00", "12:00 PDT"}, // an ordinary hackfest
		{"Australia/Lord_Howe", "2026-10-04 02:15", "02:45 +11"}, // a gap of half an hour
		{"Australia/Lord_Howe", "2026-04-05 01:45", "01:45 +11"}, // a fold of half an hour
		{"America/New_York", "2026-11-01 02:00", "02:00 EST"},    // the first minute after a fold
		{"America/St_Johns", "2026-03-08 02:10", "03:10 NDT"},    // a gap in a zone with minutes
	} {
		t.Run(tt.zone+" "+tt.wall, func(t *testing.T) {
			t.Parallel()
			if got := schedule.Instant(at(t, tt.wall), zone(t, tt.zone)).Format("15:04 MST"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

package schedule_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/eucalyptus/hackfest/internal/fault"
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

func TestSeriesKeepsItsHourThroughAChange(t *testing.T) {
	t.Parallel()
	s := schedule.Series{
		First: at(t, "2026-10-14 12:00"), Zone: zone(t, "America/Los_Angeles"), Length: 2 * time.Hour,
		Rule: schedule.Rule{Count: 4},
	}
	var starts []string
	for occ := range s.From(time.Time{}) {
		starts = append(starts, occ.Start.UTC().Format("01-02 15:04"))
		if occ.Wall.Format("15:04") != "12:00" || occ.End.Sub(occ.Start) != 2*time.Hour {
			t.Errorf("%+v is not at noon for two hours", occ)
		}
	}
	want := []string{"10-14 19:00", "10-21 19:00", "10-28 19:00", "11-04 20:00"}
	if len(starts) != len(want) {
		t.Fatalf("got %v, want %v", starts, want)
	}
	for i := range want {
		if starts[i] != want[i] {
			t.Errorf("got %v, want %v", starts, want)
			break
		}
	}
}

func TestFromLeavesOutWhatIsOver(t *testing.T) {
	t.Parallel()
	s := schedule.Series{First: at(t, "2026-01-07 19:00"), Zone: time.UTC, Length: time.Hour, Rule: schedule.Rule{Every: 2}}
	for _, tt := range []struct{ name, from, want string }{
		{"before the first", "2025-06-01 00:00", "2026-01-07"},
		{"during one", "2026-01-21 19:59", "2026-01-21"},
		{"at its end", "2026-01-21 20:00", "2026-02-04"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for occ := range s.From(at(t, tt.from)) {
				if got := occ.Start.Format(time.DateOnly); got != tt.want {
					t.Errorf("got %s, want %s", got, tt.want)
				}
				break
			}
		})
	}
}

func TestParseRule(t *testing.T) {
	t.Parallel()
	wednesday := at(t, "2026-10-28 12:00")
	until := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, rule string
		want       schedule.Rule
		bad        bool
	}{
		{name: "weekly", rule: "FREQ=WEEKLY"},
		{name: "its own weekday", rule: "FREQ=WEEKLY;BYDAY=WE;WKST=MO"},
		{name: "another weekday", rule: "FREQ=WEEKLY;BYDAY=TH", bad: true},
		{name: "two weekdays", rule: "FREQ=WEEKLY;BYDAY=WE,TH", bad: true},
		{name: "each fortnight, ten times", rule: "freq=weekly;interval=2;count=10", want: schedule.Rule{Every: 2, Count: 10}},
		{name: "with an end", rule: "RRULE:FREQ=WEEKLY;UNTIL=20261231T000000Z", want: schedule.Rule{Until: until}},
		{name: "an end that is a date", rule: "FREQ=WEEKLY;UNTIL=20261231", bad: true},
		{name: "monthly", rule: "FREQ=MONTHLY", bad: true},
		{name: "no frequency", rule: "INTERVAL=2", bad: true},
		{name: "empty", rule: "", bad: true},
		{name: "interval of nothing", rule: "FREQ=WEEKLY;INTERVAL=0", bad: true},
		{name: "interval beyond all calendars", rule: "FREQ=WEEKLY;INTERVAL=999999999", bad: true},
		{name: "part we do not know", rule: "FREQ=WEEKLY;BYSETPOS=1", bad: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := schedule.ParseRule(tt.rule, wednesday)
			if tt.bad {
				if fault.KindOf(err) != fault.Invalid {
					t.Errorf("got %+v, %v; want a refusal", got, err)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Fatalf("got %+v, %v; want %+v", got, err, tt.want)
			}
			if again, err := schedule.ParseRule(got.String(), wednesday); err != nil || again.String() != got.String() {
				t.Errorf("%s is read back as %+v, %v", got, again, err)
			}
		})
	}
}

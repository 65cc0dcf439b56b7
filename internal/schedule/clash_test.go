package schedule_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/schedule"
)

// slots are the times that s takes within a year of from.
func slots(s schedule.Series, from time.Time, skip ...string) []schedule.Slot {
	var list []schedule.Slot
	for o := range s.Between(from, from.AddDate(1, 0, 0)) {
		if !slices.Contains(skip, o.Wall.Format(time.DateOnly)) {
			list = append(list, schedule.Slot{Start: o.Start, End: o.End})
		}
	}
	return list
}

func planned(t *testing.T, rule, first, zone string, length time.Duration) schedule.Series {
	t.Helper()
	s, err := schedule.New(rule, at(t, first), zone, length)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A15 to A19. W is on Wednesdays, 12:00 to 14:30 in Los Angeles.
func TestClashes(t *testing.T) {
	t.Parallel()
	from := at(t, "2026-10-01 00:00")
	w := func(skip ...string) []schedule.Slot {
		return slots(planned(t, "FREQ=WEEKLY;BYDAY=WE", "2012-08-01 12:00", losAngeles, 150*time.Minute), from, skip...)
	}
	for _, tt := range []struct {
		name   string
		wanted schedule.Series
		taken  []schedule.Slot
		want   int
		days   []string // some of them
		free   []string
	}{
		{
			"A15 in UTC, while Los Angeles has summer time", planned(t, "FREQ=WEEKLY;BYDAY=WE", "2026-10-07 19:00", "UTC", time.Hour), w(),
			4 + 29,
			[]string{"2026-10-07", "2026-10-28", "2027-03-17", "2027-09-29"},
			[]string{"2026-11-04", "2027-03-10"},
		},
		{"A16 until the other begins", planned(t, "FREQ=WEEKLY;BYDAY=WE", "2026-10-07 11:00", losAngeles, time.Hour), w(), 0, nil, nil},
		{"A16 from where the other ends", planned(t, "FREQ=WEEKLY;BYDAY=WE", "2026-10-07 14:30", losAngeles, time.Hour), w(), 0, nil, nil},
		{"its last minute", planned(t, "FREQ=WEEKLY;BYDAY=WE;COUNT=2", "2026-10-07 14:29", losAngeles, time.Hour), w(), 2, nil, nil},
		{
			"A17 over midnight", planned(t, "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "2026-10-05 00:00", "UTC", time.Hour),
			slots(planned(t, "FREQ=WEEKLY;BYDAY=SU", "2026-10-04 23:30", "UTC", time.Hour), from),
			3,
			[]string{"2026-10-05", "2026-10-12", "2026-10-19"},
			nil,
		},
		{
			"A19 but not on a cancelled date", planned(t, "FREQ=WEEKLY;BYDAY=WE;COUNT=3", "2026-10-07 12:00", losAngeles, time.Hour), w("2026-10-14"),
			2,
			[]string{"2026-10-07", "2026-10-21"},
			[]string{"2026-10-14"},
		},
		{
			"a week-long one that began long before", planned(t, "FREQ=DAILY;COUNT=2", "2026-10-07 12:00", "UTC", time.Hour),
			[]schedule.Slot{{Start: at(t, "2026-10-01 00:00"), End: at(t, "2026-10-08 00:00")}, {Start: at(t, "2026-10-07 00:00"), End: at(t, "2026-10-07 01:00")}},
			1,
			[]string{"2026-10-07"},
			nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var days []string
			for _, c := range schedule.Clashes(slots(tt.wanted, from), tt.taken) {
				days = append(days, c.Wanted.Start.Format(time.DateOnly))
				if !c.Taken.Start.Before(c.Wanted.End) || !c.Wanted.Start.Before(c.Taken.End) {
					t.Errorf("%+v does not overlap", c)
				}
			}
			if len(days) != tt.want || !slices.IsSorted(days) {
				t.Errorf("%d dates, want %d: %v", len(days), tt.want, days)
			}
			for _, d := range tt.days {
				if !slices.Contains(days, d) {
					t.Errorf("%s is missing in %v", d, days)
				}
			}
			for _, d := range tt.free {
				if slices.Contains(days, d) {
					t.Errorf("%s is free", d)
				}
			}
		})
	}
}

// A6, A7 and I29: the dates that somebody is told about when saving.
func TestNotes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, first, zone, want string }{
		{"A6 a time that does not exist", "2026-01-04 02:30", losAngeles, "[8 Mar 2026: 02:30 does not exist then; it happens at 03:30 PDT.]"},
		{"A7 a time that comes twice", "2026-01-04 01:30", losAngeles, "[1 Nov 2026: 01:30 comes twice then; it happens the first time, at 01:30 PDT.]"},
		{"half an hour", "2026-01-04 01:45", "Australia/Lord_Howe", "[5 Apr 2026: 01:45 comes twice then; it happens the first time, at 01:45 +11.]"},
		{"where the change is at midnight", "2018-01-07 00:30", "America/Sao_Paulo", "[4 Nov 2018: 00:30 does not exist then; it happens at 01:30 -02.]"},
		{"just before the gap", "2026-01-04 01:59", "Europe/Berlin", "[]"},
		{"just after the fold", "2026-01-04 03:00", "Europe/London", "[]"},
		{"no changes", "2026-01-04 02:30", "Asia/Kathmandu", "[]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := planned(t, "FREQ=WEEKLY", tt.first, tt.zone, time.Hour)
			var words []string
			for _, n := range s.Notes(s.First.AddDate(0, 0, -1), s.First.AddDate(1, 0, 0)) {
				words = append(words, n.Words("15:04"))
			}
			if got := fmt.Sprint(words); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
		})
	}
}

// What is left of a series from some date on keeps step, and its count.
func TestSince(t *testing.T) {
	t.Parallel()
	s := planned(t, "FREQ=WEEKLY;INTERVAL=2;COUNT=5", "2026-12-03 12:00", "UTC", time.Hour)
	rest, ok := s.Since(func(o schedule.Occurrence) bool { return o.Wall.After(at(t, "2026-12-20 00:00")) })
	if !ok || rest.First.Format(time.DateOnly) != "2026-12-31" || rest.Rule.Count != 3 {
		t.Errorf("%+v, %t", rest, ok)
	}
	if got := starts(rest, 9, at(t, "2026-01-01 00:00"), time.DateOnly); got != "2026-12-31 2027-01-14 2027-01-28" {
		t.Errorf("left: %s", got)
	}
	if _, ok := s.Since(func(schedule.Occurrence) bool { return false }); ok {
		t.Error("something is left of nothing")
	}
	last, ok := s.Last(func(o schedule.Occurrence) bool { return o.Wall.Before(at(t, "2026-12-20 00:00")) })
	if !ok || last.Wall.Format(time.DateOnly) != "2026-12-17" {
		t.Errorf("last %+v, %t", last, ok)
	}
}

func TestRuleEndsWithItsLast(t *testing.T) {
	t.Parallel()
	s := planned(t, "FREQ=WEEKLY;COUNT=50", "2026-10-14 12:00", losAngeles, time.Hour)
	last := s.Next(3, at(t, "2026-01-01 00:00"))[2]
	s.Rule = s.Rule.EndingAt(last.Start)
	if got := s.Rule.String(); got != "FREQ=WEEKLY;UNTIL=20261028T190000Z" {
		t.Errorf("got %s", got)
	}
	if got := s.Next(9, at(t, "2026-01-01 00:00")); len(got) != 3 || !got[2].Start.Equal(last.Start) {
		t.Errorf("got %v", got)
	}
}

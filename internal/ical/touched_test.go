package ical

import (
	"testing"
	"time"
)

func TestTouched(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, zone, clock, length string
		want                      bool
	}{
		{"noon", "America/Los_Angeles", "12h", "10m", false},
		{"missing in spring", "America/Los_Angeles", "2h30m", "10m", true},
		{"twice in autumn", "America/Los_Angeles", "1h30m", "10m", true},
		{"the gap's first minute", "America/Los_Angeles", "2h", "10m", true},
		{"the first minute after it", "America/Los_Angeles", "3h", "10m", false},
		{"before midnight, at which the clocks go back to eleven", "America/Santiago", "23h30m", "10m", true},
		{"after midnight, at which they go on to one", "America/Santiago", "30m", "10m", true},
		{"half an hour", "Australia/Lord_Howe", "1h45m", "10m", true},
		{"just not in the half hour", "Australia/Lord_Howe", "1h15m", "10m", false},
		{"going on over the gap", "America/Los_Angeles", "30m", "2h", true},
		{"over as the gap begins", "America/Los_Angeles", "1h", "1h", true},
		{"over before", "America/Los_Angeles", "0s", "45m", false},
		{"begun the evening before", "America/Los_Angeles", "22h", "5h", true},
		{"no changes", "Asia/Kolkata", "2h30m", "10m", false},
		{"abolished", "America/Sao_Paulo", "30m", "10m", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			clock, err := time.ParseDuration(tt.clock)
			length, err2 := time.ParseDuration(tt.length)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			if got := Touched(location(t, tt.zone), clock, length, from, from.AddDate(2, 0, 0)); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

package hackfest

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func TestRuleAt(t *testing.T) {
	t.Parallel()
	at := func(month time.Month, hour int) time.Time { return time.Date(2026, month, 4, hour, 0, 0, 0, time.UTC) }
	r := Series{Rules: []SeriesRule{
		{ID: 1, First: at(3, 12), Zone: "America/Los_Angeles"},
		{ID: 2, First: at(6, 12), Zone: "America/Los_Angeles", Void: true},
		{ID: 3, First: at(9, 12), Zone: "Europe/Berlin"},
	}}
	for _, tt := range []struct {
		name string
		at   time.Time
		want RuleID
	}{
		{"before the first", at(1, 0), 1},
		{"at its first date", at(3, 20), 1},
		{"where a void one would begin", at(6, 23), 1},
		{"just before the last, in its zone", at(9, 9), 1},
		{"at the last, in its zone", at(9, 10), 3},
		{"long after", at(12, 0), 3},
	} {
		if got := r.RuleAt(tt.at).ID; got != tt.want {
			t.Errorf("%s: rule %d, want %d", tt.name, got, tt.want)
		}
	}
	if got := (Series{}).RuleAt(at(1, 0)); got.ID != 0 {
		t.Errorf("of no rules %+v", got)
	}
}

package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// weeklyAt wants a channel each week for an hour.
func weeklyAt(first time.Time, zone, channel string) hackfest.Wanted {
	return hackfest.Wanted{Network: network, Channel: channel, Timing: hackfest.Timing{Rule: "FREQ=WEEKLY", First: first, Zone: zone, Length: time.Hour}}
}

// A15 to A19 with what is stored, a year ahead: the second half of it is not laid
// out.
func TestClashes(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	start := weekly
	start.First = time.Date(2012, 8, 8, 12, 0, 0, 0, time.UTC)
	start.Length = 150 * time.Minute
	_, err := w.AddSeries(ctx, start, aug2)
	w.must(err)
	_, err = w.CancelSession(ctx, "2012-08-15-weekly-hackfest", "no power", 0, 0, aug2)
	w.must(err)
	at := time.Date(2012, 8, 23, 19, 0, 0, 0, time.UTC)
	_, err = w.MoveSession(ctx, "2012-08-22-weekly-hackfest", hackfest.SessionMove{StartsAt: at, EndsAt: at.Add(time.Hour)}, 0, 0, aug2)
	w.must(err)
	far := time.Date(2013, 5, 5, 23, 30, 0, 0, time.UTC)
	oneOff := planned("Far away", far)
	oneOff.Visibility = person.MembersOnly
	w.plan(oneOff)

	for _, tt := range []struct {
		name string
		w    hackfest.Wanted
		n    int
		some []string // of the dates
		none []string
	}{
		{
			"A15 in another zone, only while Los Angeles has summer time", weeklyAt(time.Date(2012, 8, 8, 19, 0, 0, 0, time.UTC), "UTC", channel),
			// 8 August to 31 October and 13 March to 31 July, but the cancelled and the moved one
			13 - 2 + 21,
			[]string{"2012-08-08", "2012-10-31", "2013-03-13", "2013-07-31"},
			[]string{"2012-08-15", "2012-08-22", "2012-11-07", "2013-03-06"},
		},
		{"A16 that ends where the other begins", weeklyAt(time.Date(2012, 8, 8, 11, 0, 0, 0, time.UTC), weekly.Zone, channel), 0, nil, nil},
		{"where one was moved to", weeklyAt(time.Date(2012, 8, 9, 12, 0, 0, 0, time.UTC), weekly.Zone, channel), 1, []string{"2012-08-23"}, nil},
		{"A17 over midnight", weeklyAt(time.Date(2012, 8, 6, 0, 0, 0, 0, time.UTC), "UTC", channel), 1, []string{"2013-05-06"}, nil},
		{"another channel", weeklyAt(time.Date(2012, 8, 8, 12, 0, 0, 0, time.UTC), weekly.Zone, "#other"), 0, nil, nil},
		{"A19 once, on a cancelled date", hackfest.Wanted{
			Network: network, Channel: channel,
			StartsAt: time.Date(2012, 8, 15, 19, 0, 0, 0, time.UTC), EndsAt: time.Date(2012, 8, 15, 20, 0, 0, 0, time.UTC),
		}, 0, nil, nil},
		{"once, on a date that is not laid out", hackfest.Wanted{
			Network: network, Channel: channel,
			StartsAt: time.Date(2013, 6, 5, 21, 0, 0, 0, time.UTC), EndsAt: time.Date(2013, 6, 5, 22, 0, 0, 0, time.UTC),
		}, 1, []string{"2013-06-05"}, nil},
		{"itself", hackfest.Wanted{SeriesSlug: "weekly-hackfest", Network: network, Channel: channel, Timing: hackfest.Timing{
			Rule: "FREQ=WEEKLY", First: start.First.Add(time.Hour), Zone: weekly.Zone, Length: time.Hour,
		}}, 0, nil, nil},
		{"in the past", hackfest.Wanted{Network: network, Channel: channel, StartsAt: aug2.Add(-time.Hour), EndsAt: aug2}, 0, nil, nil},
	} {
		list, err := w.Clashes(ctx, member, tt.w, aug2)
		w.must(err)
		var days []string
		for _, c := range list {
			days = append(days, c.StartsAt.Format(time.DateOnly))
			if c.Chair != "" || c.With.Title == "" || !c.With.StartsAt.Before(c.EndsAt) {
				t.Errorf("%s: %+v", tt.name, c)
			}
		}
		if len(days) != tt.n {
			t.Errorf("%s: %d, want %d: %v", tt.name, len(days), tt.n, days)
		}
		for _, d := range tt.some {
			if !slices.Contains(days, d) {
				t.Errorf("%s: %s is missing", tt.name, d)
			}
		}
		for _, d := range tt.none {
			if slices.Contains(days, d) {
				t.Errorf("%s: %s is free", tt.name, d)
			}
		}
	}
	// Of what somebody may not see only the time is told.
	list, err := w.Clashes(ctx, person.PublicViewer, weeklyAt(time.Date(2012, 8, 6, 0, 0, 0, 0, time.UTC), "UTC", channel), aug2)
	if err != nil || len(list) != 1 || list[0].With.Title != "" || list[0].With.Slug != "" || !list[0].With.StartsAt.Equal(far) {
		t.Errorf("hidden: %+v, %v", list, err)
	}
	if _, err := w.Clashes(ctx, member, weeklyAt(far, "Mars/Olympus", channel), aug2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no zone: %v", err)
	}
}

// A18: who would have to be in two places is told, and nothing is refused.
func TestClashesOfChairs(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.weekly()
	greg, andy := w.chair("gregdek"), w.chair("agrimm")
	w.must(w.AddChair(ctx, greg, "weekly-hackfest", aug2))
	other := weekly
	other.Title, other.Channel, other.Rule = "Other", "#other", "FREQ=WEEKLY;COUNT=40"
	_, err := w.AddSeries(ctx, other, aug2)
	w.must(err)
	w.must(w.AddChair(ctx, greg, "other", aug2))
	w.must(w.AddSessionChair(ctx, andy, second, aug2))
	for _, tt := range []struct {
		name string
		w    hackfest.Wanted
		want int
		who  string
	}{
		{"who chairs the series", hackfest.Wanted{SeriesSlug: "other", Network: network, Channel: "#other", Timing: w.series("other").Timing()}, 40, "gregdek"},
		{"who is to chair", hackfest.Wanted{SeriesSlug: "other", Network: network, Channel: "#other", Timing: w.series("other").Timing(), Chairs: []person.ID{andy}}, 41, "agrimm"},
		{"nobody", weeklyAt(weekly.First.Add(3*time.Hour), weekly.Zone, "#other"), 0, ""},
	} {
		list, err := w.Clashes(ctx, member, tt.w, aug2)
		w.must(err)
		if len(list) != tt.want || tt.want > 0 && !slices.ContainsFunc(list, func(c hackfest.Clash) bool { return c.Chair == tt.who }) {
			t.Errorf("%s: %d: %+v", tt.name, len(list), list)
		}
	}
	e := as(w.series("other"))
	at13(&e)
	if _, err := w.ChangeSeries(ctx, "other", e, 0, 0, aug2); err != nil {
		t.Errorf("refused: %v", err)
	}
}

// A date a year ahead is refused as well, though nothing is laid out there.
func TestPlanningIntoWhatIsNotLaidOut(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.weekly()
	s := planned("Far", time.Date(2013, 6, 5, 19, 0, 0, 0, time.UTC))
	if _, err := w.AddSession(ctx, s, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("got %v", err)
	}
	s.OverlapOK = true
	_, err := w.AddSession(ctx, s, aug2)
	w.must(err)
}

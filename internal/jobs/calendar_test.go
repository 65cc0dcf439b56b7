package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// A cancelled date is shown as cancelled for a week after its time, then it is a
// gap in the rule: I16.
func TestI16CancelledDatesFade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.AddSeries(t.Context(), hackfest.Series{
		Title: "Weekly", Kind: hackfest.KindHackfest, Network: "test", Channel: "#euca",
		Rule: "FREQ=WEEKLY", First: noon.AddDate(0, 0, 1).Truncate(24 * time.Hour).Add(12 * time.Hour), Zone: "Europe/Berlin", Length: time.Hour,
	}, noon)
	w.must(err)
	list, err := w.Sessions(t.Context(), person.PublicViewer, store.SessionFilter{Limit: 1})
	w.must(err)
	off, err := w.CancelSession(t.Context(), list[0].Slug, "Nobody can.", 0, 0, noon)
	w.must(err)
	shown := func() (dates, gaps int) {
		feed, err := w.Feed(t.Context(), person.PublicViewer, hackfest.FeedFilter{})
		w.must(err)
		q := feed.Series[0].Laid[0]
		return len(q.Dates), len(q.Except)
	}
	w.run(func(ctx context.Context) error { return Lead(ctx, w.config()) })
	for _, tt := range []struct {
		name        string
		at          time.Time
		dates, gaps int
	}{
		{"a week after its end", off.EndsAt.AddDate(0, 0, 7), 1, 0},
		{"a second later", off.EndsAt.AddDate(0, 0, 7).Add(time.Second), 0, 1},
	} {
		w.at(tt.at)
		_, err := w.insert.Insert(t.Context(), fadeArgs{}, nil)
		w.must(err)
		w.settled()
		if dates, gaps := shown(); dates != tt.dates || gaps != tt.gaps {
			t.Errorf("%s calendars show %d and leave out %d", tt.name, dates, gaps)
		}
	}
}

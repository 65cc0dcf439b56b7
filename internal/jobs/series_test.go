package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// A portal that runs for a month has as much ahead as on its first day.
func TestSessionsAreLaidOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.AddSeries(t.Context(), hackfest.Series{
		Title: "Weekly hackfest", Kind: hackfest.KindHackfest, Network: "test", Channel: "#euca",
		Rule: "FREQ=WEEKLY", First: noon.AddDate(0, 0, -7).Truncate(24 * time.Hour).Add(12 * time.Hour), Zone: "America/Los_Angeles", Length: 2 * time.Hour,
	}, noon)
	w.must(err)
	ahead := func() int {
		list, err := w.Sessions(t.Context(), person.PublicViewer, store.SessionFilter{From: w.now()})
		w.must(err)
		return len(list)
	}
	w.run(func(ctx context.Context) error { return Lead(ctx, w.config()) })
	w.eventually("26 weeks are laid out when it begins", func() bool { return ahead() == 26 })
	w.at(noon.AddDate(0, 0, 28))
	for range 2 { // the second time adds nothing
		_, err := w.insert.Insert(t.Context(), extendArgs{}, &river.InsertOpts{})
		w.must(err)
		w.settled()
		if got := ahead(); got != 26 {
			t.Errorf("%d sessions ahead, want 26", got)
		}
	}
}

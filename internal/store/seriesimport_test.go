package store_test

import (
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// A foreign series comes once, however often it is sent, follows what changes
// there, and cannot be changed here.
func TestForeignSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	wall := func(d int) time.Time { return time.Date(2026, 9, d, 12, 0, 0, 0, time.UTC) }
	x := hackfest.ForeignSeries{
		Series: hackfest.Series{
			Title: "Theirs", Kind: hackfest.KindMeeting, Network: network, Channel: channel, Foreign: "theirs.ics",
			UID: "theirs@example.org", Rule: "FREQ=WEEKLY;COUNT=4", First: wall(2), Zone: "Etc/UTC", Length: time.Hour,
		},
		Dates: []hackfest.ForeignDate{
			{Occurrence: wall(9), StartsAt: wall(10), EndsAt: wall(10).Add(time.Hour)},
			{Occurrence: wall(16), StartsAt: wall(16), EndsAt: wall(16).Add(time.Hour), Cancelled: true},
			{Occurrence: wall(23), StartsAt: wall(23), EndsAt: wall(23).Add(time.Hour), Out: true},
		},
	}
	told := func() string {
		list, err := w.Sessions(t.Context(), person.PublicViewer, store.SessionFilter{Series: "theirs"})
		w.must(err)
		s := ""
		for _, x := range list {
			s += x.StartsAt.Format("02 15:04 ") + string(x.State) + "; "
		}
		return s
	}
	const want = "02 12:00 scheduled; 10 12:00 scheduled; 16 12:00 cancelled; 23 12:00 cancelled; "
	for i, changed := range []int{3, 0} {
		done, err := w.ImportSeries(t.Context(), x, now)
		w.must(err)
		if done.New != (i == 0) || done.Changed != changed || told() != want {
			t.Errorf("import %d: %+v, %s", i, done, told())
		}
	}
	feed, err := w.Feed(t.Context(), person.PublicViewer, hackfest.FeedFilter{})
	w.must(err)
	if q := feed.Series[0].Laid[0]; len(q.Dates) != 2 || len(q.Except) != 1 || q.UID != "theirs@example.org" {
		t.Errorf("calendars tell of it as %+v", q)
	}
	if _, err := w.CancelSession(t.Context(), "2026-09-02-theirs", "No.", 0, 0, now); fault.KindOf(err) != fault.Conflict {
		t.Errorf("it could be changed here: %v", err)
	}
	x.Length = 2 * time.Hour
	for i, changed := range []bool{true, false} {
		done, err := w.ImportSeries(t.Context(), hackfest.ForeignSeries{Series: x.Series}, now)
		w.must(err)
		if (done.Changed > 0) != changed {
			t.Errorf("longer, import %d: %+v", i, done)
		}
	}
}

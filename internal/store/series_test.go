package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

var weekly = hackfest.Series{
	Title: "Weekly hackfest", Kind: hackfest.KindHackfest, Network: network, Channel: channel,
	Rule: "FREQ=WEEKLY;BYDAY=WE", First: time.Date(2012, 10, 17, 12, 0, 0, 0, time.UTC), Zone: "America/Los_Angeles", Length: 2 * time.Hour,
}

// listed are the starts of a series' sessions in UTC, by start.
func (w world) listed(slug string) []string {
	w.t.Helper()
	list, err := w.Sessions(w.t.Context(), member, store.SessionFilter{Series: slug, Limit: 1000})
	w.must(err)
	var starts []string
	for _, s := range list {
		starts = append(starts, s.StartsAt.Format("01-02 15:04"))
	}
	return starts
}

func TestAddSeriesLaysOut(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddSeries(ctx, weekly, aug2)
	w.must(err)
	got, err := w.Series(ctx, person.PublicViewer, "weekly-hackfest")
	w.must(err)
	if got.Length != weekly.Length || !got.First.Equal(weekly.First) || got.Rule != weekly.Rule || got.UID == "" || len(got.Rules) != 1 ||
		got.Channel != channel || got.ChannelPath != "eucalyptus-devel" || got.Revision != 1 || !got.ChangedAt.Equal(aug2) || !got.EndedAt.IsZero() {
		t.Errorf("read back: %+v", got)
	}
	list, err := w.Sessions(ctx, person.PublicViewer, store.SessionFilter{Series: "weekly-hackfest"})
	w.must(err)
	if len(list) != 16 { // until the end of January
		t.Fatalf("%d sessions", len(list))
	}
	starts := []string{"10-17 19:00", "10-24 19:00", "10-31 19:00", "11-07 20:00"} // noon in Los Angeles; the clocks change on 4 November
	for i, want := range starts {
		s := list[i]
		if s.StartsAt.Format("01-02 15:04") != want || s.SeriesTitle != weekly.Title || s.Zone != weekly.Zone || s.UID != got.UID ||
			s.Occurrence.Format("15:04") != "12:00" || s.Moved || s.Overridden || s.RuleID != got.Rules[0].ID {
			t.Errorf("session %d: %+v, want %s", i, s, want)
		}
	}
	if list[0].Slug != "2012-10-17-weekly-hackfest" {
		t.Errorf("slug %s", list[0].Slug)
	}
}

func TestExtendSeries(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddSeries(ctx, weekly, aug2)
	w.must(err)
	for _, tt := range []struct {
		name  string
		until time.Time
		want  store.Extension
	}{
		{"what is laid out", aug2.Add(store.Ahead), store.Extension{}},
		{"two weeks more", aug2.Add(store.Ahead).AddDate(0, 0, 14), store.Extension{Added: 2}},
		{"the same again", aug2.Add(store.Ahead).AddDate(0, 0, 14), store.Extension{}},
	} {
		x, err := w.ExtendSeries(ctx, "weekly-hackfest", tt.until, aug2)
		if err != nil || x != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, x, err, tt.want)
		}
	}
}

// A date whose channel somebody took meanwhile is planned all the same, and
// marked; also where overlaps are to be found at the end of the transaction only.
func TestExtendSeriesFindsConflicts(t *testing.T) {
	t.Parallel()
	for _, deferred := range []bool{false, true} {
		w, ctx := newWorld(t), t.Context()
		_, err := w.AddSeries(ctx, weekly, aug2)
		w.must(err)
		other := planned("OpenShift", time.Date(2013, 2, 13, 19, 0, 0, 0, time.UTC))
		other.Channel = "#other"
		w.exec("update sessions set channel_id = $1 where id = $2", w.channelID("eucalyptus-devel"), w.plan(other).ID)
		w.must(w.InTx(ctx, func(tx *store.Store) error {
			if deferred {
				if err := tx.DeferOverlaps(ctx); err != nil {
					return err
				}
			}
			x, err := tx.ExtendSeries(ctx, "weekly-hackfest", aug2.Add(store.Ahead).AddDate(0, 0, 21), aug2)
			if x != (store.Extension{Added: 3, Conflicts: 1}) {
				t.Errorf("%+v", x)
			}
			return err
		}))
		list, err := w.Sessions(ctx, person.PublicViewer, store.SessionFilter{Series: "weekly-hackfest", From: aug2.Add(store.Ahead)})
		w.must(err)
		for i, s := range list {
			if taken := i == 1; s.OverlapOK != taken || s.ConflictAt.IsZero() == taken {
				t.Errorf("%s: overlap_ok %v, conflict %s", s.Slug, s.OverlapOK, s.ConflictAt)
			}
		}
	}
}

// Two programs that extend the same series make its sessions once.
func TestExtendSeriesAtOnce(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddSeries(ctx, weekly, aug2)
	w.must(err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := w.ExtendSeries(ctx, "weekly-hackfest", aug2.Add(store.Ahead).AddDate(0, 0, 70), weekly.First); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.number("select count(*) from sessions"); n != 26 {
		t.Errorf("%d sessions, want 26", n)
	}
}

func TestAddSeriesRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct {
		name   string
		change func(*hackfest.Series)
		want   fault.Kind
	}{
		{"unknown channel", func(s *hackfest.Series) { s.Channel = "#nowhere" }, fault.NotFound},
		{"unknown target", func(s *hackfest.Series) { s.TargetSlug = "nothing" }, fault.NotFound},
		{"no length", func(s *hackfest.Series) { s.Length = 0 }, fault.Invalid},
		{"unknown zone", func(s *hackfest.Series) { s.Zone = "Mars/Olympus" }, fault.Invalid},
		{"a rule that gives other dates", func(s *hackfest.Series) { s.Rule = "FREQ=WEEKLY;BYDAY=TH" }, fault.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := weekly
			tt.change(&s)
			if _, err := w.AddSeries(t.Context(), s, aug2); err == nil || fault.KindOf(err) != tt.want {
				t.Errorf("got %v, want kind %d", err, tt.want)
			}
		})
	}
}

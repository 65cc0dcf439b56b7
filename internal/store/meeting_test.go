package store_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

func TestMeetingsFilterAndPage(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddSeries(ctx, weekly, aug2)
	w.must(err)
	_, err = w.ExtendSeries(ctx, "weekly-hackfest", weekly.First.AddDate(0, 0, 14), weekly.First)
	w.must(err)
	const n = 7 // two in August, two in September, three from 14 October, every 14 days from 2 August
	for i := range n {
		w.record(newLog(channel, aug2.AddDate(0, 0, 14*i)).meeting(fmt.Sprintf("Meeting %d", i)))
	}
	inSeries := newLog(channel, time.Date(2012, 10, 31, 19, 0, 0, 0, time.UTC)).say("ann", "#startmeeting In the series")
	w.exec("delete from sessions where starts_at > $1", inSeries.at.AddDate(0, 0, 1))
	_, err = w.ExtendSeries(ctx, "weekly-hackfest", inSeries.at.AddDate(0, 0, 1), weekly.First)
	w.must(err)
	w.record(inSeries) // it runs
	for _, tt := range []struct {
		name string
		f    store.MeetingFilter
		want int
	}{
		{"all", store.MeetingFilter{}, n + 1},
		{"those that are over", store.MeetingFilter{Ended: true}, n},
		{"of August", store.MeetingFilter{From: aug2.AddDate(0, 0, -1), To: time.Date(2012, 9, 1, 0, 0, 0, 0, time.UTC)}, 3},
		{"of a series", store.MeetingFilter{Series: "weekly-hackfest"}, 1},
		{"of a session", store.MeetingFilter{Session: "2012-08-02-meeting-0"}, 1},
		{"of a channel", store.MeetingFilter{Channel: channel, Network: network}, n + 1},
		{"of another", store.MeetingFilter{Channel: "#other"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.f.Limit = 2
			var got []hackfest.Meeting
			for {
				page, err := w.Meetings(ctx, person.PublicViewer, tt.f)
				w.must(err)
				got = append(got, page...)
				if len(page) < tt.f.Limit {
					break
				}
				tt.f.Before = page[len(page)-1].Ref
			}
			for i := 1; i < len(got); i++ {
				if got[i].StartedAt.After(got[i-1].StartedAt) {
					t.Errorf("%s comes after %s", got[i].Title, got[i-1].Title)
				}
			}
			if len(got) != tt.want {
				t.Errorf("%d meetings, want %d", len(got), tt.want)
			}
		})
	}
}

func TestMeetingArchive(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	month := func(y int, m time.Month) time.Time { return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC) }
	check := func(year int, want hackfest.Archive) {
		t.Helper()
		got, err := w.MeetingArchive(ctx, person.PublicViewer, year)
		w.must(err)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("of %d: %+v, want %+v", year, got, want)
		}
	}
	check(0, hackfest.Archive{})
	first := time.Date(2010, 3, 5, 20, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{
		first, first.AddDate(0, 0, 1), time.Date(2010, 12, 31, 23, 0, 0, 0, time.UTC),
		time.Date(2012, 6, 1, 0, 30, 0, 0, time.UTC), time.Date(2012, 8, 2, 20, 0, 0, 0, time.UTC), time.Date(2012, 8, 9, 20, 0, 0, 0, time.UTC),
	} {
		w.record(newLog(channel, at).meeting("Held"))
	}
	all := hackfest.Archive{First: first, Meetings: 6, Years: []int{2012, 2010}}
	all.Months = []time.Time{month(2012, 8), month(2012, 6)}
	check(0, all)
	check(2012, all)
	all.Months = []time.Time{month(2010, 12), month(2010, 3)}
	check(2010, all)
	all.Months = nil
	check(2011, all)
}

// The minutes of a meeting in each state it can be in.
func TestMinutesRunningEndedPublished(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).meeting("OpenShift Origin")
	ref := g.lines[0].Ref
	if _, err := w.Minutes(ctx, person.PublicViewer, ref); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before it: %v", err)
	}
	batch := apply(meeting.State{}, g.lines)
	w.must(w.Record(ctx, network, channel, batch[:5], mapping, g.at))
	got, err := w.Minutes(ctx, person.PublicViewer, ref)
	w.must(err)
	if want := minutes.FromState(meeting.Replay(g.lines[:5])); asJSON(got) != asJSON(want) || len(want.Actions) != 1 {
		t.Errorf("while it runs:\n%s\nwant\n%s", asJSON(got), asJSON(want))
	}
	if _, err := w.PublishMinutes(ctx, ref, got, "", "", g.at); fault.KindOf(err) != fault.Conflict {
		t.Errorf("published while it runs: %v", err)
	}

	w.must(w.Record(ctx, network, channel, batch, mapping, g.at))
	ended, err := w.Minutes(ctx, person.PublicViewer, ref)
	w.must(err)
	if want := minutes.FromState(meeting.Replay(g.lines)); asJSON(ended) != asJSON(want) {
		t.Errorf("when it is over:\n%s\nwant\n%s", asJSON(ended), asJSON(want))
	}

	corrected := ended
	corrected.Title = "OpenShift Origin, corrected"
	for i, tt := range []struct {
		m    minutes.Minutes
		note string
		want fault.Kind
	}{{m: ended}, {m: corrected, want: fault.Invalid}, {m: corrected, note: "The title was wrong."}} {
		number, err := w.PublishMinutes(ctx, ref, tt.m, fmt.Sprintf("Summary %d", i), tt.note, g.at)
		if tt.want != 0 && fault.KindOf(err) != tt.want || tt.want == 0 && err != nil {
			t.Errorf("revision %d: %d, %v", i, number, err)
		}
	}
	published, err := w.Minutes(ctx, person.PublicViewer, ref)
	w.must(err)
	if asJSON(published) != asJSON(corrected) {
		t.Errorf("published:\n%s\nwant\n%s", asJSON(published), asJSON(corrected))
	}
	m, err := w.Meeting(ctx, person.PublicViewer, ref)
	w.must(err)
	s, err := w.SessionByID(ctx, person.PublicViewer, m.SessionID)
	w.must(err)
	if m.Revision != 2 || m.Summary != "Summary 2" || s.Status(g.at) != hackfest.StatusPublished {
		t.Errorf("revision %d, summary %q, session %s", m.Revision, m.Summary, s.Status(g.at))
	}
}

// A draft saved on the way is not taken for the end.
func TestMinutesAfterASaveGoOn(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	g := newLog(channel, aug2).say("ann", "#startmeeting").say("bob", "#info one").say("ann", "#save").say("bob", "#info two")
	w.record(g)
	m, err := w.Minutes(ctx, person.PublicViewer, g.lines[0].Ref)
	w.must(err)
	if n := len(m.Topics[0].Items); n != 2 {
		t.Errorf("%d items, want 2", n)
	}
	if n := w.number("select jsonb_array_length(draft->'topics'->0->'items') from meetings"); n != 1 {
		t.Errorf("the draft has %d items, want 1", n)
	}
}

func TestMeetingContext(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.plan(planned("Over", aug2.Add(-3*time.Hour)))
	w.plan(planned("On", aug2.Add(-time.Hour)))
	w.plan(planned("Tomorrow", aug2.Add(23*time.Hour)))
	w.plan(planned("Later", aug2.Add(25*time.Hour)))
	off := planned("Off", aug2.Add(3*time.Hour))
	off.State = hackfest.StateCancelled
	w.plan(off)
	w.exec("update channels set start_right = 'members', noisy = true")
	w.exec("insert into people (name, created_at) values ('ann', $1)", aug2)
	w.exec(`insert into identities (person_id, kind, network, value, since, until) values
		(1, 'account', 'freenode', 'ann', $1, null), (1, 'account', 'freenode', 'old', $1, $2), (1, 'account', 'oftc', 'annie', $1, null),
		(1, 'nick', 'freenode', 'ann_', $1, null)`, aug2, aug2.Add(time.Hour))
	for _, name := range []string{channel, "#Eucalyptus-Devel"} {
		c, err := w.MeetingContext(ctx, network, name, aug2)
		w.must(err)
		titles := ""
		for _, s := range c.Sessions {
			titles += s.Title + " "
		}
		if titles != "On Tomorrow " || c.Settings.StartRight != "members" || !c.Settings.Noisy || fmt.Sprint(c.Settings.MemberAccounts) != "[ann]" {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c, err := w.MeetingContext(ctx, network, "#unknown", aug2); err != nil || c.Sessions != nil {
		t.Errorf("unknown channel: %+v, %v", c, err)
	}
}

func TestHighestRef(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if r, err := w.HighestRef(t.Context()); err != nil || !r.IsZero() {
		t.Errorf("without lines: %s, %v", r, err)
	}
	g := newLog("#other", aug2.Add(time.Hour)).say("ann", "late")
	w.record(g)
	w.record(newLog(channel, aug2).say("ann", "early"))
	if r, err := w.HighestRef(t.Context()); err != nil || r != g.lines[0].Ref {
		t.Errorf("got %s, %v; want %s", r, err, g.lines[0].Ref)
	}
}

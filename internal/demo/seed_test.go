package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// A Friday, after the hackfest of its week.
var friday = time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)

func options(now time.Time) Options {
	return Options{Network: "local", Server: "127.0.0.1:6667", BaseURL: "http://127.0.0.1:8080", Now: now}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	ctx, st := t.Context(), store.New(testdb.New(t))
	if err := Seed(ctx, st, options(friday)); err != nil {
		t.Fatal(err)
	}
	past, err := st.Sessions(ctx, person.PublicViewer, store.SessionFilter{To: friday.AddDate(-1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	starts := map[string]string{}
	for _, s := range past {
		starts[s.Slug] = s.StartsAt.Format("01-02 15:04") + s.EndsAt.Format("–15:04")
	}
	for slug, want := range map[string]string{
		RecordedSession:              "08-02 19:00–21:00",
		"2012-08-02-recipes-meeting": "08-02 20:00–21:00",
		"2012-08-10-appscale":        "08-10 18:00–21:00",
		"2012-08-24-nurse-euca":      "08-24 11:00–14:00",
	} {
		if starts[slug] != want {
			t.Errorf("%s is %q, want %q", slug, starts[slug], want)
		}
	}
	if len(past) != 10 { // three hackfests and seven recipes meetings
		t.Errorf("%d sessions in 2012", len(past))
	}

	origin, err := st.Session(ctx, person.PublicViewer, RecordedSession)
	if err != nil {
		t.Fatal(err)
	}
	if origin.Status(friday) != hackfest.StatusEnded || origin.Held != 1 {
		t.Errorf("the recorded hackfest is %s, with %d meetings", origin.Status(friday), origin.Held)
	}
	o, err := st.Outcome(ctx, person.PublicViewer, origin.ID, 20)
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	for _, c := range o.Commits {
		days = append(days, c.CommittedAt.Format("2 Jan: ")+c.Summary)
	}
	if got := strings.Join(days, "; "); got != "2 Aug: 15 files of bash/debian, bootstrap/bash/rc.local and bootstrap/puppet/fedora/fedora17_setup.sh changed; "+
		"3 Aug: bash/fedora/openshift-origin-broker-fedora16.sh changed" || !o.Final(friday) {
		t.Errorf("the outcome, final %t, is %s", o.Final(friday), got)
	}
	meetings, err := st.MeetingsOfSession(ctx, person.PublicViewer, origin.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(meetings) != 1 || meetings[0].People != 10 || meetings[0].Decisions != 4 || meetings[0].Actions != 8 {
		t.Fatalf("meetings %+v", meetings)
	}
	m, err := st.Minutes(ctx, person.PublicViewer, meetings[0].Ref)
	if err != nil {
		t.Fatal(err)
	}
	if m.Title != "OpenShift Origin hackfest" || len(m.Topics) != 8 {
		t.Errorf("minutes of %q with %d topics", m.Title, len(m.Topics))
	}

	learned, err := st.Lessons(ctx, person.PublicViewer, store.LessonFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(learned) != 4 {
		t.Errorf("%d lessons", len(learned))
	}
	for _, l := range learned {
		if l.LineRef.IsZero() || l.SessionSlug != RecordedSession {
			t.Errorf("no evidence for %q", l.Text)
		}
	}

	next, err := st.NextSession(ctx, person.PublicViewer, friday)
	if err != nil {
		t.Fatal(err)
	}
	if want := "2026-03-10-community-meeting"; next.Slug != want { // Tuesday, after clocks have changed
		t.Errorf("next is %s, want %s", next.Slug, want)
	}
	if want := time.Date(2026, 3, 10, 16, 0, 0, 0, time.UTC); !next.StartsAt.Equal(want) {
		t.Errorf("next starts at %s, want %s", next.StartsAt, want)
	}
}

// One date was moved, another cancelled, and something is proposed.
func TestSeedHasChanges(t *testing.T) {
	t.Parallel()
	ctx, st := t.Context(), store.New(testdb.New(t))
	if err := Seed(ctx, st, options(friday)); err != nil {
		t.Fatal(err)
	}
	list, err := st.Sessions(ctx, person.PublicViewer, store.SessionFilter{From: friday, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	var moved, cancelled, proposed []string
	for _, s := range list {
		switch {
		case s.State == hackfest.StateCancelled && s.Reason != "" && s.ChangedBy == Person:
			cancelled = append(cancelled, s.Slug)
		case s.State == hackfest.StateProposed:
			proposed = append(proposed, s.Slug)
		case !s.MovedFrom.IsZero() && s.Reason != "" && s.ChangedBy == Person:
			moved = append(moved, s.Slug+s.StartsAt.Format(" to 01-02 15:04"))
		}
	}
	for _, tt := range []struct {
		list []string
		want string
	}{
		{moved, "2026-03-26-weekly-hackfest to 03-27 19:00"},
		{cancelled, "2026-03-17-community-meeting"},
		{proposed, "2026-04-03-chef-from-a-bare-image"},
	} {
		if len(tt.list) != 1 || tt.list[0] != tt.want {
			t.Errorf("got %v, want %s", tt.list, tt.want)
		}
	}
}

// The demo is started again, weeks later and with another server.
func TestSeedAgain(t *testing.T) {
	t.Parallel()
	ctx, st := t.Context(), store.New(testdb.New(t))
	all := func() (sessions []hackfest.Session, targets []hackfest.Target, learned []hackfest.Lesson) {
		t.Helper()
		sessions, err := st.Sessions(ctx, person.PublicViewer, store.SessionFilter{Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		if targets, err = st.Targets(ctx); err != nil {
			t.Fatal(err)
		}
		if learned, err = st.Lessons(ctx, person.PublicViewer, store.LessonFilter{}); err != nil {
			t.Fatal(err)
		}
		return sessions, targets, learned
	}
	if err := Seed(ctx, st, options(friday)); err != nil {
		t.Fatal(err)
	}
	sessions, targets, learned := all()
	if err := Seed(ctx, st, options(friday)); err != nil {
		t.Fatal(err)
	}
	if s, g, l := all(); len(s) != len(sessions) || len(g) != len(targets) || len(l) != len(learned) {
		t.Errorf("the second time added something: %d, %d, %d; before %d, %d, %d", len(s), len(g), len(l), len(sessions), len(targets), len(learned))
	}
	later := options(friday.AddDate(0, 0, 14))
	later.Server = "127.0.0.1:6668"
	if err := Seed(ctx, st, later); err != nil {
		t.Fatal(err)
	}
	if s, _, _ := all(); len(s) != len(sessions)+4 {
		t.Errorf("two weeks later there are %d sessions more, want 4", len(s)-len(sessions))
	}
	c, err := st.Channel(ctx, person.PublicViewer, "local", "eucalyptus-devel")
	if err != nil || c.Server != "127.0.0.1:6668" || c.Purpose == "" {
		t.Errorf("channel %+v, %v", c, err)
	}
}

func TestSeedLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	ctx, st := t.Context(), store.New(testdb.New(t))
	if _, err := st.AddTarget(ctx, hackfest.Target{Name: "Somebody's"}, friday); err != nil {
		t.Fatal(err)
	}
	if err := Seed(ctx, st, options(friday)); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("got %v", err)
	}
	if list, err := st.SeriesList(ctx, person.PublicViewer); err != nil || len(list) > 0 {
		t.Errorf("series %v, %v", list, err)
	}
}

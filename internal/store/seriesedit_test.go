package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// as is an edit that leaves series r as it is.
func as(r hackfest.Series) hackfest.SeriesEdit {
	return hackfest.SeriesEdit{
		Title: r.Title, Kind: r.Kind, Network: r.Network, Channel: r.Channel, TargetSlug: r.TargetSlug, About: r.About,
		Visibility: r.Visibility, OverlapOK: r.OverlapOK, Timing: r.Timing(),
	}
}

// change changes series r as edit does.
func (w world) change(r hackfest.Series, now time.Time, edit func(e *hackfest.SeriesEdit)) hackfest.Series {
	w.t.Helper()
	e := as(r)
	edit(&e)
	got, err := w.ChangeSeries(w.t.Context(), r.Slug, e, r.Revision, 0, now)
	w.must(err)
	return got
}

// at13 is an hour later than usual.
func at13(e *hackfest.SeriesEdit) { e.First = e.First.Add(time.Hour) }

func date(month time.Month, day int) time.Time {
	return time.Date(2012, month, day, 0, 0, 0, 0, time.UTC)
}

// A26: this and following.
func TestThisAndFollowing(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r := w.weekly()
	before, cancelled, moved := w.session(first), second, "2012-11-07-weekly-hackfest"
	_, err := w.CancelSession(ctx, cancelled, "no power", 0, 0, aug2)
	w.must(err)
	_, err = w.CancelSession(ctx, third, "no power either", 0, 0, aug2)
	w.must(err)
	away := w4.Add(24 * time.Hour)
	_, err = w.MoveSession(ctx, moved, hackfest.SessionMove{StartsAt: away, EndsAt: away.Add(time.Hour)}, 0, 0, aug2)
	w.must(err)

	got := w.change(r, aug2, func(e *hackfest.SeriesEdit) { at13(e); e.From = date(10, 31) })
	if len(got.Rules) != 2 || got.Rules[0].UID == got.Rules[1].UID || got.Rules[0].UID != r.UID || got.UID != got.Rules[1].UID {
		t.Fatalf("rules %+v", got.Rules)
	}
	if old := got.Rules[0]; old.Rule != "FREQ=WEEKLY;BYDAY=WE;UNTIL=20121024T190000Z" || old.Sequence != 1 || !old.First.Equal(weekly.First) {
		t.Errorf("the old rule: %+v", old)
	}
	if now := got.Rules[1]; now.Rule != weekly.Rule || now.Sequence != 0 || now.First.Format("01-02 15:04") != "10-31 13:00" {
		t.Errorf("the new rule: %+v", now)
	}
	want := []string{"10-17 19:00", "10-24 19:00", "10-31 20:00", "11-08 20:00", "11-14 21:00"}
	if list := w.listed(r.Slug); len(list) != 16 || !slices.Equal(list[:5], want) {
		t.Errorf("sessions %v", list)
	}
	if s := w.session(first); s != before {
		t.Errorf("an earlier date was %+v and is %+v", before, s)
	}
	if s := w.session(third); s.State != hackfest.StateCancelled || s.RuleID != got.Rules[1].ID || s.Occurrence.Format("15:04") != "13:00" ||
		s.UID != got.UID || s.Sequence < 2 {
		t.Errorf("a cancelled date after the split: %+v", s)
	}
	if s := w.session(moved); !s.StartsAt.Equal(away) || s.RuleID != got.Rules[1].ID || s.Occurrence.Format("01-02 15:04") != "11-07 13:00" || !s.Moved {
		t.Errorf("a moved date after the split: %+v", s)
	}
	if x, err := w.ExtendSeries(ctx, r.Slug, aug2.Add(store.Ahead), aug2); err != nil || x.Added != 0 {
		t.Errorf("no date twice: %+v, %v", x, err)
	}
}

// A split of what was split, before the second part has begun.
func TestSplitOfASplit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.change(w.weekly(), aug2, func(e *hackfest.SeriesEdit) { at13(e); e.From = date(10, 31) })
	late := w.change(r, aug2, func(e *hackfest.SeriesEdit) { at13(e); e.From = date(11, 14) })
	if len(late.Rules) != 3 || late.Rules[1].Rule != "FREQ=WEEKLY;BYDAY=WE;UNTIL=20121107T210000Z" {
		t.Errorf("behind the split: %+v", late.Rules)
	}
	early := w.change(late, aug2, func(e *hackfest.SeriesEdit) { e.First = weekly.First; e.Length = time.Hour; e.From = date(10, 24) })
	if len(early.Rules) != 3 || early.Rules[0].Rule != "FREQ=WEEKLY;BYDAY=WE;UNTIL=20121017T190000Z" || !early.Rules[1].Void || early.Rules[2].Void ||
		early.UID != late.UID || early.Sequence != 1 || early.First.Format("01-02 15:04") != "10-24 12:00" {
		t.Errorf("before the split: %+v", early.Rules)
	}
	want := []string{"10-17 19:00", "10-24 19:00", "10-31 19:00", "11-07 20:00"}
	if list := w.listed(r.Slug); len(list) != 16 || !slices.Equal(list[:4], want) {
		t.Errorf("sessions %v", list)
	}
	if n := w.number("select count(*) from sessions where rule_id = $1", early.Rules[2].ID); n != 15 {
		t.Errorf("%d sessions of the last rule", n)
	}
}

// Before any date has passed the rule itself is changed: one event in calendars.
func TestChangeBeforeTheFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.change(w.weekly(), aug2, at13)
	if len(r.Rules) != 1 || r.Sequence != 1 || r.Rules[0].First.Format("15:04") != "13:00" {
		t.Errorf("%+v", r.Rules)
	}
	if list := w.listed(r.Slug); len(list) != 16 || list[0] != "10-17 20:00" {
		t.Errorf("sessions %v", list)
	}
	if s := w.session(first); s.Sequence != 1 || s.Overridden || s.Moved || s.Slug != first {
		t.Errorf("%+v", s)
	}
}

// A10: what has been stays at its instant, and calendars are told.
func TestZoneChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, now := w.weekly(), w2.Add(3*time.Hour)
	got := w.change(r, now, func(e *hackfest.SeriesEdit) { e.Zone = "Europe/Berlin" })
	want := []string{"10-17 19:00", "10-24 19:00", "10-31 11:00", "11-07 11:00"}
	if list := w.listed(r.Slug); !slices.Equal(list[:4], want) {
		t.Errorf("sessions %v", list)
	}
	if len(got.Rules) != 2 || got.Rules[0].Zone != weekly.Zone || got.Rules[0].Sequence != 1 || got.Zone != "Europe/Berlin" {
		t.Errorf("rules %+v", got.Rules)
	}
	if s := w.session(third); s.Zone != "Europe/Berlin" {
		t.Errorf("%+v", s)
	}
	if s := w.session(second); s.Zone != weekly.Zone || s.Revision != 1 {
		t.Errorf("the past: %+v", s)
	}
}

// A change of the zone that puts today's session into the past has it fall away:
// whether it has begun, the old zone says. Being so near it is called off aloud.
func TestZoneChangeOnTheDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.weekly()
	w.change(r, w1.Add(-time.Hour), func(e *hackfest.SeriesEdit) { e.Zone = "Europe/Berlin" })
	if list := w.listed(r.Slug); list[1] != "10-24 10:00" || w.session(first).State != hackfest.StateCancelled {
		t.Errorf("sessions %v", list[:2])
	}
}

// Dates that the new rule does not have fall away: deleted, unless somebody would
// miss them.
func TestDatesThatFallAway(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r := w.weekly()
	_, err := w.EditSession(ctx, third, hackfest.SessionEdit{Title: weekly.Title, Goal: "one node"}, 0, 0, aug2)
	w.must(err)
	_, err = w.CancelSession(ctx, "2012-11-14-weekly-hackfest", "no power", 0, 0, aug2)
	w.must(err)
	got := w.change(r, w1.Add(time.Hour), func(e *hackfest.SeriesEdit) { e.Rule, e.First = "FREQ=WEEKLY;BYDAY=TH", e.First.AddDate(0, 0, 1) })
	if _, err := w.Session(ctx, member, second); fault.KindOf(err) != fault.NotFound {
		t.Errorf("nothing hung on it, and it is %v", err)
	}
	if s := w.session(third); s.State != hackfest.StateCancelled || s.RuleID != 0 || s.SeriesSlug != r.Slug || !strings.Contains(s.Reason, "fell away") || s.UID == r.UID {
		t.Errorf("it had a goal: %+v", s)
	}
	if s := w.session("2012-11-14-weekly-hackfest"); s.State != hackfest.StateCancelled || s.Reason != "no power" || s.RuleID != 0 {
		t.Errorf("it was cancelled: %+v", s)
	}
	if s := w.session(first); s.State != hackfest.StateScheduled || s.RuleID != got.Rules[0].ID {
		t.Errorf("it had begun: %+v", s)
	}
	if s := w.session("2012-10-18-weekly-hackfest"); !s.StartsAt.Equal(w1.AddDate(0, 0, 1)) {
		t.Errorf("the first of the new: %+v", s)
	}
}

// A session whose meeting began before its time has begun.
func TestChangeWhileAMeetingRunsEarly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.weekly()
	w.record(newLog(channel, w1.Add(-10*time.Minute)).say("ann", "#startmeeting early"))
	w.change(r, w1.Add(-5*time.Minute), at13)
	if list := w.listed(r.Slug); list[0] != "10-17 19:00" || list[1] != "10-24 20:00" {
		t.Errorf("sessions %v", list[:2])
	}
}

// What a session has in common with its series it has afterwards too.
func TestSessionsFollowTheirSeries(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r := w.weekly()
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "Chef"}, aug2)
	w.must(err)
	_, err = w.EditSession(ctx, second, hackfest.SessionEdit{Title: "Special"}, 0, 0, aug2)
	w.must(err)
	_, err = w.MoveSession(ctx, third, hackfest.SessionMove{StartsAt: w3.Add(time.Hour), EndsAt: w3.Add(2 * time.Hour)}, 0, 0, aug2)
	w.must(err)
	got := w.change(r, w1.Add(time.Hour), func(e *hackfest.SeriesEdit) {
		e.Title, e.Channel, e.TargetSlug, e.About, e.Visibility = "Hack day", "#other", "chef", "We try things.", person.MembersOnly
	})
	if got.Title != "Hack day" || got.Channel != "#other" || got.About != "We try things." || got.TargetSlug != "chef" || got.Slug != r.Slug ||
		got.Revision != r.Revision+1 || got.Sequence != 1 || len(got.Rules) != 1 {
		t.Errorf("%+v", got)
	}
	for _, tt := range []struct {
		name, slug, title, channel, target string
		visibility                         person.Visibility
		sequence                           int
	}{
		{"the past", first, weekly.Title, channel, "", person.Public, 0},
		{"with a title of its own", second, "Special", "#other", "chef", person.MembersOnly, 1},
		{"with a time of its own", third, "Hack day", channel, "chef", person.MembersOnly, 1},
		{"any other", "2012-11-07-weekly-hackfest", "Hack day", "#other", "chef", person.MembersOnly, 1},
	} {
		s := w.session(tt.slug)
		if s.Title != tt.title || s.Channel != tt.channel || s.TargetSlug != tt.target || s.Visibility != tt.visibility || s.Sequence != tt.sequence {
			t.Errorf("%s: %+v", tt.name, s)
		}
	}
}

// A20: a taken channel is refused with its dates, unless a chair says otherwise;
// that holds for what is laid out later too.
func TestChangeSeriesIntoATakenChannel(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r := w.weekly()
	other := weekly
	other.Title, other.Channel = "Other", "#other"
	_, err := w.AddSeries(ctx, other, aug2)
	w.must(err)
	e := as(r)
	e.Channel = "#other"
	_, err = w.ChangeSeries(ctx, r.Slug, e, r.Revision, 0, aug2)
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(fault.Message(err), "17 Oct 2012, 24 Oct 2012, 31 Oct 2012 and") {
		t.Errorf("got %v", err)
	}
	if got := w.series(r.Slug); got.Revision != r.Revision || got.Channel != channel {
		t.Errorf("a refusal has changed it: %+v", got)
	}
	e.OverlapOK = true
	got, err := w.ChangeSeries(ctx, r.Slug, e, r.Revision, 0, aug2)
	w.must(err)
	_, err = w.ExtendSeries(ctx, r.Slug, aug2.Add(store.Ahead).AddDate(0, 0, 14), aug2)
	w.must(err)
	if n := w.number("select count(*) from sessions where series_id = $1 and overlap_ok and conflict_at is null", got.ID); n != 18 {
		t.Errorf("%d sessions may overlap", n)
	}
	e.OverlapOK = false
	if _, err = w.ChangeSeries(ctx, r.Slug, e, 0, 0, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("taken back: %v", err)
	}
}

func TestEndSeries(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, by := w.weekly(), w.chair("gregdek")
	_, err := w.EditSession(ctx, "2012-11-14-weekly-hackfest", hackfest.SessionEdit{Title: weekly.Title, Goal: "one node"}, 0, 0, aug2)
	w.must(err)
	got, err := w.EndSeries(ctx, r.Slug, date(11, 7), "all is done", r.Revision, by, w2)
	w.must(err)
	if got.Rule != "FREQ=WEEKLY;BYDAY=WE;UNTIL=20121107T200000Z" || got.Sequence != 1 || !got.EndedAt.Equal(w2) || got.Reason != "all is done" || got.UID != r.UID {
		t.Errorf("%+v", got)
	}
	if list := w.listed(r.Slug); len(list) != 5 {
		t.Errorf("sessions %v", list)
	}
	if s := w.session("2012-11-14-weekly-hackfest"); s.State != hackfest.StateCancelled || s.Reason != "all is done" || s.ChangedBy != "gregdek" || s.RuleID != 0 {
		t.Errorf("somebody planned for it: %+v", s)
	}
	if x, err := w.ExtendSeries(ctx, r.Slug, w2.AddDate(2, 0, 0), w2); err != nil || x.Added != 0 {
		t.Errorf("it came to life again: %+v, %v", x, err)
	}
	left, err := w.CancelSession(ctx, "2012-11-07-weekly-hackfest", "no power", 0, by, w2)
	if err != nil || left.Sequence <= got.Sequence { // else calendars, which know the rule's, would take it for old
		t.Errorf("SEQUENCE %d beside the rule's %d, %v", left.Sequence, got.Sequence, err)
	}
	if _, err := w.EndSeries(ctx, r.Slug, date(11, 7), "", r.Revision, by, w2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an old form: %v", err)
	}
	again := w.change(got, w2, func(e *hackfest.SeriesEdit) { e.Rule = "FREQ=WEEKLY;BYDAY=WE" })
	if !again.EndedAt.IsZero() || len(again.Rules) != 2 {
		t.Errorf("it goes on: %+v", again)
	}
}

// A series that is ended before it began has no dates, and its event is void.
func TestEndBeforeTheFirst(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r := w.weekly()
	got, err := w.EndSeries(ctx, r.Slug, time.Time{}, "", 0, 0, aug2)
	if err != nil || !got.Rules[0].Void || got.Sequence != 1 || got.Rule != weekly.Rule {
		t.Errorf("%+v, %v", got, err)
	}
	if x, err := w.ExtendSeries(ctx, r.Slug, w2.AddDate(1, 0, 0), aug2); err != nil || x.Added != 0 || len(w.listed(r.Slug)) != 0 {
		t.Errorf("%+v, %v", x, err)
	}
}

// A36: what a series was called leads to it for ever, and nobody else gets it.
func TestRenameSeries(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r := w.weekly()
	got, err := w.RenameSeries(ctx, r.Slug, "hack-day", r.Revision, aug2)
	w.must(err)
	if got.Slug != "hack-day" || got.UID != r.UID || got.Sequence != 0 {
		t.Errorf("%+v", got)
	}
	if slug, err := w.SeriesOf(ctx, person.PublicViewer, "weekly-hackfest"); err != nil || slug != "hack-day" {
		t.Errorf("%s, %v", slug, err)
	}
	other := weekly
	other.Channel = "#other"
	if _, err := w.AddSeries(ctx, other, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another series takes the old name: %v", err)
	}
	other.Slug = "other"
	_, err = w.AddSeries(ctx, other, aug2)
	w.must(err)
	for to, want := range map[string]fault.Kind{"hack-day": fault.Conflict, "weekly-hackfest": fault.Conflict, "No Good": fault.Invalid} {
		if _, err := w.RenameSeries(ctx, "other", to, 0, aug2); fault.KindOf(err) != want {
			t.Errorf("to %s: %v", to, err)
		}
	}
	if _, err := w.RenameSeries(ctx, "hack-day", "weekly-hackfest", 0, aug2); err != nil {
		t.Errorf("back: %v", err)
	}
	if slug, err := w.SeriesOf(ctx, person.PublicViewer, "hack-day"); err != nil || slug != "weekly-hackfest" {
		t.Errorf("%s, %v", slug, err)
	}
	if _, err := w.SeriesOf(ctx, person.PublicViewer, "weekly-hackfest"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a name leads to itself: %v", err)
	}
}

func TestForeignSeriesAreReadOnly(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	foreign := weekly
	foreign.Foreign = "https://example.org/x.ics"
	_, err := w.AddSeries(ctx, foreign, aug2)
	w.must(err)
	r := w.series("weekly-hackfest")
	_, changed := w.ChangeSeries(ctx, r.Slug, as(r), 0, 0, aug2)
	_, ended := w.EndSeries(ctx, r.Slug, time.Time{}, "", 0, 0, aug2)
	_, renamed := w.RenameSeries(ctx, r.Slug, "x", 0, aug2)
	_, cancelled := w.CancelSession(ctx, first, "x", 0, 0, aug2)
	for _, err := range []error{changed, ended, renamed, cancelled} {
		if fault.KindOf(err) != fault.Conflict || !strings.Contains(fault.Message(err), foreign.Foreign) {
			t.Errorf("got %v", err)
		}
	}
}

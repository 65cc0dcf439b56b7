package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// w1 to w4 are the first dates of series weekly: noon in Los Angeles. The clocks
// change between the third and the fourth.
var (
	w1 = time.Date(2012, 10, 17, 19, 0, 0, 0, time.UTC)
	w2 = w1.AddDate(0, 0, 7)
	w3 = w1.AddDate(0, 0, 14)
	w4 = w1.AddDate(0, 0, 21).Add(time.Hour)
)

const (
	first  = "2012-10-17-weekly-hackfest"
	second = "2012-10-24-weekly-hackfest"
	third  = "2012-10-31-weekly-hackfest"
)

// chair makes a person who plans.
func (w world) chair(name string) person.ID {
	w.t.Helper()
	id, err := w.AddPerson(w.t.Context(), name, person.Member, aug2)
	w.must(err)
	return id
}

// weekly plans the weekly series.
func (w world) weekly() hackfest.Series {
	w.t.Helper()
	_, err := w.AddSeries(w.t.Context(), weekly, aug2)
	w.must(err)
	return w.series("weekly-hackfest")
}

func (w world) series(slug string) hackfest.Series {
	w.t.Helper()
	r, err := w.Series(w.t.Context(), member, slug)
	w.must(err)
	return r
}

func (w world) session(slug string) hackfest.Session {
	w.t.Helper()
	s, err := w.Session(w.t.Context(), member, slug)
	w.must(err)
	return s
}

func TestMoveSession(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	r, by := w.weekly(), w.chair("gregdek")
	before := w.session(second)
	later := w2.Add(3 * time.Hour)
	got, err := w.MoveSession(ctx, second, hackfest.SessionMove{StartsAt: later, EndsAt: later.Add(time.Hour), Reason: "the lab is closed"}, before.Revision, by, w1)
	w.must(err)
	if got.Slug != second || got.UID != r.UID || !got.Occurrence.Equal(before.Occurrence) || !got.StartsAt.Equal(later) || !got.MovedFrom.Equal(w2) ||
		got.Sequence != 1 || got.Revision != before.Revision+1 || got.ChangedBy != "gregdek" || !got.ChangedAt.Equal(w1) ||
		got.Reason != "the lab is closed" || !got.Moved || !got.Overridden || got.Channel != channel {
		t.Errorf("moved: %+v", got)
	}
	got, err = w.MoveSession(ctx, second, hackfest.SessionMove{StartsAt: w2, EndsAt: w2.Add(2 * time.Hour), Network: network, Channel: "#other"}, got.Revision, by, w1)
	w.must(err)
	if got.Channel != "#other" || !got.Moved || got.Sequence != 2 {
		t.Errorf("to another channel: %+v", got)
	}
	got, err = w.MoveSession(ctx, second, hackfest.SessionMove{StartsAt: w2, EndsAt: w2.Add(2 * time.Hour), Network: network, Channel: channel}, got.Revision, by, w1)
	w.must(err)
	if got.Moved || !got.Overridden || got.Sequence != 3 { // calendars are told for ever
		t.Errorf("back: %+v", got)
	}
	x, err := w.ExtendSeries(ctx, r.Slug, aug2.Add(store.Ahead), w1)
	if err != nil || x.Added != 0 {
		t.Errorf("laid out again: %+v, %v", x, err)
	}
	for _, slug := range []string{first, third} {
		if s := w.session(slug); s.Revision != 1 || s.Sequence != 0 || s.Overridden {
			t.Errorf("another date: %+v", s)
		}
	}
}

func TestCancelAndReinstate(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.weekly()
	by := w.chair("gregdek")
	got, err := w.CancelSession(ctx, second, "everybody is at the conference", 1, by, w1)
	w.must(err)
	if got.State != hackfest.StateCancelled || got.Sequence != 1 || got.Reason != "everybody is at the conference" || got.ChangedBy != "gregdek" || !got.Overridden {
		t.Errorf("cancelled: %+v", got)
	}
	meanwhile := planned("Instead", w2)
	w.plan(meanwhile) // A19: the channel is free
	if _, err := w.ReinstateSession(ctx, second, false, 0, by, w1); fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "24 Oct 2012") {
		t.Errorf("its channel is taken: %v", err)
	}
	if s := w.session(second); s.State != hackfest.StateCancelled || s.Revision != got.Revision {
		t.Errorf("a refusal has changed it: %+v", s)
	}
	got, err = w.ReinstateSession(ctx, second, true, got.Revision, by, w1)
	w.must(err)
	if got.State != hackfest.StateScheduled || got.Sequence != 2 || got.Reason != "" || !got.OverlapOK || got.UID != w.series("weekly-hackfest").UID {
		t.Errorf("reinstated: %+v", got)
	}
	over, err := w.Overlaps(ctx, member, []hackfest.SessionID{got.ID})
	if err != nil || len(over[got.ID]) != 1 { // A20: both are marked
		t.Errorf("overlaps: %+v, %v", over, err)
	}
}

func TestReplaceSession(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.weekly()
	joint := planned("Joint meeting", w2)
	joint.Channel, joint.Visibility = "#other", person.MembersOnly
	slug := w.plan(joint).Slug
	for _, tt := range []struct {
		name, joint string
		v           person.Viewer
	}{
		{"not there", "2012-10-24-nothing", member},
		{"itself", second, member},
		{"not for them", slug, person.PublicViewer},
	} {
		if _, err := w.ReplaceSession(ctx, tt.v, second, tt.joint, "", 0, 0, w1); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	got, err := w.ReplaceSession(ctx, member, second, slug, "", 0, 0, w1)
	if err != nil || got.ReplacedBy != slug || got.State != hackfest.StateCancelled || got.Reason != "Held together with Joint meeting." || got.ChangedBy != "" {
		t.Errorf("%+v, %v", got, err)
	}
	public, err := w.Session(ctx, person.PublicViewer, second)
	if err != nil || public.ReplacedBy != "" {
		t.Errorf("the public is led to %q, %v", public.ReplacedBy, err)
	}
	if _, err := w.ReplaceSession(ctx, member, third, second, "", 0, 0, w1); fault.KindOf(err) != fault.Invalid {
		t.Errorf("by a cancelled one: %v", err)
	}
	got, err = w.ReinstateSession(ctx, second, false, 0, 0, w1)
	if err != nil || got.ReplacedBy != "" {
		t.Errorf("reinstated: %+v, %v", got, err)
	}
}

func TestEditSession(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.weekly()
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "Chef"}, aug2)
	w.must(err)
	got, err := w.EditSession(ctx, second, hackfest.SessionEdit{Title: "Chef, again", Goal: "one node", TargetSlug: "chef"}, 1, 0, w1)
	if err != nil || got.Title != "Chef, again" || got.Goal != "one node" || got.TargetSlug != "chef" || got.Slug != second ||
		got.Sequence != 0 || !got.ChangedAt.Equal(w1) || !got.Overridden || got.Moved { // calendars see LAST-MODIFIED
		t.Errorf("%+v, %v", got, err)
	}
	for field, e := range map[string]hackfest.SessionEdit{"title": {}, "target": {Title: "x", TargetSlug: "nothing"}} {
		if _, err := w.EditSession(ctx, second, e, 0, 0, w1); err == nil {
			t.Errorf("a bad %s", field)
		}
	}
}

func TestScheduleProposal(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.weekly()
	chair := w.chair("agrimm")
	idea := planned("Eucalyptus on ARM", w2.Add(time.Hour))
	idea.State = hackfest.StateProposed
	slug := w.plan(idea).Slug
	if _, err := w.ScheduleProposal(ctx, slug, chair, false, 0, chair, w1); fault.KindOf(err) != fault.Conflict {
		t.Errorf("its channel is taken: %v", err)
	}
	if n := w.number("select count(*) from chairs"); n != 0 {
		t.Errorf("refused, and yet %d chairs", n)
	}
	got, err := w.ScheduleProposal(ctx, slug, chair, true, 0, chair, w1)
	if err != nil || got.State != hackfest.StateScheduled || got.Sequence != 1 || !got.OverlapOK || got.ChangedBy != "agrimm" {
		t.Errorf("%+v, %v", got, err)
	}
	if o, err := w.RelationToSession(ctx, person.Viewer{ID: chair, Role: person.Member}, slug); err != nil || !o.Chaired {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := w.ScheduleProposal(ctx, slug, chair, true, 0, chair, w1); fault.KindOf(err) != fault.Conflict {
		t.Errorf("twice: %v", err)
	}
}

// What nobody can change any more, and what is no change anybody could want.
func TestSessionChangesRefused(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.weekly()
	running := newLog(channel, w2.Add(-10*time.Minute)).say("ann", "#startmeeting early")
	edits := map[string]func(slug string, now time.Time) error{
		"edit": func(slug string, now time.Time) error {
			_, err := w.EditSession(ctx, slug, hackfest.SessionEdit{Title: "x"}, 0, 0, now)
			return err
		},
		"move": func(slug string, now time.Time) error {
			at := now.Add(100 * time.Hour)
			_, err := w.MoveSession(ctx, slug, hackfest.SessionMove{StartsAt: at, EndsAt: at.Add(time.Minute)}, 0, 0, now)
			return err
		},
		"cancel": func(slug string, now time.Time) error {
			_, err := w.CancelSession(ctx, slug, "x", 0, 0, now)
			return err
		},
		"reinstate": func(slug string, now time.Time) error {
			_, err := w.ReinstateSession(ctx, slug, true, 0, 0, now)
			return err
		},
		"replace": func(slug string, now time.Time) error {
			_, err := w.ReplaceSession(ctx, member, slug, third, "", 0, 0, now)
			return err
		},
	}
	frozen := func(what, says, slug string, now time.Time) {
		t.Helper()
		was := w.session(slug)
		for name, edit := range edits {
			if err := edit(slug, now); fault.KindOf(err) != fault.Conflict || !strings.Contains(fault.Message(err), says) {
				t.Errorf("%s, %s: %v", what, name, err)
			}
		}
		if s := w.session(slug); s.Revision != was.Revision || !s.StartsAt.Equal(was.StartsAt) {
			t.Errorf("%s, and it is %+v", what, s)
		}
	}
	frozen("it is over", "is over", first, w1.Add(2*time.Hour))
	w.record(running)
	frozen("a meeting runs", "runs", second, w2.Add(-5*time.Minute))
	w.record(running.say("ann", "#endmeeting"))
	frozen("it was held", "is over", second, w2.Add(-time.Minute))

	now := w2
	for _, tt := range []struct {
		name, field string
		err         func() error
	}{
		{"to the past", "starts_at", func() error {
			_, err := w.MoveSession(ctx, third, hackfest.SessionMove{StartsAt: now, EndsAt: now.Add(time.Hour)}, 0, 0, now)
			return err
		}},
		{"no length", "ends_at", func() error {
			_, err := w.MoveSession(ctx, third, hackfest.SessionMove{StartsAt: w3, EndsAt: w3}, 0, 0, now)
			return err
		}},
		{"no reason", "reason", func() error { _, err := w.CancelSession(ctx, third, "", 0, 0, now); return err }},
	} {
		if err := fault.All(tt.err()); len(err) != 1 || err[0].Kind != fault.Invalid || err[0].Field != tt.field {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := w.MoveSession(ctx, third, hackfest.SessionMove{StartsAt: w4.Add(time.Hour), EndsAt: w4.Add(2 * time.Hour)}, 0, 0, now); fault.KindOf(err) != fault.Conflict {
		t.Errorf("onto the next date of its own series: %v", err)
	}
	if _, err := w.MoveSession(ctx, third, hackfest.SessionMove{StartsAt: w3, EndsAt: w3.Add(time.Hour), Network: network, Channel: "#nowhere"}, 0, 0, now); fault.KindOf(err) != fault.NotFound {
		t.Errorf("to no channel: %v", err)
	}
}

// Of two who change one session at once, one wins and the other is told.
func TestTwoWhoChangeASession(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.weekly()
	var wg sync.WaitGroup
	errs := make([]error, 2)
	wg.Go(func() { _, errs[0] = w.CancelSession(ctx, second, "no power", 1, 0, w1) })
	wg.Go(func() {
		_, errs[1] = w.MoveSession(ctx, second, hackfest.SessionMove{StartsAt: w2.Add(time.Hour), EndsAt: w2.Add(2 * time.Hour)}, 1, 0, w1)
	})
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || fault.KindOf(errors.Join(errs...)) != fault.Conflict {
		t.Errorf("%v", errs)
	}
	if _, err := w.EditSession(ctx, second, hackfest.SessionEdit{Title: "x"}, 1, 0, w1); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an old form: %v", err)
	}
	if s := w.session(second); s.Revision != 2 || s.Sequence != 1 || (s.State == hackfest.StateCancelled) != (errs[0] == nil) {
		t.Errorf("%+v", s)
	}
}

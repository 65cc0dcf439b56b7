package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// courses are how all actions stand, oldest first.
func (w world) courses() string {
	w.t.Helper()
	list, err := w.Actions(w.t.Context(), member, store.ActionFilter{})
	w.must(err)
	var b strings.Builder
	for i := range list {
		a := list[len(list)-1-i]
		fmt.Fprintf(&b, "%s: %s by %q, %d\n", a.Text, a.State, a.By, a.Sessions)
	}
	return b.String()
}

// history is what happened to an action.
func (w world) history(id hackfest.ItemID) string {
	w.t.Helper()
	list, err := w.ActionEvents(w.t.Context(), person.PublicViewer, id)
	w.must(err)
	var b strings.Builder
	for _, e := range list {
		fmt.Fprintf(&b, "%s by %s in %t\n", e.State, e.By, !e.MeetingRef.IsZero())
	}
	return b.String()
}

// Actions are opened, carried, closed and dropped in meetings, stay open until
// then, and after three sessions are on the agenda by themselves.
func TestCourseOfActions(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	weeks := w.weeks(5)
	g := w.hold(weeks[0], "bob: hello", "ann: #action bob to count", "ann: #action ann to weigh", "ann: #action nobody to sing",
		"ann: #action never", "ann: #undo", "ann: #endmeeting")
	id := func(i int) hackfest.ItemID { return hackfest.ItemID{Ref: g.lines[3+i].Ref, N: 1} }
	w.hold(weeks[1], "bob: #done 1", "ann: #carry 2", "ann: #endmeeting")
	want := `bob to count: done by "bob", 2
ann to weigh: carried by "ann", 2
nobody to sing: open by "", 2
`
	if got := w.courses(); got != want {
		t.Errorf("after two sessions\n%swant\n%s", got, want)
	}
	w.hold(weeks[2], "ann: #drop 2", "ann: #action ann to rest", "ann: #endmeeting")
	want = `bob to count: done by "bob", 2
ann to weigh: carried by "ann", 3
nobody to sing: dropped by "ann", 3
ann to rest: open by "", 1
`
	if got := w.courses(); got != want {
		t.Errorf("after three sessions\n%swant\n%s", got, want)
	}
	if got, want := w.history(id(1)), "open by ann in true\ncarried by ann in true\n"; got != want {
		t.Errorf("history\n%swant\n%s", got, want)
	}
	if got, want := w.agenda(person.PublicViewer, weeks[3].ID), "open Open action: ann to weigh\n"; got != want {
		t.Errorf("the fourth has\n%swant\n%s", got, want)
	}
	w.hold(weeks[3], "ann: #drop 2", "ann: #endmeeting") // not reached, and there again
	if got, want := w.agenda(person.PublicViewer, weeks[4].ID), "open Open action: ann to weigh from "+weeks[3].Slug+"\n"; got != want {
		t.Errorf("the fifth has\n%swant\n%s", got, want)
	}

	// Closed on the web it is closed everywhere.
	w.must(w.SettleAction(ctx, id(1), hackfest.ActionDone, store.Settler{Name: "Ann Example"}, aug2))
	w.must(w.SettleAction(ctx, id(1), hackfest.ActionDone, store.Settler{Name: "Ann Example"}, aug2))
	if got := w.agenda(person.PublicViewer, weeks[4].ID); got != "" {
		t.Errorf("still on the agenda\n%s", got)
	}
	if c, err := w.MeetingContext(ctx, network, channel, weeks[4].StartsAt); err != nil || len(c.Sessions[0].Actions) != 0 {
		t.Errorf("still told to the bot: %+v, %v", c.Sessions, err)
	}
	for name, f := range map[string]store.ActionFilter{
		"open ones": {Open: true}, "open ones of the session": {Open: true, Session: weeks[0].Slug}, "of the series": {Open: true, Series: "weekly-hackfest"},
	} {
		if list, err := w.Actions(ctx, person.PublicViewer, f); err != nil || len(list) != 0 {
			t.Errorf("%s: %+v, %v", name, list, err)
		}
	}
	if list, err := w.Actions(ctx, person.PublicViewer, store.ActionFilter{State: hackfest.ActionDone, Limit: 1}); err != nil || len(list) != 1 || list[0].ID != id(1) {
		t.Errorf("done ones: %+v, %v", list, err)
	} else if list, err := w.Actions(ctx, person.PublicViewer, store.ActionFilter{State: hackfest.ActionDone, Before: list[0].ID}); err != nil || len(list) != 1 || list[0].ID != id(0) {
		t.Errorf("the page after: %+v, %v", list, err)
	}
	w.must(w.SettleAction(ctx, id(1), hackfest.ActionOpen, store.Settler{Name: "Ann Example"}, aug2))
	if got, want := w.history(id(1)), "open by ann in true\ncarried by ann in true\ndone by Ann Example in false\nopen by Ann Example in false\n"; got != want {
		t.Errorf("history\n%swant\n%s", got, want)
	}
	a, err := w.Action(ctx, person.PublicViewer, id(1))
	if err != nil || a.State != hackfest.ActionOpen || !a.Settled.IsZero() || a.By != "" || a.Sessions != 4 {
		t.Errorf("taken back: %+v, %v", a, err)
	}
	if err := w.SettleAction(ctx, id(3), hackfest.ActionDone, store.Settler{}, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("one that was undone: %v", err)
	}
}

func TestRelationToAction(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	s := w.plan(planned("OpenShift", aug2))
	bob, eve := w.know("Robert", "Bob", false), w.know("Eve", "eve", false)
	ann := w.know("Ann", "ann", false)
	g := newLog(channel, aug2).meeting("OpenShift")
	w.record(g)
	id := hackfest.ItemID{Ref: g.lines[4].Ref, N: 1}
	for name, tt := range map[string]struct {
		who  person.ID
		want person.Object
	}{
		"its owner": {bob, person.Object{Owner: bob}}, "somebody": {eve, person.Object{}}, "the chair": {ann, person.Object{Chaired: true}},
	} {
		o, err := w.RelationToAction(ctx, person.Viewer{ID: tt.who, Role: person.Member}, id)
		if err != nil || o != tt.want {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
	w.exec("update sessions set visibility = 'members' where id = $1", s.ID)
	if _, err := w.RelationToAction(ctx, person.PublicViewer, id); fault.KindOf(err) != fault.NotFound {
		t.Errorf("hidden: %v", err)
	}
}

// What was stored before there were actions has them after the migration.
func TestActionsOfOldItems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(newLog(channel, aug2).meeting("OpenShift"))
	before := w.number("select count(*) from actions")
	w.exec("delete from actions")
	w.exec(backfill(t, "0024_actions.sql"))
	if n := w.number("select count(*) from actions a join action_events e using (ref, n) where a.state = 'open' and a.owners = '{bob}'"); n != before || n != 1 {
		t.Errorf("%d actions, want %d", n, before)
	}
}

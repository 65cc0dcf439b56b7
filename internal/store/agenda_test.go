package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// weeks plans n sessions of a series and returns them, soonest first.
func (w world) weeks(n int) []hackfest.Session {
	w.t.Helper()
	ctx, r := w.t.Context(), weekly
	r.Rule += fmt.Sprintf(";COUNT=%d", n)
	_, err := w.AddSeries(ctx, r, aug2)
	w.must(err)
	list, err := w.Sessions(ctx, member, store.SessionFilter{Series: "weekly-hackfest"})
	w.must(err)
	if len(list) != n {
		w.t.Fatalf("%d sessions, want %d", len(list), n)
	}
	return list
}

// hold holds a meeting of session s as the bot does: with what is known of it at
// its start, and ann in the chair.
func (w world) hold(s hackfest.Session, said ...string) *channelLog {
	w.t.Helper()
	return w.holdAt(s.StartsAt, said...)
}

func (w world) holdAt(at time.Time, said ...string) *channelLog {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.PrepareAgendas(ctx, network, channel, at))
	c, err := w.MeetingContext(ctx, network, channel, at)
	w.must(err)
	text, err := json.Marshal(c)
	w.must(err)
	g := newLog(channel, at).add(hackfest.Context, "", string(text)).say("ann", "#startmeeting")
	for _, x := range said {
		nick, text, _ := strings.Cut(x, ": ")
		g.say(nick, text)
	}
	w.record(g)
	return g
}

// agenda is the agenda of a session at a glance.
func (w world) agenda(v person.Viewer, id hackfest.SessionID) string {
	w.t.Helper()
	list, err := w.Agenda(w.t.Context(), v, id)
	w.must(err)
	var b strings.Builder
	for _, i := range list {
		fmt.Fprintf(&b, "%s %s", i.State, i.Text)
		if i.From != "" {
			b.WriteString(" from " + i.From)
		}
		if i.To != "" {
			b.WriteString(" to " + i.To)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (w world) prepare(s hackfest.Session, texts ...string) []hackfest.AgendaID {
	w.t.Helper()
	var ids []hackfest.AgendaID
	for _, text := range texts {
		id, err := w.AddAgendaItem(w.t.Context(), s.ID, text, aug2)
		w.must(err)
		ids = append(ids, id)
	}
	return ids
}

func TestAgendaIsEdited(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	s := w.plan(planned("OpenShift", aug2))
	ids := w.prepare(s, "one", " two\tand a half ", "three", "four")
	w.must(w.MoveAgendaItem(ctx, ids[0], false))
	w.must(w.MoveAgendaItem(ctx, ids[3], true))
	w.must(w.MoveAgendaItem(ctx, ids[1], true)) // stays at the top
	w.must(w.DropAgendaItem(ctx, ids[2]))
	if got, want := w.agenda(person.PublicViewer, s.ID), "open two and a half\nopen one\nopen four\ndropped three\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	w.must(w.MoveAgendaItem(ctx, ids[3], true)) // over what is open
	w.must(w.RestoreAgendaItem(ctx, ids[2]))
	if got, want := w.agenda(person.PublicViewer, s.ID), "open two and a half\nopen four\nopen one\nopen three\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	item, err := w.AgendaItem(ctx, person.PublicViewer, ids[0])
	w.must(err)
	w.must(w.EditAgendaItem(ctx, ids[0], "one more", item.Revision))
	for name, err := range map[string]error{
		"an old revision":      w.EditAgendaItem(ctx, ids[0], "mine", item.Revision),
		"dropped twice":        func() error { _ = w.DropAgendaItem(ctx, ids[2]); return w.DropAgendaItem(ctx, ids[2]) }(),
		"restored though open": w.RestoreAgendaItem(ctx, ids[0]),
	} {
		if fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"no such item": w.DropAgendaItem(ctx, 4711),
		"no such session": func() error {
			_, err := w.AddAgendaItem(ctx, 4711, "x", aug2)
			return err
		}(),
	} {
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{"", " \n ", strings.Repeat("ä", 301)} {
		if _, err := w.AddAgendaItem(ctx, s.ID, text, aug2); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
	for range hackfest.MaxAgenda - 3 {
		w.prepare(s, "more")
	}
	if _, err := w.AddAgendaItem(ctx, s.ID, "too many", aug2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("item 51: %v", err)
	}
}

// What was not reached is on the next agenda once, and both sides say so.
func TestAgendaIsCarriedOver(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	weeks := w.weeks(3)
	w.prepare(weeks[0], "images", "docs", "next time")
	w.prepare(weeks[1], "a mirror")
	g := w.hold(weeks[0], "ann: #next", "ann: #next", "ann: #undo", "ann: #endmeeting")
	first, second := weeks[0].Slug, weeks[1].Slug
	want := "reached images\ncarried docs to " + second + "\ncarried next time to " + second + "\n"
	if got := w.agenda(person.PublicViewer, weeks[0].ID); got != want {
		t.Errorf("the first has\n%swant\n%s", got, want)
	}
	then := "open a mirror\nopen docs from " + first + "\nopen next time from " + first + "\n"
	for range 2 {
		if got := w.agenda(person.PublicViewer, weeks[1].ID); got != then {
			t.Errorf("the second has\n%swant\n%s", got, then)
		}
		n, err := w.CarryOver(ctx, weeks[0].ID, weeks[1].ID, aug2)
		w.must(err)
		if n != 0 {
			t.Errorf("%d carried over again", n)
		}
		w.must(w.PrepareAgendas(ctx, network, channel, weeks[1].StartsAt))
	}
	list, err := w.Agenda(ctx, person.PublicViewer, weeks[0].ID)
	w.must(err)
	if list[0].Topic != g.lines[2].Ref {
		t.Errorf("reached by line %s, want %s", list[0].Topic, g.lines[2].Ref)
	}

	// Nobody holds the second; the third gets what it left.
	w.must(w.PrepareAgendas(ctx, network, channel, weeks[2].StartsAt.Add(-time.Hour)))
	want = "open a mirror from " + second + "\nopen docs from " + second + "\nopen next time from " + second + "\n"
	if got := w.agenda(person.PublicViewer, weeks[2].ID); got != want {
		t.Errorf("the third has\n%swant\n%s", got, want)
	}
}

// A meeting that ended too early is begun again with the agenda it left, and what
// it reaches then is off the next agenda.
func TestSecondMeetingOfASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	weeks := w.weeks(2)
	w.prepare(weeks[0], "images", "docs")
	w.hold(weeks[0], "ann: #next", "ann: #endmeeting")
	w.holdAt(weeks[0].StartsAt.Add(time.Minute), "ann: #next", "ann: #endmeeting")
	if got, want := w.agenda(member, weeks[0].ID), "reached images\nreached docs\n"; got != want {
		t.Errorf("the first has\n%swant\n%s", got, want)
	}
	if got := w.agenda(member, weeks[1].ID); got != "" {
		t.Errorf("the second has\n%s", got)
	}
}

// What is for members is not carried over to where everybody reads it.
func TestHiddenAgendaStaysHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	weeks := w.weeks(2)
	w.exec("update sessions set visibility = 'members' where id = $1", weeks[0].ID)
	w.prepare(weeks[0], "the budget")
	w.hold(weeks[0], "ann: #action bob to count the money", "ann: #endmeeting")
	if got := w.agenda(person.PublicViewer, weeks[0].ID); got != "" {
		t.Errorf("the public reads\n%s", got)
	}
	if got := w.agenda(member, weeks[1].ID); got != "" {
		t.Errorf("the second has\n%s", got)
	}
	c, err := w.MeetingContext(t.Context(), network, channel, weeks[1].StartsAt)
	w.must(err)
	if len(c.Sessions) != 1 || len(c.Sessions[0].Actions) != 0 {
		t.Errorf("the bot would say %+v", c.Sessions)
	}
	w.must(w.PrepareAgendas(t.Context(), network, channel, weeks[1].StartsAt))
	if got := w.agenda(member, weeks[1].ID); got != "" {
		t.Errorf("on the day the second has\n%s", got)
	}
}

func TestMeetingContextTellsOfThePlan(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	for i := range 203 {
		_, err := w.AddTarget(ctx, hackfest.Target{Name: fmt.Sprint("Target ", i), StagedAt: aug2.Add(time.Duration(i) * time.Second)}, aug2)
		w.must(err)
	}
	weeks := w.weeks(2)
	w.exec("update sessions set target_id = (select id from targets where slug = 'target-7') where id = $1", weeks[1].ID)
	w.exec("update channels set w3c = true")
	g := w.hold(weeks[0], "bob: hello", "ann: #action bob: count, due 2012-10-20", "ann: #endmeeting")
	w.prepare(weeks[1], "images")
	c, err := w.MeetingContext(ctx, network, channel, weeks[1].StartsAt)
	w.must(err)
	if !c.Settings.W3C || len(c.Targets) != 200 || c.Targets[0] != (meeting.ContextTarget{Slug: "target-202", Name: "Target 202", Stage: "idea"}) {
		t.Errorf("settings %+v, %d targets", c.Settings, len(c.Targets))
	}
	s := c.Sessions[0]
	if len(c.Sessions) != 1 || s.Target != "target-7" || s.Zone != weekly.Zone || len(s.Agenda) != 1 || s.Agenda[0].Text != "images" {
		t.Errorf("session %+v", s)
	}
	want := meeting.OpenAction{ID: hackfest.ItemID{Ref: g.lines[3].Ref, N: 1}, Owners: []string{"bob"}, Sessions: 1, Due: time.Date(2012, 10, 20, 0, 0, 0, 0, time.UTC)}
	if len(s.Actions) != 1 || s.Actions[0].ID != want.ID || !slices.Equal(s.Actions[0].Owners, want.Owners) || s.Actions[0].Sessions != 1 || !s.Actions[0].Due.Equal(want.Due) {
		t.Errorf("actions %+v, want %+v", s.Actions, want)
	}
}

// A page that follows a meeting is told of agenda items that became topics and
// of actions of earlier sessions that were settled.
func TestChangesOfThePlan(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	weeks := w.weeks(2)
	w.hold(weeks[0], "bob: hello", "ann: #action bob to count", "ann: #endmeeting")
	w.prepare(weeks[1], "images", "docs")
	g := w.hold(weeks[1], "bob: hello", "ann: #next", "bob: #done 1", "ann: more")
	after := func(i int) store.Changes {
		t.Helper()
		c, err := w.Changes(ctx, person.PublicViewer, store.ChangeQuery{ChannelID: w.channelID("eucalyptus-devel"), MeetingRef: g.lines[1].Ref, After: g.lines[i].Ref})
		w.must(err)
		return c
	}
	if c := after(2); len(c.Agenda) != 1 || c.Agenda[0].Text != "images" || c.Agenda[0].State != hackfest.AgendaReached ||
		len(c.Actions) != 1 || c.Actions[0].State != hackfest.ActionDone || c.Actions[0].SessionSlug != weeks[0].Slug {
		t.Errorf("agenda %+v, actions %+v", c.Agenda, c.Actions)
	}
	if c := after(3); len(c.Agenda) != 0 || len(c.Actions) != 1 {
		t.Errorf("agenda %+v, actions %+v", c.Agenda, c.Actions)
	}
	if c := after(4); len(c.Agenda) != 0 || len(c.Actions) != 0 {
		t.Errorf("agenda %+v, actions %+v", c.Agenda, c.Actions)
	}
}

package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// checks is what a session has on its checklist.
func (w world) checks(s hackfest.Session) string {
	w.t.Helper()
	list, err := w.SessionChecks(w.t.Context(), member, s.ID)
	w.must(err)
	var texts []string
	for _, i := range list {
		texts = append(texts, i.Text)
	}
	return strings.Join(texts, ", ")
}

// check puts text on a checklist.
func (w world) check(k hackfest.ChecklistKey, text string, at time.Time) hackfest.CheckItemID {
	w.t.Helper()
	id, err := w.AddCheckItem(w.t.Context(), k, hackfest.CheckEdit{Text: text, Mandatory: true}, at)
	w.must(err)
	return id
}

var everything = hackfest.ChecklistKey{Scope: hackfest.ChecklistAll}

// What a session has is worked out by time: the next one inherits by itself, and
// the past stays as it was, whatever becomes of an item.
func TestChecklistsByTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, weeks := t.Context(), w.weeks(4)
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "AppScale"}, aug2)
	w.must(err)
	series := hackfest.ChecklistKey{Scope: hackfest.ChecklistSeries, Slug: "weekly-hackfest"}
	before, between, after := weeks[0].StartsAt.Add(-time.Hour), weeks[0].EndsAt.Add(time.Hour), weeks[2].EndsAt.Add(time.Hour)
	image := w.check(series, "image", before)
	w.check(hackfest.ChecklistKey{Scope: hackfest.ChecklistTarget, Slug: "appscale"}, "of a target that no session has", before)
	w.check(everything, "disk", between)
	own := w.check(hackfest.ChecklistKey{Scope: hackfest.ChecklistSession, Slug: weeks[1].Slug}, "only here", between)
	late := w.check(series, "noted in its middle", weeks[1].StartsAt.Add(time.Minute))
	want := func(when string, texts ...string) {
		t.Helper()
		for n, x := range texts {
			if got := w.checks(weeks[n]); got != x {
				t.Errorf("%s, session %d: %q, want %q", when, n, got, x)
			}
		}
	}
	want("at first", "image", "disk, image, noted in its middle, only here", "disk, image, noted in its middle", "disk, image, noted in its middle")

	changed, err := w.EditCheckItem(ctx, image, hackfest.CheckEdit{Text: "image by id", Mandatory: true}, 1, between)
	w.must(err)
	if changed == image {
		t.Error("what a past session had was changed")
	}
	want("when one was changed", "image", "disk, image by id, noted in its middle, only here", "disk, image by id, noted in its middle")
	same, err := w.EditCheckItem(ctx, own, hackfest.CheckEdit{Text: "here alone", Mandatory: true}, 1, between)
	w.must(err)
	if same != own {
		t.Error("an item that no past session had became another")
	}
	if _, err := w.EditCheckItem(ctx, own, hackfest.CheckEdit{Text: "at the same time"}, 1, between); fault.KindOf(err) != fault.Conflict {
		t.Errorf("changed by two: %v", err)
	}
	if _, err := w.EditCheckItem(ctx, image, hackfest.CheckEdit{Text: "again"}, 1, between); fault.KindOf(err) != fault.Conflict {
		t.Errorf("what was replaced is changed: %v", err)
	}

	w.must(w.RetireCheckItem(ctx, late, after))
	want("when one was retired", "image", "disk, image by id, noted in its middle, here alone", "disk, image by id, noted in its middle", "disk, image by id")
	if err := w.RetireCheckItem(ctx, late, after); fault.KindOf(err) != fault.Conflict {
		t.Errorf("retired twice: %v", err)
	}
	if back, err := w.ReuseCheckItem(ctx, late, after.Add(hackfest.UndoTime-time.Second)); err != nil || back != late {
		t.Errorf("taken back: %v, %v", back, err)
	}
	want("when that was taken back", "image", "disk, image by id, noted in its middle, here alone", "disk, image by id, noted in its middle", "disk, image by id, noted in its middle")
	w.must(w.RetireCheckItem(ctx, late, weeks[1].EndsAt.Add(time.Hour)))
	back, err := w.ReuseCheckItem(ctx, late, after)
	w.must(err)
	if back == late {
		t.Error("an item that was out of use has never been")
	}
	want("out of use for one session", "image", "disk, image by id, noted in its middle, here alone", "disk, image by id", "disk, image by id, noted in its middle")
}

// Items stand in an order that people give them.
func TestMoveCheckItem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	a, b := w.check(everything, "a", aug2), w.check(everything, "b", aug2)
	c := w.check(everything, "c", aug2)
	order := func() string {
		list, err := w.CheckItems(ctx, member, everything, false)
		w.must(err)
		texts := ""
		for _, i := range list {
			texts += i.Text
		}
		return texts
	}
	for _, tt := range []struct {
		name string
		item hackfest.CheckItemID
		up   bool
		want string
	}{
		{"up", c, true, "acb"}, {"up again", c, true, "cab"}, {"up at the top", c, true, "cab"}, {"down", a, false, "cba"}, {"down at the end", a, false, "cba"},
	} {
		if w.must(w.MoveCheckItem(ctx, tt.item, tt.up, aug2)); order() != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, order(), tt.want)
		}
	}
	w.must(w.RetireCheckItem(ctx, b, aug2))
	if w.must(w.MoveCheckItem(ctx, a, true, aug2)); order() != "ac" {
		t.Errorf("past a retired one: %s", order())
	}
	for n := range hackfest.MaxChecklist - 2 {
		w.check(everything, fmt.Sprint("item ", n), aug2)
	}
	if _, err := w.AddCheckItem(ctx, everything, hackfest.CheckEdit{Text: "one more"}, aug2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("on a full list: %v", err)
	}
	if _, err := w.ReuseCheckItem(ctx, b, aug2); fault.KindOf(err) != fault.Invalid {
		t.Errorf("back on a full list: %v", err)
	}
}

// An item that is of no use in five sessions asks to be retired, until somebody
// says that it stays.
func TestStaleChecks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, weeks := t.Context(), w.weeks(8)
	idle, caught, byHand := w.check(everything, "idle", aug2.AddDate(0, 0, -7)), w.check(everything, "caught", aug2.AddDate(0, 0, -7)), w.check(everything, "by hand", aug2.AddDate(0, 0, -7))
	ann := w.known("ann")
	who := hackfest.Ticker{Who: hackfest.WhoPerson(ann), Person: ann}
	tick := func(s hackfest.Session, item hackfest.CheckItemID, state hackfest.CheckState, via hackfest.CheckVia) {
		w.must(w.TickChecks(ctx, s.ID, who, []hackfest.CheckTick{{Item: item, State: state, Via: via, At: s.StartsAt}}))
	}
	stale := func(now time.Time) string {
		list, err := w.StaleChecks(ctx, member, now)
		w.must(err)
		var texts []string
		for _, i := range list {
			texts = append(texts, i.Text)
		}
		return strings.Join(texts, ", ")
	}
	for n, s := range weeks[:5] {
		w.hold(s).say("ann", "#endmeeting")
		w.record(newLog(channel, s.StartsAt.Add(time.Hour)).say("ann", "#endmeeting"))
		tick(s, idle, hackfest.CheckWell, hackfest.ViaNurse) // well each time
		if n == 2 {
			tick(s, caught, hackfest.CheckSplint, hackfest.ViaNurse)
			tick(s, caught, hackfest.CheckWell, hackfest.ViaNurse) // mended
			tick(s, byHand, hackfest.CheckWell, hackfest.ViaHand)
		}
		if n < 4 && stale(s.EndsAt) != "" {
			t.Errorf("after %d sessions: %s", n+1, stale(s.EndsAt))
		}
	}
	now := weeks[4].EndsAt
	if got := stale(now); got != "idle" {
		t.Errorf("after five sessions: %q", got)
	}
	if w.must(w.KeepCheckItem(ctx, idle, now)); stale(now) != "" {
		t.Errorf("when it was to be kept: %q", stale(now))
	}
	list, err := w.CheckItems(ctx, member, everything, false)
	w.must(err)
	w.must(w.CheckUse(ctx, member, list, now))
	if list[1].Caught != 1 || list[0].Caught != 0 || list[2].Caught != 0 {
		t.Errorf("caught %d, %d, %d", list[0].Caught, list[1].Caught, list[2].Caught)
	}
}

// A checklist is found by the slug of its target or series; where both have the
// same, the series stands aside.
func TestChecklistAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, weeks := t.Context(), w.weeks(1)
	for _, name := range []string{"AppScale", "Weekly hackfest"} {
		_, err := w.AddTarget(ctx, hackfest.Target{Name: name}, aug2)
		w.must(err)
	}
	for _, tt := range []struct{ path, want string }{
		{"all", "all  all"},
		{"appscale", "target appscale appscale"},
		{"weekly-hackfest", "target weekly-hackfest weekly-hackfest"},
		{"series:weekly-hackfest", "series weekly-hackfest series:weekly-hackfest"},
		{"session:" + weeks[0].Slug, "session " + weeks[0].Slug + " session:" + weeks[0].Slug},
		{weeks[0].Slug, ""},
		{"none", ""},
		{"series:appscale", ""},
		{"", ""},
	} {
		l, err := w.Checklist(ctx, person.PublicViewer, tt.path)
		got := fmt.Sprint(string(l.Scope), " ", l.Slug, " ", l.Path)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			got = ""
		} else {
			w.must(err)
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.path, got, tt.want)
		}
	}
}

// Who is ready: of those who come, by account or nick; a person's ticks count for
// the nick under which they had answered.
func TestReadinessOfASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, s := t.Context(), w.weeks(1)[0]
	item := w.check(everything, "disk", aug2)
	other := w.check(hackfest.ChecklistKey{Scope: hackfest.ChecklistSeries, Slug: "weekly-hackfest"}, "image", aug2)
	w.must(w.RetireCheckItem(ctx, other, aug2))
	ann := w.known("ann")
	for _, nick := range []string{"bob", "Cat[1]"} {
		_, err := w.Answer(ctx, hackfest.Answering{SessionID: s.ID, Nick: nick, Browser: []byte(nick), Answer: hackfest.AnswerComing, Via: "web"}, aug2)
		w.must(err)
	}
	_, err := w.Answer(ctx, hackfest.Answering{SessionID: s.ID, PersonID: ann, Answer: hackfest.AnswerComing, Via: "web"}, aug2)
	w.must(err)
	ready := func() string {
		r, err := w.Readiness(ctx, member, s.ID)
		w.must(err)
		return fmt.Sprintf("%d of %d", r.Ready, len(r.People))
	}
	tick := func(who string, id person.ID, item hackfest.CheckItemID) error {
		return w.TickChecks(ctx, s.ID, hackfest.Ticker{Who: who, Person: id}, []hackfest.CheckTick{{Item: item, State: hackfest.CheckWell, Via: hackfest.ViaHand, At: aug2}})
	}
	w.must(tick(hackfest.WhoPerson(ann), ann, item))
	w.must(tick(hackfest.WhoNick(network, "BOB"), 0, item))
	if got := ready(); got != "2 of 3" {
		t.Error(got)
	}
	cat := w.known("cat")
	_, err = w.pool.Exec(ctx, `insert into identities (person_id, kind, network, value, proven_at, since) values ($1, 'nick', $2, 'cat{1}', $3, $3)`, cat, network, aug2)
	w.must(err)
	w.must(tick(hackfest.WhoPerson(cat), cat, item))
	if got := ready(); got != "3 of 3" {
		t.Errorf("by account for a nick: %s", got)
	}
	w.must(w.Untick(ctx, s.ID, hackfest.Ticker{Who: hackfest.WhoNick(network, "bob")}, item))
	if got := ready(); got != "2 of 3" {
		t.Errorf("taken back: %s", got)
	}
	if err := tick(hackfest.WhoPerson(ann), ann, other); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an item that the session has not: %v", err)
	}
	unknown, err := w.AddPreflight(ctx, member, s.ID, hackfest.Ticker{Who: hackfest.WhoPerson(ann), Person: ann}, hackfest.Preflight{
		Machine: strings.Repeat("m", 500), At: aug2.Add(time.Minute),
		Results: []hackfest.CheckResult{{Key: fmt.Sprint(item), State: hackfest.CheckDead, Note: strings.Repeat("n", 999) + "\x00"}, {Key: "none", State: hackfest.CheckWell}},
	})
	if err != nil || len(unknown) != 1 || ready() != "1 of 3" {
		t.Errorf("reported: %v, %v, %s", unknown, err, ready())
	}
	if r, err := w.Readiness(ctx, person.PublicViewer, s.ID); err != nil || len(r.People) != 3 || r.Items[0].Bad != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// The words of a line that is removed vanish from what its lesson became, and come
// back with it; once wiped they are nowhere.
func TestRedactInChecklists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "AppScale"}, aug2)
	w.must(err)
	s := planned("AppScale", aug2)
	s.TargetSlug = "appscale"
	s = w.plan(s)
	g := newLog(channel, s.StartsAt).say("ann", "#startmeeting").say("bob", "call "+secret+" first").say("ann", "#endmeeting")
	w.record(g)
	said := "Call " + secret + " first"
	lesson, err := w.AddLesson(ctx, hackfest.Lesson{
		Text: said, Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeTarget, TargetSlug: "appscale", SessionSlug: s.Slug, LineRef: g.lines[1].Ref, FromLine: true, PublishedAt: g.at,
	}, g.at)
	w.must(err)
	key := hackfest.ChecklistKey{Scope: hackfest.ChecklistTarget, Slug: "appscale"}
	_, err = w.AddCheckItem(ctx, key, hackfest.CheckEdit{
		Text: said, Advice: "As in: " + secret, Lesson: lesson, Check: &hackfest.Check{Kind: hackfest.CheckCommand, Name: "phone", Severity: hackfest.Splint},
	}, g.at)
	w.must(err)
	texts := func() string {
		list, err := w.CheckItems(ctx, member, key, false)
		w.must(err)
		out := ""
		for _, i := range list {
			out += i.Text + "/" + i.Advice + "/" + i.Check.Title
		}
		return out
	}
	full := texts()
	id := w.redact(g.at, g.lines[1].Ref)
	if got := texts(); strings.Contains(got, secret) {
		t.Errorf("still there: %q", got)
	}
	if err := w.TakeBack(ctx, id, g.at); err != nil || texts() != full {
		t.Errorf("taken back: %q, %v; want %q", texts(), err, full)
	}
	w.redact(g.at, g.lines[1].Ref)
	if _, err := w.PurgeRedactions(ctx, g.at.Add(2*hackfest.UndoTime)); err != nil {
		t.Fatal(err)
	}
	if found := w.whereIs(secret); len(found) > 0 {
		t.Errorf("wiped, and still in %q", found)
	}
}

// What is for members shows on no checklist of the public.
func TestChecklistsHideWhatIsForMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, s := t.Context(), w.weeks(1)[0]
	lesson, err := w.AddLesson(ctx, hackfest.Lesson{Text: "x", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll, PublishedAt: aug2}, aug2)
	w.must(err)
	_, err = w.AddCheckItem(ctx, hackfest.ChecklistKey{Scope: hackfest.ChecklistSeries, Slug: "weekly-hackfest"}, hackfest.CheckEdit{Text: "closed", Lesson: lesson}, aug2)
	w.must(err)
	_, err = w.pool.Exec(ctx, `update channels set visibility = 'members'`)
	w.must(err)
	for v, want := range map[person.Viewer]int{person.PublicViewer: 0, member: 1} {
		list, err := w.SessionChecks(ctx, v, s.ID)
		w.must(err)
		lists, err := w.Checklists(ctx, v)
		w.must(err)
		r, err := w.Readiness(ctx, v, s.ID)
		w.must(err)
		coming, err := w.Inheriting(ctx, v, hackfest.ChecklistKey{Scope: hackfest.ChecklistSeries, Slug: "weekly-hackfest"}, aug2, 9)
		w.must(err)
		became, err := w.ChecksOfLessons(ctx, v, []hackfest.LessonID{lesson})
		w.must(err)
		if len(list) != want || len(lists) != 1+want || len(r.Items) != want || len(coming) != want || len(became[lesson]) != want {
			t.Errorf("%v: %d items, %d lists, %d to be ready with, %d sessions, %d of a lesson", v, len(list), len(lists), len(r.Items), len(coming), len(became[lesson]))
		}
		if _, err := w.Checklist(ctx, v, "weekly-hackfest"); (err == nil) != (want == 1) {
			t.Errorf("%v: %v", v, err)
		}
	}
}

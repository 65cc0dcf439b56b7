package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// desk is a world with a meeting that is over and two who write its minutes.
type desk struct {
	world
	g          *channelLog
	ref        hackfest.Ref
	mary, theo person.Viewer
}

func newDesk(t *testing.T, g *channelLog) desk {
	t.Helper()
	w := newWorld(t)
	w.exec("insert into targets (slug, name, stage, staged_at, created_at) values ('openshift', 'OpenShift', 'trying', $1, $1)", aug2)
	x := planned("OpenShift", aug2)
	x.TargetSlug = "openshift"
	w.plan(x)
	w.record(g)
	d := desk{world: w, g: g, ref: g.lines[0].Ref}
	for name, v := range map[string]*person.Viewer{"Mary": &d.mary, "Theo": &d.theo} {
		id, err := w.AddPerson(t.Context(), name, person.Maintainer, aug2)
		w.must(err)
		*v = person.Viewer{ID: id, Role: person.Maintainer}
	}
	return d
}

func taught() *channelLog {
	g := newLog(channel, aug2).meeting("OpenShift")
	g.lines = g.lines[:len(g.lines)-1]
	return g.say("bob", "#lesson+ name images by id").say("bob", "#lesson the mirror is slow").say("ann", "regrets+ shy").say("ann", "#endmeeting")
}

func (d desk) draft(v person.Viewer) store.MinutesDraft {
	d.t.Helper()
	m, err := d.MinutesDraft(d.t.Context(), v, d.ref)
	d.must(err)
	return m
}

func (d desk) save(v person.Viewer, based int, f minutes.Fields) store.SavedDraft {
	d.t.Helper()
	s, err := d.SaveMinutesDraft(d.t.Context(), v, d.ref, based, f, d.g.at)
	d.must(err)
	return s
}

func (d desk) publish(note string) int {
	d.t.Helper()
	n, err := d.PublishDraft(d.t.Context(), d.mary, d.ref, d.draft(d.mary).Revision, note, d.g.at)
	d.must(err)
	return n
}

// field is a field of the nth line of the log.
func (d desk) field(sort string, line int, what string) string {
	return minutes.FieldOf(sort, hackfest.ItemID{Ref: d.g.lines[line].Ref, N: 1}, what)
}

func TestDraftOfTwoWriters(t *testing.T) {
	t.Parallel()
	d := newDesk(t, taught())
	first := d.draft(d.mary)
	if first.Revision != 0 || first.Writer != "" || first.Fields["summary"] != "" {
		t.Fatalf("%+v", first)
	}
	action, decision := d.field("item", 4, "text"), d.field("item", 5, "text")
	mary := d.save(d.mary, 0, minutes.Fields{"summary": "It runs.", action: "bob to write it down", "once": "x", "present.0.nick": "ann"})
	if mary.Revision != 1 || !mary.Changed {
		t.Fatalf("%+v", mary)
	}
	if again := d.save(d.mary, 1, minutes.Fields{"summary": "It runs."}); again.Revision != 1 || again.Changed {
		t.Errorf("the same again: %+v", again)
	}
	theo := d.save(d.theo, 0, minutes.Fields{"summary": "", decision: "by id, always"})
	if theo.Revision != 2 || theo.Fields["summary"] != "It runs." || theo.Writer != "Mary" || fmt.Sprint(theo.Others) != "[summary]" {
		t.Errorf("%+v", theo)
	}
	_, err := d.SaveMinutesDraft(t.Context(), d.theo, d.ref, 0, minutes.Fields{"summary": "It does not.", action: "nobody"}, d.g.at)
	if fault.KindOf(err) != fault.Conflict {
		t.Fatalf("lost text: %v", err)
	}
	info := d.field("item", 3, "text")
	saved, _ := d.SaveMinutesDraft(t.Context(), d.theo, d.ref, 0, minutes.Fields{"summary": "It does not.", info: "three images"}, d.g.at)
	if len(saved.Clashes) != 1 || saved.Clashes[0] != (minutes.Clash{Name: "summary", Theirs: "It runs.", Mine: "It does not."}) || saved.Fields[info] != "three images" {
		t.Errorf("%+v", saved)
	}
	if now := d.draft(d.theo); now.Revision != 2 || now.Fields["summary"] != "It runs." || now.Writer != "Theo" || now.BegunAt.IsZero() {
		t.Errorf("a clash was saved: %+v", now)
	}
	if s := d.save(d.theo, 2, minutes.Fields{"summary": "It does not."}); s.Revision != 3 {
		t.Errorf("chosen: %+v", s)
	}
	writing, err := d.MinutesWritings(t.Context(), person.PublicViewer, d.ref)
	d.must(err)
	if writing[d.ref].Writer != "Theo" {
		t.Errorf("%+v", writing)
	}
	// What is not about these minutes is not kept.
	d.save(d.mary, 3, minutes.Fields{"item.nothing.text": "x", d.field("item", 1, "text"): "x", "csrf": "1", "keep.summary": "1"})
	if n := d.number("select count(*) from minutes_drafts where fields ?| array['csrf', 'item.nothing.text', $1]", d.field("item", 1, "text")); n != 0 {
		t.Error("unknown fields are kept")
	}
}

// Of many who save at once none loses a word.
func TestDraftOfManyAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, taught())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			id := hackfest.ItemID{Ref: d.g.lines[1].Ref, N: minutes.FirstAdded + i}
			f := minutes.Fields{}
			f.AddItem(id, meeting.Info, fmt.Sprint("entry ", i), nil)
			if _, err := d.SaveMinutesDraft(t.Context(), d.mary, d.ref, 0, f, d.g.at); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	f := d.draft(d.mary)
	for i := range 8 {
		if name := minutes.FieldOf("item", hackfest.ItemID{Ref: d.g.lines[1].Ref, N: minutes.FirstAdded + i}, "text"); f.Fields[name] != fmt.Sprint("entry ", i) {
			t.Errorf("entry %d is %q", i, f.Fields[name])
		}
	}
	if f.Revision != 8 {
		t.Errorf("revision %d", f.Revision)
	}
}

func TestPublishAndCorrect(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t, taught()), t.Context()
	action, decision := d.field("item", 4, "owners"), d.field("item", 5, "text")
	id := hackfest.ItemID{Ref: d.g.lines[4].Ref, N: 1}
	added := hackfest.ItemID{Ref: d.g.lines[1].Ref, N: minutes.FirstAdded}
	f := minutes.Fields{"summary": "It runs.", action: "zoe", d.field("item", 4, "due"): "2012-08-09", d.field("item", 6, "gone"): ""}
	f.AddItem(added, meeting.Action, "mirror the images", []string{"max"})
	d.save(d.mary, 0, f)
	if _, err := d.PublishDraft(ctx, d.mary, d.ref, 0, "", d.g.at); fault.KindOf(err) != fault.Conflict {
		t.Errorf("not what was looked at: %v", err)
	}
	if n := d.publish(""); n != 1 {
		t.Errorf("revision %d", n)
	}
	m, err := d.Minutes(ctx, person.PublicViewer, d.ref)
	d.must(err)
	if len(m.Actions) != 2 || !strings.Contains(asJSON(m), "mirror the images") || !strings.Contains(asJSON(m), `"undone": false, "text": "a mirror"`) && strings.Count(asJSON(m), "a mirror") != 1 {
		t.Error(asJSON(m))
	}
	actions, err := d.Actions(ctx, person.PublicViewer, store.ActionFilter{})
	d.must(err)
	if len(actions) != 2 || fmt.Sprint(actions[0].Owners, " ", actions[0].Text, " ", actions[0].Due.Day()) != "[zoe] bob to write that down 9" || fmt.Sprint(actions[1].Owners) != "[max]" {
		t.Errorf("%+v", actions)
	}
	d.must(d.SettleAction(ctx, added, hackfest.ActionDone, store.Settler{Name: "Mary"}, d.g.at))
	lessons := func() (list []string) {
		all, err := d.Lessons(ctx, person.PublicViewer, store.LessonFilter{})
		d.must(err)
		for _, l := range all {
			list = append(list, fmt.Sprint(l.ID, " ", l.Text, " ", l.Kind, " ", l.Scope, " ", l.TargetSlug, " ", l.LineRef == d.g.lines[10].Ref))
		}
		return list
	}
	if got := fmt.Sprint(lessons()); got != "[2 the mirror is slow unknown target openshift false 1 name images by id do_again target openshift true]" {
		t.Errorf("lessons: %s", got)
	}
	meeting, err := d.Meeting(ctx, person.PublicViewer, d.ref)
	d.must(err)
	if meeting.Actions != 2 || meeting.Lessons != 2 || meeting.Decisions != 1 || meeting.Revision != 1 || !meeting.FirstPublishedAt.Equal(meeting.PublishedAt) {
		t.Errorf("%+v", meeting)
	}

	now := d.draft(d.theo)
	if now.Writer != "" || now.Revision != 2 || now.Number != 1 || now.Fields["summary"] != "It runs." {
		t.Errorf("after the publication: %+v", now)
	}
	if _, err := d.PublishDraft(ctx, d.mary, d.ref, now.Revision, "a note", d.g.at); fault.KindOf(err) != fault.Conflict {
		t.Errorf("nothing to correct: %v", err)
	}
	d.g.at = d.g.at.Add(time.Hour)
	// Theo has the form of before the publication, and changes what it did not.
	d.save(d.theo, 1, minutes.Fields{"summary": "It runs.", decision: "by id, always", d.field("lesson", 10, "text"): "Name images by their id.", d.field("lesson", 11, "pick"): ""})
	if _, err := d.PublishDraft(ctx, d.mary, d.ref, 3, "", d.g.at); fault.All(err) == nil || fault.All(err)[0].Field != "note" {
		t.Errorf("without a note: %v", err)
	}
	if n := d.publish("one lesson was none"); n != 2 {
		t.Errorf("revision %d", n)
	}
	if got := fmt.Sprint(lessons()); got != "[1 Name images by their id. do_again target openshift true]" {
		t.Errorf("corrected: %s", got)
	}
	actions, err = d.Actions(ctx, person.PublicViewer, store.ActionFilter{Open: true})
	d.must(err)
	if len(actions) != 1 || actions[0].ID != id {
		t.Errorf("what was done is open again: %+v", actions)
	}
	// The lesson comes back under its own id, and an action goes.
	d.save(d.mary, d.draft(d.mary).Revision, minutes.Fields{d.field("lesson", 11, "pick"): "on", d.field("item", 4, "gone"): "on"})
	d.publish("it was one")
	if got := fmt.Sprint(lessons()); !strings.Contains(got, "2 the mirror is slow") {
		t.Errorf("back again: %s", got)
	}
	if actions, err = d.Actions(ctx, person.PublicViewer, store.ActionFilter{}); err != nil || len(actions) != 1 || actions[0].ID != added {
		t.Errorf("%v %+v", err, actions)
	}
	history, err := d.Publications(ctx, person.PublicViewer, []hackfest.Ref{d.ref})
	d.must(err)
	revisions := history[d.ref]
	if len(revisions) != 3 || revisions[1].Author != "Mary" || revisions[1].Note != "one lesson was none" || !revisions[1].At.After(revisions[0].At) {
		t.Errorf("%+v", revisions)
	}
	old, err := d.MinutesAt(ctx, person.PublicViewer, d.ref, 1)
	d.must(err)
	if strings.Contains(asJSON(old.Minutes), "by id, always") {
		t.Error("an old revision changed")
	}
	if _, err := d.MinutesAt(ctx, person.PublicViewer, d.ref, 4); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a revision to come: %v", err)
	}
	if meeting, err = d.Meeting(ctx, person.PublicViewer, d.ref); err != nil || !meeting.FirstPublishedAt.Equal(revisions[0].At) || !meeting.PublishedAt.After(meeting.FirstPublishedAt) {
		t.Errorf("%v %v %v", err, meeting.FirstPublishedAt, meeting.PublishedAt)
	}
}

func TestWhoIsUnnamedIsInNoRevisionAsSuch(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t, taught()), t.Context()
	d.know("Shy", "shy", true)
	d.know("Bob", "bob", true)
	d.exec("update people set unnamed = true where name in ('Shy', 'Bob')")
	f := d.draft(d.mary)
	if strings.Contains(fmt.Sprint(f.Fields), "shy") || strings.Contains(f.Fields["present.1.nick"], "bob") {
		t.Errorf("%v", f.Fields)
	}
	d.save(d.mary, 0, minutes.Fields{"summary": "x", "regrets": "max"})
	d.publish("")
	if n := d.number("select count(*) from minutes_revisions where minutes::text like '%unnamed%' or minutes::text not like '%shy%' or minutes::text not like '%bob%'"); n != 0 {
		t.Error("somebody is left out of what is kept")
	}
	m, err := d.Minutes(ctx, person.PublicViewer, d.ref)
	d.must(err)
	if fmt.Sprint(m.Regrets) != "[max (unnamed)]" {
		t.Errorf("%v", m.Regrets)
	}
	if _, err := d.PublishMinutes(ctx, d.ref, m, "", "as read", d.g.at); fault.KindOf(err) != fault.Invalid {
		t.Errorf("minutes as they are read were published: %v", err)
	}
}

func TestDraftOfWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	g := taught()
	end := g.lines[len(g.lines)-1]
	g.lines = g.lines[:len(g.lines)-1]
	d, ctx := newDesk(t, g), t.Context()
	if _, err := d.SaveMinutesDraft(ctx, d.mary, d.ref, 0, minutes.Fields{"summary": "x"}, g.at); fault.KindOf(err) != fault.Conflict {
		t.Errorf("while it runs: %v", err)
	}
	if _, err := d.MinutesDraft(ctx, d.mary, d.ref); fault.KindOf(err) != fault.Conflict {
		t.Errorf("while it runs: %v", err)
	}
	g.lines = append(g.lines, end)
	d.record(g)
	d.exec("update meetings set visibility = 'members'")
	for name, try := range map[string]func() error{
		"read": func() error { _, err := d.MinutesDraft(ctx, person.PublicViewer, d.ref); return err },
		"save": func() error {
			_, err := d.SaveMinutesDraft(ctx, person.PublicViewer, d.ref, 0, minutes.Fields{"summary": "x"}, g.at)
			return err
		},
		"publish":     func() error { _, err := d.PublishDraft(ctx, person.PublicViewer, d.ref, 0, "", g.at); return err },
		"no such one": func() error { _, err := d.MinutesDraft(ctx, d.mary, hackfest.RefAt(aug2)); return err },
	} {
		if err := try(); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := minutes.Fields{"summary": strings.Repeat("x", minutes.MaxSummary+1)}
	if _, err := d.SaveMinutesDraft(ctx, d.mary, d.ref, 0, long, g.at); fault.All(err) == nil || fault.All(err)[0].Field != "summary" {
		t.Errorf("too long: %v", err)
	}
	d.save(d.mary, 0, minutes.Fields{"summary": "nul \x00 and \xff"})
	if got := d.draft(d.mary).Fields["summary"]; got != "nul  and \ufffd" {
		t.Errorf("%q", got)
	}
}

// A meeting about which somebody writes is not discarded.
func TestWrittenAboutIsNotDiscarded(t *testing.T) {
	t.Parallel()
	d := newDesk(t, newLog(channel, aug2).say("ann", "#startmeeting").say("ann", "#endmeeting"))
	d.save(d.mary, 0, minutes.Fields{"summary": "It was short."})
	if err := d.DiscardMeeting(t.Context(), d.ref); fault.KindOf(err) != fault.Conflict {
		t.Errorf("%v", err)
	}
}

// What is redacted is in no draft, no revision and no lesson, comes back from no
// form that was open meanwhile, and is purged.
func TestRedactionReachesWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	g := newLog(channel, aug2).say("ann", "#startmeeting OpenShift").
		say("bob", "#lesson call "+secret).
		say("bob", "#info call "+secret).
		say("ann", "#info the rest").
		say("ann", "#endmeeting")
	d, ctx := newDesk(t, g), t.Context()
	added := hackfest.ItemID{Ref: g.lines[1].Ref, N: minutes.FirstAdded}
	f := minutes.Fields{"summary": "They call " + secret + " now.", d.field("item", 3, "text"): "call " + secret + " for the rest"}
	f.AddItem(added, meeting.Agreed, "to call "+secret, nil)
	d.save(d.mary, 0, f)
	d.publish("")
	f["summary"] = "They still call " + secret + "."
	d.save(d.mary, d.draft(d.mary).Revision, f)
	form := d.draft(d.theo)
	all := func() string {
		var got string
		d.must(d.pool.QueryRow(ctx, `select (select string_agg(fields::text, '|' order by revision) from minutes_drafts)
			|| (select string_agg(minutes::text || summary, '|' order by number) from minutes_revisions)
			|| (select string_agg(text || coalesce(redacted_at::text, ''), '|' order by id) from lessons)`).Scan(&got))
		return got
	}
	before := all()
	id := d.redact(g.at, g.lines[1].Ref, g.lines[2].Ref)
	if got := all(); strings.Contains(got, secret) {
		t.Errorf("it stands in\n%s", got)
	}
	if list, err := d.Lessons(ctx, d.mary, store.LessonFilter{}); err != nil || len(list) != 0 {
		t.Errorf("%v %+v", err, list)
	}
	// A form of before is sent.
	mine := minutes.Fields{}
	for name, text := range form.Fields {
		mine[name] = text
	}
	mine[d.field("item", 3, "text")] += " of it"
	d.save(d.theo, form.Revision, mine)
	if got := all(); strings.Contains(got, secret) {
		t.Errorf("an open form brought it back:\n%s", got)
	}
	d.exec("delete from minutes_drafts where revision > $1", form.Revision)
	d.must(d.TakeBack(ctx, id, g.at))
	if got := all(); got != before {
		t.Errorf("taken back is\n%s\nand was\n%s", got, before)
	}
	d.redact(g.at, g.lines[1].Ref, g.lines[2].Ref)
	if n, err := d.PurgeRedactions(ctx, g.at.Add(hackfest.UndoTime*2)); n != 1 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	if found := d.whereIs(secret); len(found) > 0 {
		t.Errorf("it still stands in %q", found)
	}
	d.publishAfter(t)
}

// publishAfter publishes what is left, and looks that nothing removed came back.
func (d desk) publishAfter(t *testing.T) {
	t.Helper()
	d.save(d.mary, d.draft(d.mary).Revision, minutes.Fields{"summary": "They call."})
	d.publish("words were removed")
	if found := d.whereIs(secret); len(found) > 0 {
		t.Errorf("published again it stands in %q", found)
	}
	if n := d.number("select count(*) from lessons where published_at is not null and redacted_at is null"); n != 0 {
		t.Error("a removed lesson is published again")
	}
}

func TestPseudonymInDrafts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, taught())
	bob := d.know("Robert", "Bob", true)
	d.save(d.mary, 0, minutes.Fields{"summary": "Bob found it.", "also": "bob_away"})
	d.must(d.Leave(t.Context(), person.Viewer{ID: bob, Role: person.Member}, "left/7k3q", true, d.g.at.Add(time.Hour)))
	if n := d.number("select count(*) from minutes_drafts where fields->>'summary' = 'left/7k3q found it.'"); n != 1 {
		t.Errorf("the draft says %q", d.draft(d.mary).Fields["summary"])
	}
}

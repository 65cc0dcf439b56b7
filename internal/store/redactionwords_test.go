package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// What somebody wants to say goes with the line that said it: from the page at
// once, from what the bot made of it, and from the database with the end of the
// meeting. It does not come back when the queue moves on.
func TestRedactInTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newLog(channel, aug2).say("ann", "#startmeeting").say("bob", "q+ to say "+secret).self("Queue: bob (to say " + secret + ").")
	w.record(g)
	queue := func() []string {
		m, err := w.Meeting(t.Context(), person.PublicViewer, g.lines[0].Ref)
		w.must(err)
		return m.Queue
	}
	if got := queue(); !slices.Equal(got, []string{"bob (to say " + secret + ")"}) {
		t.Fatalf("before: %q", got)
	}
	w.redact(g.at, g.lines[1].Ref)
	if got := queue(); !slices.Equal(got, []string{"bob"}) || strings.Contains(w.shown(), secret) {
		t.Errorf("after: %q, or shown elsewhere", got)
	}
	w.record(g.say("cat", "q+ me too"))
	if got := queue(); !slices.Equal(got, []string{"bob", "cat (me too)"}) {
		t.Errorf("when the queue moved on: %q", got)
	}
	w.record(g.say("ann", "#endmeeting"))
	if got := queue(); len(got) > 0 {
		t.Errorf("after the end: %q", got)
	}
	if _, err := w.PurgeRedactions(t.Context(), g.at.Add(2*hackfest.UndoTime)); err != nil {
		t.Fatal(err)
	}
	if found := w.whereIs(secret); len(found) > 0 {
		t.Errorf("still in %q", found)
	}
}

// A line that asked for a name and did not get it does not take the meeting's
// own with it.
func TestRedactARefusedName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newLog(channel, aug2).say("ann", "#startmeeting").say("ann", "#meetingname weekly").say("ann", "#meetingtopic week 31").
		say("mal", "#meetingname "+secret).say("mal", "#meetingtopic "+secret).say("ann", "#topic One").say("ann", "#endmeeting")
	w.record(g)
	w.redact(g.at, g.lines[3].Ref, g.lines[4].Ref)
	m, err := w.Meeting(t.Context(), person.PublicViewer, g.lines[0].Ref)
	w.must(err)
	kept, err := w.Minutes(t.Context(), member, m.Ref)
	w.must(err)
	again, err := w.Rebuild(t.Context(), member, m.Ref)
	w.must(err)
	if m.Name != "weekly" || m.Suffix != "week 31" || kept.Name != "weekly" || again.Name != "weekly" {
		t.Errorf("name %q, suffix %q, in the minutes %q, worked out again %q", m.Name, m.Suffix, kept.Name, again.Name)
	}
}

// An issue that was named goes from the minutes, in which it looks otherwise than
// where it was said; as long as the meeting runs it is not in them yet.
func TestRedactANamedIssue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := newLog(channel, aug2).say("ann", "#startmeeting").say("bob", "see https://github.com/eucalyptus/hidden/issues/12").say("bob", "a/b#1")
	w.record(g)
	w.redact(g.at, g.lines[1].Ref)
	w.record(g.say("ann", "#endmeeting"))
	kept, err := w.Minutes(t.Context(), member, g.lines[0].Ref)
	w.must(err)
	if len(kept.Issues) != 1 || kept.Issues[0].Repo != "a/b" {
		t.Errorf("issues: %v", kept.Issues)
	}
}

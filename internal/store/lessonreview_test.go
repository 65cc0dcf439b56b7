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

// Each step of a lesson's life needs the one before it, and who may not see it is
// not told that it is there.
func TestLessonReview(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	ann, bo := w.actor("Ann", person.Maintainer), w.actor("Bo", person.Member)
	id, err := w.AddLesson(ctx, hackfest.Lesson{Text: "x", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll, AuthorID: bo.ID}, aug2)
	w.must(err)
	now := aug2.Add(time.Hour)
	for _, tt := range []struct {
		name string
		do   func() error
		want fault.Kind // of the error; 200 is none
	}{
		{"retired before it is published", func() error { return w.RetireLesson(ctx, id, "x", now) }, fault.Conflict},
		{"declined", func() error { return w.DeclineLesson(ctx, id, "known", now) }, 200},
		{"declined twice", func() error { return w.DeclineLesson(ctx, id, "known", now) }, fault.Conflict},
		{"reopened", func() error { return w.ReopenLesson(ctx, id) }, 200},
		{"published", func() error { return w.PublishLesson(ctx, id, now) }, 200},
		{"published twice", func() error { return w.PublishLesson(ctx, id, now) }, fault.Conflict},
		{"declined when it is published", func() error { return w.DeclineLesson(ctx, id, "x", now) }, fault.Conflict},
		{"changed", func() error {
			return w.EditLesson(ctx, hackfest.Lesson{ID: id, Text: " y  y ", Kind: hackfest.LessonBroken, Scope: hackfest.ScopeAll, Revision: 4}, now)
		}, 200},
		{"changed as it was before", func() error {
			return w.EditLesson(ctx, hackfest.Lesson{ID: id, Text: "z", Kind: hackfest.LessonBroken, Scope: hackfest.ScopeAll, Revision: 4}, now)
		}, fault.Conflict},
		{"of a target there is not", func() error {
			return w.EditLesson(ctx, hackfest.Lesson{ID: id, Text: "z", Kind: hackfest.LessonBroken, Scope: hackfest.ScopeTarget, TargetSlug: "none", Revision: 5}, now)
		}, fault.Invalid},
		{"retired", func() error { return w.RetireLesson(ctx, id, "mended", now) }, 200},
		{"retired twice", func() error { return w.RetireLesson(ctx, id, "mended", now) }, fault.Conflict},
		{"unpublished when it is retired", func() error { return w.UnpublishLesson(ctx, id, now) }, fault.Conflict},
	} {
		err := tt.do()
		if got := fault.KindOf(err); err == nil && tt.want != 200 || err != nil && got != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	l, err := w.Lesson(ctx, person.PublicViewer, id)
	w.must(err)
	if l.Text != "y y" || l.RetiredAt.IsZero() || l.Reason != "mended" || l.Author != "" {
		t.Errorf("got %+v", l)
	}
	w.must(w.ReinstateLesson(ctx, id, now))
	w.must(w.UnpublishLesson(ctx, id, now))
	for who, want := range map[*person.Viewer]bool{{}: false, {ID: 99, Role: person.Member}: false, &bo.Viewer: true, &ann.Viewer: true} {
		if _, err := w.Lesson(ctx, *who, id); (err == nil) != want {
			t.Errorf("%v sees one that waits: %v", *who, err)
		}
	}
	if list, err := w.LessonsWaiting(ctx, bo.Viewer, 0); err != nil || len(list) != 0 {
		t.Errorf("a member has a desk: %v, %v", list, err)
	}
	if list, err := w.Lessons(ctx, bo.Viewer, store.LessonFilter{Retired: true}); err != nil || len(list) != 0 {
		t.Errorf("listed: %v, %v", list, err)
	}
}

// What was made of a line goes with it, and comes back with it: a lesson, also of
// a line in no meeting, and a target that was proposed by it, with its address.
func TestRedactionOfWhatALineMade(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	ann := w.actor("Ann", person.Maintainer)
	g := newLog(channel, aug2).say("bo", "my password is hunter2 everywhere").say("bo", "!idea Secret Project X").say("bo", "!Idea  Vim").say("cy", "hello")
	w.record(g)
	said, idea := g.lines[0].Ref, g.lines[1].Ref
	id, err := w.AddLesson(ctx, hackfest.Lesson{
		Text: "Do not type it in the channel.", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll, LineRef: said, FromLine: true, PublishedAt: aug2,
	}, aug2)
	w.must(err)
	other, err := w.AddLesson(ctx, hackfest.Lesson{Text: "Think first.", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll, LineRef: said, PublishedAt: aug2}, aug2)
	w.must(err)
	_, err = w.Suggest(ctx, hackfest.Suggestion{Network: network, Channel: channel, Nick: "bo", Text: "Secret Project X", Ref: idea}, aug2)
	w.must(err)
	_, err = w.Suggest(ctx, hackfest.Suggestion{Network: network, Channel: channel, Nick: "bo", Text: "Vim"}, aug2) // of a line that is not known
	w.must(err)
	for _, slug := range []string{"secret-project-x", "vim"} { // which drafts the news of it
		_, err = w.MoveTarget(ctx, ann.Viewer, slug, hackfest.TargetMove{To: hackfest.StageNotes, Override: true, Note: "seen"}, 0, "https://h.example", ann, aug2)
		w.must(err)
	}
	w.exec(`update news set revision = 2 where title like 'Vim %'`) // somebody wrote on it
	red := w.redact(g.at, said, idea, g.lines[2].Ref)
	if found := w.whereIs("Secret Project X"); !slices.Equal(found, []string{"lines", "withheld"}) || w.number(`select count(*) from news`) != 1 {
		t.Errorf("its words stand in %q", found)
	}
	if _, err := w.Lesson(ctx, ann.Viewer, id); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the lesson stays: %v", err)
	}
	if _, err := w.Lesson(ctx, ann.Viewer, other); err != nil {
		t.Errorf("a lesson in words of its own goes: %v", err)
	}
	if list, err := w.Targets(ctx); err != nil || len(list) != 0 {
		t.Errorf("the target stays: %v, %v", list, err)
	}
	if n := w.number(`select count(*) from targets where name ilike '%secret%' or slug ilike '%secret%'`); n != 0 {
		t.Error("its words are kept")
	}
	w.must(w.TakeBack(ctx, red, g.at.Add(time.Minute)))
	if l, err := w.Lesson(ctx, ann.Viewer, id); err != nil || !strings.Contains(l.Text, "channel") {
		t.Errorf("the lesson does not come back: %+v, %v", l, err)
	}
	if got, err := w.Target(ctx, "secret-project-x"); err != nil || got.Name != "Secret Project X" {
		t.Errorf("the target does not come back: %+v, %v", got, err)
	}
}

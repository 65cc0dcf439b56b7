package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

func TestLessons(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	_, err := w.AddTarget(ctx, hackfest.Target{Name: "OpenShift Origin", Stage: hackfest.StageTrying}, aug2)
	w.must(err)
	s := w.plan(planned("OpenShift", aug2))
	for i, l := range []hackfest.Lesson{
		{Text: "0", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeImage, Image: "Fedora 17"},
		{Text: "1", Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeTarget, TargetSlug: "openshift-origin", SessionSlug: s.Slug},
		{Text: "2", Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeAll},
		{Text: "3", Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeAll}, // at the same time as 2
		{Text: "4", Kind: hackfest.LessonDoAgain, Scope: hackfest.ScopeAll}, // not published
	} {
		if i < 4 {
			l.PublishedAt = aug2.Add(time.Duration(min(i, 2)) * time.Hour)
		}
		_, err := w.AddLesson(ctx, l, aug2)
		w.must(err)
	}
	for _, tt := range []struct {
		name string
		f    store.LessonFilter
		want string
	}{
		{"all, newest first", store.LessonFilter{}, "3210"},
		{"to avoid", store.LessonFilter{Kind: hackfest.LessonAvoid}, "0"},
		{"for all", store.LessonFilter{Scope: hackfest.ScopeAll}, "32"},
		{"of a target", store.LessonFilter{Target: "openshift-origin"}, "1"},
		{"of a session", store.LessonFilter{Session: s.Slug}, "1"},
		{"of an image", store.LessonFilter{Image: "Fedora 17"}, "0"},
		{"of nothing", store.LessonFilter{Target: "chef"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			tt.f.Limit = 1
			for {
				page, err := w.Lessons(ctx, person.PublicViewer, tt.f)
				w.must(err)
				if len(page) == 0 {
					break
				}
				got += page[0].Text
				tt.f.After = store.CursorAfterLesson(page[0])
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	one, err := w.Lessons(ctx, person.PublicViewer, store.LessonFilter{Session: s.Slug})
	w.must(err)
	if l := one[0]; l.TargetName != "OpenShift Origin" || l.SessionSlug != s.Slug || !l.SessionAt.Equal(aug2) || !l.LineRef.IsZero() {
		t.Errorf("got %+v", l)
	}
}

func TestAddLessonRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct {
		name string
		l    hackfest.Lesson
		want fault.Kind
	}{
		{"no text", hackfest.Lesson{Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll}, fault.Invalid},
		{"an image for all", hackfest.Lesson{Text: "x", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll, Image: "y"}, fault.Invalid},
		{"a target without one", hackfest.Lesson{Text: "x", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeTarget}, fault.Invalid},
		{"an unknown target", hackfest.Lesson{Text: "x", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll, TargetSlug: "y"}, fault.NotFound},
		{"an unknown session", hackfest.Lesson{Text: "x", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeAll, SessionSlug: "y"}, fault.NotFound},
	} {
		if _, err := w.AddLesson(t.Context(), tt.l, aug2); err == nil || fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v, want kind %d", tt.name, err, tt.want)
		}
	}
}

func TestTargetsInTheOrderOfTheBoard(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	for i, stage := range []hackfest.TargetStage{hackfest.StageWorks, hackfest.StageIdea, hackfest.StageTrying, hackfest.StageIdea} {
		_, err := w.AddTarget(ctx, hackfest.Target{Name: fmt.Sprint(i), Stage: stage, StagedAt: aug2.Add(time.Duration(i) * time.Hour)}, aug2)
		w.must(err)
	}
	list, err := w.Targets(ctx)
	w.must(err)
	got := ""
	for _, target := range list {
		got += target.Name
	}
	if got != "3120" {
		t.Errorf("got %s, want 3120: ideas, newest first, before what is tried before what works", got)
	}
	if _, err := w.AddTarget(ctx, hackfest.Target{Name: "0"}, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second of one name: %v", err)
	}
	if _, err := w.Target(ctx, "nothing"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an unknown one: %v", err)
	}
}

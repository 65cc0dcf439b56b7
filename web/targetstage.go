package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// stageTargetQuestion is the form that moves a target on the board.
func (s *Server) stageTargetQuestion(r *http.Request, t hackfest.Target) (question, error) {
	q, err := s.targetQuestion(r, t, "Move "+t.Name, "/stage")
	if err != nil {
		return q, err
	}
	ctx, v := r.Context(), viewerOf(r)
	facts, err := s.Store.TargetFacts(ctx, v, t.ID, s.Now())
	if err != nil {
		return q, err
	}
	sessions, err := s.Store.Sessions(ctx, v, store.SessionFilter{Target: t.Slug, Desc: true, Limit: 50})
	if err != nil {
		return q, err
	}
	c := q.page.Clock
	held := []ui.Choice{{Value: "", Text: "None"}}
	for _, x := range sessions {
		if x.State != hackfest.StateCancelled && !x.StartsAt.After(c.Now) {
			held = append(held, ui.Choice{Value: x.Slug, Text: c.Day(x.StartsAt, x.Zone).Text + ", " + x.Title})
		}
	}
	stages := []ui.Choice{{Value: "", Text: "Choose a stage"}}
	for _, stage := range hackfest.TargetStages {
		if stage == t.Stage {
			continue
		}
		stages = append(stages, ui.Choice{Value: string(stage), Text: stage.Label()})
		if lacks := stage.Missing(facts); lacks != "" {
			q.page.Says = append(q.page.Says, stage.Label()+": "+strings.ToLower(lacks[:1])+lacks[1:])
		}
	}
	may := person.Can(actorOf(r), person.ArrangeTarget, person.Object{}) == nil
	q.page.Lead = "At " + t.Stage.Label() + " " + since(t.StagedAt, c.Now) + "."
	q.page.Button, q.page.Revision = "Move it", revised(t.Revision)
	if len(q.page.Says) > 0 && !may {
		q.page.Says = append(q.page.Says, "A maintainer can move it all the same.")
	}
	q.fields = func(form ui.Form) templ.Component {
		return templates.TargetStageForm(form, stages, held, may && len(q.page.Says) > 0)
	}
	q.now = func() (url.Values, int, error) {
		is, err := s.Store.Target(ctx, t.Slug)
		return url.Values{"stage": {string(is.Stage)}}, is.Revision, err
	}
	return q, nil
}

// showStageTarget answers GET /targets/{target}/stage.
func (s *Server) showStageTarget(w http.ResponseWriter, r *http.Request) error {
	return s.asked(w, r, s.stageTargetQuestion)
}

// stageTarget answers POST /targets/{target}/stage and the same of the API.
func (s *Server) stageTarget(w http.ResponseWriter, r *http.Request) error {
	return s.answered(w, r, s.stageTargetQuestion, func(ctx context.Context, tx *store.Store, t hackfest.Target, sent url.Values) (done, error) {
		a := actorOf(r)
		m := hackfest.TargetMove{
			To: hackfest.TargetStage(sent.Get("stage")), Session: sent.Get("session"), Note: sent.Get("note"), Override: sent.Get("override") != "",
		}
		if m.Override && person.Can(a, person.ArrangeTarget, person.Object{}) != nil {
			return done{}, fault.On("override", "Only a maintainer may leave a condition aside.")
		}
		x, err := tx.MoveTarget(ctx, a.Viewer, t.Slug, m, sentRevision(sent), s.BaseURL, a, s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		at := templates.TargetURL(x.Slug)
		d := done{To: at, Said: x.Name + " is at " + strings.ToLower(x.Stage.Label()) + " now.", Undo: at + "/stage/undo"}
		if x.Stage.Reached() && t.Stage != hackfest.StageWorks {
			d.Said += " A draft of the news waits for a maintainer."
		}
		return d, s.audit(ctx, tx, r, "move target", x.Slug, map[string]any{"stage": t.Stage}, map[string]any{"stage": x.Stage, "note": m.Note, "session": m.Session})
	})
}

// unstageTarget answers POST /targets/{target}/stage/undo.
func (s *Server) unstageTarget(w http.ResponseWriter, r *http.Request) error {
	slug := slugOf(r)
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		t, err := tx.UndoMove(ctx, slug, s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		d := done{To: templates.TargetURL(t.Slug), Said: t.Name + " is at " + strings.ToLower(t.Stage.Label()) + " again."}
		return d, s.audit(ctx, tx, r, "move target back", t.Slug, nil, map[string]any{"stage": t.Stage})
	})
}

// slugOf is the target that the path names.
func slugOf(r *http.Request) string { return chi.URLParam(r, "target") }

// reason is why somebody does something, in a line; needed says that they have to
// say it.
func reason(form url.Values, field string, needed bool) (string, error) {
	why := strings.Join(strings.Fields(form.Get(field)), " ")
	switch n := utf8.RuneCountInString(why); {
	case n == 0 && needed:
		return "", fault.On(field, "Say why, in a sentence.")
	case n > hackfest.MaxLessonReason:
		return "", fault.On(field, "At most %d characters.", hackfest.MaxLessonReason)
	}
	return why, nil
}

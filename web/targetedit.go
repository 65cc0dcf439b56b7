package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// targetQuestion is a form about target t; path follows its own.
func (s *Server) targetQuestion(r *http.Request, t hackfest.Target, heading, path string) (question, error) {
	f, err := s.frame(r, heading)
	f.NoIndex, f.Section = true, "/targets"
	at := templates.TargetURL(t.Slug)
	return question{page: templates.QuestionPage{
		Frame: f, Crumbs: []templates.LogLink{{Href: "/targets", Text: "Targets"}, {Href: at, Text: t.Name}},
		Heading: heading, Path: at + path, Back: at, Button: "Save",
	}}, err
}

// targetForm makes a form about a target.
type targetForm func(r *http.Request, t hackfest.Target) (question, error)

// asked shows the form for the target in the path.
func (s *Server) asked(w http.ResponseWriter, r *http.Request, form targetForm) error {
	return s.onTarget(w, r, func(t hackfest.Target) error {
		q, err := form(r, t)
		if err != nil {
			return err
		}
		return s.ask(w, r, q)
	})
}

// answered has do carry out the form for the target in the path, with what was
// typed, or shows the form again. Sent twice it leads where it led before, also
// when the target has another address since or is gone.
func (s *Server) answered(w http.ResponseWriter, r *http.Request, form targetForm, do func(ctx context.Context, tx *store.Store, t hackfest.Target, sent url.Values) (done, error)) error {
	sent, err := formOf(r)
	if err != nil {
		return err
	}
	if c, known := s.sentBefore(r); known {
		return s.changed(w, r, c)
	}
	return s.onTarget(w, r, func(t hackfest.Target) error {
		q, err := form(r, t)
		if err != nil {
			return err
		}
		q.do = func(ctx context.Context, tx *store.Store) (done, error) { return do(ctx, tx, t, sent) }
		return s.answerQuestion(w, r, sent, q)
	})
}

// editTargetQuestion is the form of a target's words.
func (s *Server) editTargetQuestion(r *http.Request, t hackfest.Target) (question, error) {
	q, err := s.targetQuestion(r, t, "Change the target", "/edit")
	q.page.Revision = revised(t.Revision)
	fields := templates.TargetFields{Name: t.Name, Sentence: t.Sentence, About: t.About, Goal: t.Goal, Project: t.Project}
	q.fields = func(form ui.Form) templ.Component { return templates.TargetForm(form, fields) }
	q.now = func() (url.Values, int, error) {
		is, err := s.Store.Target(r.Context(), t.Slug)
		return url.Values{
			"name": {is.Name}, "sentence": {is.Sentence}, "about": {is.About}, "goal": {is.Goal}, "project": {is.Project},
		}, is.Revision, err
	}
	owner := newForm("owner")
	q.below = func() templ.Component {
		return templates.OwnerForm(owner, templates.TargetURL(t.Slug)+"/owner", t.Owner)
	}
	if err != nil || r.Method == http.MethodPost {
		return q, err
	}
	repositories, err := s.repositoriesBelow(r, targetRepositoryHome(t))
	if repositories != nil {
		q.below = func() templ.Component {
			return templ.Join(templates.OwnerForm(owner, templates.TargetURL(t.Slug)+"/owner", t.Owner), repositories)
		}
	}
	return q, err
}

// showEditTarget answers GET /targets/{target}/edit.
func (s *Server) showEditTarget(w http.ResponseWriter, r *http.Request) error {
	return s.asked(w, r, s.editTargetQuestion)
}

// saveTarget answers POST /targets/{target}/edit and POST /api/v1/targets/{target}.
func (s *Server) saveTarget(w http.ResponseWriter, r *http.Request) error {
	return s.answered(w, r, s.editTargetQuestion, func(ctx context.Context, tx *store.Store, t hackfest.Target, sent url.Values) (done, error) {
		e := typedTarget(sent)
		if writtenBody(r) != "" {
			e = sentTarget(sent, t)
		}
		x, err := tx.EditTarget(ctx, t.Slug, e, sentRevision(sent), actorOf(r), s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		d := done{To: templates.TargetURL(x.Slug), Said: x.Name + " is changed."}
		return d, s.audit(ctx, tx, r, "change target", x.Slug, targetAudit(t), targetAudit(x))
	})
}

// sentTarget is what a program wants t to be: it leaves as they are the words that
// it does not send.
func sentTarget(sent url.Values, t hackfest.Target) hackfest.TargetEdit {
	e := typedTarget(sent)
	for field, is := range map[string]struct {
		typed *string
		was   string
	}{"name": {&e.Name, t.Name}, "sentence": {&e.Sentence, t.Sentence}, "about": {&e.About, t.About}, "goal": {&e.Goal, t.Goal}, "project": {&e.Project, t.Project}} {
		if !sent.Has(field) {
			*is.typed = is.was
		}
	}
	return e
}

// targetAudit is a target as the audit log keeps it: without its words, which may
// be those of a line that has to go.
func targetAudit(t hackfest.Target) map[string]any {
	return map[string]any{
		"slug": t.Slug, "stage": t.Stage, "project": t.Project, "owner": t.Owner, "revision": t.Revision,
	}
}

// ownTarget answers POST /targets/{target}/owner: it is given to somebody.
func (s *Server) ownTarget(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	return s.onTarget(w, r, func(t hackfest.Target) error {
		q, err := s.editTargetQuestion(r, t)
		if err != nil {
			return err
		}
		at := templates.TargetURL(t.Slug)
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			x, err := tx.SetTargetOwner(ctx, t.Slug, form.Get("owner"), actorOf(r), s.Now().UTC())
			if err != nil {
				return done{}, err
			}
			d := done{To: at, Said: x.Owner + " looks after " + x.Name + " now."}
			if x.OwnerID == 0 {
				d.Said = "Nobody looks after " + x.Name + " now."
			}
			return d, s.audit(ctx, tx, r, "give target", x.Slug, targetAudit(t), targetAudit(x))
		})
		if err == nil || !mendable(err) {
			return err
		}
		q.page.Form = newForm("")
		back := typed("owner", form, err)
		q.below = func() templ.Component { return templates.OwnerForm(back, at+"/owner", t.Owner) }
		return s.again(w, r, err, q.drawn())
	})
}

// renameTargetQuestion is the form of another address.
func (s *Server) renameTargetQuestion(r *http.Request, t hackfest.Target) (question, error) {
	q, err := s.targetQuestion(r, t, "Another address", "/rename")
	q.page.Revision, q.page.Button = revised(t.Revision), "Move it there"
	q.page.Lead = "Its name is changed with its other words; this is what links are made of."
	q.fields = func(form ui.Form) templ.Component { return templates.TargetSlugForm(form, t.Slug) }
	q.now = func() (url.Values, int, error) {
		is, err := s.Store.Target(r.Context(), t.Slug)
		return url.Values{"slug": {is.Slug}}, is.Revision, err
	}
	return q, err
}

// showRenameTarget answers GET /targets/{target}/rename.
func (s *Server) showRenameTarget(w http.ResponseWriter, r *http.Request) error {
	return s.asked(w, r, s.renameTargetQuestion)
}

// renameTarget answers POST /targets/{target}/rename.
func (s *Server) renameTarget(w http.ResponseWriter, r *http.Request) error {
	return s.answered(w, r, s.renameTargetQuestion, func(ctx context.Context, tx *store.Store, t hackfest.Target, sent url.Values) (done, error) {
		x, err := tx.RenameTarget(ctx, t.Slug, sent.Get("slug"), sentRevision(sent), actorOf(r), s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		d := done{To: templates.TargetURL(x.Slug), Said: "It is here now; its old address leads here."}
		return d, s.audit(ctx, tx, r, "rename target", x.Slug, targetAudit(t), targetAudit(x))
	})
}

// mergeTargetQuestion is the form by which a target becomes part of another.
func (s *Server) mergeTargetQuestion(r *http.Request, t hackfest.Target) (question, error) {
	q, err := s.targetQuestion(r, t, "Make it part of another", "/merge")
	if err != nil {
		return q, err
	}
	all, err := s.Store.Targets(r.Context())
	into := []ui.Choice{{Value: "", Text: "Choose one"}}
	for _, x := range all {
		if x.ID != t.ID {
			into = append(into, ui.Choice{Value: x.Slug, Text: x.Name + ", " + x.Stage.Label()})
		}
	}
	q.page.Lead = "For two that are the same thing."
	q.page.Says = []string{
		"Its sessions, series, lessons, checks, recipes, repositories, news and history go there, and who wants it or follows it is counted there. Its address leads there for ever.",
		"The other keeps its own words, stage and owner. This cannot be taken back.",
	}
	q.page.Button = "Merge them"
	q.fields = func(form ui.Form) templ.Component { return templates.TargetIntoForm(form, into) }
	return q, err
}

// showMergeTarget answers GET /targets/{target}/merge.
func (s *Server) showMergeTarget(w http.ResponseWriter, r *http.Request) error {
	return s.asked(w, r, s.mergeTargetQuestion)
}

// mergeTarget answers POST /targets/{target}/merge.
func (s *Server) mergeTarget(w http.ResponseWriter, r *http.Request) error {
	return s.answered(w, r, s.mergeTargetQuestion, func(ctx context.Context, tx *store.Store, t hackfest.Target, sent url.Values) (done, error) {
		x, err := tx.MergeTarget(ctx, t.Slug, sent.Get("into"), actorOf(r), s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		d := done{To: templates.TargetURL(x.Slug), Said: t.Name + " is part of " + x.Name + " now."}
		return d, s.audit(ctx, tx, r, "merge target", x.Slug, targetAudit(t), targetAudit(x))
	})
}

// removeTargetQuestion asks whether a target goes off the board.
func (s *Server) removeTargetQuestion(r *http.Request, t hackfest.Target) (question, error) {
	q, err := s.targetQuestion(r, t, "Take it off the board", "/remove")
	q.page.Lead = "For what was never meant, or said twice. What was tried and given up is parked."
	q.page.Button = "Take it off"
	q.fields = func(form ui.Form) templ.Component {
		return templates.ReasonForm(form, "Why", "For the history; may be empty.")
	}
	return q, err
}

// showRemoveTarget answers GET /targets/{target}/remove.
func (s *Server) showRemoveTarget(w http.ResponseWriter, r *http.Request) error {
	return s.asked(w, r, s.removeTargetQuestion)
}

// removeTarget answers POST /targets/{target}/remove.
func (s *Server) removeTarget(w http.ResponseWriter, r *http.Request) error {
	return s.answered(w, r, s.removeTargetQuestion, func(ctx context.Context, tx *store.Store, t hackfest.Target, sent url.Values) (done, error) {
		why, err := reason(sent, "why", false)
		if err == nil {
			err = tx.RemoveTarget(ctx, t.Slug, why, actorOf(r), s.Now().UTC())
		}
		if err != nil {
			return done{}, err
		}
		d := done{To: "/targets", Said: t.Name + " is off the board.", Undo: templates.TargetURL(t.Slug) + "/restore"}
		return d, s.audit(ctx, tx, r, "remove target", t.Slug, targetAudit(t), map[string]any{"why": why})
	})
}

// restoreTarget answers POST /targets/{target}/restore.
func (s *Server) restoreTarget(w http.ResponseWriter, r *http.Request) error {
	slug := slugOf(r)
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		if err := tx.RestoreTarget(ctx, slug, actorOf(r), s.Now().UTC()); err != nil {
			return done{}, err
		}
		return done{To: templates.TargetURL(slug), Said: "It is back on the board."}, s.audit(ctx, tx, r, "restore target", slug, nil, nil)
	})
}

// mayEdit are the forms by which the reader may change target t.
func mayEdit(a person.Actor, t hackfest.Target) []templates.LogLink {
	at := templates.TargetURL(t.Slug)
	if person.Can(a, person.EditTarget, person.Object{Owner: t.OwnerID}) != nil {
		return nil
	}
	list := []templates.LogLink{{Href: at + "/stage", Text: "Move it"}, {Href: at + "/edit", Text: "Change"}}
	if person.Can(a, person.ArrangeTarget, person.Object{}) == nil {
		list = append(list, templates.LogLink{Href: at + "/rename", Text: "Another address"},
			templates.LogLink{Href: at + "/merge", Text: "Merge"}, templates.LogLink{Href: at + "/remove", Text: "Take off"})
	}
	return list
}

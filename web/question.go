package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// question is a form on a page of its own, and what it does.
type question struct {
	page   templates.QuestionPage
	fields func(ui.Form) templ.Component                            // nil without any
	now    func() (url.Values, int, error)                          // what is stored meanwhile, and its revision; nil without such
	do     func(ctx context.Context, tx *store.Store) (done, error) // carries it out
	below  func() templ.Component                                   // what else is on the page; nil without
	wrong  error                                                    // with what was typed, found before
}

// ask shows a question.
func (s *Server) ask(w http.ResponseWriter, r *http.Request, q question) error {
	q.page.Form = newForm("")
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, q.drawn())
}

// drawn is the page of q.
func (q question) drawn() templ.Component {
	var fields templ.Component
	if q.fields != nil {
		fields = q.fields(q.page.Form)
	}
	page := templates.Question(q.page, fields)
	if q.below == nil {
		return page
	}
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return page.Render(templ.WithChildren(ctx, q.below()), w)
	})
}

// overtaken reports whether err is that somebody else saved first, and not that
// what was typed in a field cannot be.
func overtaken(err error) bool {
	e, ok := errors.AsType[*fault.Error](err)
	return ok && e.Kind == fault.Conflict && e.Field == ""
}

// answerQuestion carries a question out, or shows it again with what is wrong.
func (s *Server) answerQuestion(w http.ResponseWriter, r *http.Request, form url.Values, q question) error {
	err := q.wrong
	if err == nil {
		err = s.change(w, r, q.do)
	}
	if err == nil || !mendable(err) {
		return err
	}
	q.page.Form = typed("", form, err)
	if overtaken(err) && q.now != nil {
		theirs, revision, failed := q.now()
		if failed != nil {
			return failed
		}
		q.page.Form.Theirs, q.page.Revision = theirs, revised(revision)
	}
	return s.again(w, r, err, q.drawn())
}

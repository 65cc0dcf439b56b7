package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// done is what a form did: where its sender is led, and what they are told
// there.
type done struct {
	To   string // path, with a query if need be
	Said string // a sentence; "" says nothing
	Undo string // path of the form that takes it back; "" when nothing can
}

// change carries out a form that changes something: in one transaction, once
// however often the form is sent (by its field "once", or the header
// Idempotency-Key), and leads its sender on with 303.
func (s *Server) change(w http.ResponseWriter, r *http.Request, fn func(ctx context.Context, tx *store.Store) (done, error)) error {
	c, err := s.once(r, fn)
	if err != nil {
		return err
	}
	return s.changed(w, r, c)
}

// changed answers a form that was carried out: its sender is led on with 303, a
// program is told what it did.
func (s *Server) changed(w http.ResponseWriter, r *http.Request, c hackfest.Change) error {
	if writtenBody(r) != "" {
		return s.sendDone(w, r, c)
	}
	to := c.Location
	if c.Said != "" {
		path, fragment, found := strings.Cut(to, "#")
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		if to = path + sep + "did=" + c.Key.String(); found {
			to += "#" + fragment
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// once carries out fn in one transaction unless the same form was carried out
// before, and returns what is known of it then.
func (s *Server) once(r *http.Request, fn func(ctx context.Context, tx *store.Store) (done, error)) (hackfest.Change, error) {
	c := hackfest.Change{Key: formKey(r), PersonID: actorOf(r).ID, Path: loggedPath(r), At: s.Now().UTC()}
	sum := writtenBody(r)
	if sum != "" {
		c.Path += "#" + sum // the same name for another change is a mistake
	}
	c, err := s.Store.Once(r.Context(), c, func(tx *store.Store, c *hackfest.Change) error {
		d, err := fn(r.Context(), tx)
		c.Location, c.Said, c.Undo = d.To, d.Said, d.Undo
		return err
	})
	if sum != "" && errors.Is(err, store.ErrSentBefore) {
		err = errKeyReused
	}
	return c, err
}

// sentBefore is what the form in r did when the same person sent it before.
func (s *Server) sentBefore(r *http.Request) (c hackfest.Change, known bool) {
	c, err := s.Store.Change(r.Context(), formKey(r))
	if err != nil || c.PersonID != actorOf(r).ID || c.Path != r.URL.Path {
		return hackfest.Change{}, false
	}
	return c, true
}

// carriedOut is where the sender of a form was led when it was sent before.
func (s *Server) carriedOut(r *http.Request) (to string, known bool) {
	c, known := s.sentBefore(r)
	return c.Location, known
}

// neededRevision is the revision that a form was made of, which it must say.
func neededRevision(form url.Values) (int, error) {
	n, err := smallNumber(form.Get("revision"))
	if err != nil {
		return 0, fault.New(fault.Invalid, "The form is not complete. Open the page again.")
	}
	return n, nil
}

// smallNumber reads a whole number that a column of the database could hold: a
// revision, say. Nonsense is an error.
func smallNumber(text string) (int, error) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, err
	}
	return int(n), nil
}

// formKey is the key of the form in r. A form without one has a new one, so that
// it is carried out each time.
func formKey(r *http.Request) hackfest.Ref {
	if sent := r.Header.Get(idempotencyKey); sent != "" {
		sum := sha256.Sum256([]byte(actorOf(r).Name + "\x00" + r.URL.Path + "\x00" + sent))
		return hackfest.Ref(sum[:16])
	}
	key, err := hackfest.ParseRef(r.PostFormValue("once"))
	if err != nil {
		return newKey()
	}
	return key
}

// newKey draws the key of a form.
func newKey() hackfest.Ref {
	var k hackfest.Ref
	_, _ = rand.Read(k[:]) // never fails: crypto/rand ends the program instead
	return k
}

// newForm is a form that is shown for the first time.
func newForm(name string) ui.Form { return ui.Form{Name: name, Once: newKey().String()} }

// typed is a form that comes back because of err: with what was typed and what is
// wrong with it. Errors that are not the sender's to mend are no matter of a
// form; see mendable.
func typed(name string, values url.Values, err error) ui.Form {
	f := ui.Form{Name: name, Once: values.Get("once"), Values: values}
	if f.Once == "" {
		f.Once = newKey().String()
	}
	for _, e := range fault.All(err) {
		f.Errors = append(f.Errors, ui.FieldError{Field: e.Field, Message: e.Message})
	}
	return f
}

// mendable reports whether who sent a form can do something about err: then the
// form is shown again.
func mendable(err error) bool {
	for _, e := range fault.All(err) {
		if e.Kind != fault.Invalid && e.Kind != fault.Conflict {
			return false
		}
	}
	return len(fault.All(err)) > 0
}

// again shows a form's page once more, with the status that err has. A program
// is told what is wrong and no more.
func (s *Server) again(w http.ResponseWriter, r *http.Request, err error, page templ.Component) error {
	if writtenBody(r) != "" {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	code, _ := explain(err)
	return s.send(w, r, code, page)
}

// notice is what the form did that led to r; nil when none did, or when it is
// too long ago to be news.
func (s *Server) notice(r *http.Request) (*templates.Notice, error) {
	id := r.URL.Query().Get("did")
	if id == "" {
		return nil, nil
	}
	key, err := hackfest.ParseRef(id)
	if err != nil {
		return nil, nil // somebody's own invention
	}
	c, err := s.Store.Change(r.Context(), key)
	switch now := s.Now(); {
	case fault.KindOf(err) == fault.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	case c.PersonID != actorOf(r).ID || now.Sub(c.At) >= hackfest.UndoTime:
		return nil, nil
	case c.Undoable(now):
		return &templates.Notice{Said: c.Said, Undo: c.Undo, Once: newKey().String()}, nil
	}
	return &templates.Notice{Said: c.Said}, nil
}

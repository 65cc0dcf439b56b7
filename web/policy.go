package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// Route is one thing the portal answers, and what one must be allowed to do for
// it.
type Route struct {
	Method  string
	Pattern string // of the path, as in "/sessions/{session}"
	Action  person.Action
}

// table is the router that asks the policy before each handler. There is no
// other way to add a route.
type table struct {
	chi.Router
	server *Server
	routes []Route
}

// get adds a route for GET and HEAD.
func (t *table) get(pattern string, do person.Action, h http.HandlerFunc) {
	t.add(http.MethodGet, pattern, do, h)
	t.Head(pattern, t.server.allow(do, h))
}

// post adds a route for POST.
func (t *table) post(pattern string, do person.Action, h http.HandlerFunc) {
	t.add(http.MethodPost, pattern, do, h)
}

// add adds a route for one method.
func (t *table) add(method, pattern string, do person.Action, h http.HandlerFunc) {
	t.Method(method, pattern, t.server.allow(do, h))
	t.routes = append(t.routes, Route{method, pattern, do})
}

// Inventory lists all routes in the order of their patterns.
func (s *Server) Inventory() []Route {
	list := s.table().routes
	slices.SortStableFunc(list, func(a, b Route) int { return strings.Compare(a.Pattern, b.Pattern) })
	return list
}

// allow finds out who makes a request, and asks the policy before h whether they
// may do this to what its path names. What is the same for everybody is answered
// without asking who it is, and so is what proves itself by a signature.
func (s *Server) allow(do person.Action, h http.HandlerFunc) http.HandlerFunc {
	if do == person.Operate || do == person.Fetch || do == person.Receive {
		return h
	}
	rule, _ := person.RuleOf(do) // without one, Can refuses
	related := rule.Chair || rule.Owner
	return func(w http.ResponseWriter, r *http.Request) {
		r, err := s.identify(r)
		if err == nil {
			err = s.permit(r, do, related)
		}
		if err != nil {
			s.refuse(w, r, do, err)
			return
		}
		h(w, r)
	}
}

// permit is nil when the actor of r may do this to what the path names. Whoever
// could not do it to anything, like the public or a token without the scope, is
// not told whether that exists.
func (s *Server) permit(r *http.Request, do person.Action, related bool) error {
	a := actorOf(r)
	if err := person.Can(a, do, person.Object{Owner: a.ID, Chaired: true}); err != nil || !related {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.storeTime())
	defer cancel()
	o, err := s.objectOf(ctx, r, a.Viewer)
	if err != nil {
		return err
	}
	return person.Can(a, do, o)
}

// objectOf is how v stands to what the path of r names.
func (s *Server) objectOf(ctx context.Context, r *http.Request, v person.Viewer) (person.Object, error) {
	if slug := chi.URLParam(r, "session"); slug != "" {
		return s.Store.RelationToSession(ctx, v, slug)
	}
	if slug := chi.URLParam(r, "series"); slug != "" {
		return s.Store.RelationToSeries(ctx, v, slug)
	}
	if id := chi.URLParam(r, "meeting"); id != "" {
		ref, err := hackfest.ParseRef(id)
		if err != nil {
			return person.Object{}, err
		}
		return s.Store.RelationToMeeting(ctx, v, ref)
	}
	if id := chi.URLParam(r, "action"); id != "" {
		var action hackfest.ItemID
		if err := action.UnmarshalText([]byte(id)); err != nil {
			return person.Object{}, fault.New(fault.NotFound, "There is no such action.")
		}
		return s.Store.RelationToAction(ctx, v, action)
	}
	if slug := chi.URLParam(r, "target"); slug != "" {
		return s.Store.RelationToTarget(ctx, v, slug)
	}
	if path := chi.URLParam(r, "checklist"); path != "" {
		return s.Store.RelationToChecklist(ctx, v, path)
	}
	if chi.URLParam(r, "lesson") != "" {
		id, err := lessonOf(r)
		if err != nil {
			return person.Object{}, err
		}
		return s.Store.RelationToLesson(ctx, v, id)
	}
	if chi.URLParam(r, "redaction") != "" {
		id, err := redactionOf(r)
		if err != nil {
			return person.Object{}, err
		}
		return s.Store.RelationToRedaction(ctx, v, id)
	}
	if chi.URLParam(r, "result") != "" {
		id, err := resultIDOf(r)
		if err != nil {
			return person.Object{}, err
		}
		x, err := s.Store.Result(ctx, v, id)
		return person.Object{Owner: x.PersonID}, err
	}
	if id := chi.URLParam(r, "ref"); id != "" {
		ref, err := hackfest.ParseRef(id)
		if err != nil {
			return person.Object{}, err
		}
		return s.Store.RelationToLine(ctx, v, ref)
	}
	return person.Object{}, nil
}

// refuse answers who may not do something. Who only has to sign in is led there
// and back; that somebody tried what their role does not allow is kept.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, do person.Action, err error) {
	_, byToken := bearer(r)
	forAPI := byToken || forPrograms(r.URL.Path)
	switch fault.KindOf(err) {
	case fault.SignIn:
		if safe(r.Method) && !forAPI {
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, "/signin?"+url.Values{"next": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
			return
		}
		w.Header().Set("WWW-Authenticate", challenge(byToken))
	case fault.Forbidden:
		e := s.entry(r, string(do), r.URL.Path)
		e.Refused = true
		if err := s.Store.AddAudit(context.WithoutCancel(r.Context()), e); err != nil {
			s.Log.WarnContext(r.Context(), "a refusal is not in the audit log", "path", r.URL.Path, "person", e.PersonID, "err", err)
		}
	}
	s.page(func(http.ResponseWriter, *http.Request) error { return err })(w, r)
}

// entry is an audit entry for what the actor of r does now.
func (s *Server) entry(r *http.Request, action, object string) person.AuditEntry {
	a := actorOf(r)
	e := person.AuditEntry{At: s.Now().UTC(), PersonID: a.ID, Actor: a.Name, Via: person.ViaWeb, Action: action, Object: object}
	if a.Scopes != nil {
		e.Via = person.ViaAPI
	}
	if addr := s.address(r); addr.IsValid() {
		e.Address = addr.String()
	}
	return e
}

// audit keeps a privileged act in the transaction that carries it out. before
// and after are what it changed, as JSON; nil for what there was not.
func (s *Server) audit(ctx context.Context, tx *store.Store, r *http.Request, action, object string, before, after any) error {
	e := s.entry(r, action, object)
	for _, x := range []struct {
		from any
		to   *json.RawMessage
	}{{before, &e.Before}, {after, &e.After}} {
		if x.from == nil {
			continue
		}
		text, err := json.Marshal(x.from)
		if err != nil {
			return err
		}
		*x.to = text
	}
	return tx.AddAudit(ctx, e)
}

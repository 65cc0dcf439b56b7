package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// issueRoutes adds the routes of issues that pages show.
func (s *Server) issueRoutes(r *table) {
	r.get("/issues/live", person.Read, s.streamIssues)
	const at = "/sessions/{session}/issues"
	r.post(at, person.PlanAgenda, s.page(s.linkIssue))
	r.post(at+"/{owner}/{repository}/{number}/link", person.PlanAgenda, s.page(s.relinkIssue))
	r.post(at+"/{owner}/{repository}/{number}/unlink", person.PlanAgenda, s.page(s.unlinkIssue))
	r.get(apiRoot+at, person.Read, s.api(s.listSessionIssues))
	r.post(apiRoot+at, person.PlanAgenda, s.write(s.linkIssue))
	r.post(apiRoot+at+"/{owner}/{repository}/{number}/unlink", person.PlanAgenda, s.write(s.unlinkIssue))
}

// linkIssue answers POST /sessions/{session}/issues: somebody links an issue.
func (s *Server) linkIssue(w http.ResponseWriter, r *http.Request) error {
	form, x, err := s.agendaForm(r)
	if err != nil {
		return err
	}
	meant, err := s.Store.MeantRepositories(r.Context(), viewerOf(r), []string{x.Slug})
	if err != nil {
		return err
	}
	ref, err := hackfest.LinkedIssue(strings.TrimSpace(form.Get("issue")), meant[x.Slug], s.gitHubWeb())
	if err == nil {
		err = s.putIssue(w, r, x, ref)
	}
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.sessionView(r, x, nil)
	if failed != nil {
		return failed
	}
	p.Issues.Form = typed("issue", form, err)
	return s.again(w, r, err, templates.Session(p))
}

// putIssue links ref with x, under the name that it has here if it is known.
func (s *Server) putIssue(w http.ResponseWriter, r *http.Request, x hackfest.Session, ref hackfest.IssueRef) error {
	if x.State == hackfest.StateCancelled {
		return fault.New(fault.Conflict, "This session was cancelled, so no issue is linked with it.")
	}
	known, err := s.Store.Issues(r.Context(), viewerOf(r), []hackfest.IssueRef{ref})
	if err != nil {
		return err
	}
	said := "Linked: " + ref.String() + ". Nothing is known of it here, so it stands as text."
	if i, ok := known[ref]; ok {
		ref, said = i.Ref(), "Linked: "+i.Ref().String()+", "+ui.IssueTitle(i)
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		d := done{To: templates.SessionURL(x.Slug) + "#issues", Said: said, Undo: issueURL(x, ref) + "/unlink"}
		return d, tx.LinkIssue(ctx, x.ID, ref, actorOf(r).ID, s.Now().UTC())
	})
}

// pathIssue is the issue that the path names.
func pathIssue(r *http.Request) (hackfest.IssueRef, error) {
	name := pathParam(r, "owner") + "/" + pathParam(r, "repository") + "#" + chi.URLParam(r, "number")
	ref, ok := hackfest.ParseIssue(name)
	if !ok || ref.String() != name {
		return ref, fault.New(fault.NotFound, "That is no name of an issue.")
	}
	return ref, nil
}

// relinkIssue answers POST …/issues/{owner}/{repository}/{number}/link, which takes
// unlinkIssue back.
func (s *Server) relinkIssue(w http.ResponseWriter, r *http.Request) error {
	_, x, err := s.agendaForm(r)
	if err != nil {
		return err
	}
	ref, err := pathIssue(r)
	if err != nil {
		return err
	}
	return s.putIssue(w, r, x, ref)
}

// unlinkIssue answers POST …/issues/{owner}/{repository}/{number}/unlink: an issue
// is not linked by hand any more.
func (s *Server) unlinkIssue(w http.ResponseWriter, r *http.Request) error {
	_, x, err := s.agendaForm(r)
	if err != nil {
		return err
	}
	ref, err := pathIssue(r)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		d := done{To: templates.SessionURL(x.Slug) + "#issues", Said: "Taken off: " + ref.String(), Undo: issueURL(x, ref) + "/link"}
		return d, tx.UnlinkIssue(ctx, x.ID, ref)
	})
}

package web

import (
	"net/http"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/templates"
)

// longestOld is how long an address of an old archive may be.
const longestOld = 1000

// errNowhere answers what no route answers.
var errNowhere = fault.New(fault.NotFound, "The address is probably mistyped: nothing is ever removed here without a trace.")

// notFound answers what no route answers: for good, when something of an archive
// that was brought in stood there, and else that there is nothing. Being asked
// last, old addresses take none away from the portal's own pages.
func (s *Server) notFound(w http.ResponseWriter, r *http.Request) error {
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !read || s.Store == nil || len(r.URL.Path) > longestOld {
		return errNowhere
	}
	p, err := s.Store.OldPath(r.Context(), viewerOf(r), r.URL.Path)
	if fault.KindOf(err) == fault.NotFound {
		return errNowhere
	}
	if err != nil {
		return err
	}
	to := "/meetings/" + p.Ref.String()
	if p.Log() {
		to = templates.SessionURL(p.SessionSlug) + "/log#" + templates.LineID(p.Ref)
	}
	w.Header().Set("Cache-Control", "no-cache") // whoever may see it may change
	http.Redirect(w, r, to, http.StatusPermanentRedirect)
	return nil
}

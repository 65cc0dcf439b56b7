package web

import (
	"net/http"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// whenPrepared answers 503 to all that needs the database until its schema is
// in place.
func (s *Server) whenPrepared(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.isPrepared() || needsNoSchema(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		starting := fault.New(fault.Unavailable, "The portal is starting and waits for its database. Please try again in a moment.")
		if err := s.errorPage(w, r, starting); err != nil {
			s.Log.ErrorContext(r.Context(), "error not shown", "path", r.URL.Path, "err", err)
		}
	})
}

func (s *Server) isPrepared() bool {
	select {
	case <-s.Prepared:
		return true
	default:
		return s.Prepared == nil
	}
}

// needsNoSchema reports whether path is answered without asking the database
// for rows.
func needsNoSchema(path string) bool {
	switch path {
	case "/healthz", "/readyz", "/metrics", "/favicon.ico", "/robots.txt":
		return true
	}
	return strings.HasPrefix(path, "/static/")
}

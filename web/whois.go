package web

import (
	"net/http"

	"github.com/eucalyptus/hackfest/internal/person"
)

// whoIs finds out who makes a request: by the cookie of a sign-in, or by the
// token of a program that uses the API. Who sends neither is the public.
func (s *Server) whoIs(r *http.Request) (person.Actor, error) {
	if token, sent := bearer(r); sent {
		return s.byToken(r, token) // cookies are of no matter then
	}
	return s.byCookie(r)
}

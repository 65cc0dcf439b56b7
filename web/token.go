package web

import (
	"net/http"
	"strings"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/person"
)

// bearer is the token in the header of r (RFC 6750 section 2.1); false when there
// is none. Other schemes are a matter of whatever stands in front of the portal.
func bearer(r *http.Request) (token string, sent bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

// byToken finds out whose token was sent. One that is not good is fault.SignIn,
// also where nobody has to be signed in: whoever sends a token means to be
// somebody.
func (s *Server) byToken(r *http.Request, token string) (person.Actor, error) {
	return s.Store.ByToken(r.Context(), auth.HashSecret(token), s.Now().UTC())
}

// challenge tells a program how to sign in (RFC 6750 section 3), and whether the
// token it sent was the reason why not.
func challenge(byToken bool) string {
	if byToken {
		return `Bearer realm="hackfest", error="invalid_token"`
	}
	return `Bearer realm="hackfest"`
}

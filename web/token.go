package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"net/http"
	"strings"

	"github.com/eucalyptus/hackfest/internal/person"
)

// tokenStart is what every token begins with, so that people and programs that
// look for leaked secrets know one when they see it.
const tokenStart = "hf_"

// Lengths in a token: 200 bits, of which the list of tokens shows so many signs.
const (
	tokenBytes = 25
	tokenShown = len(tokenStart) + 5
)

// newToken draws the secret of a token.
func newToken() string {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // never fails
	return tokenStart + strings.ToLower(base32.StdEncoding.EncodeToString(b))
}

// hashToken is what is kept of a token. It cannot be guessed, so a fast hash is
// enough.
func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

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
	return s.Store.ByToken(r.Context(), hashToken(token), s.Now().UTC())
}

// challenge tells a program how to sign in (RFC 6750 section 3), and whether the
// token it sent was the reason why not.
func challenge(byToken bool) string {
	if byToken {
		return `Bearer realm="hackfest", error="invalid_token"`
	}
	return `Bearer realm="hackfest"`
}

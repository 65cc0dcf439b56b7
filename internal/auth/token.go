package auth

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// TokenStart is what every token for the API begins with, so that people and
// programs that look for leaked secrets know one when they see it.
const TokenStart = "hf_"

// Lengths in a token for the API: 200 random bits, of which lists show so many
// signs, to tell one from another.
const (
	tokenBytes = 25
	TokenShown = len(TokenStart) + 5
)

// NewToken draws a token for the API, and what is kept of it.
func NewToken() (token string, hash []byte) {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // never fails
	token = TokenStart + strings.ToLower(base32.StdEncoding.EncodeToString(b))
	return token, HashSecret(token)
}

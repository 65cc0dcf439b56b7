package auth

import (
	"strings"
	"testing"
)

func TestTokensLookLikeOurs(t *testing.T) {
	t.Parallel()
	a, hash := NewToken()
	b, other := NewToken()
	if a == b || len(a) != 43 || !strings.HasPrefix(a, TokenStart) || strings.ToLower(a) != a || strings.ContainsAny(a, "=-") {
		t.Errorf("%s, %s", a, b)
	}
	if string(hash) != string(HashSecret(a)) || string(hash) == string(other) || strings.Contains(string(hash), a) {
		t.Error("what is kept is not the hash")
	}
}

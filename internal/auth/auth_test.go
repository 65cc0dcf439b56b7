package auth

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"
	"time"
)

func TestSecrets(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		secret, hash := NewSecret()
		if len(secret) != 43 || seen[secret] || !bytes.Equal(hash, HashSecret(secret)) || len(hash) != 32 {
			t.Fatalf("%q %x", secret, hash)
		}
		seen[secret] = true
		code, hash := NewCode()
		if !regexp.MustCompile(`^[2-9A-Z]{4}-[2-9A-Z]{4}$`).MatchString(code) || seen[code] {
			t.Fatalf("%q", code)
		}
		seen[code] = true
		for _, typed := range []string{code, code[:4] + code[5:], " " + code[:4] + " " + code[5:]} {
			if !bytes.Equal(hash, HashCode(typed)) {
				t.Errorf("%q is not %q", typed, code)
			}
		}
	}
	if !bytes.Equal(HashCode("k7qm-2xdf"), HashCode("K7QM2XDF")) || bytes.Equal(HashCode("K7QM2XDF"), HashCode("K7QM2XDG")) {
		t.Error("codes are not compared as they should")
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	l, now := NewLimit(3, time.Minute), time.Date(2026, 3, 5, 20, 0, 0, 0, time.UTC)
	take := func(key string, want time.Duration) {
		t.Helper()
		if got := l.Take(key, now); got != want {
			t.Errorf("%s has to wait %s, want %s", key, got, want)
		}
	}
	for range 3 {
		take("mel", 0)
	}
	take("mel", time.Minute)
	take("ann", 0)
	now = now.Add(45 * time.Second)
	take("mel", 15*time.Second)
	now = now.Add(15 * time.Second)
	take("mel", 0)
	take("mel", time.Minute)
	now = now.Add(-time.Hour) // the clock was set back
	take("mel", time.Minute)
	l.Forget("mel")
	take("mel", 0)
	now = now.Add(24 * time.Hour)
	for range 3 {
		take("mel", 0)
	}
	take("mel", time.Minute)
}

// Somebody with a thousand names costs little memory, and takes no tries from
// those who are known.
func TestLimitForgets(t *testing.T) {
	t.Parallel()
	l, now := NewLimit(2, time.Minute), time.Date(2026, 3, 5, 20, 0, 0, 0, time.UTC)
	l.Take("mel", now)
	l.Take("mel", now)
	for i := range maxKeys + 10 {
		l.Take(fmt.Sprint(i), now)
	}
	if n := len(l.left); n > maxKeys+1 {
		t.Errorf("%d keys", n)
	}
	if l.Take("mel", now) == 0 {
		t.Error("mel has tries again")
	}
	l.Take("one more", now.Add(time.Hour))
	if n := len(l.left); n > 2 {
		t.Errorf("%d keys after an hour", n)
	}
}

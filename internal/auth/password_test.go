package auth

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"

	"github.com/eucalyptus/hackfest/internal/fault"
)

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, password, of, want string }{
		{"a few words", "tea at the harbour", "mel", ""},
		{"ten characters", "dsnabvkjqe", "mel", ""},
		{"ten characters beyond ASCII", "äöüßéèñçøå", "mel", ""},
		{"nine", "dsnabvkjq", "mel", "at least ten"},
		{"nothing", "", "mel", "at least ten"},
		{"endless", strings.Repeat("ab", 600), "mel", "at most a thousand"},
		{"the longest", strings.Repeat("ab", 512), "mel", ""},
		{"the name", "Marlowe-Finch", "marlowe-finch", "name itself"},
		{"the name with a year", "marlowe-finch2026!", "Marlowe-Finch", "name itself"},
		{"more than the name", "marlowe-finch drinks tea", "marlowe-finch", ""},
		{"one of the commonest", "password123", "mel", "first passwords"},
		{"in capitals, with blanks", "Password 123", "mel", "first passwords"},
		{"one sign", "aaaaaaaaaaaa", "mel", "first passwords"},
		{"no text", "abcdefghij\xff", "mel", "cannot be kept"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := CheckPassword(tt.password, tt.of)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || fault.KindOf(err) != fault.Invalid):
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	for _, p := range commonest {
		if len(p) < minPassword {
			t.Errorf("%q is too short anyway", p)
		}
	}
}

// Whoever has a password, has none, or does not exist costs one hash of the same
// parameters.
func TestMatchesAlwaysWorks(t *testing.T) {
	t.Parallel()
	p := NewPasswords()
	hash, err := p.Hash(t.Context(), "tea at the harbour")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, password, hash string
		want                 bool
	}{
		{"right", "tea at the harbour", hash, true},
		{"wrong", "tea at the harbor", hash, false},
		{"empty", "", hash, false},
		{"nobody", "tea at the harbour", "", false},
		{"too long to be one", strings.Repeat("x", maxPassword+1), hash, false},
	} {
		before := p.Worked()
		got, err := p.Matches(t.Context(), tt.password, tt.hash)
		if err != nil || got != tt.want {
			t.Errorf("%s: %v, %v", tt.name, got, err)
		}
		if n := p.Worked() - before; n != 1 {
			t.Errorf("%s: %d hashes worked out", tt.name, n)
		}
	}
	for name, h := range map[string]string{"decoy": p.decoy, "hash": hash} {
		params, _, _, err := argon2id.DecodeHash(h)
		if err != nil || *params != usual {
			t.Errorf("%s: %+v, %v", name, params, err)
		}
	}
	if _, err := p.Matches(t.Context(), "x", "plain text"); err == nil {
		t.Error("what is no hash is compared")
	}
}

// A burst waits instead of eating memory; who waits too long is told so.
func TestHashesWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	p := NewPasswords()
	for range atOnce {
		p.turns <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Hash(ctx, "tea at the harbour"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	if p.Worked() != 0 {
		t.Error("worked without a turn")
	}
	var waiting sync.WaitGroup
	waiting.Go(func() {
		if _, err := p.Hash(t.Context(), "tea at the harbour"); err != nil {
			t.Error(err)
		}
	})
	<-p.turns
	waiting.Wait()
	if p.Worked() != 1 {
		t.Error("not worked")
	}
}

func BenchmarkMatches(b *testing.B) {
	p := NewPasswords()
	hash, err := p.Hash(b.Context(), "tea at the harbour")
	if err != nil {
		b.Fatal(err)
	}
	for name, h := range map[string]string{"wrong": hash, "nobody": ""} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := p.Matches(b.Context(), "wrong password", h); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

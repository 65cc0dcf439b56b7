package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

func TestTokenLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.know("Ann", "annie", false), w.know("Bob", "bob", false)
	hash := []byte("hash of ann's")
	both := []person.Scope{person.ScopeRead, person.ScopeChair}
	made := aug2.Add(30 * time.Second)
	id, err := w.AddToken(t.Context(), ann, hash, person.Token{Name: "backup", Prefix: "hf_abcd", Scopes: both, CreatedAt: made, ExpiresAt: made.Add(time.Hour)})
	w.must(err)

	good := func(at time.Time) bool {
		t.Helper()
		a, err := w.ByToken(t.Context(), hash, at)
		if err != nil {
			if fault.KindOf(err) != fault.SignIn || a.SignedIn() {
				t.Errorf("%+v, %v", a, err)
			}
			return false
		}
		if a.ID != ann || a.Name != "Ann" || a.Role != person.Member || !slices.Equal(a.Scopes, both) {
			t.Errorf("%+v", a)
		}
		return true
	}
	if !good(made.Add(90 * time.Second)) {
		t.Error("a good token is refused")
	}
	list, err := w.Tokens(t.Context(), ann)
	w.must(err)
	if len(list) != 1 || list[0].ID != id || !list[0].UsedAt.Equal(aug2.Add(2*time.Minute)) || list[0].Prefix != "hf_abcd" {
		t.Errorf("%+v", list)
	}
	if list, _ := w.Tokens(t.Context(), bob); len(list) != 0 {
		t.Errorf("somebody else has %+v", list)
	}

	if _, err := w.RevokeToken(t.Context(), bob, id, made); fault.KindOf(err) != fault.NotFound {
		t.Errorf("somebody else revokes it: %v", err)
	}
	name, err := w.RevokeToken(t.Context(), ann, id, made.Add(5*time.Minute))
	if err != nil || name != "backup" || good(made.Add(6*time.Minute)) {
		t.Errorf("%q, %v, or it works although revoked", name, err)
	}
	if _, err := w.RevokeToken(t.Context(), ann, id, made); fault.KindOf(err) != fault.NotFound {
		t.Errorf("revoked twice: %v", err)
	}
	if _, err := w.RestoreToken(t.Context(), ann, id, made.Add(5*time.Minute)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("restored too late: %v", err)
	}
	if _, err := w.RestoreToken(t.Context(), bob, id, made); fault.KindOf(err) != fault.NotFound {
		t.Errorf("somebody else restores it: %v", err)
	}
	if _, err := w.RestoreToken(t.Context(), ann, id, made); err != nil || !good(made.Add(7*time.Minute)) {
		t.Errorf("%v, or it does not work although restored", err)
	}

	if good(made.Add(time.Hour)) {
		t.Error("it works although expired")
	}
	w.exec("update people set suspended_at = $1 where id = $2", made, ann)
	if good(made.Add(8 * time.Minute)) {
		t.Error("it works although its person is suspended")
	}
	if _, err := w.ByToken(t.Context(), []byte("none"), made); fault.KindOf(err) != fault.SignIn {
		t.Errorf("a token that never was: %v", err)
	}
}

func TestTooManyTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.know("Ann", "annie", false)
	w.exec(`insert into api_tokens (person_id, name, token_hash, prefix, scopes, created_at)
		select $1, 'old', int4send(n), 'hf_', '{read}', $2 from generate_series(1, 50) n`, ann, aug2)
	add := func() error {
		_, err := w.AddToken(t.Context(), ann, []byte("one more"), person.Token{Name: "x", Scopes: []person.Scope{person.ScopeRead}, CreatedAt: aug2})
		return err
	}
	if err := add(); fault.KindOf(err) != fault.Conflict {
		t.Errorf("fifty-one: %v", err)
	}
	w.exec("update api_tokens set revoked_at = $1 where token_hash = int4send(1)", aug2)
	w.must(add())
}

package auth

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// How long a browser stays signed in.
const (
	IdleTime     = 30 * 24 * time.Hour // unused
	LongestTime  = 90 * 24 * time.Hour // in any case
	longestAgent = 300                 // bytes that are kept of what a browser calls itself
)

// Signins keeps browsers signed in, by a cookie of 256 random bits of which the
// database has only the hash. Package scs makes tokens and cookies; what it
// keeps goes to table signins. Its middleware is not used: it would read the
// session of requests that never ask, and stand between streams and the wire.
type Signins struct{ sessions *scs.SessionManager }

// NewSignins prepares sign-ins. With secure set the cookie goes over TLS alone
// and is bound to this host (RFC 6265bis section 4.1.3.2).
func NewSignins(secure bool) *Signins {
	m := scs.New()
	m.Store, m.HashTokenInStore, m.Lifetime = keeper{}, true, LongestTime
	m.Cookie.Name = CookieName(secure)
	m.Cookie.Secure, m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path, m.Cookie.Persist = secure, true, http.SameSiteLaxMode, "/", true
	return &Signins{m}
}

// CookieName is the name of the cookie of sign-ins.
func CookieName(secure bool) string {
	if secure {
		return "__Host-hackfest"
	}
	return "hackfest"
}

// Presented reports whether r carries a cookie of ours, good or not.
func (s *Signins) Presented(r *http.Request) bool { return s.token(r) != "" }

// token is the value of our cookie; "" when there is none that could be ours.
func (s *Signins) token(r *http.Request) string {
	c, err := r.Cookie(s.sessions.Cookie.Name)
	if err != nil || len(c.Value) != base64.RawURLEncoding.EncodedLen(secretBytes) {
		return ""
	}
	return c.Value
}

// Current is the id of r's own sign-in in the list of a person's; "" without
// one.
func (s *Signins) Current(r *http.Request) string {
	token := s.token(r)
	if token == "" {
		return ""
	}
	return hex.EncodeToString(HashSecret(token))
}

// Whose finds out who is signed in with the cookie of r, with one question to
// the store; nobody is the zero Actor. A request without our cookie asks
// nothing.
func (s *Signins) Whose(r *http.Request, st *store.Store, v store.Visit) (person.Actor, error) {
	token := s.token(r)
	if token == "" {
		return person.Actor{}, nil
	}
	at := &turn{store: st, visit: v}
	ctx, err := s.sessions.Load(withTurn(r.Context(), at), token)
	if err != nil || s.sessions.Token(ctx) == "" {
		return person.Actor{}, err
	}
	return at.actor, nil
}

// Begin signs somebody in: a sign-in that r already has ends, and a new one
// begins with a token of its own, so that a cookie that somebody else put there
// is worth nothing. It belongs into the transaction of what proved who they are;
// the cookie it returns is to be set once that is committed.
func (s *Signins) Begin(ctx context.Context, r *http.Request, tx *store.Store, id person.ID, v store.Visit) (*http.Cookie, error) {
	if token := s.token(r); token != "" {
		if err := tx.EndSignin(ctx, HashSecret(token)); err != nil {
			return nil, err
		}
	}
	if len(v.Agent) > longestAgent {
		v.Agent = v.Agent[:longestAgent]
	}
	ctx, err := s.sessions.Load(withTurn(ctx, &turn{store: tx, visit: v, actor: person.Actor{Viewer: person.Viewer{ID: id}}}), "")
	if err != nil {
		return nil, err
	}
	token, _, err := s.sessions.Commit(ctx)
	if err != nil {
		return nil, err
	}
	c := s.cookie(token)
	c.MaxAge = int(LongestTime.Seconds())
	return c, nil
}

// End ends the sign-in of r, if it has one, and returns what takes its cookie
// away.
func (s *Signins) End(ctx context.Context, r *http.Request, st *store.Store) (*http.Cookie, error) {
	if token := s.token(r); token != "" {
		if err := st.EndSignin(ctx, HashSecret(token)); err != nil {
			return nil, err
		}
	}
	c := s.cookie("")
	c.MaxAge = -1
	return c, nil
}

func (s *Signins) cookie(token string) *http.Cookie {
	c := s.sessions.Cookie
	return &http.Cookie{Name: c.Name, Value: token, Path: c.Path, Secure: c.Secure, HttpOnly: c.HttpOnly, SameSite: c.SameSite}
}

// turn is what our store for scs works with in one call: scs passes on a
// context, a token and bytes, and nothing else.
type turn struct {
	store *store.Store
	visit store.Visit
	actor person.Actor // found, or to be signed in
}

type turnKey struct{}

func withTurn(ctx context.Context, t *turn) context.Context {
	return context.WithValue(ctx, turnKey{}, t)
}

// keeper is scs.CtxStore on table signins.
type keeper struct{}

// errNoTurn is what comes of using scs past Signins.
var errNoTurn = errors.New("auth: a sign-in is asked for without a store")

// FindCtx is scs's. token is the hash of what the browser has.
func (keeper) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	t, hash, err := turnOf(ctx, token)
	if err != nil {
		return nil, false, err
	}
	t.actor, data, err = t.store.SignedIn(ctx, hash, t.visit)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx is scs's. When the sign-in ends, our clock decides.
func (keeper) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	t, hash, err := turnOf(ctx, token)
	if err != nil {
		return err
	}
	return t.store.AddSignin(ctx, hash, data, t.actor.ID, t.visit, t.visit.At.Add(LongestTime))
}

// DeleteCtx is scs's.
func (keeper) DeleteCtx(ctx context.Context, token string) error {
	t, hash, err := turnOf(ctx, token)
	if err != nil {
		return err
	}
	return t.store.EndSignin(ctx, hash)
}

func (keeper) Find(string) ([]byte, bool, error)      { return nil, false, errNoTurn }
func (keeper) Commit(string, []byte, time.Time) error { return errNoTurn }
func (keeper) Delete(string) error                    { return errNoTurn }

// turnOf finds what a call works with, and reads the hash as scs writes it.
func turnOf(ctx context.Context, token string) (*turn, []byte, error) {
	t, ok := ctx.Value(turnKey{}).(*turn)
	if !ok {
		return nil, nil, errNoTurn
	}
	hash, err := base64.RawURLEncoding.DecodeString(token)
	return t, hash, err
}

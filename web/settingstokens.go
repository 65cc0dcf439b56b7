package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// settingsTokens fills in which programs use the API for somebody.
func (s *Server) settingsTokens(r *http.Request, p *templates.SettingsPage) error {
	list, err := s.Store.Tokens(r.Context(), actorOf(r).ID)
	if err != nil {
		return err
	}
	for _, t := range list {
		row := templates.SettingsToken{
			Name: t.Name, Prefix: t.Prefix, Scopes: scopeList(t.Scopes), Made: p.Clock.Day(t.CreatedAt, "UTC"),
			Revoke: "/settings/tokens/" + strconv.FormatInt(int64(t.ID), 10) + "/revoke", Once: newKey().String(),
		}
		if !t.UsedAt.IsZero() {
			used := p.Clock.Gutter(t.UsedAt, "UTC")
			row.Used = &used
		}
		if !t.ExpiresAt.IsZero() {
			ends := p.Clock.Day(t.ExpiresAt, "UTC")
			row.Ends = &ends
		}
		p.Tokens = append(p.Tokens, row)
	}
	return nil
}

func scopeList(scopes []person.Scope) string {
	list := make([]string, len(scopes))
	for i, s := range scopes {
		list[i] = string(s)
	}
	return strings.Join(list, ", ")
}

// longestToken is for how long a token may be good, unless it is until revoked.
const longestToken = 366

// parseToken reads what a token is to be.
func parseToken(form url.Values, now time.Time) (person.Token, error) {
	t := person.Token{Name: strings.Join(strings.Fields(form.Get("token")), " "), CreatedAt: now}
	var err error
	switch {
	case t.Name == "":
		err = fault.On("token", "What is it for? A word will do.")
	case utf8.RuneCountInString(t.Name) > person.LongestName:
		err = fault.On("token", "That is longer than %d characters.", person.LongestName)
	}
	for _, s := range person.Scopes {
		if form.Get("scope-"+string(s)) != "" {
			t.Scopes = append(t.Scopes, s)
		}
	}
	if len(t.Scopes) == 0 {
		err = errors.Join(err, fault.On("scope-"+string(person.ScopeRead), "Tick at least one: a token without any is good for nothing."))
	}
	days, failed := strconv.Atoi(form.Get("days"))
	if failed != nil || days < 0 || days > longestToken {
		err = errors.Join(err, fault.On("days", "Choose from the list for how long it is good."))
	}
	if days > 0 {
		t.ExpiresAt = now.AddDate(0, 0, days)
	}
	return t, err
}

// makeToken answers POST /settings/tokens. It shows the page itself: the secret
// is kept nowhere to be shown after a redirect. The same form, sent again, makes
// no second token.
func (s *Server) makeToken(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	t, err := parseToken(form, s.Now().UTC())
	secret := ""
	if err == nil {
		_, err = s.once(r, func(ctx context.Context, tx *store.Store) (done, error) {
			token, hash := auth.NewToken()
			secret, t.Prefix = token, token[:auth.TokenShown]
			_, err := tx.AddToken(ctx, actorOf(r).ID, hash, t)
			return done{To: "/settings#tokens"}, err
		})
	}
	if err != nil {
		return s.settingsAgain(w, r, err, func(p *templates.SettingsPage) { p.Token = retyped("token", form, err) })
	}
	p, err := s.settingsPage(r)
	if err != nil {
		return err
	}
	p.Made = &templates.MadeToken{Name: t.Name, Secret: secret}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Settings(p))
}

// tokenOf reads which token a path is about.
func tokenOf(r *http.Request) (person.TokenID, error) {
	return pathID[person.TokenID](r, "token", fault.New(fault.NotFound, "There is no such token."))
}

// revokeToken answers POST /settings/tokens/{token}/revoke.
func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request) error {
	id, err := tokenOf(r)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		name, err := tx.RevokeToken(ctx, actorOf(r).ID, id, s.Now().UTC())
		return done{
			To: "/settings#tokens", Said: "The token " + name + " is revoked.",
			Undo: "/settings/tokens/" + strconv.FormatInt(int64(id), 10) + "/restore",
		}, err
	})
}

// restoreToken answers POST /settings/tokens/{token}/restore: revoking it was a
// mistake.
func (s *Server) restoreToken(w http.ResponseWriter, r *http.Request) error {
	id, err := tokenOf(r)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		name, err := tx.RestoreToken(ctx, actorOf(r).ID, id, s.Now().UTC().Add(-hackfest.UndoTime))
		return done{To: "/settings#tokens", Said: "The token " + name + " is good again."}, err
	})
}

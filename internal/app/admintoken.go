package app

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// longestToken is for how many days a token may be good, unless it is until
// revoked.
const longestToken = 3660

// AddToken makes a token for the API for somebody, and returns it: it is not kept
// and cannot be shown again. It is good for so many days; 0 is until revoked.
func (k Keeper) AddToken(ctx context.Context, name string, t person.Token, days int) (token string, err error) {
	switch {
	case t.Name == "" || utf8.RuneCountInString(t.Name) > person.LongestName:
		return "", fault.On("--for", "--for has at most %d characters, and at least one.", person.LongestName)
	case days < 0 || days > longestToken:
		return "", fault.On("--days", "--days is a number from 0, which is until revoked, to %d.", longestToken)
	}
	err = k.onAccount(ctx, name, func(tx *store.Store, a person.Account) error {
		if a.Suspended() {
			return fault.New(fault.Conflict, "%s is suspended. \"hackfest admin user unsuspend\" lets them in again.", a.Name)
		}
		secret, hash := auth.NewToken()
		t.Prefix, t.CreatedAt = secret[:auth.TokenShown], k.Now().UTC()
		if days > 0 {
			t.ExpiresAt = t.CreatedAt.Add(time.Duration(days) * 24 * time.Hour)
		}
		if _, err := tx.AddToken(ctx, a.ID, hash, t); err != nil {
			return err
		}
		token = secret
		return k.audit(ctx, tx, "make token", a.Name, nil, map[string]any{"token": t.Name, "prefix": t.Prefix, "scopes": t.Scopes, "days": days})
	})
	return token, err
}

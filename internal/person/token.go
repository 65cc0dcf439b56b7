package person

import (
	"slices"
	"time"
)

// TokenID identifies a Token inside one database.
type TokenID int64

// Token lets a program use the API for a person, as far as its scopes reach.
// The secret itself is not kept.
type Token struct {
	ID        TokenID
	Name      string // what its owner calls it
	Prefix    string // the first signs of the secret, to tell it from others
	Scopes    []Scope
	CreatedAt time.Time // UTC
	ExpiresAt time.Time // UTC; zero never does
	UsedAt    time.Time // UTC, to the minute; zero was never used
	RevokedAt time.Time // UTC; zero is good
}

// Scopes are all there are, in the order in which people read them.
var Scopes = []Scope{ScopeRead, ScopeChair, ScopeMaintain, ScopePreflight}

// Valid reports whether s is a scope.
func (s Scope) Valid() bool { return slices.Contains(Scopes, s) }

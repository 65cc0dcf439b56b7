package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// maxTokens is how many tokens somebody may have at a time.
const maxTokens = 50

// errBadToken does not tell a wrong token from one that was revoked, has
// expired, or is of somebody suspended.
var errBadToken = fault.New(fault.SignIn, "That token is not valid: it is mistyped, revoked or expired.")

// AddToken keeps a token of the given hash for a person; of t it keeps what its
// owner chose and when it was made. More than fifty at a time are fault.Conflict.
func (s *Store) AddToken(ctx context.Context, id person.ID, hash []byte, t person.Token) (person.TokenID, error) {
	const q = `
		insert into api_tokens (person_id, name, token_hash, prefix, scopes, created_at, expires_at)
		select p.id, @name, @hash, @prefix, @scopes, @now, @expires
		from people p
		where p.id = @person and p.suspended_at is null
		  and (select count(*) from api_tokens k where k.person_id = p.id and k.revoked_at is null) < @most
		returning id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"person": id, "hash": hash, "name": clean(t.Name), "prefix": t.Prefix, "scopes": t.Scopes,
		"now": t.CreatedAt, "expires": orNull(t.ExpiresAt), "most": maxTokens,
	})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[person.TokenID])
	if err == nil && len(ids) == 0 {
		return 0, fault.New(fault.Conflict, "You have %d tokens. Revoke those that nothing uses any more.", maxTokens)
	}
	if err != nil {
		return 0, classify(err, "token")
	}
	return ids[0], nil
}

// Tokens lists a person's tokens that are good, the newest first.
func (s *Store) Tokens(ctx context.Context, id person.ID) ([]person.Token, error) {
	const q = `
		select id, name, prefix, scopes, created_at, expires_at, used_at, revoked_at
		from api_tokens
		where person_id = @person and revoked_at is null
		order by created_at desc, id desc`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": id})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t person.Token, err error) {
		var expires, used, revoked *time.Time
		err = row.Scan(&t.ID, &t.Name, &t.Prefix, &t.Scopes, &t.CreatedAt, &expires, &used, &revoked)
		t.ExpiresAt, t.UsedAt, t.RevokedAt = orZero(expires), orZero(used), orZero(revoked)
		return t, err
	})
	return list, classify(err, "token")
}

// RevokeToken makes one of a person's tokens useless from now on, and returns
// what it is called. One that is not theirs is fault.NotFound.
func (s *Store) RevokeToken(ctx context.Context, id person.ID, token person.TokenID, now time.Time) (string, error) {
	const q = `update api_tokens set revoked_at = @now where id = @id and person_id = @person and revoked_at is null returning name`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": token, "person": id, "now": now})
	name, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	return name, classify(err, "token")
}

// RestoreToken makes a token good again that its owner revoked after since.
func (s *Store) RestoreToken(ctx context.Context, id person.ID, token person.TokenID, since time.Time) (string, error) {
	const q = `update api_tokens set revoked_at = null where id = @id and person_id = @person and revoked_at > @since returning name`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": token, "person": id, "since": since})
	name, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	return name, classify(err, "token")
}

// ByToken returns who uses the token of the given hash, with the role they have
// now, and notes once a minute that it was used. A token that is not good is
// fault.SignIn.
func (s *Store) ByToken(ctx context.Context, hash []byte, now time.Time) (person.Actor, error) {
	const q = `
		with used as (
			update api_tokens set used_at = @minute
			where token_hash = @hash and revoked_at is null and (expires_at is null or expires_at > @now)
			  and (used_at is null or used_at < @minute))
		select p.id, p.role, p.name, k.scopes, p.zone
		from api_tokens k
		join people p on p.id = k.person_id
		where k.token_hash = @hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > @now)
		  and p.suspended_at is null`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"hash": hash, "now": now, "minute": now.Truncate(time.Minute)})
	a, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (a person.Actor, err error) {
		return a, row.Scan(&a.ID, &a.Role, &a.Name, &a.Scopes, &a.Zone)
	})
	if err = classify(err, "token"); fault.KindOf(err) == fault.NotFound && err != nil {
		return person.Actor{}, errBadToken
	}
	return a, err
}

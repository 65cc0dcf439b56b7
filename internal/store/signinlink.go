package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// What is wrong with links and codes, for people.
var (
	errNoLink   = fault.New(fault.NotFound, "There is no such link. It may be cut off: copy all of it, or ask for a new one.")
	errUsed     = fault.New(fault.Conflict, "That link was used already. Ask for a new one.")
	errExpired  = fault.New(fault.Conflict, "That link has expired. Ask for a new one.")
	errReplaced = fault.New(fault.Conflict, "The address was changed since that link was sent. Ask for a new one.")
)

// ErrSuspended is why somebody cannot sign in although they prove who they are.
var ErrSuspended = fault.New(fault.Forbidden, "This account is suspended. An admin of the community can say why.")

// AddLink keeps a link that signs a person in once, until it expires. Links they
// were sent before stay as they are.
func (s *Store) AddLink(ctx context.Context, secretHash []byte, id person.ID, why person.LinkReason, made, expires time.Time) error {
	const q = `
		insert into signin_links (secret_hash, person_id, why, made_at, expires_at)
		values (@hash, @person, @why, @made, @expires)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"hash": secretHash, "person": id, "why": why, "made": made, "expires": expires})
	return classify(err, "link")
}

// Link says whom a link would sign in. The error says what is wrong with one
// that would not: fault.NotFound, fault.Conflict when it was used or expired, or
// ErrSuspended.
func (s *Store) Link(ctx context.Context, secretHash []byte, now time.Time) (person.Account, error) {
	const q = `
		select l.expires_at, l.used_at, p.id, p.name, p.role, p.suspended_at
		from signin_links l
		join people p on p.id = l.person_id
		where l.secret_hash = @hash`
	var a person.Account
	var expires time.Time
	var used, suspended *time.Time
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"hash": secretHash})
	_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&expires, &used, &a.ID, &a.Name, &a.Role, &suspended)
	})
	err = classify(err, "link")
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil:
		return a, errNoLink
	case err != nil:
		return a, err
	case used != nil:
		return a, errUsed
	case !now.Before(expires):
		return a, errExpired
	case suspended != nil:
		return a, ErrSuspended
	}
	return a, nil
}

// UseLink uses a link up and says whom it signs in. Of two who come with it at
// once, one does. Errors are those of Link.
func (s *Store) UseLink(ctx context.Context, secretHash []byte, now time.Time) (person.Account, error) {
	const q = `update signin_links set used_at = @now where secret_hash = @hash and used_at is null`
	var a person.Account
	err := s.InTx(ctx, func(tx *Store) error {
		var err error
		if a, err = tx.Link(ctx, secretHash, now); err != nil {
			return err
		}
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"hash": secretHash, "now": now})
		if err == nil && tag.RowsAffected() == 0 {
			return errUsed
		}
		return err
	})
	return a, err
}

// AddMailLink keeps a link that proves a mail address to be a person's.
func (s *Store) AddMailLink(ctx context.Context, secretHash []byte, id person.ID, mail string, made, expires time.Time) error {
	const q = `
		insert into mail_links (secret_hash, person_id, mail, made_at, expires_at)
		values (@hash, @person, @mail, @made, @expires)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"hash": secretHash, "person": id, "mail": clean(mail), "made": made, "expires": expires})
	return classify(err, "link")
}

// MailLink returns the address that a link of the given person would prove. Links
// of others are fault.NotFound; further errors are those of Link, and
// fault.Conflict when the person has another address by now.
func (s *Store) MailLink(ctx context.Context, secretHash []byte, id person.ID, now time.Time) (string, error) {
	const q = `
		select l.mail, l.expires_at, l.used_at, lower(l.mail) = lower(p.mail)
		from mail_links l
		join people p on p.id = l.person_id
		where l.secret_hash = @hash and l.person_id = @person`
	var mail string
	var expires time.Time
	var used *time.Time
	var same bool
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"hash": secretHash, "person": id})
	_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&mail, &expires, &used, &same)
	})
	err = classify(err, "link")
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil:
		return "", errNoLink
	case err != nil:
		return "", err
	case used != nil:
		return "", errUsed
	case !now.Before(expires):
		return "", errExpired
	case !same:
		return "", errReplaced
	}
	return mail, nil
}

// UseMailLink proves an address, and returns it; what the person follows goes to it
// from now on. An address that another person has proven is fault.Conflict.
func (s *Store) UseMailLink(ctx context.Context, secretHash []byte, id person.ID, now time.Time) (string, error) {
	const q = `
		with used as (
			update mail_links set used_at = @now where secret_hash = @hash and used_at is null returning person_id)
		update people p set mail_proven_at = @now, revision = p.revision + 1 from used where p.id = used.person_id`
	var mail string
	err := s.InTx(ctx, func(tx *Store) error {
		var err error
		if mail, err = tx.MailLink(ctx, secretHash, id, now); err != nil {
			return err
		}
		tag, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"hash": secretHash, "now": now})
		if err == nil && tag.RowsAffected() == 0 {
			return errUsed
		}
		if err = classify(err, "mail address"); fault.KindOf(err) == fault.Conflict {
			return &fault.Error{Kind: fault.Conflict, Message: "That address belongs to another account by now.", Err: err}
		}
		if err != nil {
			return err
		}
		return tx.moveSubscription(ctx, id, mail)
	})
	return mail, err
}

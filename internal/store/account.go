package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// selectAccounts is the head of every query for accounts.
const selectAccounts = `
		select p.id, p.name, p.role, p.mail, p.mail_proven_at, p.password_hash <> '' as has_password, p.suspended_at, p.created_at,
			(select max(i.seen_at) from signins i where i.person_id = p.id) as seen_at,
			array(
				select r.slug from chairs h join series r on r.id = h.series_id
				where h.person_id = p.id order by r.slug) as chairs,
			array(
				select distinct d.value || ' on ' || d.network from identities d
				where d.person_id = p.id and d.network is not null and d.until is null and d.proven_at is not null
				order by 1) as names
		from people p`

func scanAccount(row pgx.CollectableRow) (a person.Account, err error) {
	var proven, suspended, seen *time.Time
	err = row.Scan(&a.ID, &a.Name, &a.Role, &a.Mail, &proven, &a.HasPassword, &suspended, &a.CreatedAt, &seen, &a.Chairs, &a.Names)
	a.MailProvenAt, a.SuspendedAt, a.SeenAt = utc(proven), utc(suspended), utc(seen)
	return a, err
}

// utc is t in UTC; the zero time for nil.
func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// Accounts lists all people by name, suspended ones too. It is for those who
// keep order.
func (s *Store) Accounts(ctx context.Context) ([]person.Account, error) {
	const q = selectAccounts + ` order by lower(p.name)`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, scanAccount)
	return list, classify(err, "person")
}

// Account returns somebody by name, in either case. It is for those who keep
// order; others ask for Person.
func (s *Store) Account(ctx context.Context, name string) (person.Account, error) {
	const q = selectAccounts + ` where lower(p.name) = lower(@name)`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"name": clean(name)})
	a, err := pgx.CollectExactlyOneRow(rows, scanAccount)
	if fault.KindOf(classify(err, "")) == fault.NotFound {
		return a, &fault.Error{Kind: fault.NotFound, Message: fmt.Sprintf("Nobody is called %s here.", name), Err: err}
	}
	return a, classify(err, "person")
}

// AccountByID returns somebody by id.
func (s *Store) AccountByID(ctx context.Context, id person.ID) (person.Account, error) {
	const q = selectAccounts + ` where p.id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	a, err := pgx.CollectExactlyOneRow(rows, scanAccount)
	return a, classify(err, "person")
}

// HasAccounts reports whether there is anybody who could sign in.
func (s *Store) HasAccounts(ctx context.Context) (bool, error) {
	const q = `select exists (select 1 from people)`
	rows, _ := s.db.Query(ctx, q)
	any, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	return any, classify(err, "person")
}

// SetRole gives somebody a role; it acts with their next request. Taking it from
// the last admin is fault.Conflict.
func (s *Store) SetRole(ctx context.Context, id person.ID, role person.Role) error {
	const q = `update people set role = @role, revision = revision + 1 where id = @id and role <> @role`
	return s.judge(ctx, id, func(tx *Store) error {
		_, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "role": role})
		return err
	})
}

// Suspend treats somebody like nobody from now on: all their sign-ins end.
// Suspending the last admin is fault.Conflict.
func (s *Store) Suspend(ctx context.Context, id person.ID, now time.Time) error {
	const q = `update people set suspended_at = @now, revision = revision + 1 where id = @id and suspended_at is null`
	return s.judge(ctx, id, func(tx *Store) error {
		if _, err := tx.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "now": now}); err != nil {
			return err
		}
		if err := tx.dropLinks(ctx, id); err != nil {
			return err
		}
		_, err := tx.RevokeSignins(ctx, id, "")
		return err
	})
}

// dropLinks removes the links and codes that a person could still use.
func (s *Store) dropLinks(ctx context.Context, id person.ID) error {
	const q = `
		with l as (delete from signin_links where person_id = @id and used_at is null),
			m as (delete from mail_links where person_id = @id and used_at is null),
			g as (delete from github_tries where person_id = @id)
		delete from claims where person_id = @id and used_at is null`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id})
	return classify(err, "link")
}

// Unsuspend gives somebody back what they had. They sign in anew.
func (s *Store) Unsuspend(ctx context.Context, id person.ID) error {
	const q = `update people set suspended_at = null, revision = revision + 1 where id = @id and suspended_at is not null`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id})
	return classify(err, "person")
}

// judge carries out what changes somebody's standing, unless no admin would be
// left, and tells their live pages.
func (s *Store) judge(ctx context.Context, id person.ID, fn func(tx *Store) error) error {
	const q = `select id from people where role = 'admin' and suspended_at is null order by id for update`
	err := s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q)
		admins, err := pgx.CollectRows(rows, pgx.RowTo[person.ID])
		if err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		rows, _ = tx.db.Query(ctx, q)
		left, err := pgx.CollectRows(rows, pgx.RowTo[person.ID])
		if err != nil {
			return err
		}
		if len(admins) > 0 && len(left) == 0 {
			return fault.New(fault.Conflict, "No admin would be left. Make somebody else an admin first.")
		}
		return tx.notify(ctx, PersonTopic(id))
	})
	return classify(err, "person")
}

// PasswordOf returns who is called name and the hash of their password. Nobody
// of that name, and somebody without a password, have the empty hash and no
// error, so that both are treated alike.
func (s *Store) PasswordOf(ctx context.Context, name string) (a person.Account, hash string, err error) {
	const q = `select id, name, role, suspended_at, password_hash from people where lower(name) = lower(@name)`
	var suspended *time.Time
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"name": clean(name)})
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&a.ID, &a.Name, &a.Role, &suspended, &hash)
	})
	a.SuspendedAt = utc(suspended)
	return a, hash, classify(err, "person")
}

// SetPassword keeps the hash of somebody's password; "" is none.
func (s *Store) SetPassword(ctx context.Context, id person.ID, hash string) error {
	const q = `update people set password_hash = @hash, revision = revision + 1 where id = @id`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "hash": hash})
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "There is no such person.")
	}
	return classify(err, "person")
}

// SetMail keeps the address that somebody says is theirs; "" is none. It is to
// be proven anew when it is another one.
func (s *Store) SetMail(ctx context.Context, id person.ID, mail string) error {
	const q = `
		update people set mail = @mail, revision = revision + 1,
			mail_proven_at = case when lower(mail) = lower(@mail) and @mail::text <> '' then mail_proven_at end
		where id = @id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "mail": clean(mail)})
	return classify(err, "mail address")
}

// ByMail returns whose proven mail address that is. Nobody's, and that of
// somebody suspended, is fault.NotFound.
func (s *Store) ByMail(ctx context.Context, mail string) (person.Account, error) {
	const q = selectAccounts + ` where lower(p.mail) = lower(@mail) and p.mail_proven_at is not null and p.suspended_at is null`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"mail": clean(mail)})
	a, err := pgx.CollectExactlyOneRow(rows, scanAccount)
	return a, classify(err, "mail address")
}

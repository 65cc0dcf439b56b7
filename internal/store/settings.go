package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Settings returns what a person says about themselves.
func (s *Store) Settings(ctx context.Context, id person.ID) (person.Settings, error) {
	const q = `
		select name, zone, zone_shown, listed, unnamed, mail, mail_proven_at, password_hash <> '' as has_password, revision, created_at
		from people where id = @id and left_at is null`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	x, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (x person.Settings, err error) {
		var proven *time.Time
		err = row.Scan(&x.Name, &x.Zone, &x.ZoneShown, &x.Listed, &x.Unnamed, &x.Mail, &proven, &x.HasPassword, &x.Revision, &x.CreatedAt)
		x.MailProvenAt = orZero(proven)
		return x, err
	})
	return x, classify(err, "person")
}

// SetProfile changes what a person is called and the zone they read times in. If
// their settings are not of that revision any more it is fault.Conflict, and so
// is a name that somebody else has, on the field "name".
func (s *Store) SetProfile(ctx context.Context, id person.ID, name, zone string, revision int) error {
	const q = `
		update people set name = @name, zone = @zone, revision = revision + 1
		where id = @id and revision = @revision`
	err := s.InTx(ctx, func(tx *Store) error {
		return tx.revise(ctx, q, pgx.NamedArgs{"id": id, "name": clean(name), "zone": zone, "revision": revision})
	})
	if fault.KindOf(err) == fault.Conflict && isUnique(err) {
		return &fault.Error{Kind: fault.Conflict, Field: "name", Message: fmt.Sprintf("Somebody else is called %s here.", name), Err: err}
	}
	return err
}

// SetListing changes where a person is found: whether they have a page, whether
// it shows their zone, and whether their names are left out of who was at a
// meeting. Who takes that last one back takes back what they told the bot, too.
// Revisions are as with SetProfile.
func (s *Store) SetListing(ctx context.Context, id person.ID, x person.Settings) error {
	const q = `
		update people set listed = @listed, zone_shown = @zone_shown, unnamed = @unnamed, revision = revision + 1
		where id = @id and revision = @revision`
	const name = `
		delete from unnamed_nicks b
		using identities d
		where not @unnamed and exists (select 1 from people p where p.id = @id and p.unnamed)
		  and d.person_id = @id and d.network = b.network and d.proven_at is not null and d.until is null
		  and (d.kind = 'account' and d.value = b.account and b.account <> '' or d.kind = 'nick' and lower(d.value) = b.nick and b.account = '')`
	args := pgx.NamedArgs{"id": id, "listed": x.Listed, "zone_shown": x.ZoneShown, "unnamed": x.Unnamed, "revision": x.Revision}
	return s.InTx(ctx, func(tx *Store) error {
		if err := tx.exec(ctx, name, args); err != nil {
			return err
		}
		return tx.revise(ctx, q, args)
	})
}

// SetZone keeps the zone a person reads times in, whatever else they change.
func (s *Store) SetZone(ctx context.Context, id person.ID, zone string) error {
	const q = `update people set zone = @zone, revision = revision + 1 where id = @id and zone <> @zone`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "zone": zone})
	return classify(err, "person")
}

// revise runs a query that changes a person's settings of one revision.
func (s *Store) revise(ctx context.Context, q string, args pgx.NamedArgs) error {
	tag, err := s.db.Exec(ctx, q, args)
	if err != nil {
		return classify(err, "person")
	}
	if tag.RowsAffected() == 0 {
		return fault.New(fault.Conflict, "Your settings were changed in another window meanwhile. Look at both and save again.")
	}
	return nil
}

// Identities lists the names a person has or had on IRC, current ones first.
func (s *Store) Identities(ctx context.Context, id person.ID) ([]person.Identity, error) {
	const q = `
		select id, kind, network, value, proven_at, since, until
		from identities
		where person_id = @person and kind in ('nick', 'account')
		order by until is not null, network, kind desc, lower(value), since`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": id})
	list, err := pgx.CollectRows(rows, scanIdentity)
	return list, classify(err, "name")
}

func scanIdentity(row pgx.CollectableRow) (d person.Identity, err error) {
	var proven, until *time.Time
	err = row.Scan(&d.ID, &d.Kind, &d.Network, &d.Value, &proven, &d.Since, &until)
	d.ProvenAt, d.Until = orZero(proven), orZero(until)
	return d, err
}

// GiveUpIdentity ends that a name is a person's. What was said under it before
// stays theirs. One that is not theirs now is fault.NotFound.
func (s *Store) GiveUpIdentity(ctx context.Context, id person.ID, identity person.IdentityID, now time.Time) (person.Identity, error) {
	const q = `
		update identities set until = greatest(@now, since + interval '1 microsecond')
		where id = @id and person_id = @person and until is null and kind in ('nick', 'account')
		returning id, kind, network, value, proven_at, since, until`
	var d person.Identity
	err := s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"id": identity, "person": id, "now": now})
		var err error
		if d, err = pgx.CollectExactlyOneRow(rows, scanIdentity); err != nil {
			return err
		}
		return tx.notify(ctx, PersonTopic(id))
	})
	return d, classify(err, "name")
}

// TakeBackIdentity gives a person a name again that they gave up after since. One
// that somebody else has by now is fault.Conflict.
func (s *Store) TakeBackIdentity(ctx context.Context, id person.ID, identity person.IdentityID, since time.Time) (person.Identity, error) {
	const q = `
		update identities set until = null
		where id = @id and person_id = @person and until > @since and kind in ('nick', 'account')
		returning id, kind, network, value, proven_at, since, until`
	const find = `select kind, network, value from identities where id = @id and person_id = @person and until > @since`
	var d person.Identity
	err := s.InTx(ctx, func(tx *Store) error {
		args := pgx.NamedArgs{"id": identity, "person": id, "since": since}
		rows, _ := tx.db.Query(ctx, find, args)
		var err error
		d, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (d person.Identity, err error) {
			return d, row.Scan(&d.Kind, &d.Network, &d.Value)
		})
		if err != nil {
			return err
		}
		switch holder, err := tx.holder(ctx, d.Kind, d.Network, d.Value); {
		case err != nil:
			return err
		case holder != 0:
			return fault.New(fault.Conflict, "%s was proven by another account meanwhile.", d.Value)
		}
		rows, _ = tx.db.Query(ctx, q, args)
		if d, err = pgx.CollectExactlyOneRow(rows, scanIdentity); err != nil {
			return err
		}
		return tx.notify(ctx, PersonTopic(id))
	})
	return d, classify(err, "name")
}

// isUnique reports whether err is about something that exists already.
func isUnique(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == codeUniqueViolation
}

package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// AddClaim keeps a code by which a person proves who they are on a network. The
// codes they had for that network and did not use are void. A network the portal
// does not know is fault.NotFound.
func (s *Store) AddClaim(ctx context.Context, codeHash []byte, id person.ID, network string, made, expires time.Time) error {
	const q = `
		with void as (delete from claims where person_id = @person and network = @network and used_at is null)
		insert into claims (code_hash, person_id, network, made_at, expires_at)
		select @hash, @person, w.name, @made, @expires from networks w where w.name = @network`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"hash": codeHash, "person": id, "network": network, "made": made, "expires": expires})
	if err == nil && tag.RowsAffected() == 0 {
		return fault.New(fault.NotFound, "There is no network %s.", network)
	}
	return classify(err, "code")
}

// errBadCode does not tell a wrong code from one that expired or was used.
var errBadCode = fault.New(fault.NotFound, "That code is not valid here: codes last ten minutes, work once, and on the network they were made for.")

// UseClaim uses a code up, and makes the claimant's account and nick those of the
// person it was made for. A name that is another person's stays theirs, and is
// kept as contested. A code that is not valid is fault.NotFound, one of somebody
// suspended ErrSuspended.
func (s *Store) UseClaim(ctx context.Context, codeHash []byte, c person.Claimant, now time.Time) (person.Claimed, error) {
	const q = `
		update claims u set used_at = @now
		from people p
		where u.code_hash = @hash and u.network = @network and u.used_at is null and u.expires_at > @now and p.id = u.person_id
		returning p.id, p.name, p.suspended_at is not null`
	var done person.Claimed
	err := s.InTx(ctx, func(tx *Store) error {
		done = person.Claimed{}
		var id person.ID
		var suspended bool
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"hash": codeHash, "network": c.Network, "now": now})
		found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
			return struct{}{}, row.Scan(&id, &done.Name, &suspended)
		})
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return errBadCode
		case suspended:
			return ErrSuspended
		}
		for _, name := range []struct {
			kind  person.IdentityKind
			value string
		}{{person.IRCAccount, c.Account}, {person.IRCNick, c.Nick}} {
			if name.value == "" {
				continue
			}
			theirs, err := tx.claim(ctx, id, name.kind, name.value, c, now)
			if err != nil {
				return err
			}
			if theirs {
				done.Proven = append(done.Proven, name.kind)
			} else {
				done.Others = append(done.Others, name.kind)
			}
		}
		return tx.notify(ctx, PersonTopic(id))
	})
	return done, classify(err, "code")
}

// ircFolded is the value of identity d, or what stands for it, as the strictest
// casemapping compares names: two that one network takes for the same are so
// here, on whichever network.
const ircFolded = `lower(translate(d.value, '[]\~', '{}|^'))`

// claim makes a name a person's, unless it is another's; then it is contested.
func (s *Store) claim(ctx context.Context, id person.ID, kind person.IdentityKind, value string, c person.Claimant, now time.Time) (theirs bool, err error) {
	holder, err := s.holder(ctx, kind, c.Network, value)
	switch {
	case err != nil:
		return false, err
	case holder == 0:
		return true, s.addIdentity(ctx, id, kind, c.Network, value, now)
	case holder == id:
		return true, s.proveIdentity(ctx, id, kind, c.Network, value, now)
	}
	return false, s.contest(ctx, person.Contest{
		PersonID: id, HolderID: holder, Kind: kind, Network: c.Network, Value: value, Account: c.Account, At: now,
	})
}

// holder is whose a name is now; zero is nobody. Whoever asks in a transaction is
// the only one to until its end.
func (s *Store) holder(ctx context.Context, kind person.IdentityKind, network, value string) (person.ID, error) {
	const q = `
		select d.person_id from identities d
		where d.kind = @kind and d.network = @network and d.until is null
		  and ` + ircFolded + ` = (select ` + ircFolded + ` from (select @value::text as value) d)
		order by d.proven_at is null, d.since
		limit 1`
	if err := s.lockNames(ctx, network); err != nil {
		return 0, err
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"kind": kind, "network": network, "value": clean(value)})
	found, err := pgx.CollectRows(rows, pgx.RowTo[person.ID])
	if err != nil || len(found) == 0 {
		return 0, classify(err, "name")
	}
	return found[0], nil
}

// lockNames makes others who give or take names on a network wait until the end
// of the transaction.
func (s *Store) lockNames(ctx context.Context, network string) error {
	const q = `select pg_advisory_xact_lock(hashtextextended('names on ' || @network::text, 0))`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"network": network})
	return classify(err, "name")
}

// AddIdentity notes that a name on IRC is a person's, proven, since the given
// time. One that is somebody's already is fault.Conflict.
func (s *Store) AddIdentity(ctx context.Context, id person.ID, kind person.IdentityKind, network, value string, since time.Time) error {
	return s.InTx(ctx, func(tx *Store) error {
		holder, err := tx.holder(ctx, kind, network, value)
		if err != nil {
			return err
		}
		if holder != 0 {
			return fault.New(fault.Conflict, "%s on %s is somebody's already.", value, network)
		}
		return tx.addIdentity(ctx, id, kind, network, value, since)
	})
}

func (s *Store) addIdentity(ctx context.Context, id person.ID, kind person.IdentityKind, network, value string, now time.Time) error {
	const q = `
		insert into identities (person_id, kind, network, value, proven_at, since)
		values (@person, @kind, @network, @value, @now, @now)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"person": id, "kind": kind, "network": network, "value": clean(value), "now": now})
	return classify(err, "name")
}

// proveIdentity notes that a name a person has was proven, if it was not.
func (s *Store) proveIdentity(ctx context.Context, id person.ID, kind person.IdentityKind, network, value string, now time.Time) error {
	const q = `
		update identities d set proven_at = @now
		where d.person_id = @person and d.kind = @kind and d.network = @network and d.until is null and d.proven_at is null
		  and ` + ircFolded + ` = (select ` + ircFolded + ` from (select @value::text as value) d)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"person": id, "kind": kind, "network": network, "value": clean(value), "now": now})
	return classify(err, "name")
}

// contest keeps that somebody claimed another's name, once for all their tries.
func (s *Store) contest(ctx context.Context, c person.Contest) error {
	const q = `
		insert into contests (person_id, holder_id, kind, network, value, account, at)
		values (@person, @holder, @kind, @network, @value, @account, @at)
		on conflict (person_id, kind, network, lower(value)) where settled_at is null
		do update set at = excluded.at, account = excluded.account, holder_id = excluded.holder_id`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"person": c.PersonID, "holder": c.HolderID, "kind": c.Kind, "network": c.Network, "value": clean(c.Value), "account": clean(c.Account), "at": c.At,
	})
	return classify(err, "claim")
}

// Claims lists the names that are contested and not decided about, the oldest
// first. It is for maintainers.
func (s *Store) Claims(ctx context.Context) ([]person.Contest, error) {
	const q = `
		select t.id, t.person_id, p.name as person, t.holder_id, h.name as holder, t.kind, t.network, t.value, t.account, t.at
		from contests t
		join people p on p.id = t.person_id
		join people h on h.id = t.holder_id
		where t.settled_at is null
		order by t.at, t.id`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[person.Contest])
	for i := range list {
		list[i].At = list[i].At.UTC()
	}
	return list, classify(err, "claim")
}

// SettleClaim decides about a contested name: it stays where it is, or is given
// to who claimed it, from now on. One that was decided about is fault.NotFound;
// one whose holder is another by now stays with that.
func (s *Store) SettleClaim(ctx context.Context, id int64, give bool, now time.Time) (person.Contest, error) {
	const q = `
		update contests t set settled_at = @now, given = @give
		from people p, people h
		where t.id = @id and t.settled_at is null and p.id = t.person_id and h.id = t.holder_id
		returning t.id, t.person_id, p.name as person, t.holder_id, h.name as holder, t.kind, t.network, t.value, t.account, t.at`
	var c person.Contest
	err := s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"id": id, "give": give, "now": now})
		var err error
		if c, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[person.Contest]); err != nil {
			return classify(err, "contested name")
		}
		c.At = c.At.UTC()
		if !give {
			return nil
		}
		holder, err := tx.holder(ctx, c.Kind, c.Network, c.Value)
		switch {
		case err != nil:
			return err
		case holder != 0 && holder != c.HolderID:
			return fault.New(fault.Conflict, "The name went to somebody else meanwhile.")
		}
		if err := tx.endIdentity(ctx, c.HolderID, c.Kind, c.Network, c.Value, now); err != nil {
			return err
		}
		if err := tx.addIdentity(ctx, c.PersonID, c.Kind, c.Network, c.Value, now); err != nil {
			return err
		}
		return tx.notify(ctx, PersonTopic(c.HolderID))
	})
	return c, classify(err, "claim")
}

// endIdentity takes a name from a person. What was said under it before stays
// theirs.
func (s *Store) endIdentity(ctx context.Context, id person.ID, kind person.IdentityKind, network, value string, now time.Time) error {
	const q = `
		update identities d set until = greatest(@now, d.since + interval '1 microsecond')
		where d.person_id = @person and d.kind = @kind and d.network = @network and d.until is null
		  and ` + ircFolded + ` = (select ` + ircFolded + ` from (select @value::text as value) d)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"person": id, "kind": kind, "network": network, "value": clean(value), "now": now})
	return classify(err, "name")
}

// ByAccount returns whose services account that is, proven and now. Nobody's is
// fault.NotFound, that of somebody suspended ErrSuspended. A nick proves nobody.
func (s *Store) ByAccount(ctx context.Context, network, account string) (person.Account, error) {
	const q = selectAccounts + `
		join identities d on d.person_id = p.id and d.kind = 'account' and d.network = @network and d.until is null and d.proven_at is not null
		where ` + ircFolded + ` = (select ` + ircFolded + ` from (select @account::text as value) d)`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"network": network, "account": clean(account)})
	a, err := pgx.CollectExactlyOneRow(rows, scanAccount)
	if err == nil && a.Suspended() {
		return a, ErrSuspended
	}
	return a, classify(err, "account")
}

package store

import (
	"context"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// PersonTopic is the topic of what decides what a person may do: sign-ins that
// end, their role, suspension and what they chair.
func PersonTopic(id person.ID) string { return "people/" + strconv.FormatInt(int64(id), 10) }

// Visit is one look of a browser at the portal.
type Visit struct {
	At      time.Time
	Address string        // of the other end; "" is unknown
	Agent   string        // what the browser says it is
	Idle    time.Duration // how long a sign-in lasts unused
}

// seenEvery is how often it is noted that a browser is still there.
const seenEvery = time.Minute

// SignedIn returns who is signed in with the token of the given hash, with the
// role they have now, and what is kept with the sign-in. One that ended or
// expired, or whose person is suspended, is fault.NotFound. That it was seen is
// noted, once a minute.
func (s *Store) SignedIn(ctx context.Context, tokenHash []byte, v Visit) (a person.Actor, data []byte, err error) {
	const q = `
		with seen as (
			update signins set seen_at = @now, address = @address, agent = @agent
			where token_hash = @hash and seen_at <= @stale and seen_at > @idle and expires_at > @now)
		select i.data, p.id, p.role, p.name, p.zone
		from signins i
		join people p on p.id = i.person_id
		where i.token_hash = @hash and i.seen_at > @idle and i.expires_at > @now and p.suspended_at is null`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"hash": tokenHash, "now": v.At, "stale": v.At.Add(-seenEvery), "idle": v.At.Add(-v.Idle),
		"address": v.Address, "agent": clean(v.Agent),
	})
	_, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&data, &a.ID, &a.Role, &a.Name, &a.Zone)
	})
	if err != nil {
		return person.Actor{}, nil, classify(err, "sign-in")
	}
	return a, data, nil
}

// AddSignin keeps that somebody signed in with the token of the given hash.
func (s *Store) AddSignin(ctx context.Context, tokenHash, data []byte, id person.ID, v Visit, expires time.Time) error {
	const q = `
		insert into signins (token_hash, person_id, data, created_at, seen_at, expires_at, address, agent)
		values (@hash, @person, @data, @now, @now, @expires, @address, @agent)
		on conflict (token_hash) do update set data = excluded.data`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"hash": tokenHash, "person": id, "data": data, "now": v.At, "expires": expires, "address": v.Address, "agent": clean(v.Agent),
	})
	return classify(err, "sign-in")
}

// EndSignin ends the sign-in with the token of the given hash, if there is one,
// and the live pages of its person: those that go on load themselves again.
func (s *Store) EndSignin(ctx context.Context, tokenHash []byte) error {
	const q = `delete from signins where token_hash = @hash returning coalesce(person_id, 0)`
	_, err := s.endSignins(ctx, q, pgx.NamedArgs{"hash": tokenHash})
	return err
}

// Signins lists the browsers in which a person is signed in, the one seen last
// first.
func (s *Store) Signins(ctx context.Context, id person.ID, idle time.Duration, now time.Time) ([]person.Signin, error) {
	const q = `
		select encode(token_hash, 'hex') as id, created_at, seen_at, expires_at, address, agent
		from signins
		where person_id = @person and expires_at > @now and seen_at > @idle
		order by seen_at desc, created_at desc, token_hash`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": id, "now": now, "idle": now.Add(-idle)})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[person.Signin])
	return list, classify(err, "sign-in")
}

// RevokeSignin ends one of a person's sign-ins. One that is not theirs is
// fault.NotFound.
func (s *Store) RevokeSignin(ctx context.Context, id person.ID, signin string) error {
	const q = `delete from signins where token_hash = @hash and person_id = @person returning person_id`
	hash, err := hex.DecodeString(signin)
	if err != nil {
		return &fault.Error{Kind: fault.NotFound, Message: "There is no such sign-in.", Err: err}
	}
	n, err := s.endSignins(ctx, q, pgx.NamedArgs{"person": id, "hash": hash})
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "There is no such sign-in.")
	}
	return err
}

// RevokeSignins ends all of a person's sign-ins but one; "" spares none. It
// returns how many there were.
func (s *Store) RevokeSignins(ctx context.Context, id person.ID, spare string) (int, error) {
	const q = `delete from signins where person_id = @person and encode(token_hash, 'hex') <> @spare returning person_id`
	return s.endSignins(ctx, q, pgx.NamedArgs{"person": id, "spare": spare})
}

// endSignins runs a query that deletes sign-ins, and tells the live pages of
// their people.
func (s *Store) endSignins(ctx context.Context, q string, args pgx.NamedArgs) (int, error) {
	var ended []person.ID
	err := s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, args)
		var err error
		if ended, err = pgx.CollectRows(rows, pgx.RowTo[person.ID]); err != nil || len(ended) == 0 {
			return err
		}
		return tx.notify(ctx, PersonTopic(ended[0]))
	})
	return len(ended), classify(err, "sign-in")
}

// ForgetSignins removes what has expired: sign-ins, links and codes.
func (s *Store) ForgetSignins(ctx context.Context, idle time.Duration, now time.Time) error {
	const q = `delete from signins where expires_at <= @now or seen_at <= @idle`
	if _, err := s.db.Exec(ctx, q, pgx.NamedArgs{"now": now, "idle": now.Add(-idle)}); err != nil {
		return classify(err, "sign-in")
	}
	return s.forgetLinks(ctx, now)
}

// forgetLinks removes links and codes that expired a week ago. Until then the
// pages can say what became of them.
func (s *Store) forgetLinks(ctx context.Context, now time.Time) error {
	const q = `
		with l as (delete from signin_links where expires_at <= @before), m as (delete from mail_links where expires_at <= @before),
			g as (delete from github_tries where expires_at <= @before)
		delete from claims where expires_at <= @before`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"before": now.AddDate(0, 0, -7)})
	return classify(err, "link")
}

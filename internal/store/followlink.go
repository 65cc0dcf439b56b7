package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// selectFollows is the head of every query for what is followed. What a viewer may
// not see is left out.
const selectFollows = `
		select f.id, f.scope, coalesce(r.slug, t.slug, x.slug, '') as slug, coalesce(r.title, t.name, x.title, '') as title,
			x.starts_at, coalesce(x.zone, '') as zone, f.made_at, f.confirmed_at
		from follows f
		left join series r on r.id = f.series_id
		left join channels rc on rc.id = r.channel_id
		left join targets t on t.id = f.target_id
		left join sessions x on x.id = f.session_id
		left join channels xc on xc.id = x.channel_id
		where (@members or coalesce(r.visibility, 'public') = 'public' and coalesce(rc.visibility, 'public') = 'public'
			and coalesce(x.visibility, 'public') = 'public' and coalesce(xc.visibility, 'public') = 'public')`

func scanFollow(row pgx.CollectableRow) (hackfest.Follow, error) {
	var f hackfest.Follow
	var starts, confirmed *time.Time
	err := row.Scan(&f.ID, &f.Scope, &f.Slug, &f.Title, &starts, &f.Zone, &f.MadeAt, &confirmed)
	f.MadeAt, f.StartsAt, f.ConfirmedAt = f.MadeAt.UTC(), orZero(starts), orZero(confirmed)
	return f, err
}

// Follows lists what a subscriber follows and what waits to be confirmed: first
// everything and the news, then by title, sessions last.
func (s *Store) Follows(ctx context.Context, v person.Viewer, id hackfest.SubscriberID) ([]hackfest.Follow, error) {
	const q = selectFollows + ` and f.subscriber_id = @id
		order by array_position(array['all', 'news', 'series', 'target', 'session'], f.scope), x.starts_at, lower(coalesce(r.title, t.name)), f.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanFollow)
	return list, classify(err, "subscription")
}

// ActiveFollows lists what a subscriber follows and has confirmed; whoever ended
// it all, or is suspended, follows nothing.
func (s *Store) ActiveFollows(ctx context.Context, v person.Viewer, id hackfest.SubscriberID) ([]hackfest.Follow, error) {
	const q = selectFollows + ` and f.id in (select a.follow_id from subscribed a where a.subscriber_id = @id) order by f.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanFollow)
	return list, classify(err, "subscription")
}

// BeginConfirmation notes that an address is sent a link now, by the hash of its
// secret, and returns what it is to confirm. ok is false when nothing waits, when
// its owner ended it all, or when it was sent one less than hackfest.ConfirmAgain
// ago: then none must be sent.
func (s *Store) BeginConfirmation(ctx context.Context, id hackfest.SubscriberID, hash []byte, now time.Time) (b hackfest.Subscriber, what []hackfest.Follow, ok bool, err error) {
	err = s.InTx(ctx, func(tx *Store) error {
		if ok, err = tx.ask(ctx, id, now); err != nil || !ok {
			return err
		}
		if b, err = tx.Subscriber(ctx, id); err != nil {
			return err
		}
		all, err := tx.Follows(ctx, viewerOf(b), id)
		if err != nil {
			return err
		}
		what = waitingOf(all)
		return tx.addFollowLink(ctx, id, hash, now)
	})
	return b, what, ok && err == nil, err
}

// viewerOf is what a subscriber may be told.
func viewerOf(b hackfest.Subscriber) person.Viewer {
	if b.Members {
		return person.Viewer{ID: b.PersonID, Role: person.Member}
	}
	return person.PublicViewer
}

func waitingOf(all []hackfest.Follow) []hackfest.Follow {
	var list []hackfest.Follow
	for _, f := range all {
		if f.ConfirmedAt.IsZero() {
			list = append(list, f)
		}
	}
	return list
}

// ask notes that a subscriber is asked, if they may be now.
func (s *Store) ask(ctx context.Context, id hackfest.SubscriberID, now time.Time) (bool, error) {
	const q = `
		update subscribers s set asked_at = @now
		where s.id = @id and s.ended_at is null and (s.asked_at is null or s.asked_at <= @before)
		  and exists (select 1 from follows f where f.subscriber_id = s.id and f.confirmed_at is null)`
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "now": now, "before": now.Add(-hackfest.ConfirmAgain)})
	return tag.RowsAffected() > 0, classify(err, "subscriber")
}

func (s *Store) addFollowLink(ctx context.Context, id hackfest.SubscriberID, hash []byte, now time.Time) error {
	const q = `insert into follow_links (secret_hash, subscriber_id, made_at, expires_at) values (@hash, @id, @now, @expires)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"hash": hash, "id": id, "now": now, "expires": now.Add(hackfest.ConfirmTime)})
	return classify(err, "link")
}

// UndoConfirmation takes back that an address was sent a link: it certainly was
// not, so it may be sent one today.
func (s *Store) UndoConfirmation(ctx context.Context, id hackfest.SubscriberID, hash []byte) error {
	const q = `
		with gone as (delete from follow_links where secret_hash = @hash and subscriber_id = @id returning subscriber_id, made_at)
		update subscribers s set asked_at = null from gone where s.id = gone.subscriber_id and s.asked_at = gone.made_at`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "hash": hash})
	return classify(err, "link")
}

// FollowLink says whose link this is: it would confirm what waits at their address
// by now (WaitingFollows). The error says what is wrong with one that would not:
// fault.NotFound, or fault.Conflict when it was used or expired, or its owner ended
// it all.
func (s *Store) FollowLink(ctx context.Context, hash []byte, now time.Time) (hackfest.Subscriber, error) {
	id, err := s.openLink(ctx, hash, now)
	if err != nil {
		return hackfest.Subscriber{}, err
	}
	b, err := s.Subscriber(ctx, id)
	if err == nil && !b.EndedAt.IsZero() {
		err = errEnded
	}
	return b, err
}

// WaitingFollows lists what waits at an address to be confirmed.
func (s *Store) WaitingFollows(ctx context.Context, v person.Viewer, id hackfest.SubscriberID) ([]hackfest.Follow, error) {
	all, err := s.Follows(ctx, v, id)
	return waitingOf(all), err
}

// What is wrong with links that confirm.
var (
	errConfirmed = fault.New(fault.Conflict, "That link was used already: what it was about is confirmed.")
	errEnded     = fault.New(fault.Conflict, "No more mail was wished at this address since that link was sent. Follow something anew to get another.")
)

// openLink is whose link this is, if it works at now.
func (s *Store) openLink(ctx context.Context, hash []byte, now time.Time) (hackfest.SubscriberID, error) {
	const q = `select subscriber_id, expires_at, used_at from follow_links where secret_hash = @hash`
	var id hackfest.SubscriberID
	var expires time.Time
	var used *time.Time
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"hash": hash})
	_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&id, &expires, &used)
	})
	err = classify(err, "link")
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil:
		return 0, errNoLink
	case err != nil:
		return 0, err
	case used != nil:
		return 0, errConfirmed
	case !now.Before(expires):
		return 0, errExpired
	}
	return id, nil
}

// ConfirmFollows uses a link up: of what waits at its address, keep is followed
// from now on and the rest is forgotten. The address is confirmed as well, unless
// nothing is kept, and may be asked about more at once: its owner answers. Errors
// are those of FollowLink.
func (s *Store) ConfirmFollows(ctx context.Context, hash []byte, keep []hackfest.FollowID, pace hackfest.Pace, now time.Time) (hackfest.Subscriber, error) {
	var b hackfest.Subscriber
	err := s.InTx(ctx, func(tx *Store) error {
		id, err := tx.useFollowLink(ctx, hash, now)
		if err != nil {
			return err
		}
		for _, step := range []func(context.Context, pgx.NamedArgs) error{tx.keepFollows, tx.dropWaiting, tx.confirmAddress} {
			if err := step(ctx, pgx.NamedArgs{"id": id, "keep": keep, "pace": pace, "now": now}); err != nil {
				return classify(err, "subscription")
			}
		}
		b, err = tx.Subscriber(ctx, id)
		return err
	})
	return b, err
}

func (s *Store) useFollowLink(ctx context.Context, hash []byte, now time.Time) (hackfest.SubscriberID, error) {
	const q = `update follow_links set used_at = @now where secret_hash = @hash and used_at is null`
	b, err := s.FollowLink(ctx, hash, now)
	if err != nil {
		return 0, err
	}
	tag, err := s.db.Exec(ctx, q, pgx.NamedArgs{"hash": hash, "now": now})
	if err == nil && tag.RowsAffected() == 0 {
		return 0, errConfirmed
	}
	return b.ID, classify(err, "link")
}

func (s *Store) keepFollows(ctx context.Context, args pgx.NamedArgs) error {
	const q = `update follows set confirmed_at = @now where subscriber_id = @id and confirmed_at is null and id = any(@keep::bigint[])`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

func (s *Store) dropWaiting(ctx context.Context, args pgx.NamedArgs) error {
	const q = `delete from follows where subscriber_id = @id and confirmed_at is null`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

func (s *Store) confirmAddress(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update subscribers s set confirmed_at = coalesce(s.confirmed_at, @now), pace = coalesce(nullif(@pace, ''), s.pace),
			asked_at = case when not exists (select 1 from follows f where f.subscriber_id = s.id and f.id = any(@keep::bigint[])) then s.asked_at end
		where s.id = @id and exists (select 1 from follows f where f.subscriber_id = s.id)`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

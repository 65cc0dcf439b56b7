package store

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// handleBytes is the length of a subscriber's handle.
const handleBytes = 16

// subscriberColumns are those of scanSubscriber, from subscribers s.
const subscriberColumns = `s.id, s.handle, s.mail, s.person_id,
	coalesce((select nullif(p.zone, '') from people p where p.id = s.person_id), s.zone) as zone, s.pace, s.made_at, s.asked_at, s.confirmed_at, s.ended_at,
	exists (select 1 from follows f where f.subscriber_id = s.id and f.confirmed_at is null) as pending,
	exists (select 1 from people p where p.id = s.person_id and p.mail_proven_at is not null and lower(p.mail) = lower(s.mail)
		and p.suspended_at is null and p.left_at is null) as members`

func scanSubscriber(row pgx.CollectableRow) (hackfest.Subscriber, error) {
	var b hackfest.Subscriber
	var id *person.ID
	var asked, confirmed, ended *time.Time
	err := row.Scan(&b.ID, &b.Handle, &b.Mail, &id, &b.Zone, &b.Pace, &b.MadeAt, &asked, &confirmed, &ended, &b.Pending, &b.Members)
	if id != nil {
		b.PersonID = *id
	}
	b.MadeAt, b.AskedAt, b.ConfirmedAt, b.EndedAt = b.MadeAt.UTC(), orZero(asked), orZero(confirmed), orZero(ended)
	return b, err
}

// follower is what is known of who wants to follow something.
type follower struct {
	mail   string // that they gave, or have proven
	active bool   // signed in
	proven bool   // the address is theirs for certain
	person *person.ID
}

// Follow notes that somebody wants to follow something. Whoever is signed in and
// has proven the address follows it at once. Otherwise the returned subscriber
// is Pending, and it waits for a confirmation, which the caller has sent: so that
// nobody can subscribe others, not even those who get mail already. What they may
// not see is fault.NotFound; more than an address may have waiting is
// fault.Conflict.
func (s *Store) Follow(ctx context.Context, f hackfest.Following, now time.Time) (hackfest.Subscriber, error) {
	var b hackfest.Subscriber
	err := s.InTx(ctx, func(tx *Store) error {
		who, err := tx.follower(ctx, f)
		if err != nil {
			return err
		}
		args, err := tx.followedBy(ctx, f, who)
		if err != nil {
			return err
		}
		if b, err = tx.addSubscriber(ctx, f, who, now); err != nil {
			return err
		}
		args["subscriber"], args["scope"], args["now"], args["proven"] = b.ID, f.Scope, now, who.proven
		waits, err := tx.addFollow(ctx, args)
		if err != nil {
			return err
		}
		b, err = tx.Subscriber(ctx, b.ID)
		b.Waits = waits
		return err
	})
	return b, err
}

// follower finds out who wants to follow something.
func (s *Store) follower(ctx context.Context, f hackfest.Following) (follower, error) {
	const q = `select case when mail_proven_at is not null then mail else '' end from people where id = @id and suspended_at is null and left_at is null`
	who := follower{mail: strings.TrimSpace(clean(f.Mail))}
	if f.PersonID != 0 {
		rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": f.PersonID})
		proven, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
		if err = classify(err, "person"); err != nil && fault.KindOf(err) != fault.NotFound {
			return who, err
		}
		who.active = err == nil
		if proven != "" && (who.mail == "" || strings.EqualFold(who.mail, proven)) {
			who.mail, who.proven, who.person = proven, true, &f.PersonID
		}
	}
	if who.mail == "" {
		return who, fault.On("mail", "The address is missing.")
	}
	return who, nil
}

// followedBy finds what f is about, as who may see it. What is for members is told
// to addresses that are theirs for certain and to no others.
func (s *Store) followedBy(ctx context.Context, f hackfest.Following, who follower) (pgx.NamedArgs, error) {
	args, err := s.followed(ctx, f, who.proven)
	if fault.KindOf(err) != fault.NotFound || !who.active || who.proven {
		return args, err
	}
	if _, hidden := s.followed(ctx, f, true); hidden == nil {
		return nil, fault.On("mail", "This is for members, so mail about it goes to an address that you have proven, see your settings.")
	}
	return nil, err
}

// followed finds what f is about, as one may see it.
func (s *Store) followed(ctx context.Context, f hackfest.Following, members bool) (pgx.NamedArgs, error) {
	const q = `
		select
			(select r.id from series r join channels c on c.id = r.channel_id
				where @scope = 'series' and r.slug = @series and (@members or r.visibility = 'public' and c.visibility = 'public')) as series_id,
			(select t.id from targets t where @scope = 'target' and t.slug = @target) as target_id,
			(select x.id from sessions x join channels c on c.id = x.channel_id
				where @scope = 'session' and x.slug = @session and (@members or x.visibility = 'public' and c.visibility = 'public')) as session_id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"scope": f.Scope, "series": f.Series, "target": f.Target, "session": f.Session, "members": members})
	var series, target, session *int64
	_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
		return struct{}{}, row.Scan(&series, &target, &session)
	})
	if err != nil {
		return nil, classify(err, "subscription")
	}
	found := map[hackfest.FollowScope]bool{
		hackfest.FollowAll: true, hackfest.FollowNews: true,
		hackfest.FollowSeries: series != nil, hackfest.FollowTarget: target != nil, hackfest.FollowSession: session != nil,
	}
	if !found[f.Scope] {
		return nil, fault.New(fault.NotFound, "What you want to follow is not here.")
	}
	return pgx.NamedArgs{"series": series, "target": target, "session": session}, nil
}

// addSubscriber makes an address a subscriber, or finds it. One that had ended it
// all begins anew.
func (s *Store) addSubscriber(ctx context.Context, f hackfest.Following, who follower, now time.Time) (hackfest.Subscriber, error) {
	const q = `
		insert into subscribers as s (handle, mail, person_id, zone, pace, made_at, confirmed_at)
		values (@handle, @mail, @person, @zone, coalesce(nullif(@pace, ''), 'each'), @now, case when @proven then @now::timestamptz end)
		on conflict (lower(mail)) do update set
			person_id = coalesce(@person, s.person_id),
			zone = case when @zone <> '' and (@proven or s.confirmed_at is null or s.ended_at is not null) then @zone else s.zone end,
			pace = case when @proven or s.confirmed_at is null or s.ended_at is not null then coalesce(nullif(@pace, ''), s.pace) else s.pace end,
			confirmed_at = coalesce(case when s.ended_at is null then s.confirmed_at end, case when @proven then @now::timestamptz end),
			ended_at = null
		returning ` + subscriberColumns
	handle := make([]byte, handleBytes)
	if _, err := rand.Read(handle); err != nil {
		return hackfest.Subscriber{}, err
	}
	if err := s.beginAnew(ctx, who.mail); err != nil {
		return hackfest.Subscriber{}, err
	}
	if who.person != nil {
		if err := s.moveSubscription(ctx, *who.person, who.mail); err != nil {
			return hackfest.Subscriber{}, err
		}
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"handle": handle, "mail": who.mail, "person": who.person, "zone": clean(f.Zone), "pace": f.Pace, "now": now, "proven": who.proven,
	})
	b, err := pgx.CollectExactlyOneRow(rows, scanSubscriber)
	return b, classify(err, "subscriber")
}

// beginAnew forgets what an address followed that has ended it all.
func (s *Store) beginAnew(ctx context.Context, mail string) error {
	const q = `delete from follows f using subscribers s where s.id = f.subscriber_id and lower(s.mail) = lower(@mail) and s.ended_at is not null`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"mail": mail})
	return classify(err, "subscriber")
}

// moveSubscription gives what a person follows to the address that they have
// proven, with what that followed before.
func (s *Store) moveSubscription(ctx context.Context, id person.ID, mail string) error {
	for _, step := range []func(context.Context, pgx.NamedArgs) error{s.joinFollows, s.joinDeliveries, s.dropJoined, s.giveAddress, s.ownSubscription} {
		if err := step(ctx, pgx.NamedArgs{"person": id, "mail": mail}); err != nil {
			return classify(err, "subscriber")
		}
	}
	return nil
}

func (s *Store) joinFollows(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		insert into follows (subscriber_id, scope, series_id, target_id, session_id, made_at, confirmed_at)
		select s.id, f.scope, f.series_id, f.target_id, f.session_id, f.made_at, f.confirmed_at
		from subscribers s
		join subscribers o on lower(o.mail) = lower(@mail) and o.id <> s.id and o.ended_at is null
		join follows f on f.subscriber_id = o.id
		where s.person_id = @person
		on conflict (subscriber_id, scope, series_id, target_id, session_id) do nothing`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

func (s *Store) dropJoined(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		delete from subscribers o using subscribers s
		where s.person_id = @person and lower(o.mail) = lower(@mail) and o.id <> s.id`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

func (s *Store) giveAddress(ctx context.Context, args pgx.NamedArgs) error {
	const q = `update subscribers set mail = @mail where person_id = @person and lower(mail) <> lower(@mail)`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

func (s *Store) ownSubscription(ctx context.Context, args pgx.NamedArgs) error {
	const q = `update subscribers set person_id = @person where lower(mail) = lower(@mail)`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

// addFollow adds what a subscriber follows, and reports whether it waits to be
// confirmed.
func (s *Store) addFollow(ctx context.Context, args pgx.NamedArgs) (waits bool, err error) {
	const q = `
		insert into follows as f (subscriber_id, scope, series_id, target_id, session_id, made_at, confirmed_at)
		values (@subscriber, @scope, @series, @target, @session, @now, case when @proven then @now::timestamptz end)
		on conflict (subscriber_id, scope, series_id, target_id, session_id) do update set
			made_at = case when f.confirmed_at is null then @now else f.made_at end,
			confirmed_at = coalesce(f.confirmed_at, excluded.confirmed_at)
		returning confirmed_at is null`
	rows, _ := s.db.Query(ctx, q, args)
	if waits, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool]); err != nil {
		return false, classify(err, "subscription")
	}
	n, err := s.waitingFollows(ctx, args)
	if err == nil && n > hackfest.MaxPending {
		return false, fault.New(fault.Conflict, "More waits for this address to be confirmed than may. Open the link in the mail it was sent first.")
	}
	return waits, err
}

func (s *Store) waitingFollows(ctx context.Context, args pgx.NamedArgs) (int, error) {
	const q = `select count(*) from follows where subscriber_id = @subscriber and confirmed_at is null`
	rows, _ := s.db.Query(ctx, q, args)
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	return n, classify(err, "subscription")
}

// Subscriber returns one subscriber, or fault.NotFound.
func (s *Store) Subscriber(ctx context.Context, id hackfest.SubscriberID) (hackfest.Subscriber, error) {
	const q = `select ` + subscriberColumns + ` from subscribers s where s.id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	b, err := pgx.CollectExactlyOneRow(rows, scanSubscriber)
	return b, classify(err, "subscriber")
}

// mailProven is whether what answer a of session_answers gave as its address was
// confirmed there: to follow what it is about. Until then anybody may have given it,
// and by it who gets which mail must not change.
const mailProven = `exists (
	select 1 from rsvps v join follows w on w.subscriber_id = v.subscriber_id
	where v.id = a.rsvp_id and w.confirmed_at is not null and (w.session_id = v.session_id or w.series_id = v.series_id))`

// Followers counts whom mail about x goes to when it changes: who follows it, its
// series, its target or everything. Of those who want one mail a week, who
// answered for it.
func (s *Store) Followers(ctx context.Context, x hackfest.Session) (int, error) {
	const q = `
		select count(distinct f.subscriber_id)
		from subscribed f
		where (f.scope = 'all' or f.session_id = @session
			or f.series_id = (select r.id from series r where r.slug = @series) or f.target_id = (select t.id from targets t where t.slug = @target))
		  and (@public or f.members)
		  and (f.pace = 'each' or exists (
			select 1 from session_answers a
			where a.session_id = @session and (a.person_id = f.person_id or a.subscriber_id = f.subscriber_id and ` + mailProven + `)))`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"session": x.ID, "series": x.SeriesSlug, "target": x.TargetSlug, "public": x.Visibility != person.MembersOnly,
	})
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	return n, classify(err, "subscriber")
}

package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// Reading is why and as whom a subscriber is written to.
type Reading struct {
	Scope   hackfest.FollowScope // what they follow that it is about: the narrowest
	Pace    hackfest.Pace
	Members bool            // they may see what is for members
	Answer  hackfest.Answer // to the session; "" is none
}

// ReadingOf says why a subscriber is written to about session x, or about news
// where x is nil. fault.NotFound means that they do not follow it, or not any
// more.
func (s *Store) ReadingOf(ctx context.Context, id hackfest.SubscriberID, x *hackfest.Session) (Reading, error) {
	const q = `
		select f.scope, f.pace, f.members, coalesce((
			select max(a.answer) from session_answers a
			where a.session_id = @session and (a.person_id = f.person_id or a.subscriber_id = f.subscriber_id and ` + mailProven + `)), '') as answer
		from subscribed f
		where f.subscriber_id = @id
		  and case when @session::bigint = 0 then f.scope in ('all', 'news')
			else f.scope = 'all' or f.session_id = @session
				or f.series_id = (select r.id from series r where r.slug = @series)
				or f.target_id = (select t.id from targets t where t.slug = @target) end
		order by array_position(array ['session', 'series', 'target', 'news', 'all'], f.scope)
		limit 1`
	if x == nil {
		x = &hackfest.Session{}
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "session": x.ID, "series": x.SeriesSlug, "target": x.TargetSlug})
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[Reading])
	return r, classify(err, "subscription")
}

// SubscriberSeesMembers reports whether a subscriber may see what is for members:
// the address is the proven one of an account.
func (s *Store) SubscriberSeesMembers(ctx context.Context, id hackfest.SubscriberID) (bool, error) {
	const q = `select coalesce(bool_or(f.members), false) from subscribed f where f.subscriber_id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id})
	members, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
	return members, classify(err, "subscription")
}

// Reachable is a nick under which somebody may be on a network.
type Reachable struct {
	Nick    string
	Account string // that whoever has the nick has to be logged in as; "" where they have proven none
}

// ReachableOn lists the nicks under which a person may be on a network, as they
// have proven to be themselves there: by their account with its services, else
// by the nick.
func (s *Store) ReachableOn(ctx context.Context, id person.ID, network string) ([]Reachable, error) {
	const q = `
		with proven as (
			select i.kind, i.value from identities i join people p on p.id = i.person_id and p.suspended_at is null and p.left_at is null
			where i.person_id = @person and i.network = @network and i.proven_at is not null and i.until is null)
		select distinct n.nick, coalesce(a.value, '') as account
		from (
			select value as nick from proven
			union select r.nick from rsvps r where r.person_id = @person and r.network = @network and exists (select 1 from proven where kind = 'account')) n
		left join proven a on a.kind = 'account'
		order by 1, 2
		limit 20`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"person": id, "network": network})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Reachable])
	return list, classify(err, "name")
}

// joinDeliveries gives what went to an address to the subscriber that it becomes
// part of, so that nothing goes to them again.
func (s *Store) joinDeliveries(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update deliveries d
		set subscriber_id = s.id, recipient = 'subscriber/' || s.id
		from subscribers s, subscribers o
		where s.person_id = @person and lower(o.mail) = lower(@mail) and o.id <> s.id and d.subscriber_id = o.id
		  and not exists (
			select 1 from deliveries e
			where e.what = d.what and e.outlet = d.outlet and e.occasion = d.occasion and e.recipient = 'subscriber/' || s.id)`
	_, err := s.db.Exec(ctx, q, args)
	return err
}

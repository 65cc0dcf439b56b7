package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
)

// whatChanges names the last change of the plan of sessions s.
const whatChanges = `'change/' || s.id || '/' || to_char(s.replanned_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISS.US"Z"')`

// changeTold is what became of session s when its plan was changed last, as it is
// told at @outlet: null is nothing. Of one that was called off nothing more is told
// but that it takes place after all, and that only where the other was told.
const changeTold = `(
			select case
				when s.state = 'cancelled' and told.occasion is distinct from 'cancelled' then 'cancelled'
				when s.state <> 'scheduled' then null
				when told.occasion = 'cancelled' then 'reinstated'
				when s.retimed_from is not null then 'moved'
				end as occasion
			from (select) one
			left join lateral (
				select d.occasion
				from deliveries d
				where d.session_id = s.id and d.outlet = @outlet and d.occasion in ('cancelled', 'moved', 'reinstated') and d.state <> 'dropped'
				  and d.what <> ` + whatChanges + `
				order by d.id desc
				limit 1) told on true)`

// planChanges notes what channels are told of sessions that are near and had
// their plan changed in the last hour: once for each change. The channel that one
// has left is told where it is now.
func (s *Store) planChanges(ctx context.Context, _, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, starts_at, due_at, created_at)
		select ` + whatChanges + `, @outlet, w.name || '/' || c.folded, x.occasion, c.id, s.id, s.starts_at, s.replanned_at, @now
		from sessions s
		join channels held on held.id = s.channel_id
		join channels c on c.id in (s.channel_id, s.left_channel_id) or c.announces = 'all'
		join networks w on w.id = c.network_id
		cross join lateral ` + changeTold + ` x
		where x.occasion is not null and s.held = 0 and s.replanned_at > @back and s.replanned_at <= @now and s.created_at < s.replanned_at
		  and greatest(s.starts_at, s.retimed_from) > @now and least(s.starts_at, s.retimed_from) <= @ahead
		  and c.joined and c.announce and 'changes' = any (c.occasions)
		  and (s.visibility = 'public' and held.visibility = 'public' or c.visibility = 'members')
		on conflict (what, outlet, recipient, occasion) do nothing`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"outlet": "irc", "now": now, "back": now.Add(-announce.ChangeLate), "ahead": now.Add(announce.ChangesAhead),
	})
	return classify(err, "announcement")
}

// planChangeMails notes the mails about sessions to come whose plan was changed.
// Of what became of a whole series at once, those who follow it are told by its
// soonest date alone, and of another whoever answered for just that. Who has one
// mail a week is told only of what they answered for.
func (s *Store) planChangeMails(ctx context.Context, _, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, subscriber_id, session_id, starts_at, due_at, created_at)
		with changed as materialized (
			select s.id, s.series_id, s.target_id, s.starts_at, s.replanned_at, x.occasion, ` + whatChanges + ` as what,
				s.visibility = 'public' and c.visibility = 'public' as public,
				row_number() over (partition by coalesce('series ' || s.series_id, 'session ' || s.id), s.replanned_at order by s.starts_at, s.id) = 1 as first,
				not exists (select 1 from deliveries d where d.what = ` + whatChanges + ` and d.outlet = @outlet) as fresh
			from sessions s
			join channels c on c.id = s.channel_id
			cross join lateral ` + changeTold + ` x
			where x.occasion is not null and s.held = 0 and s.replanned_at > @back and s.replanned_at <= @now and s.created_at < s.replanned_at
			  and greatest(s.starts_at, s.retimed_from) > @now),
		answers as (
			select a.session_id, b.id as subscriber_id, bool_or(not a.from_series) as for_it
			from changed c join session_answers a on a.session_id = c.id
			join subscribers b on b.person_id = a.person_id or b.id = a.subscriber_id and ` + mailProven + `
			group by a.session_id, b.id)
		select distinct u.what, @outlet, 'subscriber/' || f.subscriber_id, u.occasion, f.subscriber_id, u.id, u.starts_at, u.replanned_at, @now::timestamptz
		from changed u
		join subscribed f on f.scope = 'all' or f.series_id = u.series_id or f.target_id = u.target_id or f.session_id = u.id
		left join answers a on a.session_id = u.id and a.subscriber_id = f.subscriber_id
		where u.fresh and f.confirmed_at <= u.replanned_at and (u.public or f.members)
		  and (f.pace = 'each' or a.subscriber_id is not null) and (u.first or a.for_it or f.scope = 'session')
		on conflict (what, outlet, recipient, occasion) do nothing`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"outlet": "mail", "now": now, "back": now.Add(-announce.LetterLate)})
	return classify(err, "announcement")
}

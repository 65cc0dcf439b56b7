package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
)

// planMinutes notes which channels are told of published minutes.
func (s *Store) planMinutes(ctx context.Context, _, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, meeting_ref, starts_at, due_at, created_at)
		select 'minutes/' || m.ref, 'irc', w.name || '/' || c.folded, 'minutes', c.id, s.id, m.ref, s.starts_at, u.published_at, @now
		from minutes_revisions u
		join meetings m on m.ref = u.meeting_ref
		join sessions s on s.id = m.session_id
		join channels held on held.id = m.channel_id
		join channels c on c.id = m.channel_id or c.announces = 'all'
		join networks w on w.id = c.network_id
		where u.number = 1 and u.published_at > @back and u.published_at <= @now and m.ended_at > u.published_at - @old::interval
		  and c.joined and c.announce and 'minutes' = any (c.occasions)
		  and (m.visibility = 'public' and s.visibility = 'public' and (held.visibility = 'public' or c.id = held.id) or c.visibility = 'members')
		on conflict (what, outlet, recipient, occasion) do nothing`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"now": now, "back": now.Add(-announce.MinutesLate), "old": announce.MinutesOld})
	return classify(err, "announcement")
}

// planMinutesMails notes the mails about published minutes: to all who follow the
// session, apart from those who follow nothing but it and sent regrets.
func (s *Store) planMinutesMails(ctx context.Context, _, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, subscriber_id, session_id, meeting_ref, starts_at, due_at, created_at)
		with written as materialized (
			select m.ref, s.id, s.series_id, s.target_id, s.starts_at, u.published_at, 'minutes/' || m.ref as what,
				m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public' as public
			from minutes_revisions u
			join meetings m on m.ref = u.meeting_ref
			join sessions s on s.id = m.session_id
			join channels c on c.id = m.channel_id
			where u.number = 1 and u.published_at > @back and u.published_at <= @now and m.ended_at > u.published_at - @old::interval
			  and not exists (select 1 from deliveries d where d.what = 'minutes/' || m.ref and d.outlet = 'mail'))
		select distinct u.what, 'mail', 'subscriber/' || f.subscriber_id, 'minutes', f.subscriber_id, u.id, u.ref, u.starts_at, u.published_at, @now::timestamptz
		from written u
		join subscribed f on f.scope = 'all' or f.series_id = u.series_id or f.target_id = u.target_id
			or f.session_id = u.id and not exists (
				select 1 from session_answers a
				where a.session_id = u.id and a.answer = 'regrets'
				  and (a.person_id = f.person_id or a.subscriber_id = f.subscriber_id and ` + mailProven + `))
		where f.pace = 'each' and f.confirmed_at <= u.published_at and (u.public or f.members)
		on conflict (what, outlet, recipient, occasion) do nothing`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"now": now, "back": now.Add(-announce.MinutesLate), "old": announce.MinutesOld})
	return classify(err, "announcement")
}

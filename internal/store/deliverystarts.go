package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
)

// planBack is how far back an announcement is noted that nobody could make.
const planBack = time.Hour

// whatStarts names the start of sessions s: one that is moved is announced anew.
const whatStarts = `'session/' || s.id || '/' || to_char(s.starts_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"')`

// planStarts notes what channels are told before and at the start of sessions.
// That a session comes in a day is not said when its time was changed since: that
// was told, or will be said an hour before.
func (s *Store) planStarts(ctx context.Context, until, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, starts_at, due_at, created_at)
		select ` + whatStarts + `, 'irc', w.name || '/' || c.folded, o.occasion, c.id, s.id, s.starts_at, s.starts_at - o.ahead, @now
		from sessions s
		join channels held on held.id = s.channel_id
		join channels c on c.id = s.channel_id or c.announces = 'all'
		join networks w on w.id = c.network_id
		cross join unnest(@occasions::text[], @aheads::interval[], @lates::interval[]) o (occasion, ahead, late)
		where s.state = 'scheduled' and s.held = 0 and c.joined and c.announce and o.occasion = any (c.occasions)
		  and (s.visibility = 'public' and held.visibility = 'public' or c.visibility = 'members')
		  and s.starts_at > @from and s.starts_at <= @to
		  and s.starts_at - o.ahead <= @until
		  and (s.starts_at - o.ahead >= @now::timestamptz - o.late
			or s.starts_at - o.ahead > @back and s.created_at < s.starts_at - o.ahead)
		  and (o.occasion <> 'day' or s.replanned_at is null or s.replanned_at <= s.starts_at - o.ahead)
		on conflict (what, outlet, recipient, occasion) do nothing`
	args := moments(announce.Moments, until)
	args["now"], args["until"], args["from"], args["back"] = now, until, now.Add(-planBack), now.Add(-planBack)
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "announcement")
}

// moments are the parameters for the times of a session's occasions.
func moments(list []announce.Moment, until time.Time) pgx.NamedArgs {
	var occasions []string
	var aheads, lates []time.Duration
	longest := time.Duration(0)
	for _, m := range list {
		occasions, aheads, lates = append(occasions, string(m.Occasion)), append(aheads, m.Ahead), append(lates, m.Late)
		longest = max(longest, m.Ahead)
	}
	return pgx.NamedArgs{"occasions": occasions, "aheads": aheads, "lates": lates, "to": until.Add(longest)}
}

// planReminders notes the mails before a start: a day before to all who follow
// the session and did not send regrets, an hour before to those who said that
// they come. Who began to follow it later than one was due gets none, nor does
// whoever has one mail a week.
func (s *Store) planReminders(ctx context.Context, until, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, subscriber_id, session_id, starts_at, due_at, created_at)
		with due as materialized (
			select s.id, s.series_id, s.target_id, s.starts_at, o.occasion, s.starts_at - o.ahead as due_at,
				s.visibility = 'public' and c.visibility = 'public' as public, ` + whatStarts + ` as what
			from sessions s
			join channels c on c.id = s.channel_id
			cross join unnest(@occasions::text[], @aheads::interval[], @lates::interval[]) o (occasion, ahead, late)
			where s.state = 'scheduled' and s.held = 0 and s.starts_at > @now and s.starts_at <= @to
			  and s.starts_at - o.ahead <= @until and s.starts_at - o.ahead >= @now::timestamptz - o.late
			  and (s.replanned_at is null or s.replanned_at <= s.starts_at - o.ahead)
			  and not exists (select 1 from deliveries d where d.what = ` + whatStarts + ` and d.outlet = 'mail' and d.occasion = o.occasion)),
		answers as (
			select a.session_id, b.id as subscriber_id, max(a.answer) as answer -- regrets go before maybe
			from due join session_answers a on a.session_id = due.id
			join subscribers b on b.person_id = a.person_id or b.id = a.subscriber_id and ` + mailProven + `
			group by a.session_id, b.id)
		select distinct u.what, 'mail', 'subscriber/' || f.subscriber_id, u.occasion, f.subscriber_id, u.id, u.starts_at, u.due_at, @now::timestamptz
		from due u
		join subscribed f on f.scope = 'all' or f.series_id = u.series_id or f.target_id = u.target_id or f.session_id = u.id
		left join answers a on a.session_id = u.id and a.subscriber_id = f.subscriber_id
		where f.pace = 'each' and f.confirmed_at <= u.due_at and (u.public or f.members)
		  and case u.occasion when 'hour' then a.answer in ('coming', 'maybe') else a.answer is distinct from 'regrets' end
		on conflict (what, outlet, recipient, occasion) do nothing`
	args := moments(announce.LetterMoments, until)
	args["now"], args["until"] = now, until
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "announcement")
}

// planNotices notes who is told on IRC, alone, that a session starts: who said
// that they come and has proven a name on its network.
func (s *Store) planNotices(ctx context.Context, until, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, person_id, session_id, starts_at, due_at, created_at)
		select distinct ` + whatStarts + `, 'notice', w.name || '/person/' || a.person_id, @occasion, a.person_id, s.id, s.starts_at,
			s.starts_at - @ahead::interval, @now::timestamptz
		from sessions s
		join channels c on c.id = s.channel_id
		join networks w on w.id = c.network_id
		join session_answers a on a.session_id = s.id and a.answer in ('coming', 'maybe')
		join people p on p.id = a.person_id and p.suspended_at is null and p.left_at is null
		where s.state = 'scheduled' and s.held = 0 and s.starts_at > @now and c.joined
		  and s.starts_at - @ahead::interval <= @until and s.starts_at - @ahead::interval >= @now::timestamptz - @late::interval
		  and exists (
			select 1 from identities i
			where i.person_id = a.person_id and i.network = w.name and i.kind in ('nick', 'account') and i.proven_at is not null and i.until is null)
		on conflict (what, outlet, recipient, occasion) do nothing`
	m := announce.NoticeMoment
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"occasion": m.Occasion, "ahead": m.Ahead, "late": m.Late, "until": until, "now": now})
	return classify(err, "announcement")
}

package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// leaveOut takes the names of those who do not want to be named from who was at
// a meeting. They are counted all the same.
func (s *Store) leaveOut(ctx context.Context, m *minutes.Minutes) error {
	const q = `
		select x.n - 1
		from unnest(@nicks::text[], @accounts::text[]) with ordinality x (nick, account, n)
		where exists (select 1 from unnamed_nicks b where b.network = @network and b.nick = lower(x.nick))
		   or exists (
			select 1 from identities d
			join people p on p.id = d.person_id and p.unnamed
			where d.network = @network and d.proven_at is not null
			  and (d.kind = 'nick' and lower(d.value) = lower(x.nick) or d.kind = 'account' and d.value = x.account)
			  and (@ended::timestamptz is null or d.since <= @ended) and (d.until is null or d.until > @started))`
	nicks, accounts := slices.Clone(m.Regrets), make([]string, len(m.Regrets))
	for _, p := range m.Present {
		nicks, accounts = append(nicks, p.Nick), append(accounts, p.Account)
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"network": m.Network, "nicks": nicks, "accounts": accounts, "started": m.StartedAt.Time, "ended": orNull(m.EndedAt.Time),
	})
	found, err := pgx.CollectRows(rows, pgx.RowTo[int])
	for _, n := range found {
		if n < len(m.Regrets) {
			m.Regrets[n] = minutes.Unnamed
			continue
		}
		p := &m.Present[n-len(m.Regrets)]
		p.Nick, p.Account, p.Alias = minutes.Unnamed, "", ""
	}
	return classify(err, "person")
}

// Unname leaves nick out, by name, of who was at a meeting on a network, from now
// on and in all that was; not on names it again. It is counted all the same. What
// services call who asks, account, may be "". Who has an account on the portal
// that has proven to be theirs is told as they set it there; nothing else proves
// that a nick is somebody's, so what was asked for with an account, or in the
// settings, is taken back there alone: otherwise it is fault.Forbidden.
func (s *Store) Unname(ctx context.Context, network, nick, account string, on bool, now time.Time) error {
	const own = `
		update people p set unnamed = @on, revision = revision + 1
		from identities d
		where d.person_id = p.id and d.kind = 'account' and d.network = @network and d.value = @account and d.proven_at is not null
		  and d.until is null and @account <> '' and p.unnamed <> @on`
	const add = `
		insert into unnamed_nicks (network, nick, account, since) values (@network, lower(@nick), @account, @now)
		on conflict (network, nick) do update set account = excluded.account where unnamed_nicks.account = ''`
	const drop = `delete from unnamed_nicks where network = @network and nick = lower(@nick) and account in ('', @account)`
	const left = `
		select exists (select 1 from unnamed_nicks where network = @network and nick = lower(@nick)) as asked,
			exists (
				select 1 from identities d join people p on p.id = d.person_id and p.unnamed
				where d.kind = 'nick' and d.network = @network and lower(d.value) = lower(@nick) and d.proven_at is not null and d.until is null) as set`
	args := pgx.NamedArgs{"network": network, "nick": clean(nick), "account": clean(account), "on": on, "now": now}
	return s.InTx(ctx, func(tx *Store) error {
		if _, err := tx.db.Exec(ctx, own, args); err != nil {
			return classify(err, "person")
		}
		if on {
			_, err := tx.db.Exec(ctx, add, args)
			return classify(err, "nick")
		}
		if _, err := tx.db.Exec(ctx, drop, args); err != nil {
			return classify(err, "nick")
		}
		rows, _ := tx.db.Query(ctx, left, args)
		type why struct{ Asked, Set bool }
		kept, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[why])
		switch {
		case kept.Asked:
			return fault.New(fault.Forbidden, "Somebody identified to services asked for that. Identify as they did, then say it again.")
		case kept.Set:
			return fault.New(fault.Forbidden, "This nick is somebody's on the portal, who set it so in their settings. Take it back there, or identify to services and say it again.")
		}
		return classify(err, "nick")
	})
}

// attendanceReach is how many meetings of a series are looked at for who was at
// an earlier one.
const attendanceReach = 400

// Attendance returns how many came to the last sessions of a series that were
// held or cancelled before now, oldest first, at most limit. People are told
// apart by services account, else by nick, without regard to case.
func (s *Store) Attendance(ctx context.Context, v person.Viewer, series string, limit int, now time.Time) ([]hackfest.Attendance, error) {
	const q = `
		with lately as (
			select s.id, s.slug, s.starts_at, s.zone, s.held = 0 as cancelled
			from sessions s
			join series r on r.id = s.series_id
			join channels c on c.id = s.channel_id
			where (@members or (s.visibility = 'public' and c.visibility = 'public')) and r.slug = @series
			  and s.starts_at < @now and s.running = 0 and (s.held > 0 or s.state = 'cancelled')
			order by s.starts_at desc, s.id desc
			limit @limit),
		looked as (
			select m.ref, s.id as session, s.starts_at, coalesce(u.minutes, m.draft) as minutes
			from meetings m
			left join lateral (
				select u.minutes from minutes_revisions u where u.meeting_ref = m.ref order by u.number desc limit 1) u on true
			join sessions s on s.id = m.session_id
			join series r on r.id = s.series_id
			join channels c on c.id = m.channel_id
			where (@members or (m.visibility = 'public' and s.visibility = 'public' and c.visibility = 'public')) and r.slug = @series
			  and m.ended_at is not null
			order by m.ref desc
			limit @reach),
		seen as (
			select l.session, l.starts_at, lower(coalesce(nullif(p.value ->> 'account', ''), p.value ->> 'nick')) as who,
				bool_or((p.value ->> 'lines')::int > 0) as spoke,
				bool_or(lower(p.value ->> 'nick') = any(took.owners) or lower(nullif(p.value ->> 'alias', '')) = any(took.owners)) as acted
			from looked l
			cross join lateral (
				select array_agg(lower(o #>> '{}')) as owners
				from jsonb_path_query(l.minutes, '$.topics[*].items[*] ? (@.kind == "action" && @.undone != true).owners[*]') o) took
			cross join lateral jsonb_array_elements(l.minutes -> 'present') p
			where not coalesce((p.value ->> 'bot')::boolean, false)
			group by l.session, l.starts_at, who),
		counted as (
			select x.session, count(*) as present, count(*) filter (where x.spoke) as spoke, count(*) filter (where x.acted) as acted,
				count(*) filter (where x.earlier = 1 and x.starts_at > x.begun) as fresh
			from (
				select seen.*, row_number() over (partition by who order by starts_at, session) as earlier, min(starts_at) over () as begun
				from seen) x
			group by x.session)
		select l.slug, l.starts_at, l.zone, l.cancelled, coalesce(n.present, 0) as present, coalesce(n.spoke, 0) as spoke,
			coalesce(n.acted, 0) as acted, coalesce(n.fresh, 0) as new
		from lately l
		left join counted n on n.session = l.id
		order by l.starts_at, l.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "series": series, "limit": limit, "reach": attendanceReach, "now": now})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[hackfest.Attendance])
	for i := range list {
		list[i].StartsAt = list[i].StartsAt.UTC()
	}
	return list, classify(err, "session")
}

package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// planOutcomes notes which channels are told what changed in the repositories of
// a session in which a meeting was held: when the time of its outcome is over and
// all of it is known, and if anything changed. What was written down once does not
// count, and what GitHub has no more is not waited for.
func (s *Store) planOutcomes(ctx context.Context, _, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, starts_at, due_at, created_at)
		with held as materialized (
			select s.id, s.channel_id, s.starts_at, s.visibility = 'public' as public, bool_or(m.visibility = 'public') as told,
				min(m.started_at) as since, max(m.ended_at) + @grace::interval as upto
			from meetings m join sessions s on s.id = m.session_id
			where m.started_at > @oldest and m.ended_at is not null and s.state <> 'cancelled' and s.running = 0
			group by s.id
			having max(m.ended_at) > @from and max(m.ended_at) <= @to),
		changed as materialized (
			select h.*, x.repository_id, r.visibility = 'public' as open, r.known_at >= h.upto or r.gone_at is not null as known,
				exists (select 1 from commits k where k.repository_id = r.id and k.committed_at between h.since and h.upto)
				or exists (select 1 from issues i where i.repository_id = r.id and i.removed_at is null and i.opened_at between h.since and h.upto)
				or exists (select 1 from issues i where i.repository_id = r.id and i.removed_at is null and i.closed_at between h.since and h.upto and not i.pull)
				or exists (select 1 from issues i where i.repository_id = r.id and i.removed_at is null and i.merged_at between h.since and h.upto) as any
			from held h
			join session_repositories x on x.session_id = h.id
			join repositories r on r.id = x.repository_id and r.recorded_at is null)
		select 'outcome/' || h.id, 'irc', w.name || '/' || c.folded, 'outcome', c.id, h.id, h.starts_at, h.upto, @now::timestamptz
		from changed h
		join channels own on own.id = h.channel_id
		join channels c on c.id = h.channel_id or c.announces = 'all'
		join networks w on w.id = c.network_id
		where c.joined and c.announce and 'outcome' = any (c.occasions)
		  and (h.public and h.told and own.visibility = 'public' and h.open or c.visibility = 'members')
		group by h.id, h.starts_at, h.upto, c.id, w.name, c.folded
		having bool_or(h.any) and bool_and(coalesce(h.known, false))
		on conflict (what, outlet, recipient, occasion) do nothing`
	from, to := now.Add(-announce.OutcomeLate-hackfest.OutcomeGrace), now.Add(-hackfest.OutcomeGrace)
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"now": now, "grace": hackfest.OutcomeGrace, "from": from, "to": to, "oldest": from.Add(-longestSession),
	})
	return classify(err, "announcement")
}

package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// planTopics notes for each channel whose topic shows the next session when that
// is another one than was noted last, or has another plan; and, when there is
// none any more or the channel shows it no longer, that it is to go. A session
// that runs is the next one until it is over.
func (s *Store) planTopics(ctx context.Context, _, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, channel_id, session_id, starts_at, due_at, created_at)
		select 'topic/' || coalesce(n.id || '/' || n.sequence, 'none') || '/' || coalesce(last.id, 0), 'topic', w.name || '/' || c.folded, 'topic',
			c.id, n.id, n.starts_at, @now, @now
		from channels c
		join networks w on w.id = c.network_id
		left join lateral (
			select s.id, s.sequence, s.starts_at
			from sessions s
			join channels h on h.id = s.channel_id
			where c.topic and c.announce and c.joined and s.state = 'scheduled' and (s.running > 0 or s.held = 0 and s.ends_at > @now)
			  and (c.announces = 'all' or h.id = c.id)
			  and (c.visibility = 'members' or s.visibility = 'public' and h.visibility = 'public')
			order by s.starts_at, s.id
			limit 1) n on true
		left join lateral (
			select d.id, d.session_id, d.what
			from deliveries d
			where d.outlet = 'topic' and d.occasion = 'topic' and d.channel_id = c.id
			order by d.id desc
			limit 1) last on true
		where case
			when n.id is null then last.session_id is not null
			else last.id is null or not starts_with(last.what, 'topic/' || n.id || '/' || n.sequence || '/')
			end
		on conflict (what, outlet, recipient, occasion) do nothing`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"now": now})
	return classify(err, "announcement")
}

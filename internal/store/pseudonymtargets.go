package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// replaceInTargets is about who proposed a target on IRC, and what it says of
// them; that somebody wants one under a nick is forgotten.
func (s *Store) replaceInTargets(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		with wanted as (
			delete from target_backers b where b.network = @network and b.nick ~* @text and b.created_at >= @since and b.created_at < @until)
		update targets t set
			proposer = regexp_replace(t.proposer, @text, @pseudonym, 'gi'),
			name = left(regexp_replace(t.name, @text, @pseudonym, 'gi'), 120),
			about = regexp_replace(t.about, @text, @pseudonym, 'gi')
		where t.via = 'irc' and t.created_at >= @since and t.created_at < @until
		  and (t.channel_id is null
			or t.channel_id in (select c.id from channels c join networks w on w.id = c.network_id where w.name = @network))
		  and (t.proposer ~* @text or t.name ~* @text or t.about ~* @text)`
	return s.exec(ctx, q, args)
}

// replaceInTargetEvents is about who did something to a target, and whom it was
// given to.
func (s *Store) replaceInTargetEvents(ctx context.Context, args pgx.NamedArgs) error {
	const q = `
		update target_events e set
			actor = case when e.person_id = @person then @pseudonym else regexp_replace(e.actor, @text, @pseudonym, 'gi') end,
			note = case when e.deed = 'owned' and lower(e.note) = lower(p.name) then @pseudonym else e.note end
		from people p
		where p.id = @person and (e.person_id = p.id or e.actor ~* @text or e.deed = 'owned' and lower(e.note) = lower(p.name))`
	return s.exec(ctx, q, args)
}

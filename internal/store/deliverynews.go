package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
)

// planNews notes where news are shown and told, as far as their author said:
// on the site, as a line in channels, and in their topics.
func (s *Store) planNews(ctx context.Context, _, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, channel_id, news_id, due_at, created_at)
		select 'news/' || n.id, o.outlet, 'site', 'news', null, n.id, n.published_at, @now::timestamptz
		from news n
		join unnest(n.outlets) o (outlet) on o.outlet = 'site'
		where n.state = 'published' and n.published_at > @back and n.published_at <= @now
		union all
		select 'news/' || n.id, o.outlet, w.name || '/' || c.folded, 'news', c.id, n.id, n.published_at, @now
		from news n
		join unnest(n.outlets) o (outlet) on o.outlet in ('irc', 'topic')
		join news_channels x on x.news_id = n.id
		join channels c on c.id = x.channel_id
		join networks w on w.id = c.network_id
		where n.state = 'published' and n.published_at > @back and n.published_at <= @now and c.joined and c.announce and 'news' = any (c.occasions)
		on conflict (what, outlet, recipient, occasion) do nothing`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"now": now, "back": now.Add(-announce.NewsLate)})
	return classify(err, "announcement")
}

// planNewsMails notes the mails with news.
func (s *Store) planNewsMails(ctx context.Context, _, now time.Time) error {
	const q = `
		insert into deliveries (what, outlet, recipient, occasion, subscriber_id, news_id, due_at, created_at)
		with out as materialized (
			select n.id, n.published_at from news n
			where n.state = 'published' and 'mail' = any (n.outlets) and n.published_at > @back and n.published_at <= @now
			  and not exists (select 1 from deliveries d where d.what = 'news/' || n.id and d.outlet = 'mail'))
		select distinct 'news/' || n.id, 'mail', 'subscriber/' || f.subscriber_id, 'news', f.subscriber_id, n.id, n.published_at, @now::timestamptz
		from out n
		join subscribed f on f.scope in ('all', 'news')
		where f.pace = 'each' and f.confirmed_at <= n.published_at
		on conflict (what, outlet, recipient, occasion) do nothing`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"now": now, "back": now.Add(-announce.NewsLate)})
	return classify(err, "announcement")
}

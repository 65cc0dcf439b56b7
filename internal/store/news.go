package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// selectNews is the head of every query for news. What is not published yet, or
// not any more, maintainers see alone; a session that a viewer may not see is
// left out of what is told of it.
const selectNews = `
		select x.id, x.uid, x.slug, x.title, x.summary, x.body, x.tags, x.state, x.published_at, x.outlets,
			array(select nc.channel_id from news_channels nc where nc.news_id = x.id order by 1) as channels, x.banner_until,
			coalesce(seen.slug, '') as session_slug, coalesce(seen.title, '') as session_title,
			coalesce(t.slug, '') as target_slug, coalesce(t.name, '') as target_name,
			coalesce(x.author_id, 0) as author_id, coalesce(p.name, '') as author,
			coalesce(p.listed and not p.unnamed and p.suspended_at is null and p.left_at is null, false) as author_shown,
			x.corrected_at, x.correction, x.revision, x.created_at, x.changed_at
		from news x
		left join targets t on t.id = x.target_id
		left join people p on p.id = x.author_id
		left join lateral (
			select s.slug, s.title from sessions s join channels c on c.id = s.channel_id
			where s.id = x.session_id and (@members or (s.visibility = 'public' and c.visibility = 'public'))) seen on true
		where (@drafts or (x.state = 'published' and x.published_at <= @now))`

func scanNews(row pgx.CollectableRow) (hackfest.News, error) {
	var n hackfest.News
	var published, banner, corrected *time.Time
	err := row.Scan(&n.ID, &n.UID, &n.Slug, &n.Title, &n.Summary, &n.Body, &n.Tags, &n.State, &published, &n.Outlets, &n.Channels, &banner,
		&n.SessionSlug, &n.SessionTitle, &n.TargetSlug, &n.TargetName, &n.AuthorID, &n.Author, &n.AuthorShown,
		&corrected, &n.Correction, &n.Revision, &n.CreatedAt, &n.ChangedAt)
	n.PublishedAt, n.BannerUntil, n.CorrectedAt = orZero(published), orZero(banner), orZero(corrected)
	return n, err
}

// seesDrafts reports whether v may read news that are not published.
func seesDrafts(v person.Viewer) bool { return v.Role.AtLeast(person.Maintainer) }

// NewsCursor is a place in the list of news; the zero value is its beginning.
type NewsCursor struct {
	PublishedAt time.Time
	ID          hackfest.NewsID
}

// CursorAfterNews is the cursor that continues the list after n.
func CursorAfterNews(n hackfest.News) NewsCursor {
	return NewsCursor{PublishedAt: n.PublishedAt, ID: n.ID}
}

// NewsFilter says which news to list. The zero value of a field does not
// restrict the list.
type NewsFilter struct {
	Tag      string
	Target   string    // slug of the target they are about
	From, To time.Time // when they were published: from, and before
	Banner   bool      // only what all pages show
	After    NewsCursor
	Limit    int // at most that many; 0 is 100
}

// News lists the news that are published at now and match f, newest first.
func (s *Store) News(ctx context.Context, v person.Viewer, f NewsFilter, now time.Time) ([]hackfest.News, error) {
	const q = selectNews + `
		  and (x.published_at, x.id) < (@after_at, @after_id)
		  and (@tag = '' or x.tags @> array [@tag::text])
		  and (@target = '' or t.slug = @target)
		  and (@from::timestamptz is null or x.published_at >= @from) and (@to::timestamptz is null or x.published_at < @to)
		  and (not @banner or x.banner_until > @now)
		order by x.published_at desc, x.id desc
		limit @limit`
	after := f.After
	if after.PublishedAt.IsZero() {
		after.PublishedAt = end
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"members": v.SeesMembersOnly(), "drafts": false, "now": now, "after_at": after.PublishedAt, "after_id": after.ID,
		"tag": f.Tag, "target": f.Target, "from": orNull(f.From), "to": orNull(f.To), "banner": f.Banner, "limit": limit(f.Limit),
	})
	list, err := pgx.CollectRows(rows, scanNews)
	return list, classify(err, "news")
}

// NewsChanged lists the news that are published at now, what changed last first, at
// most limit.
func (s *Store) NewsChanged(ctx context.Context, v person.Viewer, limit int, now time.Time) ([]hackfest.News, error) {
	const q = selectNews + `
		order by x.changed_at desc, x.published_at desc, x.id desc
		limit @limit`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "drafts": false, "now": now, "limit": limit})
	list, err := pgx.CollectRows(rows, scanNews)
	return list, classify(err, "news")
}

// NewsToCome lists for maintainers what is not published at now: drafts, what is
// to appear later and what was withdrawn, changed last first. For others it is
// empty.
func (s *Store) NewsToCome(ctx context.Context, v person.Viewer, now time.Time) ([]hackfest.News, error) {
	const q = selectNews + `
		  and @drafts and not (x.state = 'published' and x.published_at <= @now)
		order by x.changed_at desc, x.id desc
		limit 200`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "drafts": seesDrafts(v), "now": now})
	list, err := pgx.CollectRows(rows, scanNews)
	return list, classify(err, "news")
}

// NewsOf returns the news with this slug, or fault.NotFound. Who is no
// maintainer finds only what is published at now.
func (s *Store) NewsOf(ctx context.Context, v person.Viewer, slug string, now time.Time) (hackfest.News, error) {
	const q = selectNews + ` and x.slug = @slug`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "drafts": seesDrafts(v), "slug": slug, "now": now})
	n, err := pgx.CollectExactlyOneRow(rows, scanNews)
	return n, classify(err, "news")
}

// NewsByID returns news by their id in this database, as NewsOf does.
func (s *Store) NewsByID(ctx context.Context, v person.Viewer, id hackfest.NewsID, now time.Time) (hackfest.News, error) {
	const q = selectNews + ` and x.id = @id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly(), "drafts": seesDrafts(v), "id": id, "now": now})
	n, err := pgx.CollectExactlyOneRow(rows, scanNews)
	return n, classify(err, "news")
}

// NewsTally counts what is published at now: by tag, the most frequent first, and
// by month in the community's zone, the newest first.
func (s *Store) NewsTally(ctx context.Context, now time.Time) (tags, months []hackfest.NewsCount, err error) {
	const q = `
		select tag, null::text as month, count(*) from news x, unnest(x.tags) tag
		where x.state = 'published' and x.published_at <= @now group by tag
		union all
		select '', to_char(x.published_at at time zone @zone, 'YYYY-MM') as month, count(*) from news x
		where x.state = 'published' and x.published_at <= @now group by 2
		order by 2 desc nulls first, 3 desc, 1`
	zone := s.Zone
	if zone == nil {
		zone = time.UTC
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"now": now, "zone": zone.String()})
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (hackfest.NewsCount, error) {
		var c hackfest.NewsCount
		var month *string
		err := row.Scan(&c.Tag, &month, &c.News)
		if err == nil && month != nil {
			c.Month, err = time.ParseInLocation("2006-01", *month, zone)
		}
		return c, err
	})
	for _, c := range list {
		if c.Tag != "" {
			tags = append(tags, c)
		} else {
			months = append(months, c)
		}
	}
	return tags, months, classify(err, "news")
}

// AddNews stores a draft, or news that are published when n.State says so, and
// returns its ID. n.ID, n.UID, n.Slug, Revision and the times of its change are
// ignored: the slug is made from the title, with a number when it is taken. A
// session or target it names that does not exist is fault.NotFound, what
// hackfest.News.Check refuses is fault.Invalid.
func (s *Store) AddNews(ctx context.Context, n hackfest.News, now time.Time) (hackfest.NewsID, error) {
	const q = `
		insert into news (uid, slug, title, summary, body, tags, state, published_at, outlets, banner_until, session_id, target_id, author_id,
			created_at, changed_at)
		select @uid, @slug, @title, @summary, @body, @tags, @state, @published::timestamptz, @outlets, @banner, s.id, t.id, nullif(@author::bigint, 0),
			@now, greatest(@now::timestamptz, @published::timestamptz)
		from (select) one
		left join targets t on t.slug = @target
		left join sessions s on s.slug = @session
		where (@target = '' or t.id is not null) and (@session = '' or s.id is not null)
		returning id`
	if n.State == "" {
		n.State = hackfest.NewsDraft
	}
	if n.State == hackfest.NewsPublished && n.PublishedAt.IsZero() {
		n.PublishedAt = now
	}
	n = cleanNews(n)
	if err := n.Check(); err != nil {
		return 0, err
	}
	err := s.InTx(ctx, func(tx *Store) error {
		slug, err := tx.freeNewsSlug(ctx, n)
		if err != nil {
			return err
		}
		args := newsArgs(n, now)
		args["uid"], args["slug"], args["author"] = newUID(now), slug, n.AuthorID
		rows, _ := tx.db.Query(ctx, q, args)
		if n.ID, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.NewsID]); err != nil {
			return classify(err, "target or session for these news")
		}
		return tx.setNewsChannels(ctx, n)
	})
	return n.ID, err
}

// cleanNews makes the words of n fit for Postgres, and its outlets complete.
func cleanNews(n hackfest.News) hackfest.News {
	n.Title, n.Summary, n.Body, n.Correction = clean(n.Title), clean(n.Summary), clean(n.Body), clean(n.Correction)
	outlets := []hackfest.Outlet{hackfest.OutletSite}
	for _, o := range hackfest.Outlets[1:] {
		if n.Goes(o) {
			outlets = append(outlets, o)
		}
	}
	n.Outlets = outlets
	if n.Tags == nil {
		n.Tags = []string{}
	}
	return n
}

// newsArgs are the parameters of what people write of n.
func newsArgs(n hackfest.News, now time.Time) pgx.NamedArgs {
	return pgx.NamedArgs{
		"id": n.ID, "title": n.Title, "summary": n.Summary, "body": n.Body, "tags": n.Tags, "state": n.State, "published": orNull(n.PublishedAt),
		"outlets": n.Outlets, "banner": orNull(n.BannerUntil), "session": n.SessionSlug, "target": n.TargetSlug,
		"correction": n.Correction, "revision": n.Revision, "now": now,
	}
}

// freeNewsSlug is a slug from n's title that no other news have. Who asks at the
// same time waits.
func (s *Store) freeNewsSlug(ctx context.Context, n hackfest.News) (string, error) {
	const lock = `select pg_advisory_xact_lock(hashtext('news slugs'))`
	const q = `select slug from news where id <> @id and (slug = @slug or slug like @slug || '-%')`
	if _, err := s.db.Exec(ctx, lock); err != nil {
		return "", classify(err, "news")
	}
	slug := hackfest.Slug(n.Title)
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "id": n.ID})
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	taken := map[string]bool{}
	for _, t := range list {
		taken[t] = true
	}
	free := slug
	for i := 2; taken[free]; i++ {
		free = fmt.Sprintf("%s-%d", slug, i)
	}
	return free, classify(err, "news")
}

// setNewsChannels says in which channels n is told. One that does not exist is
// fault.Invalid.
func (s *Store) setNewsChannels(ctx context.Context, n hackfest.News) error {
	const drop = `delete from news_channels where news_id = @id`
	const q = `insert into news_channels (news_id, channel_id) select distinct @id::bigint, c from unnest(@channels::bigint[]) c`
	args := pgx.NamedArgs{"id": n.ID, "channels": n.Channels}
	if _, err := s.db.Exec(ctx, drop, args); err != nil {
		return classify(err, "news")
	}
	_, err := s.db.Exec(ctx, q, args)
	return classify(err, "channel for these news")
}

var errNewsMoved = fault.New(fault.Conflict, "Somebody changed these news first.")

// NewsReaders is how many addresses would get a mail with news at once.
func (s *Store) NewsReaders(ctx context.Context) (int, error) {
	const q = `select count(distinct f.subscriber_id) from subscribed f where f.scope in ('all', 'news') and f.pace = 'each'`
	rows, _ := s.db.Query(ctx, q)
	n, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
	return n, classify(err, "subscriber")
}

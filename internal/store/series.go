package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// selectSeries is the head of every query for series.
const selectSeries = `
		select r.id, r.slug, r.title, r.kind, r.rule, r.first, r.zone, r.length, r.uid, r.sequence, r.visibility, r.overlap_ok,
			c.id as channel_id, w.name as network, c.name as channel, c.folded,
			coalesce(t.slug, '') as target_slug, coalesce(t.name, '') as target_name
		from series r
		join channels c on c.id = r.channel_id
		join networks w on w.id = c.network_id
		left join targets t on t.id = r.target_id
		where (@members or (r.visibility = 'public' and c.visibility = 'public'))`

// seriesRow is hackfest.Series as Postgres gives it.
type seriesRow struct {
	hackfest.Series
	Folded string
}

func scanSeries(row pgx.CollectableRow) (hackfest.Series, error) {
	r, err := pgx.RowToStructByNameLax[seriesRow](row)
	r.ChannelPath = irctext.ChannelPath(r.Folded)
	return r.Series, err
}

// Series returns the series with this slug, or fault.NotFound.
func (s *Store) Series(ctx context.Context, v person.Viewer, slug string) (hackfest.Series, error) {
	const q = selectSeries + ` and r.slug = @slug`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "members": v.SeesMembersOnly()})
	r, err := pgx.CollectExactlyOneRow(rows, scanSeries)
	return r, classify(err, "series")
}

// SeriesList returns all series by title.
func (s *Store) SeriesList(ctx context.Context, v person.Viewer) ([]hackfest.Series, error) {
	const q = selectSeries + ` order by r.title, r.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanSeries)
	return list, classify(err, "series")
}

// AddSeries stores a new series and returns its ID; its sessions come with
// ExtendSeries. r.ID, r.Sequence, r.ChannelID and r.TargetName are ignored; an
// empty slug is made from the title, an empty UID is given out. The channel is
// found by r.Network and r.Channel, the target by r.TargetSlug; without them it
// is fault.NotFound.
func (s *Store) AddSeries(ctx context.Context, r hackfest.Series, now time.Time) (hackfest.SeriesID, error) {
	const q = `
		insert into series (slug, title, kind, channel_id, target_id, uid, rule, first, zone, length, visibility, overlap_ok, created_at)
		select @slug, @title, @kind, @channel, t.id, @uid, @rule, @first, @zone, @length, @visibility, @overlap_ok, @now
		from (select) one
		left join targets t on t.slug = @target
		where @target = '' or t.id is not null
		returning id`
	channel, err := s.channelID(ctx, r.Network, r.Channel)
	if err != nil {
		return 0, err
	}
	if r.Slug == "" {
		r.Slug = hackfest.Slug(r.Title)
	}
	if r.UID == "" {
		r.UID = newUID(now)
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"slug": r.Slug, "title": r.Title, "kind": r.Kind, "channel": channel, "target": r.TargetSlug, "uid": r.UID,
		"rule": r.Rule, "first": wall(r.First), "zone": r.Zone, "length": r.Length,
		"visibility": orPublic(r.Visibility), "overlap_ok": r.OverlapOK, "now": now,
	})
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.SeriesID])
	return id, classify(err, "target for this series")
}

// wall is the date and time t shows, without its zone.
func wall(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// orPublic is what a missing visibility means.
func orPublic(v person.Visibility) person.Visibility {
	if v == "" {
		return person.Public
	}
	return v
}

package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/schedule"
)

// selectSeries is the head of every query for series.
const selectSeries = `
		select r.id, r.slug, r.title, r.kind, r.about, r.visibility, r.overlap_ok, r.revision, r.created_at, r.changed_at,
			r.ended_at, r.reason, r.imported_from,
			c.id as channel_id, w.name as network, c.name as channel, c.folded,
			coalesce(t.slug, '') as target_slug, coalesce(t.name, '') as target_name,
			coalesce(h.id, 0) as host_id, coalesce(h.name, '') as host
		from series r
		join channels c on c.id = r.channel_id
		join networks w on w.id = c.network_id
		left join targets t on t.id = r.target_id
		left join people h on h.id = r.host_id
		where (@members or (r.visibility = 'public' and c.visibility = 'public'))`

// seriesRow is hackfest.Series as Postgres gives it.
type seriesRow struct {
	hackfest.Series
	EndedAt      *time.Time
	ImportedFrom string
	Folded       string
}

func scanSeries(row pgx.CollectableRow) (hackfest.Series, error) {
	r, err := pgx.RowToStructByNameLax[seriesRow](row)
	x := r.Series
	x.CreatedAt, x.ChangedAt, x.EndedAt = x.CreatedAt.UTC(), x.ChangedAt.UTC(), orZero(r.EndedAt)
	x.Foreign, x.ChannelPath = r.ImportedFrom, irctext.ChannelPath(r.Folded)
	return x, err
}

// Series returns the series with this slug, or fault.NotFound.
func (s *Store) Series(ctx context.Context, v person.Viewer, slug string) (hackfest.Series, error) {
	const q = selectSeries + ` and r.slug = @slug`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "members": v.SeesMembersOnly()})
	return s.oneSeries(ctx, rows)
}

// oneSeries reads the one series that a query finds, with its rules.
func (s *Store) oneSeries(ctx context.Context, rows pgx.Rows) (hackfest.Series, error) {
	r, err := pgx.CollectExactlyOneRow(rows, scanSeries)
	if err != nil {
		return r, classify(err, "series")
	}
	list := []hackfest.Series{r}
	err = s.fillRules(ctx, list)
	return list[0], err
}

// SeriesList returns all series by title.
func (s *Store) SeriesList(ctx context.Context, v person.Viewer) ([]hackfest.Series, error) {
	const q = selectSeries + ` order by r.title, r.id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"members": v.SeesMembersOnly()})
	list, err := pgx.CollectRows(rows, scanSeries)
	if err != nil {
		return nil, classify(err, "series")
	}
	return list, s.fillRules(ctx, list)
}

// SeriesOf returns the slug that the series has now which was called old before,
// or fault.NotFound.
func (s *Store) SeriesOf(ctx context.Context, v person.Viewer, old string) (string, error) {
	const q = `
		select r.slug
		from series_slugs o
		join series r on r.id = o.series_id
		join channels c on c.id = r.channel_id
		where o.slug = @slug and (@members or (r.visibility = 'public' and c.visibility = 'public'))`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": old, "members": v.SeesMembersOnly()})
	slug, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	return slug, classify(err, "series")
}

// Ahead is how far the sessions of series are laid out.
const Ahead = 26 * 7 * 24 * time.Hour

// AddSeries stores a new series, lays out its sessions of the coming weeks and
// returns its ID. An empty slug is made from the title, an empty UID is given
// out. The channel is found by r.Network and r.Channel, the target by
// r.TargetSlug; without them it is fault.NotFound. What r.Rule, r.First, r.Zone
// and r.Length say has to be dates, else it is fault.Invalid; and when one of a
// year is taken and r.OverlapOK is not set, fault.Conflict. An imported series
// (r.Foreign) may have several r.Rules instead. What the store makes up itself is
// ignored: ID, Sequence, Revision, ChannelID, TargetName and the like.
func (s *Store) AddSeries(ctx context.Context, r hackfest.Series, now time.Time) (hackfest.SeriesID, error) {
	if r.Slug == "" {
		r.Slug = hackfest.Slug(r.Title)
	}
	if len(r.Rules) == 0 {
		r.Rules = []hackfest.SeriesRule{{UID: r.UID, Rule: r.Rule, First: r.First, Zone: r.Zone, Length: r.Length}}
	}
	if r.Foreign == "" {
		if _, err := schedule.New(r.Rules[0].Rule, r.Rules[0].First, r.Rules[0].Zone, r.Rules[0].Length); err != nil {
			return 0, err
		}
	}
	err := s.InTx(ctx, func(tx *Store) (err error) {
		if r.ChannelID, err = tx.channelID(ctx, r.Network, r.Channel); err != nil {
			return err
		}
		if r.Foreign == "" && !r.OverlapOK {
			want := hackfest.Wanted{Network: r.Network, Channel: r.Channel, Timing: r.Rules[0].Timing()}
			if err := tx.refuseTaken(ctx, want, now); err != nil {
				return err
			}
		}
		if r.ID, err = tx.insertSeries(ctx, r, now); err != nil {
			return err
		}
		for i, q := range r.Rules {
			if r.Rules[i], err = tx.addRule(ctx, r.ID, q, now); err != nil {
				return err
			}
		}
		_, err = tx.layOut(ctx, r, r.Foreign != "", now.Add(Ahead), now)
		return err
	})
	return r.ID, err
}

func (s *Store) insertSeries(ctx context.Context, r hackfest.Series, now time.Time) (hackfest.SeriesID, error) {
	const q = `
		insert into series (slug, title, kind, channel_id, target_id, about, visibility, overlap_ok, imported_from, created_at, changed_at)
		select @slug, @title, @kind, @channel, t.id, @about, @visibility, @overlap_ok, @foreign, @now, @now
		from (select) one
		left join targets t on t.slug = @target
		where (@target = '' or t.id is not null) and not exists (select 1 from series_slugs o where o.slug = @slug)
		returning id`
	if r.TargetSlug != "" {
		if _, err := s.Target(ctx, r.TargetSlug); err != nil {
			return 0, err
		}
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"slug": r.Slug, "title": clean(r.Title), "kind": r.Kind, "channel": r.ChannelID, "target": r.TargetSlug, "about": clean(r.About),
		"visibility": orPublic(r.Visibility), "overlap_ok": r.OverlapOK, "foreign": r.Foreign, "now": now,
	})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[hackfest.SeriesID])
	if err == nil && len(ids) == 0 {
		return 0, fault.New(fault.Conflict, "Another series was called %s before, and its address still leads there.", r.Slug)
	}
	if err != nil {
		return 0, classify(err, "series")
	}
	return ids[0], nil
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

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
// is fault.NotFound, and fault.Invalid with a zone or a rule that gives no dates.
func (s *Store) AddSeries(ctx context.Context, r hackfest.Series, now time.Time) (hackfest.SeriesID, error) {
	const q = `
		insert into series (slug, title, kind, channel_id, target_id, uid, rule, first, zone, length, visibility, overlap_ok, created_at)
		select @slug, @title, @kind, @channel, t.id, @uid, @rule, @first, @zone, @length, @visibility, @overlap_ok, @now
		from (select) one
		left join targets t on t.slug = @target
		where @target = '' or t.id is not null
		returning id`
	if _, err := datesOf(r); err != nil {
		return 0, err
	}
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

// Extension is what ExtendSeries did.
type Extension struct {
	Added     int // sessions that were made
	Conflicts int // of these, how many found their channel taken
}

// ExtendSeries makes the sessions of the series with this slug that end after
// now and start before until, as far as they do not exist yet. One whose
// channel is taken is made all the same, marked with ConflictAt.
func (s *Store) ExtendSeries(ctx context.Context, slug string, until, now time.Time) (Extension, error) {
	var x Extension
	err := s.InTx(ctx, func(tx *Store) error {
		x = Extension{}
		r, err := tx.lockSeries(ctx, slug)
		if err != nil {
			return err
		}
		dates, err := datesOf(r)
		if err != nil {
			return err
		}
		made, err := tx.occurrences(ctx, r.ID)
		if err != nil {
			return err
		}
		for occ := range dates.From(now) {
			if !occ.Start.Before(until) {
				break
			}
			if made[occ.Wall] {
				continue
			}
			conflict, err := tx.materialise(ctx, r, occ, now)
			if err != nil {
				return err
			}
			x.Added++
			if conflict {
				x.Conflicts++
			}
		}
		if x.Added == 0 {
			return nil
		}
		return tx.notify(ctx, topicSessions)
	})
	return x, err
}

// lockSeries returns a series, which stays as it is until the end of the
// transaction.
func (s *Store) lockSeries(ctx context.Context, slug string) (hackfest.Series, error) {
	const q = selectSeries + ` and r.slug = @slug for update of r`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "members": true})
	r, err := pgx.CollectExactlyOneRow(rows, scanSeries)
	return r, classify(err, "series")
}

func datesOf(r hackfest.Series) (schedule.Series, error) {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return schedule.Series{}, &fault.Error{Kind: fault.Invalid, Field: "zone", Message: "There is no zone " + r.Zone + ".", Err: err}
	}
	rule, err := schedule.ParseRule(r.Rule, r.First)
	return schedule.Series{First: r.First, Zone: zone, Length: r.Length, Rule: rule}, err
}

// occurrences are the wall-clock starts that have their session, whatever
// became of it.
func (s *Store) occurrences(ctx context.Context, id hackfest.SeriesID) (map[time.Time]bool, error) {
	const q = `select s.occurrence from sessions s where s.series_id = @series`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"series": id})
	list, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	made := map[time.Time]bool{}
	for _, t := range list {
		made[t.UTC()] = true
	}
	return made, classify(err, "session")
}

// materialise makes the session of one occurrence and reports whether its
// channel was taken.
func (s *Store) materialise(ctx context.Context, r hackfest.Series, occ schedule.Occurrence, now time.Time) (conflict bool, err error) {
	const q = `set constraints sessions_channel_free immediate`
	n := newSession{
		slug: hackfest.SessionSlug(occ.Wall, r.Title), title: r.Title, kind: r.Kind, state: hackfest.StateScheduled,
		channel: r.ChannelID, target: r.TargetSlug, series: r.ID, occurrence: occ.Wall,
		startsAt: occ.Start, endsAt: occ.End, zone: r.Zone, uid: newUID(now), visibility: r.Visibility, overlapOK: r.OverlapOK,
	}
	err = s.InTx(ctx, func(tx *Store) error {
		if _, err := tx.db.Exec(ctx, q); err != nil {
			return classify(err, "session")
		}
		_, err := tx.insertSession(ctx, n, now)
		return err
	})
	if fault.KindOf(err) != fault.Conflict {
		return false, err
	}
	n.overlapOK, n.conflictAt = true, now
	_, err = s.insertSession(ctx, n, now)
	return true, err
}

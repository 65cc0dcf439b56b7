package store

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/schedule"
)

// The methods below change a series and all its sessions that have not begun, or
// nothing; what has been stays as it was. Each takes the revision that its form
// was made of, and is fault.Conflict when somebody has changed the series since (0
// does not ask); by is who does it, 0 the portal. An imported series is read-only:
// fault.Conflict. Each returns the series as it is then.

// ChangeSeries makes a series what e says. Sessions follow it in all that they
// have in common with it; those that were moved by hand keep their time and
// channel, and cancelled ones stay cancelled. A channel that is taken within a
// year is fault.Conflict unless e.OverlapOK is set.
//
// Another timing is for the dates from e.From on. As far as the old rule has dates
// before that, it ends there and a new one begins, which is another event in
// calendars; else it is changed itself. A timing whose first date lies before
// e.From keeps step with it and begins at its first date from then on. A session
// on a day that the new timing has too stays that session. Any other falls away:
// it is deleted when nothing hangs on it, else cancelled.
func (s *Store) ChangeSeries(ctx context.Context, slug string, e hackfest.SeriesEdit, revision int, by person.ID, now time.Time) (hackfest.Series, error) {
	return s.changeSeries(ctx, slug, revision, now, func(tx *Store, r *hackfest.Series) error {
		was := asItWas(*r)
		r.Title, r.Kind, r.About, r.Visibility, r.OverlapOK, r.TargetSlug = e.Title, e.Kind, e.About, orPublic(e.Visibility), e.OverlapOK, e.TargetSlug
		r.Network, r.Channel = e.Network, e.Channel
		var err error
		if r.ChannelID, err = tx.channelID(ctx, e.Network, e.Channel); err != nil {
			return err
		}
		change := &seriesChange{tx: tx, was: was, now: now, by: by, why: "The series was changed, and this date fell away."}
		if change.begun, err = tx.begun(ctx, r.ID, now); err != nil {
			return err
		}
		retimed, err := change.retime(ctx, r, e)
		if err != nil {
			return err
		}
		moved := r.ChannelID != was.ChannelID
		if moved && !retimed {
			if err := change.touchRules(ctx, r); err != nil {
				return err
			}
		}
		anew := retimed || moved || was.OverlapOK && !r.OverlapOK
		if err := change.followers(ctx, *r, anew); err != nil {
			return err
		}
		if anew && !r.OverlapOK {
			if err := tx.refuseSeriesTaken(ctx, *r, now); err != nil {
				return err
			}
		}
		if err := tx.saveSeries(ctx, *r, now); err != nil {
			return err
		}
		_, err = tx.layOut(ctx, *r, !anew, now.Add(Ahead), now)
		return err
	})
}

// SeriesEnded is why a session is cancelled whose series ended for no reason given.
const SeriesEnded = "The series has ended."

// EndSeries ends a series: last is its last wall-clock date, and zero ends it
// after the session that has begun. It stays where it is, with its past.
func (s *Store) EndSeries(ctx context.Context, slug string, last time.Time, reason string, revision int, by person.ID, now time.Time) (hackfest.Series, error) {
	return s.changeSeries(ctx, slug, revision, now, func(tx *Store, r *hackfest.Series) (err error) {
		why := reason
		if why == "" {
			why = SeriesEnded
		}
		change := &seriesChange{tx: tx, was: asItWas(*r), now: now, by: by, why: why}
		if change.begun, err = tx.begun(ctx, r.ID, now); err != nil {
			return err
		}
		if !last.IsZero() {
			change.from = day(last).AddDate(0, 0, 1)
		}
		if err := change.endRules(ctx, r, -1); err != nil {
			return err
		}
		if err := change.resettle(ctx, *r, nil); err != nil {
			return err
		}
		r.EndedAt, r.Reason = now, reason
		return tx.saveSeries(ctx, *r, now)
	})
}

// slugs are what a series may be called in addresses, as the schema has it.
var slugs = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// RenameSeries gives a series another slug. The old one leads to it for ever:
// see SeriesOf.
func (s *Store) RenameSeries(ctx context.Context, slug, to string, revision int, now time.Time) (hackfest.Series, error) {
	const keep = `insert into series_slugs (slug, series_id, created_at) values (@old, @id, @now)`
	const q = `
		update series r set slug = @slug
		where r.id = @id and not exists (select 1 from series_slugs o where o.slug = @slug)
		  and not exists (select 1 from series x where x.slug = @slug)`
	const back = `delete from series_slugs where slug = @slug and series_id = @id`
	return s.changeSeries(ctx, slug, revision, now, func(tx *Store, r *hackfest.Series) error {
		if !slugs.MatchString(to) || len(to) > 80 {
			return fault.On("slug", "An address has small letters, digits and single hyphens between them, as in weekly-hackfest.")
		}
		if to == slug {
			return nil
		}
		args := pgx.NamedArgs{"id": r.ID, "slug": to, "old": slug, "now": now}
		if _, err := tx.db.Exec(ctx, back, args); err != nil {
			return classify(err, "series")
		}
		tag, err := tx.db.Exec(ctx, q, args)
		if err == nil && tag.RowsAffected() == 0 {
			return &fault.Error{Kind: fault.Conflict, Field: "slug", Message: "Another series is or was called " + to + "."}
		}
		if err == nil {
			_, err = tx.db.Exec(ctx, keep, args)
		}
		if err != nil {
			return classify(err, "series")
		}
		r.Slug = to
		return tx.saveSeries(ctx, *r, now)
	})
}

// changeSeries locks a series, has fn change it in the store and in r, and
// returns what became of it.
func (s *Store) changeSeries(ctx context.Context, slug string, revision int, now time.Time, fn func(tx *Store, r *hackfest.Series) error) (hackfest.Series, error) {
	var r hackfest.Series
	err := s.InTx(ctx, func(tx *Store) (err error) {
		if r, err = tx.lockSeries(ctx, slug); err != nil {
			return err
		}
		switch {
		case r.Foreign != "":
			return fault.New(fault.Conflict, "This series comes from a foreign calendar (%s). It can only be changed there.", r.Foreign)
		case revision != 0 && revision != r.Revision:
			return fault.New(fault.Conflict, "Somebody else changed this series meanwhile. Look at it again, then change it.")
		}
		if err := tx.deferOverlaps(ctx); err != nil {
			return err
		}
		if err := fn(tx, &r); err != nil {
			return err
		}
		if err := tx.checkOverlaps(ctx); err != nil {
			return err
		}
		if r, err = tx.lockSeries(ctx, r.Slug); err != nil {
			return err
		}
		return tx.notify(ctx, topicSessions)
	})
	return r, err
}

// asItWas is a copy of r that does not change with it.
func asItWas(r hackfest.Series) hackfest.Series {
	r.Rules = slices.Clone(r.Rules)
	return r
}

// saveSeries stores what became of a series, its rules and slug aside.
func (s *Store) saveSeries(ctx context.Context, r hackfest.Series, now time.Time) error {
	const q = `
		update series r
		set title = @title, kind = @kind, about = @about, visibility = @visibility, overlap_ok = @overlap_ok, channel_id = @channel,
			target_id = (select t.id from targets t where t.slug = @target), ended_at = @ended, reason = @reason,
			revision = r.revision + 1, changed_at = @now
		where r.id = @id`
	if r.Title == "" {
		return fault.On("title", "A series needs a title.")
	}
	if r.TargetSlug != "" {
		if _, err := s.Target(ctx, r.TargetSlug); err != nil {
			return err
		}
	}
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"id": r.ID, "title": clean(r.Title), "kind": r.Kind, "about": clean(r.About), "visibility": r.Visibility, "overlap_ok": r.OverlapOK,
		"channel": r.ChannelID, "target": r.TargetSlug, "ended": orNull(r.EndedAt), "reason": clean(r.Reason), "now": now,
	})
	return classify(err, "series")
}

// begun is until when what a series has begun counts as past: now, or the start
// of a session that was begun before its time.
func (s *Store) begun(ctx context.Context, id hackfest.SeriesID, now time.Time) (time.Time, error) {
	const q = `select coalesce(max(s.starts_at), @now) from sessions s where s.series_id = @id and s.held > 0 and s.starts_at > @now`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "now": now})
	at, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[time.Time])
	return at.UTC(), classify(err, "session")
}

// refuseSeriesTaken refuses a series whose channel is taken on a date to come.
func (s *Store) refuseSeriesTaken(ctx context.Context, r hackfest.Series, now time.Time) error {
	for _, q := range r.Rules {
		if q.Void {
			continue
		}
		want := hackfest.Wanted{SeriesSlug: r.Slug, Network: r.Network, Channel: r.Channel, Timing: q.Timing()}
		if err := s.refuseTaken(ctx, want, now); err != nil {
			return err
		}
	}
	return nil
}

// day is the date of a wall-clock time.
func day(wall time.Time) time.Time {
	y, m, d := wall.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// sameTiming reports whether two timings are the same dates.
func sameTiming(dates schedule.Series, q hackfest.Timing) bool {
	return dates.Rule.String() == q.Rule && dates.First.Equal(wall(q.First)) && dates.Zone.String() == q.Zone && dates.Length == q.Length
}

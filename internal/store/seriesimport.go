package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/schedule"
)

// ImportSeries brings an event of a foreign calendar in as a series that can only
// be read here, or brings the one of that UID up to date. What is over stays as it
// was. Sent again, it changes nothing. It is fault.Conflict when the UID is of a
// series of our own.
func (s *Store) ImportSeries(ctx context.Context, x hackfest.ForeignSeries, now time.Time) (hackfest.Imported, error) {
	const q = `
		select r.slug, r.imported_from
		from series_rules k join series r on r.id = k.series_id
		where k.uid = @uid`
	var done hackfest.Imported
	err := s.InTx(ctx, func(tx *Store) error {
		done = hackfest.Imported{}
		var from string
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"uid": x.UID})
		_, err := pgx.ForEachRow(rows, []any{&done.Slug, &from}, func() error { return nil })
		switch {
		case err != nil:
			return classify(err, "series")
		case done.Slug != "" && from == "":
			return fault.New(fault.Conflict, "%s is a series of ours.", done.Slug)
		case done.Slug == "":
			done.New = true
			if done.Slug, err = tx.freeSlug(ctx, hackfest.Slug(x.Title)); err != nil {
				return err
			}
			x.Slug, x.OverlapOK = done.Slug, true
			if _, err := tx.AddSeries(ctx, x.Series, now); err != nil {
				return err
			}
		}
		r, err := tx.lockSeries(ctx, done.Slug)
		if err != nil {
			return err
		}
		if !done.New {
			if err := tx.followForeign(ctx, &r, x, &done, now); err != nil {
				return err
			}
		}
		return tx.applyForeign(ctx, r, x.Dates, &done, now)
	})
	return done, err
}

// freeSlug is slug, or with a number behind it when a series has it.
func (s *Store) freeSlug(ctx context.Context, slug string) (string, error) {
	const q = `
		select coalesce(nullif(@slug, ''), 'calendar') || case when n = 1 then '' else '-' || n end
		from generate_series(1, 1000) n
		where not exists (
			select 1 from (select slug from series union all select slug from series_slugs) u
			where u.slug = coalesce(nullif(@slug, ''), 'calendar') || case when n = 1 then '' else '-' || n end)
		order by n limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug})
	free, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	return free, classify(err, "series")
}

// followForeign gives a foreign series the title and the times it has there now.
func (s *Store) followForeign(ctx context.Context, r *hackfest.Series, x hackfest.ForeignSeries, done *hackfest.Imported, now time.Time) error {
	dates, err := schedule.Read(x.Rule, x.First, x.Zone, x.Length)
	if err != nil {
		return err
	}
	ours, err := schedule.Read(r.Rule, r.First, r.Zone, r.Length)
	if err != nil {
		return err
	}
	retimed := !sameAhead(dates, ours, now)
	if !retimed && r.Title == clean(x.Title) && r.About == clean(x.About) {
		return nil
	}
	done.Changed++
	change := &seriesChange{tx: s, was: asItWas(*r), now: now, begun: now, why: "It fell away in the calendar it comes from."}
	r.Title, r.About = x.Title, x.About
	if retimed {
		if _, err := change.retime(ctx, r, hackfest.SeriesEdit{Timing: x.Timing()}); err != nil {
			return err
		}
	}
	if err := s.saveSeries(ctx, *r, now); err != nil {
		return err
	}
	if *r, err = s.lockSeries(ctx, r.Slug); err != nil {
		return err
	}
	_, err = s.layOut(ctx, *r, true, now.Add(Ahead), now)
	return err
}

// sameAhead reports whether two series take place at the same times from now on.
func sameAhead(a, b schedule.Series, now time.Time) bool {
	const enough = 60 // dates
	x, y := a.Next(enough, now), b.Next(enough, now)
	if len(x) != len(y) || a.Zone.String() != b.Zone.String() {
		return false
	}
	for i := range x {
		if !x[i].Start.Equal(y[i].Start) || !x[i].End.Equal(y[i].End) {
			return false
		}
	}
	return true
}

// applyForeign moves and cancels what is moved and cancelled there. A date that
// is further ahead than others are laid out becomes a session now.
func (s *Store) applyForeign(ctx context.Context, r hackfest.Series, dates []hackfest.ForeignDate, done *hackfest.Imported, now time.Time) error {
	for _, d := range dates {
		for _, rule := range r.Rules {
			wanted, err := datesOf(rule)
			if err != nil {
				return err
			}
			start := schedule.Instant(d.Occurrence, wanted.Zone)
			if rule.Void || !start.After(now) {
				continue
			}
			for o := range wanted.Between(start.Add(-time.Minute), start.Add(time.Minute)) {
				if !o.Wall.Equal(d.Occurrence) {
					continue
				}
				if err := s.applyDate(ctx, r, rule, o, d, done, now); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// applyDate has one date of a foreign series be as it is there.
func (s *Store) applyDate(ctx context.Context, r hackfest.Series, rule hackfest.SeriesRule, o schedule.Occurrence, d hackfest.ForeignDate, done *hackfest.Imported, now time.Time) error {
	const q = `
		update sessions
		set state = @state, title = @title, starts_at = @starts, ends_at = @ends, reason = @reason, moved = @moved, overridden = true, overlap_ok = true,
			moved_from = case when starts_at <> @starts then starts_at else moved_from end,
			faded_at = case when @out then @now::timestamptz end, sequence = sequence + 1, revision = revision + 1, changed_at = @now
		where rule_id = @rule and occurrence = @occurrence and held = 0
		  and (state, title, starts_at, ends_at, faded_at is not null) is distinct from (@state, @title, @starts, @ends, @out)`
	made, err := s.occurrences(ctx, rule.ID)
	if err != nil {
		return err
	}
	if !made[o.Wall] {
		if _, err := s.materialise(ctx, r, rule, o, true, now); err != nil {
			return err
		}
	}
	args := pgx.NamedArgs{
		"state": hackfest.StateScheduled, "title": clean(d.Title), "starts": d.StartsAt, "ends": d.EndsAt, "reason": "",
		"moved": true, "out": d.Out, "now": now, "rule": rule.ID, "occurrence": o.Wall,
	}
	if d.Title == "" {
		args["title"] = r.Title
	}
	if d.Cancelled || d.Out {
		args["state"], args["reason"] = hackfest.StateCancelled, "It is cancelled in the calendar it comes from."
	}
	tag, err := s.db.Exec(ctx, q, args)
	done.Changed += int(tag.RowsAffected())
	return classify(err, "session")
}

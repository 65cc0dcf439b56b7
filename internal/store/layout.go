package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/schedule"
)

// Extension is what ExtendSeries did.
type Extension struct {
	Added     int // sessions that were made
	Conflicts int // of these, how many found their channel taken
}

// ExtendSeries makes the sessions of the series with this slug that end after
// now and start before until, as far as they do not exist yet. One whose
// channel is taken is made all the same, marked with ConflictAt. Dates that fell
// away stay away: those of a series that was ended, or of before it was changed.
func (s *Store) ExtendSeries(ctx context.Context, slug string, until, now time.Time) (Extension, error) {
	var x Extension
	err := s.InTx(ctx, func(tx *Store) error {
		r, err := tx.lockSeries(ctx, slug)
		if err != nil {
			return err
		}
		x, err = tx.layOut(ctx, r, true, until, now)
		return err
	})
	return x, err
}

// lockSeries returns a series, which stays as it is until the end of the
// transaction.
func (s *Store) lockSeries(ctx context.Context, slug string) (hackfest.Series, error) {
	const q = selectSeries + ` and r.slug = @slug for update of r`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug, "members": true})
	return s.oneSeries(ctx, rows)
}

// layOut makes the sessions of a locked series that end after now and start
// before until and do not exist. With collide, one whose channel is taken is made
// all the same and marked; else that is fault.Conflict.
func (s *Store) layOut(ctx context.Context, r hackfest.Series, collide bool, until, now time.Time) (Extension, error) {
	var x Extension
	for _, rule := range r.Rules {
		if rule.Void {
			continue
		}
		dates, err := datesOf(rule)
		if err != nil {
			return x, err
		}
		made, err := s.occurrences(ctx, rule.ID)
		if err != nil {
			return x, err
		}
		for occ := range dates.Between(now, until) {
			if made[occ.Wall] {
				continue
			}
			conflict, err := s.materialise(ctx, r, rule, occ, collide, now)
			if err != nil {
				return x, err
			}
			x.Added++
			if conflict {
				x.Conflicts++
			}
		}
	}
	if x.Added == 0 {
		return x, nil
	}
	return x, s.notify(ctx, topicSessions)
}

// occurrences are the wall-clock starts of a rule that have their session,
// whatever became of it.
func (s *Store) occurrences(ctx context.Context, id hackfest.RuleID) (map[time.Time]bool, error) {
	const q = `select s.occurrence from sessions s where s.rule_id = @rule`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"rule": id})
	list, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	made := map[time.Time]bool{}
	for _, t := range list {
		made[t.UTC()] = true
	}
	return made, classify(err, "session")
}

// materialise makes the session of one occurrence and reports whether its
// channel was taken.
func (s *Store) materialise(ctx context.Context, r hackfest.Series, rule hackfest.SeriesRule, occ schedule.Occurrence, collide bool, now time.Time) (conflict bool, err error) {
	n := newSession{
		slug: hackfest.SessionSlug(occ.Wall, r.Title), title: r.Title, kind: r.Kind, state: hackfest.StateScheduled,
		channel: r.ChannelID, target: r.TargetSlug, series: r.ID, rule: rule.ID, occurrence: occ.Wall, sequence: rule.Sequence,
		startsAt: occ.Start, endsAt: occ.End, zone: rule.Zone, uid: newUID(now), visibility: r.Visibility, overlapOK: r.OverlapOK,
	}
	if !collide {
		_, err = s.insertSession(ctx, n, now)
		return false, err
	}
	err = s.InTx(ctx, func(tx *Store) error {
		if err := tx.checkOverlaps(ctx); err != nil {
			return err
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

// deferOverlaps has double-booking looked for when checkOverlaps is called, or at
// the end of the transaction: sessions that change places may pass each other.
func (s *Store) deferOverlaps(ctx context.Context) error {
	const q = `set constraints sessions_channel_free deferred`
	_, err := s.db.Exec(ctx, q)
	return classify(err, "session")
}

// checkOverlaps has double-booking found now, and from now on at once.
func (s *Store) checkOverlaps(ctx context.Context) error {
	const q = `set constraints sessions_channel_free immediate`
	_, err := s.db.Exec(ctx, q)
	return classify(err, "session")
}

// ResettleSeries works out anew when the sessions of a series are that have not
// begun, for when the zone database has changed: one that its zone puts at another
// instant than it has is moved there, and marked when its channel is taken then.
// What was moved by hand stays. It returns how many there were.
func (s *Store) ResettleSeries(ctx context.Context, slug string, now time.Time) (int, error) {
	const q = `
		select s.id, s.rule_id, s.occurrence, s.starts_at, s.held, s.moved
		from sessions s
		where s.series_id = @series and s.rule_id is not null and s.starts_at > @now and s.held = 0 and not s.moved
		order by s.id
		for update`
	n := 0
	err := s.InTx(ctx, func(tx *Store) error {
		r, err := tx.lockSeries(ctx, slug)
		if err != nil {
			return err
		}
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"series": r.ID, "now": now})
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[dated])
		if err != nil {
			return classify(err, "session")
		}
		for _, rule := range r.Rules {
			zone, err := schedule.Zone(rule.Zone)
			if err != nil {
				return err
			}
			for _, x := range list {
				if start := schedule.Instant(x.Occurrence, zone); x.RuleID == rule.ID && !start.Equal(x.StartsAt) {
					if err := tx.shift(ctx, x.ID, start, start.Add(rule.Length), now); err != nil {
						return err
					}
					n++
				}
			}
		}
		if n == 0 {
			return nil
		}
		return tx.notify(ctx, topicSessions)
	})
	return n, err
}

// shift gives a session other instants, and a mark when its channel is taken then.
func (s *Store) shift(ctx context.Context, id hackfest.SessionID, start, end, now time.Time) error {
	const q = `
		update sessions
		set starts_at = @start, ends_at = @end, sequence = sequence + 1, revision = revision + 1, changed_at = @now,
			overlap_ok = overlap_ok or @taken, conflict_at = case when @taken then @now else conflict_at end
		where id = @id`
	args := pgx.NamedArgs{"id": id, "start": start, "end": end, "now": now, "taken": false}
	err := s.InTx(ctx, func(tx *Store) error {
		if err := tx.checkOverlaps(ctx); err != nil {
			return err
		}
		_, err := tx.db.Exec(ctx, q, args)
		return classify(err, "session")
	})
	if fault.KindOf(err) == fault.Conflict {
		args["taken"] = true
		_, err = s.db.Exec(ctx, q, args)
	}
	return classify(err, "session")
}

// LaidOutBy returns by which release of the zone database the sessions of series
// were worked out last; "" is none yet.
func (s *Store) LaidOutBy(ctx context.Context) (string, error) {
	const q = `select tzdata from laid_out`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(list) == 0 {
		return "", classify(err, "zone database")
	}
	return list[0], nil
}

// SetLaidOutBy keeps by which release of the zone database they were.
func (s *Store) SetLaidOutBy(ctx context.Context, tzdata string, now time.Time) error {
	const q = `
		insert into laid_out (tzdata, at) values (@tzdata, @now)
		on conflict (one) do update set tzdata = @tzdata, at = @now`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"tzdata": tzdata, "now": now})
	return classify(err, "zone database")
}

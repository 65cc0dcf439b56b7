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

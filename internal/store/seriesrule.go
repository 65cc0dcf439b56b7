package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/schedule"
)

// ruleRow is hackfest.SeriesRule as Postgres gives it.
type ruleRow struct {
	hackfest.SeriesRule
	SeriesID hackfest.SeriesID
}

// fillRules reads the rules of the series in list.
func (s *Store) fillRules(ctx context.Context, list []hackfest.Series) error {
	const q = `
		select q.series_id, q.id, q.uid, q.sequence, q.rule, q.first, q.zone, q.length, q.void, q.changed_at
		from series_rules q
		where q.series_id = any(@ids)
		order by q.series_id, q.id`
	ids := make([]hackfest.SeriesID, len(list))
	for i, r := range list {
		ids[i] = r.ID
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"ids": ids})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[ruleRow])
	if err != nil {
		return classify(err, "series")
	}
	of := map[hackfest.SeriesID][]hackfest.SeriesRule{}
	for _, q := range found {
		q.First, q.ChangedAt = q.First.UTC(), q.ChangedAt.UTC()
		of[q.SeriesID] = append(of[q.SeriesID], q.SeriesRule)
	}
	for i := range list {
		list[i].Rules = of[list[i].ID]
		showLast(&list[i])
	}
	return nil
}

// showLast has r tell what its last rule says: the last with any dates.
func showLast(r *hackfest.Series) {
	if len(r.Rules) == 0 {
		return
	}
	last := r.Rules[len(r.Rules)-1]
	for _, q := range r.Rules {
		if !q.Void {
			last = q
		}
	}
	r.Rule, r.First, r.Zone, r.Length, r.UID, r.Sequence = last.Rule, last.First, last.Zone, last.Length, last.UID, last.Sequence
}

// datesOf are the dates of a stored rule.
func datesOf(q hackfest.SeriesRule) (schedule.Series, error) {
	return schedule.Read(q.Rule, q.First, q.Zone, q.Length)
}

// addRule stores a rule of a series, in the one form that equal rules have, and
// gives it an ID and, if it has none, a UID.
func (s *Store) addRule(ctx context.Context, series hackfest.SeriesID, x hackfest.SeriesRule, now time.Time) (hackfest.SeriesRule, error) {
	const q = `
		insert into series_rules (series_id, uid, sequence, rule, first, zone, length, created_at, changed_at)
		values (@series, @uid, @sequence, @rule, @first, @zone, @length, @now, @now)
		returning id`
	dates, err := datesOf(x)
	if err != nil {
		return x, err
	}
	if x.UID == "" {
		x.UID = newUID(now)
	}
	x.Rule, x.First, x.ChangedAt, x.Void = dates.Rule.String(), wall(x.First), now, false
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"series": series, "uid": x.UID, "sequence": x.Sequence, "rule": x.Rule, "first": x.First, "zone": x.Zone, "length": x.Length, "now": now,
	})
	x.ID, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.RuleID])
	return x, classify(err, "series")
}

// setRule stores a rule that has changed: calendars are told by its SEQUENCE.
func (s *Store) setRule(ctx context.Context, x *hackfest.SeriesRule, now time.Time) error {
	const q = `
		update series_rules
		set sequence = @sequence, rule = @rule, first = @first, zone = @zone, length = @length, void = @void, changed_at = @now
		where id = @id`
	x.Sequence++
	x.ChangedAt = now
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{
		"id": x.ID, "sequence": x.Sequence, "rule": x.Rule, "first": wall(x.First), "zone": x.Zone, "length": x.Length, "void": x.Void, "now": now,
	})
	return classify(err, "series")
}

package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

const factsSessions = 50 // how many coming sessions the bot answers about

// Facts returns what the bot answers from, as v may know it.
func (s *Store) Facts(ctx context.Context, v person.Viewer, now time.Time) (announce.Facts, error) {
	f := announce.Facts{At: now}
	live, err := s.LiveSessions(ctx, v, now)
	if err != nil {
		return f, err
	}
	coming, err := s.Sessions(ctx, v, SessionFilter{From: now, Limit: factsSessions})
	if err != nil {
		return f, err
	}
	seen := map[hackfest.SessionID]bool{}
	for _, one := range append(live, coming...) {
		if !seen[one.ID] {
			f.Sessions = append(f.Sessions, one)
		}
		seen[one.ID] = true
	}
	if f.Targets, err = s.Targets(ctx); err != nil {
		return f, err
	}
	f.Lessons, err = s.newestLessons(ctx)
	return f, err
}

// newestLessons are the newest few lessons of each target and of none, newest
// first.
func (s *Store) newestLessons(ctx context.Context) ([]hackfest.Lesson, error) {
	const q = `
		select x.id, x.text, x.kind, x.scope, x.image, x.target_slug, x.target_name,
			x.published_at
		from (
			select l.id, l.text, l.kind, l.scope, l.image, coalesce(t.slug, '') as target_slug, coalesce(t.name, '') as target_name,
				l.published_at, row_number() over (partition by l.target_id order by l.published_at desc, l.id desc) as place
			from lessons l
			left join targets t on t.id = l.target_id
			where l.published_at is not null and l.redacted_at is null and l.retired_at is null) x
		where x.place <= @most
		order by x.published_at desc, x.id desc`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"most": announce.MaxLessons})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[hackfest.Lesson])
	return list, classify(err, "lesson")
}

// PlanDeliveries notes what has to be announced until the given instant, at
// most once to each recipient, and what could not be announced in the last hour.
// Sessions made on the spot, or begun already, and sessions for members in a
// public channel are not announced; nor are corrections of minutes. Channels are
// not told of changes of what is more than two days ahead; who follows it is.
func (s *Store) PlanDeliveries(ctx context.Context, until, now time.Time) error {
	return s.InTx(ctx, func(tx *Store) error {
		for _, plan := range []func(ctx context.Context, until, now time.Time) error{
			tx.planStarts, tx.planReminders, tx.planNotices, tx.planChanges, tx.planChangeMails, tx.planMinutes, tx.planMinutesMails, tx.planOutcomes,
			tx.planNews, tx.planNewsMails, tx.planDigests, tx.planTopics,
		} {
			if err := plan(ctx, until, now); err != nil {
				return err
			}
		}
		return nil
	})
}

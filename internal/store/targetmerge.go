package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// mergeSteps give everything that belongs to target @from to target @into. Each
// table that refers to targets is in one of them, which a test sees to.
var mergeSteps = []string{
	`update sessions set target_id = @into where target_id = @from`,
	`update series set target_id = @into where target_id = @from`,
	`update lessons set target_id = @into where target_id = @from`,
	`update news set target_id = @into where target_id = @from`,
	`update target_slugs set target_id = @into where target_id = @from`,
	`update target_events set target_id = @into where target_id = @from`,
	`update target_proposals set target_id = @into where target_id = @from`,
	`delete from target_backers b where b.target_id = @from and exists (
		select 1 from target_backers x
		where x.target_id = @into and (x.person_id, x.network, x.nick) is not distinct from (b.person_id, b.network, b.nick))`,
	`update target_backers set target_id = @into where target_id = @from`,
	`delete from follows f where f.target_id = @from and exists (
		select 1 from follows x where x.target_id = @into and x.subscriber_id = f.subscriber_id)`,
	`update follows set target_id = @into where target_id = @from`,
	`update checklist_items set target_id = @into, position = position + 1000 where target_id = @from`,
	`update recipes set target_id = @into where target_id = @from`,
	`delete from repository_uses u where u.target_id = @from and exists (
		select 1 from repository_uses x where x.target_id = @into and x.repository_id = u.repository_id)`,
	`update repository_uses set target_id = @into where target_id = @from`,
}

// MergeTarget makes a target part of another: its sessions, series, lessons,
// checks, recipes, repositories, history and those who want it go there, and its addresses lead
// there for ever. The other keeps its own words, stage and owner. It cannot be
// taken back.
func (s *Store) MergeTarget(ctx context.Context, slug, into string, by person.Actor, now time.Time) (hackfest.Target, error) {
	const drop = `delete from targets where id = @from`
	const keep = `insert into target_slugs (slug, target_id, created_at) values (@slug, @into, @now)`
	if slug == into {
		return hackfest.Target{}, fault.On("into", "Choose another target.")
	}
	from, err := s.Target(ctx, slug)
	if err != nil {
		return from, err
	}
	event := hackfest.TargetEvent{At: now, Deed: hackfest.TargetMerged, Note: from.Name}
	t, err := s.changeTarget(ctx, into, 0, event, by, func(tx *Store, t *hackfest.Target, _ *hackfest.TargetEvent) error {
		from, err := tx.lockTarget(ctx, slug)
		if err != nil {
			return err
		}
		args := pgx.NamedArgs{"from": from.ID, "into": t.ID, "slug": slug, "now": now}
		for _, step := range mergeSteps {
			if _, err := tx.db.Exec(ctx, step, args); err != nil {
				return classify(err, "target")
			}
		}
		if _, err := tx.db.Exec(ctx, drop, args); err != nil {
			return classify(err, "target")
		}
		_, err = tx.db.Exec(ctx, keep, args)
		return classify(err, "target")
	})
	if fault.KindOf(err) == fault.NotFound {
		return t, fault.On("into", "There is no such target.")
	}
	return t, err
}

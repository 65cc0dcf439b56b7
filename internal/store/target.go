package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

func scanTarget(row pgx.CollectableRow) (hackfest.Target, error) {
	t, err := pgx.RowToStructByName[hackfest.Target](row)
	t.StagedAt, t.CreatedAt = t.StagedAt.UTC(), t.CreatedAt.UTC()
	return t, err
}

// Targets returns all targets in the order of the board's columns, those that
// came to their stage last first.
func (s *Store) Targets(ctx context.Context) ([]hackfest.Target, error) {
	const q = `
		select id, slug, name, stage, sentence, about, staged_at, created_at
		from targets
		order by staged_at desc, id`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, scanTarget)
	slices.SortStableFunc(list, func(a, b hackfest.Target) int {
		return slices.Index(hackfest.TargetStages, a.Stage) - slices.Index(hackfest.TargetStages, b.Stage)
	})
	return list, classify(err, "target")
}

// Target returns the target with this slug, or fault.NotFound.
func (s *Store) Target(ctx context.Context, slug string) (hackfest.Target, error) {
	const q = `
		select id, slug, name, stage, sentence, about, staged_at, created_at
		from targets
		where slug = @slug`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug})
	t, err := pgx.CollectExactlyOneRow(rows, scanTarget)
	return t, classify(err, "target")
}

// AddTarget stores a new target and returns its ID. t.ID and t.CreatedAt are
// ignored; an empty slug is made from the name, no stage is an idea, and
// without StagedAt it came to its stage now.
func (s *Store) AddTarget(ctx context.Context, t hackfest.Target, now time.Time) (hackfest.TargetID, error) {
	const q = `
		insert into targets (slug, name, stage, sentence, about, staged_at, created_at)
		values (@slug, @name, @stage, @sentence, @about, @staged, @now)
		returning id`
	if t.Slug == "" {
		t.Slug = hackfest.Slug(t.Name)
	}
	if t.Stage == "" {
		t.Stage = hackfest.StageIdea
	}
	if t.StagedAt.IsZero() {
		t.StagedAt = now
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"slug": t.Slug, "name": t.Name, "stage": t.Stage, "sentence": t.Sentence, "about": t.About,
		"staged": t.StagedAt, "now": now,
	})
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.TargetID])
	return id, classify(err, "target")
}

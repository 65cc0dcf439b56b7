package store_test

import (
	"sync"
	"testing"

	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// Four programs that start at once on a new database all come up.
func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), testdb.Empty(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			pool, err := store.NewPool(ctx, url)
			if err != nil {
				t.Error(err)
				return
			}
			defer pool.Close()
			if err := store.Migrate(ctx, pool); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	pool, err := store.NewPool(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	steps, err := store.MigrationStatus(ctx, pool)
	if err != nil || len(steps) < 8 {
		t.Fatalf("%d steps, %v", len(steps), err)
	}
	for _, s := range steps {
		if s.AppliedAt.IsZero() {
			t.Errorf("%s is not applied", s.Name)
		}
	}
}

func TestMigrationStatusOfANewDatabase(t *testing.T) {
	t.Parallel()
	pool, err := store.NewPool(t.Context(), testdb.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	steps, err := store.MigrationStatus(t.Context(), pool)
	if err != nil || len(steps) < 8 || !steps[0].AppliedAt.IsZero() {
		t.Errorf("%+v, %v", steps, err)
	}
}

package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
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

// Whoever comes while migrations run waits for them, and no longer than it
// wants to.
func TestMigrateWaitsForTheLock(t *testing.T) {
	t.Parallel()
	pool, err := store.NewPool(t.Context(), testdb.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "select pg_advisory_lock($1)", int64(store.LockMigrate)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := store.Migrate(ctx, pool); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("while another migrates: %v", err)
	}
	var begun bool
	if err := conn.QueryRow(t.Context(), "select to_regclass('people') is not null").Scan(&begun); err != nil || begun {
		t.Errorf("it began without the lock: %v, %v", begun, err)
	}
	if _, err := conn.Exec(t.Context(), "select pg_advisory_unlock($1)", int64(store.LockMigrate)); err != nil {
		t.Fatal(err)
	}
	conn.Release()
	if err := store.Migrate(t.Context(), pool); err != nil {
		t.Errorf("afterwards: %v", err)
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

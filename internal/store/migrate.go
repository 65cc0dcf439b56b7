package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/eucalyptus/hackfest/migrations"
)

// Keys of our advisory locks. They are shared by all programs on a database, so
// they are drawn once and never change.
const (
	lockMigrate = 0x6861636b0001 // held while migrations run
	lockBot     = 0x6861636b0002 // held by the one bot that may be on IRC
)

// Migration is one step of the schema, ours or that of River's tables of jobs.
type Migration struct {
	Version   int64     // River counts its own
	Name      string    // of its file; River's begin with "river: "
	AppliedAt time.Time // UTC; zero when it is still to be applied
}

// Migrate brings the schema of pool's database up to date. Any number of
// programs may do so at once: one works, the others wait until ctx ends.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	return migrating(ctx, pool, func(p *goose.Provider) error {
		if _, err := p.Up(ctx); err != nil {
			return err
		}
		r, err := riverMigrator(pool)
		if err == nil {
			_, err = r.Migrate(ctx, rivermigrate.DirectionUp, nil)
		}
		return err
	})
}

// riverMigrator migrates the tables of River. It takes no lock of its own.
func riverMigrator(pool *pgxpool.Pool) (*rivermigrate.Migrator[pgx.Tx], error) {
	return rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
}

// MigrationStatus lists all steps this program knows, ours before River's, each
// oldest first.
func MigrationStatus(ctx context.Context, pool *pgxpool.Pool) ([]Migration, error) {
	var list []Migration
	err := migrating(ctx, pool, func(p *goose.Provider) error {
		steps, err := p.Status(ctx)
		for _, s := range steps {
			list = append(list, Migration{Version: s.Source.Version, Name: s.Source.Path, AppliedAt: s.AppliedAt})
		}
		if err != nil {
			return err
		}
		rivers, err := riverStatus(ctx, pool)
		list = append(list, rivers...)
		return err
	})
	return list, err
}

// riverStatus lists the steps of River's tables. Before the first of them there
// is no table of those applied.
func riverStatus(ctx context.Context, pool *pgxpool.Pool) ([]Migration, error) {
	const q = `select version, created_at from river_migration`
	r, err := riverMigrator(pool)
	if err != nil {
		return nil, err
	}
	existing, err := r.ExistingVersions(ctx)
	if err != nil {
		return nil, err
	}
	applied := map[int64]time.Time{}
	if len(existing) > 0 {
		rows, _ := pool.Query(ctx, q)
		var version int64
		var at time.Time
		if _, err := pgx.ForEachRow(rows, []any{&version, &at}, func() error { applied[version] = at.UTC(); return nil }); err != nil {
			return nil, err
		}
	}
	var list []Migration
	for _, m := range r.AllVersions() {
		list = append(list, Migration{Version: int64(m.Version), Name: "river: " + m.Name, AppliedAt: applied[int64(m.Version)]})
	}
	return list, nil
}

// migrating runs fn under the lock for migrations. The lock is held by an own
// connection, so that it ends with this program whatever happens to the pool.
func migrating(ctx context.Context, pool *pgxpool.Pool, fn func(*goose.Provider) error) error {
	const q = `select pg_advisory_lock($1)`
	config := pool.Config().ConnConfig
	lock, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return classify(err, "database")
	}
	defer lock.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the lock ends either way
	if _, err := lock.Exec(ctx, q, int64(lockMigrate)); err != nil {
		return classify(err, "lock for migrations")
	}
	db := stdlib.OpenDB(*config)
	defer db.Close() //nolint:errcheck // nothing is left to lose
	p, err := provider(db)
	if err != nil {
		return err
	}
	if err := fn(p); err != nil {
		return classify(fmt.Errorf("migrations: %w", err), "schema")
	}
	return nil
}

func provider(db *sql.DB) (*goose.Provider, error) {
	return goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithDisableGlobalRegistry(true))
}

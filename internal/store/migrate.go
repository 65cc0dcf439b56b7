package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/eucalyptus/hackfest/migrations"
)

// Keys of our advisory locks. They are shared by all programs on a database, so
// they are drawn once and never change.
const (
	lockMigrate = 0x6861636b0001 // held while migrations run
	lockBot     = 0x6861636b0002 // held by the one bot that may be on IRC
)

// Migration is one step of the schema.
type Migration struct {
	Version   int64
	Name      string    // of its file
	AppliedAt time.Time // UTC; zero when it is still to be applied
}

// Migrate brings the schema of pool's database up to date. Any number of
// programs may do so at once: one works, the others wait until ctx ends.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	return migrating(ctx, pool, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

// MigrationStatus lists all steps this program knows, oldest first.
func MigrationStatus(ctx context.Context, pool *pgxpool.Pool) ([]Migration, error) {
	var list []Migration
	err := migrating(ctx, pool, func(p *goose.Provider) error {
		steps, err := p.Status(ctx)
		for _, s := range steps {
			list = append(list, Migration{Version: s.Source.Version, Name: s.Source.Path, AppliedAt: s.AppliedAt})
		}
		return err
	})
	return list, err
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

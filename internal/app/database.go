package app

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/postgres"
	"github.com/eucalyptus/hackfest/internal/settings"
	"github.com/eucalyptus/hackfest/internal/store"
)

// How often an absent Postgres is asked for, and how often we say that we wait.
const (
	askAgain = time.Second
	sayAgain = 30 * time.Second
)

// database is the Postgres of a portal: one it was given, or one of its own.
type database struct {
	url     string
	pool    *pgxpool.Pool
	store   *store.Store
	private *postgres.Server // nil when a DATABASE_URL was given
}

// open starts a Postgres of our own if none is given. A given one may be away.
// After an error there is nothing to close.
func (d *database) open(ctx context.Context, s settings.Settings, log *slog.Logger) error {
	d.url = s.DatabaseURL
	if d.url == "" {
		if err := makeDataDir(s.DataDir); err != nil {
			return err
		}
		server, err := postgres.Start(ctx, postgres.Options{Dir: filepath.Join(s.DataDir, "postgres"), Log: log})
		if err != nil {
			return err
		}
		d.private, d.url = server, server.URL()
	}
	pool, err := store.NewPool(ctx, d.url)
	if err != nil {
		return errors.Join(err, d.close())
	}
	d.pool, d.store = pool, store.New(pool)
	d.store.Zone = s.Zone
	return nil
}

// close gives back the connections and stops a Postgres of our own.
func (d *database) close() error {
	if d.pool != nil {
		d.pool.Close()
	}
	if d.private == nil {
		return nil
	}
	private := d.private
	d.private = nil
	return private.Stop()
}

// prepare waits for Postgres and brings the schema up to date, or checks it.
func (d *database) prepare(ctx context.Context, migrate bool, log *slog.Logger) error {
	if migrate {
		return untilThere(ctx, log, func() error { return store.Migrate(ctx, d.pool) })
	}
	return untilThere(ctx, log, func() error {
		list, err := store.MigrationStatus(ctx, d.pool)
		missing := pending(list)
		switch {
		case err != nil:
			return err
		case len(missing) == len(list):
			return fault.New(fault.Unavailable, "The database has no schema yet; run hackfest migrate.")
		case len(missing) > 0:
			log.WarnContext(ctx, "the schema is older than this program; run hackfest migrate", "missing", len(missing), "first", missing[0].Name)
		}
		return nil
	})
}

// untilThere calls try until it returns something else than that Postgres is
// away, and says so in the log meanwhile.
func untilThere(ctx context.Context, log *slog.Logger, try func() error) error {
	var said time.Time
	for {
		err := try()
		if fault.KindOf(err) != fault.Unavailable || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if time.Since(said) > sayAgain {
			log.WarnContext(ctx, "waiting for Postgres", "err", err)
			said = time.Now()
		}
		if err := sleep(ctx, askAgain); err != nil {
			return err
		}
	}
}

// sleep waits for d, or less when ctx ends, and returns why.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Migrate brings the database up to date and returns what it applied. Unlike
// Serve it does not wait for a Postgres that is away.
func Migrate(ctx context.Context, s settings.Settings, log *slog.Logger) ([]store.Migration, error) {
	var applied []store.Migration
	err := onceOpen(ctx, s, log, func(d *database) error {
		before, err := store.MigrationStatus(ctx, d.pool)
		if err != nil {
			return err
		}
		applied = pending(before)
		return store.Migrate(ctx, d.pool)
	})
	return applied, err
}

// MigrationStatus lists all migrations, oldest first.
func MigrationStatus(ctx context.Context, s settings.Settings, log *slog.Logger) ([]store.Migration, error) {
	var list []store.Migration
	err := onceOpen(ctx, s, log, func(d *database) error {
		var err error
		list, err = store.MigrationStatus(ctx, d.pool)
		return err
	})
	return list, err
}

// onceOpen calls fn with the database and closes it.
func onceOpen(ctx context.Context, s settings.Settings, log *slog.Logger, fn func(*database) error) error {
	d := &database{}
	if err := d.open(ctx, s, log); err != nil {
		return err
	}
	return errors.Join(fn(d), d.close())
}

// pending are the migrations in list that are still to be applied.
func pending(list []store.Migration) []store.Migration {
	var missing []store.Migration
	for _, m := range list {
		if m.AppliedAt.IsZero() {
			missing = append(missing, m)
		}
	}
	return missing
}

package testdb

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/migrations"
)

// lockTemplate is the advisory lock under which one test program makes the
// template and the others wait.
const lockTemplate = 0x6861636b00ff

// makeTemplate returns the name of a database with the current schema, made if
// no test program has done so. A database of that name is complete: until then
// it has another one.
func (c *server) makeTemplate() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	sum, err := hashMigrations()
	if err != nil {
		return "", err
	}
	name := "hackfest_" + sum
	conn, err := c.admin.Acquire(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", int64(lockTemplate)); err != nil {
		return "", err
	}
	defer conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", int64(lockTemplate)) //nolint:errcheck // ends with the connection
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&exists); err != nil || exists {
		return name, err
	}
	unfinished := name + "_unfinished"
	for _, q := range []string{"drop database if exists " + unfinished + " with (force)", "create database " + unfinished} {
		if _, err := conn.Exec(ctx, q); err != nil {
			return "", err
		}
	}
	if err := migrate(ctx, c.database(unfinished)); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, "alter database "+unfinished+" rename to "+name)
	return name, err
}

func migrate(ctx context.Context, url string) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close() // a template may have no connections
	return store.Migrate(ctx, pool)
}

// hashMigrations is short for the text of all migrations.
func hashMigrations() (string, error) {
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(files) == 0 {
		return "", errors.Join(errors.New("no migrations"), err)
	}
	h := sha256.New()
	for _, file := range files {
		text, err := fs.ReadFile(migrations.FS, file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", file, len(text), text)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:6]), nil
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/eucalyptus/hackfest/internal/app"
	"github.com/eucalyptus/hackfest/internal/settings"
)

// migrateCommand is hackfest migrate.
type migrateCommand struct {
	Up     migrateUp     `cmd:"" default:"withargs" hidden:"" help:"Apply all migrations."`
	Status migrateStatus `cmd:"" help:"List the migrations and when each was applied."`
}

// Help is what follows the flags.
func (migrateCommand) Help() string {
	return `It needs DATABASE_URL, or the data directory of the private Postgres while no portal runs on it.
"hackfest serve" does the same at its start unless it is told --no-migrate; any number of programs may do
it at once. Migrations only go forward: make a backup first (pg_dump).

"hackfest migrate status" lists what was applied and when, and what is still to come.`
}

// migrateUp is hackfest migrate without more.
type migrateUp struct{ settings.Database }

// Run applies what is missing.
func (c migrateUp) Run(ctx context.Context, s streams) error {
	chosen, err := quiet(c.Database).Settings(settings.OS())
	if err != nil {
		return err
	}
	list, err := app.Migrate(ctx, chosen, app.NewLog(s.err, chosen.JSONLog, chosen.LogLevel))
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err = fmt.Fprintln(s.out, "The database is up to date.")
		return err
	}
	for _, m := range list {
		if _, err := fmt.Fprintf(s.out, "applied %s\n", m.Name); err != nil {
			return err
		}
	}
	return nil
}

// quiet leaves only warnings in the log, unless asked for more: the answer is
// what counts.
func quiet(d settings.Database) settings.Database {
	d.LogLevel = cmp.Or(d.LogLevel, "warn")
	return d
}

// migrateStatus is hackfest migrate status.
type migrateStatus struct{ settings.Database }

// Run lists all migrations.
func (c migrateStatus) Run(ctx context.Context, s streams) error {
	chosen, err := quiet(c.Database).Settings(settings.OS())
	if err != nil {
		return err
	}
	list, err := app.MigrationStatus(ctx, chosen, app.NewLog(s.err, chosen.JSONLog, chosen.LogLevel))
	if err != nil {
		return err
	}
	pending := 0
	for _, m := range list {
		when := m.AppliedAt.UTC().Format(time.RFC3339)
		if m.AppliedAt.IsZero() {
			when = "not applied"
			pending++
		}
		if _, err := fmt.Fprintf(s.out, "%-20s  %s\n", when, m.Name); err != nil {
			return err
		}
	}
	if pending > 0 {
		_, err = fmt.Fprintf(s.out, "\n%d of %d still to be applied: hackfest migrate does it, as does hackfest serve at its start.\n", pending, len(list))
		return err
	}
	_, err = fmt.Fprintf(s.out, "\nThe database is up to date.\n")
	return err
}

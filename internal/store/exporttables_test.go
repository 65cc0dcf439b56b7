package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// Whoever adds a table or a column decides whether it leaves with an export.
func TestExportKnowsEveryColumn(t *testing.T) {
	t.Parallel()
	wrong, err := store.New(testdb.New(t)).Undecided(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Errorf("exporttables.go: %s", w)
	}
}

// Postgres accepts every statement that is made from exportTables, and each table
// comes behind those it refers to and has a key to page by.
func TestExportStatements(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	statements, wrong, err := store.New(pool).ExportStatements(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Error(w)
	}
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, sql := range statements {
		named, _, err := (pgx.NamedArgs{}).RewriteQuery(t.Context(), nil, sql, nil)
		if err == nil {
			_, err = conn.Conn().Prepare(t.Context(), "", named)
		}
		if err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestIntervals(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	for _, tt := range []struct{ name, sql, want string }{
		{"hours and minutes", "2 hours 30 minutes", "PT2H30M"},
		{"nothing", "0", "PT0S"},
		{"parts of a second", "1.25 seconds", "PT1.25S"},
		{"days are not hours", "1 day 25 hours", "P1DT25H"},
		{"months", "1 year 2 months", "P14M"},
		{"back", "-90 minutes", "PT-1H-30M"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows, _ := pool.Query(t.Context(), "select $1::text::interval", tt.sql)
			v, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (any, error) {
				v, err := row.Values()
				return v[0], err
			})
			if err != nil {
				t.Fatal(err)
			}
			text, err := store.WriteInterval(v)
			if err != nil || text != tt.want {
				t.Fatalf("%s, %v; want %s", text, err, tt.want)
			}
			back, err := store.ReadInterval([]byte(`"` + tt.want + `"`))
			if err != nil || back != v {
				t.Errorf("%v, %v; want %v", back, err, v)
			}
		})
	}
	for _, wrong := range []string{`""`, `"P"`, `"2h"`, `"PT1H "`, `7`, `"P99999999999M"`} {
		if v, err := store.ReadInterval([]byte(wrong)); err == nil {
			t.Errorf("%s: %v", wrong, v)
		}
	}
}

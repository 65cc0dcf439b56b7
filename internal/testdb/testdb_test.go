package testdb_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/testdb"
)

func TestEachDatabaseIsMigratedAndAlone(t *testing.T) {
	t.Parallel()
	a, b := testdb.New(t), testdb.New(t)
	ctx := t.Context()
	if _, err := a.Exec(ctx, "insert into networks (name, server, created_at) values ('local', 'irc.example.org', '2026-05-04T18:00:00Z')"); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := b.QueryRow(ctx, "select count(*) from networks").Scan(&n); err != nil || n != 0 {
		t.Errorf("the other database has %d rows, %v", n, err)
	}
}

func TestEmptyHasNoSchema(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), testdb.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var n int
	if err := conn.QueryRow(t.Context(), "select count(*) from pg_tables where schemaname = 'public'").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d tables, %v", n, err)
	}
}

func TestDatabaseIsDroppedWithItsTest(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("test", func(t *testing.T) {
		url = testdb.URL(t)
		if _, err := pgx.Connect(t.Context(), url); err != nil { // and left open
			t.Fatal(err)
		}
	})
	if conn, err := pgx.Connect(t.Context(), url); err == nil {
		_ = conn.Close(context.Background())
		t.Error("the database is still there")
	}
}

func BenchmarkURL(b *testing.B) {
	for b.Loop() {
		testdb.URL(b)
	}
}

// Package testdb gives each test a real, migrated Postgres database of its own.
// It is for tests only.
//
// Making a cluster takes seconds, cloning a database a tenth of one. So all the
// test programs of one machine share a cluster, in which the schema is migrated
// once, into a template named after its migrations. The cluster is run by
// internal/testdb/keeper, a process of its own, for as long as some test program
// holds a shared lock, and a little longer.
//
// HACKFEST_TEST_DATABASE names a server to use instead: the URL of a database
// whose user may create others. Without it and without Postgres on this machine
// tests are skipped, or fail where CI is set.
package testdb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/eucalyptus/hackfest/internal/postgres"
)

// patience is how long setting up or dropping a database may take. It is never
// reached but where something hangs.
const patience = 2 * time.Minute

// shared is the cluster of this test program, joined by its first test.
var shared = sync.OnceValues(join)

// New returns a pool on a new database with the current schema and no rows. It
// is closed, and the database dropped, when t ends.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), URL(t))
	if err != nil {
		t.Fatal("test database: ", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// URL returns the connection string of a new database with the current schema
// and no rows, dropped when t ends. Connections that are still open then are
// cut.
func URL(t testing.TB) string {
	t.Helper()
	c := cluster(t)
	template, err := c.template()
	if err != nil {
		t.Fatal("test database: ", err)
	}
	return c.create(t, " template "+template+" strategy file_copy") // copied through the log it takes three times as long
}

// Empty returns the connection string of a new database without any schema,
// dropped when t ends. It is for testing the migrations themselves.
func Empty(t testing.TB) string {
	t.Helper()
	return cluster(t).create(t, "")
}

func cluster(t testing.TB) *server {
	t.Helper()
	c, err := shared()
	if errors.Is(err, postgres.ErrMissing) {
		const why = "needs Postgres: apt-get install postgresql, or set HACKFEST_TEST_DATABASE"
		if os.Getenv("CI") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	if err != nil {
		t.Fatal("test cluster: ", err)
	}
	return c
}

// server is the Postgres server that test databases are made on.
type server struct {
	url      *url.URL // of the database from which others are made
	admin    *pgxpool.Pool
	users    *os.File               // the shared lock that keeps the cluster running; nil on a given server
	template func() (string, error) // name of the migrated database, made on first use
}

// create makes a database for t. option ends the statement that makes it.
func (c *server) create(t testing.TB, option string) string {
	t.Helper()
	name := "test_" + strings.ToLower(rand.Text()[:12])
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := c.admin.Exec(ctx, "create database "+name+option); err != nil {
		t.Fatal("test database: ", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if _, err := c.admin.Exec(ctx, "drop database "+name+" with (force)"); err != nil {
			t.Error("test database: ", err)
		}
	})
	return c.database(name)
}

// database is the connection string of another database on the server.
func (c *server) database(name string) string {
	u := *c.url
	u.Path = "/" + name
	return u.String()
}

// newServer connects to the database at rawURL.
func newServer(ctx context.Context, rawURL string, users *os.File) (*server, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("HACKFEST_TEST_DATABASE: %w", err)
	}
	admin, err := pgxpool.New(ctx, rawURL)
	if err != nil {
		return nil, err
	}
	if err := admin.Ping(ctx); err != nil {
		admin.Close()
		return nil, err
	}
	c := &server{url: u, admin: admin, users: users}
	c.template = sync.OnceValues(c.makeTemplate)
	return c, nil
}

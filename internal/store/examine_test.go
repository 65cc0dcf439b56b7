package store_test

import (
	"context"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/migrations"
)

func TestExamineAMigratedDatabase(t *testing.T) {
	t.Parallel()
	dsn := testdb.URL(t)
	before := time.Now()
	e, err := store.Examine(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	if e.Server.Major < 15 || e.Server.Encoding != "UTF8" || e.Server.ReadOnly || e.Server.Free <= 0 || e.Server.Version == "" {
		t.Errorf("server: %+v", e.Server)
	}
	if off := e.Server.Clock.Sub(before); off < -time.Second || off > time.Minute {
		t.Errorf("the clock is off by %s", off)
	}
	if !e.Role.MakesTables || !e.Role.Owns || e.Role.Owner == "" || e.Role.Database == "" {
		t.Errorf("role: %+v", e.Role)
	}
	if len(e.Extensions) != 0 || len(e.Schema.Pending) != 0 || e.Schema.Known < 8 || e.Schema.Newer != 0 || e.SetAside != 0 || e.Bot != nil {
		t.Errorf("%+v", e)
	}
}

func TestExamineANewDatabase(t *testing.T) {
	t.Parallel()
	e, err := store.Examine(t.Context(), testdb.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Schema.Pending) != e.Schema.Known || len(e.Extensions) != len(store.Extensions) {
		t.Errorf("%+v", e)
	}
	for _, x := range e.Extensions {
		if !x.Available || !x.Trusted {
			t.Errorf("%+v", x)
		}
	}
}

func TestExamineChangesNothing(t *testing.T) {
	t.Parallel()
	dsn := testdb.Empty(t)
	if _, err := store.Examine(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	var n int
	if err := conn.QueryRow(t.Context(), "select count(*) from pg_class where relnamespace = 'public'::regnamespace").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d new relations, %v", n, err)
	}
}

// What a wrongly set up database has: a role without rights, tables of another
// owner, a program that is newer, a bot.
func TestExamineFindsTrouble(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const role = "examined_without_rights"
	w.exec("drop role if exists " + role)
	w.exec("create role " + role + " login")
	t.Cleanup(func() {
		_, _ = w.pool.Exec(context.Background(), "drop owned by "+role)
		_, _ = w.pool.Exec(context.Background(), "drop role "+role)
	})
	w.exec("insert into goose_db_version (version_id, is_applied) values (9999, true)")
	w.exec("delete from goose_db_version where version_id = 8")
	w.exec("drop extension unaccent cascade")
	lock, err := store.AcquireBotLock(t.Context(), w.url)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release(context.WithoutCancel(t.Context())) //nolint:errcheck // the test ends
	e, err := store.Examine(t.Context(), w.url)
	if err != nil {
		t.Fatal(err)
	}
	if e.Schema.Newer != 9999 || len(e.Schema.Pending) != 1 || len(e.Extensions) != 1 || e.Extensions[0].Name != "unaccent" {
		t.Errorf("%+v", e)
	}
	if e.Bot == nil || store.BotLockHolder(e.Bot.PID) != lock.Holder() {
		t.Errorf("bot: %+v", e.Bot)
	}
	u, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(role)
	e, err = store.Examine(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	if e.Role.Name != role || e.Role.MakesTables || e.Role.MakesAnything || e.Role.Owns || e.Role.Owner == role || e.Role.Super {
		t.Errorf("role: %+v", e.Role)
	}
}

func TestExamineNobody(t *testing.T) {
	t.Parallel()
	if _, err := store.Examine(t.Context(), "postgres://u@127.0.0.1:1/none"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}

// The extensions that are looked for are those that the migrations make.
func TestExtensionsAreThoseOfTheMigrations(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var made []string
	for _, file := range files {
		text, err := fs.ReadFile(migrations.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?i)create extension(?: if not exists)? (\w+)`).FindAllSubmatch(text, -1) {
			made = append(made, string(m[1]))
		}
	}
	if !slices.Equal(made, store.Extensions) {
		t.Errorf("the migrations make %v, examined are %v", made, store.Extensions)
	}
}

package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/eucalyptus/hackfest/internal/postgres"
)

// Jobs that start while Postgres is away wait for it, and go on when it comes
// back from another absence.
func TestPostgresComesAndGoes(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "jobs-") // not t.TempDir: the user that runs Postgres must get in
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	var server *postgres.Server
	up := func() {
		t.Helper()
		server, err = postgres.Start(context.Background(), postgres.Options{Dir: filepath.Join(dir, "c")})
		if errors.Is(err, postgres.ErrMissing) && os.Getenv("CI") == "" {
			t.Skip("Postgres is not installed")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	down := func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	}
	up()
	t.Cleanup(func() { down() })
	w := worldOn(t, server.URL())
	w.session("Evening", seven, nil)
	down()
	w.start()
	<-time.After(2 * startAgain) // a few tries
	up()
	said := func(now time.Time, want string) { // the first tries may meet connections that are dead
		t.Helper()
		var lines []string
		w.eventually(want, func() bool {
			w.plan(now)
			now = now.Add(2 * time.Second)
			lines = append(lines, w.voice.lines()...)
			return len(lines) > 0
		})
		if len(lines) != 1 || !strings.HasPrefix(lines[0], want) {
			t.Errorf("said %q", lines)
		}
	}
	said(seven.Add(-time.Hour), "#euca In ")
	down()
	<-time.After(2 * startAgain)
	up()
	said(seven, "#euca Start")
}

// Only clients of role jobs lead.
func TestBotDoesNotLead(t *testing.T) {
	t.Parallel()
	const q = `select count(*) from river_leader`
	w := newWorld(t)
	w.bot = true
	leaders := func() (n int) {
		w.must(w.pool.QueryRow(t.Context(), q).Scan(&n))
		return n
	}
	w.run(func(ctx context.Context) error { return Speak(ctx, w.config(), w.voice) })
	_, err := w.insert.Insert(t.Context(), announceArgs{Delivery: 1}, &river.InsertOpts{Queue: queueIRC, MaxAttempts: 1})
	w.must(err)
	w.settled() // so it runs
	if leaders() != 0 {
		t.Error("the bot leads")
	}
	w.run(func(ctx context.Context) error { return Lead(ctx, w.config()) })
	w.eventually("role jobs leads", func() bool { return leaders() == 1 })
}

// What River complains of comes once in a while, and what it tells of itself
// not at all.
func TestRiverIsQuiet(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(newSeldom(slog.NewTextHandler(&out, nil)))
	for range 100 {
		log.Info("started")
		log.With("a", 1).WithGroup("g").Error("Postgres is away", "err", "x")
		log.Warn("slow")
	}
	if got := out.String(); strings.Count(got, "\n") != 2 || strings.Count(got, "level=WARN") != 2 || strings.Contains(got, "started") {
		t.Errorf("log:\n%s", got)
	}
}

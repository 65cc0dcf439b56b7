package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/postgres"
)

func TestClusterStaysWhileSomebodyUsesIt(t *testing.T) {
	t.Parallel()
	if len(postgres.Locate(t.Context())) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("needs Postgres")
		}
		t.Skip("needs Postgres")
	}
	dir := openDir(t)
	leftover := filepath.Join(dir, "cluster", "data") // of a keeper that was killed
	if err := os.MkdirAll(leftover, 0o755); err != nil {
		t.Fatal(err)
	}
	users, err := os.Create(filepath.Join(dir, "users"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(users.Fd()), syscall.LOCK_SH); err != nil {
		t.Fatal(err)
	}
	out, say := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- keep(t.Context(), dir, say, 50*time.Millisecond, slog.New(slog.DiscardHandler)) }()

	url, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err, <-done)
	}
	file, err := os.ReadFile(filepath.Join(dir, "url"))
	if err != nil || string(file) != strings.TrimSpace(string(url)) {
		t.Errorf("url holds %q, %v; said was %q", file, err, url)
	}
	select {
	case err := <-done:
		t.Fatal("stopped while in use: ", err)
	case <-time.After(20 * 50 * time.Millisecond): // it looks this often and would have seen an idle one
	}
	if err := connect(t, string(file)); err != nil {
		t.Fatal(err)
	}

	if err := users.Close(); err != nil { // as the end of a test program does, however it ends
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := connect(t, string(file)); err == nil {
		t.Error("the server is still there")
	}
	for _, name := range []string{"cluster", "url"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left behind: %v", name, err)
		}
	}
}

func connect(t *testing.T, url string) error {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// openDir is a folder that Postgres can pass through when we are root.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "hackfest-keeper-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

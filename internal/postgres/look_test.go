package postgres

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestLook(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	if s, err := Look(t.Context(), dir); err != nil || s.Made || s.Running || s.Install.Major < MinMajor {
		t.Errorf("before there is one: %+v, %v", s, err)
	}
	if _, err := os.Stat(dir); err == nil {
		if entries, _ := os.ReadDir(dir); len(entries) > 0 {
			t.Errorf("looking left %v behind", entries)
		}
	}
	server := mustStart(t, dir)
	s, err := Look(t.Context(), dir)
	if err != nil || !s.Made || !s.Running || s.URL != server.URL() {
		t.Errorf("running: %+v, %v", s, err)
	}
	conn, err := pgx.Connect(t.Context(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close(t.Context())
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if s, err := Look(t.Context(), dir); err != nil || !s.Made || s.Running || s.Install.Major < MinMajor {
		t.Errorf("stopped: %+v, %v", s, err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Look(t.Context(), other); err == nil {
		t.Error("a cluster of somebody else passes")
	}
}

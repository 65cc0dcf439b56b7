package spool

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

func TestLook(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	if s, err := Look(dir); err != nil || s.Exists || s.MaxBytes != defaultMaxBytes {
		t.Errorf("nothing there: %+v, %v", s, err)
	}
	sp, _, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ref := sp.Append(hackfest.Line{Network: "n", Channel: "#c", At: time.Now(), Kind: hackfest.Message, Nick: "ann", Text: "hello"})
	if err := sp.Wait(t.Context(), ref); err != nil {
		t.Fatal(err)
	}
	if s, err := Look(dir); err != nil || !s.Exists || !s.InUse || s.Bytes == 0 || s.Oldest.IsZero() || s.Aside != 0 {
		t.Errorf("in use: %+v, %v", s, err)
	}
	if err := sp.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, asideName, "x.bad"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Look(dir); err != nil || s.InUse || s.Bytes == 0 || s.Aside != 1 {
		t.Errorf("closed: %+v, %v", s, err)
	}
	sp, _, err = Open(dir, Options{})
	if err != nil {
		t.Fatalf("looking left a lock behind: %v", err)
	}
	if err := sp.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Look(filepath.Join(dir, lockName)); err == nil {
		t.Error("a file passes for a spool")
	}
}

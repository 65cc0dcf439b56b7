//go:build testclock

package app

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clock")
	set := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HACKFEST_TEST_CLOCK", path)
	if _, err := Clock(); err == nil {
		t.Error("no error without a file")
	}
	set("yesterday")
	if _, err := Clock(); err == nil {
		t.Error("no error for a file that holds no instant")
	}
	set("2012-08-02T12:00:00-07:00\n")
	now, err := Clock()
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2012, 8, 2, 19, 0, 0, 0, time.UTC)
	if got := now(); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
	set("2012-08-02T19:30:00Z")
	if got := now(); !got.Equal(want.Add(30 * time.Minute)) {
		t.Errorf("moved to %s", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := now(); !got.Equal(want.Add(30 * time.Minute)) {
		t.Errorf("without its file the clock shows %s", got)
	}
	t.Setenv("HACKFEST_TEST_CLOCK", "")
	if now, err = Clock(); err != nil || time.Since(now()) > time.Minute {
		t.Errorf("without the variable it is not the machine's clock: %v", err)
	}
}

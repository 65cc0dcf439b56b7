package main

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testport"
)

// The web answers while Postgres is away at the start, and says what is wrong.
func TestServeWithoutPostgres(t *testing.T) {
	t.Parallel()
	addr := testport.FreeAddress(t)
	p := hackfestCommand(t, []string{
		"DATABASE_URL=postgres://u:canary@127.0.0.1:1/d", "HACKFEST_DATA_DIR=" + dataDir(t), "HACKFEST_IRC=irc://127.0.0.1:1/a",
	}, "serve", "--listen", addr)
	eventually(t, "an answer", func() bool { status, _ := get(t, "http://"+addr+"/healthz"); return status == 200 })
	for _, path := range []string{"/", "/readyz", "/schedule"} {
		begun := time.Now()
		status, body := get(t, "http://"+addr+path)
		if status != 503 || !strings.Contains(body, "database") {
			t.Errorf("%s answers %d: %s", path, status, body)
		}
		if took := time.Since(begun); took > 10*time.Second { // promised are two
			t.Errorf("%s took %s", path, took)
		}
	}
	eventually(t, "a word about Postgres in the log", func() bool { return strings.Contains(p.out.String(), "waiting for Postgres") })
	if took := p.stop(); took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if out := p.out.String(); strings.Contains(out, "canary") {
		t.Errorf("shows a secret:\n%s", out)
	}
}

// Without --no-migrate's schema there is nothing to show, and it says so.
func TestServeWithoutSchema(t *testing.T) {
	t.Parallel()
	addr := testport.FreeAddress(t)
	p := hackfestCommand(t, []string{"HACKFEST_DATA_DIR=" + dataDir(t)}, "serve", "--no-migrate", "--listen", addr)
	eventually(t, "a word about the schema in the log", func() bool { return strings.Contains(p.out.String(), "run hackfest migrate") })
	if status, _ := get(t, "http://"+addr+"/"); status != 503 {
		t.Errorf("answers %d", status)
	}
	p.stop()
}

func TestServeOneRole(t *testing.T) {
	t.Parallel()
	addr, url := testport.FreeAddress(t), testdb.URL(t)
	p := hackfestCommand(t, []string{"DATABASE_URL=" + url, "HACKFEST_DATA_DIR=" + dataDir(t)}, "serve", "--roles", "web", "--listen", addr)
	eventually(t, "the first page", func() bool { status, _ := get(t, "http://"+addr+"/"); return status == 200 })
	if _, body := get(t, "http://"+addr+"/healthz?verbose=1"); !strings.Contains(body, `"roles":["web"]`) || !strings.Contains(body, `"leader":false`) {
		t.Errorf("health: %s", body)
	}
	p.stop()
}

// Supervisors may say SIGTERM more than once; that must not cut the stop short.
func TestServeIsToldTwiceToStop(t *testing.T) {
	t.Parallel()
	addr := testport.FreeAddress(t)
	p := hackfestCommand(t, []string{"DATABASE_URL=" + testdb.URL(t), "HACKFEST_DATA_DIR=" + dataDir(t)}, "serve", "--listen", addr)
	eventually(t, "an answer", func() bool { status, _ := get(t, "http://"+addr+"/readyz"); return status == 200 })
	for range 3 {
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if status := p.wait(); status != exitOK || !strings.Contains(p.out.String(), `"msg":"stopped"`) {
		t.Errorf("exit status %d", status)
	}
}

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// These tests run the program in a process of its own: this test binary, which
// becomes hackfest when beProgram is set.
const beProgram = "HACKFEST_TEST_BE_PROGRAM"

// patience is five times and more what anything here may take.
const patience = 90 * time.Second

func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		os.Unsetenv(beProgram)
		main()
	}
	os.Exit(m.Run())
}

// program is a hackfest that was started.
type program struct {
	t      testing.TB
	cmd    *exec.Cmd
	out    buffer // both streams
	exited chan struct{}
}

// buffer is what a program has written so far.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// hackfestCommand starts the program with nothing but env and a home of its own.
func hackfestCommand(t testing.TB, env []string, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, cmd: exec.Command(self, args...), exited: make(chan struct{})}
	p.cmd.Env = append([]string{beProgram + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.WaitDelay = time.Second // a server it leaves running may hold the pipe
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // ProcessState says how it ended
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("hackfest %v wrote:\n%s", args, p.out.String())
		}
	})
	return p
}

// wait returns the exit status once the program has ended.
func (p *program) wait() int {
	p.t.Helper()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		p.t.Fatalf("still running:\n%s", p.out.String())
		return -1
	}
}

// kill is kill -9.
func (p *program) kill() {
	_ = p.cmd.Process.Kill() // it may be gone
	<-p.exited
}

// stop asks the program to end and returns how long that took.
func (p *program) stop() time.Duration {
	p.t.Helper()
	begun := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if status := p.wait(); status != exitOK {
		p.t.Errorf("exit status %d after SIGTERM", status)
	}
	return time.Since(begun)
}

// eventually polls until what is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came: %s", what)
		}
	}
}

// get fetches url; status 0 means that nobody answered.
func get(t testing.TB, url string) (status int, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req) // redirects are answers too
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, ""
	}
	return res.StatusCode, string(text)
}

// dataDir is a new directory that the user who runs Postgres can reach, which
// t.TempDir is not.
func dataDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hf-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "data")
}

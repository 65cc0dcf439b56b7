package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
)

const (
	staleFor    = 10 * time.Second // how long the backends of a killed server may stand in the way
	shutdownFor = 8 * time.Second  // of the 10 s a portal has to stop
	minDelay    = 100 * time.Millisecond
	maxDelay    = 10 * time.Second // between restarts
	maxLog      = 8 << 20          // bytes of postgres.log at which a start empties it
	pollEvery   = 10 * time.Millisecond
)

// child is one run of the server.
type child struct {
	cmd    *exec.Cmd
	logged int64         // size of the log when it started
	exited chan struct{} // closed when Wait returned
	err    error         // of Wait; read it after exited is closed
}

func (c *child) pid() int { return c.cmd.Process.Pid }

// spawn starts the server and returns at once.
func (s *Server) spawn() (*child, error) {
	log, logged, err := s.openLog()
	if err != nil {
		return nil, err
	}
	defer log.Close() // the child has its own copy
	cmd := exec.Command(filepath.Join(s.bin.Dir, "postgres"), s.arguments()...)
	cmd.Dir = s.dir.path
	cmd.Env = s.environ()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = s.sysProcAttr()
	c := &child{cmd: cmd, logged: logged, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Never unlocked: the thread must live as long as the child.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start Postgres: %w", err)
	}
	return c, nil
}

// openLog opens the server's log at its end. A file, not a pipe, so that the
// server does not depend on us to write.
func (s *Server) openLog() (*os.File, int64, error) {
	log, err := os.OpenFile(s.dir.logFile(), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, 0, err
	}
	size, err := log.Seek(0, io.SeekEnd)
	if err == nil && size > maxLog {
		size, err = 0, log.Truncate(0)
	}
	if err = errors.Join(err, s.account.own(log.Name())); err != nil {
		return nil, 0, errors.Join(err, log.Close())
	}
	return log, size, nil
}

// launch starts the server and waits until it takes connections. While what a
// killed server left is in the way, it tries again.
func (s *Server) launch(ctx context.Context) (*child, error) {
	for deadline := time.Now().Add(staleFor); ; {
		if err := s.dropStalePid(); err != nil {
			return nil, err
		}
		c, err := s.spawn()
		if err != nil {
			return nil, err
		}
		if err := s.awaitReady(ctx, c); err == nil {
			s.up.Store(true)
			return c, nil
		} else if ctx.Err() != nil {
			s.end(c)
			return nil, ctx.Err()
		}
		said := s.saidSince(c.logged)
		if !inTheWay(said) || time.Now().After(deadline) {
			return nil, &fault.Error{
				Kind:    fault.Unavailable,
				Message: fmt.Sprintf("The private Postgres in %s does not start.", s.dir.path),
				Err:     fmt.Errorf("%w: %s", c.err, said),
			}
		}
		if !sleep(ctx.Done(), 5*pollEvery) {
			return nil, ctx.Err()
		}
	}
}

// inTheWay recognises the two ways in which a new server meets the rest of a
// killed one: its postmaster.pid, and backends that still hold its memory.
func inTheWay(said string) bool {
	return strings.Contains(said, `lock file "postmaster.pid" already exists`) ||
		strings.Contains(said, "pre-existing shared memory block")
}

// awaitReady returns nil when c takes connections, an error when it has exited.
func (s *Server) awaitReady(ctx context.Context, c *child) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.exited:
			return errors.New("exited")
		case <-tick.C:
			if pid, status := s.pidFile(); pid == c.pid() && status == "ready" {
				return nil
			}
		}
	}
}

// pidFile reads postmaster.pid: the server's process number in its first line,
// its state in the eighth (what pg_ctl waits for). 0 if there is none.
func (s *Server) pidFile() (pid int, status string) {
	text, err := os.ReadFile(filepath.Join(s.dir.data(), "postmaster.pid"))
	if err != nil {
		return 0, ""
	}
	lines := strings.Split(string(text), "\n")
	pid, _ = strconv.Atoi(lines[0])
	if len(lines) >= 8 {
		status = strings.TrimSpace(lines[7])
	}
	return pid, status
}

// saidSince is the end of what the server logged beyond byte offset.
func (s *Server) saidSince(offset int64) string {
	const most = 2000
	text, err := os.ReadFile(s.dir.logFile())
	if err != nil || int64(len(text)) < offset {
		return ""
	}
	text = text[offset:]
	return string(bytes.TrimSpace(text[max(0, len(text)-most):]))
}

// supervise owns the child: it replaces one that died, and ends it on Stop.
func (s *Server) supervise(c *child) {
	defer close(s.done)
	delay := minDelay
	for {
		begun := time.Now()
		select {
		case <-s.life.Done():
			s.end(c)
			return
		case <-c.exited:
		}
		s.up.Store(false)
		s.log.Error("private Postgres died; starting it again", "err", c.err, "log", s.dir.logFile())
		if time.Since(begun) > maxDelay {
			delay = minDelay
		}
		if c = s.revive(&delay); c == nil {
			return
		}
		s.log.Info("private Postgres is back", "pid", c.pid())
	}
}

// revive launches the server until that succeeds, waiting twice as long each
// time; nil when Stop was called meanwhile.
func (s *Server) revive(delay *time.Duration) *child {
	for sleep(s.life.Done(), *delay) {
		*delay = min(2**delay, maxDelay)
		c, err := s.launch(s.life)
		if err == nil {
			return c
		}
		if s.life.Err() == nil {
			s.log.Error("private Postgres does not start", "err", err, "again_in", *delay)
		}
	}
	return nil
}

// end stops c: asking for a fast shutdown, then insisting. Postgres recovers
// from each of these without loss (tests do not care to wait for the first).
func (s *Server) end(c *child) {
	s.up.Store(false)
	steps := []struct {
		signal syscall.Signal
		wait   time.Duration
	}{
		{syscall.SIGINT, shutdownFor},  // fast: roll back, write a checkpoint
		{syscall.SIGQUIT, time.Second}, // immediate: recovery at the next start
		{syscall.SIGKILL, 0},
	}
	if s.fast {
		steps = steps[1:]
	}
	for _, step := range steps {
		_ = c.cmd.Process.Signal(step.signal) // an error means it is gone
		if step.wait > 0 && !sleep(c.exited, step.wait) {
			return
		}
	}
	<-c.exited
}

// sleep waits for d; false if quit was closed before.
func sleep(quit <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-quit:
		return false
	case <-t.C:
		return true
	}
}

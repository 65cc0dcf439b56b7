//go:build !linux

package postgres

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// sysProcAttr runs a child as the cluster's account, in a process group of its
// own so that Ctrl-C on our terminal is ours to handle.
func (s *Server) sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: s.account.credential(), Setpgid: true}
}

// endLeftover stops the server of a portal that was killed: no kernel but
// Linux's does it for us. postmaster.pid names it, and pg_ctl knows that file.
func (s *Server) endLeftover(ctx context.Context) error {
	if pid, _ := s.pidFile(); pid == 0 {
		return nil
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin.Dir, "pg_ctl"), "stop", "-D", s.dir.data(), "-m", "fast", "-t", "10")
	cmd.Dir = s.dir.path
	cmd.Env = s.environ()
	cmd.SysProcAttr = s.sysProcAttr()
	if err := cmd.Run(); err != nil {
		// Not running: the file is stale, and Postgres deals with that.
		if _, err := os.Stat(filepath.Join(s.bin.Dir, "pg_ctl")); err != nil {
			return err
		}
	}
	return nil
}

// dropStalePid leaves postmaster.pid to Postgres.
func (s *Server) dropStalePid() error { return nil }

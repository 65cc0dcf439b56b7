package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// sysProcAttr runs a child as the cluster's account, in a process group of its
// own so that Ctrl-C on our terminal is ours to handle, and has the kernel shut
// it down when we die.
func (s *Server) sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Credential: s.account.credential(),
		Setpgid:    true,
		Pdeathsig:  syscall.SIGINT,
	}
}

// endLeftover has nothing to do: the kernel has told the server of a killed
// portal to stop, and launch waits until it is gone.
func (*Server) endLeftover(context.Context) error { return nil }

// dropStalePid removes a postmaster.pid whose process number now belongs to
// something else, as happens when a container starts over: Postgres would take
// that for a running server. The directory is locked by us, and a server or
// backend that is still alive has it as its working directory. What remains of a
// killed server is found by its shared memory all the same.
func (s *Server) dropStalePid() error {
	pid, _ := s.pidFile()
	if pid <= 0 {
		return nil
	}
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return nil // gone, or not ours to see: Postgres decides
	}
	data, err := filepath.EvalSymlinks(s.dir.data())
	if err != nil || cwd == data {
		return err
	}
	s.log.Warn("removing a stale postmaster.pid", "pid", pid, "dir", s.dir.path)
	err = os.Remove(filepath.Join(s.dir.data(), "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

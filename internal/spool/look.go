package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Sight is what can be seen of a spool from outside, while a process uses it or
// none does.
type Sight struct {
	Exists   bool
	InUse    bool // a process has it open
	Bytes    int64
	MaxBytes int64     // how many it may hold unless told otherwise
	Oldest   time.Time // when its oldest file was begun or last written; zero without any
	Aside    int       // damaged stretches that were kept aside
}

// Look looks at the spool in dir and changes nothing. A directory that is not
// there is no error.
func Look(dir string) (Sight, error) {
	s := Sight{MaxBytes: defaultMaxBytes}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.Exists = true
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !strings.HasSuffix(e.Name(), segmentSuffix) {
			continue // gone since: it was drained
		}
		s.Bytes += info.Size()
		if s.Oldest.IsZero() || info.ModTime().Before(s.Oldest) {
			s.Oldest = info.ModTime()
		}
	}
	if s.Aside, err = countAside(dir); err != nil {
		return s, err
	}
	s.InUse, err = inUse(filepath.Join(dir, lockName))
	return s, err
}

func countAside(dir string) (int, error) {
	entries, err := os.ReadDir(filepath.Join(dir, asideName))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	return len(entries), err
}

// inUse tries the lock: a shared one, which is given back at once.
func inUse(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close() //nolint:errcheck // read only
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}

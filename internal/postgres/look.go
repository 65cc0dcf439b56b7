package postgres

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// Sight is what can be seen of a cluster from outside, while it runs or not.
type Sight struct {
	Made    bool    // there is one
	Running bool    // a process runs it
	URL     string  // how to connect to it while it runs
	Install Install // that runs it, or would; zero while it runs
}

// Look looks at the cluster in dir and changes nothing. It refuses what Start
// would refuse, except for a cluster that runs already.
func Look(ctx context.Context, dir string) (Sight, error) {
	var s Sight
	path, err := filepath.Abs(dir)
	if err != nil {
		return s, err
	}
	if err := foreign(path); err != nil {
		return s, err
	}
	if s.Running, err = running(filepath.Join(path, marker)); err != nil {
		return s, err
	}
	d := &directory{path: path}
	if s.Running {
		who, err := accountFor(path)
		if err != nil {
			return s, err
		}
		socket, err := d.socket(who)
		s.Made, s.URL = true, (&Server{socket: socket}).URL()
		return s, err
	}
	major, err := d.major()
	if err != nil {
		return s, err
	}
	s.Made = major > 0
	installs := Locate(ctx)
	if len(installs) == 0 {
		return s, missing()
	}
	s.Install, err = choose(installs, major, path)
	return s, err
}

// running tries the lock of the marker: a shared one, which is given back at
// once.
func running(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return false, fault.New(fault.Forbidden, "%s belongs to another user.", filepath.Dir(path))
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

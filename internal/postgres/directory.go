package postgres

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// marker is the file that makes a directory ours. It is locked while a process
// runs the cluster, and names that process.
const marker = "hackfest-postgres"

// maxSocketPath is the longest path of a Unix socket that works everywhere, in
// bytes: macOS and the BSDs have room for 104 with the closing NUL.
const maxSocketPath = 103

// directory is the folder of a cluster, locked for this process:
//
//	hackfest-postgres   marker and lock
//	data                the cluster; initdb writes data.new, which is renamed when complete
//	postgres.log        what the server says
//	.s.PGSQL.5432       the socket
type directory struct {
	path string
	lock *os.File
}

func (d *directory) data() string    { return filepath.Join(d.path, "data") }
func (d *directory) logFile() string { return filepath.Join(d.path, "postgres.log") }

// claim makes path a directory of ours, readable by who alone, and locks it. A
// directory with anything else in it is refused and left as it is.
func claim(path string, who account) (*directory, error) {
	if err := foreign(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o711); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := who.reach(path); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(path, marker), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	d := &directory{path: path, lock: lock}
	if err := d.seize(who); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return d, nil
}

// foreign refuses a directory that holds something but not our marker.
func foreign(path string) error {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	what := ""
	for _, e := range entries {
		switch {
		case e.Name() == marker:
			return nil
		case e.Name() == "PG_VERSION":
			what = "a Postgres cluster that hackfest did not make"
		case e.Name() != "lost+found" && what == "": // that one is in every empty volume
			what = "files of something else"
		}
	}
	if what == "" {
		return nil
	}
	return refuse("%s holds %s, so it is left alone. Choose an empty data directory with HACKFEST_DATA_DIR, "+
		"or set DATABASE_URL to use a server that runs already.", path, what)
}

// seize takes the lock and writes our process number into the marker.
func (d *directory) seize(who account) error {
	err := syscall.Flock(int(d.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		holder := "another process"
		if text, err := io.ReadAll(io.LimitReader(d.lock, 200)); err == nil {
			if pid, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "pid "); ok {
				holder = "process " + pid
			}
		}
		return refuse("The data directory %s is in use by %s. Stop that one first, "+
			"or choose another directory with HACKFEST_DATA_DIR.", d.path, holder)
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", d.lock.Name(), err)
	}
	if err := d.lock.Truncate(0); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(d.lock, "pid %d\n", os.Getpid()); err != nil {
		return err
	}
	// Nobody else may reach the socket: whoever can connect is let in.
	if err := os.Chmod(d.path, 0o700); err != nil {
		return err
	}
	return errors.Join(who.own(d.path), who.own(d.lock.Name()))
}

// release gives up the lock. The marker stays.
func (d *directory) release() error { return d.lock.Close() }

// major is the major version of the cluster; 0 if it is still to be made.
func (d *directory) major() (int, error) {
	text, err := os.ReadFile(filepath.Join(d.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(d.data()); err == nil {
			return 0, refuse("%s has no PG_VERSION: it is damaged. Restore it from a backup, or remove it to start empty.", d.data())
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || n <= 0 {
		return 0, refuse("PG_VERSION in %s says %.20q, which is no version: it is damaged. Restore it from a backup.", d.data(), text)
	}
	return n, nil
}

// socket is the directory for the socket: the cluster's, or a short one under
// /tmp where that path is too long for a socket, or has a comma, which parts
// hosts in a connection string.
func (d *directory) socket(who account) (string, error) {
	if len(d.path)+len("/.s.PGSQL.5432") <= maxSocketPath && !strings.Contains(d.path, ",") {
		return d.path, nil
	}
	sum := sha256.Sum256([]byte(d.path))
	short := fmt.Sprintf("/tmp/hackfest-%x", sum[:8])
	err := os.Mkdir(short, 0o700)
	if err == nil {
		return short, who.own(short)
	}
	if !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	// Left by a process that was killed, or laid there by somebody else.
	info, err := os.Lstat(short)
	if err != nil {
		return "", err
	}
	owner := uint32(os.Geteuid())
	if who.other() {
		owner = who.uid
	}
	if !info.IsDir() || info.Mode().Perm() != 0o700 || info.Sys().(*syscall.Stat_t).Uid != owner {
		return "", refuse("The path %s cannot hold a socket, and %s, the place for it then, belongs to somebody else. "+
			"Choose a shorter data directory without commas with HACKFEST_DATA_DIR.", d.path, short)
	}
	return short, nil
}

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/eucalyptus/hackfest/internal/postgres"
)

// database is a Postgres of the test's own, to stop, freeze and kill.
type database struct {
	t      testing.TB
	dir    string
	server *postgres.Server
}

func newDatabase(t testing.TB) *database {
	t.Helper()
	if len(postgres.Locate(t.Context())) == 0 && os.Getenv("CI") == "" {
		t.Skip("Postgres is not installed")
	}
	dir, err := os.MkdirTemp("", "pg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil { // the user that runs Postgres must get through
		t.Fatal(err)
	}
	d := &database{t: t, dir: dir}
	t.Cleanup(func() { d.stop(); os.RemoveAll(dir) })
	d.start()
	return d
}

func (d *database) start() {
	d.t.Helper()
	server, err := postgres.Start(d.t.Context(), postgres.Options{Dir: filepath.Join(d.dir, "c")})
	if err != nil {
		d.t.Fatal(err)
	}
	d.server = server
}

func (d *database) stop() {
	d.t.Helper()
	if d.server == nil {
		return
	}
	if err := d.server.Stop(); err != nil {
		d.t.Error(err)
	}
	d.server = nil
}

// processes are the postmaster and every backend.
func (d *database) processes() (pids []int) {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.dir, "c", "data", "postmaster.pid"))
	if err != nil {
		d.t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	out, err := exec.Command("ps", "-o", "pid=", "--ppid", first).Output()
	if err != nil {
		d.t.Fatal(err)
	}
	for _, field := range append(strings.Fields(string(out)), first) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			d.t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// signal sends sig to the postmaster and every backend.
func (d *database) signal(sig syscall.Signal) {
	for _, pid := range d.processes() {
		_ = syscall.Kill(pid, sig) // a backend may be gone by now
	}
}

func (d *database) freeze() { d.signal(syscall.SIGSTOP) }
func (d *database) thaw()   { d.signal(syscall.SIGCONT) }
func (d *database) crash()  { d.signal(syscall.SIGKILL) } // the server's keeper starts it again

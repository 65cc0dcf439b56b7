package testirc

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testport"
)

// daemon is a server program that runs as long as a test.
type daemon struct {
	t        testing.TB
	name     string
	binary   string
	argv     []string
	dir      string // its own, with its configuration and its log
	uid, gid int    // whom the program should be: nobody when we are root, else us
	drop     bool   // started as that user, since it refuses to be root's
	ready    func() bool
	cmd      *exec.Cmd
	exited   chan struct{}
}

// newDaemon finds the program and makes its directory. Without the program the
// test is skipped, or fails where the environment has CI set.
func newDaemon(t testing.TB, name string) *daemon {
	t.Helper()
	d := &daemon{t: t, name: name, binary: locate(t, name)}
	dir, err := os.MkdirTemp("", name+"-") // not t.TempDir: the server's own user must get in
	if err != nil {
		t.Fatal(err)
	}
	d.dir = dir
	t.Cleanup(func() { d.Stop(); os.RemoveAll(dir) })
	d.uid, d.gid = owner(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	d.own(dir)
	return d
}

func locate(t testing.TB, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal(name + " is not installed")
	}
	t.Skip(name + " is not installed")
	return ""
}

// owner is whom a server runs as.
func owner(t testing.TB) (uid, gid int) {
	t.Helper()
	if os.Getuid() != 0 {
		return os.Getuid(), os.Getgid()
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ = strconv.Atoi(nobody.Uid)
	gid, _ = strconv.Atoi(nobody.Gid)
	return uid, gid
}

func (d *daemon) own(path string) {
	d.t.Helper()
	if os.Getuid() != 0 {
		return
	}
	if err := os.Chown(path, d.uid, d.gid); err != nil {
		d.t.Fatal(err)
	}
}

// write puts a file into the server's directory and returns its path.
func (d *daemon) write(name string, content []byte) string {
	d.t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.own(path)
	return path
}

// listen gives the server ports and a certificate.
func (s *Server) listen(t testing.TB) (port, tlsPort int) {
	t.Helper()
	cert, key, pool := certificate(t)
	s.CA, s.CAFile = pool, s.write("cert.pem", cert)
	s.write("key.pem", key)
	port, tlsPort = testport.Free(t), testport.Free(t)
	s.Addr, s.TLSAddr = fmt.Sprintf("127.0.0.1:%d", port), fmt.Sprintf("127.0.0.1:%d", tlsPort)
	s.ready = func() bool { return takesConnections(s.Addr) }
	return port, tlsPort
}

func takesConnections(addr string) bool {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// Start starts the program after Stop, on the same ports, and waits until it is
// ready.
func (d *daemon) Start() {
	d.t.Helper()
	d.cmd = exec.Command(d.binary, d.argv...)
	d.cmd.Dir = d.dir
	if d.drop && os.Getuid() == 0 {
		d.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(d.uid), Gid: uint32(d.gid)}}
	}
	log, err := os.OpenFile(filepath.Join(d.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer log.Close()
	d.cmd.Stdout, d.cmd.Stderr = log, log
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) { _ = cmd.Wait(); close(exited) }(d.cmd, d.exited)
	d.await(d.name+" is not ready", d.ready)
}

// await waits for a condition and fails the test when the program ends first.
func (d *daemon) await(what string, condition func() bool) {
	d.t.Helper()
	for deadline := time.Now().Add(Patience); !condition(); {
		select {
		case <-d.exited:
			d.fail(d.name + " has ended")
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			d.fail(what)
		}
	}
}

func (d *daemon) fail(why string) {
	d.t.Helper()
	log, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	d.t.Fatalf("%s:\n%s", why, log)
}

// Stop kills the program; its ports refuse connections then.
func (d *daemon) Stop() {
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Kill() // also ends a frozen one
	<-d.exited
	d.cmd = nil
}

// Freeze stops the program without closing anything (SIGSTOP); Thaw lets it go
// on.
func (d *daemon) Freeze() { _ = d.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw ends Freeze.
func (d *daemon) Thaw() { _ = d.cmd.Process.Signal(syscall.SIGCONT) }

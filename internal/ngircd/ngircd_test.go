package ngircd

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/eucalyptus/hackfest/internal/ports"
	"github.com/eucalyptus/hackfest/internal/testport"
)

// newDir is a folder that ngIRCd reaches when root starts it as nobody, which
// t.TempDir is not.
func newDir(t *testing.T) string {
	t.Helper()
	if _, err := locate(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "hackfest-ngircd-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "ngircd")
}

func TestStartReuseStop(t *testing.T) {
	t.Parallel()
	o := Options{Dir: newDir(t), Channels: []string{"#euca", "##x"}}
	t.Run("find a port", func(t *testing.T) { o.Port = testport.Free(t) }) // given back at once: Start holds it as Free does
	first, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if first.Reused {
		t.Error("a new server says that it was reused")
	}
	if got := session(t, first.Addr, "NICK ann\r\nUSER ann 0 * :Ann\r\nLIST\r\nQUIT\r\n"); !strings.Contains(got, "#euca") || !strings.Contains(got, "##x") {
		t.Errorf("the channels are missing:\n%s", got)
	}

	o.Port = 0
	again, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !again.Reused || again.PID() != first.PID() || again.Addr != first.Addr {
		t.Errorf("got %+v, want the server at %s, process %d", again, first.Addr, first.PID())
	}

	if err := again.Stop(); err != nil {
		t.Fatal(err)
	}
	if answers(t.Context(), first.Addr) == nil {
		t.Error("still answers after Stop")
	}
	third, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Stop()
	if third.Reused || third.Addr != first.Addr {
		t.Errorf("got %+v, want a new server at the port of the last start, %s", third, first.Addr)
	}
}

// A pid file outlives its process, and the number may go to another one.
func TestStalePidFile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		pid  int
	}{
		{"a process of somebody else", os.Getpid()},
		{"nobody", 1 << 22},
		{"not a number", 0},
		{"every process", -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := Options{Dir: newDir(t), Port: testport.Free(t)}
			if err := os.MkdirAll(o.Dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(pidFile(o.Dir), []byte(strconv.Itoa(tt.pid)+" 6667\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			s, err := Start(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Stop()
			if s.Reused || s.PID() == tt.pid {
				t.Errorf("took process %d for a server of ours", tt.pid)
			}
		})
	}
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	if _, err := Start(t.Context(), Options{Dir: dir, Port: port}); err == nil || !strings.Contains(err.Error(), "taken") {
		t.Errorf("got %v", err)
	}
	// Taken since the last start: another one is found.
	if err := writeConfig(Options{Dir: dir}, port); err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if s.Addr == ports.Address(port) {
		t.Errorf("listens on %s, which was taken", s.Addr)
	}
}

// Servers started at the same moment do not take each other for theirs.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	const many = 6
	servers := make([]*Server, many)
	var wait sync.WaitGroup
	for i := range servers {
		dir := newDir(t)
		wait.Go(func() {
			s, err := Start(t.Context(), Options{Dir: dir})
			if err != nil {
				t.Error(err)
				return
			}
			servers[i] = s
		})
	}
	wait.Wait()
	at := map[string]int{}
	for _, s := range servers {
		if s == nil {
			continue
		}
		if !isOurs(s.PID(), s.dir) || at[s.Addr] > 0 {
			t.Errorf("process %d at %s, where process %d is", s.PID(), s.Addr, at[s.Addr])
		}
		at[s.Addr] = s.PID()
	}
	for _, s := range servers {
		if s != nil && s.Stop() != nil {
			t.Errorf("process %d does not stop", s.PID())
		}
	}
}

func TestServerThatCannotStart(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("false")
	if err != nil {
		t.Fatal(err)
	}
	_, err = launch(t.Context(), program, dir, testport.Free(t))
	if err == nil || !strings.Contains(err.Error(), "does not start") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(pidFile(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the pid file stays: %v", err)
	}
}

// session says text to the server at addr and returns all it answers.
func session(t *testing.T, addr, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

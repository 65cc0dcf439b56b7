package postgres

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
)

func TestStartKeepsWhatWasStored(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	first := mustStart(t, dir)
	exec1(t, first, "create table kept (word text)")
	exec1(t, first, "insert into kept values ('Grüße')")
	for _, tt := range []struct{ setting, want string }{
		{"server_encoding", "UTF8"},
		{"listen_addresses", ""},
		{"TimeZone", "UTC"},
		{"fsync", "on"},
		{"synchronous_commit", "on"},
	} {
		if got := query1(t, first, "select current_setting('"+tt.setting+"')"); got != tt.want {
			t.Errorf("%s is %q, want %q", tt.setting, got, tt.want)
		}
	}
	// Ctrl-C on our terminal must not reach it before we have drained.
	pid, _ := first.pidFile()
	if group, err := syscall.Getpgid(pid); err != nil || group == syscall.Getpgrp() {
		t.Errorf("process group %d is ours, %v", group, err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-first.Done():
	default:
		t.Error("stopped, but not done")
	}
	if first.Up() {
		t.Error("stopped, but up")
	}

	second := mustStart(t, dir)
	if got := query1(t, second, "select word from kept"); got != "Grüße" {
		t.Errorf("kept %q", got)
	}
}

func TestStartInOddPlaces(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, sub string
		before    func(t *testing.T, dir string)
		short     bool // the socket is elsewhere
	}{
		{name: "characters that mean something to Postgres and in URLs", sub: `a b+"c"'d'%20?e=ü&\f`},
		{name: "comma, which parts hosts", sub: "a,b", short: true},
		{name: "path too long for a socket", sub: strings.Repeat("long/", 22) + "pg", short: true},
		{name: "empty volume", sub: "volume", before: func(t *testing.T, dir string) {
			mkdir(t, filepath.Join(dir, "lost+found"))
		}},
		{name: "killed while it was made", sub: "half", before: func(t *testing.T, dir string) {
			mkdir(t, filepath.Join(dir, "data.new", "base"))
			write(t, filepath.Join(dir, marker), "pid 1\n")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(newDir(t), tt.sub)
			if tt.before != nil {
				tt.before(t, dir)
			}
			s := mustStart(t, dir)
			if got := query1(t, s, "select current_database()"); got != database {
				t.Errorf("database %q", got)
			}
			if got := s.socket != dir; got != tt.short {
				t.Errorf("socket in %s", s.socket)
			}
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(s.socket); tt.short && err == nil {
				t.Errorf("%s is left behind", s.socket)
			}
		})
	}
}

func TestStartLeavesForeignDirectoriesAlone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, file, want string }{
		{"somebody's files", "thesis.txt", "files of something else"},
		{"a cluster of the system", "PG_VERSION", "a Postgres cluster that hackfest did not make"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := newDir(t)
			write(t, filepath.Join(dir, tt.file), "15\n")
			err := mustRefuse(t, dir)
			for _, want := range []string{dir, tt.want, "HACKFEST_DATA_DIR"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) != 1 {
				t.Errorf("directory now holds %v, %v", entries, err)
			}
		})
	}
}

func TestStartRefusesABusyDirectory(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	s := mustStart(t, dir)
	err := mustRefuse(t, dir)
	for _, want := range []string{dir, "in use by process ", s.dir.path} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
	if got := query1(t, s, "select 'still here'"); got != "still here" {
		t.Error("the first one suffered")
	}
}

func TestStartRefusesAnotherMajorVersion(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	if err := mustStart(t, dir).Stop(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ version, want string }{
		{"14\n", "written by Postgres 14, but only Postgres "},
		{"99\n", "apt-get install postgresql-99"},
		{"", "damaged"},
		{"junk\n", "damaged"},
	} {
		write(t, filepath.Join(dir, "data", "PG_VERSION"), tt.version)
		if err := mustRefuse(t, dir); !strings.Contains(err.Error(), tt.want) {
			t.Errorf("PG_VERSION %q: error %q lacks %q", tt.version, err, tt.want)
		}
	}
	if err := os.Remove(filepath.Join(dir, "data", "PG_VERSION")); err != nil {
		t.Fatal(err)
	}
	if err := mustRefuse(t, dir); !strings.Contains(err.Error(), "damaged") {
		t.Errorf("no PG_VERSION: %v", err)
	}
}

func TestStartWithoutPostgresTellsThreeWaysOut(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), "pg")
	_, err := start(t.Context(), Options{Dir: dir}, nil)
	if !errors.Is(err, ErrMissing) || fault.KindOf(err) != fault.Invalid {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{"apt-get install postgresql", "docker run", "DATABASE_URL="} {
		if !strings.Contains(fault.Message(err), want) {
			t.Errorf("message lacks %q:\n%s", want, fault.Message(err))
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the directory was made all the same")
	}
}

func TestServerThatDiesIsReplaced(t *testing.T) {
	t.Parallel()
	s := mustStart(t, newDir(t))
	exec1(t, s, "create table kept (n int)")
	for range 2 {
		before, _ := s.pidFile()
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a new server", func() bool {
			now, _ := s.pidFile()
			return now != before && s.Up()
		})
		if got := query1(t, s, "select count(*)::text from kept"); got != "0" {
			t.Errorf("count %s", got)
		}
	}
	select {
	case <-s.Done():
		t.Error("done, though nobody stopped it")
	default:
	}
}

// A portal that is killed takes its server along, and the next one starts at
// once, whatever is still dying.
func TestServerDiesWithItsPortal(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	portal := helper(t, nil, "serve", dir)
	out, err := portal.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := portal.Start(); err != nil {
		t.Fatal(err)
	}
	for said := bufio.NewScanner(out); said.Text() != "up"; {
		if !said.Scan() {
			t.Fatal("it did not come up: ", said.Err())
		}
	}
	old, status := (&Server{dir: &directory{path: dir}}).pidFile()
	if old == 0 || status != "ready" {
		t.Fatalf("pid %d, %s", old, status)
	}
	if err := portal.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = portal.Wait() // killed, as it should be

	s := mustStart(t, dir)
	eventually(t, "the old server's end", func() bool { // whoever inherits it takes a moment to bury it
		return errors.Is(syscall.Kill(old, 0), syscall.ESRCH)
	})
	if got := query1(t, s, "select 'again'"); got != "again" {
		t.Error(got)
	}
}

func TestStartWithTheProcessNumberOfAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	s := mustStart(t, dir)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	other := exec.Command("sleep", "600")
	other.SysProcAttr = &syscall.SysProcAttr{Credential: s.account.credential()}
	other.Dir = "/"
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = other.Process.Kill(), other.Wait() })
	pidFile := filepath.Join(dir, "data", "postmaster.pid")
	write(t, pidFile, itoa(other.Process.Pid)+"\n"+filepath.Join(dir, "data")+"\n1340000000\n5432\n"+dir+"\n\n\nready\n")
	if err := s.account.own(pidFile); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), staleFor)
	defer cancel()
	again, err := Start(ctx, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Stop(); err != nil {
		t.Error(err)
	}
}

func TestStopIsHeardWhileTheServerCannotStart(t *testing.T) {
	t.Parallel()
	s := mustStart(t, newDir(t))
	version := filepath.Join(s.dir.data(), "PG_VERSION")
	write(t, version, "1\n")
	pid, _ := s.pidFile()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "down", func() bool { return !s.Up() })
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
}

func TestOtherUsersAreKeptOut(t *testing.T) {
	t.Parallel()
	s := mustStart(t, newDir(t))
	for _, path := range []string{s.dir.path, filepath.Join(s.socket, ".s.PGSQL.5432")} { // either would do
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s is open to others: %v, %v", path, info.Mode(), err)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can try as somebody else")
	}
	nobody := someUser(t)
	if nobody.uid == s.account.uid {
		t.Skip("Postgres itself runs as nobody here")
	}
	out, err := helper(t, &nobody, "dial", filepath.Join(s.socket, ".s.PGSQL.5432")).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "permission denied") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestRootIsToldOfClosedFolders(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs Postgres as somebody else")
	}
	closed := filepath.Join(newDir(t), "closed")
	mkdir(t, closed)
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	err := mustRefuse(t, filepath.Join(closed, "data"))
	if !strings.Contains(err.Error(), "chmod o+x "+closed) {
		t.Errorf("error %q does not say what to open", err)
	}
}

// The tests above run as whoever runs them. Root, as in a container, has them
// run again by a user without any rights.
func TestAsNormalUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("this is a normal user's run already")
	}
	nobody := someUser(t)
	out, err := helper(t, &nobody, "test", "^(TestStart|TestServer)").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS: TestStartKeepsWhatWasStored") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestHelper is no test: it is what helper runs in a process of its own.
func TestHelper(t *testing.T) {
	arg := os.Getenv("HACKFEST_HELPER_ARG")
	switch os.Getenv("HACKFEST_HELPER") {
	case "serve":
		s, err := Start(t.Context(), Options{Dir: arg})
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("up\n")
		<-s.Done() // until killed
	case "dial":
		if _, err := net.Dial("unix", arg); err != nil {
			t.Fatal(err)
		}
	}
}

// helper is this test program run again: as somebody else, if as is given.
func helper(t *testing.T, as *account, what, arg string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := newDir(t)
	if as != nil { // the folder go test builds in is closed to them
		text, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		program = filepath.Join(dir, "postgres.test")
		syscall.ForkLock.RLock() // a program that starts meanwhile would hold it open: "text file busy"
		err = os.WriteFile(program, text, 0o755)
		syscall.ForkLock.RUnlock()
		if err != nil {
			t.Fatal(err)
		}
	}
	run := "^TestHelper$"
	if what == "test" {
		run, what = arg, ""
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run="+run, "-test.v", "-test.timeout=5m")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HACKFEST_HELPER="+what, "HACKFEST_HELPER_ARG="+arg, "HOME="+dir)
	if as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as.credential()}
	}
	return cmd
}

func mustStart(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(t.Context(), Options{Dir: dir})
	if errors.Is(err, ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func mustRefuse(t *testing.T, dir string) error {
	t.Helper()
	s, err := Start(t.Context(), Options{Dir: dir})
	if errors.Is(err, ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err == nil {
		_ = s.Stop()
		t.Fatal("it started")
	}
	if fault.KindOf(err) != fault.Invalid {
		t.Fatalf("kind %d of %v", fault.KindOf(err), err)
	}
	return err
}

func query1(t *testing.T, s *Server, q string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var text string
	if err := conn.QueryRow(ctx, q).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func exec1(t *testing.T, s *Server, q string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), q); err != nil {
		t.Fatal(err)
	}
}

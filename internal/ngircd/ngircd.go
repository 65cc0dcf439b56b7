// Package ngircd runs a local ngIRCd for hackfest demo: an IRC server that
// listens on loopback only and outlives the portal, so that people's clients
// stay connected while the portal is killed and started again. It finds the
// installed program, writes its configuration and keeps a pid file. It speaks
// no IRC beyond asking a running server for its name, and is not meant for a
// network of more than one machine.
package ngircd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/ports"
)

// ErrMissing is wrapped by the error of Start when ngIRCd is not installed.
var ErrMissing = errors.New("no ngircd program")

const (
	firstPort = 6667
	lastPort  = 6699

	startFor = 5 * time.Second // for the server to take connections; it needs a tenth of a second
	stopFor  = 2 * time.Second
	poll     = 10 * time.Millisecond
)

// Options say where the server keeps its files and what is in it.
type Options struct {
	Dir      string   // made if missing; holds configuration, log and pid file
	Port     int      // 0: that of the last start if free, else the first free one from 6667 on
	Channels []string // that exist from the start, with their prefix
}

// Server is a running ngIRCd.
type Server struct {
	Addr   string // 127.0.0.1:port
	Reused bool   // it was running already
	pid    int
	dir    string
}

// Start returns the server in o.Dir: the one that still runs there, else a new
// one that takes connections. ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Server, error) {
	program, err := locate()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o711); err != nil {
		return nil, fmt.Errorf("ngircd: %w", err)
	}
	if s := Running(ctx, o.Dir); s != nil {
		return s, nil
	}
	port, release, err := choosePort(ctx, o)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := writeConfig(o, port); err != nil {
		return nil, fmt.Errorf("ngircd: %w", err)
	}
	return launch(ctx, program, o.Dir, port)
}

// PID is the server's process number.
func (s *Server) PID() int { return s.pid }

// Stop ends the server, whoever started it, and removes its pid file.
func (s *Server) Stop() error {
	if !isOurs(s.pid, s.dir) {
		return os.Remove(pidFile(s.dir))
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(s.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop ngircd, process %d: %w", s.pid, err)
		}
		for deadline := time.Now().Add(stopFor); time.Now().Before(deadline); time.Sleep(poll) {
			if !isOurs(s.pid, s.dir) {
				return os.Remove(pidFile(s.dir))
			}
		}
	}
	return fmt.Errorf("ngircd, process %d, does not stop", s.pid)
}

// locate finds the program. Distributions put it into sbin, which is not in the
// PATH of normal users.
func locate() (string, error) {
	if path, err := exec.LookPath("ngircd"); err == nil {
		return filepath.Abs(path)
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, "ngircd")); err == nil {
			return path, nil
		}
	}
	return "", &fault.Error{Kind: fault.Unavailable, Err: ErrMissing, Message: "ngIRCd is not installed, so there is no IRC server to meet on (Debian, Ubuntu: apt-get install ngircd)."}
}

// Running returns the server that runs in dir, or nil: the one that its pid file
// names, if that is alive, ours and answers.
func Running(ctx context.Context, dir string) *Server {
	text, err := os.ReadFile(pidFile(dir))
	if err != nil {
		return nil
	}
	var pid, port int
	if n, _ := fmt.Sscanf(string(text), "%d %d", &pid, &port); n != 2 || !isOurs(pid, dir) {
		return nil
	}
	s := &Server{Addr: ports.Address(port), Reused: true, pid: pid, dir: dir}
	if answers(ctx, s.Addr) != nil {
		return nil
	}
	return s
}

// isOurs reports whether process pid runs with the configuration in dir; a
// number alone may by now belong to anything.
func isOurs(pid int, dir string) bool {
	if pid <= 1 || syscall.Kill(pid, 0) != nil {
		return false
	}
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if errors.Is(err, os.ErrNotExist) { // no /proc: not Linux
		command, err = exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	}
	return err == nil && strings.Contains(string(command), configFile(dir))
}

// choosePort prefers the port of the last start: clients reconnect to it. Another
// demo that looks for one at the same time finds another until release: two servers
// of one name would both start, and one answer for both.
func choosePort(ctx context.Context, o Options) (port int, release func(), err error) {
	if o.Port != 0 {
		if !ports.Free(ctx, o.Port) {
			return 0, nil, fault.New(fault.Unavailable, "Port %d is taken, so the IRC server cannot listen there.", o.Port)
		}
		return o.Port, func() {}, nil
	}
	var candidates []int
	if last := lastPortIn(o.Dir); last != 0 {
		candidates = append(candidates, last)
	}
	for port := firstPort; port <= lastPort; port++ {
		candidates = append(candidates, port)
	}
	for _, port := range candidates {
		if release, ok := ports.Hold(ctx, port); ok {
			return port, release, nil
		}
	}
	return 0, nil, fault.New(fault.Unavailable, "The ports %d to %d are all taken, so there is none for the IRC server.", firstPort, lastPort)
}

// launch starts the server in a session of its own, out of reach of our
// terminal, and waits until it takes connections.
func launch(ctx context.Context, program, dir string, port int) (*Server, error) {
	log, err := os.Create(filepath.Join(dir, "ngircd.log"))
	if err != nil {
		return nil, fmt.Errorf("ngircd: %w", err)
	}
	defer log.Close() // the child has its own copy
	cmd := exec.Command(program, "-n", "-f", configFile(dir))
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start ngircd: %w", err)
	}
	exited := make(chan struct{})
	go func() {
		// It may outlive us, so nobody waits for this; what it says is in the log.
		_ = cmd.Wait()
		close(exited)
	}()
	s := &Server{Addr: ports.Address(port), pid: cmd.Process.Pid, dir: dir}
	if err := os.WriteFile(pidFile(dir), fmt.Appendf(nil, "%d %d\n", s.pid, port), 0o644); err != nil {
		return nil, errors.Join(fmt.Errorf("ngircd: %w", err), s.Stop())
	}
	return s, s.await(ctx, exited)
}

// await returns nil when s answers, and ends it otherwise.
func (s *Server) await(ctx context.Context, exited <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, startFor)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		if answers(ctx, s.Addr) == nil {
			return nil
		}
		select {
		case <-tick.C:
			continue
		case <-exited:
		case <-ctx.Done():
		}
		said, _ := os.ReadFile(filepath.Join(s.dir, "ngircd.log"))
		_ = s.Stop()
		return &fault.Error{
			Kind: fault.Unavailable, Message: "The local IRC server does not start.",
			Err: fmt.Errorf("ngircd said: %s", strings.TrimSpace(string(said[max(0, len(said)-2000):]))),
		}
	}
}

// answers asks the server at addr for a pong, which it gives before anybody has
// registered, or an error about that: either names our server.
func answers(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	if _, err := fmt.Fprintf(conn, "PING %s\r\nQUIT\r\n", serverName); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && !strings.Contains(line, serverName) {
		return fmt.Errorf("something else answers at %s", addr)
	}
	return err
}

func configFile(dir string) string { return filepath.Join(dir, "ngircd.conf") }
func pidFile(dir string) string    { return filepath.Join(dir, "ngircd.pid") }

// Package postgres runs a private Postgres cluster as a child process, for a
// portal that was given no DATABASE_URL. It finds the installed binaries, makes
// the cluster, keeps the server running and stops it. It listens on no network:
// the only way in is a Unix socket in a directory closed to other users. It
// knows nothing of the schema; internal/store migrates.
//
// Two things shape the code. Postgres refuses to run as root, so root runs it as
// another user. And on Linux the kernel stops the server when we are killed, but
// only if the thread that started it lives as long as we do (prctl(2),
// PR_SET_PDEATHSIG), so one goroutine, locked to its thread, starts the server
// and stays in Wait.
package postgres

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// The cluster's owner, and the one database in it.
const (
	role     = "hackfest"
	database = "hackfest"
)

// Options say where the cluster lives and how it runs.
type Options struct {
	Dir  string       // made if missing; holds the cluster, its log and its socket, nothing else
	Log  *slog.Logger // nil: silent
	Fast bool         // for tests: nothing is flushed to disk, so a power cut ruins the cluster
}

// Server is a running cluster.
type Server struct {
	dir      *directory
	bin      Install
	account  account
	socket   string // directory of the socket
	fast     bool
	log      *slog.Logger
	up       atomic.Bool
	life     context.Context // ends when Stop is called
	quit     context.CancelFunc
	stopOnce sync.Once
	done     chan struct{} // closed by supervise, which owns the child
}

// Start runs the cluster in o.Dir, making it first if the directory is new or
// empty, and returns when it takes connections. ctx bounds the start only; the
// server runs until Stop. Without Postgres on this machine the error wraps
// ErrMissing and its message tells three ways out. Every other refusal names the
// directory and what to do: it holds something else, another process runs it, or
// it was made by a major version that is not installed.
func Start(ctx context.Context, o Options) (*Server, error) {
	return start(ctx, o, Locate(ctx))
}

func start(ctx context.Context, o Options, installs []Install) (*Server, error) {
	if len(installs) == 0 {
		return nil, missing()
	}
	path, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	who, err := accountFor(path)
	if err != nil {
		return nil, err
	}
	dir, err := claim(path, who)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, account: who, fast: o.Fast, log: o.Log, done: make(chan struct{})}
	s.life, s.quit = context.WithCancel(context.Background())
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.begin(ctx, installs); err != nil {
		s.quit()
		return nil, errors.Join(err, dir.release())
	}
	return s, nil
}

// begin makes the cluster if need be and hands its child to supervise.
func (s *Server) begin(ctx context.Context, installs []Install) error {
	major, err := s.dir.major()
	if err != nil {
		return err
	}
	if s.bin, err = choose(installs, major, s.dir.path); err != nil {
		return err
	}
	if s.socket, err = s.dir.socket(s.account); err != nil {
		return err
	}
	if major == 0 {
		s.log.InfoContext(ctx, "making a private Postgres cluster", "dir", s.dir.path, "version", s.bin.Version)
		if err := s.initdb(ctx); err != nil {
			return err
		}
	}
	if err := s.endLeftover(ctx); err != nil {
		return err
	}
	c, err := s.launch(ctx)
	if err != nil {
		return err
	}
	if err := s.createDatabase(ctx); err != nil {
		s.end(c)
		return err
	}
	s.log.InfoContext(ctx, "private Postgres is up", "dir", s.dir.path, "version", s.bin.Version, "pid", c.pid())
	go s.supervise(c)
	return nil
}

// URL is the connection string of the portal's database, for pgx and libpq.
func (s *Server) URL() string { return s.url(database) }

func (s *Server) url(name string) string {
	host := strings.ReplaceAll(url.QueryEscape(s.socket), "+", "%20") // pgx takes a plus for a plus
	return "postgres://" + role + "@/" + name + "?host=" + host + "&port=5432"
}

// Up reports whether the server is running and ready. It is false from the
// moment the child is seen to have died until its successor takes connections.
func (s *Server) Up() bool { return s.up.Load() }

// Done is closed when the server has been stopped for good. A child that dies
// on its own does not close it: that one is replaced.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop shuts the server down, which ends the connections that are still open,
// and returns when it is gone. Later calls do nothing.
func (s *Server) Stop() error {
	var err error
	s.stopOnce.Do(func() {
		s.quit()
		<-s.done
		if s.socket != s.dir.path {
			err = os.RemoveAll(s.socket)
		}
		err = errors.Join(err, s.dir.release())
	})
	return err
}

// refuse is a start that cannot succeed until somebody changes something.
func refuse(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }

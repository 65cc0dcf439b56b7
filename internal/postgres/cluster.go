package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// initdb makes the cluster. Being killed half-way leaves only data.new behind,
// which the next start throws away.
func (s *Server) initdb(ctx context.Context) error {
	fresh := s.dir.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	args := []string{
		"-D", fresh, "-U", role,
		"-E", "UTF8", "--no-locale", // without these, LANG=C would make it SQL_ASCII
		"--auth-local=trust", // the directory is closed to others
		"--auth-host=reject",
		"--no-instructions",
	}
	if s.fast {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin.Dir, "initdb"), args...)
	cmd.Dir = s.dir.path
	cmd.Env = s.environ()
	cmd.SysProcAttr = s.sysProcAttr()
	runtime.LockOSThread() // the end of its thread would interrupt it, as our own would
	out, err := cmd.CombinedOutput()
	runtime.UnlockOSThread()
	if err != nil {
		return &fault.Error{
			Kind:    fault.Unavailable,
			Message: fmt.Sprintf("Postgres could not make a cluster in %s.", s.dir.path),
			Err:     errors.Join(err, errors.New(strings.TrimSpace(string(out))), os.RemoveAll(fresh)),
		}
	}
	if err := os.Rename(fresh, s.dir.data()); err != nil {
		return err
	}
	return syncDir(s.dir.path)
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// environ is what the programs of Postgres see: none of our PG* variables, and
// messages in English, which launch reads.
func (s *Server) environ() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir.path, "LC_ALL=C", "TZ=UTC"}
}

// arguments are those of the server. Settings are given here rather than in
// postgresql.conf, so that an old cluster gets what a new program wants.
func (s *Server) arguments() []string {
	settings := []string{
		"listen_addresses=",
		`unix_socket_directories="` + strings.ReplaceAll(s.socket, `"`, `""`) + `"`,
		"unix_socket_permissions=0700",
		"port=5432",
		"timezone=UTC",
		"log_timezone=UTC",
		"log_checkpoints=off",
		"log_error_verbosity=terse", // the details of an error quote people's words
		"jit=off",
	}
	if s.fast {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"wal_level=minimal", "max_wal_senders=0", "autovacuum=off", "max_connections=400")
	}
	args := []string{"-D", s.dir.data()}
	for _, set := range settings {
		args = append(args, "-c", set)
	}
	return args
}

// createDatabase makes the portal's database if it is not there.
func (s *Server) createDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return fmt.Errorf("connect to the private Postgres: %w", err)
	}
	_, err = conn.Exec(ctx, "create database "+database)
	const duplicateDatabase = "42P04"
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == duplicateDatabase {
		err = nil
	}
	return errors.Join(err, conn.Close(ctx))
}

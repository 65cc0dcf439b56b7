package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// MinMajor is the oldest major version of Postgres that the schema works on.
const MinMajor = 15

// ErrMissing is wrapped by the error of Start when this machine has no Postgres
// of MinMajor or newer.
var ErrMissing = errors.New("neither PGBIN nor PATH nor the usual folders have postgres and initdb")

// Install is one Postgres on this machine.
type Install struct {
	Dir     string // holds postgres and initdb; symbolic links resolved
	Major   int
	Version string // as postgres --version gives it, e.g. "15.13"
}

// places are where distributions put the binaries, outside PATH.
var places = []string{
	"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
	"/usr/pgsql-*/bin",                                   // packages of postgresql.org on Fedora, RHEL
	"/usr/libexec/postgresql*",                           // Alpine
	"/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew
	"/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
	"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
}

// Locate lists the Postgres installations of MinMajor or newer: that of $PGBIN
// first, then the newest first. It is empty if there is none.
func Locate(ctx context.Context) []Install {
	return locate(ctx, os.Getenv("PGBIN"), filepath.SplitList(os.Getenv("PATH")), places)
}

func locate(ctx context.Context, pgbin string, path, globs []string) []Install {
	var rest []Install
	for _, dir := range path {
		rest = append(rest, inspect(ctx, dir)...)
	}
	for _, glob := range globs {
		dirs, _ := filepath.Glob(glob) // the patterns are well-formed
		for _, dir := range dirs {
			rest = append(rest, inspect(ctx, dir)...)
		}
	}
	slices.SortStableFunc(rest, func(a, b Install) int { return b.Major - a.Major })
	var all []Install
	for _, in := range append(inspect(ctx, pgbin), rest...) {
		if !slices.ContainsFunc(all, func(o Install) bool { return o.Dir == in.Dir }) {
			all = append(all, in)
		}
	}
	return all
}

var versionLine = regexp.MustCompile(`^postgres \(PostgreSQL\) ((\d+)\S*)`)

// inspect is the installation in dir, or nothing. The link in PATH may be all
// there is in its folder: postgres finds initdb's templates beside the real one.
func inspect(ctx context.Context, dir string) []Install {
	if dir == "" {
		return nil
	}
	program, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return nil
	}
	if program, err = filepath.Abs(program); err != nil {
		return nil
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(program), "initdb")); err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "--version").Output()
	if err != nil {
		return nil
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return nil
	}
	major, err := strconv.Atoi(string(m[2]))
	if err != nil || major < MinMajor {
		return nil
	}
	return []Install{{Dir: filepath.Dir(program), Major: major, Version: string(m[1])}}
}

// choose picks the installation for the cluster in dir: of its own major
// version, or the preferred one if major is 0, for a cluster still to be made.
func choose(installs []Install, major int, dir string) (Install, error) {
	if major == 0 {
		return installs[0], nil
	}
	var have []string
	for _, in := range installs {
		if in.Major == major {
			return in, nil
		}
		have = append(have, strconv.Itoa(in.Major))
	}
	return Install{}, refuse("The data in %s was written by Postgres %d, but only Postgres %s is installed. "+
		"Install version %d as well (Debian, Ubuntu: apt-get install postgresql-%d) and start again. "+
		"To move the data to a newer version, run pg_dumpall of version %d meanwhile, move the directory away, "+
		"start with an empty one, and load the dump with psql.",
		dir, major, strings.Join(have, ", "), major, major, major)
}

func missing() error {
	return &fault.Error{
		Kind: fault.Invalid,
		Err:  ErrMissing,
		Message: fmt.Sprintf(`There is no Postgres %[1]d or newer on this machine. Three ways out:
  1. Install it. Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server postgresql-contrib;
     macOS: brew install postgresql@17. If it is in an unusual place, set PGBIN to the folder of its programs.
  2. Run it in a container:
     docker run -d -e POSTGRES_PASSWORD=hackfest -p 127.0.0.1:5432:5432 postgres:17
     and set DATABASE_URL=postgres://postgres:hackfest@127.0.0.1:5432/postgres
  3. Use a server you have: set DATABASE_URL=postgres://user:password@host/database.
`, MinMajor),
	}
}

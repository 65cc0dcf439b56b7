// Package app builds the parts of the portal from the settings, starts them,
// watches them, and stops them in an order in which nothing is lost. It is the
// only place that knows them all; what each of them does is theirs.
//
//	web
//	Postgres of our own (if none is given) → schema → live hub
//	                                                → bot lock → spool → bot
//
// The web answers from the beginning, with 503 while Postgres is away; without
// the role web it answers operators only. Parts stop in reverse, so the bot says goodbye and what it heard is stored before
// the database goes.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/settings"
	"github.com/eucalyptus/hackfest/internal/store"
)

// Options are what a portal is started with.
type Options struct {
	Settings settings.Settings
	Version  string
	Tzdata   string // release of the zone database
	Migrate  bool   // bring the schema up to date at the start
	Log      *slog.Logger
	Now      func() time.Time

	check   func(ctx context.Context, st *store.Store) error // called before the schema is touched; nil for none
	seed    func(ctx context.Context, st *store.Store) error // called once the schema is there; nil for none
	started func(url string)                                 // called once pages are answered from the database; nil for none
}

// Serve runs a portal until ctx ends or a part of it fails. It returns nil only
// after an orderly stop that ctx asked for, within ten seconds of that.
func Serve(ctx context.Context, o Options) error {
	for _, w := range o.Settings.Warnings {
		o.Log.WarnContext(ctx, w)
	}
	listener, err := listen(ctx, &o.Settings)
	if err != nil {
		return err
	}
	defer listener.Close()                      //nolint:errcheck // the web server has closed it by then
	o.Settings.GitHub.Calls = new(ghsync.Tally) // role jobs counts, role web tells
	p := newParts(ctx, o.Log)
	a := &portal{Options: o, db: &database{}, prepared: make(chan struct{}), listener: listener}
	a.start(p)
	err = p.wait()
	o.Log.InfoContext(ctx, "stopping")
	return errors.Join(err, a.end(p))
}

// stopFor is how long a stop may take: less than the ten seconds after which
// service managers lose patience.
const stopFor = 9 * time.Second

// end stops the parts and then the database. When Postgres does not answer,
// that is given up: what the bot heard is in the spool, and the next start
// stores it.
func (a *portal) end(p *parts) error {
	done := make(chan error, 1)
	go func() { done <- errors.Join(p.stop(), a.db.close()) }()
	select {
	case err := <-done:
		a.Log.Info("stopped")
		return err
	case <-time.After(stopFor):
		a.Log.Warn("stopped without waiting for everything")
		return nil
	}
}

// makeDataDir makes the directory of data and what is missing above it, closed
// to others. Root's may be passed through, whatever the umask: Postgres runs as
// another user then.
func makeDataDir(dir string) error {
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	var missing []string
	for up := dir; ; up = filepath.Dir(up) {
		if _, err := os.Stat(up); !errors.Is(err, os.ErrNotExist) {
			break
		}
		missing = append(missing, up)
	}
	for _, one := range slices.Backward(missing) {
		if err := errors.Join(os.Mkdir(one, mode), os.Chmod(one, mode)); err != nil {
			return dataDirError(dir, err)
		}
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return dataDirError(dir, errors.Join(err, errors.New("not a directory")))
	}
	return nil
}

func dataDirError(dir string, err error) error {
	return &fault.Error{Kind: fault.Invalid, Message: fmt.Sprintf("The data directory %s cannot be used; choose another one with --data-dir or HACKFEST_DATA_DIR.", dir), Err: err}
}

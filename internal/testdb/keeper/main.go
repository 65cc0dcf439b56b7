// Command keeper runs the Postgres cluster that the test programs of one machine
// share. internal/testdb builds and starts it; nobody else needs it. It says the
// cluster's URL on its standard output and closes that, and stops when no test
// program has held the lock for a while, however the last one ended.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/eucalyptus/hackfest/internal/postgres"
)

// linger is how long the cluster outlives its last user, so that go test, which
// starts one program after the other, needs it only once.
const linger = 10 * time.Second

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if len(os.Args) != 2 {
		log.Error("keeper is started by the tests of hackfest", "usage", "keeper DIR")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := keep(ctx, os.Args[1], os.Stdout, linger, log); err != nil {
		log.Error("stopped", "err", err)
		os.Exit(1)
	}
}

// keep runs a cluster in dir until nobody has used it for linger. It says the
// URL on out and closes that.
func keep(ctx context.Context, dir string, out io.WriteCloser, linger time.Duration, log *slog.Logger) error {
	users, err := os.OpenFile(filepath.Join(dir, "users"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer users.Close() // last of all: whoever waits for the lock then starts afresh
	cluster := filepath.Join(dir, "cluster")
	// What a killed keeper left may be unusable: nothing in it was synced.
	if err := clear(cluster); err != nil {
		return err
	}
	pg, err := postgres.Start(ctx, postgres.Options{Dir: cluster, Log: log, Fast: true})
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "url")
	if err := os.WriteFile(file, []byte(pg.URL()), 0o600); err != nil {
		return errors.Join(err, pg.Stop())
	}
	_, err = fmt.Fprintln(out, pg.URL())
	if err = errors.Join(err, out.Close()); err == nil {
		idle(ctx, users, linger)
	}
	return errors.Join(err, os.Remove(file), pg.Stop(), os.RemoveAll(cluster))
}

// clear removes the cluster of a keeper that was killed. Its server has been
// told to stop by the kernel and may still be at it.
func clear(cluster string) error {
	var err error
	for range 100 {
		if err = os.RemoveAll(cluster); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

// idle returns when nobody has held users for linger, holding it exclusively,
// or when ctx ends.
func idle(ctx context.Context, users *os.File, linger time.Duration) {
	tick := time.NewTicker(linger / 20)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if syscall.Flock(int(users.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
				last = now
				continue
			}
			if now.Sub(last) > linger {
				return
			}
			_ = syscall.Flock(int(users.Fd()), syscall.LOCK_UN) // it was ours
		}
	}
}

// Command keeper runs the Postgres cluster that the test programs of one machine
// share. internal/testdb builds and starts it; nobody else needs it. It says the
// cluster's URL on its standard output and closes that, and stops when no test
// program has held the lock for a while, however the last one ended.
package main

import (
	"context"
	"errors"
	"fmt"
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
	if err := keep(os.Args[1], log); err != nil {
		log.Error("stopped", "err", err)
		os.Exit(1)
	}
}

func keep(dir string, log *slog.Logger) error {
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
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	pg, err := postgres.Start(ctx, postgres.Options{Dir: cluster, Log: log, Fast: true})
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "url")
	if err := os.WriteFile(file, []byte(pg.URL()), 0o600); err != nil {
		return errors.Join(err, pg.Stop())
	}
	fmt.Println(pg.URL())
	_ = os.Stdout.Close()
	idle(ctx, users)
	return errors.Join(os.Remove(file), pg.Stop(), os.RemoveAll(cluster))
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
func idle(ctx context.Context, users *os.File) {
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

package store_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
)

const deadline = 30 * time.Second // never reached but where something hangs

func TestOneBotHoldsTheLock(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	first, err := store.AcquireBotLock(ctx, w.url)
	w.must(err)
	_, err = store.AcquireBotLock(ctx, w.url)
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(fault.Message(err), fmt.Sprintf("hackfest bot, process %d on ", os.Getpid())) {
		t.Errorf("a second: %v", err)
	}
	w.must(first.Release(ctx))
	second, err := acquireSoon(t, w.url)
	w.must(err)
	w.must(second.Release(ctx))
}

// acquireSoon waits for Postgres to notice that the last holder is gone.
func acquireSoon(t *testing.T, url string) (*store.BotLock, error) {
	t.Helper()
	for end := time.Now().Add(deadline); ; {
		l, err := store.AcquireBotLock(t.Context(), url)
		if fault.KindOf(err) != fault.Conflict || err == nil || time.Now().After(end) {
			return l, err
		}
	}
}

func TestLostLockIsNoticed(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	l, err := store.AcquireBotLock(ctx, w.url)
	w.must(err)
	select {
	case <-l.Lost():
		t.Fatal("lost at once")
	default:
	}
	w.exec("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'hackfest bot%' and datname = current_database()")
	select {
	case <-l.Lost():
	case <-time.After(deadline):
		t.Fatal("not noticed")
	}
	again, err := acquireSoon(t, w.url)
	w.must(err)
	w.must(again.Release(ctx))
	_ = l.Release(ctx) // its connection is gone already
}

func TestLockWithoutPostgres(t *testing.T) {
	t.Parallel()
	if _, err := store.AcquireBotLock(t.Context(), "postgres://nobody@127.0.0.1:1/none"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v, want it to be unavailable", err)
	}
}

func TestPostgresStarted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at, err := store.PostgresStarted(t.Context(), w.url)
	if err != nil || at.IsZero() || at.After(time.Now().Add(time.Minute)) {
		t.Errorf("%s, %v", at, err)
	}
}

package app

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

func newLock(t *testing.T, url string, patience time.Duration) *botLock {
	t.Helper()
	l := &botLock{url: url, log: slog.New(slog.DiscardHandler), ask: 10 * time.Millisecond, patience: patience}
	t.Cleanup(func() { l.release(context.Background()) })
	return l
}

func TestLockIsRefusedWhileAnotherBotRuns(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	first, second := newLock(t, url, 0), newLock(t, url, 50*time.Millisecond)
	if err := first.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := second.take(t.Context())
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(fault.Message(err), "hackfest bot, process") {
		t.Fatalf("got %v, want a conflict that names the holder", err)
	}
}

// A killed bot may hold the lock for a moment.
func TestLockIsTakenOverWithinPatience(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	first, second := newLock(t, url, 0), newLock(t, url, time.Minute)
	if err := first.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() { got <- second.take(t.Context()) }()
	first.release(t.Context())
	if err := <-got; err != nil || second.held == nil {
		t.Fatalf("not taken over: %v", err)
	}
}

// A bot whose connection is cut stays on IRC and gets the lock back, even
// though its own old connection may be in the way for a moment.
func TestLockComesBackAfterALostConnection(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	l := newLock(t, url, 0)
	if err := l.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := l.held.Holder()
	ctx, cancel := context.WithCancel(t.Context())
	kept := make(chan error, 1)
	go func() { kept <- l.keep(ctx) }()
	cut(t, url, before)
	await(t, "the lock is held by a new connection", func() bool { h := holder(t, url); return h != 0 && h != before })
	cancel()
	if err := <-kept; err != nil {
		t.Errorf("keep ended with %v", err)
	}
}

// While its old connection is frozen in Postgres and still holds the lock, a bot
// does not take itself for another one.
func TestLockHeldByOwnFrozenConnection(t *testing.T) {
	t.Parallel()
	if os.Getenv("HACKFEST_TEST_DATABASE") != "" {
		t.Skip("the processes of a given Postgres may be on another machine")
	}
	url := testdb.URL(t)
	l := newLock(t, url, 0)
	if err := l.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := l.held.Holder()
	lost := l.held.Lost()
	ctx, cancel := context.WithCancel(t.Context())
	kept := make(chan error, 1)
	go func() { kept <- l.keep(ctx) }()
	if err := syscall.Kill(int(before), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	thaw := sync.OnceFunc(func() { _ = syscall.Kill(int(before), syscall.SIGCONT) })
	t.Cleanup(thaw)
	<-lost
	ended := make(chan struct{}) // a few questions that the frozen connection answers with "held"
	time.AfterFunc(20*l.ask, func() { close(ended) })
	select {
	case err := <-kept:
		t.Fatalf("left IRC because of its own old connection: %v", err)
	case <-ended:
	}
	thaw()
	await(t, "the lock is held by a new connection", func() bool { h := holder(t, url); return h != 0 && h != before })
	cancel()
	if err := <-kept; err != nil {
		t.Errorf("keep ended with %v", err)
	}
}

// A bot that lost the lock to another one must leave.
func TestLockLostToAnotherBot(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	l := newLock(t, url, 0)
	if err := l.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := l.held.Holder()
	l.ask = time.Hour // it looks once, after the other one has the lock
	other := newLock(t, url, time.Minute)
	kept := make(chan error, 1)
	cut(t, url, before)
	if err := other.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	go func() { kept <- l.keep(t.Context()) }()
	select {
	case err := <-kept:
		if err == nil || !strings.Contains(err.Error(), "leaving IRC") {
			t.Errorf("keep ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("still on IRC while another bot has the lock")
	}
}

// cut ends the connection that holds the lock, as a failing network would.
func cut(t *testing.T, url string, h store.BotLockHolder) {
	t.Helper()
	const q = `select pg_terminate_backend($1)`
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), q, int64(h)); err != nil {
		t.Fatal(err)
	}
}

// holder is the connection that has the lock; 0 when none has.
func holder(t *testing.T, url string) store.BotLockHolder {
	t.Helper()
	const q = `
		select coalesce(min(l.pid), 0)
		from pg_locks l join pg_database d on d.oid = l.database
		where d.datname = current_database() and l.locktype = 'advisory' and l.granted`
	var pid int64
	if err := connect(t, url).QueryRow(t.Context(), q).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	return store.BotLockHolder(pid)
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// await polls until what is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after a minute: %s", what)
		}
	}
}

package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
)

func TestListen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ready, heard, ended := make(chan bool, 1), make(chan string, 10), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		ended <- store.Listen(ctx, w.url, func() { ready <- true }, func(topic string) { heard <- topic })
	}()
	next := func() string {
		select {
		case topic := <-heard:
			return topic
		case err := <-ended:
			t.Fatal(err)
		case <-time.After(deadline):
			t.Fatal("heard nothing")
		}
		return ""
	}
	select {
	case <-ready:
	case <-time.After(deadline):
		t.Fatal("not ready")
	}
	w.plan(planned("OpenShift", aug2))
	if got := next(); got != store.SessionsTopic() {
		t.Errorf("after a session was planned: %q", got)
	}
	w.record(newLog(channel, aug2).say("ann", "hello"))
	if got, want := next(), store.ChannelTopic(w.channelID("eucalyptus-devel")); got != want {
		t.Errorf("after a line: %q, want %q", got, want)
	}
	w.exec("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hackfest listener' and datname = current_database()")
	select {
	case err := <-ended:
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("when the connection was cut: %v", err)
		}
	case <-time.After(deadline):
		t.Fatal("the cut was not noticed")
	}
}

func TestListenEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	if err := store.Listen(ctx, w.url, cancel, func(string) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

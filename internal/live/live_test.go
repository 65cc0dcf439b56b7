package live_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/eucalyptus/hackfest/internal/live"
)

// wire is a listening connection in the hands of the test.
type wire struct {
	connects int
	heard    func(string)
	cut      chan error
}

func (w *wire) listen(ctx context.Context, ready func(), heard func(string)) error {
	w.connects++
	w.heard = heard
	ready()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-w.cut:
		return err
	}
}

// run starts a hub on w for the time of the test.
func run(t *testing.T, listen live.Listen) *live.Hub {
	ctx, cancel := context.WithCancel(t.Context())
	h := live.New(listen, slog.New(slog.DiscardHandler))
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := h.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
	synctest.Wait()
	return h
}

// taken is how many values are waiting in c.
func taken(c <-chan struct{}) int {
	n := 0
	for {
		select {
		case <-c:
			n++
		default:
			return n
		}
	}
}

func TestSubscribersAreWokenByTheirTopicOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{cut: make(chan error)}
		h := run(t, w.listen)
		one, stopOne := h.Subscribe("channel/1")
		also, stopAlso := h.Subscribe("channel/1")
		two, stopTwo := h.Subscribe("channel/2")
		defer stopTwo()
		for range 3 {
			w.heard("channel/1")
		}
		w.heard("channel/3") // nobody's
		if a, b, c := taken(one), taken(also), taken(two); a != 1 || b != 1 || c != 0 {
			t.Errorf("woken %d, %d and %d times, want 1, 1, 0", a, b, c)
		}
		stopOne()
		stopOne()
		w.heard("channel/1")
		if a, b := taken(one), taken(also); a != 0 || b != 1 {
			t.Errorf("after one stopped: woken %d and %d times, want 0, 1", a, b)
		}
		stopAlso()
		if n := h.Subscribers(); n != 1 {
			t.Errorf("%d subscribers are left, want 1", n)
		}
	})
}

func TestEverybodyIsWokenAfterAReconnect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{cut: make(chan error)}
		h := run(t, w.listen)
		c, stop := h.Subscribe("channel/1")
		defer stop()
		if !h.Up() || taken(c) != 0 {
			t.Error("not up, or woken for nothing")
		}
		w.cut <- errors.New("cut")
		synctest.Wait()
		if h.Up() || taken(c) != 1 {
			t.Error("after the cut: still up, or nobody was woken to see why")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if !h.Up() || w.connects != 2 || taken(c) != 1 {
			t.Errorf("a second later: up %v, %d connects; or nobody was woken", h.Up(), w.connects)
		}
	})
}

// Without a database it is tried again, ever more slowly, but at least each two
// seconds.
func TestRetriesWhilePostgresIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int32
		var back atomic.Bool
		h := run(t, func(ctx context.Context, ready func(), _ func(string)) error {
			tries.Add(1)
			if !back.Load() {
				return errors.New("away")
			}
			ready()
			<-ctx.Done()
			return ctx.Err()
		})
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := tries.Load(); h.Up() || n < 30 || n > 40 {
			t.Errorf("in a minute: %d tries, up %v", n, h.Up())
		}
		back.Store(true)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !h.Up() {
			t.Error("not up two seconds after it came back")
		}
	})
}

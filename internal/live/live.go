// Package live tells this program's open pages when something they show has
// changed: one connection listens to Postgres, any number of subscribers are
// woken. It carries no content and reads no rows; whoever is woken looks for
// itself what is new.
package live

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Listen hears topics until ctx ends or its connection is lost, and returns
// why; store.Listen is the real one. It calls ready once it hears.
type Listen func(ctx context.Context, ready func(), heard func(topic string)) error

// After a lost connection the next is tried after retryFirst, then after twice
// as long each time, up to retryLast.
const (
	retryFirst = 100 * time.Millisecond
	retryLast  = 2 * time.Second
)

// Hub wakes subscribers.
type Hub struct {
	listen Listen
	log    *slog.Logger
	up     atomic.Bool

	mu   sync.Mutex
	subs map[string]map[chan struct{}]bool // by topic
}

// New returns a Hub that hears by listen. It does nothing before Run.
func New(listen Listen, log *slog.Logger) *Hub {
	return &Hub{listen: listen, log: log, subs: map[string]map[chan struct{}]bool{}}
}

// Run listens, and connects again when the connection is lost, until ctx ends;
// it returns nil then. After each connect all subscribers are woken once, for
// what may have been missed, and when the connection is lost, to see why.
func (h *Hub) Run(ctx context.Context) error {
	defer h.up.Store(false)
	wait := retryFirst
	for {
		err := h.listen(ctx, func() {
			wait = retryFirst
			h.up.Store(true)
			h.wakeAll()
		}, h.wake)
		if ctx.Err() != nil {
			return nil
		}
		if h.up.Swap(false) {
			h.log.WarnContext(ctx, "pages are not told of changes: connection to the database lost", "err", err)
			h.wakeAll() // to look for themselves
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, retryLast)
	}
}

// Up reports whether changes are heard of now.
func (h *Hub) Up() bool { return h.up.Load() }

// Subscribe returns a channel that gets a value after topic changed: one for any
// number of changes since the last was taken. stop ends it; it may be called
// more than once.
func (h *Hub) Subscribe(topic string) (woken <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs[topic] == nil {
		h.subs[topic] = map[chan struct{}]bool{}
	}
	h.subs[topic][c] = true
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs[topic], c)
		if len(h.subs[topic]) == 0 {
			delete(h.subs, topic)
		}
	}
}

// Subscribers is how many there are now, of all topics.
func (h *Hub) Subscribers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, subs := range h.subs {
		n += len(subs)
	}
	return n
}

func (h *Hub) wake(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.subs[topic] {
		poke(c)
	}
}

func (h *Hub) wakeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, subs := range h.subs {
		for c := range subs {
			poke(c)
		}
	}
}

// poke leaves one value in c, where one is enough.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

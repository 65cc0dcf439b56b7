package web

import (
	"context"
	"errors"
	"sync"
	"time"
)

// share lets many readers who want the same share one answer. Who asks gets an
// answer to a question that was put after that moment, never to an older one:
// so nobody who was woken by a change misses it.
type share[K comparable, V any] struct {
	mu  sync.Mutex
	now map[K]*asking[V]
}

var errUnanswered = errors.New("nobody answered")

// asking is a question under way, and the one that those wait for who came
// meanwhile.
type asking[V any] struct {
	next *asking[V]    // nil while nobody came
	turn chan struct{} // closed when it may be put
	done chan struct{} // closed when answer and err are there

	answer V
	err    error
}

func newAsking[V any]() *asking[V] {
	return &asking[V]{turn: make(chan struct{}), done: make(chan struct{})}
}

// ask returns what question answers. One of those who share it puts it, with
// at most patience for it, also if that one leaves; the others wait until their
// own ctx ends.
func (s *share[K, V]) ask(ctx context.Context, key K, patience time.Duration, question func(context.Context) (V, error)) (V, error) {
	mine, first := s.join(key)
	if !first {
		select {
		case <-mine.done:
			return mine.answer, mine.err
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
	}
	<-mine.turn // the one before has at most patience as well
	asked, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	defer s.leave(key, mine)
	mine.err = errUnanswered // should question panic
	mine.answer, mine.err = question(asked)
	return mine.answer, mine.err
}

// join returns the question to wait for, and whether the caller has to put it.
func (s *share[K, V]) join(key K) (*asking[V], bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil {
		s.now = map[K]*asking[V]{}
	}
	running := s.now[key]
	switch {
	case running == nil:
		running = newAsking[V]()
		s.now[key] = running
		close(running.turn)
		return running, true
	case running.next == nil:
		running.next = newAsking[V]()
		return running.next, true
	}
	return running.next, false
}

// leave hands the answer to those who wait, and lets the next be put.
func (s *share[K, V]) leave(key K, mine *asking[V]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if mine.next == nil {
		delete(s.now, key)
	} else {
		s.now[key] = mine.next
		close(mine.next.turn)
	}
	close(mine.done)
}

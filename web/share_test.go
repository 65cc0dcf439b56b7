package web

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Everybody who comes while a question is under way gets the answer to the next
// one, which is put once for all of them.
func TestShareAsksOnceForMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s share[string, int]
		state, asked := 0, 0 // what is asked about; one question at a time reads it
		ask := func() (int, error) {
			return s.ask(t.Context(), "key", time.Minute, func(context.Context) (int, error) {
				asked++
				seen := state
				time.Sleep(time.Second)
				return seen, nil
			})
		}
		var all sync.WaitGroup
		all.Go(func() {
			if n, err := ask(); n != 0 || err != nil {
				t.Error("the first got ", n, err)
			}
		})
		synctest.Wait()
		state = 1 // too late for the first
		for range 100 {
			all.Go(func() {
				if n, err := ask(); n != 1 || err != nil {
					t.Error("one who came later got ", n, err)
				}
			})
		}
		all.Wait()
		if asked != 2 || len(s.now) != 0 {
			t.Errorf("asked %d times, %d are left", asked, len(s.now))
		}
	})
}

func TestShareWhenSomebodyLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s share[string, int]
		slow := func(ctx context.Context) (int, error) {
			select {
			case <-ctx.Done():
				return 0, ctx.Err()
			case <-time.After(time.Second):
				return 7, nil
			}
		}
		impatient, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { _, _ = s.ask(impatient, "key", time.Minute, slow) })
		synctest.Wait()
		all.Go(func() { _, _ = s.ask(impatient, "key", time.Minute, slow) }) // has to put the next one
		synctest.Wait()
		all.Go(func() {
			if _, err := s.ask(impatient, "key", time.Minute, slow); !errors.Is(err, context.Canceled) {
				t.Error("who left waited: ", err)
			}
		})
		all.Go(func() {
			if n, err := s.ask(t.Context(), "key", time.Minute, slow); n != 7 || err != nil {
				t.Error("who stayed got ", n, err)
			}
		})
		synctest.Wait()
		leave()
		all.Wait()
		if _, err := s.ask(t.Context(), "key", time.Millisecond, slow); !errors.Is(err, context.DeadlineExceeded) {
			t.Error("no end to patience: ", err)
		}
	})
}

func TestShareOutlivesAPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s share[string, int]
		var all sync.WaitGroup
		all.Go(func() {
			defer func() { _ = recover() }()
			_, _ = s.ask(t.Context(), "key", time.Minute, func(context.Context) (int, error) { time.Sleep(time.Second); return 1, nil })
		})
		synctest.Wait()
		all.Go(func() {
			defer func() { _ = recover() }()
			_, _ = s.ask(t.Context(), "key", time.Minute, func(context.Context) (int, error) { panic("broken") })
		})
		synctest.Wait()
		all.Go(func() {
			if _, err := s.ask(t.Context(), "key", time.Minute, nil); !errors.Is(err, errUnanswered) {
				t.Error("got ", err)
			}
		})
		all.Wait()
		if n, err := s.ask(t.Context(), "key", time.Minute, func(context.Context) (int, error) { return 3, nil }); n != 3 || err != nil {
			t.Error("afterwards ", n, err)
		}
	})
}

package auth

import (
	"sync"
	"time"
)

// manyKeys is how many keys a Limit remembers before it forgets those that have
// their tries in full, and maxKeys how many at all: beyond that all are counted
// as one.
const (
	manyKeys = 2000
	maxKeys  = 50_000
)

// Limit lets each key do something burst times at once, and once more after each
// so much time. Its methods may be called from any goroutine. It counts within
// this process alone.
type Limit struct {
	burst float64
	every time.Duration

	mu    sync.Mutex
	left  map[string]tries
	swept time.Time // when it was last looked for keys to forget
}

// tries is how often a key may at a time; it grows from then on.
type tries struct {
	n  float64
	at time.Time
}

// NewLimit allows burst tries at once, and another after each every.
func NewLimit(burst int, every time.Duration) *Limit {
	return &Limit{burst: float64(burst), every: every, left: map[string]tries{}}
}

// Take counts a try of key. When there is none left it returns how long to wait
// for one; else zero.
func (l *Limit) Take(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.left[key]; !known && len(l.left) >= manyKeys {
		l.sweep(now)
		if len(l.left) >= maxKeys {
			key = ""
		}
	}
	n := l.credit(key, now)
	if n < 1 {
		return time.Duration((1 - n) * float64(l.every))
	}
	l.left[key] = tries{n - 1, now}
	return 0
}

// Forget gives key its tries back, as after a success.
func (l *Limit) Forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.left, key)
}

// sweep forgets keys that have their tries in full. It looks once in a while
// only: it is called for each new key of a flood.
func (l *Limit) sweep(now time.Time) {
	if since := now.Sub(l.swept); since >= 0 && since < l.every {
		return
	}
	l.swept = now
	for k := range l.left {
		if l.credit(k, now) >= l.burst {
			delete(l.left, k)
		}
	}
}

func (l *Limit) credit(key string, now time.Time) float64 {
	t, ok := l.left[key]
	if !ok {
		return l.burst
	}
	return min(l.burst, t.n+float64(max(0, now.Sub(t.at)))/float64(l.every))
}

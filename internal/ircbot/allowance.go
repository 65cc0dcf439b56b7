package ircbot

import "time"

// manyKeys is how many people or rooms an allowance remembers before it forgets
// those that have theirs in full.
const manyKeys = 1000

// allowance lets each key do something burst times at once, and once more after
// every so much time. It belongs to one goroutine.
type allowance struct {
	burst float64
	every time.Duration
	left  map[string]credit
}

// credit is how often a key could do it at a time.
type credit struct {
	n  float64
	at time.Time
}

func newAllowance(burst float64, every time.Duration) *allowance {
	return &allowance{burst: burst, every: every, left: map[string]credit{}}
}

// take reports whether key may do it now, and counts it if so.
func (a *allowance) take(key string, now time.Time) bool {
	n := a.credit(key, now)
	if n < 1 {
		return false
	}
	if len(a.left) >= manyKeys {
		for k := range a.left {
			if a.credit(k, now) >= a.burst {
				delete(a.left, k)
			}
		}
	}
	a.left[key] = credit{n - 1, now}
	return true
}

func (a *allowance) credit(key string, now time.Time) float64 {
	c, ok := a.left[key]
	if !ok {
		return a.burst
	}
	return min(a.burst, c.n+float64(now.Sub(c.at))/float64(a.every))
}

package ircnet

import (
	"math/rand/v2"
	"time"
)

// Backoff says how long to wait between attempts to connect. The zero value is
// what people's networks are spared by: eleven attempts in the first ten
// minutes, one each five minutes after that, one each fifteen while banned. The
// first attempts come fast, so that a server's restart costs few lines.
type Backoff struct {
	Waits  []time.Duration // after the first, second, … failure in a row; the last one repeats
	Banned time.Duration   // after the server said that we are banned
	Calm   time.Duration   // each such time online takes one failure back
	Jitter func() float64  // 0 ≤ x < 1; a fifth of the wait times it is added
}

var defaultWaits = []time.Duration{
	1 * time.Second, 2 * time.Second, 3 * time.Second, 5 * time.Second,
	8 * time.Second, 8 * time.Second, 8 * time.Second,
	1 * time.Minute, 2 * time.Minute, 3 * time.Minute, 4 * time.Minute, 5 * time.Minute,
}

func (b Backoff) withDefaults() Backoff {
	if len(b.Waits) == 0 {
		b.Waits = defaultWaits
	}
	if b.Banned == 0 {
		b.Banned = 15 * time.Minute
	}
	if b.Calm == 0 {
		b.Calm = time.Minute
	}
	if b.Jitter == nil {
		b.Jitter = rand.Float64
	}
	return b
}

// wait is how long to wait after the given number of failures in a row.
func (b Backoff) wait(failures int, banned bool) time.Duration {
	d := b.Waits[min(max(failures, 1), len(b.Waits))-1]
	if banned {
		d = max(d, b.Banned)
	}
	return d + time.Duration(float64(d)*0.2*b.Jitter())
}

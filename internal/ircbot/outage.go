package ircbot

import (
	"sync"
	"time"
)

// awayAfter is how long Postgres may take to answer before it counts as away.
const awayAfter = 5 * time.Second

// outage is whether Postgres answers. A question that hangs counts as much as
// one that fails.
type outage struct {
	mu    sync.Mutex
	since time.Time // the first question that is not answered yet; zero when all are
	err   error     // the last failure since then; nil while a question hangs
}

// asked notes a question.
func (o *outage) asked(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		o.since = now
	}
}

// answered notes how a question ended.
func (o *outage) answered(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err = err; err == nil {
		o.since = time.Time{}
	}
}

// away returns since when Postgres has been away; zero when it is there.
func (o *outage) away(now time.Time) time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() || now.Sub(o.since) < awayAfter {
		return time.Time{}
	}
	return o.since
}

// silent is how long a question has waited for its answer.
func (o *outage) silent(now time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return 0
	}
	return now.Sub(o.since)
}

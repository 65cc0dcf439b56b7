package store

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// Usage is how the pool of connections has been used since it was made.
type Usage struct {
	Busy, Idle, Max int           // connections now, and at most
	Waits           int64         // times that none was free
	Waited          time.Duration // for one to become free, altogether

	Queries uint64          // ended
	Failed  uint64          // of them, for whatever reason
	Took    time.Duration   // altogether
	Bounds  []time.Duration // upper ones of Buckets
	Buckets []uint64        // queries that took at most as long as the bound
}

// bounds of the histogram of queries.
var bounds = [...]time.Duration{
	500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond,
	25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 5 * time.Second, 30 * time.Second,
}

// Usage reports how the pool has been used. A Store that is a transaction, or
// whose pool is not from NewPool, knows less or nothing.
func (s *Store) Usage() Usage {
	if s.pool == nil {
		return Usage{}
	}
	st := s.pool.Stat()
	u := Usage{
		Busy: int(st.AcquiredConns()), Idle: int(st.IdleConns()), Max: int(st.MaxConns()),
		Waits: st.EmptyAcquireCount(), Waited: st.EmptyAcquireWaitTime(),
	}
	if t, ok := s.pool.Config().ConnConfig.Tracer.(*tally); ok {
		t.report(&u)
	}
	return u
}

// tally counts the queries of a pool.
type tally struct {
	failed, took atomic.Int64
	buckets      [len(bounds) + 1]atomic.Uint64 // each query in one; the last is for those beyond all bounds
}

// begunKey is the key of the time at which a query began, in its context.
type begunKey struct{}

// TraceQueryStart notes when a query begins.
func (*tally) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, begunKey{}, time.Now())
}

// TraceQueryEnd counts a query.
func (t *tally) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	begun, ok := ctx.Value(begunKey{}).(time.Time)
	if !ok {
		return
	}
	took := time.Since(begun)
	t.took.Add(int64(took))
	if data.Err != nil {
		t.failed.Add(1)
	}
	i, _ := slices.BinarySearch(bounds[:], took)
	t.buckets[i].Add(1)
}

// report adds what was counted to u.
func (t *tally) report(u *Usage) {
	u.Failed, u.Took, u.Bounds = uint64(t.failed.Load()), time.Duration(t.took.Load()), bounds[:] //nolint:gosec // never negative
	for i := range t.buckets {
		u.Queries += t.buckets[i].Load()
		if i < len(bounds) {
			u.Buckets = append(u.Buckets, u.Queries)
		}
	}
}

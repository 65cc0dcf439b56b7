package spool

import (
	"crypto/rand"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// refs gives out refs. A ref's time part is the clock's, or that of the ref
// before when the clock is behind it; then come 24 bits that count and 56 bits
// drawn when the process started. So refs grow strictly, whatever the clock
// does, and those of two processes never meet.
type refs struct {
	last  hackfest.Ref
	tail  [7]byte
	clock func() time.Time
}

// newRefs makes refs that are greater than last.
func newRefs(last hackfest.Ref, clock func() time.Time) (*refs, error) {
	r := &refs{last: last, clock: clock}
	_, err := rand.Read(r.tail[:])
	return r, err
}

// next returns the next ref.
func (r *refs) next() hackfest.Ref {
	ms, count := uint64(max(r.clock().UnixMilli(), 0)), uint32(0)
	if last := milliseconds(r.last); ms <= last {
		ms = last
		count = (uint32(r.last[6])<<16 | uint32(r.last[7])<<8 | uint32(r.last[8])) + 1
		if count == 1<<24 {
			ms, count = ms+1, 0
		}
	}
	ref := hackfest.Ref{
		byte(ms >> 40), byte(ms >> 32), byte(ms >> 24), byte(ms >> 16), byte(ms >> 8), byte(ms),
		byte(count >> 16), byte(count >> 8), byte(count),
	}
	copy(ref[9:], r.tail[:])
	r.last = ref
	return ref
}

func milliseconds(r hackfest.Ref) uint64 {
	return uint64(r[0])<<40 | uint64(r[1])<<32 | uint64(r[2])<<24 | uint64(r[3])<<16 | uint64(r[4])<<8 | uint64(r[5])
}

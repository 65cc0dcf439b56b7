package logformat

import (
	"crypto/sha256"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// refs gives out the refs of a foreign log: 48 bits of the line's time in
// milliseconds, 24 bits of order in it spaced by 256 so that a missing line
// fits between its neighbours, and 56 bits of SHA-256 over network and channel.
// Reading the same log again gives the same refs.
type refs struct {
	channel [7]byte
	ms      int64 // time part of the last ref
	n       int   // how many have it
}

const (
	orderSpacing = 256
	perTime      = 1 << 24 / orderSpacing
)

func newRefs(network, channel string) *refs {
	sum := sha256.Sum256([]byte(network + "\x00" + fold(channel)))
	r := &refs{ms: -1}
	copy(r.channel[:], sum[:])
	return r
}

// next returns the ref of the next line. Where clocks went back the time part
// stays, so that refs sort as the log does.
func (r *refs) next(at time.Time) hackfest.Ref {
	if ms := max(at.UnixMilli(), 0); ms > r.ms {
		r.ms, r.n = ms, 0
	} else if r.n++; r.n == perTime {
		r.ms, r.n = r.ms+1, 0
	}
	var ref hackfest.Ref
	for i := range 6 {
		ref[i] = byte(r.ms >> (40 - 8*i))
	}
	order := r.n * orderSpacing
	ref[6], ref[7], ref[8] = byte(order>>16), byte(order>>8), byte(order)
	copy(ref[9:], r.channel[:])
	return ref
}

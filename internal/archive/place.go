package archive

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Refs gives out the refs of lines that were kept elsewhere: 48 bits of the
// line's time in milliseconds, 24 bits of order spaced by 256 so that a missing
// line fits between its neighbours, and 56 bits of SHA-256 over network and
// channel. The order begins in the middle, so that lines fit before the first
// too.
type Refs struct{ channel [7]byte }

// RefsOf are the refs of a channel; folded is its name as its network compares
// names.
func RefsOf(network, folded string) Refs {
	var r Refs
	sum := sha256.Sum256([]byte(network + "\x00" + irctext.RFC1459.Fold(folded)))
	copy(r.channel[:], sum[:])
	return r
}

const (
	spacing  = 256
	orderEnd = 1 << 24
	middle   = orderEnd / 2
)

// Ours reports whether r was given out by Refs of this channel rather than by a
// bot.
func (r Refs) Ours(ref hackfest.Ref) bool { return [7]byte(ref[9:]) == r.channel }

func (r Refs) ref(ms int64, order int64) hackfest.Ref {
	var ref hackfest.Ref
	for i := range 6 {
		ref[i] = byte(ms >> (40 - 8*i))
	}
	ref[6], ref[7], ref[8] = byte(order>>16), byte(order>>8), byte(order)
	copy(ref[9:], r.channel[:])
	return ref
}

// parts are the time and the order of a ref, whoever gave it out.
func parts(ref hackfest.Ref) (ms, order int64) {
	for i := range 6 {
		ms = ms<<8 | int64(ref[i])
	}
	return ms, int64(ref[6])<<16 | int64(ref[7])<<8 | int64(ref[8])
}

// Between gives refs to lines said at times, in order, all of them between prev
// and next; the zero next is no bound. The time part is a line's time unless that
// is outside. It fails only where no refs are left between the two.
func (r Refs) Between(prev, next hackfest.Ref, times []time.Time) ([]hackfest.Ref, error) {
	refs := make([]hackfest.Ref, len(times))
	for k, t := range times {
		ref := r.one(prev, next, max(t.UnixMilli(), 0), int64(len(times)-k))
		if ref.Compare(prev) <= 0 || !next.IsZero() && ref.Compare(next) >= 0 {
			ref = between(prev, next, uint64(len(times)-k))
		}
		if ref.Compare(prev) <= 0 {
			return nil, fmt.Errorf("archive: no ref is left between %s and %s", prev, next)
		}
		refs[k], prev = ref, ref
	}
	return refs, nil
}

// one is the ref of the first of n lines between prev and next.
func (r Refs) one(prev, next hackfest.Ref, ms, n int64) hackfest.Ref {
	prevMS, prevOrder := parts(prev)
	if ms = max(ms, prevMS); next.IsZero() {
		return r.after(prevMS, prevOrder, ms)
	}
	nextMS, nextOrder := parts(next)
	switch {
	case ms < nextMS:
		return r.after(prevMS, prevOrder, ms)
	case prevMS == nextMS:
		return r.ref(nextMS, prevOrder+(nextOrder-prevOrder)/(n+1))
	case nextOrder >= spacing*n:
		return r.ref(nextMS, nextOrder-spacing*n)
	}
	return r.after(prevMS, prevOrder, nextMS-1)
}

// after is a ref with time ms behind one of prevMS, which is not later.
func (r Refs) after(prevMS, prevOrder, ms int64) hackfest.Ref {
	switch {
	case ms > prevMS:
		return r.ref(ms, middle)
	case prevOrder+spacing < orderEnd:
		return r.ref(ms, prevOrder+spacing)
	}
	return r.ref(ms+1, 0)
}

// between is the first of n refs spread evenly between two, without regard to
// their parts.
func between(prev, next hackfest.Ref, n uint64) hackfest.Ref {
	half := func(r hackfest.Ref, k int) uint64 { return binary.BigEndian.Uint64(r[8*k:]) }
	lo, borrow := bits.Sub64(half(next, 1), half(prev, 1), 0)
	hi, _ := bits.Sub64(half(next, 0), half(prev, 0), borrow)
	stepHi, rest := bits.Div64(0, hi, n+1)
	stepLo, _ := bits.Div64(rest, lo, n+1)
	var ref hackfest.Ref
	lo, carry := bits.Add64(half(prev, 1), stepLo, 0)
	hi, _ = bits.Add64(half(prev, 0), stepHi, carry)
	binary.BigEndian.PutUint64(ref[:8], hi)
	binary.BigEndian.PutUint64(ref[8:], lo)
	return ref
}

// Missing returns the lines of come that Align did not find, in order and with
// refs that put them in their places among have. Where a log has no seconds, a
// line that stands behind one of the same minute gets its time.
func (r Refs) Missing(have []Stored, come []hackfest.Line, exact bool, place []int, anchor []bool) ([]hackfest.Line, error) {
	m := merger{have: have, exact: exact}
	if len(come) > 0 {
		m.first, m.last = come[0].At, come[len(come)-1].At
	}
	begin := 0
	for i := range come {
		if anchor[i] {
			m.run(come[begin:i], place[begin:i], place[i])
			m.put(place[i])
			begin = i + 1
		}
	}
	m.tail = true
	m.run(come[begin:], place[begin:], len(have))
	return m.give(r)
}

// merger puts lines in order.
type merger struct {
	have        []Stored
	exact       bool
	first, last time.Time // of come
	anchored    bool      // a line of come was found
	tail        bool      // none of those to come was
	next        int       // of have, to be put
	groups      []group
}

// group are missing lines that stand together between lines that are there.
type group struct {
	lines      []hackfest.Line
	prev, next int // in have; -1 and len(have) are its ends
}

// put goes on behind line j of have.
func (m *merger) put(j int) { m.next, m.anchored = max(m.next, j+1), true }

// run puts the missing of lines, none of which is an anchor, before line until of
// have, by their times.
func (m *merger) run(lines []hackfest.Line, place []int, until int) {
	for k, l := range lines {
		if place[k] >= 0 {
			continue
		}
		for m.next < until && m.before(m.have[m.next].At, l.At) {
			m.next++
		}
		if n := len(m.groups); n > 0 && m.groups[n-1].next == m.next {
			m.groups[n-1].lines = append(m.groups[n-1].lines, l)
			continue
		}
		m.groups = append(m.groups, group{lines: []hackfest.Line{l}, prev: m.next - 1, next: m.next})
	}
}

// before reports whether a line that is there since h goes before one of come,
// which does not hold it.
func (m *merger) before(h, c time.Time) bool {
	if precise(h) && m.exact {
		h = h.Truncate(time.Second)
		return h.Before(c) || h.Equal(c) && !m.ends(c.Unix(), time.Time.Unix)
	}
	if minute(h) != minute(c) {
		return h.Before(c)
	}
	return !m.ends(minute(c), minute)
}

// ends reports whether come rather ends than begins at the time t. Come holds all
// that was said between its first line and its last; what it lacks was said
// before or after.
func (m *merger) ends(t int64, unit func(time.Time) int64) bool {
	return m.tail && (m.anchored || t == unit(m.last) && t != unit(m.first))
}

// give returns the missing lines with their refs.
func (m *merger) give(r Refs) ([]hackfest.Line, error) {
	var all []hackfest.Line
	for _, g := range m.groups {
		var prev, next hackfest.Ref
		if g.prev >= 0 {
			prev = m.have[g.prev].Ref
		}
		if g.next < len(m.have) {
			next = m.have[g.next].Ref
		}
		times := make([]time.Time, len(g.lines))
		for k := range g.lines {
			l := &g.lines[k]
			if !m.exact && g.prev >= 0 && minute(m.have[g.prev].At) == minute(l.At) {
				l.At, l.ReceivedAt = m.have[g.prev].At, m.have[g.prev].At
			}
			times[k] = l.At
		}
		refs, err := r.Between(prev, next, times)
		if err != nil {
			return nil, err
		}
		for k := range g.lines {
			g.lines[k].Ref = refs[k]
		}
		all = append(all, g.lines...)
	}
	return all, nil
}

package archive

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// How far apart the times of one line may be in two records of it.
const (
	jitter    = 5 * time.Second  // when both have seconds, beyond the difference of the clocks
	roughly   = 20 * time.Second // of a time with seconds from a minute without
	maxSkew   = 90 * time.Second // between two clocks
	minVotes  = 3                // lines that have to agree on such a difference
	displaced = 4                // places by which two records may differ in their order
)

// What a match is worth. That as many lines as possible are found again comes
// first; then that their times agree, and that no line between them is passed
// over.
const (
	found   int64 = 1e12
	perMS   int64 = 1e6
	skipped int64 = 1e5
)

// Align finds the lines of a log, come, among those of its channel that are
// there, have, both in order. For each line of come it gives its place in have,
// or -1. anchor says which of them stand in the same order in both; the others
// were only heard in another order by whoever wrote them down. mac gives the
// keyed hash of a spoken line, to know those whose words are gone.
//
// Lines are the same when the same person said the same at about the same time:
// within the same minute where one of the records has no seconds, and else
// within seconds, after the clocks are set right by what most lines say. What is
// in come more often than in have is missing so many times.
func Align(have []Stored, come []hackfest.Line, exact bool, mac func(nick, text string) []byte) (place []int, anchor []bool) {
	a := aligner{have: have, come: come, exact: exact}
	a.place, a.anchor, a.taken = make([]int, len(come)), make([]bool, len(come)), make([]bool, len(have))
	for i := range a.place {
		a.place[i] = -1
	}
	if len(have) == 0 {
		return a.place, a.anchor
	}
	a.candidates(mac)
	a.skew = a.clocks()
	a.inOrder()
	a.outOfOrder()
	return a.place, a.anchor
}

type aligner struct {
	have   []Stored
	come   []hackfest.Line
	exact  bool    // the log has seconds
	maybe  [][]int // for each line of come, those of have that say the same, in order
	skew   time.Duration
	place  []int
	anchor []bool
	taken  []bool // lines of have that were found
}

// candidates finds what says the same, whatever the time.
func (a *aligner) candidates(mac func(nick, text string) []byte) {
	by := make(map[string][]int, len(a.have))
	gone := false
	for j, l := range a.have {
		if l.MAC != nil {
			gone = true
			if len(l.MAC) == 0 { // came with an export, without the key of its hash: whatever that person said
				by["\x01any\x00"+irctext.RFC1459.Fold(l.Nick)] = append(by["\x01any\x00"+irctext.RFC1459.Fold(l.Nick)], j)
				continue
			}
			by["\x01mac\x00"+string(l.MAC)] = append(by["\x01mac\x00"+string(l.MAC)], j)
			continue
		}
		by[key(l.Line)] = append(by[key(l.Line)], j)
		if l.Kind == hackfest.Web {
			by[webKey(l.Line)] = append(by[webKey(l.Line)], j)
		}
	}
	a.maybe = make([][]int, len(a.come))
	for i, l := range a.come {
		list := by[key(l)]
		if w := webKey(l); w != "" {
			list = append(list[:len(list):len(list)], by[w]...)
		}
		if gone && l.Text != "" {
			list = append(list[:len(list):len(list)], by["\x01mac\x00"+string(mac(l.Nick, l.Text))]...)
			list = append(list[:len(list):len(list)], by["\x01any\x00"+irctext.RFC1459.Fold(l.Nick)]...)
		}
		for _, j := range list {
			if a.have[j].At.Sub(l.At).Abs() <= maxSkew+time.Minute {
				a.maybe[i] = append(a.maybe[i], j)
			}
		}
	}
}

// clocks is by how much the clock of have was ahead of that of come, if enough
// lines that have seconds agree on it; else nothing.
func (a *aligner) clocks() time.Duration {
	if !a.exact {
		return 0
	}
	votes := map[int64]int{}
	could, best := 0, int64(0)
	for i, list := range a.maybe {
		voted := false
		for _, j := range list {
			if d := a.have[j].At.Sub(a.come[i].At); precise(a.have[j].At) && d.Abs() <= maxSkew {
				voted = true
				votes[int64(d.Round(time.Second)/time.Second)]++
			}
		}
		if voted {
			could++
		}
	}
	for d, n := range votes {
		if n > votes[best] || n == votes[best] && (abs(d) < abs(best) || abs(d) == abs(best) && d < best) {
			best = d
		}
	}
	if n := votes[best]; n < minVotes || n*2 < could {
		return 0
	}
	return time.Duration(best) * time.Second
}

func abs(d int64) int64 { return max(d, -d) }

// apart is how far apart the times of a line of have and one of come are, as far
// as they are known, and whether it can be one line.
func (a *aligner) apart(j, i int) (time.Duration, bool) {
	h, c := a.have[j].At, a.come[i].At
	switch fine := precise(h); {
	case fine && a.exact:
		d := (h.Sub(c) - a.skew).Abs()
		return d, d <= jitter
	case !fine && !a.exact:
		return 0, minute(h) == minute(c)
	case fine:
		d := fromMinute(h, c)
		return d, d <= roughly
	default:
		if d := h.Sub(c).Abs(); d == 0 {
			return 0, true // at the full minute by chance, or by the same clock
		}
		d := fromMinute(c, h)
		return d + time.Millisecond, d <= roughly
	}
}

// fromMinute is how far t is from the minute that begins at m.
func fromMinute(t, m time.Time) time.Duration {
	m = m.Truncate(time.Minute)
	if t.Before(m) {
		return m.Sub(t)
	}
	return max(0, t.Sub(m.Add(time.Minute)))
}

// node is a line that was found, at the end of the best chain of such.
type node struct {
	i, j, before int
	worth        int64 // of the chain
}

// inOrder finds the best chain of lines that stand in the same order in both.
func (a *aligner) inOrder() {
	var nodes []node
	tree := make([]int, len(a.have)+1) // Fenwick: number of a node plus one, best in its stretch
	better := func(n, m int) bool {    // by the time it is gone on with, passing over costs
		return m == 0 || nodes[n-1].worth+skipped*int64(nodes[n-1].j) > nodes[m-1].worth+skipped*int64(nodes[m-1].j)
	}
	for i, list := range a.maybe {
		first := len(nodes)
		for _, j := range list {
			d, ok := a.apart(j, i)
			if !ok {
				continue
			}
			n := node{i: i, j: j, before: -1, worth: found - perMS*d.Milliseconds()}
			best := 0
			for k := j; k > 0; k -= k & -k {
				if tree[k] != 0 && better(tree[k], best) {
					best = tree[k]
				}
			}
			if best != 0 {
				n.before = best - 1
				n.worth += nodes[best-1].worth - skipped*int64(j-1-nodes[best-1].j)
			}
			nodes = append(nodes, n)
		}
		for n := first; n < len(nodes); n++ {
			for k := nodes[n].j + 1; k <= len(a.have); k += k & -k {
				if better(n+1, tree[k]) {
					tree[k] = n + 1
				}
			}
		}
	}
	last := -1
	for n := range nodes {
		if last < 0 || nodes[n].worth > nodes[last].worth {
			last = n
		}
	}
	for ; last >= 0; last = nodes[last].before {
		n := nodes[last]
		a.place[n.i], a.anchor[n.i], a.taken[n.j] = n.j, true, true
	}
}

// outOfOrder finds lines that others were heard before by one and after by the
// other.
func (a *aligner) outOfOrder() {
	at := 0
	for i, list := range a.maybe {
		if a.anchor[i] {
			at = a.place[i] + 1
			continue
		}
		best, bestBy := -1, displaced+1
		for _, j := range list {
			if _, ok := a.apart(j, i); ok && !a.taken[j] && max(j-at, at-j) < bestBy {
				best, bestBy = j, max(j-at, at-j)
			}
		}
		if best >= 0 {
			a.place[i], a.taken[best] = best, true
		}
	}
}

package schedule

import (
	"cmp"
	"slices"
	"time"
)

// Slot is a time that something takes, or wants.
type Slot struct {
	Start, End time.Time
	Of         int // what takes it; the caller's to number
}

// Clash is a wanted slot and one that is taken at the same time.
type Clash struct{ Wanted, Taken Slot }

// Clashes finds what of taken overlaps what of wanted, by start. Slots that only
// touch do not overlap.
func Clashes(wanted, taken []Slot) []Clash {
	byStart := func(a, b Slot) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), cmp.Compare(a.Of, b.Of))
	}
	wanted, taken = slices.Clone(wanted), slices.Clone(taken)
	slices.SortFunc(wanted, byStart)
	slices.SortFunc(taken, byStart)
	var longest time.Duration
	for _, t := range taken {
		longest = max(longest, t.End.Sub(t.Start))
	}
	var found []Clash
	begin := 0
	for _, w := range wanted {
		for begin < len(taken) && taken[begin].Start.Add(longest).Before(w.Start) {
			begin++
		}
		for _, t := range taken[begin:] {
			if !t.Start.Before(w.End) {
				break
			}
			if t.End.After(w.Start) {
				found = append(found, Clash{Wanted: w, Taken: t})
			}
		}
	}
	return found
}

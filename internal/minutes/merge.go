package minutes

import (
	"maps"
	"slices"
)

// Clash is a field that two people changed, each in another way.
type Clash struct {
	Name   string
	Base   string // what both had before them
	Theirs string // what somebody saved meanwhile
	Mine   string
}

// Merge puts together what two people made of base. theirs is saved already. A
// field that one of them changed is as they have it; one that both changed alike
// is no matter. Only the others are clashes, in the order of their names; merged
// has theirs for them. A field that is not in mine was not on the form.
func Merge(base, theirs, mine Fields) (merged Fields, clashes []Clash) {
	merged = maps.Clone(theirs)
	for _, name := range slices.Sorted(maps.Keys(mine)) {
		b, known := base[name]
		t, theirsToo := theirs[name]
		m := mine[name]
		switch {
		case known && m == b: // not mine
		case !theirsToo && known && m == "": // gone, and empty here
		case !theirsToo && !known, theirsToo && t == b, theirsToo && t == m:
			merged[name] = m
		case !theirsToo:
			clashes = append(clashes, Clash{Name: name, Base: b, Mine: m})
		default:
			clashes = append(clashes, Clash{Name: name, Base: b, Theirs: t, Mine: m})
		}
	}
	return merged, clashes
}

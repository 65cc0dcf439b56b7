package ui

import (
	"strconv"
	"testing"
)

func TestManyChoicesAreFolded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                         string
		choices, current, open, fold int // current is the index of the one that is shown
	}{
		{name: "a few", choices: 5, open: 5},
		{name: "two more are not worth it", choices: mostFacets + 2, open: mostFacets + 2},
		{name: "many", choices: 200, open: mostFacets, fold: 200 - mostFacets},
		{name: "one that would be folded is shown", choices: 200, current: 150, open: mostFacets + 1, fold: 199 - mostFacets},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var g FacetGroup
			for i := range tt.choices {
				g.Facets = append(g.Facets, Facet{Text: strconv.Itoa(i), Current: i == tt.current})
			}
			open, folded := g.split()
			if len(open) != tt.open || len(folded) != tt.fold {
				t.Errorf("%d open and %d folded, want %d and %d", len(open), len(folded), tt.open, tt.fold)
			}
			for _, f := range folded {
				if f.Current {
					t.Error("the choice that is shown is folded")
				}
			}
		})
	}
}

package web

import (
	"net/http"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/person"
)

// Nothing is answered that the inventory does not list with an action that has a
// rule: R32.
func TestEveryRouteHasAPolicy(t *testing.T) {
	t.Parallel()
	s := awayServer(t)
	type key struct{ method, pattern string }
	listed := map[key]bool{}
	for _, r := range s.Inventory() {
		if _, ok := person.RuleOf(r.Action); !ok {
			t.Errorf("%s %s: there is no rule for %q", r.Method, r.Pattern, r.Action)
		}
		if listed[key{r.Method, r.Pattern}] {
			t.Errorf("%s %s is listed twice", r.Method, r.Pattern)
		}
		listed[key{r.Method, r.Pattern}] = true
		if r.Method == http.MethodGet {
			listed[key{http.MethodHead, r.Pattern}] = true
		}
	}
	n := 0
	must(t, chi.Walk(router(t, s), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if n++; !listed[key{method, route}] {
			t.Errorf("%s %s is answered without being listed", method, route)
		}
		return nil
	}))
	if n != len(listed) {
		t.Errorf("%d routes are answered, %d listed", n, len(listed))
	}
}

package web

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// docs/metrics.md names every figure, and none that is not there.
func TestEveryFigureIsDocumented(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Bot = func() BotHealth { return BotHealth{Networks: []NetworkHealth{{Network: "freenode"}}} }
	h := s.Routes()
	serve(h, "/schedule")
	names := func(text string, pattern string) (list []string) {
		for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			list = append(list, found[1])
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	doc, err := os.ReadFile("../docs/metrics.md")
	must(t, err)
	told := names(serve(h, "/metrics").Body.String(), `(?m)^# TYPE (hackfest_\w+)`)
	documented := names(string(doc), "(?m)^\\| `(hackfest_\\w+)")
	if !slices.Equal(told, documented) {
		t.Errorf("told       %q\ndocumented %q", told, documented)
	}
}

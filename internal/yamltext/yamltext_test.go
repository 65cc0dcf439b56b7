package yamltext

import (
	"errors"
	"strings"
	"testing"
)

// What keeps the parser busy is refused, and what people write is read.
func TestParse(t *testing.T) {
	t.Parallel()
	const tokens = 10000
	for _, tt := range []struct {
		name, source string
		wrong        error
	}{
		{"settings", "a: 1\nb:\n- c\n- {d: [e]}\n", nil},
		{"a mark of the order of bytes", "\ufeffa: 1\n", nil},
		{"nothing", "", nil},
		{"deep", strings.Repeat("[", 50) + strings.Repeat("]", 50), nil},
		{"too deep in lists", strings.Repeat("[", 51) + strings.Repeat("]", 51), ErrDeep},
		{"too deep in settings", strings.Repeat("{a: ", 3000), ErrDeep},
		{"too deep in hyphens", strings.Repeat("- ", 3000) + "x", ErrDeep},
		{"too deep in questions", strings.Repeat("? ", 3000) + "x", ErrDeep},
		{"many lists side by side", strings.Repeat("- [a]\n", 1000), nil},
		{"many lines with hyphens", "a:\n" + strings.Repeat("- x\n", 1000), nil},
		{"too many settings", strings.Repeat("a: 1\n", tokens), ErrLarge},
		{"too many bytes", "a: " + strings.Repeat("x", maxBytes), ErrLarge},
	} {
		if _, err := Parse(tt.source, tokens); !errors.Is(err, tt.wrong) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.wrong)
		}
	}
	if _, err := Parse("a: [", tokens); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("not closed: %v", err)
	}
}

package recipe

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

var bare = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,-]+$`)

// Quote writes text as one word of a POSIX shell, in which nothing is expanded.
func Quote(text string) string {
	if bare.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// quoteYAML writes text as a double-quoted scalar, of which JSON's strings are
// the part that all parsers agree on.
func quoteYAML(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // never fails for a string
	return strings.TrimSuffix(b.String(), "\n")
}

package markdown

import (
	"html"
	"strings"

	"github.com/yuin/goldmark/util"
)

// What a text may have at most. With more of these a reader of Markdown takes time
// that grows with their square; no text that people write has so many.
const (
	maxNesting = 40     // quotes and lists that begin in one line
	maxSigns   = 4000   // signs that may open something
	maxWord    = 2000   // bytes without a blank: an address is copied to all that refer to it
	maxCells   = 20_000 // columns of the widest table times lines: short rows are filled up
)

// tooMuch reports whether src is better not read: it is too long, nests so deeply
// that each of its lines would be slow, or has too many signs.
func tooMuch(src string) bool {
	if len(src) > maxSource || signs(src) > maxSigns || longestWord(src) > maxWord {
		return true
	}
	lines, columns := 0, 0
	for line := range strings.Lines(src) {
		if nesting(line) > maxNesting {
			return true
		}
		lines, columns = lines+1, max(columns, strings.Count(line, "|"))
	}
	return columns > 1 && lines*(columns+1) > maxCells
}

// signs counts what may open a link, raw HTML, code or stress. A run of the same
// sign is one; a bracket is two, since it costs as much.
func signs(src string) int {
	n, before := 0, byte(0)
	for i := range len(src) {
		switch c := src[i]; {
		case c == '[':
			n += 2
		case c == '<', c != before && (c == '*' || c == '_' || c == '~' || c == '`'):
			n++
		}
		before = src[i]
	}
	return n
}

// longestWord is the longest run of bytes without a blank or a line's end.
func longestWord(src string) int {
	longest, begin := 0, 0
	for i := range len(src) {
		if c := src[i]; c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			longest, begin = max(longest, i-begin), i+1
		}
	}
	return max(longest, len(src)-begin)
}

// nesting counts the signs at the beginning of a line that open a quote or a list.
func nesting(line string) int {
	line = strings.TrimRight(line, " \t\r\n")
	n := 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '>', c == '-', c == '+', c == '*', c == '.', c == ')':
			n++
		case c != ' ' && c != '\t' && (c < '0' || c > '9'):
			return n
		}
	}
	if strings.Trim(line, "- \t") == "" || strings.Trim(line, "* \t") == "" {
		return 0 // a rule across the page
	}
	return n
}

// unescape is a piece of text as it is meant: without the backslashes before
// signs, and with entities as the characters they name.
func unescape(s []byte, raw bool) string {
	if raw {
		return string(s)
	}
	return html.UnescapeString(string(util.UnescapePunctuations(s)))
}

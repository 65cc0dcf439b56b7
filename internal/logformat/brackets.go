package logformat

import "strings"

// parseBrackets reads times in brackets: "[18:17:03] <@ann> text", with or
// without seconds.
func parseBrackets(line string) (entry, bool) {
	inner, ok := strings.CutPrefix(line, "[")
	if !ok {
		return entry{}, false
	}
	clock, rest, ok := strings.Cut(inner, "]")
	if !ok {
		return entry{}, false
	}
	when, left, ok := readClock(clock, strings.Count(clock, ":") == 2)
	if !ok || left != "" {
		return entry{}, false
	}
	e, ok := said(rest)
	e.when = when
	return e, ok
}

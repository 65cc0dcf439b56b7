package logformat

import "strings"

// parseBrackets reads times in brackets: "[18:17:03] <@ann> text", with or
// without seconds.
func parseBrackets(line string) (entry, bool) {
	when, rest, ok := bracketClock(line)
	if !ok {
		return entry{}, false
	}
	return said(rest).at(when)
}

// bracketClock reads "[18:17:03]" or "[18:17]" at the start of line.
func bracketClock(line string) (when stamp, rest string, ok bool) {
	inner, ok := strings.CutPrefix(line, "[")
	if !ok {
		return stamp{}, "", false
	}
	clock, rest, ok := strings.Cut(inner, "]")
	if !ok {
		return stamp{}, "", false
	}
	when, left, ok := readClock(clock, strings.Count(clock, ":") == 2)
	return when, rest, ok && left == ""
}

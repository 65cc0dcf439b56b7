package logformat

import "strings"

// parseZNC reads what ZNC's module log writes, one file a day: "[18:17:03]
// <ann> text", "[18:17:03] *** Joins: ann (~ann@host)". The day is in the
// file's name.
func parseZNC(line string) (entry, bool) {
	when, rest, ok := bracketClock(line)
	if !ok || len(line) < len("[18:17:03]") || line[9] != ']' || !strings.HasPrefix(rest, " ") {
		return entry{}, false
	}
	rest = rest[1:]
	if after, ok := strings.CutPrefix(rest, "*** "); ok {
		e, ok := event(after)
		e.when, e.sure = when, e.sure || ok
		return e, ok
	}
	if e := noticed(rest); e.kind != "" {
		return e.at(when)
	}
	return said(rest).at(when)
}

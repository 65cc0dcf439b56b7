package logformat

import (
	"strings"
	"time"
)

// isoLayouts are the times parseISO knows. Fractions of seconds are read with
// each of them.
var isoLayouts = []struct {
	layout string
	zoned  bool
}{
	{"2006-01-02T15:04:05Z07:00", true},
	{"2006-01-02T15:04:05Z0700", true},
	{"2006-01-02T15:04:05", false},
	{"2006-01-02T15:04", false},
}

// parseISO reads full times, in brackets or not: "2012-08-10T18:17:03Z <ann>
// text", "[2012-08-10 18:17:03] <ann> text".
func parseISO(line string) (entry, bool) {
	if len(line) < len("2012-08-10T18:17") {
		return entry{}, false
	}
	inner, bracket := strings.CutPrefix(line, "[")
	if len(inner) < 11 || inner[4] != '-' || inner[7] != '-' || inner[10] != 'T' && inner[10] != ' ' {
		return entry{}, false
	}
	end := strings.IndexAny(inner[11:], " \t]")
	if end < 0 {
		return entry{}, false
	}
	end += 11
	rest := inner[end:]
	if bracket {
		after, ok := strings.CutPrefix(rest, "]")
		if !ok {
			return entry{}, false
		}
		rest = after
	}
	when, ok := readISO(inner[:10] + "T" + inner[11:end])
	if !ok {
		return entry{}, false
	}
	e, ok := said(rest)
	e.when = when
	return e, ok
}

func readISO(s string) (stamp, bool) {
	for _, l := range isoLayouts {
		if t, err := time.Parse(l.layout, s); err == nil {
			return stamp{full: t, zoned: l.zoned}, true
		}
	}
	return stamp{}, false
}

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
	when, rest, ok := isoStamp(line)
	if !ok {
		return entry{}, false
	}
	return said(rest).at(when)
}

// isoStamp reads the time at the start of line, up to a blank.
func isoStamp(line string) (when stamp, rest string, ok bool) {
	if len(line) < len("2012-08-10T18:17") {
		return stamp{}, "", false
	}
	inner, bracket := strings.CutPrefix(line, "[")
	if len(inner) < 11 || inner[4] != '-' || inner[7] != '-' || inner[10] != 'T' && inner[10] != ' ' {
		return stamp{}, "", false
	}
	end := strings.IndexAny(inner[11:], " \t]")
	if end < 0 {
		return stamp{}, "", false
	}
	end += 11
	rest = inner[end:]
	if bracket {
		if rest, ok = strings.CutPrefix(rest, "]"); !ok {
			return stamp{}, "", false
		}
	}
	when, ok = readISO(inner[:10] + "T" + inner[11:end])
	return when, rest, ok
}

func readISO(s string) (stamp, bool) {
	for _, l := range isoLayouts {
		if t, err := time.Parse(l.layout, s); err == nil {
			return stamp{full: t, zoned: l.zoned}, plausible(t)
		}
	}
	return stamp{}, false
}

// plausible reports whether something can have been said on IRC at t: there is
// no IRC before 1988.
func plausible(t time.Time) bool { return t.Year() >= 1988 && t.Year() <= 9999 }

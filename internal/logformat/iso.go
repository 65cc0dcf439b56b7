package logformat

import (
	"strings"
	"time"
)

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

// readISO reads "2012-08-10T18:17:03+02:00": seconds, their fraction and the
// offset may be missing. It is time.Parse with the four layouts that there are,
// and ten times as fast, since every line of many a log has one.
func readISO(s string) (stamp, bool) {
	const dayLength = len("2012-08-10")
	if len(s) <= dayLength || s[4] != '-' || s[7] != '-' || s[dayLength] != 'T' {
		return stamp{}, false
	}
	year, month, day := number(s[0:4]), number(s[5:7]), number(s[8:dayLength])
	if year < 0 || month < 0 || day < 0 {
		return stamp{}, false
	}
	clock, rest, ok := readClock(s[dayLength+1:], true)
	if !ok {
		clock, rest, ok = readClock(s[dayLength+1:], false)
	} else if after, found := strings.CutPrefix(rest, "."); found {
		rest = strings.TrimLeft(after, "0123456789")
		clock.clock += fraction(after[:len(after)-len(rest)])
		ok = len(rest) < len(after)
	}
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if !ok || at.Day() != day || at.Month() != time.Month(month) {
		return stamp{}, false
	}
	offset, zoned, ok := readOffset(rest)
	at = at.Add(clock.clock - offset)
	return stamp{full: at, zoned: zoned}, ok && plausible(at)
}

// readOffset reads "", "Z", "+02:00" and "+0200".
func readOffset(s string) (offset time.Duration, zoned, ok bool) {
	switch {
	case s == "":
		return 0, false, true
	case s == "Z":
		return 0, true, true
	case len(s) == len("+02:00") && s[3] == ':':
		s = s[:3] + s[4:]
	}
	if len(s) != len("+0200") || s[0] != '+' && s[0] != '-' {
		return 0, false, false
	}
	hours, minutes := number(s[1:3]), number(s[3:5])
	if hours < 0 || minutes < 0 || hours > 24 || minutes > 59 {
		return 0, false, false
	}
	offset = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true, true
}

// fraction reads the digits behind the point of a second.
func fraction(digits string) time.Duration {
	digits = (digits + "000000000")[:len("000000000")]
	return time.Duration(number(digits))
}

// number reads digits; -1 for anything else.
func number(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// plausible reports whether something can have been said on IRC at t: there is
// no IRC before 1988.
func plausible(t time.Time) bool { return t.Year() >= 1988 && t.Year() <= 9999 }

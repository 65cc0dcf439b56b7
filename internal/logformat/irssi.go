package logformat

import (
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// parseIrssi reads irssi's logs: "18:17 <@ann> text" and "18:17 -!- ann
// [~ann@host] has joined #channel", with or without seconds, under "--- Log
// opened Fri Aug 10 18:17:03 2012" and "--- Day changed Sat Aug 11 2012".
func parseIrssi(line string) (entry, bool) {
	if after, ok := strings.CutPrefix(line, "--- "); ok {
		return irssiDay(after)
	}
	when, rest, ok := readClock(line, true)
	if !ok {
		when, rest, ok = readClock(line, false)
	}
	if !ok || rest == "" || rest[0] != ' ' {
		return entry{}, false
	}
	if after, ok := strings.CutPrefix(rest, " -!- "); ok {
		e, ok := event(after)
		e.when, e.sure = when, true
		return e, ok
	}
	if e := noticed(rest[1:]); e.kind != "" {
		return e.at(when)
	}
	return said(rest).at(when)
}

// irssiDay reads what irssi writes about the log itself.
func irssiDay(s string) (entry, bool) {
	for _, words := range []string{"Log opened ", "Day changed ", "Log closed "} {
		after, ok := strings.CutPrefix(s, words)
		if !ok {
			continue
		}
		day, ok := readDay(after)
		if !ok {
			return entry{}, false
		}
		e := entry{sure: true, day: day, changed: words == "Day changed "}
		if words == "Log closed " {
			e.kind, e.when, e.text = hackfest.Gap, stamp{clock: clockOf(day)}, "the log was closed"
		}
		return e, true
	}
	return entry{}, false
}

// dayLayouts are how programs write a day into the log, in English, with one
// blank between words.
var dayLayouts = []string{
	"Mon Jan 2 15:04:05 2006", "Mon Jan 2 2006", "Mon Jan 2 15:04:05 MST 2006", "Mon 2 Jan 2006 15:04:05", "Mon 2 Jan 2006 15:04:05 MST",
	"Mon 2 Jan 2006 03:04:05 PM MST", "Mon 2 Jan 2006 03:04:05 PM", "Mon, 2 Jan 2006 15:04:05 MST",
	"2006-01-02 15:04:05", "2006-01-02 15:04:05 MST", "2006-01-02", "1/2/2006 03:04:05 PM", "Monday, 2006-01-02",
	"Monday, January 2, 2006", "Monday 2 January 2006 15:04:05",
}

// readDay reads the day that a log states, with a clock where it has one. Its
// zone is that of the log, whatever it is called here.
func readDay(s string) (time.Time, bool) {
	s = strings.Join(strings.Fields(s), " ")
	for _, layout := range dayLayouts {
		if t, err := time.Parse(layout, s); err == nil && plausible(t) {
			y, m, d := t.Date()
			return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC), true
		}
	}
	return time.Time{}, false
}

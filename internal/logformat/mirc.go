package logformat

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// parseMIRC reads mIRC's logs and those of its kin, whose clocks may have twelve
// hours: "[6:17pm] <ann> text", "06:17 PM <@ann> text", "[18:17] * Joins: ann
// (~ann@host)", under "Session Start: Fri Aug 10 18:17:03 2012". What a line's
// colour leaves before it is dropped.
func parseMIRC(line string) (entry, bool) {
	if strings.HasPrefix(line, "Session ") {
		return mircSession(line)
	}
	if strings.IndexByte(line, 3) >= 0 {
		line = irctext.Strip(line)
	}
	if at := strings.IndexByte(line, '['); at > 0 && at <= 2 && strings.Trim(line[:at], "0123456789") == "" {
		line = line[at:] // "03[18:17]": the number of a colour whose control character is gone
	}
	when, rest, twelve, ok := mircClock(line)
	if !ok {
		return entry{}, false
	}
	e, ok := mircSaid(strings.TrimLeft(rest, " "))
	e.when, e.sure = when, e.sure || ok && twelve
	return e, ok
}

// mircClock reads the time, in brackets or not; without, only one of twelve
// hours is mIRC's.
func mircClock(line string) (when stamp, rest string, twelve, ok bool) {
	inner, bracket := strings.CutPrefix(line, "[")
	when, rest, ok = readTwelve(inner)
	twelve = ok
	if !ok && bracket {
		when, rest, ok = readClock(inner, true)
		if !ok {
			when, rest, ok = readClock(inner, false)
		}
	}
	if bracket {
		after, closed := strings.CutPrefix(rest, "]")
		rest, ok = after, ok && closed
	}
	return when, rest, twelve, ok && strings.HasPrefix(rest, " ")
}

// mircSaid reads what stands behind the time. Programs that write "* ann waves"
// write "* ann is now known as rob" too, so /me can pass for an event; only the
// exact wordings are taken for one.
func mircSaid(rest string) (entry, bool) {
	for _, sign := range []string{"*** ", "* "} {
		after, ok := strings.CutPrefix(rest, sign)
		if !ok {
			continue
		}
		if e, ok := event(after); ok && (sign == "*** " || mircMeans(e, after)) {
			e.sure = e.sure || e.kind == hackfest.Gap || e.channel != ""
			return e, true
		}
		if sign == "*** " {
			return entry{}, false
		}
	}
	if after, ok := strings.CutPrefix(rest, "— "); ok { // Textual and Colloquy
		name, text, _ := strings.Cut(after, " ")
		e := speech(hackfest.Act, name, text)
		return e, e.kind != ""
	}
	if e := noticed(rest); e.kind != "" {
		return e, true
	}
	e := said(rest)
	return e, e.kind != ""
}

// mircMeans tells an event from somebody's "/me has joined the others".
func mircMeans(e entry, s string) bool {
	_, rest, _ := strings.Cut(s, " ")
	masked := strings.HasPrefix(rest, "(") && strings.Contains(firstWord(rest), "@")
	switch e.kind {
	case "":
		return strings.Contains(s, "#") || strings.HasPrefix(s, "Topic is '") || strings.HasPrefix(s, "Set by ") ||
			strings.HasPrefix(s, "Attempting to ") || strings.HasPrefix(s, "Retrieving ")
	case hackfest.Join, hackfest.Part, hackfest.Quit:
		return e.sure || masked
	case hackfest.Mode:
		return e.text != "" && strings.IndexByte("+-", e.text[0]) >= 0
	case hackfest.Topic:
		return strings.HasSuffix(s, "'")
	case hackfest.Kick:
		return strings.HasSuffix(s, ")")
	case hackfest.Gap:
		return s == "Disconnected"
	}
	return true
}

// mircSession reads what mIRC writes about the log itself.
func mircSession(line string) (entry, bool) {
	word, value, ok := strings.Cut(strings.TrimPrefix(line, "Session "), ": ")
	word, of, _ := strings.Cut(word, " ")
	e := entry{sure: true, channel: channelName(strings.Trim(of, "()"))}
	switch word {
	case "Ident":
		e.channel = channelName(firstWord(value))
		return e, ok
	case "Start", "Time", "Close":
		day, found := readDay(value)
		e.day = day
		if word == "Close" {
			e.kind, e.when, e.text = hackfest.Gap, stamp{clock: clockOf(day)}, "the log was closed"
		}
		return e, ok && found
	}
	return entry{}, false
}

package logformat

import (
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// parsePidgin reads Pidgin's logs, as text or taken out of their HTML:
// "(06:17:03 PM) ann: text", "(06:17:03 PM) ***ann waves", "(06:17:03 PM) ann
// [~ann@host] entered the room.", under "Conversation with #channel at … on
// ann@network (irc)".
func parsePidgin(line string) (entry, bool) {
	if strings.HasPrefix(line, "Conversation with ") {
		return pidginHeader(line)
	}
	inner, ok := strings.CutPrefix(line, "(")
	if !ok {
		return entry{}, false
	}
	inside, rest, ok := strings.Cut(inner, ") ")
	if !ok {
		inside, rest, ok = strings.Cut(inner, ")")
	}
	if !ok {
		return entry{}, false
	}
	when, day, ok := pidginTime(inside)
	if !ok {
		return entry{}, false
	}
	e, ok := pidginSaid(strings.TrimLeft(rest, " "))
	e.when, e.day, e.sure = when, day, true
	return e, ok
}

// pidginTime reads a clock of twelve or of 24 hours; where the day is not that
// of the log, it stands before.
func pidginTime(s string) (when stamp, day time.Time, ok bool) {
	if date, clock, found := strings.Cut(s, " "); found && strings.ContainsAny(date, "/-") {
		for _, layout := range []string{time.DateOnly, "01/02/2006", "01/02/06"} {
			if t, err := time.Parse(layout, date); err == nil && plausible(t) {
				day, s = t, clock
				break
			}
		}
	}
	when, rest, ok := readTwelve(s)
	if !ok {
		when, rest, ok = readClock(s, true)
	}
	return when, day, ok && rest == ""
}

func pidginSaid(rest string) (entry, bool) {
	if after, ok := strings.CutPrefix(rest, "***"); ok {
		name, text, _ := strings.Cut(after, " ")
		e := speech(hackfest.Act, name, text)
		return e, e.kind != ""
	}
	if word, text, _ := strings.Cut(rest, " "); strings.HasSuffix(word, ":") {
		e := speech(hackfest.Message, strings.TrimSuffix(word, ":"), text)
		return e, e.kind != ""
	}
	if after, ok := strings.CutPrefix(rest, "mode ("); ok {
		modes, by, ok := strings.Cut(after, ") by ")
		nick := strings.TrimSpace(by)
		return entry{kind: hackfest.Mode, nick: nick, text: strings.TrimSpace(modes)}, ok && isNick(nick)
	}
	return event(rest)
}

// pidginHeader reads the line above a log.
func pidginHeader(line string) (entry, bool) {
	name, rest, ok := strings.Cut(strings.TrimPrefix(line, "Conversation with "), " at ")
	date, account, found := strings.Cut(rest, " on ")
	if !ok || !found {
		return entry{}, false
	}
	e := entry{sure: true, channel: channelName(name)}
	e.day, _ = readDay(date)
	if _, network, ok := strings.Cut(strings.TrimSuffix(account, " (irc)"), "@"); ok && isHost(network) {
		e.network = network
	}
	return e, true
}

// isHost reports whether s can be the name of a server.
func isHost(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}

// pidginRows are the rows of a log that Pidgin wrote as HTML.
func pidginRows(doc document) []row {
	var rows []row
	for _, r := range doc.rows {
		r.text = strings.NewReplacer("</title>", "</title>\n", "</h1>", "</h1>\n", "</h3>", "</h3>\n").Replace(r.text)
		for part := range strings.SplitSeq(r.text, "\n") {
			part = strings.TrimSpace(untag(part))
			if part == "" || len(rows) > 0 && part == rows[len(rows)-1].text {
				continue // the title stands twice
			}
			rows = append(rows, row{r.number, part, r.cp1252})
		}
	}
	return rows
}

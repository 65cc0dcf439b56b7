package logformat

import (
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// parseRRSAgent reads the logs of W3C's RRSAgent in all their forms, brought to
// "18:17:03 <ann> text" or "18:17:03 [ann] text" before. Who joins is shown as
// if they said so.
func parseRRSAgent(r row) (entry, bool) {
	line := r.text
	if after, ok := strings.CutPrefix(line, "IRC log of "); ok {
		name, date, ok := strings.Cut(after, " on ")
		day, err := time.Parse(time.DateOnly, strings.TrimSpace(date))
		return entry{sure: true, channel: channelName("#" + strings.TrimPrefix(name, "#")), day: day}, ok && err == nil && plausible(day)
	}
	if strings.HasPrefix(line, "Timestamps are in UTC") {
		return entry{sure: true}, true
	}
	when, rest, ok := readClock(line, true)
	if !ok {
		return entry{}, false
	}
	rest = strings.TrimLeft(rest, " ")
	var e entry
	if inner, bracket := strings.CutPrefix(rest, "["); bracket {
		name, text, _ := strings.Cut(inner, "] ")
		e = speech(hackfest.Message, strings.TrimSuffix(name, "]"), text)
		e.sure = true
	} else {
		e = said(rest)
	}
	if e.kind == hackfest.Message {
		e = rrsagentDeed(e)
	}
	return e.at(when)
}

// rrsagentDeed looks whether somebody "says" that they joined or left, and for
// RRSAgent's own word on where it logs to, which names the day.
func rrsagentDeed(e entry) entry {
	if after, ok := strings.CutPrefix(e.text, e.nick+" "); ok {
		done, ok := deed(e.nick, after)
		switch {
		case !ok:
		case done.kind == hackfest.Join || done.kind == hackfest.Part:
			done.sure = done.channel != ""
			if done.sure {
				return done
			}
		case done.kind == hackfest.Topic && strings.HasPrefix(after, "has changed the topic to: "):
			return done
		}
	}
	if _, url, ok := strings.Cut(e.text, "logging to http"); ok && strings.EqualFold(e.nick, "RRSAgent") {
		e.sure = true
		_, path, _ := strings.Cut(url, "w3.org/")
		if len(path) > len("2012/08/10-") {
			day, err := time.Parse("2006/01/02", path[:10])
			if err == nil && plausible(day) {
				e.day = day
			}
			e.channel = channelName("#" + strings.TrimSuffix(path[11:], "-irc"))
		}
	}
	return e
}

// rrsagentRows brings text copied from the HTML, where a text stands below its
// time and nick, to one row each.
func rrsagentRows(doc document) []row {
	rows := make([]row, 0, len(doc.rows))
	open := false // the last row is a time and a nick alone
	for _, r := range doc.rows {
		if open {
			last := &rows[len(rows)-1]
			last.text += " " + r.text
			last.cp1252 = last.cp1252 || r.cp1252
			open = false
			continue
		}
		_, rest, ok := readClock(r.text, true)
		open = ok && strings.HasPrefix(rest, " [") && strings.HasSuffix(rest, "]") && isNick(rest[2:len(rest)-1])
		rows = append(rows, r)
	}
	return rows
}

// rrsagentHTMLRows are the pairs of <dt> and <dd> and the heading.
func rrsagentHTMLRows(doc document) []row {
	var rows []row
	item := false
	for _, r := range doc.rows {
		text := strings.NewReplacer("<dt", "\n<dt", "<h1", "\n<h1", "</h1>", "</h1>\n", "</dl>", "\n").Replace(r.text)
		for i, part := range strings.Split(text, "\n") {
			plain := strings.TrimSpace(untag(strings.ReplaceAll(part, "</dt>", " </dt>")))
			starts := strings.HasPrefix(part, "<dt") || strings.HasPrefix(part, "<h1") || strings.HasPrefix(plain, "Timestamps are in")
			switch {
			case starts:
				rows = append(rows, row{r.number, strings.Join(strings.Fields(plain), " "), r.cp1252})
				item = strings.HasPrefix(part, "<dt")
			case i == 0 && item && plain != "":
				last := &rows[len(rows)-1]
				last.text += " " + plain
				last.cp1252 = last.cp1252 || r.cp1252
			default:
				item = false
			}
		}
	}
	return rows
}

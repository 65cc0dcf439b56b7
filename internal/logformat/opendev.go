package logformat

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// opendevRows are the rows of irclog2html's table or paragraphs, which
// eavesdrop.openstack.org and opendev.org show, and the title with the day.
func opendevRows(doc document) []row {
	var rows []row
	inside := false
	for _, r := range doc.rows {
		switch {
		case strings.Contains(r.text, `class="irclog"`):
			inside = true
		case inside && (strings.HasPrefix(r.text, "</table") || strings.HasPrefix(r.text, "</div")):
			inside = false
		case inside:
			rows = append(rows, r)
		case len(rows) == 0 && strings.Contains(r.text, "<title>"):
			rows = append(rows, r)
		}
	}
	return beyondTitle(rows)
}

// parseOpendev reads one of them.
func parseOpendev(r row) (entry, bool) {
	if strings.Contains(r.text, "<title>") {
		return opendevTitle(strings.TrimSpace(untag(r.text)))
	}
	when, ok := opendevTime(attribute(r.text, "id"))
	if !ok {
		return entry{}, false
	}
	e, ok := opendevSaid(r.text)
	e.when, e.sure = when, ok
	return e, ok
}

// opendevTitle reads "Friday, 2012-08-10" and "#channel: Friday, 2012-08-10".
func opendevTitle(title string) (entry, bool) {
	var e entry
	for word := range strings.FieldsSeq(title) {
		if e.channel == "" {
			e.channel = channelName(strings.Trim(word, ":,"))
		}
		if day, ok := readDay(strings.Trim(word, ":,")); ok {
			e.day = day
		}
	}
	return e, true
}

// opendevTime reads the id "t2012-08-10T18:17:03"; the second row of a second
// has "-2" behind it.
func opendevTime(id string) (stamp, bool) {
	s, ok := strings.CutPrefix(id, "t")
	if !ok {
		return stamp{}, false
	}
	if n := len("2012-08-10T18:17:03"); len(s) >= n && s[10] == 'T' {
		return readISO(s[:n])
	}
	when, rest, ok := readClock(s, true)
	if !ok {
		when, rest, ok = readClock(s, false)
	}
	return when, ok && (rest == "" || rest[0] == '-')
}

func opendevSaid(s string) (entry, bool) {
	for _, name := range []string{`<th class="nick"`, `<span class="nick"`} {
		_, after, ok := strings.Cut(s, name)
		if !ok {
			continue
		}
		nick, rest, ok := strings.Cut(after, "</")
		_, nick, ok2 := strings.Cut(nick, ">")
		_, text, ok3 := strings.Cut(rest, `class="text"`)
		_, text, ok4 := strings.Cut(text, ">")
		text, _, _ = strings.Cut(text, `<td class="time"`)
		if !ok || !ok2 || !ok3 || !ok4 {
			return entry{}, false
		}
		e := speech(hackfest.Message, strings.Trim(untag(nick), "<>"), untag(text))
		return e, e.kind != ""
	}
	return opendevEvent(s)
}

// opendevEvent reads a row that nobody said.
func opendevEvent(s string) (entry, bool) {
	text := s
	if _, after, ok := strings.Cut(s, `colspan="2">`); ok {
		text, _, _ = strings.Cut(after, "</td>")
	} else if _, after, ok := strings.Cut(s, "</a> "); ok {
		text = after
	}
	text = strings.TrimSpace(untag(text))
	if strings.Contains(s, `class="action"`) {
		e := said(text)
		return e, e.kind == hackfest.Act
	}
	for _, sign := range []string{"*** ", "-!- ", "--- ", "*"} {
		if after, ok := strings.CutPrefix(text, sign); ok {
			if e, ok := event(after); ok {
				return e, true
			}
		}
	}
	if e := noticed(text); e.kind != "" {
		return e, true
	}
	return entry{}, false
}

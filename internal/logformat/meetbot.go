package logformat

import (
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// parseMeetbot reads MeetBot's own .log.txt: "18:17:03 <ann> text" and
// "18:17:03 * ann text". Its times are UTC.
func parseMeetbot(line string) (entry, bool) {
	when, rest, ok := readClock(line, true)
	if !ok || rest == "" || rest[0] != ' ' {
		return entry{}, false
	}
	return said(rest).at(when)
}

// meetbotRows are the lines of the one <pre> of MeetBot's .log.html, of either
// of its two kinds and of HcoopMeetbot's, and the title.
func meetbotRows(doc document) []row {
	var rows []row
	inside := false
	for _, r := range doc.rows {
		if !inside && strings.Contains(r.text, "<title>") && len(rows) == 0 {
			rows = append(rows, r)
		}
		if at := strings.Index(r.text, "<pre"); !inside && at >= 0 {
			inside = true
			r.text = r.text[at:]
		}
		if !inside {
			continue
		}
		before, _, over := strings.Cut(r.text, "</pre>")
		r.text, inside = before, !over
		if strings.TrimSpace(untag(before)) != "" {
			rows = append(rows, r)
		}
	}
	return beyondTitle(rows)
}

// beyondTitle is rows if there is one besides the title: that alone is no log.
func beyondTitle(rows []row) []row {
	if len(rows) == 1 && strings.Contains(rows[0].text, "<title>") {
		return nil
	}
	return rows
}

// parseMeetbotHTML reads one of them. HcoopMeetbot writes "<ann>" for /me too
// and tells it by its class alone.
func parseMeetbotHTML(r row) (entry, bool) {
	plain := strings.TrimSpace(untag(r.text))
	if _, _, ok := strings.Cut(r.text, "<title>"); ok {
		word, rest, _ := strings.Cut(plain, " ")
		if !strings.EqualFold(strings.TrimSpace(rest), "log") {
			return entry{}, true
		}
		return entry{channel: channelName(word)}, true
	}
	when, rest, ok := readClock(strings.TrimPrefix(plain, "["), true)
	if !ok {
		return entry{}, false
	}
	e, ok := said(strings.TrimPrefix(rest, "]")).at(when)
	if strings.Contains(r.text, `class="nka"`) && e.kind == hackfest.Message {
		e.kind = hackfest.Act
	}
	e.sure = ok
	return e, ok
}

// channelName is s if it can be a channel's name, else "".
func channelName(s string) string {
	if len(s) < 2 || len(s) > 64 || s[0] != '#' && s[0] != '&' || strings.ContainsAny(s, " ,\"<>") || hasControl(s) {
		return ""
	}
	return s
}

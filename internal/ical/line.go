package ical

import (
	"strings"
	"unicode/utf8"
)

// lineOctets is how long a line may be without its end (RFC 5545 section 3.1).
const lineOctets = 75

// writer collects content lines.
type writer struct{ b []byte }

// line writes one content line, folded.
func (w *writer) line(s string) { w.b = append(fold(w.b, s), "\r\n"...) }

// text writes a property of type TEXT.
func (w *writer) text(name, value string) { w.line(name + ":" + escape(value)) }

// uri writes a property of type URI; none for an empty one.
func (w *writer) uri(name, value string) {
	if value != "" {
		w.line(name + ":" + oneLine(value))
	}
}

// fold appends s to b, cut into lines of at most 75 octets. A line that goes on
// begins with a space. No cut is inside a character.
func fold(b []byte, s string) []byte {
	room := lineOctets
	for len(s) > room {
		cut := room
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		if cut == 0 { // no UTF-8
			cut = room
		}
		b = append(b, s[:cut]...)
		b = append(b, "\r\n "...)
		s, room = s[cut:], lineOctets-1
	}
	return append(b, s...)
}

// unfold joins the lines of a calendar that were cut, and returns all of them
// without their ends. Lines that end with a bare LF, as many programs write
// them, are understood; a byte order mark and empty lines are left out.
func unfold(data string) []string {
	var lines []string
	var line strings.Builder
	end := func() {
		if line.Len() > 0 {
			lines = append(lines, line.String())
		}
		line.Reset()
	}
	for raw := range strings.SplitSeq(strings.TrimPrefix(data, "\ufeff"), "\n") {
		raw = strings.TrimSuffix(raw, "\r")
		if strings.HasPrefix(raw, " ") || strings.HasPrefix(raw, "\t") {
			line.WriteString(raw[1:])
			continue
		}
		end()
		line.WriteString(raw)
	}
	end()
	return lines
}

// escape writes s as TEXT (RFC 5545 section 3.3.11). Control characters, which
// it may not hold, are left out; bytes that are no UTF-8 become U+FFFD.
func escape(s string) string {
	var b strings.Builder
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\\' || r == ';' || r == ',':
			b.WriteByte('\\')
			b.WriteRune(r)
		case control(r):
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unescape reads TEXT.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if s[i] == 'n' || s[i] == 'N' {
			b.WriteByte('\n')
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// control reports whether r may be in no content line (RFC 5545 section 3.1).
func control(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 }

// oneLine is s without what would end its line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if control(r) || r == '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

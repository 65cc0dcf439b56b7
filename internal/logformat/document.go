package logformat

import (
	"bytes"
	"html"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// row is one thing of a log that a format explains or does not: most often a
// line of the file.
type row struct {
	number int // of the file's line, from 1
	text   string
	cp1252 bool // its bytes were read as Windows-1252
}

// document is a log before anybody knows how it is written.
type document struct {
	kind documentKind
	rows []row // the lines that are not blank
}

type documentKind uint8

const (
	plainText documentKind = iota
	htmlText
	jsonText
)

func newDocument(data []byte) document {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	doc := document{rows: make([]row, 0, bytes.Count(data, []byte("\n"))+1)}
	number := 0
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		number++
		line = bytes.TrimRight(line, "\r")
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		text, _, cp1252 := irctext.Decode(line)
		doc.rows = append(doc.rows, row{number, text, cp1252})
	}
	if len(doc.rows) > 0 {
		doc.kind = kindOf(strings.TrimSpace(doc.rows[0].text))
	}
	return doc
}

// kindOf tells by how the first line begins. No line of a plain log begins with
// a tag or a brace.
func kindOf(first string) documentKind {
	switch {
	case strings.HasPrefix(first, "{"):
		return jsonText
	case len(first) > 1 && first[0] == '<' && (first[1] == '!' || first[1] == '?' || isLetter(first[1])):
		return htmlText
	}
	return plainText
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// untag returns the text of a piece of HTML: tags and comments are left out and
// entities decoded, once. What is no tag stays text.
func untag(s string) string {
	var out strings.Builder
	comments := true
	for {
		at := strings.IndexByte(s, '<')
		if at < 0 || at+1 == len(s) {
			out.WriteString(s)
			break
		}
		out.WriteString(s[:at])
		s = s[at:]
		if comments && strings.HasPrefix(s, "<!--") {
			end := strings.Index(s, "-->")
			if comments = end >= 0; comments { // else it is not looked for again
				s = s[end+len("-->"):]
				continue
			}
		}
		if c := s[1]; c == '/' || c == '!' || c == '?' || isLetter(c) {
			end := strings.IndexByte(s, '>')
			if end < 0 {
				out.WriteString(s)
				break
			}
			s = s[end+1:]
			continue
		}
		out.WriteByte('<')
		s = s[1:]
	}
	return unescape(out.String())
}

// unescape decodes entities. A &nbsp; was a blank before something wrote HTML.
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return oneLine(html.UnescapeString(strings.ReplaceAll(s, "&nbsp;", " ")))
}

// oneLine makes text fit for a line of IRC, which has neither NUL nor breaks.
func oneLine(s string) string {
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\x00", "\ufffd").Replace(s)
}

// attribute is the value of name="…" in the first tag that has it; "" when
// there is none.
func attribute(s, name string) string {
	_, after, ok := strings.Cut(s, " "+name+`="`)
	value, _, closed := strings.Cut(after, `"`)
	if !ok || !closed {
		return ""
	}
	return unescape(value)
}

// The rest of a long message that was copied off a terminal stands in rows of
// its own, far indented, below a row that filled the width.
const (
	wrapIndent = 8
	wrapWidth  = 60

	maxWrapped = 2000 // bytes; no line of IRC comes near
)

// continues reports whether r is the rest of the row above it.
func continues(above, r row) bool {
	return r.number == above.number+1 && len(above.text) >= wrapWidth &&
		strings.HasPrefix(r.text, strings.Repeat(" ", wrapIndent))
}

// takes reports whether what stands in row above belongs to e, so that more can.
func (e entry) takes(above row) bool {
	return e.row.number == above.number && len(e.text) < maxWrapped && (e.kind == hackfest.Message || e.kind == hackfest.Act)
}

func joinWrapped(text, more string) string {
	return strings.TrimRight(text, " ") + " " + strings.TrimSpace(more)
}

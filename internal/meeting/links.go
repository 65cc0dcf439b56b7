package meeting

import "strings"

// schemes are those whose links may be clicked. Everything else stays text:
// "javascript:" above all.
var schemes = []string{"https://", "http://", "irc://", "ircs://", "ftp://", "ssh://", "mailto:"}

// Clickable reports whether url may become a link on a page: its scheme, in any
// case, is http, https, irc, ircs, ftp, mailto or ssh, and it has neither
// blanks nor control characters.
func Clickable(url string) bool {
	return beginsWithURL(url) && strings.IndexFunc(url, func(r rune) bool { return r <= ' ' || r == 0x7f }) < 0
}

// beginsWithURL reports whether text starts with a clickable scheme and
// something after it.
func beginsWithURL(text string) bool {
	if text == "" || !strings.Contains("hHiIfFsSmM", text[:1]) {
		return false
	}
	for _, s := range schemes {
		if len(text) > len(s) && strings.EqualFold(text[:len(s)], s) && text[len(s)] > ' ' {
			return true
		}
	}
	return false
}

// cutURL takes the first URL out of text and returns it and the rest. Without
// one, all is text.
func cutURL(text string) (url, rest string) {
	at := 0
	for word := range strings.FieldsSeq(text) {
		at += strings.Index(text[at:], word)
		inner := strings.TrimLeft(word, "<(\"'")
		if beginsWithURL(inner) {
			url = trimURL(inner)
			before := strings.TrimSpace(text[:at])
			after := strings.TrimSpace(strings.TrimLeft(text[at+len(word):], ">)\"'"))
			return url, strings.TrimSpace(before + " " + after)
		}
		at += len(word)
	}
	return "", text
}

// trimURL cuts what is punctuation around a URL rather than part of it. A
// closing bracket stays when the URL has the opening one, as in Wikipedia's.
func trimURL(url string) string {
	for url != "" {
		last := url[len(url)-1]
		switch {
		case strings.IndexByte(".,;:!?'\"", last) >= 0,
			last == ')' && strings.Count(url, "(") < strings.Count(url, ")"),
			last == '>' && strings.Count(url, "<") < strings.Count(url, ">"):
			url = url[:len(url)-1]
		default:
			return url
		}
	}
	return url
}

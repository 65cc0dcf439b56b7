package ui

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/eucalyptus/hackfest/internal/irctext"
)

// Bit is a stretch of what somebody said: plain text, or a link.
type Bit struct {
	Text string
	Href string // "" for plain text
}

// linkSchemes are the only ones that ever become a link; javascript: and data:
// stay text.
var linkSchemes = []string{"http", "https", "irc", "ircs", "ftp", "mailto", "ssh"}

// mayLink finds what begins like a URL. Whether it is one, Linkable decides.
var mayLink = regexp.MustCompile(`(?i)\b(?:https?://|ircs?://|ftp://|ssh://|mailto:)[^\s<>"\x{1}-\x{1f}\x{7f}-\x{9f}]+`)

// Said splits what was said on IRC into text and links, without formatting
// codes and with control characters made visible.
func Said(text string) []Bit {
	text = irctext.Strip(text)
	var bits []Bit
	from := 0
	for _, m := range mayLink.FindAllStringIndex(text, -1) {
		link := trimLink(text[m[0]:m[1]])
		href, ok := Linkable(link)
		if !ok {
			continue
		}
		if m[0] > from {
			bits = append(bits, Bit{Text: Visible(text[from:m[0]])})
		}
		bits = append(bits, Bit{Text: Visible(link), Href: href})
		from = m[0] + len(link)
	}
	if from < len(text) {
		bits = append(bits, Bit{Text: Visible(text[from:])})
	}
	return bits
}

// Linkable returns raw as it may stand in a link; false when its scheme is not
// one that people may be sent to, or when it is no URL.
func Linkable(raw string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || !slices.Contains(linkSchemes, strings.ToLower(u.Scheme)) {
		return "", false
	}
	if u.Host == "" && u.Opaque == "" {
		return "", false
	}
	return u.String(), true
}

// trimLink leaves out the punctuation that ends a sentence rather than a URL,
// and closing brackets that were opened before it.
func trimLink(s string) string {
	for s != "" {
		last := s[len(s)-1]
		switch {
		case strings.IndexByte(".,;:!?'\"*", last) >= 0:
		case last == ')' && strings.Count(s, "(") < strings.Count(s, ")"):
		case last == ']' && strings.Count(s, "[") < strings.Count(s, "]"):
		case last == '}' && strings.Count(s, "{") < strings.Count(s, "}"):
		default:
			return s
		}
		s = s[:len(s)-1]
	}
	return s
}

// Visible replaces the characters that would change how a page reads without
// being seen: control characters by their pictures of Unicode 2400, those that
// turn the direction of text by their number.
func Visible(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t':
			b.WriteByte(' ')
		case r < 0x20:
			b.WriteRune(0x2400 + r)
		case r == 0x7f:
			b.WriteRune(0x2421)
		case hidden(r):
			fmt.Fprintf(&b, "[U+%04X]", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden reports whether r is a control character, or one that embeds,
// overrides or isolates a direction (Unicode Standard Annex 9, section 2).
func hidden(r rune) bool {
	return unicode.IsControl(r) || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}

// NickClass is the colour of a person in a log: one of twelve classes, by hash
// of the services account, or of the nick of people who have none.
func NickClass(nick, account string) string {
	name := account
	if name == "" {
		name = strings.TrimRight(nick, "_`^|")
	}
	hash := uint32(2166136261) // FNV-1a
	for _, b := range []byte(strings.ToLower(name)) {
		hash = (hash ^ uint32(b)) * 16777619
	}
	return fmt.Sprintf("n%d", hash%12)
}

package irctext

import (
	"strings"
	"unicode"
)

// OffTheRecord applies the rule people rely on when they do not want a line to
// be kept: nothing of a line that starts with [off] or [nolog], and nothing
// from an [off] further on in the line. Letters may be in either case;
// formatting codes inside or before the word do not hide it, nor do blanks and
// invisible characters at the start. Kept is the beginning of text up to the
// word, without blanks at its end and with its formatting, "" when none of it
// says anything; off reports whether the rule struck. A [nolog] in the middle
// of a line is only talk about the rule.
func OffTheRecord(text string) (kept string, off bool) {
	plain, at := strip(text)
	plain = lowerASCII(plain)
	start := strings.TrimLeftFunc(plain, invisible)
	if strings.HasPrefix(start, "[off]") || strings.HasPrefix(start, "[nolog]") {
		return "", true
	}
	i := strings.Index(plain, "[off]")
	if i < 0 {
		return text, false
	}
	kept = strings.TrimRightFunc(text[:at[i]], unicode.IsSpace)
	if strings.TrimLeftFunc(Strip(kept), invisible) == "" {
		return "", true
	}
	return kept, true
}

func invisible(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r)
}

// lowerASCII keeps every byte in its place, which strings.ToLower does not.
func lowerASCII(s string) string { return ASCII.Fold(s) }

package irctext

import "strings"

// The formatting codes of mIRC and its successors.
const (
	bold          = 0x02
	colour        = 0x03 // then one or two digits, a comma, one or two digits; all optional
	hexColour     = 0x04 // then six hex digits, a comma, six hex digits; all optional
	reset         = 0x0f
	monospace     = 0x11
	reverse       = 0x16
	italic        = 0x1d
	strikethrough = 0x1e
	underline     = 0x1f
)

const codes = "\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f"

// Strip returns s without formatting codes and their arguments. Other control
// characters stay.
func Strip(s string) string {
	if !strings.ContainsAny(s, codes) {
		return s
	}
	plain, _ := strip(s)
	return plain
}

// strip also returns where each byte of the plain text stands in s.
func strip(s string) (plain string, at []int) {
	var out strings.Builder
	for i := 0; i < len(s); {
		if n := codeLen(s[i:]); n > 0 {
			i += n
			continue
		}
		out.WriteByte(s[i])
		at = append(at, i)
		i++
	}
	return out.String(), at
}

// codeLen is the length of the formatting code at the start of s, arguments
// included; 0 when s starts with none.
func codeLen(s string) int {
	switch s[0] {
	case bold, reset, monospace, reverse, italic, strikethrough, underline:
		return 1
	case colour:
		return 1 + argsLen(s[1:], upToTwoDigits)
	case hexColour:
		return 1 + argsLen(s[1:], sixHexDigits)
	}
	return 0
}

// argsLen measures "fore,back" where one measures a single colour. A comma
// without a colour behind it is text.
func argsLen(s string, one func(string) int) int {
	fore := one(s)
	if fore == 0 || fore == len(s) || s[fore] != ',' {
		return fore
	}
	if back := one(s[fore+1:]); back > 0 {
		return fore + 1 + back
	}
	return fore
}

func upToTwoDigits(s string) int {
	n := 0
	for n < 2 && n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func sixHexDigits(s string) int {
	if len(s) < 6 {
		return 0
	}
	for i := range 6 {
		if !strings.Contains("0123456789abcdefABCDEF", s[i:i+1]) {
			return 0
		}
	}
	return 6
}

package irctext

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// high is Windows-1252 from 0x80 to 0x9f; from 0xa0 on it is Latin-1. The five
// bytes it leaves undefined stay the control characters of Latin-1, as in the
// WHATWG Encoding Standard, so that no byte is lost.
var high = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

// Decode reads bytes from the wire. Text is always valid UTF-8 without NUL: NUL
// becomes U+FFFD, and each byte that is no part of valid UTF-8 is read as
// Windows-1252, which windows1252 reports. Whole characters of UTF-8 in such a
// text are kept, since what breaks UTF-8 most often is a server that cuts a
// line in the middle of its last character. Every character of text stands for
// exactly one character or one lone byte of raw.
//
// The second result is raw itself where text has other bytes, and nil where it
// has the same.
func Decode(raw []byte) (text string, differs []byte, windows1252 bool) {
	if utf8.Valid(raw) && bytes.IndexByte(raw, 0) < 0 {
		return string(raw), nil, false
	}
	var out strings.Builder
	for rest := raw; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == 0:
			r = utf8.RuneError
		case r == utf8.RuneError && n == 1:
			windows1252 = true
			r = rune(rest[0])
			if r < 0xa0 {
				r = high[r-0x80]
			}
		}
		out.WriteRune(r)
		rest = rest[n:]
	}
	return out.String(), raw, windows1252
}

// KeepRaw returns the beginning of raw from which Decode makes kept, a prefix
// of the text that Decode made of raw: what is cut from a text is cut from its
// bytes. Nil stays nil.
func KeepRaw(raw []byte, kept string) []byte {
	end := 0
	for range kept {
		if end >= len(raw) {
			break
		}
		_, n := utf8.DecodeRune(raw[end:])
		end += n
	}
	if raw == nil {
		return nil
	}
	return raw[:end:end]
}

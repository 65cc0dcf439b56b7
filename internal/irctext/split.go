package irctext

import (
	"strings"
	"unicode/utf8"
)

// Split cuts text into pieces of at most maxBytes bytes: at line breaks always,
// else at the last blank that fits, else between two characters. Blanks at a
// cut and at both ends are dropped, no piece is empty, and an empty or blank
// text gives none. A piece is longer than maxBytes only when it is a single
// character that does not fit.
func Split(text string, maxBytes int) []string {
	var pieces []string
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
		for line = strings.Trim(line, " "); line != ""; {
			n := pieceLen(line, maxBytes)
			pieces = append(pieces, strings.TrimRight(line[:n], " "))
			line = strings.TrimLeft(line[n:], " ")
		}
	}
	return pieces
}

// pieceLen is how many bytes of line, which does not start with a blank, make
// its first piece.
func pieceLen(line string, maxBytes int) int {
	if len(line) <= maxBytes {
		return len(line)
	}
	if blank := strings.LastIndexByte(line[:max(maxBytes, 0)+1], ' '); blank > 0 {
		return blank
	}
	n := 0
	for n < len(line) {
		_, size := utf8.DecodeRuneInString(line[n:])
		if n > 0 && n+size > maxBytes {
			break
		}
		n += size
	}
	return n
}

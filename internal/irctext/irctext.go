// Package irctext knows how IRC writes text: which names are equal, which bytes
// are formatting, how bytes become text, where a long text may be cut and what
// is off the record. It is pure: it knows nothing of connections, channels'
// members or meetings, and reads no clock.
//
// Formatting codes are those of https://modern.ircdocs.horse/formatting; names
// compare as RFC 2812 section 2.2 and the ISUPPORT token CASEMAPPING say.
package irctext

import "strings"

// Casemapping is how a network compares nicks and channel names. Its values are
// those of the ISUPPORT token CASEMAPPING; "" is rfc1459, the default of the
// protocol. Any other value folds ASCII letters only.
type Casemapping string

const (
	RFC1459       Casemapping = "rfc1459"        // A-Z and []\^ are the capitals of a-z and {}|~
	StrictRFC1459 Casemapping = "strict-rfc1459" // the same without ^ and ~
	ASCII         Casemapping = "ascii"          // A-Z only
)

// capitals holds the last byte after 'Z' that has a small form 32 higher.
var capitals = map[Casemapping]byte{"": '^', RFC1459: '^', StrictRFC1459: ']', ASCII: 'Z'}

// Fold returns the one spelling that all equal names share. Bytes that are no
// ASCII stay as they are.
func (c Casemapping) Fold(s string) string {
	last, known := capitals[c]
	if !known {
		last = 'Z'
	}
	first := strings.IndexFunc(s, func(r rune) bool { return r >= 'A' && r <= rune(last) })
	if first < 0 {
		return s
	}
	b := []byte(s)
	for i := first; i < len(b); i++ {
		if b[i] >= 'A' && b[i] <= last {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// Equal reports whether a and b name the same nick or channel.
func (c Casemapping) Equal(a, b string) bool { return c.Fold(a) == c.Fold(b) }

// ChannelPath is a folded channel name as it stands in URLs: without exactly
// one leading '#'. Percent-encoding is left to the caller (url.PathEscape).
func ChannelPath(folded string) string { return strings.TrimPrefix(folded, "#") }

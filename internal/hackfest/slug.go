package hackfest

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxSlug is the longest slug of a title, in bytes: long enough to be
// recognised, short enough for a line of mail.
const maxSlug = 60

// Slug returns title as part of a URL: lower-case ASCII letters and digits with
// single dashes between the words, accents left off, at most 60 bytes and cut
// between words. It is "" for a title without such letters.
func Slug(title string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(title) {
		r = unicode.ToLower(r)
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’': // part of the letter before, or of its word
		default:
			gap = true
		}
	}
	s := b.String()
	if len(s) <= maxSlug {
		return s
	}
	if cut := strings.LastIndexByte(s[:maxSlug+1], '-'); cut > 0 {
		return s[:cut]
	}
	return s[:maxSlug]
}

// SessionSlug returns the slug of a session that is on day, a date in its own
// zone, as in "2012-08-02-openshift-origin".
func SessionSlug(day time.Time, title string) string {
	return strings.TrimSuffix(day.Format(time.DateOnly)+"-"+Slug(title), "-")
}

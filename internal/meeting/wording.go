package meeting

import (
	"fmt"
	"strings"
	"time"
)

// Span writes how long something took, to the minute: "less than a minute",
// "45 min", "1 h 5 min".
func Span(d time.Duration) string {
	minutes := int(d / time.Minute)
	switch h, m := minutes/60, minutes%60; {
	case minutes < 1:
		return "less than a minute"
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	default:
		return fmt.Sprintf("%d h %d min", h, m)
	}
}

// shorten cuts a text that an answer quotes.
func shorten(text string) string {
	n := 0
	for i := range text {
		if n == maxInAnswer {
			return strings.TrimSpace(text[:i]) + "…"
		}
		n++
	}
	return text
}

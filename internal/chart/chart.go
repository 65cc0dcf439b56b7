// Package chart works out the project's pictures: the zone ribbon, the session
// pulse, the sparkline of a live page and the progress strip. From numbers it
// makes places in per cent (across) and pixels (down), the words of each
// picture's description and caption, and the rows of the table beneath it. It
// writes no SVG (templates/ui does), reads no clock and knows no session.
package chart

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MinPoints is the fewest numbers worth a picture; with less, a sentence says
// more.
const MinPoints = 4

// Percent is a place across a picture, or a width, from 0 at the left edge to
// 100 at the right one.
type Percent float64

// String writes p as an SVG attribute, as in "12.5%".
func (p Percent) String() string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(float64(p), 'f', 2, 64), "0"), ".") + "%"
}

// Span is a stretch of a picture.
type Span struct{ X, Width Percent }

// Tick is a mark of an axis.
type Tick struct {
	X      Percent
	Text   string
	Anchor string    // text-anchor: "start", "middle" or "end"
	Minor  bool      // left out on phones
	At     time.Time // what Text says, where it is a time of day; else zero
}

// Px writes n as an SVG attribute.
func Px(n int) string { return strconv.Itoa(n) }

// anchor keeps the text of a tick inside the picture.
func anchor(x Percent) string {
	switch {
	case x <= 1:
		return "start"
	case x >= 99:
		return "end"
	}
	return "middle"
}

// List joins words as people do: "a, b and c".
func List(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// Length says a duration in hours and minutes: "2 h 31 min", "45 min". What is
// under a minute is "under a minute".
func Length(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	h, m := minutes/60, minutes%60
	switch {
	case d < time.Minute:
		return "under a minute"
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	}
	return fmt.Sprintf("%d h %d min", h, m)
}

// Count says how many there are of something: "no actions", "1 action",
// "3 actions".
func Count(n int, one, many string) string {
	switch n {
	case 0:
		return "no " + many
	case 1:
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

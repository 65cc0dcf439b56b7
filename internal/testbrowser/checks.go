package testbrowser

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/chromedp/chromedp/kb"
)

//go:embed checks.js
var checks string

// check runs a function of checks.js in the page.
func check[T any](b *Tab, call string) T {
	b.t.Helper()
	if !Eval[bool](b, `!!window.checks`) {
		Eval[bool](b, checks)
	}
	return Eval[T](b, "checks."+call)
}

// Wide returns what is wider than the window, and each box that scrolls sideways
// and is not a labelled region the keyboard reaches (WCAG 2.2, 1.4.10).
func (b *Tab) Wide() []string {
	b.t.Helper()
	return check[[]string](b, "wide()")
}

// Borders returns the controls whose border has a contrast below 3 to what is
// around them (WCAG 2.2, 1.4.11).
func (b *Tab) Borders() []string {
	b.t.Helper()
	return check[[]string](b, "borders()")
}

// Dead returns the visible buttons that do nothing without script.
func (b *Tab) Dead() []string {
	b.t.Helper()
	return check[[]string](b, "dead()")
}

// A page with more stops than walked is walked at its beginning and its end.
const (
	walked = 120
	tail   = 40
)

// Keyboard presses Tab through the page and returns each control that is not
// reached, not in the order of the text, not seen to have the focus, out of
// view or covered while it has it, or not left again (WCAG 2.2, 2.1.1, 2.1.2,
// 2.4.3, 2.4.7, 2.4.11).
func (b *Tab) Keyboard() []string {
	b.t.Helper()
	n := check[int](b, "begin(0)")
	if n <= walked {
		return b.walk(0, n)
	}
	wrong := b.walk(0, walked-tail)
	check[int](b, fmt.Sprintf("begin(%d)", n-tail))
	return append(wrong, b.walk(n-tail, n)...)
}

// walk presses Tab from the stop numbered from until before the one numbered to.
func (b *Tab) walk(from, to int) []string {
	b.t.Helper()
	var wrong []string
	extra := 0
	for next := from; next < to; {
		b.Press(kb.Tab)
		s := check[struct {
			At    int      `json:"at"`
			Wrong []string `json:"wrong"`
		}](b, "stop()")
		wrong = append(wrong, s.Wrong...)
		switch {
		case s.At == next:
			next++
		case s.At > next && s.At < to:
			for ; next < s.At; next++ {
				wrong = append(wrong, check[string](b, fmt.Sprintf("missed(%d)", next))+": Tab does not reach it in its turn")
			}
			next++
		case s.At == -1 && extra < 20: // a box that scrolls
			extra++
		default:
			return append(wrong, check[string](b, fmt.Sprintf("missed(%d)", next))+": Tab does not reach it in its turn")
		}
	}
	return wrong
}

// quote writes s as JavaScript.
func quote(s string) string {
	text, _ := json.Marshal(s) // a string always can be
	return string(text)
}

// Text is JavaScript that tells whether the element with this id is shown and
// has want in its text.
func Text(id, want string) string {
	return fmt.Sprintf(`(e => !!e && !e.hidden && !e.closest("[hidden]") && e.innerText.includes(%s))(document.getElementById(%s))`, quote(want), quote(id))
}

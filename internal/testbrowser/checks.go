package testbrowser

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
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

// Captions returns the words in pictures whose contrast to what is drawn behind
// them is below 4.5 (WCAG 2.2, 1.4.3).
func (b *Tab) Captions() []string {
	b.t.Helper()
	return check[[]string](b, "captions()")
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

// Keyboard presses Tab through the page, and Shift and Tab back, and returns
// each control that is not reached, not in the order of the text, not seen to
// have the focus, out of view or covered while it has it, or not left again
// (WCAG 2.2, 2.1.1, 2.1.2, 2.4.3, 2.4.7, 2.4.11).
func (b *Tab) Keyboard() []string {
	b.t.Helper()
	defer check[bool](b, "end()")
	n := check[int](b, "begin(0)")
	if n <= walked {
		return b.walk(0, n)
	}
	wrong := b.walk(0, walked-tail)
	check[int](b, fmt.Sprintf("begin(%d)", n-tail))
	return append(wrong, b.walk(n-tail, n)...)
}

// walk goes from the stop numbered from until before the one numbered to, and
// back.
func (b *Tab) walk(from, to int) []string {
	b.t.Helper()
	ahead := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		ahead = append(ahead, i)
	}
	wrong := b.step(ahead, "Tab", 0)
	if len(wrong) > 0 || len(ahead) < 2 {
		return wrong
	}
	back := slices.Clone(ahead[:len(ahead)-1])
	slices.Reverse(back)
	return b.step(back, "Shift+Tab", chromedp.ModifierShift)
}

// scrollers is how many boxes that scroll, which are stops as well, a walk may
// come by.
const scrollers = 20

// within is what checks.js says of a stop inside the control before: that of a
// day, a month or an hour.
const within = -3

// step presses Tab until all of stops, given in the order in which they must
// come, had the focus.
func (b *Tab) step(stops []int, key string, with chromedp.Modifier) []string {
	b.t.Helper()
	var wrong []string
	boxes := 0
	miss := func(at int) {
		wrong = append(wrong, check[string](b, fmt.Sprintf("missed(%d)", at))+": "+key+" does not reach it in its turn")
	}
	for len(stops) > 0 {
		for _, s := range b.press(len(stops), with) {
			wrong = append(wrong, s.Wrong...)
			if s.At == -1 && boxes < scrollers {
				boxes++
				continue
			}
			if s.At == within {
				continue // checks.js counts them
			}
			i := slices.Index(stops, s.At)
			if i < 0 {
				miss(stops[0])
				return wrong
			}
			for _, at := range stops[:i] {
				miss(at)
			}
			if stops = stops[i+1:]; len(stops) == 0 {
				break // a key for each that was missed was pressed as well
			}
		}
	}
	return wrong
}

// place is where a key left the focus, and what is wrong there.
type place struct {
	At    int      `json:"at"`
	Wrong []string `json:"wrong"`
}

// press presses Tab n times, without waiting for one before the next is on its
// way, and returns where each left the focus. The page itself looks, when the
// next one comes: asking it from here would take longer than all else.
func (b *Tab) press(n int, with chromedp.Modifier) []place {
	b.t.Helper()
	check[bool](b, "listen()")
	down := *kb.Encode('\t')[0] // the focus moves when it goes down; a whole press is three calls
	down.Modifiers = int64(with)
	sent := make([]error, n)
	var keys sync.WaitGroup
	for i := range sent {
		keys.Go(func() { _, sent[i] = chromedp.Call(b.ctx, input.DispatchKeyEvent, down) })
	}
	keys.Wait()
	must(b.t, errors.Join(sent...))
	return check[[]place](b, fmt.Sprintf("heard(%d)", n))
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

// Package testbrowser drives a real Chromium: it opens pages, presses keys, and
// says what on a page is wrong for people, in sentences a test can report. It is
// for tests only, and it knows nothing of the portal's pages.
//
// All tabs of a test program share one Chromium, which runs while there is a
// tab; cookies and storage are each tab's own. Without Chromium tests are
// skipped, or fail where CI is set.
package testbrowser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long a tab may be used. It is never reached but where
// something hangs.
const patience = 5 * time.Minute

// Tab is a tab of Chromium. What its console and its content security policy
// complain about fails the test when the tab is closed, at the end of the test,
// unless Complaints or Forgive took it.
type Tab struct {
	t   testing.TB
	ctx context.Context //nolint:containedctx // chromedp keeps the tab in it

	mu         sync.Mutex
	complaints []string
	opened     string          // what Open was asked for last
	marks      int             // sent to the console so far, see Complaints
	marked     map[string]bool // and come back from there
	closed     bool
	heard      *sync.Cond // something was, or the tab was closed
}

// New opens a tab 1280 pixels wide on a light system in Berlin.
func New(t testing.TB) *Tab {
	t.Helper()
	return tab(t, false)
}

// Used is New for a test that only looks at pages: the tab may have shown those
// of another before, which is cheaper. It has no cookies and nothing cached.
func Used(t testing.TB) *Tab {
	t.Helper()
	return tab(t, true)
}

func tab(t testing.TB, used bool) *Tab {
	t.Helper()
	w := shared.window(t, used)
	ctx, late := context.WithTimeout(w.ctx, patience)
	b := &Tab{t: t, ctx: ctx, marked: map[string]bool{}}
	b.heard = sync.NewCond(&b.mu)
	console, over := chromedp.Console(ctx), make(chan struct{})
	go func() {
		defer b.hearNoMore(over)
		for m, err := range console {
			if err != nil {
				return
			}
			b.hear(m)
		}
	}()
	t.Cleanup(func() {
		late()
		<-over
		for _, c := range b.complaints {
			t.Error(c)
		}
		if !used || t.Failed() || !shared.keep(w) {
			w.end()
		}
	})
	b.See(1280, "light")
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mark begins the messages by which Complaints knows that it heard all before.
const mark = "testbrowser has heard up to here: "

func (b *Tab) hearNoMore(over chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.heard.Broadcast()
	close(over)
}

func (b *Tab) hear(m chromedp.ConsoleMessage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case strings.HasPrefix(m.Text, mark):
		b.marked[m.Text] = true
		b.heard.Broadcast()
	case m.Source == "network" && m.URL == b.opened:
		// The page is an error page; whoever opens it knows.
	default:
		b.complaints = append(b.complaints, fmt.Sprintf("console %s: %s (%s)", m.Type, m.Text, m.URL))
	}
}

// Complaints returns what the console said since the last call, refusals of the
// content security policy among it.
func (b *Tab) Complaints() []string {
	b.t.Helper()
	b.mu.Lock()
	b.marks++
	text := fmt.Sprint(mark, b.marks)
	b.mu.Unlock()
	Eval[bool](b, fmt.Sprintf("console.debug(%q), true", text))
	b.mu.Lock()
	defer b.mu.Unlock()
	for !b.marked[text] && !b.closed {
		b.heard.Wait()
	}
	c := b.complaints
	b.complaints = nil
	return c
}

// Forgive drops the complaints so far that hold words, which were expected.
func (b *Tab) Forgive(words string) {
	b.t.Helper()
	rest := slices.DeleteFunc(b.Complaints(), func(c string) bool { return strings.Contains(c, words) })
	b.mu.Lock()
	defer b.mu.Unlock()
	b.complaints = append(rest, b.complaints...)
}

// See sets how wide the window is, in CSS pixels, and which colours the system
// has: light or dark.
func (b *Tab) See(width int64, scheme string) {
	b.t.Helper()
	must(b.t, chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 900)))
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"}, // or a colour may be caught half-way
		},
	})
	must(b.t, err)
}

// Script switches the scripts of pages on or off, from the next page on.
func (b *Tab) Script(on bool) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	must(b.t, err)
}

// Open loads a page and waits until it and all it asks for are there.
func (b *Tab) Open(url string) {
	b.t.Helper()
	b.mu.Lock()
	b.opened = url
	b.mu.Unlock()
	if err := chromedp.Do(b.ctx, chromedp.Navigate(url)); err != nil {
		b.t.Fatalf("open %s: %v", url, err)
	}
}

// Click presses the mouse on the one element that selector names.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Click(selector)); err != nil {
		b.t.Fatalf("click %s: %v", selector, err)
	}
}

// Follow is Click on what opens another page, for which it waits.
func (b *Tab) Follow(selector string) {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(selector)); err != nil {
		b.t.Fatalf("follow %s: %v", selector, err)
	}
}

// Press presses keys, written as in package kb of chromedp.
func (b *Tab) Press(keys string) {
	b.t.Helper()
	must(b.t, chromedp.Do(b.ctx, chromedp.KeyEvent(keys)))
}

// Eval returns what a JavaScript expression is on the page; of a promise, what
// it comes to.
func Eval[T any](b *Tab, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%.200s: %v", js, err)
	}
	return v
}

// Until waits for js to be true, at most five times the second that is
// promised, and says how long it took.
func (b *Tab) Until(what, js string) time.Duration {
	b.t.Helper()
	start := time.Now()
	for !Eval[bool](b, "!!("+js+")") { // a page that is only coming has no body, which is no bool
		if time.Since(start) > 5*time.Second {
			b.t.Fatalf("%s: not in time: %s\n%s", what, js, Eval[string](b, `document.querySelector("main").innerText`))
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(start)
}

// Shoot writes a picture of the whole page, name.png, into the folder that
// HACKFEST_TEST_SHOTS names; without it, nothing.
func (b *Tab) Shoot(name string) {
	b.t.Helper()
	b.shoot(name, chromedp.FullScreenshot(100))
}

// ShootWindow is Shoot of what fits into the window.
func (b *Tab) ShootWindow(name string) {
	b.t.Helper()
	b.shoot(name, chromedp.CaptureScreenshot())
}

func (b *Tab) shoot(name string, how chromedp.Action[[]byte]) {
	b.t.Helper()
	dir := os.Getenv("HACKFEST_TEST_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, how)
	must(b.t, err)
	must(b.t, os.MkdirAll(dir, 0o755))
	must(b.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}

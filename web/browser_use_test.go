package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/eucalyptus/hackfest/internal/testbrowser"
)

// mainText is the text of the main part, as people read it.
const mainText = `document.querySelector("main").innerText`

// Reading, filters and the choice of a zone, all without script.
func TestBrowserWithoutScript(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	b := testbrowser.New(t)
	b.Script(false)

	b.Open(s.url + "/schedule")
	const listed = `[...document.querySelectorAll('main a[href^="/sessions/"]')].map(e => e.innerText).join("\n")`
	if text := testbrowser.Eval[string](b, listed); !strings.Contains(text, "Weekly hackfest") || !strings.Contains(text, "Community meeting") {
		t.Errorf("the schedule lists\n%s", text)
	}
	b.Follow(`a[href="/schedule?kind=meeting"]`)
	if text := testbrowser.Eval[string](b, listed); strings.Contains(text, "Weekly hackfest") || !strings.Contains(text, "Community meeting") {
		t.Errorf("the filter for meetings leaves\n%s", text)
	}

	times := `[...document.querySelectorAll("main time")].map(e => e.innerText.trim().replace(/\s+/g, " ")).join("\n")`
	before := testbrowser.Eval[string](b, times)
	testbrowser.Eval[bool](b, `(document.getElementById("zone").value = "Asia/Kolkata", document.getElementById("clock").value = "24", document.getElementById("theme").value = "dark", true)`)
	b.Follow(".foot form button")
	if url := testbrowser.Eval[string](b, `location.pathname + location.search`); url != "/schedule?kind=meeting" {
		t.Errorf("choosing a zone leads to %s", url)
	}
	after := testbrowser.Eval[string](b, times)
	if after == before || !strings.Contains(after, "21:30") { // 9:00 in Los Angeles, in summer
		t.Errorf("times before\n%s\nand in Kolkata\n%s", before, after)
	}
	if zone := testbrowser.Eval[string](b, `document.getElementById("zone").value`); zone != "Asia/Kolkata" {
		t.Errorf("the form shows the zone %q", zone)
	}
	if ground := testbrowser.Eval[string](b, `getComputedStyle(document.body).backgroundColor`); ground != "rgb(20, 21, 18)" {
		t.Errorf("the dark page is %s", ground)
	}

	b.Open(s.url + "/lessons")
	all := testbrowser.Eval[int](b, `document.querySelectorAll("main li").length`)
	b.Follow(`a[href="/lessons?kind=avoid"]`)
	if some := testbrowser.Eval[int](b, `document.querySelectorAll("main li").length`); some == 0 || some >= all {
		t.Errorf("the filter of lessons leaves %d of %d", some, all)
	}

	live := examplesOf(t, "/sessions/{session}")[0]
	b.Open(s.url + live)
	b.Follow(fmt.Sprintf(`main a[href^=%q]`, live+"/log"))
	if text := testbrowser.Eval[string](b, mainText); !strings.Contains(text, "Which image do we all use?") {
		t.Errorf("the log of the live session:\n%s", text)
	}
}

// Colours that a reader chose, on a system that has the others; and a zone with
// a half-hour, which makes lines longer.
func TestBrowserChosenColours(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	for chosen, system := range map[string]string{"dark": "light", "light": "dark"} {
		t.Run(chosen, func(t *testing.T) {
			t.Parallel()
			b := testbrowser.New(t)
			b.See(360, system)
			b.Open(s.url + "/")
			testbrowser.Eval[bool](b, fmt.Sprintf(`(document.getElementById("theme").value = %q, document.getElementById("zone").value = "Asia/Kolkata", true)`, chosen))
			b.Follow(".foot form button")
			if got := testbrowser.Eval[string](b, `document.documentElement.dataset.theme`); got != chosen {
				t.Fatalf("the page has the colours %q", got)
			}
			for _, p := range []string{"/", examplesOf(t, "/sessions/{session}")[0], examplesOf(t, "/sessions/{session}")[2]} {
				b.See(360, system)
				b.Open(s.url + p)
				report(t, p, b.Borders())
				report(t, p, b.Axe())
				b.See(320, system)
				report(t, p, b.Wide())
			}
		})
	}
}

// The menu of a phone is opened, read and closed by keyboard, with and without
// script.
func TestBrowserMenuOfAPhone(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script %v", script), func(t *testing.T) {
			t.Parallel()
			b := testbrowser.New(t)
			b.See(360, "light")
			b.Script(script)
			b.Open(s.url + "/lessons")
			const shown = `document.querySelector('.menu a[href="/schedule"]').checkVisibility()`
			if testbrowser.Eval[bool](b, shown) {
				t.Fatal("the menu is open already")
			}
			for range 4 { // skip link, name of the community, menu
				b.Press(kb.Tab)
				if testbrowser.Eval[bool](b, `document.activeElement.matches(".menu-open")`) {
					break
				}
			}
			b.Press(kb.Enter)
			if !testbrowser.Eval[bool](b, shown) {
				t.Fatal("Enter on the menu's button does not open it")
			}
			entries := testbrowser.Eval[int](b, `document.querySelectorAll(".menu a, .menu button").length`)
			for i := range entries {
				b.Press(kb.Tab)
				if !testbrowser.Eval[bool](b, `!!document.activeElement.closest(".menu")`) {
					t.Errorf("Tab number %d of %d leaves the menu for %s", i+1, entries, testbrowser.Eval[string](b, `document.activeElement.outerHTML`))
				}
			}
			if script {
				report(t, "open menu:", b.Axe())
			}
			b.Press(kb.Escape)
			if testbrowser.Eval[bool](b, shown) {
				t.Error("Escape does not close the menu")
			}
			b.Click(".menu-open")
			b.Follow(`.menu a[href="/schedule"]`)
			if h1 := testbrowser.Eval[string](b, `document.querySelector("h1").innerText`); h1 != "Schedule" {
				t.Errorf("the menu leads to %q", h1)
			}
		})
	}
}

// The first Tab shows a link that leads past what is on every page.
func TestBrowserSkipsToTheContent(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	b := testbrowser.New(t)
	b.Open(s.url + "/targets")
	b.Press(kb.Tab)
	b.Press(kb.Enter)
	b.Press(kb.Tab)
	if !testbrowser.Eval[bool](b, `!!document.activeElement.closest("main")`) {
		t.Errorf("behind the link is %s", testbrowser.Eval[string](b, `document.activeElement.outerHTML`))
	}
}

// Pictures for README and docs, made by "make pictures": the window of a
// laptop, and one of a phone.
func TestBrowserPictures(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	for _, p := range []struct {
		name, path string
		width      int64
		scheme     string
	}{
		{"home", "/", 1280, "light"},
		{"live", "/sessions/2026-03-05-weekly-hackfest", 1280, "light"},
		{"minutes", "/sessions/2012-08-02-openshift-origin", 1280, "light"},
		{"log", "/sessions/2012-08-02-openshift-origin/log", 390, "dark"},
	} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			b := testbrowser.New(t)
			b.See(p.width, p.scheme)
			b.Open(s.url + p.path)
			b.ShootWindow(p.name)
		})
	}
}

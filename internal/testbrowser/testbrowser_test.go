package testbrowser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/static"
)

// sound is a page in the portal's look without a fault. Each fault is planted
// into it by itself.
const sound = `<!DOCTYPE html>
<html lang="en" data-theme="">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A page</title>
<link rel="icon" href="%s"><link rel="stylesheet" href="%s"><link rel="stylesheet" href="/own.css"></head>
<body><a class="skip" href="#main">Skip to content</a>
<main id="main"><h1>A page</h1>
<p class="muted">Words, and <a href="/one">a link</a>.</p>
<form action="/" method="post"><label for="nick">Nick</label> <input id="nick" name="nick"> <button>Keep</button></form>
<details><summary>More</summary><a href="/two">Inside</a></details>
<p><a href="/last">The last link</a></p>
</main></body></html>`

// plant is one change of the page, and of a style sheet of its own.
type plant struct{ old, new, css string }

func (p plant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'")
	if r.URL.Path == "/own.css" {
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, p.css)
		return
	}
	if a, ok := static.ByPath(r.URL.Path); ok {
		w.Header().Set("Content-Type", a.Type)
		_, _ = w.Write(a.Body)
		return
	}
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	page := fmt.Sprintf(sound, static.URL("img/favicon.svg"), static.URL("css/portal.css"))
	fmt.Fprint(w, strings.Replace(page, p.old, p.new, 1))
}

func (b *Tab) all() []string {
	wrong := b.Complaints()
	wrong = append(wrong, b.Keyboard()...)
	wrong = append(wrong, b.Borders()...)
	wrong = append(wrong, b.Captions()...)
	wrong = append(wrong, b.Dead()...)
	wrong = append(wrong, b.Axe()...)
	b.See(320, "light")
	wrong = append(wrong, b.Wide()...)
	return append(wrong, b.Complaints()...)
}

func TestChecksFindWhatIsWrong(t *testing.T) {
	t.Parallel()
	Hold(t)
	for _, tt := range []struct {
		name  string
		plant plant
		want  string // part of the one thing found; "" for nothing
	}{
		{"nothing", plant{}, ""},
		{"pale text", plant{css: `.muted { color: #8a8a86 }`}, "color-contrast (serious): .muted"},
		{"field without a label", plant{old: `<label for="nick">Nick</label>`}, "label (critical): #nick"},
		{"picture without words", plant{old: `</h1>`, new: `</h1><img src="` + static.URL("img/favicon.svg") + `">`}, "image-alt (critical)"},
		{"target of ten pixels", plant{old: `</h1>`, new: `</h1><button class="dot" aria-label="x"></button><button class="dot" aria-label="y"></button>`, css: `.dot { inline-size: 10px; block-size: 10px; min-block-size: 0; padding: 0 }`}, "target-size (serious)"},
		{"inline script", plant{old: `</h1>`, new: `</h1><script>document.title = "x"</script>`}, "Content Security Policy"},
		{"inline style", plant{old: `<h1>`, new: `<h1 style="color: red">`}, "Content Security Policy"},
		{"handler in an attribute", plant{old: `<h1>`, new: `<h1 onclick="x()">`}, "Content Security Policy"},
		{"file from elsewhere", plant{old: `</h1>`, new: `</h1><img alt="" src="http://elsewhere.invalid/x.png">`}, "Content Security Policy"},
		{"file that is not there", plant{old: `href="/own.css"`, new: `href="/none" type="text/css"`}, "console error"},
		{"word too long for a phone", plant{old: `Words`, new: strings.Repeat("x", 60), css: `.muted { overflow-wrap: normal }`}, "wider than the window"},
		{"table too wide for a phone", plant{old: `</h1>`, new: `</h1><table class="w"><tr><th scope="col">x</th></tr></table>`, css: `.w { inline-size: 400px }`}, "<table.w> \"x\": reaches"},
		{"wide box that is hidden by the page", plant{old: `</h1>`, new: `</h1><p class="w">x</p>`, css: `.w { inline-size: 400px } body { overflow-x: hidden }`}, "<p.w> \"x\": reaches"},
		{"scrolls sideways unsaid", plant{old: `</h1>`, new: `</h1><div class="s" tabindex="0"><p class="w">x</p></div>`, css: `.s { overflow-x: auto } .w { inline-size: 400px }`}, "is no labelled region"},
		{"scrolls sideways as a labelled region", plant{old: `</h1>`, new: `</h1><div class="s" role="region" aria-label="Matrix" tabindex="0"><p class="w">x</p></div>`, css: `.s { overflow-x: auto } .w { inline-size: 400px }`}, ""},
		{"focus outline removed", plant{css: `.muted a:focus-visible { outline: none }`}, `<a> "a link": focus cannot be seen (outline none`},
		{"focus outline in the colour of the page", plant{css: `.muted a:focus-visible { outline-color: var(--line) }`}, `<a> "a link": focus can hardly be seen (contrast 1.`},
		{"bar over the last link", plant{old: `</main>`, new: `</main><p class="bar">x</p>`, css: `.bar { position: fixed; inset: 0 0 auto; block-size: 100% ; background: var(--bg) } .skip { z-index: 10 } p:last-child { z-index: 1 } main form, main details, main .muted { position: relative; z-index: 2 }`}, `<a> "The last link": it has the focus and is out of view or covered`},
		{
			"sticky bar over what Shift and Tab go back to",
			plant{old: `<p class="muted">`, new: strings.Repeat(`<p><a href="/x">A link of many</a></p>`, 60) + `<p class="muted">`, css: `main { padding-block-start: 600px } body::before { content: ""; position: fixed; inset: 0 0 auto; block-size: 500px; background: var(--bg); z-index: 2 } html { scroll-padding: 0 } .skip { z-index: 3 }`},
			`<a> "A link of many": it has the focus and is out of view or covered`,
		},
		{"link the keyboard does not reach", plant{old: `<a href="/one">`, new: `<a href="/one" tabindex="-1">`}, `<a> "a link": Tab does not reach it in its turn`},
		{"order of its own", plant{old: `<button>`, new: `<button tabindex="3">`}, "Tab does not reach it in its turn"},
		{"button for the mouse", plant{old: `</h1>`, new: `</h1><button type="button">Copy</button>`}, `<button> "Copy": does nothing without script`},
		{"words in a picture", plant{old: `</h1>`, new: `</h1><svg class="plot" height="40"><title>x</title><rect class="night" width="200" height="40"/><text x="10" y="20">20:00</text></svg>`, css: `.plot text { fill: #000 }`}, ""},
		{"pale words in a picture", plant{old: `</h1>`, new: `</h1><svg class="plot" height="40"><title>x</title><rect class="night" width="200" height="40"/><text x="10" y="20">20:00</text></svg>`, css: `.plot text { fill: #5b5850 }`}, `<text> "20:00": in a picture with a contrast of 1.`},
		{"pale border", plant{css: `input { border-color: var(--line) }`}, `<input#nick> "nick": its border has a contrast of 1.`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(tt.plant)
			defer srv.Close()
			b := Used(t)
			b.Open(srv.URL)
			found := b.all()
			if of := b.AxeColours(); strings.HasPrefix(tt.want, "color-contrast") != (len(of) > 0) {
				t.Errorf("of colours alone it finds %q", of)
			}
			switch {
			case tt.want == "" && len(found) > 0:
				t.Errorf("found %q", found)
			case tt.want != "" && !strings.Contains(strings.Join(found, "\n"), tt.want):
				t.Errorf("found %q, want %q", found, tt.want)
			default:
				t.Logf("%q", found)
			}
		})
	}
}

// What one test leaves in a tab, the next does not find there.
func TestUsedTabIsEmpty(t *testing.T) {
	t.Parallel()
	Hold(t)
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			return // the icon
		}
		asked = append(asked, r.Header.Get("Cookie"))
		w.Header().Set("Set-Cookie", "who=ada; Max-Age=1000")
		w.Header().Set("Cache-Control", "max-age=1000")
		fmt.Fprint(w, `<!DOCTYPE html><title>A page</title><main>Words</main><script>console.log("hello")</script>`)
	}))
	defer srv.Close()
	for _, name := range []string{"first", "second"} {
		t.Run(name, func(t *testing.T) {
			b := Used(t)
			b.Open(srv.URL)
			if c := b.Complaints(); len(c) != 1 || !strings.Contains(c[0], "hello") {
				t.Errorf("with script: %q", c)
			}
			if seen := Eval[string](b, `[innerWidth, matchMedia("(prefers-color-scheme: light)").matches, new Date(0).getHours()].join()`); seen != "1280,true,1" {
				t.Errorf("width, light and hour are %s", seen)
			}
			b.See(320, "dark")
			b.Script(false)
			b.Open(srv.URL)
			if c := b.Complaints(); len(c) > 0 {
				t.Errorf("without script: %q", c)
			}
		})
	}
	if len(asked) != 2 || asked[0] != "" || asked[1] != "" {
		t.Errorf("asked with the cookies %q, want once by each, without one", asked)
	}
}

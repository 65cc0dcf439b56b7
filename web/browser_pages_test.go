package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/testbrowser"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// report fails t with what a check found.
func report(t *testing.T, where string, found []string) {
	t.Helper()
	for _, f := range found {
		t.Errorf("%s %s", where, f)
	}
}

// isPage asks for url without a browser, and reports whether it is a page in
// HTML that answers itself. What leads elsewhere must lead somewhere.
func isPage(t *testing.T, url string, status int) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	must(t, err)
	r.Header.Set("Accept", "text/html")
	w, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	must(t, w.Body.Close())
	html := strings.HasPrefix(w.Header.Get("Content-Type"), "text/html")
	switch {
	case w.StatusCode/100 == 3:
		to, err := w.Location()
		must(t, err)
		if to.Host != r.URL.Host {
			t.Errorf("%s leads to %s", url, to)
		}
		isPage(t, to.String(), status)
		return false
	case html && w.StatusCode != status:
		t.Errorf("%s: %d, want %d", url, w.StatusCode, status)
	}
	return html
}

// looks are the windows in which pages are judged.
var looks = []struct {
	width  int64
	scheme string
}{{1280, "light"}, {1280, "dark"}, {360, "light"}, {360, "dark"}}

// judge looks at a page in every way that must hold for all of them.
func judge(t *testing.T, url, shot string) {
	t.Helper()
	judgeAs(t, url, shot, func(*testbrowser.Tab) {})
}

// judgeAs is judge for a page of somebody whom enter signs in.
func judgeAs(t *testing.T, url, shot string, enter func(*testbrowser.Tab)) {
	t.Helper()
	b := testbrowser.Used(t)
	enter(b)
	b.Open(url)
	report(t, "with script:", b.Complaints())
	for _, l := range looks {
		b.See(l.width, l.scheme)
		where := fmt.Sprintf("%d px, %s:", l.width, l.scheme)
		report(t, where, append(b.Borders(), b.Captions()...))
		if shot != "" {
			b.Shoot(fmt.Sprintf("%s-%d-%s", shot, l.width, l.scheme))
		}
		if l.scheme == "light" {
			report(t, where, b.Keyboard())
		}
	}
	testbrowser.Eval[bool](b, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
	b.See(320, "light")
	report(t, "320 px:", b.Wide())
	for _, l := range looks {
		b.See(l.width, l.scheme)
		judged := b.Axe
		if l.scheme == "dark" { // it was light at this width before
			judged = b.AxeColours
		}
		report(t, fmt.Sprintf("%d px, %s:", l.width, l.scheme), judged())
	}
	with := testbrowser.Eval[string](b, `document.querySelector("h1").innerText`)
	b.Script(false)
	b.Open(url)
	report(t, "without script:", append(b.Complaints(), b.Dead()...))
	if without := testbrowser.Eval[string](b, `document.querySelector("h1").innerText`); without != with || with == "" {
		t.Errorf("without script the page is %q, with script %q", without, with)
	}
	if n := testbrowser.Eval[int](b, `document.body.innerText.length`); n < 100 {
		t.Errorf("without script there are %d letters on the page", n)
	}
}

// glance looks at another choice of what a page lists: the page itself is judged
// in every way already.
func glance(t *testing.T, url string) {
	t.Helper()
	b := testbrowser.Used(t)
	b.See(360, "light")
	b.Open(url)
	report(t, "with script:", b.Complaints())
	report(t, "360 px:", append(append(b.Borders(), b.Captions()...), b.Axe()...))
	b.See(320, "light")
	report(t, "320 px:", b.Wide())
}

// shotName makes a file's name of a path.
func shotName(path string) string {
	name := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-", "%", "-").Replace(path), "-")
	if name == "" {
		return "home"
	}
	return name
}

// pagesOf are the routes that answer GET; others take only forms.
func pagesOf(s *Server) map[string]bool {
	gets := map[string]bool{}
	for _, r := range s.Inventory() {
		gets[r.Pattern] = gets[r.Pattern] || r.Method == http.MethodGet
	}
	return gets
}

// TestBrowserPages is the suite of what holds on every page. Everything in
// examples that answers with a page is looked at.
func TestBrowserPages(t *testing.T) {
	t.Parallel()
	testbrowser.Hold(t)
	s := newSample(t)
	gets := pagesOf(s.Server)
	for _, e := range examples {
		for i, p := range e.paths {
			p = s.path(p)
			t.Run(shotName(p), func(t *testing.T) {
				if !gets[e.route] || !isPage(t, s.url+p, http.StatusOK) {
					t.Skip("no page")
				}
				t.Parallel()
				if i > 0 && strings.Contains(p, "?") {
					glance(t, s.url+p)
					return
				}
				judge(t, s.url+p, shotName(p))
			})
		}
	}
	for _, p := range []string{"/nothing/here", "/sessions/none", "/targets/none"} {
		t.Run("missing-"+shotName(p), func(t *testing.T) {
			t.Parallel()
			isPage(t, s.url+p, http.StatusNotFound)
			judge(t, s.url+p, "missing-"+shotName(p))
		})
	}
}

// TestBrowserPageWithoutDatabase looks at the page that says that the database
// is away.
func TestBrowserPageWithoutDatabase(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(awayServer(t).Routes())
	defer srv.Close()
	isPage(t, srv.URL+"/", http.StatusServiceUnavailable)
	judge(t, srv.URL+"/", "away")
}

// TestBrowserPagesOfNobody looks at the pages of a community that has nothing
// yet.
func TestBrowserPagesOfNobody(t *testing.T) {
	t.Parallel()
	testbrowser.Hold(t)
	s := newBareServer(t, testdb.URL(t))
	gets := pagesOf(s.Server)
	for _, e := range examples {
		for _, p := range e.paths {
			if !gets[e.route] || strings.Contains(e.route, "{") || strings.Contains(e.route, "*") {
				continue // nothing there to be shown
			}
			t.Run(shotName(p), func(t *testing.T) {
				if !isPage(t, s.url+p, http.StatusOK) {
					t.Skip("no page")
				}
				t.Parallel()
				judge(t, s.url+p, "empty-"+shotName(p))
			})
		}
	}
}

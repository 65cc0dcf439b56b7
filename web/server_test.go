package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/static"
)

func TestPolicyForbidsWhatIsInline(t *testing.T) {
	t.Parallel()
	csp := security["Content-Security-Policy"]
	for _, bad := range []string{"unsafe", "data:", "*", "http:"} {
		if strings.Contains(csp, bad) {
			t.Errorf("the policy allows %s", bad)
		}
	}
	s := newServer(t)
	plan(t, s, "AppScale", wednesday.Add(2*time.Hour), nil)
	for _, path := range []string{"/", "/schedule", "/targets", "/lessons", "/minutes", "/nothing"} {
		body := ask(t, s, request{path: path}).Body.String()
		lacks(t, body, " style=", "<style", "onclick=", "onload=", "javascript:")
		if strings.Count(body, "<script") != strings.Count(body, "<script src=") {
			t.Errorf("%s has an inline script", path)
		}
	}
}

func TestMethodsAreAnsweredAsHTTPHasIt(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, tt := range []struct {
		name, method, path string
		want               int
		allow              string
	}{
		{"head of a page", "HEAD", "/schedule", 200, ""},
		{"calendar program at a page", "PROPFIND", "/schedule", 405, "GET, HEAD"},
		{"unknown method at a page", "BREW", "/schedule", 405, "GET, HEAD"},
		{"page that takes only forms", "GET", "/preferences", 405, "POST"},
		{"unknown method, no such page", "BREW", "/nothing", 404, ""},
		{"calendar program, no such page", "PROPFIND", "/nothing", 404, ""},
		{"post to an asset", "POST", static.URL("css/portal.css"), 405, "GET, HEAD"},
		{"no such asset", "GET", "/static/css/portal.css", 404, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, s, request{method: tt.method, path: tt.path})
			if w.Code != tt.want || w.Header().Get("Allow") != tt.allow {
				t.Errorf("%d, Allow %q; want %d, %q", w.Code, w.Header().Get("Allow"), tt.want, tt.allow)
			}
		})
	}
}

func TestHeadHasNoBodyOnTheWire(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(newServer(t).Routes())
	defer srv.Close()
	resp, err := http.Head(srv.URL + "/schedule")
	must(t, err)
	defer resp.Body.Close()
	if resp.ContentLength < 1000 {
		t.Errorf("HEAD announces %d bytes", resp.ContentLength)
	}
}

func TestPagesAreNotSentTwice(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, path := range []string{"/schedule", static.URL("css/portal.css"), "/favicon.ico", "/robots.txt"} {
		first := ask(t, s, request{path: path})
		etag := first.Header().Get("ETag")
		if first.Code != 200 || etag == "" {
			t.Fatalf("%s: %d, ETag %q", path, first.Code, etag)
		}
		again := ask(t, s, request{path: path, header: map[string]string{"If-None-Match": `"other", W/` + etag}})
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s: %d with %d bytes the second time", path, again.Code, again.Body.Len())
		}
	}
	if w := ask(t, s, request{path: "/nothing", header: map[string]string{"If-None-Match": "*"}}); w.Code != 404 {
		t.Errorf("an error page is answered %d to who has it", w.Code)
	}
}

func TestAssetsComeCompressed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, tt := range []struct{ name, accept, want string }{
		{"all encodings", "gzip, deflate, br", "br"},
		{"gzip alone", "gzip", "gzip"},
		{"brotli refused", "br;q=0, gzip", "gzip"},
		{"none", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, s, request{path: static.URL("css/portal.css"), header: map[string]string{"Accept-Encoding": tt.accept}})
			if got := w.Header().Get("Content-Encoding"); got != tt.want {
				t.Errorf("encoding %q, want %q", got, tt.want)
			}
			if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

func TestPreferencesAreKept(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	plan(t, s, "AppScale", wednesday.Add(2*time.Hour+10*time.Minute), nil)
	w := ask(t, s, request{method: "POST", path: "/preferences", form: url.Values{
		"zone": {"Europe/Berlin"}, "clock": {"24"}, "theme": {"dark"}, "return": {"/schedule?kind=hackfest"},
	}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/schedule?kind=hackfest" {
		t.Fatalf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	c := w.Result().Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure || strings.HasPrefix(c.Name, "__Host-") {
		t.Errorf("cookie %v", c)
	}
	body := ask(t, s, request{path: "/", header: map[string]string{"Cookie": c.Name + "=" + c.Value, "Accept-Language": "en-US"}}).Body.String()
	contains(t, body, `data-theme="dark"`, `data-zone="Europe/Berlin"`, "Wed 22 Aug, 21:00–23:00", "your time (Berlin)", "Wed 22 Aug 21:00",
		`<option value="Europe/Berlin" selected>`)
	lacks(t, body, `<span class="nowrap">·`)
}

func TestPreferencesCookieOverTLS(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.BaseURL = "https://portal.example.org"
	w := ask(t, s, request{method: "POST", path: "/preferences", form: url.Values{"theme": {"light"}}})
	c := w.Result().Cookies()[0]
	if c.Name != "__Host-hackfest_prefs" || !c.Secure || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %v", c)
	}
}

func TestPreferencesThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, zone := range []string{"Mars/Olympus", "../../etc/passwd", "Local", "/etc/localtime", strings.Repeat("A", 300), "Europe/Berlin\x00"} {
		w := ask(t, s, request{method: "POST", path: "/preferences", form: url.Values{"zone": {zone}}})
		if w.Code != http.StatusUnprocessableEntity || len(w.Result().Cookies()) > 0 {
			t.Errorf("zone %q: %d", zone, w.Code)
		}
	}
	// A cookie of somebody's making does no harm either.
	w := ask(t, s, request{path: "/", header: map[string]string{"Cookie": "hackfest_prefs=zone=%2e%2e/x&theme=%22onload&clock=13"}})
	contains(t, w.Body.String(), `data-theme=""`, `data-zone=""`)
}

func TestReturnStaysHere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"path with a query", "/schedule?past=1", "/schedule?past=1"},
		{"empty", "", "/"},
		{"another host", "https://evil.example/", "/"},
		{"another host, browsers drop slashes", "///evil.example/", "/"},
		{"another host without scheme", "//evil.example/", "/"},
		{"backslash", `/\evil.example`, "/"},
		{"backslash encoded is a path", "/%5cevil.example", "/%5cevil.example"},
		{"line break", "/x\r\nSet-Cookie: a=b", "/"},
		{"tab in front of a slash", "/\t/evil.example", "/"},
		{"script", "javascript:alert(1)", "/"},
		{"no slash", "schedule", "/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := localPath(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFormsFromElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, tt := range []struct {
		name   string
		header map[string]string
		want   int
	}{
		{"program without a cookie", nil, 303},
		{"browser, from here", map[string]string{"Sec-Fetch-Site": "same-origin", "Cookie": "a=b"}, 303},
		{"browser, from another site", map[string]string{"Sec-Fetch-Site": "cross-site", "Cookie": "a=b"}, 403},
		{"old browser, from another site", map[string]string{"Origin": "https://evil.example", "Cookie": "a=b"}, 403},
		{"old browser, from here", map[string]string{"Origin": "http://portal.example.org", "Cookie": "a=b"}, 303},
		{"cookie and nothing that says where from", map[string]string{"Cookie": "a=b"}, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, s, request{method: "POST", path: "/preferences", form: url.Values{"theme": {"dark"}}, header: tt.header})
			if w.Code != tt.want {
				t.Errorf("%d, want %d", w.Code, tt.want)
			}
		})
	}
}

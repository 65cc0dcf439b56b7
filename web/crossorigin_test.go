package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/person"
)

// elsewhere are ways by which another site makes a browser send something here,
// with the cookie of an admin; each header is what browsers send then. R35.
var elsewhere = []struct {
	name   string
	header map[string]string
	body   string
	kind   string // of the body
}{
	{"another origin", map[string]string{"Origin": "https://evil.example"}, "a=b", "application/x-www-form-urlencoded"},
	{"another origin, as Chromium says it", map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, "a=b", "application/x-www-form-urlencoded"},
	{"no origin at all", nil, "a=b", "application/x-www-form-urlencoded"},
	{"cross-site", map[string]string{"Sec-Fetch-Site": "cross-site"}, "a=b", "application/x-www-form-urlencoded"},
	{"same site, another host", map[string]string{"Sec-Fetch-Site": "same-site"}, "a=b", "application/x-www-form-urlencoded"},
	{"a sandboxed frame", map[string]string{"Origin": "null"}, "a=b", "application/x-www-form-urlencoded"},
	{"another port", map[string]string{"Origin": "http://portal.example.org:8080"}, "a=b", "application/x-www-form-urlencoded"},
	{"a name that begins like ours", map[string]string{"Origin": "http://portal.example.org.evil.example"}, "a=b", "application/x-www-form-urlencoded"},
	{"text/plain", map[string]string{"Origin": "https://evil.example"}, `{"a":"b"}`, "text/plain"},
	{"text/plain without an origin", nil, `{"a":"b"}`, "text/plain"},
	{"multipart", map[string]string{"Origin": "https://evil.example"}, "--x\r\n\r\n--x--", "multipart/form-data; boundary=x"},
	{"JSON", map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, `{"a":"b"}`, "application/json"},
	{"with our own address as Referer", map[string]string{"Origin": "https://evil.example", "Referer": "http://portal.example.org/"}, "a=b", "application/x-www-form-urlencoded"},
	{"made to look like script", map[string]string{"X-Requested-With": "XMLHttpRequest"}, "a=b", "application/x-www-form-urlencoded"},
}

// raw sends a request with headers as they are.
func raw(s *Server, method, path, body string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr, r.Host = "192.0.2.7:4711", "portal.example.org"
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	s.Routes().ServeHTTP(w, r)
	return w
}

// Nothing that changes something is done for another site, by any way: A63, R35.
func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	admin := join(t, s.Server, "root", person.Admin)
	cookie := signedIn(t, s.Server, admin.ID)
	s.BaseURL = "http://portal.example.org"
	before := whoIsWhat(t, s)
	n := 0
	for _, route := range s.Inventory() {
		if safe(route.Method) || route.Pattern == "/unsubscribe/{token}" { // mail programs send it from where they are: A58
			continue
		}
		for _, p := range examplesOf(t, route.Pattern) {
			for _, e := range elsewhere {
				header := map[string]string{"Content-Type": e.kind}
				maps.Copy(header, e.header)
				maps.Copy(header, cookie)
				w := raw(s.Server, route.Method, s.path(p), e.body, header)
				if n++; w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "not sent from the portal itself") {
					t.Errorf("%s %s, %s: %d", route.Method, p, e.name, w.Code)
				}
			}
			// A form cannot be sent by another method, nor a method be changed on the way.
			for _, override := range []map[string]string{
				{"X-HTTP-Method-Override": "POST"}, {"X-HTTP-Method": "POST"}, {"X-Method-Override": "POST"}, {"Sec-Fetch-Site": "cross-site"},
			} {
				header := maps.Clone(cookie)
				maps.Copy(header, override)
				path := s.path(p)
				if strings.HasSuffix(path, "/live") {
					continue
				}
				w := raw(s.Server, http.MethodGet, path+"?_method=POST&sure=yes", "", header)
				if n++; w.Code >= 500 || cookieOf(s.Server, w) != nil {
					t.Errorf("GET %s with %v: %d", p, override, w.Code)
				}
			}
		}
	}
	if got := whoIsWhat(t, s); got != before {
		t.Errorf("something was changed: %s, before %s", got, before)
	}
	if got := nameOn(t, s.Server, cookie); got != "root" {
		t.Errorf("signed out: %q", got)
	}
	if n < 200 {
		t.Errorf("only %d requests", n)
	}
	t.Logf("%d requests", n)
}

// whoIsWhat counts what requests could have changed.
func whoIsWhat(t *testing.T, s sample) string {
	t.Helper()
	var all []string
	accounts, err := s.Store.Accounts(t.Context())
	must(t, err)
	for _, a := range accounts {
		all = append(all, fmt.Sprintf("%s %s %v %d", a.Name, a.Role, a.Suspended(), len(list(t, s.Server, a.ID))))
	}
	return strings.Join(all, ", ")
}

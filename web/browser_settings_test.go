package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
)

// asSomebody serves s to a browser in which somebody is signed in. The path
// /wrong is the settings after a form that cannot be carried out, /code and
// /token those that show what is shown once.
func asSomebody(t *testing.T, s *Server, mine map[string]string) string {
	t.Helper()
	forms := map[string]struct {
		path string
		form url.Values
	}{
		"/wrong": {"/settings/tokens", url.Values{}},
		"/stale": {"/settings/profile", url.Values{"name": {"Somebody else by now"}, "zone": {"UTC"}, "revision": {"0"}}},
		"/code":  {"/settings/claim", url.Values{"network": {"local"}}},
		"/token": {"/settings/tokens", url.Values{"token": {"backup of the minutes"}, "scope-read": {"on"}, "days": {"30"}, "once": {newKey().String()}}},
		"/again": {"/settings/leave", url.Values{"typed": {"no"}}},
	}
	routes := s.Routes()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for k, v := range mine {
			r.Header.Set(k, v)
		}
		if f, ok := forms[r.URL.Path]; ok {
			r = httptest.NewRequest(http.MethodPost, f.path, strings.NewReader(f.form.Encode()))
			r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"}, "Cookie": {mine["Cookie"]}}
		}
		routes.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestBrowserSettings looks at the settings of somebody who has all there is.
func TestBrowserSettings(t *testing.T) {
	t.Parallel()
	testbrowser.Hold(t)
	s := newSample(t)
	a, err := s.Store.Account(t.Context(), "Kestrel")
	must(t, err)
	kestrel := person.Actor{Viewer: person.Viewer{ID: a.ID, Role: a.Role}, Name: a.Name}
	s.Post = &mailbox{}
	must(t, s.Store.SetMail(t.Context(), a.ID, "kestrel@example.org"))
	token(t, s.Server, kestrel, person.Scopes...)
	signedIn(t, s.Server, a.ID)
	root := asSomebody(t, s.Server, signedIn(t, s.Server, a.ID))
	for _, tt := range []struct {
		path string
		code int
	}{
		{"/settings", 200},
		{"/settings/leave", 200},
		{"/wrong", 422},
		{"/stale", 409},
		{"/code", 200},
		{"/token", 200},
		{"/again", 422},
		{"/people/kestrel", 200},
	} {
		t.Run(shotName(tt.path), func(t *testing.T) {
			t.Parallel()
			isPage(t, root+tt.path, tt.code)
			judge(t, root+tt.path, "settings-"+shotName(tt.path))
		})
	}
}

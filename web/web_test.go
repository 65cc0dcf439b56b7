package web

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/templates"
)

// wednesday is when the tests take place: Wed 22 Aug 2012, 9:50 in Los Angeles.
var wednesday = time.Date(2012, 8, 22, 16, 50, 0, 0, time.UTC)

const (
	pacific = "America/Los_Angeles"
	devel   = "#eucalyptus-devel"
)

// newServer is a server over an empty database with one channel.
func newServer(t *testing.T) *Server {
	t.Helper()
	st := store.New(testdb.New(t))
	s := testServer(st)
	must(t, st.AddNetwork(t.Context(), "freenode", "chat.freenode.net", wednesday))
	must(t, st.OpenChannels(t.Context(), "freenode", []string{devel}, irctext.Casemapping(""), wednesday))
	return s
}

// testServer is a server over st in which it is wednesday.
func testServer(st *store.Store) *Server {
	return &Server{
		Store: st, Now: func() time.Time { return wednesday }, Log: slog.New(slog.DiscardHandler),
		BaseURL: "http://portal.example.org", Community: "Eucalyptus", Zone: pacific, Version: "test", Metrics: true,
		StoreTime: 15 * time.Second, // the machine may be busy
	}
}

// awayServer is a server whose Postgres does not exist.
func awayServer(t *testing.T) *Server {
	t.Helper()
	st, err := store.Open(context.Background(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=1")
	must(t, err)
	t.Cleanup(st.Close)
	s := testServer(st)
	s.StoreTime = 0
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// plan stores a session of two hours; change may alter it before.
func plan(t *testing.T, s *Server, title string, starts time.Time, change func(*hackfest.Session)) hackfest.Session {
	t.Helper()
	x := hackfest.Session{
		Title: title, Kind: hackfest.KindHackfest, StartsAt: starts, EndsAt: starts.Add(2 * time.Hour), Zone: pacific,
		Network: "freenode", Channel: devel, OverlapOK: true,
	}
	if change != nil {
		change(&x)
	}
	id, err := s.Store.AddSession(t.Context(), x, wednesday)
	must(t, err)
	got, err := s.Store.SessionByID(t.Context(), viewerOf(nil), id)
	must(t, err)
	return got
}

// request is a call of the server. The zero value of a field is the usual.
type request struct {
	method string // GET
	path   string
	form   url.Values
	header map[string]string
	as     person.Actor // who asks, as if they had signed in
}

// ask runs one request through all of s.
func ask(t *testing.T, s *Server, q request) *httptest.ResponseRecorder {
	t.Helper()
	if q.method == "" {
		q.method = http.MethodGet
	}
	var body io.Reader
	if q.form != nil {
		body = strings.NewReader(q.form.Encode())
	}
	r := httptest.NewRequest(q.method, q.path, body)
	r.RemoteAddr = "192.0.2.7:4711"
	if q.form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range q.header {
		r.Header.Set(k, v)
		if k == "Remote" {
			r.RemoteAddr, r.Host = v, "localhost:8080"
		}
	}
	r.Host = cmp.Or(q.header["Host"], r.Host)
	if q.as.SignedIn() {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r = r.WithContext(context.WithValue(r.Context(), actorKey{}, q.as))
	}
	w := httptest.NewRecorder()
	s.Routes().ServeHTTP(w, r)
	return w
}

// join adds somebody with an account on the portal.
func join(t *testing.T, s *Server, name string, role person.Role) person.Actor {
	t.Helper()
	id, err := s.Store.AddPerson(t.Context(), name, role, wednesday)
	must(t, err)
	return person.Actor{Viewer: person.Viewer{ID: id, Role: role}, Name: name}
}

// serve runs one GET from this machine through h.
func serve(h http.Handler, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:5000", "127.0.0.1:8080"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// page asks for a page that must be there and returns its body.
func page(t *testing.T, s *Server, path string) string {
	t.Helper()
	w := ask(t, s, request{path: path})
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// contains and lacks compare a page with what it must and must not hold.
func contains(t *testing.T, body string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(body, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
	if t.Failed() {
		t.Log(body)
	}
}

func lacks(t *testing.T, body string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(body, w) {
			t.Errorf("the page holds %q", w)
		}
	}
}

// A page whose rows took all the time there was is shown all the same.
func TestPageAtTheLastMoment(t *testing.T) {
	t.Parallel()
	s := testServer(nil)
	s.StoreTime = time.Nanosecond
	h := s.page(func(w http.ResponseWriter, r *http.Request) error {
		<-r.Context().Done()
		return s.show(w, r, templates.Error(templates.ErrorPage{Frame: s.bareFrame(r, "Late"), Heading: "Late"}))
	})
	if w := serve(h, "/"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Late") {
		t.Errorf("%d", w.Code)
	}
}

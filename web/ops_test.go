package web

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/store"
)

// here is a caller on this machine.
var here = map[string]string{"Remote": "127.0.0.1:5000"}

func TestHealth(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Roles = []string{"web", "bot"}
	line := wednesday.Add(-time.Minute)
	s.Bot = func() BotHealth {
		return BotHealth{SpoolBytes: 42, Leader: true, Networks: []NetworkHealth{{Network: "freenode", State: "connected", Nick: "hackbot", Channels: []string{devel}, LastLineAt: &line}}}
	}
	if w := ask(t, s, request{path: "/healthz"}); w.Code != 200 || w.Body.String() != "ok\n" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if w := ask(t, s, request{path: "/healthz?verbose=1"}); w.Code != http.StatusForbidden {
		t.Errorf("details from elsewhere: %d", w.Code)
	}
	w := ask(t, s, request{path: "/healthz?verbose=1", header: here})
	var got map[string]any
	must(t, json.Unmarshal(w.Body.Bytes(), &got))
	for _, key := range []string{"status", "version", "roles", "irc", "durable_ref", "spool_bytes", "database", "leader"} {
		if _, ok := got[key]; !ok {
			t.Errorf("no %s in %s", key, w.Body)
		}
	}
	if got["status"] != "ok" || got["database"] != "up" || !strings.Contains(w.Body.String(), `"last_line_at":"2012-08-22T16:49:00Z"`) {
		t.Errorf("%s", w.Body)
	}
}

func TestDetailsNeedThisMachine(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, tt := range []struct {
		name   string
		header map[string]string
		want   int
	}{
		{"this machine", here, 200},
		{"this machine, IPv6", map[string]string{"Remote": "[::1]:5000"}, 200},
		{"elsewhere", nil, 403},
		{"through a proxy on this machine", map[string]string{"Remote": "127.0.0.1:5000", "X-Forwarded-For": "192.0.2.9"}, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if w := ask(t, s, request{path: "/metrics", header: tt.header}); w.Code != tt.want {
				t.Errorf("%d, want %d", w.Code, tt.want)
			}
		})
	}
}

func TestMetricsCountRoutesNotPaths(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	h := s.Routes()
	for _, path := range []string{"/targets/one", "/targets/two", "/schedule", "/made/up"} {
		serve(h, path)
	}
	body := serve(h, "/metrics").Body.String()
	contains(t, body, `hackfest_http_requests_total{method="GET",route="/schedule",status="200"} 1`, `route="none",status="404"} 3`, "go_goroutines")
	lacks(t, body, "made/up", "targets/two")
	s.Metrics = false
	if w := ask(t, s, request{path: "/metrics", header: here}); w.Code != 404 {
		t.Errorf("switched off: %d", w.Code)
	}
}

func TestPostgresAway(t *testing.T) {
	t.Parallel()
	s := awayServer(t)
	checkAway(t, s)
}

// A frozen server takes connections and never answers.
func TestPostgresFrozen(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	st, err := store.Open(context.Background(), "postgres://nobody@"+l.Addr().String()+"/none?sslmode=disable")
	must(t, err)
	t.Cleanup(st.Close)
	if usualStoreTime > 1800*time.Millisecond {
		t.Error("a page cannot answer within two seconds") // below, a busy machine has more time
	}
	s := testServer(st)
	s.StoreTime = 0
	checkAway(t, s)
}

func checkAway(t *testing.T, s *Server) {
	t.Helper()
	for _, tt := range []struct {
		path string
		want int
	}{{"/healthz", 200}, {"/readyz", 503}, {"/", 503}, {"/schedule", 503}, {"/targets", 503}, {"/lessons", 503}, {"/minutes", 503}, {"/next", 503}, {"/nothing", 404}} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			w := ask(t, s, request{path: tt.path})
			if took := time.Since(start); took > 10*time.Second { // two are promised
				t.Errorf("it took %s", took)
			}
			if w.Code != tt.want {
				t.Errorf("%d, want %d", w.Code, tt.want)
			}
			if w.Code == 503 && tt.path != "/readyz" {
				contains(t, w.Body.String(), "The database does not answer.", "<h1")
				if w.Header().Get("Retry-After") == "" {
					t.Error("it does not say when to come back")
				}
			}
		})
	}
	if w := ask(t, s, request{path: "/healthz?verbose=1", header: here}); w.Code != 200 || !strings.Contains(w.Body.String(), `"database":"away"`) {
		t.Errorf("/healthz: %d %s", w.Code, w.Body)
	}
}

func TestProblemsOfTheAPI(t *testing.T) {
	t.Parallel()
	s := testServer(nil)
	h := s.api(func(http.ResponseWriter, *http.Request) error {
		return &fault.Error{Kind: fault.Invalid, Field: "limit", Message: "At most 200."}
	})
	w := serve(h, "/api/v1/sessions?limit=1000")
	var got struct {
		Type, Title string
		Status      int
		Errors      []struct{ Field, Detail string }
	}
	must(t, json.Unmarshal(w.Body.Bytes(), &got))
	if w.Code != 422 || w.Header().Get("Content-Type") != "application/problem+json" || got.Status != 422 || got.Type == "" || got.Title == "" ||
		len(got.Errors) != 1 || got.Errors[0].Field != "limit" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestPanicBecomesAnErrorPage(t *testing.T) {
	t.Parallel()
	s := testServer(nil)
	w := serve(s.catch(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") })), "/")
	if w.Code != 500 {
		t.Fatalf("%d", w.Code)
	}
	contains(t, w.Body.String(), "Something went wrong on our side")
	lacks(t, w.Body.String(), "secret")
}

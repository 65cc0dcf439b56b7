package web

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
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
		{"through a proxy that hides it", map[string]string{"Remote": "127.0.0.1:5000", "Host": "portal.example.org"}, 403},
		{"a guessed token where there is none", map[string]string{"Authorization": "Bearer "}, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if w := ask(t, s, request{path: "/metrics", header: tt.header}); w.Code != tt.want {
				t.Errorf("%d, want %d", w.Code, tt.want)
			}
		})
	}
}

func TestDetailsWithAToken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Token = "0123456789abcdef"
	for _, tt := range []struct {
		name            string
		header          map[string]string
		metrics, health int
	}{
		{"the token", map[string]string{"Authorization": "Bearer 0123456789abcdef"}, 200, 200},
		{"the token through a proxy", map[string]string{"Authorization": "bearer 0123456789abcdef", "X-Forwarded-For": "192.0.2.9"}, 200, 200},
		{"this machine without it", here, 401, 200},
		{"nothing", nil, 401, 401},
		{"half of it", map[string]string{"Authorization": "Bearer 01234567"}, 401, 401},
		{"as a password", map[string]string{"Authorization": "Basic 0123456789abcdef"}, 401, 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for path, want := range map[string]int{"/metrics": tt.metrics, "/healthz?verbose=1": tt.health, "/healthz": 200} {
				w := ask(t, s, request{path: path, header: tt.header})
				if w.Code != want || want == 401 && !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
					t.Errorf("%s: %d, want %d", path, w.Code, want)
				}
			}
		})
	}
}

// A process without pages still answers those who watch it.
func TestOpsOnly(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.OpsOnly = true
	for path, want := range map[string]int{
		"/healthz": 200, "/healthz?verbose=1": 200, "/readyz": 200, "/metrics": 200,
		"/": 404, "/schedule": 404, "/static/css/portal.css": 404, "/api/v1/sessions": 404, "/sessions/x/live": 404,
	} {
		w := ask(t, s, request{path: path, header: here})
		if w.Code != want || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

func TestMetricsTellWhatTheBotDoes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	away := wednesday.Add(-time.Minute)
	s.Bot = func() BotHealth {
		return BotHealth{
			Leader: true, SpoolBytes: 4096, SpoolAge: 90 * time.Second, SpoolError: "no space left", DatabaseAway: &away,
			Lines: LineCounts{Received: 12, Durable: 11, Stored: 10, Lost: 1},
			Networks: []NetworkHealth{
				{Network: "freenode", State: "online", Channels: []string{devel}, Connects: 3, Panics: 2},
				{Network: "oftc", State: "waiting", Error: "banned", Attempts: 4, NextTryAt: &wednesday},
			},
		}
	}
	h := s.Routes()
	serve(h, "/schedule")
	body := serve(h, "/metrics").Body.String()
	for _, want := range []string{
		"hackfest_lines_received_total 12", "hackfest_lines_durable_total 11", "hackfest_lines_stored_total 10", "hackfest_lines_lost_total 1",
		"hackfest_spool_bytes 4096", "hackfest_spool_age_seconds 90", "hackfest_spool_writable 0", "hackfest_bot_database_away 1",
		`hackfest_irc_online{network="freenode"} 1`, `hackfest_irc_online{network="oftc"} 0`, `hackfest_irc_connects_total{network="freenode"} 3`,
		`hackfest_irc_panics_total{network="freenode"} 2`, `hackfest_irc_failures{network="oftc"} 4`, "hackfest_http_panics_total 0",
		"hackfest_database_query_seconds_count", `hackfest_build_info{goversion="go`, "hackfest_streams 0",
	} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("no %s", want)
		}
	}
	var got struct {
		Status  string
		Trouble []string
		IRC     []NetworkHealth
	}
	must(t, json.Unmarshal(serve(h, "/healthz?verbose=1").Body.Bytes(), &got))
	if got.Status != "degraded" || len(got.Trouble) != 4 || got.IRC[1].Error != "banned" || got.IRC[1].Attempts != 4 {
		t.Errorf("%+v", got)
	}
}

// The log has one line for each request, without what may be secret in it.
func TestRequestsAreLogged(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var log bytes.Buffer
	s.Log = slog.New(slog.NewJSONHandler(&log, nil))
	ask(t, s, request{path: "/targets/one%0a%1b[2J?token=canary", header: map[string]string{"Cookie": "a=canary", "Referer": "canary"}})
	ask(t, s, request{path: "/healthz"})
	ask(t, s, request{path: "/" + strings.Repeat("x", 5000)})
	ask(t, s, request{method: "BREW", path: "/schedule"})
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 3 || strings.Contains(log.String(), "canary") || log.Len() > 2000 {
		t.Fatalf("%d lines:\n%s", len(lines), &log)
	}
	var first struct {
		Msg, Level, Method, Route, Path, Address string
		Status, Bytes                            int
		MS                                       float64
	}
	must(t, json.Unmarshal([]byte(lines[0]), &first))
	if first.Msg != "request" || first.Level != "INFO" || first.Method != "GET" || first.Status != 404 || first.Path != "/targets/one%0a%1b[2J" ||
		first.Bytes == 0 || first.MS <= 0 || first.Address != "192.0.2.7" {
		t.Errorf("%+v", first)
	}
	contains(t, lines[2], `"method":"other"`, `"status":405`)
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

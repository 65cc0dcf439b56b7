package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

func TestWhileTheSchemaIsMade(t *testing.T) {
	t.Parallel()
	prepared := make(chan struct{})
	s := &Server{Store: store.New(testdb.New(t)), Now: time.Now, Log: slog.New(slog.DiscardHandler), Prepared: prepared}
	h := s.Routes()
	get := func(path string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		return rec
	}
	for path, want := range map[string]int{
		"/": 503, "/schedule": 503, "/readyz": 503, "/api/v1/sessions": 503, "/healthz": 200, "/robots.txt": 200,
	} {
		rec := get(path)
		if rec.Code != want {
			t.Errorf("%s answers %d, want %d", path, rec.Code, want)
		}
		if want == 503 && (!strings.Contains(rec.Body.String(), "waits for its database") || rec.Header().Get("Retry-After") == "") {
			t.Errorf("%s does not say why and when to come back: %s", path, rec.Body)
		}
		if rec.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s has no content security policy", path)
		}
	}
	close(prepared)
	for _, path := range []string{"/", "/readyz", "/api/v1/sessions"} {
		if rec := get(path); rec.Code != http.StatusOK {
			t.Errorf("%s answers %d once the schema is there", path, rec.Code)
		}
	}
}

package web

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

func TestSendFeed(t *testing.T) {
	t.Parallel()
	const body, typ = "one feed\n", "application/atom+xml; charset=utf-8"
	at := time.Date(2012, 8, 22, 20, 0, 0, 0, time.FixedZone("there", 3600))
	const last = "Wed, 22 Aug 2012 19:00:00 GMT"
	etag := tag([]byte(body))
	for _, tt := range []struct {
		name, header, value string
		modified            time.Time
		want                int
	}{
		{name: "first time", modified: at, want: http.StatusOK},
		{name: "same tag", header: "If-None-Match", value: etag, modified: at, want: http.StatusNotModified},
		{name: "tag that a proxy made weak, among others", header: "If-None-Match", value: `"x", W/` + etag, modified: at, want: http.StatusNotModified},
		{name: "older tag", header: "If-None-Match", value: `"x"`, modified: at, want: http.StatusOK},
		{name: "same time", header: "If-Modified-Since", value: last, modified: at, want: http.StatusNotModified},
		{name: "later time: something has left the feed", header: "If-Modified-Since", value: "Wed, 22 Aug 2012 20:00:00 GMT", modified: at, want: http.StatusOK},
		{name: "no time known", header: "If-Modified-Since", value: last, want: http.StatusOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/feeds/x.atom", nil)
			if tt.header != "" {
				r.Header.Set(tt.header, tt.value)
			}
			must(t, (&Server{}).sendFeed(w, r, typ, []byte(body), tt.modified))
			h := w.Header()
			if w.Code != tt.want || h.Get("ETag") != etag || h.Get("Cache-Control") != "public, no-cache" {
				t.Errorf("answered %d, %v", w.Code, h)
			}
			if got := h.Get("Last-Modified"); got != "" != !tt.modified.IsZero() || got != "" && got != last {
				t.Errorf("Last-Modified is %q", got)
			}
			if full := w.Code == http.StatusOK; (w.Body.String() == body) != full || (h.Get("Content-Type") == typ) != full ||
				(h.Get("Content-Length") == strconv.Itoa(len(body))) != full {
				t.Errorf("answered %d with %q, %v", w.Code, w.Body, h)
			}
		})
	}
	t.Run("a tag counts before a time", func(t *testing.T) {
		t.Parallel()
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/feeds/x.atom", nil)
		r.Header.Set("If-None-Match", `"x"`)
		r.Header.Set("If-Modified-Since", last)
		must(t, (&Server{}).sendFeed(w, r, typ, []byte(body), at))
		if w.Code != http.StatusOK {
			t.Errorf("answered %d", w.Code)
		}
	})
	t.Run("not for everybody", func(t *testing.T) {
		t.Parallel()
		w := httptest.NewRecorder()
		w.Header().Set("Cache-Control", "private, no-cache")
		must(t, (&Server{}).sendFeed(w, httptest.NewRequest(http.MethodGet, "/", nil), typ, []byte(body), at))
		if got := w.Header().Get("Cache-Control"); got != "private, no-cache" {
			t.Errorf("Cache-Control is %q", got)
		}
	})
}

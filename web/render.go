package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
)

// buffers are reused between pages.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// show answers with a page that a reader may keep, asking again each time
// whether it changed.
func (s *Server) show(w http.ResponseWriter, r *http.Request, page templ.Component) error {
	return s.send(w, r, http.StatusOK, page)
}

// send renders page first, so that a failure can still become an error page,
// and answers 304 when the reader has it already (RFC 9110 section 13.1.2).
func (s *Server) send(w http.ResponseWriter, r *http.Request, code int, page templ.Component) error {
	b := buffers.Get().(*bytes.Buffer) //nolint:errcheck // the pool holds nothing else
	defer buffers.Put(b)
	b.Reset()
	if err := s.renderPage(r, b, page); err != nil {
		return err
	}
	return s.sendBody(w, r, code, "text/html; charset=utf-8", b.Bytes())
}

// sendBody answers with a body that depends on the reader's preferences.
func (s *Server) sendBody(w http.ResponseWriter, r *http.Request, code int, typ string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", typ)
	h.Add("Vary", "Cookie, Accept-Language")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	if code == http.StatusOK {
		etag := tag(body)
		h.Set("ETag", etag)
		if matches(r, etag) {
			h.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	_, _ = w.Write(body) // the reader may be gone; nothing is left to tell them
	return nil
}

// tag is a strong entity tag of body.
func tag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// matches reports whether the reader has the answer with this tag. Weak tags
// match too, as proxies that compress make them (RFC 9110 section 8.8.3.2).
func matches(r *http.Request, etag string) bool {
	for part := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == etag || part == "*" {
			return true
		}
	}
	return false
}

// rendered is a component as text.
func rendered(ctx context.Context, c templ.Component) (string, error) {
	var b bytes.Buffer
	err := c.Render(context.WithoutCancel(ctx), &b) // all is read by now
	return b.String(), err
}

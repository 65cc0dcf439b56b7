package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/static"
)

// sendAsset answers GET /static/…. A name holds the hash of its bytes, so what
// it names never changes.
func (s *Server) sendAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := static.ByPath(r.URL.Path)
	if !ok {
		s.page(func(http.ResponseWriter, *http.Request) error {
			return fault.New(fault.NotFound, "There is no such file. It may belong to an older version of the portal; load the page again.")
		})(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	sendFile(w, r, a)
}

// sendNamed answers with one file under a name that stays, as browsers ask for
// without being told.
func (s *Server) sendNamed(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, _ := static.Named(name)
		w.Header().Set("Cache-Control", "public, max-age=86400")
		sendFile(w, r, a)
	}
}

// sendFile sends a in the best encoding the reader takes.
func sendFile(w http.ResponseWriter, r *http.Request, a static.Asset) {
	h := w.Header()
	body, etag := a.Body, tag(a.Body)
	if a.Gzip != nil {
		h.Add("Vary", "Accept-Encoding")
	}
	switch accept := r.Header.Get("Accept-Encoding"); {
	case a.Brotli != nil && takes(accept, "br"):
		h.Set("Content-Encoding", "br")
		body, etag = a.Brotli, strings.TrimSuffix(etag, `"`)+`-br"`
	case a.Gzip != nil && takes(accept, "gzip"):
		h.Set("Content-Encoding", "gzip")
		body, etag = a.Gzip, strings.TrimSuffix(etag, `"`)+`-gz"`
	}
	h.Set("ETag", etag)
	if matches(r, etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.Type)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the reader may be gone
}

// takes reports whether an Accept-Encoding header allows coding (RFC 9110
// section 12.5.3).
func takes(accept, coding string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q := strings.TrimPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return err != nil || weight > 0
	}
	return false
}

// robots answers GET /robots.txt.
func (s *Server) robots(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	return s.sendBody(w, r, http.StatusOK, "text/plain; charset=utf-8",
		[]byte("User-agent: *\nDisallow: /healthz\nDisallow: /readyz\nDisallow: /metrics\n"))
}

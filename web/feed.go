package web

import (
	"net/http"
	"strconv"
	"time"
)

// sendFeed answers with a feed, Atom or iCalendar, which must be made of the same
// bytes each time as long as nothing changed. The tag is of the bytes. modified,
// when anything in the feed last changed, may be zero: unknown. An older
// If-Modified-Since never matches, only the very time that we gave: what a feed
// tells also changes when something leaves it. A handler of feeds that are not for
// everybody sets Cache-Control itself before.
func (s *Server) sendFeed(w http.ResponseWriter, r *http.Request, contentType string, body []byte, modified time.Time) error {
	h := w.Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "public, no-cache")
	}
	etag := tag(body)
	h.Set("ETag", etag)
	last := ""
	if !modified.IsZero() {
		last = modified.UTC().Format(http.TimeFormat)
		h.Set("Last-Modified", last)
	}
	if hasFeed(r, etag, last) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // the reader may be gone; nothing is left to tell them
	return nil
}

// hasFeed reports whether the reader has the feed with this tag and time of
// change. The time counts only when no tag is sent (RFC 9110 section 13.1.3).
func hasFeed(r *http.Request, etag, last string) bool {
	if r.Header.Get("If-None-Match") != "" {
		return matches(r, etag)
	}
	return last != "" && r.Header.Get("If-Modified-Since") == last
}

package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// Limits of a connection and of one request. There is no write timeout of the
// server, since streams stay open; each handler sets its own deadline.
const (
	headerTime = 10 * time.Second // to send the header
	bodyTime   = 15 * time.Second // to send the body, after the header
	idleTime   = 2 * time.Minute  // between two requests
	deadTime   = 30 * time.Second // for the other end to take what was sent, where the system can watch that

	maxHeader  = 32 << 10
	maxURL     = 8 << 10 // what RFC 9110 section 4.1 asks for at least
	maxBody    = 1 << 20
	maxFields  = 1000 // of a form
	maxCookies = 100
)

// limits refuses requests that are larger than any we have a use for, before
// anything of them is read or parsed.
func (s *Server) limits(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.tooMuch(r); err != nil {
			w.Header().Set("Connection", "close") // what is still to come is not wanted
			s.page(func(http.ResponseWriter, *http.Request) error { return err })(w, r)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, s.most(r))
		next.ServeHTTP(w, r)
	})
}

// tooMuch says what is too large about r; nil when nothing is.
func (s *Server) tooMuch(r *http.Request) error {
	cookies := 0
	for _, line := range r.Header["Cookie"] {
		cookies += strings.Count(line, ";") + 1
	}
	coding := r.Header.Get("Content-Encoding")
	switch {
	case len(r.RequestURI) > maxURL:
		return answer{http.StatusRequestURITooLong, "The address is longer than anything that is here."}
	case cookies > maxCookies:
		return answer{http.StatusRequestHeaderFieldsTooLarge, "The browser sent more cookies than the portal ever sets. Delete those of this site and try again."}
	case r.ContentLength > s.most(r):
		return s.tooLarge(r)
	case !utf8.ValidString(r.URL.Path) || strings.ContainsRune(r.URL.Path, 0):
		return answer{http.StatusNotFound, "That address is no text, so nothing here can have it."}
	case coding != "" && !strings.EqualFold(coding, "identity"):
		return answer{http.StatusUnsupportedMediaType, "What is sent here must not be compressed."}
	}
	return nil
}

// errTooLarge answers a body that is too large.
var errTooLarge = answer{http.StatusRequestEntityTooLarge, "That is more than the portal takes at once: at most a megabyte."}

// formOf reads the form in the body of r.
func formOf(r *http.Request) (url.Values, error) {
	err := r.ParseForm()
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, errTooLarge
	}
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Message: "The form could not be read.", Err: err}
	}
	fields := 0
	for _, values := range r.PostForm {
		fields += len(values)
	}
	if fields > maxFields {
		return nil, fault.New(fault.Invalid, "The form has more fields than any form here.")
	}
	return r.PostForm, nil
}

// How many streams may be open: in all, and to one household. A browser opens
// one for each page, and a room full of people may share an address.
const (
	maxStreams    = 5000
	quietStreams  = maxStreams / 2 // of these, for pages that show no meeting
	maxNeighbours = 50
	fullFor       = 20 * time.Second // until a page that found no place asks again
)

// seats are the places of open streams.
type seats struct {
	mu    sync.Mutex
	taken int
	by    map[netip.Prefix]int
}

// take reserves one of the first most places for somebody at addr, until leave is
// called. Readers on this machine are counted in all only: most likely they are a
// proxy that was not named to us. full says why there is no place; then leave is
// nil.
func (s *seats) take(addr netip.Addr, most int) (leave func(), full string) {
	home := household(addr)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.taken >= most:
		return nil, "More pages are open now than the portal can keep up to date. This page stands still and tries again by itself."
	case !addr.IsLoopback() && s.by[home] >= maxNeighbours:
		return nil, "Too many pages at your network address are kept up to date at once. This page stands still and tries again by itself."
	}
	if s.by == nil {
		s.by = map[netip.Prefix]int{}
	}
	s.taken++
	s.by[home]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.taken--
		if s.by[home]--; s.by[home] == 0 {
			delete(s.by, home)
		}
	}, ""
}

// open is how many places are taken.
func (s *seats) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// connKey is the key of a request's connection in its context.
type connKey struct{}

// watched prepares a new connection and lets its requests find it.
func watched(ctx context.Context, c net.Conn) context.Context {
	if tcp, ok := c.(*net.TCPConn); ok {
		watch(tcp, deadTime)
	}
	return context.WithValue(ctx, connKey{}, c)
}

// streamBuffer is how much of a stream the system may hold back for a reader who
// does not take it; beyond that writing to it takes longer than it may.
const streamBuffer = 64 << 10

// narrow keeps the system from buffering megabytes for a slow reader.
func narrow(ctx context.Context) {
	if tcp, ok := ctx.Value(connKey{}).(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(streamBuffer) // else it is noticed later
	}
}

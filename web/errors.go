package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/templates"
)

// handler is an HTTP handler that may fail. Handlers return errors; page and
// api are the only places that turn them into answers and log lines. A handler
// that fails has written nothing yet.
type handler func(w http.ResponseWriter, r *http.Request) error

// Deadlines. A page must say within two seconds that Postgres is away, also
// when Postgres is frozen rather than gone.
const (
	usualStoreTime = 1400 * time.Millisecond // for all that a page asks of the store
	pageTime       = 30 * time.Second        // for the reader to take the page
)

// storeTime is for all that one page, or one step of a stream, asks of the store.
func (s *Server) storeTime() time.Duration {
	if s.StoreTime == 0 {
		return usualStoreTime
	}
	return s.StoreTime
}

// status is the HTTP status of each kind of failure.
var status = map[fault.Kind]int{
	fault.Internal:    http.StatusInternalServerError,
	fault.Invalid:     http.StatusUnprocessableEntity,
	fault.NotFound:    http.StatusNotFound,
	fault.Forbidden:   http.StatusForbidden,
	fault.Conflict:    http.StatusConflict,
	fault.Unavailable: http.StatusServiceUnavailable,
	fault.SignIn:      http.StatusUnauthorized,
}

// headings are the titles of error pages.
var headings = map[int]string{
	http.StatusUnauthorized:                "Sign in first",
	http.StatusForbidden:                   "You may not do that",
	http.StatusNotFound:                    "There is nothing at this address",
	http.StatusMethodNotAllowed:            "That cannot be done here",
	http.StatusConflict:                    "Somebody was faster",
	http.StatusRequestEntityTooLarge:       "That is too much",
	http.StatusRequestURITooLong:           "That is too much",
	http.StatusRequestHeaderFieldsTooLarge: "That is too much",
	http.StatusUnsupportedMediaType:        "That cannot be read",
	http.StatusUnprocessableEntity:         "That cannot be done as asked",
	http.StatusServiceUnavailable:          "The portal cannot answer now",
	http.StatusInternalServerError:         "Something went wrong on our side",
}

// waysOn are offered to who asked for something that is not there.
var waysOn = []templates.Way{
	{Href: "/", Text: "What is next"},
	{Href: "/schedule", Text: "The schedule"},
	{Href: "/minutes", Text: "All minutes"},
	{Href: "/targets", Text: "All targets"},
}

// page runs h as the handler of a page: with deadlines, and with an error page
// when it fails.
func (s *Server) page(h handler) http.HandlerFunc { return s.timed(h, s.errorPage) }

// api runs h as a handler of the API: its failures are RFC 9457 problems.
func (s *Server) api(h handler) http.HandlerFunc { return s.timed(h, s.problem) }

// timed gives h its deadline and lets fail answer when it returns an error.
func (s *Server) timed(h handler, fail func(http.ResponseWriter, *http.Request, error) error) http.HandlerFunc {
	return s.timedFor(s.storeTime(), h, fail)
}

// timedFor is timed for what may take longer than a page.
func (s *Server) timedFor(d time.Duration, h handler, fail func(http.ResponseWriter, *http.Request, error) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), d)
		defer cancel()
		err := h(w, r.WithContext(ctx))
		if err == nil {
			return
		}
		s.logFailure(r, err)
		if err := fail(w, r, err); err != nil {
			s.Log.ErrorContext(r.Context(), "error not shown", "path", loggedPath(r), "err", err)
		}
	}
}

// logFailure logs what is not the asker's doing.
func (s *Server) logFailure(r *http.Request, err error) {
	if _, refused := errors.AsType[answer](err); refused || r.Context().Err() != nil {
		return // or the reader went away
	}
	switch fault.KindOf(err) {
	case fault.Internal:
		s.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", loggedPath(r), "err", err)
	case fault.Unavailable:
		s.Log.WarnContext(r.Context(), "request not answered", "method", r.Method, "path", loggedPath(r), "err", err)
	}
}

// answer is an error with a status that no fault.Kind has.
type answer struct {
	status  int
	message string
}

func (a answer) Error() string { return a.message }

// explain is the status and the words for err.
func explain(err error) (int, string) {
	if a, ok := errors.AsType[answer](err); ok {
		return a.status, a.message
	}
	return status[fault.KindOf(err)], fault.Message(err)
}

// errorPage shows err. It asks the database for nothing, since that may be what
// is wrong.
func (s *Server) errorPage(w http.ResponseWriter, r *http.Request, err error) error {
	if forPrograms(r.URL.Path) {
		return s.problem(w, r, err)
	}
	code, message := explain(err)
	p := templates.ErrorPage{Frame: s.bareFrame(r, headings[code]), Status: code, Heading: headings[code], Message: message}
	p.NoIndex = true
	if code == http.StatusNotFound || code == http.StatusMethodNotAllowed {
		p.Ways = waysOn
	}
	if fault.KindOf(err) == fault.SignIn {
		p.Ways = []templates.Way{{Href: "/signin", Text: "Sign in"}}
	}
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.send(w, r, code, templates.Error(p))
}

// problem is the body of an API error, RFC 9457.
type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Errors []problemField `json:"errors,omitempty"`
}

// problemField says what is wrong with one parameter.
type problemField struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// problem answers err as application/problem+json.
func (s *Server) problem(w http.ResponseWriter, _ *http.Request, err error) error {
	code, message := explain(err)
	p := problem{Type: "about:blank", Title: http.StatusText(code), Status: code, Detail: message}
	for _, f := range fault.All(err) {
		if f.Field != "" {
			p.Errors = append(p.Errors, problemField{f.Field, f.Message})
		}
	}
	if len(p.Errors) > 1 {
		p.Detail = fmt.Sprintf("%d fields cannot be used as they are.", len(p.Errors))
	}
	if code == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(code)
	return json.NewEncoder(w).Encode(p)
}

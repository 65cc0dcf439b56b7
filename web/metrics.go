package web

import (
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// counts are the numbers of /metrics that are kept by counting. What the other
// parts count themselves is in figures.go.
type counts struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	panics   prometheus.Counter
	streams  prometheus.Counter
	refused  prometheus.Counter
	slow     prometheus.Counter
}

// newCounts makes the numbers of s.
func newCounts(s *Server) *counts {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	c := &counts{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hackfest_http_requests_total", Help: "Requests answered, by route and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hackfest_http_request_seconds", Help: "How long answers took, by route; live streams are left out.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"route"}),
		panics:  counter("hackfest_http_panics_total", "Requests whose handler panicked; they were answered with status 500."),
		streams: counter("hackfest_streams_total", "Live streams begun."),
		refused: counter("hackfest_streams_refused_total", "Live streams asked to come back later, because too many were open."),
		slow:    counter("hackfest_streams_slow_total", "Live streams ended because their reader did not take what was sent."),
	}
	c.registry.MustRegister(c.requests, c.seconds, c.panics, c.streams, c.refused, c.slow, figures{s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return c
}

// numbers are those of s.
func (s *Server) numbers() *counts {
	s.counting.Do(func() { s.counts = newCounts(s) })
	return s.counts
}

// measure counts and logs the answers of next. Labels are routes, never paths,
// so that no visitor can fill the memory.
func (s *Server) measure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, rec := time.Now(), &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		took := time.Since(start)
		route := "none"
		if c := chi.RouteContext(r.Context()); c != nil && c.RoutePattern() != "" && rec.status != http.StatusNotFound {
			route = c.RoutePattern()
		}
		method := r.Method
		if !slices.Contains(methods, method) {
			method = "other"
		}
		s.numbers().requests.WithLabelValues(route, method, strconv.Itoa(rec.status)).Inc()
		if !strings.HasSuffix(route, "/live") {
			s.numbers().seconds.WithLabelValues(route).Observe(took.Seconds())
		}
		s.Log.LogAttrs(r.Context(), level(route), "request", slog.String("method", method), slog.String("route", route),
			slog.String("path", loggedPath(r)), slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes),
			slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("address", s.address(r).String()))
	})
}

// level is how important a request is to who reads the log: what browsers and
// monitors ask for by themselves is not.
func level(route string) slog.Level {
	switch route {
	case "/static/*", "/favicon.ico", "/robots.txt", "/healthz", "/readyz", "/metrics":
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// maxLogged is how much of a path is logged.
const maxLogged = 200

// loggedPath is r's path as it may stand in the log: percent-encoded, without
// the query, and only as its pattern where it holds a secret.
func loggedPath(r *http.Request) string {
	if c := chi.RouteContext(r.Context()); c != nil {
		if route := c.RoutePattern(); strings.Contains(route, "{token}") || strings.Contains(route, "{secret}") {
			return route
		}
	}
	path := r.URL.EscapedPath()
	return path[:min(len(path), maxLogged)]
}

// recorder notes the status and the length of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(code int) {
	r.status = code
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(b []byte) (int, error) {
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// metrics answers GET /metrics in Prometheus' text format.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	if !s.Metrics {
		return s.notFound(w, r)
	}
	if s.Token == "" && !fromHere(r) || s.Token != "" && !s.hasToken(r) {
		return s.stranger(w, "The metrics are not open to everybody.")
	}
	w.Header().Set("Cache-Control", "no-store")
	promhttp.HandlerFor(s.numbers().registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	return nil
}

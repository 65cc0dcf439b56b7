package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/eucalyptus/hackfest/internal/fault"
)

// counts are the numbers of /metrics.
type counts struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// newCounts makes the numbers of one server.
func newCounts() *counts {
	c := &counts{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hackfest_http_requests_total", Help: "Requests answered, by route and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hackfest_http_request_seconds", Help: "How long answers took, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"route"}),
	}
	c.registry.MustRegister(c.requests, c.seconds, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return c
}

// measure counts the answers of next. Its labels are routes, never paths, so
// that no visitor can fill the memory.
func (s *Server) measure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, rec := time.Now(), &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		route := "none"
		if c := chi.RouteContext(r.Context()); c != nil && c.RoutePattern() != "" && rec.status != http.StatusNotFound {
			route = c.RoutePattern()
		}
		method := r.Method
		if !slices.Contains(methods, method) {
			method = "other"
		}
		s.counts.requests.WithLabelValues(route, method, strconv.Itoa(rec.status)).Inc()
		s.counts.seconds.WithLabelValues(route).Observe(time.Since(start).Seconds())
	})
}

// recorder notes the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(code int) {
	r.status = code
	r.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// metrics answers GET /metrics in Prometheus' text format.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	switch {
	case !s.Metrics:
		return s.notFound(w, r)
	case !fromHere(r):
		return fault.New(fault.Forbidden, "The metrics are not open to everybody.")
	}
	w.Header().Set("Cache-Control", "no-store")
	promhttp.HandlerFor(s.counts.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	return nil
}

// Package web answers HTTP: pages, live streams, the API and the endpoints of
// operators. It reads the request, asks the domain and the store, and builds
// page structs for package templates; it holds no SQL, no rules about meetings
// and no markup. Every read works without script.
package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/store"
)

// Server answers all requests. Its fields are set before Routes is called and
// not changed afterwards; only Store may come later, before Prepared is closed.
type Server struct {
	Store *store.Store
	Live  Wakes            // nil: streams look for themselves, once a second
	Now   func() time.Time // in any zone
	Log   *slog.Logger

	BaseURL   string // of the portal, without a slash at the end
	Community string // name shown in the header and in titles
	Zone      string // IANA name of the community's zone; "" is UTC
	Version   string
	Roles     []string         // what this process does: web, bot, jobs
	Bot       func() BotHealth // nil when the bot runs elsewhere
	OpsOnly   bool             // no pages: only what operators and their monitors ask
	Metrics   bool             // /metrics is answered: to this machine or, with a Token, to who sends it
	Token     string           // lets its sender read metrics and details; "" for nobody; a secret
	Proxies   []netip.Prefix   // web servers in front, whose X-Forwarded-For is believed
	StoreTime time.Duration    // for all that a page asks of the store; 0 is usual
	Prepared  <-chan struct{}  // closed once the schema is in place; nil when it is

	zones    sync.Map // IANA name → *time.Location, see locate
	counts   *counts  // see numbers
	counting sync.Once
	closing  chan struct{} // closed when the HTTP server shuts down; nil without one
	seats    seats
	shared   sharedReads
	begun    atomic.Int64 // when Routes was first called, in Unix seconds
}

// Routes returns the handler of all requests. Everything the portal answers is
// on this screen.
func (s *Server) Routes() http.Handler {
	registerMethods()
	s.begun.CompareAndSwap(0, s.Now().Unix())
	r := chi.NewRouter()
	r.Use(s.headers, s.deadlines, s.measure, s.catch, s.limits, s.sameOrigin, s.whenPrepared)
	get := func(pattern string, h http.HandlerFunc) { r.Get(pattern, h); r.Head(pattern, h) }
	get("/healthz", s.page(s.health))
	get("/readyz", s.page(s.ready))
	get("/metrics", s.page(s.metrics))
	if s.OpsOnly {
		r.NotFound(s.nothingElse)
		return r
	}
	r.NotFound(s.page(s.notFound))
	r.MethodNotAllowed(s.page(s.methodNotAllowed(r)))

	get("/", s.page(s.showHome))
	get("/next", s.page(s.redirectNext))
	get("/now", s.page(s.redirectNow))
	get("/start", s.page(s.showStart))
	get("/schedule", s.page(s.listSchedule))
	get("/schedule/{year}/{month}", s.page(s.showMonth))
	get("/series/{series}", s.page(s.showSeries))
	get("/series/{series}/next", s.page(s.redirectSeriesNext))
	get("/targets", s.page(s.showBoard))
	get("/targets/{target}", s.page(s.showTarget))
	get("/lessons", s.page(s.listLessons))
	get("/minutes", s.page(s.listMinutes))
	get("/people", s.page(s.listPeople))
	get("/people/{nick}", s.page(s.showPerson))
	get("/privacy", s.page(s.showPrivacy))
	get("/conduct", s.page(s.showConduct))
	get("/status", s.page(s.showStatus))
	r.Post("/preferences", s.page(s.savePreferences))

	get("/sessions/{session}", s.page(s.showSession))
	get("/sessions/{session}/live", s.streamSession)
	get("/sessions/{session}/log", s.page(s.showSessionLog))
	get("/sessions/{session}/log.txt", s.page(s.sessionLogText))
	get("/sessions/{session}/minutes.{form}", s.page(s.sessionMinutes))
	get("/meetings/{meeting}", s.page(s.showMeeting))
	get("/logs/{network}/{channel}", s.page(s.showLogCalendar))
	get("/logs/{network}/{channel}/{day}", s.page(s.showDay))
	get("/l/{ref}", s.page(s.redirectLine))

	get("/api/v1/channels", s.api(s.listChannels))
	get("/api/v1/channels/{network}/{channel}/lines", s.api(s.listLines))
	get("/api/v1/meetings", s.api(s.listMeetings))
	get("/api/v1/meetings/{meeting}", s.api(s.sendMeeting))
	get("/api/v1/sessions", s.api(s.listSessions))
	get("/api/v1/sessions/{session}", s.api(s.sendSession))

	get("/static/*", s.sendAsset)
	get("/favicon.ico", s.sendNamed("img/favicon.svg"))
	get("/robots.txt", s.page(s.robots))
	return r
}

// registerMethods makes the router tell "not allowed here" from "no such page"
// for what calendar programs send.
var registerMethods = sync.OnceFunc(func() {
	for _, m := range []string{"PROPFIND", "REPORT", "MKCALENDAR"} {
		chi.RegisterMethod(m)
	}
})

// HTTP returns an HTTP server for s, which the caller runs and shuts down.
func (s *Server) HTTP() *http.Server {
	s.closing = make(chan struct{})
	h := &http.Server{
		Handler:           s.Routes(),
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ConnContext:       watched,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	h.RegisterOnShutdown(sync.OnceFunc(func() { close(s.closing) }))
	return h
}

// Closing is closed when the HTTP server shuts down: streams end then. It never
// is when s was not started by HTTP.
func (s *Server) Closing() <-chan struct{} { return s.closing }

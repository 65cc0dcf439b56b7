package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// BotHealth is what /healthz and /metrics tell about the bot.
type BotHealth struct {
	Networks   []NetworkHealth
	DurableRef hackfest.Ref // the last line that is safe on disk
	DrainedRef hackfest.Ref // the last line of the spool that is in Postgres
	Leader     bool         // holds the lock of the one bot on IRC
	Waiting    bool         // not on IRC yet, for the lock or for Postgres

	SpoolBytes   int64
	SpoolWaiting int           // lines that are not safe on disk yet
	SpoolAge     time.Duration // of the oldest line that is not in Postgres; 0 when all are
	SpoolAside   int           // damaged stretches that were kept aside
	SpoolError   string        // why the spool cannot be written; "" when it can

	DatabaseAway *time.Time // since when, UTC; nil while it answers the bot
	Lines        LineCounts
}

// LineCounts count lines since the start.
type LineCounts struct{ Received, Durable, Stored, Lost, Ignored, Private, Said, Retries int64 }

// NetworkHealth is the bot's connection to one network.
type NetworkHealth struct {
	Network    string          `json:"network"`
	State      string          `json:"state"` // connecting, registering, online, waiting, stopped
	Nick       string          `json:"nick"`
	Channels   []string        `json:"channels"`
	LastLineAt *time.Time      `json:"last_line_at"`          // nil before the first line
	Account    string          `json:"account,omitempty"`     // who the network's services say the bot is
	Error      string          `json:"error,omitempty"`       // why it is not connected
	LoginError string          `json:"login_error,omitempty"` // why it is not logged in, although connected
	Attempts   int             `json:"attempts,omitempty"`    // that failed in a row
	NextTryAt  *time.Time      `json:"next_try_at,omitempty"` // nil unless State is waiting
	Absent     []AbsenceHealth `json:"absent,omitempty"`
	Server     string          `json:"-"` // as it calls itself; "" while not connected
	Lag        time.Duration   `json:"-"` // how long it took to answer the last time; zero when not known
	Connects   int64           `json:"-"`
	Dropped    int64           `json:"-"`
	Panics     int64           `json:"-"`
}

// AbsenceHealth is a channel the bot should be in and is not.
type AbsenceHealth struct {
	Channel string `json:"channel"`
	Reason  string `json:"reason"`
	Tries   int    `json:"tries"`
	GivenUp bool   `json:"given_up,omitempty"`
}

// health is the answer of GET /healthz?verbose=1: what contract.md fixes, and
// what else is worth knowing when something is wrong.
type health struct {
	Status     string          `json:"status"` // ok, starting or degraded
	Version    string          `json:"version"`
	Roles      []string        `json:"roles"`
	IRC        []NetworkHealth `json:"irc"`
	DurableRef hackfest.Ref    `json:"durable_ref"`
	SpoolBytes int64           `json:"spool_bytes"`
	Database   string          `json:"database"` // up or away
	Leader     bool            `json:"leader"`

	Trouble      []string     `json:"trouble,omitempty"` // why the status is degraded, for people
	Waiting      bool         `json:"waiting,omitempty"`
	DrainedRef   hackfest.Ref `json:"drained_ref"`
	SpoolAge     float64      `json:"spool_age_seconds"`
	SpoolLost    int64        `json:"spool_lost,omitempty"`
	SpoolAside   int          `json:"spool_aside,omitempty"`
	SpoolError   string       `json:"spool_error,omitempty"`
	DatabaseAway *time.Time   `json:"database_away_since,omitempty"` // for the bot
	SetAside     int          `json:"set_aside,omitempty"`           // lines whose effects the database refused
	Streams      int          `json:"streams"`
}

// pingTime is how long Postgres may take to be called up.
const pingTime = time.Second

// health answers GET /healthz: 200 as long as the process can answer at all.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Query().Get("verbose") == "" {
		return s.sendBody(w, r, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
	}
	if !fromHere(r) && !s.hasToken(r) {
		return s.stranger(w, "The details are for this machine only.")
	}
	h := s.state(r.Context())
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(h)
}

// state is how the process is doing.
func (s *Server) state(ctx context.Context) health {
	h := health{Status: "ok", Version: s.Version, Roles: s.Roles, IRC: []NetworkHealth{}, Database: "up", Streams: s.seats.open()}
	if h.Roles == nil {
		h.Roles = []string{}
	}
	bad := func(what string) { h.Status, h.Trouble = "degraded", append(h.Trouble, what) }
	switch err := s.ping(ctx); {
	case err != nil && !s.isPrepared():
		h.Status, h.Database = "starting", "away"
	case err != nil:
		h.Database = "away"
		bad("The database does not answer.")
	default:
		if h.SetAside = s.setAside(ctx); h.SetAside > 0 {
			bad("The database refused effects of some lines.")
		}
	}
	if s.Bot != nil {
		h.bot(s.Bot(), bad)
	}
	return h
}

// bot adds how the bot is doing.
func (h *health) bot(b BotHealth, bad func(string)) {
	h.DurableRef, h.DrainedRef, h.SpoolBytes, h.Leader, h.Waiting = b.DurableRef, b.DrainedRef, b.SpoolBytes, b.Leader, b.Waiting
	h.SpoolAge, h.SpoolLost, h.SpoolAside, h.SpoolError = b.SpoolAge.Seconds(), b.Lines.Lost, b.SpoolAside, b.SpoolError
	h.DatabaseAway = b.DatabaseAway
	h.IRC = append(h.IRC, b.Networks...)
	if b.SpoolError != "" {
		bad("The spool cannot be written.")
	}
	if b.Lines.Lost > 0 {
		bad("The spool was full and lines were lost.")
	}
	if b.SpoolAside > 0 {
		bad("Damaged parts of the spool were kept aside.")
	}
	if b.DatabaseAway != nil && h.Database == "up" {
		bad("The database does not answer the bot.")
	}
	for _, n := range b.Networks {
		if n.Error != "" && n.State != "online" {
			bad("The bot is not on " + n.Network + ".")
		}
		for _, a := range n.Absent {
			if n.State == "online" && a.Reason != "" {
				bad("The bot is not in " + a.Channel + " on " + n.Network + ".")
			}
		}
	}
}

// ready answers GET /readyz: 503 while Postgres is away.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	code, body := http.StatusOK, "ready\n"
	switch {
	case !s.isPrepared():
		code, body = http.StatusServiceUnavailable, "starting: waits for its database\n"
	case s.ping(r.Context()) != nil:
		code, body = http.StatusServiceUnavailable, "the database does not answer\n"
	}
	if code != http.StatusOK {
		w.Header().Set("Retry-After", "5")
	}
	return s.sendBody(w, r, code, "text/plain; charset=utf-8", []byte(body))
}

// ping asks whether Postgres answers; while it is being prepared it does not.
func (s *Server) ping(ctx context.Context) error {
	if !s.isPrepared() {
		return fault.New(fault.Unavailable, "The portal is starting.")
	}
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	return s.Store.Ping(ctx)
}

// setAside is how many lines' effects the database refused; zero when it cannot
// be asked.
func (s *Server) setAside(ctx context.Context) int {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	n, err := s.Store.SetAside(ctx)
	if err != nil {
		return 0
	}
	return n
}

// nothingElse answers what a process without pages does not have.
func (s *Server) nothingElse(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	_ = s.sendBody(w, r, http.StatusNotFound, "text/plain; charset=utf-8", // it cannot fail
		[]byte("This process serves no pages; it answers /healthz, /readyz and /metrics.\n"))
}

// stranger refuses who is neither on this machine nor has the token.
func (s *Server) stranger(w http.ResponseWriter, message string) error {
	if s.Token == "" {
		return &fault.Error{Kind: fault.Forbidden, Message: message}
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="hackfest operators"`)
	return answer{http.StatusUnauthorized, message}
}

// hasToken reports whether r carries the operators' token (RFC 6750 section
// 2.1). How long it takes tells nothing about the token.
func (s *Server) hasToken(r *http.Request) bool {
	scheme, sent, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got, want := sha256.Sum256([]byte(sent)), sha256.Sum256([]byte(s.Token))
	return s.Token != "" && strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// fromHere reports whether r was sent by a program on this machine: not through
// a proxy on it, and not by a browser here that another site's name led to us.
func fromHere(r *http.Request) bool {
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	u := url.URL{Host: r.Host}
	host, err := netip.ParseAddr(u.Hostname())
	return addrOf(r.RemoteAddr).IsLoopback() && (u.Hostname() == "localhost" || err == nil && host.IsLoopback())
}

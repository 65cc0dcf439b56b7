package web

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// BotHealth is what /healthz tells about the bot.
type BotHealth struct {
	Networks   []NetworkHealth
	DurableRef hackfest.Ref // the last line that is safe on disk
	SpoolBytes int64
	Leader     bool // holds the lock of the one bot on IRC
}

// NetworkHealth is the bot's connection to one network.
type NetworkHealth struct {
	Network    string     `json:"network"`
	State      string     `json:"state"`
	Nick       string     `json:"nick"`
	Channels   []string   `json:"channels"`
	LastLineAt *time.Time `json:"last_line_at"` // nil before the first line
}

// health is the answer of GET /healthz?verbose=1, as contract.md fixes it.
type health struct {
	Status     string          `json:"status"`
	Version    string          `json:"version"`
	Roles      []string        `json:"roles"`
	IRC        []NetworkHealth `json:"irc"`
	DurableRef hackfest.Ref    `json:"durable_ref"`
	SpoolBytes int64           `json:"spool_bytes"`
	Database   string          `json:"database"` // up or away
	Leader     bool            `json:"leader"`
	SetAside   int             `json:"set_aside,omitempty"` // lines whose effects the database refused
}

// pingTime is how long Postgres may take to be called up.
const pingTime = time.Second

// health answers GET /healthz: 200 as long as the process can answer at all.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Query().Get("verbose") == "" {
		return s.sendBody(w, r, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
	}
	if !fromHere(r) {
		return fault.New(fault.Forbidden, "The details are for this machine only.")
	}
	h := health{Status: "ok", Version: s.Version, Roles: s.Roles, IRC: []NetworkHealth{}, Database: "up"}
	if h.Roles == nil {
		h.Roles = []string{}
	}
	if s.ping(r.Context()) != nil {
		h.Status, h.Database = "degraded", "away"
	} else if h.SetAside = s.setAside(r.Context()); h.SetAside > 0 {
		h.Status = "degraded"
	}
	if s.Bot != nil {
		b := s.Bot()
		h.DurableRef, h.SpoolBytes, h.Leader = b.DurableRef, b.SpoolBytes, b.Leader
		h.IRC = append(h.IRC, b.Networks...)
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(h)
}

// ready answers GET /readyz: 503 while Postgres is away.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	code, body := http.StatusOK, "ready\n"
	if s.ping(r.Context()) != nil {
		code, body = http.StatusServiceUnavailable, "the database does not answer\n"
	}
	return s.sendBody(w, r, code, "text/plain; charset=utf-8", []byte(body))
}

func (s *Server) ping(ctx context.Context) error {
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

// fromHere reports whether r comes from this machine and not through a proxy on
// it.
func fromHere(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

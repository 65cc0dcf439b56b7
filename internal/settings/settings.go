// Package settings turns flags and environment variables into one checked
// value. It reports every mistake at once, each under the name of the variable
// that holds it, and never repeats a secret. It opens nothing but the files
// that variables ending in _FILE and the TLS variables name, and it starts
// nothing.
package settings

import (
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/mail"
)

// Given is what flags and environment say, as plain strings. An empty string
// is the same as nothing said. The tags are those of kong, and secret for what
// can be in a file that NAME_FILE names.
type Given struct {
	Listen  string `help:"Address and port to answer HTTP on (127.0.0.1:8080)." env:"HACKFEST_LISTEN" placeholder:"HOST:PORT"`
	BaseURL string `help:"Where people reach the portal, without a path (http:// and the listening address)." env:"HACKFEST_BASE_URL" placeholder:"URL"`
	IRC     string `name:"irc" help:"IRC networks, separated by blanks, each irc[s]://[nick@]host[:port]/chan1,chan2?name=freenode&account=hackbot; empty: no bot." env:"HACKFEST_IRC" placeholder:"URLS"`
	Database
	Roles     string `help:"What this process does, separated by commas (web,bot,jobs)." env:"HACKFEST_ROLES" placeholder:"ROLES"`
	Community string `help:"The community's name as pages show it (Hackfest)." env:"HACKFEST_COMMUNITY" placeholder:"NAME"`
	Zone      string `help:"IANA time zone for readers whose own is unknown (UTC)." env:"HACKFEST_ZONE" placeholder:"ZONE"`
	Mailing
	Hub
	Operating
}

// Operating is the part of Given that is for whoever runs the portal.
type Operating struct {
	Metrics        string `help:"Who may read /metrics: loopback, token or off (loopback)." env:"HACKFEST_METRICS" placeholder:"WHO"`
	MetricsToken   string `help:"What who reads /metrics from elsewhere sends as Authorization: Bearer, with --metrics token." env:"HACKFEST_METRICS_TOKEN" placeholder:"TOKEN" secret:""`
	TrustedProxies string `help:"Addresses and CIDR blocks of web servers in front, separated by commas, whose X-Forwarded-For is believed (none)." env:"HACKFEST_TRUSTED_PROXIES" placeholder:"BLOCKS"`
}

// Database is the part of Given that every command touching the database takes.
type Database struct {
	DatabaseURL string `name:"database-url" help:"Postgres to use; empty: a private one in the data directory." env:"DATABASE_URL" placeholder:"URL" secret:""`
	DataDir     string `name:"data-dir" help:"Directory for the spool and a private Postgres (/var/lib/hackfest for root, else ~/.local/state/hackfest)." env:"HACKFEST_DATA_DIR" placeholder:"DIR"`
	Log         string `help:"Form of the log: text or json (text on a terminal)." env:"HACKFEST_LOG" placeholder:"FORM"`
	LogLevel    string `help:"Least important messages to log: debug, info, warn or error (info)." env:"HACKFEST_LOG_LEVEL" placeholder:"LEVEL"`
}

// Settings is everything a process needs to know about its machine. What
// belongs to the community lives in Postgres.
type Settings struct {
	Listen      string         // host:port; port 0 is any free one
	BaseURL     string         // scheme and host, no slash at the end; "" only when Listen leaves the port open
	DatabaseURL string         // "" for a private Postgres in DataDir; a secret
	DataDir     string         // absolute
	Roles       Roles          // at least one
	Networks    []Network      // in the order given; none: no bot
	Community   string         // shown on every page
	Zone        *time.Location // for readers whose zone is unknown
	JSONLog     bool
	LogLevel    slog.Level
	Metrics     Metrics
	Token       string         // lets its sender read metrics and details; "" unless Metrics is MetricsToken; a secret
	Proxies     []netip.Prefix // web servers in front, whose X-Forwarded-For is believed
	Mail        *mail.Server   // nil sends no mail; holds a secret
	GitHub      ghsync.Access  // holds secrets
	Warnings    []string       // for the log: what is allowed but probably not meant
}

// Roles says which parts a process runs.
type Roles struct{ Web, Bot, Jobs bool }

// Names returns the roles as they are written in HACKFEST_ROLES.
func (r Roles) Names() []string {
	var names []string
	for _, role := range []struct {
		on   bool
		name string
	}{{r.Web, "web"}, {r.Bot, "bot"}, {r.Jobs, "jobs"}} {
		if role.on {
			names = append(names, role.name)
		}
	}
	return names
}

// Mistake is one thing wrong with one variable. Message never holds a secret.
type Mistake struct{ Key, Message string }

func (m Mistake) Error() string { return m.Key + ": " + m.Message }

// Machine is what else the outcome depends on. OS is the real one.
type Machine struct {
	Environ  []string                          // as os.Environ
	ReadFile func(name string) ([]byte, error) // for variables that name a file
	Terminal bool                              // the log goes to a terminal
	Root     bool                              // the process may write to /var/lib
}

// OS returns the machine this process runs on.
func OS() Machine {
	return Machine{
		Environ:  os.Environ(),
		ReadFile: os.ReadFile,
		Terminal: isTerminal(os.Stderr),
		Root:     os.Geteuid() == 0,
	}
}

// isTerminal reports whether f is a terminal. It takes /dev/null for one, but
// what is written there nobody reads.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Check reports every mistake in g, or nothing. Each is a Mistake.
func (g Given) Check(m Machine) []error {
	_, errs := g.read(m)
	return errs
}

// Settings returns what g means. With mistakes the error joins all of them.
func (g Given) Settings(m Machine) (Settings, error) {
	s, errs := g.read(m)
	return s, errors.Join(errs...)
}

// Settings returns what the settings of the database mean, for commands that
// need no others. With mistakes the error joins all of them.
func (d Database) Settings(m Machine) (Settings, error) {
	r := newReader(m)
	s := r.database(d)
	return s, errors.Join(r.mistakes...)
}

func (g Given) read(m Machine) (Settings, []error) {
	r := newReader(m)
	s := r.database(g.Database)
	s.Listen = r.listen(g.Listen)
	s.BaseURL = r.baseURL(g.BaseURL, s.Listen)
	s.Roles = r.roles(g.Roles)
	s.Networks = r.networks(g.IRC)
	s.Community = r.community(g.Community)
	s.Zone = r.zone(g.Zone)
	s.Metrics, s.Token = r.metrics(g.Metrics, g.MetricsToken)
	s.Proxies = r.proxies(g.TrustedProxies)
	s.Mail = r.mail(g.Mailing)
	s.GitHub = r.github(g.Hub)
	r.unencrypted(s)
	if g.BaseURL == "" && !s.Roles.Web && s.Roles != (Roles{}) {
		r.warnings = append(r.warnings, "HACKFEST_BASE_URL is not set, and this process answers no pages: links in what the bot says would lead to it.")
	}
	s.Warnings = append(r.warnings, r.strangers()...)
	return s, r.mistakes
}

// reader collects mistakes while it reads.
type reader struct {
	machine  Machine
	env      map[string]string
	known    map[string]bool // IRC variables that belong to a network that is set
	mistakes []error
	warnings []string
}

func newReader(m Machine) *reader {
	r := &reader{machine: m, env: map[string]string{}, known: map[string]bool{}}
	for _, pair := range m.Environ {
		key, value, _ := strings.Cut(pair, "=")
		r.env[key] = value
	}
	return r
}

package settings

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	defaultListen    = "127.0.0.1:8080"
	defaultCommunity = "Hackfest"

	maxCommunity = 80   // characters; it stands in the header of every page
	maxSecret    = 4096 // bytes; longer is a wrong file, not a password
	maxPath      = 4096 // bytes, PATH_MAX of Linux
)

// wrong records a mistake. Values that are shown go through %q, so that no
// control character reaches a terminal.
func (r *reader) wrong(key, format string, args ...any) {
	r.mistakes = append(r.mistakes, Mistake{Key: key, Message: fmt.Sprintf(format, args...)})
}

func (r *reader) database(d Database) Settings {
	var s Settings
	s.DatabaseURL = r.databaseURL(d.DatabaseURL)
	s.DataDir = r.dataDir(d.DataDir)
	s.JSONLog = r.logForm(d.Log)
	s.LogLevel = r.logLevel(d.LogLevel)
	return s
}

// databaseURL never shows the value: it holds a password.
func (r *reader) databaseURL(given string) string {
	const key = "DATABASE_URL"
	value := r.secret(key, given)
	if value == "" {
		return ""
	}
	if !strings.HasPrefix(value, "postgres://") && !strings.HasPrefix(value, "postgresql://") {
		r.wrong(key, "must begin with postgres:// or postgresql://, as in postgres://user@host/name.")
		return ""
	}
	if _, err := pgxpool.ParseConfig(value); err != nil {
		r.wrong(key, "cannot be read as a Postgres URL; write postgres://user:password@host:5432/name, with signs such as @ and / in the password percent-encoded, and a sslmode that Postgres knows.")
		return ""
	}
	return value
}

func (r *reader) dataDir(value string) string {
	const key = "HACKFEST_DATA_DIR"
	if value == "" {
		dir, ok := r.machine.stateDir(r.env)
		if !ok {
			r.wrong(key, "is needed: neither HOME nor XDG_STATE_HOME is set, so there is no usual place.")
		}
		return dir
	}
	if hasControl(value) || len(value) > maxPath {
		r.wrong(key, "%s is not a directory's name.", show(value))
		return ""
	}
	dir, err := filepath.Abs(value)
	if err != nil {
		r.wrong(key, "%s cannot be made absolute: the working directory is gone.", show(value))
		return ""
	}
	if dir == "/" {
		r.wrong(key, "must not be the root directory.")
	}
	return dir
}

// DemoDir returns where hackfest demo keeps its data unless told otherwise, and
// whether there is such a place.
func (m Machine) DemoDir() (string, bool) {
	dir, ok := m.stateDir(newReader(m).env)
	return filepath.Join(dir, "demo"), ok
}

// stateDir is where data of programs usually goes: /var/lib for root (Postgres
// runs as another user then and could not reach into root's home), else as the
// XDG Base Directory Specification says.
func (m Machine) stateDir(env map[string]string) (string, bool) {
	switch {
	case m.Root:
		return "/var/lib/hackfest", true
	case filepath.IsAbs(env["XDG_STATE_HOME"]):
		return filepath.Join(env["XDG_STATE_HOME"], "hackfest"), true
	case filepath.IsAbs(env["HOME"]):
		return filepath.Join(env["HOME"], ".local", "state", "hackfest"), true
	}
	return "", false
}

func (r *reader) logForm(value string) (json bool) {
	switch value {
	case "":
		return !r.machine.Terminal
	case "text", "json":
		return value == "json"
	}
	r.wrong("HACKFEST_LOG", "%s is neither text nor json.", show(value))
	return false
}

func (r *reader) logLevel(value string) slog.Level {
	levels := map[string]slog.Level{"": slog.LevelInfo, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	level, ok := levels[value]
	if !ok {
		r.wrong("HACKFEST_LOG_LEVEL", "%s is none of debug, info, warn and error.", show(value))
	}
	return level
}

func (r *reader) listen(value string) string {
	const key = "HACKFEST_LISTEN"
	if value == "" {
		return defaultListen
	}
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		r.wrong(key, "%s is not an address and a port, such as %s.", show(value), defaultListen)
		return ""
	}
	if !isPort(port) && port != "0" {
		r.wrong(key, "%s is not a port; ports are 1 to 65535, or 0 for any free one.", show(port))
		return ""
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && !isHostName(host) {
		r.wrong(key, "%s is neither an address nor a host name.", show(host))
		return ""
	}
	return value
}

// baseURL defaults to where listen can be reached on this machine.
func (r *reader) baseURL(value, listen string) string {
	const key = "HACKFEST_BASE_URL"
	if value == "" {
		return LocalURL(listen)
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "":
		r.wrong(key, "is not a URL that begins with http:// or https://.")
	case u.User != nil:
		r.wrong(key, "must not hold a user or a password.")
	case u.Hostname() == "" || !isHost(u.Hostname()):
		r.wrong(key, "has no host that could be reached.")
	case strings.HasSuffix(u.Host, ":") || u.Port() != "" && !isPort(u.Port()):
		r.wrong(key, "%s is not a port.", show(u.Port()))
	case strings.Trim(u.Path, "/") != "" || u.RawPath != "":
		r.wrong(key, "must not have a path: the portal needs a host of its own.")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(value, "#"):
		r.wrong(key, "must end after the host and the port.")
	default:
		return u.Scheme + "://" + strings.ToLower(u.Host)
	}
	return ""
}

// LocalURL is the URL at which this machine reaches a server that listens on
// listen; "" while the port is open.
func LocalURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "0" {
		return ""
	}
	if addr, err := netip.ParseAddr(host); host == "" || err == nil && addr.IsUnspecified() {
		host = "127.0.0.1"
	}
	if port == "80" {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return "http://" + host
	}
	return "http://" + net.JoinHostPort(host, port)
}

func (r *reader) roles(value string) Roles {
	const key = "HACKFEST_ROLES"
	if value == "" {
		return Roles{Web: true, Bot: true, Jobs: true}
	}
	var roles Roles
	known := map[string]*bool{"web": &roles.Web, "bot": &roles.Bot, "jobs": &roles.Jobs}
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		switch role := known[name]; {
		case role == nil:
			r.wrong(key, "%s is none of web, bot and jobs.", show(name))
		case *role:
			r.wrong(key, "names %s twice.", name)
		default:
			*role = true
		}
	}
	return roles
}

func (r *reader) community(value string) string {
	const key = "HACKFEST_COMMUNITY"
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		return defaultCommunity
	case hasControl(value) || !utf8.ValidString(value):
		r.wrong(key, "%s holds characters that cannot be shown.", show(value))
	case utf8.RuneCountInString(value) > maxCommunity:
		r.wrong(key, "is longer than %d characters.", maxCommunity)
	}
	return value
}

func (r *reader) zone(value string) *time.Location {
	if value == "" {
		return time.UTC
	}
	zone, err := time.LoadLocation(value)
	if err != nil || value == "Local" {
		r.wrong("HACKFEST_ZONE", "%s is not an IANA time zone such as Europe/Berlin or America/Los_Angeles.", show(value))
		return time.UTC
	}
	return zone
}

// secret returns the value of key, or what the file named by key_FILE holds,
// without the line break at its end. What it returns must not be shown.
func (r *reader) secret(key, value string) string {
	file := r.env[key+"_FILE"]
	if file != "" {
		if value != "" {
			r.wrong(key, "and %s_FILE are both set; keep one.", key)
			return ""
		}
		data, err := r.machine.ReadFile(file)
		if err != nil {
			r.wrong(key+"_FILE", "%s cannot be read: %s.", show(file), reason(err))
			return ""
		}
		if value = strings.TrimRight(string(data), "\r\n"); value == "" {
			r.wrong(key+"_FILE", "%s is empty.", show(file))
		}
	}
	return value
}

// isPort reports whether s is a TCP port that can be connected to.
func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s == strconv.FormatUint(n, 10)
}

// isHost reports whether s is an address or a host name.
func isHost(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || isHostName(s)
}

// isHostName follows RFC 1123 section 2.1, and allows the underscore that
// container networks put into names.
func isHostName(s string) bool {
	s = strings.TrimSuffix(s, ".")
	labels := strings.Split(s, ".")
	if len(s) > 253 || allDigits(labels[len(labels)-1]) {
		return false
	}
	return !slices.ContainsFunc(labels, func(label string) bool {
		return label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(c rune) bool {
				return !isASCIILetter(c) && !isDigit(c) && c != '-' && c != '_'
			})
	})
}

func isASCIILetter(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c rune) bool       { return '0' <= c && c <= '9' }

func allDigits(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return !isDigit(c) })
}

func hasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }

// show quotes a value that is no secret, cut to what fits on a line.
func show(s string) string {
	const most = 60
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strconv.QuoteToASCII(s)
}

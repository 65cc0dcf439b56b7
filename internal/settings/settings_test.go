package settings

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/ghsync"
)

// given puts env where kong would put it: into the field whose tag names it.
func given(env map[string]string) Given {
	var g Given
	fill(reflect.ValueOf(&g).Elem(), env)
	return g
}

func fill(v reflect.Value, env map[string]string) {
	for field, value := range v.Fields() {
		if field.Anonymous {
			fill(value, env)
		} else {
			value.SetString(env[field.Tag.Get("env")])
		}
	}
}

// machine is an ordinary user's, with files as they are in testdata.
func machine(env map[string]string) Machine {
	m := Machine{Environ: []string{"HOME=/home/ann", "LANG=C"}, ReadFile: os.ReadFile}
	for key, value := range env {
		m.Environ = append(m.Environ, key+"="+value)
	}
	return m
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	s, err := Given{}.Settings(machine(nil))
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{
		Listen: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080", DataDir: "/home/ann/.local/state/hackfest",
		Roles: Roles{Web: true, Bot: true, Jobs: true}, Community: "Hackfest", Zone: time.UTC, JSONLog: true, LogLevel: slog.LevelInfo, Metrics: MetricsLoopback,
		GitHub: ghsync.Access{API: "https://api.github.com/", Web: "https://github.com"},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	type env = map[string]string
	for _, tt := range []struct {
		name string
		env  env
		root bool
		got  func(Settings) any
		want any
	}{
		{"an address of all", env{"HACKFEST_LISTEN": "0.0.0.0:9000"}, false, func(s Settings) any { return s.BaseURL }, "http://127.0.0.1:9000"},
		{"every address, short", env{"HACKFEST_LISTEN": ":9000"}, false, func(s Settings) any { return s.BaseURL }, "http://127.0.0.1:9000"},
		{"IPv6", env{"HACKFEST_LISTEN": "[::1]:9000"}, false, func(s Settings) any { return s.BaseURL }, "http://[::1]:9000"},
		{"IPv6 of all", env{"HACKFEST_LISTEN": "[::]:80"}, false, func(s Settings) any { return s.BaseURL }, "http://127.0.0.1"},
		{"IPv6 on port 80", env{"HACKFEST_LISTEN": "[::1]:80"}, false, func(s Settings) any { return s.BaseURL }, "http://[::1]"},
		{"any free port", env{"HACKFEST_LISTEN": "127.0.0.1:0"}, false, func(s Settings) any { return s.BaseURL }, ""},
		{"slash at the end of the URL", env{"HACKFEST_BASE_URL": "https://Hack.Example.org/"}, false, func(s Settings) any { return s.BaseURL }, "https://hack.example.org"},
		{"root's data", nil, true, func(s Settings) any { return s.DataDir }, "/var/lib/hackfest"},
		{"XDG_STATE_HOME", env{"XDG_STATE_HOME": "/state"}, false, func(s Settings) any { return s.DataDir }, "/state/hackfest"},
		{"relative XDG_STATE_HOME is ignored", env{"XDG_STATE_HOME": "state"}, false, func(s Settings) any { return s.DataDir }, "/home/ann/.local/state/hackfest"},
		{"two roles", env{"HACKFEST_ROLES": "web, bot"}, false, func(s Settings) any { return strings.Join(s.Roles.Names(), " ") }, "web bot"},
		{"zone", env{"HACKFEST_ZONE": "America/Los_Angeles"}, false, func(s Settings) any { return s.Zone.String() }, "America/Los_Angeles"},
		{"community of another script", env{"HACKFEST_COMMUNITY": " Ευκάλυπτος "}, false, func(s Settings) any { return s.Community }, "Ευκάλυπτος"},
		{"text log off a terminal", env{"HACKFEST_LOG": "text"}, false, func(s Settings) any { return s.JSONLog }, false},
		{"quiet", env{"HACKFEST_LOG_LEVEL": "warn"}, false, func(s Settings) any { return s.LogLevel }, slog.LevelWarn},
		{"no metrics", env{"HACKFEST_METRICS": "off"}, false, func(s Settings) any { return s.Metrics }, MetricsOff},
		{"metrics with a token", env{"HACKFEST_METRICS": "token", "HACKFEST_METRICS_TOKEN": "0123456789abcdef"}, false, func(s Settings) any { return s.Token }, "0123456789abcdef"},
		{
			"a token from a file",
			env{"HACKFEST_METRICS": "token", "HACKFEST_METRICS_TOKEN_FILE": "testdata/database-url"},
			false, func(s Settings) any { return s.Token + strings.Join(s.Warnings, "") }, "postgres://hackfest:canary@db/hackfest",
		},
		{
			"a token that lets nobody in",
			env{"HACKFEST_METRICS_TOKEN": "0123456789abcdef"},
			false, func(s Settings) any { return s.Token + strings.Join(s.Warnings, "") },
			"HACKFEST_METRICS_TOKEN is set, but HACKFEST_METRICS is not token: it lets nobody in.",
		},
		{"proxies", env{"HACKFEST_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8 ::1"}, false, func(s Settings) any { return fmt.Sprint(s.Proxies) }, "[127.0.0.1/32 10.0.0.0/8 ::1/128]"},
		{"database from a file", env{"DATABASE_URL_FILE": "testdata/database-url"}, false, func(s Settings) any { return s.DatabaseURL }, "postgres://hackfest:canary@db/hackfest"},
		{
			"Kubernetes' variables only warn",
			env{"HACKFEST_SERVICE_HOST": "10.0.0.1"},
			false, func(s Settings) any { return s.Warnings },
			[]string{"HACKFEST_SERVICE_HOST is set, but this version does not know it."},
		},
		{
			"password without a network only warns",
			env{"HACKFEST_IRC_PASSWORD": "canary"},
			false, func(s Settings) any { return s.Warnings },
			[]string{"HACKFEST_IRC_PASSWORD is set, but HACKFEST_IRC names no network."},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := machine(tt.env)
			m.Root = tt.root
			s, err := given(tt.env).Settings(m)
			if err != nil {
				t.Fatal(err)
			}
			if got := tt.got(s); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// Each row has exactly one mistake. Whatever is secret in it contains "canary".
func TestMistakes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	for _, tt := range []struct {
		name     string
		env      map[string]string // HACKFEST_ is left out
		key      string
		contains string
	}{
		{"listen: no port", map[string]string{"LISTEN": "127.0.0.1"}, "LISTEN", "not an address and a port"},
		{"listen: port too big", map[string]string{"LISTEN": "127.0.0.1:65536"}, "LISTEN", "not a port"},
		{"listen: port not a number", map[string]string{"LISTEN": "127.0.0.1:http"}, "LISTEN", "not a port"},
		{"listen: port with a sign", map[string]string{"LISTEN": "127.0.0.1:+80"}, "LISTEN", "not a port"},
		{"listen: empty port", map[string]string{"LISTEN": "127.0.0.1:"}, "LISTEN", "not a port"},
		{"listen: address out of range", map[string]string{"LISTEN": "127.0.0.256:80"}, "LISTEN", "neither an address nor a host name"},
		{"listen: line break", map[string]string{"LISTEN": "local\nhost:80"}, "LISTEN", `\n`},
		{"listen: a URL", map[string]string{"LISTEN": "http://localhost:80"}, "LISTEN", "not an address and a port"},

		{"base URL: no scheme", map[string]string{"BASE_URL": "hack.example.org"}, "BASE_URL", "begins with http"},
		{"base URL: other scheme", map[string]string{"BASE_URL": "javascript:alert(1)"}, "BASE_URL", "begins with http"},
		{"base URL: path", map[string]string{"BASE_URL": "https://example.org/hackfest"}, "BASE_URL", "path"},
		{"base URL: encoded path", map[string]string{"BASE_URL": "https://example.org/%2e%2e/"}, "BASE_URL", "path"},
		{"base URL: query", map[string]string{"BASE_URL": "https://example.org?x"}, "BASE_URL", "must end"},
		{"base URL: empty fragment", map[string]string{"BASE_URL": "https://example.org#"}, "BASE_URL", "must end"},
		{"base URL: password", map[string]string{"BASE_URL": "https://ann:canary@example.org"}, "BASE_URL", "user or a password"},
		{"base URL: no host", map[string]string{"BASE_URL": "https:///"}, "BASE_URL", "no host"},
		{"base URL: markup for a host", map[string]string{"BASE_URL": `https://a"b`}, "BASE_URL", ""},
		{"base URL: port 0", map[string]string{"BASE_URL": "https://example.org:0"}, "BASE_URL", "not a port"},
		{"base URL: line break", map[string]string{"BASE_URL": "https://example.org\r\nX: y"}, "BASE_URL", ""},

		{"database: other kind", map[string]string{"DATABASE_URL": "mysql://root:canary@db/x"}, "DATABASE_URL", "postgres://"},
		{"database: key=value", map[string]string{"DATABASE_URL": "host=db password=canary"}, "DATABASE_URL", "postgres://"},
		{"database: unreadable", map[string]string{"DATABASE_URL": "postgres://u:canary@db:port/x"}, "DATABASE_URL", "percent-encoded"},
		{"database: unknown sslmode", map[string]string{"DATABASE_URL": "postgres://u:canary@db/x?sslmode=maybe"}, "DATABASE_URL", "sslmode"},
		{"database: twice", map[string]string{"DATABASE_URL": "postgres://u:canary@db/x", "DATABASE_URL_FILE": "testdata/database-url"}, "DATABASE_URL", "both set"},
		{"database: no such file", map[string]string{"DATABASE_URL_FILE": "testdata/absent"}, "DATABASE_URL_FILE", "no such file"},
		{"database: a directory", map[string]string{"DATABASE_URL_FILE": "testdata"}, "DATABASE_URL_FILE", "directory"},
		{"database: empty file", map[string]string{"DATABASE_URL_FILE": "testdata/empty"}, "DATABASE_URL_FILE", "is empty"},

		{"data: line break", map[string]string{"DATA_DIR": "/var/lib/hack\nfest"}, "DATA_DIR", "not a directory"},
		{"data: NUL", map[string]string{"DATA_DIR": "/var\x00/lib"}, "DATA_DIR", "not a directory"},
		{"data: too long", map[string]string{"DATA_DIR": "/" + long}, "DATA_DIR", "not a directory"},
		{"data: root directory", map[string]string{"DATA_DIR": "/var/.."}, "DATA_DIR", "root directory"},

		{"roles: unknown", map[string]string{"ROLES": "web,bots"}, "ROLES", `"bots"`},
		{"roles: twice", map[string]string{"ROLES": "web,web"}, "ROLES", "twice"},
		{"roles: empty one", map[string]string{"ROLES": "web,"}, "ROLES", `""`},
		{"roles: escape codes", map[string]string{"ROLES": "\x1b[2J"}, "ROLES", `\x1b`},

		{"community: line break", map[string]string{"COMMUNITY": "Euca\nlyptus"}, "COMMUNITY", "cannot be shown"},
		{"community: not UTF-8", map[string]string{"COMMUNITY": "Euca\xff"}, "COMMUNITY", "cannot be shown"},
		{"community: too long", map[string]string{"COMMUNITY": long}, "COMMUNITY", "longer"},
		{"zone: unknown", map[string]string{"ZONE": "Europe/Paderborn"}, "ZONE", "IANA"},
		{"zone: the machine's", map[string]string{"ZONE": "Local"}, "ZONE", "IANA"},
		{"zone: leads out of the directory", map[string]string{"ZONE": "../../../etc/passwd"}, "ZONE", "IANA"},
		{"zone: an abbreviation that is none", map[string]string{"ZONE": "PDT"}, "ZONE", "IANA"},
		{"log: unknown", map[string]string{"LOG": "xml"}, "LOG", "neither text nor json"},
		{"log level: upper case", map[string]string{"LOG_LEVEL": "INFO"}, "LOG_LEVEL", "none of"},
		{"metrics: everybody", map[string]string{"METRICS": "public"}, "METRICS", "none of"},
		{"metrics: no token", map[string]string{"METRICS": "token"}, "METRICS_TOKEN", "is needed"},
		{"metrics: short token", map[string]string{"METRICS": "token", "METRICS_TOKEN": "canary"}, "METRICS_TOKEN", "shorter"},
		{"metrics: token of two lines", map[string]string{"METRICS": "token", "METRICS_TOKEN": "canary canary\ncanary"}, "METRICS_TOKEN", "Authorization"},
		{"metrics: token in no file", map[string]string{"METRICS": "token", "METRICS_TOKEN_FILE": "/none"}, "METRICS_TOKEN_FILE", "no such file"},
		{"mail: another protocol", map[string]string{"SMTP": "https://u:canary@mail.example.org", "MAIL_FROM": "a@example.org"}, "SMTP", "smtp:// or smtps://"},
		{"mail: unreadable", map[string]string{"SMTP": "smtp://u:can%ary@mail.example.org", "MAIL_FROM": "a@example.org"}, "SMTP", "percent-encoded"},
		{"mail: no host", map[string]string{"SMTP": "smtp://u:canary@", "MAIL_FROM": "a@example.org"}, "SMTP", "no host"},
		{"mail: port 0", map[string]string{"SMTP": "smtp://u:canary@mail.example.org:0", "MAIL_FROM": "a@example.org"}, "SMTP", "port"},
		{"mail: a path", map[string]string{"SMTP": "smtp://u:canary@mail.example.org/x", "MAIL_FROM": "a@example.org"}, "SMTP", "must end"},
		{"mail: half a login", map[string]string{"SMTP": "smtp://canary@mail.example.org", "MAIL_FROM": "a@example.org"}, "SMTP", "both"},
		{"mail: from nobody", map[string]string{"SMTP": "smtp://u:canary@mail.example.org"}, "MAIL_FROM", "needed"},
		{"mail: from no address", map[string]string{"SMTP": "smtp://u:canary@mail.example.org", "MAIL_FROM": "the portal"}, "MAIL_FROM", "not a mail address"},
		{"mail: twice", map[string]string{"SMTP": "smtp://u:canary@mail.example.org", "SMTP_FILE": "testdata/password", "MAIL_FROM": "a@example.org"}, "SMTP", "both set"},
		{"proxies: a name", map[string]string{"TRUSTED_PROXIES": "proxy.example"}, "TRUSTED_PROXIES", "neither an address"},
		{"proxies: not the beginning", map[string]string{"TRUSTED_PROXIES": "10.0.0.1/8"}, "TRUSTED_PROXIES", "10.0.0.0/8"},
		{"proxies: everybody", map[string]string{"TRUSTED_PROXIES": "0.0.0.0/0"}, "TRUSTED_PROXIES", "anybody"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkMistake(t, tt.env, tt.key, tt.contains)
		})
	}
}

// checkMistake wants exactly one mistake, in key, and no secret in it. Names
// are given without HACKFEST_.
func checkMistake(t *testing.T, short map[string]string, key, contains string) {
	t.Helper()
	full := func(k string) string {
		if strings.HasPrefix(k, "DATABASE_") {
			return k
		}
		return "HACKFEST_" + k
	}
	env := map[string]string{}
	for k, v := range short {
		env[full(k)] = v
	}
	errs := given(env).Check(machine(env))
	if len(errs) != 1 {
		t.Fatalf("%d mistakes, want 1: %v", len(errs), errs)
	}
	text := errs[0].Error()
	if m := errs[0].(Mistake); m.Key != full(key) || !strings.Contains(text, contains) {
		t.Errorf("got %q, want %s and %q", text, full(key), contains)
	}
	if strings.Contains(text, "canary") {
		t.Errorf("shows a secret: %s", text)
	}
	if strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f }) || len(text) > 600 {
		t.Errorf("not fit for a terminal: %q", text)
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	env := map[string]string{"HACKFEST_LISTEN": "x", "HACKFEST_ZONE": "x", "HACKFEST_IRC": "x", "HACKFEST_LOG": "x", "DATABASE_URL": "x"}
	var got []string
	for _, err := range given(env).Check(machine(env)) {
		got = append(got, err.(Mistake).Key)
	}
	slices.Sort(got)
	if want := []string{"DATABASE_URL", "HACKFEST_IRC", "HACKFEST_LISTEN", "HACKFEST_LOG", "HACKFEST_ZONE"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNoPlaceForData(t *testing.T) {
	t.Parallel()
	errs := Given{}.Check(Machine{ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist }})
	if len(errs) != 1 || errs[0].(Mistake).Key != "HACKFEST_DATA_DIR" {
		t.Errorf("got %v", errs)
	}
}

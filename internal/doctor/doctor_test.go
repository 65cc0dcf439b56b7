package doctor

import (
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/settings"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// examine runs Examine with a data directory of its own.
func examine(t *testing.T, env map[string]string, change func(*Options)) []Finding {
	t.Helper()
	o := Options{
		Given: settings.Given{
			Listen: "127.0.0.1:0", BaseURL: "http://127.0.0.1:8080", IRC: env["HACKFEST_IRC"],
			Database: settings.Database{DatabaseURL: env["DATABASE_URL"], DataDir: filepath.Join(t.TempDir(), "data")},
		},
		Machine: settings.Machine{ReadFile: os.ReadFile},
		Wait:    5 * time.Second,
	}
	for k, v := range env {
		o.Machine.Environ = append(o.Machine.Environ, k+"="+v)
	}
	if change != nil {
		change(&o)
	}
	return Examine(t.Context(), o)
}

// about returns the worst finding about check.
func about(t *testing.T, list []Finding, check string) Finding {
	t.Helper()
	var worst Finding
	for _, f := range list {
		if f.Check == check && (worst.Check == "" || Worst([]Finding{worst}) != Problem && f.Status != OK) {
			worst = f
		}
	}
	if worst.Check == "" {
		t.Fatalf("nothing about %s in %+v", check, list)
	}
	return worst
}

func TestRoomOnTheDisk(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		space  space
		err    error
		status Status
		words  string
	}{
		{name: "plenty", space: space{free: 20 << 30}, status: OK, words: "20 GiB free"},
		{name: "little", space: space{free: 700 * mib}, status: Warning, words: "700 MiB"},
		{name: "too little", space: space{free: 100}, status: Problem, words: "only 1 KiB"},
		{name: "no files", space: space{free: 20 << 30, noFiles: true}, status: Problem, words: "no room for more files"},
		{name: "read-only", space: space{free: 20 << 30, readOnly: true}, status: Problem, words: "read-only"},
		{name: "unknown", err: errors.New("broken"), status: Warning, words: "broken"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := examine(t, map[string]string{"DATABASE_URL": "postgres://u@127.0.0.1:1/d"}, func(o *Options) {
				o.space = func(string) (space, error) { return tt.space, tt.err }
			})
			if f := about(t, list, dataCheck); f.Status != tt.status || !strings.Contains(f.Message, tt.words) {
				t.Errorf("got %+v", f)
			}
		})
	}
}

func TestSpaceOfThisDisk(t *testing.T) {
	t.Parallel()
	if s, err := spaceOf(t.TempDir()); err != nil || s.free == 0 || s.readOnly || s.noFiles {
		t.Errorf("%+v, %v", s, err)
	}
}

// A clock that is wrong is seen beside that of Postgres; one that is weeks ahead
// sees certificates end.
func TestClocksAndCertificates(t *testing.T) {
	t.Parallel()
	irc := testirc.NgIRCd(t, testirc.Options{})
	_, port, _ := net.SplitHostPort(irc.TLSAddr)
	env := map[string]string{
		"DATABASE_URL": testdb.URL(t), "HACKFEST_IRC": "ircs://localhost:" + port + "/a?name=home", "HACKFEST_IRC_CA": irc.CAFile,
	}
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name     string
		ahead    time.Duration
		clock    Status
		words    string
		irc      Status
		ircWords string
	}{
		{"right", 0, OK, "Within", OK, "good until"},
		{"seconds behind", -10 * time.Second, Warning, "behind", OK, "good until"},
		{"an hour ahead", time.Hour, Problem, "ahead of", OK, "good until"},
		{"the certificate ends soon", 50 * day, Problem, "ahead of", Warning, "expires on"},
		{"the certificate has ended", 61 * day, Problem, "ahead of", Problem, "it expired on"},
		{"the certificate has not begun", -day, Problem, "behind", Problem, "good only from"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := examine(t, env, func(o *Options) { o.Now = func() time.Time { return time.Now().Add(tt.ahead) } })
			if f := about(t, list, "clock"); f.Status != tt.clock || !strings.Contains(f.Message, tt.words) {
				t.Errorf("got %+v", f)
			}
			if f := about(t, list, "irc home"); f.Status != tt.irc || !strings.Contains(f.Message, tt.ircWords) {
				t.Errorf("got %+v", f)
			}
		})
	}
}

// The name in the settings must be in the certificate.
func TestCertificateOfAnotherName(t *testing.T) {
	t.Parallel()
	c := &x509.Certificate{DNSNames: []string{"irc.example.org"}}
	err := c.VerifyHostname("localhost")
	words, is := certificateTrouble(err, time.Now())
	if !is || words != "it is for irc.example.org, not for localhost" {
		t.Errorf("got %q", words)
	}
	if words, is := certificateTrouble(errors.New("refused"), time.Now()); is || words != "" {
		t.Errorf("an error of another kind: %q", words)
	}
}

// On IRC nothing is joined, and the bot's nick is left to the bot.
func TestNothingIsJoined(t *testing.T) {
	t.Parallel()
	s := testirc.Script(t, testirc.ScriptOptions{})
	_, port, _ := net.SplitHostPort(s.Addr)
	done := make(chan []Finding, 1)
	go func() {
		done <- examine(t, map[string]string{
			"DATABASE_URL": "postgres://u@127.0.0.1:1/d", "HACKFEST_IRC": "irc://hackbot@127.0.0.1:" + port + "/a,b?name=home",
		}, nil)
	}()
	p := s.Peer()
	f := about(t, <-done, "irc home")
	if f.Status != OK || !strings.Contains(f.Message, "lets the bot in") {
		t.Errorf("got %+v", f)
	}
	said := strings.Join(p.Received(), "\n")
	if strings.Contains(said, "JOIN") || strings.Contains(said, "NICK hackbot") || !strings.Contains(said, "QUIT") {
		t.Errorf("it said:\n%s", said)
	}
}

// A server that cannot be trusted is told nothing, least of all the password.
func TestNoSecretForStrangers(t *testing.T) {
	t.Parallel()
	s := testirc.Script(t, testirc.ScriptOptions{TLS: true})
	_, port, _ := net.SplitHostPort(s.Addr)
	list := examine(t, map[string]string{
		"DATABASE_URL": "postgres://u@127.0.0.1:1/d", "HACKFEST_IRC": "ircs://localhost:" + port + "/a?name=home", "HACKFEST_IRC_PASSWORD": "canary",
	}, nil)
	if f := about(t, list, "irc home"); f.Status != Problem || !strings.Contains(f.Message, "no authority") {
		t.Errorf("got %+v", f)
	}
	p := s.Peer()
	p.Gone()
	if said := p.Received(); len(said) > 0 {
		t.Errorf("it said %q", said)
	}
}

// Whether services know the bot is found out as the bot would find out.
func TestLogin(t *testing.T) {
	t.Parallel()
	server := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{})
	services := testirc.StartAtheme(t, server)
	known, knownKey, fingerprint := testirc.Identity(t)
	other, otherKey, otherFingerprint := testirc.Identity(t)
	services.Register("hackbot", "right-password", fingerprint)
	_, port, _ := net.SplitHostPort(server.TLSAddr)
	for _, tt := range []struct {
		name, password, sasl string
		cert, key            []byte
		status               Status
		words, advice        string
	}{
		{"right", "right-password", "required", nil, nil, OK, "logged in as hackbot", ""},
		{"wrong, and it must be right", "canary-canary", "required", nil, nil, Problem, "not logged in as hackbot", "_PASSWORD"},
		{"wrong, and it goes on", "canary-canary", "optional", nil, nil, Warning, "not logged in as hackbot", "_PASSWORD"},
		{"a certificate", "", "required", known, knownKey, OK, "logged in as hackbot", ""},
		{"a certificate nobody knows", "", "required", other, otherKey, Problem, "not logged in as hackbot", otherFingerprint},
		{"both", "right-password", "required", known, knownKey, OK, "logged in as hackbot", ""},
		{"both, and only the password is right", "right-password", "required", other, otherKey, Warning, "do not know the bot's certificate", otherFingerprint},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := examine(t, map[string]string{
				"DATABASE_URL": "postgres://u@127.0.0.1:1/d", "HACKFEST_IRC": "ircs://localhost:" + port + "/a?name=home&account=hackbot",
				"HACKFEST_IRC_CA": server.CAFile, "HACKFEST_IRC_PASSWORD": tt.password, "HACKFEST_IRC_SASL": tt.sasl,
				"HACKFEST_IRC_CERT": string(tt.cert), "HACKFEST_IRC_KEY": string(tt.key),
			}, nil)
			f := about(t, list, "irc home")
			if tt.status == OK { // the last one, about the login
				f = list[len(list)-1]
			}
			if f.Status != tt.status || !strings.Contains(f.Message, tt.words) || !strings.Contains(f.Advice, tt.advice) || strings.Contains(f.Message, "canary") {
				t.Errorf("got %+v", f)
			}
		})
	}
}

// What Examine of the store finds wrong is told with a way out.
func TestDatabaseFindings(t *testing.T) {
	t.Parallel()
	good := store.ServerFacts{Version: "15.1", Major: 15, Encoding: "UTF8", Fsync: true, SynchronousCommit: "on", Free: 90}
	owner := store.RoleFacts{Name: "hackfest", Database: "hackfest", MakesTables: true, MakesAnything: true, Owns: true}
	schema := store.SchemaFacts{Known: 8}
	for _, tt := range []struct {
		name   string
		change func(*store.ServerFacts, *store.RoleFacts, *store.SchemaFacts)
		lacks  []store.MissingExtension
		status Status
		words  string
	}{
		{name: "well", status: OK},
		{name: "old", change: func(s *store.ServerFacts, _ *store.RoleFacts, _ *store.SchemaFacts) { s.Major, s.Version = 13, "13.2" }, status: Problem, words: "13.2"},
		{name: "a standby", change: func(s *store.ServerFacts, _ *store.RoleFacts, _ *store.SchemaFacts) { s.ReadOnly = true }, status: Problem, words: "no writes"},
		{name: "fsync off", change: func(s *store.ServerFacts, _ *store.RoleFacts, _ *store.SchemaFacts) { s.Fsync = false }, status: Problem, words: "fsync"},
		{name: "commits not waited for", change: func(s *store.ServerFacts, _ *store.RoleFacts, _ *store.SchemaFacts) { s.SynchronousCommit = "off" }, status: Warning, words: "synchronous_commit"},
		{name: "full", change: func(s *store.ServerFacts, _ *store.RoleFacts, _ *store.SchemaFacts) { s.Free = 3 }, status: Warning, words: "3 more connections"},
		{name: "no tables", change: func(_ *store.ServerFacts, r *store.RoleFacts, _ *store.SchemaFacts) { r.MakesTables = false }, status: Problem, words: "may not make tables"},
		{name: "half migrated", change: func(_ *store.ServerFacts, _ *store.RoleFacts, f *store.SchemaFacts) {
			f.Pending = []string{"0008_x.sql"}
		}, status: Warning, words: "0008_x.sql"},
		{name: "extension that will be made", lacks: []store.MissingExtension{{Name: "unaccent", Available: true, Trusted: true}}, status: OK},
		{name: "extension without files", lacks: []store.MissingExtension{{Name: "unaccent"}}, status: Problem, words: "does not have the extension unaccent"},
		{name: "extension for superusers", lacks: []store.MissingExtension{{Name: "unaccent", Available: true}}, status: Problem, words: "may not make it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, r, f := good, owner, schema
			if tt.change != nil {
				tt.change(&s, &r, &f)
			}
			var bad []Finding
			for _, one := range append(append(serverFindings(s, r), extensionFindings(tt.lacks, r)...), schemaFindings(f, r)...) {
				if one.Status != OK {
					bad = append(bad, one)
				}
			}
			if tt.status == OK && len(bad) == 0 {
				return
			}
			if len(bad) != 1 || bad[0].Status != tt.status || !strings.Contains(bad[0].Message, tt.words) || bad[0].Advice == "" {
				t.Errorf("got %+v", bad)
			}
		})
	}
}

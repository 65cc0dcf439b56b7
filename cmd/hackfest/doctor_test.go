package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/doctor"
	"github.com/eucalyptus/hackfest/internal/postgres"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
	"github.com/eucalyptus/hackfest/internal/testport"
)

// examined runs doctor --json in a process of its own.
func examined(t *testing.T, env []string) (report, int) {
	t.Helper()
	p := hackfestCommand(t, env, "doctor", "--json")
	status := p.wait()
	var r report
	if err := json.Unmarshal([]byte(p.out.String()), &r); err != nil {
		t.Fatalf("%v:\n%s", err, p.out.String())
	}
	if strings.Contains(p.out.String(), "canary") {
		t.Errorf("shows a secret:\n%s", p.out.String())
	}
	for _, f := range r.Findings {
		if (f.Status == doctor.OK) != (f.Advice == "") {
			t.Errorf("what is well needs no advice, and what is not does: %+v", f)
		}
	}
	return r, status
}

// healthy is the environment of a portal that lacks nothing: a database with
// its schema, a data directory, a network with TLS.
func healthy(t *testing.T) map[string]string {
	t.Helper()
	irc := testirc.NgIRCd(t, testirc.Options{})
	data := dataDir(t)
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(irc.TLSAddr)
	return map[string]string{
		"DATABASE_URL": testdb.URL(t), "HACKFEST_DATA_DIR": data, "HACKFEST_LISTEN": testport.FreeAddress(t),
		"HACKFEST_IRC": "ircs://localhost:" + port + "/a?name=home", "HACKFEST_IRC_HOME_CA": irc.CAFile,
	}
}

func environ(m map[string]string) []string {
	var list []string
	for k, v := range m {
		list = append(list, k+"="+v)
	}
	return list
}

// trouble is what is not well, but for how the tests' Postgres runs: without
// syncing anything.
func (r report) trouble() []doctor.Finding {
	var bad []doctor.Finding
	for _, f := range r.Findings {
		if f.Status != doctor.OK && !strings.Contains(f.Message, "fsync = off") && !strings.Contains(f.Message, "synchronous_commit = off") {
			bad = append(bad, f)
		}
	}
	return bad
}

func TestDoctorFindsNothing(t *testing.T) {
	t.Parallel()
	server, err := postgres.Start(t.Context(), postgres.Options{Dir: dataDir(t)}) // one that syncs
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop() //nolint:errcheck // the test ends
	env := healthy(t)
	env["DATABASE_URL"] = server.URL()
	if p := hackfestCommand(t, environ(env), "migrate"); p.wait() != exitOK {
		t.Fatal(p.out.String())
	}
	r, status := examined(t, environ(env))
	if status != exitOK || r.Status != doctor.OK {
		t.Errorf("exit status %d: %+v", status, r)
	}
	for _, check := range []string{"settings", "zone", "data directory", "spool", "database", "schema", "bot's lock", "clock", "listening", "base URL", "irc home"} {
		if !slices.ContainsFunc(r.Findings, func(f doctor.Finding) bool { return f.Check == check }) {
			t.Errorf("nothing about %s", check)
		}
	}
}

// Each row plants one fault into a healthy portal; doctor names it, says how bad
// it is, and finds no other.
func TestDoctorNamesPlantedFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		plant  func(t *testing.T, env map[string]string)
		check  string
		status doctor.Status
		words  string
	}{
		{"a setting", set("HACKFEST_METRICS", "everybody"), "settings", doctor.Problem, "HACKFEST_METRICS"},
		{"a misspelt setting", set("HACKFEST_ZOME", "UTC"), "settings", doctor.Warning, "HACKFEST_ZOME"},
		{"no Postgres", set("DATABASE_URL", "postgres://u:canary@127.0.0.1:1/d"), "database", doctor.Problem, "nothing listens there"},
		{"Postgres frozen", freezePostgres, "database", doctor.Problem, "no answer in time"},
		{"no such role", changeURL(func(u *url.URL) { u.User = url.UserPassword("nobody_at_all", "canary") }), "database", doctor.Problem, "nobody_at_all"},
		{"no such database", changeURL(func(u *url.URL) { u.Path = "/none_at_all" }), "database", doctor.Problem, "none_at_all"},
		{"a database in Latin 1", latin1, "database", doctor.Problem, "LATIN1"},
		{"a role without rights", withoutRights, "database", doctor.Problem, "belong to role"},
		{"migrations pending", func(t *testing.T, env map[string]string) { env["DATABASE_URL"] = testdb.Empty(t) }, "schema", doctor.Warning, "empty"},
		{"a newer schema", sql("insert into goose_db_version (version_id, is_applied) values (9999, true)"), "schema", doctor.Problem, "9999"},
		{"another bot", anotherBot, "bot's lock", doctor.Problem, "hackfest bot, process"},
		{"data directory is a file", fileAsData, "data directory", doctor.Problem, "not a directory"},
		{"data directory of somebody else", foreignData, "data directory", doctor.Warning, "belongs to"},
		{"data directory open to others", func(t *testing.T, env map[string]string) { chmod(t, env["HACKFEST_DATA_DIR"], 0o755) }, "data directory", doctor.Warning, "other users"},
		{"damage in the spool", damage, "spool", doctor.Warning, "aside"},
		{"another server on our port", takePort, "listening", doctor.Problem, "taken"},
		{"a base URL without a host", set("HACKFEST_BASE_URL", "https://hackfest.invalid"), "base URL", doctor.Warning, "no such name"},
		{"links to this machine", set("HACKFEST_LISTEN", "0.0.0.0:0", "HACKFEST_BASE_URL", "http://127.0.0.1:8080"), "base URL", doctor.Warning, "this machine only"},
		{"no such IRC server", set("HACKFEST_IRC", "ircs://irc.invalid/a?name=home"), "irc home", doctor.Problem, "no such name"},
		{"IRC server away", set("HACKFEST_IRC", "ircs://127.0.0.1:1/a?name=home"), "irc home", doctor.Problem, "nothing listens"},
		{"IRC server not to be trusted", set("HACKFEST_IRC_HOME_CA", ""), "irc home", doctor.Problem, "no authority"},
		{"TLS on the plain port", plainPort, "irc home", doctor.Problem, "no TLS"},
		{"IRC server wants a password", lockedOut, "irc home", doctor.Problem, "assword"},
		{"IRC server mute", mute, "irc home", doctor.Problem, "says nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := healthy(t)
			tt.plant(t, env)
			r, status := examined(t, environ(env))
			bad := r.trouble()
			if tt.check != "base URL" { // a network elsewhere makes links to this machine odd
				bad = slices.DeleteFunc(bad, func(f doctor.Finding) bool { return f.Check == "base URL" })
			}
			if len(bad) != 1 || bad[0].Check != tt.check || bad[0].Status != tt.status || !strings.Contains(bad[0].Message, tt.words) {
				t.Errorf("want %s about %s with %q, got %+v", tt.status, tt.check, tt.words, bad)
			}
			if tt.status == doctor.Problem && status != exitFailed {
				t.Errorf("exit status %d", status)
			}
		})
	}
}

// Many faults at once are all named, and people are told what to do.
func TestDoctorForPeople(t *testing.T) {
	t.Parallel()
	p := hackfestCommand(t, []string{
		"DATABASE_URL=postgres://u:canary@127.0.0.1:1/d", "HACKFEST_DATA_DIR=/dev/null",
		"HACKFEST_ZONE=Mars/Olympus", "HACKFEST_LOG=xml", "HACKFEST_IRC=irc://127.0.0.1:1/a?name=x",
	}, "doctor")
	if status := p.wait(); status != exitFailed {
		t.Errorf("exit status %d", status)
	}
	out := p.out.String()
	for _, want := range []string{
		"HACKFEST_ZONE", "HACKFEST_LOG", "/dev/null is not a directory", "Postgres cannot be reached", "127.0.0.1:1 cannot be reached", "-> ", "5 problems, 0 warnings.",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "canary") {
		t.Errorf("shows a secret:\n%s", out)
	}
}

// While the portal runs, doctor sees it and its bot.
func TestDoctorSeesThePortal(t *testing.T) {
	t.Parallel()
	env := environ(healthy(t))
	hackfestCommand(t, env, "serve")
	eventually(t, "the bot is seen", func() bool {
		r, _ := examined(t, env)
		return len(r.trouble()) == 0 && slices.ContainsFunc(r.Findings, func(f doctor.Finding) bool {
			return f.Check == "portal" && strings.Contains(f.Message, "in #a")
		}) && slices.ContainsFunc(r.Findings, func(f doctor.Finding) bool {
			return f.Check == "bot's lock" && strings.Contains(f.Message, "runs here")
		})
	})
}

func set(pairs ...string) func(*testing.T, map[string]string) {
	return func(_ *testing.T, env map[string]string) {
		for i := 0; i < len(pairs); i += 2 {
			env[pairs[i]] = pairs[i+1]
		}
	}
}

func changeURL(change func(*url.URL)) func(*testing.T, map[string]string) {
	return func(t *testing.T, env map[string]string) {
		u, err := url.Parse(env["DATABASE_URL"])
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		env["DATABASE_URL"] = u.String()
	}
}

// sql carries out a statement in the portal's database.
func sql(statement string) func(*testing.T, map[string]string) {
	return func(t *testing.T, env map[string]string) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), env["DATABASE_URL"])
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.WithoutCancel(t.Context()))
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func freezePostgres(t *testing.T, env map[string]string) {
	env["DATABASE_URL"] = "postgres://u:canary@" + listenMute(t) + "/d?sslmode=disable"
}

func mute(t *testing.T, env map[string]string) {
	_, port, _ := net.SplitHostPort(listenMute(t))
	env["HACKFEST_IRC"] = "irc://localhost:" + port + "/a?name=home"
	delete(env, "HACKFEST_IRC_HOME_CA")
}

// listenMute takes connections and never says a word.
func listenMute(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func latin1(t *testing.T, env map[string]string) {
	const name = "doctor_latin1"
	sql("drop database if exists "+name)(t, env)
	sql("create database "+name+" template template0 encoding 'LATIN1' locale 'C'")(t, env)
	admin := env["DATABASE_URL"]
	changeURL(func(u *url.URL) { u.Path = "/" + name })(t, env)
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), admin)
		if err != nil {
			return
		}
		defer conn.Close(context.Background())
		_, _ = conn.Exec(context.Background(), "drop database "+name)
	})
	if p := hackfestCommand(t, environ(env), "migrate"); p.wait() != exitOK {
		t.Fatal(p.out.String())
	}
}

func withoutRights(t *testing.T, env map[string]string) {
	const name = "doctor_without_rights"
	sql("drop role if exists "+name)(t, env)
	sql("create role "+name+" login")(t, env)
	admin := env["DATABASE_URL"]
	changeURL(func(u *url.URL) { u.User = url.User(name) })(t, env)
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), admin)
		if err != nil {
			return
		}
		defer conn.Close(context.Background())
		_, _ = conn.Exec(context.Background(), "drop role "+name)
	})
}

func anotherBot(t *testing.T, env map[string]string) {
	lock, err := store.AcquireBotLock(t.Context(), env["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lock.Release(context.Background()) })
}

func fileAsData(t *testing.T, env map[string]string) {
	env["HACKFEST_DATA_DIR"] = filepath.Join(t.TempDir(), "file")
	write(t, env["HACKFEST_DATA_DIR"])
}

func foreignData(t *testing.T, env map[string]string) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	if err := os.Chown(env["HACKFEST_DATA_DIR"], 65534, 65534); err != nil {
		t.Fatal(err)
	}
}

func damage(t *testing.T, env map[string]string) {
	dir := filepath.Join(env["HACKFEST_DATA_DIR"], "spool", "aside")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "x.bad"))
}

func takePort(t *testing.T, env map[string]string) {
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	env["HACKFEST_LISTEN"] = other.Listener.Addr().String()
}

func plainPort(t *testing.T, env map[string]string) {
	_, port, _ := net.SplitHostPort(testirc.NgIRCd(t, testirc.Options{}).Addr)
	env["HACKFEST_IRC"] = "ircs://localhost:" + port + "/a?name=home"
}

func lockedOut(t *testing.T, env map[string]string) {
	irc := testirc.NgIRCd(t, testirc.Options{Password: "open sesame"})
	_, port, _ := net.SplitHostPort(irc.TLSAddr)
	env["HACKFEST_IRC"] = "ircs://localhost:" + port + "/a?name=home"
	env["HACKFEST_IRC_HOME_CA"], env["HACKFEST_IRC_HOME_PASSWORD"] = irc.CAFile, "canary"
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

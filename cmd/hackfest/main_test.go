package main

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/testdb"
)

func TestWrongCommandLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		env      []string
		args     []string
		status   int
		contains []string
	}{
		{"unknown command", nil, []string{"dance"}, exitUsage, []string{"dance", "--help"}},
		{"unknown flag", nil, []string{"serve", "--prot", "80"}, exitUsage, []string{"--prot"}},
		{
			"every mistake at once",
			[]string{"HACKFEST_LISTEN=nowhere", "HACKFEST_ZONE=Mars/Olympus", "HACKFEST_IRC=irc://bot:canary@h/c"},
			[]string{"serve"},
			exitUsage,
			[]string{"HACKFEST_LISTEN: ", "HACKFEST_ZONE: ", "HACKFEST_IRC: "},
		},
		{"a flag's mistake goes by the variable's name", nil, []string{"serve", "--roles=juggler"}, exitUsage, []string{"HACKFEST_ROLES: "}},
		{"line break in a channel", []string{"HACKFEST_IRC=irc://h/a%0aQUIT"}, []string{"serve"}, exitUsage, []string{"HACKFEST_IRC: ", `\n`}},
		{"wrong database", []string{"DATABASE_URL=mysql://u:canary@h/d"}, []string{"migrate"}, exitUsage, []string{"DATABASE_URL: "}},
		{"wrong database, status", []string{"DATABASE_URL=mysql://u:canary@h/d"}, []string{"migrate", "status"}, exitUsage, []string{"DATABASE_URL: "}},
		{"wrong demo", []string{"HACKFEST_LISTEN=nowhere"}, []string{"demo"}, exitUsage, []string{"HACKFEST_LISTEN: "}},
		{"database away", []string{"DATABASE_URL=postgres://u:canary@127.0.0.1:1/d"}, []string{"migrate"}, exitFailed, []string{"refused"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			p := hackfestCommand(t, tt.env, tt.args...)
			if status := p.wait(); status != tt.status {
				t.Errorf("exit status %d, want %d", status, tt.status)
			}
			if took := time.Since(begun); took > 10*time.Second { // promised are two
				t.Errorf("took %s", took)
			}
			out := p.out.String()
			for _, want := range tt.contains {
				if !strings.Contains(out, want) {
					t.Errorf("lacks %q:\n%s", want, out)
				}
			}
			if strings.Contains(out, "canary") {
				t.Errorf("shows a secret:\n%s", out)
			}
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args     []string
		contains []string
	}{
		{nil, []string{"serve", "demo", "migrate", "minutes", "doctor", "version", "hackfest demo"}},
		{[]string{"--help"}, []string{"serve", "demo", "migrate", "minutes", "version"}},
		{[]string{"serve", "--help"}, []string{"HACKFEST_IRC_<NAME>_PASSWORD", "--no-migrate", "HACKFEST_LISTEN"}},
		{[]string{"demo", "--help"}, []string{"--fresh"}},
		{[]string{"migrate", "--help"}, []string{"status"}},
		{[]string{"doctor", "--help"}, []string{"--json", "ok, warning or problem"}},
		{[]string{"version"}, []string{"hackfest  ", "commit    ", "go        ", "tzdata    "}},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			p := hackfestCommand(t, nil, tt.args...)
			if status := p.wait(); status != exitOK {
				t.Errorf("exit status %d", status)
			}
			for _, want := range tt.contains {
				if !strings.Contains(p.out.String(), want) {
					t.Errorf("lacks %q:\n%s", want, p.out.String())
				}
			}
		})
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := hackfestCommand(t, []string{"DATABASE_URL=postgres://u@127.0.0.1:1/d"}, "serve", "--listen", l.Addr().String())
	if status := p.wait(); status != exitFailed || !strings.Contains(p.out.String(), "HACKFEST_LISTEN") {
		t.Errorf("exit status %d:\n%s", status, p.out.String())
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=" + testdb.URL(t)}
	p := hackfestCommand(t, env, "migrate")
	if status := p.wait(); status != exitOK || !strings.Contains(p.out.String(), "up to date") {
		t.Errorf("exit status %d:\n%s", status, p.out.String())
	}
	p = hackfestCommand(t, env, "migrate", "status")
	if status := p.wait(); status != exitOK || !strings.Contains(p.out.String(), "0004_lines.sql") || strings.Contains(p.out.String(), "not applied") || !strings.Contains(p.out.String(), "up to date") {
		t.Errorf("exit status %d:\n%s", status, p.out.String())
	}
}

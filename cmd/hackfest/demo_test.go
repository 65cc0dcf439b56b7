package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ngircd"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// running is a demo that has said where it is.
type running struct {
	*program
	url string // of the portal
	irc string // address of its IRC server
}

var (
	portalAt = regexp.MustCompile(`The portal is at (\S+) `)
	ircAt    = regexp.MustCompile(`The IRC server is at (\S+), port (\d+)`)
)

func startDemo(t testing.TB, dir string, args ...string) running {
	t.Helper()
	args = append([]string{"demo", "--listen", "127.0.0.1:0", "--data-dir", dir}, args...)
	t.Cleanup(func() { // a demo that was killed leaves its IRC server running
		if s := ngircd.Running(context.Background(), filepath.Join(dir, "ngircd")); s != nil {
			_ = s.Stop()
		}
	})
	d := running{program: hackfestCommand(t, nil, args...)}
	eventually(t, "what to try", func() bool { return strings.Contains(d.out.String(), "Ctrl-C stops it") })
	out := d.out.String()
	if m := portalAt.FindStringSubmatch(out); m != nil {
		d.url = m[1]
	}
	m := ircAt.FindStringSubmatch(out)
	if m == nil {
		if os.Getenv("CI") == "" && strings.Contains(out, "ngIRCd is not installed") {
			t.Skip("ngIRCd is not installed")
		}
		t.Fatalf("no IRC server:\n%s", out)
	}
	d.irc = m[1] + ":" + m[2]
	eventually(t, "the bot", func() bool {
		_, body := get(t, d.url+"/healthz?verbose=1")
		return strings.Contains(body, `"state":"online"`) && strings.Contains(body, "#eucalyptus-meeting")
	})
	return d
}

// line is one of the API's.
type line struct{ ID, Nick, Kind, Text string }

func (d running) lines(t testing.TB) []line {
	t.Helper()
	var list struct{ Items []line }
	_, body := get(t, d.url+"/api/v1/channels/local/eucalyptus-devel/lines?order=asc&limit=200")
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return list.Items
}

// The whole way, as somebody takes it who tries the demo: a meeting typed on
// IRC becomes minutes on the web, and killing the portal in the middle of it
// costs nothing.
func TestDemo(t *testing.T) {
	t.Parallel()
	const channel = "#eucalyptus-devel"
	dir := dataDir(t)
	begun := time.Now()
	d := startDemo(t, dir)
	t.Logf("the portal is up after %s", time.Since(begun).Round(100*time.Millisecond))

	if status, body := get(t, d.url+"/"); status != 200 || !strings.Contains(body, "Eucalyptus") {
		t.Errorf("home answers %d", status)
	}
	if _, body := get(t, d.url+"/sessions/2012-08-02-openshift-origin"); !strings.Contains(body, "Origin goes on Fedora 16") {
		t.Error("the recorded hackfest has no minutes")
	}

	link := regexp.MustCompile(`http://\S+/signin/[\w-]{43}`).FindString(d.out.String())
	if status, body := get(t, link); status != 200 || !strings.Contains(body, "Sign in as <bdi>ironbark</bdi>") {
		t.Errorf("the link %q answers %d", link, status)
	}

	ann, bob := testirc.Dial(t, d.irc, "ann"), testirc.Dial(t, d.irc, "bob")
	ann.Join(channel)
	bob.Join(channel)
	ann.Say(channel, "#startmeeting Trying the demo")
	ann.ExpectText("Meeting started")
	ann.Say(channel, "#chair bob")
	ann.ExpectText("Chairs: ann, bob")
	bob.Say(channel, "#topic Before")
	ann.ExpectText("TOPIC " + channel + " :Before")
	said := 0
	say := func(n int) {
		for range n {
			said++
			bob.Say(channel, fmt.Sprintf("line %d", said))
		}
	}
	say(20)
	ann.ExpectText(fmt.Sprintf("line %d", said)) // the server lets bob wait before it takes them all
	ann.Say(channel, "#info noted before")
	eventually(t, "the item", func() bool {
		return slices.ContainsFunc(d.lines(t), func(l line) bool { return l.Text == "#info noted before" })
	})

	d.kill()
	bob.Say(channel, "nobody hears this")
	again := startDemo(t, dir)
	if again.irc != d.irc || !strings.Contains(again.out.String(), "still running from before") {
		t.Errorf("the IRC server moved from %s to %s", d.irc, again.irc)
	}
	ann.ExpectText("Topic: Before. Chairs: ann, bob.")
	say(20)
	bob.Say(channel, "#agreed bob is still a chair")
	ann.ExpectText("bob is still a chair")
	ann.Say(channel, "#endmeeting")
	ended := ann.ExpectText("Meeting ended")
	path := regexp.MustCompile(`/meetings/[0-9a-z]{26}`).FindString(ended)
	eventually(t, "the minutes", func() bool {
		_, text := get(t, again.url+path+".txt")
		return strings.Contains(text, "noted before") && strings.Contains(text, "bob is still a chair")
	})

	heard := 0
	for _, l := range again.lines(t) {
		if n, ok := strings.CutPrefix(l.Text, "line "); ok {
			if heard++; n != fmt.Sprint(heard) {
				t.Fatalf("line %s is number %d of the log", n, heard)
			}
		}
		if l.Text == "nobody hears this" {
			t.Error("heard what was said while the portal was dead")
		}
	}
	if heard != said {
		t.Errorf("%d of %d lines are in the log", heard, said)
	}

	if took := again.stop(); took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
	fresh := startDemo(t, dir, "--fresh")
	if status, _ := get(t, fresh.url+path+".txt"); status != 404 {
		t.Errorf("the meeting is still there after --fresh: %d", status)
	}
	fresh.stop()
}

func TestDemoLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	st, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if _, err := st.AddTarget(t.Context(), hackfest.Target{Name: "Ours"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	theirs := testdb.URL(t)
	conn, err := pgx.Connect(t.Context(), theirs)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `drop schema public cascade; create schema public; create table invoices (id bigint)`); err != nil {
		t.Fatal(err)
	}
	full := t.TempDir()
	if err := os.WriteFile(full+"/thesis.tex", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, contains string
		env            []string
		args           []string
	}{
		{"a directory with something else in it", "left alone", nil, []string{"--data-dir", full}},
		{"and not even fresh", "left alone", nil, []string{"--data-dir", full, "--fresh"}},
		{"a database with something else in it", "not the demo's", []string{"DATABASE_URL=" + url}, []string{"--data-dir", dataDir(t)}},
		{"a database of another program", "not the demo's", []string{"DATABASE_URL=" + theirs}, []string{"--data-dir", dataDir(t)}},
		{"a given database is not emptied", "by hand", []string{"DATABASE_URL=" + url}, []string{"--data-dir", dataDir(t), "--fresh"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := hackfestCommand(t, tt.env, append([]string{"demo", "--listen", "127.0.0.1:0"}, tt.args...)...)
			if status := p.wait(); status != exitFailed || !strings.Contains(p.out.String(), tt.contains) {
				t.Errorf("exit status %d, want %q:\n%s", status, tt.contains, p.out.String())
			}
		})
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), theirs)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		var tables int
		if err := conn.QueryRow(context.Background(), `select count(*) from pg_tables where schemaname = 'public'`).Scan(&tables); err != nil || tables != 1 {
			t.Errorf("%d tables in the other program's database, %v", tables, err)
		}
		if _, err := os.Stat(full + "/thesis.tex"); err != nil {
			t.Error(err)
		}
	})
}

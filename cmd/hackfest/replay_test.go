package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/eucalyptus/hackfest/internal/testirc"
)

// A log that is played where a portal records becomes a meeting of that portal:
// what its people said, with minutes.
func TestReplay(t *testing.T) {
	t.Parallel()
	d := startDemo(t, dataDir(t))
	log := filepath.Join(t.TempDir(), "talk.log")
	text := "20:00:00 <ann> #startmeeting Kernel hackfest\n20:00:01 <oldbot> Meeting started Fri Aug 10 20:00:01 2012 UTC.\n" +
		"20:01:00 <bob[tx]> #action ann to measure it\n20:02:00 * bob[tx] nods\n20:03:00 <ann> #topic Drivers\n20:04:00 <ann> #endmeeting\n"
	if err := os.WriteFile(log, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := hackfestCommand(t, nil, "replay", log, "--channel", "eucalyptus-devel", "--irc", "irc://"+d.irc, "--speed", "600")
	if status := p.wait(); status != exitOK {
		t.Fatalf("exit status %d", status)
	}
	for _, want := range []string{"read as meetbot, which explains 100 %", "1/5 20:00:00 <ann> #startmeeting", "5/5", "5 of 5 lines of 2 people played"} {
		if !strings.Contains(p.out.String(), want) {
			t.Errorf("does not say %q:\n%s", want, p.out.String())
		}
	}
	eventually(t, "the end of the meeting", func() bool {
		return slices.ContainsFunc(d.lines(t), func(l line) bool { return strings.Contains(l.Text, "Meeting ended") })
	})
	path := ""
	for _, l := range d.lines(t) {
		if m := regexp.MustCompile(`/meetings/[0-9a-z]{26}`).FindString(l.Text); m != "" {
			path = m
		}
	}
	eventually(t, "the minutes", func() bool {
		_, text := get(t, d.url+path+".txt")
		return strings.Contains(text, "Kernel hackfest") && strings.Contains(text, "ann to measure it") && strings.Contains(text, "Drivers") &&
			strings.Contains(text, "bob[tx] (2 lines)")
	})
	if slices.ContainsFunc(d.lines(t), func(l line) bool { return l.Nick == "oldbot" }) {
		t.Error("the log's bot was played")
	}
	d.stop()
}

// SIGINT lets everybody leave, and the program ends as it should.
func TestReplayIsStopped(t *testing.T) {
	t.Parallel()
	server := testirc.NgIRCd(t, testirc.Options{})
	ear := testirc.Dial(t, server.Addr, "ear")
	ear.Join("#try")
	log := filepath.Join(t.TempDir(), "talk.log")
	if err := os.WriteFile(log, []byte("18:00 <ann> one\n19:00 <bob> two\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := hackfestCommand(t, []string{"HACKFEST_IRC=irc://hackbot@" + server.Addr + "/other?name=x"}, "replay", log, "--channel", "#try")
	ear.ExpectText(":one")
	eventually(t, "the first line counts as played", func() bool { return strings.Contains(p.out.String(), "1/2 ") })
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if status := p.wait(); status != exitOK || !strings.Contains(p.out.String(), "1 of 2 lines") {
		t.Errorf("exit status %d:\n%s", status, p.out.String())
	}
	for _, who := range []string{"ann", "bob"} {
		eventually(t, who+" leaves", func() bool {
			return slices.ContainsFunc(ear.Received(), func(l string) bool { return strings.HasPrefix(l, ":"+who+"!") && strings.Contains(l, " QUIT ") })
		})
	}
}

func TestReplayRefuses(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "talk.log")
	if err := os.WriteFile(log, []byte("18:00 <ann> one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"no channel", []string{log}, "--channel"},
		{"a channel that is none", []string{log, "--channel", "#a b"}, "no channel"},
		{"another machine", []string{log, "--channel", "#x", "--irc", "ircs://irc.example.org"}, "--yes"},
		{"another machine that looks like this one", []string{log, "--channel", "#x", "--irc", "irc://localhost@irc.example.org/x"}, "--yes"},
		{"no server", []string{log, "--channel", "#x", "--irc", "http://127.0.0.1"}, "irc://"},
		{"two networks", []string{log, "--channel", "#x", "--irc", "irc://127.0.0.1/a irc://127.0.0.2/b"}, "--irc"},
		{"no speed", []string{log, "--channel", "#x", "--speed", "0"}, "--speed"},
		{"no log", []string{"-", "--channel", "#x"}, "not known"},
		{"nobody there", []string{log, "--channel", "#x", "--irc", "irc://127.0.0.1:1"}, "lets nobody in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if got := run(t.Context(), append([]string{"replay"}, tt.args...), streams{strings.NewReader(""), &out, &errs}); got == exitOK {
				t.Error("it succeeds")
			}
			if !strings.Contains(errs.String(), tt.want) {
				t.Errorf("says %q, not %q", errs.String(), tt.want)
			}
		})
	}
}

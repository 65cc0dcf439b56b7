package postgres

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestLocatePrefersPGBINThenTheNewest(t *testing.T) {
	t.Parallel()
	root := newDir(t)
	install := func(dir, version string) string {
		dir = filepath.Join(root, dir)
		mkdir(t, dir)
		program(t, filepath.Join(dir, "postgres"), "#!/bin/sh\necho 'postgres (PostgreSQL) "+version+"'\n")
		program(t, filepath.Join(dir, "initdb"), "#!/bin/sh\n")
		return dir
	}
	v16 := install("lib/16/bin", "16.2 (Debian 16.2-1)")
	v18 := install("lib/18/bin", "18beta1")
	v15 := install("own/bin", "15.13")
	install("lib/9.6/bin", "9.6.24")
	install("lib/14/bin", "14.9")
	if err := os.Remove(filepath.Join(install("lib/17/bin", "17.1"), "initdb")); err != nil {
		t.Fatal(err)
	}
	links := filepath.Join(root, "links")
	mkdir(t, links)
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.Symlink(filepath.Join(v16, name), filepath.Join(links, name)); err != nil {
			t.Fatal(err)
		}
	}
	globs := []string{filepath.Join(root, "lib/*/bin")}

	for _, tt := range []struct {
		name, pgbin string
		path, globs []string
		want        []string
	}{
		{name: "newest first, too old ones and halves left out", globs: globs, want: []string{v18, v16}},
		{name: "PGBIN wins", pgbin: v15, globs: globs, want: []string{v15, v18, v16}},
		{name: "PGBIN leads nowhere", pgbin: "/nonexistent", globs: globs, want: []string{v18, v16}},
		{name: "a link in PATH is the same installation", path: []string{links}, globs: globs, want: []string{v18, v16}},
		{name: "only a link", path: []string{"/nonexistent", links}, want: []string{v16}},
		{name: "nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, in := range locate(t.Context(), tt.pgbin, tt.path, tt.globs) {
				got = append(got, in.Dir)
			}
			if strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestChooseFollowsTheCluster(t *testing.T) {
	t.Parallel()
	installs := []Install{{Dir: "/18", Major: 18}, {Dir: "/16", Major: 16}, {Dir: "/16b", Major: 16}}
	for _, tt := range []struct {
		name  string
		major int
		want  string // empty: refused
	}{
		{name: "new cluster", want: "/18"},
		{name: "an upgrade of the system left the old one", major: 16, want: "/16"},
		{name: "an upgrade of the system removed it", major: 15},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in, err := choose(installs, tt.major, "/data")
			if in.Dir != tt.want || (err != nil) != (tt.want == "") {
				t.Errorf("got %v, %v", in, err)
			}
		})
	}
}

// newDir is a folder that the server's account can reach, unlike t.TempDir.
func newDir(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("/tmp", "hackfest-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(parent); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(parent, 0o711); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "d")
	mkdir(t, dir)
	if os.Geteuid() == 0 {
		if err := os.Chmod(dir, 0o777); err != nil { // helpers work here too
			t.Fatal(err)
		}
	}
	return dir
}

// someUser is a user without rights, for root to act as.
func someUser(t *testing.T) account {
	t.Helper()
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Skip("no user nobody: ", err)
	}
	a, err := accountOf(u)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// eventually polls until done is true, for longer than anything here takes.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(pollEvery) {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func program(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

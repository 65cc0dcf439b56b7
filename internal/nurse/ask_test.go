package nurse

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/host"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// A command is asked so that nothing comes of it but its answer.
func TestAsk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, tt := range []struct{ name, script, want string }{
		{"leaves something running", "sleep 60 & echo 3.1", "3.1"},
		{"warns before it says it", "echo warning: 0.5 is old >&2; echo tool 7.1", "tool 7.1"},
		{"is kept in several versions", "echo ${RUSTUP_HOME:+kept}", "kept"},
		{"writes where its user is at home", "echo $HOME; echo x 2>/dev/null >$HOME/x && echo done; true", "/dev/null"},
	} {
		name, _, _ := strings.Cut(tt.name, " ")
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+tt.script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		said, err := ask(t.Context(), filepath.Join(dir, name))
		if said, _, _ = strings.Cut(said, "\n\n"); said != tt.want || err != nil { // then errors
			t.Errorf("a command that %s: %q, %v, want %q", tt.name, said, err, tt.want)
		}
	}
}

// One that hangs is left, and does not stay.
func TestACommandThatHangsIsLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(dir+"/open", 0o600); err != nil {
		t.Fatal(err)
	}
	open, err := os.OpenFile(dir+"/open", os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if err := os.WriteFile(dir+"/hang", []byte("#!/bin/sh\nexec 3>"+dir+"/open\necho begun >&3\nsleep 60 &\nsleep 60\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := ask(ctx, dir+"/hang"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it answered: %v", err)
	}
	_ = open.SetReadDeadline(time.Now().Add(5 * time.Second))
	if said, err := io.ReadAll(open); string(said) != "begun\n" || err != nil { // to the end only when nobody writes any more
		t.Errorf("what it started goes on: %q, %v", said, err)
	}
}

// Room in a home directory is of use to who has one.
func TestRoomAtHome(t *testing.T) {
	dir := t.TempDir()
	readOnly := dir + "/locked"
	if err := os.Mkdir(readOnly, 0o500); err != nil {
		t.Fatal(err)
	}
	locked := finding{ill, "the home directory is not for this user to write to"}
	for _, tt := range []struct {
		name, home, path string
		want             finding
	}{
		{"nowhere", dir + "/none", "~", finding{ill, "the home directory is not there"}},
		{"not said where", "", "~/x", finding{unknown, "HOME is not set, so nothing says where the home directory is"}},
		{"read only", "/proc", "~", finding{ill, "0 MiB free at /proc, 1 MiB are needed"}},
		{"somebody else's", readOnly, "~/x", locked},
		{"somebody else's, but asked for by name", readOnly, "/", finding{well, ""}},
	} {
		t.Setenv("HOME", tt.home)
		f := lookDisk(t.Context(), hackfest.Check{Path: tt.path, Least: 1})
		if tt.want == locked && os.Geteuid() == 0 { // who may write everywhere
			continue
		}
		if f.state != tt.want.state || tt.want.note != "" && f.note != tt.want.note {
			t.Errorf("%s: %+v, want %+v", tt.name, f, tt.want)
		}
	}
	t.Setenv("HOME", "")
	if f := lookFile(t.Context(), hackfest.Check{Path: "~/x"}); f.state != unknown {
		t.Errorf("a file in it: %+v", f)
	}
}

// A container has what its control groups allow, of either version.
func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file, text string
		want       uint64
	}{
		{"memory.max", "max\n", 0},
		{"memory.max", "536870912\n", 536870912},
		{"memory/memory.limit_in_bytes", "536870912\n", 536870912},
		{"memory/other", "1", 0},
	} {
		dir := t.TempDir() + "/"
		if err := os.MkdirAll(filepath.Dir(dir+tt.file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+tt.file, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := memoryLimit(dir); got != tt.want {
			t.Errorf("%s %q: %d, want %d", tt.file, tt.text, got, tt.want)
		}
	}
}

// A module that is built in often stands in the kernel's list only; without that
// nothing can be said of one that is not loaded.
func TestModule(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/"
	release, err := host.KernelVersion()
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"sys/flux_loaded", "lib/" + release, "none"} {
		if err := os.MkdirAll(dir+folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for file, text := range map[string]string{"modules.builtin": "kernel/fs/flux-built.ko\n", "modules.dep": "kernel/net/flux-there.ko.xz: kernel/net/other.ko.xz\n"} {
		if err := os.WriteFile(dir+"lib/"+release+"/"+file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, loaded, lists string
		want                finding
	}{
		{"flux-loaded", "sys/", "lib/", finding{well, "loaded"}},
		{"flux_built", "sys/", "lib/", finding{well, "built into the kernel"}},
		{"flux-there", "sys/", "lib/", finding{ill, "not loaded, but there: modprobe flux_there"}},
		{"flux-capacitor", "sys/", "lib/", finding{ill, "not loaded, and not among the modules of kernel " + release}},
		{"flux-built", "sys/", "none/", finding{unknown, "not loaded; whether it is built in nothing says here, in /lib/modules/" + release}},
		{"flux-loaded", "no/", "lib/", finding{unknown, "no kernel shows its modules here, in /sys/module"}},
		{"../sys", "sys/", "lib/", finding{ill, "that is no name of a module"}},
	} {
		if got := module(dir+tt.loaded, dir+tt.lists, tt.name); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

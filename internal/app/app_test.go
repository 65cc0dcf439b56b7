package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMakeDataDir(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	for _, tt := range []struct {
		name, dir string
		refused   bool
	}{
		{name: "new", dir: "a"},
		{name: "with folders above it", dir: "b/c/d"},
		{name: "there already", dir: "."},
		{name: "a file", dir: "file", refused: true},
		{name: "below a file", dir: "file/x", refused: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(root, tt.dir)
			if err := makeDataDir(dir); (err != nil) != tt.refused {
				t.Fatalf("got %v", err)
			}
			if tt.refused || tt.dir == "." {
				return
			}
			for up := dir; up != root; up = filepath.Dir(up) {
				if info, err := os.Stat(up); err != nil || info.Mode().Perm() != mode {
					t.Errorf("%s is %v, %v", up, info.Mode(), err)
				}
			}
			if err := makeDataDir(dir); err != nil {
				t.Errorf("the second time: %v", err)
			}
		})
	}
}

func TestIsDemoDir(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files []string
		want  bool
	}{
		{"empty", nil, true},
		{"ours", []string{demoMarker, "notes.txt"}, true},
		{"somebody's", []string{"notes.txt"}, false},
		{"a portal's", []string{"postgres", "spool"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, name := range tt.files {
				if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := isDemoDir(dir); got != tt.want || err != nil {
				t.Errorf("got %t, %v", got, err)
			}
		})
	}
	if got, err := isDemoDir(filepath.Join(t.TempDir(), "absent")); !got || err != nil {
		t.Errorf("absent: %t, %v", got, err)
	}
}

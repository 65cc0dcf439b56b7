package export_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/export"
	"github.com/eucalyptus/hackfest/internal/fault"
)

// copied is a copy of the export in dir that a test may spoil.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// change replaces a file of an export by what edit makes of it.
func change(t *testing.T, dir, name string, edit func(string) string) {
	t.Helper()
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := edit(string(text))
	if changed == string(text) {
		t.Fatalf("%s is as it was", name)
	}
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
}

func replace(was, is string) func(string) string {
	return func(text string) string { return strings.Replace(text, was, is, 1) }
}

// resign makes the manifest agree with a file that was changed, as somebody does
// who knows how.
func resign(t *testing.T, dir, name string) {
	t.Helper()
	m, err := export.ManifestForTest(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(m)
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

const log = "lines/freenode/eucalyptus-devel/2012-08.jsonl"

// Whatever is wrong with an export is said, where it is, and nothing is imported.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	good := sample(t).write(false)
	for _, tt := range []struct {
		name  string
		spoil func(t *testing.T, dir string)
		want  string
	}{
		{"no manifest", func(t *testing.T, dir string) { remove(t, dir, "manifest.json") }, "is no export: it has no manifest.json"},
		{"a manifest cut short", func(t *testing.T, dir string) {
			change(t, dir, "manifest.json", func(s string) string { return s[:len(s)/2] })
		}, "manifest.json, line"},
		{"another format", func(t *testing.T, dir string) {
			change(t, dir, "manifest.json", replace("hackfest.export/1", "hackfest.export/2"))
		}, `format "hackfest.export/2"`},
		{"a newer schema", func(t *testing.T, dir string) {
			change(t, dir, "manifest.json", replace(`"schema": `, `"schema": 9`))
		}, "The export is newer than this program: hackfest test wrote it, with schema 9"},
		{"a missing file", func(t *testing.T, dir string) { remove(t, dir, "people.jsonl") }, "people.jsonl: it is in the manifest, and missing"},
		{"missing minutes", func(t *testing.T, dir string) { remove(t, dir, minutesOf(t, dir)) }, ".txt: it is in the manifest, and missing"},
		{"a file cut within a line", func(t *testing.T, dir string) {
			change(t, dir, log, func(s string) string { return s[:len(s)-20] })
		}, log + ", line 1"},
		{"a file cut between lines", func(t *testing.T, dir string) {
			change(t, dir, log, func(s string) string { return s[:strings.LastIndex(s[:len(s)-1], "\n")+1] })
		}, "it ends here, and the manifest says that it has"},
		{"a damaged line", func(t *testing.T, dir string) {
			change(t, dir, "targets.jsonl", replace("}\n{", "]\n{"))
		}, "targets.jsonl, line 1: it is damaged here"},
		{"a word that was changed", func(t *testing.T, dir string) {
			change(t, dir, log, replace("the", "teh"))
		}, log + ": it was changed since it was written"},
		{"minutes that were changed", func(t *testing.T, dir string) {
			change(t, dir, minutesOf(t, dir), func(s string) string { return s + "And more.\n" })
		}, ".txt: it has"},
		{"a file outside of the export", func(t *testing.T, dir string) {
			change(t, dir, "manifest.json", replace(`"README.md"`, `"../README.md"`))
		}, "outside of the export"},
		{"a row that is gone, signed", func(t *testing.T, dir string) {
			change(t, dir, "networks.jsonl", replace(`"freenode"`, `"undernet"`))
			resign(t, dir, "networks.jsonl")
		}, `channels.jsonl, line 1: network: there is no "freenode" in networks`},
		{"a field of tomorrow, signed", func(t *testing.T, dir string) {
			change(t, dir, log, replace("\n{", "\n{\"mood\":1,"))
			resign(t, dir, log)
		}, log + `, line 2: a field "mood" that this version does not know`},
		{"a table of tomorrow", func(t *testing.T, dir string) {
			change(t, dir, "manifest.json", replace(`"name": "lessons"`, `"name": "moods"`))
		}, `a table "moods" that this version does not know`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := copied(t, good)
			tt.spoil(t, dir)
			p := empty(t)
			_, err := export.Read(t.Context(), p.Store, dir, nil)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			p.read(good) // as if nothing had been
		})
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

// minutesOf is the text of the minutes of some meeting.
func minutesOf(t *testing.T, dir string) string {
	t.Helper()
	for name := range contents(t, dir) {
		if strings.HasPrefix(name, "minutes/") && strings.HasSuffix(name, ".txt") {
			return name
		}
	}
	t.Fatal("no minutes")
	return ""
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	p := sample(t)
	for _, tt := range []struct {
		name    string
		prepare func(t *testing.T, dir string)
		replace bool
		kind    fault.Kind
		want    string
	}{
		{name: "no folder yet"},
		{name: "an empty folder", prepare: func(t *testing.T, dir string) { mkdir(t, dir) }},
		{name: "something else", prepare: func(t *testing.T, dir string) { put(t, dir, "letter.txt") }, kind: fault.Conflict, want: "what is there is no export"},
		{
			name: "something else, to be replaced", prepare: func(t *testing.T, dir string) { put(t, dir, "letter.txt") }, replace: true,
			kind: fault.Conflict, want: "what is there is no export",
		},
		{name: "an earlier export", prepare: func(t *testing.T, dir string) { earlier(t, p, dir) }, kind: fault.Conflict, want: "--replace"},
		{name: "an earlier export, to be replaced", prepare: func(t *testing.T, dir string) { earlier(t, p, dir) }, replace: true},
		{name: "a file", prepare: func(t *testing.T, dir string) { put(t, filepath.Dir(dir), filepath.Base(dir)) }, kind: fault.Invalid, want: "is a file"},
		{name: "nowhere", prepare: func(t *testing.T, dir string) { remove(t, filepath.Dir(dir), "") }, kind: fault.Invalid, want: "name a folder in one that you may write to"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "in", "export")
			mkdir(t, filepath.Dir(dir))
			if tt.prepare != nil {
				tt.prepare(t, dir)
			}
			before := listing(dir)
			m, err := export.Write(t.Context(), p.Store, export.Options{Dir: dir, Replace: tt.replace, Now: now, Program: "test"})
			if tt.want == "" {
				if n := len(contents(t, dir)); err != nil || n != len(m.Files)+1 || n < 20 {
					t.Fatalf("%d files, %d in the manifest, %v", n, len(m.Files), err)
				}
				empty(t).read(dir)
				if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
					t.Errorf("%v, %v", info.Mode(), err)
				}
			} else if fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			} else if after := listing(dir); after != before {
				t.Errorf("there was\n%s\nthere is\n%s", before, after)
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, dir, name string) {
	t.Helper()
	mkdir(t, dir)
	if err := os.WriteFile(filepath.Join(dir, name), []byte("Dear"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// earlier puts an export of p into dir, with a file that the next will not have.
func earlier(t *testing.T, p portal, dir string) {
	t.Helper()
	if err := os.CopyFS(dir, os.DirFS(p.write(false))); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "lines"), "old.jsonl")
}

// listing are the names below dir.
func listing(dir string) string {
	var names []string
	_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, _ error) error {
		names = append(names, path)
		return nil
	})
	return strings.Join(names, "\n")
}

// Who stops an export or an import finds everything as it was.
func TestStopped(t *testing.T) {
	t.Parallel()
	p := sample(t)
	dir := p.write(false)
	before := contents(t, dir)
	for _, step := range []string{"exporting", "minutes"} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := export.Write(ctx, p.Store, export.Options{Dir: dir, Replace: true, Now: now, Progress: func(s string, _, _ int64) {
			if s == step {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", step, err)
		}
		same(t, before, contents(t, dir))
		if list, _ := os.ReadDir(filepath.Dir(dir)); len(list) != 1 {
			t.Errorf("%s: there is more: %v", step, list)
		}
	}
	to := empty(t)
	for _, step := range []string{"verifying", "importing"} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := export.Read(ctx, to.Store, dir, func(s string, _, _ int64) {
			if s == step {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", step, err)
		}
	}
	to.read(dir)
}

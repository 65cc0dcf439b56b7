package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/demo"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

func TestExportAndImportOnTheCommandLine(t *testing.T) {
	t.Parallel()
	full, empty, dir := testdb.URL(t), testdb.Empty(t), t.TempDir()
	st, err := store.Open(t.Context(), full)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	if err := demo.Seed(t.Context(), st, demo.Options{Network: "local", Server: "127.0.0.1", BaseURL: "http://hack.example", Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, url string
		args      []string
		status    int
		want      string
	}{
		{"an export", full, []string{"export", filepath.Join(dir, "a")}, 0, "1 meetings"},
		{"a folder that is taken", full, []string{"export", filepath.Join(dir, "a")}, 1, "--replace"},
		{"another in its place", full, []string{"export", "--replace", "--with-private", filepath.Join(dir, "a")}, 0, "1 meetings"},
		{"an import without a schema", empty, []string{"import", "export", filepath.Join(dir, "a")}, 0, "imported"},
		{"a second import", empty, []string{"import", "export", filepath.Join(dir, "a")}, 1, "set DATABASE_URL, or set HACKFEST_DATA_DIR"},
		{"no export", empty, []string{"import", "export", dir}, 1, "is no export"},
		{"no folder", empty, []string{"import", "export", filepath.Join(dir, "b")}, 2, "b"},
	} { // one after the other
		var out, errs bytes.Buffer
		args := append(tt.args, "--database-url", tt.url)
		status := run(t.Context(), args, streams{in: strings.NewReader(""), out: &out, err: &errs})
		if said := out.String() + errs.String(); status != tt.status || !strings.Contains(said, tt.want) || strings.Contains(said, "\r") {
			t.Errorf("%s: status %d, %q", tt.name, status, said)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, "a", "audit.jsonl")); err != nil || !bytes.Contains(text, []byte(`"action":"export"`)) {
		t.Errorf("the first export is not in the audit log: %s, %v", text, err)
	}
}

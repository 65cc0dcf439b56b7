package export

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
)

// ManifestForTest is the manifest of dir as it would be with a file as it is now.
func ManifestForTest(dir, name string) (Manifest, error) {
	m, err := readManifest(dir)
	if err != nil {
		return m, err
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	sum := sha256.Sum256(text)
	for i := range m.Files {
		if m.Files[i].Path == name {
			m.Files[i].Bytes, m.Files[i].SHA256 = int64(len(text)), hex.EncodeToString(sum[:])
		}
	}
	return m, err
}

// Names of channels are harmless as names of files, and stay readable and apart.
func TestEscape(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, want := range map[string]string{
		"eucalyptus-devel": "eucalyptus-devel", "#x": "%23x", "c#": "c#", "..": "%2E.", "../../etc": "%2E.%2F..%2Fetc", ".": "%2E", "a.b": "a.b",
		"übung": "%C3%BCbung", "a/b": "a%2Fb", "a%2Fb": "a%252Fb", "": "", "nul\x00": "nul%00", `a\b`: "a%5Cb",
	} {
		got := escape(name)
		if got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q are both %q", name, other, got)
		}
		seen[got] = name
	}
}

package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"testing"

	"github.com/andybalholm/brotli"
)

func TestEveryAssetIsNamedByItsBytes(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^/static/[a-z]+/[A-Za-z0-9-]+\.[0-9a-f]{12}\.[a-z0-9]+$`)
	if len(assets().byPath) != len(assets().byName) || len(assets().byName) < 10 {
		t.Fatalf("%d names, %d paths", len(assets().byName), len(assets().byPath))
	}
	for name, a := range assets().byName {
		if !shape.MatchString(a.Path) {
			t.Errorf("%s is served at %s", name, a.Path)
		}
		if got, ok := ByPath(URL(name)); !ok || got.Path != a.Path {
			t.Errorf("%s is not found at %s", name, URL(name))
		}
	}
	if _, ok := ByPath(URL("css/missing.css")); ok {
		t.Error("a file that does not exist is served")
	}
}

func TestCompressedFormsHoldTheSameBytes(t *testing.T) {
	t.Parallel()
	for name, a := range assets().byName {
		if a.Gzip != nil {
			r, err := gzip.NewReader(bytes.NewReader(a.Gzip))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, a.Body) {
				t.Errorf("%s: gzip holds something else (%v)", name, err)
			}
		}
		if a.Brotli != nil {
			if got, err := io.ReadAll(brotli.NewReader(bytes.NewReader(a.Brotli))); err != nil || !bytes.Equal(got, a.Body) {
				t.Errorf("%s: brotli holds something else (%v)", name, err)
			}
		}
	}
	if a, _ := Named("css/portal.css"); a.Gzip == nil || a.Brotli == nil {
		t.Error("the stylesheet is not compressed")
	}
}

func TestStylesheetNamesFontsByHash(t *testing.T) {
	t.Parallel()
	a, _ := Named(sheet)
	if _, ok := Named("css/tokens.css"); ok {
		t.Error("the tokens are a second style sheet: pages would wait for two")
	}
	found := regexp.MustCompile(`url\(([^)]+)\)`).FindAllStringSubmatch(string(a.Body), -1)
	if len(found) != 5 {
		t.Fatalf("%d fonts", len(found))
	}
	for _, m := range found {
		if _, ok := ByPath(m[1]); !ok {
			t.Errorf("the stylesheet asks for %s", m[1])
		}
	}
}

func TestTimeScriptIsSmall(t *testing.T) {
	t.Parallel()
	for name, a := range assets().byName {
		if name == "js/time.js" && len(a.Brotli) > 2<<10 {
			t.Errorf("%s is %d bytes compressed", name, len(a.Brotli))
		}
	}
}

// Package static embeds the portal's CSS, scripts, fonts and icons, gives each
// a name with the hash of its bytes, and keeps it compressed. It serves
// nothing; web/assets.go does.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

//go:embed css fonts js img
var files embed.FS

// Prefix is where the assets live in URLs.
const Prefix = "/static/"

// Asset is one file, ready to be sent.
type Asset struct {
	Path   string // URL path: Prefix, folder, name, hash of Body, ending
	Type   string // Content-Type
	Body   []byte
	Gzip   []byte // nil where compressing does not pay
	Brotli []byte // nil where compressing does not pay
}

// types are the content types by ending. What is not listed is not served.
var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".txt":   "text/plain; charset=utf-8",
	".woff2": "font/woff2",
}

// byName holds the assets by file name, byPath by URL path.
type table struct{ byName, byPath map[string]Asset }

// assets is made when it is first asked for: hashing and compressing take about
// a tenth of a second.
var assets = sync.OnceValue(build)

// sheet is the one style sheet that pages ask for: tokens, then what uses them.
const sheet = "css/portal.css"

// sheets are the files that make it up, in order.
var sheets = []string{"css/tokens.css", "css/portal.css"}

// URL returns the path at which the file name, as in "css/portal.css", is
// served. A name that does not exist gives a path that answers 404.
func URL(name string) string {
	if a, ok := assets().byName[name]; ok {
		return a.Path
	}
	return Prefix + name
}

// ByPath returns the asset served at a URL path.
func ByPath(p string) (Asset, bool) {
	a, ok := assets().byPath[p]
	return a, ok
}

// Named returns the asset of the file name, as in "img/favicon.svg".
func Named(name string) (Asset, bool) {
	a, ok := assets().byName[name]
	return a, ok
}

// build reads the fonts first, since the hashed names of fonts are written into
// the CSS and so decide its hash.
func build() table {
	t := table{byName: map[string]Asset{}, byPath: map[string]Asset{}}
	var renames []string
	add := func(name string, body []byte) {
		if a, ok := newAsset(name, body); ok {
			renames = append(renames, "../"+name, a.Path)
			t.byName[name], t.byPath[a.Path] = a, a
		}
	}
	for _, dir := range []string{"fonts", "img", "js"} {
		entries, err := fs.ReadDir(files, dir)
		if err != nil {
			panic("static: " + err.Error()) // the folders are part of the program
		}
		for _, e := range entries {
			add(dir+"/"+e.Name(), read(dir+"/"+e.Name()))
		}
	}
	var css []byte
	for _, name := range sheets {
		css = append(css, read(name)...)
	}
	add(sheet, []byte(strings.NewReplacer(renames...).Replace(string(css))))
	return t
}

// read returns an embedded file.
func read(name string) []byte {
	body, err := files.ReadFile(name)
	if err != nil {
		panic("static: " + err.Error()) // the files are part of the program
	}
	return body
}

// newAsset names and compresses body; false when its ending is not served.
func newAsset(name string, body []byte) (Asset, bool) {
	ext := path.Ext(name)
	typ, ok := types[ext]
	if !ok {
		return Asset{}, false
	}
	sum := sha256.Sum256(body)
	a := Asset{
		Path: Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
		Type: typ,
		Body: body,
	}
	if ext != ".woff2" { // is brotli already
		a.Gzip = smaller(body, zip(body))
		a.Brotli = smaller(body, squeeze(body))
	}
	return a, true
}

func smaller(plain, packed []byte) []byte {
	if len(packed) >= len(plain) {
		return nil
	}
	return packed
}

func zip(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic("static: " + err.Error()) // the level is a constant
	}
	_, _ = w.Write(body) // writing to memory does not fail
	_ = w.Close()
	return b.Bytes()
}

func squeeze(body []byte) []byte {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, brotli.BestCompression)
	_, _ = w.Write(body) // writing to memory does not fail
	_ = w.Close()
	return b.Bytes()
}

package testbrowser

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// The rules by which pages are judged are axe-core's. npm fetches the one file
// of it that is used, once, into the user's cache directory.
const (
	axePackage = "axe-core@4.14.1"
	axeFile    = "package/axe.min.js"
	axeSum     = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c" // SHA-256 of axeFile
)

// errNoAxe is that axe-core is not here and npm is not either.
var errNoAxe = errors.New("needs axe-core: install npm, which fetches it")

// axe is the script, read by the first tab that needs it.
var axe = sync.OnceValues(loadAxe)

func loadAxe() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "hackfest", axePackage+".min.js")
	if script, err := os.ReadFile(path); err == nil && isAxe(script) {
		return string(script), nil
	}
	script, err := fetchAxe()
	if err != nil {
		return "", err
	}
	return string(script), keep(path, script)
}

func isAxe(script []byte) bool {
	sum := sha256.Sum256(script)
	return hex.EncodeToString(sum[:]) == axeSum
}

// fetchAxe has npm fetch the package and takes the script out of it.
func fetchAxe() ([]byte, error) {
	if _, err := exec.LookPath("npm"); err != nil {
		return nil, errNoAxe
	}
	dir, err := os.MkdirTemp("", "hackfest-axe-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", dir, axePackage).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack %s: %w: %s", axePackage, err, out)
	}
	packed, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(packed) != 1 {
		return nil, fmt.Errorf("npm pack %s wrote %d files", axePackage, len(packed))
	}
	archive, err := os.ReadFile(packed[0])
	if err != nil {
		return nil, err
	}
	script, err := unpack(archive, axeFile)
	if err == nil && !isAxe(script) {
		err = fmt.Errorf("%s of %s is not the one that this was written for", axeFile, axePackage)
	}
	return script, err
}

// unpack returns one file of a .tar.gz.
func unpack(archive []byte, name string) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if h.Name == name {
			return io.ReadAll(r)
		}
	}
}

// keep writes the file in one step, for other test programs may want it too.
func keep(path string, script []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "axe-")
	if err != nil {
		return err
	}
	_, err = f.Write(script)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

// judge runs axe-core and returns its serious and critical findings as text.
// Targets smaller than 24 by 24 pixels count (WCAG 2.2, 2.5.8).
const judge = `axe.run(document, {
	resultTypes: ["violations"], preload: false, rules: {"target-size": {enabled: true}},
}).then(found => found.violations.filter(v => v.impact === "serious" || v.impact === "critical").flatMap(v => v.nodes.map(n =>
	v.id + " (" + v.impact + "): " + n.target.join(" ") + ": " + n.failureSummary.split("\n").slice(1).map(s => s.trim()).join("; ") + ": " + n.html.slice(0, 200))))`

// Axe returns what axe-core finds serious or critical on the page as it is seen
// now. It needs script.
func (b *Tab) Axe() []string {
	b.t.Helper()
	script, err := axe()
	if errors.Is(err, errNoAxe) {
		missing(b.t, err.Error())
	}
	must(b.t, err)
	if !Eval[bool](b, `!!window.axe`) {
		Eval[bool](b, script+"\n;true")
	}
	return Eval[[]string](b, judge)
}

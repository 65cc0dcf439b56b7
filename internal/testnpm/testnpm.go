// Package testnpm fetches single files of npm packages, for tests: scripts that
// nobody would review in our repository and that the program never serves. npm
// fetches each once, into the user's cache directory.
package testnpm

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
	"path"
	"path/filepath"
	"time"
)

// patience is how long npm may take.
const patience = 2 * time.Minute

// ErrMissing is that a file is not here and npm is not either.
var ErrMissing = errors.New("install npm, which fetches it")

// File is one file of a package.
type File struct {
	Package string // with its version, as in "axe-core@4.14.1"
	Path    string // as the package has it, as in "package/axe.min.js"
	Sum     string // SHA-256, in hexadecimal digits
}

// Load returns the file, and where it is kept.
func (f File) Load() (content []byte, kept string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, "", err
	}
	kept = filepath.Join(cache, "hackfest", f.Package+"-"+path.Base(f.Path))
	if content, err := os.ReadFile(kept); err == nil && f.is(content) {
		return content, kept, nil
	}
	if content, err = f.fetch(); err != nil {
		return nil, "", err
	}
	return content, kept, keep(kept, content)
}

func (f File) is(content []byte) bool {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]) == f.Sum
}

// fetch has npm fetch the package and takes the file out of it.
func (f File) fetch() ([]byte, error) {
	if _, err := exec.LookPath("npm"); err != nil {
		return nil, ErrMissing
	}
	dir, err := os.MkdirTemp("", "hackfest-npm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", dir, f.Package).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack %s: %w: %s", f.Package, err, out)
	}
	packed, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(packed) != 1 {
		return nil, fmt.Errorf("npm pack %s wrote %d files", f.Package, len(packed))
	}
	archive, err := os.ReadFile(packed[0])
	if err != nil {
		return nil, err
	}
	content, err := unpack(archive, f.Path)
	if err == nil && !f.is(content) {
		err = fmt.Errorf("%s of %s is not the one that this was written for", f.Path, f.Package)
	}
	return content, err
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
func keep(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "npm-")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	return err
}

package archtest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	maxFile     = 400     // lines of a file
	maxFunction = 80      // lines of a function, from its name to its brace
	maxPicture  = 200_000 // bytes of a picture
)

// Files beyond these sizes hold more than one concept. Tests and generated files
// are as long as they are.
func TestFilesAndFunctionsAreShort(t *testing.T) {
	t.Parallel()
	n := 0
	for path, src := range sources(t, ".go") {
		if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			continue
		}
		n++
		if lines := bytes.Count(src, []byte("\n")); lines > maxFile {
			t.Errorf("%s has %d lines, more than %d: cut it where a concept ends", path, lines, maxFile)
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if lines := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1; lines > maxFunction {
				t.Errorf("%s: %s has %d lines, more than %d", fset.Position(f.Pos()), f.Name.Name, lines, maxFunction)
			}
		}
	}
	if n < 10 {
		t.Fatalf("found only %d files", n)
	}
}

// A package says, in front of its name in one of its files, what it does. That
// file may be a .templ, whose comment does not reach the generated one.
func TestPackagesHaveComments(t *testing.T) {
	t.Parallel()
	says := map[string]bool{} // by folder
	for path, src := range sources(t, ".go", ".templ") {
		dir := filepath.Dir(path)
		says[dir] = says[dir] || hasPackageComment(string(src))
	}
	for dir, ok := range says {
		if !ok {
			t.Errorf("%s: no file has a comment \"Package … does …\" above its package line", dir)
		}
	}
}

// hasPackageComment looks for "// Package …" above the package line, or for any
// comment right above that of a program.
func hasPackageComment(src string) bool {
	above := ""
	for line := range strings.Lines(src) {
		switch {
		case strings.HasPrefix(line, "// Package "):
			return true
		case strings.HasPrefix(line, "package "):
			return strings.HasPrefix(line, "package main") && strings.HasPrefix(above, "// ")
		}
		above = line
	}
	return false
}

// No package is called by a word that says nothing, and none has an init.
func TestNoEmptyNamesAndNoInit(t *testing.T) {
	t.Parallel()
	const empty = "util utils common helper helpers manager misc shared types base"
	for path, src := range sources(t, ".go") {
		if name := filepath.Base(filepath.Dir(path)); listed(empty, name) {
			t.Errorf("%s: %q says nothing about what is in it", path, name)
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "init" && f.Recv == nil {
				t.Errorf("%s has an init", path)
			}
		}
	}
}

// sources are the files of the module that end in one of the suffixes, by path.
func sources(t *testing.T, suffixes ...string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	top := root(t)
	err := filepath.WalkDir(top, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && path != top && (ownModule(path) || strings.HasPrefix(e.Name(), ".") || e.Name() == "testdata" || e.Name() == "tmp") {
			return filepath.SkipDir
		}
		if !e.IsDir() && slices.Contains(suffixes, filepath.Ext(path)) {
			rel, err := filepath.Rel(top, path)
			if err != nil {
				return err
			}
			found[rel], err = os.ReadFile(path)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func ownModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// Pictures of the docs are downloaded with every checkout.
func TestPicturesAreSmall(t *testing.T) {
	t.Parallel()
	for path, picture := range sources(t, ".png") {
		if len(picture) > maxPicture {
			t.Errorf("%s has %d bytes, more than %d", path, len(picture), maxPicture)
		}
	}
}

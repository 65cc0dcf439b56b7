package ghsync

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/recipe"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// words are the files of an archive, as "path=content", and what was left out.
func (a Archive) words() string {
	var b strings.Builder
	for _, f := range a.Files {
		fmt.Fprintf(&b, "%s=%.20s ", f.Path, f.Data)
	}
	for _, l := range a.Left {
		fmt.Fprintf(&b, "!%s: %s ", l.Path, l.Why)
	}
	return strings.TrimSpace(b.String())
}

// A repository is fetched at one commit, that of the default branch or of what was
// asked for, under the name it has now.
func TestArchive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	r := w.hub.AddRepo("euca/recipes")
	first := r.Push(testgithub.Commit{Files: map[string]string{"bash/a.sh": "#!/bin/sh\n", ".travis.yml": "x"}})
	second := r.Push(testgithub.Commit{Files: map[string]string{"bash/b.sh": "#!/bin/bash\n", ".github/x.sh": "#!/bin/sh\n"}})
	r.Rename("eucalyptus/recipes")
	for _, tt := range []struct{ name, repo, ref, commit, files string }{
		{"the default branch", "eucalyptus/recipes", "", second, "bash/a.sh=#!/bin/sh\n bash/b.sh=#!/bin/bash"},
		{"a commit", "eucalyptus/recipes", first, first, "bash/a.sh=#!/bin/sh"},
		{"a former name", "EUCA/recipes", first, first, "bash/a.sh=#!/bin/sh"},
	} {
		a, err := w.client.Archive(t.Context(), tt.repo, tt.ref)
		if err != nil || a.Commit != tt.commit || a.Repository != "eucalyptus/recipes" || a.words() != tt.files || a.Address != w.hub.Web+"/eucalyptus/recipes" {
			t.Errorf("%s: %+v %q, %v", tt.name, a.Commit, a.words(), err)
		}
	}
	for _, q := range w.hub.Requests() {
		if strings.HasPrefix(q.Path, "/") && q.Token != "" {
			t.Errorf("the token went to %s", q.Path)
		}
	}
}

// A private repository is fetched with the token, which does not go where archives
// are.
func TestArchiveOfAPrivateRepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a token")
	r := w.hub.AddRepo("eucalyptus/secret")
	r.Push(testgithub.Commit{Files: map[string]string{"a.sh": "#!/bin/sh\n"}})
	r.SetPrivate(true)
	if a, err := w.client.Archive(t.Context(), "eucalyptus/secret", ""); err != nil || a.words() != "a.sh=#!/bin/sh" {
		t.Errorf("%q, %v", a.words(), err)
	}
	pages := 0
	for _, q := range w.hub.Requests() {
		if !strings.HasPrefix(q.Path, "/") {
			continue
		}
		if pages++; q.Token != "" {
			t.Errorf("the token went to %s", q.Path)
		}
	}
	if pages != 1 {
		t.Errorf("%d pages were asked", pages)
	}
}

// What stands against an archive is said, with what to do.
func TestNoArchive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	r := w.hub.AddRepo("eucalyptus/recipes")
	r.Push(testgithub.Commit{Files: map[string]string{"a.sh": "#!/bin/sh\n"}})
	elsewhere := func(to string) testgithub.Failure {
		return testgithub.Failure{Path: "tarball", Status: 302, Header: http.Header{"Location": {to}}}
	}
	for _, tt := range []struct {
		name, repo, ref string
		fails           *testgithub.Failure
		kind            fault.Kind
		says            string
	}{
		{"misspelt", "eucalyptus/recipe", "", nil, fault.NotFound, "misspelt, or private. For a private one set HACKFEST_GITHUB_TOKEN"},
		{"no such branch", "eucalyptus/recipes", "none", nil, fault.NotFound, "has no branch, tag or commit none"},
		{"a hostile branch", "eucalyptus/recipes", "a&sha=../..#%", nil, fault.NotFound, "has no branch"},
		{"empty", "eucalyptus/recipes", "", &testgithub.Failure{Path: "/commits", Status: 409, Body: `{"message":"Git Repository is empty."}`}, fault.NotFound, "is empty"},
		{"no commit", "eucalyptus/recipes", "", &testgithub.Failure{Path: "/commits", Status: 200, Body: `[]`}, fault.NotFound, "has no commit"},
		{"a commit that is none", "eucalyptus/recipes", "", &testgithub.Failure{Path: "/commits", Status: 200, Body: `[{"sha":"../../x"}]`}, fault.NotFound, "has no commit"},
		{"a name that is none", "eucalyptus/recipes", "", &testgithub.Failure{Path: "repos/", Status: 200, Body: `{"full_name":"../..","default_branch":"x"}`}, fault.Unavailable, "does not say what"},
		{"legal reasons", "eucalyptus/recipes", "", &testgithub.Failure{Path: "repos/", Status: 451, Body: `{}`}, fault.NotFound, "legal reasons"},
		{"to another host", "eucalyptus/recipes", "", new(elsewhere("http://evil.example/x.tar.gz")), fault.Unavailable, "which is not GitHub"},
		{"to a host that looks alike", "eucalyptus/recipes", "", new(elsewhere("http://127.0.0.1.evil.example/x")), fault.Unavailable, "which is not GitHub"},
		{"to a file", "eucalyptus/recipes", "", new(elsewhere("file:///etc/passwd")), fault.Unavailable, "which is not GitHub"},
		{"on from the archive", "eucalyptus/recipes", "", &testgithub.Failure{Path: "/_codeload/", Status: 302, Header: http.Header{"Location": {"http://evil.example/"}}}, fault.Unavailable, "which is not GitHub"},
		{"round in circles", "eucalyptus/recipes", "", &testgithub.Failure{Path: "/_codeload/", Status: 302, Header: http.Header{"Location": {"/_codeload/again"}}}, fault.Unavailable, "round in circles"},
		{"no archive", "eucalyptus/recipes", "", &testgithub.Failure{Path: "/_codeload/", Status: 404}, fault.Unavailable, "404 Not Found instead of the archive"},
		{"no address", "eucalyptus/recipes", "", &testgithub.Failure{Path: "tarball", Status: 200}, fault.Unavailable, "instead of where the archive is"},
		{"cut off", "eucalyptus/recipes", "", &testgithub.Failure{Path: "/_codeload/"}, fault.Unavailable, "does not answer"},
		{"limits", "eucalyptus/recipes", "", new(testgithub.PrimaryLimit(noon.Add(20 * time.Minute))), fault.Unavailable, "Try again at 12:20 UTC"},
	} {
		w.hub.Heal()
		if tt.fails != nil {
			w.hub.Fail(*tt.fails)
		}
		_, err := w.client.Archive(t.Context(), tt.repo, tt.ref)
		if tt.name == "limits" { // GitHub has said so; who comes then is told until when
			_, err = w.client.Archive(t.Context(), tt.repo, tt.ref)
		}
		if err == nil || fault.KindOf(err) != tt.kind || !strings.Contains(fault.Message(err), tt.says) || strings.Contains(err.Error(), "token=") {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	w.hub.Heal()
	w.wait(time.Hour)
	w.hub.Down()
	if _, err := w.client.Archive(t.Context(), "eucalyptus/recipes", ""); fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Message(err), "the connection is refused") {
		t.Errorf("away: %v", err)
	}
}

// Of an archive only what is a file below its one folder is read, and no more than
// recipes take.
func TestUnpack(t *testing.T) {
	t.Parallel()
	file := func(name, content string) testgithub.Entry {
		return testgithub.Entry{Name: name, Type: tar.TypeReg, Content: content}
	}
	many := make([]testgithub.Entry, recipe.MaxFiles+1)
	for i := range many {
		many[i] = file(fmt.Sprintf("r/%d.sh", i), "")
	}
	pax := func(commit string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		w := tar.NewWriter(z)
		_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": commit}})
		_, _ = w.Close(), z.Close()
		return b.Bytes()
	}
	whole := testgithub.Tarball(file("r/a.sh", strings.Repeat("x", 5000)))
	for _, tt := range []struct {
		name   string
		packed []byte
		want   string // in the words, or in the error
		fails  bool
	}{
		{"files", testgithub.Tarball(testgithub.Entry{Name: "r/", Type: tar.TypeDir}, file("r/a.sh", "a"), file("r/b/c.sh", "c")), "a.sh=a b/c.sh=c", false},
		{"hidden", testgithub.Tarball(file("r/.a", "a"), file("r/.git/config", "a"), file("r/b/.x/c", "c")), "", false},
		{"links and devices", testgithub.Tarball(
			testgithub.Entry{Name: "r/l", Type: tar.TypeSymlink, Link: "/etc/passwd"}, testgithub.Entry{Name: "r/h", Type: tar.TypeLink, Link: "r/l"},
			testgithub.Entry{Name: "r/n", Type: tar.TypeChar}, testgithub.Entry{Name: "r/p", Type: tar.TypeFifo},
		), "!l: it is a link or a device; only files are read !h: it is a link or a device; only files are read !n: it is a link or a device; only files are read !p: it is a link or a device; only files are read", false},
		{"a file that was a link", testgithub.Tarball(testgithub.Entry{Name: "r/l", Type: tar.TypeSymlink, Link: "/etc"}, file("r/l/passwd", "x")), "l/passwd=x !l: it is a link or a device; only files are read", false},
		{"paths that lead out", testgithub.Tarball(file("r/../x", "x"), file("r//etc/x", "x"), file("r/a/../../x", "x"), file("r/./x", "x"), file("r/a//x", "x")), "!../x: its path leads elsewhere !/etc/x: its path leads elsewhere !a/../../x: its path leads elsewhere !./x: its path leads elsewhere !a//x: its path leads elsewhere", false},
		{"a file in no folder", testgithub.Tarball(file("x", "x")), "!: its path leads elsewhere", false},
		{"a path from the root", testgithub.Tarball(file("/etc/passwd", "x")), "etc/passwd=x", false}, // below a folder without a name
		{"twice", testgithub.Tarball(file("r/a", "1"), file("r/a", "2")), "a=1 !a: it is in the archive twice; the first counts", false},
		{"a large file", testgithub.Tarball(file("r/a", strings.Repeat("x", 1<<20))), "a=xxxxxxxxxxxxxxxxxxxx", false},
		{"two folders", testgithub.Tarball(file("r/a", "1"), file("s/a", "2")), `at its top`, true},
		{"another commit", pax(strings.Repeat("b", 40)), "it is of commit", true},
		{"this commit", pax(strings.Repeat("a", 40)), "", false},
		{"too many files", testgithub.Tarball(many...), "more than 5000 files", true},
		{"a bomb", testgithub.Tarball(file("r/a", strings.Repeat("x", recipe.MaxTree+1))), "or 64 MB", true},
		{"cut off", whole[:len(whole)-20], "unexpected EOF", true},
		{"no archive", []byte("<!doctype html>"), "gzip", true},
		{"nothing", nil, "EOF", true},
	} {
		a := Archive{Commit: strings.Repeat("a", 40)}
		err := a.unpack(bytes.NewReader(tt.packed))
		if (err != nil) != tt.fails || err != nil && !strings.Contains(err.Error(), tt.want) || err == nil && a.words() != tt.want {
			t.Errorf("%s: %q, %v", tt.name, a.words(), err)
		}
		for _, f := range a.Files {
			if len(f.Data) > 1<<19 {
				t.Errorf("%s: %d bytes were read of one file", tt.name, len(f.Data))
			}
		}
	}
}

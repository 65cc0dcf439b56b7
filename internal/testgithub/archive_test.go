package testgithub

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-github/v58/github"
)

// An archive has the files of a commit, in a folder of its own, as git makes it.
func TestArchive(t *testing.T) {
	t.Parallel()
	g, r, _ := start(t, "good")
	first := r.Push(Commit{Message: "One", Files: map[string]string{"bash/a.sh": "echo a\n", "b.sh": "echo b\n"}})
	r.Push(Commit{Message: "Two", Files: map[string]string{"b.sh": "", "c.sh": "echo c\n"}})
	r.SetPrivate(true)
	link, _, err := client(t, g, "good").Repositories.GetArchiveLink(t.Context(), "eucalyptus", "recipes", github.Tarball, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	res, body := get(t, link.String(), "", "")
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	if got, want := names(t, []byte(body)), []string{"pax_global_header", "eucalyptus-recipes-*/", "eucalyptus-recipes-*/bash/a.sh", "eucalyptus-recipes-*/c.sh"}; !slices.Equal(got, want) {
		t.Errorf("it has %q, want %q", got, want)
	}
	link.RawQuery = ""
	if res, _ := get(t, link.String(), "", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("a private archive without its token is %s", res.Status)
	}
	tree, _, err := client(t, g, "good").Git.GetTree(t.Context(), "eucalyptus", "recipes", first, true)
	if err != nil || len(tree.Entries) != 2 || tree.Entries[1].GetPath() != "bash/a.sh" || tree.Entries[1].GetSize() != 7 {
		t.Errorf("the tree is %v, %v", tree, err)
	}
	sha, _, err := client(t, g, "good").Repositories.GetCommitSHA1(t.Context(), "eucalyptus", "recipes", first[:10], "")
	if err != nil || sha != first {
		t.Errorf("the commit is %q, %v", sha, err)
	}
	r.SetTarball(Tarball(Entry{Name: "../x", Type: tar.TypeSymlink, Link: "/etc/passwd"}))
	res, body = get(t, g.URL+"repos/eucalyptus/recipes/tarball/main", "good", "")
	if got := names(t, []byte(body)); res.StatusCode != http.StatusOK || !slices.Equal(got, []string{"../x"}) {
		t.Errorf("any archive: %s, %q", res.Status, got)
	}
}

// names are those of an archive's entries, without the commit.
func names(t *testing.T, archive []byte) (list []string) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		name := h.Name
		if i := strings.Index(name, "recipes-"); i >= 0 {
			name = name[:i+8] + "*" + name[i+15:]
		}
		list = append(list, name)
	}
}

package testgithub

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha1" //nolint:gosec // as git names what it keeps
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// codeload is where pages have archives. Enterprise has them there, too.
const codeload = "/_codeload/"

// SetTarball has archives of the repository be these bytes; nil is an archive of
// what the commits hold.
func (r *Repo) SetTarball(b []byte) {
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	r.tarball = b
}

// files are those of a repository up to a commit.
func (r *Repo) files(last int) map[string]string {
	all := map[string]string{}
	for _, c := range r.commits[:last+1] {
		maps.Copy(all, c.Files)
	}
	maps.DeleteFunc(all, func(_, content string) bool { return content == "" })
	return all
}

// tree lists the files of a commit.
func (c *call) tree() *answer {
	i := c.repo.find(c.args[0])
	if i < 0 {
		i = slices.IndexFunc(c.repo.commits, func(x Commit) bool { return treeOf(x) == c.args[0] })
	}
	if i < 0 {
		return notFound()
	}
	files, entries := c.repo.files(i), []object{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if c.query.Get("recursive") == "" && strings.Contains(path, "/") {
			continue
		}
		sha := blobOf(files[path])
		entries = append(entries, object{"path": path, "mode": "100644", "type": "blob", "sha": sha, "size": len(files[path]), "url": c.repo.api("/git/blobs/" + sha)})
	}
	x := c.repo.commits[i]
	return say(http.StatusOK, object{"sha": treeOf(x), "url": c.repo.api("/git/trees/" + treeOf(x)), "tree": entries, "truncated": false})
}

// treeOf names the files of a commit.
func treeOf(c Commit) string {
	sum := sha1.Sum([]byte("tree of " + c.SHA)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

// blobOf is how git names a file's content.
func blobOf(content string) string {
	sum := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

// tarball sends on to where archives are.
func (c *call) tarball() *answer {
	ref := c.repo.branch
	if len(c.args) > 0 {
		ref = c.args[0]
	}
	i := c.repo.find(ref)
	if i < 0 {
		return notFound()
	}
	a := &answer{http.StatusFound, http.Header{}, nil}
	// A private archive is opened by the token in the address it is sent on to.
	a.header.Set("Location", c.g.Web+codeload+c.repo.name+"/legacy.tar.gz/"+c.repo.commits[i].SHA+either(c.repo.private, "?token=opens", ""))
	return a
}

// archive is a page: the files of a commit, in a folder that is named by it.
func (c *call) archive() *answer {
	parts := strings.Split(strings.TrimPrefix(c.r.URL.Path, codeload), "/")
	if len(parts) != 4 {
		return text(http.StatusNotFound, "404: Not Found")
	}
	r := c.g.repo(parts[0] + "/" + parts[1])
	if r == nil || r.private && c.query.Get("token") != "opens" {
		return text(http.StatusNotFound, "404: Not Found")
	}
	i := r.find(parts[3])
	if i < 0 {
		return text(http.StatusNotFound, "404: Not Found")
	}
	body := r.tarball
	if body == nil {
		body = r.pack(i)
	}
	return &answer{http.StatusOK, http.Header{
		"Content-Type":        {"application/x-gzip"},
		"Content-Disposition": {"attachment; filename=" + strings.ReplaceAll(r.name, "/", "-") + ".tar.gz"},
	}, body}
}

// pack makes an archive as git does, with the commit in a header of its own.
func (r *Repo) pack(last int) []byte {
	c, files := r.commits[last], r.files(last)
	folder := strings.ReplaceAll(r.name, "/", "-") + "-" + c.SHA[:7] + "/"
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	entry := func(h tar.Header, content string) {
		h.Size, h.ModTime = int64(len(content)), c.At
		if err := w.WriteHeader(&h); err != nil {
			panic(err) // the test's own paths
		}
		_, _ = w.Write([]byte(content)) // to memory
	}
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": c.SHA}}); err != nil {
		panic(err)
	}
	entry(tar.Header{Typeflag: tar.TypeDir, Name: folder, Mode: 0o775}, "")
	for _, path := range slices.Sorted(maps.Keys(files)) {
		entry(tar.Header{Typeflag: tar.TypeReg, Name: folder + path, Mode: 0o664}, files[path])
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	_ = z.Close() // to memory
	return b.Bytes()
}

// Tarball makes an archive with any entries, hostile ones too, for SetTarball.
func Tarball(entries ...Entry) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := tar.Header{Name: e.Name, Typeflag: e.Type, Linkname: e.Link, Mode: 0o644, Size: int64(len(e.Content)), ModTime: time.Unix(1343894400, 0)}
		if err := w.WriteHeader(&h); err != nil {
			panic(err) // the test's own entries
		}
		_, _ = w.Write([]byte(e.Content)) // to memory
	}
	_ = w.Close() // to memory
	_ = z.Close()
	return b.Bytes()
}

// Entry is one of an archive.
type Entry struct {
	Name    string
	Type    byte   // such as tar.TypeReg
	Link    string // of links
	Content string // of files
}

package ghsync

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/recipe"
)

// archiveTime is for a whole archive.
const archiveTime = 2 * time.Minute

// Archive is what a repository holds at one commit, as far as it can be recipes.
type Archive struct {
	Repository string // owner/name, as GitHub spells it
	Address    string // of its page
	Commit     string
	Files      []recipe.File
	Left       []recipe.Left // what is no file
}

// Archive fetches what a repository holds at ref, a branch, a tag or a commit; ""
// is its default branch. It is kept in memory alone. What stands against it is a
// fault that says what to do.
func (c *Client) Archive(ctx context.Context, repo, ref string) (Archive, error) {
	var about struct {
		Name   string `json:"full_name"`
		Branch string `json:"default_branch"`
	}
	if _, err := c.ask(urgent(ctx), "repos/"+repo, "", &about); err != nil {
		return Archive{}, c.noArchive(err, repo, "")
	}
	a := Archive{Repository: about.Name, Address: c.access.Web + "/" + about.Name}
	if !repositoryName.MatchString(a.Repository) {
		return a, fault.New(fault.Unavailable, "GitHub does not say what %s is called. Try again later.", repo)
	}
	if ref == "" {
		ref = about.Branch
	}
	var commits []struct {
		SHA string `json:"sha"`
	}
	if _, err := c.ask(urgent(ctx), "repos/"+a.Repository+"/commits?per_page=1&sha="+url.QueryEscape(ref), "", &commits); err != nil {
		return a, c.noArchive(err, a.Repository, ref)
	}
	if len(commits) == 0 || !commitName.MatchString(commits[0].SHA) {
		return a, fault.New(fault.NotFound, "%s has no commit at %s.", a.Repository, ref)
	}
	a.Commit = commits[0].SHA
	err := c.fetch(ctx, &a)
	return a, err
}

var (
	repositoryName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}$`)
	commitName     = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
)

// noArchive says why GitHub gives no archive, and what to do.
func (c *Client) noArchive(err error, repo, ref string) error {
	if b, ok := errors.AsType[*Blocked](err); ok {
		return &fault.Error{Kind: fault.Unavailable, Err: err, Message: fmt.Sprintf("%s Try again at %s.", b.Reason, b.Until.UTC().Format("15:04 UTC"))}
	}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // the address of a private archive opens it
	}
	kind, message := fault.Unavailable, ""
	switch status := statusOf(err); {
	case status == http.StatusNotFound && ref != "", status == http.StatusUnprocessableEntity:
		kind, message = fault.NotFound, fmt.Sprintf("%s has no branch, tag or commit %s.", repo, ref)
	case status == http.StatusNotFound && c.access.Token == "":
		kind, message = fault.NotFound, fmt.Sprintf("GitHub knows no %s: it is misspelt, or private. For a private one set HACKFEST_GITHUB_TOKEN.", repo)
	case status == http.StatusNotFound:
		kind, message = fault.NotFound, fmt.Sprintf("GitHub knows no %s, or does not show it to whom HACKFEST_GITHUB_TOKEN belongs.", repo)
	case status == http.StatusConflict:
		kind, message = fault.NotFound, fmt.Sprintf("%s is empty.", repo)
	case status == http.StatusUnavailableForLegalReasons:
		kind, message = fault.NotFound, fmt.Sprintf("GitHub shows nobody %s, for legal reasons.", repo)
	case status == http.StatusForbidden || status == http.StatusTooManyRequests:
		message = "GitHub refuses for now. Try again in an hour, or set HACKFEST_GITHUB_TOKEN."
	case status != 0:
		message = fmt.Sprintf("GitHub answers %d %s. Try again later, or clone the repository and give its folder.", status, http.StatusText(status))
	default:
		message = fmt.Sprintf("GitHub does not answer: %s. Try again later, or clone the repository and give its folder.", wordsOf(err))
	}
	return &fault.Error{Kind: kind, Message: message, Err: err}
}

// fetch fills in the files of a.
func (c *Client) fetch(ctx context.Context, a *Archive) error {
	ctx, cancel := context.WithTimeout(ctx, archiveTime)
	defer cancel()
	from, err := c.archiveAt(ctx, a)
	if err != nil {
		return c.noArchive(err, a.Repository, a.Commit)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, from.String(), nil)
	if err != nil {
		return err
	}
	r.Header.Set("User-Agent", c.agent)
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: callTime, DisableKeepAlives: true}}
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if len(via) > maxFollow {
			return fault.New(fault.Unavailable, "GitHub sends us round in circles for the archive.")
		}
		return c.mayHoldArchives(next.URL)
	}
	resp, err := client.Do(r)
	if err != nil {
		return c.noArchive(err, a.Repository, a.Commit)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "GitHub answers %d %s instead of the archive. Try again later, or clone the repository and give its folder.", resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	if err := a.unpack(resp.Body); err != nil {
		if _, ok := errors.AsType[*fault.Error](err); ok {
			return err
		}
		return &fault.Error{Kind: fault.Unavailable, Err: err, Message: "The archive that GitHub sent is broken. Try again later, or clone the repository and give its folder."}
	}
	return nil
}

// archiveAt asks where the archive is. The address opens a private one by itself,
// so the token does not go there.
func (c *Client) archiveAt(ctx context.Context, a *Archive) (*url.URL, error) {
	r, err := http.NewRequestWithContext(stay(urgent(ctx)), http.MethodGet, c.access.API+"repos/"+a.Repository+"/tarball/"+a.Commit, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close() // there is nothing in it
	to, err := resp.Location()
	if err != nil {
		return nil, fault.New(fault.Unavailable, "GitHub answers %d %s instead of where the archive is. Try again later, or clone the repository and give its folder.", resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	return to, c.mayHoldArchives(to)
}

// mayHoldArchives is nil when archives may come from an address: GitHub's API, its
// pages, or what is called codeload beside those.
func (c *Client) mayHoldArchives(u *url.URL) error {
	api, err := url.Parse(c.access.API)
	if err != nil {
		return err
	}
	pages, err := url.Parse(c.access.Web)
	if err != nil {
		return err
	}
	if u.Scheme == api.Scheme && (u.Host == api.Host || u.Host == pages.Host || u.Host == "codeload."+pages.Host) {
		return nil
	}
	return fault.New(fault.Unavailable, "GitHub sends us to %s://%s for the archive, which is not GitHub. Nothing was fetched from there.", u.Scheme, u.Host)
}

// unpack reads an archive: nothing is written, no link followed, and no more read
// than a repository of recipes holds.
func (a *Archive) unpack(packed io.Reader) error {
	z, err := gzip.NewReader(&short{packed, recipe.MaxTree})
	if err != nil {
		return err
	}
	t := tar.NewReader(&short{z, recipe.MaxTree})
	seen, top := map[string]bool{}, ""
	for n := 0; ; n++ {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n >= 2*recipe.MaxFiles || len(a.Files)+len(a.Left) >= recipe.MaxFiles {
			return errTooLarge
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			if of := h.PAXRecords["comment"]; of != "" && of != a.Commit {
				return fmt.Errorf("it is of commit %q", of)
			}
			continue
		}
		folder, name, _ := strings.Cut(h.Name, "/")
		if top == "" {
			top = folder
		}
		if folder != top {
			return fmt.Errorf("it holds %q and %q at its top", top, folder)
		}
		if h.Typeflag == tar.TypeDir {
			continue
		}
		if err := a.add(h, name, seen, t); err != nil {
			return err
		}
	}
}

// errTooLarge is that an archive holds more than recipes.
var errTooLarge = fault.New(fault.Invalid, "The repository holds more than %d files or %d MB. Is it a repository of recipes?", recipe.MaxFiles, recipe.MaxTree>>20)

// add adds one entry of an archive. What is hidden is not looked at.
func (a *Archive) add(h *tar.Header, name string, seen map[string]bool, content io.Reader) error {
	left := func(why string) error {
		a.Left = append(a.Left, recipe.Left{Path: name, Why: why})
		return nil
	}
	switch {
	case name == "" || path.IsAbs(name) || path.Clean(name) != name || name == ".." || strings.HasPrefix(name, "../"):
		return left("its path leads elsewhere")
	case strings.HasPrefix(name, ".") || strings.Contains(name, "/."):
		return nil
	case h.Typeflag != tar.TypeReg:
		return left("it is a link or a device; only files are read")
	case seen[name]:
		return left("it is in the archive twice; the first counts")
	}
	seen[name] = true
	data, err := io.ReadAll(io.LimitReader(content, hackfest.MaxRecipeSource+1))
	if err != nil {
		return err
	}
	a.Files = append(a.Files, recipe.File{Path: name, Data: data})
	return nil
}

// short reads at most so many bytes, and says when there are more.
type short struct {
	io.Reader
	left int64
}

func (s *short) Read(b []byte) (int, error) {
	if s.left <= 0 {
		return 0, errTooLarge
	}
	n, err := s.Reader.Read(b[:min(int64(len(b)), s.left)])
	s.left -= int64(n)
	return n, err
}

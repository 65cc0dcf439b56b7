package app

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/recipe"
	"github.com/eucalyptus/hackfest/internal/store"
)

// RecipesImport says which repository of recipes to bring in.
type RecipesImport struct {
	Path       string // folder, or "owner/repo" on GitHub
	Ref        string // branch, tag or commit of a repository on GitHub; "" is its default branch
	Repository string // its address or name; "" is that of its origin, or the folder's name
}

// RecipesReport is what an import of recipes did.
type RecipesReport struct {
	Repository string
	Commit     string // that is checked out, or was fetched; "" is none that is known
	NoCommit   string // why not; "" when there is one, or when it is no checkout
	Found      []hackfest.ImportedRecipe
	Changed    []string          // paths of files that are not as they are in Commit
	Gone       []hackfest.Recipe // offered here, and not found there any more
	Left       []recipe.Left
}

var onGitHub = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)

// ImportRecipes brings the recipes of a folder or of a repository on GitHub in, all
// of them or none. Brought in again they change only where that changed.
func (k Keeper) ImportRecipes(ctx context.Context, in RecipesImport) (report RecipesReport, err error) {
	if in.Repository != "" && !repositoryName(in.Repository) {
		return report, fault.New(fault.Invalid, "--repository %q: write the address of the repository, or a name of at most %d signs.", in.Repository, maxRepository)
	}
	err = k.read(ctx, func(st *store.Store) error {
		files, git, err := k.recipeFiles(ctx, st, in, &report)
		if err != nil {
			return err
		}
		found, left := recipe.Tree(files)
		report.Left = append(report.Left, left...)
		report.Commit, report.NoCommit, report.Repository = git.commit, git.why, in.Repository
		if report.Repository == "" {
			report.Repository = repositoryOf(git.origin, in.Path)
		}
		return st.InTx(ctx, func(tx *store.Store) error { return k.addRecipes(ctx, tx, found, git, &report) })
	})
	return report, err
}

// recipeFiles reads what is to be brought in, and what git knows of it. What is
// not read is put into report.
func (k Keeper) recipeFiles(ctx context.Context, st *store.Store, in RecipesImport, report *RecipesReport) (files []recipe.File, git checkout, err error) {
	info, err := os.Stat(in.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && onGitHub.MatchString(in.Path):
		return k.filesOnGitHub(ctx, st, in, report)
	case err != nil:
		return nil, git, fault.New(fault.NotFound, "%s cannot be read: %s.", in.Path, reason(err))
	case !info.IsDir():
		return nil, git, fault.New(fault.Invalid, "%s is a file. Give the folder of a repository of recipes.", in.Path)
	case in.Ref != "":
		return nil, git, fault.New(fault.Invalid, "--ref is for a repository on GitHub, and %s is a folder here: check that commit out.", in.Path)
	}
	if files, report.Left, err = readTree(in.Path); err != nil {
		return nil, git, err
	}
	return files, checkoutOf(ctx, in.Path), nil
}

// addRecipes brings in what was found.
func (k Keeper) addRecipes(ctx context.Context, tx *store.Store, found []hackfest.FoundRecipe, git checkout, report *RecipesReport) error {
	there := map[string]bool{}
	for _, f := range found {
		if git.holds(f) {
			f.Commit = git.commit
		} else if git.commit != "" {
			report.Changed = append(report.Changed, f.Path)
		}
		f.Repository, f.Path = report.Repository, git.prefix+f.Path
		tooLong := len(f.Path) > recipe.MaxPath
		for i := range f.Files {
			f.Files[i].Path = git.prefix + f.Files[i].Path
			tooLong = tooLong || len(f.Files[i].Path) > recipe.MaxPath
		}
		if tooLong {
			report.Left = append(report.Left, recipe.Left{Path: f.Path, Why: "its name in the repository is too long"})
			continue
		}
		there[f.Path] = true
		done, err := tx.ImportRecipe(ctx, f, k.Now().UTC())
		if err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
		report.Found = append(report.Found, done)
	}
	all, err := tx.Recipes(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Repository == report.Repository && r.RetiredAt.IsZero() && strings.HasPrefix(r.Path, git.prefix) && !there[r.Path] {
			report.Gone = append(report.Gone, r)
		}
	}
	return k.audit(ctx, tx, "import recipes", report.Repository, nil, map[string]any{"recipes": len(found), "commit": git.commit})
}

// readTree reads the files of a folder. No link is followed, so nothing outside
// is read; what is no file is left out.
func readTree(dir string) (files []recipe.File, left []recipe.Left, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fault.New(fault.NotFound, "%s cannot be read: %s.", dir, reason(err))
	}
	defer func() { _ = root.Close() }()
	total := 0
	err = fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		hidden := p != "." && strings.HasPrefix(path.Base(p), ".")
		switch {
		case err != nil && p == ".":
			return fault.New(fault.NotFound, "%s cannot be read: %s.", dir, reason(err))
		case err != nil:
			left = append(left, recipe.Left{Path: p, Why: reason(err)})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() && hidden:
			return fs.SkipDir
		case d.IsDir() || hidden:
		case !d.Type().IsRegular():
			left = append(left, recipe.Left{Path: p, Why: "it is a link or a device; only files are read"})
		default:
			if len(files)+len(left) >= recipe.MaxFiles || total > recipe.MaxTree {
				return fault.New(fault.Invalid, "%s holds more than %d files or %d MB. Is it a repository of recipes?", dir, recipe.MaxFiles, recipe.MaxTree>>20)
			}
			data, err := readFile(root, p)
			if err != nil {
				left = append(left, recipe.Left{Path: p, Why: reason(err)})
				return nil
			}
			total += len(data)
			files = append(files, recipe.File{Path: p, Data: data})
		}
		return nil
	})
	return files, left, err
}

// readFile reads a file that is still one, and no more than is looked at.
func readFile(root *os.Root, p string) ([]byte, error) {
	f, err := root.OpenFile(p, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New("it is no file"))
	}
	return io.ReadAll(io.LimitReader(f, hackfest.MaxRecipeSource+1))
}

// checkout is what git knows of a folder.
type checkout struct {
	commit string // that is checked out; "" is none
	origin string // address it comes from; may be empty
	why    string // there is no commit although it is a checkout
	whole  bool   // what was read is the commit itself
	prefix string // path of the folder in the repository, with a slash at the end; "" is its top, or no checkout
	blobs  map[string]string
}

// gitFor is how long git may take for its answers, which it has at once.
const gitFor = 20 * time.Second

// checkoutOf asks git about a folder. Nothing there makes git fetch or run
// anything, or wait.
func checkoutOf(ctx context.Context, dir string) checkout {
	var c checkout
	ctx, cancel := context.WithTimeout(ctx, gitFor)
	defer cancel()
	ask := func(args ...string) (string, error) {
		g := exec.CommandContext(ctx, "git", append([]string{"-C", dir, "--no-optional-locks", "--literal-pathspecs"}, args...)...)
		g.Env = []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LC_ALL=C", "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1",
			"GIT_TERMINAL_PROMPT=0", "GIT_CEILING_DIRECTORIES=",
		}
		g.WaitDelay = time.Second
		out, err := g.Output()
		return string(out), err
	}
	if _, err := exec.LookPath("git"); err != nil {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			c.why = "git is not installed"
		}
		return c
	}
	head, err := ask("rev-parse", "--verify", "HEAD^{commit}")
	if ctx.Err() != nil {
		c.why = "git does not answer"
		return c
	}
	if err != nil {
		if x, ok := errors.AsType[*exec.ExitError](err); ok && !bytes.Contains(x.Stderr, []byte("not a git repository")) {
			c.why = "git says " + plainLine(x.Stderr)
		}
		return c
	}
	prefix, err := ask("rev-parse", "--show-prefix")
	if err != nil {
		return c
	}
	list, err := ask("ls-tree", "-r", "-z", "--full-tree", "HEAD")
	if err != nil {
		c.why = "git cannot list its files"
		return c
	}
	c.commit, c.prefix, c.blobs = strings.TrimSpace(head), strings.TrimSuffix(prefix, "\n"), map[string]string{}
	for entry := range strings.SplitSeq(list, "\x00") {
		about, name, ok := strings.Cut(entry, "\t")
		if words := strings.Fields(about); ok && len(words) == 3 && words[1] == "blob" {
			c.blobs[name] = words[2]
		}
	}
	origin, _ := ask("config", "--local", "--get", "remote.origin.url") // most have one
	c.origin = strings.TrimSpace(origin)
	return c
}

// holds reports whether all files of a recipe are in the commit as they were read.
func (c checkout) holds(f hackfest.FoundRecipe) bool {
	if c.whole {
		return true
	}
	same := func(p, text string) bool {
		h := sha1.New() // git's own; nobody's secret depends on it
		fmt.Fprintf(h, "blob %d\x00%s", len(text), text)
		return c.blobs[c.prefix+p] == hex.EncodeToString(h.Sum(nil))
	}
	for _, x := range f.Files {
		if !same(x.Path, x.Text) {
			return false
		}
	}
	return c.commit != "" && same(f.Path, f.Source)
}

// plainLine is the first line of what a program said, without control characters.
func plainLine(said []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(said), []byte("\n"))
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(line), "?"))
}

// maxRepository is how long the name of a repository is at most.
const maxRepository = 200

// repositoryName reports whether a repository may be called so.
func repositoryName(name string) bool {
	return name != "" && len(name) <= maxRepository && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '\\' })
}

var scpLike = regexp.MustCompile(`^(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9.-]+):([^/].*)$`)

// repositoryOf is the address of a repository for people, from the address git
// has it from, else the name of its folder.
func repositoryOf(origin, dir string) string {
	if m := scpLike.FindStringSubmatch(origin); m != nil && !strings.Contains(origin, "://") {
		origin = "https://" + m[1] + "/" + m[2]
	}
	u, err := url.Parse(origin)
	if err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" || u.Scheme == "git" || u.Scheme == "ssh") {
		if u.Scheme != "http" {
			u.Scheme = "https"
		}
		u.User, u.RawQuery, u.Fragment, u.Host = nil, "", "", u.Hostname()
		u.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), ".git")
		if name := u.String(); repositoryName(name) {
			return name
		}
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		abs = dir
	}
	if name := filepath.Base(abs); repositoryName(name) {
		return name
	}
	return "recipes"
}

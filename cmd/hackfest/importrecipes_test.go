package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// gitAt runs git in a folder.
func gitAt(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// needGit skips where git is missing; with CI set it fails.
func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err == nil {
		return
	} else if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip("git is not installed")
}

// A checkout comes in with its commit and its address; brought in again nothing is
// added, and what changed is a new version. What stands in it makes git run
// nothing.
func TestImportRecipesOfACheckout(t *testing.T) {
	t.Parallel()
	needGit(t)
	url, dir := testdb.URL(t), t.TempDir()
	ran := filepath.Join(t.TempDir(), "ran")
	put(t, "#!/bin/bash\n# Makes a broker.\nX=1\n", dir, "bash", "fedora", "broker.sh")
	put(t, "Needs an xlarge.\n", dir, "bash", "fedora", "broker.README")
	put(t, "#!/bin/sh\n", dir, "bootstrap", "puppet", "centos", "centos6_setup.sh")
	put(t, "#!/bin/sh\n", dir, "bootstrap", "chef", "centos", "centos6_setup.sh")
	put(t, "#cloud-config\nhostname: x\n", dir, "cloud-init", "cloud-init-lamp.config")
	put(t, "class euca {}\n", dir, "puppet", "euca", "manifests", "init.pp")
	gitAt(t, dir, "init", "-q")
	gitAt(t, dir, "remote", "add", "origin", "git@github.com:eucalyptus/recipes.git")
	gitAt(t, dir, "config", "core.fsmonitor", "touch "+ran)
	gitAt(t, dir, "config", "core.pager", "touch "+ran)
	gitAt(t, dir, "add", ".")
	gitAt(t, dir, "commit", "-q", "-m", "recipes")
	_ = os.Remove(ran) // so far it was git itself, asked by this test
	commit := gitAt(t, dir, "rev-parse", "HEAD")
	put(t, "#!/bin/sh\necho not committed\n", dir, "bash", "new.sh")

	status, out, errs := importAt(t.Context(), url, "recipes", dir)
	for _, want := range []string{
		"broker: new", "puppet-centos6-setup: new", "chef-centos6-setup: new", "lamp: new", "euca: new", "new: new",
		"6 recipes of https://github.com/eucalyptus/recipes: 6 new, 0 changed, 0 as they were", "commit: " + commit,
		"not as they are in the commit: 1 recipe, such as bash/new.sh",
	} {
		if status != 0 || !strings.Contains(out, want) {
			t.Errorf("%d: %q is missing\n%s%s", status, want, out, errs)
		}
	}
	if _, out, _ = importAt(t.Context(), url, "recipes", dir); !strings.Contains(out, "0 new, 0 changed, 6 as they were") {
		t.Errorf("the second time:\n%s", out)
	}
	st := openStore(t, url)
	x, err := st.Recipe(t.Context(), "broker")
	if err != nil {
		t.Fatal(err)
	}
	v, err := st.RecipeVersion(t.Context(), x.ID, 0)
	if err != nil || v.Commit != commit || v.Readme != "Needs an xlarge.\n" || x.Summary != "Needs an xlarge." {
		t.Errorf("%+v %+v, %v", x, v, err)
	}
	put(t, "#!/bin/bash\nX=2\n", dir, "bash", "fedora", "broker.sh")
	if _, out, _ = importAt(t.Context(), url, "recipes", dir); !strings.Contains(out, "broker: a new version") || !strings.Contains(out, "0 new, 1 changed") {
		t.Errorf("after a change:\n%s", out)
	}
	if v, err = st.RecipeVersion(t.Context(), x.ID, 0); err != nil || v.Number != 2 || v.Commit != "" {
		t.Errorf("what is in no commit is said to be in one: %+v, %v", v, err)
	}
	gitAt(t, dir, "add", ".")
	gitAt(t, dir, "-c", "core.fsmonitor=", "commit", "-q", "-m", "more")
	_ = os.Remove(ran)
	if err := os.Remove(filepath.Join(dir, "bash", "new.sh")); err != nil {
		t.Fatal(err)
	}
	if _, out, _ = importAt(t.Context(), url, "recipes", dir); !strings.Contains(out, "5 recipes") || !strings.Contains(out, "not there: new, which was bash/new.sh") {
		t.Errorf("after one was deleted:\n%s", out)
	}
	if v, err = st.RecipeVersion(t.Context(), x.ID, 0); err != nil || v.Number != 2 || v.Commit != gitAt(t, dir, "rev-parse", "HEAD") {
		t.Errorf("what is in a commit now is said to be in none: %+v, %v", v, err)
	}
	_, out, _ = importAt(t.Context(), url, "recipes", filepath.Join(dir, "cloud-init"))
	if !strings.Contains(out, "1 recipe of https://github.com/eucalyptus/recipes: 0 new, 0 changed, 1 as they were") || strings.Contains(out, "not there:") {
		t.Errorf("a folder of it:\n%s", out)
	}
	if _, err := os.Stat(ran); !errors.Is(err, os.ErrNotExist) {
		t.Error("the checkout made git run a command")
	}
}

// Nothing outside the folder is read, what is no recipe is listed by a name that
// does no harm to a terminal, and nothing of it holds up the rest.
func TestImportRecipesOfAHostileFolder(t *testing.T) {
	t.Parallel()
	url, dir, outside := testdb.URL(t), filepath.Join(t.TempDir(), "my recipes"), t.TempDir()
	put(t, "#!/bin/sh\n# secret\n", outside, "secret.sh")
	put(t, "#!/bin/sh\n", dir, "good.sh")
	put(t, "#!/bin/sh\n\x00", dir, "binary.sh")
	put(t, "#!/bin/sh\n"+strings.Repeat("#", 1<<20), dir, "huge.sh")
	put(t, "#!/bin/sh\n# caf\xe9\n", dir, "latin.sh")
	put(t, "#!/bin/sh\n", dir, "a\x1b[31m\nb.sh")
	put(t, "#!/bin/sh\n", dir, "-rf $(id).sh")
	put(t, "#!/bin/sh\n", dir, ".hidden", "x.sh")
	for from, to := range map[string]string{"link.sh": filepath.Join(outside, "secret.sh"), "folder": outside, "loop": ".", "up": "../../.."} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.sh"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, errs := importAt(t.Context(), url, "recipes", dir)
	if status != 0 || strings.Contains(out, "secret") || strings.ContainsAny(out, "\x1b\x00") {
		t.Errorf("%d\n%s%s", status, out, errs)
	}
	for _, want := range []string{
		"good: new", "rf-id: new", "2 recipes of recipes: 2 new", "left out: 9 files", `"binary.sh": it is no text`, `"huge.sh": it is larger than 256 KB`,
		`"latin.sh": it is not UTF-8`, `"a\x1b[31m\nb.sh": its name has signs that cannot be seen`, `"link.sh": it is a link`, `"pipe.sh": it is a link or a device`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing\n%s", want, out)
		}
	}
	for _, tt := range []struct{ name, path, want string }{
		{"nowhere", filepath.Join(dir, "none"), "cannot be read"},
		{"a file", filepath.Join(dir, "good.sh"), "is a file"},
	} {
		if status, _, errs := importAt(t.Context(), url, "recipes", tt.path); status == 0 || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: %d %s", tt.name, status, errs)
		}
	}
	if status, _, errs := importAt(t.Context(), url, "recipes", dir, "--repository", "a b"); status == 0 || !strings.Contains(errs, "--repository") {
		t.Errorf("a name with a blank: %d %s", status, errs)
	}
}

// A repository on GitHub comes in as its checkout does, with the commit that was
// fetched; its name without a folder of that name is enough.
func TestImportRecipesOfGitHub(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	hub := testgithub.Start(t, testgithub.Options{})
	r := hub.AddRepo("eucalyptus/recipes")
	first := r.Push(testgithub.Commit{Files: map[string]string{"bash/fedora/broker.sh": "#!/bin/bash\n# Makes a broker.\nX=1\n", "LICENSE": "BSD\n"}})
	second := r.Push(testgithub.Commit{Files: map[string]string{"bash/fedora/broker.sh": "#!/bin/bash\n# Makes a broker.\nX=2\n"}})
	for _, tt := range []struct {
		args   []string
		status int
		want   []string
	}{
		{[]string{"--ref", first}, 0, []string{"broker: new", "1 recipe of http://127.0.0.1/eucalyptus/recipes: 1 new", "commit: " + first, `"LICENSE": it is no recipe`}},
		{nil, 0, []string{"broker: a new version", "0 new, 1 changed", "commit: " + second}},
		{nil, 0, []string{"0 new, 0 changed, 1 as they were"}},
		{[]string{"--ref", "none"}, 1, []string{"has no branch, tag or commit none"}},
	} {
		status, out, errs := importAt(t.Context(), url, append([]string{"recipes", "eucalyptus/recipes", "--github-api", hub.URL}, tt.args...)...)
		for _, want := range tt.want {
			if status != tt.status || !strings.Contains(out+errs, want) {
				t.Errorf("%v: %d, %q is missing\n%s%s", tt.args, status, want, out, errs)
			}
		}
	}
	if status, _, errs := importAt(t.Context(), url, "recipes", t.TempDir(), "--ref", "x"); status == 0 || !strings.Contains(errs, "--ref is for a repository on GitHub") {
		t.Errorf("--ref of a folder: %d %s", status, errs)
	}
	st := openStore(t, url)
	x, err := st.Recipe(t.Context(), "broker")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := st.RecipeVersion(t.Context(), x.ID, 0); err != nil || v.Number != 2 || v.Commit != second || !strings.Contains(v.Source, "X=2") {
		t.Errorf("%+v, %v", v, err)
	}
}

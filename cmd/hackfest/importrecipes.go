package main

import (
	"context"
	"fmt"

	"github.com/eucalyptus/hackfest/internal/app"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/settings"
)

// importRecipesCmd is hackfest import recipes.
type importRecipesCmd struct {
	Path       string `arg:"" help:"Folder of a repository of recipes, such as a git checkout, or owner/repo on GitHub."`
	Ref        string `help:"Branch, tag or commit on GitHub; the default branch otherwise." placeholder:"NAME"`
	Repository string `help:"Address or name of the repository; that of git's origin by default, or the folder's name." placeholder:"URL"`
	atPortal
	GitHubToken string `name:"github-token" hidden:"" env:"HACKFEST_GITHUB_TOKEN"`
	GitHubAPI   string `name:"github-api" hidden:"" env:"HACKFEST_GITHUB_API"`
}

// Help is what follows the flags.
func (importRecipesCmd) Help() string {
	return `Boot scripts become recipes: shell scripts, cloud-configs, and modules of Puppet, Chef and Ansible. The layout of
eucalyptus/recipes is understood: folders for what runs a recipe and for the distribution it is for, NAME.README
beside NAME.sh. In the comment at its top a recipe may say "Ports: 22, 53/udp", "Smallest: m1.xlarge" and
"Target: openshift-origin". Import the folder again when it has changed: a recipe that says something else gets a
new version, what people wrote about it stays. What is no recipe is listed.

owner/repo is fetched from GitHub when there is no folder of that name, at the newest commit of its default branch
or of --ref. A private repository needs HACKFEST_GITHUB_TOKEN; HACKFEST_GITHUB_API leads to a GitHub Enterprise.`
}

// Run imports.
func (c importRecipesCmd) Run(ctx context.Context, s streams) error {
	k, err := c.keeperWith(s, settings.Hub{GitHubToken: c.GitHubToken, GitHubAPI: c.GitHubAPI})
	if err != nil {
		return err
	}
	report, err := k.ImportRecipes(ctx, app.RecipesImport{Path: c.Path, Ref: c.Ref, Repository: c.Repository})
	if err != nil {
		return err
	}
	line := func(format string, args ...any) { fmt.Fprintln(s.out, plain(fmt.Sprintf(format, args...))) }
	added, changed := 0, 0
	for _, f := range report.Found {
		switch {
		case f.New:
			added++
			line("%s: new", f.Slug)
		case f.Changed:
			changed++
			line("%s: a new version", f.Slug)
		}
	}
	line("%s of %s: %d new, %d changed, %d as they were", irctext.Count(len(report.Found), "recipe"), report.Repository, added, changed, len(report.Found)-added-changed)
	if report.Commit != "" {
		line("commit: %s", report.Commit)
	}
	if report.NoCommit != "" {
		line("commit: not known, %s", report.NoCommit)
	}
	if n := len(report.Changed); n > 0 {
		line("not as they are in the commit: %s, such as %s", irctext.Count(n, "recipe"), report.Changed[0])
	}
	for _, r := range report.Gone {
		line("not there: %s, which was %s; retire it on its page when nobody needs it", r.Slug, r.Path)
	}
	for i, l := range report.Left {
		if i == 0 {
			line("left out: %s", irctext.Count(len(report.Left), "file"))
		}
		if i == 20 {
			line("  and %d more", len(report.Left)-i)
			break
		}
		line("  %q: %s", l.Path, l.Why)
	}
	return nil
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// adminRepository is hackfest admin repository.
type adminRepository struct {
	Add    adminRepositoryAdd    `cmd:"" help:"Keep a repository on GitHub in step here."`
	List   adminRepositoryList   `cmd:"" help:"List the repositories that are kept in step."`
	Remove adminRepositoryRemove `cmd:"" help:"Ask GitHub about a repository no more, and show nothing of it."`
}

// Help is what follows the flags.
func (adminRepository) Help() string {
	return `A portal that runs asks GitHub about a new repository within a minute or two. Which targets, series and
sessions it belongs to is chosen on their forms; /admin/repositories shows how a webhook is set up.`
}

type adminRepositoryAdd struct {
	Repository string            `arg:"" help:"owner/name, or its address."`
	Visibility person.Visibility `help:"Who sees what is known of it: public or members." enum:"public,members" default:"public"`
	atPortal
	GitHubAPI string `name:"github-api" hidden:"" env:"HACKFEST_GITHUB_API"`
}

// Run registers the repository.
func (c adminRepositoryAdd) Run(ctx context.Context, s streams) error {
	k, err := c.keeperAt(s, c.GitHubAPI)
	if err != nil {
		return err
	}
	name, err := k.AddRepository(ctx, c.Repository, c.Visibility)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s is registered\n", name)
	return err
}

type adminRepositoryRemove struct {
	Repository string `arg:"" help:"owner/name, or its address."`
	atPortal
	GitHubAPI string `name:"github-api" hidden:"" env:"HACKFEST_GITHUB_API"`
}

// Run takes the repository off.
func (c adminRepositoryRemove) Run(ctx context.Context, s streams) error {
	k, err := c.keeperAt(s, c.GitHubAPI)
	if err != nil {
		return err
	}
	name, err := k.RemoveRepository(ctx, c.Repository)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s is taken off; adding it again brings back what was known of it\n", name)
	return err
}

type adminRepositoryList struct{ atPortal }

// Run lists the repositories.
func (c adminRepositoryList) Run(ctx context.Context, s streams) error {
	k, err := c.keeper(s)
	if err != nil {
		return err
	}
	list, err := k.Repositories(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "REPOSITORY\tVISIBILITY\tKNOWN AS OF\tTROUBLE")
	for _, r := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Name, r.Visibility, knownSince(r), plain(cmp.Or(repositoryTrouble(r), "-")))
	}
	return w.Flush()
}

// knownSince is as of when r is known.
func knownSince(r hackfest.Repository) string {
	switch {
	case r.Recorded():
		return r.RecordedAt.UTC().Format(time.DateOnly) + ", recorded"
	case r.KnownAt.IsZero():
		return "-"
	}
	return r.KnownAt.UTC().Format("2006-01-02 15:04 UTC")
}

// repositoryTrouble is what is wrong with r; "" is nothing.
func repositoryTrouble(r hackfest.Repository) string {
	if !r.GoneAt.IsZero() && r.Trouble != hackfest.RepositoryReplaced {
		return "GitHub knows none of that name, or does not show it to us"
	}
	return r.Trouble
}

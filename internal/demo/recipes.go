package demo

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/recipe"
)

//go:embed recipes
var recipeFiles embed.FS

// recipeRepository is what the sample's recipes come from, by name.
const recipeRepository = "sample-recipes"

// images are what the sample's recipes start from.
var images = []hackfest.Image{
	{Name: "Fedora 16", Distribution: "fedora", Release: "16", Login: "ec2-user", IDs: []hackfest.ImageID{{Cloud: "sandbox", ID: "emi-7b1d09e4"}}},
	{Name: "Fedora 17", Distribution: "fedora", Release: "17", Login: "ec2-user", IDs: []hackfest.ImageID{{Cloud: "sandbox", ID: "emi-4a2f3c81"}}},
	{Name: "Ubuntu 12.04", Distribution: "ubuntu", Release: "12.04", Login: "ubuntu", IDs: []hackfest.ImageID{{Cloud: "sandbox", ID: "emi-19b7d5a0"}}},
	{Name: "Ubuntu 10.04", Distribution: "ubuntu", Release: "10.04", Login: "ubuntu"},
	{Name: "CentOS 6.3", Distribution: "centos", Release: "6.3", Login: "root", IDs: []hackfest.ImageID{{Cloud: "sandbox", ID: "emi-c02e71f6"}}},
}

// results are what came of running the recipes.
var results = []struct {
	hackfest.RecipeResult
	at string
}{
	{hackfest.RecipeResult{
		RecipeSlug: "origin-broker", ImageSlug: "fedora-17", Outcome: hackfest.ResultFails, Minutes: -1,
		Note: "It stops at rubygem-passenger: the packages are built for Fedora 16.",
	}, "2012-07-26T17:00:00Z"},
	{hackfest.RecipeResult{
		RecipeSlug: "origin-broker", ImageSlug: "fedora-16", Outcome: hackfest.ResultFails, Minutes: -1, SessionSlug: RecordedSession,
		Note: "On an m1.large: out of memory in the middle of the packages.",
	}, "2012-08-02T19:51:33Z"},
	{hackfest.RecipeResult{
		RecipeSlug: "origin-broker", ImageSlug: "fedora-16", Outcome: hackfest.ResultNotes, Minutes: 37, SessionSlug: RecordedSession,
		Note: "On an m1.xlarge. It answers on 443 with a certificate of its own.",
	}, "2012-08-02T20:32:20Z"},
	{hackfest.RecipeResult{
		RecipeSlug: "origin-node", ImageSlug: "fedora-16", Outcome: hackfest.ResultFails, Minutes: -1, SessionSlug: RecordedSession,
		Note: "The broker sees it; applications cannot be made, since quotacheck did not run.",
	}, "2012-08-02T20:51:05Z"},
}

// recipes puts in the sample's images, its recipes and what came of them, as
// Person told.
func (s seeder) recipes(ctx context.Context) error {
	for _, i := range images {
		if _, err := s.tx.AddImage(ctx, i, s.Now); err != nil {
			return fmt.Errorf("image %s: %w", i.Name, err)
		}
	}
	top, err := fs.Sub(recipeFiles, "recipes")
	if err != nil {
		return err
	}
	var files []recipe.File
	err = fs.WalkDir(top, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(top, p)
		files = append(files, recipe.File{Path: p, Data: data})
		return err
	})
	if err != nil {
		return err
	}
	found, left := recipe.Tree(files)
	if len(left) > 0 {
		return fmt.Errorf("%s is no recipe: %s", left[0].Path, left[0].Why)
	}
	for _, f := range found {
		f.Repository = recipeRepository
		if _, err := s.tx.ImportRecipe(ctx, f, s.Now); err != nil {
			return fmt.Errorf("recipe %s: %w", f.Path, err)
		}
	}
	who, err := s.tx.Account(ctx, Person)
	if err != nil {
		return err
	}
	for _, x := range results {
		if x.At, err = time.Parse(time.RFC3339, x.at); err != nil {
			return err
		}
		x.PersonID, x.Cloud = who.ID, "sandbox, 3.1.0"
		if _, err := s.tx.AddResult(ctx, person.Viewer{ID: who.ID, Role: person.Maintainer}, x.RecipeResult, s.Now); err != nil {
			return err
		}
	}
	return nil
}

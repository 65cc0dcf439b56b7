package app

import (
	"context"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/recipe"
	"github.com/eucalyptus/hackfest/internal/store"
)

// filesOnGitHub fetches the files of a repository on GitHub at one commit, within
// the limits that the portal keeps to.
func (k Keeper) filesOnGitHub(ctx context.Context, st *store.Store, in RecipesImport, report *RecipesReport) ([]recipe.File, checkout, error) {
	c := ghsync.NewClient(k.Settings.GitHub, st, k.Settings.BaseURL, k.Now)
	defer c.Close()
	a, err := c.Archive(ctx, in.Path, in.Ref)
	report.Left = a.Left
	return a.Files, checkout{commit: a.Commit, origin: a.Address, whole: true}, err
}

package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// selectRecipes is the head of every query for recipes.
const selectRecipes = `
		select r.id, r.slug, r.summary, r.kind, r.tool, r.distribution, r.release, coalesce(t.slug, '') as target_slug,
			coalesce(t.name, '') as target_name, r.smallest, r.ports, r.repository, r.path, r.retired_at, r.revision, r.created_at, r.changed_at
		from recipes r
		left join targets t on t.id = r.target_id`

func scanRecipe(row pgx.CollectableRow) (hackfest.Recipe, error) {
	var r hackfest.Recipe
	var retired *time.Time
	err := row.Scan(&r.ID, &r.Slug, &r.Summary, &r.Kind, &r.Tool, &r.Distribution, &r.Release, &r.TargetSlug,
		&r.TargetName, &r.Smallest, &r.Ports, &r.Repository, &r.Path, &retired, &r.Revision, &r.CreatedAt, &r.ChangedAt)
	r.RetiredAt, r.CreatedAt, r.ChangedAt = orZero(retired), r.CreatedAt.UTC(), r.ChangedAt.UTC()
	return r, err
}

// Recipes returns all recipes by slug; those that were retired come last.
func (s *Store) Recipes(ctx context.Context) ([]hackfest.Recipe, error) {
	const q = selectRecipes + ` order by r.retired_at is not null, r.slug`
	rows, _ := s.db.Query(ctx, q)
	list, err := pgx.CollectRows(rows, scanRecipe)
	return list, classify(err, "recipe")
}

// Recipe returns the recipe with this slug, or fault.NotFound.
func (s *Store) Recipe(ctx context.Context, slug string) (hackfest.Recipe, error) {
	const q = selectRecipes + ` where r.slug = @slug`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"slug": slug})
	r, err := pgx.CollectExactlyOneRow(rows, scanRecipe)
	return r, classify(err, "recipe")
}

// RecipeVersion returns what a recipe says: the version of that number, or the
// one in use for zero. One that is not there is fault.NotFound.
func (s *Store) RecipeVersion(ctx context.Context, id hackfest.RecipeID, number int) (hackfest.RecipeVersion, error) {
	const q = `
		select v.id, v.number, v.commit, v.source, v.readme, v.imported_at,
			array(select f.path from recipe_files f where f.version_id = v.id order by f.position) as paths,
			array(select f.text from recipe_files f where f.version_id = v.id order by f.position) as texts
		from recipe_versions v
		where v.recipe_id = @id and (@number = 0 or v.number = @number)
		order by v.number desc
		limit 1`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{"id": id, "number": number})
	v, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (hackfest.RecipeVersion, error) {
		var v hackfest.RecipeVersion
		var paths, texts []string
		err := row.Scan(&v.ID, &v.Number, &v.Commit, &v.Source, &v.Readme, &v.ImportedAt, &paths, &texts)
		v.ImportedAt = v.ImportedAt.UTC()
		for i := range paths {
			v.Files = append(v.Files, hackfest.RecipeFile{Path: paths[i], Text: texts[i]})
		}
		return v, err
	})
	return v, classify(err, "version of this recipe")
}

// ImportRecipe keeps a recipe as it was found in a repository. One that is known
// by its repository and path gets a new version when it says something else; what
// people wrote about it stays. What Tidy refuses is fault.Invalid.
func (s *Store) ImportRecipe(ctx context.Context, f hackfest.FoundRecipe, now time.Time) (done hackfest.ImportedRecipe, err error) {
	const q = `select id, slug from recipes where repository = @repository and path = @path for update`
	if f.Repository == "" || f.Path == "" {
		return done, fault.New(fault.Invalid, "A recipe that is imported has a repository and a path in it.")
	}
	err = s.InTx(ctx, func(tx *Store) error {
		var id hackfest.RecipeID
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{"repository": f.Repository, "path": f.Path})
		_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) {
			return struct{}{}, row.Scan(&id, &done.Slug)
		})
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			done.New = true
			if id, done.Slug, err = tx.newRecipe(ctx, f.Recipe, f.Slugs, now); err != nil {
				return err
			}
		case err != nil:
			return classify(err, "recipe")
		}
		done.Changed, err = tx.addVersion(ctx, id, f.RecipeVersion, now)
		return err
	})
	return done, err
}

// AddRecipe stores a recipe that was written here, with what it says, and returns
// its slug.
func (s *Store) AddRecipe(ctx context.Context, r hackfest.Recipe, source string, now time.Time) (slug string, err error) {
	r.Repository, r.Path = "", ""
	err = s.InTx(ctx, func(tx *Store) error {
		var id hackfest.RecipeID
		if id, slug, err = tx.newRecipe(ctx, r, nil, now); err != nil {
			return err
		}
		_, err = tx.addVersion(ctx, id, hackfest.RecipeVersion{Source: source}, now)
		return err
	})
	return slug, err
}

// newRecipe stores a recipe under the first of slugs that is free, or else the
// first with a number; without any it has its own slug or none.
func (s *Store) newRecipe(ctx context.Context, r hackfest.Recipe, slugs []string, now time.Time) (hackfest.RecipeID, string, error) {
	const most = 50
	r.Summary = clean(r.Summary)
	r, err := r.Tidy()
	if err != nil {
		return 0, "", err
	}
	if len(slugs) == 0 {
		id, err := s.insertRecipe(ctx, r, now)
		if errors.Is(err, pgx.ErrNoRows) {
			return 0, "", &fault.Error{Kind: fault.Conflict, Field: "slug", Message: "There already is a recipe of that name."}
		}
		return id, r.Slug, classify(err, "target for this recipe")
	}
	slugs = slices.Clone(slugs)
	for n := 2; n < most; n++ {
		slugs = append(slugs, fmt.Sprintf("%s-%d", slugs[0], n))
	}
	for _, r.Slug = range slugs {
		id, err := s.insertRecipe(ctx, r, now)
		if !errors.Is(err, pgx.ErrNoRows) {
			return id, r.Slug, classify(err, "recipe")
		}
	}
	return 0, "", fault.New(fault.Conflict, "There are too many recipes of the name %s.", slugs[0])
}

// insertRecipe stores a recipe, or returns pgx.ErrNoRows when its slug is taken.
func (s *Store) insertRecipe(ctx context.Context, r hackfest.Recipe, now time.Time) (hackfest.RecipeID, error) {
	const q = `
		insert into recipes (slug, summary, kind, tool, distribution, release, target_id, smallest, ports, repository, path, created_at, changed_at)
		select @slug, @summary, @kind, @tool, @distribution, @release, (select t.id from targets t where t.slug = @target), @smallest, @ports,
			@repository, @path, @now, @now
		on conflict (slug) do nothing
		returning id`
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"slug": r.Slug, "summary": r.Summary, "kind": r.Kind, "tool": r.Tool, "distribution": r.Distribution, "release": r.Release,
		"target": r.TargetSlug, "smallest": r.Smallest, "ports": r.Ports, "repository": r.Repository, "path": r.Path, "now": now,
	})
	return pgx.CollectExactlyOneRow(rows, pgx.RowTo[hackfest.RecipeID])
}

// EditRecipe changes what people write about a recipe that nobody else has
// changed since r.Revision; otherwise it is fault.Conflict. RetiredAt counts only
// as being zero or not. source is what a recipe that was written here says from
// now on; it is ignored for others.
func (s *Store) EditRecipe(ctx context.Context, r hackfest.Recipe, source string, now time.Time) error {
	const q = `
		update recipes
		set summary = @summary, kind = @kind, tool = @tool, distribution = @distribution, release = @release,
			target_id = (select t.id from targets t where t.slug = @target), smallest = @smallest, ports = @ports,
			retired_at = case when @retired then coalesce(retired_at, @now) end, revision = revision + 1, changed_at = @now
		where id = @id and revision = @revision
		returning repository`
	r.Summary = clean(r.Summary)
	r, err := r.Tidy()
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *Store) error {
		rows, _ := tx.db.Query(ctx, q, pgx.NamedArgs{
			"id": r.ID, "revision": r.Revision, "summary": r.Summary, "kind": r.Kind, "tool": r.Tool, "distribution": r.Distribution,
			"release": r.Release, "target": r.TargetSlug, "smallest": r.Smallest, "ports": r.Ports, "retired": !r.RetiredAt.IsZero(), "now": now,
		})
		repository, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.Conflict, "Somebody changed this recipe first.")
		}
		if err != nil || repository != "" {
			return classify(err, "recipe")
		}
		_, err = tx.addVersion(ctx, r.ID, hackfest.RecipeVersion{Source: source}, now)
		return err
	})
}

// addVersion keeps what a recipe says from now on, and reports whether that is
// something else than before.
func (s *Store) addVersion(ctx context.Context, id hackfest.RecipeID, v hackfest.RecipeVersion, now time.Time) (bool, error) {
	const q = `
		with last as (select number, digest from recipe_versions where recipe_id = @id order by number desc limit 1)
		insert into recipe_versions (recipe_id, number, commit, source, readme, digest, imported_at)
		select @id, coalesce((select number from last), 0) + 1, @commit, @source, @readme, @digest, @now
		where not exists (select 1 from last where digest = @digest)
		returning id`
	v.Source, v.Readme = clean(v.Source), clean(v.Readme)
	switch {
	case v.Source == "":
		return false, fault.On("source", "A recipe says something.")
	case len(v.Source) > hackfest.MaxRecipeSource || len(v.Readme) > hackfest.MaxRecipeSource:
		return false, fault.On("source", "A recipe has at most %d KB.", hackfest.MaxRecipeSource>>10)
	}
	rows, _ := s.db.Query(ctx, q, pgx.NamedArgs{
		"id": id, "commit": v.Commit, "source": v.Source, "readme": v.Readme, "digest": digestOf(v), "now": now,
	})
	version, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
	if errors.Is(err, pgx.ErrNoRows) {
		return false, s.committed(ctx, id, v.Commit)
	}
	for i, f := range v.Files {
		if err == nil {
			err = s.addRecipeFile(ctx, version, i, f)
		}
	}
	return err == nil, classify(err, "version of a recipe")
}

// committed notes the commit of what a recipe says, which was in none that is known.
func (s *Store) committed(ctx context.Context, id hackfest.RecipeID, commit string) error {
	const q = `
		update recipe_versions set commit = @commit
		where recipe_id = @id and commit = '' and @commit <> '' and number = (select max(number) from recipe_versions where recipe_id = @id)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"id": id, "commit": commit})
	return classify(err, "version of a recipe")
}

func (s *Store) addRecipeFile(ctx context.Context, version int64, position int, f hackfest.RecipeFile) error {
	const q = `insert into recipe_files (version_id, position, path, text) values (@version, @position, @path, @text)`
	_, err := s.db.Exec(ctx, q, pgx.NamedArgs{"version": version, "position": position, "path": clean(f.Path), "text": clean(f.Text)})
	return err
}

// digestOf is the same for versions that say the same.
func digestOf(v hackfest.RecipeVersion) []byte {
	h := sha256.New()
	part := func(text string) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(text)))
		_, _ = h.Write(n[:]) // never fails
		_, _ = h.Write([]byte(text))
	}
	part(v.Source)
	part(v.Readme)
	for _, f := range v.Files {
		part(f.Path)
		part(f.Text)
	}
	return h.Sum(nil)
}

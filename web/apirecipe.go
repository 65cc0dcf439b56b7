package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/recipe"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// apiRecipe is a recipe in the API.
type apiRecipe struct {
	Slug         string `json:"slug"`
	Summary      string `json:"summary" about:"what it sets up, in a sentence; may be empty"`
	Kind         string `json:"kind" is:"bash|cloud-init|puppet|chef|ansible" about:"what runs it"`
	Tool         string `json:"tool" about:"puppet, chef or ansible, where it installs that to go on with; else empty"`
	Distribution string `json:"distribution" about:"that it is for; empty for any"`
	Release      string `json:"release" about:"of the distribution; empty for any"`
	Target       string `json:"target" about:"slug; empty when it is for none"`
	Smallest     string `json:"smallest" about:"smallest instance type; empty when not known"`
	Ports        string `json:"ports" about:"ports to open, as in 22, 53/udp; may be empty"`
	Repository   string `json:"repository" about:"address or name of what it comes from; empty when it was written here"`
	Path         string `json:"path" about:"in the repository"`
	Retired      bool   `json:"retired" about:"it is not offered any more"`
	URL          string `json:"url" is:"uri"`
}

func (s *Server) apiRecipe(x hackfest.Recipe) apiRecipe {
	return apiRecipe{
		Slug: x.Slug, Summary: x.Summary, Kind: string(x.Kind), Tool: string(x.Tool), Distribution: x.Distribution, Release: x.Release,
		Target: x.TargetSlug, Smallest: x.Smallest, Ports: x.Ports, Repository: x.Repository, Path: x.Path, Retired: !x.RetiredAt.IsZero(),
		URL: s.BaseURL + templates.RecipeURL(x.Slug),
	}
}

// apiVariable is something that may be set in a recipe.
type apiVariable struct {
	Name     string `json:"name"`
	Default  string `json:"default"`
	Required bool   `json:"required" about:"the recipe stops without it"`
	Hint     string `json:"hint"`
}

// apiResult is what came of running a recipe.
type apiResult struct {
	Image   string `json:"image" about:"slug of the base image"`
	Outcome string `json:"outcome" is:"works|notes|fails" about:"notes is: works, with notes"`
	At      string `json:"at" is:"instant"`
	Cloud   string `json:"cloud"`
	Minutes int    `json:"minutes" about:"until it was ready; -1 when not known"`
	Note    string `json:"note"`
	By      string `json:"by" about:"who tried it; empty for who is not to be named"`
	Session string `json:"session" about:"slug of the session in which it was tried; empty for none"`
	Version int    `json:"version" about:"of the recipe; 0 when not known"`
}

func apiResultOf(x hackfest.RecipeResult) apiResult {
	return apiResult{
		Image: x.ImageSlug, Outcome: string(x.Outcome), At: stamp(x.At), Cloud: x.Cloud, Minutes: x.Minutes, Note: x.Note, By: x.Who,
		Session: x.SessionSlug, Version: x.Version,
	}
}

// apiRecipeDetail is a recipe with what it says and what came of it.
type apiRecipeDetail struct {
	apiRecipe
	Version   int           `json:"version"`
	Commit    string        `json:"commit" about:"in which it stands so; empty when none is known"`
	Source    string        `json:"source"`
	Variables []apiVariable `json:"variables"`
	Results   []apiResult   `json:"results" about:"newest first, at most 200"`
}

// resultPosting is a result as it is sent.
type resultPosting struct {
	Image   string `json:"image" about:"slug of the base image"`
	Outcome string `json:"outcome" is:"works|notes|fails" about:"notes is: works, with notes"`
	Cloud   string `json:"cloud,omitempty" about:"which one, and its version"`
	Minutes int    `json:"minutes,omitempty" about:"until it was ready"`
	Session string `json:"session,omitempty" about:"slug of the session in which it was tried"`
	Note    string `json:"note,omitempty" about:"what to know, at most 1000 characters"`
}

// apiImage is a base image in the API.
type apiImage struct {
	Slug         string       `json:"slug"`
	Name         string       `json:"name"`
	Distribution string       `json:"distribution"`
	Release      string       `json:"release"`
	Architecture string       `json:"architecture"`
	Login        string       `json:"login" about:"user to sign in as; may be empty"`
	IDs          []apiImageID `json:"ids"`
	Retired      bool         `json:"retired" about:"it is not offered any more"`
}

// apiImageID is what an image is called in a cloud.
type apiImageID struct {
	Cloud string `json:"cloud"`
	ID    string `json:"id" about:"emi-… or ami-…"`
}

func apiImageOf(i hackfest.Image) apiImage {
	x := apiImage{
		Slug: i.Slug, Name: i.Name, Distribution: i.Distribution, Release: i.Release, Architecture: i.Architecture, Login: i.Login,
		IDs: []apiImageID{}, Retired: !i.RetiredAt.IsZero(),
	}
	for _, d := range i.IDs {
		x.IDs = append(x.IDs, apiImageID{d.Cloud, d.ID})
	}
	return x
}

// sendRecipes answers GET /api/v1/recipes, by slug.
func (s *Server) sendRecipes(w http.ResponseWriter, r *http.Request) error {
	l := listingOf(r)
	target := l.query.Get("target")
	kinds := make([]string, len(hackfest.RecipeKinds))
	for i, k := range hackfest.RecipeKinds {
		kinds[i] = string(k)
	}
	kind := hackfest.RecipeKind(l.oneOf("kind", kinds...))
	all, err := s.Store.Recipes(r.Context())
	if err != nil {
		return err
	}
	list := all[:0]
	for _, x := range all {
		if (kind == "" || x.Kind == kind) && (target == "" || x.TargetSlug == target) {
			list = append(list, x)
		}
	}
	if list = pageOf(s, w, r, l, "recipe", list, func(x hackfest.Recipe) string { return x.Slug }); l.err != nil {
		return l.err
	}
	return s.sendJSON(w, r, itemsOf(list, s.apiRecipe))
}

// sendRecipe answers GET /api/v1/recipes/{recipe}.
func (s *Server) sendRecipe(w http.ResponseWriter, r *http.Request) error {
	ctx, most := r.Context(), 200
	x, err := s.Store.Recipe(ctx, chi.URLParam(r, "recipe"))
	if err != nil {
		return err
	}
	v, err := s.Store.RecipeVersion(ctx, x.ID, 0)
	if err != nil {
		return err
	}
	results, err := s.Store.Results(ctx, viewerOf(r), store.ResultFilter{Recipe: x.Slug, Limit: most})
	if err != nil {
		return err
	}
	d := apiRecipeDetail{
		apiRecipe: s.apiRecipe(x), Version: v.Number, Commit: v.Commit, Source: v.Source, Variables: []apiVariable{},
		Results: itemsOf(results, apiResultOf).Items,
	}
	for _, y := range recipe.Variables(x.Kind, v.Source) {
		d.Variables = append(d.Variables, apiVariable{Name: y.Name, Default: y.Default, Required: y.Required, Hint: y.Hint})
	}
	return s.sendJSON(w, r, d)
}

// sendImages answers GET /api/v1/images, by slug.
func (s *Server) sendImages(w http.ResponseWriter, r *http.Request) error {
	l := listingOf(r)
	list, err := s.Store.Images(r.Context())
	if err != nil {
		return err
	}
	if list = pageOf(s, w, r, l, "image", list, func(i hackfest.Image) string { return i.Slug }); l.err != nil {
		return l.err
	}
	return s.sendJSON(w, r, itemsOf(list, apiImageOf))
}

package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/recipe"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// recipeRoutes adds the routes of recipes, base images and results.
func (s *Server) recipeRoutes(r *table) {
	r.get("/recipes", person.Read, s.page(s.byTarget(s.listRecipes)))
	r.get("/recipes/new", person.EditRecipe, s.page(s.showNewRecipe))
	r.post("/recipes/new", person.EditRecipe, s.page(s.addRecipe))
	r.get("/recipes/{recipe}", person.Read, s.page(s.showRecipe))
	r.post("/recipes/{recipe}/user-data", person.Read, s.page(s.makeUserData))
	r.get("/recipes/{recipe}/edit", person.EditRecipe, s.page(s.showRecipeEdit))
	r.post("/recipes/{recipe}/edit", person.EditRecipe, s.page(s.saveRecipe))
	r.get("/recipes/{recipe}/result", person.PostResult, s.page(s.showResultForm))
	r.post("/recipes/{recipe}/results", person.PostResult, s.page(s.addResult))
	r.post("/results/{result}/remove", person.RemoveResult, s.page(s.removeResult(false)))
	r.post("/results/{result}/restore", person.RemoveResult, s.page(s.removeResult(true)))
	r.get("/images", person.Read, s.page(s.listImages))
	r.get("/images/new", person.EditRecipe, s.page(s.showNewImage))
	r.post("/images/new", person.EditRecipe, s.page(s.addImage))
	r.get("/images/{image}/edit", person.EditRecipe, s.page(s.showImageEdit))
	r.post("/images/{image}/edit", person.EditRecipe, s.page(s.saveImage))
	r.get("/api/v1/recipes", person.Read, s.api(s.byTarget(s.sendRecipes)))
	r.get("/api/v1/recipes/{recipe}", person.Read, s.api(s.sendRecipe))
	r.post("/api/v1/recipes/{recipe}/results", person.PostResult, s.write(s.addResult))
	r.get("/api/v1/images", person.Read, s.api(s.sendImages))
}

// resultOutcome is the drawing of what came of a recipe.
var resultOutcome = map[hackfest.ResultOutcome]chart.Outcome{
	hackfest.ResultWorks: chart.Works, hackfest.ResultNotes: chart.WithNotes, hackfest.ResultFails: chart.DidNot, "": chart.Untested,
}

// allResults is how many recipes times images are looked at.
const allResults = 5000

// mayEditRecipes reports whether who asks may change recipes and images.
func mayEditRecipes(r *http.Request) bool {
	return person.Can(actorOf(r), person.EditRecipe, person.Object{}) == nil
}

// listRecipes answers GET /recipes; kind, distribution and target restrict the
// list.
func (s *Server) listRecipes(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	f, err := s.frame(r, "Recipes")
	if err != nil {
		return err
	}
	f.Description = "Boot scripts with which " + f.Community + " turns base images into what it wants to run, and what came of each."
	all, err := s.Store.Recipes(ctx)
	if err != nil {
		return err
	}
	last, err := s.lastOfRecipes(ctx, viewerOf(r), f.Clock)
	if err != nil {
		return err
	}
	p := templates.RecipesPage{Frame: f, Filters: recipeFacets(q, all), Edit: mayEditRecipes(r)}
	offered := 0
	for _, x := range all {
		if !x.RetiredAt.IsZero() {
			continue
		}
		offered++
		if k, d, t := q.Get("kind"), q.Get("distribution"), q.Get("target"); k != "" && k != string(x.Kind) || d != "" && d != x.Distribution || t != "" && t != x.TargetSlug {
			continue
		}
		row := templates.RecipeRow{
			Slug: x.Slug, Href: templates.RecipeURL(x.Slug), Summary: x.Summary, Kind: x.Kind.Label(), For: meantFor(x), Last: last[x.Slug],
		}
		if x.TargetSlug != "" {
			row.Target = &templates.LogLink{Text: x.TargetName, Href: templates.TargetURL(x.TargetSlug)}
		}
		p.Rows = append(p.Rows, row)
	}
	if offered > 0 {
		p.Count = counted(offered, "recipe.", "recipes.")
	}
	return s.show(w, r, templates.Recipes(p))
}

// meantFor is what a recipe is meant to run on.
func meantFor(x hackfest.Recipe) string {
	return cmp.Or(strings.TrimSpace(x.Distribution+" "+x.Release), "any")
}

// lastOfRecipes is the last result of each recipe, by slug.
func (s *Server) lastOfRecipes(ctx context.Context, v person.Viewer, c ui.Clock) (map[string]*templates.ResultMark, error) {
	list, err := s.Store.Results(ctx, v, store.ResultFilter{Last: true, Limit: allResults})
	if err != nil {
		return nil, err
	}
	last := map[string]*templates.ResultMark{}
	for _, x := range slices.Backward(list) { // the newest is left standing
		m := s.resultMark(c, x)
		last[x.RecipeSlug] = &m
	}
	return last, nil
}

// resultMark is a result in a cell.
func (s *Server) resultMark(c ui.Clock, x hackfest.RecipeResult) templates.ResultMark {
	zone := cmp.Or(x.SessionZone, s.community())
	m := templates.ResultMark{
		Outcome: resultOutcome[x.Outcome], Word: string(x.Outcome), Day: c.Day(x.At, zone), Href: templates.RecipeURL(x.RecipeSlug) + "#tested",
	}
	if x.SessionSlug != "" {
		m.Href = templates.SessionURL(x.SessionSlug)
	}
	m.Label = x.RecipeSlug + " on " + x.ImageName + ": " + m.Word + ", " + m.Day.Text
	return m
}

// recipeFacets are the filters of the recipes with their counts.
func recipeFacets(q url.Values, all []hackfest.Recipe) []ui.FacetGroup {
	group := func(label, key, any string, value func(hackfest.Recipe) (value, text string)) ui.FacetGroup {
		texts, counts, order := map[string]string{}, map[string]int{}, []string{}
		n := 0
		for _, x := range all {
			if !x.RetiredAt.IsZero() {
				continue
			}
			n++
			v, text := value(x)
			if counts[v]++; texts[v] == "" && v != "" {
				texts[v] = text
				order = append(order, v)
			}
		}
		if len(order) < 2 && q.Get(key) == "" {
			return ui.FacetGroup{}
		}
		slices.Sort(order)
		g := ui.FacetGroup{Label: label, Facets: []ui.Facet{{Text: any + " " + strconv.Itoa(n), Href: path("/recipes", with(q, key, "")), Current: q.Get(key) == ""}}}
		for _, v := range order {
			g.Facets = append(g.Facets, ui.Facet{Text: texts[v] + " " + strconv.Itoa(counts[v]), Href: path("/recipes", with(q, key, v)), Current: q.Get(key) == v})
		}
		return g
	}
	return []ui.FacetGroup{
		group("Run by", "kind", "all", func(x hackfest.Recipe) (string, string) { return string(x.Kind), x.Kind.Label() }),
		group("For", "distribution", "any", func(x hackfest.Recipe) (string, string) { return x.Distribution, x.Distribution }),
		group("Target", "target", "any", func(x hackfest.Recipe) (string, string) { return x.TargetSlug, x.TargetName }),
	}
}

// recipeView is all that the page of a recipe is made of.
type recipeView struct {
	hackfest.Recipe
	version  hackfest.RecipeVersion
	versions int
	images   []hackfest.Image // offered, that it is meant for
	results  []hackfest.RecipeResult
}

// recipeOf is the recipe in the path, in the version that was asked for.
func (s *Server) recipeOf(r *http.Request) (v recipeView, err error) {
	ctx := r.Context()
	if v.Recipe, err = s.Store.Recipe(ctx, chi.URLParam(r, "recipe")); err != nil {
		return v, err
	}
	if v.version, err = s.Store.RecipeVersion(ctx, v.ID, 0); err != nil {
		return v, err
	}
	v.versions = v.version.Number
	if n, err := smallNumber(r.URL.Query().Get("version")); err == nil && n > 0 && n != v.versions {
		if v.version, err = s.Store.RecipeVersion(ctx, v.ID, n); err != nil {
			return v, err
		}
	}
	all, err := s.Store.Images(ctx)
	if err != nil {
		return v, err
	}
	for _, i := range all {
		if i.RetiredAt.IsZero() && v.Suits(i) {
			v.images = append(v.images, i)
		}
	}
	v.results, err = s.Store.Results(ctx, viewerOf(r), store.ResultFilter{Recipe: v.Slug, Limit: allResults})
	return v, err
}

// showRecipe answers GET /recipes/{recipe}.
func (s *Server) showRecipe(w http.ResponseWriter, r *http.Request) error {
	v, err := s.recipeOf(r)
	if err != nil {
		return err
	}
	p, err := s.recipePage(r, v)
	if err != nil {
		return err
	}
	if p.Use != nil {
		p.Use.Form = newForm("use")
		s.fillStart(p.Use, v, startOf(v, r.URL.Query()))
		p.Use.Notes = s.notesOn(r.Context(), v.Kind, v.version.Source)
	}
	return s.show(w, r, templates.Recipe(p))
}

// recipePage decides what the page of a recipe shows.
func (s *Server) recipePage(r *http.Request, v recipeView) (templates.RecipePage, error) {
	f, err := s.frame(r, v.Slug)
	if err != nil {
		return templates.RecipePage{}, err
	}
	f.Description, f.Canonical = v.Summary, s.BaseURL+templates.RecipeURL(v.Slug)
	f.Section = "/recipes"
	p := templates.RecipePage{
		Frame: f, Slug: v.Slug, Path: templates.RecipeURL(v.Slug), Summary: v.Summary, Retired: !v.RetiredAt.IsZero(), For: meantFor(v.Recipe),
		Smallest: v.Smallest, Ports: v.Ports, Kind: v.Kind.Label(), Version: v.version.Number, Versions: v.versions,
		Imported: f.Clock.Day(v.version.ImportedAt, s.community()), File: recipe.FileName(v.Recipe), Where: cmp.Or(v.Recipe.Path, recipe.FileName(v.Recipe)),
		Source: s.coloured(v, cmp.Or(v.Recipe.Path, recipe.FileName(v.Recipe)), v.version.Source), Readme: v.version.Readme,
		Add: templates.RecipeURL(v.Slug) + "/result",
	}
	if v.Kind.UserData() {
		p.Kind += ", as user-data"
		p.Use = &templates.RecipeUse{Path: p.Path + "/user-data"}
		if p.Version < p.Versions {
			p.Use.Path += "?version=" + strconv.Itoa(p.Version)
		}
	}
	if v.Tool != "" {
		p.Tool = v.Tool.Label()
	}
	if v.TargetSlug != "" {
		p.Target = &templates.LogLink{Text: v.TargetName, Href: templates.TargetURL(v.TargetSlug)}
	}
	if mayEditRecipes(r) {
		p.Edit = p.Path + "/edit"
	}
	for _, i := range v.images {
		link := templates.ImageLink{Name: i.Name, Href: templates.ImageURL(i.Slug)}
		for _, d := range i.IDs {
			link.IDs = strings.TrimPrefix(link.IDs+", "+d.ID, ", ")
		}
		if v.Distribution != "" { // else it is all of them
			p.Suits = append(p.Suits, link)
		}
	}
	for _, x := range v.version.Files {
		p.Files = append(p.Files, templates.RecipeFile{Name: x.Path, Spans: s.coloured(v, x.Path, x.Text)})
	}
	sourceLinks(&p, v)
	s.fillResults(r, &p, v)
	return p, nil
}

// colourTime is how long the colours of a source may take to find.
const colourTime = 500 * time.Millisecond

// coloured is a file of a stored version as it is shown. What it looks like is
// worked out once: the text of a version never changes.
func (s *Server) coloured(v recipeView, name, text string) []recipe.Span {
	kind := v.Kind
	if name != v.Recipe.Path && v.Recipe.Path != "" {
		kind = "" // it goes by its own name
	}
	key := colouredFile{v.version.ID, kind, name}
	spans, _ := s.colours.LoadOrStore(key, sync.OnceValue(func() []recipe.Span {
		until := s.Now().Add(colourTime)
		return recipe.Highlight(kind, name, text, func() bool { return s.Now().Before(until) })
	}))
	return spans.(func() []recipe.Span)()
}

// colouredFile names a file of a stored version.
type colouredFile struct {
	version int64
	kind    hackfest.RecipeKind
	name    string
}

// sourceLinks fills in where a recipe comes from.
func sourceLinks(p *templates.RecipePage, v recipeView) {
	p.Repository = v.Repository
	u, err := url.Parse(v.Repository)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		p.Commit = short(v.version.Commit)
		return
	}
	p.Repository, p.SourceHref = strings.Trim(u.Path, "/"), v.Repository
	if p.Repository == "" {
		p.Repository = u.Host
	}
	p.Commit = short(v.version.Commit)
	if u.Host != "github.com" {
		return
	}
	p.Fork = v.Repository + "/fork"
	if v.version.Commit != "" {
		p.CommitHref = v.Repository + "/blob/" + v.version.Commit + "/" + (&url.URL{Path: v.Recipe.Path}).EscapedPath()
	}
}

// short is a commit as people write it.
func short(commit string) string { return commit[:min(7, len(commit))] }

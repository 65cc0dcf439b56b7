package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// recipeEditPage is the form about recipe x; the zero Recipe is a new one.
func (s *Server) recipeEditPage(r *http.Request, x hackfest.Recipe, source string) (templates.RecipeEditPage, error) {
	ctx := r.Context()
	p := templates.RecipeEditPage{
		New: x.ID == 0, Slug: x.Slug, Path: "/recipes/new", Back: "/recipes", Revision: strconv.Itoa(x.Revision), Summary: x.Summary, Kind: string(x.Kind),
		Tool: string(x.Tool), Distribution: x.Distribution, Release: x.Release, Target: x.TargetSlug, Smallest: x.Smallest, Ports: x.Ports,
		Retired: !x.RetiredAt.IsZero(), Written: x.Repository == "", Source: source, Tools: []ui.Choice{{Value: "", Text: "nothing"}},
		Targets: []ui.Choice{{Value: "", Text: "none"}},
	}
	title := "Add a recipe"
	if !p.New {
		title, p.Back = "Edit "+x.Slug, templates.RecipeURL(x.Slug)
		p.Path = p.Back + "/edit"
	}
	var err error
	if p.Frame, err = s.frame(r, title); err != nil {
		return p, err
	}
	p.Section = "/recipes"
	for _, k := range hackfest.RecipeKinds {
		p.Kinds = append(p.Kinds, ui.Choice{Value: string(k), Text: k.Label()})
		if !k.UserData() {
			p.Tools = append(p.Tools, ui.Choice{Value: string(k), Text: k.Label()})
		}
	}
	targets, err := s.Store.Targets(ctx)
	if err != nil {
		return p, err
	}
	for _, t := range targets {
		p.Targets = append(p.Targets, ui.Choice{Value: t.Slug, Text: t.Name})
	}
	p.Distributions, err = s.distributions(ctx)
	return p, err
}

// distributions are those that images and recipes name.
func (s *Server) distributions(ctx context.Context) ([]ui.Choice, error) {
	images, err := s.Store.Images(ctx)
	if err != nil {
		return nil, err
	}
	recipes, err := s.Store.Recipes(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, i := range images {
		names = append(names, i.Distribution)
	}
	for _, x := range recipes {
		names = append(names, x.Distribution)
	}
	slices.Sort(names)
	var list []ui.Choice
	for _, n := range slices.Compact(names) {
		if n != "" {
			list = append(list, ui.Choice{Value: n})
		}
	}
	return list, nil
}

// showNewRecipe answers GET /recipes/new.
func (s *Server) showNewRecipe(w http.ResponseWriter, r *http.Request) error {
	p, err := s.recipeEditPage(r, hackfest.Recipe{Kind: hackfest.RecipeBash}, "")
	if err != nil {
		return err
	}
	p.Form = newForm("")
	return s.show(w, r, templates.RecipeEdit(p))
}

// recipeIn fills what a form says into x.
func recipeIn(form url.Values, x hackfest.Recipe) hackfest.Recipe {
	x.Summary, x.Kind, x.Tool = form.Get("summary"), hackfest.RecipeKind(form.Get("kind")), hackfest.RecipeKind(form.Get("tool"))
	x.Distribution, x.Release, x.TargetSlug = form.Get("distribution"), form.Get("release"), form.Get("target")
	x.Smallest, x.Ports, x.RetiredAt = form.Get("smallest"), form.Get("ports"), time.Time{}
	if form.Get("retired") != "" {
		x.RetiredAt = time.Unix(1, 0) // since when, the store knows
	}
	return x
}

// recipeWrong is what is wrong with a form about a recipe and its source.
func (s *Server) recipeWrong(r *http.Request, x hackfest.Recipe, source string) error {
	_, err := x.Tidy()
	wrong := []error{err}
	if x.TargetSlug != "" {
		if _, err := s.Store.Target(r.Context(), x.TargetSlug); fault.KindOf(err) == fault.NotFound {
			wrong = append(wrong, fault.On("target", "Choose a target that is listed."))
		} else if err != nil {
			return err
		}
	}
	if x.Repository == "" {
		switch {
		case strings.TrimSpace(source) == "":
			wrong = append(wrong, fault.On("source", "Paste what the recipe says."))
		case len(source) > hackfest.MaxRecipeSource:
			wrong = append(wrong, fault.On("source", "A recipe has at most %d KB.", hackfest.MaxRecipeSource>>10))
		default:
			if problem, _ := s.problemWith(r.Context(), x.Kind, source); problem != "" {
				wrong = append(wrong, fault.On("source", "%s", problem))
			}
		}
	}
	return errors.Join(wrong...)
}

// sourceIn is the source in a form, with the ends of lines that scripts have.
func sourceIn(form url.Values) string {
	text := strings.ReplaceAll(form.Get("source"), "\r\n", "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// addRecipe answers POST /recipes/new.
func (s *Server) addRecipe(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	x, source := recipeIn(form, hackfest.Recipe{Slug: strings.TrimSpace(form.Get("slug"))}), sourceIn(form)
	err = s.recipeWrong(r, x, source)
	if x.Slug == "" || hackfest.Slug(x.Slug) != x.Slug || x.Slug == "new" {
		err = errors.Join(fault.On("slug", "A name has small letters and digits, with dashes between words, and is not “new”."), err)
	}
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			slug, err := tx.AddRecipe(ctx, x, source, s.Now().UTC())
			if err != nil {
				return done{}, err
			}
			return done{To: templates.RecipeURL(slug), Said: "The recipe is added."}, s.audit(ctx, tx, r, string(person.EditRecipe), slug, nil, recipeWords(x))
		})
	}
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.recipeEditPage(r, hackfest.Recipe{Kind: hackfest.RecipeBash}, "")
	if failed != nil {
		return failed
	}
	p.Form = typed("", form, err)
	return s.again(w, r, err, templates.RecipeEdit(p))
}

// recipeWords is what the audit log keeps of a recipe.
func recipeWords(x hackfest.Recipe) map[string]any {
	return map[string]any{
		"summary": x.Summary, "kind": x.Kind, "tool": x.Tool, "distribution": x.Distribution, "release": x.Release, "target": x.TargetSlug,
		"smallest": x.Smallest, "ports": x.Ports, "retired": !x.RetiredAt.IsZero(),
	}
}

// savedRecipe is the recipe in the path with the source it has now.
func (s *Server) savedRecipe(r *http.Request) (hackfest.Recipe, string, error) {
	x, err := s.Store.Recipe(r.Context(), chi.URLParam(r, "recipe"))
	if err != nil {
		return x, "", err
	}
	v, err := s.Store.RecipeVersion(r.Context(), x.ID, 0)
	return x, v.Source, err
}

// showRecipeEdit answers GET /recipes/{recipe}/edit.
func (s *Server) showRecipeEdit(w http.ResponseWriter, r *http.Request) error {
	x, source, err := s.savedRecipe(r)
	if err != nil {
		return err
	}
	p, err := s.recipeEditPage(r, x, source)
	if err != nil {
		return err
	}
	p.Form = newForm("")
	return s.show(w, r, templates.RecipeEdit(p))
}

// saveRecipe answers POST /recipes/{recipe}/edit.
func (s *Server) saveRecipe(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	was, source, err := s.savedRecipe(r)
	if err != nil {
		return err
	}
	x := recipeIn(form, was)
	if x.Revision, err = neededRevision(form); err == nil {
		err = s.recipeWrong(r, x, sourceIn(form))
	}
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			d := done{To: templates.RecipeURL(x.Slug), Said: "The recipe is saved."}
			if err := tx.EditRecipe(ctx, x, sourceIn(form), s.Now().UTC()); err != nil {
				return d, err
			}
			return d, s.audit(ctx, tx, r, string(person.EditRecipe), x.Slug, recipeWords(was), recipeWords(x))
		})
	}
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.recipeEditPage(r, was, source)
	if failed != nil {
		return failed
	}
	p.Form = typed("", form, err)
	if fault.KindOf(err) == fault.Conflict {
		p.Form.Theirs = url.Values{
			"summary": {was.Summary}, "distribution": {was.Distribution}, "release": {was.Release}, "smallest": {was.Smallest}, "ports": {was.Ports},
			"kind": {string(was.Kind)}, "tool": {string(was.Tool)}, "target": {was.TargetSlug},
		}
	}
	return s.again(w, r, err, templates.RecipeEdit(p))
}

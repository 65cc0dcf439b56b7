package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// matrixData is what the matrix is made of.
type matrixData struct {
	recipes []hackfest.Recipe // those offered that have a target or a result
	images  []hackfest.Image  // those offered, and others with a result
	last    map[[2]string]hackfest.RecipeResult
}

// matrixData reads the matrix, of one target or of all for "".
func (s *Server) matrixData(ctx context.Context, v person.Viewer, target string) (d matrixData, err error) {
	results, err := s.Store.Results(ctx, v, store.ResultFilter{Target: target, Last: true, Limit: allResults})
	if err != nil {
		return d, err
	}
	d.last = map[[2]string]hackfest.RecipeResult{}
	tested := map[string]bool{}
	for _, x := range results {
		d.last[[2]string{x.RecipeSlug, x.ImageSlug}] = x
		tested["r "+x.RecipeSlug], tested["i "+x.ImageSlug] = true, true
	}
	recipes, err := s.Store.Recipes(ctx)
	if err != nil {
		return d, err
	}
	for _, x := range recipes {
		if x.RetiredAt.IsZero() && (target == "" && (x.TargetSlug != "" || tested["r "+x.Slug]) || target != "" && x.TargetSlug == target) {
			d.recipes = append(d.recipes, x)
		}
	}
	images, err := s.Store.Images(ctx)
	for _, i := range images {
		if i.RetiredAt.IsZero() && slices.ContainsFunc(d.recipes, func(x hackfest.Recipe) bool { return x.Suits(i) }) || tested["i "+i.Slug] {
			d.images = append(d.images, i)
		}
	}
	return d, err
}

// tryURL is where one begins to try a recipe on an image.
func tryURL(x hackfest.Recipe, i hackfest.Image) string {
	return templates.RecipeURL(x.Slug) + "?" + url.Values{"image": {i.Slug}}.Encode() + "#start"
}

// matrix is which recipe runs on which base image.
func (s *Server) matrix(r *http.Request, c ui.Clock) (box templates.MatrixBox, err error) {
	d, err := s.matrixData(r.Context(), viewerOf(r), "")
	if err != nil {
		return box, err
	}
	for _, i := range d.images {
		box.Images = append(box.Images, templates.ImageLink{Name: i.Name, Href: templates.ImageURL(i.Slug)})
	}
	for _, x := range d.recipes {
		row := templates.MatrixRow{Slug: x.Slug, Href: templates.RecipeURL(x.Slug)}
		for _, i := range d.images {
			cell := templates.MatrixCell{}
			if last, ok := d.last[[2]string{x.Slug, i.Slug}]; ok {
				m := s.resultMark(c, last)
				cell.Last = &m
			} else if x.Suits(i) && i.RetiredAt.IsZero() {
				cell.Try, cell.Note = tryURL(x, i), x.Slug+" on "+i.Name+": untested, be the first"
			} else {
				cell.Note = x.Slug + " is not meant for " + i.Name
			}
			row.Cells = append(row.Cells, cell)
		}
		box.Rows = append(box.Rows, row)
	}
	return box, nil
}

// recipesOfTarget are the recipes of a target with the last result on each image.
func (s *Server) recipesOfTarget(r *http.Request, c ui.Clock, slug string) ([]templates.TargetRecipe, error) {
	d, err := s.matrixData(r.Context(), viewerOf(r), slug)
	if err != nil {
		return nil, err
	}
	var rows []templates.TargetRecipe
	for _, x := range d.recipes {
		before := len(rows)
		for _, i := range d.images {
			row := templates.TargetRecipe{Slug: x.Slug, Href: templates.RecipeURL(x.Slug), Image: i.Name, Try: tryURL(x, i)}
			last, ok := d.last[[2]string{x.Slug, i.Slug}]
			if ok {
				m := s.resultMark(c, last)
				row.Last, row.Who, row.Minutes = &m, whoOf(last), readyIn(last)
			} else if !x.Suits(i) || !i.RetiredAt.IsZero() {
				continue
			}
			rows = append(rows, row)
		}
		if len(rows) == before {
			rows = append(rows, templates.TargetRecipe{Slug: x.Slug, Href: templates.RecipeURL(x.Slug), Image: meantFor(x), Try: templates.RecipeURL(x.Slug)})
		}
	}
	return rows, nil
}

// changedCells is what a session changed in the matrix.
func changedCells(list []hackfest.MatrixChange) []templates.ChangedCell {
	var cells []templates.ChangedCell
	for _, x := range list {
		cell := templates.ChangedCell{
			Recipe: x.RecipeSlug, Href: templates.RecipeURL(x.RecipeSlug), Image: x.ImageName, Outcome: resultOutcome[x.Outcome],
			Word: resultOutcome[x.Outcome].Words(), Before: "untested",
		}
		if x.Before != "" {
			cell.Before = resultOutcome[x.Before].Words()
		}
		cells = append(cells, cell)
	}
	return cells
}

// fillTargetRecipes fills in the recipes of a target.
func (s *Server) fillTargetRecipes(r *http.Request, p *templates.TargetPage, t hackfest.Target) (err error) {
	p.Recipes, err = s.recipesOfTarget(r, p.Clock, t.Slug)
	return err
}

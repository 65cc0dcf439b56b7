package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
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

// fillResults fills in what came of a recipe.
func (s *Server) fillResults(r *http.Request, p *templates.RecipePage, v recipeView) {
	a := actorOf(r)
	for _, x := range v.results {
		row := templates.ResultRow{
			ResultMark: s.resultMark(p.Clock, x), Image: x.ImageName, Cloud: x.Cloud, Who: whoOf(x), Minutes: readyIn(x), Note: x.Note,
		}
		if x.SessionSlug == "" {
			row.Href = ""
		}
		if x.Version > 0 && x.Version != v.versions {
			row.Version = "of version " + strconv.Itoa(x.Version)
		}
		if person.Can(a, person.RemoveResult, person.Object{Owner: x.PersonID}) == nil {
			row.Remove, row.Once, p.Mine = resultURL(x.ID)+"/remove", newKey().String(), true
		}
		p.Results = append(p.Results, row)
	}
	if len(p.Results) > 0 {
		p.Last = &p.Results[0].ResultMark
	}
}

// resultURL is the path below which a result is changed.
func resultURL(id hackfest.ResultID) string { return "/results/" + strconv.FormatInt(int64(id), 10) }

// whoOf is who found a result; nil for who is not to be named.
func whoOf(x hackfest.RecipeResult) *ui.Who {
	if x.Who == "" {
		return nil
	}
	w := &ui.Who{Nick: x.Who}
	if x.Listed {
		w.Href = templates.PersonURL(x.Who)
	}
	return w
}

// readyIn is how long it took until a recipe was ready.
func readyIn(x hackfest.RecipeResult) string {
	if x.Minutes < 0 {
		return "–"
	}
	return strconv.Itoa(x.Minutes)
}

// offeredSessions is how many sessions the form for a result suggests.
const offeredSessions = 20

// showResultForm answers GET /recipes/{recipe}/result.
func (s *Server) showResultForm(w http.ResponseWriter, r *http.Request) error {
	p, err := s.resultPage(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p.Form, p.Image, p.Session = newForm(""), cmp.Or(q.Get("image"), p.Image), cmp.Or(q.Get("session"), p.Session)
	return s.show(w, r, templates.Result(p))
}

// resultPage is the form for a result of the recipe in the path.
func (s *Server) resultPage(r *http.Request) (p templates.ResultPage, err error) {
	ctx, now := r.Context(), s.Now()
	x, err := s.Store.Recipe(ctx, chi.URLParam(r, "recipe"))
	if err != nil {
		return p, err
	}
	if p.Frame, err = s.frame(r, "What came of "+x.Slug+"?"); err != nil {
		return p, err
	}
	p.Section, p.Slug, p.Back = "/recipes", x.Slug, templates.RecipeURL(x.Slug)
	p.Path = p.Back + "/results"
	images, err := s.Store.Images(ctx)
	if err != nil {
		return p, err
	}
	for _, i := range images {
		if !i.RetiredAt.IsZero() {
			continue
		}
		p.Images = append(p.Images, ui.Choice{Value: i.Slug, Text: i.Name})
		if p.Image == "" && x.Suits(i) {
			p.Image = i.Slug
		}
	}
	for _, o := range hackfest.ResultOutcomes {
		p.Outcomes = append(p.Outcomes, ui.Choice{Value: string(o), Text: resultOutcome[o].Words()})
	}
	sessions, err := s.Store.Sessions(ctx, viewerOf(r), store.SessionFilter{To: now, Desc: true, Limit: offeredSessions})
	if err != nil {
		return p, err
	}
	for _, y := range sessions {
		if y.State == hackfest.StateCancelled {
			continue
		}
		p.Sessions = append(p.Sessions, ui.Choice{Value: y.Slug, Text: y.Title})
		if p.Session == "" && x.TargetSlug != "" && y.TargetSlug == x.TargetSlug && now.Sub(y.EndsAt) < 24*time.Hour {
			p.Session = y.Slug
		}
	}
	settings, err := s.Store.Settings(ctx, actorOf(r).ID)
	if err == nil && !settings.Unnamed {
		p.Who = actorOf(r).Name
	}
	return p, err
}

// addResult answers POST /recipes/{recipe}/results, and the same of the API.
func (s *Server) addResult(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	slug := chi.URLParam(r, "recipe")
	if _, err := s.Store.Recipe(r.Context(), slug); err != nil {
		return err
	}
	x, err := resultIn(form)
	if err == nil {
		x.RecipeSlug, x.PersonID, x.Key = slug, actorOf(r).ID, formKey(r).String()
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			id, err := tx.AddResult(ctx, viewerOf(r), x, s.Now().UTC())
			return done{
				To: templates.RecipeURL(slug) + "#tested", Said: "It is on record: " + slug + " " + resultWords[x.Outcome] + ".",
				Undo: resultURL(id) + "/remove",
			}, err
		})
	}
	if err == nil || !mendable(err) {
		return err
	}
	if writtenBody(r) != "" {
		return err
	}
	p, failed := s.resultPage(r)
	if failed != nil {
		return failed
	}
	p.Form = typed("", form, err)
	return s.again(w, r, err, templates.Result(p))
}

// resultWords are what came of a recipe, in a sentence.
var resultWords = map[hackfest.ResultOutcome]string{
	hackfest.ResultWorks: "works", hackfest.ResultNotes: "works with notes", hackfest.ResultFails: "did not work",
}

// resultIn reads a result from a form.
func resultIn(form url.Values) (hackfest.RecipeResult, error) {
	x := hackfest.RecipeResult{
		ImageSlug: form.Get("image"), Cloud: form.Get("cloud"), Outcome: hackfest.ResultOutcome(form.Get("outcome")), Minutes: -1,
		Note: form.Get("note"), SessionSlug: strings.TrimSpace(form.Get("session")),
	}
	text := strings.TrimSpace(form.Get("minutes"))
	if text == "" {
		return x, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return x, fault.On("minutes", "Write the minutes until it was ready in digits, at most %d.", hackfest.MaxResultMinutes)
	}
	x.Minutes = n
	return x, nil
}

// removeResult answers POST /results/{result}/remove and /restore.
func (s *Server) removeResult(back bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := resultIDOf(r)
		if err != nil {
			return err
		}
		x, err := s.Store.Result(r.Context(), viewerOf(r), id)
		if err != nil {
			return err
		}
		d := done{To: templates.RecipeURL(x.RecipeSlug) + "#tested", Said: "The result is taken back.", Undo: resultURL(id) + "/restore"}
		if back {
			d.Said, d.Undo = "The result is on record again.", resultURL(id)+"/remove"
		}
		return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			if x.PersonID != actorOf(r).ID {
				if err := s.audit(ctx, tx, r, string(person.RemoveResult), x.RecipeSlug+" on "+x.ImageSlug, nil, map[string]any{"outcome": x.Outcome, "restored": back}); err != nil {
					return d, err
				}
			}
			return d, tx.RemoveResult(ctx, id, back, s.Now().UTC())
		})
	}
}

// resultIDOf is the id of the result in the path.
func resultIDOf(r *http.Request) (hackfest.ResultID, error) {
	return pathID[hackfest.ResultID](r, "result", fault.New(fault.NotFound, "There is no such result."))
}

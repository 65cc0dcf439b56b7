package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// repositoryUseRoutes adds the routes by which repositories are chosen for
// targets, series and sessions.
func (s *Server) repositoryUseRoutes(r *table) {
	for path, do := range map[string]person.Action{
		"/targets/{target}": person.EditTarget, "/series/{series}": person.PlanSeries, "/sessions/{session}": person.PlanSession,
	} {
		r.get(path+"/repositories", do, s.page(s.showRepositoriesOf))
		r.post(path+"/repositories", do, s.page(s.saveRepositoriesOf))
	}
}

// repositoryHome is what repositories are chosen for.
type repositoryHome struct {
	of          hackfest.RepositoryUse
	at          string // path of its page
	title, name string // of it; for the audit log
	section     string
	crumb       templates.LogLink
	also        []hackfest.RepositoryUse // from which it has more of them
}

// repositoryHome is what the path of r names. elsewhere is where it is now, when
// it has another address.
func (s *Server) repositoryHome(r *http.Request) (h repositoryHome, elsewhere string, err error) {
	if slug := chi.URLParam(r, "session"); slug != "" {
		x, err := s.Store.Session(r.Context(), viewerOf(r), slug)
		if err != nil {
			return h, "", err
		}
		h, err = s.sessionRepositoryHome(r, x)
		return h, "", err
	}
	if chi.URLParam(r, "series") != "" {
		x, err := s.seriesOf(r)
		return seriesRepositoryHome(x), "", err
	}
	t, elsewhere, err := s.targetOf(r)
	return targetRepositoryHome(t), elsewhere, err
}

func targetRepositoryHome(t hackfest.Target) repositoryHome {
	return repositoryHome{
		of: hackfest.RepositoryUse{TargetID: t.ID}, at: templates.TargetURL(t.Slug), title: t.Name, name: "target " + t.Slug,
		section: "/targets", crumb: templates.LogLink{Href: "/targets", Text: "Targets"},
	}
}

func seriesRepositoryHome(x hackfest.Series) repositoryHome {
	return repositoryHome{
		of: hackfest.RepositoryUse{SeriesID: x.ID}, at: templates.SeriesURL(x.Slug), title: x.Title, name: "series " + x.Slug,
		section: "/schedule", crumb: templates.LogLink{Href: "/schedule", Text: "Schedule"},
	}
}

func (s *Server) sessionRepositoryHome(r *http.Request, x hackfest.Session) (repositoryHome, error) {
	h := repositoryHome{
		of: hackfest.RepositoryUse{SessionID: x.ID}, at: templates.SessionURL(x.Slug), title: x.Title, name: "session " + x.Slug,
		section: "/schedule", crumb: templates.LogLink{Href: "/schedule", Text: "Schedule"},
	}
	if x.TargetSlug != "" {
		t, err := s.Store.Target(r.Context(), x.TargetSlug)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return h, err
		}
		h.also = append(h.also, hackfest.RepositoryUse{TargetID: t.ID})
	}
	if x.SeriesSlug != "" {
		e, err := s.Store.Series(r.Context(), viewerOf(r), x.SeriesSlug)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return h, err
		}
		h.also = append(h.also, hackfest.RepositoryUse{SeriesID: e.ID})
	}
	return h, nil
}

// repositoryChoice is what may be chosen for h, and what is.
func (s *Server) repositoryChoice(r *http.Request, h repositoryHome) (templates.RepositoryChoice, error) {
	ctx, v := r.Context(), viewerOf(r)
	c := templates.RepositoryChoice{Path: h.at + "/repositories"}
	all, err := s.Store.Repositories(ctx, v)
	if err != nil || len(all) == 0 {
		return c, err
	}
	own, err := s.Store.OwnRepositories(ctx, v, h.of)
	if err != nil {
		return c, err
	}
	for _, x := range all {
		c.All = append(c.All, x.Name)
		if slices.Contains(own, x.ID) {
			c.Chosen = append(c.Chosen, x.Name)
		}
	}
	var also []string
	for _, of := range h.also {
		list, err := s.Store.RepositoriesOf(ctx, v, of)
		if err != nil {
			return c, err
		}
		for _, x := range list {
			if !slices.Contains(also, x.Name) {
				also = append(also, x.Name)
			}
		}
	}
	if len(also) > 0 {
		c.Also = "It has " + chart.List(also) + " from its target or series."
	}
	return c, nil
}

// repositoriesBelow is the form that chooses repositories, for the page of
// another form; nil when none is registered.
func (s *Server) repositoriesBelow(r *http.Request, h repositoryHome) (templ.Component, error) {
	c, err := s.repositoryChoice(r, h)
	if err != nil || len(c.All) == 0 {
		return nil, err
	}
	return templates.RepositoriesForm(newForm("repositories"), c), nil
}

// repositoryQuestion is the form by which repositories are chosen for h.
func (s *Server) repositoryQuestion(r *http.Request, h repositoryHome) (question, error) {
	f, err := s.frame(r, "Repositories")
	if err != nil {
		return question{}, err
	}
	f.NoIndex, f.Section = true, h.section
	c, err := s.repositoryChoice(r, h)
	q := question{page: templates.QuestionPage{
		Frame: f, Crumbs: []templates.LogLink{h.crumb, {Href: h.at, Text: h.title}}, Heading: "Repositories", Path: c.Path, Back: h.at, Button: "Save",
	}}
	if len(c.All) == 0 {
		q.page.Says, q.page.Button, q.page.Leave = []string{"No repository is registered here. An admin does that on /admin/repositories."}, "", "Back"
		return q, err
	}
	q.fields = func(form ui.Form) templ.Component { return templates.RepositoryTicks(form, c) }
	return q, err
}

// onRepositories has do answer for what the path names, or leads to where that is
// now.
func (s *Server) onRepositories(w http.ResponseWriter, r *http.Request, do func(repositoryHome, question) error) error {
	h, elsewhere, err := s.repositoryHome(r)
	if err != nil {
		return err
	}
	if elsewhere != "" {
		http.Redirect(w, r, elsewhere, http.StatusPermanentRedirect)
		return nil
	}
	q, err := s.repositoryQuestion(r, h)
	if err != nil {
		return err
	}
	return do(h, q)
}

// showRepositoriesOf answers GET /targets/{target}/repositories and its like.
func (s *Server) showRepositoriesOf(w http.ResponseWriter, r *http.Request) error {
	return s.onRepositories(w, r, func(_ repositoryHome, q question) error { return s.ask(w, r, q) })
}

// saveRepositoriesOf answers POST /targets/{target}/repositories and its like.
func (s *Server) saveRepositoriesOf(w http.ResponseWriter, r *http.Request) error {
	form, err := planForm(r)
	if err != nil {
		return err
	}
	return s.onRepositories(w, r, func(h repositoryHome, q question) error {
		q.do = func(ctx context.Context, tx *store.Store) (done, error) {
			return s.chooseRepositories(ctx, tx, r, form, h)
		}
		return s.answerQuestion(w, r, form, q)
	})
}

// chooseRepositories adds what was ticked, and what is not ticked any more goes.
// What somebody else chose meanwhile stays.
func (s *Server) chooseRepositories(ctx context.Context, tx *store.Store, r *http.Request, form url.Values, h repositoryHome) (done, error) {
	v := viewerOf(r)
	was, err := tx.OwnRepositories(ctx, v, h.of)
	if err != nil {
		return done{}, err
	}
	dropped, err := repositoriesNamed(ctx, tx, v, strings.Split(form.Get("was"), ","))
	if err != nil && !mendable(err) { // one that was taken off meanwhile is dropped anyway
		return done{}, err
	}
	ticked, err := repositoriesNamed(ctx, tx, v, form["repositories"])
	if err != nil {
		return done{}, err
	}
	is := slices.DeleteFunc(slices.Clone(was), func(id hackfest.RepositoryID) bool { return slices.Contains(dropped, id) })
	for _, id := range ticked {
		if !slices.Contains(is, id) {
			is = append(is, id)
		}
	}
	if err := tx.SetRepositoryUses(ctx, h.of, is, s.Now().UTC()); err != nil {
		return done{}, err
	}
	before, after, err := namesOf(ctx, tx, v, was, is)
	if err != nil {
		return done{}, err
	}
	d := done{To: h.at, Said: chosenWords(after), Undo: undo(h.at+"/repositories", 0, url.Values{"was": {strings.Join(after, ",")}, "repositories": before})}
	return d, s.audit(ctx, tx, r, "choose repositories", h.name, map[string]any{"repositories": before}, map[string]any{"repositories": after})
}

// chosenWords say which repositories something has now.
func chosenWords(names []string) string {
	if len(names) == 0 {
		return "No repository belongs to it now."
	}
	return chart.List(names) + " " + map[bool]string{true: "belongs", false: "belong"}[len(names) == 1] + " to it now."
}

// repositoriesNamed are the repositories of those names; others are fault.Invalid.
func repositoriesNamed(ctx context.Context, tx *store.Store, v person.Viewer, names []string) ([]hackfest.RepositoryID, error) {
	var list []hackfest.RepositoryID
	var wrong error
	for _, n := range names {
		if n == "" {
			continue
		}
		x, err := tx.Repository(ctx, v, n)
		switch {
		case fault.KindOf(err) == fault.NotFound:
			wrong = fault.On("repositories", "%s is not registered any more.", ui.Visible(n))
		case err != nil:
			return nil, err
		default:
			list = append(list, x.ID)
		}
	}
	return list, wrong
}

// namesOf are what repositories are called, of two lists at once.
func namesOf(ctx context.Context, tx *store.Store, v person.Viewer, a, b []hackfest.RepositoryID) (first, second []string, err error) {
	all, err := tx.Repositories(ctx, v)
	for _, x := range all {
		if slices.Contains(a, x.ID) {
			first = append(first, x.Name)
		}
		if slices.Contains(b, x.ID) {
			second = append(second, x.Name)
		}
	}
	return first, second, err
}

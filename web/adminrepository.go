package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// usersShown is how many targets, series and sessions of a repository are listed.
const usersShown = 20

// repositoryRoutes adds the routes by which admins register repositories.
func (s *Server) repositoryRoutes(r *table) {
	r.get("/admin/repositories", person.Administer, s.page(s.listRepositories))
	r.post("/admin/repositories", person.Administer, s.page(s.addRepository))
	r.get("/admin/repositories/deliveries", person.Administer, s.page(s.listHookDeliveries))
	r.get("/admin/repositories/{owner}/{repository}", person.Administer, s.page(s.showRepository))
	r.post("/admin/repositories/{owner}/{repository}", person.Administer, s.page(s.saveRepository))
	r.post("/admin/repositories/{owner}/{repository}/check", person.Administer, s.page(s.checkRepository))
	r.post("/admin/repositories/{owner}/{repository}/remove", person.Administer, s.page(s.removeRepository))
	r.post("/admin/repositories/{owner}/{repository}/restore", person.Administer, s.page(s.restoreRepository))
}

// repositoryOf is the repository that the path of r names; elsewhere is the path
// under its name now, when the path has another.
func (s *Server) repositoryOf(r *http.Request) (x hackfest.Repository, elsewhere string, err error) {
	name := pathParam(r, "owner") + "/" + pathParam(r, "repository")
	x, err = s.Store.Repository(r.Context(), viewerOf(r), name)
	if err == nil && x.Name != name {
		rest, _ := strings.CutPrefix(r.URL.Path, templates.AdminRepositoryURL(name))
		elsewhere = templates.AdminRepositoryURL(x.Name) + rest
	}
	return x, elsewhere, err
}

// onRepository runs a handler with the repository in the path; a name that it had
// before leads on.
func (s *Server) onRepository(w http.ResponseWriter, r *http.Request, fn func(x hackfest.Repository) error) error {
	x, elsewhere, err := s.repositoryOf(r)
	if err != nil {
		return err
	}
	if elsewhere != "" {
		http.Redirect(w, r, elsewhere, http.StatusPermanentRedirect)
		return nil
	}
	return fn(x)
}

// listRepositories answers GET /admin/repositories; name is proposed for the form.
func (s *Server) listRepositories(w http.ResponseWriter, r *http.Request) error {
	return s.repositoriesPage(w, r, newForm("new"), nil)
}

// repositoriesPage shows all repositories, with the form to add one; wrong is what
// was wrong with that.
func (s *Server) repositoriesPage(w http.ResponseWriter, r *http.Request, form ui.Form, wrong error) error {
	ctx, v := r.Context(), viewerOf(r)
	f, err := s.adminFrame(r, "Repositories")
	if err != nil {
		return err
	}
	state, err := s.Store.GitHubState(ctx)
	if err != nil {
		return err
	}
	list, err := s.Store.Repositories(ctx, v)
	if err != nil {
		return err
	}
	users, err := s.Store.RepositoryUsers(ctx, v, 0, usersShown)
	if err != nil {
		return err
	}
	hub := hubWords{Server: s, clock: f.Clock, state: state}
	p := templates.AdminRepositoriesPage{Frame: f, State: hub.facts(), Wrong: hub.wrong(list), Hook: hub.hook(""), New: form}
	if name, err := hackfest.ParseRepository(r.URL.Query().Get("name"), s.gitHubWeb()); err == nil {
		p.Typed = name
	}
	for _, x := range list {
		row := templates.AdminRepositoryRow{
			Name: x.Name, Href: templates.AdminRepositoryURL(x.Name), About: ui.Visible(x.About), State: hub.badge(x), Trouble: hub.trouble(x),
			Known: hub.known(x), Uses: usesWords(users, x.ID), Members: x.Visibility == person.MembersOnly,
		}
		p.Rows = append(p.Rows, row)
	}
	if wrong != nil {
		return s.again(w, r, wrong, templates.AdminRepositories(p))
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.AdminRepositories(p))
}

// usesWords count to what a repository belongs.
func usesWords(users []hackfest.RepositoryUser, id hackfest.RepositoryID) string {
	n := map[string]int{}
	for _, u := range users {
		if u.RepositoryID == id {
			n[u.Kind]++
		}
	}
	var parts []string
	for _, k := range []struct{ kind, one, many string }{{"target", "target", "targets"}, {"series", "series", "series"}, {"session", "session", "sessions"}} {
		switch {
		case n[k.kind] >= usersShown:
			parts = append(parts, "many "+k.many)
		case n[k.kind] > 0:
			parts = append(parts, counted(n[k.kind], k.one, k.many))
		}
	}
	if len(parts) == 0 {
		return "nothing yet"
	}
	return strings.Join(parts, ", ")
}

// addRepository answers POST /admin/repositories.
func (s *Server) addRepository(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	name, err := hackfest.ParseRepository(form.Get("repository"), s.gitHubWeb())
	seen := person.Visibility(form.Get("visibility"))
	if wrong := (hackfest.RepositoryEdit{Visibility: seen}).Check(); wrong != nil {
		err = errors.Join(err, wrong)
	}
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			if is, err := tx.Repository(ctx, viewerOf(r), name); err == nil {
				return done{}, alreadyThere(is.Name, name)
			} else if fault.KindOf(err) != fault.NotFound {
				return done{}, err
			}
			if _, err := tx.AddRepository(ctx, name, seen, s.Now().UTC()); err != nil {
				return done{}, onRepositoryField(err)
			}
			at := templates.AdminRepositoryURL(name)
			d := done{To: at, Said: name + " is registered. GitHub is asked about it within a minute or two.", Undo: at + "/remove"}
			return d, s.audit(ctx, tx, r, "add repository", name, nil, map[string]any{"visibility": seen})
		})
	}
	if mendable(err) {
		return s.repositoriesPage(w, r, typed("new", form, err), err)
	}
	return err
}

// alreadyThere is why a repository that is registered cannot be added.
func alreadyThere(is, asked string) error {
	e := &fault.Error{Kind: fault.Conflict, Field: "repository", Message: is + " is registered already."}
	if !strings.EqualFold(is, asked) {
		e.Message = asked + " is called " + is + " now, and registered already."
	}
	return e
}

// onRepositoryField says of what is wrong which field it is.
func onRepositoryField(err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Field == "" && (e.Kind == fault.Conflict || e.Kind == fault.Invalid) {
		return &fault.Error{Kind: e.Kind, Field: "repository", Message: e.Message, Err: err}
	}
	return err
}

// showRepository answers GET /admin/repositories/{owner}/{repository}.
func (s *Server) showRepository(w http.ResponseWriter, r *http.Request) error {
	return s.onRepository(w, r, func(x hackfest.Repository) error {
		p, err := s.repositoryPage(r, x, newForm("settings"))
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		return s.show(w, r, templates.AdminRepository(p))
	})
}

func (s *Server) repositoryPage(r *http.Request, x hackfest.Repository, form ui.Form) (templates.AdminRepositoryPage, error) {
	ctx, v := r.Context(), viewerOf(r)
	f, err := s.adminFrame(r, x.Name)
	if err != nil {
		return templates.AdminRepositoryPage{}, err
	}
	state, errState := s.Store.GitHubState(ctx)
	known, errKnown := s.Store.RepositoryKnown(ctx, v, x.ID)
	former, errFormer := s.Store.FormerNames(ctx, v, x.ID)
	users, errUsers := s.Store.RepositoryUsers(ctx, v, x.ID, usersShown)
	if err := errors.Join(errState, errKnown, errFormer, errUsers); err != nil {
		return templates.AdminRepositoryPage{}, err
	}
	hub := hubWords{Server: s, clock: f.Clock, state: state}
	p := templates.AdminRepositoryPage{
		Frame: f, Repository: x, Href: templates.AdminRepositoryURL(x.Name), GitHub: s.gitHubWeb() + "/" + x.Name, State: hub.badge(x),
		Trouble: hub.trouble(x), Facts: hub.about(x, known, former), Hook: hub.hook(x.Name),
		Form: form, Check: newForm("check"), Remove: newForm("remove"),
	}
	if !x.Recorded() {
		p.Wrong = hub.wrong([]hackfest.Repository{x})
	}
	for _, u := range users {
		p.Uses = append(p.Uses, s.userLink(f.Clock, u))
	}
	return p, nil
}

// userLink leads to what a repository belongs to.
func (s *Server) userLink(c ui.Clock, u hackfest.RepositoryUser) templates.LogLink {
	switch u.Kind {
	case "target":
		return templates.LogLink{Href: templates.TargetURL(u.Slug), Text: "Target " + ui.Visible(u.Title)}
	case "series":
		return templates.LogLink{Href: templates.SeriesURL(u.Slug), Text: "Series " + ui.Visible(u.Title)}
	}
	return templates.LogLink{Href: templates.SessionURL(u.Slug), Text: ui.Visible(u.Title) + ", " + c.Weekday(u.StartsAt, u.Zone).Text}
}

// saveRepository answers POST /admin/repositories/{owner}/{repository}. To publish
// what GitHub shows to its members alone is asked about first.
func (s *Server) saveRepository(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	return s.onRepository(w, r, func(was hackfest.Repository) error {
		e := hackfest.RepositoryEdit{
			Visibility: person.Visibility(form.Get("visibility")), BugLabels: hackfest.ParseLabels(form.Get("bugs")),
			FirstLabels: hackfest.ParseLabels(form.Get("firsts")),
		}
		err := e.Check()
		if publishes := was.Private && was.Visibility == person.MembersOnly && e.Visibility == person.Public; err == nil && publishes && form.Get("confirmed") == "" {
			return s.confirmRepository(w, r, was, form)
		}
		if err == nil {
			err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
				revision := sentRevision(form)
				if err := tx.SetRepository(ctx, was.ID, e, revision); err != nil {
					return done{}, err
				}
				is, err := tx.Repository(ctx, viewerOf(r), was.Name)
				if err != nil {
					return done{}, err
				}
				d := done{To: templates.AdminRepositoryURL(is.Name), Said: is.Name + " is saved."}
				return d, s.audit(ctx, tx, r, "change repository", is.Name, repositoryFacts(was), repositoryFacts(is))
			})
		}
		if !mendable(err) {
			return err
		}
		back := typed("settings", form, err)
		if fault.KindOf(err) == fault.Conflict {
			var failed error
			if was, _, failed = s.repositoryOf(r); failed != nil {
				return failed
			}
			back.Theirs = url.Values{
				"visibility": {string(was.Visibility)}, "bugs": {strings.Join(was.BugLabels, "\n")}, "firsts": {strings.Join(was.FirstLabels, "\n")},
			}
		}
		p, failed := s.repositoryPage(r, was, back)
		if failed != nil {
			return failed
		}
		return s.again(w, r, err, templates.AdminRepository(p))
	})
}

// confirmRepository asks whether what GitHub hides is meant to be published.
func (s *Server) confirmRepository(w http.ResponseWriter, r *http.Request, x hackfest.Repository, form url.Values) error {
	f, err := s.adminFrame(r, x.Name)
	if err != nil {
		return err
	}
	p := templates.AdminConfirmPage{
		Frame: f, Name: x.Name, Href: templates.AdminRepositoryURL(x.Name), Button: "Publish it",
		Does: []string{"GitHub shows " + x.Name + " to its members alone. Titles, labels and people of its issues, and its commits, are for everybody then, and for search engines."},
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			p.Values = append(p.Values, templates.HiddenValue{Name: name, Value: value})
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.send(w, r, http.StatusOK, templates.AdminConfirm(p))
}

// repositoryFacts are the settings of a repository for the audit log.
func repositoryFacts(x hackfest.Repository) map[string]any {
	return map[string]any{"visibility": x.Visibility, "labels of bugs": x.BugLabels, "labels for newcomers": x.FirstLabels}
}

// checkRepository answers POST …/check: GitHub is asked as soon as it lets us.
func (s *Server) checkRepository(w http.ResponseWriter, r *http.Request) error {
	return s.onRepository(w, r, func(x hackfest.Repository) error {
		if x.Recorded() {
			return fault.New(fault.Conflict, "%s was written down once, and GitHub is never asked about it.", x.Name)
		}
		state, err := s.Store.GitHubState(r.Context())
		if err != nil {
			return err
		}
		return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			d := done{To: templates.AdminRepositoryURL(x.Name), Said: "GitHub is asked within a minute or two. Load this page again then."}
			if b, _ := s.GitHub.Blocked(state.Limits, s.Now()); b != nil {
				d.Said = "GitHub is asked as soon as it lets us, at " + b.Until.In(s.locate(s.community())).Format("15:04 MST") + ". " + ui.Visible(b.Reason)
			}
			return d, tx.DueNow(ctx, x.ID, s.Now().UTC())
		})
	})
}

// removeRepository answers POST …/remove.
func (s *Server) removeRepository(w http.ResponseWriter, r *http.Request) error {
	if to, known := s.carriedOut(r); known { // sent twice: there is no such repository any more
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	return s.onRepository(w, r, func(x hackfest.Repository) error {
		return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			if err := tx.RemoveRepository(ctx, x.ID, s.Now().UTC()); err != nil {
				return done{}, err
			}
			d := done{To: "/admin/repositories", Said: x.Name + " is taken off.", Undo: templates.AdminRepositoryURL(x.Name) + "/restore"}
			return d, s.audit(ctx, tx, r, "remove repository", x.Name, repositoryFacts(x), nil)
		})
	})
}

// restoreRepository answers POST …/restore.
func (s *Server) restoreRepository(w http.ResponseWriter, r *http.Request) error {
	name := pathParam(r, "owner") + "/" + pathParam(r, "repository")
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		x, err := tx.RemovedRepository(ctx, viewerOf(r), name)
		if err != nil {
			return done{}, err
		}
		if err := tx.RestoreRepository(ctx, x.ID, s.Now().UTC()); err != nil {
			return done{}, err
		}
		d := done{To: templates.AdminRepositoryURL(x.Name), Said: x.Name + " is back, with all that was known of it."}
		return d, s.audit(ctx, tx, r, "restore repository", x.Name, nil, repositoryFacts(x))
	})
}

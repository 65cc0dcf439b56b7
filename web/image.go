package web

import (
	"context"
	"errors"
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
)

// listImages answers GET /images.
func (s *Server) listImages(w http.ResponseWriter, r *http.Request) error {
	f, err := s.frame(r, "Base images")
	if err != nil {
		return err
	}
	f.Section, f.Description = "/recipes", "The base images that recipes of "+f.Community+" start from, with their ids in each cloud."
	images, err := s.Store.Images(r.Context())
	if err != nil {
		return err
	}
	recipes, err := s.Store.Recipes(r.Context())
	if err != nil {
		return err
	}
	p := templates.ImagesPage{Frame: f, Edit: mayEditRecipes(r)}
	for _, i := range images {
		row := templates.ImageRow{
			Slug: i.Slug, Name: i.Name, Distribution: strings.TrimSpace(i.Distribution + " " + i.Release), Architecture: i.Architecture,
			Login: i.Login, Edit: "/images/" + url.PathEscape(i.Slug) + "/edit", Retired: !i.RetiredAt.IsZero(),
		}
		for _, d := range i.IDs {
			row.IDs = append(row.IDs, templates.CloudID{Cloud: d.Cloud, ID: d.ID})
		}
		for _, x := range recipes {
			if x.RetiredAt.IsZero() && x.Distribution != "" && x.Suits(i) {
				row.Recipes++
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return s.show(w, r, templates.Images(p))
}

// imageEditPage is the form about image i; the zero Image is a new one.
func (s *Server) imageEditPage(r *http.Request, i hackfest.Image) (templates.ImageEditPage, error) {
	p := templates.ImageEditPage{
		New: i.ID == 0, Path: "/images/new", Revision: strconv.Itoa(i.Revision), Name: i.Name, Distribution: i.Distribution, Release: i.Release,
		Architecture: i.Architecture, Login: i.Login, IDs: hackfest.FormatImageIDs(i.IDs), Retired: !i.RetiredAt.IsZero(),
	}
	title := "Add an image"
	if !p.New {
		title, p.Path = "Edit "+i.Name, "/images/"+url.PathEscape(i.Slug)+"/edit"
	}
	var err error
	if p.Frame, err = s.frame(r, title); err != nil {
		return p, err
	}
	p.Section = "/recipes"
	p.Distributions, err = s.distributions(r.Context())
	return p, err
}

// showNewImage answers GET /images/new.
func (s *Server) showNewImage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.imageEditPage(r, hackfest.Image{Architecture: "x86_64"})
	if err != nil {
		return err
	}
	p.Form = newForm("")
	return s.show(w, r, templates.ImageEdit(p))
}

// imageIn fills what a form says into i.
func imageIn(form url.Values, i hackfest.Image) (hackfest.Image, error) {
	i.Name, i.Distribution, i.Release = form.Get("name"), form.Get("distribution"), form.Get("release")
	i.Architecture, i.Login, i.RetiredAt = form.Get("architecture"), form.Get("login"), time.Time{}
	if form.Get("retired") != "" {
		i.RetiredAt = time.Unix(1, 0) // since when, the store knows
	}
	ids, wrong := hackfest.ParseImageIDs(form.Get("ids"))
	i.IDs = ids
	_, err := i.Tidy()
	return i, errors.Join(err, wrong)
}

// addImage answers POST /images/new.
func (s *Server) addImage(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	i, err := imageIn(form, hackfest.Image{})
	if err == nil && hackfest.Slug(i.Name) == "new" {
		err = fault.On("name", "Give it another name: that one is the address of this form.")
	}
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			slug, err := tx.AddImage(ctx, i, s.Now().UTC())
			if err != nil {
				return done{}, err
			}
			return done{To: templates.ImageURL(slug), Said: "The image is added."}, s.audit(ctx, tx, r, string(person.EditRecipe), "image "+slug, nil, imageWords(i))
		})
	}
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.imageEditPage(r, hackfest.Image{})
	if failed != nil {
		return failed
	}
	p.Form = typed("", form, err)
	return s.again(w, r, err, templates.ImageEdit(p))
}

// imageWords is what the audit log keeps of an image.
func imageWords(i hackfest.Image) map[string]any {
	return map[string]any{
		"name": i.Name, "distribution": i.Distribution, "release": i.Release, "architecture": i.Architecture, "login": i.Login,
		"ids": hackfest.FormatImageIDs(i.IDs), "retired": !i.RetiredAt.IsZero(),
	}
}

// showImageEdit answers GET /images/{image}/edit.
func (s *Server) showImageEdit(w http.ResponseWriter, r *http.Request) error {
	i, err := s.Store.Image(r.Context(), chi.URLParam(r, "image"))
	if err != nil {
		return err
	}
	p, err := s.imageEditPage(r, i)
	if err != nil {
		return err
	}
	p.Form = newForm("")
	return s.show(w, r, templates.ImageEdit(p))
}

// saveImage answers POST /images/{image}/edit.
func (s *Server) saveImage(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	was, err := s.Store.Image(r.Context(), chi.URLParam(r, "image"))
	if err != nil {
		return err
	}
	i, err := imageIn(form, was)
	var unnamed error
	if i.Revision, unnamed = neededRevision(form); unnamed != nil {
		err = errors.Join(err, unnamed)
	}
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			d := done{To: templates.ImageURL(i.Slug), Said: "The image is saved."}
			if err := tx.EditImage(ctx, i, s.Now().UTC()); err != nil {
				return d, err
			}
			return d, s.audit(ctx, tx, r, string(person.EditRecipe), "image "+i.Slug, imageWords(was), imageWords(i))
		})
	}
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.imageEditPage(r, was)
	if failed != nil {
		return failed
	}
	p.Form = typed("", form, err)
	if fault.KindOf(err) == fault.Conflict {
		p.Form.Theirs = url.Values{
			"name": {was.Name}, "distribution": {was.Distribution}, "release": {was.Release}, "architecture": {was.Architecture},
			"login": {was.Login}, "ids": {hackfest.FormatImageIDs(was.IDs)},
		}
	}
	return s.again(w, r, err, templates.ImageEdit(p))
}

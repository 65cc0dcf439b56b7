package web

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/recipe"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// startChoice is what somebody chose for the start of an instance.
type startChoice struct{ image, kind, key, group string }

// startOf is the choice in a form or a query, with what is best where it is
// silent: the image on which the recipe worked last.
func startOf(v recipeView, q url.Values) startChoice {
	c := startChoice{image: q.Get("image"), kind: v.Smallest, key: "me", group: v.Slug}
	if q.Has("type") {
		c.kind, c.key, c.group = strings.TrimSpace(q.Get("type")), strings.TrimSpace(q.Get("key")), strings.TrimSpace(q.Get("group"))
	}
	if c.image != "" || len(v.images) == 0 {
		return c
	}
	best := slices.IndexFunc(v.images, func(i hackfest.Image) bool {
		n := slices.IndexFunc(v.results, func(x hackfest.RecipeResult) bool { return x.ImageSlug == i.Slug })
		return n >= 0 && v.results[n].Outcome != hackfest.ResultFails && len(i.IDs) > 0
	})
	if best < 0 {
		best = max(0, slices.IndexFunc(v.images, func(i hackfest.Image) bool { return len(i.IDs) > 0 }))
	}
	c.image = v.images[best].Slug
	return c
}

// check says what is wrong with a choice.
func (c startChoice) check() error {
	var wrong []error
	for _, x := range []struct{ field, text, what string }{{"key", c.key, "key pair"}, {"group", c.group, "security group"}} {
		switch {
		case x.text == "":
			wrong = append(wrong, fault.On(x.field, "Name a %s.", x.what))
		case strings.HasPrefix(x.text, "-"), utf8.RuneCountInString(x.text) > 255, !utf8.ValidString(x.text),
			strings.ContainsFunc(x.text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }):
			wrong = append(wrong, fault.On(x.field, "The name of a %s is one line, does not begin with a dash and has at most 255 characters.", x.what))
		}
	}
	if _, err := (hackfest.Recipe{Kind: hackfest.RecipeBash, Smallest: c.kind}).Tidy(); err != nil {
		wrong = append(wrong, fault.On("type", "Write an instance type as in m1.xlarge."))
	}
	return errors.Join(wrong...)
}

// imageChoices are the images that a recipe is meant for, in each cloud, as
// "slug" or "slug/cloud".
func imageChoices(list []hackfest.Image) (choices []ui.Choice, ids map[string]string) {
	ids = map[string]string{}
	for _, i := range list {
		for n, d := range i.IDs {
			value := i.Slug
			if n > 0 {
				value += "/" + d.Cloud
			}
			ids[value] = d.ID
			choices = append(choices, ui.Choice{Value: value, Text: i.Name + ", " + d.Cloud + ": " + d.ID})
		}
		if len(i.IDs) == 0 {
			choices = append(choices, ui.Choice{Value: i.Slug, Text: i.Name + ", no id listed"})
		}
	}
	return choices, ids
}

// fillStart fills in the form of a recipe and how an instance is started with it.
func (s *Server) fillStart(u *templates.RecipeUse, v recipeView, c startChoice) {
	for _, x := range recipe.Variables(v.Kind, v.version.Source) {
		f := templates.RecipeField{Field: ui.Field{
			Name: recipe.FieldPrefix + x.Name, Label: x.Name, Value: x.Default, Hint: x.Hint, Required: x.Required,
		}, Lines: strings.Contains(x.Default, "\n")}
		if x.Computed != "" {
			f.Hint = strings.TrimSpace(x.Hint + " When empty: " + x.Computed)
		}
		u.Fields = append(u.Fields, f)
	}
	var ids map[string]string
	u.Images, ids = imageChoices(v.images)
	u.Image, u.Type, u.Key, u.Group = c.image, c.kind, c.key, c.group
	if c.check() != nil { // then the form says so
		d := startOf(v, nil)
		c.kind, c.key, c.group = d.kind, d.key, d.group
	}
	ports, _ := hackfest.ParsePorts(v.Ports) // they were read when they were kept
	start := recipe.Start{File: recipe.FileName(v.Recipe), Image: ids[c.image], Type: c.kind, Key: c.key, Group: c.group, Ports: ports}
	u.Unset = start.Image == ""
	for _, tool := range []struct {
		name string
		of   func() (string, string)
	}{{"euca2ools", start.Euca2ools}, {"the AWS command line", start.AWS}} {
		open, run := tool.of()
		u.Starts = append(u.Starts, templates.RecipeStart{Tool: tool.name, Open: open, Run: run})
	}
}

// problemWith says what is wrong with a file of user-data; "" is nothing, or that
// nobody looked.
func (s *Server) problemWith(ctx context.Context, kind hackfest.RecipeKind, text string) (problem string, looked bool) {
	switch {
	case kind == hackfest.RecipeCloudInit:
		if err := recipe.CheckCloudConfig(text); err != nil {
			return fault.Message(err), true
		}
	case kind == hackfest.RecipeBash && s.CheckScript != nil:
		problem, err := s.CheckScript(ctx, text)
		if err != nil {
			s.Log.DebugContext(ctx, "a script was not checked", "err", err) // it is offered all the same
			return "", false
		}
		if problem != "" {
			return "bash cannot read it: " + problem, true
		}
	}
	return "", true
}

// notesOn is what to know about a file of user-data.
func (s *Server) notesOn(ctx context.Context, kind hackfest.RecipeKind, text string) []string {
	var notes []string
	switch problem, looked := s.problemWith(ctx, kind, text); {
	case problem != "":
		notes = append(notes, "The recipe itself has a fault. "+problem)
	case !looked:
		notes = append(notes, "Nobody looked here whether bash can read it. On your machine bash -n does.")
	}
	if len(text) > hackfest.MaxUserData {
		notes = append(notes, fmt.Sprintf("With %d bytes it is too large: a cloud takes at most %d as user-data.", len(text), hackfest.MaxUserData))
	}
	return notes
}

// makeUserData answers POST /recipes/{recipe}/user-data: the recipe with the
// values of who asks, as a file or on its page. Nothing is kept.
func (s *Server) makeUserData(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	v, err := s.recipeOf(r)
	if err != nil {
		return err
	}
	if !v.Kind.UserData() {
		return fault.New(fault.Invalid, "This recipe is not given to an instance as user-data.")
	}
	values := map[string]string{}
	for _, x := range recipe.Variables(v.Kind, v.version.Source) {
		if name := recipe.FieldPrefix + x.Name; form.Has(name) {
			values[x.Name] = form.Get(name)
		}
	}
	choice := startOf(v, form)
	text, err := recipe.Render(v.Kind, v.version.Source, values)
	if err = errors.Join(err, choice.check()); err == nil && text != v.version.Source {
		if problem, _ := s.problemWith(r.Context(), v.Kind, text); problem != "" {
			if own, _ := s.problemWith(r.Context(), v.Kind, v.version.Source); own == "" {
				err = fault.New(fault.Invalid, "With these values the file cannot be used. %s", problem)
			}
		}
	}
	if err != nil && !mendable(err) {
		return err
	}
	if err == nil && form.Get("as") == "file" {
		return s.sendUserData(w, r, v.Recipe, text)
	}
	p, failed := s.recipePage(r, v)
	if failed != nil {
		return failed
	}
	p.NoIndex = true
	p.Use.Form = typed("use", form, err)
	s.fillStart(p.Use, v, choice)
	if err != nil {
		return s.again(w, r, err, templates.Recipe(p))
	}
	p.Use.Rendered, p.Use.Notes = []recipe.Span{{Text: text}}, s.notesOn(r.Context(), v.Kind, text)
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Recipe(p))
}

// sendUserData sends a recipe as a file.
func (s *Server) sendUserData(w http.ResponseWriter, r *http.Request, x hackfest.Recipe, text string) error {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": recipe.FileName(x)}))
	h.Set("Content-Length", strconv.Itoa(len(text)))
	h.Set("Cache-Control", "no-store")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(text))
	return nil
}

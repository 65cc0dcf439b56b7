package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// inheritShown is how many sessions are listed that a check comes to.
const inheritShown = 5

// makesCheck reports whether a may make a check of lesson l, to which it stands as
// in o.
func makesCheck(a person.Actor, l hackfest.Lesson, o person.Object) bool {
	return !l.PublishedAt.IsZero() && l.RetiredAt.IsZero() && a.SignedIn() && person.Can(a, person.EditChecklist, o) == nil
}

// taughtCheck is the lesson in the path, and the session that taught it; the zero
// session when none did.
func (s *Server) taughtCheck(r *http.Request) (hackfest.Lesson, hackfest.Session, error) {
	id, err := lessonOf(r)
	if err != nil {
		return hackfest.Lesson{}, hackfest.Session{}, err
	}
	l, err := s.Store.Lesson(r.Context(), viewerOf(r), id)
	if err != nil || l.SessionSlug == "" {
		return l, hackfest.Session{}, err
	}
	x, err := s.Store.Session(r.Context(), viewerOf(r), l.SessionSlug)
	return l, x, err
}

// checklistFor is the address of the checklist that suits a lesson best: that of
// its target, else that of its session's target, else that of all.
func checklistFor(l hackfest.Lesson, x hackfest.Session) string {
	switch {
	case l.Scope == hackfest.ScopeTarget && l.TargetSlug != "":
		return l.TargetSlug
	case l.Scope == hackfest.ScopeImage && x.TargetSlug != "":
		return x.TargetSlug
	}
	return hackfest.ChecklistSlug
}

// listsFor are the checklists on which the reader of r may put a lesson.
func (s *Server) listsFor(r *http.Request, l hackfest.Lesson, x hackfest.Session) ([]hackfest.Checklist, error) {
	ctx, v := r.Context(), viewerOf(r)
	var lists []hackfest.Checklist
	listed := func(path string) bool {
		return slices.ContainsFunc(lists, func(o hackfest.Checklist) bool { return o.Path == path })
	}
	for _, path := range []string{checklistFor(l, x), l.TargetSlug, x.TargetSlug, x.SeriesSlug} {
		if path == "" || listed(path) {
			continue
		}
		may, err := s.mayEditChecklist(r, path)
		if fault.KindOf(err) == fault.NotFound && err != nil || err == nil && !may {
			continue
		}
		if err != nil {
			return nil, err
		}
		list, err := s.Store.Checklist(ctx, v, path)
		if err != nil {
			return nil, err
		}
		lists = append(lists, list)
	}
	if person.Can(actorOf(r), person.EditChecklist, person.Object{}) != nil {
		return lists, nil
	}
	if !listed(hackfest.ChecklistSlug) {
		lists = append(lists, hackfest.Checklist{ChecklistKey: hackfest.ChecklistKey{Scope: hackfest.ChecklistAll}, Path: hackfest.ChecklistSlug})
	}
	targets, err := s.Store.Targets(ctx)
	for _, t := range targets {
		if !listed(t.Slug) {
			lists = append(lists, hackfest.Checklist{ChecklistKey: hackfest.ChecklistKey{Scope: hackfest.ChecklistTarget, Slug: t.Slug}, Path: t.Slug, Title: t.Name})
		}
	}
	return lists, err
}

// listWords are a checklist in a list to choose from.
func listWords(l hackfest.Checklist) string {
	switch l.Scope {
	case hackfest.ChecklistTarget:
		return "All sessions on " + l.Title
	case hackfest.ChecklistSeries:
		return "All of the series " + l.Title
	}
	return forAll
}

// showMakeCheck answers GET /lessons/{lesson}/check.
func (s *Server) showMakeCheck(w http.ResponseWriter, r *http.Request) error {
	l, x, err := s.taughtCheck(r)
	if err != nil {
		return err
	}
	p, err := s.makeCheckPage(r, l, x, "", newForm("make"))
	if err != nil {
		return err
	}
	return s.show(w, r, templates.CheckMake(p))
}

// makeCheckPage is where lesson l, taught in session x, is made a check of the
// list at path; "" is the one that suits it best.
func (s *Server) makeCheckPage(r *http.Request, l hackfest.Lesson, x hackfest.Session, path string, form ui.Form) (templates.CheckMakePage, error) {
	ctx, v := r.Context(), viewerOf(r)
	f, err := s.frame(r, "Make it a check")
	if err != nil {
		return templates.CheckMakePage{}, err
	}
	f.NoIndex, f.Section = true, "/lessons"
	p := templates.CheckMakePage{
		Frame: f, Path: checkLessonURL(l.ID), Lesson: ui.Visible(l.Text), State: ui.LessonState(l.Kind), Form: form,
		Fields: checkFields(form, hackfest.CheckEdit{Text: hackfest.CheckText(l.Text), Mandatory: l.Kind == hackfest.LessonDoAgain || l.Kind == hackfest.LessonAvoid}),
	}
	if !l.LineRef.IsZero() {
		p.Line = templates.LineURL(l.LineRef)
	}
	p.Fields.Open = form.Values.Get("kind") != ""
	lists, err := s.listsFor(r, l, x)
	if err != nil {
		return p, err
	}
	if len(lists) == 0 {
		return p, fault.New(fault.Forbidden, "You chair no session that could have this on its checklist. A maintainer can do it.")
	}
	chosen := lists[0]
	for _, list := range lists {
		p.Lists = append(p.Lists, ui.Choice{Value: list.Path, Text: listWords(list)})
		if list.Path == path {
			chosen = list
		}
	}
	p.List = chosen.Path
	already, err := s.Store.ChecksOfLessons(ctx, v, []hackfest.LessonID{l.ID})
	if err != nil {
		return p, err
	}
	for _, c := range already[l.ID] {
		p.Already = append(p.Already, templates.LogLink{Href: templates.ChecklistURL(c.List), Text: c.Text})
	}
	return p, s.fillInheriting(r, &p, chosen)
}

// fillInheriting says which sessions a check on list comes to.
func (s *Server) fillInheriting(r *http.Request, p *templates.CheckMakePage, list hackfest.Checklist) error {
	const most = 100
	coming, err := s.Store.Inheriting(r.Context(), viewerOf(r), list.ChecklistKey, s.Now().UTC(), most)
	if err != nil {
		return err
	}
	for n, x := range coming {
		if n == inheritShown {
			p.More = len(coming) - n
			break
		}
		p.Inherit = append(p.Inherit, templates.InheritRow{
			At: p.Clock.Weekday(x.StartsAt, x.Zone), Title: ui.Visible(x.Title), Href: templates.SessionURL(x.Slug) + "#ready",
		})
	}
	p.Later = "Whatever is planned later has it as well, until it is retired."
	return nil
}

// checkLessonURL is where a lesson is made a check.
func checkLessonURL(id hackfest.LessonID) string {
	return "/lessons/" + strconv.FormatInt(int64(id), 10) + "/check"
}

// makeCheck answers POST /lessons/{lesson}/check: it shows who would inherit the
// check, or makes it.
func (s *Server) makeCheck(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	l, x, err := s.taughtCheck(r)
	if err != nil {
		return err
	}
	if form.Get("do") == "preview" {
		return s.previewCheck(w, r, l, x, form)
	}
	lists, err := s.listsFor(r, l, x)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(lists, func(o hackfest.Checklist) bool { return o.Path == form.Get("list") })
	e, err := checkEditOf(form)
	switch {
	case at < 0:
		err = fault.On("list", "Choose one of the lists.")
	case l.PublishedAt.IsZero():
		err = fault.New(fault.Conflict, "The lesson is not published yet. Publish it first.")
	case !l.RetiredAt.IsZero():
		err = fault.New(fault.Conflict, "The lesson is not true any more, so nothing is to be checked.")
	case err == nil:
		e.Lesson = l.ID
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			return s.addLessonCheck(ctx, tx, r, lists[at], e)
		})
	}
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.makeCheckPage(r, l, x, form.Get("list"), typed("make", form, err))
	if failed != nil {
		return failed
	}
	return s.again(w, r, err, templates.CheckMake(p))
}

// addLessonCheck puts what a lesson became on a list.
func (s *Server) addLessonCheck(ctx context.Context, tx *store.Store, r *http.Request, list hackfest.Checklist, e hackfest.CheckEdit) (done, error) {
	id, err := tx.AddCheckItem(ctx, list.ChecklistKey, e, s.Now().UTC())
	if err != nil {
		return done{}, err
	}
	d, err := s.checkDone(ctx, tx, r, "make check", list.Path, id, "It is a check now: "+e.Text)
	n := strconv.FormatInt(int64(id), 10)
	d.To, d.Undo = templates.ChecklistURL(list.Path)+"#c-"+n, templates.ChecklistURL(list.Path)+"/"+n+"/retire"
	return d, err
}

// previewCheck shows the form once more with who would inherit the check.
func (s *Server) previewCheck(w http.ResponseWriter, r *http.Request, l hackfest.Lesson, x hackfest.Session, form url.Values) error {
	p, err := s.makeCheckPage(r, l, x, form.Get("list"), typed("make", form, nil))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.CheckMake(p))
}

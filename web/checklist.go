package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// checklistRoutes adds the routes of what is prepared for sessions.
func (s *Server) checklistRoutes(r *table) {
	r.get("/checklists", person.Read, s.page(s.listChecklists))
	r.get("/checklists/{checklist}", person.Read, s.page(s.showChecklist))
	r.get("/checklists/{checklist}/edit", person.EditChecklist, s.page(s.editChecklist))
	r.post("/checklists/{checklist}", person.EditChecklist, s.page(s.addCheckItem))
	r.get("/checklists/{checklist}/{check}", person.EditChecklist, s.page(s.editCheckItem))
	r.post("/checklists/{checklist}/{check}", person.EditChecklist, s.page(s.changeCheckItem))
	r.post("/checklists/{checklist}/{check}/retire", person.EditChecklist, s.page(s.retireCheckItem))
	r.post("/checklists/{checklist}/{check}/reuse", person.EditChecklist, s.page(s.reuseCheckItem))
	r.get("/lessons/{lesson}/check", person.EditChecklist, s.page(s.showMakeCheck))
	r.post("/lessons/{lesson}/check", person.EditChecklist, s.page(s.makeCheck))
	r.post("/sessions/{session}/checks/{check}", person.Respond, s.page(s.tickByHand))

	r.get("/api/v1/checklists/{checklist}", person.ReadChecklist, s.api(s.sendChecklist))
	r.post("/api/v1/sessions/{session}/checks/{check}", person.TickCheck, s.write(s.tickByProgram))
	r.post("/api/v1/sessions/{session}/preflight", person.TickCheck, s.write(s.takePreflight))
	r.post("/api/v1/targets/{target}/preflight", person.TickCheck, s.write(s.takePreflight))
}

// listChecklists answers GET /checklists.
func (s *Server) listChecklists(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	f, err := s.frame(r, "Checklists")
	if err != nil {
		return err
	}
	f.Description = "What to have ready before a session of " + f.Community + ", and which lesson is behind it."
	f.Canonical = s.BaseURL + "/checklists"
	list, err := s.Store.Checklists(ctx, v)
	if err != nil {
		return err
	}
	p := templates.ChecklistsPage{Frame: f}
	for _, l := range list {
		row := templates.ChecklistRow{Href: templates.ChecklistURL(l.Path), Title: checklistTitle(l), Items: counted(l.Items, "item", "items")}
		if l.Scope != hackfest.ChecklistAll {
			row.Kind = string(l.Scope)
		}
		if l.Caught > 0 {
			row.Caught = strconv.Itoa(l.Caught) + " caught something"
		}
		p.Rows = append(p.Rows, row)
	}
	stale, err := s.Store.StaleChecks(ctx, v, s.Now().UTC())
	if err != nil {
		return err
	}
	for _, i := range stale {
		row := checkRow(f.Clock, i)
		row.List = &templates.LogLink{Href: templates.ChecklistURL(i.ListPath), Text: orAll(i.ListTitle)}
		if may, err := s.mayEditChecklist(r, i.ListPath); err != nil {
			return err
		} else if may {
			row.Path = checkURL(i)
		}
		p.Stale = append(p.Stale, row)
	}
	return s.show(w, r, templates.Checklists(p))
}

// checklistTitle is what a checklist is called.
func checklistTitle(l hackfest.Checklist) string { return orAll(l.Title) }

func orAll(title string) string {
	if title == "" {
		return forAll
	}
	return title
}

// checkURL is the path of an item's forms.
func checkURL(i hackfest.CheckItem) string {
	return templates.ChecklistURL(i.ListPath) + "/" + strconv.FormatInt(int64(i.ID), 10)
}

// mayEditChecklist reports whether the reader of r may change a checklist.
func (s *Server) mayEditChecklist(r *http.Request, path string) (bool, error) {
	if !actorOf(r).SignedIn() {
		return false, nil
	}
	o, err := s.Store.RelationToChecklist(r.Context(), viewerOf(r), path)
	return err == nil && person.Can(actorOf(r), person.EditChecklist, o) == nil, err
}

// checkRow is an item of a checklist.
func checkRow(c ui.Clock, i hackfest.CheckItem) templates.CheckRow {
	id := "c-" + strconv.FormatInt(int64(i.ID), 10)
	row := templates.CheckRow{
		ID: id, Text: ui.Visible(i.Text), Advice: ui.Visible(i.Advice), Mandatory: i.Mandatory, Lesson: lessonBehind(c, i), Form: newForm(id),
	}
	if i.Check != nil {
		row.Auto = "Nurse looks at it: " + ui.Visible(checkWords(*i.Check))
	}
	switch {
	case i.Caught == 1:
		row.Caught = "caught something once"
	case i.Caught > 1:
		row.Caught = "caught something in " + strconv.Itoa(i.Caught) + " sessions"
	}
	if i.Stale() {
		row.Stale = "The last " + strconv.Itoa(hackfest.StaleAfter) + " sessions or more did not need it: nobody ticked it by hand, and it caught nothing."
	}
	return row
}

// checklist is the one in the path, with its items and how they were used.
func (s *Server) checklist(r *http.Request) (hackfest.Checklist, []hackfest.CheckItem, error) {
	ctx, v := r.Context(), viewerOf(r)
	l, err := s.Store.Checklist(ctx, v, chi.URLParam(r, "checklist"))
	if err != nil {
		return l, nil, err
	}
	items, err := s.Store.CheckItems(ctx, v, l.ChecklistKey, false)
	if err != nil || len(items) == 0 {
		return l, nil, err
	}
	return l, items, s.Store.CheckUse(ctx, v, items, s.Now().UTC())
}

// listedFor leads to what a checklist is for; nil for all.
func listedFor(l hackfest.Checklist) *templates.LogLink {
	switch l.Scope {
	case hackfest.ChecklistTarget:
		return &templates.LogLink{Href: templates.TargetURL(l.Slug), Text: l.Title}
	case hackfest.ChecklistSeries:
		return &templates.LogLink{Href: templates.SeriesURL(l.Slug), Text: l.Title}
	case hackfest.ChecklistSession:
		return &templates.LogLink{Href: templates.SessionURL(l.Slug), Text: l.Title}
	}
	return nil
}

// showChecklist answers GET /checklists/{checklist}. What a target was called
// before leads on.
func (s *Server) showChecklist(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	l, items, err := s.checklist(r)
	if err != nil {
		return err
	}
	if l.Path != chi.URLParam(r, "checklist") {
		http.Redirect(w, r, templates.ChecklistURL(l.Path), http.StatusPermanentRedirect)
		return nil
	}
	f, err := s.frame(r, "Checklist: "+checklistTitle(l))
	if err != nil {
		return err
	}
	f.Canonical = s.BaseURL + templates.ChecklistURL(l.Path)
	f.Description = "What to have ready: " + checklistTitle(l) + "."
	p := templates.ChecklistPage{Frame: f, Title: checklistTitle(l), For: listedFor(l), Sentence: forSentence(l)}
	all := items
	for _, i := range items {
		p.Rows = append(p.Rows, checkRow(f.Clock, i))
	}
	if l.Scope != hackfest.ChecklistAll {
		inherited, err := s.Store.CheckItems(ctx, v, hackfest.ChecklistKey{Scope: hackfest.ChecklistAll}, false)
		if err != nil {
			return err
		}
		for _, i := range inherited {
			p.Inherited = append(p.Inherited, checkRow(f.Clock, i))
		}
		all = append(inherited[:len(inherited):len(inherited)], items...)
	}
	may, err := s.mayEditChecklist(r, l.Path)
	if err != nil {
		return err
	}
	if may {
		p.Edit = templates.ChecklistURL(l.Path) + "/edit"
		for n := range p.Rows {
			p.Rows[n].Path = checkURL(items[n])
		}
	}
	p.Text = checklistText(checklistTitle(l), all, s.BaseURL)
	for _, i := range all {
		if i.Check != nil && l.Scope != hackfest.ChecklistSession {
			p.Command = s.nurse(l.Path)
		}
	}
	next, err := s.Store.Inheriting(ctx, v, l.ChecklistKey, s.Now().UTC(), 1)
	if err != nil {
		return err
	}
	for _, x := range next {
		p.Next = &templates.LogLink{Href: templates.SessionURL(x.Slug) + "#ready", Text: x.Title + ", " + f.Clock.Weekday(x.StartsAt, x.Zone).Text}
	}
	return s.show(w, r, templates.Checklist(p))
}

// forSentence says whom a checklist is for.
func forSentence(l hackfest.Checklist) string {
	switch l.Scope {
	case hackfest.ChecklistTarget:
		return "For all sessions on this target."
	case hackfest.ChecklistSeries:
		return "For all sessions of this series."
	case hackfest.ChecklistSession:
		return "For this session alone."
	}
	return "For each hackfest, whatever its target."
}

// checklistText is a checklist to paste into a mail.
func checklistText(title string, items []hackfest.CheckItem, base string) string {
	if len(items) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(title + ": to have ready\n")
	for _, i := range items {
		b.WriteString("\n[ ] " + ui.Visible(i.Text))
		if !i.Mandatory {
			b.WriteString(" (good to have)")
		}
		if i.Advice != "" {
			b.WriteString("\n    " + strings.ReplaceAll(ui.Visible(i.Advice), "\n", "\n    "))
		}
		if !i.LineRef.IsZero() {
			b.WriteString("\n    why: " + base + templates.LineURL(i.LineRef))
		}
	}
	return b.String() + "\n"
}

// checkItem is the item in the path with the list that it is on, which the path
// names: who may change one list may not change another.
func (s *Server) checkItem(r *http.Request) (hackfest.CheckItem, error) {
	none := fault.New(fault.NotFound, "There is no such item on this checklist.")
	id, err := pathID[hackfest.CheckItemID](r, "check", none)
	if err != nil {
		return hackfest.CheckItem{}, err
	}
	i, err := s.Store.CheckItem(r.Context(), viewerOf(r), id)
	if err == nil && i.ListPath != chi.URLParam(r, "checklist") {
		err = none
	}
	return i, err
}

// editChecklist answers GET /checklists/{checklist}/edit.
func (s *Server) editChecklist(w http.ResponseWriter, r *http.Request) error {
	p, err := s.checklistEdit(r, newForm("add"), nil)
	if err != nil {
		return err
	}
	return s.show(w, r, templates.ChecklistEdit(p))
}

// checklistEdit is the page on which a checklist is changed; form is for what is
// added, with what was typed.
func (s *Server) checklistEdit(r *http.Request, form ui.Form, typed url.Values) (templates.ChecklistEditPage, error) {
	l, items, err := s.checklist(r)
	if err != nil {
		return templates.ChecklistEditPage{}, err
	}
	f, err := s.frame(r, "Change the checklist: "+checklistTitle(l))
	if err != nil {
		return templates.ChecklistEditPage{}, err
	}
	f.NoIndex = true
	href := templates.ChecklistURL(l.Path)
	p := templates.ChecklistEditPage{Frame: f, Title: checklistTitle(l), Href: href, Path: href, Add: checkFields(form, hackfest.CheckEdit{Mandatory: true})}
	p.Add.Open = typed.Get("kind") != ""
	for n, i := range items {
		row := checkRow(f.Clock, i)
		row.Path, row.First, row.Last = checkURL(i), n == 0, n == len(items)-1
		p.Rows = append(p.Rows, row)
	}
	retired, err := s.Store.CheckItems(r.Context(), viewerOf(r), l.ChecklistKey, true)
	if err != nil {
		return p, err
	}
	for _, i := range retired {
		row := checkRow(f.Clock, i)
		row.Path = checkURL(i)
		p.Retired = append(p.Retired, row)
	}
	return p, nil
}

// addCheckItem answers POST /checklists/{checklist}.
func (s *Server) addCheckItem(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	l, err := s.Store.Checklist(r.Context(), viewerOf(r), chi.URLParam(r, "checklist"))
	if err != nil {
		return err
	}
	e, err := checkEditOf(form)
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			id, err := tx.AddCheckItem(ctx, l.ChecklistKey, e, s.Now().UTC())
			if err != nil {
				return done{}, err
			}
			return s.checkDone(ctx, tx, r, "add check", l.Path, id, "It is on the checklist: "+e.Text)
		})
	}
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.checklistEdit(r, typed("add", form, err), form)
	if failed != nil {
		return failed
	}
	return s.again(w, r, err, templates.ChecklistEdit(p))
}

// checkDone is what a form about item id of a checklist did, which is audited:
// without the item's words, which may have to go.
func (s *Server) checkDone(ctx context.Context, tx *store.Store, r *http.Request, action, path string, id hackfest.CheckItemID, said string) (done, error) {
	n := strconv.FormatInt(int64(id), 10)
	d := done{To: templates.ChecklistURL(path) + "/edit#c-" + n, Said: said}
	return d, s.audit(ctx, tx, r, action, templates.ChecklistURL(path)+"/"+n, nil, nil)
}

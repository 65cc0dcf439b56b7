package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// listAccounts answers GET /admin/people; name restricts the list.
func (s *Server) listAccounts(w http.ResponseWriter, r *http.Request) error {
	return s.accountsPage(w, r, newForm("new"), nil)
}

// accountsPage shows the list of people, with the form to add one; err is what
// was wrong with that.
func (s *Server) accountsPage(w http.ResponseWriter, r *http.Request, form ui.Form, wrong error) error {
	q := r.URL.Query()
	f, err := s.adminFrame(r, "People and roles")
	if err != nil {
		return err
	}
	p := templates.AdminPeoplePage{Frame: f, Name: strings.TrimSpace(q.Get("name")), New: form}
	list, err := s.Store.FindAccounts(r.Context(), store.AccountFilter{Name: p.Name, After: q.Get("after"), Limit: adminMost + 1})
	if err != nil {
		return err
	}
	if len(list) > adminMost {
		list = list[:adminMost]
		p.More = "/admin/people?" + with(q, "after", list[adminMost-1].Name)
	}
	for _, a := range list {
		row := templates.AdminPersonRow{Name: ui.Visible(a.Name), Href: templates.AdminPersonURL(a.Name), Role: string(a.Role), State: standing(a), Chairs: len(a.Chairs)}
		if !a.SeenAt.IsZero() {
			seen := f.Clock.Gutter(a.SeenAt, s.community())
			row.Seen = &seen
		}
		p.People = append(p.People, row)
	}
	if wrong != nil {
		return s.again(w, r, wrong, templates.AdminPeople(p))
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.AdminPeople(p))
}

// standing is the badge of somebody's account.
func standing(a person.Account) ui.State {
	if a.Suspended() {
		return ui.State{Class: "soon", Icon: "struck", Text: "suspended"}
	}
	return ui.State{Class: "ok", Icon: "tick", Text: "active"}
}

// addAccount answers POST /admin/people.
func (s *Server) addAccount(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	role := person.Role(form.Get("role"))
	name, err := person.ParseName("person", form.Get("person"))
	if err == nil {
		err = checkRole(role)
	}
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			if _, err := tx.AddPerson(ctx, name, role, s.Now()); err != nil {
				if fault.KindOf(err) == fault.Conflict {
					err = &fault.Error{Kind: fault.Conflict, Field: "person", Message: "Somebody is called " + name + " already.", Err: err}
				}
				return done{}, err
			}
			err := s.audit(ctx, tx, r, "add person", name, nil, map[string]person.Role{"role": role})
			return done{To: templates.AdminPersonURL(name), Said: name + " was added. A sign-in link lets them in."}, err
		})
	}
	if mendable(err) {
		return s.accountsPage(w, r, typed("new", form, err), err)
	}
	return err
}

func checkRole(role person.Role) error {
	if !slices.Contains([]person.Role{person.Member, person.Maintainer, person.Admin}, role) {
		return fault.On("role", "Choose a role: member, maintainer or admin.")
	}
	return nil
}

// showAccount answers GET /admin/people/{person}.
func (s *Server) showAccount(w http.ResponseWriter, r *http.Request) error {
	p, err := s.accountPage(r)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.AdminPerson(p))
}

func (s *Server) accountPage(r *http.Request) (templates.AdminPersonPage, error) {
	var p templates.AdminPersonPage
	a, err := s.Store.Account(r.Context(), pathParam(r, "person"))
	if err != nil {
		return p, err
	}
	f, err := s.adminFrame(r, ui.Visible(a.Name))
	if err != nil {
		return p, err
	}
	p = templates.AdminPersonPage{
		Frame: f, Name: ui.Visible(a.Name), Href: templates.AdminPersonURL(a.Name), Self: a.ID == actorOf(r).ID, Role: string(a.Role),
		State: standing(a), Suspended: a.Suspended(), Since: f.Clock.Day(a.CreatedAt, s.community()),
		Mail: ui.Visible(a.Mail), Proven: !a.MailProvenAt.IsZero(), Names: a.Names, Audit: auditOf(a.Name),
		RoleForm: newForm("role"), Standing: newForm("standing"), LinkForm: newForm("link"),
	}
	if !a.SeenAt.IsZero() {
		seen := f.Clock.Gutter(a.SeenAt, s.community())
		p.Seen = &seen
	}
	chairs, err := s.Store.Chairs(r.Context(), viewerOf(r), f.Clock.Now.Add(-chairsBack))
	for _, c := range chairs {
		if c.PersonID == a.ID {
			p.Chairs = append(p.Chairs, s.chairRow(f.Clock, c))
		}
	}
	return p, err
}

// changeAccount carries out what a form on somebody's page asks for; show puts
// the form back on the page when it cannot be done.
func (s *Server) changeAccount(w http.ResponseWriter, r *http.Request, fn func(ctx context.Context, tx *store.Store, a person.Account, form url.Values) (done, error), show func(*templates.AdminPersonPage, url.Values, error)) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		a, err := tx.Account(ctx, pathParam(r, "person"))
		if err != nil {
			return done{}, err
		}
		return fn(ctx, tx, a, form)
	})
	if !mendable(err) {
		return err
	}
	p, failed := s.accountPage(r)
	if failed != nil {
		return failed
	}
	show(&p, form, err)
	return s.again(w, r, err, templates.AdminPerson(p))
}

// changeRole answers POST /admin/people/{person}/role.
func (s *Server) changeRole(w http.ResponseWriter, r *http.Request) error {
	return s.changeAccount(w, r, func(ctx context.Context, tx *store.Store, a person.Account, form url.Values) (done, error) {
		if was := form.Get("was"); was != "" && was != string(a.Role) {
			return done{}, &fault.Error{Kind: fault.Conflict, Field: "role", Message: "Somebody else has made them a " + string(a.Role) + " meanwhile."}
		}
		return s.giveRole(ctx, tx, r, a, person.Role(form.Get("role")))
	}, func(p *templates.AdminPersonPage, form url.Values, err error) { p.RoleForm = typed("role", form, err) })
}

// restoreRole answers POST /admin/people/{person}/role/{role}, by which a change
// is taken back.
func (s *Server) restoreRole(w http.ResponseWriter, r *http.Request) error {
	return s.changeAccount(w, r, func(ctx context.Context, tx *store.Store, a person.Account, _ url.Values) (done, error) {
		return s.giveRole(ctx, tx, r, a, person.Role(pathParam(r, "role")))
	}, func(p *templates.AdminPersonPage, _ url.Values, err error) { p.RoleForm = typed("role", nil, err) })
}

func (s *Server) giveRole(ctx context.Context, tx *store.Store, r *http.Request, a person.Account, role person.Role) (done, error) {
	if err := checkRole(role); err != nil {
		return done{}, err
	}
	page := templates.AdminPersonURL(a.Name)
	if role == a.Role {
		return done{To: page, Said: a.Name + " is a " + string(role) + " already."}, nil
	}
	if err := tx.SetRole(ctx, a.ID, role); err != nil {
		return done{}, err
	}
	err := s.audit(ctx, tx, r, "change role", a.Name, map[string]person.Role{"role": a.Role}, map[string]person.Role{"role": role})
	d := done{To: page, Said: a.Name + " is a " + string(role) + " now.", Undo: page + "/role/" + string(a.Role)}
	if a.ID == actorOf(r).ID { // nobody can raise themselves: this page is not theirs any more, nor is the way back
		d.To, d.Undo = "/", ""
	}
	return d, err
}

// suspendAccount answers POST /admin/people/{person}/suspend.
func (s *Server) suspendAccount(w http.ResponseWriter, r *http.Request) error {
	return s.changeAccount(w, r, func(ctx context.Context, tx *store.Store, a person.Account, _ url.Values) (done, error) {
		if a.ID == actorOf(r).ID {
			return done{}, fault.New(fault.Conflict, "You cannot suspend yourself. Another admin can.")
		}
		return s.setStanding(ctx, tx, r, a, true)
	}, showStanding)
}

// unsuspendAccount answers POST /admin/people/{person}/unsuspend.
func (s *Server) unsuspendAccount(w http.ResponseWriter, r *http.Request) error {
	return s.changeAccount(w, r, func(ctx context.Context, tx *store.Store, a person.Account, _ url.Values) (done, error) {
		return s.setStanding(ctx, tx, r, a, false)
	}, showStanding)
}

func showStanding(p *templates.AdminPersonPage, form url.Values, err error) {
	p.Standing = typed("standing", form, err)
}

func (s *Server) setStanding(ctx context.Context, tx *store.Store, r *http.Request, a person.Account, suspend bool) (done, error) {
	page := templates.AdminPersonURL(a.Name)
	action, said, undo, err := "unsuspend", a.Name+" may come in again.", page+"/suspend", error(nil)
	if suspend {
		action, said, undo = "suspend", a.Name+" is suspended; their sign-ins have ended.", page+"/unsuspend"
		err = tx.Suspend(ctx, a.ID, s.Now())
	} else {
		err = tx.Unsuspend(ctx, a.ID)
	}
	if err != nil {
		return done{}, err
	}
	before, after := map[string]bool{"suspended": a.Suspended()}, map[string]bool{"suspended": suspend}
	return done{To: page, Said: said, Undo: undo}, s.audit(ctx, tx, r, action, a.Name, before, after)
}

// makeLink answers POST /admin/people/{person}/link with a link that signs them
// in. It is not led on: the link is shown once and stands nowhere.
func (s *Server) makeLink(w http.ResponseWriter, r *http.Request) error {
	secret, hash := auth.NewSecret()
	now := s.Now().UTC()
	var a person.Account
	err := s.Store.InTx(r.Context(), func(tx *store.Store) (err error) {
		if a, err = tx.Account(r.Context(), pathParam(r, "person")); err != nil {
			return err
		}
		if a.Suspended() {
			return fault.New(fault.Conflict, "%s is suspended. Let them in again first.", a.Name)
		}
		if err := tx.AddLink(r.Context(), hash, a.ID, person.LinkByAdmin, now, now.Add(auth.AdminLinkTime)); err != nil {
			return err
		}
		return s.audit(r.Context(), tx, r, "make sign-in link", a.Name, nil, nil)
	})
	if mendable(err) {
		p, failed := s.accountPage(r)
		if failed != nil {
			return failed
		}
		p.LinkForm = typed("link", nil, err)
		return s.again(w, r, err, templates.AdminPerson(p))
	}
	if err != nil {
		return err
	}
	f, err := s.adminFrame(r, "A sign-in link")
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.send(w, r, http.StatusCreated, templates.AdminLink(templates.AdminLinkPage{
		Frame: f, Name: ui.Visible(a.Name), Back: templates.AdminPersonURL(a.Name), Link: s.BaseURL + "/signin/" + secret,
		Until: f.Clock.Gutter(now.Add(auth.AdminLinkTime), s.community()),
	}))
}

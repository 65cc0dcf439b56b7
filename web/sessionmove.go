package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// sessionForm is one of the forms about a session that is there.
type sessionForm struct {
	heading, path, button, lead string
	fields                      func(s *Server, r *http.Request, x hackfest.Session) (func(ui.Form) templ.Component, error)
	only                        func(x hackfest.Session) string // why it is not for x; "" when it is
}

// sessionForms are the forms about a session that is there, by the last part of
// their path.
var sessionForms = map[string]sessionForm{
	"edit":      {"Change the session", "/edit", "Save", "Its time is changed by moving it.", editFields, nil},
	"move":      {"Move the session", "/move", "Move it", "Its page, its address and what hangs on it stay; the old time is shown struck.", moveFields, notCancelled},
	"cancel":    {"Cancel the session", "/cancel", "Cancel it", "Its page stays and says why. It can be reinstated.", cancelFields, notCancelled},
	"reinstate": {"Reinstate the session", "/reinstate", "Reinstate it", "It takes place after all, at the time it had.", noFields, onlyCancelled},
	"replace":   {"Hold a joint meeting instead", "/replace", "Replace it", "This date is cancelled, and its page leads to the one that is held instead.", replaceFields, notCancelled},
	"chair":     {"Chair the session", "/chair", "I will chair", "It comes on the schedule and into calendars, with you in the chair.", noFields, onlyProposed},
}

func notCancelled(x hackfest.Session) string {
	if x.State == hackfest.StateCancelled {
		return "It is cancelled. Reinstate it first."
	}
	return ""
}

func onlyCancelled(x hackfest.Session) string {
	if x.State != hackfest.StateCancelled {
		return "It is not cancelled."
	}
	return ""
}

func onlyProposed(x hackfest.Session) string {
	if x.State != hackfest.StateProposed {
		return "It has a chair already, or does not take place."
	}
	return ""
}

func noFields(*Server, *http.Request, hackfest.Session) (func(ui.Form) templ.Component, error) {
	return func(ui.Form) templ.Component { return templ.NopComponent }, nil
}

func cancelFields(*Server, *http.Request, hackfest.Session) (func(ui.Form) templ.Component, error) {
	return templates.SessionCancelForm, nil
}

func editFields(s *Server, r *http.Request, x hackfest.Session) (func(ui.Form) templ.Component, error) {
	v := templates.SessionFields{Title: x.Title, Target: x.TargetSlug, Goal: x.Goal, Host: x.Host}
	var err error
	_, v.Targets, err = s.planChoices(r)
	return func(f ui.Form) templ.Component { return templates.SessionWordsForm(f, v) }, err
}

func moveFields(s *Server, r *http.Request, x hackfest.Session) (func(ui.Form) templ.Component, error) {
	local := x.StartsAt.In(s.locate(x.Zone))
	v := templates.SessionFields{
		Date: local.Format(time.DateOnly), Time: local.Format(clockLayout), Zone: x.Zone, Length: lasts(x.EndsAt.Sub(x.StartsAt)),
		Channel: x.Network + "/" + x.ChannelPath, Zones: s.zoneList(s.Now(), x.Zone),
	}
	var err error
	v.Channels, _, err = s.planChoices(r)
	return func(f ui.Form) templ.Component { return templates.SessionMoveForm(f, v) }, err
}

// replaceAround is how far from a date a joint meeting may be.
const replaceAround = 14 * 24 * time.Hour

func replaceFields(s *Server, r *http.Request, x hackfest.Session) (func(ui.Form) templ.Component, error) {
	list, err := s.Store.Sessions(r.Context(), viewerOf(r), store.SessionFilter{From: x.StartsAt.Add(-replaceAround), To: x.EndsAt.Add(replaceAround)})
	v := templates.SessionFields{Others: []ui.Choice{{Value: "", Text: "Choose a session"}}}
	c := s.clock(r, s.preferences(r))
	for _, o := range list {
		if o.ID != x.ID && o.State == hackfest.StateScheduled && o.Held == 0 {
			v.Others = append(v.Others, ui.Choice{Value: o.Slug, Text: ui.Visible(o.Title) + ", " + s.spanWords(c, o)})
		}
	}
	return func(f ui.Form) templ.Component { return templates.SessionReplaceForm(f, v) }, err
}

// plan is the form about the session in the path.
func (f sessionForm) plan(s *Server, r *http.Request) (intent, hackfest.Session, error) {
	p, x, err := s.sessionPlan(r, f.heading, f.path)
	if err != nil {
		return p, x, err
	}
	p.page.Button, p.page.Lead = f.button, f.lead
	if p.page.Closed == "" && f.only != nil {
		p.page.Closed = f.only(x)
	}
	p.fields, err = f.fields(s, r, x)
	return p, x, err
}

// showSessionForm answers the GET of a form about a session.
func (s *Server) showSessionForm(name string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := sessionForms[name]
		p, x, err := f.plan(s, r)
		if err != nil {
			return err
		}
		if name == "edit" {
			h, err := s.sessionRepositoryHome(r, x)
			if err == nil {
				p.below, err = s.repositoriesBelow(r, h)
			}
			if err != nil {
				return err
			}
		}
		return s.showPlan(w, r, p)
	}
}

// deed fills in what a form about a session would do.
type deed func(r *http.Request, form url.Values, p *intent, x hackfest.Session) error

// doSession answers the POST of a form about a session.
func (s *Server) doSession(name string, fill deed) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := sessionForms[name]
		form, err := planForm(r)
		if err != nil {
			return err
		}
		if to, known := s.carriedOut(r); known && writtenBody(r) == "" { // sent twice, and by now it is closed
			http.Redirect(w, r, to, http.StatusSeeOther)
			return nil
		}
		p, x, err := f.plan(s, r)
		if err != nil {
			return err
		}
		if err := fill(r, form, &p, x); err != nil {
			return err
		}
		return s.answerPlan(w, r, form, p)
	}
}

// editSession fills in what POST /sessions/{session}/edit does.
func (s *Server) editSession(r *http.Request, form url.Values, p *intent, x hackfest.Session) error {
	check := url.Values{"title": form["title"], "goal": form["goal"], "kind": {string(x.Kind)}, "visibility": {string(x.Visibility)}}
	title, goal, _, _, wrong := typedWords(check, "goal")
	edit := hackfest.SessionEdit{Title: title, Goal: goal, TargetSlug: form.Get("target")}
	host, wrongHost := s.typedHost(r.Context(), form)
	p.wrong = errors.Join(wrong, s.typedTarget(r.Context(), edit.TargetSlug), wrongHost)
	p.preview = func(v *templates.PlanPreview) error {
		is := x
		is.Title, is.Goal, is.TargetSlug = edit.Title, edit.Goal, edit.TargetSlug
		for _, f := range []struct{ name, old, text string }{{"Title", x.Title, edit.Title}, {"Target", x.TargetSlug, edit.TargetSlug}, {"Goal", x.Goal, edit.Goal}} {
			if f.old != f.text {
				v.Facts = append(v.Facts, templates.PlanFact{Name: f.name, Text: ui.Visible(f.text) + changedFrom(ui.Visible(f.old))})
			}
		}
		if f, differs := host.fact(x.Host); differs {
			v.Facts = append(v.Facts, f)
		}
		if len(v.Facts) == 0 {
			v.Notes = []string{"Nothing is different from what is saved."}
		}
		var err error
		v.Told, err = s.told(r, is, "")
		return err
	}
	p.do = func(ctx context.Context, tx *store.Store, _ bool) (done, error) {
		is, err := tx.EditSession(ctx, x.Slug, edit, sentRevision(form), actorOf(r).ID, s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		back := url.Values{"title": {x.Title}, "goal": {x.Goal}, "target": {x.TargetSlug}}
		if host.given && host.name != x.Host {
			if err := tx.NameHost(ctx, x.Slug, host.id); err != nil {
				return done{}, err
			}
			is.Host = host.name
			back.Set("host", x.Host)
		}
		return s.planned(ctx, tx, r, x, is, "change session", "It is changed.", "/edit", back)
	}
	return nil
}

// planned is what was done to was, which is is now, with its audit entry and how
// it is taken back: by the form of that path with those values.
func (s *Server) planned(ctx context.Context, tx *store.Store, r *http.Request, was, is hackfest.Session, action, said, path string, back url.Values) (done, error) {
	at := templates.SessionURL(is.Slug)
	d := done{To: at, Said: said}
	if path != "" {
		d.Undo = undo(at+path, is.Revision, back)
	}
	return d, s.audit(ctx, tx, r, action, is.Slug, sessionAudit(was), sessionAudit(is))
}

// moveSession fills in what POST /sessions/{session}/move does.
func (s *Server) moveSession(r *http.Request, form url.Values, p *intent, x hackfest.Session) error {
	is := x
	wrong := s.typedTime(r, form, &is)
	if wrong != nil && !mendable(wrong) {
		return wrong
	}
	why, wrongReason := typedReason(form, false)
	if wrong == nil && is.StartsAt.Equal(x.StartsAt) && is.EndsAt.Equal(x.EndsAt) && is.ChannelID == x.ChannelID {
		wrong = fault.On("date", "That is when and where it is already.")
	}
	p.wrong, is.Reason, is.MovedFrom = errors.Join(wrong, wrongReason), why, x.StartsAt
	if x.State == hackfest.StateScheduled {
		p.wanted = hackfest.Wanted{SessionSlug: x.Slug, Network: is.Network, Channel: is.Channel, StartsAt: is.StartsAt, EndsAt: is.EndsAt}
		p.wanted.Zone = is.Zone
	}
	p.preview = func(v *templates.PlanPreview) error {
		c := p.page.Clock
		v.Dates = &templates.PlanDates{Caption: "When it starts", Columns: []string{"", "Before", "After"}}
		for _, z := range s.planZones(c, x.Zone) {
			v.Dates.Rows = append(v.Dates.Rows, []string{zoneHead(z), s.inZones(c, x.StartsAt, []string{z}), s.inZones(c, is.StartsAt, []string{z})})
		}
		if is.ChannelID != x.ChannelID {
			v.Facts = append(v.Facts, templates.PlanFact{Name: "Where", Text: is.Channel + " on " + is.Network + changedFrom(x.Channel+" on "+x.Network)})
		}
		if length := is.EndsAt.Sub(is.StartsAt); length != x.EndsAt.Sub(x.StartsAt) {
			v.Facts = append(v.Facts, templates.PlanFact{Name: "Length", Text: lasts(length) + " min" + changedFrom(lasts(x.EndsAt.Sub(x.StartsAt))+" min")})
		}
		v.Facts = append(v.Facts, templates.PlanFact{Name: "Why", Text: orElse(why, "nobody says")})
		v.Notes, v.Late, v.Done = s.onceNotes(c, form), soonWords(c, x.StartsAt), "It can be moved back."
		said := s.changeLine(x, is)
		if err := s.sessionPreview(r, v, c, is, said); err != nil {
			return err
		}
		return s.toldWhereItWas(r, v, x, is, said)
	}
	p.do = func(ctx context.Context, tx *store.Store, overlap bool) (done, error) {
		m := hackfest.SessionMove{StartsAt: is.StartsAt, EndsAt: is.EndsAt, Network: is.Network, Channel: is.Channel, Reason: why, OverlapOK: overlap}
		got, err := tx.MoveSession(ctx, x.Slug, m, sentRevision(form), actorOf(r).ID, s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		local := x.StartsAt.In(s.locate(x.Zone))
		back := url.Values{
			"date": {local.Format(time.DateOnly)}, "time": {local.Format(clockLayout)}, "zone": {x.Zone}, "length": {lasts(x.EndsAt.Sub(x.StartsAt))},
			"channel": {x.Network + "/" + x.ChannelPath}, "reason": {"moved back"},
		}
		return s.planned(ctx, tx, r, x, got, "move session", "It is moved to "+s.spanWords(p.page.Clock, is)+".", "/move", back)
	}
	return nil
}

// cancelSession fills in what POST /sessions/{session}/cancel does.
func (s *Server) cancelSession(r *http.Request, form url.Values, p *intent, x hackfest.Session) error {
	why, wrong := typedReason(form, true)
	p.wrong = wrong
	off := x
	off.State, off.Reason = hackfest.StateCancelled, why
	p.preview = func(v *templates.PlanPreview) error {
		v.Facts = []templates.PlanFact{{Name: "Falls away", Text: ui.Visible(x.Title)}, {Name: "When", Text: s.spanWords(p.page.Clock, x)}, {Name: "Why", Text: why}}
		next, err := s.insteadOf(r.Context(), viewerOf(r), off, p.page.Clock.Now)
		if err != nil {
			return err
		}
		if next.Slug != "" && next.Slug != x.Slug {
			v.Facts = append(v.Facts, templates.PlanFact{Name: "Next", Text: ui.Visible(next.Title) + ", " + s.spanWords(p.page.Clock, next)})
		}
		v.Done = "It can be reinstated."
		return s.sessionPreview(r, v, p.page.Clock, off, s.changeLine(x, off))
	}
	p.do = func(ctx context.Context, tx *store.Store, _ bool) (done, error) {
		is, err := tx.CancelSession(ctx, x.Slug, why, sentRevision(form), actorOf(r).ID, s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		return s.planned(ctx, tx, r, x, is, "cancel session", "It is cancelled.", "/reinstate", nil)
	}
	return nil
}

// reinstateSession fills in what POST /sessions/{session}/reinstate does.
func (s *Server) reinstateSession(r *http.Request, form url.Values, p *intent, x hackfest.Session) error {
	on := x
	on.State, on.Reason = hackfest.StateScheduled, ""
	p.wanted = hackfest.Wanted{SessionSlug: x.Slug, Network: x.Network, Channel: x.Channel, StartsAt: x.StartsAt, EndsAt: x.EndsAt}
	p.wanted.Zone = x.Zone
	p.preview = func(v *templates.PlanPreview) error {
		v.Facts, v.Dates, v.Done = s.sessionFacts(p.page.Clock, on), s.oneDate(p.page.Clock, on), "It can be cancelled again."
		return s.sessionPreview(r, v, p.page.Clock, on, s.changeLine(x, on))
	}
	p.do = func(ctx context.Context, tx *store.Store, overlap bool) (done, error) {
		is, err := tx.ReinstateSession(ctx, x.Slug, overlap, sentRevision(form), actorOf(r).ID, s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		return s.planned(ctx, tx, r, x, is, "reinstate session", "It takes place.", "/cancel", url.Values{"reason": {x.Reason}})
	}
	return nil
}

// replaceSession fills in what POST /sessions/{session}/replace does.
func (s *Server) replaceSession(r *http.Request, form url.Values, p *intent, x hackfest.Session) error {
	by, err := s.Store.Session(r.Context(), viewerOf(r), form.Get("by"))
	switch {
	case form.Get("by") == "" || fault.KindOf(err) == fault.NotFound || err == nil && by.ID == x.ID:
		p.wrong = fault.On("by", "Choose the session that is held instead.")
	case err != nil:
		return err
	}
	off := x
	off.State = hackfest.StateCancelled
	p.preview = func(v *templates.PlanPreview) error {
		v.Facts = []templates.PlanFact{
			{Name: "Falls away", Text: ui.Visible(x.Title) + ", " + s.spanWords(p.page.Clock, x)},
			{Name: "Instead", Text: ui.Visible(by.Title) + ", " + s.spanWords(p.page.Clock, by) + ", in " + by.Channel},
		}
		v.Done = "It can be reinstated."
		return s.sessionPreview(r, v, p.page.Clock, off, s.changeLine(x, off))
	}
	p.do = func(ctx context.Context, tx *store.Store, _ bool) (done, error) {
		is, err := tx.ReplaceSession(ctx, viewerOf(r), x.Slug, by.Slug, "", sentRevision(form), actorOf(r).ID, s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		return s.planned(ctx, tx, r, x, is, "replace session", "Its page leads to the one that is held instead.", "/reinstate", nil)
	}
	return nil
}

// chairSession fills in what POST /sessions/{session}/chair does.
func (s *Server) chairSession(r *http.Request, form url.Values, p *intent, x hackfest.Session) error {
	a, on := actorOf(r), x
	on.State = hackfest.StateScheduled
	p.wanted = hackfest.Wanted{SessionSlug: x.Slug, Network: x.Network, Channel: x.Channel, StartsAt: x.StartsAt, EndsAt: x.EndsAt}
	p.wanted.Zone, p.wanted.Chairs = x.Zone, []person.ID{a.ID}
	p.preview = func(v *templates.PlanPreview) error {
		v.Facts = append(s.sessionFacts(p.page.Clock, on), templates.PlanFact{Name: "Chair", Text: a.Name})
		v.Dates = s.oneDate(p.page.Clock, on)
		return s.sessionPreview(r, v, p.page.Clock, on, "")
	}
	p.do = func(ctx context.Context, tx *store.Store, overlap bool) (done, error) {
		is, err := tx.ScheduleProposal(ctx, x.Slug, a.ID, overlap, sentRevision(form), a.ID, s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		return s.planned(ctx, tx, r, x, is, "chair session", "It is on the schedule, and you chair it.", "", nil)
	}
	return nil
}

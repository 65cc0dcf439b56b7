package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// agendaForm is a form about the agenda of the session in the path.
func (s *Server) agendaForm(r *http.Request) (url.Values, hackfest.Session, error) {
	form, err := formOf(r)
	if err != nil {
		return nil, hackfest.Session{}, err
	}
	x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	return form, x, err
}

// agendaItem is the item in the path, which must be of session x: who may change
// one agenda may not change another.
func (s *Server) agendaItem(r *http.Request, x hackfest.Session) (hackfest.AgendaItem, error) {
	none := fault.New(fault.NotFound, "There is no such item on this agenda.")
	id, err := pathID[hackfest.AgendaID](r, "item", none)
	if err != nil {
		return hackfest.AgendaItem{}, err
	}
	i, err := s.Store.AgendaItem(r.Context(), viewerOf(r), id)
	if err == nil && i.SessionID != x.ID {
		err = none
	}
	return i, err
}

// addAgendaItem answers POST /sessions/{session}/agenda.
func (s *Server) addAgendaItem(w http.ResponseWriter, r *http.Request) error {
	form, x, err := s.agendaForm(r)
	if err != nil {
		return err
	}
	err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		if sessionOver(x, s.Now()) {
			return done{}, fault.New(fault.Conflict, "This session is over, so nothing is put on its agenda any more.")
		}
		_, err := tx.AddAgendaItem(ctx, x.ID, form.Get("text"), s.Now().UTC())
		return done{To: agendaURL(x) + "#agenda", Said: "It is on the agenda."}, err
	})
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.agendaPage(r, x)
	if failed != nil {
		return failed
	}
	p.Add = typed("add", form, err)
	return s.again(w, r, err, templates.Agenda(p))
}

// changeAgendaItem answers POST /sessions/{session}/agenda/{item}: its text is
// saved; besides, it may be moved or dropped.
func (s *Server) changeAgendaItem(w http.ResponseWriter, r *http.Request) error {
	form, x, err := s.agendaForm(r)
	if err != nil {
		return err
	}
	i, err := s.agendaItem(r, x)
	if err != nil {
		return err
	}
	err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		return changeAgenda(ctx, tx, x, i, form)
	})
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.agendaPage(r, x)
	if failed != nil {
		return failed
	}
	back := typed("item-"+agendaID(i), form, err)
	if fault.KindOf(err) == fault.Conflict {
		back.Theirs = url.Values{"text": {i.Text}}
	}
	shown := false
	for n := range p.Items {
		if p.Items[n].ID == agendaID(i) && !p.Items[n].Fixed {
			p.Items[n].Form, shown = back, true
		}
	}
	if !shown {
		p.Add = back // it cannot be changed any more; what was typed is not lost
	}
	return s.again(w, r, err, templates.Agenda(p))
}

// changeAgenda carries out a form about item i.
func changeAgenda(ctx context.Context, tx *store.Store, x hackfest.Session, i hackfest.AgendaItem, form url.Values) (done, error) {
	d := done{To: agendaURL(x) + "#a-" + agendaID(i)}
	do := form.Get("do")
	if do == "drop" {
		d.Said, d.Undo = "It is off the agenda: "+i.Text, agendaURL(x)+"/"+agendaID(i)+"/restore"
		return d, tx.DropAgendaItem(ctx, i.ID)
	}
	if text := form.Get("text"); text != i.Text || do == "" {
		revision, err := neededRevision(form)
		if err != nil {
			return d, err
		}
		d.Said = "The item is saved."
		if err := tx.EditAgendaItem(ctx, i.ID, text, revision); err != nil {
			return d, err
		}
	}
	switch do {
	case "":
		return d, nil
	case "up", "down":
		return d, tx.MoveAgendaItem(ctx, i.ID, do == "up")
	}
	return d, fault.On("do", "An item can be saved, moved up or down, or dropped.")
}

// restoreAgendaItem answers POST /sessions/{session}/agenda/{item}/restore: a
// dropped item is put back.
func (s *Server) restoreAgendaItem(w http.ResponseWriter, r *http.Request) error {
	_, x, err := s.agendaForm(r)
	if err != nil {
		return err
	}
	i, err := s.agendaItem(r, x)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		d := done{To: agendaURL(x) + "#a-" + agendaID(i), Said: "It is back on the agenda."}
		return d, tx.RestoreAgendaItem(ctx, i.ID)
	})
}

// carryAgenda answers POST /sessions/{session}/agenda/carry: all that was not
// reached goes to the next session of the series.
func (s *Server) carryAgenda(w http.ResponseWriter, r *http.Request) error {
	_, x, err := s.agendaForm(r)
	if err != nil {
		return err
	}
	c := s.clock(r, s.preferences(r))
	if !sessionOver(x, c.Now) {
		return fault.New(fault.Conflict, "This session is not over: what is left of its agenda may still be reached.")
	}
	next, err := s.nextHeld(r.Context(), viewerOf(r), x, c.Now)
	if err != nil {
		return err
	}
	if next.ID == 0 {
		return fault.New(fault.Conflict, "No later session of this series is planned yet, so there is nowhere to carry it to.")
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		n, err := tx.CarryOver(ctx, x.ID, next.ID, s.Now().UTC())
		day := c.Day(next.StartsAt, next.Zone).Text
		d := done{To: templates.SessionURL(x.Slug) + "#agenda", Said: chart.Count(n, "item is", "items are") + " on the agenda of " + day + " now."}
		if n == 0 {
			d.Said = "Nothing was left: all of it is on the agenda of " + day + " already."
		}
		return d, err
	})
}

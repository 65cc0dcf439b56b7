package web

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// apiAction is what somebody took on, in the API.
type apiAction struct {
	ID        hackfest.ItemID `json:"id"`
	Text      string          `json:"text"`
	Owners    []string        `json:"owners" about:"nicks; empty when nobody took it"`
	Due       string          `json:"due" is:"date?" about:"empty without one"`
	State     string          `json:"state" is:"open|carried|done|dropped" about:"carried is still to be done"`
	NotedAt   string          `json:"noted_at" is:"instant"`
	SettledAt string          `json:"settled_at" is:"instant?" about:"when it came to its state; empty while it is open"`
	SettledBy string          `json:"settled_by" about:"a nick or a name; may be empty"`
	Sessions  int             `json:"sessions" about:"for how many sessions it has been open"`
	Session   string          `json:"session" about:"slug of the session it was noted in"`
	Line      string          `json:"line" is:"uri" about:"of the log, that noted it"`
}

func (s *Server) apiAction(a hackfest.Action) apiAction {
	x := apiAction{
		ID: a.ID, Text: a.Text, Owners: a.Owners, State: string(a.State), NotedAt: stamp(a.At), SettledAt: stamp(a.Settled), SettledBy: a.By,
		Sessions: a.Sessions, Session: a.SessionSlug, Line: s.BaseURL + templates.LineURL(a.ID.Ref),
	}
	if x.Owners == nil {
		x.Owners = []string{}
	}
	if !a.Due.IsZero() {
		x.Due = a.Due.Format(time.DateOnly)
	}
	return x
}

// listActions answers GET /api/v1/actions, newest first.
func (s *Server) listActions(w http.ResponseWriter, r *http.Request) error {
	l := listingOf(r)
	limit := l.limit()
	f := store.ActionFilter{
		State:   hackfest.ActionState(l.oneOf("state", "open", "carried", "done", "dropped")),
		Session: l.query.Get("session"), Series: l.query.Get("series"), Target: l.query.Get("target"), Limit: limit + 1,
	}
	if place := l.cursor("action"); place != "" {
		if err := f.Before.UnmarshalText([]byte(place)); err != nil {
			l.bad("cursor", "is not one that this list gave out.")
		}
	}
	if l.err != nil {
		return l.err
	}
	list, err := s.Store.Actions(r.Context(), viewerOf(r), f)
	if err != nil {
		return err
	}
	if len(list) > limit {
		list = list[:limit]
		s.next(w, r, "action", list[limit-1].ID.String())
	}
	return s.sendJSON(w, r, itemsOf(list, s.apiAction))
}

// settling is what is sent to settle an action.
type settling struct {
	How string `json:"how" is:"done|carried|dropped|open" about:"what becomes of it; open takes that back"`
}

// apiAgendaItem is something a session is to talk about, in the API.
type apiAgendaItem struct {
	Text   string `json:"text"`
	State  string `json:"state" is:"open|reached|carried|dropped"`
	From   string `json:"from" about:"slug of the session it was carried over from; empty when it is new"`
	To     string `json:"to" about:"slug of the session it was carried over to; empty while it was not"`
	Action string `json:"action" about:"id of the action that returned by itself; empty for what people wrote"`
}

// sendAgenda answers GET /api/v1/sessions/{session}/agenda, in its order.
func (s *Server) sendAgenda(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	list, err := s.Store.Agenda(r.Context(), viewerOf(r), x.ID)
	if err != nil {
		return err
	}
	return s.sendJSON(w, r, itemsOf(list, func(i hackfest.AgendaItem) apiAgendaItem {
		a := apiAgendaItem{Text: i.Text, State: string(i.State), From: i.From, To: i.To}
		if !i.Action.Ref.IsZero() {
			a.Action = i.Action.String()
		}
		return a
	}))
}

// agendaAddition is what is sent to put something on an agenda.
type agendaAddition struct {
	Text string `json:"text" about:"one line"`
}

package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// actionURL is the path to which an action's form is sent.
func actionURL(id hackfest.ItemID) string { return "/actions/" + id.String() }

// settler is a reader who may settle actions, and where they are led back to.
type settler struct {
	all  bool                     // they chair, or maintain
	own  map[hackfest.ItemID]bool // the actions that are theirs
	back string
}

// settlerOf is who reads r, for actions of one session or series, which they
// chair or not.
func (s *Server) settlerOf(r *http.Request, o person.Object, f store.ActionFilter) (settler, error) {
	a := actorOf(r)
	st := settler{own: map[hackfest.ItemID]bool{}, back: r.URL.Path}
	if !a.SignedIn() {
		return st, nil
	}
	if st.all = person.Can(a, person.SettleAction, o) == nil; st.all {
		return st, nil
	}
	f.Person = a.ID
	own, err := s.Store.Actions(r.Context(), a.Viewer, f)
	for _, x := range own {
		st.own[x.ID] = true
	}
	return st, err
}

// actionsHere are actions on a page of the session of that slug, and what the
// rows are made of.
func (s *Server) actionsHere(r *http.Request, c ui.Clock, slug string, f store.ActionFilter) ([]templates.OpenAction, []hackfest.Action, error) {
	list, err := s.Store.Actions(r.Context(), viewerOf(r), f)
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	var o person.Object
	if actorOf(r).SignedIn() {
		if o, err = s.Store.RelationToSession(r.Context(), viewerOf(r), slug); err != nil {
			return nil, nil, err
		}
	}
	may, err := s.settlerOf(r, o, f)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.actionRows(r.Context(), c, viewerOf(r), list, may)
	return rows, list, err
}

// box lets its reader settle action a; nil when they may not.
func (st settler) box(a hackfest.Action) *templates.SettleBox {
	if !st.all && !st.own[a.ID] {
		return nil
	}
	return &templates.SettleBox{Path: actionURL(a.ID), Return: st.back, Open: a.State.Open(), Form: newForm("action-" + a.ID.String())}
}

// actionStates are how actions stand, as pages show it. One that is simply open
// needs no word.
var actionStates = map[hackfest.ActionState]ui.State{
	hackfest.ActionOpen:    {Class: "scheduled", Icon: "hollow", Text: "open"},
	hackfest.ActionCarried: {Class: "soon", Icon: "arrow", Text: "carried over"},
	hackfest.ActionDone:    {Class: "done", Icon: "tick", Text: "done"},
	hackfest.ActionDropped: {Class: "off", Icon: "struck", Text: "dropped"},
}

// actionRows are actions in a list, with who took them.
func (s *Server) actionRows(ctx context.Context, c ui.Clock, v person.Viewer, list []hackfest.Action, st settler) ([]templates.OpenAction, error) {
	nicks := map[string][]string{}
	for _, a := range list {
		nicks[a.Network] = append(nicks[a.Network], a.Owners...)
	}
	listed := map[string]listedNicks{}
	for network, of := range nicks {
		var err error
		if listed[network], err = s.listed(ctx, network, of); err != nil {
			return nil, err
		}
	}
	history, err := s.Store.ActionHistories(ctx, v, idsOf(list))
	if err != nil {
		return nil, err
	}
	issues, err := s.Store.ActionIssues(ctx, v, idsOf(list))
	if err != nil {
		return nil, err
	}
	rows := make([]templates.OpenAction, len(list))
	for i, a := range list {
		rows[i] = templates.OpenAction{
			ID: "action-" + a.ID.String(), Owners: listed[a.Network].all(a.Owners), Text: ui.Said(a.Text), Line: templates.LineURL(a.ID.Ref),
			From: a.SessionTitle, FromHref: templates.SessionURL(a.SessionSlug), Day: c.Day(a.SessionAt, a.SessionZone),
			State: actionStates[a.State], Age: ageWords(a), Settle: st.box(a), History: eventRows(c, a, history[a.ID]), Issue: s.madeIssue(a, issues[a.ID]),
		}
		if !a.Due.IsZero() {
			rows[i].Due = "due " + a.Due.Format("Mon 2 Jan 2006")
			rows[i].Late = a.State.Open() && c.Now.After(a.Due.Add(24*time.Hour))
		}
	}
	return rows, nil
}

func idsOf(list []hackfest.Action) []hackfest.ItemID {
	ids := make([]hackfest.ItemID, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	return ids
}

// eventRows is the history of an action; that it was noted stands beside it
// already.
func eventRows(c ui.Clock, a hackfest.Action, events []hackfest.ActionEvent) []templates.ActionEvent {
	var rows []templates.ActionEvent
	for i, e := range events {
		words := actionStates[e.State].Text + " by " + ui.Visible(e.By)
		switch {
		case i == 0 && e.State == hackfest.ActionOpen:
			continue
		case e.State == hackfest.ActionOpen:
			words = "opened again by " + ui.Visible(e.By)
			if byIssue(e) {
				words = "open again: its issue was opened again on GitHub"
			}
		case byIssue(e):
			words = actionStates[e.State].Text + ": its issue was closed on GitHub"
		}
		row := templates.ActionEvent{At: c.Gutter(e.At, a.SessionZone), Text: words}
		if !e.LineRef.IsZero() {
			row.Line = templates.LineURL(e.LineRef)
		}
		rows = append(rows, row)
	}
	return rows
}

// byIssue reports whether an action followed its issue.
func byIssue(e hackfest.ActionEvent) bool { return e.By == hackfest.ByGitHub && e.LineRef.IsZero() }

// settleAction answers POST /actions/{action}: it is done, carried over or
// dropped, or open again, on all pages at once.
func (s *Server) settleAction(w http.ResponseWriter, r *http.Request) error {
	if _, err := formOf(r); err != nil {
		return err
	}
	var id hackfest.ItemID
	if err := id.UnmarshalText([]byte(chi.URLParam(r, "action"))); err != nil {
		return fault.New(fault.NotFound, "There is no such action.")
	}
	how, back := hackfest.ActionState(r.FormValue("how")), templates.LineURL(id.Ref) // undo has them in its address
	if to := r.FormValue("return"); to != "" {
		back = localPath(to)
	}
	said := map[hackfest.ActionState]string{
		hackfest.ActionOpen: "The action is open again.", hackfest.ActionDone: "The action is done.",
		hackfest.ActionCarried: "The action is carried over.", hackfest.ActionDropped: "The action is dropped.",
	}[how]
	if said == "" {
		return fault.On("how", "An action can be done, carried, dropped or open.")
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		before, err := tx.Action(ctx, viewerOf(r), id)
		if err != nil {
			return done{}, err
		}
		a := actorOf(r)
		err = tx.SettleAction(ctx, id, how, store.Settler{ID: a.ID, Name: a.Name}, s.Now().UTC())
		d := done{To: back, Said: said}
		if before.State != how {
			d.Undo = actionURL(id) + "?" + url.Values{"how": {string(before.State)}, "return": {back}}.Encode()
		}
		return d, err
	})
}

package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// apiChecklist is what is prepared for some sessions, in the API.
type apiChecklist struct {
	Slug  string         `json:"slug" about:"all, or the slug of the target or series"`
	Title string         `json:"title" about:"what it is for"`
	Items []apiCheckItem `json:"items" about:"in order; what is for all hackfests comes first"`
}

// apiCheckItem is one thing that should be the case before a session starts.
type apiCheckItem struct {
	ID        int64           `json:"id"`
	Text      string          `json:"text" about:"what should be the case"`
	Advice    string          `json:"advice" about:"how to get there; may be empty"`
	Why       string          `json:"why" about:"the lesson behind it; empty when people just wrote it"`
	Lesson    string          `json:"lesson" is:"uri?" about:"address of the log line that taught it; empty when none is known"`
	Mandatory bool            `json:"mandatory" about:"without it one is not ready"`
	Check     *hackfest.Check `json:"check" about:"what a program can look at; null is ticked by hand"`
}

func (s *Server) apiCheckItem(i hackfest.CheckItem) apiCheckItem {
	x := apiCheckItem{ID: int64(i.ID), Text: i.Text, Advice: i.Advice, Why: i.LessonText, Mandatory: i.Mandatory, Check: i.Check}
	if !i.LineRef.IsZero() {
		x.Lesson = s.BaseURL + templates.LineURL(i.LineRef)
	}
	return x
}

// sendChecklist answers GET /api/v1/checklists/{checklist}: with what the sessions
// on a target or of a series inherit from the list for all.
func (s *Server) sendChecklist(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	l, err := s.Store.Checklist(ctx, v, chi.URLParam(r, "checklist"))
	if err != nil {
		return err
	}
	items, err := s.Store.CheckItems(ctx, v, l.ChecklistKey, false)
	if err != nil {
		return err
	}
	x := apiChecklist{Slug: l.Path, Title: l.Title}
	if l.Scope == hackfest.ChecklistAll {
		x.Title = forAll
	} else {
		all, err := s.Store.CheckItems(ctx, v, hackfest.ChecklistKey{Scope: hackfest.ChecklistAll}, false)
		if err != nil {
			return err
		}
		items = append(all, items...)
	}
	x.Items = itemsOf(items, s.apiCheckItem).Items
	return s.sendJSON(w, r, x)
}

// forAll is what the checklist is called that all hackfests have.
const forAll = "All hackfests"

// preflightReport is what is sent to say how a machine is.
type preflightReport struct {
	Machine string            `json:"machine" about:"such as debian 12, x86_64; for the reader and who hosts the session"`
	Results []preflightResult `json:"results"`
}

// preflightResult is how one check ended.
type preflightResult struct {
	Key   string `json:"key" about:"id of the item, or key of its check"`
	State string `json:"state" is:"well|aspirin|splint|dead|unknown"`
	Note  string `json:"note" about:"what was seen, one line; for the same people"`
}

// ticking is what is sent to say how one stands with an item.
type ticking struct {
	State string `json:"state" is:"well|aspirin|splint|dead|unknown"`
	Note  string `json:"note,omitempty" about:"one line, for the reader and who hosts the session"`
}

// maxResults is how many results a report may have: all that a session can have
// on its four lists.
const maxResults = 4 * hackfest.MaxChecklist

// tickedSession is the session that the path names, if it can be prepared for.
func (s *Server) tickedSession(r *http.Request) (hackfest.Session, error) {
	ctx, v := r.Context(), viewerOf(r)
	var x hackfest.Session
	var err error
	if slug := chi.URLParam(r, "target"); slug != "" {
		x, err = s.Store.NextOfTarget(ctx, v, slug, s.Now().UTC())
	} else {
		x, err = s.Store.Session(ctx, v, chi.URLParam(r, "session"))
	}
	if err == nil && sessionOver(x, s.Now()) {
		err = fault.New(fault.Conflict, "This session is over or cancelled: nobody prepares for it any more.")
	}
	return x, err
}

// takePreflight answers POST /api/v1/sessions/{session}/preflight, and the same of
// a target for its next session: the results count for the token's person.
func (s *Server) takePreflight(w http.ResponseWriter, r *http.Request) error {
	x, err := s.tickedSession(r)
	if err != nil {
		return err
	}
	var results []preflightResult
	if err := json.Unmarshal([]byte(r.PostForm.Get("results")), &results); err != nil {
		return fault.On("results", "results is a list of objects with key, state and note.")
	}
	if len(results) > maxResults {
		return fault.On("results", "A report has %d results at most.", maxResults)
	}
	p := hackfest.Preflight{Machine: r.PostForm.Get("machine"), At: s.Now().UTC()}
	for _, one := range results {
		p.Results = append(p.Results, hackfest.CheckResult{Key: one.Key, State: hackfest.CheckState(one.State), Note: one.Note})
	}
	who := actorOf(r).ID
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		unknown, err := tx.AddPreflight(ctx, viewerOf(r), x.ID, hackfest.Ticker{Who: hackfest.WhoPerson(who), Person: who}, p)
		if err != nil {
			return done{}, err
		}
		said := "Reported for " + x.Title + ": " + counted(len(results)-len(unknown), "result.", "results.")
		if len(unknown) > 0 {
			said += " Its checklist has nothing called " + strings.Join(unknown[:min(len(unknown), 5)], ", ") + "."
		}
		return done{To: readyURL(x), Said: said}, nil
	})
}

// readyURL is where the session's page says who is ready.
func readyURL(x hackfest.Session) string { return templates.SessionURL(x.Slug) + "#ready" }

// tickByProgram answers POST /api/v1/sessions/{session}/checks/{check}.
func (s *Server) tickByProgram(w http.ResponseWriter, r *http.Request) error {
	x, err := s.tickedSession(r)
	if err != nil {
		return err
	}
	i, err := s.sessionCheck(r, x)
	if err != nil {
		return err
	}
	t := hackfest.CheckTick{
		Item: i.ID, State: hackfest.CheckState(r.PostForm.Get("state")), Via: hackfest.ViaAPI, Note: r.PostForm.Get("note"), At: s.Now().UTC(),
	}
	who := actorOf(r).ID
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		d := done{To: readyURL(x), Said: "Kept for " + x.Title + ": " + i.Text}
		return d, tx.TickChecks(ctx, x.ID, hackfest.Ticker{Who: hackfest.WhoPerson(who), Person: who}, []hackfest.CheckTick{t})
	})
}

// sessionCheck is the item in the path, which must be on the checklist of x.
func (s *Server) sessionCheck(r *http.Request, x hackfest.Session) (hackfest.CheckItem, error) {
	none := fault.New(fault.NotFound, "There is no such item on the checklist of this session.")
	id, err := strconv.ParseInt(chi.URLParam(r, "check"), 10, 64)
	if err != nil {
		return hackfest.CheckItem{}, none
	}
	items, err := s.Store.SessionChecks(r.Context(), viewerOf(r), x.ID)
	if err != nil {
		return hackfest.CheckItem{}, err
	}
	n := slices.IndexFunc(items, func(i hackfest.CheckItem) bool { return int64(i.ID) == id })
	if n < 0 {
		return hackfest.CheckItem{}, none
	}
	return items[n], nil
}

package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// chairsBack is how long after its end a session's chairs are listed.
const chairsBack = 30 * 24 * time.Hour

// listChairs answers GET /manage/chairs.
func (s *Server) listChairs(w http.ResponseWriter, r *http.Request) error {
	return s.chairsPage(w, r, newForm(""), nil)
}

// chairsPage shows who chairs what, with the form to appoint somebody; wrong is
// what was wrong with that.
func (s *Server) chairsPage(w http.ResponseWriter, r *http.Request, form ui.Form, wrong error) error {
	ctx, v := r.Context(), viewerOf(r)
	f, err := s.frame(r, "Chairs")
	if err != nil {
		return err
	}
	f.NoIndex = true
	p := templates.ChairsPage{
		Frame: f, Admin: person.Can(actorOf(r), person.Administer, person.Object{}) == nil, New: form, Person: r.URL.Query().Get("person"), Session: r.URL.Query().Get("session"),
		Series: []ui.Choice{{Text: "none"}},
	}
	list, err := s.Store.Chairs(ctx, v, f.Clock.Now.Add(-chairsBack))
	if err != nil {
		return err
	}
	for _, c := range list {
		p.Chairs = append(p.Chairs, s.chairRow(f.Clock, c))
	}
	series, err := s.Store.SeriesList(ctx, v)
	if err != nil {
		return err
	}
	for _, x := range series {
		p.Series = append(p.Series, ui.Choice{Value: x.Slug, Text: ui.Visible(x.Title)})
	}
	if wrong != nil {
		return s.again(w, r, wrong, templates.Chairs(p))
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Chairs(p))
}

// chairPath is where a chair is taken away ("remove") or given ("add").
func chairPath(name, series, session, what string) string {
	p := "/manage/chairs/" + url.PathEscape(name)
	if session != "" {
		return p + "/sessions/" + url.PathEscape(session) + "/" + what
	}
	return p + "/series/" + url.PathEscape(series) + "/" + what
}

func (s *Server) chairRow(c ui.Clock, x person.Chair) templates.ChairRow {
	row := templates.ChairRow{
		Title: ui.Visible(x.Title), Href: templates.SeriesURL(x.Series), Session: x.Session != "", Person: ui.Visible(x.Person),
		Since: c.Day(x.Since, s.community()), Remove: chairPath(x.Person, x.Series, x.Session, "remove"), Form: newForm(""),
	}
	if row.Session {
		row.Href = templates.SessionURL(x.Session)
	}
	return row
}

// appoint answers POST /manage/chairs.
func (s *Server) appoint(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	name, series, session := strings.TrimSpace(form.Get("person")), form.Get("series"), strings.TrimSpace(form.Get("session"))
	session = session[strings.LastIndex(session, "/")+1:] // people paste the whole address
	switch {
	case name == "":
		err = fault.On("person", "Who is to chair?")
	case (series == "") == (session == ""):
		err = fault.On("series", "Choose a series, or name one session; not both.")
	default:
		err = s.changeChair(w, r, name, series, session, true)
	}
	if fault.KindOf(err) == fault.NotFound { // of what was typed
		err = fault.On(chairField(err, session), "%s", fault.Message(err))
	}
	if mendable(err) {
		return s.chairsPage(w, r, typed("", form, err), err)
	}
	return err
}

// chairField is the field that names what does not exist.
func chairField(err error, session string) string {
	switch {
	case strings.HasPrefix(fault.Message(err), "Nobody"):
		return "person"
	case session != "":
		return "session"
	}
	return "series"
}

// giveChair answers POST /manage/chairs/{person}/series/{series}/add and its like
// for one session, by which taking away is taken back.
func (s *Server) giveChair(w http.ResponseWriter, r *http.Request) error {
	return s.changeChair(w, r, pathParam(r, "person"), pathParam(r, "series"), pathParam(r, "session"), true)
}

// takeChair answers POST /manage/chairs/{person}/series/{series}/remove and its
// like for one session.
func (s *Server) takeChair(w http.ResponseWriter, r *http.Request) error {
	return s.changeChair(w, r, pathParam(r, "person"), pathParam(r, "series"), pathParam(r, "session"), false)
}

// changeChair lets somebody chair a series or a session, or takes it from them.
func (s *Server) changeChair(w http.ResponseWriter, r *http.Request, name, series, session string, give bool) error {
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		a, err := tx.Account(ctx, name)
		if err != nil {
			return done{}, err
		}
		what, object := series, "series/"+series
		if session != "" {
			what, object = session, "sessions/"+session
		}
		switch {
		case give && session != "":
			err = tx.AddSessionChair(ctx, a.ID, session, s.Now())
		case give:
			err = tx.AddChair(ctx, a.ID, series, s.Now())
		case session != "":
			err = tx.RemoveSessionChair(ctx, a.ID, session)
		default:
			err = tx.RemoveChair(ctx, a.ID, series)
		}
		if err != nil {
			return done{}, err
		}
		d, action := done{To: "/manage/chairs", Said: a.Name + " chairs " + what + " now.", Undo: chairPath(a.Name, series, session, "remove")}, "appoint chair"
		before, after := map[string]string(nil), map[string]string{"chair": a.Name}
		if !give {
			d.Said, d.Undo, action = a.Name+" does not chair "+what+" any more.", chairPath(a.Name, series, session, "add"), "take chair away"
			before, after = after, before
		}
		return d, s.audit(ctx, tx, r, action, object, before, after)
	})
}

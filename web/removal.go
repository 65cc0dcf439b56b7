package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// showPrivacy answers GET /privacy; line is the line somebody came from.
func (s *Server) showPrivacy(w http.ResponseWriter, r *http.Request) error {
	return s.privacyPage(w, r, newForm(""), nil)
}

// privacyPage shows what is kept, with the form to have a line removed; wrong is
// what was wrong with that.
func (s *Server) privacyPage(w http.ResponseWriter, r *http.Request, form ui.Form, wrong error) error {
	f, err := s.frame(r, "Privacy")
	if err != nil {
		return err
	}
	f.Description = "What the portal of " + f.Community + " logs and keeps, and how to keep something out of it."
	channels, err := s.Store.Channels(r.Context(), viewerOf(r))
	if err != nil {
		return err
	}
	p := templates.PrivacyPage{Frame: f, Channels: channelRows(channels), Form: form, MaxWhy: hackfest.MaxWhy, MaxContact: hackfest.MaxContact}
	if ref, err := hackfest.ParseRef(r.URL.Query().Get("line")); err == nil {
		p.Line = s.BaseURL + templates.LineURL(ref)
	}
	if wrong != nil {
		return s.again(w, r, wrong, templates.Privacy(p))
	}
	return s.show(w, r, templates.Privacy(p))
}

// aRef finds the ids of lines in what people copied from the address bar.
var aRef = regexp.MustCompile(`(?i)(?:^|[^0-9a-z])([0-7][0-9a-hjkmnp-tv-z]{25})(?:$|[^0-9a-z])`)

// askRemoval answers POST /privacy.
func (s *Server) askRemoval(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	request, err := s.wish(r, form)
	if err == nil {
		if err := s.tooMany(w, s.gate().asks, s.household(r), "from your network"); err != nil {
			return err
		}
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			_, err := tx.AskRemoval(ctx, request, s.Now())
			return done{To: "/privacy", Said: "Your request is kept. A maintainer reads it; if the line is removed, its place in the log says so."}, err
		})
	}
	if mendable(err) {
		return s.privacyPage(w, r, typed("", form, err), err)
	}
	return err
}

// wish reads the form of /privacy.
func (s *Server) wish(r *http.Request, form url.Values) (hackfest.RemovalRequest, error) {
	q := hackfest.RemovalRequest{
		PersonID: actorOf(r).ID, Why: strings.TrimSpace(form.Get("why")), Contact: strings.TrimSpace(form.Get("contact")),
	}
	var wrong []error
	for _, x := range []struct {
		field, text string
		most        int
	}{{"why", q.Why, hackfest.MaxWhy}, {"contact", q.Contact, hackfest.MaxContact}} {
		if utf8.RuneCountInString(x.text) > x.most {
			wrong = append(wrong, fault.On(x.field, "At most %d characters.", x.most))
		}
	}
	l, err := s.lineMeant(r, form.Get("line"))
	switch {
	case fault.KindOf(err) == fault.Invalid, fault.KindOf(err) == fault.NotFound:
		wrong = append(wrong, fault.On("line", "%s", fault.Message(err)))
	case err != nil:
		return q, err
	}
	q.Line = l.Ref
	return q, errors.Join(wrong...)
}

// lineMeant is the line that somebody pointed to, by its address or its id.
func (s *Server) lineMeant(r *http.Request, text string) (hackfest.LogLine, error) {
	found := aRef.FindAllStringSubmatch(text, -1)
	if len(found) == 0 {
		return hackfest.LogLine{}, fault.New(fault.Invalid, "Give the address of the line: in a log, the time to its left is a link to it.")
	}
	ref, err := hackfest.ParseRef(found[len(found)-1][1]) // behind a page's own
	if err != nil {
		return hackfest.LogLine{}, err
	}
	l, _, err := s.Store.Line(r.Context(), viewerOf(r), ref)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return l, fault.New(fault.NotFound, "There is no such line. Is the address complete?")
	case err == nil && l.Redacted:
		return l, fault.New(fault.Invalid, "This line was removed already.")
	case err == nil && !l.Redactable():
		return l, fault.New(fault.Invalid, "This line has no words that could be removed.")
	}
	return l, err
}

// maxNote is the longest reason for leaving a line, in characters.
const maxNote = 500

// requestOf is the waiting request that the path names.
func (s *Server) requestOf(r *http.Request) (hackfest.RemovalRequest, error) {
	id, err := requestID(r)
	if err != nil {
		return hackfest.RemovalRequest{}, err
	}
	return s.Store.RemovalRequest(r.Context(), viewerOf(r), id)
}

// requestID is the id of the request that the path names.
func requestID(r *http.Request) (hackfest.RemovalRequestID, error) {
	return pathID[hackfest.RemovalRequestID](r, "request", fault.New(fault.NotFound, "There is no such request."))
}

func requestURL(id hackfest.RemovalRequestID) string { return fmt.Sprintf("/manage/requests/%d", id) }

// showRequest answers GET /manage/requests/{request}.
func (s *Server) showRequest(w http.ResponseWriter, r *http.Request) error {
	q, err := s.requestOf(r)
	if err != nil {
		return err
	}
	return s.requestPage(w, r, q, newForm(""), nil)
}

// requestPage shows a request; wrong is what was wrong with its refusal.
func (s *Server) requestPage(w http.ResponseWriter, r *http.Request, q hackfest.RemovalRequest, form ui.Form, wrong error) error {
	f, err := s.frame(r, "A line to be removed?")
	if err != nil {
		return err
	}
	f.NoIndex, f.Section = true, "/manage"
	l, c, err := s.Store.Line(r.Context(), viewerOf(r), q.Line)
	if err != nil {
		return err
	}
	p := templates.RequestPage{
		Frame: f, Asked: f.Clock.Gutter(q.MadeAt, s.community()), By: whoAsked(q), Contact: ui.Visible(q.Contact), Why: ui.Visible(q.Why),
		Where: templates.LogLink{Href: templates.LineURL(q.Line), Text: "In its log"},
		Row:   rowWriter{clock: f.Clock, zone: s.community()}.row(l), Refuse: requestURL(q.ID) + "/refuse", Form: form, Most: maxNote,
	}
	if l.Redactable() {
		p.Remove = templates.LogURL(c.Network, c.Path) + "/redact?line=" + q.Line.String()
	}
	if wrong != nil {
		return s.again(w, r, wrong, templates.Request(p))
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Request(p))
}

// whoAsked says who asked for something.
func whoAsked(q hackfest.RemovalRequest) string {
	if q.Name != "" {
		return ui.Visible(q.Name)
	}
	return "somebody who was not signed in"
}

// refuseRequest answers POST /manage/requests/{request}/refuse.
func (s *Server) refuseRequest(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	if to, known := s.carriedOut(r); known { // sent twice
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	q, err := s.requestOf(r)
	if err != nil {
		return err
	}
	note := strings.TrimSpace(form.Get("note"))
	switch n := utf8.RuneCountInString(note); {
	case n == 0:
		err = fault.On("note", "Say why it stays: another maintainer may be asked next.")
	case n > maxNote:
		err = fault.On("note", "At most %d characters.", maxNote)
	default:
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			if err := tx.RefuseRemoval(ctx, q.ID, actorOf(r).Name, note, s.Now()); err != nil {
				return done{}, err
			}
			err := s.audit(ctx, tx, r, "refuse removal", templates.LineURL(q.Line), nil, map[string]any{"note": note})
			return done{To: "/manage", Said: "The line stays.", Undo: requestURL(q.ID) + "/reopen"}, err
		})
	}
	if mendable(err) {
		return s.requestPage(w, r, q, typed("", form, err), err)
	}
	return err
}

// reopenRequest answers POST /manage/requests/{request}/reopen.
func (s *Server) reopenRequest(w http.ResponseWriter, r *http.Request) error {
	id, err := requestID(r)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		if err := tx.ReopenRemoval(ctx, id, s.Now()); err != nil {
			return done{}, err
		}
		return done{To: requestURL(id), Said: "The request waits again."},
			s.audit(ctx, tx, r, "reopen removal", requestURL(id), nil, nil)
	})
}

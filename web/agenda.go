package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// agendaURL is the page on which the agenda of x is changed.
func agendaURL(x hackfest.Session) string { return templates.SessionURL(x.Slug) + "/agenda" }

func agendaID(i hackfest.AgendaItem) string { return strconv.FormatInt(int64(i.ID), 10) }

// agendaBox is the agenda of x on its page; edit says whether the reader may
// change it.
func (s *Server) agendaBox(c ui.Clock, x hackfest.Session, items []hackfest.AgendaItem, edit bool) templates.AgendaBox {
	var box templates.AgendaBox
	for _, i := range items {
		if i.State != hackfest.AgendaDropped {
			box.Items = append(box.Items, agendaRow(c, i))
		}
	}
	if edit {
		box.Edit = agendaURL(x)
	}
	return box
}

// agendaRow is one item of an agenda.
func agendaRow(c ui.Clock, i hackfest.AgendaItem) templates.AgendaRow {
	row := templates.AgendaRow{
		ID: agendaID(i), Text: ui.Visible(i.Text), Taken: i.State == hackfest.AgendaReached,
		From: agendaLink(c, i.From, i.FromTitle), To: agendaLink(c, i.To, i.ToTitle),
	}
	if !i.Topic.IsZero() {
		row.Line = templates.LineURL(i.Topic)
	}
	return row
}

// agendaLink leads to the session of that slug; nil without one. Slugs begin
// with the day for which the session was planned first.
func agendaLink(c ui.Clock, slug, title string) *templates.AgendaLink {
	if slug == "" {
		return nil
	}
	l := &templates.AgendaLink{Href: templates.SessionURL(slug), Text: title}
	if day, err := time.Parse(time.DateOnly, slug[:min(len(slug), len(time.DateOnly))]); err == nil {
		l.Text = c.Day(day, "UTC").Text
	}
	return l
}

// nextHeld is the next session of the series of x that nobody has held yet; the
// zero session without one.
func (s *Server) nextHeld(ctx context.Context, v person.Viewer, x hackfest.Session, now time.Time) (hackfest.Session, error) {
	if x.SeriesSlug == "" {
		return hackfest.Session{}, nil
	}
	list, err := s.Store.Sessions(ctx, v, store.SessionFilter{Series: x.SeriesSlug, From: now, After: store.CursorAfter(x), Limit: 20})
	for _, n := range list {
		public := x.Visibility == person.Public
		if n.State == hackfest.StateScheduled && n.Held == 0 && (public || n.Visibility == person.MembersOnly) {
			return n, err
		}
	}
	return hackfest.Session{}, err
}

// carryBox offers to carry over what x left; nil when nothing is left, when
// there is nowhere to carry it to, or while it may still be reached.
func (s *Server) carryBox(ctx context.Context, v person.Viewer, c ui.Clock, x hackfest.Session, items []hackfest.AgendaItem) (*templates.CarryBox, error) {
	left := 0
	for _, i := range items {
		if i.State == hackfest.AgendaOpen {
			left++
		}
	}
	if left == 0 || !sessionOver(x, c.Now) {
		return nil, nil
	}
	next, err := s.nextHeld(ctx, v, x, c.Now)
	if err != nil || next.ID == 0 {
		return nil, err
	}
	return &templates.CarryBox{
		Path: agendaURL(x) + "/carry", Left: left, Form: newForm("carry"),
		To: templates.AgendaLink{Href: templates.SessionURL(next.Slug), Text: c.Day(next.StartsAt, next.Zone).Text},
	}, nil
}

// sessionOver reports whether nothing more is talked about in x.
func sessionOver(x hackfest.Session, now time.Time) bool {
	switch x.Status(now) {
	case hackfest.StatusEnded, hackfest.StatusPublished, hackfest.StatusCancelled:
		return true
	}
	return false
}

// showAgenda answers GET /sessions/{session}/agenda.
func (s *Server) showAgenda(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	p, err := s.agendaPage(r, x)
	if err != nil {
		return err
	}
	return s.show(w, r, templates.Agenda(p))
}

func (s *Server) agendaPage(r *http.Request, x hackfest.Session) (templates.AgendaPage, error) {
	f, err := s.frame(r, "Agenda of "+x.Title)
	if err != nil {
		return templates.AgendaPage{}, err
	}
	f.Section, f.NoIndex = "/schedule", true
	p := templates.AgendaPage{
		Frame: f, Name: x.Title, Href: templates.SessionURL(x.Slug), Path: agendaURL(x), When: f.Clock.Span(x.StartsAt, x.EndsAt, x.Zone),
		Add: newForm("add"), Over: sessionOver(x, f.Clock.Now),
	}
	items, err := s.Store.Agenda(r.Context(), viewerOf(r), x.ID)
	if err != nil {
		return p, err
	}
	last := -1
	for _, i := range items {
		if i.State == hackfest.AgendaDropped {
			continue
		}
		e := templates.AgendaEdit{
			AgendaRow: agendaRow(f.Clock, i), Path: agendaURL(x) + "/" + agendaID(i), Revision: strconv.Itoa(i.Revision),
			Fixed: i.State != hackfest.AgendaOpen || p.Over || !i.Action.Ref.IsZero(), First: last < 0, Last: true,
		}
		e.Form = newForm("item-" + e.ID)
		if i.State == hackfest.AgendaOpen {
			if last >= 0 {
				p.Items[last].Last = false
			}
			last = len(p.Items)
		}
		p.Items = append(p.Items, e)
	}
	p.Carry, err = s.carryBox(r.Context(), viewerOf(r), f.Clock, x, items)
	return p, err
}

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

// placeAround is how far from a meeting the sessions are that it can be given to.
const placeAround = 7 * 24 * time.Hour

// shortMeeting is how long a meeting may have taken that can be discarded.
const shortMeeting = time.Minute

// placeURL is the page on which a meeting is given to another session.
func placeURL(ref hackfest.Ref) string { return "/meetings/" + ref.String() + "/session" }

// arrangeBox is what the reader may do with m as a whole; nil when nothing.
func arrangeBox(m hackfest.Meeting, standing int, may bool) *templates.ArrangeBox {
	if !may {
		return nil
	}
	a := &templates.ArrangeBox{Place: placeURL(m.Ref), Form: newForm("discard")}
	if !m.Running() && m.EndedAt.Sub(m.StartedAt) < shortMeeting && standing == 0 && m.Revision == 0 {
		a.Discard = "/meetings/" + m.Ref.String() + "/discard"
	}
	return a
}

// meetingOf is the meeting in the path of r.
func (s *Server) meetingOf(r *http.Request) (hackfest.Meeting, error) {
	ref, err := hackfest.ParseRef(chi.URLParam(r, "meeting"))
	if err != nil {
		return hackfest.Meeting{}, fault.New(fault.NotFound, "There is no such meeting.")
	}
	return s.Store.Meeting(r.Context(), viewerOf(r), ref)
}

// showPlace answers GET /meetings/{meeting}/session.
func (s *Server) showPlace(w http.ResponseWriter, r *http.Request) error {
	m, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	p, err := s.placePage(r, m)
	if err != nil {
		return err
	}
	return s.show(w, r, templates.MeetingPlace(p))
}

func (s *Server) placePage(r *http.Request, m hackfest.Meeting) (templates.MeetingPlacePage, error) {
	ctx, v := r.Context(), viewerOf(r)
	f, err := s.frame(r, "Which session was this meeting?")
	if err != nil {
		return templates.MeetingPlacePage{}, err
	}
	f.Section, f.NoIndex = "/schedule", true
	end := m.EndedAt
	if m.Running() {
		end = f.Clock.Now
	}
	p := templates.MeetingPlacePage{
		Frame: f, Name: m.Title, When: f.Clock.Span(m.StartedAt, end, m.SessionZone), Now: m.SessionTitle,
		NowHref: templates.SessionURL(m.SessionSlug), Path: placeURL(m.Ref), Hidden: m.Visibility == person.MembersOnly, Form: newForm("place"),
	}
	c, err := s.Store.Channel(ctx, v, m.Network, m.ChannelPath)
	if err != nil {
		return p, err
	}
	list, err := s.Store.Sessions(ctx, v, store.SessionFilter{
		Network: m.Network, Channel: c.Folded, From: m.StartedAt.Add(-placeAround), To: m.StartedAt.Add(placeAround),
	})
	own := false
	for _, x := range list {
		if x.State == hackfest.StateCancelled {
			continue
		}
		if may, err := s.mayArrange(r, x.Slug); err != nil {
			return p, err
		} else if !may {
			continue
		}
		at := f.Clock.Gutter(x.StartsAt, x.Zone)
		own = own || x.Spot && x.Slug == m.SessionSlug
		p.Choices = append(p.Choices, templates.PlaceChoice{
			Slug: x.Slug, Title: x.Title, At: &at, State: ui.SessionState(f.Clock, x),
			Members: x.Visibility == person.MembersOnly, Current: x.Slug == m.SessionSlug,
		})
	}
	if !own {
		p.Choices = append(p.Choices, templates.PlaceChoice{Title: "A session of its own", Members: c.Visibility == person.MembersOnly})
	}
	return p, err
}

// mayArrange reports whether the reader of r may arrange the meetings of the
// session of that slug.
func (s *Server) mayArrange(r *http.Request, slug string) (bool, error) {
	a := actorOf(r)
	if person.Can(a, person.ArrangeMeeting, person.Object{}) == nil {
		return true, nil // of any
	}
	o, err := s.Store.RelationToSession(r.Context(), a.Viewer, slug)
	return err == nil && person.Can(a, person.ArrangeMeeting, o) == nil, err
}

// placeMeeting answers POST /meetings/{meeting}/session: the meeting belongs to
// another session from then on.
func (s *Server) placeMeeting(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	m, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	slug := r.FormValue("session") // undo has it in its address
	err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		return s.place(ctx, tx, r, m, slug)
	})
	if err != nil && fault.KindOf(err) == fault.Forbidden {
		s.refuse(w, r, person.ArrangeMeeting, err)
		return nil
	}
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.placePage(r, m)
	if failed != nil {
		return failed
	}
	p.Form = typed("place", form, err)
	return s.again(w, r, err, templates.MeetingPlace(p))
}

// place gives m to the session of that slug.
func (s *Server) place(ctx context.Context, tx *store.Store, r *http.Request, m hackfest.Meeting, slug string) (done, error) {
	if slug != "" && slug != m.SessionSlug { // one that the actor may not see is not there
		o, err := tx.RelationToSession(ctx, viewerOf(r), slug)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			err = fault.On("session", "There is no such session any more. Choose another.")
		}
		if err == nil { // who chairs a meeting of a session chairs the session, so nobody may take one there who does not
			err = person.Can(actorOf(r), person.ArrangeMeeting, o)
		}
		if err != nil {
			return done{}, err
		}
	}
	if err := tx.RelinkMeeting(ctx, m.Ref, slug, s.Now().UTC()); err != nil {
		return done{}, err
	}
	now, err := tx.Meeting(ctx, viewerOf(r), m.Ref)
	if err != nil {
		return done{}, err
	}
	d := done{To: templates.SessionURL(now.SessionSlug), Said: "The meeting belongs to “" + now.SessionTitle + "” now."}
	if now.SessionSlug == m.SessionSlug {
		d.Said = "The meeting stays where it is."
		return d, nil
	}
	was, err := tx.RelationToSession(ctx, viewerOf(r), m.SessionSlug)
	if err != nil {
		return done{}, err
	}
	if person.Can(actorOf(r), person.ArrangeMeeting, was) == nil { // who chaired it by that meeting alone does not any more
		d.Undo = placeURL(m.Ref) + "?" + url.Values{"session": {m.SessionSlug}}.Encode()
	}
	type at struct {
		Session string `json:"session"`
	}
	return d, s.audit(ctx, tx, r, "give meeting to another session", "/meetings/"+m.Ref.String(), at{m.SessionSlug}, at{now.SessionSlug})
}

// discardMeeting answers POST /meetings/{meeting}/discard.
func (s *Server) discardMeeting(w http.ResponseWriter, r *http.Request) error {
	if _, err := formOf(r); err != nil {
		return err
	}
	m, err := s.meetingOf(r)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		if err := tx.DiscardMeeting(ctx, m.Ref); err != nil {
			return done{}, err
		}
		d := done{To: templates.SessionURL(m.SessionSlug), Said: "The meeting is discarded. What was said is in the log."}
		o, err := tx.RelationToSession(ctx, viewerOf(r), m.SessionSlug)
		if err != nil {
			return done{}, err
		}
		if person.Can(actorOf(r), person.ArrangeMeeting, o) == nil { // who chaired that meeting alone chairs nothing now
			d.Undo = templates.SessionURL(m.SessionSlug) + "/meetings/" + m.Ref.String() + "/restore"
		}
		return d, s.audit(ctx, tx, r, "discard meeting", "/meetings/"+m.Ref.String(), map[string]any{"session": m.SessionSlug, "title": m.Title}, nil)
	})
}

// restoreMeeting answers POST /sessions/{session}/meetings/{ref}/restore: a
// discarded meeting is brought back.
func (s *Server) restoreMeeting(w http.ResponseWriter, r *http.Request) error {
	if _, err := formOf(r); err != nil {
		return err
	}
	ref, err := hackfest.ParseRef(chi.URLParam(r, "ref"))
	if err != nil {
		return fault.New(fault.NotFound, "There is no such meeting.")
	}
	line, _, err := s.Store.Line(r.Context(), viewerOf(r), ref)
	if err != nil {
		return err
	}
	x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	if line.Network != x.Network || line.Channel != x.Channel {
		return fault.New(fault.NotFound, "There is no such meeting in this channel.")
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		if err := tx.RestoreMeeting(ctx, ref, s.Now().UTC()); err != nil {
			return done{}, err
		}
		m, err := tx.Meeting(ctx, viewerOf(r), ref)
		if err == nil && m.SessionSlug != x.Slug { // who chairs one session brings back no meeting of another
			err = fault.New(fault.NotFound, "There is no such meeting of this session.")
		}
		if err != nil {
			return done{}, err
		}
		d := done{To: "/meetings/" + ref.String(), Said: "The meeting is back."}
		return d, s.audit(ctx, tx, r, "bring meeting back", "/meetings/"+ref.String(), nil, map[string]any{"session": x.Slug})
	})
}

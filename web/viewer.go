package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// actorKey is the key of a request's actor in its context.
type actorKey struct{}

// actorOf is who makes a request, as identify found out; the public when nobody
// is signed in.
func actorOf(r *http.Request) person.Actor {
	if r == nil {
		return person.Actor{}
	}
	a, _ := r.Context().Value(actorKey{}).(person.Actor) // else the zero Actor, the public
	return a
}

// anonymous is r as if nobody were signed in.
func anonymous(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), actorKey{}, person.Actor{}))
}

// viewerOf is the person a request is answered for.
func viewerOf(r *http.Request) person.Viewer { return actorOf(r).Viewer }

// identify finds out who makes a request, with the role they have now, and
// returns the request with that.
func (s *Server) identify(r *http.Request) (*http.Request, error) {
	ctx, cancel := context.WithTimeout(r.Context(), s.storeTime())
	defer cancel()
	a, err := s.whoIs(r.WithContext(ctx))
	if fault.KindOf(unavailable(ctx, err)) == fault.Unavailable && err != nil && isStream(r) {
		return r, nil // begins as the public's; an error would end it for good
	}
	if err != nil || !a.SignedIn() {
		return r, err
	}
	return r.WithContext(context.WithValue(r.Context(), actorKey{}, a)), nil
}

// frame is what page of the given title has around it. It asks the store what
// is live.
func (s *Server) frame(r *http.Request, title string) (templates.Frame, error) {
	f := s.bareFrame(r, title)
	f.Unknown = false
	live, err := s.Store.LiveSessions(r.Context(), viewerOf(r), f.Clock.Now)
	if err != nil {
		return f, err
	}
	if f.Notice, err = s.notice(r); err != nil {
		return f, err
	}
	for _, l := range live {
		href := templates.SessionURL(l.Slug)
		if href == r.URL.Path {
			continue // the page itself says so
		}
		f.OnAir = append(f.OnAir, templates.OnAir{Title: l.Title, Href: href, Channel: l.Channel, Elapsed: f.Clock.Elapsed(l.StartsAt)})
	}
	if f.Banner, err = s.banner(r, f.Clock.Now); err != nil {
		return f, err
	}
	off, err := s.Store.CalledOff(r.Context(), viewerOf(r), f.Clock.Now)
	for _, o := range off {
		if href := templates.SessionURL(o.Slug); href != r.URL.Path {
			f.Off = append(f.Off, templates.CalledOff{Title: o.Title, Href: href, When: f.Clock.Gutter(o.StartsAt, o.Zone), Why: o.Reason})
		}
	}
	return f, err
}

// bareFrame is a frame for pages that must do without the database.
func (s *Server) bareFrame(r *http.Request, title string) templates.Frame {
	p := s.preferences(r)
	f := templates.Frame{
		Title:     title,
		Community: s.Community,
		Section:   section(r.URL.Path),
		Canonical: s.BaseURL + r.URL.EscapedPath(),
		Return:    r.URL.RequestURI(),
		Clock:     s.clock(r, p),
		Clocks:    p.clock,
		Theme:     p.theme,
		Zone:      p.zone,
		Unknown:   true,
		Mails:     s.Post != nil,
	}
	if a := actorOf(r); a.SignedIn() {
		f.Actor = a.Name
		f.Desk = person.Can(a, person.ReadDesk, person.Object{}) == nil
		f.Admin = person.Can(a, person.Administer, person.Object{}) == nil
	}
	if f.Community == "" {
		f.Community = "Hackfest"
	}
	f.Zones = s.zoneChoices(f.Clock.Now, p.zone)
	return f
}

// clock is how the reader of r reads times.
func (s *Server) clock(r *http.Request, p preferences) ui.Clock {
	c := ui.Clock{Now: s.Now().UTC(), Locate: s.locate, Twelve: p.twelve(r)}
	if p.zone != "" {
		c.Zone = s.locate(p.zone)
	}
	return c
}

// section is the menu entry that path belongs to: "/targets" for a target.
func section(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "sessions", "series", "next":
		return "/schedule"
	case "logs":
		return "/minutes"
	}
	return "/" + first
}

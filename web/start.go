package web

import (
	"net/http"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// startLessons is how many lessons a newcomer is told to prepare.
const startLessons = 5

// showStart answers GET /start: the way in for somebody who has never been
// here, for the session that is live or comes next.
func (s *Server) showStart(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	f, err := s.frame(r, "Your first hackfest")
	if err != nil {
		return err
	}
	f.Description = "How to take part in a hackfest of " + f.Community + ": where it is, what to type, what to expect."
	p := templates.StartPage{Frame: f}
	next, err := s.Store.NextSession(ctx, v, f.Clock.Now)
	if fault.KindOf(err) == fault.NotFound {
		channels, err := s.Store.Channels(ctx, v)
		p.Channels = channelRows(channels)
		if err != nil {
			return err
		}
		return s.show(w, r, templates.Start(p))
	}
	if err != nil {
		return err
	}
	c, err := s.Store.Channel(ctx, v, next.Network, next.ChannelPath)
	if err != nil {
		return err
	}
	p.Next = &templates.StartSession{
		Title: next.Title, Href: templates.SessionURL(next.Slug), Live: next.Status(f.Clock.Now) == hackfest.StatusLive,
		Span: f.Clock.Span(next.StartsAt, next.EndsAt, next.Zone), Goal: next.Goal, Where: whereIs(c), Kind: string(next.Kind),
		Answer: rsvpURL(next), Host: s.hostOf(ctx, next),
	}
	if p.Next.Issues, err = s.firstIssues(r, &p.Frame, next); err != nil {
		return err
	}
	if next.TargetSlug != "" {
		p.Next.Target, p.Next.TargetHref = next.TargetName, templates.TargetURL(next.TargetSlug)
		lessons, err := s.Store.Lessons(ctx, v, store.LessonFilter{Target: next.TargetSlug, Limit: startLessons})
		if err != nil {
			return err
		}
		p.Next.Prepare = taught(f.Clock, lessons)
	}
	return s.show(w, r, templates.Start(p))
}

// showConduct answers GET /conduct.
func (s *Server) showConduct(w http.ResponseWriter, r *http.Request) error {
	f, err := s.frame(r, "Conduct")
	if err != nil {
		return err
	}
	f.Description = "How people treat each other in the hackfests of " + f.Community + "."
	return s.show(w, r, templates.Conduct(templates.ConductPage{Frame: f}))
}

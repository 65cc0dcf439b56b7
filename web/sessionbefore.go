package web

import (
	"context"
	"net/http"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/static"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	soonBefore     = 24 * time.Hour   // from when on a session's page is about getting in
	startingBefore = 10 * time.Minute // from when on the way in stays in sight on phones
	lastLooked     = 10               // sessions looked through for the last that was held
	lastActions    = 10               // of its actions that are shown
)

// showBefore fills in a session that has not begun, or was cancelled.
func (s *Server) showBefore(r *http.Request, p *templates.SessionPage) error {
	ctx, v, session := r.Context(), viewerOf(r), p.Session
	b := &templates.SessionBefore{Phase: phase(session, p.Clock.Now), Reason: session.Reason, Chair: templates.SessionURL(session.Slug) + "/chair"}
	p.Before = b
	if b.Phase == templates.Cancelled {
		if err := s.fillInstead(ctx, v, p, b); err != nil {
			return err
		}
		next, err := s.insteadOf(ctx, v, session, p.Clock.Now)
		if err != nil {
			return err
		}
		if next.Slug != "" {
			b.Next = &templates.LogLink{Href: templates.SessionURL(next.Slug), Text: next.Title + ", " + p.Clock.Weekday(next.StartsAt, next.Zone).Text}
		}
	} else {
		b.Ribbon = s.ribbon(p.Clock, session)
		p.Frame.Scripts = []string{static.URL("js/live.js")}
		p.Stream = streamOf(session, pageState{status: session.Status(p.Clock.Now)}, hackfest.Ref{})
		flagged, err := s.flagged(ctx, v, p.Clock, []hackfest.Session{session})
		if err != nil {
			return err
		}
		b.Clashes = flagged[0].Clashes
		if b.First, err = s.firstIssues(r, &p.Frame, session); err != nil {
			return err
		}
		card, err := s.answerCard(r, session)
		if err != nil {
			return err
		}
		b.Card = &card
	}
	if err := s.fillEarlier(ctx, v, p.Clock, session, b); err != nil {
		return err
	}
	if err := s.fillPlan(r, p, b); err != nil {
		return err
	}
	return s.fillLastTime(r, p.Clock, session, b)
}

// fillPlan fills in the agenda, and for a chair how to begin.
func (s *Server) fillPlan(r *http.Request, p *templates.SessionPage, b *templates.SessionBefore) error {
	f, err := s.floor(r.Context(), viewerOf(r), p.Session, hackfest.Ref{})
	if err != nil {
		return err
	}
	by, err := s.speakerOf(r, p.Session, nil)
	if err != nil {
		return err
	}
	b.Agenda = s.agendaBox(p.Clock, p.Session, f.agenda, by.chair && b.Phase != templates.Cancelled)
	if b.Phase != templates.Cancelled {
		b.Console, err = s.console(r, p, f, by)
	}
	return err
}

// phase is how near a session is that has not begun.
func phase(x hackfest.Session, now time.Time) templates.Phase {
	ahead := x.StartsAt.Sub(now)
	switch {
	case x.State == hackfest.StateCancelled:
		return templates.Cancelled
	case x.State == hackfest.StateProposed:
		return templates.Proposed
	case ahead <= startingBefore:
		return templates.Starting
	case ahead <= soonBefore:
		return templates.Soon
	}
	return templates.Ahead
}

// insteadOf is the next session after a cancelled one: of its series, else of
// all. Without one it is the zero session.
func (s *Server) insteadOf(ctx context.Context, v person.Viewer, off hackfest.Session, now time.Time) (hackfest.Session, error) {
	if off.SeriesSlug != "" {
		const several = 20 // that may be cancelled in a row
		coming, err := s.comingOf(ctx, v, off.SeriesSlug, now, several)
		if err != nil {
			return hackfest.Session{}, err
		}
		for _, x := range coming {
			if x.State == hackfest.StateScheduled {
				return x, nil
			}
		}
	}
	next, err := s.Store.NextSession(ctx, v, now)
	if fault.KindOf(err) == fault.NotFound {
		return hackfest.Session{}, nil
	}
	return next, err
}

// fillEarlier fills in what is known about the target: its lessons and earlier
// sessions.
func (s *Server) fillEarlier(ctx context.Context, v person.Viewer, c ui.Clock, x hackfest.Session, b *templates.SessionBefore) error {
	if x.TargetSlug == "" {
		return nil
	}
	lessons, err := s.Store.Lessons(ctx, v, store.LessonFilter{Target: x.TargetSlug, Limit: lessonsBack})
	if err != nil {
		return err
	}
	b.Lessons, b.LessonsHref = taught(c, lessons), "/lessons?target="+x.TargetSlug
	earlier, err := s.Store.Sessions(ctx, v, store.SessionFilter{Target: x.TargetSlug, To: x.StartsAt, Desc: true, Limit: earlierBack})
	for _, e := range earlier {
		b.Earlier = append(b.Earlier, templates.EarlierSession{
			At: c.Gutter(e.StartsAt, e.Zone), Title: e.Title, Href: templates.SessionURL(e.Slug), State: ui.SessionState(c, e),
		})
	}
	return err
}

// fillLastTime fills in what the last session of the series, or else on the
// target, left behind: its lessons and what is open.
func (s *Server) fillLastTime(r *http.Request, c ui.Clock, x hackfest.Session, b *templates.SessionBefore) error {
	ctx, v := r.Context(), viewerOf(r)
	last, err := s.lastBefore(ctx, v, x, c.Now)
	if err != nil || last.Slug == "" {
		return err
	}
	t := &templates.LastTime{Href: templates.SessionURL(last.Slug), Text: last.Title + ", " + c.Day(last.StartsAt, last.Zone).Text}
	shown := map[string]bool{}
	for _, l := range b.Lessons {
		shown[l.Text] = true
	}
	lessons, err := s.Store.Lessons(ctx, v, store.LessonFilter{Session: last.Slug, Limit: lessonsBack})
	if err != nil {
		return err
	}
	for _, l := range taught(c, lessons) {
		if !shown[l.Text] {
			t.Lessons = append(t.Lessons, l)
		}
	}
	b.LastTime = t
	f := store.ActionFilter{Session: last.Slug, Open: true, Limit: lastActions}
	if x.SeriesSlug != "" {
		f.Session, f.Series = "", x.SeriesSlug // older ones are open too
	}
	t.Actions, _, err = s.actionsHere(r, c, x.Slug, f)
	return err
}

// lastBefore is the last session before x that a meeting was held in: of its
// series, else on its target. Without one it is the zero session.
func (s *Server) lastBefore(ctx context.Context, v person.Viewer, x hackfest.Session, now time.Time) (hackfest.Session, error) {
	to := x.StartsAt
	if now.Before(to) {
		to = now
	}
	filters := []store.SessionFilter{{Series: x.SeriesSlug}, {Target: x.TargetSlug}}
	for _, f := range filters {
		if f.Series == "" && f.Target == "" {
			continue
		}
		f.To, f.Desc, f.Limit = to, true, lastLooked
		list, err := s.Store.Sessions(ctx, v, f)
		if err != nil {
			return hackfest.Session{}, err
		}
		for _, e := range list {
			if e.Held > 0 && e.Running == 0 && e.ID != x.ID {
				return e, nil
			}
		}
	}
	return hackfest.Session{}, nil
}

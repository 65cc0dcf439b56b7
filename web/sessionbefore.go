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
	b := &templates.SessionBefore{Phase: phase(session, p.Clock.Now), Reason: session.Reason}
	p.Before = b
	if b.Phase == templates.Cancelled {
		next, err := s.insteadOf(ctx, v, session, p.Clock.Now)
		if err != nil {
			return err
		}
		if next.Slug != "" {
			b.Next = &templates.LogLink{Href: templates.SessionURL(next.Slug), Text: next.Title + ", " + p.Clock.Weekday(next.StartsAt, next.Zone).Text}
		}
	} else {
		b.Ribbon = s.ribbon(p.Clock, session)
		if session.StartsAt.Sub(p.Clock.Now) <= followAhead {
			p.Frame.Scripts = []string{static.URL("js/live.js")}
			p.Stream = streamOf(session, pageState{status: session.Status(p.Clock.Now)}, hackfest.Ref{})
		}
		flagged, err := s.flagged(ctx, v, p.Clock, []hackfest.Session{session})
		if err != nil {
			return err
		}
		b.Clashes = flagged[0].Clashes
	}
	if err := s.fillEarlier(ctx, v, p.Clock, session, b); err != nil {
		return err
	}
	return s.fillLastTime(ctx, v, p.Clock, session, b)
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
// target, left behind: its lessons and its actions.
func (s *Server) fillLastTime(ctx context.Context, v person.Viewer, c ui.Clock, x hackfest.Session, b *templates.SessionBefore) error {
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
	actions, err := s.Store.Actions(ctx, v, store.ActionFilter{Session: last.Slug, Limit: lastActions})
	if err != nil {
		return err
	}
	if t.Actions, err = s.openActions(ctx, c, actions); err != nil {
		return err
	}
	b.LastTime = t
	return nil
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

// openActions are actions in a list, with who took them.
func (s *Server) openActions(ctx context.Context, c ui.Clock, list []hackfest.Action) ([]templates.OpenAction, error) {
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
	rows := make([]templates.OpenAction, len(list))
	for i, a := range list {
		rows[i] = templates.OpenAction{
			Owners: listed[a.Network].all(a.Owners), Text: ui.Said(a.Text), Line: templates.LineURL(a.ID.Ref),
			From: a.SessionTitle, FromHref: templates.SessionURL(a.SessionSlug), Day: c.Day(a.SessionAt, a.SessionZone),
		}
		if !a.Due.IsZero() {
			rows[i].Due = "due " + a.Due.Format("Mon 2 Jan 2006")
		}
	}
	return rows, nil
}

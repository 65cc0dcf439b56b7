package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// fillSessionPlan fills in who chairs a session, who changed its plan, its
// calendar entries, and where the reader may change it.
func (s *Server) fillSessionPlan(r *http.Request, p *templates.SessionPage) error {
	x := p.Session
	hosts, err := s.Store.ChairsOf(r.Context(), viewerOf(r), "", x.Slug)
	if err != nil {
		return err
	}
	p.Where.Chairs, p.Where.Host, p.By = hostNames(hosts), s.hostOf(r.Context(), x), x.ChangedBy
	if x.State != hackfest.StateProposed && x.Held == 0 && p.Clock.Now.Before(x.EndsAt) && !p.Members {
		p.Calendar = []templates.LogLink{{Href: templates.SessionURL(x.Slug) + ".ics", Text: "This session"}}
		if x.SeriesSlug != "" {
			p.Calendar = append(p.Calendar, templates.LogLink{Href: s.webcal("/calendar/series/" + x.SeriesSlug + ".ics"), Text: "every date of the series"})
		}
	}
	p.Plan, err = s.sessionLinks(r, x)
	return err
}

// hostNames are chairs as a page names them.
func hostNames(hosts []person.Host) []ui.Who {
	var list []ui.Who
	for _, h := range hosts {
		w := ui.Who{Nick: h.Name}
		if h.Listed {
			w.Href = templates.PersonURL(h.Name)
		}
		list = append(list, w)
	}
	return list
}

// webcal is the address by which calendar programs subscribe to a feed.
func (s *Server) webcal(path string) string {
	_, rest, _ := strings.Cut(s.BaseURL, "://")
	return "webcal://" + rest + path
}

// sessionLinks are the forms by which the reader may change the plan of x; none
// once it has begun.
func (s *Server) sessionLinks(r *http.Request, x hackfest.Session) ([]templates.LogLink, error) {
	a := actorOf(r)
	if !a.SignedIn() || person.Can(a, person.PlanSession, person.Object{Chaired: true}) != nil {
		return nil, nil
	}
	o, err := s.Store.RelationToSession(r.Context(), a.Viewer, x.Slug)
	if err != nil || person.Can(a, person.PlanSession, o) != nil {
		return nil, err
	}
	if why, err := s.closed(r, x); why != "" || err != nil {
		return nil, err
	}
	at := templates.SessionURL(x.Slug)
	change := templates.LogLink{Href: at + "/edit", Text: "Change"}
	if x.State == hackfest.StateCancelled {
		return []templates.LogLink{{Href: at + "/reinstate", Text: "Reinstate"}, change}, nil
	}
	list := []templates.LogLink{{Href: at + "/move", Text: "Move"}, {Href: at + "/cancel", Text: "Cancel"}, change}
	if x.State == hackfest.StateScheduled {
		list = append(list, templates.LogLink{Href: at + "/replace", Text: "Joint meeting"})
	}
	return list, nil
}

// fillInstead fills in the joint meeting that is held instead of a cancelled
// session.
func (s *Server) fillInstead(ctx context.Context, v person.Viewer, p *templates.SessionPage, b *templates.SessionBefore) error {
	if p.Session.ReplacedBy == "" {
		return nil
	}
	x, err := s.Store.Session(ctx, v, p.Session.ReplacedBy)
	if fault.KindOf(err) == fault.NotFound {
		return nil // not for this reader
	}
	b.Instead = &templates.LogLink{Href: templates.SessionURL(x.Slug), Text: x.Title + ", " + p.Clock.Weekday(x.StartsAt, x.Zone).Text}
	return err
}

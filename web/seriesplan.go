package web

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
)

// attendanceShown is how many sessions the picture of a series has.
const attendanceShown = 12

// renamedSeries leads to what was meant by an address of a series that it has no
// longer; rest is what follows the slug. None such is the error missing.
func (s *Server) renamedSeries(w http.ResponseWriter, r *http.Request, rest string, missing error) error {
	slug, err := s.Store.SeriesOf(r.Context(), viewerOf(r), chi.URLParam(r, "series"))
	if fault.KindOf(err) == fault.NotFound {
		return missing
	}
	if err != nil {
		return err
	}
	to := url.URL{Path: templates.SeriesURL(slug) + rest, RawQuery: r.URL.RawQuery}
	http.Redirect(w, r, to.String(), http.StatusPermanentRedirect)
	return nil
}

// fillSeriesPlan fills in what a series is for, who chairs it, who comes, how it
// is followed, and where the reader may change it.
func (s *Server) fillSeriesPlan(r *http.Request, p *templates.SeriesPage, x hackfest.Series) error {
	ctx, v, c := r.Context(), viewerOf(r), p.Clock
	p.About, p.Foreign = x.About, foreign(x.Foreign)
	if !x.EndedAt.IsZero() {
		p.Ended = "This series was ended on " + c.Day(x.EndedAt, x.Zone).Text + why(x.Reason) + "."
	}
	if x.Visibility == person.Public {
		p.Calendar = s.webcal("/calendar/series/" + x.Slug + ".ics")
	}
	hosts, err := s.Store.ChairsOf(ctx, v, x.Slug, "")
	if err != nil {
		return err
	}
	p.Where.Chairs = hostNames(hosts)
	list, err := s.Store.Attendance(ctx, v, x.Slug, attendanceShown, c.Now)
	if err != nil {
		return err
	}
	visits := make([]chart.Visit, len(list))
	for i, a := range list {
		visits[i] = chart.Visit{Date: c.In(a.StartsAt, a.Zone).Format("2 Jan"), Present: a.Present, Spoke: a.Spoke, Acted: a.Acted, New: a.New, Off: a.Cancelled}
	}
	p.Attendance = chart.NewAttendance(visits)
	p.Plan, err = s.seriesLinks(r, x)
	return err
}

// why is a reason as it goes on after what was done.
func why(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// seriesLinks are the forms by which the reader may change x.
func (s *Server) seriesLinks(r *http.Request, x hackfest.Series) ([]templates.LogLink, error) {
	a := actorOf(r)
	if !a.SignedIn() || x.Foreign != "" {
		return nil, nil
	}
	o, err := s.Store.RelationToSeries(r.Context(), a.Viewer, x.Slug)
	if err != nil || person.Can(a, person.PlanSeries, o) != nil {
		return nil, err
	}
	at := templates.SeriesURL(x.Slug)
	list := []templates.LogLink{{Href: at + "/edit", Text: "Change"}, {Href: at + "/end", Text: "End"}, {Href: at + "/rename", Text: "Rename"}}
	if !x.EndedAt.IsZero() && s.overForGood(x, s.Now()) {
		return list[2:], nil
	}
	return list, nil
}

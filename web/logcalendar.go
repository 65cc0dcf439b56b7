package web

import (
	"net/http"
	"time"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// showLogCalendar answers GET /logs/{network}/{channel}: twelve months of the
// channel's log, up to the month ?until, else up to the last day.
func (s *Server) showLogCalendar(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	c, err := s.channel(r)
	if err != nil {
		return err
	}
	f, err := s.frame(r, "Log of "+c.Name)
	if err != nil {
		return err
	}
	f.Section, f.Description = "/minutes", "What was said in "+c.Name+" on "+c.Network+", day by day."
	p := templates.LogCalendarPage{Frame: f, Network: c.Network, Channel: c.Name, Purpose: c.Purpose}
	base := templates.LogURL(c.Network, c.Path)
	newest, err := s.Store.DayBefore(ctx, v, c.ID, f.Clock.Now.AddDate(0, 0, 2))
	if err != nil {
		return err
	}
	if newest.IsZero() {
		p.Calendar = chart.NewCalendar(f.Clock.Now, nil)
		return s.show(w, r, templates.LogCalendar(p))
	}
	p.Newest = templates.LogLink{Href: base + "/" + newest.Format(time.DateOnly), Text: newest.Format("Mon 2 Jan 2006")}
	end := newest
	if t, err := time.Parse("2006-01", r.URL.Query().Get("until")); err == nil && t.Year() >= 1970 && t.Before(newest) {
		end = t
	}
	from, to := chart.CalendarSpan(end)
	days, err := s.Store.Activity(ctx, v, c.ID, from, to)
	if err != nil {
		return err
	}
	counts := make([]chart.DayCount, len(days))
	for i, d := range days {
		counts[i] = chart.DayCount{Day: d.Day, Said: d.Said, More: d.More}
	}
	p.Calendar, p.Days = chart.NewCalendar(end, counts), dayGroups(base, days)
	before, err := s.Store.DayBefore(ctx, v, c.ID, from)
	if err != nil {
		return err
	}
	if !before.IsZero() {
		p.Earlier = &templates.LogLink{Href: base + "?until=" + before.Format("2006-01"), Text: "← " + month(before) + " and before"}
	}
	if to.Before(newest) {
		later, _ := chart.CalendarSpan(to.AddDate(0, 12, -1))
		p.Later = &templates.LogLink{Href: base + "?until=" + later.AddDate(0, 11, 0).Format("2006-01"), Text: "from " + month(later) + " →"}
	}
	return s.show(w, r, templates.LogCalendar(p))
}

// dayGroups are links to days, oldest first in the list, by month and newest
// month first.
func dayGroups(base string, days []hackfest.LogDay) []ui.FacetGroup {
	var groups []ui.FacetGroup
	for i := len(days) - 1; i >= 0; i-- {
		d := days[i].Day
		if n := len(groups); n == 0 || groups[n-1].Label != month(d) {
			groups = append(groups, ui.FacetGroup{Label: month(d)})
		}
		g := &groups[len(groups)-1]
		g.Facets = append([]ui.Facet{{Text: d.Format("2"), Href: base + "/" + d.Format(time.DateOnly)}}, g.Facets...)
	}
	return groups
}

package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// minutesPage is how many meetings a page lists.
const minutesPage = 100

// listMinutes answers GET /minutes, newest first; m (YYYY-MM), series and
// channel (network/path) restrict the list.
func (s *Server) listMinutes(w http.ResponseWriter, r *http.Request) error {
	ctx, v, q := r.Context(), viewerOf(r), r.URL.Query()
	f, err := s.frame(r, "Minutes")
	if err != nil {
		return err
	}
	f.Description = "The minutes of all meetings of " + f.Community + "."
	channels, err := s.Store.Channels(ctx, v)
	if err != nil {
		return err
	}
	filter, err := minutesFilter(q, channels)
	if err != nil {
		return err
	}
	list, err := s.Store.Meetings(ctx, v, filter)
	if err != nil {
		return err
	}
	series, err := s.Store.SeriesList(ctx, v)
	if err != nil {
		return err
	}
	months, err := s.Store.MeetingMonths(ctx, v)
	if err != nil {
		return err
	}
	p := templates.MinutesListPage{Frame: f, Filters: minutesFacets(q, series, channels), Count: archiveCount(months), Archive: archive(months, q.Get("m"))}
	if len(list) > minutesPage {
		list = list[:minutesPage]
		p.Older = "/minutes?" + with(q, "after", list[len(list)-1].Ref.String())
	}
	p.Months = minutesMonths(f.Clock, list)
	return s.show(w, r, templates.MinutesList(p))
}

// minutesFilter reads the query. A month or cursor that cannot be read is none.
func minutesFilter(q url.Values, channels []hackfest.ChannelInfo) (store.MeetingFilter, error) {
	f := store.MeetingFilter{Series: q.Get("series"), Limit: minutesPage + 1}
	if t, err := time.Parse("2006-01", q.Get("m")); err == nil {
		f.From, f.To = t, t.AddDate(0, 1, 0)
	}
	if ref, err := hackfest.ParseRef(q.Get("after")); err == nil {
		f.Before = ref
	}
	if name := q.Get("channel"); name != "" {
		c, ok := channelNamed(channels, name)
		if !ok {
			return f, fault.New(fault.NotFound, "There is no such channel.")
		}
		f.Network, f.Channel = c.Network, c.Folded
	}
	return f, nil
}

// minutesFacets are the filters of the archive as links.
func minutesFacets(q url.Values, series []hackfest.Series, channels []hackfest.ChannelInfo) []ui.FacetGroup {
	link := func(text, key, value string) ui.Facet {
		return ui.Facet{Text: text, Href: path("/minutes", with(q, key, value)), Current: q.Get(key) == value}
	}
	var groups []ui.FacetGroup
	if len(series) > 0 {
		g := ui.FacetGroup{Label: "Series", Facets: []ui.Facet{link("all", "series", "")}}
		for _, r := range series {
			g.Facets = append(g.Facets, link(r.Title, "series", r.Slug))
		}
		groups = append(groups, g)
	}
	if len(channels) > 1 {
		g := ui.FacetGroup{Label: "Channel", Facets: []ui.Facet{link("all", "channel", "")}}
		for _, c := range channels {
			g.Facets = append(g.Facets, link(channelLabel(channels, c), "channel", c.Network+"/"+c.Path))
		}
		groups = append(groups, g)
	}
	return groups
}

// archiveCount says how many meetings there are; months are newest first.
func archiveCount(months []hackfest.MonthCount) string {
	if len(months) == 0 {
		return ""
	}
	n := 0
	for _, m := range months {
		n += m.Meetings
	}
	return counted(n, "meeting", "meetings") + " since " + month(months[len(months)-1].Month) + "."
}

// archive are links to all months, a row a year, newest first. One month alone
// is no archive.
func archive(months []hackfest.MonthCount, current string) []ui.FacetGroup {
	var years []ui.FacetGroup
	if len(months) < 2 {
		return nil
	}
	for _, m := range months {
		year := strconv.Itoa(m.Month.Year())
		if n := len(years); n == 0 || years[n-1].Label != year {
			years = append(years, ui.FacetGroup{Label: year})
		}
		g, key := &years[len(years)-1], m.Month.Format("2006-01")
		g.Facets = append(g.Facets, ui.Facet{Text: m.Month.Format("January"), Href: "/minutes?m=" + key, Current: key == current})
	}
	return years
}

// minutesMonths puts meetings, newest first, under their months.
func minutesMonths(c ui.Clock, list []hackfest.Meeting) []templates.MinutesMonth {
	var months []templates.MinutesMonth
	for _, m := range list {
		title := month(c.In(m.StartedAt, m.SessionZone))
		if n := len(months); n == 0 || months[n-1].Title != title {
			months = append(months, templates.MinutesMonth{Title: title})
		}
		g := &months[len(months)-1]
		g.Rows = append(g.Rows, templates.MinutesRow{
			Day: c.Weekday(m.StartedAt, m.SessionZone), Title: meetingTitle(m), Href: templates.SessionURL(m.SessionSlug), Summary: m.Summary,
			Channel: m.Channel, Live: m.Running(), People: m.People, Decisions: m.Decisions, Actions: m.Actions, Lessons: m.Lessons,
		})
	}
	return months
}

// meetingTitle is what a meeting is called in lists: as whoever started it
// called it, else as its session.
func meetingTitle(m hackfest.Meeting) string {
	if m.Title != "" {
		return m.Title
	}
	return m.SessionTitle
}

// meetingCounts is "3 decisions, 5 actions, 11 people."; what there is none of
// is left out.
func meetingCounts(m hackfest.Meeting) string {
	var parts []string
	for _, c := range []struct {
		n         int
		one, many string
	}{
		{m.Decisions, "decision", "decisions"},
		{m.Actions, "action", "actions"},
		{m.Lessons, "lesson", "lessons"},
		{m.People, "person", "people"},
	} {
		if c.n > 0 {
			parts = append(parts, counted(c.n, c.one, c.many))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + "."
}

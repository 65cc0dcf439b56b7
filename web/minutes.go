package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
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
	f.Feeds = minutesFeeds
	channels, err := s.Store.Channels(ctx, v)
	if err != nil {
		return err
	}
	filter, err := minutesFilter(q, channels)
	if err != nil {
		return err
	}
	plain := filter.From.IsZero() && filter.Before.IsZero() && q.Get("all") == ""
	if plain {
		filter.From = lastMonths(f.Clock.Now)
	}
	list, err := s.Store.Meetings(ctx, v, filter)
	if err != nil {
		return err
	}
	if plain && len(list) == 0 { // nothing new: what there was last
		filter.From = time.Time{}
		if list, err = s.Store.Meetings(ctx, v, filter); err != nil {
			return err
		}
	}
	series, err := s.Store.SeriesList(ctx, v)
	if err != nil {
		return err
	}
	all, err := s.Store.MeetingArchive(ctx, v, archiveYear(q))
	if err != nil {
		return err
	}
	p := templates.MinutesListPage{
		Frame: f, Filters: minutesFacets(q, series, channelsOf(channels, list, q)), Count: archiveCount(all), Archive: archive(all, q),
		Filtered: q.Get("series") != "" || q.Get("channel") != "" || q.Get("m") != "" || q.Get("y") != "",
	}
	switch {
	case len(list) > minutesPage:
		list = list[:minutesPage]
		p.Older = "/minutes?" + with(q, "after", list[len(list)-1].Ref.String())
	case plain && !filter.From.IsZero() && len(list) > 0:
		older, err := s.Store.Meetings(ctx, v, olderThan(filter, list[len(list)-1].Ref))
		if err != nil {
			return err
		}
		if len(older) > 0 {
			p.Older = "/minutes?" + with(q, "after", list[len(list)-1].Ref.String())
		}
	}
	p.Months = minutesMonths(f.Clock, list)
	return s.show(w, r, templates.MinutesList(p))
}

// recentMonths is how many months the archive shows first.
const recentMonths = 6

// lastMonths is the beginning of the months that are shown first.
func lastMonths(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month()-recentMonths+1, 1, 0, 0, 0, 0, time.UTC)
}

// olderThan asks whether f without its beginning goes on after ref.
func olderThan(f store.MeetingFilter, ref hackfest.Ref) store.MeetingFilter {
	f.From, f.Before, f.Limit = time.Time{}, ref, 1
	return f
}

// minutesFilter reads the query. A month, year or cursor that cannot be read is
// none.
func minutesFilter(q url.Values, channels []hackfest.ChannelInfo) (store.MeetingFilter, error) {
	f := store.MeetingFilter{Series: q.Get("series"), Limit: minutesPage + 1}
	if t, err := time.Parse("2006-01", q.Get("m")); err == nil {
		f.From, f.To = t, t.AddDate(0, 1, 0)
	} else if t, err := time.Parse("2006", q.Get("y")); err == nil {
		f.From, f.To = t, t.AddDate(1, 0, 0)
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

// mostChannels is how many channels the archive offers at most.
const mostChannels = 20

// channelsOf are the channels that the archive offers: all, or where there are
// very many, those of the meetings it shows and the one that is chosen.
func channelsOf(all []hackfest.ChannelInfo, list []hackfest.Meeting, q url.Values) []hackfest.ChannelInfo {
	if len(all) <= mostChannels {
		return all
	}
	shown := map[hackfest.ChannelID]bool{}
	for _, m := range list {
		shown[m.ChannelID] = true
	}
	if c, ok := channelNamed(all, q.Get("channel")); ok {
		shown[c.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(c hackfest.ChannelInfo) bool { return !shown[c.ID] })
}

// archiveCount says how many meetings there are.
func archiveCount(a hackfest.Archive) string {
	if a.Meetings == 0 {
		return ""
	}
	n := counted(a.Meetings, "meeting", "meetings")
	if a.More {
		n = "More than " + n
	}
	return n + " since " + month(a.First) + "."
}

// archiveYear is the year whose months are offered: that which is shown, else 0
// for the newest.
func archiveYear(q url.Values) int {
	if t, err := time.Parse("2006-01", q.Get("m")); err == nil {
		return t.Year()
	}
	if t, err := time.Parse("2006", q.Get("y")); err == nil {
		return t.Year()
	}
	return 0
}

// archive are links to the months of one year and to the other years. One month
// alone is no archive. Series and channel stay as chosen.
func archive(a hackfest.Archive, q url.Values) []ui.FacetGroup {
	if len(a.Years) < 2 && len(a.Months) < 2 {
		return nil
	}
	kept := url.Values{"series": {q.Get("series")}, "channel": {q.Get("channel")}}
	var months, years ui.FacetGroup
	for _, t := range a.Months {
		key := t.Format("2006-01")
		months.Label = t.Format("2006")
		months.Facets = append(months.Facets, ui.Facet{Text: t.Format("January"), Href: "/minutes?" + with(kept, "m", key), Current: key == q.Get("m")})
	}
	for _, y := range a.Years {
		year := strconv.Itoa(y)
		f := ui.Facet{Text: year, Href: "/minutes?" + with(kept, "y", year), Current: q.Get("y") == year && q.Get("m") == ""}
		if year == months.Label {
			f.Text = "all of it"
			months.Facets = append([]ui.Facet{f}, months.Facets...)
			continue
		}
		years.Facets = append(years.Facets, f)
	}
	return []ui.FacetGroup{months, years}
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
			Day: c.Weekday(m.StartedAt, m.SessionZone), Title: meetingTitle(m), Href: templates.SessionURL(m.SessionSlug), Summary: firstLine(m.Summary),
			Channel: m.Channel, State: minutesState(m), Members: m.Visibility == person.MembersOnly, Live: m.Running(), People: m.People, Decisions: m.Decisions, Actions: m.Actions, Lessons: m.Lessons,
		})
	}
	return months
}

// minutesState is what there is to read of a meeting.
func minutesState(m hackfest.Meeting) ui.State {
	switch {
	case m.Running():
		return ui.LiveState
	case m.Revision == 0:
		return ui.DraftState
	}
	return ui.MinutesState
}

// longestLine is how much of a summary a list shows, in characters.
const longestLine = 160

// firstLine is the first paragraph of a summary, cut between words when it is
// long.
func firstLine(summary string) string {
	list := minutes.Paragraphs(summary)
	if len(list) == 0 {
		return ""
	}
	return cutWords(list[0], longestLine)
}

// cutWords is text, cut between words when it has more characters than most.
func cutWords(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= most {
		return string(runes)
	}
	cut := string(runes[:most])
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.") + " …"
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

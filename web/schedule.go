package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// schedulePage is how many sessions a page lists.
const schedulePage = 30

// listSchedule answers GET /schedule: what is coming, by week; with ?past=1 what
// has been, by month; with ?view=month this month. kind, channel (network/path)
// and target restrict it; mine=1 leaves what the reader chairs.
func (s *Server) listSchedule(w http.ResponseWriter, r *http.Request) error {
	ctx, v, q := r.Context(), viewerOf(r), r.URL.Query()
	f, err := s.frame(r, "Schedule")
	if err != nil {
		return err
	}
	if q.Get("view") == "month" {
		now := f.Clock.In(f.Clock.Now, s.community())
		return s.showMonthOf(w, r, f, now.Year(), now.Month())
	}
	channels, err := s.Store.Channels(ctx, v)
	if err != nil {
		return err
	}
	p := templates.SchedulePage{Frame: f, Past: q.Get("past") != "", Channels: channelRows(channels)}
	p.Description = "All coming hackfests and meetings of " + f.Community + "."
	if f.Clock.Zone != nil {
		p.Zone = ui.City(f.Clock.Zone.String())
	}
	filter, err := s.scheduleFilter(ctx, q, channels, f.Clock.Now)
	if err != nil {
		return err
	}
	a := actorOf(r)
	filter.Mine = mine(a, q)
	p.Plan = plannersLinks(a)
	list, err := s.Store.Sessions(ctx, v, filter)
	if err != nil {
		return err
	}
	if len(list) > schedulePage {
		list = list[:schedulePage]
		p.More = "/schedule?" + with(q, "after", cursor(store.CursorAfter(list[len(list)-1])))
	}
	if p.Past {
		p.Title = "What has been"
		list = over(list, f.Clock.Now)
	}
	p.Filters = scheduleFacets(q, "/schedule", channels, a.SignedIn())
	rows, err := s.flagged(ctx, v, f.Clock, list)
	if err != nil {
		return err
	}
	sayNetworks(rows, list, channels)
	p.Groups = scheduleGroups(f.Clock, list, rows, s.community(), p.Past)
	if filtered(q) {
		p.Clear = "/schedule"
	}
	series, err := s.Store.SeriesList(ctx, v)
	if err != nil {
		return err
	}
	p.Series = s.seriesRows(f.Clock, slices.DeleteFunc(series, func(x hackfest.Series) bool {
		return filter.Kind != "" && x.Kind != filter.Kind || filter.Channel != "" && x.Channel != filter.Channel && x.ChannelPath != strings.TrimPrefix(filter.Channel, "#")
	}))
	return s.show(w, r, templates.Schedule(p))
}

// filtered reports whether q restricts the list.
func filtered(q url.Values) bool {
	return q.Get("kind") != "" || q.Get("channel") != "" || q.Get("target") != "" || q.Get("mine") != ""
}

// mine is whose sessions a list is about; zero is everybody's.
func mine(a person.Actor, q url.Values) person.ID {
	if q.Get("mine") == "" {
		return 0
	}
	return a.ID
}

// plannersLinks lead to the forms that make something new, as far as a may.
func plannersLinks(a person.Actor) []templates.LogLink {
	var list []templates.LogLink
	for _, l := range []struct {
		do         person.Action
		href, text string
	}{
		{person.AddSeries, "/series/new", "New series"}, {person.PlanSession, "/sessions/new", "One-off"}, {person.Propose, "/sessions/propose", "Propose a session"},
	} {
		if a.SignedIn() && person.Can(a, l.do, person.Object{}) == nil {
			list = append(list, templates.LogLink{Href: l.href, Text: l.text})
		}
	}
	return list
}

// flagged are sessions in a list, those that come with what else is planned for
// their channel and time.
func (s *Server) flagged(ctx context.Context, v person.Viewer, c ui.Clock, list []hackfest.Session) ([]templates.SessionRow, error) {
	var coming []hackfest.SessionID
	for _, x := range list {
		if x.Status(c.Now) == hackfest.StatusScheduled {
			coming = append(coming, x.ID)
		}
	}
	overlaps, err := s.Store.Overlaps(ctx, v, coming)
	rows := sessionRows(c, list)
	for i, x := range list {
		for _, o := range overlaps[x.ID] {
			clash := templates.Clash{Title: o.Title, Span: c.Span(o.StartsAt, o.EndsAt, x.Zone), Conflict: o.Conflict}
			if o.Slug != "" {
				clash.Href = templates.SessionURL(o.Slug)
			}
			rows[i].Clashes = append(rows[i].Clashes, clash)
		}
	}
	return rows, err
}

// sayNetworks adds the network to the names of channels that are on several.
func sayNetworks(rows []templates.SessionRow, list []hackfest.Session, channels []hackfest.ChannelInfo) {
	for i, x := range list {
		for _, c := range channels {
			if c.Name == x.Channel && c.ID != x.ChannelID {
				rows[i].Network = x.Network
			}
		}
	}
}

// scheduleFilter reads the query. A channel or target that does not exist is
// fault.NotFound; a cursor that cannot be read is the beginning.
func (s *Server) scheduleFilter(ctx context.Context, q url.Values, channels []hackfest.ChannelInfo, now time.Time) (store.SessionFilter, error) {
	f := store.SessionFilter{Kind: hackfest.SessionKind(q.Get("kind")), Target: q.Get("target"), Limit: schedulePage + 1, After: readCursor(q.Get("after"))}
	if q.Get("past") != "" {
		f.To, f.Desc = now, true
	} else {
		f.From = now
	}
	if name := q.Get("channel"); name != "" {
		c, ok := channelNamed(channels, name)
		if !ok {
			return f, fault.New(fault.NotFound, "There is no such channel.")
		}
		f.Network, f.Channel = c.Network, c.Folded
	}
	if f.Target != "" {
		if _, err := s.Store.Target(ctx, f.Target); err != nil {
			return f, err
		}
	}
	return f, nil
}

// channelNamed finds a channel by network/path, as filters name it.
func channelNamed(channels []hackfest.ChannelInfo, name string) (hackfest.ChannelInfo, bool) {
	for _, c := range channels {
		if c.Network+"/"+c.Path == name {
			return c, true
		}
	}
	return hackfest.ChannelInfo{}, false
}

// channelLabel is the name of c, with its network where others are called the
// same.
func channelLabel(channels []hackfest.ChannelInfo, c hackfest.ChannelInfo) string {
	for _, other := range channels {
		if other.Name == c.Name && other.ID != c.ID {
			return c.Name + " on " + c.Network
		}
	}
	return c.Name
}

// over leaves out of a list what is not over yet.
func over(list []hackfest.Session, now time.Time) []hackfest.Session {
	var out []hackfest.Session
	for _, s := range list {
		if !s.EndsAt.After(now) {
			out = append(out, s)
		}
	}
	return out
}

// scheduleFacets are the filters of the schedule as links. at is where they
// lead: the list, or a month. known is whether the reader is signed in.
func scheduleFacets(q url.Values, at string, channels []hackfest.ChannelInfo, known bool) []ui.FacetGroup {
	link := func(text, key, value string) ui.Facet {
		return ui.Facet{Text: text, Href: path(at, with(q, key, value)), Current: q.Get(key) == value}
	}
	kinds := ui.FacetGroup{Label: "Show", Facets: []ui.Facet{
		link("everything", "kind", ""), link("hackfests", "kind", "hackfest"), link("meetings", "kind", "meeting"),
	}}
	if known {
		whose := ui.Facet{Text: "mine", Href: path(at, with(q, "mine", "1")), Current: q.Get("mine") != ""}
		if whose.Current {
			whose.Href = path(at, with(q, "mine", ""))
		}
		kinds.Facets = append(kinds.Facets, whose)
	}
	where := ui.FacetGroup{Label: "in"}
	if len(channels) > 1 {
		where.Facets = append(where.Facets, link("all channels", "channel", ""))
		for _, c := range channels {
			where.Facets = append(where.Facets, link(channelLabel(channels, c), "channel", c.Network+"/"+c.Path))
		}
	}
	target := ui.FacetGroup{Label: "target"}
	if t := q.Get("target"); t != "" {
		target.Facets = []ui.Facet{link(t, "target", t), {Text: "any", Href: path(at, with(q, "target", ""))}}
	}
	month := at != "/schedule"
	plain := url.Values{"kind": {q.Get("kind")}, "channel": {q.Get("channel")}, "target": {q.Get("target")}, "mine": {q.Get("mine")}}
	as := ui.FacetGroup{Label: "as", Facets: []ui.Facet{
		{Text: "list", Href: path("/schedule", with(plain, "", "")), Current: !month},
		{Text: "month", Href: path("/schedule", with(plain, "view", "month")), Current: month},
	}}
	groups := []ui.FacetGroup{kinds, as, where, target}
	switch {
	case month:
	case q.Get("past") != "":
		groups = append(groups, ui.FacetGroup{Facets: []ui.Facet{{Text: "coming →", Href: path("/schedule", with(q, "past", ""))}}})
	default:
		groups = append(groups, ui.FacetGroup{Facets: []ui.Facet{{Text: "← earlier", Href: path("/schedule", with(q, "past", "1"))}}})
	}
	return groups
}

// with is the query q with one parameter set, or taken out when value is empty.
// The cursor goes too: the list begins anew.
func with(q url.Values, key, value string) string {
	out := url.Values{}
	for k := range q {
		if k != key && k != "after" && q.Get(k) != "" {
			out.Set(k, q.Get(k))
		}
	}
	if value != "" {
		out.Set(key, value)
	}
	return out.Encode()
}

// path is p with a query, which may be empty.
func path(p, query string) string {
	if query == "" {
		return p
	}
	return p + "?" + query
}

// cursor writes a place in a list of sessions for a URL.
func cursor(c store.SessionCursor) string {
	return strconv.FormatInt(c.StartsAt.UnixMicro(), 36) + "." + strconv.FormatInt(int64(c.ID), 36)
}

// readCursor reads what cursor wrote; anything else is the beginning.
func readCursor(s string) store.SessionCursor {
	at, id, _ := strings.Cut(s, ".")
	micro, err1 := strconv.ParseInt(at, 36, 64)
	n, err2 := strconv.ParseInt(id, 36, 64)
	if err1 != nil || err2 != nil {
		return store.SessionCursor{}
	}
	return store.SessionCursor{StartsAt: time.UnixMicro(micro).UTC(), ID: hackfest.SessionID(n)}
}

// scheduleGroups puts sessions under weeks as long as they are near, under
// months otherwise. The list is in order already; rows are how it is shown.
func scheduleGroups(c ui.Clock, list []hackfest.Session, rows []templates.SessionRow, zone string, past bool) []templates.ScheduleGroup {
	var groups []templates.ScheduleGroup
	for i, s := range list {
		title, dates := month(c.In(s.StartsAt, zone)), ""
		if !past {
			title, dates = week(c.In(c.Now, zone), c.In(s.StartsAt, zone))
		}
		if len(groups) == 0 || groups[len(groups)-1].Title != title {
			groups = append(groups, templates.ScheduleGroup{Title: title, Dates: dates})
		}
		g := &groups[len(groups)-1]
		g.Rows = append(g.Rows, rows[i])
	}
	return groups
}

package web

import (
	"context"
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

// schedulePage is how many sessions a page lists.
const schedulePage = 60

// listSchedule answers GET /schedule: what is coming, by week; with ?past=1 what
// has been, by month. kind, channel (network/path) and target restrict the list.
func (s *Server) listSchedule(w http.ResponseWriter, r *http.Request) error {
	ctx, v, q := r.Context(), viewerOf(r), r.URL.Query()
	f, err := s.frame(r, "Schedule")
	if err != nil {
		return err
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
	p.Filters = scheduleFacets(q, channels)
	p.Groups = scheduleGroups(f.Clock, list, s.community(), p.Past)
	if q.Get("kind") != "" || q.Get("channel") != "" || q.Get("target") != "" {
		p.Clear = "/schedule"
	}
	return s.show(w, r, templates.Schedule(p))
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

// scheduleFacets are the filters of the schedule as links.
func scheduleFacets(q url.Values, channels []hackfest.ChannelInfo) []ui.FacetGroup {
	link := func(text, key, value string) ui.Facet {
		return ui.Facet{Text: text, Href: path("/schedule", with(q, key, value)), Current: q.Get(key) == value}
	}
	kinds := ui.FacetGroup{Label: "Show", Facets: []ui.Facet{
		link("everything", "kind", ""), link("hackfests", "kind", "hackfest"), link("meetings", "kind", "meeting"),
	}}
	where := ui.FacetGroup{Label: "in"}
	if len(channels) > 1 {
		where.Facets = append(where.Facets, link("all channels", "channel", ""))
		for _, c := range channels {
			where.Facets = append(where.Facets, link(channelLabel(channels, c), "channel", c.Network+"/"+c.Path))
		}
	}
	when := ui.FacetGroup{Facets: []ui.Facet{{Text: "← earlier", Href: path("/schedule", with(q, "past", "1"))}}}
	if q.Get("past") != "" {
		when.Facets = []ui.Facet{{Text: "coming →", Href: path("/schedule", with(q, "past", ""))}}
	}
	target := ui.FacetGroup{Label: "target"}
	if t := q.Get("target"); t != "" {
		target.Facets = []ui.Facet{link(t, "target", t), {Text: "any", Href: path("/schedule", with(q, "target", ""))}}
	}
	return []ui.FacetGroup{kinds, where, target, when}
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
// months otherwise. The list is in order already.
func scheduleGroups(c ui.Clock, list []hackfest.Session, zone string, past bool) []templates.ScheduleGroup {
	var groups []templates.ScheduleGroup
	for _, s := range list {
		title, dates := month(c.In(s.StartsAt, zone)), ""
		if !past {
			title, dates = week(c.In(c.Now, zone), c.In(s.StartsAt, zone))
		}
		if len(groups) == 0 || groups[len(groups)-1].Title != title {
			groups = append(groups, templates.ScheduleGroup{Title: title, Dates: dates})
		}
		g := &groups[len(groups)-1]
		g.Rows = append(g.Rows, sessionRow(c, s))
	}
	return groups
}

// week is the heading for a session at t, read at now in the same zone.
func week(now, t time.Time) (title, dates string) {
	monday := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d-(int(t.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
	}
	first := monday(t)
	dates = first.Format("2 Jan") + " to " + first.AddDate(0, 0, 6).Format("2 Jan")
	switch int(first.Sub(monday(now)).Hours() / 24) {
	case 0:
		return "This week", dates
	case 7:
		return "Next week", dates
	}
	if t.Year() == now.Year() && t.Month() == now.Month() {
		return "Later in " + t.Format("January"), ""
	}
	return month(t), ""
}

// month is the heading of a month.
func month(t time.Time) string { return t.Format("January 2006") }

// sessionRows are sessions in a list.
func sessionRows(c ui.Clock, list []hackfest.Session) []templates.SessionRow {
	rows := make([]templates.SessionRow, len(list))
	for i, s := range list {
		rows[i] = sessionRow(c, s)
	}
	return rows
}

// sessionRow is one session in a list.
func sessionRow(c ui.Clock, s hackfest.Session) templates.SessionRow {
	row := templates.SessionRow{
		At: c.Gutter(s.StartsAt, s.Zone), Title: s.Title, Href: templates.SessionURL(s.Slug), State: ui.SessionState(c, s),
		Kind: string(s.Kind), Channel: s.Channel, Reason: s.Reason,
	}
	if s.TargetSlug != "" {
		row.Target, row.TargetHref = s.TargetName, templates.TargetURL(s.TargetSlug)
	}
	if !s.MovedFrom.IsZero() {
		was := c.Gutter(s.MovedFrom, s.Zone)
		row.Was = strings.TrimSpace(was.Text + " " + was.Zone)
	}
	return row
}

// channelRows are channels in the margin.
func channelRows(list []hackfest.ChannelInfo) []templates.ChannelRow {
	rows := make([]templates.ChannelRow, 0, len(list))
	for _, c := range list {
		rows = append(rows, templates.ChannelRow{Name: c.Name, Network: c.Network, Href: templates.LogURL(c.Network, c.Path), Purpose: c.Purpose})
	}
	return rows
}

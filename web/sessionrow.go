package web

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

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
		Members: s.Visibility == person.MembersOnly,
	}
	if s.SeriesSlug != "" && s.SeriesTitle != s.Title {
		row.Series, row.SeriesHref = s.SeriesTitle, templates.SeriesURL(s.SeriesSlug)
	}
	if s.TargetSlug != "" {
		row.Target, row.TargetHref = s.TargetName, templates.TargetURL(s.TargetSlug)
	}
	if !s.MovedFrom.IsZero() {
		was := c.Gutter(s.MovedFrom, s.Zone)
		row.Was = &was
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

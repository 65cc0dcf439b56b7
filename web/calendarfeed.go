package web

import (
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ical"
	"github.com/eucalyptus/hackfest/internal/schedule"
	"github.com/eucalyptus/hackfest/templates"
)

// feedWriter turns what a calendar tells into events.
type feedWriter struct {
	s        *Server
	hide     bool // what is cancelled is left out
	where    map[hackfest.ChannelID]templates.Where
	events   []ical.Event
	modified time.Time // when any of it last changed
}

// calendarOf is feed as a calendar, and when anything in it last changed.
func (s *Server) calendarOf(feed hackfest.Feed, c ical.Calendar, hide bool) ([]byte, time.Time, error) {
	w := feedWriter{s: s, hide: hide, where: map[hackfest.ChannelID]templates.Where{}}
	for _, x := range feed.Channels {
		w.where[x.ID] = whereIs(x)
	}
	for _, r := range feed.Series {
		for _, q := range r.Laid {
			if err := w.rule(r, q); err != nil {
				return nil, time.Time{}, err
			}
		}
	}
	for _, x := range feed.Sessions {
		w.single(x)
	}
	c.Events = w.events
	return c.Bytes(), w.modified, nil
}

// add takes one event.
func (w *feedWriter) add(e ical.Event) {
	w.events = append(w.events, e)
	w.modified = later(w.modified, e.Changed)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// rule adds the dates of one rule of a series: the event that repeats, and those
// that are otherwise.
func (w *feedWriter) rule(r hackfest.FeedSeries, q hackfest.FeedRule) error {
	dates, err := schedule.Read(q.Rule, q.First, q.Zone, q.Length)
	if err != nil {
		return err
	}
	e := ical.Event{
		UID: q.UID, Sequence: q.Sequence, Changed: later(q.ChangedAt, r.ChangedAt), Zone: dates.Zone,
		Summary: r.Title, Location: r.Channel + " on " + r.Network, Contact: strings.Join(r.Chairs, ", "), Categories: []string{string(r.Kind)},
		URL: w.s.BaseURL + templates.SeriesURL(r.Slug) + "/next",
	}
	e.Description = w.describe(r.ChannelID, e.URL, r.About, r.Chairs)
	if q.Void {
		w.void(e, dates)
		return nil
	}
	if !q.Begun.IsZero() {
		from := q.Begun
		rest, ok := dates.Since(func(o schedule.Occurrence) bool { return !o.Wall.Before(from) })
		if !ok {
			return nil
		}
		dates = rest
	}
	e.Rule = dates.Rule.String()
	start := schedule.Instant(dates.First, dates.Zone)
	e.Start = dates.First
	e.End, e.ExactEnd = wallIn(start.Add(dates.Length), dates.Zone)
	var overrides []ical.Event
	for _, x := range q.Dates {
		switch {
		case w.hide && x.State == hackfest.StateCancelled:
			e.Except, e.Changed = append(e.Except, x.Occurrence), later(e.Changed, x.ChangedAt)
		default:
			o := w.event(x, dates.Zone)
			o.UID, o.Sequence, o.Occurrence = q.UID, max(x.Sequence, q.Sequence), x.Occurrence
			if len(o.Contact) == 0 {
				o.Contact = e.Contact
			}
			overrides = append(overrides, o)
		}
	}
	for _, g := range q.Except {
		e.Except, e.Changed = append(e.Except, g.Occurrence), later(e.Changed, g.ChangedAt)
	}
	w.add(e)
	for _, o := range append(overrides, clockChanges(e, q, dates)...) {
		w.add(o)
	}
	return nil
}

// clockYears is how far after the last change of a rule its dates on which the
// clocks are changed are told one by one.
const clockYears = 5

// clockChanges are the dates of a rule on which the clocks are changed while it
// goes on. Programs differ in what they make of a time that comes twice or not at
// all, and of a length (RFC 5545 sections 3.3.5 and 3.8.5.3 say it, not all do
// it), so each such date is told for itself.
func clockChanges(e ical.Event, q hackfest.FeedRule, dates schedule.Series) []ical.Event {
	begin := schedule.Instant(dates.First, dates.Zone)
	till := later(q.ChangedAt, begin).AddDate(clockYears, 0, 0)
	clock := dates.First.Sub(dates.First.Truncate(24 * time.Hour))
	if !ical.Touched(dates.Zone, clock, dates.Length, begin.AddDate(0, 0, -1), till) {
		return nil
	}
	told := map[time.Time]bool{}
	for _, x := range q.Dates {
		told[x.Occurrence] = true
	}
	for _, g := range q.Except {
		told[g.Occurrence] = true
	}
	var list []ical.Event
	for d := range dates.Between(begin, till) {
		_, noted := schedule.NoteOn(d)
		_, before := d.Start.Zone()
		_, after := d.End.Zone()
		if told[d.Wall] || !noted && before == after {
			continue
		}
		o := e
		o.Rule, o.Except, o.Occurrence = "", nil, d.Wall
		o.Start, o.Exact = wallIn(d.Start, dates.Zone)
		o.End, o.ExactEnd = wallIn(d.End, dates.Zone)
		list = append(list, o)
	}
	return list
}

// void adds a rule whose dates all fell away: an event that is cancelled as a
// whole.
func (w *feedWriter) void(e ical.Event, dates schedule.Series) {
	if w.hide {
		return
	}
	e.Status, e.Summary, e.Start = ical.Cancelled, cancelled(e.Summary), dates.First
	e.End, e.ExactEnd = wallIn(schedule.Instant(dates.First, dates.Zone).Add(dates.Length), dates.Zone)
	w.add(e)
}

// single adds a session that is told without a rule.
func (w *feedWriter) single(x hackfest.FeedSession) {
	if w.hide && x.State == hackfest.StateCancelled {
		return
	}
	w.add(w.event(x, w.s.locate(x.Zone)))
}

// event is a session as an event of its own, by the clock of zone.
func (w *feedWriter) event(x hackfest.FeedSession, zone *time.Location) ical.Event {
	e := ical.Event{
		UID: x.OwnUID, Sequence: x.Sequence, Changed: x.ChangedAt, Zone: zone, Summary: x.Title,
		Location: x.Channel + " on " + x.Network, Contact: strings.Join(x.Chairs, ", "), Categories: []string{string(x.Kind)},
		URL: w.s.BaseURL + templates.SessionURL(x.Slug),
	}
	e.Start, e.Exact = wallIn(x.StartsAt, zone)
	e.End, e.ExactEnd = wallIn(x.EndsAt, zone)
	if x.State == hackfest.StateCancelled {
		e.Status, e.Summary = ical.Cancelled, cancelled(x.Title)
		e.Description = strings.TrimSpace("Cancelled. "+x.Reason) + "\n" + e.URL
		return e
	}
	about := x.Goal
	if !x.MovedFrom.IsZero() {
		moved := "Moved: it was to be " + x.MovedFrom.In(zone).Format("Mon 2 Jan 2006, 15:04") + " (" + ical.ZoneName(zone) + "). " + x.Reason
		about = strings.TrimSpace(strings.TrimSpace(moved) + "\n" + about)
	}
	e.Description = w.describe(x.ChannelID, e.URL, about, x.Chairs)
	return e
}

// cancelled is the title of what does not take place. Some calendar programs show
// the title alone.
func cancelled(title string) string { return "CANCELLED: " + title }

// describe is the text of an event. The way in is what people look for in it.
func (w *feedWriter) describe(channel hackfest.ChannelID, page, about string, chairs []string) string {
	at := w.where[channel]
	var lines []string
	switch {
	case at.WebChat != "":
		lines = append(lines, "Join: "+at.WebChat)
		if at.IRC != "" {
			lines = append(lines, "With an IRC client: "+at.IRC)
		}
	case at.IRC != "":
		lines = append(lines, "Join: "+at.IRC)
	default:
		lines = append(lines, "Join: "+page)
	}
	if about != "" {
		lines = append(lines, about)
	}
	if len(chairs) > 0 {
		lines = append(lines, "Chaired by "+strings.Join(chairs, ", ")+".")
	}
	return strings.Join(append(lines, "More: "+page), "\n")
}

// wallIn is what a clock in zone shows at t, and t itself where that clock shows
// the same twice and does not tell.
func wallIn(t time.Time, zone *time.Location) (wall, exact time.Time) {
	at := t.In(zone)
	wall = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
	if _, twice := schedule.NoteOn(schedule.Occurrence{Wall: wall, Start: at}); twice || !schedule.Instant(wall, zone).Equal(t) {
		exact = t
	}
	return wall, exact
}

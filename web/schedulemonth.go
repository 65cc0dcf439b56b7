package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// monthSessions is how many sessions a month shows at most.
const monthSessions = 300

// yearMonth is what the path of a month may hold.
var yearMonth = regexp.MustCompile(`^(19[7-9]\d|2[01]\d\d)/(0[1-9]|1[0-2])$`)

// showMonth answers GET /schedule/{year}/{month}.
func (s *Server) showMonth(w http.ResponseWriter, r *http.Request) error {
	m := yearMonth.FindStringSubmatch(chi.URLParam(r, "year") + "/" + chi.URLParam(r, "month"))
	if m == nil {
		return fault.New(fault.NotFound, "A month is written as in /schedule/2012/08.")
	}
	f, err := s.frame(r, "Schedule")
	if err != nil {
		return err
	}
	year, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	return s.showMonthOf(w, r, f, year, time.Month(month))
}

// showMonthOf shows a month of the reader's calendar, or of the community's when
// we do not know where the reader is.
func (s *Server) showMonthOf(w http.ResponseWriter, r *http.Request, f templates.Frame, year int, m time.Month) error {
	ctx, v, q := r.Context(), viewerOf(r), r.URL.Query()
	q.Del("view")
	zone := f.Clock.In(f.Clock.Now, s.community()).Location()
	first := time.Date(year, m, 1, 0, 0, 0, 0, zone)
	channels, err := s.Store.Channels(ctx, v)
	if err != nil {
		return err
	}
	p := templates.MonthPage{Frame: f, Name: month(first), Where: "Days and times are " + zoneWords(zone.String()) + "."}
	if f.Clock.Zone != nil {
		p.Where = "Days and times are yours (" + ui.City(zone.String()) + ")."
	}
	at := monthPath(first)
	p.Title, p.Canonical, p.Filters = "Schedule of "+p.Name, s.BaseURL+at, scheduleFacets(q, at, channels, actorOf(r).SignedIn())
	p.Description = "Hackfests and meetings of " + f.Community + " in " + p.Name + "."
	filter, err := s.scheduleFilter(ctx, q, channels, first)
	if err != nil {
		return err
	}
	filter.Mine = mine(actorOf(r), q)
	filter.To, filter.Limit, filter.After, filter.Desc = first.AddDate(0, 1, 0), monthSessions+1, store.SessionCursor{StartsAt: first.Add(-time.Microsecond), ID: lastID}, false
	list, err := s.Store.Sessions(ctx, v, filter)
	if err != nil {
		return err
	}
	if p.Cut = len(list) > monthSessions; p.Cut {
		list = list[:monthSessions]
	}
	if p.Rows, err = s.flagged(ctx, v, f.Clock, list); err != nil {
		return err
	}
	sayNetworks(p.Rows, list, channels)
	p.Weeks = monthWeeks(f.Clock, first, list, p.Rows)
	if filtered(q) {
		p.Clear = at
	}
	if err := s.monthNeighbours(ctx, v, &p, q, filter, first); err != nil {
		return err
	}
	p.NoIndex = len(list) == 0
	return s.show(w, r, templates.Month(p))
}

// monthPath is the path of the month that t is in.
func monthPath(t time.Time) string { return "/schedule/" + t.Format("2006/01") }

// monthNeighbours fills in the nearest months with sessions, and this one when
// it is another that is shown.
func (s *Server) monthNeighbours(ctx context.Context, v person.Viewer, p *templates.MonthPage, q url.Values, f store.SessionFilter, first time.Time) error {
	f.From, f.To, f.Limit = time.Time{}, time.Time{}, 1
	next := first.AddDate(0, 1, 0)
	for _, side := range []struct {
		desc  bool
		after store.SessionCursor
		link  **templates.LogLink
	}{
		{true, store.SessionCursor{StartsAt: first}, &p.Earlier},
		{false, store.SessionCursor{StartsAt: next.Add(-time.Microsecond), ID: lastID}, &p.Later},
	} {
		f.Desc, f.After = side.desc, side.after
		list, err := s.Store.Sessions(ctx, v, f)
		if err != nil {
			return err
		}
		for _, x := range list {
			at := x.StartsAt.In(first.Location())
			*side.link = &templates.LogLink{Href: path(monthPath(at), with(q, "", "")), Text: month(at)}
		}
	}
	if now := p.Clock.Now.In(first.Location()); now.Before(first) || !now.Before(next) {
		p.Today = path("/schedule", with(q, "view", "month"))
	}
	return nil
}

// monthWeeks lays out the month that begins at first, Monday to Sunday. The
// list is what begins in it, rows how it is shown.
func monthWeeks(c ui.Clock, first time.Time, list []hackfest.Session, rows []templates.SessionRow) [][]templates.MonthDay {
	zone := first.Location()
	of := map[string][]templates.MonthEntry{}
	for i, x := range list {
		day := x.StartsAt.In(zone).Format(time.DateOnly)
		of[day] = append(of[day], templates.MonthEntry{
			At: x.StartsAt.In(zone).Format(hours(c)), Title: x.Title, Href: rows[i].Href, State: ui.SessionState(c, x),
			Off: x.State == hackfest.StateCancelled, Clash: len(rows[i].Clashes) > 0,
		})
	}
	today := c.Now.In(zone).Format(time.DateOnly)
	day := first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
	var weeks [][]templates.MonthDay
	for ; day.Before(first.AddDate(0, 1, 0)); day = day.AddDate(0, 0, 7) {
		week := make([]templates.MonthDay, 7)
		for n := range week {
			d := day.AddDate(0, 0, n)
			key := d.Format(time.DateOnly)
			week[n] = templates.MonthDay{Date: key, Text: strconv.Itoa(d.Day()), Today: key == today, Out: d.Month() != first.Month()}
			if week[n].Out {
				week[n].Text = d.Format("2 Jan")
				continue
			}
			week[n].Entries = of[key]
			if week[n].Today {
				week[n].Text += " today"
			}
		}
		weeks = append(weeks, week)
	}
	return weeks
}

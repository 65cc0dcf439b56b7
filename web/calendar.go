package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/ical"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
)

// calendarRefresh is how often programs are asked to look for changes.
const calendarRefresh = time.Hour

// calendars adds the routes of calendars. Programs come with any Accept, ask for
// OPTIONS, and try PROPFIND first; none of them signs in.
func (s *Server) calendars(r *table) {
	r.get("/calendar", person.Read, s.page(s.showCalendar))
	r.post("/calendar/mine", person.KeepAccount, s.page(s.makeCalendarLink))
	r.post("/calendar/mine/revoke", person.KeepAccount, s.page(s.revokeCalendarLink))
	for _, c := range []struct {
		pattern string
		send    handler
	}{
		{"/calendar/all.ics", s.sendAllCalendar},
		{"/calendar/series/{series}.ics", s.sendSeriesCalendar},
		{"/calendar/targets/{target}.ics", s.sendTargetCalendar},
		{"/calendar/channel/{network}/{channel}", s.sendChannelCalendar}, // a channel's name may have dots
		{"/calendar/mine/{token}.ics", s.sendMyCalendar},
		{"/sessions/{session}.ics", s.sendSessionCalendar},
	} {
		r.get(c.pattern, person.Read, s.page(c.send))
		r.add(http.MethodOptions, c.pattern, person.Fetch, calendarOptions)
	}
}

// calendarOptions answers OPTIONS: it is no collection of WebDAV.
func calendarOptions(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", "GET, HEAD, OPTIONS")
	w.WriteHeader(http.StatusNoContent)
}

// sendAllCalendar answers GET /calendar/all.ics.
func (s *Server) sendAllCalendar(w http.ResponseWriter, r *http.Request) error {
	return s.sendCalendar(w, r, person.PublicViewer, hackfest.FeedFilter{}, s.Community+": all sessions", "/schedule")
}

// sendSeriesCalendar answers GET /calendar/series/{series}.ics, also by what the
// series was called before.
func (s *Server) sendSeriesCalendar(w http.ResponseWriter, r *http.Request) error {
	slug := chi.URLParam(r, "series")
	x, err := s.Store.Series(r.Context(), person.PublicViewer, slug)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		now, failed := s.Store.SeriesOf(r.Context(), person.PublicViewer, slug)
		if failed != nil {
			return err
		}
		http.Redirect(w, r, path("/calendar/series/"+url.PathEscape(now)+".ics", r.URL.RawQuery), http.StatusPermanentRedirect)
		return nil
	}
	if err != nil {
		return err
	}
	return s.sendCalendar(w, r, person.PublicViewer, hackfest.FeedFilter{Series: slug}, x.Title, templates.SeriesURL(slug))
}

// sendTargetCalendar answers GET /calendar/targets/{target}.ics. A slug that the
// target had before leads on.
func (s *Server) sendTargetCalendar(w http.ResponseWriter, r *http.Request) error {
	return s.onTarget(w, r, func(t hackfest.Target) error {
		return s.sendCalendar(w, r, person.PublicViewer, hackfest.FeedFilter{Target: t.Slug}, t.Name, templates.TargetURL(t.Slug))
	})
}

// sendChannelCalendar answers GET /calendar/channel/{network}/{channel}.ics.
func (s *Server) sendChannelCalendar(w http.ResponseWriter, r *http.Request) error {
	name, ok := strings.CutSuffix(pathParam(r, "channel"), ".ics")
	if !ok {
		return fault.New(fault.NotFound, "There is no such calendar. Its address ends in .ics.")
	}
	c, err := s.Store.Channel(r.Context(), person.PublicViewer, pathParam(r, "network"), name)
	if err != nil {
		return err
	}
	f := hackfest.FeedFilter{Network: c.Network, Channel: c.Folded}
	return s.sendCalendar(w, r, person.PublicViewer, f, c.Name+" on "+c.Network, templates.LogURL(c.Network, c.Path))
}

// sendMyCalendar answers GET /calendar/mine/{token}.ics: what somebody chairs, hosts or comes to, and
// what is for members only. Whoever knows the address reads it.
func (s *Server) sendMyCalendar(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("X-Robots-Tag", "noindex")
	w.Header().Set("Cache-Control", "private, no-cache")
	v, name, err := s.Store.ByCalendarLink(r.Context(), auth.HashSecret(chi.URLParam(r, "token")), s.Now().UTC())
	if err != nil {
		return err
	}
	return s.sendCalendar(w, r, v, hackfest.FeedFilter{Person: v.ID}, s.Community+" for "+name, "/calendar")
}

// sendSessionCalendar answers GET /sessions/{session}.ics.
func (s *Server) sendSessionCalendar(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	if x.State == hackfest.StateProposed {
		return fault.New(fault.NotFound, "This is a proposal: it is in no calendar until somebody chairs it.")
	}
	feed, err := s.Store.FeedOfSession(r.Context(), viewerOf(r), x.Slug)
	if err != nil {
		return err
	}
	if viewerOf(r).SeesMembersOnly() {
		w.Header().Set("Cache-Control", "private, no-cache")
	}
	return s.sendEvents(w, r, feed, ical.Calendar{Name: x.Title, URL: s.BaseURL + templates.SessionURL(x.Slug)})
}

// sendCalendar answers with what f says, as v sees it. about is the path of a
// page about it.
func (s *Server) sendCalendar(w http.ResponseWriter, r *http.Request, v person.Viewer, f hackfest.FeedFilter, name, about string) error {
	feed, err := s.Store.Feed(r.Context(), v, f)
	if err != nil {
		return err
	}
	c := ical.Calendar{Name: name, URL: s.BaseURL + about, Refresh: calendarRefresh}
	if f.Person == 0 {
		c.Source = s.BaseURL + r.URL.EscapedPath()
	}
	return s.sendEvents(w, r, feed, c)
}

// sendEvents answers with a calendar, made as its query asks. What is wrong with
// the query is no reason to keep a calendar from being up to date.
func (s *Server) sendEvents(w http.ResponseWriter, r *http.Request, feed hackfest.Feed, c ical.Calendar) error {
	c.Alarm, _ = parseAlarm(r.URL.Query().Get("alarm"))
	body, modified, err := s.calendarOf(feed, c, r.URL.Query().Get("cancelled") == "hide")
	if err != nil {
		return err
	}
	kind := "inline"
	if r.URL.Query().Has("download") {
		kind = "attachment"
	}
	w.Header().Set("Content-Disposition", kind+`; filename="hackfest.ics"`)
	return s.sendFeed(w, r, ical.MediaType, body, modified)
}

// longestAlarm is how long before an event a calendar may ring: a week.
const longestAlarm = 7 * 24 * 60

// parseAlarm reads how many minutes before an event a calendar is to ring; false
// when it is not to, or that is no number.
func parseAlarm(minutes string) (time.Duration, bool) {
	n, err := strconv.Atoi(minutes)
	if err != nil || n <= 0 || n > longestAlarm {
		return 0, false
	}
	return time.Duration(n) * time.Minute, true
}

package web

import (
	"context"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/schedule"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	seriesAhead = 3  // dates of a series that its page announces
	seriesPage  = 50 // past sessions of a series on one page
)

// showSeries answers GET /series/{series}.
func (s *Server) showSeries(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	series, err := s.Store.Series(ctx, v, chi.URLParam(r, "series"))
	if fault.KindOf(err) == fault.NotFound {
		return s.renamedSeries(w, r, "", err)
	}
	if err != nil {
		return err
	}
	f, err := s.frame(r, series.Title)
	if err != nil {
		return err
	}
	channel, err := s.Store.Channel(ctx, v, series.Network, series.ChannelPath)
	if err != nil {
		return err
	}
	p := templates.SeriesPage{
		Frame: f, Name: series.Title, Rule: s.ruleWords(f.Clock, series), Kind: string(series.Kind), Where: whereIs(channel),
		Minutes: "/minutes?series=" + series.Slug, Slug: series.Slug,
	}
	p.Description = p.Rule + ", in " + series.Channel + " on " + series.Network + "."
	p.Feeds = seriesFeeds(series.Slug, series.Title)
	p.Over = s.overForGood(series, f.Clock.Now)
	if err := s.fillSeriesPlan(r, &p, series); err != nil {
		return err
	}
	if series.TargetSlug != "" {
		p.Target, p.TargetHref = series.TargetName, templates.TargetURL(series.TargetSlug)
	}
	next, err := s.comingOf(ctx, v, series.Slug, f.Clock.Now, seriesAhead)
	if err != nil {
		return err
	}
	if p.Next, err = s.flagged(ctx, v, f.Clock, next); err != nil {
		return err
	}
	for i, x := range next {
		if x.TargetSlug == series.TargetSlug {
			p.Next[i].Target = "" // the page says so
		}
		if shift := f.Clock.Span(x.StartsAt, x.EndsAt, x.Zone).Shift; shift != "" && p.Shift == "" {
			p.Shift = f.Clock.Weekday(x.StartsAt, x.Zone).Text + ": " + strings.ToLower(shift[:1]) + shift[1:]
		}
	}
	if p.Open, err = s.seriesOpen(r, f.Clock, series); err != nil {
		return err
	}
	if err := s.seriesArchive(r, &p, series); err != nil {
		return err
	}
	return s.show(w, r, templates.Series(p))
}

// seriesOpen are the actions of a series that are still to be done.
func (s *Server) seriesOpen(r *http.Request, c ui.Clock, series hackfest.Series) ([]templates.OpenAction, error) {
	f := store.ActionFilter{Series: series.Slug, Open: true}
	list, err := s.Store.Actions(r.Context(), viewerOf(r), f)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var o person.Object
	if actorOf(r).SignedIn() {
		if o, err = s.Store.RelationToSeries(r.Context(), viewerOf(r), series.Slug); err != nil {
			return nil, err
		}
	}
	may, err := s.settlerOf(r, o, f)
	if err != nil {
		return nil, err
	}
	return s.actionRows(r.Context(), c, viewerOf(r), list, may)
}

// comingOf are the next sessions of a series, cancelled ones too: what runs,
// then what comes.
func (s *Server) comingOf(ctx context.Context, v person.Viewer, slug string, now time.Time, n int) ([]hackfest.Session, error) {
	list, err := s.Store.Sessions(ctx, v, store.SessionFilter{Series: slug, From: now, Limit: n + 1})
	var coming []hackfest.Session
	for _, x := range list {
		if status := x.Status(now); status != hackfest.StatusEnded && status != hackfest.StatusPublished {
			coming = append(coming, x)
		}
	}
	return coming[:min(n, len(coming))], err
}

// seriesArchive fills in what has been, with what came of it.
func (s *Server) seriesArchive(r *http.Request, p *templates.SeriesPage, series hackfest.Series) error {
	ctx, v, now := r.Context(), viewerOf(r), p.Clock.Now
	f := store.SessionFilter{Series: series.Slug, To: now, Desc: true, Limit: seriesPage + 2, After: readCursor(r.URL.Query().Get("after"))}
	list, err := s.Store.Sessions(ctx, v, f)
	if err != nil {
		return err
	}
	past := over(list, now)
	if len(past) > seriesPage {
		past = past[:seriesPage]
		p.Older = "/series/" + series.Slug + "?after=" + cursor(store.CursorAfter(past[len(past)-1]))
	}
	if len(past) == 0 {
		return nil
	}
	last := past[len(past)-1]
	meetings, err := s.Store.Meetings(ctx, v, store.MeetingFilter{Series: series.Slug, From: last.StartsAt.Add(-time.Hour), To: past[0].EndsAt.Add(12 * time.Hour), Limit: 4 * seriesPage})
	if err != nil {
		return err
	}
	held := map[hackfest.SessionID]hackfest.Meeting{}
	for _, m := range meetings {
		sum := held[m.SessionID]
		sum.People, sum.Actions, sum.Lessons = max(sum.People, m.People), sum.Actions+m.Actions, sum.Lessons+m.Lessons
		held[m.SessionID] = sum
	}
	for _, x := range past {
		m, ok := held[x.ID]
		row := templates.PastRow{
			Day: p.Clock.Day(x.StartsAt, x.Zone), Title: x.Title, Href: templates.SessionURL(x.Slug), State: pastState(p.Clock, x),
			Held: ok, People: m.People, Actions: m.Actions, Lessons: m.Lessons,
		}
		if x.TargetSlug != "" && x.TargetSlug != series.TargetSlug {
			row.Target = x.TargetName
		}
		p.Past = append(p.Past, row)
	}
	return nil
}

// pastState is what there is to read of a session that is over.
func pastState(c ui.Clock, x hackfest.Session) ui.State {
	st := ui.SessionState(c, x)
	if x.Status(c.Now) == hackfest.StatusEnded {
		if x.Held == 0 {
			return ui.NoMinutesState
		}
		return ui.DraftState
	}
	return st
}

// redirectSeriesNext answers GET /series/{series}/next: to the session of the
// series that is live, else to the next that takes place.
func (s *Server) redirectSeriesNext(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	series, err := s.Store.Series(ctx, v, chi.URLParam(r, "series"))
	if fault.KindOf(err) == fault.NotFound {
		return s.renamedSeries(w, r, "/next", err)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	live, err := s.Store.LiveSessions(ctx, v, s.Now())
	if err != nil {
		return err
	}
	const several = 20 // that may be cancelled in a row
	coming, err := s.comingOf(ctx, v, series.Slug, s.Now(), several)
	if err != nil {
		return err
	}
	for _, x := range append(live, coming...) {
		status := x.Status(s.Now())
		if x.SeriesSlug == series.Slug && (status == hackfest.StatusLive || status == hackfest.StatusScheduled) {
			http.Redirect(w, r, templates.SessionURL(x.Slug), http.StatusFound)
			return nil
		}
	}
	f, err := s.frame(r, "Nothing is planned")
	if err != nil {
		return err
	}
	f.Section = "/schedule"
	return s.show(w, r, templates.NothingNext(templates.NothingNextPage{Frame: f, Series: series.Title, SeriesHref: templates.SeriesURL(series.Slug)}))
}

// seriesRows are the series that go on, for the margin of the schedule.
func (s *Server) seriesRows(c ui.Clock, list []hackfest.Series) []templates.SeriesRow {
	var rows []templates.SeriesRow
	for _, x := range list {
		if !s.overForGood(x, c.Now) {
			rows = append(rows, templates.SeriesRow{Title: x.Title, Href: templates.SeriesURL(x.Slug), Rule: s.ruleWords(c, x)})
		}
	}
	return rows
}

// overForGood reports whether the rules of x have no date after now.
func (s *Server) overForGood(x hackfest.Series, now time.Time) bool {
	for _, q := range x.Rules {
		dates, err := schedule.Read(q.Rule, q.First, q.Zone, q.Length)
		if err != nil {
			return false
		}
		for range dates.From(now) {
			if !q.Void {
				return false
			}
			break
		}
	}
	return true
}

// lastID is above the ids of all sessions.
const lastID = hackfest.SessionID(math.MaxInt64)

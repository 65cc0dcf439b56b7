package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// runningMeetings is how many meetings one page of running minutes has.
const runningMeetings = 12

// showRunningMinutes answers GET /series/{series}/minutes: what is open in the
// series, and what its meetings decided.
func (s *Server) showRunningMinutes(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	series, err := s.Store.Series(ctx, v, chi.URLParam(r, "series"))
	if fault.KindOf(err) == fault.NotFound {
		return s.renamedSeries(w, r, "/minutes", err)
	}
	if err != nil {
		return err
	}
	f, err := s.frame(r, "Running minutes of "+series.Title)
	if err != nil {
		return err
	}
	f.Section, f.Description = "/minutes", "Decisions and open actions of "+series.Title+"."
	p := templates.RunningMinutesPage{Frame: f, Name: series.Title, Href: templates.SeriesURL(series.Slug), Feed: templates.SeriesFeedURL(series.Slug)}
	p.Feeds = seriesFeeds(series.Slug, series.Title)
	before, err := refParam(r, "before")
	if err != nil {
		return err
	}
	if p.Open, err = s.seriesOpen(r, f.Clock, series); err != nil {
		return err
	}
	list, err := s.Store.Meetings(ctx, v, store.MeetingFilter{Series: series.Slug, Ended: true, Before: before, Limit: runningMeetings + 1})
	if err != nil {
		return err
	}
	if len(list) > runningMeetings {
		list = list[:runningMeetings]
		p.Older = r.URL.EscapedPath() + "?before=" + list[len(list)-1].Ref.String()
	}
	for _, m := range list {
		row, err := s.meetingMinutes(r, &p, m)
		if err != nil {
			return err
		}
		p.Meetings = append(p.Meetings, row)
	}
	return s.show(w, r, templates.RunningMinutes(p))
}

// meetingMinutes is the summary and the decisions of one meeting.
func (s *Server) meetingMinutes(r *http.Request, p *templates.RunningMinutesPage, m hackfest.Meeting) (templates.MeetingMinutes, error) {
	mins, err := s.Store.Minutes(r.Context(), viewerOf(r), m.Ref)
	w := minutesWriter{clock: p.Clock, zone: m.SessionZone}
	return templates.MeetingMinutes{
		Title: meetingTitle(m), Href: "/meetings/" + m.Ref.String(), Session: m.SessionSlug, Day: p.Clock.Day(m.StartedAt, m.SessionZone), State: minutesState(m),
		Members: m.Visibility == person.MembersOnly, Summary: minutes.Paragraphs(m.Summary), Decisions: w.decisions(mins),
	}, err
}

package web

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/atom"
	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// feedEntries is how many entries a feed has at most. What was published or
// corrected last is always among them.
const feedEntries = 20

// minutesFeed answers GET /feeds/minutes.atom: the minutes that were published or
// corrected last, for everybody. An entry keeps its id through all corrections;
// its time moves, and the note of the correction stands in it.
func (s *Server) minutesFeed(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Store.PublishedMinutes(r.Context(), person.PublicViewer, "", feedEntries)
	if err != nil {
		return err
	}
	f, err := s.newFeed(r.Context(), "minutes", "Minutes", "/minutes")
	if err != nil {
		return err
	}
	f.Self = s.BaseURL + "/feeds/minutes.atom"
	if f.Entries, err = s.minutesEntries(r.Context(), list); err != nil {
		return err
	}
	return s.sendAtom(w, r, f)
}

// seriesFeed answers GET /feeds/series/{series}.atom: a series' minutes, and its
// sessions as they come and change. A series that had another address leads on.
func (s *Server) seriesFeed(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), person.PublicViewer
	slug := chi.URLParam(r, "series")
	series, err := s.Store.Series(ctx, v, slug)
	if fault.KindOf(err) == fault.NotFound {
		now, gone := s.Store.SeriesOf(ctx, v, slug)
		if gone != nil {
			return gone
		}
		http.Redirect(w, r, templates.SeriesFeedURL(now), http.StatusPermanentRedirect)
		return nil
	}
	if err != nil {
		return err
	}
	list, err := s.Store.PublishedMinutes(ctx, v, series.Slug, feedEntries)
	if err != nil {
		return err
	}
	f, err := s.newFeed(ctx, fmt.Sprintf("series %d", series.ID), series.Title, templates.SeriesURL(series.Slug))
	if err != nil {
		return err
	}
	f.Self = s.BaseURL + templates.SeriesFeedURL(series.Slug)
	if f.Entries, err = s.minutesEntries(ctx, list); err != nil {
		return err
	}
	coming, err := s.sessionEntries(ctx, series.Slug)
	f.Entries = newestFirst(append(f.Entries, coming...))
	if err != nil {
		return err
	}
	return s.sendAtom(w, r, f)
}

// newFeed is a feed of this instance, without entries and its own address; page
// shows the same. Its id does not depend on any address.
func (s *Server) newFeed(ctx context.Context, name, title, page string) (atom.Feed, error) {
	secret, err := s.Store.FeedSecret(ctx, s.Now().UTC())
	return atom.Feed{
		ID: atom.ID("feed "+name, hex.EncodeToString(secret)), Title: s.bareName() + ": " + title, Author: s.bareName(),
		Alternate: s.BaseURL + page,
	}, err
}

// sendAtom answers with a feed.
func (s *Server) sendAtom(w http.ResponseWriter, r *http.Request, f atom.Feed) error {
	return s.sendFeed(w, r, atom.ContentType, f.Bytes(), f.Modified())
}

// minutesEntries are published minutes as entries, all of each.
func (s *Server) minutesEntries(ctx context.Context, list []store.PublishedMinutes) ([]atom.Entry, error) {
	var entries []atom.Entry
	for _, p := range list {
		o := s.minutesOptions(p.Meeting, p.History)
		body, err := rendered(ctx, templates.MinutesBody(p.Minutes, o))
		if err != nil {
			return nil, err
		}
		e := atom.Entry{
			ID: atom.ID("minutes", p.Ref.String()), Link: o.About.URL, Author: p.Minutes.Owner, Updated: p.Changed,
			Title: s.entryTitle(p.Meeting), Summary: feedSummary(p.Meeting), HTML: body,
		}
		if len(p.History) > 0 {
			e.Published = p.History[0].At
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// entryTitle is what a meeting is called in a feed, with its day: weekly meetings
// all have the same name.
func (s *Server) entryTitle(m hackfest.Meeting) string {
	return meetingTitle(m) + ", " + m.StartedAt.In(s.locate(m.SessionZone)).Format("2 January 2006")
}

// feedSummary is a meeting in a sentence or two: what was corrected, the first
// paragraph of the summary, else what there is to read.
func feedSummary(m hackfest.Meeting) string {
	var parts []string
	if m.Note != "" {
		parts = append(parts, "Corrected: "+m.Note)
	}
	if line := firstLine(m.Summary); line != "" {
		parts = append(parts, line)
	} else {
		parts = append(parts, meetingCounts(m), "It took "+chart.Length(m.EndedAt.Sub(m.StartedAt))+".")
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// sessionFeeds lead to the feeds of what comes and of what was.
var sessionFeeds = append([]templates.FeedLink{{Type: atomType, Title: "Sessions", Href: "/feeds/sessions.atom"}}, minutesFeeds...)

const atomType = "application/atom+xml"

// minutesFeeds lead to the feed of all minutes.
var minutesFeeds = []templates.FeedLink{{Type: atomType, Title: "Minutes", Href: "/feeds/minutes.atom"}}

// seriesFeeds lead to the feed of a series.
func seriesFeeds(slug, title string) []templates.FeedLink {
	return []templates.FeedLink{{Type: atomType, Title: title, Href: templates.SeriesFeedURL(slug)}}
}

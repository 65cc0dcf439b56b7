package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/eucalyptus/hackfest/internal/atom"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// A session is in the feed from feedAhead days before it until feedBack days after
// it. Days are whole, in UTC, so that the feed of one day is the same bytes as long
// as nobody changes a session.
const (
	feedAhead    = 14
	feedBack     = 14
	feedSessions = 100 // at most
)

// sessionsFeed answers GET /feeds/sessions.atom: what comes in the next two weeks,
// and what of that was moved or cancelled.
func (s *Server) sessionsFeed(w http.ResponseWriter, r *http.Request) error {
	f, err := s.newFeed(r.Context(), "sessions", "Sessions", "/schedule")
	if err != nil {
		return err
	}
	f.Self = s.BaseURL + "/feeds/sessions.atom"
	if f.Entries, err = s.sessionEntries(r.Context(), ""); err != nil {
		return err
	}
	return s.sendAtom(w, r, f)
}

// sessionEntries are the sessions of a feed, of one series when its slug is given;
// what changed last is first.
func (s *Server) sessionEntries(ctx context.Context, series string) ([]atom.Entry, error) {
	today := midnight(s.Now())
	list, err := s.Store.Sessions(ctx, person.PublicViewer, store.SessionFilter{
		From: today.AddDate(0, 0, -feedBack), To: today.AddDate(0, 0, feedAhead+1), Series: series, Limit: feedSessions,
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	secret, err := s.Store.FeedSecret(ctx, s.Now().UTC())
	if err != nil {
		return nil, err
	}
	var entries []atom.Entry
	for _, x := range list {
		e, err := s.sessionEntry(ctx, x)
		if err != nil {
			return nil, err
		}
		e.ID = atom.ID("session", fmt.Sprintf("%x %d", secret, x.ID))
		entries = append(entries, e)
	}
	return newestFirst(entries), nil
}

// newestFirst orders entries by their last change.
func newestFirst(list []atom.Entry) []atom.Entry {
	slices.SortStableFunc(list, func(a, b atom.Entry) int { return b.Updated.Compare(a.Updated) })
	return list
}

// midnight is when the day of t began, in UTC.
func midnight(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// sessionEntry is x as an entry without its id. It is new when it comes into sight
// and whenever it is changed.
func (s *Server) sessionEntry(ctx context.Context, x hackfest.Session) (atom.Entry, error) {
	zone := s.locate(x.Zone)
	when := func(from, to time.Time) string {
		return from.In(zone).Format("Monday 2 January 2006, 15:04") + to.In(zone).Format(" to 15:04 MST")
	}
	view := templates.FeedSession{
		When: when(x.StartsAt, x.EndsAt), Where: x.Channel + " on " + x.Network, Target: x.TargetName, Goal: x.Goal,
		Page: s.BaseURL + templates.SessionURL(x.Slug),
	}
	title := ""
	switch {
	case x.State == hackfest.StateCancelled:
		title, view.State, view.Reason = "Cancelled: ", "Cancelled.", x.Reason
	case x.State == hackfest.StateProposed:
		title, view.State = "Proposed: ", "Proposed: it needs a chair."
	case !x.MovedFrom.IsZero():
		title, view.State, view.Reason = "Moved: ", "Moved.", x.Reason
		view.Was = when(x.MovedFrom, x.MovedFrom.Add(x.EndsAt.Sub(x.StartsAt)))
	}
	body, err := rendered(ctx, templates.SessionEntry(view))
	seen := midnight(x.StartsAt).AddDate(0, 0, -feedAhead)
	e := atom.Entry{
		Title: title + x.Title + ", " + x.StartsAt.In(zone).Format("Monday 2 January 2006 15:04 MST"), Link: view.Page,
		Published: seen, Updated: seen, Summary: x.Goal, HTML: body,
	}
	if x.ChangedAt.After(seen) {
		e.Updated = x.ChangedAt
	}
	return e, err
}

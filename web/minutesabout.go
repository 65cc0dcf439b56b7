package web

import (
	"context"
	"net/http"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// fullMinutes are the minutes of m as v may read them, with all that their
// renderings need besides.
func (s *Server) fullMinutes(ctx context.Context, v person.Viewer, m hackfest.Meeting) (minutes.Minutes, minutes.Options, error) {
	mins, err := s.Store.Minutes(ctx, v, m.Ref)
	if err != nil {
		return mins, minutes.Options{}, err
	}
	history, err := s.Store.Publications(ctx, v, []hackfest.Ref{m.Ref})
	if err != nil {
		return mins, minutes.Options{}, err
	}
	o := s.minutesOptions(m, history[m.Ref])
	session, err := s.Store.Session(ctx, v, m.SessionSlug)
	if err != nil {
		return mins, o, err
	}
	actions, err := s.Store.Actions(ctx, v, store.ActionFilter{Session: session.Slug})
	if err != nil {
		return mins, o, err
	}
	for _, a := range actions {
		if a.MeetingRef == m.Ref {
			o.About.States = append(o.About.States, minutes.ActionState{ID: a.ID, State: a.State})
		}
	}
	if o.Issues, err = s.minutesIssues(ctx, v, mins); err != nil {
		return mins, o, err
	}
	before, after, err := s.around(ctx, v, session)
	o.About.Previous, o.About.Next = s.datedPlace(before), s.datedPlace(after)
	return mins, o, err
}

// minutesIssues is what is known now of the issues that m lists.
func (s *Server) minutesIssues(ctx context.Context, v person.Viewer, m minutes.Minutes) (map[minutes.Issue]minutes.KnownIssue, error) {
	all := map[minutes.Issue]minutes.KnownIssue{}
	refs := make([]hackfest.IssueRef, len(m.Issues))
	for i, x := range m.Issues {
		refs[i] = hackfest.IssueRef(x)
	}
	known, err := s.Store.Issues(ctx, v, refs)
	for ref, i := range known {
		all[minutes.Issue(ref)] = minutes.KnownIssue{Title: i.Title, State: i.StateWord(), URL: i.Page(s.gitHubWeb())}
	}
	return all, err
}

// minutesOptions are what renderings of the minutes of m need, as far as m and
// the history of its minutes tell. They are the same for everybody, in the
// session's own zone.
func (s *Server) minutesOptions(m hackfest.Meeting, history []hackfest.Publication) minutes.Options {
	o := minutes.Options{BaseURL: s.BaseURL, Zone: s.locate(m.SessionZone)}
	a := minutes.About{
		Status: minutesStatus(m), Zone: o.Zone.String(), Summary: m.Summary, Corrections: []minutes.Correction{},
		Session:  s.pageOf(m.SessionTitle, templates.SessionURL(m.SessionSlug)),
		URL:      s.BaseURL + "/meetings/" + m.Ref.String(),
		Log:      s.BaseURL + templates.LineURL(m.Ref),
		Calendar: s.BaseURL + templates.SessionURL(m.SessionSlug) + ".ics",
	}
	if m.SeriesSlug != "" {
		a.Series = s.pageOf(m.SeriesTitle, templates.SeriesURL(m.SeriesSlug))
	}
	if m.TargetSlug != "" {
		a.Target = s.pageOf(m.TargetName, templates.TargetURL(m.TargetSlug))
	}
	for i, p := range history {
		if i == 0 {
			a.PublishedAt = stampOf(p.At)
			continue
		}
		a.Corrections = append(a.Corrections, minutes.Correction{At: stampOf(p.At), Note: p.Note})
	}
	o.About = a
	return o
}

// stampOf is an instant as minutes have it: to the second.
func stampOf(at time.Time) minutes.Time { return minutes.Time{Time: at.UTC().Truncate(time.Second)} }

// minutesStatus is how far the minutes of m have come.
func minutesStatus(m hackfest.Meeting) minutes.Status {
	switch {
	case m.Running():
		return minutes.Running
	case m.Revision == 0:
		return minutes.Draft
	case m.Revision == 1:
		return minutes.Published
	}
	return minutes.Corrected
}

// pageOf is a page of the portal.
func (s *Server) pageOf(title, path string) minutes.Place {
	return minutes.Place{Title: title, URL: s.BaseURL + path}
}

// datedPlace is the page of a session, with its day; empty for none.
func (s *Server) datedPlace(x *hackfest.Session) minutes.Place {
	if x == nil {
		return minutes.Place{}
	}
	return s.pageOf(x.StartsAt.In(s.locate(x.Zone)).Format(time.DateOnly)+" "+x.Title, templates.SessionURL(x.Slug))
}

// around are the sessions before and after x in its series, else on its target;
// nil where there is none.
func (s *Server) around(ctx context.Context, v person.Viewer, x hackfest.Session) (before, after *hackfest.Session, err error) {
	f := store.SessionFilter{Series: x.SeriesSlug, Limit: 1, After: store.CursorAfter(x)}
	if x.SeriesSlug == "" {
		f.Target = x.TargetSlug
	}
	if f.Series == "" && f.Target == "" {
		return nil, nil, nil
	}
	beside := func(desc bool) (*hackfest.Session, error) {
		f.Desc = desc
		list, err := s.Store.Sessions(ctx, v, f)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		return &list[0], nil
	}
	if before, err = beside(true); err != nil {
		return nil, nil, err
	}
	after, err = beside(false)
	return before, after, err
}

// sendMinutesJSON answers with the minutes of m in their machine form.
func (s *Server) sendMinutesJSON(w http.ResponseWriter, r *http.Request, mins minutes.Minutes, o minutes.Options) error {
	body, err := minutes.JSON(mins, o)
	if err != nil {
		return err
	}
	return s.sendBody(w, r, http.StatusOK, "application/json", body)
}

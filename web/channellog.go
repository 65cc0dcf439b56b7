package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	logLines  = 400   // lines of one page of a log
	textLines = 50000 // lines of a log as text
	scanned   = 20000 // lines looked through for marked ones
)

// pathParam is a parameter of the path, decoded: names of channels hold '#' and
// '/'.
func pathParam(r *http.Request, name string) string {
	raw := chi.URLParam(r, name)
	if s, err := url.PathUnescape(raw); err == nil && r.URL.RawPath != "" {
		return s
	}
	return raw
}

// pathID is the number by which the path names something in its parameter name.
// What is no number names nothing, and is answered with none.
func pathID[ID ~int64](r *http.Request, name string, none error) (ID, error) {
	n, err := strconv.ParseInt(chi.URLParam(r, name), 10, 64)
	if err != nil {
		return 0, none
	}
	return ID(n), nil
}

// redirectLine answers GET /l/{ref}: the line's place in the log of its day.
func (s *Server) redirectLine(w http.ResponseWriter, r *http.Request) error {
	ref, err := hackfest.ParseRef(chi.URLParam(r, "ref"))
	if err != nil {
		return err
	}
	to, err := s.placeOf(r.Context(), viewerOf(r), ref)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.Redirect(w, r, to, http.StatusFound)
	return nil
}

// placeOf is where a line stands in the log of its day.
func (s *Server) placeOf(ctx context.Context, v person.Viewer, ref hackfest.Ref) (string, error) {
	l, c, err := s.Store.Line(ctx, v, ref)
	if err != nil {
		return "", err
	}
	to := templates.LogURL(c.Network, c.Path) + "/" + l.At.UTC().Format(time.DateOnly)
	first, err := s.pageStart(ctx, v, c.ID, l)
	if !first.IsZero() {
		to += "?after=" + first.String()
	}
	return to + "#" + templates.LineID(ref), err
}

// pageStart is where the page of a day's log begins that shows l well: zero
// when the first page of the day does.
func (s *Server) pageStart(ctx context.Context, v person.Viewer, id hackfest.ChannelID, l hackfest.LogLine) (hackfest.Ref, error) {
	before, err := s.Store.Lines(ctx, v, store.LineQuery{ChannelID: id, Day: day(l.At), Before: l.Ref, Desc: true, Limit: logLines})
	if err != nil || len(before) < logLines {
		return hackfest.Ref{}, err
	}
	return before[logLines/4].Ref, nil
}

// day is midnight in UTC of the date of t.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// channel loads the channel named in the path.
func (s *Server) channel(r *http.Request) (hackfest.ChannelInfo, error) {
	return s.Store.Channel(r.Context(), viewerOf(r), pathParam(r, "network"), pathParam(r, "channel"))
}

// showDay answers GET /logs/{network}/{channel}/{day}. The day is a date in
// UTC, for everybody the same.
func (s *Server) showDay(w http.ResponseWriter, r *http.Request) error {
	date, err := time.Parse(time.DateOnly, chi.URLParam(r, "day"))
	if err != nil {
		return fault.New(fault.NotFound, "Logs are kept by date, as in 2012-08-22.")
	}
	c, err := s.channel(r)
	if err != nil {
		return err
	}
	p, err := s.logPage(r, fmt.Sprintf("%s, %s", c.Name, date.Format("2 Jan 2006")))
	if err != nil {
		return err
	}
	p.Network, p.Channel, p.Day = c.Network, c.Name, date.Format("Mon 2 Jan 2006")
	p.Where.Text, p.All = "UTC", templates.LogURL(c.Network, c.Path)
	p.Frame.Section = "/minutes"
	p.Frame.Canonical = s.BaseURL + r.URL.EscapedPath()
	if err := s.dayFacts(r, &p, c, date); err != nil {
		return err
	}
	pick, answered := s.pickFrom(w, r, &p, templates.LogURL(c.Network, c.Path)+"/redact", person.Object{})
	if answered {
		return nil
	}
	err = s.fillLog(r, &p, "UTC", store.LineQuery{ChannelID: c.ID, Day: date}, pick)
	if err != nil {
		return err
	}
	return s.show(w, r, templates.Log(p))
}

// dayFacts fills in the neighbours of a day, and what happened on it.
func (s *Server) dayFacts(r *http.Request, p *templates.LogPage, c hackfest.ChannelInfo, date time.Time) error {
	ctx, v, base := r.Context(), viewerOf(r), templates.LogURL(c.Network, c.Path)
	before, err := s.Store.DayBefore(ctx, v, c.ID, date)
	if err != nil {
		return err
	}
	after, err := s.Store.DayAfter(ctx, v, c.ID, date)
	if err != nil {
		return err
	}
	if !before.IsZero() {
		p.Days = append(p.Days, templates.LogLink{Href: base + "/" + before.Format(time.DateOnly), Text: "← " + before.Format("2 Jan 2006")})
	}
	if !after.IsZero() {
		p.Days = append(p.Days, templates.LogLink{Href: base + "/" + after.Format(time.DateOnly), Text: after.Format("2 Jan 2006") + " →"})
	}
	facts, err := s.Store.Days(ctx, v, c.ID, date, date.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	if len(facts) > 0 {
		p.Facts = chart.Count(facts[0].Lines, "line", "lines") + ", " + chart.Count(facts[0].People, "person", "people") + "."
	}
	meetings, err := s.Store.Meetings(ctx, v, store.MeetingFilter{
		Network: c.Network, Channel: c.Folded, From: date, To: date.AddDate(0, 0, 1), Limit: 10,
	})
	for _, m := range slices.Backward(meetings) {
		p.Minutes = append(p.Minutes, templates.LogLink{Href: "/meetings/" + m.Ref.String(), Text: "Minutes of " + m.Title})
	}
	if len(meetings) > 0 && !slices.ContainsFunc(meetings, func(m hackfest.Meeting) bool { return m.SessionSlug != meetings[0].SessionSlug }) {
		p.Slug = meetings[0].SessionSlug // the only one whose issues the day is about
	}
	return err
}

// logPage is what all pages of logs have.
func (s *Server) logPage(r *http.Request, title string) (templates.LogPage, error) {
	f, err := s.frame(r, "Log of "+title)
	f.Description = "What was said in " + title
	return templates.LogPage{Frame: f, Filtered: r.URL.Query().Get("only") == "marks"}, err
}

// forMembers reports whether any of lines is for members only.
func forMembers(lines []hackfest.LogLine) bool {
	return slices.ContainsFunc(lines, func(l hackfest.LogLine) bool { return l.MembersOnly })
}

// fillLog reads one page of a log: from ?after= on, before ?before=, else from
// its beginning; or the marked lines of all of it.
// From pick, if it is not nil, come the boxes beside lines.
func (s *Server) fillLog(r *http.Request, p *templates.LogPage, zone string, q store.LineQuery, pick *picking) error {
	w := rowWriter{clock: p.Clock, zone: zone}
	base := r.URL.EscapedPath()
	further := base + "?"
	switch learn := r.URL.Query().Get("lesson") != ""; {
	case pick != nil:
		w.pick, further = pick.may, further+"redact=1&"
	case actorOf(r).SignedIn() && learn:
		w.learn, p.NoIndex, further = true, true, further+"lesson=1&"
	case actorOf(r).SignedIn():
		p.Forms = append(p.Forms, templates.LogLink{Href: base + "?lesson=1", Text: "make a lesson of a line"})
	}
	if p.Filtered {
		p.Forms = append([]templates.LogLink{{Href: base, Text: "all lines"}}, p.Forms...)
		marked, err := s.marked(r.Context(), viewerOf(r), q)
		p.Rows, p.Members = w.rows(marked), forMembers(marked)
		return err
	}
	p.Forms = append([]templates.LogLink{{Href: base + "?only=marks", Text: "marked lines only"}}, p.Forms...)
	after, err := refParam(r, "after")
	if err != nil {
		return err
	}
	before, err := refParam(r, "before")
	if err != nil {
		return err
	}
	from := q.After // where the log begins
	if after.Compare(q.After) > 0 {
		q.After = after
	}
	q.Limit = logLines + 1
	if q.Desc = !before.IsZero(); q.Desc {
		q.Before = before
	}
	lines, err := s.Store.Lines(r.Context(), viewerOf(r), q)
	if err != nil {
		return err
	}
	more := len(lines) > logLines
	if more {
		lines = lines[:logLines]
	}
	if q.Desc {
		slices.Reverse(lines)
	}
	p.Rows, p.Members = w.rows(lines), forMembers(lines)
	if len(lines) == 0 {
		return nil
	}
	if more || q.Desc {
		p.Newer = templ.SafeURL(further + "after=" + lines[len(lines)-1].Ref.String())
	}
	if more && q.Desc || !q.Desc && q.After.Compare(from) > 0 {
		p.Older = templ.SafeURL(further + "before=" + lines[0].Ref.String())
	}
	return nil
}

// refParam is a ref from the query; zero when there is none.
func refParam(r *http.Request, name string) (hackfest.Ref, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return hackfest.Ref{}, nil
	}
	ref, err := hackfest.ParseRef(text)
	if err != nil {
		return ref, &fault.Error{Kind: fault.Invalid, Field: name, Message: "In the address, " + name + " is the id of no line."}
	}
	return ref, nil
}

// marked are the lines of q that became part of minutes.
func (s *Server) marked(ctx context.Context, v person.Viewer, q store.LineQuery) ([]hackfest.LogLine, error) {
	var found []hackfest.LogLine
	q.Limit = 1000
	for seen := 0; seen < scanned; seen += q.Limit {
		lines, err := s.Store.Lines(ctx, v, q)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			if len(l.Marks) > 0 {
				found = append(found, l)
			}
		}
		if len(lines) < q.Limit {
			break
		}
		q.After = lines[len(lines)-1].Ref
	}
	return found, nil
}

// showSessionLog answers GET /sessions/{session}/log.
func (s *Server) showSessionLog(w http.ResponseWriter, r *http.Request) error {
	session, q, err := s.sessionLines(r)
	if err != nil {
		return err
	}
	p, err := s.logPage(r, session.Title)
	if err != nil {
		return err
	}
	p.Network, p.Channel, p.Session, p.Slug = session.Network, session.Channel, session.Title, session.Slug
	p.Crumb = templates.LogLink{Href: templates.SessionURL(session.Slug), Text: session.Title}
	p.Where.Text = "in " + zoneWords(session.Zone)
	p.Forms = []templates.LogLink{{Href: templates.SessionURL(session.Slug) + "/log.txt", Text: "as text"}}
	p.Minutes = []templates.LogLink{{Href: templates.SessionURL(session.Slug), Text: "Its page"}}
	pick, answered, err := s.pickFromSession(w, r, &p, session)
	if err != nil || answered {
		return err
	}
	if err := s.fillLog(r, &p, session.Zone, q, pick); err != nil {
		return err
	}
	return s.show(w, r, templates.Log(p))
}

// zoneWords is a zone as in "Times are in Pacific time".
func zoneWords(iana string) string {
	if iana == "UTC" {
		return iana
	}
	return ui.ZoneName(iana) + " time"
}

// sessionLines says which lines are a session's: its planned time and all of
// its meetings.
func (s *Server) sessionLines(r *http.Request) (hackfest.Session, store.LineQuery, error) {
	ctx, v := r.Context(), viewerOf(r)
	session, err := s.Store.Session(ctx, v, chi.URLParam(r, "session"))
	if err != nil {
		return session, store.LineQuery{}, err
	}
	meetings, err := s.Store.MeetingsOfSession(ctx, v, session.ID)
	q := store.LineQuery{ChannelID: session.ChannelID, From: session.StartsAt, To: session.EndsAt}
	for _, m := range meetings {
		if m.StartedAt.Before(q.From) {
			q.From = m.StartedAt.Add(-time.Second)
		}
		end := m.EndedAt.Add(time.Minute) // the bot's last words belong to it
		if m.Running() {
			end = s.Now().Add(time.Hour)
		}
		if end.After(q.To) {
			q.To = end
		}
	}
	return session, q, err
}

// sessionLogText answers GET /sessions/{session}/log.txt: each line with its
// date and time in UTC.
func (s *Server) sessionLogText(w http.ResponseWriter, r *http.Request) error {
	session, q, err := s.sessionLines(r)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s on %s, times in UTC\n%s%s\n\n", ui.Visible(session.Title), session.Channel, session.Network, s.BaseURL, templates.SessionURL(session.Slug))
	q.Limit = 1000
	for seen := 0; seen < textLines; seen += q.Limit {
		lines, err := s.Store.Lines(r.Context(), viewerOf(r), q)
		if err != nil {
			return err
		}
		for _, l := range lines {
			b.WriteString(textLine(l))
		}
		if len(lines) < q.Limit {
			break
		}
		q.After = lines[len(lines)-1].Ref
	}
	return s.sendBody(w, r, http.StatusOK, "text/plain; charset=utf-8", []byte(b.String()))
}

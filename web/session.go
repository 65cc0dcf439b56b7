package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/static"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	tailLines   = 50 // lines of the log on a live page
	fewestEvery = 10 // seconds; a page may not load itself again more often
	mostEvery   = 600
	lessonsBack = 12 // lessons shown before a session
	earlierBack = 5  // earlier sessions shown before a session
)

// showSession answers GET /sessions/{session} in whatever state it is.
func (s *Server) showSession(w http.ResponseWriter, r *http.Request) error {
	given, err := s.given(r) // first, so that the page shows what it says was done
	if err != nil {
		return err
	}
	session, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	p, err := s.sessionView(r, session, given)
	if err != nil {
		return err
	}
	return s.show(w, r, templates.Session(p))
}

// sessionView is the page of a session in whatever state it is, after the
// command that was given on it; nil for none.
func (s *Server) sessionView(r *http.Request, session hackfest.Session, given *hackfest.CommandStatus) (templates.SessionPage, error) {
	p, err := s.sessionPage(r, session)
	if err != nil {
		return p, err
	}
	if given != nil {
		if p.Sent, err = s.sentNote(r, &p, *given); err != nil {
			return p, err
		}
	}
	switch session.Status(p.Clock.Now) {
	case hackfest.StatusLive:
		err = s.showLive(r, &p)
	case hackfest.StatusEnded, hackfest.StatusPublished:
		err = s.showEnded(r, &p)
	default:
		err = s.showBefore(r, &p)
	}
	if err != nil {
		return p, err
	}
	if err := s.fillReady(r, &p); err != nil {
		return p, err
	}
	return p, s.fillIssues(r, &p)
}

// sessionPage fills in what the page has in every state.
func (s *Server) sessionPage(r *http.Request, session hackfest.Session) (templates.SessionPage, error) {
	f, err := s.frame(r, session.Title)
	if err != nil {
		return templates.SessionPage{}, err
	}
	channel, err := s.Store.Channel(r.Context(), viewerOf(r), session.Network, session.ChannelPath)
	if err != nil {
		return templates.SessionPage{}, err
	}
	p := templates.SessionPage{
		Frame: f, Session: session, State: ui.TitleState(f.Clock, session),
		When:  f.Clock.Span(session.StartsAt, session.EndsAt, session.Zone),
		Where: whereIs(channel),
	}
	p.Members = session.Visibility == person.MembersOnly || channel.Visibility == person.MembersOnly
	if err := s.fillSessionPlan(r, &p); err != nil {
		return p, err
	}
	p.Frame.Section = "/schedule"
	p.Frame.Canonical = s.BaseURL + templates.SessionURL(session.Slug)
	p.Frame.Preview = session.Title + ", " + f.Clock.Stamp(session.StartsAt, session.Zone)
	p.Frame.Description = description(session)
	p.Frame.Feeds = minutesFeeds
	if session.SeriesSlug != "" {
		p.Frame.Feeds = seriesFeeds(session.SeriesSlug, session.SeriesTitle)
	}
	if !session.MovedFrom.IsZero() {
		moved := f.Clock.Span(session.MovedFrom, session.MovedFrom.Add(session.EndsAt.Sub(session.StartsAt)), session.Zone)
		p.Moved = &moved
	}
	p.Event, err = s.eventData(session)
	return p, err
}

// description is the session in one sentence, for link previews.
func description(session hackfest.Session) string {
	d := fmt.Sprintf("A %s in %s on %s.", session.Kind, session.Channel, session.Network)
	if session.Goal != "" {
		d += " " + session.Goal
	}
	return d
}

// whereIs says how to get into a channel.
func whereIs(c hackfest.ChannelInfo) templates.Where {
	w := templates.Where{Channel: c.Name, Network: c.Network, Server: c.Server, WebChat: c.WebchatURL, Log: templates.LogURL(c.Network, c.Path)}
	if c.Server != "" {
		w.IRC = "irc://" + c.Server + "/" + url.PathEscape(c.Path)
	}
	return w
}

// eventData is the session as a schema.org Event. Search engines want the
// offset of the session's own zone in its times.
func (s *Server) eventData(session hackfest.Session) (string, error) {
	zone := s.locate(session.Zone)
	type thing map[string]any
	page := s.BaseURL + templates.SessionURL(session.Slug)
	event := thing{
		"@context": "https://schema.org", "@type": "Event", "name": session.Title, "url": page,
		"startDate":           session.StartsAt.In(zone).Format(time.RFC3339),
		"endDate":             session.EndsAt.In(zone).Format(time.RFC3339),
		"eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
		"eventStatus":         "https://schema.org/EventScheduled",
		"location":            thing{"@type": "VirtualLocation", "name": session.Channel + " on " + session.Network, "url": page},
		"organizer":           thing{"@type": "Organization", "name": s.Community, "url": s.BaseURL},
		"description":         description(session),
	}
	if session.Spot {
		delete(event, "endDate") // nobody planned one
	}
	switch {
	case session.State == hackfest.StateCancelled:
		event["eventStatus"] = "https://schema.org/EventCancelled"
	case !session.MovedFrom.IsZero():
		event["eventStatus"] = "https://schema.org/EventRescheduled"
		event["previousStartDate"] = session.MovedFrom.In(zone).Format(time.RFC3339)
	}
	b, err := json.Marshal(event) // escapes <, > and &
	return string(b), err
}

// taught are lessons with where they come from.
func taught(c ui.Clock, lessons []hackfest.Lesson) []templates.TaughtLesson {
	var list []templates.TaughtLesson
	for _, l := range lessons {
		t := templates.TaughtLesson{Text: l.Text, State: ui.LessonState(l.Kind)}
		if l.SessionSlug != "" {
			t.From, t.FromHref = "session of "+c.Day(l.SessionAt, "UTC").Text, templates.SessionURL(l.SessionSlug)
		}
		if !l.LineRef.IsZero() {
			t.Line = templ.SafeURL(templates.LineURL(l.LineRef))
		}
		list = append(list, t)
	}
	return list
}

// landmarks are the zones of the ribbon, besides the reader's and the
// session's: one for each part of the world that people usually come from.
var landmarks = []struct{ label, zone string }{
	{"Pacific", "America/Los_Angeles"},
	{"Eastern", "America/New_York"},
	{"London", "Europe/London"},
	{"Berlin", "Europe/Berlin"},
	{"Bengaluru", "Asia/Kolkata"},
	{"Tokyo", "Asia/Tokyo"},
}

// ribbon draws in whose night a session is, with the zones of people who show
// theirs; where nobody does, with the landmarks.
func (s *Server) ribbon(c ui.Clock, session hackfest.Session, lived ...person.ZoneCount) chart.Ribbon {
	people := map[string]int{}
	for _, z := range lived {
		people[s.locate(z.Zone).String()] += z.People
	}
	there := chart.Zone{Label: ui.ZoneName(session.Zone), Location: s.locate(session.Zone), People: people[session.Zone]}
	zones := []chart.Zone{there}
	if c.Zone != nil {
		zones = []chart.Zone{{Label: ui.City(c.Zone.String()), Location: c.Zone, You: true, People: people[c.Zone.String()]}}
		if c.Zone.String() != there.Location.String() {
			zones = append(zones, there)
		}
	}
	for _, z := range lived {
		if loc := s.locate(z.Zone); loc.String() != there.Location.String() {
			zones = append(zones, chart.Zone{Label: ui.ZoneName(z.Zone), Location: loc, People: z.People})
		}
	}
	for _, l := range landmarks {
		if loc := s.locate(l.zone); len(lived) == 0 && loc.String() != there.Location.String() {
			zones = append(zones, chart.Zone{Label: l.label, Location: loc})
		}
	}
	return chart.NewRibbon(session.StartsAt, session.EndsAt, zones[0], zones[1:], hours(c))
}

// hours is the layout of times of day for the reader of c.
func hours(c ui.Clock) string {
	if c.Twelve {
		return "3:04 pm"
	}
	return "15:04"
}

// streamOf is the stream of a page in state p that has seen all up to after.
func streamOf(session hackfest.Session, p pageState, after hackfest.Ref) templates.Stream {
	return templates.Stream{Path: templates.SessionURL(session.Slug) + "/live", After: after.String(), State: p.String()}
}

// showLive fills in a session that runs.
func (s *Server) showLive(r *http.Request, p *templates.SessionPage) error {
	ctx, v, session := r.Context(), viewerOf(r), p.Session
	// What is read after the channel may be newer than the cursor. The stream
	// sends it once more then, and the page puts it in the same place.
	channel, err := s.Store.Channel(ctx, v, session.Network, session.ChannelPath)
	if err != nil {
		return err
	}
	meetings, err := s.Store.MeetingsOfSession(ctx, v, session.ID)
	if err != nil {
		return err
	}
	state := pageState{status: hackfest.StatusLive}
	l := &templates.SessionLive{}
	for _, m := range meetings {
		if m.Running() {
			state.meeting, l.Running = m.Ref, true
			p.Members = p.Members || m.Visibility == person.MembersOnly
			p.State.Text = "live, " + p.Clock.Elapsed(m.StartedAt)
			if session.Spot {
				begun := p.Clock.Gutter(session.StartsAt, session.Zone)
				p.Begun = &begun
			}
			continue
		}
		l.Earlier = append(l.Earlier, templates.MeetingLink{Href: "/meetings/" + m.Ref.String() + ".html", Title: m.Title, At: p.Clock.Minute(m.StartedAt, session.Zone)})
	}
	p.Live, p.Stream = l, streamOf(session, state, channel.AppliedRef)
	p.Frame.Scripts = []string{static.URL("js/live.js")}
	if every, err := strconv.Atoi(r.URL.Query().Get("every")); err == nil && every > 0 {
		l.Every = min(max(every, fewestEvery), mostEvery)
		p.Frame.Refresh = l.Every
	}
	if err := s.fillFloor(r, p, state.meeting); err != nil {
		return err
	}
	return s.fillLive(ctx, v, p, state.meeting)
}

// fillFloor fills in what changes besides log and items, and what the reader
// may do about it.
func (s *Server) fillFloor(r *http.Request, p *templates.SessionPage, running hackfest.Ref) error {
	f, err := s.floor(r.Context(), viewerOf(r), p.Session, running)
	if err != nil {
		return err
	}
	by, err := s.speakerOf(r, p.Session, f.standing)
	if err != nil {
		return err
	}
	if p.Live.Floor, err = s.floorView(r.Context(), p.Clock, p.Session, f, by); err != nil {
		return err
	}
	if p.Live.Console, err = s.console(r, p, f, by); p.Live.Console != nil {
		p.Frame.Scripts = append(p.Frame.Scripts, static.URL("js/console.js"))
	}
	return err
}

// fillLive reads the log's tail, the topics and the items.
func (s *Server) fillLive(ctx context.Context, v person.Viewer, p *templates.SessionPage, running hackfest.Ref) error {
	session, rows := p.Session, liveRows{clock: p.Clock, zone: p.Session.Zone}
	lines, err := s.Store.Lines(ctx, v, store.LineQuery{ChannelID: session.ChannelID, Desc: true, Limit: tailLines})
	if err != nil {
		return err
	}
	slices.Reverse(lines)
	for _, l := range lines { // unfolded, as the stream sends them
		p.Live.Tail = append(p.Live.Tail, rows.log().row(l))
	}
	var items []store.ItemRow
	if !running.IsZero() {
		topics, err := s.Store.Topics(ctx, v, running, hackfest.Ref{})
		if err != nil {
			return err
		}
		for _, t := range topicRows(topics) {
			if !t.Undone {
				p.Live.Topics = append(p.Live.Topics, t)
			}
		}
		if items, err = s.Store.Items(ctx, v, running, hackfest.Ref{}); err != nil {
			return err
		}
	}
	p.Live.Lists = rows.lists(items)
	p.Live.Now, err = s.nowBox(ctx, v, p.Clock, session, running)
	return err
}

// nowBox is what is talked about, and how lively.
func (s *Server) nowBox(ctx context.Context, v person.Viewer, c ui.Clock, session hackfest.Session, running hackfest.Ref) (templates.NowBox, error) {
	if running.IsZero() {
		return templates.NowBox{Start: "#startmeeting", Lines: "minutes are kept from then on"}, nil
	}
	m, err := s.Store.Meeting(ctx, v, running)
	if err != nil {
		return templates.NowBox{}, err
	}
	topics, err := s.Store.Topics(ctx, v, running, hackfest.Ref{})
	if err != nil {
		return templates.NowBox{}, err
	}
	hour := hackfest.RefAt(c.Now.Add(-chart.SparkMinutes * time.Minute))
	if running.Compare(hour) > 0 {
		hour = running
	}
	pulse, err := s.Store.Pulse(ctx, v, m.ChannelID, hour, hackfest.Ref{})
	if err != nil {
		return templates.NowBox{}, err
	}
	box := templates.NowBox{Spark: chart.NewSpark(m.StartedAt, c.Now, minutesOf(pulse), pulse.Speakers)}
	for _, t := range topics {
		if !t.Undone && t.Title != "" {
			box.Topic, box.Since = ui.Visible(t.Title), c.Minute(t.At, session.Zone)
		}
	}
	said := 0
	for _, m := range pulse.Minutes {
		said += m.Lines
	}
	if pulse.Speakers > 0 {
		box.Talking = strconv.Itoa(pulse.Speakers) + " talking"
	}
	box.Lines = templates.LiveCount(said) + " in the last hour"
	return box, nil
}

// minutesOf is a pulse as the pictures take it.
func minutesOf(p hackfest.Pulse) []chart.Minute {
	list := make([]chart.Minute, len(p.Minutes))
	for i, m := range p.Minutes {
		list[i] = chart.Minute{At: m.At, Messages: m.Lines}
	}
	return list
}

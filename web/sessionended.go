package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// showEnded fills in a session that is over: its meetings in the order in which
// they were held.
func (s *Server) showEnded(r *http.Request, p *templates.SessionPage) error {
	ctx, v, session := r.Context(), viewerOf(r), p.Session
	e := &templates.SessionEnded{}
	p.Ended = e
	lessons, err := s.Store.Lessons(ctx, v, store.LessonFilter{Session: session.Slug, Limit: lessonsBack})
	if err != nil {
		return err
	}
	e.Lessons = taught(p.Clock, lessons)
	if err := s.fillOutcome(r, p, e); err != nil {
		return err
	}
	if err := s.neighbours(ctx, v, p.Clock, session, e); err != nil {
		return err
	}
	today, may, err := s.fillLeft(r, p, e)
	if err != nil {
		return err
	}
	meetings, err := s.Store.MeetingsOfSession(ctx, v, session.ID)
	if err != nil {
		return err
	}
	if e.NoLog = len(meetings) == 0; e.NoLog {
		e.Logged, err = s.anythingSaid(ctx, v, session)
		return err
	}
	writings, err := s.writings(ctx, v, meetings)
	if err != nil {
		return err
	}
	for _, m := range meetings {
		view, err := s.minutesView(ctx, v, p.Clock, m, today)
		if err != nil {
			return err
		}
		s.writingOf(p.Clock, &view, m, writings, may)
		view.Arrange = arrangeBox(m, view.Noted, may)
		if may && len(view.Actions) > 0 {
			if view.Issuable, err = s.makesIssues(ctx, v, m); err != nil {
				return err
			}
		}
		if len(meetings) > 1 {
			view.Title, view.When = m.Title, p.Clock.Span(m.StartedAt, m.EndedAt, m.SessionZone)
		}
		e.Meetings = append(e.Meetings, view)
	}
	if e.Answered, err = s.answersKept(ctx, v, session, e.Meetings); err != nil {
		return err
	}
	first, last := meetings[0], meetings[len(meetings)-1]
	if e.Spot = session.Spot; !e.Spot && elsewhen(session, first.StartedAt, last.EndedAt) {
		planned := p.When
		e.Planned = &planned
	}
	p.When = p.Clock.Span(first.StartedAt, last.EndedAt, session.Zone)
	p.Length = chart.Length(last.EndedAt.Sub(first.StartedAt))
	return nil
}

// fillLeft fills in what a session left behind: the rest of its agenda, and how
// its actions stand now; may is whether the reader chairs it.
func (s *Server) fillLeft(r *http.Request, p *templates.SessionPage, e *templates.SessionEnded) (today map[hackfest.ItemID]*templates.OpenAction, may bool, err error) {
	ctx, v, x := r.Context(), viewerOf(r), p.Session
	items, err := s.Store.Agenda(ctx, v, x.ID)
	if err != nil {
		return nil, false, err
	}
	by, err := s.speakerOf(r, x, nil)
	if err != nil {
		return nil, false, err
	}
	e.Agenda = s.agendaBox(p.Clock, x, items, false)
	if by.chair {
		if e.Carry, err = s.carryBox(ctx, v, p.Clock, x, items); err != nil {
			return nil, false, err
		}
	}
	rows, list, err := s.actionsHere(r, p.Clock, x.Slug, store.ActionFilter{Session: x.Slug})
	today = map[hackfest.ItemID]*templates.OpenAction{}
	for i := range rows {
		today[list[i].ID] = &rows[i]
	}
	return today, by.chair, err
}

// aboutThen is how far a session may be from its plan before that is said.
const aboutThen = 10 * time.Minute

// elsewhen reports whether a session was not held when it was planned.
func elsewhen(x hackfest.Session, started, ended time.Time) bool {
	return x.StartsAt.Sub(started).Abs() > aboutThen || x.EndsAt.Sub(ended).Abs() > aboutThen
}

// neighbours fills in the sessions before and after x in its series, or on its
// target.
func (s *Server) neighbours(ctx context.Context, v person.Viewer, c ui.Clock, x hackfest.Session, e *templates.SessionEnded) error {
	before, after, err := s.around(ctx, v, x)
	if before != nil {
		e.Before = &templates.LogLink{Href: templates.SessionURL(before.Slug), Text: "← " + c.Day(before.StartsAt, before.Zone).Text}
	}
	if after != nil {
		e.After = &templates.LogLink{Href: templates.SessionURL(after.Slug), Text: c.Day(after.StartsAt, after.Zone).Text + " →"}
	}
	return err
}

// anythingSaid reports whether the channel has lines of the session's time.
func (s *Server) anythingSaid(ctx context.Context, v person.Viewer, session hackfest.Session) (bool, error) {
	lines, err := s.Store.Lines(ctx, v, store.LineQuery{ChannelID: session.ChannelID, From: session.StartsAt, To: session.EndsAt, Limit: 1})
	return len(lines) > 0, err
}

// minutesView makes the minutes of a meeting ready to be shown.
func (s *Server) minutesView(ctx context.Context, v person.Viewer, c ui.Clock, m hackfest.Meeting, today map[hackfest.ItemID]*templates.OpenAction) (templates.MinutesView, error) {
	mins, err := s.Store.Minutes(ctx, v, m.Ref)
	if err != nil {
		return templates.MinutesView{}, err
	}
	view, err := s.viewOf(ctx, v, c, m, mins, today)
	if err != nil || m.Revision < 3 {
		return view, err
	}
	history, err := s.Store.Publications(ctx, v, []hackfest.Ref{m.Ref})
	for _, p := range slices.Backward(history[m.Ref]) {
		if p.Number > 1 && p.Number < m.Revision {
			view.Earlier = append(view.Earlier, templates.DatedNote{At: c.Day(p.At, m.SessionZone), Note: p.Note})
		}
	}
	return view, err
}

// viewOf makes mins, of meeting m, ready to be shown: those that stand, old ones,
// or some that are to be published.
func (s *Server) viewOf(ctx context.Context, v person.Viewer, c ui.Clock, m hackfest.Meeting, mins minutes.Minutes, today map[hackfest.ItemID]*templates.OpenAction) (templates.MinutesView, error) {
	pulse, err := s.Store.Pulse(ctx, v, m.ChannelID, m.Ref, m.LastRef)
	if err != nil {
		return templates.MinutesView{}, err
	}
	listed, err := s.listed(ctx, m.Network, nicksOf(mins))
	if err != nil {
		return templates.MinutesView{}, err
	}
	w := minutesWriter{clock: c, zone: m.SessionZone, listed: listed}
	id := m.Ref.String()
	view := templates.MinutesView{
		ID: "m-" + id, Silence: m.EndedBy == "silence", Summary: minutes.Paragraphs(m.Summary),
		Chairs: listed.all(mins.Chairs), Present: present(mins), Length: chart.Length(m.EndedAt.Sub(m.StartedAt)),
		Forms: forms("/meetings/" + id), Decisions: w.decisions(mins), Actions: w.actions(mins, today), Topics: w.topics(mins),
		Problems: mins.Diagnostics, Members: m.Visibility == person.MembersOnly, Regrets: listed.all(mins.Regrets),
		Held: heldWords(m, s.locate(m.SessionZone)),
	}
	for _, i := range mins.Issues {
		view.Issues = append(view.Issues, templates.LogLink{Href: hackfest.IssueRef(i).Page(s.gitHubWeb()), Text: i.Repo + "#" + strconv.Itoa(i.Number)})
	}
	for _, t := range mins.Topics {
		view.Noted += len(t.Standing())
	}
	view.Forms = append(view.Forms, templates.LogLink{Href: templates.SessionURL(m.SessionSlug) + "/log", Text: "log"},
		templates.LogLink{Href: templates.SessionURL(m.SessionSlug) + "/log.txt", Text: "log as text"},
		templates.LogLink{Href: templates.SessionURL(m.SessionSlug) + ".ics", Text: "calendar"})
	view.Log = templates.LogLink{Href: templates.LineURL(m.Ref), Text: "Log"}
	view.Votes = votesOf(mins)
	view.People, view.Listened = w.spoke(mins)
	if m.Revision > 0 {
		published := c.Day(m.PublishedAt, m.SessionZone)
		view.Published, view.Corrected = &published, m.Note
	}
	view.Pulse = w.pulse(m, mins, pulse)
	return view, nil
}

// heldWords is when m was, with the full date and the zone whoever reads it and when.
func heldWords(m hackfest.Meeting, zone *time.Location) string {
	const day = "Monday 2 January 2006, "
	a, b := m.StartedAt.In(zone), m.EndedAt.In(zone)
	if a.YearDay() == b.YearDay() && a.Format("MST") == b.Format("MST") {
		return a.Format(day+"15:04") + "–" + b.Format("15:04 MST")
	}
	return a.Format(day+"15:04 MST") + " to " + b.Format(day+"15:04 MST")
}

// forms are the other renderings of minutes at path.
func forms(path string) []templates.LogLink {
	return []templates.LogLink{{Href: path + ".txt", Text: "text"}, {Href: path + ".md", Text: "Markdown"}, {Href: path + ".json", Text: "JSON"}}
}

// nicksOf are all who may be named in m.
func nicksOf(m minutes.Minutes) []string {
	nicks := append(slices.Clone(m.Chairs), m.Regrets...)
	for _, p := range m.Present {
		nicks = append(nicks, p.Nick)
	}
	for _, i := range m.Items {
		nicks = append(nicks, i.Owners...)
	}
	return nicks
}

// present says how many people spoke and took actions.
func present(m minutes.Minutes) string {
	people, _ := m.People()
	took := 0
	for _, a := range m.ActionsByOwner() {
		if a.Owner != "" {
			took++
		}
	}
	return fmt.Sprintf("%d spoke, %d took an action", len(people), took)
}

// spoke lists who spoke, the most talkative first, and says who kept the log.
func (w minutesWriter) spoke(m minutes.Minutes) (list []templates.PersonRow, rest string) {
	people, bots := m.People()
	slices.SortStableFunc(people, func(a, b minutes.Person) int { return b.Lines - a.Lines })
	for _, p := range people {
		list = append(list, templates.PersonRow{Who: w.listed.who(p.Nick), Lines: p.Lines})
	}
	var names []string
	for _, b := range bots {
		names = append(names, ui.Visible(b.Nick))
	}
	if len(names) > 0 {
		rest = some(names) + " kept the log."
	}
	return list, rest
}

// minutesWriter makes rows of minutes.
type minutesWriter struct {
	clock  ui.Clock
	zone   string      // IANA name; for readers without one
	listed listedNicks // who has a page
}

func (w minutesWriter) item(i minutes.Item) templates.ItemRow {
	row := templates.ItemRow{
		At: w.clock.Minute(i.At.Time, w.zone), Href: templ.SafeURL(templates.LineURL(i.LineID)), Text: ui.Said(i.Text),
		Gone: i.Redacted,
	}
	if i.Kind == meeting.Link && !i.Redacted {
		row.Link = linkBit(i.URL)
	}
	if !i.Due.IsZero() {
		row.Due = "due " + i.Due.Format("Mon 2 Jan")
	}
	return row
}

func (w minutesWriter) decisions(m minutes.Minutes) []templates.ItemRow {
	var rows []templates.ItemRow
	for _, i := range m.DecisionItems() {
		row := w.item(i)
		if i.Kind == meeting.Rejected {
			row.Text = append([]ui.Bit{{Text: "rejected: "}}, row.Text...)
		}
		rows = append(rows, row)
	}
	return rows
}

func (w minutesWriter) actions(m minutes.Minutes, today map[hackfest.ItemID]*templates.OpenAction) []templates.ActionRow {
	var rows []templates.ActionRow
	for _, i := range m.Items {
		if i.Kind != meeting.Action {
			continue
		}
		row := templates.ActionRow{Who: w.listed.all(i.Owners), Item: w.item(i), Now: today[i.ID]}
		if !i.Due.IsZero() {
			row.Due = i.Due.Format("2 Jan 2006")
		}
		rows = append(rows, row)
	}
	return rows
}

// topics numbers the topics as the pulse does; subtopics go with theirs.
func (w minutesWriter) topics(m minutes.Minutes) []templates.TopicView {
	var views []templates.TopicView
	number := 0
	for _, t := range m.Topics {
		view := templates.TopicView{
			ID: templates.TopicElement(t.ID.String()), At: w.clock.Minute(t.StartedAt.Time, w.zone), Sub: t.Subtopic,
			Href: templ.SafeURL(templates.LineURL(t.ID.Ref)),
		}
		if t.Title != "" {
			number++
			view.Title = fmt.Sprintf("%d. %s", number, ui.Visible(t.Title))
		}
		for _, i := range t.Standing() {
			row := w.item(i)
			row.ID, row.Kind = templates.ItemElement(i.ID.String()), string(i.Kind)
			view.Items = append(view.Items, row)
		}
		if view.Title != "" || len(view.Items) > 0 {
			views = append(views, view)
		}
	}
	return views
}

// pulse draws the talk of a meeting.
func (w minutesWriter) pulse(m hackfest.Meeting, mins minutes.Minutes, said hackfest.Pulse) chart.Pulse {
	var topics []chart.Topic
	var deeds []chart.Deed
	for _, t := range mins.Topics {
		topics = append(topics, chart.Topic{At: t.StartedAt.Time, Name: ui.Visible(t.Title), Href: "#" + templates.TopicElement(t.ID.String())})
		for _, i := range t.Standing() {
			if i.Kind != meeting.Action && !i.Kind.Decision() {
				continue
			}
			deeds = append(deeds, chart.Deed{
				At: i.At.Time, Decision: i.Kind.Decision(), Label: string(i.Kind) + ": " + ui.Visible(i.Text),
				Href: "#" + templates.ItemElement(i.ID.String()),
			})
		}
	}
	zone := w.clock.In(m.StartedAt, w.zone).Location()
	return chart.NewPulse(m.StartedAt, m.EndedAt, minutesOf(said), topics, deeds, zone, hours(w.clock))
}

// lastMinutes is the meeting whose minutes a session's addresses lead to: the
// last published, else the last held.
func lastMinutes(meetings []hackfest.Meeting) (hackfest.Meeting, error) {
	for _, m := range slices.Backward(meetings) {
		if m.Revision > 0 {
			return m, nil
		}
	}
	if len(meetings) == 0 {
		return hackfest.Meeting{}, fault.New(fault.NotFound, "No meeting was held in this session, so there are no minutes.")
	}
	return meetings[len(meetings)-1], nil
}

// freshFor is how long after its id was given out a meeting may still be on its
// way to the database.
const freshFor = 24 * time.Hour

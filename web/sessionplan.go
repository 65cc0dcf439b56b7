package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/schedule"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// newSessionPlan is the form of a session that belongs to no series; proposed says
// that it waits for a chair.
func (s *Server) newSessionPlan(r *http.Request, proposed bool) (intent, error) {
	f, err := s.planFrame(r, "A new session")
	if err != nil {
		return intent{}, err
	}
	zone := s.community()
	if f.Clock.Zone != nil && proposed {
		zone = f.Clock.Zone.String()
	}
	fields := templates.SessionFields{
		Kind: string(hackfest.KindHackfest), Visibility: string(person.Public), Zone: zone, Target: r.URL.Query().Get("target"),
		Date: f.Clock.Now.In(s.locate(zone)).AddDate(0, 0, 7).Format(time.DateOnly), Time: "18:00", Length: "120",
		Proposed: proposed, Chair: actorOf(r).Name,
	}
	if fields.Channels, fields.Targets, err = s.planChoices(r); err != nil {
		return intent{}, err
	}
	fields.Zones = s.zoneList(f.Clock.Now, zone)
	p := intent{
		page: templates.PlanPage{
			Frame: f, Heading: "A one-off session", Path: "/sessions/new", Back: "/schedule", Button: "Make the session",
			Lead: "One date that belongs to no series. You see what it does before it is made.",
		},
		fields: func(form ui.Form) templ.Component { return templates.SessionForm(form, fields) },
	}
	if proposed {
		p.page.Heading, p.page.Path, p.page.Button = "Propose a session", "/sessions/propose", "Propose it"
		p.page.Lead = "It is in no calendar until somebody chairs it. Whoever will, says so on its page; that may be you."
	}
	return p, nil
}

// showNewSession answers GET /sessions/new.
func (s *Server) showNewSession(w http.ResponseWriter, r *http.Request) error {
	p, err := s.newSessionPlan(r, false)
	if err != nil {
		return err
	}
	return s.showPlan(w, r, p)
}

// showPropose answers GET /sessions/propose.
func (s *Server) showPropose(w http.ResponseWriter, r *http.Request) error {
	p, err := s.newSessionPlan(r, true)
	if err != nil {
		return err
	}
	return s.showPlan(w, r, p)
}

// addSession answers POST /sessions/new.
func (s *Server) addSession(w http.ResponseWriter, r *http.Request) error {
	return s.makeSession(w, r, hackfest.StateScheduled)
}

// proposeSession answers POST /sessions/propose.
func (s *Server) proposeSession(w http.ResponseWriter, r *http.Request) error {
	return s.makeSession(w, r, hackfest.StateProposed)
}

// makeSession makes the session that a form asks for.
func (s *Server) makeSession(w http.ResponseWriter, r *http.Request, state hackfest.SessionState) error {
	form, err := planForm(r)
	if err != nil {
		return err
	}
	p, err := s.newSessionPlan(r, state == hackfest.StateProposed)
	if err != nil {
		return err
	}
	x, err := s.typedSession(r, form)
	host, errHost := s.typedHost(r.Context(), form)
	err = errors.Join(err, errHost)
	var chairs []person.Account
	if state == hackfest.StateScheduled {
		var errChairs error
		chairs, errChairs = s.typedChairs(r.Context(), form)
		err = errors.Join(err, errChairs)
		p.wanted = hackfest.Wanted{Network: x.Network, Channel: x.Channel, StartsAt: x.StartsAt, EndsAt: x.EndsAt, Chairs: chairIDs(chairs)}
		p.wanted.Zone = x.Zone
	}
	if err != nil && !mendable(err) {
		return err
	}
	x.State, p.wrong = state, err
	p.preview = func(v *templates.PlanPreview) error {
		v.Facts = s.sessionFacts(p.page.Clock, x)
		v.Dates, v.Notes = s.oneDate(p.page.Clock, x), s.onceNotes(p.page.Clock, form)
		if state == hackfest.StateProposed {
			ribbon, err := s.planRibbon(r.Context(), p.page.Clock, x)
			v.Ribbon = &ribbon
			v.Told = []templates.PlanTold{{Where: "Pages", What: "the schedule and its own, as a proposal", When: "at once"}, {Where: "Channels, calendars and feeds", What: "nothing until somebody chairs it", When: ""}}
			return err
		}
		v.Facts = append(v.Facts, chairFact(chairs))
		if f, named := host.fact(""); named {
			v.Facts = append(v.Facts, f)
		}
		shown := x
		shown.Slug = hackfest.SessionSlug(x.StartsAt.In(s.locate(x.Zone)), x.Title)
		return s.sessionPreview(r, v, p.page.Clock, shown, "")
	}
	p.do = func(ctx context.Context, tx *store.Store, overlap bool) (done, error) {
		x.OverlapOK = overlap
		id, err := tx.AddSession(ctx, x, s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		made, err := tx.SessionByID(ctx, viewerOf(r), id)
		if err != nil {
			return done{}, err
		}
		for _, c := range chairs {
			if err := tx.AddSessionChair(ctx, c.ID, made.Slug, s.Now()); err != nil {
				return done{}, err
			}
		}
		if made.Host = host.name; host.id != 0 {
			if err := tx.NameHost(ctx, made.Slug, host.id); err != nil {
				return done{}, err
			}
		}
		d := done{To: templates.SessionURL(made.Slug), Said: "The session is on the schedule.", Undo: undo(templates.SessionURL(made.Slug)+"/cancel", made.Revision, url.Values{"reason": {"planned by mistake"}})}
		if state == hackfest.StateProposed {
			d.Said, d.Undo = "It is proposed. Now it needs a chair.", ""
		}
		return d, s.audit(ctx, tx, r, "add session", made.Slug, nil, sessionAudit(made))
	}
	return s.answerPlan(w, r, form, p)
}

// typedSession is the session that a form asks for.
func (s *Server) typedSession(r *http.Request, form url.Values) (hackfest.Session, error) {
	var x hackfest.Session
	var words error
	x.Title, x.Goal, x.Kind, x.Visibility, words = typedWords(form, "goal")
	x.TargetSlug = form.Get("target")
	target := s.typedTarget(r.Context(), x.TargetSlug)
	when := s.typedTime(r, form, &x)
	return x, errors.Join(words, target, when)
}

// typedTime reads when and where a session is to be.
func (s *Server) typedTime(r *http.Request, form url.Values, x *hackfest.Session) error {
	day, errDay := typedDay(form, "date")
	clock, errClock := typedClock(form)
	zone, errZone := s.typedZone(form.Get("zone"))
	length, errLength := typedLength(form)
	channel, errChannel := s.typedChannel(r, form)
	x.Network, x.Channel, x.ChannelPath, x.ChannelID, x.Zone = channel.Network, channel.Name, channel.Path, channel.ID, zone
	err := errors.Join(errDay, errClock, errZone, errLength, errChannel)
	if err != nil {
		return err
	}
	x.StartsAt = schedule.Instant(day.Add(clock), s.locate(zone)).UTC()
	x.EndsAt = x.StartsAt.Add(length)
	if !x.StartsAt.After(s.Now()) {
		return fault.On("date", "That time is over. Choose one that is still to come.")
	}
	return nil
}

// onceNotes says when a change of the clocks touches the time that was typed.
func (s *Server) onceNotes(c ui.Clock, form url.Values) []string {
	day, err := typedDay(form, "date")
	clock, err2 := typedClock(form)
	zone, err3 := s.typedZone(form.Get("zone"))
	if errors.Join(err, err2, err3) != nil {
		return nil
	}
	wall := day.Add(clock)
	if n, ok := schedule.NoteOn(schedule.Occurrence{Wall: wall, Start: schedule.Instant(wall, s.locate(zone))}); ok {
		return []string{noteWords(c, n)}
	}
	return nil
}

// sessionFacts are a session in words.
func (s *Server) sessionFacts(c ui.Clock, x hackfest.Session) []templates.PlanFact {
	facts := []templates.PlanFact{
		{Name: "Title", Text: ui.Visible(x.Title)},
		{Name: "Kind", Text: string(x.Kind)},
		{Name: "When", Text: s.spanWords(c, x)},
		{Name: "Where", Text: x.Channel + " on " + x.Network},
	}
	if x.TargetSlug != "" {
		facts = append(facts, templates.PlanFact{Name: "Target", Text: x.TargetSlug})
	}
	if x.Goal != "" {
		facts = append(facts, templates.PlanFact{Name: "Goal", Text: ui.Visible(x.Goal)})
	}
	if x.Visibility == person.MembersOnly {
		facts = append(facts, templates.PlanFact{Name: "Seen by", Text: "members"})
	}
	return facts
}

// spanWords is when a session is, in the zone it is planned in.
func (s *Server) spanWords(c ui.Clock, x hackfest.Session) string {
	zone := s.locate(x.Zone)
	return x.StartsAt.In(zone).Format("Mon 2 Jan 2006, "+hours(c)) + "–" + x.EndsAt.In(zone).Format(hours(c)) + ", " + zoneHead(x.Zone)
}

// oneDate shows the time of one session in the zones that matter.
func (s *Server) oneDate(c ui.Clock, x hackfest.Session) *templates.PlanDates {
	zones := s.planZones(c, x.Zone)
	d := &templates.PlanDates{Caption: "When it starts", Columns: []string{"Date"}}
	row := []string{x.StartsAt.In(s.locate(x.Zone)).Format("Mon 2 Jan 2006")}
	for _, z := range zones {
		d.Columns, row = append(d.Columns, zoneHead(z)), append(row, s.inZone(c, x.StartsAt, z, x.Zone))
	}
	d.Rows = [][]string{row}
	return d
}

// sessionPreview adds to a preview in whose night x is, and who is told; said is
// what the channel is told at once.
func (s *Server) sessionPreview(r *http.Request, v *templates.PlanPreview, c ui.Clock, x hackfest.Session, said string) error {
	if x.State != hackfest.StateCancelled {
		ribbon, err := s.planRibbon(r.Context(), c, x)
		if err != nil {
			return err
		}
		v.Ribbon = &ribbon
	}
	if v.Late == "" {
		v.Late = soonWords(c, x.StartsAt)
	}
	var err error
	v.Told, err = s.told(r, x, said)
	return err
}

// sessionAudit are the facts of a session for the audit log.
func sessionAudit(x hackfest.Session) map[string]any {
	return map[string]any{
		"title": x.Title, "state": x.State, "starts": x.StartsAt, "ends": x.EndsAt, "zone": x.Zone, "channel": x.Network + " " + x.Channel,
		"target": x.TargetSlug, "reason": x.Reason, "host": x.Host,
	}
}

// sessionPlan is a form about the session in the path, which must not have begun.
func (s *Server) sessionPlan(r *http.Request, heading, path string) (intent, hackfest.Session, error) {
	x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return intent{}, x, err
	}
	f, err := s.planFrame(r, heading)
	if err != nil {
		return intent{}, x, err
	}
	at := templates.SessionURL(x.Slug)
	p := intent{page: templates.PlanPage{
		Frame: f, Crumb: &templates.LogLink{Href: at, Text: x.Title + ", " + f.Clock.Weekday(x.StartsAt, x.Zone).Text}, Heading: heading,
		Path: at + path, Back: at, Revision: revised(x.Revision),
	}}
	p.page.Closed, err = s.closed(r, x)
	p.now = func() (url.Values, int, error) {
		is, err := s.Store.Session(r.Context(), viewerOf(r), x.Slug)
		local := is.StartsAt.In(s.locate(is.Zone))
		return url.Values{
			"title": {is.Title}, "goal": {is.Goal}, "target": {is.TargetSlug}, "date": {local.Format(time.DateOnly)}, "time": {local.Format(clockLayout)},
			"zone": {is.Zone}, "length": {lasts(is.EndsAt.Sub(is.StartsAt))}, "channel": {is.Network + "/" + is.ChannelPath}, "reason": {is.Reason},
		}, is.Revision, err
	}
	return p, x, err
}

// closed is why nothing about the plan of x can be changed any more; "" while it
// can.
func (s *Server) closed(r *http.Request, x hackfest.Session) (string, error) {
	if x.SeriesSlug != "" {
		series, err := s.Store.Series(r.Context(), viewerOf(r), x.SeriesSlug)
		if fault.KindOf(err) == fault.NotFound {
			err = nil // it is hidden; its session is not
		}
		if err != nil || series.Foreign != "" {
			return foreign(series.Foreign), err
		}
	}
	switch {
	case x.Held > 0:
		return "It has begun. What has been stays as it was.", nil
	case !s.Now().Before(x.EndsAt):
		return "Its time is over. What has been stays as it was.", nil
	}
	return "", nil
}

package web

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// readyNow is what the store knows of who comes to a session and how it is
// prepared.
type readyNow struct {
	hackfest.Readiness
	answers answersNow
	names   map[string]hackfest.RSVP // by RSVP.Who
	notes   map[string]string        // machines by RSVP.Who; nil for who may not know
}

// tickerOf is who the reader of r is among those who come to x: by their account,
// or by the answer that was given in their browser. false is nobody.
func (s *Server) tickerOf(r *http.Request, x hackfest.Session) (hackfest.Ticker, bool, error) {
	if a := actorOf(r); a.SignedIn() {
		return hackfest.Ticker{Who: hackfest.WhoPerson(a.ID), Person: a.ID}, true, nil
	}
	browser := s.browserOf(r)
	if browser == nil {
		return hackfest.Ticker{}, false, nil
	}
	mine, err := s.Store.MyAnswer(r.Context(), viewerOf(r), x.ID, browser)
	if fault.KindOf(err) == fault.NotFound || err == nil && !mine.RemovedAt.IsZero() {
		return hackfest.Ticker{}, false, nil
	}
	return hackfest.Ticker{Who: mine.Who, Person: mine.PersonID}, err == nil, err
}

// readiness reads how x is prepared, and who comes if that is for its own sake or
// to be told with it. Whoever hosts, chairs or maintains is inner.
func (s *Server) readiness(ctx context.Context, v person.Viewer, x hackfest.Session, inner, who bool) (n readyNow, err error) {
	if n.Readiness, err = s.Store.Readiness(ctx, v, x.ID); err != nil || len(n.Items) == 0 && !who {
		return n, err
	}
	if n.answers, err = s.answersTo(ctx, v, x, inner); err != nil || len(n.Items) == 0 {
		return n, err
	}
	n.names = make(map[string]hackfest.RSVP, len(n.answers.list))
	for _, a := range n.answers.list {
		n.names[a.Who] = a
	}
	if inner {
		n.notes, err = s.Store.Machines(ctx, v, x.ID)
	}
	return n, err
}

// fillReady fills in who comes to the session of p and how it is prepared.
func (s *Server) fillReady(r *http.Request, p *templates.SessionPage) error {
	if p.Session.State == hackfest.StateCancelled {
		return nil
	}
	inner, err := s.looksAfter(r, p.Session)
	if err != nil {
		return err
	}
	n, err := s.readiness(r.Context(), viewerOf(r), p.Session, inner, p.Before != nil)
	if err != nil {
		return err
	}
	if p.Before != nil {
		p.Before.Who = n.answers.view(p.Session)
	}
	p.Ready, err = s.readyBox(r, p.Clock, p.Session, n)
	return err
}

// readyBox is n, the readiness of x, as its page shows it to the reader of r.
func (s *Server) readyBox(r *http.Request, c ui.Clock, x hackfest.Session, n readyNow) (templates.ReadyBox, error) {
	me, known, err := s.tickerOf(r, x)
	if err != nil || len(n.Items) == 0 {
		return templates.ReadyBox{}, err
	}
	b := templates.ReadyBox{Ready: n.Ready, Coming: len(n.People), Lacking: lacking(n.Readiness), Notes: n.notes != nil, Over: sessionOver(x, c.Now)}
	b.Checklist, b.Command = checklistOf(n.Items), s.nurseCommand(x, n.Items)
	if !known && !b.Over {
		b.Ask, b.AskHref = "Say that you come, and you can tick here what you have done.", templates.SessionURL(x.Slug)+"#rsvp"
	}
	mine := n.Ticks[me.Who]
	live := x.Status(c.Now) == hackfest.StatusLive // then what all have is out of the way
	for _, i := range n.Items {
		if live && len(n.People) > 0 && i.Well == len(n.People) {
			continue
		}
		b.Rows = append(b.Rows, readyRow(c, x, i, len(n.People), mine, known && !b.Over))
	}
	for _, p := range n.People {
		b.People = append(b.People, n.person(c, x, p))
	}
	return b, nil
}

// lacking says what most of those who come lack.
func lacking(n hackfest.Readiness) string {
	if len(n.People) == 0 || n.Ready == len(n.People) {
		return ""
	}
	var most hackfest.ReadyItem
	for _, i := range n.Items {
		if i.Mandatory && (most.ID == 0 || i.Well < most.Well) {
			most = i
		}
	}
	if most.ID == 0 {
		return ""
	}
	k := len(n.People) - most.Well
	if k == 1 {
		return "One lacks: " + trimDot(most.Text) + "."
	}
	return strconv.Itoa(k) + " lack: " + trimDot(most.Text) + "."
}

func trimDot(text string) string { return strings.TrimSuffix(text, ".") }

// tickStates are how people stand, as pages show it.
var tickStates = map[hackfest.CheckState]ui.State{
	hackfest.CheckWell:    {Class: "ok", Icon: "tick", Text: "well"},
	hackfest.CheckAspirin: {Class: "soon", Icon: "warn", Text: "aspirin"},
	hackfest.CheckSplint:  {Class: "soon", Icon: "warn", Text: "splint"},
	hackfest.CheckDead:    {Class: "live", Icon: "warn", Text: "dead on arrival"},
	hackfest.CheckUnknown: {Class: "off", Icon: "square", Text: "not looked at"},
}

// readyRow is one item; may says that the reader can tick it.
func readyRow(c ui.Clock, x hackfest.Session, i hackfest.ReadyItem, coming int, mine map[hackfest.CheckItemID]hackfest.CheckTick, may bool) templates.ReadyRow {
	id := strconv.FormatInt(int64(i.ID), 10)
	row := templates.ReadyRow{
		ID: "check-" + id, Text: ui.Visible(i.Text), Advice: ui.Visible(i.Advice), Mandatory: i.Mandatory, Auto: i.Check != nil,
		Lesson: lessonBehind(c, i.CheckItem), Well: i.Well, Of: coming,
	}
	switch {
	case i.Bad == 1:
		row.Caught = "one is not well with it"
	case i.Bad > 1:
		row.Caught = strconv.Itoa(i.Bad) + " are not well with it"
	}
	if t, ok := mine[i.ID]; ok {
		state := tickStates[t.State]
		row.Mine, row.Note, row.State = string(t.State), ui.Visible(t.Note), &state
	}
	if may {
		row.Tick = &templates.ReadyTick{Path: templates.SessionURL(x.Slug) + "/checks/" + id, Done: row.Mine == string(hackfest.CheckWell), Form: newForm("check-" + id)}
	}
	return row
}

// lessonBehind is why an item is on a checklist; nil for what people just wrote.
func lessonBehind(c ui.Clock, i hackfest.CheckItem) *templates.LessonBehind {
	if i.LessonText == "" {
		return nil
	}
	l := &templates.LessonBehind{State: ui.LessonState(i.LessonKind), Text: "the lesson"}
	if !i.SessionAt.IsZero() {
		l.Text = "lesson of " + c.Day(i.SessionAt, "UTC").Text
	}
	if i.LessonText != i.Text {
		l.Says = ui.Visible(i.LessonText)
	}
	if i.LessonRetired {
		l.Retired = lessonURL(i.LessonID)
	}
	if !i.LineRef.IsZero() {
		l.Href = templates.LineURL(i.LineRef)
	}
	if i.SessionSlug != "" {
		l.About = templates.SessionURL(i.SessionSlug)
	}
	return l
}

// person is one of those who come, in the table.
func (n readyNow) person(c ui.Clock, x hackfest.Session, p hackfest.ReadyPerson) templates.ReadyPerson {
	a := n.names[p.Who]
	row := templates.ReadyPerson{Unnamed: a.Nick == "", Ready: p.Ready, Never: p.At.IsZero(), Machine: ui.Visible(n.notes[p.Who])}
	if a.Nick != "" {
		row.Who = n.answers.who(a)
	}
	if !row.Never {
		row.At = c.Minute(p.At, x.Zone)
	}
	for _, id := range p.Missing {
		at := slices.IndexFunc(n.Items, func(i hackfest.ReadyItem) bool { return i.ID == id })
		text := ui.Visible(n.Items[at].Text)
		if t, ok := p.Ticks[id]; ok && n.notes != nil && t.Note != "" {
			text += ": " + ui.Visible(t.Note)
		}
		row.Missing = append(row.Missing, text)
	}
	return row
}

// checklistOf is where the checklist is that items come from: that of their
// target, else of their series, else that for all.
func checklistOf(items []hackfest.ReadyItem) string {
	for _, scope := range []hackfest.ChecklistScope{hackfest.ChecklistTarget, hackfest.ChecklistSeries, hackfest.ChecklistAll} {
		for _, i := range items {
			if i.List.Scope == scope {
				return templates.ChecklistURL(i.ListPath)
			}
		}
	}
	return ""
}

// nurseCommand is what examines a machine for x; "" when no program can look at
// anything.
func (s *Server) nurseCommand(x hackfest.Session, items []hackfest.ReadyItem) string {
	if !slices.ContainsFunc(items, func(i hackfest.ReadyItem) bool { return i.Check != nil }) {
		return ""
	}
	if x.TargetSlug == "" {
		return ""
	}
	return s.nurse(x.TargetSlug) + " --report"
}

// nurse is what somebody types to have their machine looked at, for the checklist
// with this slug; "" is for none in particular.
func (s *Server) nurse(checklist string) string {
	command := "hackfest nurse --portal " + s.BaseURL
	if checklist != "" {
		command += " --target " + checklist
	}
	return command
}

// sendReady sends who comes to the session and how it is prepared, if that has
// changed.
func (t *stream) sendReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.s.storeTime())
	defer cancel()
	t.rows.clock.Now = t.s.Now()
	inner := t.reader.actor.SignedIn() && person.Can(t.reader.actor, person.RemoveAnswer, t.reader.object) == nil
	who := t.page.status != hackfest.StatusLive // on a live page who comes is there to be seen
	now, err := t.s.sharedReady(ctx, t.viewer, t.session, inner, who)
	if err != nil {
		return t.trouble(unavailable(ctx, err))
	}
	if t.ready != nil && reflect.DeepEqual(now, *t.ready) {
		return nil
	}
	var parts []templ.Component
	if who {
		parts = append(parts, templates.WhoComesPart(now.answers.view(t.session), rsvpURL(t.session)))
	}
	if len(now.Items) > 0 || t.ready != nil && len(t.ready.Items) > 0 {
		box, err := t.s.readyBox(t.reader.r.WithContext(ctx), t.rows.clock, t.session, now)
		if err != nil {
			return t.trouble(unavailable(ctx, err))
		}
		parts = append(parts, templates.ReadyParts(box))
	}
	t.ready = &now
	if len(parts) == 0 {
		return nil
	}
	html, err := t.part(ctx, templ.Join(parts...))
	if err != nil {
		return err
	}
	return t.event("parts", "", html)
}

// tickByHand answers POST /sessions/{session}/checks/{check}: somebody who takes
// part says that they have done it, or have not; also without an account, from the
// browser in which they said that they come.
func (s *Server) tickByHand(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	x, err := s.tickedSession(r)
	if err != nil {
		return err
	}
	i, err := s.sessionCheck(r, x)
	if err != nil {
		return err
	}
	me, known, err := s.tickerOf(r, x)
	if err != nil {
		return err
	}
	if !known {
		return fault.New(fault.SignIn, "Say on the session’s page that you come, or sign in; then you can tick what you have done.")
	}
	state := form.Get("state")
	if state != "none" && state != string(hackfest.CheckWell) {
		return fault.On("state", "By hand an item is ticked, with well, or not, with none.")
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		d := done{To: readyURL(x), Said: "Done: " + trimDot(i.Text) + "."}
		if state == "none" {
			d.Said = "Not done yet: " + trimDot(i.Text) + "."
			return d, tx.Untick(ctx, x.ID, me, i.ID)
		}
		return d, tx.TickChecks(ctx, x.ID, me, []hackfest.CheckTick{{Item: i.ID, State: hackfest.CheckWell, Via: hackfest.ViaHand, At: s.Now().UTC()}})
	})
}

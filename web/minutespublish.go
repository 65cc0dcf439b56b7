package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// longestNote is how many characters the note of a correction may have.
const longestNote = 300

// showPublish answers GET /meetings/{meeting}/publish: what goes where when the
// draft is published.
func (s *Server) showPublish(w http.ResponseWriter, r *http.Request) error {
	d, err := s.deskingOf(r)
	if err != nil {
		return err
	}
	p, err := s.publishPage(r, d, newForm(""))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Publish(p))
}

// publishPage is the page before minutes are published.
func (s *Server) publishPage(r *http.Request, d desking, form ui.Form) (templates.PublishPage, error) {
	m := d.meeting
	f, err := s.frame(r, "Publish minutes: "+meetingTitle(m))
	if err != nil {
		return templates.PublishPage{}, err
	}
	f.NoIndex, f.Section = true, "/minutes"
	out, draft, wrong := s.Store.FinishedMinutes(r.Context(), viewerOf(r), m.Ref)
	if wrong != nil && !mendable(wrong) {
		return templates.PublishPage{}, wrong
	}
	d.draft = draft
	p := templates.PublishPage{
		Frame: f, Name: meetingTitle(m), Edit: editURL(m.Ref), Path: publishURL(m.Ref), Form: form, Revision: d.draft.Revision, Number: d.draft.Number,
		Members: m.Visibility == person.MembersOnly, URL: s.BaseURL + "/meetings/" + m.Ref.String(), Title: meetingTitle(m),
		Unowned: out.Unowned(), NoteMax: longestNote,
		May: person.Can(actorOf(r), person.PublishMinutes, person.Object{}) == nil,
	}
	for _, e := range fault.All(wrong) {
		p.Problems = append(p.Problems, templates.LogLink{Href: editURL(m.Ref) + "#f-" + e.Field, Text: d.labelOf(e.Field, d.draft.Fields) + ": " + e.Message})
	}
	for _, x := range d.unlooked() {
		p.Problems = append(p.Problems, templates.LogLink{Href: editURL(m.Ref) + "#suspects", Text: d.suspectWords(x)})
	}
	m.Summary, m.Decisions, m.Actions, m.Lessons = out.Summary, len(out.Decisions), len(out.Actions), len(out.Lessons)
	p.Summary = cmp.Or(firstLine(m.Summary), "Without a summary. "+meetingCounts(m))
	if d.draft.Number > 0 {
		p.Changes = changeRows(minutes.Changes(d.draft.Written.Parts(), out.Parts()))
	}
	if err := s.spoken(r, &p, m); err != nil {
		return p, err
	}
	if err := s.inherited(r, &p, m, out); err != nil {
		return p, err
	}
	shown := out.Minutes
	s.hideUnnamed(d, &shown)
	p.View, err = s.viewOf(r.Context(), viewerOf(r), f.Clock, m, shown, nil)
	return p, err
}

// hideUnnamed leaves out of m, which is to be shown, who is not to be named.
func (s *Server) hideUnnamed(d desking, m *minutes.Minutes) {
	m.Present, m.Regrets = slices.Clone(m.Present), slices.Clone(m.Regrets)
	for i, p := range m.Present {
		if d.unnamed(p.Nick) {
			m.Present[i].Nick, m.Present[i].Account, m.Present[i].Alias = minutes.Unnamed, "", ""
		}
	}
	for i, nick := range m.Regrets {
		if d.unnamed(nick) {
			m.Regrets[i] = minutes.Unnamed
		}
	}
}

// unlooked are the suspects that nobody has looked at.
func (d desking) unlooked() []suspected {
	return slices.DeleteFunc(d.suspects(d.draft.Fields), func(x suspected) bool { return x.kept })
}

func (d desking) suspectWords(x suspected) string {
	if x.line.Ref.IsZero() {
		return d.labelOf(x.place, d.draft.Fields) + " holds what looks like " + x.found[0].What + ": take it out, or say that it is to stay"
	}
	return "Line " + strconv.Itoa(d.numbers[x.line.Ref]) + " of the log looks like " + x.found[0].What + ": remove its words, or say that they are to stay"
}

// spoken fills in what the bot will say.
func (s *Server) spoken(r *http.Request, p *templates.PublishPage, m hackfest.Meeting) error {
	switch c, err := s.Store.ChannelSettings(r.Context(), m.ChannelID); {
	case err != nil:
		return err
	case p.Number > 0:
		p.Silent = "Nothing. Corrections are not announced."
	case !c.Joined || !c.Announce:
		p.Silent = "Nothing. Announcements are switched off for " + m.Channel + "."
	case s.Now().Sub(m.EndedAt) >= announce.MinutesOld:
		p.Silent = "Nothing. The meeting was more than two weeks ago."
	case p.Members && c.Visibility != person.MembersOnly:
		p.Silent = "Nothing. The meeting is for members, and everybody reads the channel."
	default:
		p.Line, p.Channel = announce.Minutes(m, s.BaseURL), m.Channel
		p.Bytes = strconv.Itoa(len(p.Line)) + "/" + strconv.Itoa(announce.LineRoom) + " bytes"
	}
	return nil
}

// inheritors is how many sessions are named that a lesson comes to.
const inheritors = 3

// inherited fills in the lessons that are published, and which sessions have them
// before them.
func (s *Server) inherited(r *http.Request, p *templates.PublishPage, m hackfest.Meeting, out minutes.Written) error {
	coming := func(target string) (string, error) {
		list, err := s.Store.Sessions(r.Context(), viewerOf(r), store.SessionFilter{From: s.Now(), Target: target, Limit: 50})
		var days []string
		for _, x := range list {
			if x.Status(s.Now()) == hackfest.StatusScheduled && len(days) < inheritors {
				days = append(days, p.Clock.Day(x.StartsAt, x.Zone).Text)
			}
		}
		return some(days), err
	}
	for _, l := range out.Lessons {
		if l.Redacted {
			continue
		}
		row := templates.LessonPreview{ID: l.ID.String(), Text: ui.Visible(l.Text), State: ui.LessonState(hackfest.LessonKind(l.Kind))}
		var err error
		switch hackfest.LessonScope(l.Scope) {
		case hackfest.ScopeTarget:
			row.About = m.TargetName
			row.Inherits, err = coming(m.TargetSlug)
		case hackfest.ScopeImage:
			row.About = "base image " + l.Image
		default:
			row.About = "everything"
			row.Inherits, err = coming("")
		}
		if err != nil {
			return err
		}
		p.Lessons = append(p.Lessons, row)
	}
	return nil
}

// publishing is what is sent to publish minutes by API.
type publishing struct {
	Summary string `json:"summary,omitempty" about:"instead of the one in the draft; a blank line begins a paragraph"`
	Note    string `json:"note,omitempty" about:"what was corrected; needed for all but the first publication"`
	Looked  bool   `json:"looked,omitempty" about:"somebody looked at what seems to be a secret or an address, and it is to stay"`
}

// publishMinutes answers POST /meetings/{meeting}/publish, and the same of the
// API.
func (s *Server) publishMinutes(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	if to, known := s.carriedOut(r); known && writtenBody(r) == "" { // sent twice
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	d, err := s.deskingOf(r)
	if err != nil {
		return err
	}
	err = s.checkPublishing(r, d, form)
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) { return s.publish(ctx, tx, r, d, form) })
	}
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.publishPage(r, d, typed("", form, err))
	if failed != nil {
		return failed
	}
	return s.again(w, r, err, templates.Publish(p))
}

// checkPublishing says what must be done before minutes go out.
func (s *Server) checkPublishing(r *http.Request, d desking, form url.Values) error {
	if n := utf8.RuneCountInString(form.Get("note")); n > longestNote {
		return fault.On("note", "At most %d characters.", longestNote)
	}
	for _, x := range d.unlooked() {
		if form.Get("looked") == "" || writtenBody(r) == "" {
			return fault.On("looked", "%s.", d.suspectWords(x))
		}
	}
	return nil
}

// publish publishes the draft that its sender looked at; by API, as it stands.
func (s *Server) publish(ctx context.Context, tx *store.Store, r *http.Request, d desking, form url.Values) (done, error) {
	v, ref, now := viewerOf(r), d.meeting.Ref, s.Now().UTC()
	read := draftRevision(form)
	if writtenBody(r) != "" {
		mine := minutes.Fields{}
		if form.Has("summary") {
			mine["summary"] = form.Get("summary")
		}
		saved, err := tx.SaveMinutesDraft(ctx, v, ref, d.draft.Revision, mine, now)
		if err != nil {
			return done{}, err
		}
		read = saved.Revision
	}
	note := strings.Join(strings.Fields(form.Get("note")), " ")
	number, err := tx.PublishDraft(ctx, v, ref, read, note, now)
	if err != nil {
		return done{}, err
	}
	checks, err := tx.CheckLessons(ctx, ref, checkedLessons(form), now)
	if err != nil {
		return done{}, err
	}
	said := "The minutes are published."
	after := map[string]any{"revision": number}
	if number > 1 {
		said = "The correction is published, as revision " + strconv.Itoa(number) + "."
		after["note"] = note
	}
	if checks > 0 {
		said += " " + counted(checks, "lesson is a check now.", "lessons are checks now.")
		after["checks"] = checks
	}
	to := templates.SessionURL(d.meeting.SessionSlug) + "#m-" + ref.String()
	return done{To: to, Said: said}, s.audit(ctx, tx, r, "publish minutes", "/meetings/"+ref.String(), nil, after)
}

// checkedLessons are the lessons that are to become checks.
func checkedLessons(form url.Values) []hackfest.ItemID {
	var ids []hackfest.ItemID
	for _, text := range form["check"] {
		var id hackfest.ItemID
		if id.UnmarshalText([]byte(text)) == nil { // else it is nothing that the form has
			ids = append(ids, id)
		}
	}
	return ids
}

// ownerless says how many actions nobody was named for; "" for none.
func ownerless(n int) string {
	if n == 0 {
		return ""
	}
	return chart.Count(n, "action", "actions") + " without owner"
}

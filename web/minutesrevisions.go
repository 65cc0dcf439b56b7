package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// revisionsURL is the path of the list of a meeting's published minutes.
func revisionsURL(ref hackfest.Ref) string { return "/meetings/" + ref.String() + "/revisions" }

// writings says of which meetings somebody writes minutes.
func (s *Server) writings(ctx context.Context, v person.Viewer, list []hackfest.Meeting) (map[hackfest.Ref]store.MinutesWriting, error) {
	refs := make([]hackfest.Ref, len(list))
	for i, m := range list {
		refs[i] = m.Ref
	}
	return s.Store.MinutesWritings(ctx, v, refs...)
}

// writingOf fills in who writes about m, and where it is done by those who may.
func (s *Server) writingOf(c ui.Clock, view *templates.MinutesView, m hackfest.Meeting, writings map[hackfest.Ref]store.MinutesWriting, may bool) {
	if w, ok := writings[m.Ref]; ok {
		view.Writing = &templates.Writing{Writer: w.Writer, Since: c.Gutter(w.BegunAt, m.SessionZone), Saved: c.Minute(w.SavedAt, m.SessionZone)}
	}
	if may && !m.Running() {
		view.Edit = editURL(m.Ref)
	}
	if m.Revision > 1 {
		view.Revisions = revisionsURL(m.Ref)
	}
}

// publishedMeeting is the meeting that the path names, with all that was published
// of it.
func (s *Server) publishedMeeting(r *http.Request) (hackfest.Meeting, []hackfest.Publication, error) {
	ref, err := hackfest.ParseRef(chi.URLParam(r, "meeting"))
	if err != nil {
		return hackfest.Meeting{}, nil, fault.New(fault.NotFound, "There is no such meeting.")
	}
	m, err := s.Store.Meeting(r.Context(), viewerOf(r), ref)
	if err != nil {
		return m, nil, err
	}
	history, err := s.Store.Publications(r.Context(), viewerOf(r), []hackfest.Ref{ref})
	if err == nil && len(history[ref]) == 0 {
		err = fault.New(fault.NotFound, "The minutes of this meeting are not published yet.")
	}
	return m, history[ref], err
}

// revisionFrame is the frame of the pages about published minutes.
func (s *Server) revisionFrame(r *http.Request, m hackfest.Meeting, title string) (templates.RevisionHead, error) {
	f, err := s.frame(r, title+": "+meetingTitle(m))
	f.Section, f.NoIndex = "/minutes", true
	return templates.RevisionHead{
		Frame: f, Name: meetingTitle(m), All: revisionsURL(m.Ref), Day: f.Clock.Day(m.StartedAt, m.SessionZone),
		Session: templates.SessionURL(m.SessionSlug) + "#m-" + m.Ref.String(), Members: m.Visibility == person.MembersOnly,
	}, err
}

func revisionRow(c ui.Clock, m hackfest.Meeting, r hackfest.Publication, last int) templates.RevisionRow {
	row := templates.RevisionRow{
		Number: r.Number, At: c.Gutter(r.At, m.SessionZone), Author: r.Author, Note: r.Note, Href: revisionsURL(m.Ref) + "/" + strconv.Itoa(r.Number),
		Last: r.Number == last,
	}
	if r.Number > 1 {
		row.Changes = changesURL(m.Ref, r.Number-1, r.Number)
	}
	return row
}

func changesURL(ref hackfest.Ref, from, to int) string {
	return "/meetings/" + ref.String() + "/changes?from=" + strconv.Itoa(from) + "&to=" + strconv.Itoa(to)
}

// listRevisions answers GET /meetings/{meeting}/revisions.
func (s *Server) listRevisions(w http.ResponseWriter, r *http.Request) error {
	m, list, err := s.publishedMeeting(r)
	if err != nil {
		return err
	}
	head, err := s.revisionFrame(r, m, "Revisions of the minutes")
	if err != nil {
		return err
	}
	p := templates.RevisionsPage{RevisionHead: head, Compare: "/meetings/" + m.Ref.String() + "/changes"}
	for i := len(list) - 1; i >= 0; i-- {
		p.Rows = append(p.Rows, revisionRow(head.Clock, m, list[i], list[len(list)-1].Number))
	}
	return s.show(w, r, templates.Revisions(p))
}

// showRevision answers GET /meetings/{meeting}/revisions/{number}.
func (s *Server) showRevision(w http.ResponseWriter, r *http.Request) error {
	m, list, err := s.publishedMeeting(r)
	if err != nil {
		return err
	}
	one, err := revisionIn(list, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	head, err := s.revisionFrame(r, m, "Revision "+strconv.Itoa(one.Number)+" of the minutes")
	if err != nil {
		return err
	}
	old, err := s.Store.MinutesAt(r.Context(), viewerOf(r), m.Ref, one.Number)
	if err != nil {
		return err
	}
	m.Summary, m.PublishedAt, m.Revision, m.Note = old.Summary, one.At, one.Number, ""
	view, err := s.viewOf(r.Context(), viewerOf(r), head.Clock, m, old.Minutes, nil)
	if err != nil {
		return err
	}
	p := templates.RevisionPage{RevisionHead: head, Row: revisionRow(head.Clock, m, one, list[len(list)-1].Number), View: view}
	if last := list[len(list)-1].Number; one.Number != last {
		p.Since = changesURL(m.Ref, one.Number, last)
	}
	return s.show(w, r, templates.Revision(p))
}

// revisionIn finds the revision of that number.
func revisionIn(list []hackfest.Publication, number string) (hackfest.Publication, error) {
	for _, x := range list {
		if strconv.Itoa(x.Number) == number {
			return x, nil
		}
	}
	return hackfest.Publication{}, fault.New(fault.NotFound, "There is no such revision of these minutes.")
}

// showChanges answers GET /meetings/{meeting}/changes: what is not the same in
// two revisions, from and to.
func (s *Server) showChanges(w http.ResponseWriter, r *http.Request) error {
	m, list, err := s.publishedMeeting(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	to, err := revisionIn(list, q.Get("to"))
	if q.Get("to") == "" {
		to, err = list[len(list)-1], nil
	}
	if err != nil {
		return err
	}
	from, err := revisionIn(list, q.Get("from"))
	if q.Get("from") == "" {
		from, err = list[max(0, len(list)-2)], nil
	}
	if err != nil {
		return err
	}
	if from.Number > to.Number {
		from, to = to, from
	}
	head, err := s.revisionFrame(r, m, "What was changed in the minutes")
	if err != nil {
		return err
	}
	before, err := s.Store.MinutesAt(r.Context(), viewerOf(r), m.Ref, from.Number)
	if err != nil {
		return err
	}
	after, err := s.Store.MinutesAt(r.Context(), viewerOf(r), m.Ref, to.Number)
	if err != nil {
		return err
	}
	last := list[len(list)-1].Number
	return s.show(w, r, templates.Changes(templates.ChangesPage{
		RevisionHead: head, From: revisionRow(head.Clock, m, from, last), To: revisionRow(head.Clock, m, to, last),
		Changes: changeRows(minutes.Changes(before.Parts(), after.Parts())), Rows: revisionRows(head.Clock, m, list), Compare: "/meetings/" + m.Ref.String() + "/changes",
	}))
}

func revisionRows(c ui.Clock, m hackfest.Meeting, list []hackfest.Publication) []templates.RevisionRow {
	rows := make([]templates.RevisionRow, len(list))
	for i, x := range list {
		rows[i] = revisionRow(c, m, x, list[len(list)-1].Number)
	}
	return rows
}

// changeRows are changes, each section's together.
func changeRows(list []minutes.Change) []templates.ChangeRow {
	var rows []templates.ChangeRow
	section := ""
	for _, c := range list {
		row := templates.ChangeRow{Label: c.Label}
		if c.Section != section {
			section, row.Section = c.Section, c.Section
		}
		for _, p := range c.Paragraphs {
			var bits []templates.ChangeBit
			for _, x := range p {
				bits = append(bits, templates.ChangeBit{Cut: x.Op == minutes.Cut, Put: x.Op == minutes.Put, Text: ui.Visible(x.Text)})
			}
			row.Paragraphs = append(row.Paragraphs, bits)
		}
		rows = append(rows, row)
	}
	return rows
}

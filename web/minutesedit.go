package web

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/static"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// editURL is the path of the editor of a meeting's minutes.
func editURL(ref hackfest.Ref) string { return "/meetings/" + ref.String() + "/edit" }

// publishURL is the path of the page before minutes are published.
func publishURL(ref hackfest.Ref) string { return "/meetings/" + ref.String() + "/publish" }

// desking is a meeting whose minutes are being written.
type desking struct {
	meeting hackfest.Meeting
	draft   store.MinutesDraft
	lines   []hackfest.LogLine // of its log, as the editor shows them
	more    bool               // there are more than that
	numbers map[hackfest.Ref]int
}

// mostEdited is how many lines the editor shows.
const mostEdited = 3000

// deskingOf loads the meeting that the path names, with its draft and its log.
func (s *Server) deskingOf(r *http.Request) (desking, error) {
	ctx, v := r.Context(), viewerOf(r)
	var d desking
	ref, err := hackfest.ParseRef(chi.URLParam(r, "meeting"))
	if err != nil {
		return d, fault.New(fault.NotFound, "There is no such meeting.")
	}
	if d.meeting, err = s.Store.Meeting(ctx, v, ref); err != nil {
		return d, err
	}
	if d.meeting.Running() {
		return d, fault.New(fault.Conflict, "This meeting is still running. Its minutes can be written when it is over.")
	}
	if d.draft, err = s.Store.MinutesDraft(ctx, v, ref); err != nil {
		return d, err
	}
	d.lines, err = s.Store.Lines(ctx, v, store.LineQuery{
		ChannelID: d.meeting.ChannelID, After: before(ref), Before: d.meeting.LastRef.Next(), Limit: mostEdited + 1,
	})
	if d.more = len(d.lines) > mostEdited; d.more {
		d.lines = d.lines[:mostEdited]
	}
	d.numbers = map[hackfest.Ref]int{}
	for _, l := range d.lines {
		if citable(l) {
			d.numbers[l.Ref] = len(d.numbers) + 1
		}
	}
	return d, err
}

// before is the ref right below r.
func before(r hackfest.Ref) hackfest.Ref {
	for i := len(r) - 1; i >= 0; i-- {
		if r[i]--; r[i] != 0xff {
			break
		}
	}
	return r
}

// citable reports whether an entry can stand on l.
func citable(l hackfest.LogLine) bool {
	switch l.Kind {
	case hackfest.Message, hackfest.Act, hackfest.Notice, hackfest.Web:
		return !l.Redacted && l.Text != ""
	}
	return false
}

// showEditor answers GET /meetings/{meeting}/edit.
func (s *Server) showEditor(w http.ResponseWriter, r *http.Request) error {
	d, err := s.deskingOf(r)
	if err != nil {
		return err
	}
	p, err := s.editorPage(r, d, d.draft.Fields, newForm(""))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.MinutesEdit(p))
}

// saveEditor answers POST /meetings/{meeting}/edit: what was written is saved,
// whatever else is asked by do.
func (s *Server) saveEditor(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	if to, known := s.carriedOut(r); known { // sent twice
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	d, err := s.deskingOf(r)
	if err != nil {
		return err
	}
	mine := d.fieldsOf(form)
	do, what, _ := strings.Cut(form.Get("do"), " ")
	if do == "autosave" {
		return s.autosave(w, r, d, mine, draftRevision(form))
	}
	if do == "merge" {
		if mine, err = chosen(form); err != nil {
			return s.mergeAgain(w, r, d, form, err)
		}
	}
	var to done
	var added minutes.Fields
	if do == "add" {
		if added, to.To, err = d.add(form, what); err != nil {
			return s.editAgain(w, r, d, mine, form, err)
		}
		mine = added.On(mine)
	}
	var saved store.SavedDraft
	err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		if saved, err = tx.SaveMinutesDraft(ctx, viewerOf(r), d.meeting.Ref, draftRevision(form), mine, s.Now().UTC()); err != nil {
			return done{}, err
		}
		return d.next(do, what, saved, to), nil
	})
	switch {
	case len(saved.Clashes) > 0 && err != nil:
		return s.merge(w, r, d, saved, mine, err)
	case mendable(err):
		return s.editAgain(w, r, d, mine, form, err)
	}
	return err
}

// next is where somebody goes who has saved.
func (d desking) next(do, what string, saved store.SavedDraft, to done) done {
	here := editURL(d.meeting.Ref)
	switch do {
	case "preview":
		return done{To: publishURL(d.meeting.Ref)}
	case "redact":
		return done{To: templates.SessionURL(d.meeting.SessionSlug) + "/redact?line=" + url.QueryEscape(what)}
	case "add":
		to.Said = "Added. Write it as it is to stand."
		return to
	}
	said := "The draft is saved. Nobody sees it but those who write."
	switch {
	case len(saved.Others) > 0:
		who := cmp.Or(saved.Writer, "somebody else")
		said = "The draft is saved. What " + who + " changed meanwhile is in it: " + counted(len(saved.Others), "field", "fields") + "."
	case !saved.Changed:
		said = "Nothing was changed since it was saved."
	}
	return done{To: here, Said: said}
}

// editAgain shows the editor once more, with what was typed and what is wrong.
func (s *Server) editAgain(w http.ResponseWriter, r *http.Request, d desking, mine minutes.Fields, form url.Values, err error) error {
	p, failed := s.editorPage(r, d, mine.On(d.draft.Fields), typed("", form, err))
	if failed != nil {
		return failed
	}
	p.Revision = draftRevision(form)
	return s.again(w, r, err, templates.MinutesEdit(p))
}

// draftRevision is the revision of the draft that a form was made of.
func draftRevision(form url.Values) int {
	n, err := smallNumber(form.Get("revision"))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// autosaved answers the script that saves what is typed.
type autosaved struct {
	Revision int               `json:"revision"`
	Saved    string            `json:"saved"` // the time, as the reader reads it
	At       string            `json:"at"`
	Once     string            `json:"once"`
	Fields   map[string]string `json:"fields"` // what somebody else changed meanwhile
	Message  string            `json:"message,omitempty"`
}

// autosave saves what is typed without leading anywhere. That two people changed
// one field is only said: the form has all of it still.
func (s *Server) autosave(w http.ResponseWriter, r *http.Request, d desking, mine minutes.Fields, based int) error {
	now := s.Now().UTC()
	saved, err := s.Store.SaveMinutesDraft(r.Context(), viewerOf(r), d.meeting.Ref, based, mine, now)
	a := autosaved{Revision: saved.Revision, At: now.Format(time.RFC3339), Once: newKey().String(), Fields: map[string]string{}}
	a.Saved = s.clock(r, s.preferences(r)).Minute(now, d.meeting.SessionZone).Text
	w.Header().Set("Cache-Control", "no-store")
	if err != nil && !mendable(err) {
		return err
	}
	if err != nil {
		code, _ := explain(err)
		a.Message = "Not saved by itself: " + fault.All(err)[0].Message
		if len(saved.Clashes) > 0 {
			a.Message = "Not saved by itself: " + cmp.Or(saved.Writer, "somebody else") + " changed the same. Save the draft, then choose what is to stand."
		}
		return s.sendAutosaved(w, r, code, a)
	}
	for _, name := range saved.Others {
		a.Fields[name] = d.typedValue(name, saved.Fields[name])
	}
	return s.sendAutosaved(w, r, http.StatusOK, a)
}

func (s *Server) sendAutosaved(w http.ResponseWriter, r *http.Request, code int, a autosaved) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.sendBody(w, r, code, "application/json", body)
}

// editorPage is the editor with fields in it.
func (s *Server) editorPage(r *http.Request, d desking, fields minutes.Fields, form ui.Form) (templates.MinutesEditPage, error) {
	m := d.meeting
	f, err := s.frame(r, "Edit minutes: "+meetingTitle(m))
	if err != nil {
		return templates.MinutesEditPage{}, err
	}
	f.NoIndex, f.Section = true, "/minutes"
	f.Scripts = append(f.Scripts, static.URL("js/edit.js"))
	p := templates.MinutesEditPage{
		Frame: f, Name: meetingTitle(m), Path: editURL(m.Ref), Form: form, Revision: d.draft.Revision, Number: d.draft.Number,
		Session: templates.LogLink{Href: templates.SessionURL(m.SessionSlug), Text: f.Clock.Day(m.StartedAt, m.SessionZone).Text},
		State:   ui.State{Class: "soon", Icon: "warn", Text: "draft, nothing written yet"},
	}
	if d.draft.Number > 0 {
		p.State = ui.State{Class: "ended", Icon: "tick", Text: "published, revision " + strconv.Itoa(d.draft.Number)}
	}
	if !d.draft.SavedAt.IsZero() {
		at := f.Clock.Minute(d.draft.SavedAt, m.SessionZone)
		p.State, p.SavedAt = ui.State{Class: "soon", Icon: "warn", Text: "draft, saved"}, &at
		if d.draft.Number > 0 {
			p.State.Text = "correction, saved"
		}
		if d.draft.Writer != "" && d.draft.Writer != actorOf(r).Name {
			p.Writer, p.Since = d.draft.Writer, f.Clock.Gutter(d.draft.BegunAt, m.SessionZone)
		}
	}
	e := editorOf(d, f.Clock, fields, form)
	e.fill(&p)
	if p.Suspects, err = s.suspectRows(r, d, fields); err != nil {
		return p, err
	}
	return p, s.editorChoices(r, d, &p)
}

// editorChoices fills in what there is to choose from.
func (s *Server) editorChoices(r *http.Request, d desking, p *templates.MinutesEditPage) error {
	if d.meeting.TargetSlug != "" {
		p.Scopes = append(p.Scopes, ui.Choice{Value: string(hackfest.ScopeTarget), Text: d.meeting.TargetName})
	}
	p.Scopes = append(p.Scopes, ui.Choice{Value: string(hackfest.ScopeImage), Text: "the base image"}, ui.Choice{Value: string(hackfest.ScopeAll), Text: "everything"})
	for _, x := range d.draft.Present {
		if !x.Bot && !d.unnamed(x.Nick) {
			p.Names = append(p.Names, x.Nick)
		}
	}
	tally, err := s.Store.LessonTally(r.Context())
	seen := map[string]bool{"": true}
	for _, t := range tally {
		if !seen[t.Image] {
			seen[t.Image] = true
			p.Images = append(p.Images, t.Image)
		}
	}
	return err
}

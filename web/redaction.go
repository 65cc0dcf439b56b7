package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

const (
	mostRemoved = 100 // lines at once
	maxReason   = 200 // characters
)

// picking is what a log needs to have lines picked from it: the form's address,
// and which lines the reader may remove. Most readers have none.
type picking struct {
	path string
	may  func(hackfest.LogLine) bool
}

// pickFrom lets the reader of p pick lines to remove, when they asked for that
// and may; where they may and have not asked, a link offers it. It reports
// whether the request is answered already: that it is not theirs to ask.
func (s *Server) pickFrom(w http.ResponseWriter, r *http.Request, p *templates.LogPage, path string, o person.Object) (*picking, bool) {
	asked, err := r.URL.Query().Get("redact") != "", person.Can(actorOf(r), person.Redact, o)
	base := r.URL.EscapedPath()
	switch {
	case err != nil && asked:
		s.refuse(w, r, person.Redact, err)
		return nil, true
	case err != nil:
		return nil, false
	case !asked:
		p.Forms = append(p.Forms, templates.LogLink{Href: base + "?redact=1", Text: "remove lines"})
		return nil, false
	}
	p.Remove = &templates.RemoveBox{Path: path, Before: r.URL.Query().Get("after"), Stop: base, Wrong: wrongChoice[r.URL.Query().Get("wrong")]}
	p.NoIndex = true
	return &picking{path: path, may: hackfest.LogLine.Redactable}, false
}

// pickFromSession is pickFrom for the log of a session. Its chairs may remove
// what was said in its meetings, maintainers all of it.
func (s *Server) pickFromSession(w http.ResponseWriter, r *http.Request, p *templates.LogPage, x hackfest.Session) (*picking, bool, error) {
	a := actorOf(r)
	if !a.SignedIn() && r.URL.Query().Get("redact") == "" {
		return nil, false, nil
	}
	o, err := s.Store.RelationToSession(r.Context(), a.Viewer, x.Slug)
	if err != nil {
		return nil, false, err
	}
	pick, answered := s.pickFrom(w, r, p, templates.SessionURL(x.Slug)+"/redact", o)
	if pick == nil || person.Can(a, person.Redact, person.Object{}) == nil {
		return pick, answered, nil
	}
	meetings, err := s.Store.MeetingsOfSession(r.Context(), a.Viewer, x.ID)
	pick.may = func(l hackfest.LogLine) bool {
		return l.Redactable() && slices.ContainsFunc(meetings, func(m hackfest.Meeting) bool {
			return m.Ref.Compare(l.Ref) <= 0 && (m.Running() || m.LastRef.Compare(l.Ref) >= 0)
		})
	}
	return pick, false, err
}

// wrongChoice says what was wrong with the lines that were picked.
var wrongChoice = map[string]string{
	"none": "No line was ticked.",
	"many": "At most " + strconv.Itoa(mostRemoved) + " lines can be removed at once.",
}

// removal is what a form asks to have removed.
type removal struct {
	path, back string // of the form, and of the log
	where      string // what the log is of
	zone       string
	after      string // behind which line the page of the log begins; "" is its beginning
	channel    hackfest.ChannelID
	lines      []hackfest.LogLine
	keep       []hackfest.Ref // of the lines: those that stay in the log
	values     url.Values
}

// removalOf reads which lines are to be removed, and checks that they are in the
// log that the path names and that the actor may remove each.
func (s *Server) removalOf(r *http.Request, values url.Values) (removal, error) {
	m := removal{values: values}
	if after, err := hackfest.ParseRef(values.Get("after")); err == nil {
		m.after = after.String()
	}
	ctx, v := r.Context(), viewerOf(r)
	if slug := chi.URLParam(r, "session"); slug != "" {
		session, err := s.Store.Session(ctx, v, slug)
		if err != nil {
			return m, err
		}
		m.channel, m.where, m.zone = session.ChannelID, session.Title, session.Zone
		m.back = templates.SessionURL(session.Slug) + "/log"
		m.path = templates.SessionURL(session.Slug) + "/redact"
	} else {
		c, err := s.channel(r)
		if err != nil {
			return m, err
		}
		m.channel, m.where, m.zone = c.ID, c.Name, "UTC"
		m.back = templates.LogURL(c.Network, c.Path)
		m.path = m.back + "/redact"
	}
	refs, err := refsIn(values["line"])
	if err != nil || len(values["line"]) > mostRemoved { // confirmRemoval says so
		return m, err
	}
	for _, ref := range refs {
		l, err := s.removable(r, m.channel, ref)
		if err != nil {
			return m, err
		}
		if l.Redactable() {
			m.lines = append(m.lines, l)
		}
	}
	if len(refs) > 0 && len(m.lines) == 0 {
		return m, fault.New(fault.Conflict, "There is nothing left to remove: somebody has done it.")
	}
	if len(m.lines) > 0 && m.zone == "UTC" {
		m.back += "/" + m.lines[0].At.UTC().Format("2006-01-02")
	}
	m.keep, err = refsIn(values["keep"])
	return m, err
}

// refsIn are the refs in list, each once, in order.
func refsIn(list []string) ([]hackfest.Ref, error) {
	var refs []hackfest.Ref
	for _, text := range list {
		ref, err := hackfest.ParseRef(text)
		if err != nil {
			return nil, err
		}
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, hackfest.Ref.Compare)
	return slices.Compact(refs), nil
}

// removable returns a line of a channel that the actor of r may remove.
func (s *Server) removable(r *http.Request, channel hackfest.ChannelID, ref hackfest.Ref) (hackfest.LogLine, error) {
	l, c, err := s.Store.Line(r.Context(), viewerOf(r), ref)
	if err != nil {
		return l, err
	}
	if c.ID != channel {
		return l, fault.New(fault.NotFound, "There is no such line in this log.")
	}
	if person.Can(actorOf(r), person.Redact, person.Object{}) == nil {
		return l, nil
	}
	o, err := s.Store.RelationToLine(r.Context(), viewerOf(r), ref)
	if err != nil {
		return l, err
	}
	return l, person.Can(actorOf(r), person.Redact, o)
}

// showRemoval answers GET /sessions/{session}/redact and
// /logs/{network}/{channel}/redact: what goes with the lines named in the query.
func (s *Server) showRemoval(w http.ResponseWriter, r *http.Request) error {
	m, err := s.removalOf(r, r.URL.Query())
	if fault.KindOf(err) == fault.Forbidden {
		s.refuse(w, r, person.Redact, err)
		return nil
	}
	if err != nil {
		return err
	}
	return s.confirmRemoval(w, r, m, newForm(""), nil)
}

// removeLines answers the POST of the same paths: with the page that asks, or,
// when that was answered, by removing the lines.
func (s *Server) removeLines(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	m, err := s.removalOf(r, values)
	switch fault.KindOf(err) {
	case fault.Conflict:
		if c, known := s.carriedOut(r); known { // sent twice
			http.Redirect(w, r, c, http.StatusSeeOther)
			return nil
		}
	case fault.Forbidden:
		s.refuse(w, r, person.Redact, err)
		return nil
	}
	if err != nil {
		return err
	}
	if values.Get("sure") == "" || len(m.lines) == 0 {
		return s.confirmRemoval(w, r, m, newForm(""), nil)
	}
	if n := utf8.RuneCountInString(values.Get("reason")); n > maxReason {
		err = fault.On("reason", "At most %d characters.", maxReason)
	} else {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) { return s.remove(ctx, tx, r, m) })
	}
	if mendable(err) {
		return s.confirmRemoval(w, r, m, typed("", values, err), err)
	}
	return err
}

// remove removes the lines of m and says so.
func (s *Server) remove(ctx context.Context, tx *store.Store, r *http.Request, m removal) (done, error) {
	a := actorOf(r)
	red := hackfest.Redaction{ChannelID: m.channel, PersonID: a.ID, Actor: a.Name, At: s.Now().UTC()}
	for _, l := range m.lines {
		if !slices.Contains(m.keep, l.Ref) {
			red.Lines = append(red.Lines, l.Ref)
			continue
		}
		whole := red
		whole.Lines, whole.Entries = []hackfest.Ref{l.Ref}, nil
		reach, err := tx.RedactionReach(ctx, whole)
		if err != nil {
			return done{}, err
		}
		red.Entries = append(red.Entries, entriesAlone(reach, l.Ref)...)
	}
	red, reach, err := tx.Redact(ctx, red)
	if err != nil {
		return done{}, err
	}
	if err := tx.GrantRemovals(ctx, red); err != nil {
		return done{}, err
	}
	after := map[string]any{"lines": red.Lines}
	if len(red.Entries) > 0 {
		after["entries"] = red.Entries
	}
	if reason := strings.TrimSpace(m.values.Get("reason")); reason != "" {
		after["reason"] = reason
	}
	if err := s.audit(ctx, tx, r, "redact", m.back, nil, after); err != nil {
		return done{}, err
	}
	to := m.back
	if m.after != "" {
		to += "?after=" + m.after
	}
	return done{
		To: to + "#" + templates.LineID(m.lines[0].Ref), Said: removedWords(reach), Undo: red.ID.UndoPath(),
	}, nil
}

// entriesAlone are the entries that the line ref made, which can go without it.
func entriesAlone(reach hackfest.Reach, ref hackfest.Ref) (ids []hackfest.ItemID) {
	for _, e := range reach.Entries {
		if e.ID.Ref == ref && e.ID.N > 0 && e.Kind != "agenda" {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// removedWords says what was removed.
func removedWords(reach hackfest.Reach) string {
	var parts []string
	for _, c := range []struct {
		n         int
		one, many string
	}{
		{len(reach.Lines), "line", "lines"},
		{len(reach.Entries), "entry of minutes", "entries of minutes"},
		{len(reach.Echoes), "line of the bot", "lines of the bot"},
	} {
		if c.n > 0 {
			parts = append(parts, counted(c.n, c.one, c.many))
		}
	}
	return "Removed: " + strings.Join(parts, ", ") + ". The words are wiped in ten minutes."
}

// undoRemoval answers POST /redactions/{redaction}/undo, by who removed it or a
// maintainer.
func (s *Server) undoRemoval(w http.ResponseWriter, r *http.Request) error {
	id, err := redactionOf(r)
	if err != nil {
		return err
	}
	if to, known := s.carriedOut(r); known { // sent twice
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	a := actorOf(r)
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		lines, err := tx.RedactedLines(ctx, a.Viewer, id)
		if err == nil && len(lines) == 0 {
			err = errNoRedaction
		}
		if err != nil {
			return done{}, err
		}
		if err := tx.TakeBack(ctx, id, s.Now()); err != nil {
			return done{}, err
		}
		to, err := s.placeOf(ctx, a.Viewer, lines[0])
		if err != nil {
			return done{}, err
		}
		return done{To: to, Said: "It is back where it was."}, s.audit(ctx, tx, r, "take back redaction", to, map[string]any{"lines": lines}, nil)
	})
}

// redactionOf is the redaction that the path names.
func redactionOf(r *http.Request) (hackfest.RedactionID, error) {
	return pathID[hackfest.RedactionID](r, "redaction", errNoRedaction)
}

var errNoRedaction = fault.New(fault.NotFound, "There is no such redaction.")

package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/templates"
)

// showMeeting answers GET /meetings/{meeting}: the only address of a meeting
// that the bot says, so it holds for ever. It leads to the session's page,
// whose address is known only when the meeting is stored.
func (s *Server) showMeeting(w http.ResponseWriter, r *http.Request) error {
	id, form, _ := strings.Cut(chi.URLParam(r, "meeting"), ".")
	ref, err := hackfest.ParseRef(id)
	if err != nil {
		return fault.New(fault.NotFound, "There is no such meeting.")
	}
	m, err := s.Store.Meeting(r.Context(), viewerOf(r), ref)
	if fault.KindOf(err) == fault.NotFound && form == "" && s.mayCome(ref) {
		return s.awaitMeeting(w, r, ref)
	}
	if err != nil {
		return err
	}
	if form != "" {
		return s.sendMinutes(w, r, m, form)
	}
	to := templates.SessionURL(m.SessionSlug)
	if !m.Running() {
		to += "#m-" + m.Ref.String()
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusFound)
	return nil
}

// mayCome reports whether ref is so young that its line may be with the bot and
// not yet in the database.
func (s *Server) mayCome(ref hackfest.Ref) bool {
	age := s.Now().Sub(ref.Time())
	return age > -freshFor && age < freshFor
}

// awaitMeeting answers for a meeting that is not stored yet.
func (s *Server) awaitMeeting(w http.ResponseWriter, r *http.Request, ref hackfest.Ref) error {
	f := s.bareFrame(r, "Not stored yet, coming")
	f.NoIndex, f.Refresh = true, 5
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Retry-After", "5")
	return s.send(w, r, http.StatusAccepted, templates.Awaited(templates.AwaitedPage{Frame: f, Since: chart.Length(f.Clock.Now.Sub(ref.Time()))}))
}

// sessionMinutes answers GET /sessions/{session}/minutes.{form}: of the last
// meeting with published minutes, else of the last one.
func (s *Server) sessionMinutes(w http.ResponseWriter, r *http.Request) error {
	session, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	meetings, err := s.Store.MeetingsOfSession(r.Context(), viewerOf(r), session.ID)
	if err != nil {
		return err
	}
	m, err := lastMinutes(meetings)
	if err != nil {
		return err
	}
	return s.sendMinutes(w, r, m, chi.URLParam(r, "form"))
}

// sendMinutes answers with the minutes of m as json, txt, md or html. They are
// the same for everybody, in the session's own zone.
func (s *Server) sendMinutes(w http.ResponseWriter, r *http.Request, m hackfest.Meeting, form string) error {
	mins, o, err := s.fullMinutes(r.Context(), viewerOf(r), m)
	if err != nil {
		return err
	}
	if form != "json" {
		if o.Outcome, err = s.minutesOutcome(r.Context(), viewerOf(r), m, o); err != nil {
			return err
		}
	}
	switch form {
	case "json":
		return s.sendMinutesJSON(w, r, mins, o)
	case "txt":
		return s.sendBody(w, r, http.StatusOK, "text/plain; charset=utf-8", []byte(minutes.Text(mins, o)))
	case "md":
		return s.sendBody(w, r, http.StatusOK, "text/markdown; charset=utf-8", []byte(minutes.Markdown(mins, o)))
	case "html":
		return s.sendDocument(w, r, templates.MinutesDocument(mins, o))
	}
	return fault.New(fault.NotFound, "Minutes come as .txt, .md, .json and .html.")
}

// styles finds the style sheet that a document carries with it.
var styles = regexp.MustCompile(`(?s)<style>(.*?)</style>`)

// sendDocument answers with a page that needs nothing else. Its style sheet is
// named by its hash, so that it and nothing else is taken.
func (s *Server) sendDocument(w http.ResponseWriter, r *http.Request, page templ.Component) error {
	html, err := rendered(r.Context(), page)
	if err != nil {
		return err
	}
	style := "'none'"
	if m := styles.FindStringSubmatch(html); m != nil {
		sum := sha256.Sum256([]byte(m[1]))
		style = "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src "+style+"; form-action 'none'; frame-ancestors 'none'; base-uri 'none'")
	return s.sendBody(w, r, http.StatusOK, "text/html; charset=utf-8", []byte(html))
}

// sendJSON answers with v as JSON, two blanks deep.
func (s *Server) sendJSON(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return s.sendBody(w, r, http.StatusOK, "application/json", append(body, '\n'))
}

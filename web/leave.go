package web

import (
	"crypto/rand"
	"encoding/base32"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// leaveTime is how long it may take to replace somebody's names everywhere.
const leaveTime = 2 * time.Minute

// newPseudonym draws what somebody who leaves is called from then on.
func newPseudonym() string {
	b := make([]byte, 5)
	_, _ = rand.Read(b) // never fails
	return person.LeftStart + strings.ToLower(base32.StdEncoding.EncodeToString(b))
}

// pseudonym is what newPseudonym draws; a form shows it and sends it back.
var pseudonym = regexp.MustCompile(`^left/[a-z2-7]{8}$`)

// showLeave answers GET /settings/leave.
func (s *Server) showLeave(w http.ResponseWriter, r *http.Request) error {
	p, err := s.leavePage(r, newForm(""), newPseudonym())
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Leave(p))
}

// leavePage says what would happen.
func (s *Server) leavePage(r *http.Request, form ui.Form, pseudo string) (templates.LeavePage, error) {
	p := templates.LeavePage{Form: form, Name: actorOf(r).Name, Pseudo: pseudo}
	var err error
	if p.Frame, err = s.frame(r, "Leave"); err != nil {
		return p, err
	}
	p.Frame.NoIndex, p.Frame.Return = true, "/settings"
	x, err := s.Store.Leaving(r.Context(), viewerOf(r))
	p.Names, p.Running = nameRows(p.Clock, x.Names), x.Running
	if x.Lines > 0 {
		p.Lines, p.Meetings = counted(x.Lines, "line", "lines"), counted(x.Meetings, "meeting", "meetings")
	}
	return p, err
}

// leave answers POST /settings/leave. It has more time than other forms: all that
// was ever said may have to be looked through.
func (s *Server) leave(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	_ = rc.SetWriteDeadline(time.Now().Add(leaveTime + pageTime)) // a test's recorder has none
	s.timedFor(leaveTime, s.leaveForGood, s.errorPage)(w, r)
}

func (s *Server) leaveForGood(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	a, pseudo, everywhere := actorOf(r), form.Get("pseudonym"), form.Get("everywhere") != ""
	if !pseudonym.MatchString(pseudo) {
		pseudo = newPseudonym()
	}
	if strings.TrimSpace(form.Get("typed")) != a.Name {
		err = fault.On("typed", "That is not your name. It is %s, exactly so.", a.Name)
	} else {
		err = s.Store.Leave(r.Context(), viewerOf(r), pseudo, everywhere, s.Now().UTC())
	}
	if mendable(err) {
		p, failed := s.leavePage(r, typed("", form, err), pseudo)
		if failed != nil {
			return failed
		}
		return s.again(w, r, err, templates.Leave(p))
	}
	if err != nil {
		return err
	}
	return s.sayLeft(w, r, pseudo, everywhere)
}

// sayLeft tells somebody who was signed in a moment ago that they are gone.
func (s *Server) sayLeft(w http.ResponseWriter, r *http.Request, pseudo string, everywhere bool) error {
	cookie, err := s.gate().signins.End(r.Context(), r, s.Store)
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	r = anonymous(r)
	p := templates.LeftPage{Pseudo: pseudo, Everywhere: everywhere}
	if p.Frame, err = s.frame(r, "You have left"); err != nil {
		return err
	}
	p.Frame.NoIndex, p.Frame.Return, p.Frame.Canonical = true, "/", ""
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Left(p))
}

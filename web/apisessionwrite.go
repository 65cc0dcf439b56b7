package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Bodies of changes of a session by API. A revision that is not sent is not asked
// for: then the last change wins.

// sessionEditing is what a session is to be about; what is not sent stays.
type sessionEditing struct {
	Title    string `json:"title,omitempty" about:"what is not sent stays as it is"`
	Goal     string `json:"goal,omitempty" about:"what people want to have at the end"`
	Target   string `json:"target,omitempty" about:"slug; an empty one for none"`
	Host     string `json:"host,omitempty" about:"name of who welcomes people; an empty one for whoever hosts the series"`
	Revision int    `json:"revision,omitempty" about:"refused when the session is of another by now"`
}

// sessionMoving is when and where a session is to be.
type sessionMoving struct {
	StartsAt string `json:"starts_at" is:"instant"`
	EndsAt   string `json:"ends_at" is:"instant" about:"whole minutes after the start"`
	Channel  string `json:"channel,omitempty" about:"network/path; where it is when not sent"`
	Reason   string `json:"reason,omitempty" about:"why; people read it"`
	Overlap  bool   `json:"overlap,omitempty" about:"the channel may be shared with something else"`
	Revision int    `json:"revision,omitempty" about:"refused when the session is of another by now"`
}

// sessionCancelling says why a session does not take place.
type sessionCancelling struct {
	Reason   string `json:"reason" about:"why; people read it"`
	Revision int    `json:"revision,omitempty" about:"refused when the session is of another by now"`
}

// sessionReinstating has a cancelled session take place after all.
type sessionReinstating struct {
	Overlap  bool `json:"overlap,omitempty" about:"the channel may be shared with something else"`
	Revision int  `json:"revision,omitempty" about:"refused when the session is of another by now"`
}

// sessionReplacing names the session that is held instead.
type sessionReplacing struct {
	By       string `json:"by" about:"slug of the joint session"`
	Revision int    `json:"revision,omitempty" about:"refused when the session is of another by now"`
}

// sessionDeeds are the changes of a session for forms and programs alike, by the
// last part of their path.
func (s *Server) sessionDeeds() map[string]deed {
	return map[string]deed{
		"edit": s.editSession, "move": s.moveSession, "cancel": s.cancelSession, "reinstate": s.reinstateSession, "replace": s.replaceSession,
	}
}

// writeSession lets programs change a session by the function that the form has.
func (s *Server) writeSession(name string, do deed) http.HandlerFunc {
	form := s.doSession(name, do)
	return s.write(func(w http.ResponseWriter, r *http.Request) error {
		x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
		if err != nil {
			return err
		}
		switch name {
		case "edit":
			keep(r.PostForm, url.Values{"title": {x.Title}, "goal": {x.Goal}, "target": {x.TargetSlug}})
		case "move":
			if err := asMoveForm(r.PostForm, x); err != nil {
				return err
			}
		}
		return asSent(form(w, r))
	})
}

// keep fills in what was not sent.
func keep(form, is url.Values) {
	for name, values := range is {
		if !form.Has(name) {
			form[name] = values
		}
	}
}

// asMoveForm fills in the fields of the form by which people move x. They are
// written in UTC, where each instant has one name.
func asMoveForm(form url.Values, x hackfest.Session) error {
	starts, errStarts := sentInstant(form, "starts_at")
	ends, errEnds := sentInstant(form, "ends_at")
	if err := errors.Join(errStarts, errEnds); err != nil {
		return err
	}
	length := ends.Sub(starts)
	if length < time.Minute || length%time.Minute != 0 {
		return fault.On("ends_at", "A session ends some whole minutes after it starts.")
	}
	keep(form, url.Values{"channel": {x.Network + "/" + x.ChannelPath}})
	form.Set("date", starts.Format(time.DateOnly))
	form.Set("time", starts.Format(clockLayout))
	form.Set("zone", "UTC")
	form.Set("length", strconv.Itoa(int(length/time.Minute)))
	return nil
}

// sentInstant reads a time of RFC 3339, to the minute.
func sentInstant(form url.Values, name string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, form.Get(name))
	if err != nil || !t.Equal(t.Truncate(time.Minute)) {
		return t, fault.On(name, "%s is a time of RFC 3339 at a whole minute, as in 2026-10-28T19:00:00Z.", name)
	}
	return t.UTC(), nil
}

// sentFields are what programs call the fields that forms have for them.
var sentFields = map[string]string{"date": "starts_at", "time": "starts_at", "zone": "starts_at", "length": "ends_at", "joint": "by"}

// asSent names the fields in err as programs send them.
func asSent(err error) error {
	for _, e := range fault.All(err) {
		if name, ok := sentFields[e.Field]; ok {
			e.Field = name
		}
	}
	return err
}

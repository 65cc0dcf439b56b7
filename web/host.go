package web

import (
	"context"
	"net/url"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// hosting is whom a form names to host what it is about.
type hosting struct {
	given bool      // the form says who; a program may leave it as it is
	id    person.ID // zero for nobody
	name  string    // "" for nobody
}

// typedHost is whom a form names. Nobody's name is fault.Invalid, with Field
// "host".
func (s *Server) typedHost(ctx context.Context, form url.Values) (hosting, error) {
	h := hosting{given: form.Has("host"), name: strings.TrimSpace(form.Get("host"))}
	if h.name == "" {
		return h, nil
	}
	a, err := s.Store.Account(ctx, h.name)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return h, fault.On("host", "%s", fault.Message(err))
	}
	h.id, h.name = a.ID, a.Name
	return h, err
}

// fact is whom h names, for the preview of a form; false when that is who it was.
func (h hosting) fact(was string) (templates.PlanFact, bool) {
	f := templates.PlanFact{Name: "Host", Text: orElse(ui.Visible(h.name), "nobody yet")}
	if was != "" {
		f.Text += changedFrom(ui.Visible(was))
	}
	return f, h.given && h.name != was
}

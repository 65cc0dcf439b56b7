package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// settingsSignins fills in where somebody is signed in.
func (s *Server) settingsSignins(r *http.Request, p *templates.SettingsPage) error {
	list, err := s.Store.Signins(r.Context(), actorOf(r).ID, auth.IdleTime, s.Now().UTC())
	if err != nil {
		return err
	}
	current := s.gate().signins.Current(r)
	for _, x := range list {
		row := templates.SettingsSignin{
			Browser: browser(x.Agent), Address: x.Address, Since: p.Clock.Day(x.CreatedAt, "UTC"), Seen: p.Clock.Gutter(x.SeenAt, "UTC"),
			This: x.ID == current, Revoke: "/settings/signins/" + x.ID + "/end", Once: newKey().String(),
		}
		if !row.This {
			p.Others = newKey().String()
		}
		p.Signins = append(p.Signins, row)
	}
	return nil
}

// What browsers and systems call themselves, the telling ones first: they all
// claim to be several.
var (
	browsers = []struct{ sign, name string }{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chromium/", "Chromium"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"Lynx", "Lynx"},
		{"w3m", "w3m"},
		{"ELinks", "ELinks"},
		{"curl/", "curl"},
	}
	systems = []struct{ sign, name string }{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"CrOS", "ChromeOS"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"FreeBSD", "FreeBSD"},
		{"OpenBSD", "OpenBSD"},
		{"Linux", "Linux"},
	}
)

// browser says in words what a User-Agent is.
func browser(agent string) string {
	name, system := "", ""
	for _, b := range browsers {
		if strings.Contains(agent, b.sign) {
			name = b.name
			break
		}
	}
	for _, x := range systems {
		if strings.Contains(agent, x.sign) {
			system = x.name
			break
		}
	}
	switch {
	case name != "" && system != "":
		return name + " on " + system
	case name+system != "":
		return name + system
	case agent == "":
		return "A browser that does not say what it is"
	}
	return ui.Visible(strings.ToValidUTF8(agent[:min(len(agent), 60)], ""))
}

// endSignin answers POST /settings/signins/{signin}/end.
func (s *Server) endSignin(w http.ResponseWriter, r *http.Request) error {
	id := pathParam(r, "signin")
	if id == s.gate().signins.Current(r) {
		return s.signOut(w, r)
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		return done{To: "/settings#signins", Said: "That sign-in has ended."}, tx.RevokeSignin(ctx, actorOf(r).ID, id)
	})
}

// endOtherSignins answers POST /settings/signins/others.
func (s *Server) endOtherSignins(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		n, err := tx.RevokeSignins(ctx, actorOf(r).ID, s.gate().signins.Current(r))
		return done{To: "/settings#signins", Said: counted(n, "other sign-in", "other sign-ins") + " ended."}, err
	})
}

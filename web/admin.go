package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// Setting is a setting that is in force, as operators may read it: secrets are
// only said to be set.
type Setting struct{ Name, Value string }

// adminPage is the frame of a page of the administration.
func (s *Server) adminFrame(r *http.Request, title string) (templates.Frame, error) {
	f, err := s.frame(r, title)
	f.NoIndex, f.Section = true, "/admin"
	return f, err
}

// showAdmin answers GET /admin.
func (s *Server) showAdmin(w http.ResponseWriter, r *http.Request) error {
	f, err := s.adminFrame(r, "Administration")
	if err != nil {
		return err
	}
	p := templates.AdminPage{
		Frame: f, Version: s.Version, Tzdata: s.Tzdata, Since: f.Clock.Gutter(time.Unix(s.begun.Load(), 0), s.community()),
	}
	for _, x := range s.Settings {
		p.Settings = append(p.Settings, templates.AdminSetting(x))
	}
	if p.GitHub, err = s.wrongWithGitHub(r, f.Clock); err != nil {
		return err
	}
	if s.Bot != nil {
		p.BotHere = true
		b := s.Bot()
		p.Spool = spoolState(b)
		paths, err := s.channelPaths(r)
		if err != nil {
			return err
		}
		for _, n := range b.Networks {
			p.Networks = append(p.Networks, s.adminNetwork(f.Clock, n))
			for _, a := range n.Absent {
				p.Absent = append(p.Absent, templates.AdminAbsence{
					Channel: a.Channel, Network: n.Network, Href: paths[n.Network+" "+a.Channel], Reason: a.Reason, GivenUp: a.GivenUp,
				})
			}
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Admin(p))
}

// channelPaths leads from "network #channel" to the channel's settings.
func (s *Server) channelPaths(r *http.Request) (map[string]string, error) {
	list, err := s.Store.AllChannelSettings(r.Context())
	paths := map[string]string{}
	for _, c := range list {
		paths[c.Network+" "+c.Name] = templates.AdminChannelURL(c.Network, c.Path)
	}
	return paths, err
}

// adminNetwork is the bot on one network, in the words of its server.
func (s *Server) adminNetwork(c ui.Clock, n NetworkHealth) templates.AdminNetwork {
	row := templates.AdminNetwork{
		Name: n.Network, State: networkState(n), Nick: n.Nick, Account: n.Account, Server: n.Server, Channels: len(n.Channels), Trouble: n.Error,
	}
	if n.State == "online" {
		row.Trouble = n.LoginError
	}
	if n.LastLineAt != nil {
		last := c.Gutter(*n.LastLineAt, s.community())
		row.Last = &last
	}
	if n.NextTryAt != nil {
		next := c.Minute(*n.NextTryAt, s.community())
		row.Next = &next
	}
	switch {
	case n.Lag >= time.Millisecond:
		row.Lag = strconv.FormatInt(n.Lag.Milliseconds(), 10) + " ms"
	case n.Lag > 0:
		row.Lag = "under 1 ms"
	}
	return row
}

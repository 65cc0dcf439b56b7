package web

import (
	"context"
	"net/http"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// statusDeliveries is how many announcements of unknown fate are listed.
const statusDeliveries = 10

// showStatus answers GET /status: how the portal is doing, in a few words and
// for everybody. It is there when the database is not.
func (s *Server) showStatus(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := templates.StatusPage{Frame: s.bareFrame(r, "Status"), Version: s.Version, Database: ui.State{Class: "ok", Icon: "tick", Text: "answers"}}
	p.NoIndex, p.Description = true, "How the portal of "+p.Community+" is doing."
	switch {
	case s.ping(ctx) != nil:
		p.Database = ui.State{Class: "soon", Icon: "warn", Text: "does not answer"}
		p.Away = true
	default:
		if f, err := s.frame(r, "Status"); err == nil {
			p.OnAir = f.OnAir
		}
		var err error
		if p.Unsure, err = s.unsure(ctx, p.Clock, r); err != nil {
			return err
		}
	}
	if s.Bot != nil {
		p.BotHere = true
		s.botStatus(&p, s.Bot())
	}
	since := p.Clock.Gutter(time.Unix(s.begun.Load(), 0), s.community())
	p.Since = &since
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Status(p))
}

// unsure are the announcements that a channel perhaps did not hear.
func (s *Server) unsure(ctx context.Context, c ui.Clock, r *http.Request) ([]templates.UnsureRow, error) {
	list, err := s.Store.UnknownDeliveries(ctx, viewerOf(r), statusDeliveries)
	if fault.KindOf(err) == fault.Unavailable {
		return nil, nil // it went away meanwhile
	}
	var rows []templates.UnsureRow
	for _, d := range list {
		row := templates.UnsureRow{
			At: c.Gutter(d.DueAt, s.community()), What: occasionWords[d.Occasion], Title: d.SessionTitle, Href: templates.SessionURL(d.SessionSlug),
			Channel: d.Channel, Network: d.Network, Unknown: d.State == hackfest.DeliveryUnknown, Reason: d.Reason,
		}
		if d.NewsSlug != "" {
			row.Title, row.Href = d.NewsTitle, newsURL(hackfest.News{Slug: d.NewsSlug})
		}
		rows = append(rows, row)
	}
	return rows, err
}

// occasionWords say what was to be announced.
var occasionWords = map[hackfest.Occasion]string{
	hackfest.OccasionDay:     "that it starts in a day",
	hackfest.OccasionHour:    "that it starts in an hour",
	hackfest.OccasionTen:     "that it starts in ten minutes",
	hackfest.OccasionStart:   "that it starts",
	hackfest.OccasionMinutes: "that its minutes are published",
	hackfest.OccasionOutcome: "what changed in its repositories",

	hackfest.OccasionCancelled:  "that it is cancelled",
	hackfest.OccasionMoved:      "that it was moved",
	hackfest.OccasionReinstated: "that it takes place after all",

	hackfest.OccasionNews:     "news",
	hackfest.OccasionDigest:   "the weekly mail",
	hackfest.OccasionTopic:    "that it is the next one",
	hackfest.OccasionGreeting: "a greeting",
}

// botStatus fills in where the bot is. Why it is not somewhere is for operators
// (/healthz): the words of a server may hold addresses.
func (s *Server) botStatus(p *templates.StatusPage, b BotHealth) {
	for _, n := range b.Networks {
		row := templates.NetworkRow{Name: n.Network, State: networkState(n), Nick: n.Nick, Channels: len(n.Channels)}
		if n.LastLineAt != nil {
			last := p.Clock.Gutter(*n.LastLineAt, s.community())
			row.Last = &last
		}
		p.Networks = append(p.Networks, row)
	}
	p.Spool = spoolState(b)
}

// spoolState says how what was heard gets into the database.
func spoolState(b BotHealth) ui.State {
	switch {
	case b.SpoolError != "":
		return ui.State{Class: "soon", Icon: "warn", Text: "cannot be written"}
	case b.DatabaseAway != nil:
		return ui.State{Class: "soon", Icon: "clock", Text: "keeps what is said until the database is back"}
	}
	return ui.State{Class: "ok", Icon: "tick", Text: "nothing waits"}
}

// networkState says whether the bot is on a network.
func networkState(n NetworkHealth) ui.State {
	switch n.State {
	case "online":
		if len(n.Channels) == 0 {
			return ui.State{Class: "soon", Icon: "warn", Text: "connected, in no channel"}
		}
		return ui.State{Class: "ok", Icon: "tick", Text: "there"}
	case "connecting", "registering":
		return ui.State{Class: "soon", Icon: "clock", Text: "on its way"}
	}
	return ui.State{Class: "soon", Icon: "warn", Text: "not there; it tries again"}
}

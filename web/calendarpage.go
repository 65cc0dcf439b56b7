package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/static"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// calendarPreview is how many entries /calendar shows of what one subscribes to.
const calendarPreview = 5

// picked is what a calendar is to tell of.
type picked struct {
	of     string // as the form has it
	name   string
	path   string // of the calendar
	filter store.SessionFilter
}

// showCalendar answers GET /calendar.
func (s *Server) showCalendar(w http.ResponseWriter, r *http.Request) error {
	p, err := s.calendarPage(r, "")
	if err != nil {
		return err
	}
	return s.show(w, r, templates.Calendar(p))
}

// calendarPage is the page; secret is the token of an address that was made just
// now, "" when none was.
func (s *Server) calendarPage(r *http.Request, secret string) (templates.CalendarPage, error) {
	f, err := s.frame(r, "Calendar")
	if err != nil {
		return templates.CalendarPage{}, err
	}
	f.Section, f.Description = "/calendar", "Have the sessions in your own calendar, and changes as well."
	f.Scripts = append(f.Scripts, static.URL("js/copy.js"))
	p := templates.CalendarPage{Frame: f, Form: newForm(""), MineForm: newForm("mine"), RevokeForm: newForm("revoke")}
	all, err := s.calendarChoices(r.Context())
	if err != nil {
		return p, err
	}
	q := r.URL.Query()
	chosen := all[0]
	for _, c := range all {
		p.Choices = append(p.Choices, ui.Choice{Value: c.of, Text: c.name})
		if c.of == q.Get("of") {
			chosen = c
		}
	}
	p.Of, p.Alarm, p.Hide = chosen.of, q.Get("alarm"), q.Get("cancelled") == "hide"
	if _, ok := parseAlarm(p.Alarm); !ok {
		p.Alarm = ""
	}
	p.Picked = s.subscription(chosen.name, chosen.path, p.Alarm, p.Hide)
	f0 := chosen.filter
	f0.From, f0.Limit = f.Clock.Now, 2*calendarPreview
	list, err := s.Store.Sessions(r.Context(), person.PublicViewer, f0)
	if err != nil {
		return p, err
	}
	if p.Next, err = s.calendarRows(r, f.Clock, list, p.Hide); err != nil {
		return p, err
	}
	return p, s.fillMine(r, &p, secret)
}

// calendarChoices are the calendars that everybody may have: everything, each
// series that goes on, each target with a session to come, each channel.
func (s *Server) calendarChoices(ctx context.Context) ([]picked, error) {
	list := []picked{{of: "", name: "Everything", path: "/calendar/all.ics"}}
	series, err := s.Store.SeriesList(ctx, person.PublicViewer)
	if err != nil {
		return nil, err
	}
	for _, x := range series {
		if !s.overForGood(x, s.Now()) {
			list = append(list, picked{"series/" + x.Slug, "Series: " + x.Title, templates.SeriesCalendarURL(x.Slug), store.SessionFilter{Series: x.Slug}})
		}
	}
	targets, err := s.Store.Targets(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range targets {
		list = append(list, picked{"targets/" + x.Slug, "Target: " + x.Name, templates.TargetCalendarURL(x.Slug), store.SessionFilter{Target: x.Slug}})
	}
	channels, err := s.Store.Channels(ctx, person.PublicViewer)
	if err != nil {
		return nil, err
	}
	for _, x := range channels {
		list = append(list, picked{
			"channel/" + x.Network + "/" + x.Path, "Channel: " + x.Name + " on " + x.Network,
			templates.ChannelCalendarURL(x.Network, x.Path),
			store.SessionFilter{Network: x.Network, Channel: x.Folded},
		})
	}
	return list, nil
}

// subscription is how to subscribe to the calendar at a path.
func (s *Server) subscription(name, path, alarm string, hide bool) templates.Subscription {
	q := url.Values{}
	if alarm != "" {
		q.Set("alarm", alarm)
	}
	if hide {
		q.Set("cancelled", "hide")
	}
	address := s.BaseURL + path
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	_, rest, _ := strings.Cut(address, "://")
	webcal := "webcal://" + rest
	return templates.Subscription{
		Name: name, Address: address, Webcal: webcal,
		Google:  "https://calendar.google.com/calendar/r?" + url.Values{"cid": {webcal}}.Encode(),
		Outlook: "https://outlook.live.com/calendar/0/addfromweb?" + url.Values{"url": {address}, "name": {s.Community + ": " + name}}.Encode(),
	}
}

// calendarRows are the next entries of a calendar.
func (s *Server) calendarRows(r *http.Request, c ui.Clock, list []hackfest.Session, hide bool) ([]templates.SessionRow, error) {
	var next []hackfest.Session
	for _, x := range list {
		if x.State != hackfest.StateProposed && !(hide && x.State == hackfest.StateCancelled) && len(next) < calendarPreview {
			next = append(next, x)
		}
	}
	return s.flagged(r.Context(), person.PublicViewer, c, next)
}

// fillMine fills in the reader's own calendar.
func (s *Server) fillMine(r *http.Request, p *templates.CalendarPage, secret string) error {
	a := actorOf(r)
	if !a.SignedIn() {
		p.MineSignin = "/signin?" + url.Values{"next": {"/calendar"}}.Encode()
		return nil
	}
	link, err := s.Store.CalendarLink(r.Context(), a.ID)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return nil
	case err != nil:
		return err
	}
	made := p.Clock.Day(link.CreatedAt, "UTC")
	p.MineMade = &made
	if !link.UsedAt.IsZero() {
		used := p.Clock.Gutter(link.UsedAt, "UTC")
		p.MineUsed = &used
	}
	if secret != "" {
		x := s.subscription("mine", "/calendar/mine/"+secret+".ics", p.Alarm, p.Hide)
		p.Mine = &x
	}
	return nil
}

// makeCalendarLink answers POST /calendar/mine: an address of one's own, in place
// of the one before. It shows the page itself: the secret is kept nowhere to be
// shown after a redirect. The same form, sent again, makes no second one.
func (s *Server) makeCalendarLink(w http.ResponseWriter, r *http.Request) error {
	if _, err := formOf(r); err != nil {
		return err
	}
	secret := ""
	_, err := s.once(r, func(ctx context.Context, tx *store.Store) (done, error) {
		token, hash := auth.NewSecret()
		secret = token
		return done{To: "/calendar#mine"}, tx.SetCalendarLink(ctx, actorOf(r).ID, hash, s.Now().UTC())
	})
	if err != nil {
		return err
	}
	p, err := s.calendarPage(r, secret)
	if err != nil {
		return err
	}
	p.MineGone = secret == ""
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Calendar(p))
}

// revokeCalendarLink answers POST /calendar/mine/revoke.
func (s *Server) revokeCalendarLink(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		err := tx.RevokeCalendarLink(ctx, actorOf(r).ID)
		return done{To: "/calendar#mine", Said: "Your calendar has no address any more. Programs that had it find nothing."}, err
	})
}

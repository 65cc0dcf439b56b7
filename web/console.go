package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// waitRefresh is after how many seconds a page without script looks again what
// became of a command.
const waitRefresh = 3

// speakerOf is what the reader of r may say in session x.
func (s *Server) speakerOf(r *http.Request, x hackfest.Session, standing []hackfest.Action) (speaker, error) {
	a := actorOf(r)
	if person.Can(a, person.TakePart, person.Object{}) != nil {
		return speaker{viewer: a.Viewer}, nil
	}
	ctx := r.Context()
	o, err := s.Store.RelationToSession(ctx, a.Viewer, x.Slug)
	if err != nil {
		return speaker{}, err
	}
	by := speaker{viewer: a.Viewer, signedIn: true, chair: person.Can(a, person.RunMeeting, o) == nil, owns: map[hackfest.ItemID]bool{}}
	if by.nick, _, err = s.Store.SpeaksAs(ctx, a.ID, x.Network); err != nil {
		return speaker{}, err
	}
	if len(standing) > 0 && !by.chair {
		own, err := s.Store.Actions(ctx, a.Viewer, store.ActionFilter{Series: x.SeriesSlug, Open: true, Person: a.ID, Limit: standingMost})
		if err != nil {
			return speaker{}, err
		}
		for _, x := range own {
			by.owns[x.ID] = true
		}
	}
	return by, nil
}

// console is what the reader by may say in the session of p; nil when nothing.
func (s *Server) console(r *http.Request, p *templates.SessionPage, f floorNow, by speaker) (*templates.Console, error) {
	x := p.Session
	if !by.signedIn || x.Running == 0 && !by.chair {
		return nil, nil
	}
	path := templates.SessionURL(x.Slug) + "/live"
	c := &templates.Console{
		Path: path, Channel: x.Channel, Nick: ui.Visible(by.nick), Chair: by.chair, Running: x.Running > 0,
		Title: x.Title, Kinds: itemKinds(by.chair),
		Topic: newForm("topic"), Text: newForm("item"), Question: newForm("startvote"), Name: newForm("start"), End: newForm("end"),
	}
	if !startable(x, p.Clock.Now) {
		opens := p.Clock.Gutter(x.StartsAt.Add(-startAhead), x.Zone)
		c.Opens = &opens
	}
	if by.chair && !f.meeting.IsZero() {
		c.Place = placeURL(f.meeting)
	}
	if b := f.vote(); b != nil {
		c.Voting = b.Open
	}
	c.Next, c.Undo = nextBox(path, f), undoBox(path, f)
	c.Sent = p.Sent
	var err error
	c.Away, err = s.botAway(r.Context(), x)
	return c, err
}

// nextBox is the button that takes up the next item of the agenda.
func nextBox(path string, f floorNow) templates.NextBox {
	n := templates.NextBox{Path: path + "/take", Form: newForm("next")}
	for _, i := range f.agenda {
		if i.State == hackfest.AgendaOpen {
			n.ID, n.Text = agendaID(i), ui.Visible(i.Text)
			break
		}
	}
	return n
}

// undoBox is what would be taken back.
func undoBox(path string, f floorNow) templates.UndoBox {
	return templates.UndoBox{Path: path + "/undo", ID: f.newest.ID, Text: f.newest.Text, Form: newForm("undo")}
}

// given is how the command stands that led to this page; nil when none did.
func (s *Server) given(r *http.Request) (*hackfest.CommandStatus, error) {
	id := r.URL.Query().Get("sent")
	if id == "" {
		return nil, nil
	}
	st, err := s.Store.Command(r.Context(), viewerOf(r), id, s.Now())
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil // somebody else's, or nobody's
	}
	return &st, err
}

// sentNote is what became of a command. While that is not known the page looks
// again by itself.
func (s *Server) sentNote(r *http.Request, p *templates.SessionPage, st hackfest.CommandStatus) (*templates.Sent, error) {
	ctx, v := r.Context(), viewerOf(r)
	n := &templates.Sent{Line: ui.Visible(st.Text), Where: p.Session.Channel, OffRecord: st.OffRecord}
	switch {
	case st.State == hackfest.CommandWaiting, st.State == hackfest.CommandGiven && !st.Stored:
		n.Poll = templates.SessionURL(p.Session.Slug) + "?sent=" + st.ID
		if p.Frame.Refresh == 0 {
			p.Frame.Refresh = waitRefresh
		}
	case st.State == hackfest.CommandGiven:
		at := p.Clock.Minute(st.Ref.Time(), p.Session.Zone)
		n.At = &at
		line, _, err := s.Store.Line(ctx, v, st.Ref)
		if fault.KindOf(err) == fault.NotFound {
			return n, nil // a secret ballot
		}
		if err != nil {
			return nil, err
		}
		at = p.Clock.Minute(line.At, p.Session.Zone)
		n.Href, n.Line = templ.SafeURL(templates.LineURL(st.Ref)), ui.Visible(line.Text)
	}
	return n, nil
}

// botAway says why nothing that is sent to the channel of x now is said there;
// "" when it will be.
func (s *Server) botAway(ctx context.Context, x hackfest.Session) (string, error) {
	if s.Bot == nil {
		there, err := s.Store.BotThere(ctx)
		if err != nil || there {
			return "", err
		}
		return "No bot is on IRC now: nothing that is sent from here is said until it is back.", nil
	}
	b := s.Bot()
	i := slices.IndexFunc(b.Networks, func(n NetworkHealth) bool { return n.Network == x.Network })
	switch {
	case i < 0 || b.Networks[i].State != "online":
		return "The bot is not on " + x.Network + " now: nothing that is sent from here is said until it is back.", nil
	case !slices.ContainsFunc(b.Networks[i].Channels, func(c string) bool { return strings.EqualFold(c, x.Channel) }):
		return "The bot is not in " + x.Channel + " now: nothing that is sent from here is said until it is back.", nil
	}
	return "", nil
}

// botNick is what the bot is called on a network, as far as this process knows.
func (s *Server) botNick(network string) string {
	if s.Bot != nil {
		for _, n := range s.Bot().Networks {
			if n.Network == network && n.Nick != "" {
				return n.Nick
			}
		}
	}
	return "the bot"
}

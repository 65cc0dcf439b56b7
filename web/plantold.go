package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
)

// polling is how often calendar programs ask for a feed.
const polling = "Google 8 to 24 hours, Outlook.com about 3 hours but up to 24, Outlook on a desktop 1 to 3 hours, Apple from 5 minutes on as its owner chose"

// told says where people learn of what is planned for x: what is said in its
// channel, and when pages and calendars have it. said is what the channel is told
// at once; "" is nothing.
func (s *Server) told(r *http.Request, x hackfest.Session, said string) ([]templates.PlanTold, error) {
	list, err := s.toldOnIRC(r, x, said)
	if err != nil {
		return nil, err
	}
	list = append(list, templates.PlanTold{Where: "Pages", What: "its own, the schedule, the home page", When: "at once"})
	feeds := templates.PlanTold{Where: "Feeds", What: "Atom and calendar feeds, the API", When: "at once, for whoever asks"}
	calendars := templates.PlanTold{Where: "Subscribed calendars", What: "the entry changes where it is", When: polling}
	if x.Visibility == person.MembersOnly {
		feeds.What, calendars.What = "private calendar feeds of members", "those of members"
	}
	letters, err := s.toldByMail(r, x)
	return append(list, feeds, calendars, letters), err
}

// toldByMail is who is written to about x.
func (s *Server) toldByMail(r *http.Request, x hackfest.Session) (templates.PlanTold, error) {
	t := templates.PlanTold{Where: "Mail", What: "nobody: no mail can be sent from here"}
	if s.Post == nil {
		return t, nil
	}
	n, err := s.Store.Followers(r.Context(), x)
	switch {
	case err != nil:
		return t, err
	case n == 0:
		t.What = "nobody follows it by mail"
		return t, nil
	}
	t.What, t.When = "one address following it", "within a minute, and a day before it"
	if n > 1 {
		t.What = strconv.Itoa(n) + " addresses following it"
	}
	switch {
	case x.State == hackfest.StateCancelled:
		t.When = "within a minute"
	case x.ID == 0:
		t.When = "a day before it"
	}
	return t, nil
}

// saysIn is what the channel is called in which the bot speaks of x, and why it
// does not; "" when it does.
func (s *Server) saysIn(r *http.Request, network, path string, x hackfest.Session) (where, not string, err error) {
	channel, err := s.Store.Channel(r.Context(), viewerOf(r), network, path)
	if err != nil {
		return "", "", err
	}
	where = channel.Name + " on " + channel.Network
	settings, err := s.Store.ChannelSettings(r.Context(), channel.ID)
	switch {
	case err != nil:
		return "", "", err
	case !settings.Joined:
		return where, "nothing: the bot is not in it", nil
	case !settings.Announce:
		return where, "nothing: announcements are off there", nil
	case x.Visibility == person.MembersOnly && channel.Visibility == person.Public:
		return where, "nothing: it is for members, and the channel is not", nil
	}
	return where, "", nil
}

// toldWhereItWas adds to a preview what the bot says in the channel that a session
// leaves: was is the session before, is the one from then on.
func (s *Server) toldWhereItWas(r *http.Request, v *templates.PlanPreview, was, is hackfest.Session, said string) error {
	if said == "" || was.Network == is.Network && was.Channel == is.Channel {
		return nil
	}
	where, not, err := s.saysIn(r, was.Network, was.ChannelPath, is)
	told := templates.PlanTold{Where: where, What: not}
	if not == "" {
		told.What, told.When = "“"+said+"”", "within a minute"
	}
	v.Told = slices.Insert(v.Told, 0, told)
	return err
}

// toldOnIRC is what the bot says in the channel of x.
func (s *Server) toldOnIRC(r *http.Request, x hackfest.Session, said string) ([]templates.PlanTold, error) {
	where, not, err := s.saysIn(r, x.Network, x.ChannelPath, x)
	if err != nil || not != "" {
		return []templates.PlanTold{{Where: where, What: not}}, err
	}
	var list []templates.PlanTold
	if said != "" {
		list = append(list, templates.PlanTold{Where: where, What: "“" + said + "”", When: "within a minute"})
	}
	if said == "" && x.State == hackfest.StateCancelled {
		list = append(list, templates.PlanTold{Where: where, What: "nothing now: it is more than two days ahead. What was to be said before it falls away", When: ""})
	}
	if x.State == hackfest.StateScheduled {
		line := announce.Start(x, s.BaseURL, x.StartsAt.Add(-time.Hour))
		list = append(list, templates.PlanTold{Where: where, What: "“" + line + "”", When: "an hour and ten minutes before it, and at its start"})
	}
	return list, nil
}

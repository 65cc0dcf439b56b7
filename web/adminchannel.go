package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// listAllChannels answers GET /admin/channels.
func (s *Server) listAllChannels(w http.ResponseWriter, r *http.Request) error {
	return s.channelsPage(w, r, newForm("new"), nil)
}

// channelsPage shows all channels, with the form to add one; wrong is what was
// wrong with that.
func (s *Server) channelsPage(w http.ResponseWriter, r *http.Request, form ui.Form, wrong error) error {
	f, err := s.adminFrame(r, "Channels")
	if err != nil {
		return err
	}
	p := templates.AdminChannelsPage{Frame: f, New: form}
	list, err := s.Store.AllChannelSettings(r.Context())
	if err != nil {
		return err
	}
	for _, c := range list {
		row := templates.AdminChannelRow{ChannelSettings: c, Href: templates.AdminChannelURL(c.Network, c.Path)}
		row.Purpose = ui.Visible(c.Purpose)
		row.State, row.Why = s.whereabouts(c)
		p.Channels = append(p.Channels, row)
	}
	networks, err := s.Store.Networks(r.Context())
	if err != nil {
		return err
	}
	for _, n := range networks {
		p.Networks = append(p.Networks, ui.Choice{Value: n, Text: n})
	}
	if wrong != nil {
		return s.again(w, r, wrong, templates.AdminChannels(p))
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.AdminChannels(p))
}

// whereabouts says whether the bot is in a channel, and why it is not although it
// should be.
func (s *Server) whereabouts(c hackfest.ChannelSettings) (state ui.State, why string) {
	if !c.Joined {
		return ui.State{Class: "off", Icon: "struck", Text: "not in it"}, ""
	}
	if s.Bot == nil {
		return ui.State{Class: "scheduled", Icon: "hollow", Text: "asked to be in it"}, ""
	}
	networks := s.Bot().Networks
	i := slices.IndexFunc(networks, func(n NetworkHealth) bool { return n.Network == c.Network })
	if i < 0 {
		return ui.State{Class: "soon", Icon: "warn", Text: "not there"}, "The bot is not set up for this network any more."
	}
	n := networks[i]
	same := func(name string) bool {
		return name == c.Name || irctext.RFC1459.Fold(name) == irctext.RFC1459.Fold(c.Name)
	}
	if slices.ContainsFunc(n.Channels, same) {
		return ui.State{Class: "ok", Icon: "tick", Text: "in it"}, ""
	}
	if n.State != "online" {
		return ui.State{Class: "soon", Icon: "warn", Text: "not there"}, "The bot is not on the network now."
	}
	for _, a := range n.Absent {
		if same(a.Channel) && a.GivenUp {
			return ui.State{Class: "soon", Icon: "warn", Text: "given up"}, a.Reason
		}
		if same(a.Channel) {
			return ui.State{Class: "soon", Icon: "clock", Text: "tries to join"}, a.Reason
		}
	}
	return ui.State{Class: "soon", Icon: "clock", Text: "about to join"}, ""
}

// addChannel answers POST /admin/channels.
func (s *Server) addChannel(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	network, key, purpose := form.Get("network"), form.Get("key"), strings.TrimSpace(form.Get("purpose"))
	name, err := hackfest.ChannelName(form.Get("channel"))
	rest := hackfest.ChannelSettings{Purpose: purpose, Visibility: person.Public, StartRight: hackfest.StartAnyone, Announces: hackfest.AnnouncesOwn}
	if err = errors.Join(err, hackfest.CheckKey(key), rest.Check()); err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			id, err := tx.AddChannel(ctx, network, name, key, purpose, s.Now())
			if err != nil {
				return done{}, err
			}
			c, err := tx.ChannelSettings(ctx, id)
			if err != nil {
				return done{}, err
			}
			err = s.audit(ctx, tx, r, "add channel", network+" "+name, nil, channelFacts(c))
			return done{To: templates.AdminChannelURL(network, c.Path), Said: "The bot joins " + name + "."}, err
		})
	}
	if mendable(err) {
		return s.channelsPage(w, r, typed("new", form, err), err)
	}
	return err
}

// channelFacts are the settings of a channel for the audit log: without its key.
func channelFacts(c hackfest.ChannelSettings) map[string]any {
	return map[string]any{
		"purpose": c.Purpose, "web chat": c.WebchatURL, "visibility": c.Visibility, "joined": c.Joined, "logged": c.Logged,
		"announcements": c.Announce, "announced": c.Occasions, "sessions announced": c.Announces, "topic shows the next session": c.Topic,
		"sessions are held there": c.Hackfests, "greets newcomers": c.Greet, "confirms items": c.Noisy, "W3C forms": c.W3C, "meetings started by": c.StartRight, "key": c.Keyed,
	}
}

// channelOf finds the channel that the path of r names.
func (s *Server) channelOf(r *http.Request) (hackfest.ChannelSettings, error) {
	c, err := s.Store.Channel(r.Context(), viewerOf(r), pathParam(r, "network"), pathParam(r, "channel"))
	if err != nil {
		return hackfest.ChannelSettings{}, err
	}
	return s.Store.ChannelSettings(r.Context(), c.ID)
}

// showChannel answers GET /admin/channels/{network}/{channel}.
func (s *Server) showChannel(w http.ResponseWriter, r *http.Request) error {
	c, err := s.channelOf(r)
	if err != nil {
		return err
	}
	p, err := s.channelPage(r, c, newForm(""))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.AdminChannel(p))
}

func (s *Server) channelPage(r *http.Request, c hackfest.ChannelSettings, form ui.Form) (templates.AdminChannelPage, error) {
	f, err := s.adminFrame(r, c.Name)
	if err != nil {
		return templates.AdminChannelPage{}, err
	}
	p := templates.AdminChannelPage{
		Frame: f, Channel: c, Href: templates.AdminChannelURL(c.Network, c.Path), Log: templates.LogURL(c.Network, c.Path),
		Form: form, Again: newForm("again"),
	}
	p.State, p.Why = s.whereabouts(c)
	holds, err := s.Store.ChannelHolds(r.Context(), viewerOf(r), c.ID)
	p.Running = holds.Running
	return p, err
}

// saveChannel answers POST /admin/channels/{network}/{channel}. What hides or
// publishes a log, or takes the bot out of a meeting, is asked about first.
func (s *Server) saveChannel(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	was, err := s.channelOf(r)
	if err != nil {
		return err
	}
	c, key := channelForm(was, form)
	err = errors.Join(c.Check(), hackfest.CheckKey(key.Key))
	if err == nil && form.Get("confirmed") == "" && c.Revision == was.Revision {
		does, err := s.channelEffects(r, was, c)
		if err != nil {
			return err
		}
		if len(does) > 0 {
			return s.confirmChannel(w, r, c, form, does)
		}
	}
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			return s.storeChannel(ctx, tx, r, c, key)
		})
	}
	if !mendable(err) {
		return err
	}
	back := typed("", form, err)
	if fault.KindOf(err) == fault.Conflict {
		var failed error
		if was, failed = s.channelOf(r); failed != nil { // as it is by now, so that what was typed can be sent again
			return failed
		}
		back.Theirs = channelValues(was)
	}
	p, failed := s.channelPage(r, was, back)
	if failed != nil {
		return failed
	}
	return s.again(w, r, err, templates.AdminChannel(p))
}

// channelForm is what a form asks for.
func channelForm(c hackfest.ChannelSettings, form url.Values) (hackfest.ChannelSettings, store.NewKey) {
	c.Revision = revisionOf(form)
	c.Purpose, c.WebchatURL = strings.TrimSpace(form.Get("purpose")), strings.TrimSpace(form.Get("webchat"))
	c.Visibility, c.StartRight = person.Visibility(form.Get("visibility")), hackfest.StartRight(form.Get("start"))
	c.Joined, c.Logged, c.Announce = form.Get("joined") != "", form.Get("logged") != "", form.Get("announce") != ""
	c.Occasions, c.Announces = slices.Clone(form["occasions"]), hackfest.Announces(form.Get("announces"))
	c.Topic, c.Hackfests, c.Greet = form.Get("topic") != "", form.Get("hackfests") != "", form.Get("greet") != ""
	c.Noisy, c.W3C = form.Get("noisy") != "", form.Get("w3c") != ""
	key := store.NewKey{Key: form.Get("key")}
	key.None = form.Get("nokey") != "" && key.Key == ""
	return c, key
}

// channelValues are the settings of c as a form has them.
func channelValues(c hackfest.ChannelSettings) url.Values {
	return url.Values{
		"purpose": {c.Purpose}, "webchat": {c.WebchatURL}, "visibility": {string(c.Visibility)}, "start": {string(c.StartRight)},
		"announces": {string(c.Announces)},
	}
}

// channelEffects says what a change does that should be known before; nothing of
// most.
func (s *Server) channelEffects(r *http.Request, was, c hackfest.ChannelSettings) ([]string, error) {
	leaves, mutes := was.Joined && !c.Joined, was.Logged && !c.Logged
	if was.Visibility == c.Visibility && !leaves && !mutes {
		return nil, nil
	}
	h, err := s.Store.ChannelHolds(r.Context(), viewerOf(r), c.ID)
	if err != nil {
		return nil, err
	}
	what := irctext.Count(h.Lines, "line") + " of its log, " + irctext.Count(h.Meetings, "meeting") + " with their minutes and " + irctext.Count(h.Sessions, "session")
	var does []string
	switch {
	case was.Visibility == c.Visibility:
	case c.Visibility == person.MembersOnly:
		does = append(does, "Hidden from everybody who is not signed in, at once and wherever they stand: "+what+".",
			"What others have read, copied or found by a search engine stays with them.")
	default:
		does = append(does, "Published, for everybody and for search engines: "+what+".",
			"Meetings and sessions that are for members for a reason of their own stay so. Tell the people in the channel before you do this.")
	}
	if leaves && h.Running {
		does = append(does, "A meeting is running there. It stays open without the bot, and ends by itself after three hours of silence.")
	}
	if mutes && h.Running {
		does = append(does, "A meeting is running there. Nothing more of it is noted, and it ends by itself after three hours of silence.")
	}
	return does, nil
}

// confirmChannel asks whether a change is meant.
func (s *Server) confirmChannel(w http.ResponseWriter, r *http.Request, c hackfest.ChannelSettings, form url.Values, does []string) error {
	f, err := s.adminFrame(r, c.Name)
	if err != nil {
		return err
	}
	p := templates.AdminConfirmPage{Frame: f, Name: c.Name, Href: templates.AdminChannelURL(c.Network, c.Path), Does: does, Button: "Save it"}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			p.Values = append(p.Values, templates.HiddenValue{Name: name, Value: value})
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.send(w, r, http.StatusOK, templates.AdminConfirm(p))
}

// storeChannel saves the settings c.
func (s *Server) storeChannel(ctx context.Context, tx *store.Store, r *http.Request, c hackfest.ChannelSettings, key store.NewKey) (done, error) {
	was, err := tx.ChannelSettings(ctx, c.ID)
	if err != nil {
		return done{}, err
	}
	if err := tx.ChangeChannel(ctx, c, key); err != nil {
		return done{}, err
	}
	c.Keyed = key.Key != "" || was.Keyed && !key.None
	before, after := channelFacts(was), channelFacts(c)
	if key.Key != "" {
		after["key"] = "a new one"
	}
	page := templates.AdminChannelURL(c.Network, c.Path)
	d := done{To: page, Said: c.Name + " is saved."}
	switch {
	case was.Joined && !c.Joined:
		d.Said, d.Undo = "The bot leaves "+c.Name+".", page+"/join"
	case !was.Joined && c.Joined:
		d.Said = "The bot joins " + c.Name + "."
	case was.Visibility != c.Visibility && c.Visibility == person.MembersOnly:
		d.Said = c.Name + " is for members now."
	case was.Visibility != c.Visibility:
		d.Said = c.Name + " is public now."
	}
	return d, s.audit(ctx, tx, r, "change channel", c.Network+" "+c.Name, before, after)
}

// joinChannel answers POST /admin/channels/{network}/{channel}/join: the bot is to
// be there, and tries afresh.
func (s *Server) joinChannel(w http.ResponseWriter, r *http.Request) error {
	c, err := s.channelOf(r)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		if err := tx.AskToJoin(ctx, c.ID); err != nil {
			return done{}, err
		}
		err := s.audit(ctx, tx, r, "join channel", c.Network+" "+c.Name, map[string]bool{"joined": c.Joined}, map[string]bool{"joined": true})
		return done{To: templates.AdminChannelURL(c.Network, c.Path), Said: "The bot tries to join " + c.Name + "."}, err
	})
}

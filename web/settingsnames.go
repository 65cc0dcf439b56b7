package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// settingsNames fills in what somebody is called on IRC, and where they can prove
// more.
func (s *Server) settingsNames(r *http.Request, p *templates.SettingsPage) error {
	list, err := s.Store.Identities(r.Context(), actorOf(r).ID)
	if err != nil {
		return err
	}
	p.Names = nameRows(p.Clock, list)
	if s.Bot != nil {
		for _, n := range s.Bot().Networks {
			p.Networks = append(p.Networks, ui.Choice{Value: n.Network, Text: n.Network})
		}
		return nil
	}
	channels, err := s.Store.Channels(r.Context(), viewerOf(r)) // the bot is in another process
	if err != nil {
		return err
	}
	for _, c := range channels {
		choice := ui.Choice{Value: c.Network, Text: c.Network}
		if c.Joined && !slices.Contains(p.Networks, choice) {
			p.Networks = append(p.Networks, choice)
		}
	}
	return nil
}

// nameRows are the names that are somebody's now, proven.
func nameRows(c ui.Clock, list []person.Identity) []templates.SettingsName {
	var rows []templates.SettingsName
	for _, d := range list {
		if !d.Until.IsZero() || d.ProvenAt.IsZero() {
			continue
		}
		rows = append(rows, templates.SettingsName{
			Network: d.Network, Value: d.Value, Account: d.Kind == person.IRCAccount, Since: c.Day(d.Since, "UTC"),
			GiveUp: "/settings/names/" + strconv.FormatInt(int64(d.ID), 10) + "/give-up", Once: newKey().String(),
		})
	}
	return rows
}

// claimName answers POST /settings/claim with a code to say to the bot. It shows
// the page itself, since the code is kept nowhere to be shown after a redirect.
func (s *Server) claimName(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	network, now := form.Get("network"), s.Now().UTC()
	code, hash := auth.NewCode()
	err = s.Store.AddClaim(r.Context(), hash, actorOf(r).ID, network, now, now.Add(auth.ClaimTime))
	if fault.KindOf(err) == fault.NotFound && err != nil {
		err = fault.On("network", "%s", fault.Message(err))
	}
	if err != nil {
		return s.settingsAgain(w, r, err, func(p *templates.SettingsPage) { p.Claim = retyped("claim", form, err) })
	}
	p, err := s.settingsPage(r)
	if err != nil {
		return err
	}
	p.Code = &templates.ClaimCode{Network: network, Line: "/msg " + s.botOn(network) + " claim " + code}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Settings(p))
}

// usualBot is what the bot is called where nothing else is known.
const usualBot = "hackbot"

// botOn is the bot's nick on a network.
func (s *Server) botOn(network string) string {
	if s.Bot != nil {
		for _, n := range s.Bot().Networks {
			if n.Network == network && n.Nick != "" {
				return n.Nick
			}
		}
	}
	return usualBot
}

// identityOf reads which name a path is about.
func identityOf(r *http.Request) (person.IdentityID, error) {
	return pathID[person.IdentityID](r, "identity", fault.New(fault.NotFound, "There is no such name."))
}

// giveUpName answers POST /settings/names/{identity}/give-up.
func (s *Server) giveUpName(w http.ResponseWriter, r *http.Request) error {
	id, err := identityOf(r)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		d, err := tx.GiveUpIdentity(ctx, actorOf(r).ID, id, s.Now().UTC())
		return done{
			To: "/settings#names", Said: d.Value + " on " + d.Network + " is yours no more. What you said under it stays yours.",
			Undo: "/settings/names/" + strconv.FormatInt(int64(id), 10) + "/take-back",
		}, err
	})
}

// takeBackName answers POST /settings/names/{identity}/take-back: giving it up
// was a mistake.
func (s *Server) takeBackName(w http.ResponseWriter, r *http.Request) error {
	id, err := identityOf(r)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		d, err := tx.TakeBackIdentity(ctx, actorOf(r).ID, id, s.Now().UTC().Add(-hackfest.UndoTime))
		return done{To: "/settings#names", Said: d.Value + " on " + d.Network + " is yours again."}, err
	})
}

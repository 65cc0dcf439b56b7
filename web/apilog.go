package web

import (
	"net/http"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// apiChannel is a channel in the API.
type apiChannel struct {
	Network string `json:"network"`
	Channel string `json:"channel"`
	Path    string `json:"path" about:"of the channel in addresses, not yet percent-encoded"`
	Server  string `json:"server"`
	Purpose string `json:"purpose"`
	WebChat string `json:"webchat_url"`
	Joined  bool   `json:"joined" about:"the bot should be in it"`
	Logged  bool   `json:"logged"`
	URL     string `json:"url" is:"uri" about:"of its log"`
}

// apiLine is a line of a channel's log in the API.
type apiLine struct {
	ID         hackfest.Ref `json:"id"`
	At         string       `json:"at" is:"instant" about:"as the server of the network says"`
	ReceivedAt string       `json:"received_at" is:"instant"`
	Nick       string       `json:"nick"`
	Account    string       `json:"account" about:"services account; empty when none is known"`
	Kind       string       `json:"kind" is:"message|action|notice|join|part|quit|nick|topic|mode|kick|gap"`
	Text       string       `json:"text" about:"of a nick line the new nick, of a kick who and why"`
	Redacted   bool         `json:"redacted" about:"its words were taken away"`
	OffRecord  bool         `json:"off_record,omitempty" about:"nothing of it is kept but its time"`
	Web        bool         `json:"web,omitempty" about:"given on the web by its author"`
	Marks      []string     `json:"marks,omitempty" about:"what it became in minutes: topic, subtopic, action and so on"`
}

// listChannels answers GET /api/v1/channels, by network and path.
func (s *Server) listChannels(w http.ResponseWriter, r *http.Request) error {
	channels, err := s.Store.Channels(r.Context(), viewerOf(r))
	if err != nil {
		return err
	}
	l := listingOf(r)
	channels = pageOf(s, w, r, l, "channel", channels, func(c hackfest.ChannelInfo) string { return c.Network + "/" + c.Path })
	if l.err != nil {
		return l.err
	}
	return s.sendJSON(w, r, itemsOf(channels, func(c hackfest.ChannelInfo) apiChannel {
		return apiChannel{
			Network: c.Network, Channel: c.Name, Path: c.Path, Server: c.Server, Purpose: c.Purpose, WebChat: c.WebchatURL,
			Joined: c.Joined, Logged: c.Logged, URL: s.BaseURL + templates.LogURL(c.Network, c.Path),
		}
	}))
}

// listLines answers GET /api/v1/channels/{network}/{channel}/lines, newest
// first unless ?order=asc.
func (s *Server) listLines(w http.ResponseWriter, r *http.Request) error {
	l := listingOf(r)
	order, limit, at := l.oneOf("order", "asc", "desc"), l.limit(), l.refCursor("line")
	q := store.LineQuery{From: l.instant("from"), To: l.instant("to"), Desc: order != "asc", Limit: limit + 1}
	if l.err != nil {
		return l.err
	}
	if q.Desc {
		q.Before = at
	} else {
		q.After = at
	}
	c, err := s.channel(r)
	if err != nil {
		return err
	}
	q.ChannelID = c.ID
	lines, err := s.Store.Lines(r.Context(), viewerOf(r), q)
	if err != nil {
		return err
	}
	if len(lines) > limit {
		lines = lines[:limit]
		s.next(w, r, "line", lines[limit-1].Ref.String())
	}
	return s.sendJSON(w, r, itemsOf(lines, lineOf))
}

// lineOf is a line as the API shows it.
func lineOf(l hackfest.LogLine) apiLine {
	line := apiLine{
		ID: l.Ref, At: exact(l.At), ReceivedAt: exact(l.ReceivedAt), Nick: l.Nick, Account: l.Account,
		Kind: string(l.Kind), Text: l.Text, Redacted: l.Redacted, OffRecord: l.OffRecord, Marks: l.Marks,
	}
	switch l.Kind {
	case hackfest.Nick, hackfest.Kick:
		line.Text = strings.TrimSpace(l.Target + " " + l.Text)
	case hackfest.Web:
		line.Kind, line.Web = string(hackfest.Message), true
	}
	return line
}

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
	Path    string `json:"path"` // of the channel in URLs, not encoded
	Server  string `json:"server"`
	Purpose string `json:"purpose"`
	WebChat string `json:"webchat_url"`
	Joined  bool   `json:"joined"`
	Logged  bool   `json:"logged"`
	URL     string `json:"url"` // of its log
}

// apiLine is a line of a channel's log in the API.
type apiLine struct {
	ID         hackfest.Ref `json:"id"`
	At         string       `json:"at"`
	ReceivedAt string       `json:"received_at"`
	Nick       string       `json:"nick"`
	Account    string       `json:"account"`
	Kind       string       `json:"kind"`
	Text       string       `json:"text"` // of a nick line the new nick, of a kick who and why
	Redacted   bool         `json:"redacted"`
	OffRecord  bool         `json:"off_record,omitempty"`
	Web        bool         `json:"web,omitempty"`   // given on the web by its author
	Marks      []string     `json:"marks,omitempty"` // what it became in minutes
}

// listChannels answers GET /api/v1/channels. There are few: they come at once.
func (s *Server) listChannels(w http.ResponseWriter, r *http.Request) error {
	channels, err := s.Store.Channels(r.Context(), viewerOf(r))
	if err != nil {
		return err
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

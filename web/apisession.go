package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// apiSession is a session in the API.
type apiSession struct {
	Slug      string `json:"slug"`
	Title     string `json:"title"`
	Kind      string `json:"kind" is:"hackfest|meeting"`
	Status    string `json:"status" is:"proposed|scheduled|live|ended|published|cancelled"`
	StartsAt  string `json:"starts_at" is:"instant"`
	EndsAt    string `json:"ends_at" is:"instant"`
	Zone      string `json:"zone" about:"IANA name of the zone it was planned in"`
	Network   string `json:"network"`
	Channel   string `json:"channel"`
	Series    string `json:"series" about:"slug; empty for a one-off"`
	Target    string `json:"target" about:"slug; empty when it has none"`
	Host      string `json:"host" about:"name of who welcomes people; empty for nobody"`
	URL       string `json:"url" is:"uri"`
	MovedFrom string `json:"moved_from" is:"instant?" about:"the start before the last move; empty when it was never moved"`
	Reason    string `json:"reason" about:"why it was cancelled or moved; may be empty"`
	Sequence  int    `json:"sequence" about:"SEQUENCE of RFC 5545 section 3.8.7.4"`
}

func (s *Server) apiSession(x hackfest.Session) apiSession {
	return apiSession{
		Slug: x.Slug, Title: x.Title, Kind: string(x.Kind), Status: string(x.Status(s.Now())),
		StartsAt: stamp(x.StartsAt), EndsAt: stamp(x.EndsAt), Zone: x.Zone, Network: x.Network, Channel: x.Channel,
		Series: x.SeriesSlug, Target: x.TargetSlug, Host: x.Host, URL: s.BaseURL + templates.SessionURL(x.Slug),
		MovedFrom: stamp(x.MovedFrom), Reason: x.Reason, Sequence: x.Sequence,
	}
}

// listSessions answers GET /api/v1/sessions, soonest first.
func (s *Server) listSessions(w http.ResponseWriter, r *http.Request) error {
	l := listingOf(r)
	limit := l.limit()
	f := store.SessionFilter{
		From: l.instant("from"), To: l.instant("to"), Target: l.query.Get("target"), Series: l.query.Get("series"),
		Kind:  hackfest.SessionKind(l.oneOf("kind", string(hackfest.KindHackfest), string(hackfest.KindMeeting))),
		After: l.sessionCursor(), Limit: limit + 1,
	}
	f.Network, f.Channel = l.channel()
	if l.err != nil {
		return l.err
	}
	sessions, err := s.Store.Sessions(r.Context(), viewerOf(r), f)
	if err != nil {
		return err
	}
	if len(sessions) > limit {
		sessions = sessions[:limit]
		last := store.CursorAfter(sessions[limit-1])
		s.next(w, r, "session", fmt.Sprintf("%d.%d", last.StartsAt.UnixMicro(), last.ID))
	}
	return s.sendJSON(w, r, itemsOf(sessions, s.apiSession))
}

// sessionCursor reads what listSessions gave out.
func (l *listing) sessionCursor() store.SessionCursor {
	place := l.cursor("session")
	if place == "" {
		return store.SessionCursor{}
	}
	at, id, _ := strings.Cut(place, ".")
	micros, err := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	if err != nil || err2 != nil {
		l.bad("cursor", "is not one that this list gave out.")
	}
	return store.SessionCursor{StartsAt: time.UnixMicro(micros).UTC(), ID: hackfest.SessionID(n)}
}

// sendSession answers GET /api/v1/sessions/{session}.
func (s *Server) sendSession(w http.ResponseWriter, r *http.Request) error {
	session, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	return s.sendJSON(w, r, s.apiSession(session))
}

// apiMeeting is a meeting in a list of the API; its minutes have more.
type apiMeeting struct {
	ID        hackfest.Ref `json:"id"`
	Title     string       `json:"title"`
	Name      string       `json:"name" about:"given with #meetingname; may be empty"`
	Session   string       `json:"session" about:"slug"`
	Network   string       `json:"network"`
	Channel   string       `json:"channel"`
	StartedAt string       `json:"started_at" is:"instant"`
	EndedAt   string       `json:"ended_at" is:"instant?" about:"empty while it runs"`
	Zone      string       `json:"zone" about:"IANA name, of its session"`
	Owner     string       `json:"owner" about:"nick of who started it"`
	Chairs    []string     `json:"chairs"`
	People    int          `json:"people" about:"how many spoke; 0 while it runs"`
	Decisions int          `json:"decisions"`
	Actions   int          `json:"actions"`
	Published bool         `json:"published" about:"a revision of its minutes is"`
	URL       string       `json:"url" is:"uri"`
}

// listMeetings answers GET /api/v1/meetings, newest first.
func (s *Server) listMeetings(w http.ResponseWriter, r *http.Request) error {
	l := listingOf(r)
	limit := l.limit()
	f := store.MeetingFilter{
		Session: l.query.Get("session"), Series: l.query.Get("series"), From: l.instant("from"), To: l.instant("to"),
		Before: l.refCursor("meeting"), Limit: limit + 1,
	}
	f.Network, f.Channel = l.channel()
	if l.err != nil {
		return l.err
	}
	meetings, err := s.Store.Meetings(r.Context(), viewerOf(r), f)
	if err != nil {
		return err
	}
	if len(meetings) > limit {
		meetings = meetings[:limit]
		s.next(w, r, "meeting", meetings[limit-1].Ref.String())
	}
	return s.sendJSON(w, r, itemsOf(meetings, func(m hackfest.Meeting) apiMeeting {
		return apiMeeting{
			ID: m.Ref, Title: m.Title, Name: m.Name, Session: m.SessionSlug, Network: m.Network, Channel: m.Channel,
			StartedAt: stamp(m.StartedAt), EndedAt: stamp(m.EndedAt), Zone: m.SessionZone, Owner: m.Owner, Chairs: m.Chairs,
			People: m.People, Decisions: m.Decisions, Actions: m.Actions, Published: m.Revision > 0,
			URL: s.BaseURL + "/meetings/" + m.Ref.String(),
		}
	}))
}

// sendMeeting answers GET /api/v1/meetings/{meeting}: its minutes as JSON.
func (s *Server) sendMeeting(w http.ResponseWriter, r *http.Request) error {
	ref, err := hackfest.ParseRef(chi.URLParam(r, "meeting"))
	if err != nil {
		return err
	}
	m, err := s.Store.Meeting(r.Context(), viewerOf(r), ref)
	if err != nil {
		return err
	}
	mins, o, err := s.fullMinutes(r.Context(), viewerOf(r), m)
	if err != nil {
		return err
	}
	return s.sendMinutesJSON(w, r, mins, o)
}

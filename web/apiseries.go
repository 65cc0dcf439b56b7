package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// apiSeries is a series in the API. It has a wall-clock time and a zone; when
// that is, its sessions say.
type apiSeries struct {
	Slug    string `json:"slug"`
	Title   string `json:"title"`
	Kind    string `json:"kind" is:"hackfest|meeting"`
	Rule    string `json:"rule" about:"RRULE of RFC 5545 section 3.3.10"`
	First   string `json:"first" about:"date and wall-clock time of the first session in zone: 2012-08-01T12:00"`
	Zone    string `json:"zone" about:"IANA name"`
	Minutes int    `json:"minutes" about:"how long a session is planned to be"`
	Network string `json:"network"`
	Channel string `json:"channel"`
	Target  string `json:"target" about:"slug; empty when it has none"`
	URL     string `json:"url" is:"uri"`

	About   string    `json:"about" about:"what it is for; may be empty"`
	EndedAt string    `json:"ended_at" is:"instant?" about:"when somebody ended it; empty while it goes on"`
	Rules   []apiRule `json:"rules" about:"when it takes place, oldest first: a change from some date on ends one and begins another. rule, first, zone and minutes above are of the last"`
}

// apiRule is one recurring event of a series.
type apiRule struct {
	UID      string `json:"uid" about:"UID of RFC 5545 section 3.8.4.7"`
	Sequence int    `json:"sequence" about:"SEQUENCE of RFC 5545 section 3.8.7.4"`
	Rule     string `json:"rule" about:"RRULE of RFC 5545 section 3.3.10"`
	First    string `json:"first" about:"date and wall-clock time in zone"`
	Zone     string `json:"zone" about:"IANA name"`
	Minutes  int    `json:"minutes"`
	Void     bool   `json:"void" about:"all its dates fell away before the first came"`
}

func (s *Server) apiSeries(x hackfest.Series) apiSeries {
	rules := make([]apiRule, len(x.Rules))
	for i, q := range x.Rules {
		rules[i] = apiRule{q.UID, q.Sequence, q.Rule, q.First.Format("2006-01-02T15:04"), q.Zone, int(q.Length.Minutes()), q.Void}
	}
	return apiSeries{
		Slug: x.Slug, Title: x.Title, Kind: string(x.Kind), Rule: x.Rule, First: x.First.Format("2006-01-02T15:04"), Zone: x.Zone,
		Minutes: int(x.Length.Minutes()), Network: x.Network, Channel: x.Channel, Target: x.TargetSlug,
		URL: s.BaseURL + "/series/" + x.Slug, About: x.About, EndedAt: stamp(x.EndedAt), Rules: rules,
	}
}

// listSeries answers GET /api/v1/series, by slug.
func (s *Server) listSeries(w http.ResponseWriter, r *http.Request) error {
	l := listingOf(r)
	list, err := s.Store.SeriesList(r.Context(), viewerOf(r))
	if err != nil {
		return err
	}
	if list = pageOf(s, w, r, l, "series", list, func(x hackfest.Series) string { return x.Slug }); l.err != nil {
		return l.err
	}
	return s.sendJSON(w, r, itemsOf(list, s.apiSeries))
}

// sendSeries answers GET /api/v1/series/{series}.
func (s *Server) sendSeries(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Store.Series(r.Context(), viewerOf(r), chi.URLParam(r, "series"))
	if err != nil {
		return err
	}
	return s.sendJSON(w, r, s.apiSeries(x))
}

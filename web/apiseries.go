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
}

func (s *Server) apiSeries(x hackfest.Series) apiSeries {
	return apiSeries{
		Slug: x.Slug, Title: x.Title, Kind: string(x.Kind), Rule: x.Rule, First: x.First.Format("2006-01-02T15:04"), Zone: x.Zone,
		Minutes: int(x.Length.Minutes()), Network: x.Network, Channel: x.Channel, Target: x.TargetSlug,
		URL: s.BaseURL + "/series/" + x.Slug,
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

package web

import (
	"net/http"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates"
)

// apiTarget is a target in the API.
type apiTarget struct {
	Slug     string `json:"slug"`
	Name     string `json:"name"`
	Stage    string `json:"stage" is:"idea|planned|trying|notes|works|parked" about:"how far it has come; notes is: works, with notes"`
	StagedAt string `json:"staged_at" is:"instant" about:"when it came to its stage"`
	Sentence string `json:"sentence" about:"how it stands, in one sentence; may be empty"`
	About    string `json:"about" about:"what it is; may be empty"`
	Goal     string `json:"goal" about:"how one would see that it works; may be empty"`
	Project  string `json:"project" is:"uri?" about:"where its source or its own pages are; may be empty"`
	Owner    string `json:"owner" about:"name of who looks after it; empty when nobody does"`
	Wanted   int    `json:"wanted" about:"how many people said that they want it"`
	Revision int    `json:"revision" about:"counts its changes"`
	URL      string `json:"url" is:"uri"`
}

func (s *Server) apiTarget(t hackfest.Target) apiTarget {
	return apiTarget{
		Slug: t.Slug, Name: t.Name, Stage: string(t.Stage), StagedAt: stamp(t.StagedAt), Sentence: t.Sentence, About: t.About,
		Goal: t.Goal, Project: t.Project, Owner: t.Owner, Wanted: t.Wanted, Revision: t.Revision, URL: s.BaseURL + templates.TargetURL(t.Slug),
	}
}

// listTargets answers GET /api/v1/targets, by slug.
func (s *Server) listTargets(w http.ResponseWriter, r *http.Request) error {
	l := listingOf(r)
	stages := make([]string, len(hackfest.TargetStages))
	for i, x := range hackfest.TargetStages {
		stages[i] = string(x)
	}
	stage := hackfest.TargetStage(l.oneOf("stage", stages...))
	all, err := s.Store.Targets(r.Context())
	if err != nil {
		return err
	}
	list := all[:0]
	for _, t := range all {
		if stage == "" || t.Stage == stage {
			list = append(list, t)
		}
	}
	if list = pageOf(s, w, r, l, "target", list, func(t hackfest.Target) string { return t.Slug }); l.err != nil {
		return l.err
	}
	return s.sendJSON(w, r, itemsOf(list, s.apiTarget))
}

// sendTarget answers GET /api/v1/targets/{target}.
func (s *Server) sendTarget(w http.ResponseWriter, r *http.Request) error {
	return s.onTarget(w, r, func(t hackfest.Target) error { return s.sendJSON(w, r, s.apiTarget(t)) })
}

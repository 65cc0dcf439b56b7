package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

// apiIssue is an issue of a session as programs get it.
type apiIssue struct {
	Repository string   `json:"repository" about:"owner/name"`
	Number     int      `json:"number"`
	Linked     bool     `json:"linked" about:"somebody linked it by hand; else a text of the session names it"`
	Known      bool     `json:"known" about:"what follows is known of it here"`
	Pull       bool     `json:"pull" about:"it is a pull request"`
	Title      string   `json:"title"`
	State      string   `json:"state" is:"unknown|open|closed|merged|draft"`
	Labels     []string `json:"labels"`
	Assignees  []string `json:"assignees" about:"logins on GitHub"`
	URL        string   `json:"url" is:"uri" about:"its page on GitHub"`
	KnownAt    string   `json:"known_at" is:"instant?" about:"when this was told"`
}

// issueLinking names an issue.
type issueLinking struct {
	Issue string `json:"issue" about:"owner/name#12, #12 of the session’s own repository, or the address of its page"`
}

// issueUnlinking says nothing: the path names the issue.
type issueUnlinking struct{}

// listSessionIssues answers GET /api/v1/sessions/{session}/issues.
func (s *Server) listSessionIssues(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	n, err := s.linkedIssues(r.Context(), viewerOf(r), x)
	if err != nil {
		return err
	}
	return s.sendJSON(w, r, itemsOf(n.issues, s.apiIssue))
}

func (s *Server) apiIssue(l linkedIssue) apiIssue {
	a := apiIssue{
		Repository: l.ref.Repo, Number: l.ref.Number, Linked: l.hand, State: "unknown", Labels: []string{}, Assignees: []string{},
		URL: l.ref.Page(s.gitHubWeb()),
	}
	i := l.issue
	if i == nil {
		return a
	}
	a.Known, a.Pull, a.Title, a.KnownAt, a.URL = true, i.Pull, i.Title, stamp(i.KnownAt), i.Page(s.gitHubWeb())
	a.Labels, a.Assignees = append(a.Labels, i.Labels...), append(a.Assignees, i.Assignees...)
	a.State = i.StateWord()
	return a
}

package ghsync

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v58/github"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// facts asks about the repository itself: what it is called now, who may see it.
func (p *pass) facts(ctx context.Context) error {
	path := pathOf(p.GitHubID)
	var r github.Repository
	keep := func(said) error {
		facts, ok := reduceRepository(&r)
		if !ok {
			return fault.New(fault.Unavailable, "GitHub's answer about the repository lacks its name.")
		}
		facts.ID = p.ID
		p.GitHubID, p.DefaultBranch, p.Private = facts.GitHubID, facts.DefaultBranch, facts.Private
		return p.store.ApplyGitHub(ctx, hackfest.GitHubChange{Repository: facts, Polled: true, At: p.at})
	}
	var err error
	if p.GitHubID == 0 || p.DefaultBranch == "" || !p.GoneAt.IsZero() {
		if p.GitHubID == 0 {
			path = "repos/" + escaped(p.Name)
		}
		if _, err = p.ask(ctx, path, "", &r); err == nil {
			err = keep(said{})
		}
	} else {
		err = p.tagged(ctx, path, &r, keep)
	}
	if s := statusOf(err); s == http.StatusNotFound || s == http.StatusGone {
		return p.gone(ctx)
	}
	return err
}

// gone is errGone, or errReplaced: who deletes a repository may make one of the
// same name.
func (p *pass) gone(ctx context.Context) error {
	if p.GitHubID == 0 {
		return errGone
	}
	var r github.Repository
	_, err := p.ask(ctx, "repos/"+escaped(p.Name), "", &r)
	switch other, ok := reduceRepository(&r); {
	case err == nil && ok && other.GitHubID != p.GitHubID && strings.EqualFold(other.Name, p.Name):
		return errReplaced
	case err != nil && statusOf(err) == 0:
		return err
	}
	return errGone
}

// escaped is owner/name as parts of a path.
func escaped(name string) string {
	u := url.URL{Path: name}
	return u.EscapedPath()
}

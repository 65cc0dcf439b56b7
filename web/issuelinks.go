package web

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// gitHubWeb is where GitHub's pages are, without a slash at the end.
func (s *Server) gitHubWeb() string { return cmp.Or(s.GitHub.Web, hackfest.PublicGitHub) }

// renderPage renders page into b, with the issues that its texts name. Only a page
// that names any asks for them, once; when they cannot be read they stay text.
func (s *Server) renderPage(r *http.Request, b *bytes.Buffer, page templ.Component) error {
	// All is read by now: the deadline for that must not turn a page into an error.
	ctx, named := ui.WithIssues(context.WithoutCancel(r.Context()), s.gitHubWeb())
	if err := page.Render(ctx, b); err != nil || len(named.Named()) == 0 || s.Store == nil {
		return err
	}
	known, err := s.issuesNamed(r.Context(), viewerOf(r), named.Named())
	if err != nil {
		s.Log.WarnContext(r.Context(), "issues that a page names cannot be read", "path", loggedPath(r), "err", err)
	}
	if len(known) == 0 {
		return nil
	}
	named.Know(known)
	b.Reset()
	return page.Render(ctx, b)
}

// issuesNamed is what v may know of the issues that texts name.
func (s *Server) issuesNamed(ctx context.Context, v person.Viewer, names []ui.IssueName) (map[ui.IssueName]hackfest.Issue, error) {
	var sessions []string
	for _, n := range names {
		if n.Repo == "" && !slices.Contains(sessions, n.Session) {
			sessions = append(sessions, n.Session)
		}
	}
	var meant map[string]string
	if len(sessions) > 0 {
		var err error
		if meant, err = s.Store.MeantRepositories(ctx, v, sessions); err != nil {
			return nil, err
		}
	}
	refs := make([]hackfest.IssueRef, 0, len(names))
	for _, n := range names {
		if n.Repo = cmp.Or(n.Repo, meant[n.Session]); n.Repo != "" {
			refs = append(refs, n.IssueRef)
		}
	}
	found, err := s.Store.Issues(ctx, v, refs)
	known := map[ui.IssueName]hackfest.Issue{}
	for _, n := range names {
		ref := hackfest.IssueRef{Repo: cmp.Or(n.Repo, meant[n.Session]), Number: n.Number}
		if i, ok := found[ref]; ok {
			known[n] = i
		}
	}
	return known, err
}

// issuesKey names what streams ask about issues together.
type issuesKey struct {
	members bool
	names   string
}

// sharedIssues is issuesNamed for streams.
func (s *Server) sharedIssues(ctx context.Context, v person.Viewer, names []ui.IssueName) (map[ui.IssueName]hackfest.Issue, error) {
	var key strings.Builder
	for _, n := range names {
		fmt.Fprintf(&key, "%s %s %d\n", n.Repo, n.Session, n.Number)
	}
	return s.shared.issues.ask(ctx, issuesKey{v.SeesMembersOnly(), key.String()}, s.storeTime(), func(ctx context.Context) (map[ui.IssueName]hackfest.Issue, error) {
		return s.issuesNamed(ctx, v, names)
	})
}

// sentHTML is what a stream sends of a page, rendered as the page is; shown are
// the issues that it shows the state of.
func (s *Server) sentHTML(ctx context.Context, v person.Viewer, draw func(context.Context) (string, error)) (html string, shown []hackfest.IssueRef, err error) {
	noting, named := ui.WithIssues(context.WithoutCancel(ctx), s.gitHubWeb())
	if html, err = draw(noting); err != nil || len(named.Named()) == 0 {
		return html, nil, err
	}
	known, err := s.sharedIssues(ctx, v, named.Named())
	if err != nil {
		s.Log.WarnContext(ctx, "issues that a stream names cannot be read", "err", err)
	}
	if len(known) == 0 {
		return html, nil, nil
	}
	for _, i := range known {
		shown = append(shown, i.Ref())
	}
	named.Know(known)
	html, err = draw(noting)
	return html, shown, err
}

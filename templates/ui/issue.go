package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// IssueName is how a text names an issue.
type IssueName struct {
	hackfest.IssueRef        // Repo is "" for a bare #12
	Session           string // slug of the session whose repository a bare #12 means
}

// Issues is what a page knows of the issues that its texts name. It travels in the
// context of rendering: a page is rendered once to hear what it names and, if
// anything of that is known, once more to show it.
type Issues struct {
	web   string // base of GitHub's pages
	named map[IssueName]bool
	order []IssueName
	known map[IssueName]hackfest.Issue
}

// maxNamed is how many issues a page may show; what it names beyond stays text.
const maxNamed = 1000

// issuesIn is what the context of rendering holds.
type issuesIn struct {
	*Issues
	session string // slug; a bare #12 is of its repository
}

type issuesKey struct{}

// WithIssues returns a context in which texts name issues, and what hears of
// them. Web is the base of GitHub's pages.
func WithIssues(ctx context.Context, web string) (context.Context, *Issues) {
	n := &Issues{web: web, named: map[IssueName]bool{}}
	return context.WithValue(ctx, issuesKey{}, issuesIn{Issues: n}), n
}

// Named lists what was named so far, in order.
func (n *Issues) Named() []IssueName { return n.order }

// Know says what is known of them. What is not in known stays text.
func (n *Issues) Know(known map[IssueName]hackfest.Issue) { n.known = known }

// note hears of a name, and returns what is known of it.
func (n *Issues) note(name IssueName) (hackfest.Issue, bool) {
	if n.known == nil && len(n.order) < maxNamed && !n.named[name] {
		n.named[name] = true
		n.order = append(n.order, name)
	}
	i, ok := n.known[name]
	return i, ok
}

// issuePage is the page of issue i on GitHub; its place on the public one where ctx
// knows no other.
func issuePage(ctx context.Context, i hackfest.Issue) templ.SafeURL {
	if in, ok := noted(ctx); ok {
		return templ.URL(i.Page(in.web))
	}
	return templ.URL(i.Page(hackfest.PublicGitHub))
}

// noted is what hears of issues in ctx; nil where nothing does.
func noted(ctx context.Context) (issuesIn, bool) {
	in, ok := ctx.Value(issuesKey{}).(issuesIn)
	return in, ok
}

// ShowsIssues reports whether a page shows the state of any issue.
func ShowsIssues(ctx context.Context) bool {
	in, ok := noted(ctx)
	return ok && len(in.known) > 0
}

// InSession is around what belongs to a session: in it a bare #12 is an issue of
// that session's repository.
func InSession(slug string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		children := templ.GetChildren(ctx)
		ctx = templ.ClearChildren(ctx)
		if in, ok := noted(ctx); ok {
			in.session = slug
			ctx = context.WithValue(ctx, issuesKey{}, in)
		}
		return children.Render(ctx, w)
	})
}

// anyRepository stands in for the repository of a session while names are sought.
const anyRepository = "any/any"

// find lists what text names.
func (in issuesIn) find(text string) []hackfest.IssueSpan {
	bare := ""
	if in.session != "" {
		bare = anyRepository
	}
	return hackfest.FindIssues(text, bare, in.web)
}

// name is how text names the issue at s.
func (in issuesIn) name(text string, s hackfest.IssueSpan) IssueName {
	if text[s.From] == '#' {
		return IssueName{IssueRef: hackfest.IssueRef{Number: s.Ref.Number}, Session: in.session}
	}
	return IssueName{IssueRef: s.Ref}
}

// Words is text of people, with the issues that it names linked.
func Words(text string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return writeWords(ctx, w, text)
	})
}

func writeWords(ctx context.Context, w io.Writer, text string) error {
	from := 0
	if hackfest.MayNameIssues(text) {
		in, ok := noted(ctx)
		if !ok {
			return write(w, text)
		}
		for _, s := range in.find(text) {
			i, known := in.note(in.name(text, s))
			if !known {
				continue
			}
			if err := write(w, text[from:s.From]); err != nil {
				return err
			}
			if err := issueNamed(i, text[s.From:s.To], issuePage(ctx, i)).Render(ctx, w); err != nil {
				return err
			}
			from = s.To
		}
	}
	return write(w, text[from:])
}

func write(w io.Writer, text string) error {
	_, err := io.WriteString(w, templ.EscapeString(text))
	return err
}

// StateOfLink is the state of the issue that an address leads to; nothing for
// every other address.
func StateOfLink(href string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		in, ok := noted(ctx)
		if !ok {
			return nil
		}
		ref, ok := hackfest.ParseIssue(href, in.web)
		if !ok {
			return nil
		}
		i, known := in.note(IssueName{IssueRef: ref})
		if !known {
			return nil
		}
		return stateBehind(i).Render(ctx, w)
	})
}

// IssueState is the badge of an issue or pull request.
func IssueState(i hackfest.Issue) State {
	switch {
	case !i.MergedAt.IsZero():
		return State{Class: "done", Icon: "tick", Text: "merged"}
	case i.Open && i.Draft:
		return State{Class: "off", Icon: "square", Text: "draft"}
	case i.Open:
		return State{Class: "ok", Icon: "hollow", Text: "open"}
	case i.Reason == "not_planned":
		return State{Class: "off", Icon: "struck", Text: "closed, not planned"}
	case i.Reason == "duplicate":
		return State{Class: "off", Icon: "struck", Text: "closed, duplicate"}
	case i.Pull:
		return State{Class: "off", Icon: "struck", Text: "closed"}
	}
	return State{Class: "done", Icon: "tick", Text: "closed"}
}

// IssueTitle is the title of an issue, as it may stand on a page.
func IssueTitle(i hackfest.Issue) string { return Visible(i.Title) }

// HTMLWords is HTML that package markdown made, with the issues that its text
// names linked; not in code, nor within links.
func HTMLWords(html string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		in, ok := noted(ctx)
		if !ok || !hackfest.MayNameIssues(html) {
			_, err := io.WriteString(w, html)
			return err
		}
		return writeHTML(ctx, w, in, html)
	})
}

package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/static"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	targetIssuesMost = 10 // issues of each kind on the page of a target
	firstIssuesMost  = 3  // issues for who is new
)

// fillTargetIssues fills in what GitHub tells of a target.
func (s *Server) fillTargetIssues(r *http.Request, p *templates.TargetPage, t hackfest.Target) error {
	x, err := s.Store.TargetIssues(r.Context(), viewerOf(r), t.ID, targetIssuesMost)
	if err != nil || len(x.Repositories) == 0 {
		return err
	}
	b := &templates.TargetIssues{}
	var asked []hackfest.Repository
	for _, o := range x.Repositories {
		b.Repositories = append(b.Repositories, templates.LogLink{Href: s.gitHubWeb() + "/" + o.Name, Text: o.Name})
		if !o.Recorded() {
			asked = append(asked, o)
		}
	}
	if b.Age, b.Stale = knownSince(p.Clock.Now, asked); len(asked) == 0 {
		b.Age, _ = knownSince(p.Clock.Now, x.Repositories)
	}
	b.Lists = s.targetLists(p.Clock, x, asked, b.Age)
	for _, l := range x.Releases {
		name := repositoryNamed(x.Repositories, l.RepositoryID)
		row := templates.TargetRelease{Day: p.Clock.Day(l.PublishedAt, "UTC"), Before: l.Prerelease}
		row.Href, row.Text = s.gitHubWeb()+"/"+name+"/releases/tag/"+url.PathEscape(l.Tag), ui.Visible(l.Tag)
		if len(x.Repositories) > 1 {
			row.Text = name + " " + row.Text
		}
		b.Releases = append(b.Releases, row)
	}
	if x.Open.Count+x.Planned.Count > 0 {
		withIssueScript(&p.Frame)
	}
	p.Issues = b
	return nil
}

// repositoryNamed is the name of one of list.
func repositoryNamed(list []hackfest.Repository, id hackfest.RepositoryID) string {
	for _, r := range list {
		if r.ID == id {
			return r.Name
		}
	}
	return ""
}

// targetLists are the lists of issues that x fills; asked are those of its
// repositories that GitHub is asked about.
func (s *Server) targetLists(c ui.Clock, x hackfest.TargetIssues, asked []hackfest.Repository, age string) []templates.TargetIssueList {
	open := templates.TargetIssueList{Title: "Open issues", Side: "from GitHub, " + age, Rows: issueRows(c, x.Open.First)}
	if len(asked) == 0 {
		name := x.Repositories[0].Name
		open.Side, open.Empty = age, "The record of "+name+" has no issues."
		open.Look = &templates.LogLink{Href: s.gitHubWeb() + "/" + name + "/issues", Text: "Look on GitHub"}
		return []templates.TargetIssueList{open}
	}
	open.Empty = "No issue is open."
	open.Look = &templates.LogLink{Href: s.gitHubWeb() + "/" + asked[0].Name + "/issues/new", Text: "Open one on GitHub"}
	open.More = s.moreIssues(asked, x.Open, "is:issue is:open")
	lists := []templates.TargetIssueList{open}
	if x.Bugs.Count > 0 {
		lists = append(lists, templates.TargetIssueList{
			Title: "Known bugs", Side: fmt.Sprint(x.Bugs.Count), Rows: issueRows(c, x.Bugs.First), More: s.moreIssues(asked, x.Bugs, bugQuery(asked)),
		})
	}
	if len(x.Next) > 0 {
		next := templates.TargetIssueList{Title: "Planned for the next release", Rows: issueRows(c, x.Planned.First), Empty: "Nothing that is planned for it is left open."}
		var names, query []string
		for _, m := range x.Next {
			name := ui.Visible(m.Title)
			if !m.DueOn.IsZero() {
				name += ", due " + m.DueOn.UTC().Format("2 Jan 2006")
			}
			names, query = append(names, name), append(query, `milestone:"`+strings.ReplaceAll(m.Title, `"`, "")+`"`)
		}
		next.Side = strings.Join(names, "; ")
		if len(query) == 1 {
			next.More = s.moreIssues(asked, x.Planned, "is:open "+query[0])
		}
		lists = append(lists, next)
	}
	return lists
}

// bugQuery is what GitHub finds the known bugs by; it finds those with any of the
// labels.
func bugQuery(list []hackfest.Repository) string {
	var labels []string
	for _, l := range list[0].BugLabels {
		labels = append(labels, `"`+strings.ReplaceAll(l, `"`, "")+`"`)
	}
	return "is:issue is:open label:" + strings.Join(labels, ",")
}

// moreIssues leads to those of c that are not shown; nil when all are.
func (s *Server) moreIssues(list []hackfest.Repository, c hackfest.IssueChanges, query string) *templates.LogLink {
	more := c.Count - len(c.First)
	if more <= 0 {
		return nil
	}
	var names []string
	for _, r := range list {
		names = append(names, r.Name)
	}
	return &templates.LogLink{Href: s.issueSearch(names, query), Text: fmt.Sprintf("%d more on GitHub", more)}
}

// issueSearch is the page on GitHub with all issues of repositories that query finds.
func (s *Server) issueSearch(repositories []string, query string) string {
	for _, name := range repositories {
		query += " repo:" + name
	}
	return s.gitHubWeb() + "/search?" + url.Values{"type": {"issues"}, "q": {query}}.Encode()
}

// issueRows are issues in a list, each with when it was opened.
func issueRows(c ui.Clock, list []hackfest.Issue) []templates.IssueRow {
	var rows []templates.IssueRow
	for _, i := range list {
		row := issueRow(i.Ref(), &i)
		row.Where = "opened " + c.Day(i.OpenedAt, "UTC").Text
		if i.Pull {
			row.Where = "pull request, " + row.Where
		}
		rows = append(rows, row)
	}
	return rows
}

// firstIssues are what suits somebody who comes to x for the first time.
func (s *Server) firstIssues(r *http.Request, f *templates.Frame, x hackfest.Session) ([]templates.IssueRow, error) {
	list, err := s.Store.FirstIssues(r.Context(), viewerOf(r), x.ID, firstIssuesMost)
	if len(list) > 0 {
		withIssueScript(f)
	}
	return issueRows(f.Clock, list), err
}

// withIssueScript has a page follow the states of the issues that it lists.
func withIssueScript(f *templates.Frame) {
	if src := static.URL("js/issues.js"); !slices.Contains(f.Scripts, src) {
		f.Scripts = append([]string{src}, f.Scripts...) // before the script of the page's own stream
	}
}

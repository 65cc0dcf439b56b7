package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// actionIssuesURL is the path of the page on which actions of a meeting become issues.
func actionIssuesURL(ref hackfest.Ref) string { return "/meetings/" + ref.String() + "/issues" }

// Names of the fields of one action's issue, each with the action's id behind it.
const (
	fieldMake       = "make."
	fieldTitle      = "title."
	fieldRepository = "repository."
	fieldLabel      = "label."
	fieldAssignee   = "assignee."
	fieldShown      = "shown." // what was shown of it, summed up
)

// issuing is a meeting that is over, with what can become issues.
type issuing struct {
	meeting      hackfest.Meeting
	actions      []hackfest.Action // open ones
	all          []hackfest.Action // with those that are settled and have an issue
	issues       map[hackfest.ItemID]hackfest.ActionIssue
	repositories []hackfest.Repository // in which issues can be made
	without      string                // why there is none
}

// issuingOf loads the meeting that the path names.
func (s *Server) issuingOf(r *http.Request) (issuing, error) {
	ctx, v := r.Context(), viewerOf(r)
	var d issuing
	m, err := s.meetingOf(r)
	if err != nil {
		return d, err
	}
	if m.Running() {
		return d, fault.New(fault.Conflict, "This meeting is still running. Its actions can become issues when it is over.")
	}
	d.meeting = m
	if d.actions, err = s.Store.IssuableActions(ctx, v, m.Ref); err != nil {
		return d, err
	}
	all, err := s.Store.Actions(ctx, v, store.ActionFilter{Session: m.SessionSlug, Limit: mostActions})
	if err != nil {
		return d, err
	}
	d.all = slices.DeleteFunc(all, func(a hackfest.Action) bool { return a.MeetingRef != m.Ref })
	slices.Reverse(d.all)
	if d.issues, err = s.Store.ActionIssues(ctx, v, idsOf(d.all)); err != nil {
		return d, err
	}
	list, err := s.Store.RepositoriesOf(ctx, v, hackfest.RepositoryUse{SessionID: m.SessionID})
	if err != nil {
		return d, err
	}
	session, err := s.Store.SessionByID(ctx, person.PublicViewer, m.SessionID)
	public := err == nil && m.Visibility == person.Public && session.Visibility == person.Public
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return d, err
	}
	d.repositories, d.without = issueRepositories(list, public)
	return d, nil
}

// mostActions is how many actions of a session are looked at.
const mostActions = 500

// issueRepositories are those of list in which issues of a meeting can be made;
// without any, why.
func issueRepositories(list []hackfest.Repository, public bool) (may []hackfest.Repository, without string) {
	shut, open := 0, 0
	for _, p := range list {
		switch {
		case !p.RecordedAt.IsZero() || p.Archived || !p.GoneAt.IsZero():
			shut++
		case !public && !p.Private:
			open++
		default:
			may = append(may, p)
		}
	}
	switch {
	case len(may) > 0:
		return may, ""
	case open > 0:
		return nil, "This meeting is for members, and everybody reads the session’s repositories on GitHub."
	case shut > 0:
		return nil, "Nobody can open issues in the session’s repositories: they are archived, gone from GitHub, or only written down here."
	}
	return nil, "The session has no repository on GitHub, nor have its target and its series."
}

// may reports whether an issue can be made of the action: none is, or is about to
// be.
func (d issuing) may(id hackfest.ItemID) bool {
	x, ok := d.issues[id]
	return !ok || x.State == hackfest.IssueFailed || x.State == hackfest.IssueOffered
}

// makesIssues is where issues are made of the actions of m; "" when its session has
// no repository that takes any.
func (s *Server) makesIssues(ctx context.Context, v person.Viewer, m hackfest.Meeting) (string, error) {
	list, err := s.Store.RepositoriesOf(ctx, v, hackfest.RepositoryUse{SessionID: m.SessionID})
	if err != nil {
		return "", err
	}
	if may, _ := issueRepositories(list, true); len(may) == 0 {
		return "", nil
	}
	return actionIssuesURL(m.Ref), nil
}

// showIssues answers GET /meetings/{meeting}/issues.
func (s *Server) showIssues(w http.ResponseWriter, r *http.Request) error {
	d, err := s.issuingOf(r)
	if err != nil {
		return err
	}
	p, err := s.issuesPage(r, d, newForm(""))
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.ActionIssues(p))
}

// issuesPage is the page on which actions are ticked.
func (s *Server) issuesPage(r *http.Request, d issuing, form ui.Form) (templates.ActionIssuesPage, error) {
	m := d.meeting
	f, err := s.frame(r, "Issues of actions: "+meetingTitle(m))
	if err != nil {
		return templates.ActionIssuesPage{}, err
	}
	f.NoIndex, f.Section = true, "/minutes"
	p := templates.ActionIssuesPage{
		Frame: f, Name: meetingTitle(m), Session: m.SessionSlug, Minutes: templates.SessionURL(m.SessionSlug) + "#m-" + m.Ref.String(), Path: actionIssuesURL(m.Ref), Form: form,
		Token: s.GitHub.Token != "", Without: d.without, Actions: len(d.all),
	}
	if a := actorOf(r); d.without != "" && person.Can(a, person.PlanSession, person.Object{Chaired: true}) == nil {
		p.Plan = templates.SessionURL(m.SessionSlug) + "/repositories"
	}
	if len(d.repositories) > 0 {
		logins, err := s.Store.Logins(r.Context(), m.Network, ownersOf(d.actions))
		if err != nil {
			return p, err
		}
		for _, a := range d.actions {
			if d.may(a.ID) {
				p.Choices = append(p.Choices, s.issueChoice(d, a, logins))
			}
		}
	}
	for _, a := range d.all {
		if x, ok := d.issues[a.ID]; ok {
			p.Standing = append(p.Standing, s.standingIssue(f.Clock, d, a, x))
		}
	}
	return p, nil
}

func ownersOf(list []hackfest.Action) []string {
	var names []string
	for _, a := range list {
		names = append(names, a.Owners...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// issueChoice is an action that can be ticked, with the fields of its issue: as
// they were when it failed, else as the action has them.
func (s *Server) issueChoice(d issuing, a hackfest.Action, logins map[string]string) templates.IssueChoice {
	id, was := a.ID.String(), d.issues[a.ID]
	assignee := ""
	for _, o := range a.Owners {
		assignee = cmp.Or(assignee, logins[o])
	}
	repository := d.repositories[0].Name
	if was.Action == a.ID {
		assignee, repository = was.Assignee, was.Repo
	}
	c := templates.IssueChoice{
		ID: id, Text: ui.Said(a.Text), Line: templates.LineURL(a.ID.Ref), Owners: ui.Visible(strings.Join(a.Owners, ", ")),
		Make:       ui.Field{Name: fieldMake + id, Label: "Make an issue of it"},
		Title:      ui.Field{Name: fieldTitle + id, Label: "Title", Value: cmp.Or(was.Title, hackfest.IssueTitle(a.Text)), Max: hackfest.MaxIssueTitle},
		Repository: ui.Field{Name: fieldRepository + id, Label: "Repository", Value: repository},
		Label:      ui.Field{Name: fieldLabel + id, Label: "Label", Value: was.Label, Max: hackfest.MaxIssueLabel},
		Assignee:   ui.Field{Name: fieldAssignee + id, Label: "Assignee", Value: assignee, Hint: "A login on GitHub.", Max: hackfest.MaxLogin + 1},
	}
	for _, p := range d.repositories {
		c.Repository.Options = append(c.Repository.Options, ui.Choice{Value: p.Name, Text: p.Name})
	}
	if !a.Due.IsZero() {
		c.Due = "due " + a.Due.Format("Mon 2 Jan 2006")
	}
	return c
}

// issueStates are how far actions have come on their way to issues.
var issueStates = map[hackfest.ActionIssueState]ui.State{
	hackfest.IssueOffered: {Class: "scheduled", Icon: "hollow", Text: "waits for somebody to open it"},
	hackfest.IssuePending: {Class: "soon", Icon: "clock", Text: "about to be made"},
	hackfest.IssueSending: {Class: "soon", Icon: "clock", Text: "being made"},
	hackfest.IssueMade:    {Class: "done", Icon: "tick", Text: "made"},
	hackfest.IssueFailed:  {Class: "soon", Icon: "warn", Text: "not made"},
	hackfest.IssueUnknown: {Class: "soon", Icon: "warn", Text: "not known whether it was made"},
}

// standingIssue is an action that is an issue, or on its way to one.
func (s *Server) standingIssue(c ui.Clock, d issuing, a hackfest.Action, x hackfest.ActionIssue) templates.StandingIssue {
	row := templates.StandingIssue{
		ID: "issue-" + a.ID.String(), Text: ui.Said(a.Text), Line: templates.LineURL(a.ID.Ref), State: issueStates[x.State], Repo: x.Repo,
		Reason: x.Reason, At: c.Gutter(x.CreatedAt, d.meeting.SessionZone), Form: newForm("issue-" + a.ID.String()), Issue: s.madeIssue(a, x),
	}
	switch x.State {
	case hackfest.IssueOffered:
		row.Open = newIssueURL(s.gitHubWeb(), x)
	case hackfest.IssuePending:
		if x.Tries > 0 {
			again := c.Minute(x.DueAt, d.meeting.SessionZone)
			row.Again = &again
		}
	case hackfest.IssueUnknown:
		row.Reason += " It is looked for by its mark, and not made a second time."
		row.Lost = s.Now().Sub(x.SendingAt) > hackfest.IssueSure
	case hackfest.IssueFailed:
		if a.State.Open() && s.GitHub.Token != "" {
			id := a.ID.String()
			row.Retry = url.Values{
				fieldMake + id: {"on"}, fieldTitle + id: {cmp.Or(x.Title, hackfest.IssueTitle(a.Text))}, fieldRepository + id: {x.Repo}, fieldLabel + id: {x.Label},
				fieldAssignee + id: {x.Assignee}, fieldShown + id: {shownSum(x)}, "do": {"make"},
			}
		}
	}
	if x.State == hackfest.IssueOffered || x.State == hackfest.IssuePending || x.State == hackfest.IssueFailed || row.Lost {
		row.Withdraw = actionIssuesURL(d.meeting.Ref) + "/" + a.ID.String() + "/withdraw"
	}
	return row
}

// madeIssue is the issue that was made of an action, as lists of actions show it;
// nil while there is none.
func (s *Server) madeIssue(a hackfest.Action, x hackfest.ActionIssue) *templates.MadeIssue {
	if x.State != hackfest.IssueMade {
		return nil
	}
	i := &templates.MadeIssue{Name: x.Ref().String(), Href: x.Ref().Page(s.gitHubWeb()), Known: x.Issue != nil}
	i.StillOpen = i.Known && x.Issue.Open && !a.State.Open()
	return i
}

// newIssueURL is the form of GitHub's for a new issue, filled in.
func newIssueURL(web string, x hackfest.ActionIssue) string {
	q := url.Values{"title": {x.Title}, "body": {hackfest.Marked(x.Body, x.Mark)}}
	if x.Label != "" {
		q.Set("labels", x.Label)
	}
	if x.Assignee != "" {
		q.Set("assignees", x.Assignee)
	}
	return web + "/" + x.Repo + "/issues/new?" + q.Encode()
}

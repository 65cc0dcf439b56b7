package web

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// linkedNow are the issues that belong to a session, as its page shows them: the
// same for all who may see them.
type linkedNow struct {
	repo   string // owner/name that a bare #12 means; "" for none
	issues []linkedIssue
	from   []hackfest.Repository // those of the issues that are known
}

// linkedIssue is an issue that belongs to a session.
type linkedIssue struct {
	ref   hackfest.IssueRef
	issue *hackfest.Issue // nil when it is not known
	where string          // "linked by ann", "named in the log"
	hand  bool            // somebody linked it
}

// linkedKey names what sharedLinked reads.
type linkedKey struct {
	members bool
	session hackfest.SessionID
}

// sharedLinked is linkedIssues for the streams of a session that is not over.
func (s *Server) sharedLinked(ctx context.Context, v person.Viewer, x hackfest.Session) (linkedNow, error) {
	return s.shared.linked.ask(ctx, linkedKey{v.SeesMembersOnly(), x.ID}, s.storeTime(), func(ctx context.Context) (linkedNow, error) {
		return s.linkedIssues(ctx, v, x)
	})
}

// linkedIssues are the issues of session x: those linked by hand first, then what
// its goal, its agenda and its meetings name.
func (s *Server) linkedIssues(ctx context.Context, v person.Viewer, x hackfest.Session) (linkedNow, error) {
	var n linkedNow
	hand, err := s.Store.SessionIssues(ctx, v, x.ID)
	if err != nil {
		return n, err
	}
	meant, err := s.Store.MeantRepositories(ctx, v, []string{x.Slug})
	if err != nil {
		return n, err
	}
	n.repo = meant[x.Slug]
	for _, i := range hand {
		n.issues = append(n.issues, linkedIssue{ref: i.IssueRef, where: "linked by " + orElse(ui.Visible(i.By), "somebody who left"), hand: true})
	}
	n.named("named in the goal", s.issuesIn(x.Goal, n.repo))
	agenda, err := s.Store.Agenda(ctx, v, x.ID)
	if err != nil {
		return n, err
	}
	for _, i := range agenda {
		if i.State != hackfest.AgendaDropped {
			n.named("on the agenda", s.issuesIn(i.Text, n.repo))
		}
	}
	if err := s.namedInMeetings(ctx, v, x, &n); err != nil {
		return n, err
	}
	return n, s.fillKnown(ctx, v, &n)
}

// issuesIn are the issues that text names.
func (s *Server) issuesIn(text, repo string) []hackfest.IssueRef {
	var refs []hackfest.IssueRef
	for _, found := range hackfest.FindIssues(text, repo, s.gitHubWeb()) {
		refs = append(refs, found.Ref)
	}
	return refs
}

// namedInMeetings adds what the meetings of x name: the minutes of those that are
// over, the lines of one that runs.
func (s *Server) namedInMeetings(ctx context.Context, v person.Viewer, x hackfest.Session, n *linkedNow) error {
	if x.Held+x.Running == 0 {
		return nil
	}
	meetings, err := s.Store.MeetingsOfSession(ctx, v, x.ID)
	if err != nil {
		return err
	}
	for _, m := range meetings {
		if m.Running() {
			said, err := s.Store.IssuesSaid(ctx, v, m.Ref, n.repo, s.gitHubWeb())
			if err != nil {
				return err
			}
			n.named("named in the log", said)
			continue
		}
		mins, err := s.Store.Minutes(ctx, v, m.Ref)
		if err != nil {
			return err
		}
		for _, i := range mins.Issues {
			n.named("named in the meeting", []hackfest.IssueRef{hackfest.IssueRef(i)})
		}
	}
	return nil
}

// named adds refs that are not in n yet.
func (n *linkedNow) named(where string, refs []hackfest.IssueRef) {
	for _, ref := range refs {
		same := func(i linkedIssue) bool { return i.ref.Number == ref.Number && strings.EqualFold(i.ref.Repo, ref.Repo) }
		if !slices.ContainsFunc(n.issues, same) && len(n.issues) < maxWatched {
			n.issues = append(n.issues, linkedIssue{ref: ref, where: where})
		}
	}
}

// fillKnown fills in what is known of the issues of n.
func (s *Server) fillKnown(ctx context.Context, v person.Viewer, n *linkedNow) error {
	refs := make([]hackfest.IssueRef, len(n.issues))
	for i := range n.issues {
		refs[i] = n.issues[i].ref
	}
	known, err := s.Store.Issues(ctx, v, refs)
	if err != nil || len(known) == 0 {
		return err
	}
	used := map[hackfest.RepositoryID]bool{}
	var once []linkedIssue // by former names of a repository one issue can stand there twice
	for _, l := range n.issues {
		if i, ok := known[l.ref]; ok {
			used[i.RepositoryID], l.issue, l.ref = true, &i, i.Ref()
		}
		if !slices.ContainsFunc(once, func(o linkedIssue) bool { return o.ref == l.ref }) {
			once = append(once, l)
		}
	}
	n.issues = once
	all, err := s.Store.Repositories(ctx, v)
	n.from = slices.DeleteFunc(all, func(r hackfest.Repository) bool { return !used[r.ID] })
	return err
}

// fillIssues fills in the issues of the session of p.
func (s *Server) fillIssues(r *http.Request, p *templates.SessionPage) error {
	n, err := s.linkedIssues(r.Context(), viewerOf(r), p.Session)
	if err != nil {
		return err
	}
	may, err := s.mayLink(r, p.Session)
	p.Issues = s.issuesBox(p.Clock.Now, p.Session, n, may)
	if p.Ended != nil {
		for i := range p.Ended.Meetings {
			p.Ended.Meetings[i].Issues = nil // all of them are in the box
		}
	}
	if len(n.from) > 0 || p.Stream.Path != "" { // live.js uses it
		withIssueScript(&p.Frame)
	}
	return err
}

// mayLink reports whether the reader may link issues with x.
func (s *Server) mayLink(r *http.Request, x hackfest.Session) (bool, error) {
	a := actorOf(r)
	if x.State == hackfest.StateCancelled || !a.SignedIn() || person.Can(a, person.PlanAgenda, person.Object{Chaired: true}) != nil {
		return false, nil
	}
	o, err := s.Store.RelationToSession(r.Context(), a.Viewer, x.Slug)
	return err == nil && person.Can(a, person.PlanAgenda, o) == nil, err
}

// issuesURL is the path of the issues of x.
func issuesURL(x hackfest.Session) string { return templates.SessionURL(x.Slug) + "/issues" }

// issueURL is the path of the issue ref of x, linked by hand.
func issueURL(x hackfest.Session, ref hackfest.IssueRef) string {
	owner, name, _ := strings.Cut(ref.Repo, "/")
	return issuesURL(x) + "/" + url.PathEscape(owner) + "/" + url.PathEscape(name) + "/" + strconv.Itoa(ref.Number)
}

// issuesBox shows n; may is whether the reader may link.
func (s *Server) issuesBox(now time.Time, x hackfest.Session, n linkedNow, may bool) templates.IssuesBox {
	var b templates.IssuesBox
	if may {
		b.Path, b.Form, b.Hint = issuesURL(x), newForm("issue"), "owner/name#12, or the address of its page."
		if n.repo != "" {
			b.Hint = "#12 of " + n.repo + ", another’s as owner/name#12, or the address of its page."
		}
	}
	for _, l := range n.issues {
		row := issueRow(l.ref, l.issue)
		row.Where = l.where
		if may && l.hand {
			row.Unlink, row.Form = issueURL(x, l.ref)+"/unlink", newForm("")
		}
		b.Rows = append(b.Rows, row)
	}
	b.Age, b.Stale = knownSince(now, n.from)
	return b
}

// issueRow shows ref in a list; i is nil when it is not known.
func issueRow(ref hackfest.IssueRef, i *hackfest.Issue) templates.IssueRow {
	row := templates.IssueRow{Name: ref.String(), Issue: i}
	if i == nil {
		return row
	}
	for _, label := range i.Labels {
		row.Labels = append(row.Labels, ui.Visible(label))
	}
	row.Assignees = ui.Visible(strings.Join(i.Assignees, ", "))
	return row
}

// staleAfter is how old what is known of a repository may be before a page says
// why: twice the longest time between two questions with a token.
const staleAfter = time.Hour

// knownSince says as of when repositories are known, the one that was asked longest
// ago counts; and if that is long ago or in doubt, why.
func knownSince(now time.Time, list []hackfest.Repository) (age, stale string) {
	if len(list) == 0 {
		return "", ""
	}
	r := slices.MinFunc(list, func(a, b hackfest.Repository) int { return a.KnownAt.Compare(b.KnownAt) })
	switch {
	case !r.RecordedAt.IsZero():
		return "recorded on " + r.RecordedAt.Format("2 January 2006"), ""
	case !r.GoneAt.IsZero():
		stale = "GitHub says that there is no " + r.Name + " any more, or shows it to its members alone. This is what was known of it."
	case r.Trouble != "" && now.Sub(r.KnownAt) > staleAfter/4:
		stale = "It may have changed since: " + r.Trouble
	case now.Sub(r.KnownAt) > staleAfter && !r.KnownAt.IsZero():
		stale = "It may have changed since: GitHub was not asked for all of " + r.Name + " since then."
	}
	if r.KnownAt.IsZero() {
		return "not all of it yet", stale
	}
	return "as of " + agoWords(now.Sub(r.KnownAt)), stale
}

// agoWords is how long ago something was.
func agoWords(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "a moment ago"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min ago"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h ago"
	}
	return strconv.Itoa(int(d.Hours()/24)) + " days ago"
}

// sendLinked sends the issues of the session, if what it shows of them has changed.
func (t *stream) sendLinked(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.s.storeTime())
	defer cancel()
	n, err := t.s.sharedLinked(ctx, t.viewer, t.session)
	if err != nil {
		return t.trouble(unavailable(ctx, err))
	}
	was := t.linked
	t.linked = &n
	if was != nil && reflect.DeepEqual(n.issues, was.issues) || was == nil && len(n.issues) == 0 {
		return nil
	}
	for _, l := range n.issues {
		if l.issue != nil {
			t.issues.add(l.ref)
		}
	}
	may, err := t.s.mayLink(t.reader.r.WithContext(ctx), t.session)
	if err != nil {
		return t.trouble(unavailable(ctx, err))
	}
	html, err := t.part(ctx, templates.IssueList(t.s.issuesBox(t.s.Now(), t.session, n, may)))
	if err != nil {
		return err
	}
	return t.event("parts", "", html)
}

// nameIssues reports whether any of lines may name an issue.
func nameIssues(lines []hackfest.LogLine) bool {
	return slices.ContainsFunc(lines, func(l hackfest.LogLine) bool { return l.Redacted || hackfest.MayNameIssues(l.Text) })
}

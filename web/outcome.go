package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// outcomeFirst is how much of what happened of each kind a page shows.
const outcomeFirst = 20

// fillOutcome fills in what came of a session that is over.
func (s *Server) fillOutcome(r *http.Request, p *templates.SessionPage, e *templates.SessionEnded) error {
	o, err := s.Store.Outcome(r.Context(), viewerOf(r), p.Session.ID, outcomeFirst)
	if err != nil {
		return err
	}
	e.Matrix = changedCells(o.Tested)
	if len(o.Repositories) > 0 {
		e.Outcome = s.outcomeBox(p.Clock, p.Session.Zone, o)
	}
	return nil
}

// outcomeGroup is what happened to issues or pull requests in one way.
type outcomeGroup struct {
	hackfest.IssueChanges
	label string // what happened
	noun  string // to what, where the label does not say
	query string // by which GitHub finds them
	by    bool   // whoever wrote it did it
	at    func(hackfest.Issue) time.Time
}

func outcomeGroups(o hackfest.Outcome) []outcomeGroup {
	opened := func(i hackfest.Issue) time.Time { return i.OpenedAt }
	return []outcomeGroup{
		{o.Merged, "merged", "", "is:pr merged:", true, func(i hackfest.Issue) time.Time { return i.MergedAt }},
		{o.Closed, "closed", "", "is:issue closed:", false, func(i hackfest.Issue) time.Time { return i.ClosedAt }},
		{o.Offered, "opened", "pull request ", "is:pr created:", true, opened},
		{o.Opened, "opened", "", "is:issue created:", true, opened},
	}
}

// about is what is said of i besides its title, apart from when it happened.
func (g outcomeGroup) about(i hackfest.Issue) string {
	switch {
	case g.by && i.Author != "":
		return g.noun + "by " + ui.Visible(i.Author)
	case !g.by && i.Reason == "not_planned":
		return "not planned"
	case !g.by && i.Reason == "duplicate":
		return "a duplicate"
	}
	return strings.TrimSpace(g.noun)
}

// outcomeBox makes o ready to be shown.
func (s *Server) outcomeBox(c ui.Clock, zone string, o hackfest.Outcome) *templates.OutcomeBox {
	box := &templates.OutcomeBox{Lead: outcomeLead(o)}
	first := c.In(o.From, zone).YearDay()
	short := shortRepositories(o)
	for _, g := range outcomeGroups(o) {
		for _, i := range g.First {
			row := templates.OutcomeRow{Label: g.label, Name: short[i.Repo] + "#" + strconv.Itoa(i.Number), Href: i.Page(s.gitHubWeb()), Title: ui.Visible(i.Title), About: g.about(i)}
			at := c.Minute(g.at(i), zone)
			if c.In(g.at(i), zone).YearDay() != first {
				at = c.Gutter(g.at(i), zone)
			}
			row.At = &at
			box.Rows = append(box.Rows, row)
		}
		if more := g.Count - len(g.First); more > 0 {
			box.Rows = append(box.Rows, templates.OutcomeRow{Label: g.label, Name: fmt.Sprintf("%d more on GitHub", more), Href: s.outcomeSearch(o, g.query)})
		}
	}
	for _, r := range o.Repositories {
		box.Rows = append(box.Rows, s.commitRows(r, o)...)
	}
	for _, n := range outcomeNotes(o, c.Now) {
		note := templates.OutcomeNote{Before: n.before, After: n.after}
		if !n.at.IsZero() {
			at := c.Gutter(n.at, zone)
			if n.day {
				at = c.Day(n.at, "UTC")
			}
			note.At = &at
		}
		box.Notes = append(box.Notes, note)
	}
	return box
}

// outcomeLead says where an outcome comes from.
func outcomeLead(o hackfest.Outcome) string {
	for _, r := range o.Repositories {
		if !r.Recorded() {
			return "from GitHub, start to end + 24 h"
		}
	}
	return "from a record, start to end + 24 h"
}

// shortRepositories are the repositories of o by what they are called in lists:
// without their owner, unless two differ in nothing else.
func shortRepositories(o hackfest.Outcome) map[string]string {
	short, owners := map[string]string{}, map[string]int{}
	for _, r := range o.Repositories {
		_, name, _ := strings.Cut(r.Name, "/")
		short[r.Name] = name
		owners[strings.ToLower(name)]++
	}
	for full, name := range short {
		if owners[strings.ToLower(name)] > 1 {
			short[full] = full
		}
	}
	return short
}

// commitRows say how many commits a repository got, with the first of them; of a
// record, what changed on each day.
func (s *Server) commitRows(r hackfest.OutcomeRepository, o hackfest.Outcome) []templates.OutcomeRow {
	var rows []templates.OutcomeRow
	all := templates.OutcomeRow{Label: "commits", Text: commitWords(r), Repo: r.Name}
	for _, c := range o.Commits {
		switch {
		case c.RepositoryID != r.ID:
		case r.Recorded():
			rows = append(rows, templates.OutcomeRow{Label: "files", Text: recordWords(c), Repo: r.Name})
		default:
			all.Commits = append(all.Commits, templates.OutcomeCommit{
				SHA: c.SHA[:7], Href: s.gitHubWeb() + "/" + c.Repo + "/commit/" + c.SHA, Summary: ui.Visible(c.Summary), By: ui.Visible(c.Author),
			})
		}
	}
	if r.Recorded() || r.Commits == 0 {
		return rows
	}
	all.CommitsHref, all.More = s.commitsPage(r), r.Commits-len(all.Commits)
	return []templates.OutcomeRow{all}
}

// commitWords are "14 by 4 people".
func commitWords(r hackfest.OutcomeRepository) string {
	return strconv.Itoa(r.Commits) + " by " + counted(r.Authors, "person", "people")
}

// recordWords are what a record says of a day.
func recordWords(c hackfest.Commit) string {
	return ui.Visible(c.Summary) + " on " + c.CommittedAt.UTC().Format("2 January 2006")
}

// outcomeNote is a sentence about what is known of an outcome.
type outcomeNote struct {
	before string
	at     time.Time // zero for none
	day    bool      // at is a day
	after  string
}

// outcomeNotes say what is not known of o at now, and where it has nothing.
func outcomeNotes(o hackfest.Outcome, now time.Time) []outcomeNote {
	var notes []outcomeNote
	add := func(before string, at time.Time, after string) {
		notes = append(notes, outcomeNote{before: before, at: at, after: after})
	}
	var known []string
	for _, r := range o.Repositories {
		k := r.Known(o, now)
		switch {
		case r.Recorded() && k == hackfest.KnownNot:
			notes = append(notes, outcomeNote{before: "What is known of " + r.Name + " was written down before, on ", at: r.RecordedAt, day: true, after: "."})
		case r.Recorded():
			notes = append(notes, outcomeNote{before: r.Name + " is a record of ", at: r.RecordedAt, day: true, after: ". It has days, not hours, and no issues."})
			known = append(known, r.Name)
		case !r.GoneAt.IsZero():
			add("GitHub says that there is no "+r.Name+" any more, since ", r.GoneAt, ".")
		case r.KnownAt.IsZero():
			add("GitHub has not yet said anything about "+r.Name+".", time.Time{}, "")
		case k == hackfest.KnownNot:
			add(r.Name+" is known as of ", r.KnownAt, ", which is before this session; what changed in it since is not here yet.")
		case k == hackfest.KnownPartly:
			add(r.Name+" is known as of ", r.KnownAt, "; what changed in it later is not here yet.")
		case k == hackfest.KnownSoFar:
			add(r.Name+" is known as of ", r.KnownAt, ".")
		default:
			known = append(known, r.Name)
		}
		if r.Behind(o) && !r.CommitsFrom.IsZero() {
			add("Commits to "+r.Name+" are known since ", r.CommitsFrom, "; earlier ones are missing.")
		}
	}
	if !o.Changed() && len(known) > 0 {
		notes = append([]outcomeNote{{before: "Nothing changed in " + strings.Join(known, ", ") + "."}}, notes...)
	}
	if o.Running(now) && !o.To.IsZero() {
		add("What changes until ", o.To, " counts too.")
	}
	return notes
}

// outcomeSearch is the page on GitHub with all that query and the time of o find.
func (s *Server) outcomeSearch(o hackfest.Outcome, query string) string {
	var names []string
	for _, r := range o.Repositories {
		if !r.Recorded() {
			names = append(names, r.Name)
		}
	}
	upto := "*"
	if !o.To.IsZero() {
		upto = o.To.Format(time.RFC3339)
	}
	return s.issueSearch(names, query+o.From.Format(time.RFC3339)+".."+upto)
}

// commitsPage is the page on GitHub with the commits to r.
func (s *Server) commitsPage(r hackfest.OutcomeRepository) string {
	q := url.Values{"since": {r.From.Format(time.RFC3339)}}
	if !r.To.IsZero() {
		q.Set("until", r.To.Format(time.RFC3339))
	}
	return s.gitHubWeb() + "/" + r.Name + "/commits?" + q.Encode()
}

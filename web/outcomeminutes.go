package web

import (
	"context"
	"strconv"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/minutes"
	"github.com/eucalyptus/hackfest/internal/person"
)

// minutesOutcome is the outcome of the session of m as its minutes for people have
// it, with the times as options o write them.
func (s *Server) minutesOutcome(ctx context.Context, v person.Viewer, m hackfest.Meeting, o minutes.Options) (minutes.Outcome, error) {
	x, err := s.Store.Outcome(ctx, v, m.SessionID, outcomeFirst)
	if err != nil || len(x.Repositories)+len(x.Tested) == 0 {
		return minutes.Outcome{}, err
	}
	out := minutes.Outcome{Lead: "Computed " + outcomeLead(x) + "."}
	for _, g := range outcomeGroups(x) {
		for _, i := range g.First {
			l := minutes.OutcomeLine{Label: g.label, Name: i.Ref().String(), URL: i.Page(s.gitHubWeb()), Text: i.Title, Note: o.At(stampOf(g.at(i)))}
			if about := g.about(i); about != "" {
				l.Note = about + ", " + l.Note
			}
			out.Lines = append(out.Lines, l)
		}
		if more := g.Count - len(g.First); more > 0 {
			out.Lines = append(out.Lines, minutes.OutcomeLine{Label: g.label, Text: strconv.Itoa(more) + " more", URL: s.outcomeSearch(x, g.query)})
		}
	}
	for _, r := range x.Repositories {
		for _, row := range s.commitRows(r, x) {
			out.Lines = append(out.Lines, minutes.OutcomeLine{Label: row.Label, Text: row.Text + " in " + r.Name, URL: row.CommitsHref})
		}
	}
	for _, c := range changedCells(x.Tested) {
		out.Lines = append(out.Lines, minutes.OutcomeLine{
			Label: "tested", Text: c.Recipe + " on " + c.Image + ": " + c.Word, Note: "before: " + c.Before, URL: s.BaseURL + c.Href,
		})
	}
	for _, n := range outcomeNotes(x, s.Now()) {
		at := o.At(stampOf(n.at))
		if n.at.IsZero() {
			at = ""
		} else if n.day {
			at = n.at.UTC().Format("2 January 2006")
		}
		out.Notes = append(out.Notes, n.before+at+n.after)
	}
	return out, nil
}

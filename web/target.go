package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// boardSessions is how many sessions the strips of the board look back on.
const boardSessions = 1000

// longBoard is how many targets are too many to find a stage by scrolling.
const longBoard = 24

// showBoard answers GET /targets.
func (s *Server) showBoard(w http.ResponseWriter, r *http.Request) error {
	f, err := s.frame(r, "Targets")
	if err != nil {
		return err
	}
	f.Description = "What " + f.Community + " wants to get to run, and how far it came."
	targets, err := s.Store.Targets(r.Context())
	if err != nil {
		return err
	}
	sessions, err := s.Store.Sessions(r.Context(), viewerOf(r), store.SessionFilter{WithTarget: true, Desc: true, Limit: boardSessions})
	if err != nil {
		return err
	}
	slices.Reverse(sessions)
	said, err := s.outcomes(r.Context(), viewerOf(r), "")
	if err != nil {
		return err
	}
	p := templates.BoardPage{Frame: f, Empty: len(targets) == 0}
	p.Columns, p.Legend = board(f.Clock, targets, sessions, said)
	p.Long = len(targets) > longBoard
	if p.Matrix, err = s.matrix(r, f.Clock); err != nil {
		return err
	}
	return s.show(w, r, templates.Board(p))
}

// sessionOf is a session on a target, by their slugs.
type sessionOf struct{ target, session string }

// outcomes are what sessions made of one target, or of all with "".
func (s *Server) outcomes(ctx context.Context, v person.Viewer, target string) (map[sessionOf]hackfest.TargetStage, error) {
	list, err := s.Store.TargetOutcomes(ctx, v, target)
	said := map[sessionOf]hackfest.TargetStage{}
	for _, o := range list {
		said[sessionOf{o.Target, o.Session}] = o.Stage
	}
	return said, err
}

// board sorts targets into the columns of their stages, and lists the outcomes
// that are drawn. sessions are those of all targets, oldest first.
func board(c ui.Clock, targets []hackfest.Target, sessions []hackfest.Session, said map[sessionOf]hackfest.TargetStage) ([]templates.BoardColumn, []chart.Outcome) {
	of := map[string][]hackfest.Session{}
	for _, s := range sessions {
		of[s.TargetSlug] = append(of[s.TargetSlug], s)
	}
	drawn := map[chart.Outcome]bool{}
	columns := make([]templates.BoardColumn, len(hackfest.TargetStages))
	for i, stage := range hackfest.TargetStages {
		columns[i].Title = stage.Label()
		for _, t := range targets {
			if t.Stage != stage {
				continue
			}
			card := templates.TargetCard{Name: t.Name, Href: templates.TargetURL(t.Slug), Strip: strip(c, t, of[t.Slug], said), Note: cardNote(c, t)}
			for _, q := range card.Strip.Squares {
				drawn[q.Outcome] = true
			}
			columns[i].Cards = append(columns[i].Cards, card)
		}
	}
	var legend []chart.Outcome
	for _, o := range []chart.Outcome{chart.Works, chart.WithNotes, chart.DidNot, chart.Untested, chart.CalledOff, chart.Coming} {
		if drawn[o] {
			legend = append(legend, o)
		}
	}
	return columns, legend
}

// cardNote says on the board who is on a target, or who wants it.
func cardNote(c ui.Clock, t hackfest.Target) string {
	var parts []string
	switch {
	case t.Owner != "":
		parts = append(parts, ui.Visible(t.Owner))
	case t.Stage == hackfest.StageIdea && t.Proposer != "":
		parts = append(parts, "from "+ui.Visible(t.Proposer))
	}
	if t.Wanted > 0 && (t.Stage == hackfest.StageIdea || t.Stage == hackfest.StageParked) {
		parts = append(parts, counted(t.Wanted, "wants it", "want it"))
	}
	if t.Stage != hackfest.StageIdea || len(parts) == 0 {
		parts = append(parts, since(t.StagedAt, c.Now))
	}
	return strings.Join(parts, ", ")
}

// strip draws the sessions of t, given oldest first. Of those to come it draws
// the next: a series has them planned for months.
func strip(c ui.Clock, t hackfest.Target, sessions []hackfest.Session, said map[sessionOf]hackfest.TargetStage) chart.Strip {
	var squares []chart.Square
	coming := false
	for i, s := range sessions {
		if s.Status(c.Now) == hackfest.StatusScheduled {
			if coming {
				continue
			}
			coming = true
		}
		squares = append(squares, chart.Square{
			Outcome: outcome(c.Now, t, s, said, lastHeld(sessions, t.StagedAt, c.Now) == i),
			Date:    c.Day(s.StartsAt, s.Zone).Text,
			Href:    templates.SessionURL(s.Slug),
		})
	}
	return chart.NewStrip(squares)
}

// lastHeld is the index of the last session that had begun when the target came
// to its stage; -1 when there is none.
func lastHeld(sessions []hackfest.Session, staged, now time.Time) int {
	last := -1
	for i, s := range sessions {
		if s.State != hackfest.StateCancelled && !s.StartsAt.After(staged) && !s.StartsAt.After(now) {
			last = i
		}
	}
	return last
}

// outcome is what session s made of target t: what somebody said when the target
// was moved; of one about which nobody did, decisive is that it brought the target
// to its stage.
func outcome(now time.Time, t hackfest.Target, s hackfest.Session, said map[sessionOf]hackfest.TargetStage, decisive bool) chart.Outcome {
	switch s.Status(now) {
	case hackfest.StatusCancelled:
		return chart.CalledOff
	case hackfest.StatusScheduled, hackfest.StatusProposed, hackfest.StatusLive:
		return chart.Coming
	}
	switch stage, ok := said[sessionOf{t.Slug, s.Slug}]; {
	case ok && stage.Reached():
		return stageOutcome[stage]
	case ok:
		return chart.DidNot
	case decisive && len(said) == 0 && t.Stage.Reached():
		return stageOutcome[t.Stage]
	}
	return chart.Untested
}

// stageOutcome is the drawing of each stage.
var stageOutcome = map[hackfest.TargetStage]chart.Outcome{
	hackfest.StageIdea:    chart.Untested,
	hackfest.StagePlanned: chart.Coming,
	hackfest.StageTrying:  chart.Coming,
	hackfest.StageNotes:   chart.WithNotes,
	hackfest.StageWorks:   chart.Works,
	hackfest.StageParked:  chart.CalledOff,
}

// newestStaged are up to n targets that came to their stage last, ideas left
// out.
func newestStaged(targets []hackfest.Target, n int) []hackfest.Target {
	list := slices.DeleteFunc(slices.Clone(targets), func(t hackfest.Target) bool { return t.Stage == hackfest.StageIdea })
	slices.SortStableFunc(list, func(a, b hackfest.Target) int { return b.StagedAt.Compare(a.StagedAt) })
	return list[:min(n, len(list))]
}

// nearest leaves out of a list of sessions, newest first, those to come after
// the next two: a series has them planned for months. It reports whether any
// were left out.
func nearest(sessions []hackfest.Session, now time.Time) ([]hackfest.Session, bool) {
	const most = 2
	coming := 0
	for _, x := range sessions {
		if x.StartsAt.After(now) {
			coming++
		}
	}
	return sessions[max(0, coming-most):], coming > most
}

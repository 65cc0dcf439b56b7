package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// boardSessions is how many sessions the strips of the board look back on.
const boardSessions = 1000

// targetActions is how many actions the page of a target shows.
const targetActions = 10

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
	p := templates.BoardPage{Frame: f, Empty: len(targets) == 0}
	p.Columns, p.Legend = board(f.Clock, targets, sessions)
	return s.show(w, r, templates.Board(p))
}

// board sorts targets into the columns of their stages, and lists the outcomes
// that are drawn. sessions are those of all targets, oldest first.
func board(c ui.Clock, targets []hackfest.Target, sessions []hackfest.Session) ([]templates.BoardColumn, []chart.Outcome) {
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
			card := templates.TargetCard{Name: t.Name, Href: templates.TargetURL(t.Slug), Strip: strip(c, t, of[t.Slug]), Note: since(t.StagedAt, c.Now)}
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

// strip draws the sessions of t, given oldest first. Of those to come it draws
// the next: a series has them planned for months.
func strip(c ui.Clock, t hackfest.Target, sessions []hackfest.Session) chart.Strip {
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
			Outcome: outcome(c.Now, t, s, lastHeld(sessions, t.StagedAt, c.Now) == i),
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

// outcome is what session s made of target t. Sessions do not say so yet; the
// one that brought the target to its stage did what the stage says.
func outcome(now time.Time, t hackfest.Target, s hackfest.Session, decisive bool) chart.Outcome {
	switch s.Status(now) {
	case hackfest.StatusCancelled:
		return chart.CalledOff
	case hackfest.StatusScheduled, hackfest.StatusProposed, hackfest.StatusLive:
		return chart.Coming
	}
	if decisive && (t.Stage == hackfest.StageWorks || t.Stage == hackfest.StageNotes) {
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

// showTarget answers GET /targets/{target}.
func (s *Server) showTarget(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	t, err := s.Store.Target(ctx, chi.URLParam(r, "target"))
	if err != nil {
		return err
	}
	f, err := s.frame(r, t.Name)
	if err != nil {
		return err
	}
	sessions, err := s.Store.Sessions(ctx, v, store.SessionFilter{Target: t.Slug, Desc: true})
	if err != nil {
		return err
	}
	lessons, err := s.Store.Lessons(ctx, v, store.LessonFilter{Target: t.Slug, Limit: 10})
	if err != nil {
		return err
	}
	p := targetPage(f, t, sessions, lessons)
	actions, err := s.Store.Actions(ctx, v, store.ActionFilter{Target: t.Slug, Limit: targetActions})
	if err != nil {
		return err
	}
	may, err := s.settlerOf(r, person.Object{}, store.ActionFilter{Target: t.Slug})
	if err != nil {
		return err
	}
	if p.Actions, err = s.actionRows(ctx, f.Clock, v, actions, may); err != nil {
		return err
	}
	return s.show(w, r, templates.Target(p))
}

// targetPage decides what the page of t shows. sessions are newest first.
func targetPage(f templates.Frame, t hackfest.Target, sessions []hackfest.Session, lessons []hackfest.Lesson) templates.TargetPage {
	c := f.Clock
	p := templates.TargetPage{
		Frame: f, Name: t.Name, Outcome: stageOutcome[t.Stage], Stage: strings.ToLower(t.Stage.Label()), Since: since(t.StagedAt, c.Now),
		Sentence: t.Sentence, About: t.About, Lessons: lessonRows(c, lessons),
		All: "/lessons?target=" + t.Slug,
	}
	p.Description = t.Sentence
	for _, s := range sessions {
		switch s.Status(c.Now) {
		case hackfest.StatusCancelled:
			p.Called++
		case hackfest.StatusEnded, hackfest.StatusPublished:
			p.Held++
		case hackfest.StatusScheduled, hackfest.StatusLive:
			p.Next = &templates.NextOfTarget{Title: s.Title, Href: templates.SessionURL(s.Slug), Span: c.Span(s.StartsAt, s.EndsAt, s.Zone)}
		}
	}
	shown, hidden := nearest(sessions, c.Now)
	if p.Sessions = sessionRows(c, shown); hidden {
		p.Coming = "/schedule?target=" + t.Slug
	}
	for i := range p.Sessions {
		p.Sessions[i].Target = "" // the page says so
	}
	slices.Reverse(sessions)
	p.Strip = strip(c, t, sessions)
	return p
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

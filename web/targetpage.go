package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

const (
	targetActions = 10 // actions on the page of a target
	targetLessons = 10
	targetHistory = 20
)

// showTarget answers GET /targets/{target}. An address that the target had before
// leads on.
func (s *Server) showTarget(w http.ResponseWriter, r *http.Request) error {
	return s.onTarget(w, r, func(t hackfest.Target) error {
		f, err := s.frame(r, t.Name)
		if err != nil {
			return err
		}
		p := targetPage(f, t)
		for _, fill := range []func(*http.Request, *templates.TargetPage, hackfest.Target) error{
			s.fillTargetSessions, s.fillTargetChecks, s.fillTargetRecipes, s.fillTargetIssues, s.fillTargetLessons, s.fillTargetActions, s.fillTargetPeople, s.fillTargetHistory, s.fillTargetForms,
		} {
			if err := fill(r, &p, t); err != nil {
				return err
			}
		}
		return s.show(w, r, templates.Target(p))
	})
}

// targetPage is what the page of t shows of itself.
func targetPage(f templates.Frame, t hackfest.Target) templates.TargetPage {
	p := templates.TargetPage{
		Frame: f, Slug: t.Slug, Name: t.Name, Outcome: stageOutcome[t.Stage], Stage: strings.ToLower(t.Stage.Label()), Since: since(t.StagedAt, f.Clock.Now),
		Sentence: t.Sentence, About: t.About, Goal: t.Goal, All: "/lessons?target=" + t.Slug,
		Calendar: "/calendar/targets/" + url.PathEscape(t.Slug) + ".ics",
	}
	p.Description = t.Sentence
	if p.Description == "" {
		p.Description = t.About
	}
	if t.Owner != "" {
		p.Owner = &ui.Who{Nick: t.Owner}
		if t.OwnerListed {
			p.Owner.Href = templates.PersonURL(t.Owner)
		}
	}
	if t.Wanted > 0 {
		p.Wanted = counted(t.Wanted, "person wants it.", "people want it.")
	}
	if u, err := url.Parse(t.Project); err == nil && t.Project != "" {
		p.Project = &templates.LogLink{Href: t.Project, Text: strings.TrimSuffix(strings.TrimPrefix(u.Host, "www.")+u.Path, "/")}
	}
	p.From = proposedBy(t)
	return p
}

// proposedBy says who proposed t and how; "" for what was there from the
// beginning.
func proposedBy(t hackfest.Target) string {
	who := "from " + ui.Visible(t.Proposer)
	if t.Proposer == "" {
		who = "from somebody"
	}
	switch t.Via {
	case hackfest.TargetViaIRC:
		return who + " on IRC"
	case hackfest.TargetViaMail:
		return "from somebody by mail"
	case hackfest.TargetViaWeb, hackfest.TargetViaAPI:
		return who
	}
	return ""
}

// fillTargetSessions fills in the sessions on a target, and what came of them.
func (s *Server) fillTargetSessions(r *http.Request, p *templates.TargetPage, t hackfest.Target) error {
	c := p.Clock
	sessions, err := s.Store.Sessions(r.Context(), viewerOf(r), store.SessionFilter{Target: t.Slug, Desc: true})
	if err != nil {
		return err
	}
	said, err := s.outcomes(r.Context(), viewerOf(r), t.Slug)
	if err != nil {
		return err
	}
	for _, x := range sessions {
		switch status := x.Status(c.Now); status {
		case hackfest.StatusCancelled:
			p.Called++
		case hackfest.StatusEnded, hackfest.StatusPublished:
			p.Held++
		case hackfest.StatusScheduled, hackfest.StatusLive:
			p.Next = &templates.NextOfTarget{
				Title: x.Title, Href: templates.SessionURL(x.Slug), Live: status == hackfest.StatusLive, Span: c.Span(x.StartsAt, x.EndsAt, x.Zone),
			}
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
	p.Strip = strip(c, t, sessions, said)
	return nil
}

// fillTargetChecks fills in what is prepared for a session on a target, and why.
func (s *Server) fillTargetChecks(r *http.Request, p *templates.TargetPage, t hackfest.Target) error {
	ctx, v := r.Context(), viewerOf(r)
	for _, k := range []hackfest.ChecklistKey{{Scope: hackfest.ChecklistTarget, Slug: t.Slug}, {Scope: hackfest.ChecklistAll}} {
		items, err := s.Store.CheckItems(ctx, v, k, false)
		if err == nil && len(items) > 0 {
			err = s.Store.CheckUse(ctx, v, items, p.Clock.Now)
		}
		if err != nil {
			return err
		}
		for _, i := range items {
			row := checkRow(p.Clock, i)
			row.Stale, row.Path = "", "" // its own page asks
			p.Prepare = append(p.Prepare, row)
			if i.Check != nil {
				p.Command = s.nurse(t.Slug)
			}
		}
	}
	return nil
}

// fillTargetLessons fills in the lessons about a target.
func (s *Server) fillTargetLessons(r *http.Request, p *templates.TargetPage, t hackfest.Target) error {
	list, err := s.Store.Lessons(r.Context(), viewerOf(r), store.LessonFilter{Target: t.Slug, Limit: targetLessons})
	if err != nil {
		return err
	}
	if actorOf(r).SignedIn() {
		p.Add = "/lessons/new?target=" + t.Slug
	}
	p.Lessons, err = s.lessonRows(r, p.Clock, list)
	return err
}

// fillTargetActions fills in the actions of sessions on a target.
func (s *Server) fillTargetActions(r *http.Request, p *templates.TargetPage, t hackfest.Target) error {
	ctx, v := r.Context(), viewerOf(r)
	actions, err := s.Store.Actions(ctx, v, store.ActionFilter{Target: t.Slug, Limit: targetActions})
	if err != nil {
		return err
	}
	may, err := s.settlerOf(r, person.Object{}, store.ActionFilter{Target: t.Slug})
	if err != nil {
		return err
	}
	p.Actions, err = s.actionRows(ctx, p.Clock, v, actions, may)
	return err
}

// fillTargetPeople fills in who knows a target.
func (s *Server) fillTargetPeople(r *http.Request, p *templates.TargetPage, t hackfest.Target) error {
	list, err := s.Store.TargetKnowers(r.Context(), viewerOf(r), t.ID)
	for _, k := range list {
		var what []string
		if k.Owner {
			what = append(what, "owner")
		}
		if k.Sessions > 0 {
			what = append(what, counted(k.Sessions, "session", "sessions"))
		}
		if k.Lessons > 0 {
			what = append(what, counted(k.Lessons, "lesson", "lessons"))
		}
		p.Knows = append(p.Knows, templates.TargetKnower{Who: ui.Who{Nick: k.Name, Href: templates.PersonURL(k.Name)}, What: strings.Join(what, ", ")})
	}
	return err
}

// fillTargetHistory fills in what happened to a target.
func (s *Server) fillTargetHistory(r *http.Request, p *templates.TargetPage, t hackfest.Target) error {
	list, err := s.Store.TargetEvents(r.Context(), viewerOf(r), t.ID, targetHistory)
	for _, e := range list {
		d := templates.TargetDeed{Day: p.Clock.Day(e.At, "UTC"), Text: deedWords(e)}
		switch e.Deed {
		case hackfest.TargetStaged:
			d.Note = e.Note
		case hackfest.TargetRemoved:
			d.Note = e.Note
		}
		if e.SessionSlug != "" {
			d.Session = &templates.LogLink{Href: templates.SessionURL(e.SessionSlug), Text: e.SessionTitle}
		}
		p.History = append(p.History, d)
	}
	return err
}

// deedWords say what happened to a target, in a sentence.
func deedWords(e hackfest.TargetEvent) string {
	who, note := ui.Visible(e.Actor), ui.Visible(e.Note)
	if who == "" {
		who = "Somebody"
	}
	switch e.Deed {
	case hackfest.TargetProposed:
		return who + " proposed it."
	case hackfest.TargetStaged:
		text := who + " moved it from " + strings.ToLower(e.From.Label()) + " to " + strings.ToLower(e.To.Label())
		if e.From == "" {
			text = "It came to " + strings.ToLower(e.To.Label())
		}
		if e.Overridden {
			text += ", although the condition was not met"
		}
		return text + "."
	case hackfest.TargetOwned:
		if note == "" {
			return who + " gave it up: nobody looks after it."
		}
		return note + " looks after it."
	case hackfest.TargetRenamed:
		return who + " gave it another address; it was " + note + "."
	case hackfest.TargetMerged:
		return who + " made " + note + " part of it."
	case hackfest.TargetRemoved:
		return who + " took it off the board."
	case hackfest.TargetRestored:
		return who + " put it back on the board."
	}
	if note == "" {
		return who + " saved its words."
	}
	return who + " changed " + note + "."
}

// fillTargetForms fills in what the reader may do with a target.
func (s *Server) fillTargetForms(r *http.Request, p *templates.TargetPage, t hackfest.Target) error {
	a, at := actorOf(r), templates.TargetURL(t.Slug)
	if !a.SignedIn() {
		return nil
	}
	p.Change = mayEdit(a, t)
	wants, err := s.Store.BacksTarget(r.Context(), t.ID, a.ID)
	if err != nil {
		return err
	}
	button := func(path, text string) *templates.TargetButton {
		return &templates.TargetButton{Path: at + path, Text: text, Form: newForm(strings.TrimPrefix(path, "/"))}
	}
	switch {
	case wants:
		p.Back = button("/unback", "I do not want it any more")
	default:
		p.Back = button("/back", "I want this")
	}
	switch t.OwnerID {
	case 0:
		p.Take = button("/take", "I will look after it")
	case a.ID:
		p.Take = button("/leave", "I give it up")
	}
	return nil
}

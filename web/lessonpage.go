package web

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/atom"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// lessonWords say what the kinds of lessons mean to who comes next.
var lessonWords = map[hackfest.LessonKind]string{
	hackfest.LessonDoAgain: "It went well: do it again.",
	hackfest.LessonAvoid:   "It went wrong: do it otherwise.",
	hackfest.LessonUnknown: "Nobody knows why yet.",
	hackfest.LessonBroken:  "It is broken upstream.",
}

// showLesson answers GET /lessons/{lesson}.
func (s *Server) showLesson(w http.ResponseWriter, r *http.Request) error {
	l, err := s.lesson(r)
	if err != nil {
		return err
	}
	f, err := s.frame(r, "Lesson: "+cutWords(ui.Visible(l.Text), 60))
	if err != nil {
		return err
	}
	f.Section, f.Feeds, f.Description, f.NoIndex = "/lessons", lessonFeeds, ui.Visible(l.Text), l.PublishedAt.IsZero()
	rows, err := s.lessonRows(r, f.Clock, []hackfest.Lesson{l})
	if err != nil {
		return err
	}
	p := templates.LessonPage{Frame: f, Row: rows[0], Kind: lessonWords[l.Kind], Reason: l.Reason}
	switch {
	case !l.MeetingRef.IsZero() && l.PublishedAt.IsZero():
		p.State = "It was taken out of the minutes that published it."
	case l.Waits():
		p.State = "It waits for a maintainer: nobody else sees it yet."
	case !l.DeclinedAt.IsZero():
		p.State = "It was not published."
	case !l.RetiredAt.IsZero():
		p.State = "Not true any more since " + f.Clock.Day(l.RetiredAt, s.community()).Text + "."
	}
	if l.Author != "" {
		p.Author = &ui.Who{Nick: l.Author, Href: templates.PersonURL(l.Author)}
	}
	if !l.PublishedAt.IsZero() {
		p.Published = f.Clock.Day(l.PublishedAt, s.community())
		if !l.ChangedAt.IsZero() && l.ChangedAt.After(l.PublishedAt) {
			p.Changed = f.Clock.Day(l.ChangedAt, s.community())
		}
	}
	if err := s.fillLessonForms(r, &p, l); err != nil {
		return err
	}
	return s.show(w, r, templates.Lesson(p))
}

// fillLessonForms fills in what the reader may do with a lesson.
func (s *Server) fillLessonForms(r *http.Request, p *templates.LessonPage, l hackfest.Lesson) error {
	a, at := actorOf(r), lessonURL(l.ID)
	if !a.SignedIn() {
		return nil
	}
	o, err := s.Store.RelationToLesson(r.Context(), a.Viewer, l.ID)
	if err != nil {
		return err
	}
	if makesCheck(a, l, o) {
		p.Change = append(p.Change, templates.LogLink{Href: checkLessonURL(l.ID), Text: "Make it a check"})
	}
	inMinutes := !l.MeetingRef.IsZero()
	if !inMinutes && person.Can(a, person.EditLesson, o) == nil {
		p.Change = append(p.Change, templates.LogLink{Href: at + "/edit", Text: "Change"})
	}
	if person.Can(a, person.PublishLesson, o) != nil {
		return nil
	}
	if inMinutes {
		p.Minutes = editURL(l.MeetingRef)
	}
	button := func(path, text string) {
		p.Buttons = append(p.Buttons, templates.TargetButton{Path: at + "/" + path, Text: text, Form: newForm(path)})
	}
	switch {
	case inMinutes && l.PublishedAt.IsZero(): // it comes and goes with them
	case l.Waits():
		button("publish", "Publish it")
		p.Change = append(p.Change, templates.LogLink{Href: at + "/decline", Text: "Do not publish it"})
	case !l.DeclinedAt.IsZero():
		button("reopen", "Have it wait again")
	case !l.RetiredAt.IsZero():
		button("reinstate", "It is true after all")
	case !l.PublishedAt.IsZero():
		p.Change = append(p.Change, templates.LogLink{Href: at + "/retire", Text: "Retire it"})
	}
	return nil
}

// review carries out a step of a lesson's review.
func (s *Server) review(w http.ResponseWriter, r *http.Request, what, said, undo string, step func(ctx context.Context, tx *store.Store, id hackfest.LessonID) error) error {
	id, err := lessonOf(r)
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		if err := step(ctx, tx, id); err != nil {
			return done{}, err
		}
		d := done{To: lessonURL(id), Said: said}
		if undo != "" {
			d.Undo = lessonURL(id) + "/" + undo
		}
		return d, s.audit(ctx, tx, r, what, lessonURL(id), nil, nil)
	})
}

// publishLesson answers POST /lessons/{lesson}/publish and the same of the API.
func (s *Server) publishLesson(w http.ResponseWriter, r *http.Request) error {
	return s.review(w, r, "publish lesson", "It is published.", "unpublish", func(ctx context.Context, tx *store.Store, id hackfest.LessonID) error {
		return tx.PublishLesson(ctx, id, s.Now().UTC())
	})
}

// unpublishLesson answers POST /lessons/{lesson}/unpublish: it waits again.
func (s *Server) unpublishLesson(w http.ResponseWriter, r *http.Request) error {
	return s.review(w, r, "unpublish lesson", "It waits again.", "publish", func(ctx context.Context, tx *store.Store, id hackfest.LessonID) error {
		return tx.UnpublishLesson(ctx, id, s.Now().UTC())
	})
}

// reopenLesson answers POST /lessons/{lesson}/reopen: one that was declined waits
// again.
func (s *Server) reopenLesson(w http.ResponseWriter, r *http.Request) error {
	return s.review(w, r, "reopen lesson", "It waits again.", "", func(ctx context.Context, tx *store.Store, id hackfest.LessonID) error {
		return tx.ReopenLesson(ctx, id)
	})
}

// reinstateLesson answers POST /lessons/{lesson}/reinstate.
func (s *Server) reinstateLesson(w http.ResponseWriter, r *http.Request) error {
	return s.review(w, r, "reinstate lesson", "It is in force again.", "", func(ctx context.Context, tx *store.Store, id hackfest.LessonID) error {
		return tx.ReinstateLesson(ctx, id, s.Now().UTC())
	})
}

// endLessonQuestion asks why a lesson is declined or retired.
func (s *Server) endLessonQuestion(r *http.Request, heading, path, button, hint string) (question, hackfest.Lesson, error) {
	l, err := s.lesson(r)
	if err != nil {
		return question{}, l, err
	}
	at := lessonURL(l.ID)
	q, err := s.lessonQuestion(r, heading, at+path, at)
	q.page.Says, q.page.Button = []string{l.Text}, button
	q.fields = func(form ui.Form) templ.Component { return templates.ReasonForm(form, "Why", hint) }
	return q, l, err
}

func (s *Server) declineQuestion(r *http.Request) (question, hackfest.Lesson, error) {
	return s.endLessonQuestion(r, "Not to be published", "/decline", "Do not publish it", "Who wrote it reads this.")
}

// retireQuestion asks why a lesson is retired, and says which checks stay.
func (s *Server) retireQuestion(r *http.Request) (question, hackfest.Lesson, error) {
	q, l, err := s.endLessonQuestion(r, "Retire the lesson", "/retire", "Retire it", "What has changed. The lesson keeps its page and leaves all lists.")
	if err != nil {
		return q, l, err
	}
	checks, err := s.Store.ChecksOfLessons(r.Context(), viewerOf(r), []hackfest.LessonID{l.ID})
	for _, c := range checks[l.ID] {
		q.page.Says = append(q.page.Says, "It became a check, which stays until it is retired too, on the checklist of "+orAll(c.Title)+": "+ui.Visible(c.Text))
	}
	return q, l, err
}

// showDeclineLesson answers GET /lessons/{lesson}/decline.
func (s *Server) showDeclineLesson(w http.ResponseWriter, r *http.Request) error {
	return s.askedLesson(w, r, s.declineQuestion)
}

// showRetireLesson answers GET /lessons/{lesson}/retire.
func (s *Server) showRetireLesson(w http.ResponseWriter, r *http.Request) error {
	return s.askedLesson(w, r, s.retireQuestion)
}

// declineLesson answers POST /lessons/{lesson}/decline.
func (s *Server) declineLesson(w http.ResponseWriter, r *http.Request) error {
	return s.endLesson(w, r, s.declineQuestion, func(ctx context.Context, tx *store.Store, id hackfest.LessonID, why string) (done, error) {
		d := done{To: lessonURL(id), Said: "It is not published.", Undo: lessonURL(id) + "/reopen"}
		return d, tx.DeclineLesson(ctx, id, why, s.Now().UTC())
	})
}

// retireLesson answers POST /lessons/{lesson}/retire and the same of the API.
func (s *Server) retireLesson(w http.ResponseWriter, r *http.Request) error {
	return s.endLesson(w, r, s.retireQuestion, func(ctx context.Context, tx *store.Store, id hackfest.LessonID, why string) (done, error) {
		d := done{To: lessonURL(id), Said: "It is retired.", Undo: lessonURL(id) + "/reinstate"}
		return d, tx.RetireLesson(ctx, id, why, s.Now().UTC())
	})
}

// endLesson carries out what needs a reason.
func (s *Server) endLesson(w http.ResponseWriter, r *http.Request, form lessonForm, step func(context.Context, *store.Store, hackfest.LessonID, string) (done, error)) error {
	return s.answeredLesson(w, r, form, func(ctx context.Context, tx *store.Store, l hackfest.Lesson, sent url.Values) (done, error) {
		why, err := reason(sent, "why", true)
		if err != nil {
			return done{}, err
		}
		d, err := step(ctx, tx, l.ID, why)
		if err != nil {
			return done{}, err
		}
		return d, s.audit(ctx, tx, r, "end lesson", lessonURL(l.ID), nil, map[string]any{"why": why})
	})
}

// lessonFeeds lead to the feed of all lessons.
var lessonFeeds = []templates.FeedLink{{Type: atomType, Title: "Lessons", Href: "/feeds/lessons.atom"}}

// lessonsFeed answers GET /feeds/lessons.atom: the lessons that were published,
// changed or retired last, for everybody. An entry keeps its id; its time moves.
func (s *Server) lessonsFeed(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	list, err := s.Store.LessonChanges(ctx, person.PublicViewer, feedEntries)
	if err != nil {
		return err
	}
	f, err := s.newFeed(ctx, "lessons", "Lessons", "/lessons")
	if err != nil {
		return err
	}
	secret, err := s.Store.FeedSecret(ctx, s.Now().UTC())
	if err != nil {
		return err
	}
	f.Self = s.BaseURL + "/feeds/lessons.atom"
	for _, l := range list {
		row := lessonRow(ui.Clock{Zone: time.UTC, Now: s.Now()}, l)
		body, err := rendered(ctx, templates.LessonEntry(row, l.Reason, s.BaseURL))
		if err != nil {
			return err
		}
		e := atom.Entry{
			ID: atom.ID("lesson "+strconv.FormatInt(int64(l.ID), 10), hex.EncodeToString(secret)), Link: s.BaseURL + lessonURL(l.ID), Title: l.Text,
			Summary: row.State.Text + ", " + row.About, HTML: body, Updated: l.PublishedAt, Published: l.PublishedAt, Author: l.Author,
		}
		if l.ChangedAt.After(e.Updated) {
			e.Updated = l.ChangedAt
		}
		if row.Retired {
			e.Summary = "Not true any more: " + l.Reason
		}
		f.Entries = append(f.Entries, e)
	}
	return s.sendAtom(w, r, f)
}

// lessonsWaiting are the lessons that somebody wrote and nobody has looked at.
func (d desk) lessonsWaiting() (entries []templates.DeskEntry, err error) {
	list, err := d.s.Store.LessonsWaiting(d.ctx, d.viewer, deskMost)
	for _, l := range list {
		e := templates.DeskEntry{At: d.at(l.CreatedAt), Title: ui.Visible(l.Text), Href: lessonURL(l.ID), Button: "Read", Go: lessonURL(l.ID)}
		e.Facts = []string{"a lesson, " + ui.LessonState(l.Kind).Text}
		if l.Author != "" {
			e.Facts = append(e.Facts, "by "+ui.Visible(l.Author))
		}
		entries = append(entries, e)
	}
	return entries, err
}

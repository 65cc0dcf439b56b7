package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// lessonRoutes adds the routes of lessons, their pages and what the API does with
// them.
func (s *Server) lessonRoutes(r *table) {
	r.get("/lessons", person.Read, s.page(s.byTarget(s.listLessons)))
	r.get("/lessons/new", person.WriteLesson, s.page(s.showNewLesson))
	r.post("/lessons/new", person.WriteLesson, s.page(s.addLesson))
	r.get("/lessons/{lesson}", person.Read, s.page(s.showLesson))
	r.get("/lessons/{lesson}/edit", person.EditLesson, s.page(s.showEditLesson))
	r.post("/lessons/{lesson}/edit", person.EditLesson, s.page(s.saveLesson))
	r.post("/lessons/{lesson}/publish", person.PublishLesson, s.page(s.publishLesson))
	r.post("/lessons/{lesson}/unpublish", person.PublishLesson, s.page(s.unpublishLesson))
	r.get("/lessons/{lesson}/decline", person.PublishLesson, s.page(s.showDeclineLesson))
	r.post("/lessons/{lesson}/decline", person.PublishLesson, s.page(s.declineLesson))
	r.post("/lessons/{lesson}/reopen", person.PublishLesson, s.page(s.reopenLesson))
	r.get("/lessons/{lesson}/retire", person.PublishLesson, s.page(s.showRetireLesson))
	r.post("/lessons/{lesson}/retire", person.PublishLesson, s.page(s.retireLesson))
	r.post("/lessons/{lesson}/reinstate", person.PublishLesson, s.page(s.reinstateLesson))
	r.get("/feeds/lessons.atom", person.Fetch, s.page(s.lessonsFeed))

	r.get("/api/v1/lessons", person.Read, s.api(s.byTarget(s.sendLessons)))
	r.get("/api/v1/lessons/{lesson}", person.Read, s.api(s.sendLesson))
	r.post("/api/v1/lessons", person.WriteLesson, s.write(s.addLesson))
	r.post("/api/v1/lessons/{lesson}", person.EditLesson, s.write(s.saveLesson))
	r.post("/api/v1/lessons/{lesson}/publish", person.PublishLesson, s.write(s.publishLesson))
	r.post("/api/v1/lessons/{lesson}/retire", person.PublishLesson, s.write(s.retireLesson))
}

// lessonOf is the id of the lesson in the path.
func lessonOf(r *http.Request) (hackfest.LessonID, error) {
	return pathID[hackfest.LessonID](r, "lesson", fault.New(fault.NotFound, "There is no such lesson."))
}

func lessonURL(id hackfest.LessonID) string { return fmt.Sprintf("/lessons/%d", id) }

// lesson is the lesson in the path.
func (s *Server) lesson(r *http.Request) (hackfest.Lesson, error) {
	id, err := lessonOf(r)
	if err != nil {
		return hackfest.Lesson{}, err
	}
	return s.Store.Lesson(r.Context(), viewerOf(r), id)
}

// lessonQuestion is a form about a lesson, or a new one.
func (s *Server) lessonQuestion(r *http.Request, heading, path, back string) (question, error) {
	f, err := s.frame(r, heading)
	f.NoIndex, f.Section = true, "/lessons"
	return question{page: templates.QuestionPage{
		Frame: f, Crumbs: []templates.LogLink{{Href: "/lessons", Text: "Lessons"}}, Heading: heading, Path: path, Back: back, Button: "Save",
	}}, err
}

// lessonForm makes a form about the lesson in the path.
type lessonForm func(r *http.Request) (question, hackfest.Lesson, error)

// askedLesson shows the form.
func (s *Server) askedLesson(w http.ResponseWriter, r *http.Request, form lessonForm) error {
	q, _, err := form(r)
	if err != nil {
		return err
	}
	return s.ask(w, r, q)
}

// answeredLesson has do carry out the form with what was typed, or shows it again.
func (s *Server) answeredLesson(w http.ResponseWriter, r *http.Request, form lessonForm, do func(ctx context.Context, tx *store.Store, l hackfest.Lesson, sent url.Values) (done, error)) error {
	sent, err := formOf(r)
	if err != nil {
		return err
	}
	q, l, err := form(r)
	if err != nil {
		return err
	}
	q.do = func(ctx context.Context, tx *store.Store) (done, error) { return do(ctx, tx, l, sent) }
	return s.answerQuestion(w, r, sent, q)
}

// newLessonQuestion is the form of a new lesson; ref is the line it is made of,
// zero for none. line is what that line says.
func (s *Server) newLessonQuestion(r *http.Request, ref hackfest.Ref) (question, hackfest.Lesson, error) {
	q, err := s.lessonQuestion(r, "Add a lesson", "/lessons/new", "/lessons")
	var l hackfest.Lesson
	if err != nil {
		return q, l, err
	}
	q.page.Leave = "Back to the lessons"
	fields := templates.LessonFields{Kind: string(hackfest.LessonAvoid), Scope: string(hackfest.ScopeAll)}
	o := person.Object{}
	l.TargetSlug = r.URL.Query().Get("target")
	if !ref.IsZero() {
		if l, o, err = s.lessonOfLine(r, ref, &q, &fields); err != nil {
			return q, l, err
		}
	}
	if _, fields.Targets, err = s.planChoices(r); err != nil {
		return q, l, err
	}
	if fields.Target = l.TargetSlug; fields.Target != "" {
		fields.Scope = string(hackfest.ScopeTarget)
	}
	fields.Publish = person.Can(actorOf(r), person.PublishLesson, o) == nil
	q.page.Button = "Add it"
	if q.page.Lead = "A maintainer reads it before it is published."; fields.Publish {
		q.page.Lead = ""
	}
	q.fields = func(form ui.Form) templ.Component { return templates.LessonForm(form, fields) }
	return q, l, nil
}

// lessonOfLine fills in the form what a line of the log says of a lesson.
func (s *Server) lessonOfLine(r *http.Request, ref hackfest.Ref, q *question, fields *templates.LessonFields) (l hackfest.Lesson, o person.Object, err error) {
	ctx, v := r.Context(), viewerOf(r)
	line, c, err := s.Store.Line(ctx, v, ref)
	if err != nil {
		return l, o, err
	}
	if !line.Redactable() || line.Redacted {
		return l, o, fault.New(fault.NotFound, "This line has no words that a lesson could be made of.")
	}
	if o, err = s.Store.RelationToLine(ctx, v, ref); err != nil {
		return l, o, err
	}
	text := irctext.Strip(line.Text)
	if word, rest, ok := typedCommand(text); ok {
		text = strings.TrimLeft(rest, "+- ")
		switch {
		case strings.HasSuffix(word, "+"):
			fields.Kind = string(hackfest.LessonDoAgain)
		case strings.HasSuffix(word, "-"):
			fields.Kind = string(hackfest.LessonAvoid)
		}
	}
	fields.Text, fields.Line = text, ref.String()
	l.LineRef, l.FromLine = ref, true
	q.page.Back, q.page.Leave = templates.LineURL(ref), "Back to the line"
	q.page.Says = []string{
		ui.Visible(line.Nick) + " said in " + c.Name + ": " + ui.Visible(irctext.Strip(line.Text)),
		"When the line is removed, the lesson goes with it.",
	}
	if line.MembersOnly || c.Visibility != person.Public {
		q.page.Says = append(q.page.Says, "The line is for members only. A lesson is public once it is published; its line is not shown then.")
	}
	x, err := s.Store.SessionOfLine(ctx, v, ref)
	if fault.KindOf(err) == fault.NotFound {
		return l, o, nil
	}
	l.SessionSlug, l.TargetSlug = x.Slug, x.TargetSlug
	return l, o, err
}

// lineParam is the line that a form or a link names; zero for none.
func lineParam(text string) (hackfest.Ref, error) {
	if text == "" {
		return hackfest.Ref{}, nil
	}
	return hackfest.ParseRef(text)
}

// showNewLesson answers GET /lessons/new; line is the line of a log that it is
// made of.
func (s *Server) showNewLesson(w http.ResponseWriter, r *http.Request) error {
	ref, err := lineParam(r.URL.Query().Get("line"))
	if err != nil {
		return err
	}
	q, _, err := s.newLessonQuestion(r, ref)
	if err != nil {
		return err
	}
	return s.ask(w, r, q)
}

// addLesson answers POST /lessons/new and POST /api/v1/lessons.
func (s *Server) addLesson(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	ref, err := lineParam(form.Get("line"))
	if err != nil {
		return err
	}
	q, from, err := s.newLessonQuestion(r, ref)
	if err != nil {
		return err
	}
	a := actorOf(r)
	l := typedLesson(form)
	l.LineRef, l.FromLine, l.SessionSlug, l.AuthorID = from.LineRef, from.FromLine, from.SessionSlug, a.ID
	publish, err := s.mayPublish(r, form, ref)
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	if publish {
		l.PublishedAt = now
	}
	q.do = func(ctx context.Context, tx *store.Store) (done, error) {
		l, err := l.Tidy()
		if err != nil {
			return done{}, err
		}
		id, err := tx.AddLesson(ctx, l, now)
		if err != nil {
			return done{}, noTarget(err)
		}
		d := done{To: lessonURL(id), Said: "It is kept and waits for a maintainer."}
		if publish {
			d.Said, d.Undo = "It is published.", lessonURL(id)+"/unpublish"
		}
		return d, s.audit(ctx, tx, r, "write lesson", lessonURL(id), nil, lessonAudit(l))
	}
	return s.answerQuestion(w, r, form, q)
}

// noTarget puts the fault on the field when a lesson names a target that is not.
func noTarget(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return fault.On("target", "There is no such target.")
	}
	return err
}

// mayPublish reports whether a new lesson is to be published at once, by somebody
// who may.
func (s *Server) mayPublish(r *http.Request, form url.Values, ref hackfest.Ref) (bool, error) {
	if form.Get("publish") == "" {
		return false, nil
	}
	var o person.Object
	if !ref.IsZero() {
		var err error
		if o, err = s.Store.RelationToLine(r.Context(), viewerOf(r), ref); err != nil {
			return false, err
		}
	}
	return person.Can(actorOf(r), person.PublishLesson, o) == nil, nil
}

// typedLesson is what the form of a lesson says.
func typedLesson(form url.Values) hackfest.Lesson {
	return hackfest.Lesson{
		Text: form.Get("text"), Kind: hackfest.LessonKind(form.Get("kind")), Scope: hackfest.LessonScope(form.Get("scope")),
		TargetSlug: form.Get("target"), Image: form.Get("image"), Evidence: form.Get("evidence"),
	}
}

// lessonAudit is a lesson as the audit log keeps it: without its words, which may
// have to go.
func lessonAudit(l hackfest.Lesson) map[string]any {
	return map[string]any{"kind": l.Kind, "scope": l.Scope, "target": l.TargetSlug, "image": l.Image, "published": !l.PublishedAt.IsZero()}
}

// editLessonQuestion is the form of a lesson's words.
func (s *Server) editLessonQuestion(r *http.Request) (question, hackfest.Lesson, error) {
	l, err := s.lesson(r)
	if err != nil {
		return question{}, l, err
	}
	at := lessonURL(l.ID)
	q, err := s.lessonQuestion(r, "Change the lesson", at+"/edit", at)
	if err != nil {
		return q, l, err
	}
	q.page.Revision = revised(l.Revision)
	if !l.MeetingRef.IsZero() {
		q.page.Says = []string{"This lesson stands in published minutes and is worded there: what is changed here is refused."}
	}
	fields := templates.LessonFields{Text: l.Text, Kind: string(l.Kind), Scope: string(l.Scope), Target: l.TargetSlug, Image: l.Image, Evidence: l.Evidence}
	_, fields.Targets, err = s.planChoices(r)
	q.fields = func(form ui.Form) templ.Component { return templates.LessonForm(form, fields) }
	q.now = func() (url.Values, int, error) {
		is, err := s.lesson(r)
		return url.Values{
			"text": {is.Text}, "kind": {string(is.Kind)}, "scope": {string(is.Scope)}, "target": {is.TargetSlug}, "image": {is.Image}, "evidence": {is.Evidence},
		}, is.Revision, err
	}
	return q, l, err
}

// showEditLesson answers GET /lessons/{lesson}/edit.
func (s *Server) showEditLesson(w http.ResponseWriter, r *http.Request) error {
	return s.askedLesson(w, r, s.editLessonQuestion)
}

// saveLesson answers POST /lessons/{lesson}/edit and POST /api/v1/lessons/{lesson}.
func (s *Server) saveLesson(w http.ResponseWriter, r *http.Request) error {
	return s.answeredLesson(w, r, s.editLessonQuestion, func(ctx context.Context, tx *store.Store, was hackfest.Lesson, sent url.Values) (done, error) {
		l := typedLesson(sent)
		l.ID, l.MeetingRef, l.Revision = was.ID, was.MeetingRef, sentRevision(sent)
		if l.Revision == 0 {
			l.Revision = was.Revision
		}
		if err := tx.EditLesson(ctx, l, s.Now().UTC()); err != nil {
			return done{}, err
		}
		return done{To: lessonURL(l.ID), Said: "The lesson is changed."}, s.audit(ctx, tx, r, "change lesson", lessonURL(l.ID), lessonAudit(was), lessonAudit(l))
	})
}

package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// answering adds the routes of who comes.
func (s *Server) answering(r *table) {
	r.get("/sessions/{session}/rsvp", person.Read, s.page(s.showAnswer))
	r.post("/sessions/{session}/rsvp", person.Respond, s.page(s.answerSession))
	r.post("/sessions/{session}/rsvp/withdraw", person.Respond, s.page(s.withdrawAnswer))
	r.post("/sessions/{session}/rsvp/{rsvp}/remove", person.RemoveAnswer, s.page(s.moveAnswer(true)))
	r.post("/sessions/{session}/rsvp/{rsvp}/restore", person.RemoveAnswer, s.page(s.moveAnswer(false)))
	r.get("/api/v1/sessions/{session}/rsvp", person.Read, s.api(s.listAnswers))
	r.post("/api/v1/sessions/{session}/rsvp", person.Respond, s.write(s.answerSession))
}

// answersAge is how long a browser keeps the token by which it may change what
// was answered from it.
const answersAge = 365 * 24 * time.Hour

// answersCookie is the name of the cookie with that token.
func (s *Server) answersCookie() string {
	if s.https() {
		return "__Host-hackfest_answers"
	}
	return "hackfest_answers"
}

// browserOf is what the store keeps of the token of the browser that sent r; nil
// when it has none.
func (s *Server) browserOf(r *http.Request) []byte {
	c, err := r.Cookie(s.answersCookie())
	if err != nil || len(c.Value) != len(rand.Text()) {
		return nil
	}
	sum := sha256.Sum256([]byte(c.Value))
	return sum[:]
}

// knowBrowser is browserOf, for which the browser gets a token if it has none.
func (s *Server) knowBrowser(w http.ResponseWriter, r *http.Request) []byte {
	if known := s.browserOf(r); known != nil {
		return known
	}
	token := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name: s.answersCookie(), Value: token, Path: "/", MaxAge: int(answersAge.Seconds()),
		Secure: s.https(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// rsvpURL is the page on which somebody answers for a session.
func rsvpURL(x hackfest.Session) string { return templates.SessionURL(x.Slug) + "/rsvp" }

// showAnswer answers GET /sessions/{session}/rsvp.
func (s *Server) showAnswer(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	p, err := s.answerPage(r, x)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.RSVP(p))
}

// answerSession answers POST /sessions/{session}/rsvp, of forms and programs.
func (s *Server) answerSession(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	err = s.giveAnswer(w, r, form, x)
	if err == nil || !mendable(err) {
		return err
	}
	p, failed := s.answerPage(r, x)
	if failed != nil {
		return failed
	}
	p.Card.Form = typed("rsvp", form, err)
	return s.again(w, r, err, templates.RSVP(p))
}

// giveAnswer keeps what a form answers for session x.
func (s *Server) giveAnswer(w http.ResponseWriter, r *http.Request, form url.Values, x hackfest.Session) error {
	a := hackfest.Answering{
		SessionID: x.ID, WholeSeries: form.Get("whole") != "", PersonID: actorOf(r).ID, Nick: form.Get("nick"),
		Answer: hackfest.Answer(form.Get("answer")), Needs: form.Get("needs"), FirstVisit: form.Get("first") != "", Via: "web",
	}
	if writtenBody(r) != "" {
		a.Via = "api"
	}
	a, wrong := a.Checked()
	mail, wrongMail := s.answerMail(r, form, x)
	if err := errors.Join(wrong, wrongMail); err != nil {
		return err
	}
	if a.PersonID == 0 {
		if err := s.tooMany(w, s.gate().answers, s.household(r), "from your network"); err != nil {
			return err
		}
	}
	if a.Via == "web" {
		a.Browser = s.knowBrowser(w, r)
	}
	pending := hackfest.SubscriberID(0)
	c, err := s.once(r, func(ctx context.Context, tx *store.Store) (done, error) {
		said := ""
		if mail.Scope != "" {
			b, err := tx.Follow(ctx, mail, s.Now().UTC())
			if err != nil {
				return done{}, err
			}
			if b.Waits { // else somebody confirmed it before, and perhaps somebody else
				a.Subscriber = b.ID
			}
			if b.Pending {
				pending = b.ID
			}
			if b.Waits || a.PersonID == 0 || b.PersonID != a.PersonID { // the same whatever the address gets already
				said = " Look into your mail: unless reminders come there already, they wait until you confirm them."
			}
		}
		kept, err := tx.Answer(ctx, a, s.Now().UTC())
		return done{To: rsvpURL(x), Said: answerWords(kept) + said}, err
	})
	if err != nil {
		return err
	}
	if pending != 0 {
		if err := s.Post.SendConfirmation(r.Context(), pending); err != nil { // the answer is kept all the same
			s.Log.WarnContext(r.Context(), "nobody is asked to confirm what they follow", "subscriber", pending, "err", err)
		}
	}
	return s.changed(w, r, c)
}

// answerWords say what was kept of an answer.
func answerWords(a hackfest.RSVP) string {
	words := map[hackfest.Answer]string{
		hackfest.AnswerComing: "You are down as coming", hackfest.AnswerMaybe: "You are down as maybe", hackfest.AnswerRegrets: "Your regrets are noted",
	}[a.Answer] + ", as " + a.Nick
	if a.FromSeries {
		return words + ", for every date of the series until you say otherwise."
	}
	return words + "."
}

// answerMail is what an answer wants to have mailed: the zero value for nothing.
func (s *Server) answerMail(r *http.Request, form url.Values, x hackfest.Session) (hackfest.Following, error) {
	f := hackfest.Following{PersonID: actorOf(r).ID, Scope: hackfest.FollowSession, Session: x.Slug, Zone: s.preferences(r).zone}
	if form.Get("whole") != "" && x.SeriesSlug != "" {
		f.Scope, f.Session, f.Series = hackfest.FollowSeries, "", x.SeriesSlug
	}
	typed := strings.TrimSpace(form.Get("mail"))
	switch {
	case s.Post == nil || typed == "" && form.Get("remind") == "":
		return hackfest.Following{}, nil
	case typed == "":
		own, err := s.provenMail(r.Context(), actorOf(r))
		if err == nil && (own == "" || !actorOf(r).SignedIn()) {
			err = fault.On("mail", "The portal knows no address of yours that is proven. Give one.")
		}
		return f, err
	}
	var err error
	f.Mail, err = parseMail(typed)
	return f, err
}

// withdrawAnswer answers POST /sessions/{session}/rsvp/withdraw: who answered
// takes that back.
func (s *Server) withdrawAnswer(w http.ResponseWriter, r *http.Request) error {
	if _, err := formOf(r); err != nil {
		return err
	}
	x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
	if err != nil {
		return err
	}
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		mine, err := tx.MyAnswer(ctx, viewerOf(r), x.ID, s.browserOf(r))
		if fault.KindOf(err) == fault.NotFound && err != nil {
			err = fault.New(fault.Conflict, "You have not answered, so there is nothing to take back.")
		}
		if err != nil {
			return done{}, err
		}
		d := done{To: rsvpURL(x), Said: "It is taken back, as if you had not answered."}
		if err := tx.WithdrawAnswer(ctx, mine.ID, s.Now().UTC()); err != nil {
			return d, err
		}
		left, err := tx.MyAnswer(ctx, viewerOf(r), x.ID, s.browserOf(r))
		if fault.KindOf(err) == fault.NotFound && err != nil || err == nil && !left.RemovedAt.IsZero() {
			return d, nil
		}
		d.Said = "What you said of this date is taken back. " + answerWords(left)
		return d, err
	})
}

// moveAnswer answers POST /sessions/{session}/rsvp/{rsvp}/remove, and restore.
// What was said of a whole series is for those who look after all of it.
func (s *Server) moveAnswer(off bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := formOf(r); err != nil {
			return err
		}
		id, err := pathID[hackfest.RSVPID](r, "rsvp", fault.New(fault.NotFound, "There is no such answer."))
		if err != nil {
			return err
		}
		x, err := s.Store.Session(r.Context(), viewerOf(r), chi.URLParam(r, "session"))
		if err != nil {
			return err
		}
		a, err := s.Store.Answered(r.Context(), viewerOf(r), x.ID, id)
		if err != nil {
			return err
		}
		if a.FromSeries {
			if err := s.mayForSeries(r, x); err != nil {
				s.refuse(w, r, person.RemoveAnswer, err)
				return nil
			}
		}
		return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			at := rsvpURL(x) + "/" + chi.URLParam(r, "rsvp")
			d := done{To: rsvpURL(x) + "#who", Said: "What " + a.Nick + " answered is off the list, and cannot be given again.", Undo: at + "/restore"}
			action, move := "remove answer", func() error { return tx.RemoveAnswer(ctx, id, actorOf(r).ID, s.Now().UTC()) }
			if !off {
				d.Said, d.Undo, action = "What "+a.Nick+" answered is on the list again.", at+"/remove", "restore answer"
				move = func() error { return tx.RestoreAnswer(ctx, id) }
			}
			if err := move(); err != nil {
				return d, err
			}
			return d, s.audit(ctx, tx, r, action, x.Slug, map[string]string{"nick": a.Nick, "answer": string(a.Answer)}, nil)
		})
	}
}

// mayForSeries is nil when the actor of r looks after the series of x.
func (s *Server) mayForSeries(r *http.Request, x hackfest.Session) error {
	o, err := s.Store.RelationToSeries(r.Context(), viewerOf(r), x.SeriesSlug)
	if err != nil {
		return err
	}
	return person.Can(actorOf(r), person.RemoveAnswer, o)
}

package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// targetRoutes adds the routes of targets, their pages and what the API does with
// them.
func (s *Server) targetRoutes(r *table) {
	r.get("/targets", person.Read, s.page(s.showBoard))
	r.get("/targets/propose", person.ProposeTarget, s.page(s.showProposeTarget))
	r.post("/targets/propose", person.ProposeTarget, s.page(s.proposeTarget))
	r.get("/targets/propose/{secret}", person.ProposeTarget, s.page(s.showProposal))
	r.post("/targets/propose/{secret}", person.ProposeTarget, s.page(s.confirmProposal))
	r.get("/targets/{target}", person.Read, s.page(s.showTarget))
	r.post("/targets/{target}/back", person.BackTarget, s.page(s.backTarget))
	r.post("/targets/{target}/unback", person.BackTarget, s.page(s.unbackTarget))
	r.post("/targets/{target}/take", person.BackTarget, s.page(s.takeTarget))
	r.post("/targets/{target}/leave", person.BackTarget, s.page(s.leaveTarget))
	r.get("/targets/{target}/edit", person.EditTarget, s.page(s.showEditTarget))
	r.post("/targets/{target}/edit", person.EditTarget, s.page(s.saveTarget))
	r.post("/targets/{target}/owner", person.EditTarget, s.page(s.ownTarget))
	r.get("/targets/{target}/stage", person.EditTarget, s.page(s.showStageTarget))
	r.post("/targets/{target}/stage", person.EditTarget, s.page(s.stageTarget))
	r.post("/targets/{target}/stage/undo", person.EditTarget, s.page(s.unstageTarget))
	r.get("/targets/{target}/rename", person.ArrangeTarget, s.page(s.showRenameTarget))
	r.post("/targets/{target}/rename", person.ArrangeTarget, s.page(s.renameTarget))
	r.get("/targets/{target}/merge", person.ArrangeTarget, s.page(s.showMergeTarget))
	r.post("/targets/{target}/merge", person.ArrangeTarget, s.page(s.mergeTarget))
	r.get("/targets/{target}/remove", person.ArrangeTarget, s.page(s.showRemoveTarget))
	r.post("/targets/{target}/remove", person.ArrangeTarget, s.page(s.removeTarget))
	r.post("/targets/{target}/restore", person.ArrangeTarget, s.page(s.restoreTarget))

	r.get("/api/v1/targets", person.Read, s.api(s.listTargets))
	r.get("/api/v1/targets/{target}", person.Read, s.api(s.sendTarget))
	r.post("/api/v1/targets", person.ProposeTarget, s.write(s.proposeTarget))
	r.post("/api/v1/targets/{target}", person.EditTarget, s.write(s.saveTarget))
	r.post("/api/v1/targets/{target}/stage", person.EditTarget, s.write(s.stageTarget))
	r.post("/api/v1/targets/{target}/back", person.BackTarget, s.write(s.backTarget))
}

// targetOf is the target in the path; elsewhere is where it is to be found now,
// when it has another address.
func (s *Server) targetOf(r *http.Request) (t hackfest.Target, elsewhere string, err error) {
	slug := chi.URLParam(r, "target")
	t, err = s.Store.Target(r.Context(), slug)
	if fault.KindOf(err) != fault.NotFound {
		return t, "", err
	}
	now, moved := s.Store.TargetOf(r.Context(), slug)
	if fault.KindOf(moved) == fault.NotFound {
		return t, "", err
	}
	if moved != nil {
		return t, "", moved
	}
	return t, strings.Replace(r.URL.EscapedPath(), "/targets/"+url.PathEscape(slug), templates.TargetURL(now), 1), nil
}

// onTarget runs a handler with the target in the path; an address that it had
// before leads on.
func (s *Server) onTarget(w http.ResponseWriter, r *http.Request, fn func(t hackfest.Target) error) error {
	t, elsewhere, err := s.targetOf(r)
	if err != nil {
		return err
	}
	if elsewhere != "" {
		to := url.URL{Path: elsewhere, RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, to.String(), http.StatusPermanentRedirect)
		return nil
	}
	return fn(t)
}

// byTarget runs a handler of what may be about a target, which the query names. A
// slug that it had before leads on.
func (s *Server) byTarget(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q := r.URL.Query()
		if q.Get("target") == "" {
			return h(w, r)
		}
		now, err := s.Store.TargetOf(r.Context(), q.Get("target"))
		if fault.KindOf(err) == fault.NotFound {
			return h(w, r)
		}
		if err != nil {
			return err
		}
		http.Redirect(w, r, path(r.URL.EscapedPath(), with(q, "target", now)), http.StatusPermanentRedirect)
		return nil
	}
}

// typedTarget is what the form of a target says.
func typedTarget(form url.Values) hackfest.TargetEdit {
	return hackfest.TargetEdit{
		Name: form.Get("name"), Sentence: form.Get("sentence"), About: form.Get("about"), Goal: form.Get("goal"), Project: form.Get("project"),
	}
}

// proposeQuestion is the form that proposes a target.
func (s *Server) proposeQuestion(r *http.Request) (question, error) {
	f, err := s.frame(r, "Suggest a target")
	f.Section = "/targets"
	f.Description = "Propose what " + f.Community + " should get to run next."
	byMail := !actorOf(r).SignedIn()
	q := question{page: templates.QuestionPage{
		Frame: f, Crumbs: []templates.LogLink{{Href: "/targets", Text: "Targets"}}, Heading: "Suggest a target",
		Lead: "What should run next? An idea needs a name; the rest helps people to see whether it is for them.",
		Path: "/targets/propose", Back: "/targets", Button: "Suggest it", Leave: "Back to the board",
	}}
	if byMail && s.Post == nil {
		q.page.Says = []string{"This portal sends no mail, so sign in to suggest something, or say !idea and its name in the channel."}
		q.page.Button, q.page.Back, q.page.Leave = "", "/signin?next=%2Ftargets%2Fpropose", "Sign in"
	}
	q.fields = func(form ui.Form) templ.Component {
		return templates.TargetForm(form, templates.TargetFields{New: true, Mail: byMail, Name: r.URL.Query().Get("name")})
	}
	return q, err
}

// showProposeTarget answers GET /targets/propose.
func (s *Server) showProposeTarget(w http.ResponseWriter, r *http.Request) error {
	q, err := s.proposeQuestion(r)
	if err != nil {
		return err
	}
	return s.ask(w, r, q)
}

// proposeTarget answers POST /targets/propose and POST /api/v1/targets: who is not
// signed in gets a mail first.
func (s *Server) proposeTarget(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	q, err := s.proposeQuestion(r)
	if err != nil {
		return err
	}
	a := actorOf(r)
	if !a.SignedIn() {
		return s.proposeByMail(w, r, form, q)
	}
	p := store.TargetProposal{TargetEdit: typedTarget(form), Via: hackfest.TargetViaWeb, Mine: form.Get("mine") != ""}
	if a.Scopes != nil {
		p.Via = hackfest.TargetViaAPI
	}
	q.do = func(ctx context.Context, tx *store.Store) (done, error) {
		t, err := tx.ProposeTarget(ctx, p, a, s.Now().UTC())
		if err != nil {
			return done{}, err
		}
		return done{To: templates.TargetURL(t.Slug), Said: t.Name + " is on the board as an idea."}, nil
	}
	return s.answerQuestion(w, r, form, q)
}

// proposeByMail keeps a proposal until its sender answers a mail.
func (s *Server) proposeByMail(w http.ResponseWriter, r *http.Request, form url.Values, q question) error {
	if s.Post == nil {
		q.wrong = fault.New(fault.Conflict, "This portal sends no mail, so nothing was suggested.")
		return s.answerQuestion(w, r, form, q) // its page says what else one can do
	}
	mail, err := parseMail(form.Get("mail"))
	if err == nil {
		err = s.tooMany(w, s.gate().homes, s.household(r), "from your network")
	}
	if err == nil {
		err = s.tooMany(w, s.gate().mails, strings.ToLower(mail), "for this address")
	}
	if err != nil && !mendable(err) {
		return err
	}
	q.wrong = err
	q.do = func(ctx context.Context, tx *store.Store) (done, error) {
		now := s.Now().UTC()
		id, err := tx.AddTargetProposal(ctx, mail, typedTarget(form), now, now.Add(auth.MailTime))
		if err != nil {
			return done{}, err
		}
		return done{To: "/targets", Said: "A mail with a link is on its way to " + mail + ". The idea is on the board when you open it, within 24 hours."},
			s.Post.SendProposalLink(ctx, id)
	}
	return s.answerQuestion(w, r, form, q)
}

// proposalQuestion asks whether what a mail's link stands for is meant.
func (s *Server) proposalQuestion(r *http.Request) (question, error) {
	e, err := s.Store.Proposal(r.Context(), auth.HashSecret(chi.URLParam(r, "secret")), s.Now())
	if err != nil {
		return question{}, err
	}
	f, err := s.frame(r, "Suggest "+e.Name)
	f.NoIndex, f.Section, f.Canonical = true, "/targets", ""
	q := question{page: templates.QuestionPage{
		Frame: f, Crumbs: []templates.LogLink{{Href: "/targets", Text: "Targets"}}, Heading: "Suggest " + e.Name + "?",
		Path: r.URL.EscapedPath(), Back: "/targets", Button: "Put it on the board", Leave: "No",
	}}
	for _, text := range []string{e.About, e.Goal, e.Project} {
		if text != "" {
			q.page.Says = append(q.page.Says, text)
		}
	}
	return q, err
}

// showProposal answers GET /targets/propose/{secret}, and uses nothing up.
func (s *Server) showProposal(w http.ResponseWriter, r *http.Request) error {
	q, err := s.proposalQuestion(r)
	if err != nil {
		return err
	}
	return s.ask(w, r, q)
}

// confirmProposal answers POST /targets/propose/{secret}.
func (s *Server) confirmProposal(w http.ResponseWriter, r *http.Request) error {
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		t, err := tx.UseProposal(ctx, auth.HashSecret(chi.URLParam(r, "secret")), s.Now().UTC())
		return done{To: templates.TargetURL(t.Slug), Said: t.Name + " is on the board as an idea."}, err
	})
}

// backTarget answers POST /targets/{target}/back: somebody wants it.
func (s *Server) backTarget(w http.ResponseWriter, r *http.Request) error {
	return s.onTarget(w, r, func(t hackfest.Target) error {
		return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			at := templates.TargetURL(t.Slug)
			_, err := tx.BackTarget(ctx, t.ID, actorOf(r).ID, s.Now().UTC())
			return done{To: at, Said: "You are counted among those who want it.", Undo: at + "/unback"}, err
		})
	})
}

// unbackTarget answers POST /targets/{target}/unback.
func (s *Server) unbackTarget(w http.ResponseWriter, r *http.Request) error {
	return s.onTarget(w, r, func(t hackfest.Target) error {
		return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			return done{To: templates.TargetURL(t.Slug), Said: "You are not counted any more."}, tx.UnbackTarget(ctx, t.ID, actorOf(r).ID)
		})
	})
}

// takeTarget answers POST /targets/{target}/take: whoever is signed in may look
// after what nobody looks after.
func (s *Server) takeTarget(w http.ResponseWriter, r *http.Request) error {
	return s.onTarget(w, r, func(t hackfest.Target) error {
		a := actorOf(r)
		return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			at := templates.TargetURL(t.Slug)
			now, err := tx.Target(ctx, t.Slug)
			if err == nil && now.OwnerID != 0 && now.OwnerID != a.ID {
				err = fault.New(fault.Conflict, "%s looks after it already.", now.Owner)
			}
			if err != nil {
				return done{}, err
			}
			_, err = tx.SetTargetOwner(ctx, t.Slug, a.Name, a, s.Now().UTC())
			return done{To: at, Said: "You look after " + t.Name + " now: you may change its page and move it on the board.", Undo: at + "/leave"}, err
		})
	})
}

// leaveTarget answers POST /targets/{target}/leave: its owner gives it up.
func (s *Server) leaveTarget(w http.ResponseWriter, r *http.Request) error {
	return s.onTarget(w, r, func(t hackfest.Target) error {
		a := actorOf(r)
		return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			at := templates.TargetURL(t.Slug)
			now, err := tx.Target(ctx, t.Slug)
			if err == nil && now.OwnerID != a.ID {
				err = fault.New(fault.Conflict, "You do not look after it.")
			}
			if err != nil {
				return done{}, err
			}
			_, err = tx.SetTargetOwner(ctx, t.Slug, "", a, s.Now().UTC())
			return done{To: at, Said: "Nobody looks after " + t.Name + " now.", Undo: at + "/take"}, err
		})
	})
}

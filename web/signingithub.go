package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// atGitHub is where a login is linked and unlinked.
const atGitHub = "/settings#github"

// githubTime is for all that a browser which comes back from GitHub waits for.
const githubTime = 20 * time.Second

// errNotLinked is that a login is nobody's here.
var errNotLinked = errors.New("nobody linked this login")

// errNoGitHub answers where no OAuth app is set.
var errNoGitHub = fault.New(fault.NotFound, "Nobody signs in with GitHub here.")

// toGitHub answers POST /signin/github: the browser is sent to GitHub, which
// sends it back to fromGitHub.
func (s *Server) toGitHub(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	return s.sendToGitHub(w, r, 0, form.Get("next"))
}

// linkGitHub answers POST /settings/github: who comes back links their login.
func (s *Server) linkGitHub(w http.ResponseWriter, r *http.Request) error {
	return s.sendToGitHub(w, r, actorOf(r).ID, atGitHub)
}

// sendToGitHub sends a browser to GitHub. id is who links their login; zero signs
// in.
func (s *Server) sendToGitHub(w http.ResponseWriter, r *http.Request, id person.ID, next string) error {
	g := s.gate().github
	if g == nil {
		return errNoGitHub
	}
	if err := s.tooMany(w, s.gate().homes, s.household(r), "from your network"); err != nil {
		return err
	}
	address, secret, state, browser := g.Begin()
	now := s.Now().UTC()
	err := s.Store.AddGitHubTry(r.Context(), person.GitHubTry{
		StateHash: state, BrowserHash: browser, PersonID: id, Next: nextOf(next), MadeAt: now, ExpiresAt: now.Add(auth.GitHubTime),
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, s.githubCookie(secret, int(auth.GitHubTime.Seconds())))
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// githubCookie binds what GitHub hands back to the browser that went there. Lax
// lets it come along when GitHub sends the browser back.
func (s *Server) githubCookie(secret string, age int) *http.Cookie {
	return &http.Cookie{
		Name: auth.GitHubCookieName(s.https()), Value: secret, Path: "/", MaxAge: age,
		Secure: s.https(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// fromGitHub answers GET /signin/github/callback. What it carries out it does
// because of a state that this browser was given, once.
func (s *Server) fromGitHub(w http.ResponseWriter, r *http.Request) error {
	if s.gate().github == nil { // it was switched off meanwhile
		http.Redirect(w, r, "/signin", http.StatusSeeOther)
		return nil
	}
	w.Header().Set("Cache-Control", "no-store")
	t, secret, err := s.tryOf(w, r)
	if err != nil {
		return s.githubFailed(w, r, t, err)
	}
	http.SetCookie(w, s.githubCookie("", -1))
	login, err := s.loginOf(r, secret)
	switch {
	case err != nil:
	case t.PersonID != 0:
		err = s.linkLogin(w, r, t, login)
	default:
		err = s.admitLogin(w, r, t, login)
	}
	if err != nil {
		return s.githubFailed(w, r, t, err)
	}
	return nil
}

// tryOf uses up the try that r belongs to, and returns it with what the browser's
// cookie holds. It was counted when it began; who comes back from none is counted
// here.
func (s *Server) tryOf(w http.ResponseWriter, r *http.Request) (person.GitHubTry, string, error) {
	state, secret := single(r.URL.Query(), "state"), ""
	if c, err := r.Cookie(auth.GitHubCookieName(s.https())); err == nil {
		secret = c.Value
	}
	t, err := s.Store.UseGitHubTry(r.Context(), auth.HashSecret(state), auth.HashSecret(secret), s.Now().UTC())
	if err != nil {
		if slow := s.tooMany(w, s.gate().homes, s.household(r), "from your network"); slow != nil {
			err = slow
		}
		return t, secret, err
	}
	if t.PersonID != 0 && t.PersonID != actorOf(r).ID {
		err = fault.New(fault.Forbidden, "You began to link your login as somebody who is not signed in here now. Sign in and begin again.")
	}
	return t, secret, err
}

// single is the value of a parameter that is there once; "" else.
func single(q url.Values, name string) string {
	if len(q[name]) != 1 {
		return ""
	}
	return q[name][0]
}

// loginOf asks GitHub who came back.
func (s *Server) loginOf(r *http.Request, secret string) (person.GitHubLogin, error) {
	q := r.URL.Query()
	if q.Has("error") {
		return person.GitHubLogin{}, auth.GitHubRefusal(q.Get("error"))
	}
	code := single(q, "code")
	if code == "" {
		return person.GitHubLogin{}, fault.New(fault.Invalid, "GitHub sent you back without a code. Begin again.")
	}
	return s.gate().github.Who(r.Context(), code, secret)
}

// admitLogin signs in who linked a login.
func (s *Server) admitLogin(w http.ResponseWriter, r *http.Request, t person.GitHubTry, login person.GitHubLogin) error {
	a, err := s.Store.ByGitHub(r.Context(), login)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return &fault.Error{Kind: fault.Forbidden, Err: errNotLinked, Message: "No account here is linked with " + login.Login +
			" on GitHub. If you have an account, sign in another way and link that login in your settings. If not, ask an admin of the community for one."}
	}
	if err != nil {
		return err
	}
	return s.admit(w, r, a, t.Next, nil)
}

// linkLogin makes a login that of who began to link it.
func (s *Server) linkLogin(w http.ResponseWriter, r *http.Request, t person.GitHubTry, login person.GitHubLogin) error {
	return s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		return done{To: t.Next, Said: login.Login + " on GitHub is linked. It signs you in from now on."},
			tx.LinkGitHub(ctx, t.PersonID, login, s.Now().UTC())
	})
}

// githubFailed says why nobody was signed in or linked: beside what else they can
// do, where they began.
func (s *Server) githubFailed(w http.ResponseWriter, r *http.Request, t person.GitHubTry, err error) error {
	_, message := explain(err)
	if _, told := errors.AsType[answer](err); !told && fault.KindOf(err) == fault.Internal {
		return err
	}
	s.logFailure(r, err)
	if actorOf(r).SignedIn() {
		p, failed := s.settingsPage(r)
		if failed != nil {
			return failed
		}
		p.GitHub.Problem, p.Frame.Canonical = message, ""
		return s.again(w, r, err, templates.Settings(p))
	}
	next := t.Next
	if errors.Is(err, errNotLinked) {
		next = atGitHub
	}
	p, failed := s.signinPage(r, next)
	if failed != nil {
		return failed
	}
	p.Problem, p.Frame.Canonical = message, ""
	return s.again(w, r, err, templates.Signin(p))
}

// settingsGitHub fills in which login is linked.
func (s *Server) settingsGitHub(r *http.Request, p *templates.SettingsPage) error {
	g, err := s.Store.GitHubLogin(r.Context(), actorOf(r).ID)
	p.GitHub = templates.SettingsGitHub{Offered: s.gate().github != nil, Linked: g.ID != 0, Login: g.Login, Once: newKey().String()}
	if g.ID != 0 {
		p.GitHub.Since = p.Clock.Day(g.Since, "UTC")
	}
	return err
}

// unlinkGitHub answers POST /settings/github/unlink.
func (s *Server) unlinkGitHub(w http.ResponseWriter, r *http.Request) error {
	err := s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		g, err := tx.UnlinkGitHub(ctx, actorOf(r).ID, s.Post != nil, s.Now().UTC())
		return done{To: atGitHub, Said: loginWord(g) + " is unlinked and signs you in no more.", Undo: "/settings/github/relink"}, err
	})
	return s.unlessConflict(w, r, err)
}

// relinkGitHub answers POST /settings/github/relink: unlinking was a mistake.
func (s *Server) relinkGitHub(w http.ResponseWriter, r *http.Request) error {
	err := s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		g, err := tx.RelinkGitHub(ctx, actorOf(r).ID, s.Now().UTC().Add(-hackfest.UndoTime))
		return done{To: atGitHub, Said: loginWord(g) + " is linked again."}, err
	})
	return s.unlessConflict(w, r, err)
}

// loginWord names a login in a sentence.
func loginWord(g person.GitHubLogin) string {
	if g.Login == "" {
		return "Your account on GitHub"
	}
	return g.Login + " on GitHub"
}

// unlessConflict shows the settings once more when something stands against a
// change of the login.
func (s *Server) unlessConflict(w http.ResponseWriter, r *http.Request, err error) error {
	if err == nil || fault.KindOf(err) != fault.Conflict {
		return err
	}
	return s.settingsAgain(w, r, err, func(p *templates.SettingsPage) { p.GitHub.Problem = fault.Message(err) })
}

package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// Post sends mail; *jobs.Post is the real one. Its methods return before the
// mail is sent, or even tried.
type Post interface {
	// SendSigninLink sends a link that signs in whose address that is, and then
	// leads to next. To an address that is nobody's nothing is sent.
	SendSigninLink(ctx context.Context, mail, next string) error
	// SendMailLink sends a link that proves an address to be a person's.
	SendMailLink(ctx context.Context, id person.ID, mail string) error
	// SendConfirmation asks an address what of what waits there it wants to
	// follow, unless nothing does or it was asked today.
	SendConfirmation(ctx context.Context, id hackfest.SubscriberID) error
	// SendProposalLink sends a link that puts a proposal on the board.
	SendProposalLink(ctx context.Context, id hackfest.ProposalID) error
}

// gate is what stands between the public and those who are signed in.
type gate struct {
	signins   *auth.Signins
	passwords *auth.Passwords
	homes     *auth.Limit  // tries from one household
	names     *auth.Limit  // tries for one name
	mails     *auth.Limit  // links to one address
	asks      *auth.Limit  // removal requests from one household
	answers   *auth.Limit  // answers to sessions from one household, without an account
	follows   *auth.Limit  // addresses that one household has asked
	github    *auth.GitHub // nil where nobody signs in with GitHub
}

// gates are the gate of a server, made when it is first asked for.
type gates struct {
	once sync.Once
	made *gate
}

// gate is what sign-in needs.
func (s *Server) gate() *gate {
	s.gates.once.Do(func() {
		s.gates.made = &gate{
			signins: auth.NewSignins(s.https()), passwords: auth.NewPasswords(),
			homes: auth.NewLimit(30, 20*time.Second), names: auth.NewLimit(10, time.Minute), mails: auth.NewLimit(3, 5*time.Minute),
			asks: auth.NewLimit(5, 10*time.Minute), answers: auth.NewLimit(30, 2*time.Minute), follows: auth.NewLimit(10, 5*time.Minute),
			github: auth.NewGitHub(s.GitHub, s.BaseURL),
		}
	})
	return s.gates.made
}

// byCookie finds out who is signed in at the browser that sent r.
func (s *Server) byCookie(r *http.Request) (person.Actor, error) {
	if len(r.Header["Cookie"]) == 0 {
		return person.Actor{}, nil
	}
	return s.gate().signins.Whose(r, s.Store, s.visit(r))
}

// visit is this look of r at the portal.
func (s *Server) visit(r *http.Request) store.Visit {
	v := store.Visit{At: s.Now().UTC(), Agent: r.UserAgent(), Idle: auth.IdleTime}
	if addr := s.address(r); addr.IsValid() {
		v.Address = addr.String()
	}
	return v
}

// household names whom tries from the address of r are counted against. This
// machine is most likely a proxy that was not named to us: it has what many
// households have.
func (s *Server) household(r *http.Request) string {
	addr := s.address(r)
	if addr.IsLoopback() {
		return ""
	}
	return household(addr).String()
}

// tooMany is an answer to who tries too often; nil when they may. key is whom a
// limit counts.
func (s *Server) tooMany(w http.ResponseWriter, l *auth.Limit, key, what string) error {
	if key == "" {
		return nil
	}
	wait := l.Take(key, s.Now())
	if wait == 0 {
		return nil
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return answer{http.StatusTooManyRequests, fmt.Sprintf("Too many tries %s. Wait %s, then try again.", what, waiting(wait))}
}

// waiting is a time to wait in words.
func waiting(d time.Duration) string {
	if d <= time.Minute {
		return "a minute"
	}
	return strconv.Itoa(int(math.Ceil(d.Minutes()))) + " minutes"
}

// longestNext is how long an address is at most that people are led on to.
const longestNext = 2000 // bytes

// nextOf is where to go after sign-in: a path of this portal, and not one that
// leads back to it.
func nextOf(next string) string {
	p := localPath(next)
	if len(p) > longestNext || !utf8.ValidString(p) {
		return "/"
	}
	if first := section(p); first == "/signin" || first == "/signout" || strings.HasPrefix(first, "/signin?") {
		return "/"
	}
	return p
}

// showSignin answers GET /signin.
func (s *Server) showSignin(w http.ResponseWriter, r *http.Request) error {
	p, err := s.signinPage(r, r.URL.Query().Get("next"))
	if err != nil {
		return err
	}
	p.Sent = r.URL.Query().Get("sent") != ""
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Signin(p))
}

// signinPage is the page with all ways to sign in.
func (s *Server) signinPage(r *http.Request, next string) (templates.SigninPage, error) {
	p := templates.SigninPage{Next: nextOf(next), Password: newForm("")}
	var err error
	if p.Frame, err = s.frame(r, "Sign in"); err != nil {
		return p, err
	}
	p.Frame.Description, p.Frame.NoIndex, p.Frame.Return = "Sign in to "+p.Frame.Community+".", true, p.Next
	if p.Frame.Actor != "" {
		return p, nil
	}
	some, err := s.Store.HasAccounts(r.Context())
	p.First, p.GitHub = !some, s.gate().github != nil
	if s.Post != nil {
		f := newForm("link")
		p.Mail = &f
	}
	if s.Bot != nil {
		for _, n := range s.Bot().Networks {
			p.Bots = append(p.Bots, templates.SigninBot{Nick: n.Nick, Network: n.Network})
		}
	}
	return p, err
}

// errWrong does not say whether the name or the password is wrong.
var errWrong = fault.On("name", "That name and that password do not belong together.")

// signIn answers POST /signin: a name and a password.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	account, err := s.checkPassword(w, r, form)
	if err == nil {
		err = s.admit(w, r, account, form.Get("next"), nil)
		if err == nil {
			return nil
		}
	}
	return s.signinAgain(w, r, form, err, func(p *templates.SigninPage, f ui.Form) { p.Password = f })
}

// checkPassword finds out whom a form's name and password belong to.
func (s *Server) checkPassword(w http.ResponseWriter, r *http.Request, form url.Values) (person.Account, error) {
	name, password := strings.TrimSpace(form.Get("name")), form.Get("password")
	var missing []error
	if name == "" {
		missing = append(missing, fault.On("name", "What is your name here?"))
	}
	if password == "" {
		missing = append(missing, fault.On("password", "The password is missing."))
	}
	if missing != nil {
		return person.Account{}, errors.Join(missing...)
	}
	if err := s.tooMany(w, s.gate().homes, s.household(r), "from your network"); err != nil {
		return person.Account{}, err
	}
	if err := s.tooMany(w, s.gate().names, strings.ToLower(name), "for this name"); err != nil {
		return person.Account{}, err
	}
	a, hash, err := s.Store.PasswordOf(r.Context(), name)
	if err != nil {
		return a, err
	}
	right, err := s.gate().passwords.Matches(r.Context(), password, hash)
	switch {
	case err != nil:
		return a, err
	case !right:
		return a, errWrong
	case a.Suspended():
		return a, store.ErrSuspended
	}
	s.gate().names.Forget(strings.ToLower(name))
	return a, nil
}

// signinAgain shows the page of all ways once more, because of err.
func (s *Server) signinAgain(w http.ResponseWriter, r *http.Request, form url.Values, err error, put func(*templates.SigninPage, ui.Form)) error {
	code, message := explain(err)
	if code >= http.StatusInternalServerError {
		return err
	}
	p, failed := s.signinPage(r, form.Get("next"))
	if failed != nil {
		return failed
	}
	f := typed("", form, err)
	if len(f.Errors) == 0 {
		f.Errors = []ui.FieldError{{Message: message}}
	}
	put(&p, f)
	return s.again(w, r, err, templates.Signin(p))
}

// admit signs somebody in who has proven who they are, and leads them on.
// Unless it is nil, prove runs in the same transaction, and refuses with an
// error; it may say who they are.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, a person.Account, next string, prove func(ctx context.Context, tx *store.Store) (person.Account, error)) error {
	var cookie *http.Cookie
	err := s.Store.InTx(r.Context(), func(tx *store.Store) error {
		var err error
		if prove != nil {
			if a, err = prove(r.Context(), tx); err != nil {
				return err
			}
		}
		cookie, err = s.gate().signins.Begin(r.Context(), r, tx, a.ID, s.visit(r))
		return err
	})
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	s.Log.InfoContext(r.Context(), "signed in", "person", a.ID, "role", a.Role, "address", s.address(r).String())
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, nextOf(next), http.StatusSeeOther)
	return nil
}

// signOut answers POST /signout.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	cookie, err := s.gate().signins.End(r.Context(), r, s.Store)
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// sendLink answers POST /signin/link: a link by mail. It answers the same,
// after the same work, whether the address is somebody's or not.
func (s *Server) sendLink(w http.ResponseWriter, r *http.Request) error {
	if s.Post == nil {
		return fault.New(fault.NotFound, "This portal sends no mail.")
	}
	form, err := formOf(r)
	if err != nil {
		return err
	}
	mail, err := parseMail(form.Get("mail"))
	if err == nil {
		err = s.tooMany(w, s.gate().homes, s.household(r), "from your network")
	}
	if err == nil {
		err = s.tooMany(w, s.gate().mails, strings.ToLower(mail), "for this address")
	}
	next := nextOf(form.Get("next"))
	if err == nil {
		err = s.Post.SendSigninLink(r.Context(), mail, next)
	}
	if err != nil {
		return s.signinAgain(w, r, form, err, func(p *templates.SigninPage, f ui.Form) {
			f.Name = "link"
			p.Mail = &f
		})
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/signin?"+url.Values{"sent": {"1"}, "next": {next}}.Encode(), http.StatusSeeOther)
	return nil
}

// showLink answers GET /signin/{secret}, and uses nothing up.
func (s *Server) showLink(w http.ResponseWriter, r *http.Request) error {
	next := r.URL.Query().Get("next")
	a, err := s.Store.Link(r.Context(), auth.HashSecret(chi.URLParam(r, "secret")), s.Now())
	if err != nil {
		return s.deadLink(w, r, next, err)
	}
	p := templates.SigninLinkPage{Person: a.Name, Action: r.URL.EscapedPath(), Next: nextOf(next)}
	if p.Frame, err = s.frame(r, "Sign in"); err != nil {
		return err
	}
	p.Frame.NoIndex, p.Frame.Return, p.Frame.Canonical = true, p.Next, ""
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.SigninLink(p))
}

// followLink answers POST /signin/{secret}.
func (s *Server) followLink(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	err = s.admit(w, r, person.Account{}, form.Get("next"), func(ctx context.Context, tx *store.Store) (person.Account, error) {
		return tx.UseLink(ctx, auth.HashSecret(chi.URLParam(r, "secret")), s.Now())
	})
	if err != nil {
		return s.deadLink(w, r, form.Get("next"), err)
	}
	return nil
}

// deadLink says why a link does nothing, beside the other ways to sign in.
func (s *Server) deadLink(w http.ResponseWriter, r *http.Request, next string, err error) error {
	code, message := explain(err)
	if code >= http.StatusInternalServerError {
		return err
	}
	p, failed := s.signinPage(r, next)
	if failed != nil {
		return failed
	}
	p.Problem, p.Frame.Canonical = message, ""
	return s.again(w, r, err, templates.Signin(p))
}

package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// showSettings answers GET /settings.
func (s *Server) showSettings(w http.ResponseWriter, r *http.Request) error {
	p, err := s.settingsPage(r)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Settings(p))
}

// settingsPage is the page as it is when nothing was typed.
func (s *Server) settingsPage(r *http.Request) (templates.SettingsPage, error) {
	a := actorOf(r)
	p := templates.SettingsPage{
		Profile: newForm("you"), Listing: newForm("found"), Claim: newForm("claim"), MailForm: newForm("mail"),
		Password: newForm("password"), Token: newForm("token"), MailSent: s.Post != nil,
	}
	var err error
	if p.Frame, err = s.frame(r, "Settings"); err != nil {
		return p, err
	}
	p.Frame.NoIndex, p.Frame.Return = true, "/settings"
	x, err := s.Store.Settings(r.Context(), a.ID)
	if err != nil {
		return p, err
	}
	p.Revision, p.Name, p.OwnZone = strconv.Itoa(x.Revision), x.Name, x.Zone
	p.Listed, p.ZoneShown, p.Unnamed = x.Listed, x.ZoneShown, x.Unnamed
	p.Mail, p.Proven, p.HasPassword = x.Mail, !x.MailProvenAt.IsZero(), x.HasPassword
	if x.Listed {
		p.Page = templates.PersonURL(x.Name)
	}
	p.Choices = []ui.Choice{{Text: "Not chosen: that of each session"}}
	for _, z := range s.zoneChoices(p.Clock.Now, x.Zone) {
		p.Choices = append(p.Choices, ui.Choice{Value: z.Name, Text: z.Text})
	}
	for _, sc := range scopeWords {
		p.Scopes = append(p.Scopes, templates.APIScope{Name: string(sc.scope), Text: sc.text})
	}
	if err := s.settingsNames(r, &p); err != nil {
		return p, err
	}
	if err := s.settingsGitHub(r, &p); err != nil {
		return p, err
	}
	if err := s.settingsSignins(r, &p); err != nil {
		return p, err
	}
	return p, s.settingsTokens(r, &p)
}

// settingsAgain shows the page once more because of err, with what put makes of
// it; an error that no form can mend is passed on.
func (s *Server) settingsAgain(w http.ResponseWriter, r *http.Request, err error, put func(*templates.SettingsPage)) error {
	if _, told := errors.AsType[answer](err); !told && !mendable(err) {
		return err
	}
	p, failed := s.settingsPage(r)
	if failed != nil {
		return failed
	}
	put(&p)
	return s.again(w, r, err, templates.Settings(p))
}

// retyped is typed, for errors too that are not about the form itself: too many
// tries, say.
func retyped(name string, values url.Values, err error) ui.Form {
	f := typed(name, values, err)
	if len(f.Errors) == 0 {
		_, message := explain(err)
		f.Errors = []ui.FieldError{{Message: message}}
	}
	return f
}

// revisionOf reads which revision of the settings a form was made for. Without
// one it is none that there is.
func revisionOf(form url.Values) int {
	n, _ := smallNumber(form.Get("revision"))
	return n
}

// saveProfile answers POST /settings/profile.
func (s *Server) saveProfile(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	name, err := person.ParseName("name", form.Get("name"))
	zone := form.Get("zone")
	if zone != "" && !s.isZone(zone) {
		err = errors.Join(err, fault.On("zone", "That is not a time zone. Choose one from the list, or write it as in Europe/Berlin."))
	}
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			err := tx.SetProfile(ctx, actorOf(r).ID, name, zone, revisionOf(form))
			if err == nil {
				err = s.auditName(ctx, tx, r, name)
			}
			return done{To: "/settings", Said: "Saved. You are " + name + "."}, err
		})
	}
	if err == nil {
		return nil
	}
	return s.settingsAgain(w, r, err, func(p *templates.SettingsPage) {
		p.Profile = retyped("you", form, err)
		if strconv.Itoa(revisionOf(form)) != p.Revision {
			p.Profile.Theirs = url.Values{"name": {p.Name}, "zone": {p.OwnZone}}
		}
	})
}

// auditName keeps that somebody with more rights than a member is called
// otherwise from now on.
func (s *Server) auditName(ctx context.Context, tx *store.Store, r *http.Request, name string) error {
	a := actorOf(r)
	if !a.Role.AtLeast(person.Maintainer) || a.Name == name {
		return nil
	}
	return s.audit(ctx, tx, r, "rename", a.Name, map[string]string{"name": a.Name}, map[string]string{"name": name})
}

// saveListing answers POST /settings/listing.
func (s *Server) saveListing(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	x := person.Settings{
		Listed: form.Get("listed") != "", ZoneShown: form.Get("zone_shown") != "", Unnamed: form.Get("unnamed") != "", Revision: revisionOf(form),
	}
	err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		said := "Saved. You are not listed."
		if x.Listed {
			said = "Saved. You are listed, and have a page."
		}
		return done{To: "/settings#found", Said: said}, tx.SetListing(ctx, actorOf(r).ID, x)
	})
	if err == nil {
		return nil
	}
	return s.settingsAgain(w, r, err, func(p *templates.SettingsPage) {
		p.Listing = retyped("found", form, err)
	})
}

// savePassword answers POST /settings/password. All other browsers are signed
// out: whoever changes a password may have a reason.
func (s *Server) savePassword(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	hash, err := s.newPassword(w, r, form)
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			a := actorOf(r)
			if err := tx.SetPassword(ctx, a.ID, hash); err != nil {
				return done{}, err
			}
			ended, err := tx.RevokeSignins(ctx, a.ID, s.gate().signins.Current(r))
			said := "The password is set."
			if ended > 0 {
				said = fmt.Sprintf("The password is set, and %s ended.", counted(ended, "other sign-in", "other sign-ins"))
			}
			return done{To: "/settings#password", Said: said}, err
		})
	}
	if err == nil {
		return nil
	}
	return s.settingsAgain(w, r, err, func(p *templates.SettingsPage) {
		p.Password = retyped("password", url.Values{"once": form["once"]}, err)
	})
}

// newPassword is the hash of the password that a form sets, once all about the
// form is right.
func (s *Server) newPassword(w http.ResponseWriter, r *http.Request, form url.Values) (string, error) {
	a := actorOf(r)
	_, old, err := s.Store.PasswordOf(r.Context(), a.Name)
	if err != nil {
		return "", err
	}
	wrong := auth.CheckPassword(form.Get("password"), a.Name)
	if wrong == nil && form.Get("again") != form.Get("password") {
		wrong = fault.On("again", "That is not the same as above.")
	}
	if old != "" {
		if err := s.tooMany(w, s.gate().names, strings.ToLower(a.Name), "for this name"); err != nil {
			return "", err
		}
		right, err := s.gate().passwords.Matches(r.Context(), form.Get("old"), old)
		if err != nil {
			return "", err
		}
		if !right {
			wrong = errors.Join(fault.On("old", "That is not the password you have."), wrong)
		} else {
			s.gate().names.Forget(strings.ToLower(a.Name))
		}
	}
	if wrong != nil {
		return "", wrong
	}
	return s.gate().passwords.Hash(r.Context(), form.Get("password"))
}

// saveMail answers POST /settings/mail: an address, to be confirmed by a link
// that is sent there, or none.
func (s *Server) saveMail(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	a, mail := actorOf(r), strings.TrimSpace(form.Get("mail"))
	if mail != "" {
		switch mail, err = parseMail(mail); {
		case err != nil:
		case s.Post == nil:
			err = fault.On("mail", "This portal sends no mail, so no address can be confirmed.")
		default:
			err = s.tooMany(w, s.gate().mails, strings.ToLower(mail), "for this address")
		}
	}
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			if err := tx.SetMail(ctx, a.ID, mail); err != nil || mail == "" {
				return done{To: "/settings#mail", Said: "The address is gone."}, err
			}
			x, err := tx.Settings(ctx, a.ID)
			if err != nil || !x.MailProvenAt.IsZero() {
				return done{To: "/settings#mail", Said: mail + " is confirmed already."}, err
			}
			return done{To: "/settings#mail", Said: "A link is on its way to " + mail + ". Follow it within a day, signed in."}, s.Post.SendMailLink(ctx, a.ID, mail)
		})
	}
	if err == nil {
		return nil
	}
	return s.settingsAgain(w, r, err, func(p *templates.SettingsPage) { p.MailForm = retyped("mail", form, err) })
}

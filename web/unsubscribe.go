package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// showConfirm answers GET /follow/confirm/{secret}, and uses nothing up.
func (s *Server) showConfirm(w http.ResponseWriter, r *http.Request) error {
	p, err := s.confirmPage(r)
	if err != nil {
		return err
	}
	b, err := s.Store.FollowLink(r.Context(), auth.HashSecret(chi.URLParam(r, "secret")), s.Now())
	if err != nil {
		return s.deadConfirm(w, r, p, err)
	}
	waiting, err := s.Store.WaitingFollows(r.Context(), viewerOfMail(b), b.ID)
	if err != nil {
		return err
	}
	p.Mail, p.Pace = b.Mail, string(b.Pace)
	p.What = s.followTicks(r, waiting)
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.FollowConfirm(p))
}

func (s *Server) confirmPage(r *http.Request) (templates.FollowConfirmPage, error) {
	p := templates.FollowConfirmPage{Action: r.URL.EscapedPath(), Form: newForm("")}
	var err error
	p.Frame, err = s.frame(r, "Mail")
	p.Frame.NoIndex, p.Frame.Canonical, p.Frame.Return = true, "", "/follow"
	return p, err
}

// deadConfirm says why a link does nothing.
func (s *Server) deadConfirm(w http.ResponseWriter, r *http.Request, p templates.FollowConfirmPage, err error) error {
	code, message := explain(err)
	if code >= http.StatusInternalServerError {
		return err
	}
	p.Problem = message
	return s.again(w, r, err, templates.FollowConfirm(p))
}

// followTicks is a field with what is followed, all ticked.
func (s *Server) followTicks(r *http.Request, list []hackfest.Follow) ui.Field {
	d := ui.Field{Name: "what", Label: "What"}
	var all []string
	for _, f := range list {
		id := strconv.FormatInt(int64(f.ID), 10)
		all = append(all, id)
		d.Options = append(d.Options, ui.Choice{Value: id, Text: capital(s.followWords(r, f))})
	}
	d.Value = strings.Join(all, ",")
	return d
}

// capital begins a text of ours with a capital.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// sentFollows reads what of followTicks stayed ticked, and how often mail comes.
func sentFollows(r *http.Request) ([]hackfest.FollowID, hackfest.Pace, error) {
	form, err := formOf(r)
	if err != nil {
		return nil, "", err
	}
	keep := []hackfest.FollowID{}
	for _, one := range form["what"] {
		id, err := strconv.ParseInt(one, 10, 64)
		if err != nil {
			return nil, "", fault.On("what", "One of these cannot be followed. Open the page again.")
		}
		keep = append(keep, hackfest.FollowID(id))
	}
	pace, err := readPace(form)
	return keep, pace, err
}

// confirm answers POST /follow/confirm/{secret}. It shows what came of it itself:
// where that can be changed is a secret, and kept nowhere.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request) error {
	keep, pace, err := sentFollows(r)
	if err != nil {
		return err
	}
	p, err := s.confirmPage(r)
	if err != nil {
		return err
	}
	b, err := s.Store.ConfirmFollows(r.Context(), auth.HashSecret(chi.URLParam(r, "secret")), keep, pace, s.Now().UTC())
	if err != nil {
		return s.deadConfirm(w, r, p, err)
	}
	list, err := s.Store.Follows(r.Context(), viewerOfMail(b), b.ID)
	if err != nil {
		return err
	}
	for _, f := range list {
		p.Now = append(p.Now, capital(s.followWords(r, f)))
	}
	key, err := s.Store.MailKey(r.Context(), s.Now().UTC())
	if err != nil {
		return err
	}
	p.Done, p.Mail, p.Change = true, b.Mail, "/unsubscribe/"+auth.SignHandle(key, b.Handle)
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.FollowConfirm(p))
}

// viewerOfMail is what may be told to whoever reads a subscriber's mail.
func viewerOfMail(b hackfest.Subscriber) person.Viewer {
	if b.Members {
		return person.Viewer{ID: b.PersonID, Role: person.Member}
	}
	return person.PublicViewer
}

// byHandle is the subscriber whose mails have the link in the path of r.
func (s *Server) byHandle(r *http.Request) (hackfest.Subscriber, error) {
	none := fault.New(fault.NotFound, "There is no such link. It may be cut off, or nothing is sent to that address any more.")
	key, err := s.Store.MailKey(r.Context(), s.Now().UTC())
	if err != nil {
		return hackfest.Subscriber{}, err
	}
	handle := auth.ReadHandle(key, chi.URLParam(r, "token"))
	if handle == nil {
		return hackfest.Subscriber{}, none
	}
	b, err := s.Store.SubscriberByHandle(r.Context(), handle)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		err = none
	}
	return b, err
}

// showUnsubscribe answers GET /unsubscribe/{token}, and changes nothing: programs
// that look at mail follow links.
func (s *Server) showUnsubscribe(w http.ResponseWriter, r *http.Request) error {
	b, err := s.byHandle(r)
	if err != nil {
		return err
	}
	return s.showMail(w, r, b, "", false)
}

// showMail shows what goes to b, and said, what was done just now.
func (s *Server) showMail(w http.ResponseWriter, r *http.Request, b hackfest.Subscriber, said string, undo bool) error {
	p := templates.UnsubscribePage{
		Mail: b.Mail, Path: "/unsubscribe/" + url.PathEscape(chi.URLParam(r, "token")), Ended: !b.EndedAt.IsZero(),
		Saved: said, Undo: undo, Form: newForm(""), Pace: string(b.Pace),
	}
	var err error
	if p.Frame, err = s.frame(r, "Your mail"); err != nil {
		return err
	}
	p.Frame.NoIndex, p.Frame.Canonical, p.Frame.Return = true, "", "/follow"
	list, err := s.Store.Follows(r.Context(), viewerOfMail(b), b.ID)
	if err != nil {
		return err
	}
	p.What = s.followTicks(r, confirmedOf(list))
	w.Header().Set("Cache-Control", "no-store")
	return s.show(w, r, templates.Unsubscribe(p))
}

func confirmedOf(list []hackfest.Follow) []hackfest.Follow {
	return slices.DeleteFunc(list, func(f hackfest.Follow) bool { return f.ConfirmedAt.IsZero() })
}

// unsubscribe answers POST /unsubscribe/{token}: by a button, or by a mail program
// that sends no cookies and no form of ours (RFC 8058). Nothing is asked, and
// nothing leads elsewhere.
func (s *Server) unsubscribe(w http.ResponseWriter, r *http.Request) error {
	return s.changeMail(w, r, "You get no mail from here any more.", true, func(_ context.Context, tx *store.Store, b hackfest.Subscriber) error {
		return tx.Unsubscribe(r.Context(), b.ID, s.Now().UTC())
	})
}

// resubscribe answers POST /unsubscribe/{token}/undo.
func (s *Server) resubscribe(w http.ResponseWriter, r *http.Request) error {
	return s.changeMail(w, r, "You get mail as before.", false, func(ctx context.Context, tx *store.Store, b hackfest.Subscriber) error {
		return tx.Resubscribe(ctx, b.ID)
	})
}

// saveFollows answers POST /unsubscribe/{token}/preferences: what is not ticked
// any more is followed no more.
func (s *Server) saveFollows(w http.ResponseWriter, r *http.Request) error {
	keep, pace, err := sentFollows(r)
	if err != nil {
		return err
	}
	return s.changeMail(w, r, "Saved.", false, func(ctx context.Context, tx *store.Store, b hackfest.Subscriber) error {
		list, err := tx.Follows(ctx, viewerOfMail(b), b.ID)
		if err != nil {
			return err
		}
		for _, f := range confirmedOf(list) {
			if slices.Contains(keep, f.ID) {
				continue
			}
			if err := tx.Unfollow(ctx, b.ID, f.ID); err != nil {
				return err
			}
		}
		return tx.SetPace(ctx, b.ID, pace, b.Zone)
	})
}

// changeMail carries out what the owner of the mails with the link in r wants, and
// shows the page once more. It is carried out as often as it is sent: that makes
// no difference, and the link is kept nowhere.
func (s *Server) changeMail(w http.ResponseWriter, r *http.Request, said string, undo bool, fn func(context.Context, *store.Store, hackfest.Subscriber) error) error {
	b, err := s.byHandle(r)
	if err != nil {
		return err
	}
	err = s.Store.InTx(r.Context(), func(tx *store.Store) error { return fn(r.Context(), tx, b) })
	if err != nil {
		return err
	}
	if b, err = s.Store.Subscriber(r.Context(), b.ID); err != nil {
		return err
	}
	return s.showMail(w, r, b, said, undo)
}

package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
)

// mostFollows is how many things one form may name: more than there are to tick.
const mostFollows = 200

// readFollow reads what a form wants to follow, where to and how often; all of
// that is in each of what it returns. With an address asked for, something has to
// be named.
func (s *Server) readFollow(r *http.Request, form url.Values, ask bool) (wanted []hackfest.Following, err error) {
	var wrong []error
	each := hackfest.Following{PersonID: actorOf(r).ID, Zone: s.preferences(r).zone}
	if ask {
		if each.Mail, err = parseMail(form.Get("mail")); err != nil {
			wrong = append(wrong, err)
		}
	}
	if each.Pace, err = readPace(form); err != nil {
		wrong = append(wrong, err)
	}
	var what []string
	for _, name := range followFields {
		what = append(what, form[name]...)
	}
	switch {
	case len(what) == 0 && ask:
		wrong = append(wrong, fault.On("what", "Tick what you want to follow."))
	case len(what) > mostFollows, ask && len(what) > hackfest.MaxPending:
		wrong = append(wrong, fault.On("what", "Tick at most %d, or everything.", hackfest.MaxPending))
	}
	for _, one := range what {
		f, ok := followingOf(one)
		if !ok {
			wrong = append(wrong, fault.On("what", "One of these cannot be followed. Tick them anew."))
			break
		}
		f.Mail, f.PersonID, f.Zone, f.Pace = each.Mail, each.PersonID, each.Zone, each.Pace
		wanted = append(wanted, f)
	}
	if len(wanted) == 0 {
		wanted = []hackfest.Following{each} // says how often
	}
	return wanted, errors.Join(wrong...)
}

// readPace reads how often there is to be mail.
func readPace(form url.Values) (hackfest.Pace, error) {
	switch p := hackfest.Pace(form.Get("pace")); p {
	case hackfest.PaceEach, hackfest.PaceWeekly:
		return p, nil
	case "":
		return hackfest.PaceEach, nil
	}
	return "", fault.On("pace", "There is a mail for each thing, or one a week.")
}

// askToConfirm notes what an address is said to want and has it asked. Whoever
// sent the form learns nothing of what the address follows already.
func (s *Server) askToConfirm(w http.ResponseWriter, r *http.Request, wanted []hackfest.Following) error {
	if err := s.tooMany(w, s.gate().follows, s.household(r), "from your network"); err != nil {
		return err
	}
	_, err := s.once(r, func(ctx context.Context, tx *store.Store) (done, error) {
		for _, f := range wanted {
			if _, err := tx.Follow(ctx, f, s.Now().UTC()); err != nil {
				return done{}, err
			}
		}
		return done{To: "/follow?asked=1"}, nil
	})
	if err != nil {
		return err
	}
	b, err := s.Store.SubscriberByMail(r.Context(), wanted[0].Mail)
	if err == nil && b.Pending {
		err = s.Post.SendConfirmation(r.Context(), b.ID)
	}
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/follow?asked=1", http.StatusSeeOther)
	return nil
}

// saveOwnFollows has whoever is signed in follow what their form names, and
// nothing else.
func (s *Server) saveOwnFollows(r *http.Request, tx *store.Store, wanted []hackfest.Following) (done, error) {
	ctx := r.Context()
	before, _, err := s.followsOf(r, tx)
	if err != nil {
		return done{}, err
	}
	var kept []string
	for _, f := range wanted {
		if f.Scope == "" {
			continue
		}
		kept = append(kept, templates.FollowValue(f.Scope, f.Series+f.Target+f.Session))
		if _, err := tx.Follow(ctx, f, s.Now().UTC()); err != nil {
			return done{}, err
		}
	}
	d := done{To: "/follow", Said: fmt.Sprintf("Saved. You follow %s by mail.", howMany(len(kept), "thing"))}
	b, err := tx.SubscriberOf(ctx, actorOf(r).ID)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return d, nil // they follow nothing and never did
		}
		return d, err
	}
	for _, f := range before {
		if slices.Contains(kept, templates.FollowValue(f.Scope, f.Slug)) {
			continue
		}
		if err := tx.Unfollow(ctx, b.ID, f.ID); err != nil {
			return d, err
		}
	}
	return d, tx.SetPace(ctx, b.ID, wanted[0].Pace, wanted[0].Zone)
}

// howMany writes a number of things in words that people use.
func howMany(n int, one string) string {
	switch n {
	case 0:
		return "nothing"
	case 1:
		return "one " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// followWords names what is followed, as mails do.
func (s *Server) followWords(r *http.Request, f hackfest.Follow) string {
	return announce.Followed([]hackfest.Follow{f}, s.Community, s.preferences(r).zone)[0]
}

package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// following adds the routes of who follows what by mail.
func (s *Server) following(r *table) {
	r.get("/follow", person.Follow, s.page(s.showFollow))
	r.post("/follow", person.Follow, s.page(s.follow))
	r.get("/follow/confirm/{secret}", person.Follow, s.page(s.showConfirm))
	r.post("/follow/confirm/{secret}", person.Follow, s.page(s.confirm))
	r.get("/unsubscribe/{token}", person.Follow, s.page(s.showUnsubscribe))
	r.post("/unsubscribe/{token}", person.Follow, s.page(s.unsubscribe))
	r.post("/unsubscribe/{token}/undo", person.Follow, s.page(s.resubscribe))
	r.post("/unsubscribe/{token}/preferences", person.Follow, s.page(s.saveFollows))
}

// showFollow answers GET /follow?what=series/weekly-hackfest.
func (s *Server) showFollow(w http.ResponseWriter, r *http.Request) error {
	p, err := s.followPage(r, r.URL.Query().Get("what"))
	if err != nil {
		return err
	}
	p.Asked = r.URL.Query().Get("asked") != ""
	return s.show(w, r, templates.Follow(p))
}

// followPage is the page with what is followed already, and what, ticked.
func (s *Server) followPage(r *http.Request, what string) (templates.FollowPage, error) {
	p := templates.FollowPage{Form: newForm(""), Pace: string(hackfest.PaceEach)}
	var err error
	if p.Frame, err = s.frame(r, "Follow"); err != nil {
		return p, err
	}
	p.Section, p.Description, p.Return = "/follow", "Mail before sessions, about changes of them, and with their minutes.", "/follow"
	ticked := []string{what}
	var mine []hackfest.Follow
	if a := actorOf(r); a.SignedIn() {
		if p.Own, err = s.provenMail(r.Context(), a); err != nil {
			return p, err
		}
		p.Unproven = p.Own == ""
		var pace hackfest.Pace
		if mine, pace, err = s.followsOf(r, s.Store); err != nil {
			return p, err
		}
		if pace != "" {
			p.Pace = string(pace)
		}
	}
	if err := s.followChoices(r, &p); err != nil {
		return p, err
	}
	for _, f := range mine {
		ticked = append(ticked, templates.FollowValue(f.Scope, f.Slug))
		s.alsoFollow(r, &p, f)
	}
	if err := s.followSession(r, &p, what); err != nil {
		return p, err
	}
	for _, d := range []*ui.Field{&p.What, &p.Series, &p.Targets, &p.More} {
		d.Value = strings.Join(ticked, ",")
	}
	p.Else = elsewhereThanMail(what)
	return p, nil
}

// followFields are the fields of the form that name what is followed.
var followFields = []string{"what", "series", "target", "more"}

// provenMail is the address that somebody has proven; "" when they have none.
func (s *Server) provenMail(ctx context.Context, a person.Actor) (string, error) {
	x, err := s.Store.Settings(ctx, a.ID)
	if err != nil || x.MailProvenAt.IsZero() {
		return "", err
	}
	return x.Mail, nil
}

// followsOf is what whoever is signed in follows, and how often they get mail.
func (s *Server) followsOf(r *http.Request, tx *store.Store) ([]hackfest.Follow, hackfest.Pace, error) {
	b, err := tx.SubscriberOf(r.Context(), actorOf(r).ID)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return nil, "", nil
	case err != nil:
		return nil, "", err
	case !b.EndedAt.IsZero():
		return nil, b.Pace, nil
	}
	list, err := tx.Follows(r.Context(), viewerOf(r), b.ID)
	return slices.DeleteFunc(list, func(f hackfest.Follow) bool { return f.ConfirmedAt.IsZero() }), b.Pace, err
}

// followChoices fills in what can be followed: everything, the news, each series
// that goes on and each target that is not parked.
func (s *Server) followChoices(r *http.Request, p *templates.FollowPage) error {
	p.What = ui.Field{Name: "what", Label: "What", Options: []ui.Choice{
		{Value: templates.FollowValue(hackfest.FollowAll, ""), Text: "Everything: each session, and the news"},
		{Value: templates.FollowValue(hackfest.FollowNews, ""), Text: "The news"},
	}}
	p.Series, p.Targets, p.More = ui.Field{Name: "series", Label: "Series"}, ui.Field{Name: "target", Label: "Targets"}, ui.Field{Name: "more", Label: "Besides"}
	series, err := s.Store.SeriesList(r.Context(), viewerOf(r))
	if err != nil {
		return err
	}
	for _, x := range series {
		if !s.overForGood(x, s.Now()) {
			p.Series.Options = append(p.Series.Options, ui.Choice{Value: templates.FollowValue(hackfest.FollowSeries, x.Slug), Text: x.Title})
		}
	}
	targets, err := s.Store.Targets(r.Context())
	for _, x := range targets {
		if x.Stage != hackfest.StageParked {
			p.Targets.Options = append(p.Targets.Options, ui.Choice{Value: templates.FollowValue(hackfest.FollowTarget, x.Slug), Text: x.Name})
		}
	}
	return err
}

// alsoFollow adds what somebody follows to what they may choose, if it is not
// among that: a series that has ended, or a session.
func (s *Server) alsoFollow(r *http.Request, p *templates.FollowPage, f hackfest.Follow) {
	value := templates.FollowValue(f.Scope, f.Slug)
	for _, d := range []ui.Field{p.What, p.Series, p.Targets, p.More} {
		if slices.ContainsFunc(d.Options, func(c ui.Choice) bool { return c.Value == value }) {
			return
		}
	}
	p.More.Options = append(p.More.Options, ui.Choice{Value: value, Text: capital(s.followWords(r, f))})
}

// followSession adds the session that the page was asked for.
func (s *Server) followSession(r *http.Request, p *templates.FollowPage, what string) error {
	f, ok := followingOf(what)
	if !ok || f.Scope != hackfest.FollowSession {
		return nil
	}
	x, err := s.Store.Session(r.Context(), viewerOf(r), f.Session)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return nil // somebody's own invention
		}
		return err
	}
	s.alsoFollow(r, p, hackfest.Follow{Scope: f.Scope, Slug: x.Slug, Title: x.Title, StartsAt: x.StartsAt, Zone: x.Zone})
	return nil
}

// followingOf reads what a form names as something to follow.
func followingOf(what string) (hackfest.Following, bool) {
	scope, slug, _ := strings.Cut(what, "/")
	f := hackfest.Following{Scope: hackfest.FollowScope(scope)}
	switch f.Scope {
	case hackfest.FollowAll, hackfest.FollowNews:
		return f, slug == ""
	case hackfest.FollowSeries:
		f.Series = slug
	case hackfest.FollowTarget:
		f.Target = slug
	case hackfest.FollowSession:
		f.Session = slug
	default:
		return f, false
	}
	return f, slug != ""
}

// elsewhereThanMail are ways to follow without mail: those of a series first.
func elsewhereThanMail(what string) []templates.FeedLink {
	var list []templates.FeedLink
	switch f, _ := followingOf(what); f.Scope {
	case hackfest.FollowSeries:
		list = append(list,
			templates.FeedLink{Title: "This series in your calendar", Href: templates.CalendarPick("series/" + f.Series)},
			templates.FeedLink{Title: "Its Atom feed", Href: templates.SeriesFeedURL(f.Series)})
	case hackfest.FollowTarget:
		list = append(list, templates.FeedLink{Title: "This target in your calendar", Href: templates.CalendarPick("targets/" + f.Target)})
	}
	return append(list,
		templates.FeedLink{Title: "Your calendar", Href: "/calendar"},
		templates.FeedLink{Title: "Sessions as Atom feed", Href: "/feeds/sessions.atom"},
		templates.FeedLink{Title: "Minutes as Atom feed", Href: "/feeds/minutes.atom"},
		templates.FeedLink{Title: "News as Atom feed", Href: "/feeds/news.atom"},
		templates.FeedLink{Title: "Lessons as Atom feed", Href: "/feeds/lessons.atom"})
}

// follow answers POST /follow.
func (s *Server) follow(w http.ResponseWriter, r *http.Request) error {
	if s.Post == nil {
		return fault.New(fault.NotFound, "This portal sends no mail.")
	}
	form, err := formOf(r)
	if err != nil {
		return err
	}
	own := ""
	if a := actorOf(r); a.SignedIn() {
		if own, err = s.provenMail(r.Context(), a); err != nil {
			return err
		}
	}
	wanted, err := s.readFollow(r, form, own == "")
	switch {
	case err != nil:
	case own != "":
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) { return s.saveOwnFollows(r, tx, wanted) })
	default:
		err = s.askToConfirm(w, r, wanted)
	}
	if err == nil {
		return nil
	}
	return s.followAgain(w, r, form, err)
}

// followAgain shows the page once more because of err.
func (s *Server) followAgain(w http.ResponseWriter, r *http.Request, form url.Values, err error) error {
	code, message := explain(err)
	if code >= http.StatusInternalServerError || code == http.StatusNotFound {
		return err
	}
	p, failed := s.followPage(r, "")
	if failed != nil {
		return failed
	}
	p.Form = typed("", form, err)
	if len(p.Form.Errors) == 0 {
		p.Form.Errors = []ui.FieldError{{Message: message}}
	}
	return s.again(w, r, err, templates.Follow(p))
}

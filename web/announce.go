package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// announceRecent is how many published news the desk's page lists.
const announceRecent = 10

// showAnnounce answers GET /manage/announce: what is not published yet, and the
// form of something new.
func (s *Server) showAnnounce(w http.ResponseWriter, r *http.Request) error {
	return s.announcePage(w, r, newForm(""), nil)
}

// announcePage shows the form of something new; wrong is what was wrong with it.
func (s *Server) announcePage(w http.ResponseWriter, r *http.Request, form ui.Form, wrong error) error {
	ctx, v := r.Context(), viewerOf(r)
	f, err := s.announceFrame(r, "Announce")
	if err != nil {
		return err
	}
	n := hackfest.News{Outlets: hackfest.Outlets[:3]}
	p := templates.AnnouncePage{Frame: f, Form: form, Button: "Save and see it"}
	if p.Fields, err = s.newsFields(r, n); err != nil {
		return err
	}
	for _, c := range p.Fields.Channels {
		p.Fields.Told = append(p.Fields.Told, c.Value)
	}
	coming, err := s.Store.NewsToCome(ctx, v, f.Clock.Now)
	if err != nil {
		return err
	}
	for _, n := range coming {
		row := s.newsRow(f.Clock, n)
		row.Day, row.Href, row.Summary, row.Tags = f.Clock.Day(n.ChangedAt, s.community()), announceURL(n), "", nil
		row.State, _ = newsState(f.Clock, s.community(), n)
		p.Coming = append(p.Coming, row)
	}
	recent, err := s.Store.News(ctx, v, store.NewsFilter{Limit: announceRecent}, f.Clock.Now)
	if err != nil {
		return err
	}
	for _, n := range recent {
		row := s.newsRow(f.Clock, n)
		row.Href, row.Summary, row.Tags = announceURL(n), "", nil
		p.Recent = append(p.Recent, row)
	}
	w.Header().Set("Cache-Control", "no-store")
	if wrong != nil {
		return s.again(w, r, wrong, templates.Announce(p))
	}
	return s.show(w, r, templates.Announce(p))
}

func (s *Server) announceFrame(r *http.Request, title string) (templates.Frame, error) {
	f, err := s.frame(r, title)
	f.NoIndex, f.Section = true, "/manage"
	return f, err
}

// newsFields are the fields of a form about n.
func (s *Server) newsFields(r *http.Request, n hackfest.News) (templates.NewsFields, error) {
	x := templates.NewsFields{
		Title: n.Title, Summary: n.Summary, Body: n.Body, Tags: strings.Join(n.Tags, ", "), Target: n.TargetSlug, Correction: n.Correction,
		Public: n.Appeared(s.Now()),
	}
	for _, o := range n.Outlets {
		x.Outlets = append(x.Outlets, string(o))
	}
	for _, c := range n.Channels {
		x.Told = append(x.Told, strconv.FormatInt(int64(c), 10))
	}
	if !n.BannerUntil.IsZero() {
		x.Banner = n.BannerUntil.Add(-time.Second).In(s.locate(s.community())).Format(time.DateOnly)
	}
	channels, err := s.newsChannels(r.Context())
	if err != nil {
		return x, err
	}
	for _, c := range channels {
		x.Channels = append(x.Channels, ui.Choice{Value: strconv.FormatInt(int64(c.ID), 10), Text: c.Name + " on " + c.Network})
	}
	targets, err := s.Store.Targets(r.Context())
	x.Targets = []ui.Choice{{Text: "nothing in particular"}}
	for _, t := range targets {
		x.Targets = append(x.Targets, ui.Choice{Value: t.Slug, Text: ui.Visible(t.Name)})
	}
	return x, err
}

// newsChannels are the channels in which news may be told.
func (s *Server) newsChannels(ctx context.Context) ([]hackfest.ChannelSettings, error) {
	list, err := s.Store.AllChannelSettings(ctx)
	return slices.DeleteFunc(list, func(c hackfest.ChannelSettings) bool {
		return !c.Joined || !c.Announce || !slices.Contains(c.Occasions, string(hackfest.OccasionNews))
	}), err
}

// typedNews reads a form about n; where n goes stays as it is once it has appeared.
func (s *Server) typedNews(r *http.Request, form url.Values, n hackfest.News) (hackfest.News, error) {
	line := func(name string) string { return strings.Join(strings.Fields(form.Get(name)), " ") }
	n.Title, n.Summary, n.Body = line("title"), line("summary"), strings.ReplaceAll(form.Get("body"), "\r\n", "\n")
	n.Tags, n.TargetSlug, n.Correction = hackfest.NewsTags(form.Get("tags")), form.Get("target"), line("correction")
	err := errors.Join(n.Check(), s.typedTarget(r.Context(), n.TargetSlug))
	if n.BannerUntil, err = s.typedBanner(form.Get("banner"), err); n.Appeared(s.Now()) {
		return n, err
	}
	n.Outlets, n.Channels = []hackfest.Outlet{hackfest.OutletSite}, nil
	for _, o := range form["outlets"] {
		if !slices.Contains(hackfest.Outlets, hackfest.Outlet(o)) {
			err = errors.Join(err, fault.On("outlets", "There is no such outlet."))
			continue
		}
		n.Outlets = append(n.Outlets, hackfest.Outlet(o))
	}
	channels, failed := s.newsChannels(r.Context())
	if failed != nil {
		return n, failed
	}
	for _, id := range form["channels"] {
		i := slices.IndexFunc(channels, func(c hackfest.ChannelSettings) bool { return strconv.FormatInt(int64(c.ID), 10) == id })
		if i < 0 {
			err = errors.Join(err, fault.On("channels", "News are not told in such a channel."))
			continue
		}
		n.Channels = append(n.Channels, channels[i].ID)
	}
	if (n.Goes(hackfest.OutletIRC) || n.Goes(hackfest.OutletTopic)) && len(n.Channels) == 0 {
		err = errors.Join(err, fault.On("channels", "Choose a channel, or neither a line on IRC nor a topic."))
	}
	return n, err
}

// typedBanner reads until which day all pages show something, and adds to err what
// is wrong with it.
func (s *Server) typedBanner(text string, err error) (time.Time, error) {
	if text == "" {
		return time.Time{}, err
	}
	day, wrong := time.ParseInLocation(time.DateOnly, text, s.locate(s.community()))
	if wrong != nil {
		return time.Time{}, errors.Join(err, fault.On("banner", "A day is written as in 2012-10-24."))
	}
	return day.AddDate(0, 0, 1).UTC(), err
}

// addNews answers POST /manage/announce.
func (s *Server) addNews(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	n, err := s.typedNews(r, form, hackfest.News{AuthorID: actorOf(r).ID})
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			now := s.Now().UTC()
			id, err := tx.AddNews(ctx, n, now)
			if err != nil {
				return done{}, err
			}
			saved, err := tx.NewsByID(ctx, viewerOf(r), id, now)
			return done{To: announceURL(saved), Said: "The draft is saved.", Undo: announceURL(saved) + "/withdraw"}, err
		})
	}
	if !mendable(err) {
		return err
	}
	return s.announcePage(w, r, typed("", form, err), err)
}

// saveNews answers POST /manage/announce/{news}.
func (s *Server) saveNews(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	old, err := s.newsOf(r)
	if err != nil {
		return err
	}
	n, err := s.typedNews(r, form, old)
	if err == nil {
		n.Revision = revisionOf(form)
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			if err := tx.EditNews(ctx, n, s.Now().UTC()); err != nil {
				return done{}, err
			}
			saved, err := tx.NewsByID(ctx, viewerOf(r), n.ID, s.Now().UTC())
			if err == nil && old.Public(s.Now()) {
				err = s.audit(ctx, tx, r, "change news", newsURL(saved), map[string]string{"title": old.Title}, map[string]string{"title": saved.Title, "correction": saved.Correction})
			}
			return done{To: announceURL(saved), Said: "Saved."}, err
		})
	}
	if !mendable(err) {
		return err
	}
	return s.announcedPage(w, r, old, typed("", form, err), newForm("publish"), err)
}

// publishNews answers POST /manage/announce/{news}/publish: at once, or at the time
// of date and time in the community's zone.
func (s *Server) publishNews(w http.ResponseWriter, r *http.Request) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	n, err := s.newsOf(r)
	if err != nil {
		return err
	}
	at, err := s.typedMoment(form)
	if err == nil {
		err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
			if err := tx.PublishNews(ctx, n.ID, revisionOf(form), at, s.Now().UTC()); err != nil {
				return done{}, err
			}
			d := done{To: announceURL(n), Said: "It is published. What goes out by mail and IRC goes within a minute.", Undo: announceURL(n) + "/withdraw"}
			if !at.IsZero() {
				d.Said = "It is published on " + at.In(s.locate(s.community())).Format("Monday 2 January 2006 at 15:04 MST.")
			}
			return d, s.audit(ctx, tx, r, "publish news", newsURL(n), nil, map[string]any{"title": n.Title, "outlets": n.Outlets})
		})
	}
	if !mendable(err) {
		return err
	}
	return s.announcedPage(w, r, n, newForm(""), typed("publish", form, err), err)
}

// typedMoment is when something is to be published; zero is now.
func (s *Server) typedMoment(form url.Values) (time.Time, error) {
	if form.Get("when") != "later" {
		return time.Time{}, nil
	}
	const layout = time.DateOnly + " 15:04"
	text := form.Get("date") + " " + form.Get("time")
	at, err := time.ParseInLocation(layout, text, s.locate(s.community()))
	switch {
	case err != nil:
		return at, fault.On("date", "Say the day and the time, as in 2012-10-24 and 18:00.")
	case at.Format(layout) != text:
		return at, fault.On("time", "The clocks are changed on that day: there is no such time.")
	case !at.After(s.Now()):
		return at, fault.On("date", "That is over. Publish it now instead.")
	}
	return at.UTC(), nil
}

// withdrawNews answers POST /manage/announce/{news}/withdraw.
func (s *Server) withdrawNews(w http.ResponseWriter, r *http.Request) error {
	return s.moveNews(w, r, "withdraw news", func(ctx context.Context, tx *store.Store, n hackfest.News, revision int) (done, error) {
		now := s.Now().UTC()
		d := done{To: announceURL(n), Said: "It is withdrawn: it is on no page and in no feed. What went out by mail and IRC cannot be called back.", Undo: announceURL(n) + "/restore"}
		switch {
		case n.State == hackfest.NewsDraft:
			d.To, d.Said = "/manage/announce", "The draft is put aside."
		case !n.Public(now):
			d.Said, d.Undo = "It is a draft again.", ""
		}
		return d, tx.WithdrawNews(ctx, n.ID, revision, now)
	})
}

// restoreNews answers POST /manage/announce/{news}/restore.
func (s *Server) restoreNews(w http.ResponseWriter, r *http.Request) error {
	return s.moveNews(w, r, "restore news", func(ctx context.Context, tx *store.Store, n hackfest.News, _ int) (done, error) {
		d := done{To: announceURL(n), Said: "It is back.", Undo: announceURL(n) + "/withdraw"}
		return d, tx.RestoreNews(ctx, n.ID, s.Now().UTC())
	})
}

// moveNews carries out a form that is but a button about news. Without a revision,
// as an undo has it, it is about them as they are.
func (s *Server) moveNews(w http.ResponseWriter, r *http.Request, action string,
	do func(ctx context.Context, tx *store.Store, n hackfest.News, revision int) (done, error),
) error {
	form, err := formOf(r)
	if err != nil {
		return err
	}
	n, err := s.newsOf(r)
	if err != nil {
		return err
	}
	revision := n.Revision
	if form.Get("revision") != "" {
		revision = revisionOf(form)
	}
	err = s.change(w, r, func(ctx context.Context, tx *store.Store) (done, error) {
		d, err := do(ctx, tx, n, revision)
		if err == nil && person.Can(actorOf(r), person.Announce, person.Object{}) == nil {
			err = s.audit(ctx, tx, r, action, newsURL(n), map[string]string{"state": string(n.State)}, nil)
		}
		return d, err
	})
	if !mendable(err) {
		return err
	}
	return s.announcedPage(w, r, n, newForm(""), typed("publish", form, err), err)
}

package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// showAnnounced answers GET /manage/announce/{news}: the form of it, and what it is
// at each of its outlets.
func (s *Server) showAnnounced(w http.ResponseWriter, r *http.Request) error {
	n, err := s.newsOf(r)
	if err != nil {
		return err
	}
	return s.announcedPage(w, r, n, newForm(""), newForm("publish"), nil)
}

// announcedPage shows n with its forms; wrong is what was wrong with one of them.
func (s *Server) announcedPage(w http.ResponseWriter, r *http.Request, n hackfest.News, edit, publish ui.Form, wrong error) error {
	f, err := s.announceFrame(r, n.Title)
	if err != nil {
		return err
	}
	p := templates.AnnouncePage{
		Frame: f, Form: edit, Path: announceURL(n), Button: "Save and see it", Revision: strconv.Itoa(n.Revision), Publish: publish,
		Zone: ui.ZoneName(s.community()), Draft: n.State == hackfest.NewsDraft, Withdrawn: n.State == hackfest.NewsWithdrawn,
	}
	p.State, p.Note = newsState(f.Clock, s.community(), n)
	if n.Public(f.Clock.Now) {
		p.Page = newsURL(n)
	}
	if n.Public(f.Clock.Now) || n.State == hackfest.NewsWithdrawn {
		what := "news/" + strconv.FormatInt(int64(n.ID), 10)
		p.AllSent = "/manage/deliveries?" + url.Values{"what": {what}}.Encode()
		if p.Receipts, err = s.receipts(r, f.Clock, what, p.Path); err != nil {
			return err
		}
	}
	if p.Fields, err = s.newsFields(r, n); err != nil {
		return err
	}
	if p.Preview, err = s.newsPreview(r, f.Clock, n); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	if wrong != nil {
		return s.again(w, r, wrong, templates.Announce(p))
	}
	return s.show(w, r, templates.Announce(p))
}

// newsPreview is n at each of its outlets, made by what sends it there.
func (s *Server) newsPreview(r *http.Request, c ui.Clock, n hackfest.News) (*templates.NewsPreview, error) {
	ctx := r.Context()
	article, err := s.newsArticle(r, c, n)
	if err != nil {
		return nil, err
	}
	article.Note = ""
	entry, err := s.newsEntry(ctx, n)
	if err != nil {
		return nil, err
	}
	p := &templates.NewsPreview{Article: article, EntryTitle: entry.Title, EntrySummary: entry.Summary, EntryHTML: entry.HTML}
	if n.Goes(hackfest.OutletMail) {
		if p.Letter, err = s.newsLetter(ctx, n); err != nil {
			return nil, err
		}
	}
	if p.Where, err = s.newsPlaces(ctx, n); err != nil {
		return nil, err
	}
	if n.Goes(hackfest.OutletIRC) {
		l := announce.NewsLineOf(n, s.BaseURL)
		p.Line = &templates.LinePreview{Kept: l.Kept, Rest: l.Rest, End: l.End, Bytes: l.Bytes, Room: announce.NewsRoom}
		if l.Cut() {
			p.Line.Kept += "…"
		}
	}
	if n.Goes(hackfest.OutletTopic) {
		p.Topic = announce.NewsTopic(n, s.BaseURL)
	}
	return p, nil
}

// newsLetter is the mail with n, and how many get it.
func (s *Server) newsLetter(ctx context.Context, n hackfest.News) (*templates.LetterPreview, error) {
	readers, err := s.Store.NewsReaders(ctx)
	if err != nil {
		return nil, err
	}
	l := announce.LetterOf(announce.Reader{
		Community: s.bareName(), Base: s.BaseURL, Preferences: s.BaseURL + "/unsubscribe/…", Why: announce.Followed([]hackfest.Follow{{Scope: hackfest.FollowNews}}, s.bareName(), "")[0],
	}, announce.Matter{Occasion: hackfest.OccasionNews, News: announce.NewsTextOf(n, s.BaseURL)}, s.Now())
	p := &templates.LetterPreview{Subject: l.Subject, Text: l.Text, Readers: "Nobody follows the news by mail yet."}
	if readers > 0 {
		p.Readers = "It goes to " + counted(readers, "address", "addresses") + " now; who reads once a week finds it in that letter."
	}
	if s.Post == nil {
		p.Readers = "No mail is sent from here: HACKFEST_SMTP is not set."
	}
	return p, nil
}

// newsPlaces are the channels that n is told in.
func (s *Server) newsPlaces(ctx context.Context, n hackfest.News) (string, error) {
	list, err := s.Store.AllChannelSettings(ctx)
	var names []string
	for _, c := range list {
		if slices.Contains(n.Channels, c.ID) {
			names = append(names, c.Name+" on "+c.Network)
		}
	}
	return strings.Join(names, ", "), err
}

// drafts are news that wait for somebody to publish them.
func (d desk) drafts() (entries []templates.DeskEntry, err error) {
	list, err := d.s.Store.NewsToCome(d.ctx, d.viewer, d.now)
	for _, n := range list {
		if n.State != hackfest.NewsDraft {
			continue
		}
		e := templates.DeskEntry{
			At: d.at(n.ChangedAt), Title: "News not published: " + ui.Visible(n.Title), Href: newsURL(n), Button: "Look", Go: announceURL(n),
		}
		if n.AuthorID == 0 {
			e.Facts = append(e.Facts, "the portal wrote it")
		} else {
			e.Facts = append(e.Facts, "by "+ui.Visible(n.Author))
		}
		entries = append(entries, e)
	}
	return entries, err
}

package web

import (
	"context"
	"net/http"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/atom"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/markdown"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/templates"
)

// newsFeeds lead to the feed of all news.
var newsFeeds = []templates.FeedLink{{Type: atomType, Title: "News", Href: "/feeds/news.atom"}}

// newsFeed answers GET /feeds/news.atom: what was announced or corrected last, for
// everybody. An entry keeps its id through all corrections; its time moves, and the
// note of the correction stands in it.
func (s *Server) newsFeed(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Store.NewsChanged(r.Context(), person.PublicViewer, feedEntries, s.Now().UTC())
	if err != nil {
		return err
	}
	f, err := s.newFeed(r.Context(), "news", "News", "/news")
	if err != nil {
		return err
	}
	f.Self = s.BaseURL + "/feeds/news.atom"
	for _, n := range list {
		e, err := s.newsEntry(r.Context(), n)
		if err != nil {
			return err
		}
		f.Entries = append(f.Entries, e)
	}
	return s.sendAtom(w, r, f)
}

// newsEntry is n as an entry of a feed.
func (s *Server) newsEntry(ctx context.Context, n hackfest.News) (atom.Entry, error) {
	body, err := rendered(ctx, templates.NewsEntry(n.Correction, markdown.HTMLAt(n.Body, s.BaseURL)))
	e := atom.Entry{
		ID: atom.ID("news", n.UID), Title: n.Title, Link: announce.NewsURL(n, s.BaseURL), Published: n.PublishedAt, Updated: n.ChangedAt,
		Summary: announce.NewsSummary(n), HTML: body,
	}
	if n.Correction != "" {
		e.Summary = "Corrected: " + n.Correction + " " + e.Summary
	}
	if n.AuthorShown {
		e.Author = n.Author
	}
	return e, err
}

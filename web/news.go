package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/markdown"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/templates"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// newsPage is how many news a page lists.
const newsPage = 30

// newsRoutes adds the routes of news and of those who write them.
func (s *Server) newsRoutes(r *table) {
	r.get("/news", person.Read, s.page(s.listNews))
	r.get("/news/{news}", person.Read, s.page(s.showNews))
	r.get("/feeds/news.atom", person.Fetch, s.page(s.newsFeed))
	r.get("/manage/announce", person.Announce, s.page(s.showAnnounce))
	r.post("/manage/announce", person.Announce, s.page(s.addNews))
	r.get("/manage/announce/{news}", person.Announce, s.page(s.showAnnounced))
	r.post("/manage/announce/{news}", person.Announce, s.page(s.saveNews))
	r.post("/manage/announce/{news}/publish", person.Announce, s.page(s.publishNews))
	r.post("/manage/announce/{news}/withdraw", person.Announce, s.page(s.withdrawNews))
	r.post("/manage/announce/{news}/restore", person.Announce, s.page(s.restoreNews))
}

// newsURL is the path of news.
func newsURL(n hackfest.News) string { return "/news/" + url.PathEscape(n.Slug) }

// announceURL is where news are edited.
func announceURL(n hackfest.News) string { return "/manage/announce/" + url.PathEscape(n.Slug) }

// listNews answers GET /news, newest first; tag and month (YYYY-MM) restrict the
// list.
func (s *Server) listNews(w http.ResponseWriter, r *http.Request) error {
	ctx, v, q := r.Context(), viewerOf(r), r.URL.Query()
	f, err := s.frame(r, "News")
	if err != nil {
		return err
	}
	f.Description, f.Feeds = "What "+f.Community+" announces.", newsFeeds
	f.NoIndex = q.Get("tag") != "" || q.Get("month") != ""
	filter := store.NewsFilter{Tag: q.Get("tag"), After: readNewsCursor(q.Get("after")), Limit: newsPage + 1}
	if t, err := time.ParseInLocation("2006-01", q.Get("month"), s.locate(s.community())); err == nil {
		filter.From, filter.To = t, t.AddDate(0, 1, 0)
		f.Title = "News of " + month(t)
	}
	list, err := s.Store.News(ctx, v, filter, f.Clock.Now)
	if err != nil {
		return err
	}
	tags, months, err := s.Store.NewsTally(ctx, f.Clock.Now)
	if err != nil {
		return err
	}
	p := templates.NewsListPage{Frame: f, Filters: newsFacets(q, tags), Archive: newsArchive(q, months)}
	total := 0
	for _, m := range months {
		total += m.News
	}
	if total > 0 {
		p.Count = counted(total, "announcement.", "announcements.")
	}
	if person.Can(actorOf(r), person.Announce, person.Object{}) == nil {
		p.Write = "/manage/announce"
	}
	if len(list) > newsPage {
		list = list[:newsPage]
		p.Older = "/news?" + with(q, "after", newsCursor(store.CursorAfterNews(list[len(list)-1])))
	}
	for _, n := range list {
		title := month(n.PublishedAt.In(s.locate(s.community())))
		if k := len(p.Months); k == 0 || p.Months[k-1].Title != title {
			p.Months = append(p.Months, templates.NewsMonth{Title: title})
		}
		m := &p.Months[len(p.Months)-1]
		m.Rows = append(m.Rows, s.newsRow(f.Clock, n))
	}
	return s.show(w, r, templates.NewsList(p))
}

// newsRow is one of a list of public news.
func (s *Server) newsRow(c ui.Clock, n hackfest.News) templates.NewsRow {
	return templates.NewsRow{
		Day: c.Day(n.PublishedAt, s.community()), Title: n.Title, Href: newsURL(n), Summary: announce.NewsSummary(n), Tags: tagLinks(n.Tags),
	}
}

// tagLinks are tags with where all news that have them are.
func tagLinks(tags []string) (links []templates.LogLink) {
	for _, t := range tags {
		links = append(links, templates.LogLink{Text: t, Href: "/news?" + url.Values{"tag": {t}}.Encode()})
	}
	return links
}

// newsFacets are the tags as a filter.
func newsFacets(q url.Values, tags []hackfest.NewsCount) []ui.FacetGroup {
	if len(tags) == 0 {
		return nil
	}
	const most = 12
	group := ui.FacetGroup{Label: "Tag", Facets: []ui.Facet{{Text: "all", Href: path("/news", with(q, "tag", "")), Current: q.Get("tag") == ""}}}
	for i, t := range tags {
		if i < most || t.Tag == q.Get("tag") {
			group.Facets = append(group.Facets, ui.Facet{
				Text: t.Tag + " " + strconv.Itoa(t.News), Href: path("/news", with(q, "tag", t.Tag)), Current: q.Get("tag") == t.Tag,
			})
		}
	}
	return []ui.FacetGroup{group}
}

// newsArchive are the months with news, a row a year, newest first.
func newsArchive(q url.Values, months []hackfest.NewsCount) (years []ui.FacetGroup) {
	for _, m := range months {
		year, key := m.Month.Format("2006"), m.Month.Format("2006-01")
		if k := len(years); k == 0 || years[k-1].Label != year {
			years = append(years, ui.FacetGroup{Label: year})
		}
		y := &years[len(years)-1]
		y.Facets = append(y.Facets, ui.Facet{
			Text: m.Month.Format("Jan"), Href: path("/news", with(q, "month", key)), Current: q.Get("month") == key,
		})
	}
	return years
}

// showNews answers GET /news/{news}. Maintainers see what is not published, too.
func (s *Server) showNews(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), viewerOf(r)
	now := s.Now().UTC()
	n, err := s.Store.NewsOf(ctx, v, chi.URLParam(r, "news"), now)
	if err != nil {
		return err
	}
	f, err := s.frame(r, n.Title)
	if err != nil {
		return err
	}
	f.Section, f.Description, f.Feeds, f.NoIndex = "/news", announce.NewsSummary(n), newsFeeds, !n.Public(now)
	p := templates.NewsPage{Frame: f}
	if p.Article, err = s.newsArticle(r, f.Clock, n); err != nil {
		return err
	}
	if person.Can(actorOf(r), person.Announce, person.Object{}) == nil {
		p.Edit = announceURL(n)
	}
	if n.Public(now) {
		if p.Older, err = s.newsBefore(r, n, now); err != nil {
			return err
		}
	} else {
		w.Header().Set("Cache-Control", "no-store")
	}
	return s.show(w, r, templates.News(p))
}

// newsBefore leads to the news before n.
func (s *Server) newsBefore(r *http.Request, n hackfest.News, now time.Time) (*templates.LogLink, error) {
	list, err := s.Store.News(r.Context(), viewerOf(r), store.NewsFilter{After: store.CursorAfterNews(n), Limit: 1}, now)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &templates.LogLink{Text: list[0].Title, Href: newsURL(list[0])}, nil
}

// newsArticle is n as its page shows it.
func (s *Server) newsArticle(r *http.Request, c ui.Clock, n hackfest.News) (templates.NewsArticle, error) {
	at := n.PublishedAt
	if at.IsZero() {
		at = n.CreatedAt
	}
	a := templates.NewsArticle{
		Title: n.Title, At: c.Day(at, s.community()), HTML: markdown.HTML(n.Body), Tags: tagLinks(n.Tags),
		Correction: n.Correction, Corrected: c.Day(n.CorrectedAt, s.community()),
	}
	a.State, a.Note = newsState(c, s.community(), n)
	if n.AuthorShown {
		a.Author = ui.Who{Nick: n.Author, Href: "/people/" + url.PathEscape(n.Author)}
	}
	if n.TargetSlug != "" {
		a.About = append(a.About, templates.LogLink{Text: "Target: " + n.TargetName, Href: templates.TargetURL(n.TargetSlug)})
	}
	if n.SessionSlug != "" {
		a.About = append(a.About, templates.LogLink{Text: "Session: " + n.SessionTitle, Href: templates.SessionURL(n.SessionSlug)})
	}
	channels, err := s.Store.Channels(r.Context(), viewerOf(r))
	a.Told = newsTold(n, channels)
	return a, err
}

// newsState is the badge of news that not everybody reads, and what that means.
func newsState(c ui.Clock, zone string, n hackfest.News) (ui.State, string) {
	switch {
	case n.State == hackfest.NewsDraft:
		return ui.DraftState, "A draft: only maintainers see it."
	case n.State == hackfest.NewsWithdrawn:
		return ui.State{Class: "off", Icon: "struck", Text: "withdrawn"}, "Withdrawn: only maintainers see it."
	case !n.Public(c.Now):
		return ui.State{Class: "soon", Icon: "clock", Text: "to come"}, "It appears " + c.Stamp(n.PublishedAt, zone) + ". Until then only maintainers see it."
	}
	return ui.State{}, ""
}

// newsTold are the outlets that n goes to, with the channels that a reader may
// know of.
func newsTold(n hackfest.News, channels []hackfest.ChannelInfo) []string {
	told := []string{"This page and the feed"}
	if n.Goes(hackfest.OutletMail) {
		told = append(told, "Mail")
	}
	var names []string
	for _, c := range channels {
		if slices.Contains(n.Channels, c.ID) {
			names = append(names, c.Name)
		}
	}
	for o, what := range map[hackfest.Outlet]string{hackfest.OutletIRC: "IRC: ", hackfest.OutletTopic: "Topic of "} {
		if n.Goes(o) && len(names) > 0 {
			told = append(told, what+strings.Join(names, ", "))
		}
	}
	slices.Sort(told[1:])
	return told
}

// newsCursor writes a place in the list of news for a URL.
func newsCursor(c store.NewsCursor) string {
	return strconv.FormatInt(c.PublishedAt.UnixMicro(), 36) + "." + strconv.FormatInt(int64(c.ID), 36)
}

// readNewsCursor reads what newsCursor wrote; anything else is the beginning.
func readNewsCursor(s string) store.NewsCursor {
	c := readLessonCursor(s)
	return store.NewsCursor{PublishedAt: c.PublishedAt, ID: hackfest.NewsID(c.ID)}
}

// newsOf is the news that the path names, as a maintainer has them.
func (s *Server) newsOf(r *http.Request) (hackfest.News, error) {
	n, err := s.Store.NewsOf(r.Context(), viewerOf(r), chi.URLParam(r, "news"), s.Now().UTC())
	if fault.KindOf(err) == fault.NotFound {
		err = fault.New(fault.NotFound, "There are no such news.")
	}
	return n, err
}

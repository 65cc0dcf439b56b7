package web

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/announce"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// newsroom is a portal with a maintainer, and a channel in which news are told.
type newsroom struct {
	*Server
	t   *testing.T
	dsn string
	mel person.Actor
	now time.Time
}

func newNewsroom(t *testing.T) *newsroom {
	t.Helper()
	s, dsn := newServerAt(t)
	n := &newsroom{Server: s, t: t, dsn: dsn, mel: join(t, s, "Mel", person.Maintainer), now: wednesday}
	s.Now = func() time.Time { return n.now }
	s.Post = &mailbox{}
	return n
}

// post sends a form as the maintainer, of what must come status, and returns where
// it leads, or the page.
func (n *newsroom) post(path string, status int, fields ...string) string {
	n.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	w := ask(n.t, n.Server, request{method: http.MethodPost, path: path, form: form, as: n.mel})
	if w.Code != status {
		n.t.Fatalf("POST %s %v: %d, want %d\n%s", path, fields, w.Code, status, w.Body)
	}
	if status == http.StatusSeeOther {
		to, _, _ := strings.Cut(w.Header().Get("Location"), "?")
		return to
	}
	return w.Body.String()
}

// see is a page as somebody gets it, who must get status.
func (n *newsroom) see(as person.Actor, path string, status int) string {
	n.t.Helper()
	w := ask(n.t, n.Server, request{path: path, as: as})
	if w.Code != status {
		n.t.Fatalf("GET %s as %q: %d, want %d", path, as.Name, w.Code, status)
	}
	return w.Body.String()
}

// channel is the id of the one channel.
func (n *newsroom) channel() string {
	n.t.Helper()
	list, err := n.Store.AllChannelSettings(n.t.Context())
	must(n.t, err)
	return itoa(int(list[0].ID))
}

// One text, seen at each outlet before it goes, by the words that go.
func TestNewsArePreviewed(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	page := n.post("/manage/announce", 422, "title", " ", "body", "*kept* <b>", "outlets", "irc", "outlets", "fax", "banner", "soon", "target", "none")
	contains(t, page, "News need a title.", "*kept* &lt;b&gt;", "There is no such outlet.", "A day is written as in", "There is no such target.", "Choose a channel")
	at := n.post("/manage/announce", 303, "title", "We try <i>AppScale</i>", "body", "On *Friday*, see [the plan](/schedule).\n\n<script>alert(1)</script>",
		"tags", "AppScale, hackfest appscale", "outlets", "irc", "outlets", "mail", "outlets", "topic", "channels", n.channel())
	if at != "/manage/announce/we-try-i-appscale-i" {
		t.Fatalf("the draft is at %s", at)
	}
	n.see(person.Actor{}, "/news/we-try-i-appscale-i", 404)
	draft, err := n.Store.NewsOf(t.Context(), n.mel.Viewer, "we-try-i-appscale-i", n.now)
	must(t, err)

	page = n.see(n.mel, at, 200)
	line := announce.News(draft, n.BaseURL)
	letter := announce.LetterOf(announce.Reader{Community: "Eucalyptus", Base: n.BaseURL, Preferences: n.BaseURL + "/unsubscribe/…", Why: "the news of Eucalyptus"},
		announce.Matter{Occasion: hackfest.OccasionNews, News: announce.NewsTextOf(draft, n.BaseURL)}, n.now)
	contains(t, page, `value="appscale, hackfest"`, "Nobody follows the news by mail yet.", html.EscapeString(announce.NewsTopic(draft, n.BaseURL)), itoa(len(line))+"/"+itoa(announce.NewsRoom)+" bytes",
		"In #eucalyptus-devel on freenode.", "<em>Friday</em>", "&lt;script&gt;alert(1)&lt;/script&gt;")
	if got := html.UnescapeString(between(t, page, `<pre class="code letter">`, "</pre>")); got != letter.Text {
		t.Errorf("the mail is shown as\n%s\nand sent as\n%s", got, letter.Text)
	}
	if got := joinedText(between(t, page, `<p class="say" dir="auto">`, "</p>")); got != line {
		t.Errorf("the line is shown as\n%q\nand said as\n%q", got, line)
	}
	text := between(t, page, `<div class="prose written" dir="auto">`, "</div>")
	published := n.post(at+"/publish", 303, "when", "now", "revision", hiddenValue(t, page, at+"/publish", "revision"))
	page = n.see(person.Actor{}, "/news/we-try-i-appscale-i", 200)
	if got := between(t, page, `<div class="prose written" dir="auto">`, "</div>"); got != text {
		t.Errorf("the page has\n%s\nthe preview had\n%s", got, text)
	}
	contains(t, page, "<title>We try &lt;i&gt;AppScale&lt;/i&gt;", "IRC: #eucalyptus-devel", "Topic of #eucalyptus-devel", `href="/news?tag=appscale"`)
	contains(t, n.see(n.mel, published, 200), "Everybody reads it", "What was wrong")
	lacks(t, n.see(n.mel, published, 200), `name="outlets"`)
}

// joinedText is the text of a piece of a page without markup, its lines joined.
func joinedText(piece string) string {
	var b strings.Builder
	for len(piece) > 0 {
		before, rest, _ := strings.Cut(piece, "<")
		b.WriteString(before)
		_, piece, _ = strings.Cut(rest, ">")
	}
	return strings.Join(strings.Fields(html.UnescapeString(b.String())), " ")
}

// A61: what is too long for a line is shown to be cut, by bytes, and a link to all
// of it is there.
func TestA61LongLineIsCutAndLinked(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	for _, tt := range []struct {
		name, summary string
		cut           bool
	}{
		{"short", "It runs.", false},
		{"few characters, many bytes", strings.Repeat("雲", 90), true},
		{"as many characters, few bytes", strings.Repeat("c", 90), false},
		{"long", strings.TrimSpace(strings.Repeat("cloud ", 49)), true},
	} {
		at := n.post("/manage/announce", 303, "title", "On "+tt.name, "summary", tt.summary, "outlets", "irc", "channels", n.channel())
		page := n.see(n.mel, at, 200)
		address := n.BaseURL + strings.Replace(at, "/manage/announce", "/news", 1)
		shown := between(t, page, `<p class="say" dir="auto">`, "</p>")
		whole := len("News: On " + tt.name + ": " + tt.summary + " · " + address)
		contains(t, page, itoa(whole)+"/"+itoa(announce.NewsRoom)+" bytes")
		draft, err := n.Store.NewsOf(t.Context(), n.mel.Viewer, strings.TrimPrefix(at, "/manage/announce/"), n.now)
		must(t, err)
		line := announce.News(draft, n.BaseURL)
		if strings.Contains(shown, "<del>") != tt.cut || (whole > announce.NewsRoom) != tt.cut {
			t.Errorf("%s, %d bytes: shown as %s", tt.name, whole, shown)
		}
		if !strings.HasSuffix(joinedText(shown), address) || !strings.HasSuffix(line, address) || len(line) > announce.NewsRoom {
			t.Errorf("%s: %q, shown as %s", tt.name, line, shown)
		}
		if tt.cut {
			contains(t, page, "It is longer than a line on IRC", `href="#f-summary"`)
			kept := strings.TrimSuffix(strings.TrimSuffix(line, " · "+address), "…")
			if left := html.UnescapeString(between(t, shown, "<del>", "</del>")); kept+left != "News: On "+tt.name+": "+tt.summary {
				t.Errorf("%s: left out is %q of %q", tt.name, left, line)
			}
		}
	}
}

// What is published is corrected, withdrawn and brought back; its entry in the feed
// stays the same one.
func TestNewsAreCorrectedAndWithdrawn(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	at := n.post("/manage/announce", 303, "title", "Hackfest on Friday", "body", "At **eleven**.", "banner", "2012-08-31")
	if again := n.post("/manage/announce", 303, "title", "Hackfest on Friday"); again != at+"-2" {
		t.Errorf("the same title is at %s", again)
	}
	if renamed := n.post(at+"-2", 303, "title", "Another", "revision", "1"); renamed != "/manage/announce/another" {
		t.Errorf("a draft with another title is at %s", renamed)
	}
	contains(t, n.see(n.mel, "/manage", 200), "News not published: Another", "by Mel")
	contains(t, n.post(at+"/publish", 422, "when", "later", "date", "2012-08-22", "time", "09:49", "revision", "1"), "That is over.")
	contains(t, n.post(at+"/publish", 422, "when", "later", "date", "2013-03-10", "time", "02:30", "revision", "1"), "there is no such time")
	n.post(at+"/publish", 409, "when", "now", "revision", "7")
	n.post(at+"/publish", 303, "when", "later", "date", "2012-08-23", "time", "08:00", "revision", "1")
	later := n.see(n.mel, at, 200)
	contains(t, later, "to come", "Until then only maintainers see it.", `name="outlets"`)
	lacks(t, later, "What was wrong", `id="mail"`)
	n.post(at, 303, "title", "Hackfest on Friday", "body", "At **eleven**.", "banner", "2012-08-31", "outlets", "mail", "revision", "2")
	contains(t, n.see(n.mel, at, 200), `id="mail"`)
	n.see(person.Actor{}, "/news/hackfest-on-friday", 404)
	lacks(t, n.see(person.Actor{}, "/", 200), "Hackfest on Friday")

	n.now = time.Date(2012, 8, 23, 15, 0, 0, 0, time.UTC) // 8:00 in Los Angeles
	contains(t, n.see(person.Actor{}, "/", 200), "Hackfest on Friday", "At eleven.")
	contains(t, n.see(person.Actor{}, "/news", 200), "1 announcement.", "August 2012")
	first := feed(t, n.Server, "/feeds/news.atom").Entries[0]
	if first.Title != "Hackfest on Friday" || !strings.Contains(first.Content, "<strong>eleven</strong>") || first.Published != "2012-08-23T15:00:00Z" || !first.Updated.Equal(n.now) {
		t.Errorf("entry %+v", first)
	}

	n.now = n.now.Add(time.Hour)
	page := n.post(at, 409, "title", "Mine", "body", "x", "revision", "1")
	contains(t, page, `value="Mine"`)
	n.post(at, 303, "title", "Hackfest on Thursday", "body", "At **eleven**.", "correction", "The day was wrong.", "revision", "3")
	contains(t, n.see(person.Actor{}, "/news/hackfest-on-friday", 200), "Hackfest on Thursday", "Corrected", "The day was wrong.")
	second := feed(t, n.Server, "/feeds/news.atom").Entries[0]
	if second.ID != first.ID || second.Published != first.Published || !second.Updated.Equal(n.now) || !strings.Contains(second.Content, "The day was wrong.") {
		t.Errorf("corrected: %+v, before %+v", second, first)
	}

	n.post(at+"/withdraw", 303)
	n.see(person.Actor{}, "/news/hackfest-on-friday", 404)
	if f := feed(t, n.Server, "/feeds/news.atom"); len(f.Entries) != 0 {
		t.Errorf("withdrawn, and in the feed: %+v", f.Entries)
	}
	n.post(at+"/restore", 303)
	n.post(at+"/restore", 409)
	n.see(person.Actor{}, "/news/hackfest-on-friday", 200)
	if third := feed(t, n.Server, "/feeds/news.atom").Entries[0]; third.ID != first.ID {
		t.Errorf("back again: %+v", third)
	}
}

// The archive is read by tag and month, in pages that leave nothing out.
func TestNewsArchive(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	for i := range newsPage + 5 {
		tags := []string{"even"}
		if i%2 > 0 {
			tags = []string{"odd"}
		}
		_, err := n.Store.AddNews(t.Context(), hackfest.News{
			Title: "News " + itoa(i), Tags: tags, State: hackfest.NewsPublished, PublishedAt: wednesday.AddDate(0, 0, -i/2),
		}, wednesday)
		must(t, err)
	}
	titles := func(path string) int { return strings.Count(n.see(person.Actor{}, path, 200), `<a href="/news/news-`) }
	page := n.see(person.Actor{}, "/news", 200)
	older := html.UnescapeString(between(t, page, `<a class="button" href="`, `"`))
	if a, b := titles("/news"), titles(older); a != newsPage || b != 5 {
		t.Errorf("pages of %d and %d", a, b)
	}
	contains(t, page, "35 announcements.", "even 18", "odd 17", `month=2012-08"><bdi>Aug</bdi>`)
	if got := titles("/news?tag=odd&month=2012-08"); got != 17 {
		t.Errorf("%d odd ones", got)
	}
	n.now = n.now.Add(time.Hour)
	n.post("/manage/announce/news-34", 303, "title", "News 34", "correction", "It was Tuesday.", "revision", "1")
	if f := feed(t, n.Server, "/feeds/news.atom"); len(f.Entries) != feedEntries || f.Entries[0].Title != "News 34" || !strings.Contains(f.Entries[0].Content, "It was Tuesday.") {
		t.Errorf("%d entries; the first is %q, not the oldest of all, which was corrected", len(f.Entries), f.Entries[0].Title)
	}
	contains(t, n.see(person.Actor{}, "/news?month=2012-07", 200), "No news fit.", "<title>News of July 2012")
	n.see(person.Actor{}, "/news?month=x&after=y&tag=%3C", 200)
}

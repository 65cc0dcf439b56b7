package web

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// atomFeed is a feed as a reader's program has it.
type atomFeed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomEntry struct {
	ID        string    `xml:"id"`
	Title     string    `xml:"title"`
	Published string    `xml:"published"`
	Updated   time.Time `xml:"updated"`
	Summary   string    `xml:"summary"`
	Content   string    `xml:"content"`
	Link      struct {
		Href string `xml:"href,attr"`
	} `xml:"link"`
}

// self is the address that the feed gives itself.
func (f atomFeed) self() string {
	for _, l := range f.Links {
		if l.Rel == "self" {
			return l.Href
		}
	}
	return ""
}

// feed asks for a feed and reads it as RFC 4287 has it.
func feed(t *testing.T, s *Server, path string) atomFeed {
	t.Helper()
	w := ask(t, s, request{path: path})
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/atom+xml; charset=utf-8" {
		t.Fatalf("GET %s: %d, %s", path, w.Code, w.Header().Get("Content-Type"))
	}
	var f atomFeed
	must(t, xml.Unmarshal(w.Body.Bytes(), &f))
	updated, err := time.Parse(time.RFC3339, f.Updated)
	must(t, err)
	if f.ID == "" || f.Title == "" || f.Author == "" || f.self() != s.BaseURL+path {
		t.Errorf("%s lacks what it must have: %+v", path, f)
	}
	seen := map[string]bool{}
	for _, e := range f.Entries {
		if seen[e.ID] || !strings.HasPrefix(e.ID, "urn:uuid:") || e.Title == "" || e.Link.Href == "" || e.Updated.After(updated) {
			t.Errorf("entry %+v of %s, which was updated at %s", e, path, updated)
		}
		seen[e.ID] = true
	}
	return f
}

// publish publishes the minutes of a meeting as they are.
func publish(t *testing.T, s *Server, ref hackfest.Ref, summary, note string, at time.Time) {
	t.Helper()
	m, err := s.Store.Minutes(t.Context(), viewerOf(nil), ref)
	must(t, err)
	_, err = s.Store.PublishMinutes(t.Context(), ref, m, summary, note, at)
	must(t, err)
}

// plainHostile is hostile as text that does not turn the direction of what is
// around it.
var plainHostile = strings.ReplaceAll(hostile, "\u202e", "")

func TestMinutesFeed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	if f := feed(t, s, "/feeds/minutes.atom"); len(f.Entries) != 0 || f.Updated != "1970-01-01T00:00:00Z" {
		t.Errorf("without minutes: %+v", f)
	}
	first := meet(t, s, "First", wednesday.AddDate(0, 0, -7))
	if f := feed(t, s, "/feeds/minutes.atom"); len(f.Entries) != 0 {
		t.Errorf("a draft is in the feed: %+v", f)
	}
	second := meet(t, s, hostile, wednesday.AddDate(0, 0, -1))
	publish(t, s, first, "It runs.\n\nTomorrow too.", "", wednesday)
	publish(t, s, second, "", "", wednesday.Add(time.Hour))

	f := feed(t, s, "/feeds/minutes.atom")
	if len(f.Entries) != 2 || f.Entries[0].Title != plainHostile+", 21 August 2012" || f.Entries[1].Title != "First, 15 August 2012" {
		t.Fatalf("entries %+v", f.Entries)
	}
	e := f.Entries[1]
	contains(t, e.Content, "Wednesday 2012-08-15", "It runs.", "Tomorrow too.", "ann to do it", s.BaseURL+"/meetings/"+first.String(), s.BaseURL+"/l/"+first.String())
	if e.Summary != "It runs." || e.Published != "2012-08-22T16:50:00Z" || e.Link.Href != s.BaseURL+"/meetings/"+first.String() {
		t.Errorf("entry %+v", e)
	}
	harmless(t, f.Entries[0].Content)
	contains(t, f.Entries[0].Summary, "1 action", "It took")

	corrected := wednesday.Add(2 * time.Hour)
	publish(t, s, first, "It runs.", "The name was wrong <b>.", corrected)
	again := feed(t, s, "/feeds/minutes.atom")
	c := again.Entries[0]
	if c.ID != e.ID || c.Published != e.Published || !c.Updated.Equal(corrected) || again.ID != f.ID || len(again.Entries) != 2 {
		t.Errorf("corrected: %+v, before %+v", c, e)
	}
	contains(t, c.Content, "Corrections", "The name was wrong &lt;b&gt;.", "2012-08-22 11:50 PDT")
	contains(t, c.Summary, "Corrected: The name was wrong <b>.")

	s.BaseURL = "https://elsewhere.example.org"
	if moved := feed(t, s, "/feeds/minutes.atom"); moved.ID != f.ID || moved.Entries[0].ID != e.ID {
		t.Errorf("ids depend on the address: %+v", moved)
	}
}

// harmless fails t when HTML holds anything but what minutes are made of.
func harmless(t *testing.T, body string) {
	t.Helper()
	allowed := map[string]bool{}
	for tag := range strings.FieldsSeq("a b bdi body br dd dl dt em h1 h2 h3 head html li main ol p section small span strong table tbody td th thead tr ul") {
		allowed[tag] = true
	}
	doc, err := html.Parse(strings.NewReader(body))
	must(t, err)
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if !allowed[n.Data] {
			t.Errorf("element %s in %s", n.Data, body)
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "srcdoc":
				t.Errorf("attribute %s=%q", a.Key, a.Val)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "http://") && !strings.HasPrefix(a.Val, "https://"):
				t.Errorf("link to %q", a.Val)
			}
		}
	}
}

func TestFeedsAnswerWhoHasThemAlready(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	for _, path := range []string{"/feeds/minutes.atom", "/feeds/sessions.atom", "/feeds/series/weekly-hackfest.atom"} {
		first, second := ask(t, s.Server, request{path: path}), ask(t, s.Server, request{path: path})
		if first.Body.String() != second.Body.String() || !strings.Contains(first.Body.String(), "<entry>") {
			t.Errorf("%s is not the same bytes twice, or empty: %s", path, first.Body)
		}
		tag, modified := first.Header().Get("ETag"), first.Header().Get("Last-Modified")
		for header, value := range map[string]string{"If-None-Match": tag, "If-Modified-Since": modified} {
			w := ask(t, s.Server, request{path: path, header: map[string]string{header: value}})
			if w.Code != http.StatusNotModified || w.Body.Len() > 0 || w.Header().Get("ETag") != tag {
				t.Errorf("%s with %s: %d", path, header, w.Code)
			}
		}
		if w := ask(t, s.Server, request{method: http.MethodHead, path: path}); w.Code != http.StatusOK || w.Header().Get("ETag") != tag {
			t.Errorf("HEAD %s: %d", path, w.Code)
		}
		for _, method := range []string{"PROPFIND", "POST", "DELETE"} {
			if w := ask(t, s.Server, request{method: method, path: path}); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d, Allow %q", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
		admin := join(t, s.Server, "Ada"+strings.Map(letters, path), person.Admin)
		if w := ask(t, s.Server, request{path: path, as: admin}); w.Body.String() != first.Body.String() || w.Header().Get("Vary") != "" {
			t.Errorf("%s is not the same for everybody", path)
		}
		feed(t, s.Server, path)
	}
	for _, path := range []string{"/feeds/series/none.atom", "/feeds/series/weekly-hackfest", "/feeds/none.atom"} {
		if w := ask(t, s.Server, request{path: path}); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// letters keeps the letters of a text.
func letters(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}

// What is for members only, and what was removed, is in no feed.
func TestFeedsAreForEverybody(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	g := newGossip(t, s)
	meetings, err := s.Store.MeetingsOfSession(t.Context(), viewerOf(nil), g.session.ID)
	must(t, err)
	publish(t, s, meetings[0].Ref, "They said: okapi to "+hush, "", wednesday.Add(3*time.Hour))
	before := feed(t, s, "/feeds/minutes.atom").Entries[0]
	contains(t, before.Content+before.Summary, hush)

	g.pass(5 * time.Hour)
	_, _, err = s.Store.Redact(t.Context(), hackfest.Redaction{ChannelID: g.session.ChannelID, Lines: []hackfest.Ref{g.secret}, Actor: "Tess", At: s.Now()})
	must(t, err)
	after := feed(t, s, "/feeds/minutes.atom").Entries[0]
	lacks(t, after.Content+after.Summary+after.Title, hush, "555")
	contains(t, after.Content, "removed")
	if after.ID != before.ID || !after.Updated.After(before.Updated) {
		t.Errorf("the entry %+v was %+v", after, before)
	}

	x := hackfest.Session{
		Title: "Behind doors", Kind: hackfest.KindMeeting, StartsAt: wednesday.Add(30 * time.Hour), EndsAt: wednesday.Add(31 * time.Hour),
		Zone: pacific, Network: "freenode", Channel: devel, Visibility: person.MembersOnly,
	}
	id, err := s.Store.AddSession(t.Context(), x, wednesday)
	must(t, err)
	x, err = s.Store.SessionByID(t.Context(), person.Viewer{Role: person.Admin}, id)
	must(t, err)
	k := listen(t, s, x)
	ref := k.opening()
	k.close()
	m, err := s.Store.Minutes(t.Context(), person.Viewer{Role: person.Admin}, ref)
	must(t, err)
	_, err = s.Store.PublishMinutes(t.Context(), ref, m, "Hidden.", "", s.Now())
	must(t, err)
	for _, path := range []string{"/feeds/minutes.atom", "/feeds/sessions.atom"} {
		w := ask(t, s, request{path: path, as: join(t, s, "Ada"+strings.Map(letters, path), person.Admin)})
		lacks(t, w.Body.String(), "Behind doors", "Hidden.")
	}
}

func TestSessionsFeed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	soon := plan(t, s, hostile, wednesday.AddDate(0, 0, 2), nil)
	plan(t, s, "In a month", wednesday.AddDate(0, 1, 0), nil)
	plan(t, s, "Long ago", wednesday.AddDate(0, -1, 0), nil)
	f := feed(t, s, "/feeds/sessions.atom")
	if len(f.Entries) != 1 || f.Entries[0].Title != plainHostile+", Friday 24 August 2012 09:50 PDT" {
		t.Fatalf("entries %+v", f.Entries)
	}
	harmless(t, f.Entries[0].Content)
	contains(t, f.Entries[0].Content, "Friday 24 August 2012, 09:50 to 11:50 PDT", devel+" on freenode", s.BaseURL+"/sessions/"+soon.Slug)

	later := wednesday.Add(time.Hour)
	_, err := s.Store.CancelSession(t.Context(), soon.Slug, "Release <week>.", soon.Revision, 0, later)
	must(t, err)
	s.Now = func() time.Time { return later.Add(time.Minute) }
	c := feed(t, s, "/feeds/sessions.atom").Entries[0]
	if c.ID != f.Entries[0].ID || !strings.HasPrefix(c.Title, "Cancelled: ") || !c.Updated.Equal(later) {
		t.Errorf("cancelled: %+v", c)
	}
	contains(t, c.Content, "Cancelled.", "Release &lt;week&gt;.")
}

// A series that is called otherwise now leads from its old feed to the new one,
// which is the same feed.
func TestFeedOfARenamedSeries(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	const old = "/feeds/series/weekly-hackfest.atom"
	before := feed(t, s.Server, old)
	x, err := s.Store.Series(t.Context(), viewerOf(nil), "weekly-hackfest")
	must(t, err)
	_, err = s.Store.RenameSeries(t.Context(), x.Slug, "hack-night", x.Revision, s.Now())
	must(t, err)
	w := ask(t, s.Server, request{path: old})
	if w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != "/feeds/series/hack-night.atom" {
		t.Fatalf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	after := feed(t, s.Server, w.Header().Get("Location"))
	if after.ID != before.ID || len(after.Entries) == 0 || after.Entries[0].ID != before.Entries[0].ID {
		t.Errorf("the feed %s %q was %s %q", after.ID, after.Title, before.ID, before.Title)
	}
	contains(t, page(t, s.Server, "/series/hack-night"), `<link rel="alternate" type="application/atom+xml" title="Weekly hackfest" href="/feeds/series/hack-night.atom">`)
	contains(t, page(t, s.Server, "/series/hack-night/minutes"), `<a href="/feeds/series/hack-night.atom">Follow by Atom</a>`)
	if w := ask(t, s.Server, request{path: "/series/weekly-hackfest/minutes"}); w.Header().Get("Location") != "/series/hack-night/minutes" {
		t.Errorf("the old page leads to %q", w.Header().Get("Location"))
	}
	if _, err := s.Store.SeriesOf(t.Context(), viewerOf(nil), "none"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a slug that no series had: %v", err)
	}
}

package web

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
)

// element is any element of a document.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e element) all(name string) (list []element) {
	for _, c := range e.Children {
		if c.XMLName.Local == name {
			list = append(list, c)
		}
	}
	return list
}

const atomNS = "http://www.w3.org/2005/Atom"

// atomDate is RFC 3339 as RFC 4287 section 3.3 has it.
var atomDate = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)

// wrongAtom is what RFC 4287 finds wrong with a feed at self.
func wrongAtom(doc element, self string) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if doc.XMLName.Local != "feed" || doc.XMLName.Space != atomNS {
		say("root %v", doc.XMLName)
	}
	wrong = append(wrong, wrongEntry(doc, true)...) // 4.1.1 asks of a feed what 4.1.2 asks of an entry
	selfs := 0
	for _, l := range doc.all("link") {
		if l.attr("rel") == "self" {
			selfs++
			if l.attr("href") != self {
				say("self is %s", l.attr("href"))
			}
		}
	}
	if selfs != 1 {
		say("%d links to itself", selfs)
	}
	ids := map[string]bool{}
	newest := ""
	for _, e := range doc.all("entry") {
		wrong = append(wrong, wrongEntry(e, false)...)
		if id := e.all("id"); len(id) == 1 {
			if ids[id[0].Text] {
				say("two entries are %s", id[0].Text)
			}
			ids[id[0].Text] = true
		}
		if u := e.all("updated"); len(u) == 1 {
			newest = max(newest, u[0].Text)
		}
	}
	if u := doc.all("updated"); len(u) == 1 && newest != "" {
		at, _ := time.Parse(time.RFC3339, u[0].Text)
		last, _ := time.Parse(time.RFC3339, newest)
		if at.Before(last) {
			say("updated at %s, an entry at %s", at, last)
		}
	}
	return wrong
}

// wrongEntry is what sections 4.1.1 and 4.1.2 find wrong with a feed or entry.
func wrongEntry(e element, isFeed bool) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, name := range []string{"id", "title", "updated"} {
		if n := len(e.all(name)); n != 1 {
			say("%d × %s", n, name)
		}
	}
	for _, name := range []string{"published", "summary", "content"} {
		if n := len(e.all(name)); n > 1 {
			say("%d × %s", n, name)
		}
	}
	for _, id := range e.all("id") {
		if u, err := url.Parse(id.Text); err != nil || !u.IsAbs() || strings.TrimSpace(id.Text) != id.Text {
			say("id %q", id.Text)
		}
	}
	for _, date := range append(e.all("updated"), e.all("published")...) {
		if _, err := time.Parse(time.RFC3339, date.Text); err != nil || !atomDate.MatchString(date.Text) {
			say("date %q", date.Text)
		}
	}
	known := []string{"author", "category", "content", "contributor", "id", "link", "published", "rights", "source", "summary", "title", "updated"}
	if isFeed {
		known = []string{"author", "category", "contributor", "generator", "icon", "id", "link", "logo", "rights", "subtitle", "title", "updated", "entry"}
		if len(e.all("author")) == 0 {
			say("a feed without an author")
		}
	}
	for _, c := range e.Children {
		if c.XMLName.Space != atomNS || !slices.Contains(known, c.XMLName.Local) {
			say("element %v", c.XMLName)
		}
		if t := c.attr("type"); t != "" && c.XMLName.Local != "link" && t != "text" && t != "html" {
			say("%s of type %s", c.XMLName.Local, t)
		}
	}
	for _, a := range e.all("author") {
		if names := a.all("name"); len(names) != 1 || names[0].Text == "" {
			say("an author without a name")
		}
	}
	alternates := map[string]bool{}
	for _, l := range e.all("link") {
		if u, err := url.Parse(l.attr("href")); err != nil || !u.IsAbs() {
			say("link to %q", l.attr("href"))
		}
		if l.attr("rel") == "alternate" {
			key := l.attr("type") + " " + l.attr("hreflang")
			if alternates[key] {
				say("two alternates of %s", key)
			}
			alternates[key] = true
		}
	}
	if !isFeed && len(alternates) == 0 && len(e.all("content")) == 0 {
		say("an entry without content and without an alternate")
	}
	return wrong
}

// A60, of all feeds there are: each is valid, knows its own address, keeps its ids
// when the portal gets another address, and is not sent again to who has it.
func TestA60AtomFeeds(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	feeds := 0
	must(t, chi.Walk(router(t, s.Server), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if method != http.MethodGet || !strings.HasSuffix(route, ".atom") {
			return nil
		}
		for _, p := range examplesOf(t, route) {
			feeds++
			judgeFeed(t, s, s.path(p))
		}
		return nil
	}))
	if feeds < 4 {
		t.Errorf("%d feeds", feeds)
	}
}

func judgeFeed(t *testing.T, s sample, path string) {
	t.Helper()
	read := func() (element, http.Header, []string) {
		w := ask(t, s.Server, request{path: path})
		if ct := w.Header().Get("Content-Type"); w.Code != http.StatusOK || ct != "application/atom+xml; charset=utf-8" {
			t.Fatalf("%s: %d %s", path, w.Code, ct)
		}
		var doc element
		must(t, xml.Unmarshal(w.Body.Bytes(), &doc))
		var ids []string
		for _, e := range append([]element{doc}, doc.all("entry")...) {
			ids = append(ids, e.all("id")[0].Text)
		}
		return doc, w.Header(), ids
	}
	doc, h, ids := read()
	for _, wrong := range wrongAtom(doc, s.BaseURL+path) {
		t.Errorf("%s: %s", path, wrong)
	}
	if len(ids) < 2 {
		t.Errorf("%s has no entries in the sample", path)
	}
	for name, value := range map[string]string{"If-None-Match": h.Get("ETag"), "If-Modified-Since": h.Get("Last-Modified")} {
		w := ask(t, s.Server, request{path: path, header: map[string]string{name: value}})
		if value == "" || w.Code != http.StatusNotModified || w.Body.Len() > 0 {
			t.Errorf("%s, %s %q: %d with %d bytes", path, name, value, w.Code, w.Body.Len())
		}
	}
	old := s.BaseURL
	s.BaseURL = "https://elsewhere.example.org"
	if _, _, moved := read(); !slices.Equal(moved, ids) {
		t.Errorf("%s: at another address the ids are %v, were %v", path, moved, ids)
	}
	s.BaseURL = old
}

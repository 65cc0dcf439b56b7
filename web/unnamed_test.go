package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
)

// A46: who opted out of attendance, with an account on the portal or with nothing
// but a nick, is named on no page of people, in no picture, in no minutes in any
// form and not in the API, as one who was there; and the counts stay.
func TestA46OptedOutOfAttendance(t *testing.T) {
	t.Parallel()
	s, dsn := newServerAt(t)
	introduce(t, dsn, "Otto", "freenode", "okapi")
	weekly(t, s, time.Date(2012, 8, 22, 12, 0, 0, 0, time.UTC), nil)
	var last, meetings string
	for _, slug := range []string{"2012-08-22-weekly-hackfest", "2012-08-29-weekly-hackfest", "2012-09-05-weekly-hackfest", "2012-09-12-weekly-hackfest"} {
		x, err := s.Store.Session(t.Context(), viewerOf(nil), slug)
		must(t, err)
		k := listen(t, s, x)
		k.say("tessv", "#startmeeting Weekly")
		for _, nick := range []string{"okapi", "Snowgum", "tessv"} {
			k.say(nick, "hello")
		}
		k.say("tessv", "#endmeeting")
		held, err := s.Store.MeetingsOfSession(t.Context(), viewerOf(nil), x.ID)
		must(t, err)
		last, meetings = "/sessions/"+slug, "/meetings/"+held[0].Ref.String()
		s.Now = func() time.Time { return x.EndsAt.Add(time.Hour) }
	}
	ref := strings.TrimPrefix(meetings, "/meetings/")
	named := []string{meetings + ".json", meetings + ".txt", meetings + ".md", meetings + ".html", "/api/v1/meetings/" + ref, last, last + "/minutes.txt"}
	pages := append([]string{"/people", "/series/weekly-hackfest", "/series/weekly-hackfest/minutes", "/minutes", "/api/v1/meetings", "/feeds/minutes.atom", "/"}, named...)
	count := func(path string) string { // what stands in the table of who came, and how many a page counts
		body := ask(t, s, request{path: path}).Body.String()
		if path == "/series/weekly-hackfest" {
			return between(t, body, "<table>", "</table>")
		}
		return between(t, body, `"people":`, ",")
	}
	counted := map[string]string{}
	for _, path := range []string{"/series/weekly-hackfest", "/api/v1/meetings"} {
		counted[path] = count(path)
	}
	for _, path := range named {
		contains(t, page(t, s, path), "okapi", "Snowgum")
	}
	contains(t, page(t, s, "/people"), "okapi")

	otto, err := s.Store.Account(t.Context(), "Otto")
	must(t, err)
	mine := person.Actor{Viewer: person.Viewer{ID: otto.ID, Role: otto.Role}, Name: otto.Name}
	settings := ask(t, s, request{path: "/settings", as: mine}).Body.String()
	w := ask(t, s, request{method: http.MethodPost, path: "/settings/listing", as: mine, form: url.Values{
		"listed": {"on"}, "unnamed": {"on"}, "revision": {hiddenValue(t, settings, "/settings/listing", "revision")},
	}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("opting out: %d %s", w.Code, w.Body)
	}
	must(t, s.Store.Unname(t.Context(), "freenode", "snowgum", "", true, s.Now()))

	for _, path := range pages {
		body := page(t, s, path)
		for _, nick := range []string{"okapi", "Snowgum", "snowgum", "Otto"} {
			if strings.Contains(body, nick) {
				t.Errorf("%s names %s", path, nick)
			}
		}
	}
	for path, want := range counted {
		if got := count(path); got != want {
			t.Errorf("%s counts\n%s\nand before\n%s", path, got, want)
		}
	}
	for _, path := range []string{"/people/okapi", "/people/Otto", "/people/snowgum"} {
		if w := ask(t, s, request{path: path}); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := ask(t, s, request{path: "/people/Otto", as: person.Actor{Viewer: person.Viewer{ID: 1, Role: person.Maintainer}}}); w.Code != http.StatusNotFound {
		t.Errorf("a maintainer finds the page: %d", w.Code)
	}
}

package web

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// The tests named TestA1, TestA2 and so on are the acceptance statements of those
// numbers, tried by the requests that a browser sends. They hold whatever the
// machine's own zone is, and are run with TZ=Asia/Tokyo once more: A13.

// planner is a portal with two channels on which things are planned.
type planner struct {
	*Server
	t   *testing.T
	at  time.Time // now
	mia person.Actor
}

// newPlanner is a portal at the given time (RFC 3339).
func newPlanner(t *testing.T, now string) *planner {
	t.Helper()
	s := newServer(t)
	must(t, s.Store.OpenChannels(t.Context(), "freenode", []string{"#other"}, irctext.RFC1459, wednesday))
	p := &planner{Server: s, t: t}
	s.Now = func() time.Time { return p.at }
	p.clock(now)
	p.mia = join(t, s, "Mia", person.Maintainer)
	return p
}

// clock sets the time.
func (p *planner) clock(now string) {
	p.t.Helper()
	at, err := time.Parse(time.RFC3339, now)
	must(p.t, err)
	p.at = at
}

// zoneOf is the cookie of a reader who chose a zone.
func zoneOf(zone string) map[string]string {
	if zone == "" {
		return nil
	}
	return map[string]string{"Cookie": "hackfest_prefs=" + url.Values{"zone": {zone}, "clock": {"24"}}.Encode()}
}

// see is a page as a reader in a zone sees it; "" is one who chose none.
func (p *planner) see(path, zone string) string {
	p.t.Helper()
	w := ask(p.t, p.Server, request{path: path, header: zoneOf(zone)})
	if w.Code != http.StatusOK {
		p.t.Fatalf("GET %s: %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// plainText is what a page says, without its marks.
func plainText(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		body = body[i:strings.Index(body, "</main>")]
	}
	body = regexp.MustCompile(`(?s)<script.*?</script>`).ReplaceAllString(body, " ")
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " ")
	text = strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(text)
	return strings.NewReplacer(" .", ".", " ,", ",").Replace(strings.Join(strings.Fields(text), " "))
}

// says fails when a page does not say something.
func says(t *testing.T, body string, want ...string) {
	t.Helper()
	text := plainText(body)
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// saysNot fails when it does.
func saysNot(t *testing.T, body string, unwanted ...string) {
	t.Helper()
	text := plainText(body)
	for _, w := range unwanted {
		if strings.Contains(text, w) {
			t.Errorf("the page says %q", w)
		}
	}
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(once|revision)" value="([^"]*)"`)

// unseen are the fields of the planning form of a page that nobody sees.
func unseen(body string) url.Values {
	v := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(body, -1) {
		v.Set(m[1], m[2])
	}
	return v
}

// fill opens a form as somebody and fills it in.
func (p *planner) fill(as person.Actor, path string, fields url.Values) url.Values {
	p.t.Helper()
	w := ask(p.t, p.Server, request{path: path, as: as})
	if w.Code != http.StatusOK {
		p.t.Fatalf("GET %s: %d\n%s", path, w.Code, w.Body)
	}
	v := unseen(w.Body.String())
	maps.Copy(v, fields)
	return v
}

// send sends a form.
func (p *planner) send(as person.Actor, path string, form url.Values) *httptest.ResponseRecorder {
	p.t.Helper()
	return ask(p.t, p.Server, request{method: http.MethodPost, path: path, form: form, as: as})
}

// preview fills a form in and returns what it would do.
func (p *planner) preview(path string, fields url.Values) (string, url.Values) {
	p.t.Helper()
	form := p.fill(p.mia, path, fields)
	w := p.send(p.mia, path, form)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Before that is saved") {
		p.t.Fatalf("POST %s: %d\n%s", path, w.Code, plainText(w.Body.String()))
	}
	return w.Body.String(), form
}

// confirm sends a form that was previewed and returns where it leads.
func (p *planner) confirm(path string, form url.Values) string {
	p.t.Helper()
	form = maps.Clone(form)
	form.Set("confirmed", "on")
	w := p.send(p.mia, path, form)
	if w.Code != http.StatusSeeOther {
		p.t.Fatalf("POST %s, confirmed: %d\n%s", path, w.Code, plainText(w.Body.String()))
	}
	to, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	return to
}

// do fills a form in, looks at what it would do and confirms it.
func (p *planner) do(path string, fields url.Values) (preview, to string) {
	p.t.Helper()
	preview, form := p.preview(path, fields)
	return preview, p.confirm(path, form)
}

// series are the fields of a series: W, with what is given instead.
func series(other url.Values) url.Values {
	v := url.Values{
		"title": {"W"}, "kind": {"hackfest"}, "channel": {"freenode/eucalyptus-devel"}, "visibility": {"public"}, "repeat": {"weeks"},
		"every": {"1"}, "days": {"WE"}, "from": {"2026-10-21"}, "time": {"12:00"}, "zone": {pacific}, "length": {"150"},
	}
	maps.Copy(v, other)
	return v
}

// w makes the series W with its first date on or after from.
func (p *planner) w(from string) {
	p.t.Helper()
	if _, to := p.do("/series/new", series(url.Values{"from": {from}})); to != "/series/w" {
		p.t.Fatalf("the series is at %s", to)
	}
}

// starts are the starts of the sessions of a series, as the API tells them.
func (p *planner) starts(slug, from, to string) []string {
	p.t.Helper()
	w := ask(p.t, p.Server, request{path: "/api/v1/sessions?limit=200&series=" + slug + "&from=" + from + "&to=" + to})
	var got struct {
		Items []apiSession
	}
	must(p.t, json.Unmarshal(w.Body.Bytes(), &got))
	var list []string
	for _, x := range got.Items {
		if x.Status != "cancelled" {
			list = append(list, strings.TrimSuffix(x.StartsAt, ":00Z")+"Z")
		}
	}
	return list
}

// are compares lists.
func are(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// api is a session as the API tells it.
func (p *planner) api(slug string) apiSession {
	p.t.Helper()
	w := ask(p.t, p.Server, request{path: "/api/v1/sessions/" + slug})
	var x apiSession
	if w.Code != http.StatusOK {
		p.t.Fatalf("%s: %d", slug, w.Code)
	}
	must(p.t, json.Unmarshal(w.Body.Bytes(), &x))
	return x
}

// uid is the UID of a session and of the date in its rule.
func (p *planner) uid(slug string) string {
	p.t.Helper()
	x, err := p.Store.Session(p.t.Context(), p.mia.Viewer, slug)
	must(p.t, err)
	return x.UID + "/" + x.Occurrence.Format("20060102T150405")
}

// audited are the actions in the audit log about an object, newest first.
func (p *planner) audited(object string) []string {
	p.t.Helper()
	list, err := p.Store.AuditEntries(p.t.Context(), store.AuditFilter{Limit: 100})
	must(p.t, err)
	var actions []string
	for _, e := range list {
		if e.Object == object {
			actions = append(actions, e.Action)
		}
	}
	return actions
}

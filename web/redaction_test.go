package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

const hush = "call ann under 555-0101"

// gossip is a portal on which a meeting was held with words that have to go.
type gossip struct {
	*talk
	session    hackfest.Session
	secret     hackfest.Ref // the line that noted an action with them
	repeated   hackfest.Ref // the bot's
	outside    hackfest.Ref // a line after the meeting
	chair      person.Actor
	maintainer person.Actor
}

func newGossip(t *testing.T, s *Server) gossip {
	t.Helper()
	x := plan(t, s, "AppScale", wednesday.Add(time.Hour), nil)
	g := gossip{talk: listen(t, s, x), session: x, chair: join(t, s, "Tess", person.Member), maintainer: join(t, s, "Mia", person.Maintainer)}
	must(t, s.Store.AddSessionChair(t.Context(), g.chair.ID, x.Slug, wednesday))
	g.say("tessv", "#startmeeting")
	g.say("tessv", "#topic Who knows?")
	g.secret = g.say("okapi", "#action okapi to "+hush)
	g.repeated = g.lines(hackfest.Line{Nick: "hackbot", Text: "Noted: okapi to " + hush, Self: true})[0]
	g.say("kestrel", "that was a number, take it out")
	g.say("tessv", "#endmeeting")
	g.outside = g.say("kestrel", "thank you")
	return g
}

// handIn sends a form of a page.
func handIn(t *testing.T, s *Server, a person.Actor, path string, form url.Values) (code int, to, body string) {
	t.Helper()
	w := ask(t, s, request{method: http.MethodPost, path: path, form: form, as: a})
	return w.Code, w.Header().Get("Location"), w.Body.String()
}

// followed is the page that a form led to.
func followed(t *testing.T, s *Server, a person.Actor, to string) string {
	t.Helper()
	path, _, _ := strings.Cut(to, "#")
	return ask(t, s, request{path: path, as: a}).Body.String()
}

// everywhere are the addresses at which the words were to be read.
func (g gossip) everywhere() []string {
	log := "/logs/freenode/eucalyptus-devel/2012-08-22"
	base := "/sessions/" + g.session.Slug
	list := []string{
		base, base + "/log", base + "/log?only=marks", base + "/log.txt", base + "/minutes.json", base + "/minutes.txt", base + "/minutes.md", log,
		"/api/v1/channels/freenode/eucalyptus-devel/lines", "/", "/minutes",
	}
	meetings, err := g.s.Store.Meetings(g.t.Context(), viewerOf(nil), store.MeetingFilter{})
	must(g.t, err)
	for _, m := range meetings {
		list = append(list, "/meetings/"+m.Ref.String()+".html", "/api/v1/meetings/"+m.Ref.String())
	}
	return list
}

// readable are those of everywhere at which the words are to be read.
func (g gossip) readable() (found []string) {
	for _, path := range g.everywhere() {
		w := ask(g.t, g.s, request{path: path})
		if w.Code != http.StatusOK {
			g.t.Errorf("%s: %d", path, w.Code)
		}
		if strings.Contains(w.Body.String(), "555-0101") {
			found = append(found, path)
		}
	}
	return found
}

// A65, by the hands of a chair and without script: the words are in no page, API
// or minutes, a mark remains, and they come back within ten minutes.
func TestChairRemovesALine(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	g := newGossip(t, s)
	if len(g.readable()) < 9 {
		t.Fatalf("the words are to be read at %q only", g.readable())
	}
	base := "/sessions/" + g.session.Slug
	w := ask(t, s, request{path: base + "/log?redact=1", as: g.chair})
	contains(t, w.Body.String(), `name="line" value="`+g.secret.String()+`"`, "Remove, by okapi: #action okapi to call", `action="`+base+`/redact"`)
	lacks(t, w.Body.String(), `value="`+g.outside.String()+`"`) // said after the meeting

	form := url.Values{"line": {g.secret.String()}}
	code, _, body := handIn(t, s, g.chair, base+"/redact", form)
	if code != http.StatusOK {
		t.Fatalf("asked, the page is %d", code)
	}
	contains(t, body, "Remove 1 line", "okapi to "+hush, "And what the bot repeated", "Noted: okapi to "+hush, "action", "Stored minutes that quote it", "Keep in the log what", "ten minutes")
	if len(g.readable()) < 9 {
		t.Error("asking has changed something")
	}
	form.Set("sure", "yes")
	form.Set("once", newKey().String())
	form.Set("reason", strings.Repeat("x", maxReason+1))
	code, _, body = handIn(t, s, g.chair, base+"/redact", form)
	if code != http.StatusUnprocessableEntity {
		t.Errorf("too long a reason: %d", code)
	}
	contains(t, body, "At most 200 characters.", "xxxx", g.secret.String())

	form.Set("reason", "a telephone number")
	_, to, _ := handIn(t, s, g.chair, base+"/redact", form)
	if !strings.HasPrefix(to, base+"/log?did=") || !strings.HasSuffix(to, "#l-"+g.secret.String()) {
		t.Fatalf("it leads to %q", to)
	}
	if found := g.readable(); len(found) > 0 {
		t.Errorf("the words are still to be read at %q", found)
	}
	page := followed(t, s, g.chair, to)
	contains(t, page, "Removed: 1 line, 1 entry of minutes, 1 line of the bot.", "removed by Tess, 22 Aug 2012", `class="gone"`, "Undo")
	text := ask(t, s, request{path: base + "/log.txt"}).Body.String()
	contains(t, text, "<okapi> [removed by Tess, 22 Aug 2012]")
	api := ask(t, s, request{path: "/api/v1/channels/freenode/eucalyptus-devel/lines"}).Body.String()
	contains(t, api, `"redacted": true`)
	mins := ask(t, s, request{path: base + "/minutes.json"}).Body.String()
	contains(t, mins, `"text": "removed by Tess, 22 Aug 2012"`, `"redacted": true`)
	if w := ask(t, s, request{path: "/l/" + g.secret.String()}); w.Code != http.StatusFound || !strings.HasSuffix(w.Header().Get("Location"), g.secret.String()) {
		t.Errorf("the line's own address: %d %s", w.Code, w.Header().Get("Location"))
	}
	if _, again, _ := handIn(t, s, g.chair, base+"/redact", form); !strings.HasPrefix(again, base+"/log") {
		t.Errorf("sent twice, it leads to %q", again)
	}
	g.undo(page)
}

// undo takes back what page, the chair's, offers to.
func (g gossip) undo(page string) {
	g.t.Helper()
	_, path, _ := strings.Cut(page, `action="/redactions/`)
	path, _, found := strings.Cut(path, `"`)
	if !found {
		g.t.Fatal("nothing can be taken back")
	}
	path = "/redactions/" + path
	other := join(g.t, g.s, "Otto", person.Member)
	if code, _, _ := handIn(g.t, g.s, other, path, url.Values{}); code != http.StatusForbidden {
		g.t.Errorf("somebody else may take it back: %d", code)
	}
	once := url.Values{"once": {newKey().String()}}
	for range 2 { // sent twice
		code, to, _ := handIn(g.t, g.s, g.chair, path, once)
		if code != http.StatusSeeOther || !strings.Contains(to, "#l-"+g.secret.String()) {
			g.t.Errorf("taken back it leads to %d %q", code, to)
		}
	}
	if found := g.readable(); len(found) < 9 {
		g.t.Errorf("taken back, it is to be read at %q only", found)
	}
}

func TestUndoEndsAfterTenMinutes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	g := newGossip(t, s)
	path := "/sessions/" + g.session.Slug + "/redact"
	_, to, _ := handIn(t, s, g.maintainer, path, url.Values{"line": {g.secret.String()}, "sure": {"yes"}, "once": {newKey().String()}})
	g.pass(hackfest.UndoTime)
	lacks(t, followed(t, s, g.maintainer, to), "Undo")
	if code, _, body := handIn(t, s, g.maintainer, "/redactions/1/undo", url.Values{}); code != http.StatusConflict {
		t.Errorf("taken back after ten minutes: %d %s", code, body)
	}
}

// A62: a chair removes lines of their session and no others; a try by address is
// refused and kept.
func TestChairsRemoveInTheirMeetingsOnly(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	g := newGossip(t, s)
	other := plan(t, s, "Storage", wednesday.Add(30*time.Hour), nil)
	base, log := "/sessions/"+g.session.Slug, "/logs/freenode/eucalyptus-devel"
	member := join(t, s, "Mel", person.Member)
	yes := func(ref hackfest.Ref) url.Values { return url.Values{"line": {ref.String()}, "sure": {"yes"}} }
	refused := 0
	for name, c := range map[string]struct {
		who  person.Actor
		path string
		form url.Values
		want int
	}{
		"a member":                           {member, base + "/redact", yes(g.secret), http.StatusForbidden},
		"the public":                         {person.Actor{}, base + "/redact", yes(g.secret), http.StatusUnauthorized},
		"a chair, by another session":        {g.chair, "/sessions/" + other.Slug + "/redact", yes(g.secret), http.StatusForbidden},
		"a chair, by the channel":            {g.chair, log + "/redact", yes(g.secret), http.StatusForbidden},
		"a chair, a line after the meeting":  {g.chair, base + "/redact", yes(g.outside), http.StatusForbidden},
		"a chair, a line that is not there":  {g.chair, base + "/redact", url.Values{"line": {"01hzzzzzzzzzzzzzzzzzzzzzzz"}, "sure": {"yes"}}, http.StatusNotFound},
		"a chair, what is no line":           {g.chair, base + "/redact", url.Values{"line": {"x"}, "sure": {"yes"}}, http.StatusNotFound},
		"a chair, no line":                   {g.chair, base + "/redact", url.Values{"sure": {"yes"}}, http.StatusSeeOther},
		"a maintainer, in a wrong channel":   {g.maintainer, "/logs/freenode/none/redact", yes(g.secret), http.StatusNotFound},
		"a maintainer, more than a hundred":  {g.maintainer, log + "/redact", url.Values{"line": strings.Split(strings.Repeat(g.secret.String()+" ", 101)[:101*27-1], " "), "sure": {"yes"}}, http.StatusSeeOther},
		"a maintainer, without being sure":   {g.maintainer, log + "/redact", url.Values{"line": {g.secret.String()}}, http.StatusOK},
		"a maintainer, the redaction undone": {g.maintainer, "/redactions/77/undo", url.Values{}, http.StatusNotFound},
		"a maintainer, an id of letters":     {g.maintainer, "/redactions/x/undo", url.Values{}, http.StatusNotFound},
	} {
		if code, _, _ := handIn(t, s, c.who, c.path, c.form); code != c.want {
			t.Errorf("%s: %d, want %d", name, code, c.want)
		}
		if c.want == http.StatusForbidden {
			refused++
		}
	}
	if len(g.readable()) < 9 {
		t.Error("something was removed")
	}
	kept, err := s.Store.AuditEntries(t.Context(), store.AuditFilter{Action: string(person.Redact), Limit: 100})
	must(t, err)
	if len(kept) != refused {
		t.Errorf("%d refusals are kept, want %d: %+v", len(kept), refused, kept)
	}
	for _, c := range []struct {
		who  person.Actor
		path string
		want int
	}{
		{member, base + "/log?redact=1", http.StatusForbidden},
		{person.Actor{}, base + "/log?redact=1", http.StatusSeeOther},
		{g.chair, log + "/2012-08-22?redact=1", http.StatusForbidden},
		{g.maintainer, log + "/2012-08-22?redact=1", http.StatusOK},
		{g.maintainer, base + "/log?redact=1", http.StatusOK},
	} {
		if w := ask(t, s, request{path: c.path, as: c.who}); w.Code != c.want {
			t.Errorf("%s gets %d of %s, want %d", c.who.Name, w.Code, c.path, c.want)
		}
	}
	lacks(t, ask(t, s, request{path: base + "/log", as: member}).Body.String(), "remove lines")
	contains(t, ask(t, s, request{path: base + "/log", as: g.chair}).Body.String(), "remove lines")
}

func TestOnlyTheEntryIsRemoved(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	g := newGossip(t, s)
	base := "/sessions/" + g.session.Slug
	_, to, _ := handIn(t, s, g.chair, base+"/redact", url.Values{"line": {g.secret.String()}, "keep": {g.secret.String()}, "sure": {"yes"}})
	contains(t, followed(t, s, g.chair, to), "Removed: 1 entry of minutes.", "okapi to "+hush)
	lacks(t, ask(t, s, request{path: base + "/minutes.txt"}).Body.String(), "555-0101")
	contains(t, ask(t, s, request{path: base + "/minutes.txt"}).Body.String(), "removed by Tess")
}

// A64 for what these pages show.
func TestRemovedByIsText(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	g := newGossip(t, s)
	evil := join(t, s, `<script>alert(1)</script>`, person.Maintainer)
	base := "/sessions/" + g.session.Slug
	hostile := g.say("<b>", `#action <img src=x onerror=alert(2)> javascript:alert(3)`)
	code, _, body := handIn(t, s, evil, "/logs/freenode/eucalyptus-devel/redact", url.Values{"line": {hostile.String()}})
	if code != http.StatusOK {
		t.Fatal(code)
	}
	lacks(t, body, "<img", "<script>alert", `href="javascript`)
	_, _, _ = handIn(t, s, evil, base+"/redact", url.Values{"line": {g.secret.String()}, "sure": {"yes"}})
	for _, p := range []string{base, base + "/log", base + "/minutes.txt"} {
		w := ask(t, s, request{path: p})
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			lacks(t, w.Body.String(), "<script>alert")
		}
		contains(t, strings.ReplaceAll(w.Body.String(), "&lt;", "<"), "removed by <script")
	}
}

// Open pages of a running meeting get the mark in place of the words, and the
// words again when they are put back; lines that come afterwards come once.
func TestOpenPagesFollowARemoval(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	x := plan(t, s.Server, "AppScale", wednesday, nil)
	k := listen(t, s.Server, x)
	mia := join(t, s.Server, "Mia", person.Maintainer)
	k.say("tessv", "#startmeeting")
	ref := k.say("okapi", "#action okapi to "+hush)
	f := follow(t, s.streamURL(t, x), "")
	has := func(what string, want ...string) sent {
		t.Helper()
		for {
			e := f.next("rows")
			if strings.Contains(e.data, `id="l-`+ref.String()+`"`) {
				for _, w := range want {
					if !strings.Contains(e.data, w) {
						t.Errorf("%s, the page is sent %q, which lacks %q", what, e.data, w)
					}
				}
				return e
			}
		}
	}
	_, undo, _ := handIn(t, s.Server, mia, "/logs/freenode/eucalyptus-devel/redact", url.Values{"line": {ref.String()}, "sure": {"yes"}})
	gone := has("removed", "removed by Mia, 22 Aug 2012", `<li id="i-`+ref.String()+`.1"`)
	if strings.Contains(gone.data, "555-0101") {
		t.Errorf("the page is sent the words: %q", gone.data)
	}
	if undo == "" {
		t.Fatal("nothing was removed")
	}
	handIn(t, s.Server, mia, "/redactions/1/undo", url.Values{})
	has("put back", hush)
	after := k.say("kestrel", "and on")
	if e := f.next("rows"); strings.Count(e.data, after.String()) == 0 || strings.Contains(e.data, ref.String()) {
		t.Errorf("afterwards the page is sent %q", e.data)
	}
}

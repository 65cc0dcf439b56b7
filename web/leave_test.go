package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// held is a portal with a meeting that is over and published, in which okapi
// spoke, and the person who has proven to be okapi.
func held(t *testing.T) (*Server, person.Actor, hackfest.Session, hackfest.Ref) {
	t.Helper()
	s, db := newServerAt(t)
	introduce(t, db, "Otto", "freenode", "okapi")
	x := plan(t, s, "AppScale", wednesday, nil)
	k := listen(t, s, x)
	ref := k.opening()
	k.say("kestrel", "thanks okapi, and what does Okapi's router say?")
	k.close()
	m, err := s.Store.Minutes(t.Context(), person.PublicViewer, ref)
	must(t, err)
	_, err = s.Store.PublishMinutes(t.Context(), ref, m, "With okapi.", "", k.clock())
	must(t, err)
	a, err := s.Store.Account(t.Context(), "Otto")
	must(t, err)
	return s, person.Actor{Viewer: person.Viewer{ID: a.ID, Role: a.Role}, Name: a.Name}, x, ref
}

// everywhere are the pages and renderings in which a session and its people are.
func everywhere(x hackfest.Session, ref hackfest.Ref) []string {
	return []string{
		"/", "/people", "/minutes", "/sessions/" + x.Slug, "/sessions/" + x.Slug + "/log", "/sessions/" + x.Slug + "/log.txt",
		"/sessions/" + x.Slug + "/minutes.txt", "/sessions/" + x.Slug + "/minutes.md", "/meetings/" + ref.String() + ".json", "/meetings/" + ref.String() + ".html",
		"/logs/freenode/eucalyptus-devel/2012-08-22", "/api/v1/meetings", "/api/v1/meetings/" + ref.String(), "/api/v1/channels/freenode/eucalyptus-devel/lines?limit=200",
	}
}

func TestLeaveForm(t *testing.T) {
	t.Parallel()
	s, otto, x, ref := held(t)
	mine := signedIn(t, s, otto.ID)
	sent := token(t, s, otto, person.ScopeRead)
	w := ask(t, s, request{path: "/settings/leave", header: mine})
	pseudo := pseudonymIn(t, w.Body.String())
	contains(t, w.Body.String(), "lines and your part in 1 meeting stay", "okapi", "It is Otto.", "Replace my names by "+pseudo)

	for _, typed := range []string{"", "otto", "yes"} {
		w := post(t, s, "/settings/leave", url.Values{"typed": {typed}, "everywhere": {"on"}, "pseudonym": {pseudo}}, mine)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "That is not your name.") {
			t.Errorf("%q typed: %d", typed, w.Code)
		}
		contains(t, w.Body.String(), pseudo, `name="everywhere" value="on" checked`)
	}
	w = post(t, s, "/settings/leave", url.Values{"typed": {"Otto"}, "everywhere": {"on"}, "pseudonym": {pseudo}}, mine)
	if w.Code != http.StatusOK || cookieOf(s, w) == nil || cookieOf(s, w).MaxAge >= 0 {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	contains(t, w.Body.String(), "You have left", pseudo)
	lacks(t, w.Body.String(), "Otto", `href="/settings"`)
	if nameOn(t, s, mine) != "" || ask(t, s, request{path: "/api/v1/sessions", header: sent}).Code != http.StatusUnauthorized {
		t.Error("signed in still, or the token works")
	}
	for _, p := range everywhere(x, ref) {
		if body := ask(t, s, request{path: p}).Body.String(); regexp.MustCompile(`(?i)\b(okapi|otto)\b`).MatchString(body) {
			t.Errorf("%s names who left", p)
		}
	}
	contains(t, page(t, s, "/meetings/"+ref.String()+".json"), pseudo)
	contains(t, page(t, s, "/sessions/"+x.Slug+"/log"), "thanks "+pseudo+", and what does "+pseudo)
	if w := post(t, s, "/settings/leave", url.Values{"typed": {"Otto"}}, mine); w.Code != http.StatusUnauthorized {
		t.Errorf("leaving again: %d", w.Code)
	}
}

func pseudonymIn(t *testing.T, body string) string {
	t.Helper()
	p := regexp.MustCompile(`left/[a-z2-7]{8}`).FindString(body)
	if p == "" {
		t.Fatal("no pseudonym is offered")
	}
	return p
}

// A pseudonym of somebody's own making is not taken, and the last admin stays.
func TestLeaveFormRefuses(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	root := join(t, s, "root", person.Admin)
	mine := signedIn(t, s, root.ID)
	w := post(t, s, "/settings/leave", url.Values{"typed": {"root"}, "pseudonym": {"her own making"}}, mine)
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "No admin would be left.") {
		t.Errorf("%d", w.Code)
	}
	lacks(t, w.Body.String(), "her own making")
	if nameOn(t, s, mine) != "root" {
		t.Error("signed out although they stay")
	}
}

func TestExportHoldsWhatIsKnown(t *testing.T) {
	t.Parallel()
	s, otto, x, _ := held(t)
	mine := signedIn(t, s, otto.ID)
	sent := token(t, s, otto, person.ScopeRead)
	join(t, s, "bob", person.Member)
	w := ask(t, s, request{path: "/settings/export", header: mine})
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment; ") || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	var e struct {
		exported
		Lines []exportedLine
	}
	must(t, json.Unmarshal(w.Body.Bytes(), &e))
	if e.Schema != exportSchema || e.Account.Name != "Otto" || e.Account.Zone != "Europe/Berlin" || !e.Account.Listed || e.Account.Role != "member" {
		t.Errorf("account: %+v", e.Account)
	}
	if len(e.Names) != 1 || e.Names[0].Value != "okapi" || len(e.Signins) != 1 || len(e.Tokens) != 1 || e.Tokens[0].Name != "test" {
		t.Errorf("%+v %+v %+v", e.Names, e.Signins, e.Tokens)
	}
	if len(e.Sessions) != 1 || e.Sessions[0] != s.BaseURL+"/sessions/"+x.Slug || len(e.Actions) != 1 {
		t.Errorf("%v %+v", e.Sessions, e.Actions)
	}
	if len(e.Lines) == 0 {
		t.Error("no lines")
	}
	for _, l := range e.Lines {
		if l.Nick != "okapi" || l.Network != "freenode" || l.Channel != devel {
			t.Errorf("%+v", l)
		}
	}
	secret := strings.TrimPrefix(sent["Authorization"], "Bearer ")
	lacks(t, w.Body.String(), secret, "argon2", strings.TrimPrefix(mine["Cookie"], "hackfest="), "bob")
	if w := ask(t, s, request{path: "/settings/export"}); w.Code != http.StatusSeeOther {
		t.Errorf("the public: %d", w.Code)
	}
	if w := ask(t, s, request{path: "/settings/export", header: sent}); w.Code != http.StatusForbidden {
		t.Errorf("a token: %d", w.Code)
	}
}

// An export is made of as many steps as its lines need; each line is in it once.
func TestExportOfManyLines(t *testing.T) {
	t.Parallel()
	s, db := newServerAt(t)
	introduce(t, db, "Otto", "freenode", "okapi")
	k := listen(t, s, plan(t, s, "AppScale", wednesday, nil))
	const n = 2*exportLines + 7
	said := make([]hackfest.Line, n)
	for i := range said {
		said[i] = hackfest.Line{Nick: "okapi", Text: strings.Repeat("x", i%50)}
	}
	refs := k.lines(said...)
	k.say("kestrel", "somebody else")
	a, err := s.Store.Account(t.Context(), "Otto")
	must(t, err)
	w := ask(t, s, request{path: "/settings/export", header: signedIn(t, s, a.ID)})
	var e struct{ Lines []exportedLine }
	must(t, json.Unmarshal(w.Body.Bytes(), &e))
	got := make([]string, len(e.Lines))
	for i, l := range e.Lines {
		got[i] = l.ID.String()
	}
	same(t, "lines", got, refs)
}

// A46: who does not want to be named is counted and not named wherever it is said
// who was there.
func TestUnnamedAreCountedOnly(t *testing.T) {
	t.Parallel()
	s, otto, x, ref := held(t)
	count := func() (int, int) {
		t.Helper()
		m, err := s.Store.Minutes(t.Context(), person.PublicViewer, ref)
		must(t, err)
		people, _ := m.People()
		list, _ := listed(t, s, "/api/v1/meetings")
		return len(people), int(list[0]["people"].(float64))
	}
	people, counted := count()
	set, err := s.Store.Settings(t.Context(), otto.ID)
	must(t, err)
	set.Unnamed, set.Listed = true, false
	must(t, s.Store.SetListing(t.Context(), otto.ID, set))
	if p, c := count(); p != people || c != counted {
		t.Errorf("%d and %d people, were %d and %d", p, c, people, counted)
	}
	var m struct {
		Present []struct{ Nick, Account string }
	}
	must(t, json.Unmarshal([]byte(page(t, s, "/api/v1/meetings/"+ref.String())), &m))
	named := 0
	for _, p := range m.Present {
		if p.Nick == "okapi" {
			t.Error("the API names them")
		}
		if p.Nick != "(unnamed)" {
			named++
		}
	}
	if named != len(m.Present)-1 {
		t.Errorf("%d of %d are named", named, len(m.Present))
	}
	for _, form := range []string{".txt", ".md"} {
		body := page(t, s, "/sessions/"+x.Slug+"/minutes"+form)
		contains(t, body, "unnamed")
		for line := range strings.Lines(body) {
			if (strings.Contains(line, "Present") || strings.Contains(line, " lines), ")) && strings.Contains(line, "okapi") {
				t.Errorf("%s: %s", form, line)
			}
		}
	}
	lacks(t, page(t, s, "/people"), "okapi", "Otto")
	if w := ask(t, s, request{path: "/people/okapi"}); w.Code != http.StatusNotFound {
		t.Errorf("they have a page: %d", w.Code)
	}
	_, people2, _ := strings.Cut(page(t, s, "/sessions/"+x.Slug), ">People<")
	people2, _, _ = strings.Cut(people2, "</section>")
	contains(t, people2, "(unnamed)", "kestrel")
	lacks(t, people2, "okapi")
}

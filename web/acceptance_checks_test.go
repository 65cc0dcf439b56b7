package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// onTarget is a portal with a target, and a session on it a week before wednesday
// that taught something.
func onTarget(t *testing.T) (*Server, hackfest.Lesson) {
	t.Helper()
	s := newServer(t)
	_, err := s.Store.AddTarget(t.Context(), hackfest.Target{Name: "OpenShift"}, wednesday.AddDate(0, 0, -30))
	must(t, err)
	onIt := func(x *hackfest.Session) { x.TargetSlug = "openshift" }
	past := plan(t, s, "First try", wednesday.AddDate(0, 0, -7), onIt)
	k := listen(t, s, past)
	k.opening()
	line := k.say("okapi", "we needed Fedora 16, not 17")
	k.close()
	id, err := s.Store.AddLesson(t.Context(), hackfest.Lesson{
		Text: "Prepare Fedora 16, not 17.", Kind: hackfest.LessonAvoid, Scope: hackfest.ScopeTarget, TargetSlug: "openshift",
		SessionSlug: past.Slug, LineRef: line, FromLine: true, PublishedAt: s.Now(),
	}, s.Now())
	must(t, err)
	l, err := s.Store.Lesson(t.Context(), person.Viewer{Role: person.Admin}, id)
	must(t, err)
	return s, l
}

// TestA47 makes a published lesson a check of a target: the next session on it has
// it, with a link to the line that taught it; what is over, or has another target,
// has not.
func TestA47(t *testing.T) {
	t.Parallel()
	s, l := onTarget(t)
	mia := join(t, s, "Mia", person.Maintainer)
	now := wednesday.AddDate(0, 0, -1)
	s.Now = func() time.Time { return now }
	next := plan(t, s, "Second try", wednesday, func(x *hackfest.Session) { x.TargetSlug = "openshift" })
	other := plan(t, s, "Something else", wednesday.AddDate(0, 0, 1), nil)
	path := fmt.Sprintf("/lessons/%d/check", l.ID)
	if body := page(t, s, "/sessions/"+next.Slug); strings.Contains(body, `id="ready"`) {
		t.Error("something is to be prepared before anybody said so")
	}
	form := plainText(ask(t, s, request{path: path, as: mia}).Body.String())
	if !strings.Contains(form, "Who inherits it") || !strings.Contains(form, "Second try") || strings.Contains(form, "Something else") {
		t.Errorf("the form does not say who inherits it:\n%s", form)
	}
	preview := ask(t, s, request{method: http.MethodPost, path: path, as: mia, form: url.Values{"do": {"preview"}, "list": {"all"}, "text": {"mine"}}})
	if text := plainText(preview.Body.String()); preview.Code != http.StatusOK || !strings.Contains(text, "Something else") || !strings.Contains(preview.Body.String(), `value="mine"`) {
		t.Errorf("of all hackfests: %d\n%s", preview.Code, text)
	}
	w := ask(t, s, request{method: http.MethodPost, path: path, as: mia, form: url.Values{
		"do": {"make"}, "list": {"openshift"}, "text": {"The image is Fedora 16."}, "mandatory": {"on"},
	}})
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/checklists/openshift?did=") {
		t.Fatalf("made: %d to %s\n%s", w.Code, w.Header().Get("Location"), w.Body)
	}
	line := `href="/l/` + l.LineRef.String() + `"`
	for _, path := range []string{"/sessions/" + next.Slug, "/checklists/openshift"} {
		if body := page(t, s, path); !strings.Contains(body, "The image is Fedora 16.") || !strings.Contains(body, line) {
			t.Errorf("%s does not list it with its line", path)
		}
	}
	for _, slug := range []string{l.SessionSlug, other.Slug} {
		if body := page(t, s, "/sessions/"+slug); strings.Contains(body, "The image is Fedora 16.") {
			t.Errorf("%s has it", slug)
		}
	}
	lesson := fmt.Sprintf("/lessons/%d", l.ID)
	if n := strings.Count(ask(t, s, request{path: lesson, as: mia}).Body.String(), `href="`+path+`"`); n != 1 {
		t.Errorf("the lesson's page leads %d times to where it becomes a check", n)
	}
	late := plan(t, s, "Third try", wednesday.AddDate(0, 0, 14), func(x *hackfest.Session) { x.TargetSlug = "openshift" })
	if body := page(t, s, "/sessions/"+late.Slug); !strings.Contains(body, "The image is Fedora 16.") {
		t.Error("what is planned later does not inherit it")
	}
	// A lesson that is not true any more leaves its check, and both say so.
	retire := request{path: lesson + "/retire", as: mia}
	contains(t, ask(t, s, retire).Body.String(), "which stays until it is retired too, on the checklist of OpenShift: The image is Fedora 16.")
	retire.method, retire.form = http.MethodPost, url.Values{"why": {"17 works."}}
	if w := ask(t, s, retire); w.Code != http.StatusSeeOther {
		t.Fatalf("retired: %d", w.Code)
	}
	contains(t, page(t, s, "/sessions/"+late.Slug), "The image is Fedora 16.", `<a href="`+lesson+`">not true any more</a>`)
	w = ask(t, s, request{method: http.MethodPost, path: path, as: mia, form: url.Values{"do": {"make"}, "list": {"all"}, "text": {"once more"}}})
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "not true any more") {
		t.Errorf("a retired lesson becomes a check: %d", w.Code)
	}
}

// TestA48 has three of five who come tick a check by API: the session's page, and
// that of who has it open, say so.
func TestA48(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	ctx, now := t.Context(), wednesday.AddDate(0, 0, -3)
	s.Now = func() time.Time { return now }
	x := plan(t, s.Server, "AppScale", wednesday, nil)
	item, err := s.Store.AddCheckItem(ctx, hackfest.ChecklistKey{Scope: hackfest.ChecklistAll}, hackfest.CheckEdit{Text: "Prepared", Mandatory: true}, now)
	must(t, err)
	var people []person.Actor
	for _, name := range []string{"ann", "bob", "cat", "dan", "eve"} {
		a := join(t, s.Server, name, person.Member)
		people = append(people, a)
		_, err := s.Store.Answer(ctx, hackfest.Answering{SessionID: x.ID, PersonID: a.ID, Answer: hackfest.AnswerComing, Via: "web"}, now)
		must(t, err)
	}
	f := follow(t, s.streamURL(t, x), "")
	if first := f.next("parts").data; !strings.Contains(plainText(first), "0 of 5 ready.") {
		t.Fatalf("at first: %s", first)
	}
	path := fmt.Sprintf("/sessions/%s/checks/%d", x.Slug, item)
	for n, a := range people[:3] {
		if w := tell(t, s.Server, path, "", `{"state": "well"}`, token(t, s.Server, a, person.ScopePreflight)); w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", a.Name, w.Code, w.Body)
		}
		want := fmt.Sprintf("%d of 5 ready.", n+1)
		for !strings.Contains(plainText(f.next("parts").data), want) {
		}
	}
	if text := plainText(page(t, s.Server, "/sessions/"+x.Slug)); !strings.Contains(text, "3 of 5 ready. 2 lack: Prepared.") {
		t.Errorf("the page says:\n%s", text)
	}
	for _, tt := range []struct {
		name, path, body string
		header           map[string]string
		code             int
	}{
		{"a token that only reads", path, `{"state": "well"}`, token(t, s.Server, people[4], person.ScopeRead), http.StatusForbidden},
		{"no such state", path, `{"state": "fine"}`, token(t, s.Server, people[4], person.ScopePreflight), http.StatusUnprocessableEntity},
		{"another session's", "/sessions/none/checks/1", `{"state": "well"}`, token(t, s.Server, people[4], person.ScopePreflight), http.StatusNotFound},
		{"no such item", "/sessions/" + x.Slug + "/checks/999", `{"state": "well"}`, token(t, s.Server, people[4], person.ScopePreflight), http.StatusNotFound},
		{"nobody", path, `{"state": "well"}`, nil, http.StatusUnauthorized},
	} {
		if w := tell(t, s.Server, tt.path, "", tt.body, tt.header); w.Code != tt.code {
			t.Errorf("%s: %d %s", tt.name, w.Code, w.Body)
		}
	}
	now = x.EndsAt.Add(time.Hour)
	if w := tell(t, s.Server, path, "", `{"state": "well"}`, token(t, s.Server, people[4], person.ScopePreflight)); w.Code != http.StatusConflict {
		t.Errorf("after its end: %d %s", w.Code, w.Body)
	}
}

// A machine's report counts for the next session on a target; the checklist says
// what to look at, and a token for reports may read it.
func TestPreflightByAPI(t *testing.T) {
	t.Parallel()
	s, l := onTarget(t)
	now := wednesday.AddDate(0, 0, -1)
	s.Now = func() time.Time { return now }
	check := &hackfest.Check{Kind: hackfest.CheckCommand, Name: "euca-version", Version: ">= 2.1", Severity: hackfest.Splint}
	for _, e := range []hackfest.CheckEdit{{Text: "euca2ools", Mandatory: true, Check: check, Advice: "apt"}, {Text: "Fedora 16", Lesson: l.ID, Mandatory: true}} {
		_, err := s.Store.AddCheckItem(t.Context(), hackfest.ChecklistKey{Scope: hackfest.ChecklistTarget, Slug: "openshift"}, e, now)
		must(t, err)
	}
	_, err := s.Store.AddCheckItem(t.Context(), hackfest.ChecklistKey{Scope: hackfest.ChecklistAll}, hackfest.CheckEdit{Text: "A nick"}, now)
	must(t, err)
	ann := join(t, s, "ann", person.Member)
	may := token(t, s, ann, person.ScopePreflight)
	w := ask(t, s, request{path: "/api/v1/checklists/openshift", header: may})
	var list apiChecklist
	must(t, json.Unmarshal(w.Body.Bytes(), &list))
	if len(list.Items) != 3 || list.Items[0].Text != "A nick" || list.Items[1].Check == nil || list.Items[2].Check != nil ||
		list.Items[2].Why != l.Text || !strings.HasSuffix(list.Items[2].Lesson, "/l/"+l.LineRef.String()) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, path := range []string{"/targets/openshift", "/checklists/openshift"} { // whoever types it is on another machine
		contains(t, page(t, s, path), "hackfest nurse --portal "+s.BaseURL+" --target openshift")
	}
	sent, err := json.Marshal(list.Items[1].Check)
	must(t, err)
	if c, err := hackfest.ParseCheck(sent); err != nil || c.Title != "euca2ools" || c.Advice != "apt" {
		t.Errorf("no check that Nurse reads: %s, %v", sent, err)
	}
	report := fmt.Sprintf(`{"machine": "debian 12", "results": [{"key": "%d", "state": "well", "note": "2.1"}, {"key": "other", "state": "well", "note": ""}]}`, list.Items[1].ID)
	if w := tell(t, s, "/targets/openshift/preflight", "", report, may); w.Code != http.StatusNotFound {
		t.Errorf("no session is planned: %d %s", w.Code, w.Body)
	}
	x := plan(t, s, "Second try", wednesday, func(x *hackfest.Session) { x.TargetSlug = "openshift" })
	_, err = s.Store.Answer(t.Context(), hackfest.Answering{SessionID: x.ID, PersonID: ann.ID, Answer: hackfest.AnswerComing, Via: "web"}, now)
	must(t, err)
	_, err = s.Store.RenameTarget(t.Context(), "openshift", "origin", 0, person.Actor{}, now)
	must(t, err)
	w = tell(t, s, "/targets/openshift/preflight", "", report, may) // from a note of before it had that address
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), x.Slug) || !strings.Contains(w.Body.String(), "other") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	text := plainText(page(t, s, "/sessions/"+x.Slug))
	if !strings.Contains(text, "0 of 1 ready. One lacks: Fedora 16.") || !strings.Contains(text, " --target origin --report") || strings.Contains(text, "debian 12") {
		t.Errorf("the page says:\n%s", text)
	}
	mia := join(t, s, "Mia", person.Maintainer)
	if text := plainText(ask(t, s, request{path: "/sessions/" + x.Slug, as: mia}).Body.String()); !strings.Contains(text, "debian 12") {
		t.Error("who looks after it does not see the machine")
	}
	for body, field := range map[string]string{
		`{"machine": "m"}`: "results", `{"machine": "m", "results": 1}`: "results", `{"machine": "m", "results": [{"key": "1", "state": "fine", "note": ""}]}`: "",
		`{"machine": "m", "results": [` + strings.Repeat(`{"key":"1","state":"well","note":""},`, maxResults) + `{"key":"1","state":"well","note":""}]}`: "results",
	} {
		w := tell(t, s, "/sessions/"+x.Slug+"/preflight", "", body, may)
		if field == "" {
			if w.Code != http.StatusOK && w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%.60s: %d", body, w.Code)
			}
			continue
		}
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `"`+field+`"`) {
			t.Errorf("%.60s: %d %s", body, w.Code, w.Body)
		}
	}
}

// Whoever comes ticks what they have done, also without an account, from the
// browser in which they answered; nobody else does.
func TestTicksByHand(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, "2026-10-26T12:00:00Z")
	x := plan(t, p.Server, "W", time.Date(2026, 10, 28, 19, 0, 0, 0, time.UTC), nil)
	item, err := p.Store.AddCheckItem(t.Context(), hackfest.ChecklistKey{Scope: hackfest.ChecklistAll}, hackfest.CheckEdit{Text: "Prepared", Mandatory: true}, p.at)
	must(t, err)
	path := "/sessions/" + x.Slug
	tick := request{method: http.MethodPost, path: fmt.Sprintf("%s/checks/%d", path, item), form: url.Values{"state": {"well"}}}
	stranger, kim := p.browser(person.Actor{}), p.browser(person.Actor{})
	if w := stranger.ask(tick); w.Code != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", w.Code)
	}
	if text := plainText(stranger.see(path)); !strings.Contains(text, "Say that you come, and you can tick here") || strings.Contains(text, "Mark done") {
		t.Errorf("a stranger reads:\n%s", text)
	}
	if w := kim.ask(request{method: http.MethodPost, path: path + "/rsvp", form: url.Values{"answer": {"coming"}, "nick": {"kim"}}}); w.Code != http.StatusSeeOther {
		t.Fatalf("kim answers: %d %s", w.Code, w.Body)
	}
	if w := kim.ask(tick); w.Code != http.StatusSeeOther || !strings.Contains(plainText(kim.see(path)), "1 of 1 ready.") {
		t.Errorf("kim: %d %s", w.Code, w.Body)
	}
	if w := stranger.ask(tick); w.Code != http.StatusUnauthorized {
		t.Errorf("a stranger, when somebody has answered: %d", w.Code)
	}
	tick.form = url.Values{"state": {"none"}}
	if w := kim.ask(tick); w.Code != http.StatusSeeOther || !strings.Contains(plainText(kim.see(path)), "0 of 1 ready.") {
		t.Errorf("kim takes it back: %d %s", w.Code, w.Body)
	}
	tick.form = url.Values{"state": {"dead"}}
	if w := kim.ask(tick); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("by hand nobody is dead: %d", w.Code)
	}
	p.clock("2026-10-29T12:00:00Z")
	tick.form = url.Values{"state": {"well"}}
	if w := kim.ask(tick); w.Code != http.StatusConflict {
		t.Errorf("when it is over: %d", w.Code)
	}
}

// A checklist is written by forms: what is wrong is said at its field and kept, what
// is retired can be taken back, and what nobody needs asks to go.
func TestChecklistForms(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, "2026-10-26T12:00:00Z")
	mia := p.browser(p.mia)
	post := func(path string, form url.Values, code int) string {
		t.Helper()
		w := mia.ask(request{method: http.MethodPost, path: path, form: form})
		if w.Code != code {
			t.Fatalf("POST %s: %d, want %d\n%s", path, w.Code, code, w.Body)
		}
		if code == http.StatusSeeOther {
			to, _, _ := strings.Cut(w.Header().Get("Location"), "#")
			return mia.see(to)
		}
		return w.Body.String()
	}
	body := post("/checklists/all", url.Values{"text": {""}, "advice": {"keep me"}}, http.StatusUnprocessableEntity)
	if !strings.Contains(body, "Say what should be the case.") || !strings.Contains(body, "keep me") {
		t.Error("what was typed is lost, or what is wrong is not said")
	}
	body = post("/checklists/all", url.Values{"text": {"A port"}, "kind": {"port"}, "severity": {"splint"}, "port": {"many"}}, http.StatusUnprocessableEntity)
	if !strings.Contains(body, `id="f-add-port-e"`) || !strings.Contains(body, `value="many"`) {
		t.Error("a port that is no number")
	}
	post("/checklists/all", url.Values{"text": {"A port"}, "kind": {"port"}, "severity": {"splint"}, "port": {"22"}, "mandatory": {"on"}}, http.StatusSeeOther)
	body = post("/checklists/all", url.Values{"text": {"<b>Second</b>"}}, http.StatusSeeOther)
	if !strings.Contains(body, "&lt;b&gt;Second") || !strings.Contains(plainText(body), "Nurse looks at it: port 22") {
		t.Errorf("what was added: %s", plainText(body))
	}
	post("/checklists/all/2", url.Values{"do": {"up"}}, http.StatusSeeOther)
	if text := plainText(p.see("/checklists/all", "")); strings.Index(text, "Second") > strings.Index(text, "A port") {
		t.Error("it is not moved up")
	}
	if body := post("/checklists/all/1", url.Values{"do": {"save"}, "text": {"Port 22"}, "kind": {"port"}, "severity": {"dead"}, "port": {"22"}, "revision": {"7"}}, http.StatusConflict); !strings.Contains(body, `value="Port 22"`) {
		t.Error("what was typed over another's change is lost")
	}
	post("/checklists/all/1", url.Values{"do": {"save"}, "text": {"Port 22"}, "kind": {"port"}, "severity": {"dead"}, "port": {"22"}, "revision": {"1"}}, http.StatusSeeOther)
	body = post("/checklists/all/1", url.Values{"do": {"retire"}}, http.StatusSeeOther)
	if !strings.Contains(body, `action="/checklists/all/1/reuse"`) || strings.Contains(plainText(p.see("/checklists/all", "")), "Port 22") {
		t.Error("it is not retired, or that cannot be taken back")
	}
	post("/checklists/all/1/reuse", url.Values{}, http.StatusSeeOther)
	if !strings.Contains(plainText(p.see("/checklists/all", "")), "Port 22") {
		t.Error("it is not back")
	}
	for path, code := range map[string]int{"/checklists/none": 404, "/checklists/all/77": 404, "/checklists/all/x": 404} {
		if w := mia.ask(request{method: http.MethodPost, path: path, form: url.Values{"text": {"a"}, "do": {"retire"}}}); w.Code != code {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

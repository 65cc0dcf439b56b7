package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// A target that was moved from Trying to Works is so on the board, on its page, in
// the API, in the draft of the news and, when that is published, in the feed.
func TestA49TargetWorksEverywhere(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	at := n.post("/targets/propose", 303, "name", "OpenShift Origin", "goal", "rhc answers", "mine", "on")
	if at != "/targets/openshift-origin" {
		t.Fatalf("proposed to %s", at)
	}
	held := plan(t, n.Server, "OpenShift Origin on 3.1", wednesday.Add(time.Hour), func(x *hackfest.Session) { x.TargetSlug = "openshift-origin" })
	contains(t, n.post(at+"/stage", 422, "stage", "trying"), "A session on it has to begin first.")
	n.post(at+"/stage", 303, "stage", "planned")
	n.now = wednesday.Add(2 * time.Hour)
	n.post(at+"/stage", 303, "stage", "trying", "session", held.Slug)
	contains(t, between(t, n.see(person.Actor{}, "/targets", 200), "Trying <span>", "Works with notes <span>"), "OpenShift Origin")

	contains(t, n.post(at+"/stage", 422, "stage", "works"), "published minutes, or a result of a recipe", `value="works" selected`)
	alter(t, n.dsn, "update sessions set held = 1, published = true where slug = $1", held.Slug)
	n.post(at+"/edit", 303, "name", "OpenShift Origin", "sentence", "It runs on Fedora 16.", "goal", "rhc answers", "revision",
		hiddenValue(t, n.see(n.mel, at+"/edit", 200), at+"/edit", "revision"))
	n.post(at+"/stage", 303, "stage", "works", "session", held.Slug)

	board := n.see(person.Actor{}, "/targets", 200)
	contains(t, between(t, board, ">Works <span>", "Parked <span>"), "OpenShift Origin", "works")
	lacks(t, between(t, board, "Trying <span>", "Works with notes <span>"), "OpenShift Origin")
	page := n.see(person.Actor{}, at, 200)
	contains(t, between(t, page, `<span class="verdict">`, "</header>"), "works", "It runs on Fedora 16.")
	contains(t, between(t, page, `id="history"`, "</ol>"), "Mel moved it from trying to works.", held.Title, "Mel proposed it.")
	var api apiTarget
	must(t, json.Unmarshal([]byte(n.see(person.Actor{}, "/api/v1/targets/openshift-origin", 200)), &api))
	if api.Stage != "works" || api.Sentence != "It runs on Fedora 16." || api.Owner != "Mel" || api.Wanted != 1 {
		t.Errorf("the API says %+v", api)
	}

	lacks(t, n.see(person.Actor{}, "/feeds/news.atom", 200), "OpenShift Origin works")
	n.see(person.Actor{}, "/news/openshift-origin-works", 404)
	draft := "/manage/announce/openshift-origin-works"
	seen := n.see(n.mel, draft, 200)
	contains(t, seen, "OpenShift Origin works", "It runs on Fedora 16.")
	contains(t, n.see(n.mel, "/manage", 200), "OpenShift Origin works")
	n.post(draft+"/publish", 303, "when", "now", "revision", hiddenValue(t, seen, draft+"/publish", "revision"))
	contains(t, n.see(person.Actor{}, "/feeds/news.atom", 200), "OpenShift Origin works", "It runs on Fedora 16.", "/targets/openshift-origin", held.Slug)
	contains(t, n.see(person.Actor{}, "/news/openshift-origin-works", 200), "It runs on Fedora 16.")
	contains(t, n.see(person.Actor{}, "/", 200), "OpenShift Origin")
}

// Who may move and change a target, and what the forms say of what is wrong.
func TestTargetForms(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	bo := join(t, n.Server, "Bo", person.Member)
	send := func(who person.Actor, path string, fields ...string) (int, string) {
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Add(fields[i], fields[i+1])
		}
		w := ask(t, n.Server, request{method: http.MethodPost, path: path, form: form, as: who})
		return w.Code, w.Body.String()
	}
	n.post("/targets/propose", 303, "name", "Chef")
	for _, tt := range []struct {
		name   string
		who    person.Actor
		path   string
		fields []string
		code   int
		says   string
	}{
		{"nothing to propose", bo, "/targets/propose", []string{"goal", "kept <b>"}, 422, "A target needs a name."},
		{"what was typed stays", bo, "/targets/propose", []string{"goal", "kept <b>"}, 422, "kept &lt;b&gt;"},
		{"what is there already", bo, "/targets/propose", []string{"name", "chef"}, 409, "is on the board already"},
		{"the form's own address", bo, "/targets/propose", []string{"name", "Propose!"}, 422, "needs that name itself"},
		{"a project that is no address", bo, "/targets/propose", []string{"name", "x", "project", "javascript:alert(1)"}, 422, "begins with https://"},
		{"by mail, without an address", person.Actor{}, "/targets/propose", []string{"name", "GitLab"}, 422, "The address is missing."},
		{"a member moves it", bo, "/targets/chef/stage", []string{"stage", "parked", "note", "x"}, 403, ""},
		{"a member looks after it", bo, "/targets/chef/take", nil, 303, ""},
		{"two look after it", n.mel, "/targets/chef/take", nil, 409, "Bo looks after it already."},
		{"its owner parks it for no reason", bo, "/targets/chef/stage", []string{"stage", "parked"}, 422, "Say why it is parked"},
		{"its owner leaves a condition aside", bo, "/targets/chef/stage", []string{"stage", "works", "note", "x", "override", "on"}, 422, "Only a maintainer"},
		{"its owner parks it", bo, "/targets/chef/stage", []string{"stage", "parked", "note", "later"}, 303, ""},
		{"its owner takes that back", bo, "/targets/chef/stage/undo", nil, 303, ""},
		{"its owner renames it", bo, "/targets/chef/rename", []string{"slug", "x"}, 403, ""},
		{"an address that cannot be", n.mel, "/targets/chef/rename", []string{"slug", "No!"}, 422, "small letters"},
		{"words of an older page", bo, "/targets/chef/edit", []string{"name", "Chef", "sentence", "mine", "revision", "1"}, 409, "mine"},
		{"given to nobody there is", bo, "/targets/chef/owner", []string{"owner", "Zoe"}, 422, "Nobody of that name"},
		{"into nothing", n.mel, "/targets/chef/merge", []string{"into", ""}, 422, "There is no such target."},
	} {
		if code, body := send(tt.who, tt.path, tt.fields...); code != tt.code || !strings.Contains(body, tt.says) {
			t.Errorf("%s: %d\n%s", tt.name, code, body)
		}
	}
	n.post("/targets/propose", 303, "name", "Puppet")
	taken := n.post("/targets/chef/rename", 409, "slug", "puppet")
	contains(t, taken, "Another target is or was called puppet.")
	lacks(t, taken, "Saved meanwhile") // nobody has saved anything
	// Sent twice, it is done once.
	for range 2 {
		if to := n.post("/targets/chef/rename", 303, "slug", "chef-solo", "once", "00000000000000000000000001"); to != "/targets/chef-solo" {
			t.Errorf("renamed, to %s", to)
		}
	}
	for path, to := range map[string]string{
		"/targets/chef": "/targets/chef-solo", "/targets/chef/edit?x=1": "/targets/chef-solo/edit?x=1", "/api/v1/targets/chef": "/api/v1/targets/chef-solo",
		"/calendar/targets/chef.ics?cancelled=hide": "/calendar/targets/chef-solo.ics?cancelled=hide", "/checklists/chef": "/checklists/chef-solo",
		"/schedule?past=1&target=chef": "/schedule?past=1&target=chef-solo", "/lessons?target=chef": "/lessons?target=chef-solo", "/recipes?target=chef": "/recipes?target=chef-solo",
		"/api/v1/sessions?limit=1&target=chef": "/api/v1/sessions?limit=1&target=chef-solo", "/api/v1/lessons?target=chef": "/api/v1/lessons?target=chef-solo",
		"/api/v1/recipes?target=chef": "/api/v1/recipes?target=chef-solo",
	} {
		if w := ask(t, n.Server, request{path: path, as: bo}); w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != to {
			t.Errorf("%s: %d to %q", path, w.Code, w.Header().Get("Location"))
		}
	}
	if to := n.post("/targets/chef-solo/remove", 303, "why", "twice"); to != "/targets" {
		t.Errorf("taken off, to %s", to)
	}
	n.see(bo, "/targets/chef-solo", 404)
	n.post("/targets/chef-solo/restore", 303)
	contains(t, n.see(bo, "/targets/chef-solo", 200), "put it back on the board", "I want this")
}

// Who has no account proposes by a mail, whose link shows what it does and works
// once.
func TestProposeByMail(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	w := ask(t, n.Server, request{method: http.MethodPost, path: "/targets/propose", form: url.Values{"name": {"GitLab"}, "goal": {"a push runs"}, "mail": {"ann@example.org"}}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	lacks(t, n.see(person.Actor{}, "/targets", 200), "GitLab")
	secret, hash := auth.NewSecret()
	to, _, err := n.Store.SealProposal(t.Context(), one[hackfest.ProposalID](t, n.dsn, "select id from target_proposals"), hash)
	must(t, err)
	if to != "ann@example.org" {
		t.Errorf("sent to %s", to)
	}
	path := "/targets/propose/" + secret
	contains(t, n.see(person.Actor{}, path, 200), "Suggest GitLab?", "a push runs", "noindex")
	for i, want := range []int{303, 409} {
		if w := ask(t, n.Server, request{method: http.MethodPost, path: path}); w.Code != want {
			t.Errorf("press %d: %d, want %d", i+1, w.Code, want)
		}
	}
	page := n.see(person.Actor{}, "/targets/gitlab", 200)
	contains(t, page, "from somebody by mail")
	lacks(t, page, "ann@example.org")
}

// A lesson is written by a member, read by a maintainer, changed, retired, and in
// the feed under one id all the time.
func TestLessonReview(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t)
	bo, cy := join(t, n.Server, "Bo", person.Member), join(t, n.Server, "Cy", person.Member)
	form := url.Values{"text": {"Open port 53 over <UDP>."}, "kind": {"avoid"}, "scope": {"image"}, "publish": {"on"}}
	write := func() (int, string, string) {
		w := ask(t, n.Server, request{method: http.MethodPost, path: "/lessons/new", form: form, as: bo})
		to, _, _ := strings.Cut(w.Header().Get("Location"), "?")
		return w.Code, to, w.Body.String()
	}
	if code, _, body := write(); code != 422 || !strings.Contains(body, "Name the base image") || !strings.Contains(body, "over &lt;UDP&gt;") {
		t.Errorf("without an image: %d\n%s", code, body)
	}
	form.Set("image", "Fedora 16")
	form.Set("evidence", "https://bugs.example.org/1")
	code, at, _ := write()
	if code != 303 {
		t.Fatalf("%d", code)
	}
	contains(t, n.see(bo, at, 200), "It waits for a maintainer")
	n.see(cy, at, 404)
	n.see(person.Actor{}, at, 404)
	lacks(t, n.see(person.Actor{}, "/lessons", 200), "port 53")
	contains(t, n.see(n.mel, "/manage", 200), "Open port 53 over &lt;UDP&gt;.", "a lesson, avoid")
	if w := ask(t, n.Server, request{method: http.MethodPost, path: at + "/publish", as: bo}); w.Code != 403 {
		t.Errorf("published by who wrote it: %d", w.Code)
	}
	n.post(at+"/decline", 422)
	n.post(at+"/decline", 303, "why", "Is it not known?")
	contains(t, n.see(bo, at, 200), "It was not published.", "Is it not known?")
	n.post(at+"/reopen", 303)
	n.post(at+"/publish", 303)
	contains(t, n.see(person.Actor{}, "/lessons?image=Fedora+16", 200), "port 53", "https://bugs.example.org/1")
	feed := n.see(person.Actor{}, "/feeds/lessons.atom", 200)
	id := between(t, between(t, feed, "<entry>", "</entry>"), "<id>", "</id>")
	if w := ask(t, n.Server, request{path: at + "/edit", as: bo}); w.Code != 403 {
		t.Errorf("changed by its author when it is published: %d", w.Code)
	}
	n.now = n.now.Add(time.Hour)
	page := n.see(n.mel, at+"/edit", 200)
	fields := []string{"text", "Open port 53 over UDP too.", "kind", "avoid", "scope", "all", "revision", hiddenValue(t, page, at+"/edit", "revision")}
	n.post(at+"/edit", 303, fields...)
	contains(t, n.post(at+"/edit", 409, fields...), "Somebody else changed this lesson meanwhile")
	n.post(at+"/retire", 303, "why", "The image has it open.")
	lacks(t, n.see(person.Actor{}, "/lessons", 200), "port 53")
	contains(t, n.see(person.Actor{}, at, 200), "Not true any more", "The image has it open.")
	again := n.see(person.Actor{}, "/feeds/lessons.atom", 200)
	contains(t, again, "<id>"+id+"</id>", "Not true any more", "over UDP too.")
	if strings.Count(again, "<entry>") != 1 || between(t, again, "<updated>", "</updated>") == between(t, feed, "<updated>", "</updated>") {
		t.Error("the change is no update of the one entry")
	}
	n.post(at+"/reinstate", 303)
	contains(t, n.see(person.Actor{}, "/lessons", 200), "over UDP too.")
}

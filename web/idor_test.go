package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
)

// malformed are ids that nothing has, and that no parser should trip over.
var malformed = []string{
	"0", "-1", "1e3", "9223372036854775808", "01arz3ndektsv4rrffq69g5fav0", "8zzzzzzzzzzzzzzzzzzzzzzzzz", "01ARZ3NDEKTSV4RRFFQ69G5FAV.1.2", "%00", "%ff", "%2e%2e%2fadmin",
	"a%2Fb", "';--", "%F0%9F%92%A9", strings.Repeat("x", 3000), "null", "*", "%25",
}

// forEverybody are the routes that name what is never hidden.
var forEverybody = regexp.MustCompile(`^(/api/v1|/calendar)?/(targets|recipes|images|results)/`)

// sameAnswer compares what is hidden with what does not exist: nobody can tell one
// from the other, by the status, by a header or by the body. What of an answer
// only repeats the address does not count.
func sameAnswer(t *testing.T, what string, hidden, missing answered, path, other string) {
	t.Helper()
	ids, others := strings.Split(path, "/"), strings.Split(other, "/")
	strip := func(text string, ids, others []string) string {
		whole := strings.Join(ids, "/")
		plain, _ := url.PathUnescape(whole)
		for _, x := range []string{whole, plain, url.QueryEscape(whole), url.QueryEscape(plain)} {
			text = strings.ReplaceAll(text, x, "*")
		}
		for i, id := range ids {
			if id != others[i] && len(id) > 10 { // else it may be anything
				text = strings.ReplaceAll(text, id, "*")
			}
		}
		return alike(text)
	}
	a, b := strip(hidden.body, ids, others), strip(missing.body, others, ids)
	if hidden.code != missing.code || strip(hidden.to, ids, others) != strip(missing.to, others, ids) || a != b {
		t.Errorf("%s: hidden %d to %q, missing %d to %q; they differ at\n%s", what, hidden.code, hidden.to, missing.code, missing.to, difference(a, b))
	}
	for name := range hidden.header {
		if name == "Date" || name == "Content-Length" || name == "Location" {
			continue
		}
		if hidden.header.Get(name) != missing.header.Get(name) {
			t.Errorf("%s: the header %s is %q, and %q", what, name, hidden.header.Get(name), missing.header.Get(name))
		}
	}
	if len(hidden.header) != len(missing.header) {
		t.Errorf("%s: the headers differ: %v, %v", what, hidden.header, missing.header)
	}
}

// Whoever may not see a thing is answered as if there were none, by each route
// that names one: R34. That holds for reading and for changing.
func TestHiddenIsMissing(t *testing.T) {
	t.Parallel()
	r := newRights(t)
	must(t, r.Store.OpenChannels(t.Context(), "local", []string{"#" + canary}, irctext.RFC1459, r.Now()))
	alter(t, r.dsn, "update channels set visibility = 'members', purpose = $1 where name = $2", canary, "#"+canary)
	r.params[closed]["channel"] = canary
	join(t, r.Server, "Unlisted-Ursula", person.Member)
	for st, name := range map[state]string{closed: "Unlisted-Ursula", missing: "No-One-At-All"} {
		r.params[st]["person"], r.params[st]["nick"] = name, name
	}
	r.params[closed]["signin"], r.params[closed]["token"] = r.params[ended]["signin"], r.params[ended]["token"]
	r.params[closed]["secret"] = r.params[missing]["secret"]
	ref, err := hackfest.ParseRef(r.params[closed]["meeting"])
	must(t, err)
	m, err := r.Store.Minutes(t.Context(), r.people[admin].Viewer, ref)
	must(t, err)
	_, err = r.Store.PublishMinutes(t.Context(), ref, m, canary, "", r.Now())
	must(t, err)
	r.params[closed]["news"] = r.params[chaired]["news"] // a draft
	n := 0
	for _, x := range r.Inventory() {
		if !strings.Contains(x.Pattern, "{") || x.Pattern == "/schedule/{year}/{month}" || forEverybody.MatchString(x.Pattern) {
			continue
		}
		n++
		path, other := r.routePath(x.Pattern, closed), r.routePath(x.Pattern, missing)
		if strings.Contains(path, "{") || strings.Contains(other, "{") {
			if !strings.Contains(x.Pattern, "{job}") {
				t.Errorf("%s is not filled in: %s, %s", x.Pattern, path, other)
			}
			continue
		}
		for _, who := range []asker{nobody, expired, suspended, wrongToken, suspendedToken} {
			if who == wrongToken && x.Pattern == "/api/v1/checklists/{checklist}" {
				continue // Nurse reads a member's checklists with it
			}
			what := x.Method + " " + x.Pattern + " by " + askerNames[who]
			sameAnswer(t, what, r.send(x.Method, path, nil, r.headers[who]), r.send(x.Method, other, nil, r.headers[who]), path, other)
		}
	}
	t.Logf("%d routes with something in their path", n)
}

// To ask for the removal of a line tells nobody whether there is one.
func TestRequestTellsNothing(t *testing.T) {
	t.Parallel()
	r := newRights(t)
	ask := func(ref string) string {
		a := r.send(http.MethodPost, "/privacy", url.Values{"line": {"/l/" + ref}, "why": {"x"}}, nil)
		return strings.ReplaceAll(alike(a.body), ref, "*")
	}
	if a, b := ask(r.params[closed]["ref"]), ask(r.params[missing]["ref"]); a != b {
		t.Errorf("hidden and missing differ at\n%s", difference(a, b))
	}
}

// No id, however it is spelt, makes the portal stumble or finds something.
func TestMalformedIDs(t *testing.T) {
	t.Parallel()
	r := newRights(t)
	before := r.everything()
	n := 0
	for _, x := range r.Inventory() {
		if !strings.Contains(x.Pattern, "{") {
			continue
		}
		for name := range r.params[missing] {
			if !strings.Contains(x.Pattern, "{"+name+"}") || x.Method != http.MethodGet && (name == "form" || name == "owner" || name == "repository") {
				continue // what is on GitHub may be called so
			}
			for _, bad := range malformed {
				path := r.routePath(strings.ReplaceAll(x.Pattern, "{"+name+"}", bad), chaired)
				path = r.routePath(path, missing)
				a := r.send(x.Method, path, url.Values{}, r.headers[admin])
				n++
				if a.code < 300 && !safe(x.Method) || a.code >= 500 || a.code == http.StatusOK && name != "form" {
					t.Errorf("%s %.150s: %d", x.Method, path, a.code)
				}
			}
		}
	}
	for name, sum := range r.everything() {
		if before[name] != sum {
			t.Errorf("something was changed in %s", name)
		}
	}
	for path, form := range map[string]string{
		"/admin/channels/local/eucalyptus-devel": "purpose=x&visibility=public&start=anybody&joined=1", "/images/fedora-16/edit": "name=Fedora&ids=EC2:+ami-12345678",
		"/recipes/wordpress/edit": "summary=x&kind=cloud-init", "/settings/profile": "name=Ada", "/settings/listing": "", "/manage/announce/a-draft/publish": "when=now",
		"/lessons/" + r.params[ended]["lesson"] + "/edit": "text=x&kind=avoid&scope=all", "/recipes/wordpress/user-data?version=99999999999": "",
		"/meetings/" + r.params[ended]["meeting"] + "/edit": "", "/sessions/" + r.params[chaired]["session"] + "/agenda/" + r.params[chaired]["item"]: "text=x",
		"/checklists/" + r.params[chaired]["checklist"] + "/" + r.params[chaired]["check"]: "text=x",
	} {
		for _, revision := range []string{"99999999999", "-9223372036854775808"} {
			sent, err := url.ParseQuery(form)
			must(t, err)
			sent.Set("revision", revision)
			if a := r.send(http.MethodPost, path, sent, r.headers[admin]); a.code >= 500 {
				t.Errorf("%s with revision %s: %d", path, revision, a.code)
			}
		}
	}
	t.Logf("%d malformed ids", n)
}

// swap is a form that names something of somebody else's in a place of one's own.
type swap struct {
	name string
	as   asker
	path string
	form url.Values
	code int
}

// Things of one owner are not to be reached by way of another's, and whoever tries
// is in the audit log: A62, R34.
func TestSwappedIDs(t *testing.T) {
	t.Parallel()
	r := newRights(t)
	mine, theirs, hidden := r.params[chaired], r.params[ended], r.params[closed]
	session := "/sessions/" + mine["session"]
	otto := "/sessions/" + theirs["session"]
	r.send(http.MethodPost, otto+"/agenda", url.Values{"text": {"Left over"}}, r.headers[otherChair])
	tess := func(form ...string) url.Values {
		v := url.Values{}
		for i := 0; i < len(form); i += 2 {
			v.Set(form[i], form[i+1])
		}
		return v
	}
	before, refused := r.everything(), r.refusals()
	for _, x := range []swap{
		{"an item of another session's agenda is edited", chair, session + "/agenda/" + theirs["item"], tess("text", "mine now", "revision", "1"), 404},
		{"it is dropped", chair, session + "/agenda/" + theirs["item"], tess("do", "drop"), 404},
		{"it is put back", chair, session + "/agenda/" + theirs["item"] + "/restore", nil, 404},
		{"it is edited where it is", chair, otto + "/agenda/" + theirs["item"], tess("text", "mine now", "revision", "1"), 403},
		{"it is taken up in a meeting of one's own", chair, session + "/live/take", tess("item", theirs["item"]), 409},
		{"an item of a hidden agenda is taken up", otherChair, otto + "/agenda/" + hidden["item"], tess("do", "drop"), 404},
		{"another's action", chair, "/actions/" + theirs["action"], tess("how", "done"), 403},
		{"a meeting of another's", chair, "/meetings/" + theirs["meeting"] + "/session", tess("session", mine["session"]), 403},
		{"one's own meeting, into a session of another's", chair, "/meetings/" + mine["meeting"] + "/session", tess("session", theirs["session"]), 403},
		{"one's own meeting, into nothing", chair, "/meetings/" + mine["meeting"] + "/session", tess("session", "2026-03-05-none"), 422},
		{"a meeting of another's, by way of one's own session", chair, session + "/meetings/" + theirs["meeting"] + "/restore", nil, 404},
		{"a hidden meeting, by way of one's own session", chair, session + "/meetings/" + hidden["meeting"] + "/restore", nil, 404},
		{"what another's meeting noted last", chair, session + "/live/undo", tess("item", theirs["action"]), 409},
		{"another's token is revoked", admin, "/settings/tokens/" + mine["token"] + "/revoke", nil, 404},
		{"another's sign-in is ended", admin, "/settings/signins/" + mine["signin"] + "/end", nil, 404},
		{"another's name is given up", admin, "/settings/names/" + mine["identity"] + "/give-up", nil, 404},
		{"another's name is taken back", chair, "/settings/names/" + mine["identity"] + "/take-back", nil, 404},
		{"a line of another's meeting, by way of one's own session", chair, session + "/redact", tess("line", theirs["ref"], "sure", "1"), 403},
		{"a hidden line, by way of another session", otherChair, otto + "/redact", tess("line", hidden["ref"], "sure", "1"), 404},
		{"a line of one's own, by way of another's session", chair, otto + "/redact", tess("line", mine["ref"], "sure", "1"), 403},
		{"another's removal is taken back", chair, "/redactions/" + theirs["redaction"] + "/undo", nil, 403},
		{"a request is settled by who chairs there", chair, "/manage/requests/" + mine["request"] + "/refuse", tess("note", "no"), 403},
		{"removal of a hidden line is asked for", nobody, "/privacy", tess("line", "/l/"+hidden["ref"], "why", "x"), 422},
		{"removal of no line is asked for", nobody, "/privacy", tess("line", "/l/01arz3ndektsv4rrffq69g5fav", "why", "x"), 422},
		{"a chair appoints another", chair, "/manage/chairs/Mel/series/weekly-hackfest/add", nil, 403},
		{"a chair appoints themselves elsewhere", chair, "/manage/chairs/Tess/sessions/" + theirs["session"] + "/add", nil, 403},
		{"a member raises themselves", member, "/admin/people/Mel/role", tess("role", "admin"), 403},
		{"a maintainer raises themselves", maintainer, "/admin/people/Mia/role/admin", nil, 403},
	} {
		if a := r.send(http.MethodPost, x.path, x.form, r.headers[x.as]); a.code != x.code {
			t.Errorf("%s: %d to %q, want %d", x.name, a.code, a.to, x.code)
		}
		if x.code == http.StatusForbidden {
			refused++
		}
		if n := r.refusals(); n != refused {
			t.Errorf("%s: %d refusals are in the audit log, want %d", x.name, n, refused)
			refused = n
		}
		for name, sum := range r.everything() {
			if before[name] != sum {
				t.Errorf("%s: %s was changed", x.name, name)
				before[name] = sum
			}
		}
	}
}

// The keys of others' forms, and the ids of what they said, tell nothing.
func TestKeysOfOthers(t *testing.T) {
	t.Parallel()
	r := newRights(t)
	session := "/sessions/" + r.params[chaired]["session"]
	once := newKey().String()
	form := url.Values{"text": {canary}, "once": {once}}
	a := r.send(http.MethodPost, session+"/live/topic", form, r.headers[chair])
	_, sent, found := strings.Cut(a.to, "?sent=")
	sent, _, _ = strings.Cut(sent, "#")
	if a.code != http.StatusSeeOther || !found {
		t.Fatalf("%d to %q", a.code, a.to)
	}
	contains(t, r.send(http.MethodGet, session+"?sent="+sent, nil, r.headers[chair]).body, canary)
	did := r.send(http.MethodPost, session+"/agenda", url.Values{"text": {"An item"}, "once": {newKey().String()}}, r.headers[chair]).to
	contains(t, r.send(http.MethodGet, did, nil, r.headers[chair]).body, "It is on the agenda.")
	path, key, _ := strings.Cut(did, "?did=")
	key, _, _ = strings.Cut(key, "#")
	for _, who := range []asker{nobody, expired, suspended, member, otherChair, maintainer, admin} {
		same := func(with, without string) {
			t.Helper()
			x, y := r.send(http.MethodGet, with, nil, r.headers[who]), r.send(http.MethodGet, without, nil, r.headers[who])
			if a, b := strings.ReplaceAll(alike(x.body), "01arz3ndektsv4rrffq69g5fav", "*"), strings.ReplaceAll(alike(y.body), "01arz3ndektsv4rrffq69g5fav", "*"); x.code != y.code || strings.ReplaceAll(strings.ReplaceAll(a, sent, "*"), key, "*") != b {
				t.Errorf("%s is told something by %s: %d, %d\n%s", askerNames[who], with, x.code, y.code, difference(b, a))
			}
		}
		same(session+"?sent="+sent, session+"?sent=01arz3ndektsv4rrffq69g5fav")
		same("/?did="+key, "/?did=01arz3ndektsv4rrffq69g5fav")
		if who >= maintainer {
			same(path+"?did="+key, path+"?did=01arz3ndektsv4rrffq69g5fav")
			b := r.send(http.MethodPost, session+"/live/topic", form, r.headers[who])
			if b.code != http.StatusConflict || strings.Contains(b.body, sent) {
				t.Errorf("%s sends the form of somebody else: %d to %q", askerNames[who], b.code, b.to)
			}
		}
	}
	if n := one[int](t, r.dsn, "select count(*)::int from bot_commands"); n != 1 {
		t.Errorf("%d commands", n)
	}
}

// A right that is taken away is gone at the next request.
func TestRightsTakenAway(t *testing.T) {
	t.Parallel()
	r := newRights(t)
	session := "/sessions/" + r.params[chaired]["session"]
	hidden := "/sessions/" + r.params[closed]["session"]
	try := func(who asker, method, path string, code int) {
		t.Helper()
		if a := r.send(method, path, url.Values{"text": {"x"}}, r.headers[who]); a.code != code {
			t.Errorf("%s %s by %s: %d, want %d", method, path, askerNames[who], a.code, code)
		}
	}
	ctx := t.Context()
	try(chair, http.MethodPost, session+"/agenda", 303)
	must(t, r.Store.RemoveChair(ctx, r.people[chair].ID, "weekly-hackfest"))
	try(chair, http.MethodPost, session+"/agenda", 403)
	try(chair, http.MethodPost, session+"/live/topic", 403)
	must(t, r.Store.RemoveSessionChair(ctx, r.people[otherChair].ID, r.params[ended]["session"]))
	try(otherChair, http.MethodGet, "/sessions/"+r.params[ended]["session"]+"/agenda", 403)

	try(admin, http.MethodGet, "/admin", 200)
	try(adminToken, http.MethodPost, session+"/live/topic", 303)
	must(t, r.Store.SetRole(ctx, join(t, r.Server, "Bea", person.Admin).ID, person.Admin))
	must(t, r.Store.SetRole(ctx, r.people[admin].ID, person.Member))
	try(admin, http.MethodGet, "/admin", 403)
	try(admin, http.MethodGet, "/manage/chairs", 403)
	try(adminToken, http.MethodPost, session+"/live/topic", 403)
	try(maintainer, http.MethodGet, "/manage/chairs", 200)
	must(t, r.Store.SetRole(ctx, r.people[maintainer].ID, person.Member))
	try(maintainer, http.MethodPost, session+"/live/topic", 403)

	try(member, http.MethodGet, hidden, 200)
	try(memberToken, http.MethodGet, "/api/v1"+hidden, 200)
	must(t, r.Store.Suspend(ctx, r.people[member].ID, r.Now()))
	try(member, http.MethodGet, hidden, 404)
	try(member, http.MethodGet, "/settings", 303)
	try(member, http.MethodPost, session+"/live/item", 401)
	try(memberToken, http.MethodGet, "/api/v1"+hidden, 401)
	must(t, r.Store.Unsuspend(ctx, r.people[member].ID))
	try(member, http.MethodGet, hidden, 404) // the sign-in is gone for good
}

// The audit log is never changed, so it holds nothing of what people write that may
// come from a line: that may have to go.
func TestAuditHoldsNoWords(t *testing.T) {
	t.Parallel()
	r := newRights(t)
	const words = "zzwords"
	for path, form := range map[string]url.Values{
		"/lessons/new": {"text": {words}, "kind": {"avoid"}, "scope": {"all"}},
		"/lessons/" + r.params[ended]["lesson"] + "/check": {"list": {"all"}, "text": {words}, "do": {"make"}},
		"/lessons/" + r.params[ended]["lesson"] + "/edit":  {"text": {words}, "kind": {"avoid"}, "scope": {"all"}},
		"/checklists/weekly-hackfest":                      {"text": {words}, "advice": {words}},
		"/targets/openshift-origin/edit":                   {"name": {words}, "sentence": {words}, "about": {words}, "goal": {words}},
	} {
		if a := r.send(http.MethodPost, path, form, r.headers[admin]); a.code != http.StatusSeeOther {
			t.Errorf("%s: %d", path, a.code)
		}
	}
	for _, entry := range column(t, r.dsn, "select action || ' ' || object from audit where before::text like $1 or after::text like $1", "%"+words+"%") {
		t.Errorf("%s: the words stay for ever", entry)
	}
}

package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// tell sends a change by API, named key, as a program does.
func tell(t *testing.T, s *Server, path, key, body string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, apiRoot+path, bytes.NewBufferString(body))
	r.RemoteAddr = "192.0.2.7:4711"
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if key != "" {
		r.Header.Set(idempotencyKey, key)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	s.Routes().ServeHTTP(w, r)
	return w
}

// openAction is a portal with one open action.
func openAction(t *testing.T) (*Server, hackfest.Action) {
	t.Helper()
	s := newServer(t)
	k := listen(t, s, plan(t, s, "AppScale", wednesday, nil))
	k.opening()
	k.close()
	list, err := s.Store.Actions(t.Context(), person.PublicViewer, store.ActionFilter{})
	must(t, err)
	if len(list) != 1 || list[0].State != hackfest.ActionOpen {
		t.Fatalf("%+v", list)
	}
	return s, list[0]
}

func (a action) now() hackfest.Action {
	a.t.Helper()
	x, err := a.s.Store.Action(a.t.Context(), person.PublicViewer, a.id)
	must(a.t, err)
	return x
}

// action is an action to look at again and again.
type action struct {
	t  *testing.T
	s  *Server
	id hackfest.ItemID
}

func TestAPISettlesAnActionOnce(t *testing.T) {
	t.Parallel()
	s, x := openAction(t)
	at := action{t, s, x.ID}
	mel := join(t, s, "mel", person.Maintainer)
	sent := token(t, s, mel, person.ScopeChair)
	path := "/actions/" + x.ID.String()
	first := tell(t, s, path, "k1", `{"how": "done"}`, sent)
	d := readSpec(t, s)
	answered := d.Paths["/actions/{action}"]["post"].Responses["200"].Content["application/json"].Schema
	checkAnswer(t, d, "the first", first.Code, first.Body.Bytes(), answered)
	if a := at.now(); a.State != hackfest.ActionDone || a.By != "mel" {
		t.Errorf("%+v", a)
	}
	if w := tell(t, s, path, "k2", `{"how": "open"}`, sent); w.Code != http.StatusOK {
		t.Errorf("opened again: %d", w.Code)
	}
	again := tell(t, s, path, "k1", `{"how": "done"}`, sent)
	if again.Code != http.StatusOK || again.Body.String() != first.Body.String() || at.now().State != hackfest.ActionOpen {
		t.Errorf("sent again, it is answered %d %s, and the action is %s", again.Code, again.Body, at.now().State)
	}
	reused := tell(t, s, path, "k1", `{"how": "dropped"}`, sent)
	checkProblem(t, reused, http.StatusConflict, idempotencyKey)
	contains(t, reused.Body.String(), "This Idempotency-Key was sent before with another body", "Draw a new one")
	lacks(t, reused.Body.String(), "form", "page")
	if at.now().State != hackfest.ActionOpen {
		t.Error("another change under a name that was used is carried out")
	}
	list, _ := listed(t, s, "/api/v1/actions?state=open")
	if len(list) != 1 || list[0]["id"] != x.ID.String() {
		t.Errorf("%v", list)
	}
}

func TestAPIWriteRefuses(t *testing.T) {
	t.Parallel()
	s, x := openAction(t)
	at := action{t, s, x.ID}
	mel := join(t, s, "mel", person.Maintainer)
	good := token(t, s, mel, person.ScopeChair)
	member := token(t, s, join(t, s, "ann", person.Member), person.Scopes...)
	path := "/actions/" + x.ID.String()
	browser := maps.Clone(signedIn(t, s, mel.ID))
	browser["Sec-Fetch-Site"] = "same-origin"
	elsewhere := map[string]string{"Authorization": good["Authorization"], "Cookie": browser["Cookie"], "Origin": "https://evil.example"}
	for _, tt := range []struct {
		name, path, key, body string
		header                map[string]string
		code                  int
		fields                string
	}{
		{"nobody", path, "k", `{"how": "done"}`, nil, 401, ""},
		{"a browser that is signed in", path, "k", `{"how": "done"}`, browser, 401, ""},
		{"another site", path, "k", `{"how": "done"}`, elsewhere, 403, ""},
		{"a member", path, "k", `{"how": "done"}`, member, 403, ""},
		{"a token without the scope", path, "k", `{"how": "done"}`, token(t, s, mel, person.ScopeRead, person.ScopeMaintain), 403, ""},
		{"a mistyped token", path, "k", `{"how": "done"}`, map[string]string{"Authorization": "Bearer hf_x"}, 401, ""},
		{"no such action", "/actions/01h00000000000000000000000.1", "k", `{"how": "done"}`, good, 404, ""},
		{"no action at all", "/actions/none", "k", `{"how": "done"}`, good, 404, ""},
		{"no name for the change", path, "", `{"how": "done"}`, good, 422, "Idempotency-Key"},
		{"an endless name", path, strings.Repeat("k", 256), `{"how": "done"}`, good, 422, "Idempotency-Key"},
		{"no name, and fields that are none", path, "", `{"why": 1, "what": []}`, good, 422, "Idempotency-Key how what why"},
		{"a field of another kind", path, "k", `{"how": 1}`, good, 422, "how"},
		{"a field that is null", path, "k", `{"how": null}`, good, 422, "how"},
		{"a state that is none", path, "k", `{"how": "perhaps"}`, good, 422, "how"},
		{"no JSON", path, "k", `how=done`, good, 422, ""},
		{"no object", path, "k", `["done"]`, good, 422, ""},
		{"nothing", path, "k", ``, good, 422, ""},
		{"null", path, "k", `null`, good, 422, ""},
		{"deep", path, "k", strings.Repeat("[", 200_000), good, 422, ""},
		{"too much", path, "k", `{"how": "` + strings.Repeat("x", maxBody) + `"}`, good, 413, ""},
		{"a form", path, "k", `how=done`, andHeader(good, "Content-Type", "application/x-www-form-urlencoded"), 415, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := tell(t, s, tt.path, tt.key, tt.body, tt.header)
			checkProblem(t, w, tt.code, "")
			var p problem
			must(t, json.Unmarshal(w.Body.Bytes(), &p))
			var fields []string
			for _, f := range p.Errors {
				fields = append(fields, f.Field)
			}
			if got := strings.Join(fields, " "); got != tt.fields {
				t.Errorf("fields %q, want %q", got, tt.fields)
			}
			if (tt.code == 401) != (w.Header().Get("WWW-Authenticate") != "") {
				t.Errorf("WWW-Authenticate is %q", w.Header().Get("WWW-Authenticate"))
			}
			if at.now().State != hackfest.ActionOpen {
				t.Fatal("it was carried out all the same")
			}
		})
	}
}

// andHeader is header and one more.
func andHeader(header map[string]string, k, v string) map[string]string {
	m := maps.Clone(header)
	m[k] = v
	return m
}

func TestAPIAgenda(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	x := plan(t, s, "AppScale", wednesday.AddDate(0, 0, 7), nil)
	sent := token(t, s, join(t, s, "mel", person.Maintainer), person.ScopeChair, person.ScopeRead)
	path := "/sessions/" + x.Slug + "/agenda"
	for range 2 {
		w := tell(t, s, path, "k1", `{"text": "Which image do we all use?"}`, sent)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), s.BaseURL+"/sessions/"+x.Slug) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	checkProblem(t, tell(t, s, path, "k2", `{"text": "  "}`, sent), http.StatusUnprocessableEntity, "text")
	list, _ := listed(t, s, apiRoot+path)
	if len(list) != 1 || list[0]["text"] != "Which image do we all use?" || list[0]["state"] != "open" {
		t.Errorf("%v", list)
	}
	past := plan(t, s, "Long ago", wednesday.AddDate(-1, 0, 0), nil)
	checkProblem(t, tell(t, s, "/sessions/"+past.Slug+"/agenda", "k3", `{"text": "too late"}`, sent), http.StatusConflict, "")
}

package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

// token makes a token of somebody's, and returns the header that sends it.
func token(t *testing.T, s *Server, a person.Actor, scopes ...person.Scope) map[string]string {
	t.Helper()
	secret, hash := auth.NewToken()
	_, err := s.Store.AddToken(t.Context(), a.ID, hash, person.Token{Name: "test", Scopes: scopes, CreatedAt: wednesday})
	must(t, err)
	return map[string]string{"Authorization": "Bearer " + secret}
}

// hidden is a portal with one session for everybody and one for members, both
// held, whose titles and words say which they are.
func hidden(t *testing.T) *Server {
	t.Helper()
	s, db := newServerAt(t)
	x := plan(t, s, "Open house", wednesday.AddDate(0, 0, -7), nil)
	k := listen(t, s, x)
	k.opening()
	k.close()
	y := plan(t, s, "Closed doors", wednesday, nil)
	column(t, db, "update sessions set visibility = 'members' where slug = $1 returning slug", y.Slug)
	k = listen(t, s, y)
	k.opening()
	k.say("okapi", "#info the secret recipe")
	k.close()
	return s
}

// What is for members is in no answer of the API but to who may read it: R34, and
// a token reads no more than its scopes and its person allow.
func TestAPIHidesWhatIsForMembers(t *testing.T) {
	t.Parallel()
	s := hidden(t)
	ann := join(t, s, "ann", person.Member)
	gone := join(t, s, "gone", person.Maintainer)
	gones := token(t, s, gone, person.ScopeRead)
	must(t, s.Store.Suspend(t.Context(), gone.ID, wednesday))
	meetings, _ := s.Store.Meetings(t.Context(), ann.Viewer, store.MeetingFilter{})
	paths := []string{"/sessions", "/sessions/2012-08-22-closed-doors", "/meetings", "/channels/freenode/eucalyptus-devel/lines?limit=200"}
	for _, m := range meetings {
		paths = append(paths, "/meetings/"+m.Ref.String())
	}
	if len(paths) != 6 {
		t.Fatalf("%d meetings", len(meetings))
	}
	for _, tt := range []struct {
		name   string
		header map[string]string
		code   int // where the list is; 200 sees what is public
		sees   bool
	}{
		{"the public", nil, 200, false},
		{"a member's token", token(t, s, ann, person.ScopeRead, person.ScopeChair), 200, true},
		{"a token without the scope", token(t, s, ann, person.ScopePreflight), 403, false},
		{"a mistyped token", map[string]string{"Authorization": "Bearer hf_none"}, 401, false},
		{"an empty token", map[string]string{"Authorization": "Bearer"}, 401, false},
		{"the token of somebody suspended", gones, 401, false},
		{"a password for a web server in front", map[string]string{"Authorization": "Basic YTpi"}, 200, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := 0
			for _, p := range paths {
				w := ask(t, s, request{path: apiRoot + p, header: tt.header})
				body := w.Body.String()
				if strings.Contains(body, "Closed doors") || strings.Contains(body, "closed-doors") || strings.Contains(body, "secret recipe") {
					found++
				}
				if tt.code != 200 {
					checkProblem(t, w, tt.code, "")
				}
				if got := w.Header().Get("WWW-Authenticate"); (tt.code == 401) != strings.Contains(got, `error="invalid_token"`) {
					t.Errorf("%s: WWW-Authenticate is %q", p, got)
				}
			}
			if tt.sees && found != 5 || !tt.sees && found != 0 {
				t.Errorf("found in %d answers of %d", found, len(paths))
			}
		})
	}
}

// A token is worth what its person is at the moment, and nothing where a browser
// is meant.
func TestTokenIsNeverMoreThanItsPerson(t *testing.T) {
	t.Parallel()
	s := hidden(t)
	ann := join(t, s, "ann", person.Member)
	sent := token(t, s, ann, person.Scopes...)
	ask200 := func(path string) bool {
		t.Helper()
		return ask(t, s, request{path: path, header: sent}).Code == http.StatusOK
	}
	if !ask200("/api/v1/sessions/2012-08-22-closed-doors") || !ask200("/sessions/2012-08-22-closed-doors") {
		t.Error("a member's token does not read what is for members")
	}
	for _, path := range []string{"/settings", "/manage", "/admin"} {
		if w := ask(t, s, request{path: path, header: sent}); w.Code == http.StatusOK || w.Code == http.StatusSeeOther {
			t.Errorf("%s by token: %d", path, w.Code)
		}
	}
	list, err := s.Store.Tokens(t.Context(), ann.ID)
	must(t, err)
	if len(list) != 1 || !list[0].UsedAt.Equal(s.Now().Truncate(time.Minute)) {
		t.Errorf("%+v", list)
	}
	if !slices.Equal(list[0].Scopes, person.Scopes) {
		t.Errorf("scopes %v", list[0].Scopes)
	}
	must(t, s.Store.Suspend(t.Context(), ann.ID, wednesday))
	if w := ask(t, s, request{path: "/schedule", header: sent}); w.Code != http.StatusUnauthorized {
		t.Errorf("suspended, it still reads: %d", w.Code)
	}
}

package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// githubCases are all that must not sign anybody in. A browser has begun and has
// ann's consent; what it does then is for each to say.
var githubCases = []struct {
	name   string
	does   func(v *visitor, q url.Values) *httptest.ResponseRecorder
	status int
	says   string
	asks   bool // GitHub is asked about a code
}{
	{"no state", func(v *visitor, q url.Values) *httptest.ResponseRecorder { return v.back(other(q, "state")) }, 403, "not begun in this browser", false},
	{"an empty state", func(v *visitor, q url.Values) *httptest.ResponseRecorder { return v.back(other(q, "state", "")) }, 403, "not begun", false},
	{"a made-up state", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "state", strings.Repeat("A", 43)))
	}, 403, "not begun", false},
	{"a state cut short", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "state", q.Get("state")[:42]))
	}, 403, "not begun", false},
	{"a state with a sign more", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "state", q.Get("state")+"A"))
	}, 403, "not begun", false},
	{"a state with a blank more", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "state", q.Get("state")+" "))
	}, 403, "not begun", false},
	{"a state in capitals", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "state", strings.ToUpper(q.Get("state"))))
	}, 403, "not begun", false},
	{"a state of NUL and bytes", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "state", "\x00\xff"))
	}, 403, "not begun", false},
	{"an endless state", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "state", strings.Repeat("x", 5000)))
	}, 403, "not begun", false},
	{"two states, the right one first", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "state", q.Get("state"), "other"))
	}, 403, "not begun", false},
	{"two states, the right one last", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "state", "other", q.Get("state")))
	}, 403, "not begun", false},
	{"the same state twice", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "state", q.Get("state"), q.Get("state")))
	}, 403, "not begun", false},
	{"what the database has of the state", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "state", string(auth.HashSecret(q.Get("state")))))
	}, 403, "not begun", false},
	{"another browser without a cookie", func(v *visitor, q url.Values) *httptest.ResponseRecorder { return v.visitor().back(q) }, 403, "not begun", false},
	{"another browser that began as well", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		second := v.visitor()
		second.begin("/signin/github", "/")
		return second.back(q)
	}, 403, "not begun", false},
	{"a made-up cookie", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		v.cookies[theCookie] = strings.Repeat("B", 43)
		return v.back(q)
	}, 403, "not begun", false},
	{"an empty cookie", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		v.cookies[theCookie] = ""
		return v.back(q)
	}, 403, "not begun", false},
	{"a cookie cut short", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		v.cookies[theCookie] = v.cookies[theCookie][:42]
		return v.back(q)
	}, 403, "not begun", false},
	{"the state as cookie", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		v.cookies[theCookie] = q.Get("state")
		return v.back(q)
	}, 403, "not begun", false},
	{"the cookie under the name of sign-ins", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		v.cookies["hackfest"] = v.cookies[theCookie]
		delete(v.cookies, theCookie)
		return v.back(q)
	}, 403, "not begun", false},
	{"the cookie of an https portal", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		v.cookies["__Host-"+theCookie] = v.cookies[theCookie]
		delete(v.cookies, theCookie)
		return v.back(q)
	}, 403, "not begun", false},
	{"begun anew since in the same browser", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		v.begin("/signin/github", "/")
		return v.back(q)
	}, 403, "begun anew since", false},
	{"after ten minutes", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		v.later.Add(int64(auth.GitHubTime))
		return v.back(q)
	}, 409, "longer than ten minutes", false},
	{"a state that was used", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		kept := v.cookies[theCookie]
		v.back(q)
		delete(v.cookies, "hackfest")
		v.cookies[theCookie] = kept
		v.hub.Forget()
		return v.back(q)
	}, 409, "used already", false},
	{"a state that was used to refuse", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		kept := v.cookies[theCookie]
		v.back(url.Values{"state": q["state"], "error": {"access_denied"}})
		v.cookies[theCookie] = kept
		return v.back(q)
	}, 409, "used already", false},
	{"begun to link, come back signed out", func(v *visitor, _ url.Values) *httptest.ResponseRecorder {
		mel := v.as(v.ann)
		q := v.consent("ann", mel.begin("/settings/github", ""))
		delete(mel.cookies, "hackfest")
		return mel.back(q)
	}, 403, "is not signed in here now", false},

	{"no code", func(v *visitor, q url.Values) *httptest.ResponseRecorder { return v.back(other(q, "code")) }, 422, "without a code", false},
	{"an empty code", func(v *visitor, q url.Values) *httptest.ResponseRecorder { return v.back(other(q, "code", "")) }, 422, "without a code", false},
	{"two codes", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "code", q.Get("code"), "other"))
	}, 422, "without a code", false},
	{"a made-up code", func(v *visitor, q url.Values) *httptest.ResponseRecorder { return v.back(other(q, "code", "00112233")) }, 422, "does not know that code", true},
	{"a hostile code", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "code", "\"><script>&client_secret=x\r\n\x00\xff"))
	}, 422, "does not know that code", true},
	{"a code that was used", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		v.back(q)
		second := v.visitor()
		again := second.consent("ann", second.begin("/signin/github", "/"))
		return second.back(other(again, "code", q.Get("code")))
	}, 422, "does not know that code", true},
	{"a code of another browser", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		second := v.visitor()
		mine := second.consent("ann", second.begin("/signin/github", "/"))
		return v.back(other(q, "code", mine.Get("code"))) // its verifier is another
	}, 422, "does not know that code", true},
	{"a code of another callback", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		page := strings.Replace(v.begin("/signin/github", "/"), "callback", "callback%2Fevil", 1)
		v.hub.Grant("ann")
		return v.back(v.hub.Authorize(page).Query())
	}, 503, "callback address", true},
	{"a code GitHub waited too long for", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		v.later.Add(int64(auth.GitHubTime) - int64(time.Second)) // of the portal it is in time
		late := v.visitor()
		page := late.begin("/signin/github", "/")
		late.consent("ann", page)
		return late.back(url.Values{"state": {stateOf(page)}, "code": q["code"]})
	}, 422, "does not know that code", true},

	{"refused at GitHub", func(v *visitor, _ url.Values) *httptest.ResponseRecorder {
		return v.back(v.consent("", v.begin("/signin/github", "/")))
	}, 403, "You did not let GitHub", false},
	{"an error and a code", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "error", "access_denied"))
	}, 403, "You did not let GitHub", false},
	{"an empty error and a code", func(v *visitor, q url.Values) *httptest.ResponseRecorder { return v.back(other(q, "error", "")) }, 503, "an error without a name", false},
	{"an error of markup", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "error", "<script>alert(1)</script>"))
	}, 503, "an error without a name", false},
	{"an app GitHub has suspended", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		return v.back(other(q, "error", "application_suspended"))
	}, 503, "An admin has to compare", false},

	{"GitHub away", failing("", testgithub.Failure{}), 503, "did not say who you are", true},
	{"GitHub broken", failing("access_token", testgithub.Broken(502)), 503, "did not say who you are", true},
	{"GitHub limits", failing("user", testgithub.TooMany(time.Minute)), 503, "did not say who you are", true},
	{"GitHub slow with a token", failing("access_token", testgithub.Failure{Hang: true}), 503, "did not say who you are", true},
	{"GitHub slow with a person", failing("user", testgithub.Failure{Hang: true}), 503, "did not say who you are", true},
	{"a token of a page", failing("access_token", answering("<!doctype html><p>hello")), 503, "did not say", true},
	{"no token", failing("access_token", answering(`{"token_type":"bearer"}`)), 503, "did not say", true},
	{"a token of line ends", failing("access_token", answering(`{"access_token":"a\r\nHost: evil.example","token_type":"bearer"}`)), 503, "did not say", true},
	{"an endless token", failing("access_token", answering(`{"access_token":"`+strings.Repeat("x", 2<<20)+`"}`)), 503, "did not say", true},
	{"an error of markup for a code", failing("access_token", answering(`{"error":"<script>"}`)), 503, "An admin has to compare", true},
	{"sent elsewhere for a token", failing("access_token", leading(307)), 503, "did not say", true},
	{"sent elsewhere for a person", failing("user", leading(302)), 503, "did not say", true},
	{"a person without a number", failing("user", answering(`{"login":"ann"}`)), 503, "did not say", true},
	{"a person of number 0", failing("user", answering(`{"id":0,"login":"ann"}`)), 503, "did not say", true},
	{"a person below 0", failing("user", answering(`{"id":-7,"login":"ann"}`)), 503, "did not say", true},
	{"a number that is a text", failing("user", answering(`{"id":"7","login":"ann"}`)), 503, "did not say", true},
	{"a number beyond counting", failing("user", answering(`{"id":92233720368547758080,"login":"ann"}`)), 503, "did not say", true},
	{"a person without a login", failing("user", answering(`{"id":7}`)), 503, "did not say", true},
	{"a login of markup", failing("user", answering(`{"id":7,"login":"<script>"}`)), 503, "did not say", true},
	{"no JSON", failing("user", answering(`null and void`)), 503, "did not say", true},
	{"null", failing("user", answering(`null`)), 503, "did not say", true},
	{"a person beside a refusal", func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		ann := strconv.FormatInt(v.hub.AddUser(testgithub.User{Login: "ann"}).ID, 10)
		return failing("user", testgithub.Failure{Status: 401, Body: `{"id":` + ann + `,"login":"ann"}`})(v, q)
	}, 503, "did not say", true},
	{"an endless person", failing("user", answering(`{"id":7,"login":"ann","bio":"`+strings.Repeat("x", 2<<20)+`"}`)), 503, "did not say", true},

	{"a login nobody linked", func(v *visitor, _ url.Values) *httptest.ResponseRecorder {
		return v.back(v.consent("stranger", v.begin("/signin/github", "/lessons")))
	}, 403, "No account here is linked with stranger on GitHub", true},
	{"a login somebody else had", func(v *visitor, _ url.Values) *httptest.ResponseRecorder {
		v.link(join(v.t, v.Server, "Bob", person.Member), "bob")
		v.hub.RenameUser("bob", "robert")
		return v.back(v.consent("bob", v.begin("/signin/github", "/")))
	}, 403, "No account here is linked with bob", true},
	{"the login of somebody suspended", func(v *visitor, _ url.Values) *httptest.ResponseRecorder {
		sol := join(v.t, v.Server, "Sol", person.Admin)
		join(v.t, v.Server, "Root", person.Admin)
		v.link(sol, "sol")
		must(v.t, v.Store.Suspend(v.t.Context(), sol.ID, wednesday))
		return v.back(v.consent("sol", v.begin("/signin/github", "/")))
	}, 403, "suspended", true},
	{"the login of somebody who left", func(v *visitor, _ url.Values) *httptest.ResponseRecorder {
		lee := join(v.t, v.Server, "Lee", person.Member)
		v.link(lee, "lee")
		must(v.t, v.Store.Leave(v.t.Context(), lee.Viewer, "left/abcdefgh", false, wednesday))
		return v.back(v.consent("lee", v.begin("/signin/github", "/")))
	}, 403, "No account here is linked with lee", true},
	{"a login that was unlinked", func(v *visitor, _ url.Values) *httptest.ResponseRecorder {
		una := withPassword(v.t, v.Server, "Una", person.Member)
		v.link(una, "una")
		_, err := v.Store.UnlinkGitHub(v.t.Context(), una.ID, false, wednesday.Add(time.Minute))
		must(v.t, err)
		return v.back(v.consent("una", v.begin("/signin/github", "/")))
	}, 403, "No account here is linked with una", true},
}

// failing comes back while something goes wrong with GitHub.
func failing(path string, f testgithub.Failure) func(*visitor, url.Values) *httptest.ResponseRecorder {
	return func(v *visitor, q url.Values) *httptest.ResponseRecorder {
		f.Path = path
		v.hub.Fail(f)
		defer v.hub.Heal()
		if f.Hang {
			defer func(d time.Duration) { v.gate().github.Patience = d }(v.gate().github.Patience)
			v.gate().github.Patience = 50 * time.Millisecond
		}
		return v.back(q)
	}
}

// answering answers with JSON.
func answering(body string) testgithub.Failure {
	return testgithub.Failure{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
}

// leading sends whoever asks to the page of consent, which nobody but a browser
// opens.
func leading(status int) testgithub.Failure {
	return testgithub.Failure{Status: status, Header: http.Header{"Location": {"/login/oauth/authorize?elsewhere"}}}
}

// stateOf is the state in the address of the page of consent.
func stateOf(page string) string {
	u, _ := url.Parse(page)
	return u.Query().Get("state")
}

package web

import (
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// hubbed is a portal that people sign in to with a GitHub of ours.
type hubbed struct {
	*Server
	t      *testing.T
	hub    *testgithub.GitHub
	later  atomic.Int64 // how much later than wednesday it is, for both
	log    bytes.Buffer
	ann    person.Actor // linked "ann"
	routes http.Handler // made when first asked
}

func newHubbed(t *testing.T) *hubbed {
	t.Helper()
	h := &hubbed{Server: newServer(t), t: t}
	h.Now = func() time.Time { return wednesday.Add(time.Duration(h.later.Load())) }
	h.Log = slog.New(slog.NewJSONHandler(&h.log, nil))
	h.hub = testgithub.Start(t, testgithub.Options{ClientID: "portal", ClientSecret: "hush", Callback: h.BaseURL + auth.GitHubBack, Now: h.Now})
	h.GitHub = ghsync.Access{API: h.hub.URL, Web: h.hub.Web, ClientID: "portal", ClientSecret: "hush"}
	h.ann = join(t, h.Server, "Ann", person.Member)
	h.link(h.ann, "ann")
	return h
}

func (h *hubbed) link(a person.Actor, login string) {
	h.t.Helper()
	u := h.hub.AddUser(testgithub.User{Login: login})
	must(h.t, h.Store.LinkGitHub(h.t.Context(), a.ID, person.GitHubLogin{ID: u.ID, Login: login}, wednesday))
}

// visitor is a browser with the cookies it was given.
type visitor struct {
	*hubbed
	cookies map[string]string
	home    string // address and port; "" is this machine, which is not counted
}

func (h *hubbed) visitor() *visitor { return &visitor{hubbed: h, cookies: map[string]string{}} }

// as is a browser in which somebody is signed in.
func (h *hubbed) as(a person.Actor) *visitor {
	h.t.Helper()
	v := h.visitor()
	name, value, _ := strings.Cut(signedIn(h.t, h.Server, a.ID)["Cookie"], "=")
	v.cookies[name] = value
	return v
}

// send asks for path as the browser does, and keeps the cookies of the answer.
func (v *visitor) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	v.t.Helper()
	r := httptest.NewRequestWithContext(v.t.Context(), method, path, strings.NewReader(form.Encode()))
	r.RemoteAddr, r.Host = cmp.Or(v.home, "127.0.0.1:5000"), "portal.example.org"
	r.Header.Set("Sec-Fetch-Site", "cross-site") // GitHub sends it
	if method == http.MethodPost {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if v.routes == nil {
		v.routes = v.Routes()
	}
	w := httptest.NewRecorder()
	v.routes.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if v.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return w
}

// begin is sent to GitHub, and returns the address there.
func (v *visitor) begin(path, next string) string {
	v.t.Helper()
	w := v.send(http.MethodPost, path, url.Values{"next": {next}})
	to := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, v.hub.Web+"/login/oauth/authorize?") {
		v.t.Fatalf("%d to %q\n%s", w.Code, to, w.Body)
	}
	return to
}

// consent is on GitHub as login, and returns with what it is sent back.
func (v *visitor) consent(login, page string) url.Values {
	v.t.Helper()
	v.hub.Grant(login)
	to := v.hub.Authorize(page)
	if to.Host != "portal.example.org" || to.Path != auth.GitHubBack {
		v.t.Fatalf("GitHub leads to %s", to)
	}
	return to.Query()
}

// back comes back from GitHub.
func (v *visitor) back(q url.Values) *httptest.ResponseRecorder {
	v.t.Helper()
	return v.send(http.MethodGet, auth.GitHubBack+"?"+q.Encode(), nil)
}

// other is q with other values of a parameter; none takes it out.
func other(q url.Values, name string, values ...string) url.Values {
	q[name] = values
	return q
}

// theCookie is the one that binds a try to a browser.
const theCookie = "hackfest-github"

// asked counts what a GitHub was asked by the portal, not by browsers.
func (h *hubbed) asked() (n int, elsewhere bool) {
	for _, r := range h.hub.Requests() {
		elsewhere = elsewhere || strings.Contains(r.Path, "elsewhere")
		if r.Method == http.MethodPost || r.Path == "user" {
			n++
		}
	}
	return n, elsewhere
}

// Nobody is signed in by an answer that is not GitHub's, to this browser, of now,
// and about somebody who linked their login: R36.
func TestSignInWithGitHubRefusals(t *testing.T) {
	t.Parallel()
	h := newHubbed(t)
	if len(githubCases) < 60 {
		t.Errorf("only %d cases", len(githubCases))
	}
	var secrets []string
	for _, tt := range githubCases {
		h.later.Store(0)
		v := h.visitor()
		q := v.consent("ann", v.begin("/signin/github", "/lessons"))
		secrets = append(secrets, q.Get("state"), q.Get("code"), v.cookies[theCookie])
		h.hub.Forget()
		w := tt.does(v, q)
		body := w.Body.String()
		if w.Code != tt.status || cookieOf(h.Server, w) != nil || w.Header().Get("Location") != "" || !strings.Contains(body, tt.says) {
			t.Errorf("%s: %d to %q, want %d and %q\n%s", tt.name, w.Code, w.Header().Get("Location"), tt.status, tt.says, body)
		}
		if strings.Contains(body, "<script>") || strings.Contains(body, "evil.example") || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the page holds what was sent, or is kept", tt.name)
		}
		if !strings.Contains(body, `action="/signin/github"`) {
			t.Errorf("%s: the page leads nowhere", tt.name)
		}
		n, elsewhere := h.asked()
		if (n > 0) != tt.asks || elsewhere {
			t.Errorf("%s: GitHub was asked %d times, and elsewhere: %v", tt.name, n, elsewhere)
		}
		if n := len(v.cookies["hackfest"]); n > 0 && tt.name != "a code that was used" && tt.name != "the cookie under the name of sign-ins" {
			t.Errorf("%s: signed in", tt.name)
		}
	}
	for _, secret := range append(secrets, "gho_", "hush") {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// Whoever linked their login is signed in by it, wherever they wanted to go on
// this portal and nowhere else.
func TestSignInWithGitHub(t *testing.T) {
	t.Parallel()
	h := newHubbed(t)
	v := h.visitor()
	page := v.begin("/signin/github", "/lessons?kind=avoid")
	u, err := url.Parse(page)
	must(t, err)
	asks := u.Query()
	if asks.Get("client_id") != "portal" || asks.Get("scope") != "" || asks.Get("code_challenge_method") != "S256" || len(asks.Get("code_challenge")) != 43 ||
		len(asks.Get("state")) != 43 || asks.Get("redirect_uri") != "http://portal.example.org/signin/github/callback" || strings.Contains(page, "hush") {
		t.Errorf("sent to %s", page)
	}
	h.later.Store(int64(auth.GitHubTime) - int64(time.Second))
	w := v.back(v.consent("ann", page))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/lessons?kind=avoid" || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d to %q\n%s", w.Code, w.Header().Get("Location"), w.Body)
	}
	if _, left := v.cookies[theCookie]; left || nameOn(t, h.Server, map[string]string{"Cookie": "hackfest=" + v.cookies["hackfest"]}) != "Ann" {
		t.Errorf("signed in with %v", v.cookies)
	}
	if n, _ := h.asked(); n != 2 {
		t.Errorf("GitHub was asked %d times", n)
	}

	// A sign-in of somebody else in the same browser ends; a login that is called
	// otherwise by now is still theirs.
	bob := join(t, h.Server, "Bob", person.Member)
	h.hub.RenameUser("ann", "ann-marie")
	v = h.as(bob)
	before := v.cookies["hackfest"]
	if w := v.back(v.consent("ann-marie", v.begin("/signin/github", "/"))); w.Code != http.StatusSeeOther || v.cookies["hackfest"] == before {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	if got := nameOn(t, h.Server, map[string]string{"Cookie": "hackfest=" + v.cookies["hackfest"]}); got != "Ann" || len(list(t, h.Server, bob.ID)) != 0 {
		t.Errorf("signed in as %q", got)
	}
	contains(t, v.send(http.MethodGet, "/settings", nil).Body.String(), ">ann-marie<")
	for _, next := range append([]string{"/" + strings.Repeat("x", 5000), "/\xff"}, badNexts...) {
		v := h.visitor()
		w := v.back(v.consent("ann-marie", v.begin("/signin/github", next)))
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/" {
			t.Errorf("%q: %d to %q", next, w.Code, got)
		}
	}
}

// Where GitHub is set up, and there alone, forms may lead to it; over TLS its
// cookie is bound to the host.
func TestGitHubIsOfferedWhereItIsSetUp(t *testing.T) {
	t.Parallel()
	h := newHubbed(t)
	policy := func(w *httptest.ResponseRecorder) string {
		_, rest, _ := strings.Cut(w.Header().Get("Content-Security-Policy"), "form-action ")
		rest, _, _ = strings.Cut(rest, ";")
		return rest
	}
	for path, want := range map[string]string{
		"/": "'self'", "/privacy": "'self'", "/settingsx": "'self'", "/signin": "'self' " + h.hub.Web, "/settings": "'self' " + h.hub.Web,
		auth.GitHubBack: "'self' " + h.hub.Web,
	} {
		if got := policy(h.visitor().send(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s lets forms lead to %s, want %s", path, got, want)
		}
	}
	for name, q := range map[string]request{
		"another site": {header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, "an old browser": {header: map[string]string{"Cookie": "hackfest=x"}},
		"a link": {method: http.MethodGet},
	} {
		q.path, q.form = "/signin/github", url.Values{}
		if q.method == "" {
			q.method = http.MethodPost
		}
		if w := ask(t, h.Server, q); w.Code < 400 || w.Code >= 500 || len(w.Result().Cookies()) != 0 {
			t.Errorf("begun by %s: %d", name, w.Code)
		}
	}
	h.BaseURL, h.routes = "https://portal.example.org", nil
	w := h.visitor().send(http.MethodPost, "/signin/github", url.Values{})
	c := w.Result().Cookies()
	if len(c) != 1 || c[0].Name != "__Host-hackfest-github" || !c[0].Secure || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode || c[0].Path != "/" || c[0].Domain != "" || c[0].MaxAge != 600 {
		t.Errorf("over TLS: %+v", c)
	}

	s := testServer(h.Store)
	if got := policy(ask(t, s, request{path: "/signin"})); got != "'self'" {
		t.Errorf("without GitHub forms may lead to %s", got)
	}
	lacks(t, page(t, s, "/signin"), "GitHub</h2>")
	for _, q := range []request{{method: http.MethodPost, path: "/signin/github", form: url.Values{}, as: h.ann}, {method: http.MethodPost, path: "/settings/github", form: url.Values{}, as: h.ann}} {
		if w := ask(t, s, q); w.Code != http.StatusNotFound {
			t.Errorf("%s without GitHub: %d", q.path, w.Code)
		}
	}
	if w := ask(t, s, request{path: auth.GitHubBack}); w.Header().Get("Location") != "/signin" {
		t.Errorf("who comes back without GitHub: %d", w.Code)
	}
}

// Somebody links a login in their settings, which signs them in then, and unlinks
// it unless nothing else would.
func TestLinkGitHub(t *testing.T) {
	t.Parallel()
	h := newHubbed(t)
	mel, bob := withPassword(t, h.Server, "mel", person.Member), join(t, h.Server, "Bob", person.Member)
	v := h.as(mel)
	contains(t, v.send(http.MethodGet, "/settings", nil).Body.String(), "Link your login on GitHub", `action="/settings/github"`)
	link := func(v *visitor, login string) *httptest.ResponseRecorder {
		t.Helper()
		return v.back(v.consent(login, v.begin("/settings/github", "")))
	}
	w := link(v, "mel-eu")
	to := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/settings?did=") || !strings.HasSuffix(to, "#github") {
		t.Fatalf("%d to %q\n%s", w.Code, to, w.Body)
	}
	contains(t, v.send(http.MethodGet, strings.TrimSuffix(to, "#github"), nil).Body.String(), "mel-eu on GitHub is linked.", "Unlink<")
	if w := h.visitor(); w.back(w.consent("mel-eu", w.begin("/signin/github", "/lessons"))).Header().Get("Location") != "/lessons" {
		t.Error("what was linked signs nobody in")
	}
	for _, tt := range []struct {
		name, login, says string
		who               person.Actor
	}{
		{"another login besides", "mel2", "You have linked mel-eu already.", mel},
		{"somebody else's login", "mel-eu", "is linked with another account here", bob},
	} {
		if w := link(h.as(tt.who), tt.login); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), tt.says) || !strings.Contains(w.Body.String(), `<h1 class="list">Settings`) {
			t.Errorf("%s: %d\n%s", tt.name, w.Code, w.Body)
		}
	}
	as := h.as(bob)
	q := v.consent("bob", as.begin("/settings/github", ""))
	as.cookies["hackfest"] = v.cookies["hackfest"]
	if w := as.back(q); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "is not signed in here now") {
		t.Errorf("begun by Bob, ended by mel: %d\n%s", w.Code, w.Body)
	}

	unlink := func(v *visitor) *httptest.ResponseRecorder {
		return v.send(http.MethodPost, "/settings/github/unlink", url.Values{"once": {newKey().String()}})
	}
	if w := unlink(h.as(h.ann)); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "GitHub is the only way you have to sign in.") {
		t.Errorf("the only way in: %d\n%s", w.Code, w.Body)
	}
	w = unlink(v)
	body := v.send(http.MethodGet, strings.TrimSuffix(w.Header().Get("Location"), "#github"), nil).Body.String()
	contains(t, body, "mel-eu on GitHub is unlinked", `action="/settings/github/relink"`, "Link your login on GitHub")
	out := h.visitor()
	if w := out.back(out.consent("mel-eu", out.begin("/signin/github", "/"))); w.Code != http.StatusForbidden {
		t.Errorf("unlinked, and it signs in: %d", w.Code)
	}
	w = v.send(http.MethodPost, "/settings/github/relink", url.Values{"once": {newKey().String()}})
	contains(t, v.send(http.MethodGet, strings.TrimSuffix(w.Header().Get("Location"), "#github"), nil).Body.String(), "mel-eu on GitHub is linked again.")
	if got := fmt.Sprint(h.export(v)); !strings.Contains(got, `"kind": "github"`) || !strings.Contains(got, `"mel-eu"`) {
		t.Errorf("their data lacks the login:\n%s", got)
	}
}

// export is somebody's data.
func (h *hubbed) export(v *visitor) string {
	return v.send(http.MethodGet, "/settings/export", nil).Body.String()
}

// Signing in with GitHub is one try of a household's, whatever comes of it, and who
// began one may come back from it; coming back from none is a try too.
func TestGitHubTriesOfAHousehold(t *testing.T) {
	t.Parallel()
	const tries = 30
	h := newHubbed(t)
	at := func(home string) *visitor {
		v := h.visitor()
		v.home = home
		return v
	}
	for range tries - 2 {
		v := at("198.51.100.7:5000")
		if w := v.back(v.consent("ann", v.begin("/signin/github", "/"))); w.Code != http.StatusSeeOther {
			t.Fatalf("%d for who is linked\n%s", w.Code, w.Body)
		}
	}
	unlinked, late := at("198.51.100.7:5000"), at("198.51.100.7:5000")
	page := late.begin("/signin/github", "/")
	if w := unlinked.back(unlinked.consent("nobody", unlinked.begin("/signin/github", "/"))); w.Code != http.StatusForbidden {
		t.Errorf("%d for who is not", w.Code)
	}
	if w := at("198.51.100.8:5000").send(http.MethodPost, "/signin/github", nil); w.Code != http.StatusSeeOther {
		t.Errorf("%d in another household", w.Code)
	}
	if w := at("198.51.100.7:5000").send(http.MethodPost, "/signin/github", nil); w.Code != http.StatusTooManyRequests {
		t.Errorf("%d at one try too many", w.Code)
	}
	if w := late.back(late.consent("ann", page)); w.Code != http.StatusSeeOther {
		t.Errorf("%d for who began before", w.Code)
	}
	for n := range tries + 1 {
		want := http.StatusForbidden
		if n == tries {
			want = http.StatusTooManyRequests
		}
		if w := at("203.0.113.9:5000").back(url.Values{"state": {"made up"}, "code": {"1"}}); w.Code != want {
			t.Errorf("%d for the %dth who comes back from nowhere, want %d", w.Code, n+1, want)
		}
	}
}

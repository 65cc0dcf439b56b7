package testgithub

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"html"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// codeLives is how long a code may be exchanged.
const codeLives = 10 * time.Minute

// grant is what a code stands for.
type grant struct {
	user      int64
	redirect  string
	challenge string // of PKCE (RFC 7636), S256; "" is none
	scope     string
	made      time.Time
	used      bool
}

// Grant has whoever is sent to the page that asks for consent be signed in as
// login there, and consent at once; "" refuses, which is so from the start.
func (g *GitHub) Grant(login string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.signedIn = login
	if login != "" {
		g.user(login)
	}
}

// Authorize opens the page that asks for consent, as a browser that was sent
// there, and returns where that is sent next.
func (g *GitHub) Authorize(page string) *url.URL {
	g.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(page) //nolint:noctx // it answers at once
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	to, err := res.Location()
	if err != nil {
		g.t.Fatalf("%s answers %s and sends nobody on: %v", page, res.Status, err)
	}
	return to
}

// page answers what is not the API.
func (c *call) page() *answer {
	path := c.r.URL.Path
	switch {
	case path == "/login/oauth/authorize" && c.r.Method == http.MethodGet:
		return c.authorize()
	case path == "/login/oauth/access_token" && c.r.Method == http.MethodPost:
		return c.exchange()
	case strings.HasPrefix(path, codeload) && c.r.Method == http.MethodGet:
		return c.archive()
	}
	return text(http.StatusNotFound, "There is no such page.")
}

// text is a page of a few words.
func text(status int, words string) *answer {
	return &answer{status, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, []byte("<!doctype html><title>GitHub</title><p>" + html.EscapeString(words))}
}

// authorize asks for consent, which whoever is signed in has given or refused.
func (c *call) authorize() *answer {
	g, q := c.g, c.query
	if q.Get("client_id") != g.options.ClientID || g.options.ClientID == "" {
		return text(http.StatusNotFound, "There is no such app.")
	}
	to, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || !strings.HasPrefix(q.Get("redirect_uri"), g.options.Callback) || to.Host == "" {
		return text(http.StatusOK, "The redirect_uri is not associated with this application.")
	}
	back := to.Query()
	if s := q.Get("state"); s != "" {
		back.Set("state", s)
	}
	switch {
	case g.signedIn == "":
		back.Set("error", "access_denied")
		back.Set("error_description", "The user has denied your application access.")
	case q.Get("code_challenge") != "" && q.Get("code_challenge_method") != "S256":
		back.Set("error", "invalid_request")
		back.Set("error_description", "The code_challenge_method must be S256.")
	default:
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", g.address, g.id()))
		code := fmt.Sprintf("%x", sum[:10])
		g.codes[code] = &grant{user: g.user(g.signedIn).ID, redirect: to.String(), challenge: q.Get("code_challenge"), scope: q.Get("scope"), made: g.now()}
		back.Set("code", code)
	}
	to.RawQuery = back.Encode()
	return &answer{http.StatusFound, http.Header{"Location": {to.String()}}, nil}
}

// exchange gives a token for a code, once, to the app alone that the code was made
// for. What is wrong is said with status 200, as GitHub does.
func (c *call) exchange() *answer {
	g := c.g
	form, err := url.ParseQuery(string(c.body))
	if kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return c.exchanged(object{"error": "bad_verification_code", "error_description": "The form does not parse."})
	}
	id, secret, basic := c.r.BasicAuth()
	if !basic {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	wrong := func(kind, why string) *answer {
		return c.exchanged(object{"error": kind, "error_description": why, "error_uri": "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors"})
	}
	code := g.codes[form.Get("code")]
	switch {
	case id != g.options.ClientID || secret != g.options.ClientSecret:
		return wrong("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
	case code == nil || code.used || g.now().After(code.made.Add(codeLives)):
		return wrong("bad_verification_code", "The code passed is incorrect or expired.")
	case form.Get("redirect_uri") != "" && form.Get("redirect_uri") != code.redirect:
		return wrong("redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.")
	case code.challenge != "" && !verifies(form.Get("code_verifier"), code.challenge):
		return wrong("bad_verification_code", "The code passed is incorrect or expired.")
	}
	code.used = true
	token := fmt.Sprintf("gho_%036d", g.id())
	g.tokens[token] = code.user
	return c.exchanged(object{"access_token": token, "token_type": "bearer", "scope": code.scope})
}

// verifies compares a verifier with its challenge.
func verifies(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

// exchanged is JSON for who asks for that, and a form for the others.
func (c *call) exchanged(o object) *answer {
	if strings.Contains(c.r.Header.Get("Accept"), "application/json") {
		return say(http.StatusOK, o)
	}
	form := url.Values{}
	for k, v := range o {
		form.Set(k, fmt.Sprint(v))
	}
	return &answer{http.StatusOK, http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}, []byte(form.Encode())}
}

// whoAmI is who the token belongs to.
func (c *call) whoAmI() *answer {
	u := c.g.userOf(c.token)
	if u == nil {
		return refuse(http.StatusUnauthorized, "Requires authentication")
	}
	o := c.g.userShape(u.Login)
	o["name"], o["email"], o["created_at"], o["updated_at"] = orNull(u.Name), nil, "2011-01-25T18:44:36Z", at(c.g.now())
	return say(http.StatusOK, o)
}

// emails are the addresses of who the token belongs to.
func (c *call) emails() *answer {
	u := c.g.userOf(c.token)
	if u == nil {
		return refuse(http.StatusUnauthorized, "Requires authentication")
	}
	list := []object{}
	for i, e := range u.Emails {
		list = append(list, object{"email": e.Address, "verified": e.Verified, "primary": i == 0, "visibility": nil})
	}
	return say(http.StatusOK, list)
}

package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"time"

	"golang.org/x/oauth2"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/person"
)

// GitHubTime is how long somebody may be at GitHub until they come back.
const GitHubTime = 10 * time.Minute

// GitHubBack is the path to which GitHub sends people back.
const GitHubBack = "/signin/github/callback"

// How long GitHub has for both answers that a sign-in needs, and how much of an
// answer is read.
const (
	githubPatience = 10 * time.Second
	githubAnswer   = 1 << 20 // bytes
)

// GitHub lets people sign in with GitHub: OAuth 2.0 with a state that is bound to
// the browser and PKCE (RFC 7636). It asks for no scope, so what GitHub gives lets
// nobody read more than anybody can, and forgets it once it knows who somebody is.
type GitHub struct {
	conf     oauth2.Config
	user     string // address that says who a token is for
	client   *http.Client
	Patience time.Duration // for both answers of GitHub
}

// NewGitHub prepares sign-in with GitHub for the portal at baseURL; nil when a
// names no OAuth app.
func NewGitHub(a ghsync.Access, baseURL string) *GitHub {
	if a.ClientID == "" {
		return nil
	}
	return &GitHub{
		conf: oauth2.Config{
			ClientID: a.ClientID, ClientSecret: a.ClientSecret, RedirectURL: baseURL + GitHubBack,
			Endpoint: oauth2.Endpoint{
				AuthURL: a.Web + "/login/oauth/authorize", TokenURL: a.Web + "/login/oauth/access_token",
				AuthStyle: oauth2.AuthStyleInParams, // found out by trying, a code would be sent twice
			},
		},
		user: a.API + "user", Patience: githubPatience,
		client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// GitHubCookieName is the name of the cookie of a browser that is sent to GitHub.
func GitHubCookieName(secure bool) string { return CookieName(secure) + "-github" }

// Begin makes what a browser needs that is sent to GitHub: the address to go to,
// the value of its cookie, and what is kept of both.
func (g *GitHub) Begin() (address, secret string, stateHash, browserHash []byte) {
	state, stateHash := NewSecret()
	secret, browserHash = NewSecret()
	address = g.conf.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier(secret)), oauth2.SetAuthURLParam("allow_signup", "false"))
	return address, secret, stateHash, browserHash
}

// verifier is PKCE's code verifier of the browser whose cookie holds secret. It is
// kept nowhere: whoever reads the database could not use a code.
func verifier(secret string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte("code verifier"))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// Who asks GitHub whose code that is, which it gave to the browser whose cookie
// holds secret. A code is worth one question. A code that GitHub does not take is
// fault.Invalid; GitHub away, slow or answering oddly is fault.Unavailable.
func (g *GitHub) Who(ctx context.Context, code, secret string) (person.GitHubLogin, error) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, g.client), g.Patience)
	defer cancel()
	token, err := g.conf.Exchange(ctx, code, oauth2.VerifierOption(verifier(secret)))
	if err != nil {
		return person.GitHubLogin{}, whyNot(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, g.user, nil)
	if err != nil {
		return person.GitHubLogin{}, err
	}
	token.SetAuthHeader(r)
	r.Header.Set("Accept", "application/vnd.github+json")
	r.Header.Set("User-Agent", "hackfest")
	answer, err := g.client.Do(r)
	if err != nil {
		return person.GitHubLogin{}, away(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, githubAnswer))
	if err != nil {
		return person.GitHubLogin{}, away(err)
	}
	return readUser(answer.StatusCode, body)
}

// aLogin is what accounts on GitHub are called, managed ones of companies and
// programs included.
var aLogin = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?$`)

// readUser reads GitHub's answer to who somebody is. Its number says that: without
// it they are nobody.
func readUser(status int, body []byte) (person.GitHubLogin, error) {
	var user struct {
		ID    int64  `json:"id"`
		Login string `json:"login"`
	}
	if status != http.StatusOK {
		return person.GitHubLogin{}, away(fmt.Errorf("GitHub answers %d to who somebody is", status))
	}
	if err := json.Unmarshal(body, &user); err != nil {
		return person.GitHubLogin{}, away(err)
	}
	if user.ID <= 0 || !aLogin.MatchString(user.Login) {
		return person.GitHubLogin{}, away(errors.New("GitHub says who somebody is without their number or login"))
	}
	return person.GitHubLogin{ID: user.ID, Login: user.Login}, nil
}

// away is what people are told when GitHub's answer is none.
func away(err error) error {
	return &fault.Error{Kind: fault.Unavailable, Message: "GitHub did not say who you are. Try again in a few minutes, or sign in another way.", Err: err}
}

// whyNot is what people are told when GitHub gives no token for a code. What it
// answered goes to no log.
func whyNot(err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return away(err)
	}
	kept := fmt.Errorf("GitHub answers %d %s to a code", refused.Response.StatusCode, GitHubError(refused.ErrorCode))
	switch refused.ErrorCode {
	case "":
		return away(kept)
	case "bad_verification_code":
		return &fault.Error{Kind: fault.Invalid, Message: "GitHub does not know that code any more. Begin again.", Err: kept}
	}
	return misconfigured(kept)
}

// misconfigured is what people are told when an admin has to do something.
func misconfigured(err error) error {
	return &fault.Error{
		Kind: fault.Unavailable, Err: err,
		Message: "GitHub does not take this portal for the app it knows. An admin has to compare its client ID, secret and callback address. Sign in another way until then.",
	}
}

var aCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// GitHubError is an error code of OAuth as it may be shown; anything else is not.
func GitHubError(code string) string {
	if !aCode.MatchString(code) {
		return "an error without a name"
	}
	return code
}

// GitHubRefusal is what people are told when GitHub sends them back with an error
// instead of a code.
func GitHubRefusal(code string) error {
	kept := fmt.Errorf("GitHub sends somebody back with %s", GitHubError(code))
	switch code {
	case "access_denied":
		return fault.New(fault.Forbidden, "You did not let GitHub tell the portal who you are. Nothing has changed.")
	case "redirect_uri_mismatch", "application_suspended", "incorrect_client_credentials":
		return misconfigured(kept)
	}
	return &fault.Error{Kind: fault.Unavailable, Message: "GitHub sent you back with " + GitHubError(code) + ". Try again in a few minutes, or sign in another way.", Err: kept}
}

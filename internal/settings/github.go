package settings

import (
	"net/url"
	"strings"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Hub is the part of Given that is about GitHub.
type Hub struct {
	GitHubToken         string `name:"github-token" help:"Token to ask GitHub with, and to make issues; empty: asked without one, more slowly." env:"HACKFEST_GITHUB_TOKEN" placeholder:"TOKEN" secret:""`
	GitHubWebhookSecret string `name:"github-webhook-secret" help:"What GitHub signs its webhooks with; empty: none are taken." env:"HACKFEST_GITHUB_WEBHOOK_SECRET" placeholder:"SECRET" secret:""`
	GitHubClientID      string `name:"github-client-id" help:"Client ID of the OAuth app people sign in with; empty: nobody signs in with GitHub." env:"HACKFEST_GITHUB_CLIENT_ID" placeholder:"ID"`
	GitHubClientSecret  string `name:"github-client-secret" help:"Its client secret." env:"HACKFEST_GITHUB_CLIENT_SECRET" placeholder:"SECRET" secret:""`
	GitHubAPI           string `name:"github-api" help:"Base URL of GitHub's API, for GitHub Enterprise (https://api.github.com/)." env:"HACKFEST_GITHUB_API" placeholder:"URL"`
}

// minHookSecret keeps webhooks from being forged.
const minHookSecret = 16 // bytes

// github reads how GitHub is reached. A secret is never shown.
func (r *reader) github(h Hub) ghsync.Access {
	const tokenKey, hookKey, idKey, secretKey = "HACKFEST_GITHUB_TOKEN", "HACKFEST_GITHUB_WEBHOOK_SECRET", "HACKFEST_GITHUB_CLIENT_ID", "HACKFEST_GITHUB_CLIENT_SECRET"
	a := ghsync.Access{API: ghsync.PublicAPI, Web: hackfest.PublicGitHub, ClientID: h.GitHubClientID}
	if h.GitHubAPI != "" {
		a.API, a.Web = r.githubAPI(h.GitHubAPI)
	}
	a.Token, a.HookSecret, a.ClientSecret = r.secret(tokenKey, h.GitHubToken), r.secret(hookKey, h.GitHubWebhookSecret), r.secret(secretKey, h.GitHubClientSecret)
	notHeader := func(s string) bool {
		return len(s) > maxSecret || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' })
	}
	if notHeader(a.Token) {
		r.wrong(tokenKey, "holds characters that cannot stand in an Authorization header.")
	}
	if a.HookSecret != "" && len(a.HookSecret) < minHookSecret {
		r.wrong(hookKey, "is shorter than %d bytes and could be guessed; openssl rand -hex 32 makes a good one.", minHookSecret)
	}
	switch {
	case notHeader(a.ClientID):
		r.wrong(idKey, "is no client ID.")
	case a.ClientID != "" && a.ClientSecret == "" && !r.has(secretKey):
		r.wrong(secretKey, "is needed when HACKFEST_GITHUB_CLIENT_ID is set; GitHub makes it on the page of the OAuth app.")
	case a.ClientID == "" && a.ClientSecret != "":
		r.wrong(idKey, "is needed when HACKFEST_GITHUB_CLIENT_SECRET is set.")
	}
	return a
}

// githubAPI reads the base of the API, and what that says of GitHub's pages: an
// Enterprise server has its API below /api/v3/.
func (r *reader) githubAPI(value string) (api, web string) {
	const key = "HACKFEST_GITHUB_API"
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Opaque != "" || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || !isHost(u.Hostname()):
		r.wrong(key, "%s is not a URL such as https://github.example.org/api/v3/.", show(value))
		return ghsync.PublicAPI, hackfest.PublicGitHub
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		r.wrong(key, "must end after the path, and a token belongs into HACKFEST_GITHUB_TOKEN.")
		return ghsync.PublicAPI, hackfest.PublicGitHub
	}
	if u.Scheme == "http" && !Loopback(u.Hostname()) {
		r.warnings = append(r.warnings, key+" begins with http://: the token travels unencrypted.")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/")+"/", ""
	if strings.EqualFold(u.Host, "api.github.com") {
		return u.String(), hackfest.PublicGitHub
	}
	page := *u
	page.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), "/api/v3")
	return u.String(), strings.TrimSuffix(page.String(), "/")
}

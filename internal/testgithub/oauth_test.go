package testgithub

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// A code is good once, for the app and the browser that it was made for.
func TestSignIn(t *testing.T) {
	t.Parallel()
	g, _, c := start(t, "")
	g.AddUser(User{Login: "ann", Name: "Ann", Emails: []Email{{"ann@example.org", true}}})
	conf := func(secret string) *oauth2.Config {
		return &oauth2.Config{
			ClientID: "id", ClientSecret: secret, RedirectURL: "https://portal.example.org/signin/github/callback",
			Endpoint: oauth2.Endpoint{AuthURL: g.Web + "/login/oauth/authorize", TokenURL: g.Web + "/login/oauth/access_token"},
		}
	}
	good := conf("hush")
	if to := g.Authorize(good.AuthCodeURL("s")); to.Query().Get("error") != "access_denied" || to.Query().Get("state") != "s" {
		t.Errorf("refused: %v", to)
	}
	g.Grant("ann")
	for _, tt := range []struct {
		name, secret, verifier string
		wait                   time.Duration
		wrong                  string // in the error; "" is none
	}{
		{"right", "hush", "v", 0, ""},
		{"wrong secret", "loud", "v", 0, "incorrect_client_credentials"},
		{"wrong verifier", "hush", "w", 0, "bad_verification_code"},
		{"too late", "hush", "v", codeLives + time.Second, "bad_verification_code"},
	} {
		to := g.Authorize(good.AuthCodeURL("the state", oauth2.S256ChallengeOption("v")))
		if to.Host != "portal.example.org" || to.Query().Get("state") != "the state" {
			t.Fatalf("sent on to %v", to)
		}
		c.Time = c.Add(tt.wait)
		code := to.Query().Get("code")
		token, err := conf(tt.secret).Exchange(t.Context(), code, oauth2.VerifierOption(tt.verifier))
		if (err == nil) != (tt.wrong == "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err != nil {
			continue
		}
		if _, err := good.Exchange(t.Context(), code, oauth2.VerifierOption("v")); err == nil {
			t.Error("a code is good twice")
		}
		who, _, err := client(t, g, token.AccessToken).Users.Get(t.Context(), "")
		if err != nil || who.GetLogin() != "ann" || who.GetName() != "Ann" || who.GetID() == 0 {
			t.Errorf("signed in as %v, %v", who, err)
		}
		mails, _, err := client(t, g, token.AccessToken).Users.ListEmails(t.Context(), nil)
		if err != nil || len(mails) != 1 || mails[0].GetEmail() != "ann@example.org" || !mails[0].GetPrimary() || !mails[0].GetVerified() {
			t.Errorf("addresses are %v, %v", mails, err)
		}
		id := who.GetID()
		g.RenameUser("ann", "anna")
		if who, _, err := client(t, g, token.AccessToken).Users.Get(t.Context(), ""); err != nil || who.GetLogin() != "anna" || who.GetID() != id {
			t.Errorf("renamed: %v, %v", who, err)
		}
	}
	for _, redirect := range []string{"https://evil.example.org/signin/", "", "/signin/github"} {
		res, body := get(t, g.Web+"/login/oauth/authorize?client_id=id&redirect_uri="+url.QueryEscape(redirect), "", "")
		if res.StatusCode != 200 || !strings.Contains(body, "not associated") {
			t.Errorf("sent on to %q: %s", redirect, res.Status)
		}
	}
}

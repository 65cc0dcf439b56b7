package web

import (
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// Without script and on a phone somebody is led to sign in, mistypes the
// password, comes to where they wanted to go, signs out, and comes back by a link.
func TestBrowserSignsInWithoutScript(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	s.Post = &postbox{}
	s.Bot = troubled
	mel := withPassword(t, s.Server, "mel", person.Member)
	link := s.url + "/signin/" + linkFor(t, s.Server, mel.ID)
	b := testbrowser.New(t)
	b.Script(false)
	b.See(320, "light")
	page := func(what, holds string) {
		t.Helper()
		b.Until(what, testbrowser.Text("main", holds))
		report(t, what+":", b.Wide())
		b.Shoot("signin-" + strings.ReplaceAll(what, " ", "-"))
	}
	const field, button = `document.querySelector("main form[action='/signin'] input[name=%s]")`, `document.querySelector("main form[action='/signin'] button.go").click(), true`
	typed := func(name, value string) string {
		return strings.ReplaceAll(field, "%s", name) + `.value = "` + value + `", `
	}

	b.Open(s.url + "/settings")
	page("asked to sign in", "Sign in")
	testbrowser.Eval[bool](b, typed("name", "mel")+typed("password", "not the password")+button)
	page("mistyped", "do not belong together")
	b.Forgive("status of 422")
	if got := testbrowser.Eval[string](b, strings.ReplaceAll(field, "%s", "name")+`.value + "/" + `+strings.ReplaceAll(field, "%s", "password")+`.value`); got != "mel/" {
		t.Errorf("the form holds %q", got)
	}
	testbrowser.Eval[bool](b, typed("password", goodPassword)+button)
	page("at the settings", "Settings")
	if got := testbrowser.Eval[string](b, "location.pathname"); got != "/settings" {
		t.Errorf("led to %s", got)
	}
	b.Open(s.url + "/signin")
	testbrowser.Eval[bool](b, `document.querySelector("main form[action='/signout'] button").click(), true`)
	b.Until("signed out", `location.pathname === "/"`)
	b.Open(link)
	page("by a link", "Sign in as mel")
	testbrowser.Eval[bool](b, `document.querySelector("main form button.go").click(), true`)
	b.Until("signed in", `location.pathname === "/" && document.body && document.body.textContent.includes("mel")`)
}

// Forms lead to GitHub, on another host, and GitHub back with the cookies of the
// portal: somebody links their login and signs in with it, without script.
func TestBrowserSignsInWithGitHub(t *testing.T) {
	t.Parallel()
	s := newBareServer(t, testdb.URL(t))
	hub := testgithub.Start(t, testgithub.Options{ClientID: "portal", ClientSecret: "hush", Callback: s.url})
	s.stop(t)
	s.GitHub = ghsync.Access{API: hub.URL, Web: strings.Replace(hub.Web, "127.0.0.1", "localhost", 1), ClientID: "portal", ClientSecret: "hush"}
	s.start(t)
	hub.Grant("mel-eu")
	mel := join(t, s.Server, "mel", person.Member)
	b := testbrowser.New(t)
	b.Script(false)
	b.See(320, "dark")
	press := func(form string) {
		t.Helper()
		testbrowser.Eval[bool](b, `document.querySelector("main form[action='`+form+`'] button").click(), true`)
	}
	page := func(what, holds string) {
		t.Helper()
		b.Until(what, testbrowser.Text("main", holds))
		report(t, what+":", b.Wide())
		b.Shoot("signin-github-" + strings.ReplaceAll(what, " ", "-"))
	}
	b.Open(s.url + "/signin/" + linkFor(t, s.Server, mel.ID) + "?next=/settings")
	testbrowser.Eval[bool](b, `document.querySelector("main form button.go").click(), true`)
	page("nothing linked", "Link your login on GitHub")
	press("/settings/github")
	page("linked", "mel-eu on GitHub is linked.")
	press("/signout")
	b.Until("signed out", `location.pathname === "/"`)
	b.Open(s.url + "/signin?next=/conduct")
	page("how to sign in", "Sign in with GitHub")
	press("/signin/github")
	b.Until("signed in", `location.pathname === "/conduct" && document.body && document.body.textContent.includes("mel")`)
}

package web

import (
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
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

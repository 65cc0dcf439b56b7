package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
)

// servedTo serves s as it is for somebody who is signed in.
func servedTo(t *testing.T, s *Server, a person.Actor) string {
	t.Helper()
	routes := s.Routes()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), actorKey{}, a)))
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// troubled is a bot that has some of everything that can go wrong.
func troubled() BotHealth {
	heard, next := thursday.Add(39*time.Minute), thursday.Add(41*time.Minute)
	return BotHealth{Networks: []NetworkHealth{
		{
			Network: "local", State: "online", Nick: "hackbot", Account: "hackbot", Server: "irc.example.org", Channels: []string{"#eucalyptus-devel"},
			LastLineAt: &heard, Lag: 42 * time.Millisecond,
			Absent: []AbsenceHealth{{Channel: "#eucalyptus-meeting", Reason: "Cannot join channel (+k) - bad key", Tries: 10, GivenUp: true}},
		},
		{Network: "freenode", State: "waiting", Nick: "hackbot", Channels: []string{}, Error: "banned: " + strings.Repeat("x", 120), NextTryAt: &next, Attempts: 7},
	}}
}

// TestBrowserAdministration looks at what only those see who keep order.
func TestBrowserAdministration(t *testing.T) {
	t.Parallel()
	testbrowser.Hold(t)
	s := newSample(t)
	s.Bot = troubled
	s.Tzdata = "2026a"
	s.Settings = []Setting{{"HACKFEST_LISTEN", "127.0.0.1:8080"}, {"HACKFEST_IRC: local", "irc.example.org:6697, TLS, as hackbot, seeds #eucalyptus-devel #eucalyptus-meeting"}}
	ada := join(t, s.Server, "Ada", person.Admin)
	join(t, s.Server, strings.Repeat("long", 16), person.Member)
	landed(t, s.Server, ada, submit(t, s.Server, ada, "/admin/people/Kestrel/role", url.Values{"role": {"maintainer"}}))
	landed(t, s.Server, ada, submit(t, s.Server, ada, "/admin/people/"+strings.Repeat("long", 16)+"/suspend", nil))
	landed(t, s.Server, ada, submit(t, s.Server, ada, "/manage/chairs", url.Values{"person": {"Kestrel"}, "series": {"weekly-hackfest"}}))
	landed(t, s.Server, ada, submit(t, s.Server, ada, "/manage/chairs", url.Values{"person": {"Kestrel"}, "session": {"2026-03-18-stackato"}}))
	address := servedTo(t, s.Server, ada)
	for _, p := range []string{
		"/admin", "/admin/people", "/admin/people?name=nobody", "/admin/people/Kestrel", "/admin/people/" + strings.Repeat("long", 16),
		"/admin/channels", "/admin/channels/local/eucalyptus-devel", "/admin/channels/local/eucalyptus-meeting", "/admin/jobs", "/admin/audit", "/manage/chairs",
	} {
		t.Run(shotName(p), func(t *testing.T) {
			t.Parallel()
			if !isPage(t, address+p, http.StatusOK) {
				t.Fatal("no page")
			}
			judge(t, address+p, shotName(p))
		})
	}
}

// Without script and on a phone an admin hides a channel, is told first what that
// does, and types something wrong on the way.
func TestBrowserChangesAChannelWithoutScript(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	s.Bot = troubled
	ada := join(t, s.Server, "Ada", person.Admin)
	address := servedTo(t, s.Server, ada)
	b := testbrowser.New(t)
	b.Script(false)
	b.See(320, "light")
	page := func(what string, holds string) {
		t.Helper()
		b.Until(what, testbrowser.Text("main", holds))
		report(t, what+":", b.Wide())
		b.Shoot("admin-" + strings.ReplaceAll(what, " ", "-"))
	}
	b.Open(address + "/admin/channels/local/eucalyptus-devel")
	testbrowser.Eval[bool](b, `document.getElementById("f-webchat").type = "text", document.getElementById("f-webchat").value = "javascript:alert(1)", document.getElementById("f-purpose").value = "Kept", document.getElementById("f-visibility").value = "members", true`)
	testbrowser.Eval[bool](b, `document.querySelector("main form button.go").click(), true`)
	page("wrong", "The address of a web chat begins with")
	if got := testbrowser.Eval[string](b, `document.getElementById("f-purpose").value + document.getElementById("f-visibility").value + document.activeElement.tagName`); !strings.HasPrefix(got, "Keptmembers") {
		t.Errorf("what was typed is gone: %q", got)
	}
	testbrowser.Eval[bool](b, `document.getElementById("f-webchat").value = "https://web.libera.chat/#eucalyptus-devel", document.querySelector("main form button.go").click(), true`)
	page("asked", "Hidden from everybody who is not signed in")
	testbrowser.Eval[bool](b, `document.querySelector("main form button.go").click(), true`)
	page("done", "#eucalyptus-devel is for members now.")
}

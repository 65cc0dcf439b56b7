package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/ghsync"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testgithub"
)

// Streams tell open pages how issues stand, and what a session's issues are.
func TestStreamsOfIssues(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	x := plan(t, s.Server, "Issues", wednesday, nil)
	id := withIssues(t, s.Server, "eucalyptus/recipes", person.Public, x)
	k := listen(t, s.Server, x)
	k.planned[0].Repository = "eucalyptus/recipes"
	k.say("tessv", "#startmeeting")
	session := follow(t, s.streamURL(t, x)+"&issues="+url.QueryEscape("eucalyptus/recipes#12"), "")
	other := follow(t, s.url+"/issues/live?issues="+url.QueryEscape("eucalyptus/recipes#12,eucalyptus/recipes#13,no/body#1,rubbish"), "")
	// heard waits until each of wants was true of an event of f, in any order.
	heard := func(f *follower, wants ...func(name, data string) bool) {
		t.Helper()
		for len(wants) > 0 {
			e := f.next("")
			wants = slices.DeleteFunc(wants, func(want func(name, data string) bool) bool { return want(e.name, spoken(e.data)) })
		}
	}
	says := func(name string, texts ...string) func(name, data string) bool {
		return func(is, data string) bool {
			return is == name && !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(data, text) })
		}
	}
	const open, closed = `<span data-of="eucalyptus/recipes#12" title="The head node waits for DNS"><span class="state ok" data-issue="eucalyptus/recipes#12">`,
		`<span data-of="eucalyptus/recipes#12" title="It waited"><span class="state done" data-issue="eucalyptus/recipes#12">`
	heard(session, says("issues", open, ">open</span>"))
	heard(other, says("issues", open, `data-of="eucalyptus/recipes#13" title="&lt;script&gt;`))
	k.say("ann", "that is #12 and #14")
	heard(session,
		says("rows", `title="The head node waits for DNS" rel="nofollow ugc noopener">#12</a>`, `data-issue="eucalyptus/recipes#14"`),
		says("parts", `<div id="issues">`, "named in the log"))
	toldOf(t, s.Server, id,
		hackfest.Issue{Number: 12, Title: "It waited", ClosedAt: wednesday, Reason: "completed", UpdatedAt: wednesday},
		hackfest.Issue{Number: 14, Title: "Start BIND", Pull: true, Open: true, UpdatedAt: wednesday}) // known by its row alone
	heard(session, says("issues", closed, `data-of="eucalyptus/recipes#14"`), says("parts", `<div id="issues">`, "It waited"))
	heard(other, says("issues", closed))
	must(t, s.Store.ApplyGitHub(t.Context(), hackfest.GitHubChange{Repository: hackfest.Repository{ID: id}, RemovedIssues: []int{12}, At: wednesday}))
	heard(other, says("issues", `<span data-of="eucalyptus/recipes#12" title=""></span>`))

	for _, path := range []string{"/issues/live", "/issues/live?issues=rubbish"} {
		if w := ask(t, s.Server, request{path: path}); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// A badge on an open page changes when GitHub's signed webhook arrives.
func TestBrowserBadgeFollowsTheWebhook(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	var minutes atomic.Int64 // GitHub's times are to the second: each of its stories is a minute newer
	g := testgithub.Start(t, testgithub.Options{Secret: hookSecret, Now: func() time.Time { return wednesday.Add(time.Duration(minutes.Add(1)) * time.Minute) }})
	s.GitHub = ghsync.Access{API: g.URL, HookSecret: hookSecret}
	hooks := httptest.NewServer(s.Routes()) // another replica: the first was started without a secret
	t.Cleanup(hooks.Close)
	b := testbrowser.New(t)
	repo := g.AddRepo("eucalyptus/recipes")
	n := repo.OpenIssue(testgithub.Issue{Title: "The head node waits for DNS"})
	x := plan(t, s.Server, "Issues", wednesday.AddDate(0, 0, 7), func(x *hackfest.Session) { x.Goal = "Close eucalyptus/recipes#1." })
	id, err := s.Store.AddRepository(t.Context(), "eucalyptus/recipes", person.Public, wednesday)
	must(t, err)
	must(t, s.Store.SetRepositoryUses(t.Context(), hackfest.RepositoryUse{SessionID: x.ID}, []hackfest.RepositoryID{id}, wednesday))
	deliver := func() {
		t.Helper()
		w, err := http.DefaultClient.Do(g.Last().Request(hooks.URL + hookPath))
		must(t, err)
		must(t, w.Body.Close())
		if w.StatusCode != http.StatusAccepted {
			t.Fatalf("the webhook is answered with %d", w.StatusCode)
		}
		for worked := true; worked; {
			var why error
			_, worked, why, err = s.Store.WorkHookDelivery(t.Context(), wednesday)
			must(t, err)
			must(t, why)
		}
	}
	deliver()
	b.Open(s.url + "/sessions/" + x.Slug)
	const goal, list = `[...document.querySelectorAll("p [data-issue]")].map(e => e.previousElementSibling.title + ": " + e.innerText.trim()).join()`,
		`document.querySelector("#issues .t").innerText.replace(/\s+/g, " ")`
	if got := testbrowser.Eval[string](b, goal); got != "The head node waits for DNS: open" {
		t.Fatalf("the goal says %q", got)
	}
	repo.Edit(n, func(i *testgithub.Issue) { i.Title = "The head node waited" })
	deliver()
	b.Until("the goal has what GitHub said", goal+` === "The head node waited: open"`)
	repo.Close(n, "ann")
	deliver()
	b.Until("the issue is closed", goal+` === "The head node waited: closed"`)
	if got := testbrowser.Eval[string](b, list); got != "The head node waited closed" {
		t.Errorf("the list says %q", got)
	}
}

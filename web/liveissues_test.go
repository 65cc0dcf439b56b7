package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
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
	until := func(f *follower, name string, want ...string) {
		t.Helper()
		for {
			data, found := spoken(f.next(name).data), 0
			for _, w := range want {
				if strings.Contains(data, w) {
					found++
				}
			}
			if found == len(want) {
				return
			}
		}
	}
	const open, closed = `<span data-of="eucalyptus/recipes#12" title="The head node waits for DNS"><span class="state ok" data-issue="eucalyptus/recipes#12">`,
		`<span data-of="eucalyptus/recipes#12" title="It waited"><span class="state done" data-issue="eucalyptus/recipes#12">`
	until(session, "issues", open, ">open</span>")
	until(other, "issues", open, `data-of="eucalyptus/recipes#13" title="&lt;script&gt;`)
	k.say("ann", "that is #12 and #14")
	for row, part := false, false; !row || !part; { // the list may be looked at before the line is sent
		e := session.next("")
		data := spoken(e.data)
		row = row || e.name == "rows" && strings.Contains(data, `title="The head node waits for DNS" rel="nofollow ugc noopener">#12</a>`) &&
			strings.Contains(data, `data-issue="eucalyptus/recipes#14"`)
		part = part || e.name == "parts" && strings.Contains(data, `<div id="issues">`) && strings.Contains(data, "named in the log")
	}
	toldOf(t, s.Server, id,
		hackfest.Issue{Number: 12, Title: "It waited", ClosedAt: wednesday, Reason: "completed", UpdatedAt: wednesday},
		hackfest.Issue{Number: 14, Title: "Start BIND", Pull: true, Open: true, UpdatedAt: wednesday}) // known by its row alone
	until(session, "issues", closed, `data-of="eucalyptus/recipes#14"`)
	until(other, "issues", closed)
	until(session, "parts", `<div id="issues">`, "It waited")
	must(t, s.Store.ApplyGitHub(t.Context(), hackfest.GitHubChange{Repository: hackfest.Repository{ID: id}, RemovedIssues: []int{12}, At: wednesday}))
	until(other, "issues", `<span data-of="eucalyptus/recipes#12" title=""></span>`)

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

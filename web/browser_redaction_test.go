package web

import (
	"net/url"
	"testing"

	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testbrowser"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// The pages by which words are removed, in every way that must hold for all
// pages.
func TestBrowserPagesOfRemoval(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	g := newGossip(t, s.Server)
	maintainer := func(b *testbrowser.Tab) { enterAs(t, b, s, g.maintainer) }
	log, redact := s.url+"/sessions/"+g.session.Slug+"/log", "/logs/freenode/eucalyptus-devel/redact"
	judgeAs(t, log+"?redact=1", "remove-pick", maintainer)
	judgeAs(t, s.url+redact+"?line="+g.secret.String(), "remove-sure", maintainer)
	handIn(t, s.Server, person.Actor{}, "/privacy", url.Values{"line": {g.secret.String()}, "why": {"This is my number, and I never gave it to anybody here."}, "contact": {"ann@example.org"}})
	handIn(t, s.Server, person.Actor{}, "/privacy", url.Values{"line": {g.outside.String()}})
	judgeAs(t, s.url+"/manage", "desk", maintainer)
	judgeAs(t, s.url+"/manage/requests/1", "desk-request", maintainer)
	handIn(t, s.Server, g.maintainer, redact, url.Values{"line": {g.secret.String()}, "sure": {"yes"}})
	judge(t, log, "remove-done")
	judge(t, s.url+"/sessions/"+g.session.Slug, "remove-done-minutes")
	judge(t, s.url+"/privacy?line="+g.outside.String(), "privacy")
}

// A chair removes a line without script: ticks it, is asked, and takes it back.
func TestBrowserRemovesALineWithoutScript(t *testing.T) {
	t.Parallel()
	s := newLiveServer(t, testdb.URL(t))
	g := newGossip(t, s.Server)
	b := testbrowser.New(t)
	enterAs(t, b, s, g.chair)
	b.Script(false)
	b.Open(s.url + "/sessions/" + g.session.Slug + "/log")
	b.Follow(`a[href$="?redact=1"]`)
	b.Click(`input[value="` + g.secret.String() + `"]`)
	b.Follow("main form button.go")
	b.Follow("main form button.go")
	b.Shoot("remove-undo")
	if found := g.readable(); len(found) > 0 {
		t.Errorf("it is still to be read at %q", found)
	}
	b.Follow(".notice form button")
	if found := g.readable(); len(found) < 9 {
		t.Errorf("taken back, it is to be read at %q only", found)
	}
}

package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// newOpenServer is newServer with the address of its database.
func newOpenServer(t *testing.T) (s *Server, dsn string) {
	t.Helper()
	dsn = testdb.URL(t)
	st, err := store.Open(t.Context(), dsn)
	must(t, err)
	t.Cleanup(st.Close)
	must(t, st.AddNetwork(t.Context(), "freenode", "chat.freenode.net", wednesday))
	must(t, st.OpenChannels(t.Context(), "freenode", []string{devel}, irctext.Casemapping(""), wednesday))
	return testServer(st), dsn
}

// What people write into the form of /privacy is answered with what is wrong, at
// the field, and kept.
func TestAskForRemoval(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	g := newGossip(t, s)
	g.lines(hackfest.Line{Kind: hackfest.Join, Nick: "dov"})
	joined := g.lines(hackfest.Line{Kind: hackfest.Join, Nick: "sumire"})[0]
	for name, c := range map[string]struct{ line, want string }{
		"nothing":                   {"", "Give the address of the line"},
		"no address":                {"the one about ann", "Give the address of the line"},
		"a line that is not there":  {"/l/01hzzzzzzzzzzzzzzzzzzzzzzz", "There is no such line."},
		"a line without words":      {joined.String(), "no words"},
		"too large to be an id":     {"8zzzzzzzzzzzzzzzzzzzzzzzzz", "Give the address of the line"},
		"bytes that nobody expects": {"\x00\xff" + strings.Repeat("z", 300), "Give the address of the line"},
	} {
		code, _, body := handIn(t, s, person.Actor{}, "/privacy", url.Values{"line": {c.line}, "why": {"it is mine"}, "contact": {"dov"}})
		if code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, code)
		}
		contains(t, body, c.want, "it is mine", `aria-invalid="true"`)
	}
	code, _, body := handIn(t, s, person.Actor{}, "/privacy", url.Values{
		"line": {g.secret.String()}, "why": {strings.Repeat("x", hackfest.MaxWhy+1)}, "contact": {strings.Repeat("y", hackfest.MaxContact+1)},
	})
	if code != http.StatusUnprocessableEntity {
		t.Errorf("too long: %d", code)
	}
	contains(t, body, "At most 1000 characters.", "At most 200 characters.")
	address := s.BaseURL + "/logs/freenode/eucalyptus-devel/2012-08-22?after=" + joined.String() + "#l-" + g.secret.String()
	code, to, _ := handIn(t, s, person.Actor{}, "/privacy", url.Values{"line": {address}})
	if code != http.StatusSeeOther || !strings.HasPrefix(to, "/privacy?did=") {
		t.Fatalf("%s: %d %s", address, code, to)
	}
	contains(t, followed(t, s, person.Actor{}, to), "Your request is kept.")
	code, _, body = handIn(t, s, person.Actor{}, "/privacy", url.Values{"line": {"/l/" + strings.ToUpper(g.secret.String())}})
	if code != http.StatusConflict {
		t.Errorf("asked twice: %d", code)
	}
	contains(t, body, "Somebody has asked for this line already.")
	contains(t, page(t, s, "/privacy?line="+g.secret.String()), `value="http://portal.example.org/l/`+g.secret.String()+`"`)
}

// A line for members is not there for who is none, in this form as elsewhere.
func TestRemovalOfWhatIsHidden(t *testing.T) {
	t.Parallel()
	s, dsn := newOpenServer(t)
	g := newGossip(t, s)
	alter(t, dsn, "update lines set members_only = true where ref = $1", g.secret)
	code, _, body := handIn(t, s, person.Actor{}, "/privacy", url.Values{"line": {g.secret.String()}})
	if code != http.StatusUnprocessableEntity {
		t.Errorf("the public: %d", code)
	}
	contains(t, body, "There is no such line.")
	if code, _, _ := handIn(t, s, g.chair, "/privacy", url.Values{"line": {g.secret.String()}}); code != http.StatusSeeOther {
		t.Errorf("a member: %d", code)
	}
}

func TestRemovalRequestsAreLimited(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	g := newGossip(t, s)
	var last int
	for range 6 {
		ref := g.say("okapi", "another one")
		last, _, _ = handIn(t, s, person.Actor{}, "/privacy", url.Values{"line": {ref.String()}})
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the sixth is answered %d", last)
	}
	list, err := s.Store.RemovalRequests(t.Context(), g.maintainer.Viewer, 100)
	must(t, err)
	if len(list) != 5 {
		t.Errorf("%d requests are kept", len(list))
	}
}

// A request goes from /privacy to the desk, from there to the page that removes
// the line, and is gone; one that is refused can be had back.
func TestMaintainerAnswersRequests(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	g := newGossip(t, s)
	other := g.say("kestrel", "nothing bad in this one")
	for _, ref := range []hackfest.Ref{g.secret, other} {
		handIn(t, s, person.Actor{}, "/privacy", url.Values{"line": {ref.String()}, "why": {"my number"}, "contact": {"ann@example.org"}})
	}
	list, err := s.Store.RemovalRequests(t.Context(), g.maintainer.Viewer, 100)
	must(t, err)
	desk := ask(t, s, request{path: "/manage", as: g.maintainer}).Body.String()
	contains(t, desk, "Three things want you.", "A line of okapi to be removed", "asked by somebody who was not signed in", "Minutes of AppScale", requestURL(list[0].ID))
	lacks(t, desk, "555-0101")

	answer := ask(t, s, request{path: requestURL(list[0].ID), as: g.maintainer}).Body.String()
	contains(t, answer, "my number", "ann@example.org", hush, "/redact?line="+g.secret.String())
	_, to, _ := handIn(t, s, g.maintainer, "/logs/freenode/eucalyptus-devel/redact", url.Values{"line": {g.secret.String()}, "sure": {"yes"}})
	contains(t, followed(t, s, g.maintainer, to), "removed by Mia")
	if w := ask(t, s, request{path: requestURL(list[0].ID), as: g.maintainer}); w.Code != http.StatusNotFound {
		t.Errorf("granted, the request is %d", w.Code)
	}

	refuse := requestURL(list[1].ID) + "/refuse"
	code, _, body := handIn(t, s, g.maintainer, refuse, url.Values{"note": {"  "}})
	if code != http.StatusUnprocessableEntity {
		t.Errorf("refused without a word: %d", code)
	}
	contains(t, body, "Say why it stays")
	form := url.Values{"note": {"It harms nobody."}, "once": {newKey().String()}}
	for range 2 { // sent twice
		if code, to, _ = handIn(t, s, g.maintainer, refuse, form); code != http.StatusSeeOther {
			t.Fatalf("refused: %d", code)
		}
	}
	contains(t, followed(t, s, g.maintainer, to), "One thing wants you.")
	code, to, _ = handIn(t, s, g.maintainer, requestURL(list[1].ID)+"/reopen", url.Values{})
	if code != http.StatusSeeOther || !strings.HasPrefix(to, requestURL(list[1].ID)) {
		t.Errorf("taken back: %d %s", code, to)
	}
}

func TestEmptyDesk(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	mia := join(t, s, "Mia", person.Maintainer)
	desk := ask(t, s, request{path: "/manage", as: mia}).Body.String()
	contains(t, desk, "Nothing wants you.", "Nothing waits for you.", "It runs in another process.")
	lacks(t, desk, "When you have a minute")
}

// What else waits: a lesson whose line was removed, lines that could not be
// stored, names that two people want.
func TestDeskShowsWhatElseWaits(t *testing.T) {
	t.Parallel()
	s, dsn := newOpenServer(t)
	g := newGossip(t, s)
	ann, bob := join(t, s, "Ann", person.Member), join(t, s, "Bob", person.Member)
	alter(t, dsn, "insert into lessons (text, kind, scope, line_ref, published_at, created_at) values ('never say 555-0101', 'avoid', 'all', $1, $2, $2)", g.secret, wednesday)
	alter(t, dsn, "insert into set_aside (ref, channel_id, reason, at) select ref, channel_id, 'no', at from lines where ref = $1", g.outside)
	alter(t, dsn, "insert into identities (person_id, kind, network, value, proven_at, since) values ($1, 'nick', 'freenode', 'ann', $2, $2)", ann.ID, wednesday)
	alter(t, dsn, "insert into contests (person_id, holder_id, kind, network, value, account, at) values ($1, $2, 'nick', 'freenode', 'ann', '', $3)", bob.ID, ann.ID, wednesday)
	handIn(t, s, g.maintainer, "/logs/freenode/eucalyptus-devel/redact", url.Values{"line": {g.secret.String()}, "sure": {"yes"}})
	desk := ask(t, s, request{path: "/manage", as: g.maintainer}).Body.String()
	contains(t, desk, "Three things want you, one can wait.", "A lesson whose line was removed", "never say 555-0101", "What 1 line did could not be stored",
		"Two people want the name ann", "Ann has it", "Bob proved it too")

	claims, err := s.Store.Claims(t.Context())
	must(t, err)
	to := claimURL(claims[0].ID)
	contains(t, ask(t, s, request{path: to, as: g.maintainer}).Body.String(), "Leave it with", "Give it to", "not logged in to services")
	if code, _, _ := handIn(t, s, g.maintainer, to, url.Values{}); code != http.StatusUnprocessableEntity {
		t.Errorf("undecided: %d", code)
	}
	form := url.Values{"give": {"yes"}, "once": {newKey().String()}}
	for range 2 { // sent twice
		code, next, _ := handIn(t, s, g.maintainer, to, form)
		if code != http.StatusSeeOther || !strings.HasPrefix(next, "/manage") {
			t.Errorf("decided: %d %s", code, next)
		}
	}
	if w := ask(t, s, request{path: to, as: g.maintainer}); w.Code != http.StatusNotFound {
		t.Errorf("decided, it is %d", w.Code)
	}
}

func TestDeskWords(t *testing.T) {
	t.Parallel()
	for want, n := range map[string][2]int{
		"Nothing wants you.":                       {0, 0},
		"One thing wants you.":                     {1, 0},
		"Two things want you, one can wait.":       {2, 1},
		"Nothing wants you, three can wait.":       {0, 3},
		"Twelve things want you, twelve can wait.": {12, 12},
		"13 things want you, 21 can wait.":         {13, 21},
	} {
		if got := deskWords(n[0], n[1]); got != want {
			t.Errorf("%d and %d: %q, want %q", n[0], n[1], got, want)
		}
	}
}

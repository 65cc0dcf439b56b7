package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
	"github.com/eucalyptus/hackfest/internal/testdb"
)

// askedBy is the secret of a link that an address was sent to confirm that it
// follows everything.
func askedBy(t *testing.T, s *Server, address string) string {
	t.Helper()
	b, err := s.Store.Follow(t.Context(), hackfest.Following{Mail: address, Scope: hackfest.FollowAll}, s.Now())
	must(t, err)
	secret, hash := auth.NewSecret()
	_, _, ok, err := s.Store.BeginConfirmation(t.Context(), b.ID, hash, s.Now())
	must(t, err)
	if !ok {
		t.Fatal("it may not be asked")
	}
	return secret
}

// wayOut is the secret of the link in all mails to an address, which follows
// everything.
func wayOut(t *testing.T, s *Server, address string) string {
	t.Helper()
	hash := auth.HashSecret(askedBy(t, s, address))
	b, err := s.Store.FollowLink(t.Context(), hash, s.Now())
	must(t, err)
	waiting, err := s.Store.WaitingFollows(t.Context(), viewerOf(nil), b.ID)
	must(t, err)
	b, err = s.Store.ConfirmFollows(t.Context(), hash, []hackfest.FollowID{waiting[0].ID}, hackfest.PaceEach, s.Now())
	must(t, err)
	key, err := s.Store.MailKey(t.Context(), s.Now())
	must(t, err)
	return auth.SignHandle(key, b.Handle)
}

// subscriptions is what gets mail, as "mail scope pace".
func subscriptions(t *testing.T, dsn string) string {
	t.Helper()
	return strings.Join(column(t, dsn, "select mail || ' ' || scope || ' ' || pace from subscribed order by 1"), ", ")
}

// Whoever has proven an address follows at once what they tick and nothing else.
func TestFollowSignedIn(t *testing.T) {
	t.Parallel()
	dsn := testdb.URL(t)
	st, err := store.Open(t.Context(), dsn)
	must(t, err)
	t.Cleanup(st.Close)
	s := testServer(st)
	must(t, s.Store.AddNetwork(t.Context(), "freenode", "chat.freenode.net", wednesday))
	must(t, s.Store.OpenChannels(t.Context(), "freenode", []string{devel}, "", wednesday))
	box := &postbox{}
	s.Post = box
	mel := join(t, s, "mel", person.Member)
	hidden := secretSession(t, s)
	see := func(path string) string { return ask(t, s, request{path: path, as: mel}).Body.String() }
	contains(t, see("/follow"), `name="mail"`, "If you prove an address")
	_, hash := auth.NewSecret()
	must(t, s.Store.SetMail(t.Context(), mel.ID, "mel@example.org"))
	must(t, s.Store.AddMailLink(t.Context(), hash, mel.ID, "mel@example.org", s.Now(), s.Now().Add(time.Hour)))
	_, err = s.Store.UseMailLink(t.Context(), hash, mel.ID, s.Now())
	must(t, err)
	body := see("/follow?what=session/" + hidden.Slug)
	contains(t, body, "mel@example.org", `value="session/`+hidden.Slug+`" checked`, "Save")
	lacks(t, body, `name="mail"`)
	for _, tt := range []struct {
		name string
		form url.Values
		code int
		want string
	}{
		{"two things", url.Values{"what": {"news"}, "more": {"session/" + hidden.Slug}, "pace": {"each"}}, 303, "mel@example.org news each, mel@example.org session each"},
		{"another, once a week", url.Values{"what": {"all"}, "pace": {"weekly"}}, 303, "mel@example.org all weekly"},
		{"what is not there", url.Values{"series": {"series/none"}}, 404, "mel@example.org all weekly"},
		{"what makes no sense", url.Values{"series": {"everything/now"}}, 422, "mel@example.org all weekly"},
		{"no such pace", url.Values{"what": {"all"}, "pace": {"hourly"}}, 422, "mel@example.org all weekly"},
		{"nothing", url.Values{"pace": {"weekly"}}, 303, ""},
	} {
		if w := ask(t, s, request{method: http.MethodPost, path: "/follow", form: tt.form, as: mel}); w.Code != tt.code {
			t.Errorf("%s: %d\n%s", tt.name, w.Code, w.Body)
		}
		if got := subscriptions(t, dsn); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if len(box.sent) != 0 {
		t.Errorf("asked: %v", box.sent)
	}
}

// Whoever gives an address is told the same whatever it follows; what is wrong is
// said beside the field, and what was typed is kept.
func TestFollowByAddress(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	contains(t, page(t, s, "/follow?what=all"), "cannot send mail", `href="/calendar"`, `href="/feeds/sessions.atom"`)
	lacks(t, page(t, s, "/schedule"), "have it by mail")
	good := url.Values{"mail": {"mel@example.org"}, "what": {"all"}, "pace": {"each"}}
	if w := post(t, s, "/follow", good, nil); w.Code != http.StatusNotFound {
		t.Errorf("without a mail server: %d", w.Code)
	}
	s.Post = &postbox{}
	contains(t, page(t, s, "/schedule"), "have it by mail")
	contains(t, page(t, s, "/follow?what=all"), `value="all" checked`, `name="mail"`)
	hidden := secretSession(t, s)
	lacks(t, page(t, s, "/follow?what=session/"+hidden.Slug), "Security")
	for _, tt := range []struct {
		name string
		form url.Values
		code int
		says []string
	}{
		{"no address", url.Values{"what": {"news"}}, 422, []string{"The address is missing.", `value="news" checked`}},
		{"no address at all", url.Values{"mail": {"mel at example"}, "what": {"news"}}, 422, []string{"not a mail address", `value="mel at example"`}},
		{"two addresses", url.Values{"mail": {"a@example.org,b@example.org"}, "what": {"news"}}, 422, []string{"not a mail address"}},
		{"letters that few servers take", url.Values{"mail": {"mél@example.org"}, "what": {"news"}}, 422, []string{"addresses in plain letters", `value="mél@example.org"`}},
		{"a host of such letters", url.Values{"mail": {"mel@exämple.org"}, "what": {"news"}}, 422, []string{"addresses in plain letters"}},
		{"a header", url.Values{"mail": {"a@example.org\r\nBcc: b@example.org"}, "what": {"news"}}, 422, []string{"not a mail address"}},
		{"nothing ticked", url.Values{"mail": {"mel@example.org"}, "pace": {"weekly"}}, 422, []string{"Tick what you want to follow.", `value="weekly" selected`}},
		{"what is for members", url.Values{"mail": {"mel@example.org"}, "more": {"session/" + hidden.Slug}}, 404, nil},
		{"all is well", good, 303, nil},
		{"again", good, 303, nil},
	} {
		w := post(t, s, "/follow", tt.form, nil)
		if w.Code != tt.code {
			t.Errorf("%s: %d\n%s", tt.name, w.Code, w.Body)
		}
		contains(t, w.Body.String(), tt.says...)
	}
	code := 0
	for range 20 {
		code = post(t, s, "/follow", url.Values{"mail": {"someone@example.org"}, "what": {"all"}}, nil).Code
	}
	if code != http.StatusTooManyRequests {
		t.Errorf("after twenty from one household: %d", code)
	}
}

// The link in each mail leads to a page on which some of it can be stopped.
func TestMailPreferences(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	out := "/unsubscribe/" + wayOut(t, s, "mel@example.org")
	b, err := s.Store.SubscriberByMail(t.Context(), "mel@example.org")
	must(t, err)
	body := page(t, s, out)
	contains(t, body, "mel@example.org", "Everything at Eucalyptus", `action="`+out+`"`, `name="robots" content="noindex"`)
	lacks(t, body, `rel="canonical"`)
	list, err := s.Store.Follows(t.Context(), viewerOf(nil), b.ID)
	must(t, err)
	id := strconv.FormatInt(int64(list[0].ID), 10)
	contains(t, post(t, s, out+"/preferences", url.Values{"what": {id}, "pace": {"weekly"}}, nil).Body.String(), "Saved.", `value="weekly" selected`, "Everything at")
	contains(t, post(t, s, out+"/preferences", url.Values{"pace": {"weekly"}}, nil).Body.String(), "You follow nothing")
	for _, form := range []url.Values{{"what": {"x"}}, {"pace": {"x"}}} {
		if w := post(t, s, out+"/preferences", form, nil); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", form, w.Code)
		}
	}
	contains(t, post(t, s, out, url.Values{}, nil).Body.String(), "no mail from here any more", `action="`+out+`/undo"`)
	contains(t, page(t, s, out), "No mail is sent here any more", "Have it again")
	contains(t, post(t, s, out+"/undo", url.Values{}, nil).Body.String(), "You get mail as before.")
}

// secretSession plans a session that the public does not see.
func secretSession(t *testing.T, s *Server) hackfest.Session {
	t.Helper()
	at := s.Now().Add(48 * time.Hour)
	id, err := s.Store.AddSession(t.Context(), hackfest.Session{
		Title: "Security", Kind: hackfest.KindMeeting, StartsAt: at, EndsAt: at.Add(time.Hour), Zone: pacific, Network: "freenode", Channel: devel,
		Visibility: person.MembersOnly,
	}, wednesday)
	must(t, err)
	x, err := s.Store.SessionByID(t.Context(), person.Viewer{Role: person.Member}, id)
	must(t, err)
	return x
}

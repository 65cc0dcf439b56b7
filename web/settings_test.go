package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// mailbox is a Post that keeps where it was to send links.
type mailbox struct {
	sent []string
	fail error
}

func (p *mailbox) SendSigninLink(context.Context, string, string) error { return p.fail }

func (p *mailbox) SendConfirmation(context.Context, hackfest.SubscriberID) error { return p.fail }

func (p *mailbox) SendProposalLink(context.Context, hackfest.ProposalID) error { return p.fail }

func (p *mailbox) SendMailLink(_ context.Context, _ person.ID, mail string) error {
	p.sent = append(p.sent, mail)
	return p.fail
}

// hiddenValue is the value of the hidden field of that name in the form that goes
// to action.
func hiddenValue(t *testing.T, body, action, name string) string {
	t.Helper()
	_, form, _ := strings.Cut(body, `action="`+action)
	form, _, _ = strings.Cut(form, "</form>")
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(form)
	if m == nil {
		t.Fatalf("the form to %s has no %s\n%s", action, name, form)
	}
	return m[1]
}

// told follows the redirect of a form, and is what the page says the form did.
func told(t *testing.T, s *Server, to string, header map[string]string) string {
	t.Helper()
	to, _, _ = strings.Cut(to, "#")
	return ask(t, s, request{path: to, header: header}).Body.String()
}

// settingsOf is a portal with somebody signed in, and the settings they see.
func settingsOf(t *testing.T) (s *Server, ann person.Actor, mine map[string]string, see func() string) {
	t.Helper()
	s = newServer(t)
	ann = join(t, s, "ann", person.Member)
	mine = signedIn(t, s, ann.ID)
	return s, ann, mine, func() string {
		t.Helper()
		w := ask(t, s, request{path: "/settings", header: mine})
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %s\n%s", w.Code, w.Header().Get("Cache-Control"), w.Body)
		}
		return w.Body.String()
	}
}

func TestSettingsAreOnesOwn(t *testing.T) {
	t.Parallel()
	s, _, mine, see := settingsOf(t)
	if w := ask(t, s, request{path: "/settings"}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/signin?next=%2Fsettings" {
		t.Errorf("the public: %d to %q", w.Code, w.Header().Get("Location"))
	}
	contains(t, see(), `value="ann"`, "You have not proven any yet", "No program uses the API", "This portal sends no mail", "this one")
	for _, route := range s.Inventory() {
		if route.Action != person.KeepAccount || route.Method != http.MethodPost {
			continue
		}
		for _, p := range examplesOf(t, route.Pattern) {
			if w := post(t, s, p, url.Values{}, nil); w.Code != http.StatusUnauthorized {
				t.Errorf("the public sends %s: %d", p, w.Code)
			}
			if w := ask(t, s, request{method: http.MethodPost, path: p, form: url.Values{}, header: mine}); w.Code != http.StatusForbidden {
				t.Errorf("%s without Origin: %d", p, w.Code)
			}
		}
	}
}

func TestProfileForm(t *testing.T) {
	t.Parallel()
	s, ann, mine, see := settingsOf(t)
	join(t, s, "bob", person.Member)
	revision := hiddenValue(t, see(), "/settings/profile", "revision")
	for _, tt := range []struct {
		name  string
		form  url.Values
		code  int
		wants []string
	}{
		{"no name", url.Values{"name": {"  "}, "zone": {"Europe/Berlin"}}, 422, []string{"A name is needed.", `value="Europe/Berlin" selected`}},
		{"no zone of this world", url.Values{"name": {"anna"}, "zone": {"Mars/Olympus"}}, 422, []string{"That is not a time zone.", `value="anna"`}},
		{"both", url.Values{"name": {""}, "zone": {"Mars"}}, 422, []string{"A name is needed.", "That is not a time zone."}},
		{"endless", url.Values{"name": {strings.Repeat("a", 65)}}, 422, []string{"at most 64 characters"}},
		{"invisible", url.Values{"name": {"a\u202eb"}}, 422, []string{"cannot be shown"}},
		{"a pseudonym", url.Values{"name": {"Left/abcdefgh"}}, 422, []string{"people who left"}},
		{"somebody else's", url.Values{"name": {"BOB"}}, 409, []string{"Somebody else is called BOB here.", `value="BOB"`}},
		{"script", url.Values{"name": {"<script>alert(1)</script>"}, "zone": {"x"}}, 422, []string{"&lt;script&gt;alert(1)"}},
		{"another window's", url.Values{"name": {"anna"}, "revision": {"0"}}, 409, []string{"changed in another window", "Saved meanwhile:", `value="anna"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.form.Get("revision") == "" {
				tt.form.Set("revision", revision)
			}
			w := post(t, s, "/settings/profile", tt.form, mine)
			if w.Code != tt.code {
				t.Errorf("%d", w.Code)
			}
			contains(t, w.Body.String(), tt.wants...)
			lacks(t, w.Body.String(), "<script>alert")
		})
	}
	w := post(t, s, "/settings/profile", url.Values{"name": {" Anna  Lee "}, "zone": {"Asia/Tokyo"}, "revision": {revision}, "once": {newKey().String()}}, mine)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	contains(t, told(t, s, w.Header().Get("Location"), mine), "Saved. You are Anna Lee.", `value="Asia/Tokyo" selected`)
	x, err := s.Store.Settings(t.Context(), ann.ID)
	must(t, err)
	if x.Name != "Anna Lee" || x.Zone != "Asia/Tokyo" {
		t.Errorf("%+v", x)
	}
}

// The zone of the account is that of every page, whatever a cookie says; the
// footer's form changes it.
func TestZoneOfTheAccount(t *testing.T) {
	t.Parallel()
	s, ann, mine, _ := settingsOf(t)
	must(t, s.Store.SetZone(t.Context(), ann.ID, "Asia/Tokyo"))
	both := map[string]string{"Cookie": mine["Cookie"] + "; hackfest_prefs=zone=Europe%2FBerlin"}
	contains(t, ask(t, s, request{path: "/conduct", header: both}).Body.String(), `data-zone="Asia/Tokyo"`)
	contains(t, ask(t, s, request{path: "/conduct", header: map[string]string{"Cookie": "hackfest_prefs=zone=Europe%2FBerlin"}}).Body.String(), `data-zone="Europe/Berlin"`)
	post(t, s, "/preferences", url.Values{"zone": {"America/Denver"}}, mine)
	contains(t, ask(t, s, request{path: "/conduct", header: both}).Body.String(), `data-zone="America/Denver"`)
}

func TestListingForm(t *testing.T) {
	t.Parallel()
	s, _, mine, see := settingsOf(t)
	lacks(t, page(t, s, "/people"), `href="/people/ann"`)
	form := url.Values{"listed": {"on"}, "revision": {hiddenValue(t, see(), "/settings/listing", "revision")}}
	if w := post(t, s, "/settings/listing", form, mine); w.Code != http.StatusSeeOther {
		t.Fatalf("%d", w.Code)
	}
	contains(t, page(t, s, "/people"), `href="/people/ann"`)
	contains(t, see(), `href="/people/ann"`)
	if w := post(t, s, "/settings/listing", url.Values{"revision": form["revision"]}, mine); w.Code != http.StatusConflict {
		t.Errorf("another window: %d", w.Code)
	}
	if w := post(t, s, "/settings/listing", url.Values{"revision": {hiddenValue(t, see(), "/settings/listing", "revision")}}, mine); w.Code != http.StatusSeeOther {
		t.Errorf("%d", w.Code)
	}
	lacks(t, page(t, s, "/people"), `href="/people/ann"`)
}

func TestPasswordForm(t *testing.T) {
	t.Parallel()
	s, ann, mine, see := settingsOf(t)
	lacks(t, see(), "The password you have")
	other := signedIn(t, s, ann.ID)
	set := func(old, password, again string) (int, string) {
		t.Helper()
		w := post(t, s, "/settings/password", url.Values{"old": {old}, "password": {password}, "again": {again}}, mine)
		lacks(t, w.Body.String(), "tea at the harbour", "more tea at the harbour") // what was typed is shown nowhere
		return w.Code, w.Body.String()
	}
	if code, body := set("", "short", "short"); code != 422 || !strings.Contains(body, "at least ten characters") {
		t.Errorf("too short: %d", code)
	}
	if code, body := set("", "tea at the harbour", "tea at the harbor"); code != 422 || !strings.Contains(body, "not the same as above") {
		t.Errorf("mistyped: %d", code)
	}
	if code, _ := set("", "tea at the harbour", "tea at the harbour"); code != http.StatusSeeOther {
		t.Fatalf("set: %d", code)
	}
	if nameOn(t, s, other) != "" || nameOn(t, s, mine) != "ann" {
		t.Error("the other browser is signed in still, or this one no more")
	}
	contains(t, see(), "The password you have")
	if code, body := set("", "more tea at the harbour", "more tea at the harbour"); code != 422 || !strings.Contains(body, "not the password you have") {
		t.Errorf("without the old one: %d", code)
	}
	if code, _ := set("tea at the harbour", "more tea at the harbour", "more tea at the harbour"); code != http.StatusSeeOther {
		t.Errorf("changed: %d", code)
	}
	if w := enter(t, s, "ann", "more tea at the harbour", "/", nil); w.Code != http.StatusSeeOther {
		t.Errorf("signing in with it: %d", w.Code)
	}
	for i := 0; ; i++ {
		code, body := set("guess "+strconv.Itoa(i), "more tea at the harbour", "more tea at the harbour")
		if code == http.StatusTooManyRequests {
			contains(t, body, "Too many tries")
			break
		}
		if i > 20 {
			t.Fatal("the old password may be guessed without end")
		}
	}
}

func TestMailForm(t *testing.T) {
	t.Parallel()
	s, ann, mine, see := settingsOf(t)
	set := func(mail string) (int, string) {
		t.Helper()
		w := post(t, s, "/settings/mail", url.Values{"mail": {mail}}, mine)
		if w.Code == http.StatusSeeOther {
			return w.Code, told(t, s, w.Header().Get("Location"), mine)
		}
		return w.Code, w.Body.String()
	}
	if code, _ := set("ann@example.org"); code != 422 {
		t.Errorf("where no mail is sent: %d", code)
	}
	box := &mailbox{}
	s.Post = box
	if code, body := set("ann at example"); code != 422 || !strings.Contains(body, "not a mail address") || !strings.Contains(body, `value="ann at example"`) {
		t.Errorf("no address: %d", code)
	}
	code, body := set(" ann@example.org ")
	if code != http.StatusSeeOther || len(box.sent) != 1 || box.sent[0] != "ann@example.org" {
		t.Errorf("%d, sent %v", code, box.sent)
	}
	contains(t, body, "A link is on its way to ann@example.org.", "not confirmed yet")
	box.fail = errors.New("the queue is broken")
	if code, _ := set("ann@example.com"); code != http.StatusInternalServerError {
		t.Errorf("nothing can be sent: %d", code)
	}
	if x, _ := s.Store.Settings(t.Context(), ann.ID); x.Mail != "ann@example.org" {
		t.Errorf("an address to which no link was sent is kept: %q", x.Mail)
	}
	if code, _ := set(""); code != http.StatusSeeOther {
		t.Errorf("taken away: %d", code)
	}
	lacks(t, see(), "not confirmed yet", "ann@example.org")
}

func TestClaimForm(t *testing.T) {
	t.Parallel()
	s, ann, mine, see := settingsOf(t)
	if w := post(t, s, "/settings/claim", url.Values{"network": {"nowhere"}}, mine); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a network that is none: %d", w.Code)
	}
	w := post(t, s, "/settings/claim", url.Values{"network": {"freenode"}}, mine)
	line := regexp.MustCompile(`/msg hackbot claim ([A-Z0-9]{4}-[A-Z0-9]{4})<`).FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusOK || line == nil {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	must(t, claimed(t, s, line[1], "annie", "anna"))
	contains(t, see(), ">annie<", ">anna<", "account")
	lacks(t, see(), line[1])

	list, err := s.Store.Identities(t.Context(), ann.ID)
	must(t, err)
	path := "/settings/names/" + strconv.FormatInt(int64(list[0].ID), 10)
	if w := post(t, s, path+"/give-up", url.Values{}, signedIn(t, s, join(t, s, "bob", person.Admin).ID)); w.Code != http.StatusNotFound {
		t.Errorf("somebody else gives it up: %d", w.Code)
	}
	w = post(t, s, path+"/give-up", url.Values{"once": {newKey().String()}}, mine)
	contains(t, told(t, s, w.Header().Get("Location"), mine), "is yours no more", path+"/take-back")
	lacks(t, see(), ">"+list[0].Value+"<")
	if w := post(t, s, path+"/take-back", url.Values{}, mine); w.Code != http.StatusSeeOther {
		t.Errorf("taken back: %d", w.Code)
	}
	contains(t, see(), ">"+list[0].Value+"<")
	post(t, s, path+"/give-up", url.Values{}, mine)
	now := s.Now().Add(hackfest.UndoTime + time.Second)
	s.Now = func() time.Time { return now }
	if w := post(t, s, path+"/take-back", url.Values{}, mine); w.Code != http.StatusNotFound {
		t.Errorf("taken back after ten minutes: %d", w.Code)
	}
	for _, p := range []string{"/settings/names/x/give-up", "/settings/names/999999/take-back", "/settings/names/99999999999999999999/give-up"} {
		if w := post(t, s, p, url.Values{}, mine); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", p, w.Code)
		}
	}
}

func TestSigninsForm(t *testing.T) {
	t.Parallel()
	s, ann, mine, see := settingsOf(t)
	other := signedIn(t, s, ann.ID)
	third := signedIn(t, s, ann.ID)
	bobs := signedIn(t, s, join(t, s, "bob", person.Admin).ID)
	list, err := s.Store.Signins(t.Context(), ann.ID, time.Hour, s.Now())
	must(t, err)
	if n := strings.Count(see(), `/end"`); n != 3 || len(list) != 3 {
		t.Fatalf("%d sign-ins are shown of %d", n, len(list))
	}
	for _, x := range list {
		if w := post(t, s, "/settings/signins/"+x.ID+"/end", url.Values{}, bobs); w.Code != http.StatusNotFound {
			t.Errorf("somebody else ends it: %d", w.Code)
		}
	}
	w := post(t, s, "/settings/signins/"+s.gate().signins.Current(requestWith(other))+"/end", url.Values{}, mine)
	if w.Code != http.StatusSeeOther || nameOn(t, s, other) != "" || nameOn(t, s, third) != "ann" {
		t.Errorf("%d; the one is signed in as %q, the other as %q", w.Code, nameOn(t, s, other), nameOn(t, s, third))
	}
	w = post(t, s, "/settings/signins/others", url.Values{"once": {newKey().String()}}, mine)
	contains(t, told(t, s, w.Header().Get("Location"), mine), "1 other sign-in ended.")
	if nameOn(t, s, third) != "" || nameOn(t, s, mine) != "ann" || nameOn(t, s, bobs) != "bob" {
		t.Error("others are signed in still, or the wrong ones are not")
	}
	post(t, s, "/settings/signins/"+s.gate().signins.Current(requestWith(mine))+"/end", url.Values{}, mine)
	if nameOn(t, s, mine) != "" {
		t.Error("one's own sign-in does not end")
	}
}

func requestWith(header map[string]string) *http.Request {
	r, _ := http.NewRequest(http.MethodGet, "/", nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	return r
}

func TestTokenForm(t *testing.T) {
	t.Parallel()
	s, _, mine, see := settingsOf(t)
	for _, tt := range []struct {
		name string
		form url.Values
		want string
	}{
		{"no name", url.Values{"scope-read": {"on"}, "days": {"30"}}, "What is it for?"},
		{"no scope", url.Values{"token": {"backup"}, "days": {"30"}}, "Tick at least one"},
		{"a scope that is none", url.Values{"token": {"backup"}, "scope-all": {"on"}, "days": {"30"}}, "Tick at least one"},
		{"for ever and a day", url.Values{"token": {"backup"}, "scope-read": {"on"}, "days": {"367"}}, "for how long it is good"},
		{"days in words", url.Values{"token": {"backup"}, "scope-read": {"on"}, "days": {"many"}}, "for how long it is good"},
	} {
		w := post(t, s, "/settings/tokens", tt.form, mine)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), tt.want) || strings.Contains(w.Body.String(), auth.TokenStart+"a") {
			t.Errorf("%s: %d", tt.name, w.Code)
		}
		if v := tt.form.Get("token"); v != "" {
			contains(t, w.Body.String(), `value="backup"`)
		}
	}
	form := url.Values{"token": {"backup"}, "scope-read": {"on"}, "days": {"30"}, "once": {newKey().String()}}
	w := post(t, s, "/settings/tokens", form, mine)
	secret := regexp.MustCompile(`hf_[a-z2-7]{40}`).FindString(w.Body.String())
	if w.Code != http.StatusOK || secret == "" {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	again := post(t, s, "/settings/tokens", form, mine)
	contains(t, again.Body.String(), "was made when this form was first sent")
	lacks(t, again.Body.String(), secret)
	body := see()
	lacks(t, body, secret)
	contains(t, body, "backup", secret[:auth.TokenShown], "never used", "read")
	if n := strings.Count(body, `/revoke"`); n != 1 {
		t.Errorf("%d tokens", n)
	}

	works := func() bool {
		return ask(t, s, request{path: "/api/v1/sessions", header: map[string]string{"Authorization": "bearer " + secret}}).Code == http.StatusOK
	}
	if !works() {
		t.Error("it does not work")
	}
	path := regexp.MustCompile(`/settings/tokens/\d+`).FindString(body)
	bobs := signedIn(t, s, join(t, s, "bob", person.Admin).ID)
	if w := post(t, s, path+"/revoke", url.Values{}, bobs); w.Code != http.StatusNotFound || !works() {
		t.Errorf("somebody else revokes it: %d", w.Code)
	}
	w = post(t, s, path+"/revoke", url.Values{"once": {newKey().String()}}, mine)
	contains(t, told(t, s, w.Header().Get("Location"), mine), "The token backup is revoked.", path+"/restore")
	if works() {
		t.Error("it works although revoked")
	}
	if w := post(t, s, path+"/restore", url.Values{}, mine); w.Code != http.StatusSeeOther || !works() {
		t.Errorf("restored: %d", w.Code)
	}
	post(t, s, path+"/revoke", url.Values{}, mine)
	now := s.Now().Add(hackfest.UndoTime + time.Second)
	s.Now = func() time.Time { return now }
	if w := post(t, s, path+"/restore", url.Values{}, mine); w.Code != http.StatusNotFound || works() {
		t.Errorf("restored after ten minutes: %d", w.Code)
	}
	now = wednesday.AddDate(0, 0, 31)
	if works() {
		t.Error("it works although expired")
	}
}

func TestBrowserInWords(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0":                                              "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126": "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1":        "Safari on iPhone",
		"curl/8.5.0":                "curl",
		"":                          "A browser that does not say what it is",
		strings.Repeat("é", 100):    strings.Repeat("é", 30),
		"plan9 (\x1b[31mred)\u202e": "",
	} {
		got := browser(agent)
		if want != "" && got != want || strings.ContainsAny(got, "\x1b\u202e") {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}

// claimed has the bot hear a code.
func claimed(t *testing.T, s *Server, code, nick, account string) error {
	t.Helper()
	_, err := s.Store.UseClaim(t.Context(), auth.HashCode(code), person.Claimant{Network: "freenode", Nick: nick, Account: account}, s.Now())
	return err
}

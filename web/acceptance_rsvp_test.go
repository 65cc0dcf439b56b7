package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/store"
)

const (
	october28 = "/sessions/2026-10-28-w"
	november4 = "/sessions/2026-11-04-w"
)

// reader is somebody at a browser, which keeps its cookies.
type reader struct {
	*planner
	as      person.Actor
	cookies map[string]string
}

func (p *planner) browser(as person.Actor) *reader { return &reader{p, as, map[string]string{}} }

// ask sends a request as a browser does.
func (b *reader) ask(q request) *httptest.ResponseRecorder {
	b.t.Helper()
	q.as = b.as
	var sent []string
	for name, value := range b.cookies {
		sent = append(sent, name+"="+value)
	}
	q.header = map[string]string{"Cookie": strings.Join(sent, "; "), "Sec-Fetch-Site": "same-origin"}
	q.path, _, _ = strings.Cut(q.path, "#")
	w := ask(b.t, b.Server, q)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return w
}

// see is a page that the browser shows.
func (b *reader) see(path string) string {
	b.t.Helper()
	w := b.ask(request{path: path})
	if w.Code != http.StatusOK {
		b.t.Fatalf("GET %s: %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// answer fills in and sends the form on the page of a session, and returns the
// page that it leads to.
func (b *reader) answer(session, answer string, fields url.Values) string {
	b.t.Helper()
	form := unseen(b.see(session))
	maps.Copy(form, fields)
	form.Set("answer", answer)
	w := b.ask(request{method: http.MethodPost, path: strings.TrimSuffix(session, "/rsvp") + "/rsvp", form: form})
	if w.Code == http.StatusSeeOther {
		return b.see(w.Header().Get("Location"))
	}
	b.t.Fatalf("POST %s: %d\n%s", session, w.Code, plainText(w.Body.String()))
	return ""
}

func TestA39ANickAloneAnswers(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	nell := p.browser(person.Actor{})
	says(t, nell.see(october28), "Nobody has said so yet; people also come unannounced.", "No account is needed.")
	body := nell.answer(october28, "coming", url.Values{"nick": {"nell"}})
	says(t, body, "You are down as coming, as nell.", "Three things, then you are set", "Put it in your calendar.", "hackfest nurse --portal", "/join #eucalyptus-devel", "hi, first time here")
	contains(t, body, `href="`+october28+`.ics"`)
	says(t, nell.see(october28), "You are coming As nell.", "1 coming")
	says(t, p.see(october28, ""), "1 coming", "Coming nell", "Are you coming?")

	says(t, nell.answer(october28+"/rsvp", "maybe", url.Values{"nick": {"nell_"}}), "You are down as maybe, as nell_.", "1 maybe")
	body = nell.answer(october28+"/rsvp", "regrets", url.Values{"nick": {"nell_"}})
	says(t, body, "Your regrets are noted, as nell_.", "1 regrets")
	saysNot(t, body, "Three things", "1 maybe")
	saysNot(t, p.see(october28, ""), "1 coming", "1 maybe")

	w := p.browser(person.Actor{}).ask(request{method: http.MethodPost, path: october28 + "/rsvp", form: url.Values{"nick": {"NELL_"}, "answer": {"coming"}, "needs": {"a chair"}}})
	if w.Code != http.StatusConflict {
		t.Errorf("another browser: %d", w.Code)
	}
	says(t, w.Body.String(), "Somebody answered under this nick")
	contains(t, w.Body.String(), `value="NELL_"`, `value="a chair"`)

	form := unseen(nell.see(october28 + "/rsvp"))
	w = nell.ask(request{method: http.MethodPost, path: october28 + "/rsvp/withdraw", form: form})
	says(t, nell.see(w.Header().Get("Location")), "It is taken back", "Are you coming?", "Nobody has said so yet")
}

// Whom the form is not for is told what to do instead, with what they typed.
func TestAnswerSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	for _, tt := range []struct {
		name, at string
		form     url.Values
		code     int
		field    string
	}{
		{"two words for a nick", autumn, url.Values{"nick": {"Nell Gwyn"}, "answer": {"coming"}}, 422, "f-rsvp-nick"},
		{"no nick and too many needs", autumn, url.Values{"needs": {strings.Repeat("x", 301)}, "answer": {"coming"}}, 422, "f-rsvp-nick"},
		{"another answer", autumn, url.Values{"nick": {"nell"}, "answer": {"yes"}}, 422, "f-rsvp-answer"},
		{"no mail is sent here", autumn, url.Values{"nick": {"nell"}, "answer": {"coming"}, "mail": {"no address"}}, 303, ""},
		{"a day late", "2026-10-30T12:00:00Z", url.Values{"nick": {"nell"}, "answer": {"coming"}}, 409, ""},
	} {
		p.clock(tt.at)
		w := p.send(person.Actor{}, october28+"/rsvp", tt.form)
		if w.Code != tt.code {
			t.Errorf("%s: %d", tt.name, w.Code)
		}
		if tt.code == 303 {
			continue
		}
		if tt.field == "" {
			says(t, w.Body.String(), "Too late to answer This session is over.")
		} else if !strings.Contains(w.Body.String(), `href="#`+tt.field+`"`) {
			t.Errorf("%s: nothing leads to %s", tt.name, tt.field)
		}
	}
	for range 40 {
		p.send(person.Actor{}, november4+"/rsvp", url.Values{"nick": {"n"}, "answer": {"maybe"}})
	}
	p.clock(autumn)
	if w := p.send(person.Actor{}, november4+"/rsvp", url.Values{"nick": {"nell"}, "answer": {"coming"}}); w.Code != http.StatusTooManyRequests {
		t.Errorf("the forty-first from one network: %d", w.Code)
	}
	if w := p.send(p.mia, november4+"/rsvp", url.Values{"nick": {"mia"}, "answer": {"coming"}}); w.Code != http.StatusSeeOther {
		t.Errorf("who is signed in there: %d", w.Code)
	}
}

func TestA41OnePersonIsCountedOnce(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	nell := join(t, p.Server, "Nell", person.Member)
	for _, kind := range []person.IdentityKind{person.IRCAccount, person.IRCNick} {
		must(t, p.Store.AddIdentity(t.Context(), nell.ID, kind, "freenode", "nell", p.at))
	}
	for _, times := range []string{"first", "second"} {
		at := p.browser(nell)
		body := at.see(october28)
		saysNot(t, body, "Your nick on IRC")
		says(t, at.answer(october28, "coming", nil), "as nell.", "1 coming")
		if t.Failed() {
			t.Fatal(times)
		}
	}
	reply, err := p.Store.Respond(t.Context(), hackfest.Response{Network: "freenode", Channel: devel, Nick: "nell|away", Account: "nell", Answer: hackfest.AnswerComing}, p.at)
	if err != nil || !strings.Contains(reply, "1 coming") {
		t.Errorf("on IRC: %q, %v", reply, err)
	}
	says(t, p.see(october28, ""), "1 coming")
	contains(t, p.browser(nell).see("/settings/export"), `"answers": [`, `"session": "2026-10-28-w"`, `"answer": "coming"`)
	phone := p.browser(person.Actor{})
	w := phone.ask(request{method: http.MethodPost, path: october28 + "/rsvp", form: url.Values{"nick": {"Nell"}, "answer": {"regrets"}}})
	if says(t, w.Body.String(), "Sign in if it is yours"); w.Code != http.StatusConflict {
		t.Errorf("not signed in: %d", w.Code)
	}
	phone.answer(october28, "maybe", url.Values{"nick": {"nellie"}})
	phone.as = nell
	says(t, phone.answer(october28+"/rsvp", "coming", nil), "1 coming")
	saysNot(t, p.see(october28, ""), "maybe")
}

func TestA43TheWholeSeries(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, "2026-10-22T12:00:00Z")
	p.w("2026-10-21")
	nell := p.browser(person.Actor{})
	says(t, nell.answer(october28, "coming", url.Values{"nick": {"nell"}, "whole": {"on"}}), "for every date of the series until you say otherwise", "You are coming to every date of the series")
	is := func(session, want string) {
		t.Helper()
		says(t, p.see(session, ""), want)
	}
	is(october28, "1 coming")
	is(november4, "1 coming")
	p.clock("2027-05-01T12:00:00Z") // dates that were not laid out then
	_, err := p.Store.ExtendSeries(t.Context(), "w", p.at.AddDate(0, 3, 0), p.at)
	must(t, err)
	is("/sessions/2027-05-12-w", "1 coming")
	says(t, nell.see("/sessions/2027-05-12-w"), "You are coming to every date of the series")
	nell.answer("/sessions/2027-05-12-w", "regrets", url.Values{"nick": {"nell"}})
	is("/sessions/2027-05-12-w", "1 regrets")
	is("/sessions/2027-05-19-w", "1 coming")
	body := nell.see("/sessions/2027-05-12-w/rsvp")
	if strings.Contains(body, `name="whole" checked`) || strings.Contains(nell.see("/sessions/2027-05-19-w/rsvp"), " checked") {
		t.Error("who answers for one date would answer for all of them")
	}
	w := nell.ask(request{method: http.MethodPost, path: "/sessions/2027-05-12-w/rsvp/withdraw", form: unseen(body)})
	says(t, nell.see(w.Header().Get("Location")), "What you said of this date is taken back. You are down as coming, as nell, for every date of the series until you say otherwise.")
	is("/sessions/2027-05-12-w", "1 coming")
}

// What somebody needs is read by whoever looks after the session, who may take
// an answer off the list, and put it back.
func TestHostsLookAfterAnswers(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	hal, otto := join(t, p.Server, "Hal", person.Member), join(t, p.Server, "Otto", person.Member)
	form := p.fill(p.mia, "/series/w/edit", url.Values{
		"title": {"W"}, "kind": {"hackfest"}, "channel": {"freenode/eucalyptus-devel"}, "visibility": {"public"}, "repeat": {"weeks"}, "every": {"1"}, "from": {"2026-10-28"},
		"time": {"12:00"}, "zone": {pacific}, "length": {"150"}, "host": {"Nobody"}, "confirmed": {"on"},
	})
	w := p.send(p.mia, "/series/w/edit", form)
	if says(t, w.Body.String(), "Nobody is called Nobody here."); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a host who is nobody: %d", w.Code)
	}
	form.Set("host", "hal")
	if w = p.send(p.mia, "/series/w/edit", form); w.Code != http.StatusSeeOther {
		t.Fatalf("naming a host: %d\n%s", w.Code, plainText(w.Body.String()))
	}
	p.browser(person.Actor{}).answer(october28, "coming", url.Values{"nick": {"nell"}, "needs": {"a bare machine"}, "first": {"on"}})
	p.browser(person.Actor{}).answer(october28, "coming", url.Values{"nick": {"ann"}, "whole": {"on"}})
	says(t, p.see(october28, ""), "Host Hal, greets newcomers", "2 coming")
	for name, as := range map[string]person.Actor{"nobody": {}, "a member": otto} {
		for _, path := range []string{october28, october28 + "/rsvp", "/api/v1" + october28 + "/rsvp"} {
			w := ask(t, p.Server, request{path: path, as: as})
			if strings.Contains(w.Body.String(), "a bare machine") || strings.Contains(w.Body.String(), "first visit") {
				t.Errorf("%s reads at %s what somebody needs", name, path)
			}
		}
	}
	says(t, ask(t, p.Server, request{path: october28, as: hal}).Body.String(), "1 asked for something, 1 here for the first time")
	body := ask(t, p.Server, request{path: october28 + "/rsvp", as: hal}).Body.String()
	says(t, body, "nell first visit needs a bare machine")
	x, err := p.Store.Session(t.Context(), hal.Viewer, "2026-10-28-w")
	must(t, err)
	answers, err := p.Store.Answers(t.Context(), hal.Viewer, x.ID, true)
	must(t, err)
	at := map[string]string{}
	for _, a := range answers {
		at[a.Nick] = october28 + "/rsvp/" + fmt.Sprint(a.ID) + "/"
	}
	w = p.send(hal, at["nell"]+"remove", unseen(body))
	host := p.browser(hal)
	body = host.see(w.Header().Get("Location"))
	says(t, body, "What nell answered is off the list", "Undo", "Off the list nell Put back", "1 coming")
	says(t, p.see(october28, ""), "1 coming")
	w = p.send(hal, at["nell"]+"restore", url.Values{})
	says(t, host.see(w.Header().Get("Location")), "is on the list again", "2 coming")
	if !slices.Contains(p.audited("2026-10-28-w"), "remove answer") {
		t.Error("it is not in the audit log")
	}
	if w := p.send(otto, at["nell"]+"remove", url.Values{}); w.Code != http.StatusForbidden {
		t.Errorf("a member: %d", w.Code)
	}
	must(t, p.Store.NameSeriesHost(t.Context(), "w", 0))
	must(t, p.Store.NameHost(t.Context(), "2026-10-28-w", hal.ID))
	if w := p.send(hal, at["ann"]+"remove", url.Values{}); w.Code != http.StatusForbidden {
		t.Errorf("who hosts one date, about what was said of all: %d", w.Code)
	}
	if w := p.send(p.mia, at["ann"]+"remove", url.Values{}); w.Code != http.StatusSeeOther {
		t.Errorf("a maintainer: %d", w.Code)
	}
}

// An address that is given is asked once, and the answer counts at once.
func TestAnswerWithMail(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	box := &postbox{}
	p.Post = box
	nell := p.browser(person.Actor{})
	if w := nell.ask(request{method: http.MethodPost, path: october28 + "/rsvp", form: url.Values{"nick": {"nell"}, "answer": {"coming"}, "mail": {"nell at home"}}}); w.Code != 422 {
		t.Errorf("no address: %d", w.Code)
	}
	says(t, nell.answer(october28, "coming", url.Values{"nick": {"nell"}, "mail": {"nell@example.org"}}), "You are down as coming, as nell. Look into your mail: unless reminders come there already, they wait until you confirm them.")
	if want := []string{"confirm"}; !slices.Equal(box.sent, want) {
		t.Errorf("sent %q, want %q", box.sent, want)
	}
	b, err := p.Store.SubscriberByMail(t.Context(), "nell@example.org")
	if err != nil || !b.ConfirmedAt.IsZero() || !b.Pending {
		t.Errorf("%+v, %v", b, err)
	}
	says(t, p.see(october28, ""), "1 coming")
}

// What somebody answers with the address of another changes neither what mail goes
// there, nor tells whether any does.
func TestAnswerWithAnothersMail(t *testing.T) {
	t.Parallel()
	p := newPlanner(t, autumn)
	p.w("2026-10-21")
	p.Post = &postbox{}
	now := p.Now().UTC()
	follow := func(address string) []byte {
		b, err := p.Store.Follow(t.Context(), hackfest.Following{Mail: address, Scope: hackfest.FollowSeries, Series: "w"}, now)
		must(t, err)
		_, _, ok, err := p.Store.BeginConfirmation(t.Context(), b.ID, []byte(address), now)
		if must(t, err); !ok {
			t.Fatal("it may not be asked")
		}
		return []byte(address)
	}
	confirm := func(hash []byte) {
		b, err := p.Store.FollowLink(t.Context(), hash, now)
		must(t, err)
		waiting, err := p.Store.WaitingFollows(t.Context(), viewerOf(nil), b.ID)
		must(t, err)
		var ids []hackfest.FollowID
		for _, f := range waiting {
			ids = append(ids, f.ID)
		}
		_, err = p.Store.ConfirmFollows(t.Context(), hash, ids, hackfest.PaceEach, now)
		must(t, err)
	}
	confirm(follow("nell@example.org"))
	confirm(follow("noor@example.org"))
	said := map[string]bool{}
	for i, x := range []struct{ mail, whole string }{{"nell@example.org", ""}, {"noor@example.org", "on"}, {"nobody@example.org", "on"}} {
		body := p.browser(person.Actor{}).answer(october28, "regrets", url.Values{"nick": {fmt.Sprint("sly", i)}, "mail": {x.mail}, "whole": {x.whole}})
		_, rest, _ := strings.Cut(body, "Look into")
		rest, _, _ = strings.Cut(rest, ".")
		said[rest] = true
	}
	if len(said) != 1 || said[""] {
		t.Errorf("it is told what an address gets: %v", said)
	}
	x, err := p.Store.Session(t.Context(), p.mia.Viewer, "2026-10-28-w")
	must(t, err)
	must(t, p.Store.PlanDeliveries(t.Context(), x.StartsAt.AddDate(0, 0, -1), x.StartsAt.AddDate(0, 0, -1)))
	letters, err := p.Store.Deliveries(t.Context(), p.mia.Viewer, store.DeliveryFilter{Outlet: hackfest.OutletMail})
	must(t, err)
	if len(letters) != 2 || letters[0].Occasion != hackfest.OccasionDay || "/sessions/"+letters[0].SessionSlug != october28 {
		t.Errorf("letters a day before: %+v", letters)
	}
}

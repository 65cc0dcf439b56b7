package ircbot

import (
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/auth"
	"github.com/eucalyptus/hackfest/internal/ircnet"
	"github.com/eucalyptus/hackfest/internal/person"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// member adds somebody to the portal.
func (w *world) member(name string) person.ID {
	w.t.Helper()
	id, err := w.AddPerson(w.t.Context(), name, person.Member, w.now())
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// code makes a code for somebody.
func (w *world) code(id person.ID) string {
	w.t.Helper()
	code, hash := auth.NewCode()
	if err := w.AddClaim(w.t.Context(), hash, id, "test", w.now(), w.now().Add(auth.ClaimTime)); err != nil {
		w.t.Fatal(err)
	}
	return code
}

// ask says something to the bot alone and returns its answer.
func ask(c *testirc.Client, text string) string {
	c.Say("hackbot", text)
	line := c.Expect(func(line string) bool {
		return strings.Contains(line, ":hackbot!") && strings.Contains(line, " NOTICE "+c.Nick+" :")
	})
	_, said, _ := strings.Cut(line, " NOTICE "+c.Nick+" :")
	return said
}

func said(t *testing.T, what, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s: the bot says %q, without %q", what, got, w)
		}
	}
}

// Somebody claims an account and a nick by a code, signs in by the account, and
// whoever takes the nick later gets nothing.
func TestClaimAndSignInByIRC(t *testing.T) {
	t.Parallel()
	irc := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{})
	services := testirc.StartAtheme(t, irc)
	services.Register("annacc", "ann-password", "")
	services.Register("evilacc", "evil-password", "")
	w := newWorld(t, on("test", irc.Addr, "#euca"))
	ann, evil := w.member("Ann"), w.member("Evil")
	b := w.start()

	c := w.person(irc.Addr, "ann", "#euca")
	said(t, "before she identified", ask(c, "signin"), "You are not identified to services", "A nick alone proves nothing")
	c.Raw("NICKSERV IDENTIFY annacc ann-password")
	c.Expect(testirc.Command("900"))
	said(t, "before she claimed", ask(c, "!SignIn"), "Nobody on the portal has proven to be annacc", "http://portal.example/settings")
	code := w.code(ann)
	said(t, "the code", ask(c, "\x02claim\x02 "+strings.ToLower(code)), "the account annacc and the nick ann on test now belongs to Ann")
	said(t, "the code again", ask(c, "claim "+code), "not valid here")
	answer := ask(c, "signin")
	said(t, "her link", answer, "signs you in as Ann", "15 minutes")
	url, _, _ := strings.Cut(answer, " ")
	secret := strings.TrimPrefix(url, "http://portal.example/signin/")
	if a, err := w.UseLink(t.Context(), auth.HashSecret(secret), w.now()); err != nil || a.ID != ann {
		t.Errorf("the link %q: %v, %v", url, a, err)
	}
	c.Quit("gone")

	taker := testirc.Dial(t, irc.Addr, "ann2")
	taker.Join("#euca")
	taker.Rename("ann")
	said(t, "another with her nick", ask(taker, "signin"), "You are not identified to services")
	said(t, "claiming her nick", ask(taker, "claim "+w.code(evil)), "But the nick ann is somebody else's", "a maintainer sees")
	taker.Raw("NICKSERV IDENTIFY evilacc evil-password")
	taker.Expect(testirc.Command("900"))
	said(t, "with another account", ask(taker, "signin"), "Nobody on the portal has proven to be evilacc")
	said(t, "claiming it with an account", ask(taker, "claim "+w.code(evil)), "the account evilacc on test now belongs to Evil", "But the nick ann is somebody else's")
	w.checkContest("ann", "Evil", "Ann")

	w.stored(b)
	for _, word := range []string{code, strings.ToLower(code), secret, "signin", "claim"} {
		if found := w.grep(word); found != nil {
			t.Errorf("%q is in the spool: %q", word, found)
		}
		for _, l := range w.log("test", "#euca") {
			if strings.Contains(l, word) {
				t.Errorf("%q is in the log: %q", word, l)
			}
		}
	}
}

func (w *world) checkContest(value, who, holder string) {
	w.t.Helper()
	list, err := w.Claims(w.t.Context())
	if err != nil || len(list) != 1 || list[0].Value != value || list[0].Person != who || list[0].Holder != holder {
		w.t.Errorf("contested: %+v, %v", list, err)
	}
}

// Where nobody tells accounts a nick can be claimed, but signs nobody in.
func TestNetworkWithoutAccounts(t *testing.T) {
	t.Parallel()
	irc := testirc.NgIRCd(t, testirc.Options{})
	w := newWorld(t, on("test", irc.Addr, "#euca"))
	ann := w.member("Ann")
	w.start()
	c := w.person(irc.Addr, "ann", "#euca")
	said(t, "claim", ask(c, "claim "+w.code(ann)), "the nick ann on test now belongs to Ann", "To sign in by IRC an account is needed, and this network does not tell me")
	said(t, "sign-in", ask(c, "signin"), "This network does not tell me who is identified", "http://portal.example/signin")
	said(t, "no code", ask(c, "claim"), "claim CODE")
}

// Who is suspended is told so; who tries codes is soon not answered; a database
// that is away is told of.
func TestClaimsThatFail(t *testing.T) {
	t.Parallel()
	irc := testirc.StartInspIRCd(t, testirc.InspIRCdOptions{})
	services := testirc.StartAtheme(t, irc)
	services.Register("annacc", "ann-password", "")
	w := newWorld(t, on("test", irc.Addr, "#euca"))
	ann := w.member("Ann")
	b := w.start()
	c := w.person(irc.Addr, "ann", "#euca")
	c.Raw("NICKSERV IDENTIFY annacc ann-password")
	c.Expect(testirc.Command("900"))
	said(t, "claim", ask(c, "claim "+w.code(ann)), "now belongs to Ann")
	if err := w.Suspend(t.Context(), ann, w.now()); err != nil {
		t.Fatal(err)
	}
	said(t, "suspended", ask(c, "signin"), "This account is suspended")

	w.postgres.set("away")
	said(t, "away", ask(c, "signin"), "database does not answer")
	w.postgres.set("")

	guesser := w.person(irc.Addr, "guesser", "#euca")
	for range 25 {
		code, _ := auth.NewCode()
		guesser.Say("hackbot", "claim "+code)
	}
	w.eventually("tries that are not answered", func() bool { return b.Counters.Unanswered.Load() >= 13 })
	if n := len(from(guesser, "NOTICE", "guesser")); n > 12 {
		t.Errorf("%d of 25 tries at once were answered", n)
	}
}

// A burst of requests waits or is dropped; it holds nobody up.
func TestDeskTakesRequests(t *testing.T) {
	t.Parallel()
	d := newDesk(newWorld(t).dead().Bot)
	for range maxLetters + 5 {
		if !d.take(nil, ircnet.Source{Nick: "ann"}, "claim x") {
			t.Fatal("not taken")
		}
	}
	if len(d.letters) != maxLetters || d.bot.Counters.Unanswered.Load() != 5 {
		t.Errorf("%d wait, %d unanswered", len(d.letters), d.bot.Counters.Unanswered.Load())
	}
	for _, text := range []string{"claims", "next", "", "sign in", "please claim X", "#vote yes"} {
		if d.take(nil, ircnet.Source{Nick: "ann"}, text) {
			t.Errorf("%q is taken", text)
		}
	}
}

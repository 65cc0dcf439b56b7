package store_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/person"
)

// browser is what is kept of a browser's token.
func browser(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	return sum[:]
}

// answers is who answered for a session at a glance: "ann coming, bob regrets*",
// a star for an answer to the series.
func (w world) answers(v person.Viewer, id hackfest.SessionID) string {
	w.t.Helper()
	list, err := w.Answers(w.t.Context(), v, id, false)
	w.must(err)
	var all []string
	for _, a := range list {
		one := a.Nick + " " + string(a.Answer)
		if a.FromSeries {
			one += "*"
		}
		all = append(all, one)
	}
	return strings.Join(all, ", ")
}

// known adds somebody who has proven their account and nick on freenode.
func (w world) known(name string) person.ID {
	w.t.Helper()
	ctx := w.t.Context()
	id, err := w.AddPerson(ctx, name, person.Member, aug2)
	w.must(err)
	w.must(w.AddIdentity(ctx, id, person.IRCAccount, network, name, aug2))
	w.must(w.AddIdentity(ctx, id, person.IRCNick, network, name, aug2))
	return id
}

// What people answer, by all ways, is one answer each.
func TestAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, list := t.Context(), w.weeks(3)
	s, next := list[0].ID, list[1].ID
	cat := w.known("cat")
	dan, err := w.AddPerson(ctx, "Dan Dare", person.Member, aug2)
	w.must(err)
	slug := list[0].Slug
	web := func(a hackfest.Answering) func() error {
		return func() error {
			if a.SessionID == 0 {
				a.SessionID = s
			}
			if a.Answer == "" {
				a.Answer = hackfest.AnswerComing
			}
			a.Via = "web"
			_, err := w.Answer(ctx, a, aug2)
			return err
		}
	}
	irc := func(nick, account, session string, a hackfest.Answer) func() error {
		return func() error {
			_, err := w.Respond(ctx, hackfest.Response{Network: network, Channel: channel, Nick: nick, Account: account, Session: session, Answer: a}, aug2)
			return err
		}
	}
	for _, tt := range []struct {
		name  string
		do    func() error
		kind  fault.Kind
		field string
		want  string
	}{
		{"a nick alone", web(hackfest.Answering{Nick: "ann", Browser: browser("a"), Needs: "a cloud"}), 0, "", "ann coming"},
		{"changed by the same browser, with another nick", web(hackfest.Answering{Nick: "ann_", Browser: browser("a"), Answer: "maybe"}), 0, "", "ann_ maybe"},
		{"another browser takes the nick, spelt in capitals", web(hackfest.Answering{Nick: "ANN_", Browser: browser("b")}), fault.Conflict, "nick", "ann_ maybe"},
		{"whoever has the nick on IRC", irc("ANN_", "", "", "coming"), 0, "", "ANN_ coming"},
		{"which the browser still may change", web(hackfest.Answering{Nick: "ann", Browser: browser("a")}), 0, "", "ann coming"},
		{"first heard on IRC", irc("bob", "", slug, "coming"), 0, "", "ann coming, bob coming"},
		{"then claimed by a browser", web(hackfest.Answering{Nick: "bob", Browser: browser("b"), Answer: "regrets"}), fault.Conflict, "nick", "ann coming, bob coming"},
		{"a nick that somebody proved", web(hackfest.Answering{Nick: "Cat", Browser: browser("b")}), fault.Conflict, "nick", "ann coming, bob coming"},
		{"that nick on IRC, not identified", irc("cat", "", "", "regrets"), fault.Forbidden, "", "ann coming, bob coming"},
		{"that person on IRC under another nick", irc("cat|away", "cat", "", "coming"), 0, "", "ann coming, bob coming, cat|away coming"},
		{"the same person on the web", web(hackfest.Answering{PersonID: cat}), 0, "", "ann coming, bob coming, cat coming"},
		{"a person without a nick", web(hackfest.Answering{PersonID: dan}), 0, "", "ann coming, bob coming, cat coming, Dan_Dare coming"},
		{"who names one", web(hackfest.Answering{PersonID: dan, Nick: "dan"}), 0, "", "ann coming, bob coming, cat coming, dan coming"},
		{"who names another's", web(hackfest.Answering{PersonID: dan, Nick: "cat"}), fault.Conflict, "nick", "ann coming, bob coming, cat coming, dan coming"},
		{"a person in a browser that answered before", web(hackfest.Answering{PersonID: dan, Nick: "dan", Browser: browser("a")}), 0, "", "bob coming, cat coming, dan coming"},
		{"no nick", web(hackfest.Answering{}), fault.Invalid, "nick", "bob coming, cat coming, dan coming"},
		{"two words", web(hackfest.Answering{Nick: "Ann Smith"}), fault.Invalid, "nick", "bob coming, cat coming, dan coming"},
		{"no answer", web(hackfest.Answering{Nick: "eve", Answer: "no"}), fault.Invalid, "answer", "bob coming, cat coming, dan coming"},
		{"needs more than fits", web(hackfest.Answering{Nick: "eve", Needs: strings.Repeat("é", 301)}), fault.Invalid, "needs", "bob coming, cat coming, dan coming"},
		{"a session that does not exist", web(hackfest.Answering{Nick: "eve", SessionID: 4711}), fault.NotFound, "", "bob coming, cat coming, dan coming"},
		{"named on IRC as nothing is called", irc("eve", "", "nothing", "coming"), fault.NotFound, "", "bob coming, cat coming, dan coming"},
		{"by the series' name", irc("eve", "", "Weekly-Hackfest", "maybe"), 0, "", "bob coming, cat coming, dan coming, eve maybe"},
		{"by the address", irc("eve", "", "https://hack.example/sessions/"+slug+"?x#y", "regrets"), 0, "", "bob coming, cat coming, dan coming, eve regrets"},
		{"by the day", irc("eve", "", slug[:10], "coming"), 0, "", "bob coming, cat coming, dan coming, eve coming"},
	} {
		err := tt.do()
		field := ""
		for _, e := range fault.All(err) {
			field = e.Field
		}
		if fault.KindOf(err) != tt.kind || tt.kind == 0 && err != nil || field != tt.field {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := w.answers(member, s); got != tt.want {
			t.Fatalf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	if got := w.answers(member, next); got != "" {
		t.Errorf("the next session: %s", got)
	}
}

// Who comes to a whole series comes to each session until they say otherwise;
// what was, stays.
func TestAnswerWholeSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, list := t.Context(), w.weeks(3)
	at := func(n int, d time.Duration) time.Time { return list[n].StartsAt.Add(d) }
	say := func(n int, whole bool, answer hackfest.Answer, now time.Time) hackfest.RSVP {
		t.Helper()
		a, err := w.Answer(ctx, hackfest.Answering{SessionID: list[n].ID, WholeSeries: whole, Nick: "ann", Browser: browser("a"), Answer: answer, Via: "web"}, now)
		w.must(err)
		return a
	}
	is := func(want ...string) {
		t.Helper()
		for n, s := range list {
			if got := w.answers(member, s.ID); got != want[n] {
				t.Errorf("session %d: %q, want %q", n, got, want[n])
			}
		}
	}
	say(0, false, "regrets", at(0, -time.Hour))
	say(0, true, "coming", at(0, -time.Hour))
	is("ann coming*", "ann coming*", "ann coming*")
	say(1, false, "regrets", at(0, -time.Hour))
	is("ann coming*", "ann regrets", "ann coming*")
	say(2, true, "maybe", at(1, -time.Hour)) // after the first
	is("ann coming*", "ann regrets", "ann maybe*")
	mine, err := w.MyAnswer(ctx, person.PublicViewer, list[1].ID, browser("a"))
	w.must(err)
	if mine.FromSeries || mine.Answer != "regrets" {
		t.Errorf("%+v", mine)
	}
	w.must(w.WithdrawAnswer(ctx, mine.ID, at(1, -time.Hour)))
	is("ann coming*", "ann maybe*", "ann maybe*")
	mine, err = w.MyAnswer(ctx, person.PublicViewer, list[2].ID, browser("a"))
	w.must(err)
	w.must(w.WithdrawAnswer(ctx, mine.ID, at(2, -time.Hour))) // after the second
	is("ann coming*", "ann maybe*", "")
	if err := w.WithdrawAnswer(ctx, mine.ID, at(2, 0)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("twice: %v", err)
	}
	if _, err := w.Answer(ctx, hackfest.Answering{SessionID: list[0].ID, Nick: "eve", Answer: "coming", Via: "web"}, at(1, 0)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("to a session that is over: %v", err)
	}
	for _, who := range []string{"member", "nobody"} {
		if _, err := w.MyAnswer(ctx, person.Viewer{}, list[0].ID, browser(who)); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", who, err)
		}
	}
}

// A host takes an answer off the list and puts it back; in between it cannot be
// given again, whatever way.
func TestRemoveAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, s := t.Context(), w.weeks(1)[0]
	give := func(nick, from string) (hackfest.RSVP, error) {
		return w.Answer(ctx, hackfest.Answering{SessionID: s.ID, Nick: nick, Browser: browser(from), Answer: "coming", Needs: "a\ncloud", FirstVisit: true, Via: "web"}, aug2)
	}
	a, err := give("ann", "a")
	w.must(err)
	host := w.known("host")
	w.must(w.RemoveAnswer(ctx, a.ID, host, aug2))
	if err := w.RemoveAnswer(ctx, a.ID, host, aug2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("twice: %v", err)
	}
	if got := w.answers(member, s.ID); got != "" {
		t.Errorf("removed: %s", got)
	}
	off, err := w.RemovedAnswers(ctx, member, s.ID)
	if err != nil || len(off) != 1 || off[0].Nick != "ann" || !off[0].RemovedAt.Equal(aug2) {
		t.Errorf("%+v, %v", off, err)
	}
	for way, err := range map[string]error{
		"the browser":                  failed(give("ann", "a")),
		"the browser with a new nick":  failed(give("eve", "a")),
		"another browser":              failed(give("ann", "b")),
		"on IRC":                       failed(w.Respond(ctx, hackfest.Response{Network: network, Nick: "ann", Answer: "coming"}, aug2)),
		"take back what is off it too": w.WithdrawAnswer(ctx, a.ID, aug2),
	} {
		if fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s: %v", way, err)
		}
	}
	w.must(w.RestoreAnswer(ctx, a.ID))
	if got := w.answers(member, s.ID); got != "ann coming" {
		t.Errorf("restored: %s", got)
	}
	for inner, want := range map[bool]string{true: "a cloud true", false: " false"} {
		list, err := w.Answers(ctx, member, s.ID, inner)
		w.must(err)
		if got := fmt.Sprint(list[0].Needs, " ", list[0].FirstVisit); got != want {
			t.Errorf("for who looks after it: %v: %q", inner, got)
		}
	}
}

// failed is the error of two results.
func failed[T any](_ T, err error) error { return err }

// What people answered the engine knows at a start; who is not to be named is
// counted, and named nowhere.
func TestAnswersReachTheEngine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, s := t.Context(), w.weeks(1)[0]
	shy := w.known("shy")
	if _, err := w.pool.Exec(ctx, "update people set unnamed = true where id = $1", shy); err != nil {
		t.Fatal(err)
	}
	for _, a := range []hackfest.Answering{
		{Nick: "ann", Answer: "coming"}, {Nick: "bob", Answer: "regrets"}, {Nick: "cat", Answer: "maybe"}, {PersonID: shy, Answer: "regrets"},
	} {
		a.SessionID, a.Via = s.ID, "web"
		_, err := w.Answer(ctx, a, aug2)
		w.must(err)
	}
	c, err := w.MeetingContext(ctx, network, channel, s.StartsAt)
	w.must(err)
	if got := fmt.Sprint(c.Sessions[0].Coming, c.Sessions[0].Regrets); got != "[ann cat] [bob]" {
		t.Errorf("context: %s", got)
	}
	if got := w.answers(person.PublicViewer, s.ID); got != "ann coming, cat maybe, bob regrets,  regrets" {
		t.Errorf("for the public: %s", got)
	}
	if got := w.answers(person.Viewer{ID: shy, Role: person.Member}, s.ID); !strings.Contains(got, "shy regrets") {
		t.Errorf("for themselves: %s", got)
	}
}

// What the bot replies says for which session, when, and how many come; with
// nothing planned it says so.
func TestRespond(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	r := hackfest.Response{Network: network, Channel: channel, Nick: "ann", Answer: "coming", BaseURL: "https://hack.example"}
	if _, err := w.Respond(ctx, r, aug2); fault.KindOf(err) != fault.NotFound || !strings.Contains(fault.Message(err), "Nothing is planned") {
		t.Errorf("nothing planned: %v", err)
	}
	s := w.weeks(2)[0]
	r.Channel = "#other"
	reply, err := w.Respond(ctx, r, aug2)
	if want := "Noted, ann: you come to Weekly hackfest"; err != nil || !strings.HasPrefix(reply, want) || !strings.HasSuffix(reply, "1 coming · https://hack.example/sessions/"+s.Slug) {
		t.Errorf("%q, %v", reply, err)
	}
	if _, err := w.pool.Exec(ctx, "update channels set visibility = 'members' where name = $1", channel); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Respond(ctx, r, aug2); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a session for members, in another channel: %v", err)
	}
	r.Channel, r.Session = channel, s.Slug
	if _, err := w.Respond(ctx, r, aug2); err != nil {
		t.Errorf("in its own: %v", err)
	}
	if got := w.answers(person.PublicViewer, s.ID); got != "" {
		t.Errorf("the public reads: %s", got)
	}
}

// Everybody in the channel reads what the bot replies there: not what is for
// members, not the zone of who does not show it, nor again what somebody typed. An
// idea that needs a chair is answered only where nothing is scheduled.
func TestRespondInPublic(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	cat := w.known("cat")
	w.exec(`update people set zone = 'Europe/Berlin', zone_shown = false where id = $1`, cat)
	hidden := planned("Hidden", aug2.Add(time.Hour))
	hidden.Visibility = person.MembersOnly
	secret := w.plan(hidden)
	proposed := w.plan(planned("Proposed", aug2.Add(4*time.Hour)))
	w.exec(`update sessions set state = 'proposed' where id = $1`, proposed.ID)
	r := hackfest.Response{Network: network, Channel: channel, Nick: "cat", Account: "cat", Answer: "coming"}
	says := func(name, want, wantNot string) {
		t.Helper()
		got, err := w.Respond(ctx, r, aug2)
		if err != nil {
			got = fault.Message(err)
		}
		if !strings.Contains(got, want) || wantNot != "" && strings.Contains(got, wantNot) {
			t.Errorf("%s: %q", name, got)
		}
	}
	says("what is proposed, as nothing else is", "you come to Proposed", "")
	w.plan(planned("Weekly", aug2.Add(7*time.Hour)))
	says("what is scheduled, although later", "you come to Weekly", "Berlin")
	r.Session = secret.Slug
	says("what is for members, by its name", "I know no coming session of that name", "Hidden")
	r.Session = strings.Repeat("x", 340) + " !op mallory"
	says("a long name", "without a name it is the next", "xxx")
	r.Session, r.Channel = "", ""
	says("in private", "you come to Hidden", "Los_Angeles")
	says("in the zone of who asks", "(Europe/Berlin)", "")
	r.Channel = channel
	w.exec(`update people set zone_shown = true where id = $1`, cat)
	says("who shows their zone", "(Europe/Berlin)", "")
}

// Who answered by their nick alone, and later on IRC under that nick with an
// account of theirs, is one person.
func TestRespondTakesOverTheBareNick(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, s := t.Context(), w.weeks(1)[0]
	w.known("cat")
	_, err := w.Answer(ctx, hackfest.Answering{SessionID: s.ID, Nick: "Cat|away", Browser: browser("c"), Answer: "coming", Needs: "a cloud", Via: "web"}, aug2)
	w.must(err)
	_, err = w.Respond(ctx, hackfest.Response{Network: network, Channel: channel, Nick: "cat|away", Account: "cat", Answer: "regrets"}, aug2)
	w.must(err)
	if got := w.answers(member, s.ID); got != "cat|away regrets" {
		t.Error(got)
	}
}

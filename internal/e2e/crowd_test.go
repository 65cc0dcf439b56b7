package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// crowd is a meeting of ten people on two linked servers, with services.
type crowd struct {
	*testing.T
	portal *portal
	link   *testirc.Link
	ear    *testirc.Client            // hears what the bot's server hears
	people map[string]*testirc.Client // by the nick they came with
}

// newCrowd lets ten people join; those of near have the bot's server, the others
// are beyond the link. ann and bob are identified to services.
func newCrowd(t *testing.T, near, far []string) *crowd {
	t.Helper()
	hub, leaf, link := testirc.LinkedInspIRCds(t, testirc.InspIRCdOptions{})
	services := testirc.StartAtheme(t, hub)
	services.Register("hackacc", "bot-password", "")
	for _, who := range []string{"ann", "bob"} {
		services.Register(who+"acc", who+"-password", "")
	}
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t), "HACKFEST_IRC=irc://hackbot@"+hub.Addr+"/euca?name=test&account=hackacc",
		"HACKFEST_IRC_PASSWORD=bot-password", "HACKFEST_IRC_SASL=required")
	p.start()
	p.awaitBot("test", channel)
	c := &crowd{T: t, portal: p, link: link, people: map[string]*testirc.Client{}, ear: testirc.Dial(t, hub.Addr, "ear")}
	c.ear.Join(channel)
	for _, who := range near {
		c.come(hub.Addr, who)
	}
	for _, who := range far {
		c.come(leaf.Addr, who)
	}
	return c
}

// come connects somebody and, if services know them, identifies them.
func (c *crowd) come(addr, nick string) {
	c.Helper()
	one := testirc.Dial(c, addr, nick)
	if account := map[string]string{"ann": "ann", "bob": "bob", "bob_phone": "bob", "bob_work": "bob"}[nick]; account != "" {
		one.Raw("NICKSERV IDENTIFY " + account + "acc " + account + "-password")
		one.Expect(testirc.Command("900"))
	}
	one.Join(channel)
	c.people[nick] = one
}

// say has somebody say something, and waits until the bot's server has it.
func (c *crowd) say(who, text string) {
	c.Helper()
	c.people[who].Say(channel, text)
	c.ear.Expect(func(l string) bool { return !strings.HasPrefix(l, ":hackbot!") && strings.HasSuffix(l, ":"+text) })
}

// answer waits for the bot to say something that holds text.
func (c *crowd) answer(text string) string {
	c.Helper()
	return c.ear.Expect(func(l string) bool { return strings.HasPrefix(l, ":hackbot!") && strings.Contains(l, text) })
}

// Ten people: a vote by account with one person on three nicks, a chair who
// renames and somebody who takes her old nick, a minute off the record, and a
// split between the servers in the middle.
func TestMeetingOfTen(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, []string{"ann", "bob", "bob_phone", "dora", "emil"}, []string{"bob_work", "fay", "gus", "hal", "ida"})
	c.say("ann", "#startmeeting Ten of us")
	c.answer("Ten of us")
	for _, who := range []string{"dora", "emil", "fay", "gus", "hal", "ida"} {
		c.say(who, "hello from "+who)
	}
	c.say("ann", "#topic The vote")

	c.say("ann", "#startvote Which image? Fedora 16, Fedora 17, none of them")
	c.answer("Which image?")
	c.say("bob", "#vote Fedora 17")
	c.say("bob_phone", "#vote fedora 17")
	c.say("bob_work", "#vote Fedora 16") // bob's last, so his one vote
	c.say("dora", "#vote Fedora 16")
	c.say("gus", "#vote fedora 17")
	c.say("hal", "#vote Fedora 18")
	c.answer("no such option")
	c.say("ann", "#endvote")
	c.answer("Fedora 16")

	c.people["ann"].Rename("annabel")
	c.people["ida"].Expect(func(l string) bool { return strings.HasPrefix(l, ":ann!") && strings.Contains(l, " NICK ") })
	c.people["ida"].Raw("NICK ann") // the freed nick, without the account
	c.ear.Expect(func(l string) bool { return strings.HasPrefix(l, ":ida!") && strings.Contains(l, " NICK ") })
	c.say("ida", "#topic Taken over")
	c.answer("annabel") // who the chairs are
	c.say("ann", "#topic Off and on")

	c.say("ann", "#off 5m")
	c.answer("ff the record")
	c.say("emil", "#info the password is sesame")
	c.say("dora", "I heard sesame")
	c.say("ann", "#on")
	c.answer("n the record")

	c.link.Cut()
	c.ear.Expect(func(l string) bool { return strings.HasPrefix(l, ":fay!") && strings.Contains(l, " QUIT ") })
	c.say("ann", "#info said while half of us were away")
	c.link.Mend()
	c.ear.Expect(func(l string) bool { return strings.HasPrefix(l, ":fay!") && strings.Contains(l, " JOIN ") })
	// A server that has not heard yet who is on the other side sends nothing there.
	c.people["fay"].Expect(func(l string) bool { return strings.HasPrefix(l, ":annabel!") && strings.Contains(l, " JOIN ") })
	c.say("fay", "#action fay and gus to watch the link")
	c.say("ann", "#endmeeting")
	c.answer("/meetings/")

	eventually(t, "the minutes are there", func() bool {
		m := c.portal.meetings("test", channel)
		return len(m) == 1 && m[0].EndedAt != ""
	})
	c.check(c.portal.meetings("test", channel)[0])
	for _, path := range []string{"/logs/test/euca", "/sessions/" + c.session() + "/log.txt", "/sessions/" + c.session() + "/minutes.txt"} {
		if _, body := c.portal.get(path); strings.Contains(body, "sesame") {
			t.Errorf("what was off the record is on %s", path)
		}
	}
}

// session is the slug of the meeting's session.
func (c *crowd) session() string {
	c.Helper()
	var list struct{ Items []struct{ Slug string } }
	if !c.portal.decode("/api/v1/sessions", &list) || len(list.Items) != 1 {
		c.Fatalf("sessions: %+v", list)
	}
	return list.Items[0].Slug
}

// check checks who was there, who chaired, how the vote went and what was noted.
func (c *crowd) check(m minutes) {
	c.Helper()
	want := []string{
		"vote: Which image? Fedora 16",
		"info: said while half of us were away", "action: fay and gus to watch the link",
	}
	if !slices.Equal(m.texts(), want) {
		c.Errorf("noted:\n%s\nwant\n%s", strings.Join(m.texts(), "\n"), strings.Join(want, "\n"))
	}
	if !slices.Equal(m.Chairs, []string{"annabel"}) {
		c.Errorf("chairs %q", m.Chairs)
	}
	var tally []string
	for _, v := range m.Votes {
		for _, o := range v.Options {
			tally = append(tally, fmt.Sprintf("%s %d %v", o.Option, o.Count, o.Voters))
		}
	}
	if want := []string{"Fedora 16 2 [bob_work dora]", "Fedora 17 1 [gus]", "none of them 0 []"}; !slices.Equal(tally, want) {
		c.Errorf("the vote: %q, want %q", tally, want)
	}
	var titles []string
	for _, topic := range m.Topics {
		titles = append(titles, topic.Title)
	}
	if fmt.Sprint(titles) != "[ The vote Off and on]" && fmt.Sprint(titles) != "[The vote Off and on]" {
		c.Errorf("topics %q", titles)
	}
}

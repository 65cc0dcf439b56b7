package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/eucalyptus/hackfest/internal/testdb"
	"github.com/eucalyptus/hackfest/internal/testirc"
)

// Two networks, one of them over TLS, have a channel of the same name and a
// meeting in each at the same time.
func TestTwoNetworksWithTheSameChannel(t *testing.T) {
	t.Parallel()
	plain, secure := testirc.NgIRCd(t, testirc.Options{}), testirc.NgIRCd(t, testirc.Options{})
	_, port, _ := strings.Cut(secure.TLSAddr, ":")
	p := newPortal(t, "DATABASE_URL="+testdb.URL(t), "HACKFEST_IRC_BETA_CA_FILE="+secure.CAFile,
		"HACKFEST_IRC=irc://hackbot@"+plain.Addr+"/euca?name=alpha ircs://hackbot@localhost:"+port+"/euca,other?name=beta")
	p.start()
	p.awaitBot("alpha", channel)
	p.awaitBot("beta", channel)
	p.awaitBot("beta", "#other")
	people := map[string]*testirc.Client{}
	for name, addr := range map[string]string{"alpha": plain.Addr, "beta": secure.Addr} {
		c := testirc.Dial(t, addr, "ann")
		c.Join(channel)
		c.Say(channel, "#startmeeting Meeting on "+name)
		c.ExpectText("Meeting on " + name)
		c.Say(channel, "#info said on "+name)
		people[name] = c
	}
	people["beta"].Join("#other")
	for name, c := range people {
		c.Say(channel, "#endmeeting")
		c.ExpectText("/meetings/")
		c.Quit("bye from " + name)
		eventually(t, "the minutes are there and the QUIT is logged", func() bool {
			m := p.meetings(name, channel)
			return len(m) == 1 && m[0].EndedAt != "" && quits(p.lines(name, channel)) == 1
		})
		m := p.meetings(name, channel)[0]
		if want := []string{"info: said on " + name}; !slices.Equal(m.texts(), want) || m.Network != name {
			t.Errorf("on %s: minutes %q of network %q, want %q", name, m.texts(), m.Network, want)
		}
		other := map[string]string{"alpha": "beta", "beta": "alpha"}[name]
		for _, l := range p.lines(name, channel) {
			if strings.Contains(l.Text, "on "+other) || strings.Contains(l.Text, "from "+other) {
				t.Errorf("a line of %s is in the log of %s: %s", other, name, l.Text)
			}
		}
	}
	eventually(t, "the QUIT is in the other channel that ann was in", func() bool { return quits(p.lines("beta", "#other")) == 1 })
}

func quits(log []line) (n int) {
	for _, l := range log {
		if l.Kind == "quit" && l.Nick == "ann" {
			n++
		}
	}
	return n
}

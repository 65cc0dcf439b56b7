package testhistory

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// client is one connection to the network.
type client struct {
	nick, account string
	logged, here  bool
	split         bool // away by a netsplit
}

// maker makes a history.
type maker struct {
	*rand.Rand
	spool   spooler
	first   meeting.Context
	events  []Event
	at      time.Time
	salt    uint64
	clients []*client
	words   int
	given   int          // web commands
	givenIn hackfest.Ref // the meeting of the last
	said    []Event      // that could be redacted
	away    int          // for so many events Postgres is not there
	redacts bool
}

// New makes the random history of that seed, of at most most events, in a channel
// where the shell knows first. Its lines have refs that no history of another
// seed has.
func New(seed uint64, network, channel string, at time.Time, first meeting.Context, most int) []Event {
	m := &maker{
		Rand: rand.New(rand.NewPCG(seed, 2012)), at: at, salt: seed, first: first,
		spool: spooler{snapshot: textOf(first), network: network, channel: channel},
	}
	for _, nick := range []string{"ann", "bob", "bobphone", "cat", "dan", "Eve[1]"} {
		account := nick
		switch nick {
		case "bobphone":
			account = "bob"
		case "dan":
			account = ""
		}
		m.clients = append(m.clients, &client{nick: nick, account: account, logged: account != "" && m.IntN(3) > 0, here: true})
	}
	if m.IntN(4) == 0 {
		m.away = most / 2
	}
	m.redacts = m.IntN(2) == 0
	m.say(m.clients[0], "#startmeeting "+m.fill("Random %w"))
	for n := most/4 + m.IntN(most*3/4); len(m.events) < n; {
		m.step()
	}
	return m.events
}

// add lets a line or a deed happen.
func (m *maker) add(e Event) {
	m.at = m.at.Add(time.Duration(m.IntN(20_000)) * time.Millisecond)
	n := uint32(len(m.events)+1) * 256
	r := hackfest.RefAt(m.at)
	binary.BigEndian.PutUint32(r[6:], n+128)
	binary.BigEndian.PutUint32(r[10:], uint32(m.salt))
	copy(r[14:], "hh")
	e.Ref, e.At = r, m.at
	if m.IntN(30) == 0 {
		e.At = e.At.Add(-time.Duration(m.IntN(5000)) * time.Millisecond) // the server's clock
	}
	e.ReceivedAt = m.at
	if e.Do == "" {
		e.Network, e.Channel = m.spool.network, m.spool.channel
	}
	m.events = append(m.events, e)
	m.spool.take(e)
	if e.Text != "" && e.Kind != hackfest.Context && e.Kind != hackfest.Private {
		m.said = append(m.said, e)
	}
}

func (m *maker) line(kind hackfest.LineKind, c *client, text string) {
	l := hackfest.Line{Kind: kind, Nick: c.nick, Text: text, Op: m.IntN(25) == 0}
	if c.logged {
		l.Account = c.account
	}
	m.add(Event{Line: l})
}

func (m *maker) say(c *client, text string) {
	if rest, ok := strings.CutPrefix(text, "* "); ok {
		m.line(hackfest.Act, c, rest)
		return
	}
	m.line(hackfest.Message, c, text)
}

// one of a list.
func one[T any](m *maker, list []T) T { return list[m.IntN(len(list))] }

// present is somebody who is here, ann more often than the others.
func (m *maker) present() *client {
	if m.clients[0].here && m.IntN(2) == 0 {
		return m.clients[0]
	}
	for range 10 {
		if c := one(m, m.clients); c.here {
			return c
		}
	}
	m.clients[0].here = true
	return m.clients[0]
}

// fill puts words into a phrase.
func (m *maker) fill(text string) string {
	for strings.Contains(text, "%s") {
		text = strings.Replace(text, "%s", one(m, m.clients).nick, 1)
	}
	for strings.Contains(text, "%w") {
		m.words++
		text = strings.Replace(text, "%w", fmt.Sprintf("zz%dz%dq", m.salt, m.words), 1)
	}
	text = strings.ReplaceAll(text, "%d", strconv.Itoa(1+m.IntN(3)))
	return strings.ReplaceAll(text, "%o", fmt.Sprintf("zz%dz%dq", m.salt, max(1, m.words-m.IntN(6))))
}

// Words are the words of text that one event alone brought up.
func Words(text string) []string { return word.FindAllString(text, -1) }

var word = regexp.MustCompile(`zz[0-9]+z[0-9]+q`)

// step lets something happen.
func (m *maker) step() {
	running := m.spool.state.Running()
	c := m.present()
	switch n := m.IntN(100); {
	case !running && n < 45:
		m.say(c, m.fill(one(m, []string{"#startmeeting", "#startmeeting Again %w", "#STARTMEETING %w"})))
	case n < 48:
		m.say(c, m.fill(one(m, spoken)))
	case n < 57:
		m.web(c)
	case n < 64:
		m.ballot(c)
	case n < 75:
		m.comeAndGo(c)
	case n < 79:
		m.shell()
	case n < 83:
		m.odd(c)
	case n < 84 && running:
		m.say(m.clients[0], one(m, []string{"#endmeeting", "#endmeeting", "#endmeeting thanks"}))
	case n < 86:
		m.passTime()
	case n < 98:
		m.deed()
	default:
		m.say(m.clients[0], m.fill(one(m, spoken)))
	}
}

// web lets a line be given on the web: now and then one that was given before.
func (m *maker) web(c *client) {
	l := hackfest.Line{Kind: hackfest.Web, Nick: c.nick, Text: m.fill(one(m, spoken)), Op: m.IntN(3) == 0}
	switch m.IntN(3) {
	case 0:
		l.Nick = one(m, []string{"root/web", "marlow/web"})
	case 1:
		l.Account = c.account
	}
	l.Command = m.command()
	m.add(Event{Line: l})
}

// command is the id of something given on the web: a new one, or again that of
// the last line in the same meeting. Across meetings the bot itself lets none
// come twice.
func (m *maker) command() string {
	s := m.spool.state
	if !s.Running() || s.Header.Ref != m.givenIn || m.IntN(3) > 0 {
		m.given++
	}
	m.givenIn = s.Header.Ref
	return fmt.Sprintf("id-%d-%d", m.salt, m.given)
}

// ballot has c vote by private message, after a secret vote was begun if none is
// open.
func (m *maker) ballot(c *client) {
	votes := m.spool.state.Votes
	if m.spool.state.Running() && (len(votes) == 0 || !votes[len(votes)-1].Open) {
		m.say(m.clients[0], "#secretvote")
		m.say(m.clients[0], m.fill(one(m, []string{"#startvote Secretly %w? %w, blue sky, red", "#startvote Do %w?"})))
	}
	l := hackfest.Line{Kind: hackfest.Private, Nick: c.nick, Text: one(m, []string{"#vote yes", "#vote no", "#vote blue sky", "#vote red", "#vote RED", "#vote", "#vote zebra"})}
	if c.logged {
		l.Account = c.account
	}
	if m.IntN(4) == 0 {
		l.Command = m.command()
	}
	m.add(Event{Line: l})
}

// comeAndGo has people come, leave, change nick or account.
func (m *maker) comeAndGo(c *client) {
	switch m.IntN(9) {
	case 0, 1:
		old := c.nick
		c.nick = strings.TrimRight(old, "_0123456789") + one(m, []string{"", "_", "2", "_3"})
		if m.IntN(5) == 0 {
			c.nick = one(m, m.clients).nick // somebody else's, who has left or was cut off
		}
		if old != c.nick {
			m.add(Event{Line: hackfest.Line{Kind: hackfest.Nick, Nick: old, Target: c.nick}})
		}
	case 2:
		m.line(hackfest.Part, c, "bye")
		c.here = false
	case 3:
		m.line(hackfest.Quit, c, m.fill("Quit: %w"))
		c.here = false
	case 4:
		m.add(Event{Line: hackfest.Line{Kind: hackfest.Kick, Nick: "op", Target: c.nick, Text: m.fill("%w")}})
		c.here = false
	case 5:
		for _, c := range m.clients {
			if c.here && m.IntN(2) == 0 {
				m.line(hackfest.Quit, c, "a.example.net b.example.net")
				c.here, c.split = false, true
			}
		}
	case 6, 7:
		c.logged = !c.logged && c.account != ""
	}
	for _, c := range m.clients {
		if !c.here && (m.IntN(3) == 0 || c.split && m.IntN(2) == 0) {
			c.here, c.split = true, false
			m.line(hackfest.Join, c, "")
		}
	}
}

// shell tells the engine what changed.
func (m *maker) shell() {
	c := m.first
	c.Settings.Noisy, c.Settings.W3C = m.IntN(2) == 0, m.IntN(2) == 0
	c.Settings.StartRight = one(m, []string{"", "", "ops", "members"})
	c.Settings.MemberAccounts = []string{"ann", "bob"}
	switch m.IntN(4) {
	case 0:
		c.Sessions, c.Targets = nil, nil // another that began without having read anything
	case 1:
		for i, s := range c.Sessions {
			c.Sessions = slices.Clone(c.Sessions)
			c.Sessions[i].Agenda = slices.Clone(s.Agenda)
			m.Shuffle(len(s.Agenda), func(a, b int) {
				list := c.Sessions[i].Agenda
				list[a], list[b] = list[b], list[a]
			})
			c.Sessions[i].Agenda = c.Sessions[i].Agenda[:m.IntN(len(s.Agenda)+1)]
		}
	case 2:
		m.add(Event{Line: hackfest.Line{Kind: hackfest.Context, Text: textOf(meeting.Context{Tick: m.at})}})
		return
	}
	m.add(Event{Line: hackfest.Line{Kind: hackfest.Context, Text: textOf(c)}})
}

// odd lets come what carries out nothing, or in another way.
func (m *maker) odd(c *client) {
	text := m.fill(one(m, spoken))
	switch m.IntN(9) {
	case 0:
		m.add(Event{Line: hackfest.Line{Kind: hackfest.Message, Nick: c.nick, Text: text, History: true}})
	case 1:
		m.add(Event{Line: hackfest.Line{Kind: hackfest.Join, Nick: c.nick, History: true}})
	case 2:
		m.add(Event{Line: hackfest.Line{Kind: hackfest.Gap, Text: "The connection was lost."}})
	case 3:
		m.line(hackfest.Notice, c, text)
	case 4:
		m.add(Event{Line: hackfest.Line{Kind: hackfest.Message, Nick: "robot", Text: text, Bot: true}})
	case 5:
		m.line(hackfest.Topic, c, text)
	case 6:
		m.add(Event{Line: hackfest.Line{Kind: hackfest.Mode, Nick: "op", Text: "+o " + c.nick}})
	case 7:
		m.add(Event{Line: hackfest.Line{Kind: hackfest.Message, Nick: c.nick, Text: text + " caf\u00e9", Raw: []byte(text + " caf\xe9"), Windows1252: true}})
	case 8:
		m.say(c, "\x02"+strings.ToUpper(text)+"\x0f \x0304")
	}
}

// passTime lets nothing happen for a time, and the shell say so.
func (m *maker) passTime() {
	m.at = m.at.Add(one(m, []time.Duration{time.Minute, 3 * time.Minute, 12 * time.Minute, 61 * time.Minute, meeting.Silence}))
	m.add(Event{Line: hackfest.Line{Kind: hackfest.Context, Text: textOf(meeting.Context{Tick: m.at})}})
}

// deed lets something happen to the bot or in Postgres.
func (m *maker) deed() {
	if len(m.events) < m.away {
		m.add(Event{Do: Restart})
		return
	}
	n := m.IntN(14)
	if !m.redacts {
		n = m.IntN(7)
	}
	switch {
	case n < 3:
		m.add(Event{Do: Store})
	case n < 5:
		m.add(Event{Do: Again})
	case n < 7:
		m.add(Event{Do: Restart})
	case n < 8:
		m.add(Event{Do: TakeBack})
	case n < 9:
		m.add(Event{Do: Purge})
	default:
		m.add(Event{Do: Store})
		m.add(Event{Do: Redact, Of: one(m, m.said).Ref})
	}
}

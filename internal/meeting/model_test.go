package meeting

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// model is what the commands mean, said as shortly as possible: for people who
// keep apart, each with nicks of their own, and have no accounts. Votes have a
// model of their own in TestTally, who may be whom in TestChairHijack.
type model struct {
	r     *rand.Rand
	lines []hackfest.Line
	at    time.Time
	n     int // words so far

	people  []*modelPerson
	running bool
	began   time.Time
	said    []*modelPerson // who has spoken in this meeting, in order
	chairs  []*modelPerson // the owner first
	entries []*modelEntry  // topics and items, in order
	queue   []string
	want    []string // the meetings, as outlines
}

type modelPerson struct {
	name, nick string
	gone       bool // has left
	broken     bool // came back: nobody knows whether it is the same person
	lines      int
}

type modelEntry struct {
	topic, sub bool
	kind, text string
	by         *modelPerson
	nick       string
	under      *modelEntry // nil before the first topic
	undone     bool
}

// TestCommandsMeanWhatTheModelSays holds 500 random histories of commands, with
// restarts, against the model.
func TestCommandsMeanWhatTheModelSays(t *testing.T) {
	t.Parallel()
	held := 0
	for seed := range uint64(500) {
		m := &model{r: rand.New(rand.NewPCG(seed, 10)), at: start}
		for _, name := range []string{"ann", "bob", "cat", "Dan[1]"} {
			m.people = append(m.people, &modelPerson{name: name, nick: name})
		}
		for len(m.lines) < 150 {
			m.step()
		}
		var got []string
		var s State
		for i, l := range m.lines {
			var effects []Effect
			s, effects = Apply(s, l)
			for _, e := range effects {
				if c, ok := e.(Closed); ok {
					got = append(got, outline(c.State))
				}
			}
			if m.r.IntN(20) == 0 && s.Running() {
				from := slices.IndexFunc(m.lines, func(l hackfest.Line) bool { return l.Ref == s.Header.Ref })
				s = Replay(m.lines[from : i+1])
			}
		}
		if m.running {
			m.want = append(m.want, m.outline())
			got = append(got, outline(s))
		}
		if !slices.Equal(got, m.want) {
			t.Fatalf("history %d:\n%s\ngot\n%s\nwant\n%s", seed, transcript(m.lines), strings.Join(got, "\n\n"), strings.Join(m.want, "\n\n"))
		}
		held += len(got)
	}
	if held < 750 {
		t.Errorf("only %d meetings were held", held)
	}
}

// outline is a meeting that has ended, as the model tells it too.
func outline(s State) string {
	text := "chairs " + strings.Join(s.Header.Chairs, " ") + "; queue " + strings.Join(s.Queue(), ", ")
	titles := map[hackfest.ItemID]string{}
	for _, topic := range s.Topics[1:] {
		titles[topic.ID] = topic.Title
		text += fmt.Sprintf("\ntopic %q sub %t undone %t", topic.Title, topic.Subtopic, topic.Undone)
	}
	for _, i := range s.Items {
		text += fmt.Sprintf("\n%s %q by %s under %q undone %t", i.Kind, i.Text, i.Nick, titles[i.Topic], i.Undone)
	}
	for _, p := range s.People {
		text += fmt.Sprintf("\n%s said %d", p.Nick, p.Lines)
	}
	return text
}

// outline is the same of the model.
func (m *model) outline() string {
	var chairs []string
	for _, c := range m.chairs {
		chairs = append(chairs, c.nick)
	}
	text := "chairs " + strings.Join(chairs, " ") + "; queue " + strings.Join(m.queueNow(), ", ")
	items := ""
	for _, e := range m.entries {
		if e.topic {
			text += fmt.Sprintf("\ntopic %q sub %t undone %t", e.text, e.sub, e.undone)
			continue
		}
		under := ""
		if e.under != nil {
			under = e.under.text
		}
		items += fmt.Sprintf("\n%s %q by %s under %q undone %t", e.kind, e.text, e.nick, under, e.undone)
	}
	for _, p := range m.said {
		items += fmt.Sprintf("\n%s said %d", p.nick, p.lines)
	}
	return text + items
}

func (m *model) line(l hackfest.Line) {
	m.at = m.at.Add(time.Duration(1+m.r.IntN(90)) * time.Second)
	l.Ref, l.At, l.Network, l.Channel = refAt(m.at, len(m.lines)), m.at, "freenode", "#euca"
	m.lines = append(m.lines, l)
}

// say has p say a line, which counts while a meeting runs.
func (m *model) say(p *modelPerson, text string) {
	m.line(hackfest.Line{Kind: hackfest.Message, Nick: p.nick, Text: text})
	if m.running {
		if !slices.Contains(m.said, p) {
			m.said = append(m.said, p)
		}
		p.lines++
	}
}

// word is one that nobody said before, in a command as people type it.
func (m *model) word() string { m.n++; return fmt.Sprintf("w%dx", m.n) }

func (m *model) command(name string) string {
	if m.r.IntN(4) == 0 {
		name = strings.ToUpper(name)
	}
	return "#" + name + []string{" ", "  ", "\t"}[m.r.IntN(3)]
}

func (m *model) chairing(p *modelPerson) bool { return slices.Contains(m.chairs, p) && !p.broken }

func (m *model) step() {
	p := m.people[m.r.IntN(len(m.people))]
	if len(m.chairs) > 0 && m.r.IntN(2) == 0 {
		p = m.chairs[m.r.IntN(len(m.chairs))]
	}
	switch n := m.r.IntN(100); {
	case p.gone:
		m.line(hackfest.Line{Kind: hackfest.Join, Nick: p.nick})
		p.gone, p.broken = false, m.running && (slices.Contains(m.said, p))
	case !m.running && n < 40:
		m.begin(p)
	case n < 4 && m.running:
		m.say(p, m.command("endmeeting")+m.word())
		if m.chairing(p) || m.at.Sub(m.began) >= 2*time.Hour { // an hour past the hour that it was to take
			m.want = append(m.want, m.outline())
			m.running, m.chairs = false, nil
		}
	case n < 8:
		nick := fmt.Sprintf("%s%d", p.name, m.r.IntN(4))
		if nick != p.nick {
			m.line(hackfest.Line{Kind: hackfest.Nick, Nick: p.nick, Target: nick})
			p.nick = nick
		}
	case n < 12:
		m.line(hackfest.Line{Kind: []hackfest.LineKind{hackfest.Quit, hackfest.Part}[m.r.IntN(2)], Nick: p.nick})
		p.gone = true
	case n < 30:
		m.open(p, n%3 == 0)
	case n < 55:
		m.note(p)
	case n < 65:
		m.undo(p)
	case n < 75:
		m.appoint(p, n < 71)
	case n < 82:
		m.correct(p)
	case n < 92:
		m.wait(p)
	default:
		m.say(p, []string{"hello", "#nosuch thing", "##info x", " #info x", "#1234 is fixed", "#topics x", "#infox"}[m.r.IntN(7)])
	}
}

func (m *model) begin(p *modelPerson) {
	for _, x := range m.people {
		x.lines, x.broken = 0, false
	}
	m.running, m.said, m.entries, m.queue, m.chairs = true, nil, nil, nil, []*modelPerson{p}
	m.say(p, m.command("startmeeting")+"T")
	m.began = m.at
}

// newest is the last topic, or whatever else is said, that stands.
func (m *model) newest(is func(*modelEntry) bool) *modelEntry {
	for _, e := range slices.Backward(m.entries) {
		if !e.undone && is(e) {
			return e
		}
	}
	return nil
}

func (m *model) add(e modelEntry) {
	if m.running {
		m.entries = append(m.entries, &e)
	}
}

func (m *model) open(p *modelPerson, sub bool) {
	name := map[bool]string{false: "topic", true: "subtopic"}[sub]
	w := m.word()
	m.say(p, m.command(name)+w)
	if m.chairing(p) {
		m.add(modelEntry{topic: true, sub: sub, text: w})
	}
}

func (m *model) note(p *modelPerson) {
	names := []string{"info", "action", "idea", "help", "halp", "agreed", "agree", "accepted", "accept", "rejected", "reject"}
	at := m.r.IntN(len(names))
	kinds := []string{"info", "action", "idea", "help", "help", "agreed", "agreed", "accepted", "accepted", "rejected", "rejected"}
	w := m.word()
	m.say(p, m.command(names[at])+w+" ")
	if at < 5 || m.chairing(p) {
		m.add(modelEntry{kind: kinds[at], text: w, by: p, nick: p.nick, under: m.newest(func(e *modelEntry) bool { return e.topic })})
	}
}

func (m *model) undo(p *modelPerson) {
	m.say(p, strings.TrimSpace(m.command("undo")))
	if e := m.newest(func(*modelEntry) bool { return true }); m.running && m.chairing(p) && e != nil {
		e.undone = true
	}
}

// appoint has p make others chairs, or no chairs.
func (m *model) appoint(p *modelPerson, chair bool) {
	var named []*modelPerson
	text := ""
	for _, x := range m.said {
		if m.r.IntN(2) == 0 && !x.gone {
			named = append(named, x)
			text += x.nick + []string{" ", ",", ", "}[m.r.IntN(3)]
		}
	}
	if text == "" || !m.running {
		return
	}
	m.say(p, m.command(map[bool]string{true: "chair", false: "unchair"}[chair])+text)
	if !m.chairing(p) {
		return
	}
	for _, x := range named {
		at := slices.Index(m.chairs, x)
		switch {
		case chair && at < 0:
			m.chairs = append(m.chairs, x)
			x.broken = false
		case chair:
			x.broken = false
		case at > 0:
			m.chairs = slices.Delete(m.chairs, at, at+1)
		}
	}
}

// correct has p correct a word.
func (m *model) correct(p *modelPerson) {
	old, fresh := fmt.Sprintf("w%dx", max(1, m.n-m.r.IntN(8))), m.word()
	m.say(p, "s/"+old+"/"+fresh+[]string{"", "/"}[m.r.IntN(2)])
	e := m.newest(func(e *modelEntry) bool {
		return !e.topic && e.text == old && (e.by == p && !p.broken || m.chairing(p))
	})
	if m.running && e != nil {
		e.text = fresh
	}
}

func (m *model) queueNow() []string {
	var list []string
	for _, name := range m.queue {
		list = append(list, m.people[slices.IndexFunc(m.people, func(p *modelPerson) bool { return p.name == name })].nick)
	}
	return list
}

// wait has p queue up, leave the queue, or give the floor to the next.
func (m *model) wait(p *modelPerson) {
	if !m.running {
		return
	}
	at := slices.Index(m.queue, p.name)
	switch n := m.r.IntN(3); {
	case n == 0:
		m.say(p, "q+")
		if at < 0 {
			m.queue = append(m.queue, p.name)
		}
	case n == 1:
		m.say(p, "Q-")
		if at >= 0 {
			m.queue = slices.Delete(m.queue, at, at+1)
		}
	case len(m.queue) > 0:
		next := m.people[slices.IndexFunc(m.people, func(x *modelPerson) bool { return x.name == m.queue[0] })]
		m.say(p, "ack "+next.nick)
		if m.chairing(p) && !next.gone {
			m.queue = m.queue[1:]
		}
	}
}

package meeting

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// client is one connection to the network, as the world knows it and the engine
// has to find out.
type client struct {
	name    string // all its nicks begin with it
	nick    string
	account string // it can log in to; "" for a guest
	logged  bool
	here    bool

	chain   string // of nicks, as the rule for people has it
	proven  bool   // has been here since that chain began, or showed its account
	vouched bool   // a chair named it a voter since it came
}

// world is the reference for votes: it knows who is who and counts with maps.
type world struct {
	r       *rand.Rand
	clients []*client
	lines   []hackfest.Line
	at      time.Time

	sameAs   map[string]string // a chain or an account, to another of the same person
	accounts map[string]bool   // chains that were seen with an account

	open, secret bool
	options      []string
	spellings    [][]string
	votes        []cast   // of the open vote
	voters       []string // chains; nil for everybody
	quorum       int
	want         []string // outcomes of the votes that have ended
}

type cast struct {
	chain  string
	option int
}

// TestTally holds 1,000 random histories of votes against the world: people with
// several nicks and clients, who log in and out, leave and come back, change
// their vote, vote too late, spell it as they like; and a bot that is restarted.
func TestTally(t *testing.T) {
	t.Parallel()
	histories := 1000
	if testing.Short() {
		histories = 200
	}
	ended := 0
	for seed := range histories {
		w := newWorld(uint64(seed))
		for range 120 {
			w.step()
		}
		w.end()
		got := tallies(w.lines, w.r)
		if !slices.Equal(got, w.want) {
			t.Fatalf("history %d:\n%s\ngot  %s\nwant %s", seed, transcript(w.lines), strings.Join(got, "\n     "), strings.Join(w.want, "\n     "))
		}
		ended += len(got)
	}
	if ended < 2*histories {
		t.Errorf("only %d votes were held", ended)
	}
}

// tallies folds lines, with a restart at a random one, and returns how each vote
// ended.
func tallies(lines []hackfest.Line, r *rand.Rand) []string {
	var s State
	var ended []string
	restart := r.IntN(len(lines))
	for i, l := range lines {
		var effects []Effect
		s, effects = Apply(s, l)
		for _, e := range effects {
			if moved, ok := e.(VoteMoved); ok && !moved.Vote.Open {
				var parts []string
				for _, o := range moved.Vote.Options {
					parts = append(parts, fmt.Sprintf("%s %d", o.Option, o.Count))
				}
				ended = append(ended, strings.Join(parts, ", ")+": "+moved.Vote.Result)
			}
		}
		if i == restart {
			s = Replay(lines[:i+1])
		}
	}
	return ended
}

func transcript(lines []hackfest.Line) string {
	var out strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&out, "%s %s!%s %s%s\n", l.Kind, l.Nick, l.Account, l.Text, l.Target)
	}
	return out.String()
}

func newWorld(seed uint64) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 20)), at: start, sameAs: map[string]string{}, accounts: map[string]bool{}}
	for _, c := range []client{
		{name: "ann", account: "ann", logged: true}, // the chair
		{name: "bob", account: "bob", logged: true},
		{name: "bobphone", account: "bob"},
		{name: "cat", account: "cat"},
		{name: "dan"},
		{name: "eve"},
	} {
		c.nick, c.here, c.chain, c.proven = c.name, true, "chain of "+c.name, true
		w.clients = append(w.clients, &c)
	}
	w.say(w.clients[0], "#startmeeting Tally")
	return w
}

func (w *world) line(l hackfest.Line) {
	w.at = w.at.Add(10 * time.Second)
	l.Ref, l.At, l.Network, l.Channel = refAt(w.at, len(w.lines)), w.at, "freenode", "#euca"
	w.lines = append(w.lines, l)
}

func (c *client) shown() string {
	if c.logged {
		return c.account
	}
	return ""
}

// say has c say something in the channel.
func (w *world) say(c *client, text string) { w.send(c, hackfest.Message, text) }

func (w *world) send(c *client, kind hackfest.LineKind, text string) {
	w.line(hackfest.Line{Kind: kind, Nick: c.nick, Account: c.shown(), Text: text})
	w.seen(c)
}

// seen is what the rule learns from a client that shows itself.
func (w *world) seen(c *client) {
	if c.logged {
		w.sameAs[w.who(c.chain)] = w.who("account " + c.account)
		delete(w.sameAs, w.who("account "+c.account)) // the root stands for itself
		w.accounts[w.who(c.chain)] = true
		c.proven = true
	}
}

// who is the person that a chain or an account stands for.
func (w *world) who(name string) string {
	for {
		other, ok := w.sameAs[name]
		if !ok || other == name {
			return name
		}
		name = other
	}
}

// step lets something happen.
func (w *world) step() {
	c := w.clients[w.r.IntN(len(w.clients))]
	switch n := w.r.IntN(100); {
	case n < 8:
		w.startVote()
	case n < 12:
		w.endVote()
	case n < 15:
		w.nameVoters()
	case n < 17:
		w.quorum = w.r.IntN(5)
		w.say(w.clients[0], fmt.Sprintf("#quorum %d", w.quorum))
	case n < 27 && c.here:
		old := c.nick
		c.nick = fmt.Sprintf("%s%d", c.name, w.r.IntN(5))
		if old != c.nick {
			w.line(hackfest.Line{Kind: hackfest.Nick, Nick: old, Target: c.nick})
		}
	case n < 37 && c.account != "" && c.name != "ann":
		c.logged = !c.logged
	case n < 42 && c.name != "ann":
		w.comeOrGo(c)
	case n < 50 && c.here:
		w.say(c, "hello")
	case c.here:
		w.vote(c)
	}
}

// comeOrGo has c leave, or come back under the nick it left with. Whoever can
// log in leaves only after having been seen so.
func (w *world) comeOrGo(c *client) {
	if c.here {
		if c.account != "" && !w.accounts[w.who(c.chain)] {
			return
		}
		w.line(hackfest.Line{Kind: []hackfest.LineKind{hackfest.Part, hackfest.Quit}[w.r.IntN(2)], Nick: c.nick})
		c.here, c.proven, c.vouched = false, false, false
		return
	}
	c.here = true
	w.line(hackfest.Line{Kind: hackfest.Join, Nick: c.nick, Account: c.shown()})
	w.seen(c)
}

func (w *world) startVote() {
	if w.open {
		return
	}
	w.secret = w.r.IntN(3) == 0
	if w.secret {
		w.say(w.clients[0], "#secretvote")
	}
	w.open, w.votes = true, nil
	switch w.r.IntN(3) {
	case 0:
		w.say(w.clients[0], "#startvote Ship it?")
		w.options = []string{"yes", "no", "abstain"}
		w.spellings = [][]string{
			{"#vote yes", "#VOTE Yes", "#vote \x02yes\x02", "#vote уеs", "#vote ｙｅｓ"},
			{"#vote no", "#vote NO.", "#vote n\u200bо", "#vote ΝΟ"},
			{"#vote abstain", "#vote \"Abstain\""},
		}
		if !w.secret {
			w.spellings[0] = append(w.spellings[0], "+1", "＋1")
			w.spellings[1] = append(w.spellings[1], "-1", "−1")
			w.spellings[2] = append(w.spellings[2], "0", "+0")
		}
	default:
		w.say(w.clients[0], "#startvote Which colour? light blue, red, light green, dark red, Red, rеd")
		w.options = []string{"light blue", "red", "light green", "dark red"}
		w.spellings = [][]string{
			{"#vote light blue", "#vote Light  Blue", "#vote\u3000light\u00a0blue"},
			{"#vote red", "#vote RED", "#vote rеd", "#vote \x0304red"},
			{"#vote light green", "#vote lіght grееn"},
			{"#vote dark red", "#vote «dark red»"},
		}
	}
}

// vote has c vote, in one way or another, or say what is no vote.
func (w *world) vote(c *client) {
	if !w.open {
		w.say(c, "#vote yes")
		return
	}
	if w.r.IntN(8) == 0 {
		w.send(c, w.kind(), []string{"#vote", "#vote light", "#vote purple", "#vote yes no", "+2", "yes"}[w.r.IntN(6)])
		return
	}
	option := w.r.IntN(len(w.options))
	text := w.spellings[option][w.r.IntN(len(w.spellings[option]))]
	kind := w.kind()
	w.send(c, kind, text)
	if (kind == hackfest.Private) != w.secret || !w.counts(c) {
		return
	}
	w.votes = append(w.votes, cast{c.chain, option})
}

// kind is how a vote is cast: now and then in the wrong way.
func (w *world) kind() hackfest.LineKind {
	if (w.r.IntN(6) == 0) != w.secret {
		return hackfest.Private
	}
	return hackfest.Message
}

// counts reports whether a vote of c counts now.
func (w *world) counts(c *client) bool {
	switch {
	case w.voters != nil && !w.listed(c.chain):
		return false
	case c.proven:
		return true
	}
	return !w.accounts[w.who(c.chain)] && (w.voters == nil || c.vouched)
}

func (w *world) listed(chain string) bool {
	return w.voters == nil || slices.ContainsFunc(w.voters, func(v string) bool { return w.who(v) == w.who(chain) })
}

func (w *world) nameVoters() {
	w.voters = nil
	if w.r.IntN(2) == 0 {
		w.say(w.clients[0], "#voters all")
		return
	}
	text := "#voters "
	for _, c := range w.clients {
		if c.here && w.r.IntN(3) > 0 {
			text += c.nick + []string{" ", ", "}[w.r.IntN(2)]
			w.voters = append(w.voters, c.chain)
			c.vouched = true
		}
	}
	if w.voters == nil {
		w.say(w.clients[0], "#voters all")
		return
	}
	w.say(w.clients[0], text)
}

func (w *world) endVote() {
	if w.open {
		w.say(w.clients[0], "#endvote")
		w.count()
	}
}

func (w *world) end() {
	w.say(w.clients[0], "#endmeeting")
	if w.open {
		w.count()
	}
}

// count is what the vote that is open must come to.
func (w *world) count() {
	last := map[string]int{}
	for _, v := range w.votes {
		if w.listed(v.chain) {
			last[w.who(v.chain)] = v.option
		}
	}
	counts := map[string]int{}
	for option := range maps.Values(last) {
		counts[w.options[option]]++
	}
	var parts, best []string
	most := 1
	for _, o := range w.options {
		parts = append(parts, fmt.Sprintf("%s %d", o, counts[o]))
		switch {
		case o == "abstain" || counts[o] < most:
		case counts[o] > most:
			most, best = counts[o], []string{o}
		default:
			best = append(best, o)
		}
	}
	result := "no decision"
	if len(last) < w.quorum {
		result += fmt.Sprintf(", quorum not reached (%d of %d)", len(last), w.quorum)
	} else if len(best) == 1 {
		result = best[0]
	}
	w.want = append(w.want, strings.Join(parts, ", ")+": "+result)
	w.open, w.votes = false, nil
}

package meeting

import (
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Person is somebody who took part. A person is a services account where there
// is one, else a chain of nicks.
//
// Who may chair rests on this. IRC gives a nick to one connection at a time, so
// whoever has a nick is who had it before, as long as nobody left: through nick
// changes, and through a gap in our own connection. A QUIT (of a netsplit too),
// a PART or a KICK breaks the chain, and then the nick alone proves nothing:
// the person keeps being counted and keeps the chair, but can use it only under
// the account they had or after #chair by somebody who may appoint. Somebody
// with another account is somebody else.
type Person struct {
	Nick    string   // the newest
	Nicks   []string // all of them, oldest first
	Account string
	Alias   string // given with #here; "" when none
	Lines   int    // what they said, commands included
	Bot     bool
	Absent  bool // named by #nick or #chair and never seen

	presence presence
	spoke    string // what they said last, commands apart
	lives    int    // how often an account took up a broken chain of nicks: what was theirs before is not shown to be

	nick      string     // folded
	account   string     // folded
	web       bool       // known to the portal only: no nick on IRC is theirs
	also      []nickName // what other clients of theirs are called
	here      bool       // has the nick now, as far as we know
	was       string     // the account of somebody who is here and had the nick before, folded; "" for most
	unproven  bool       // came back under the nick with nothing to show for it
	gapped    bool       // we were away since they were last proven
	vouched   bool       // a chair named them a voter while they were unproven
	hinted    []string   // words they were told are no commands
	refusedAt time.Time
}

// edit returns the person at place i for changing, in a copy of their own.
func (t *turn) edit(i int) *Person {
	if !t.ownPeople {
		t.s.People = slices.Clone(t.s.People)
		t.ownPeople = true
	}
	p := *t.s.People[i]
	t.s.People[i] = &p
	return &p
}

// add appends a person and returns the place.
func (t *turn) add(p Person) int {
	p.nick, p.account = t.s.fold.Fold(p.Nick), t.s.fold.Fold(p.Account)
	p.Nicks = []string{p.Nick}
	t.s.People = append(slices.Clip(t.s.People), &p)
	t.ownPeople = true
	return len(t.s.People) - 1
}

// author finds or adds whoever said the line, counts it, and reports whether a
// bot said it.
func (t *turn) author() (bot bool) {
	l := t.line
	bot = l.Self || l.Bot || t.s.Context.Bot != "" && t.s.fold.Equal(l.Nick, t.s.Context.Bot)
	t.recognise()
	p := t.edit(t.by)
	p.Lines++
	p.Bot = p.Bot || bot
	return bot
}

// recognise finds or adds whoever said the line.
func (t *turn) recognise() {
	t.by = t.usual()
	if t.by < 0 {
		t.by = t.identify()
	}
}

// usual finds somebody who speaks as they did before; -1 sends the caller the
// long way.
func (t *turn) usual() int {
	for i, p := range t.s.People {
		if p.Nick == t.line.Nick && p.Account == t.line.Account && p.here && !p.gapped && !p.unproven {
			return i
		}
	}
	return -1
}

// identify finds out who speaks under the line's nick and account, and adds
// them if they are new.
func (t *turn) identify() int {
	l := t.line
	nick, account := t.s.fold.Fold(l.Nick), t.s.fold.Fold(l.Account)
	if t.fromWeb() {
		return t.identifyWeb(nick, account)
	}
	t.arrive(nick)
	if account != "" {
		return t.byAccount(nick, account)
	}
	i := t.holder(nick)
	if i < 0 {
		i = t.lastKnown(nick)
	}
	if i < 0 {
		was := t.accountOf(nick)
		return t.add(Person{Nick: l.Nick, here: true, was: was, unproven: was != ""})
	}
	t.rename(i, l.Nick)
	p := t.edit(i)
	switch {
	case p.Absent: // the nick was named for whoever has it
	case !p.here, p.gapped && p.account != "":
		p.unproven = true
	}
	p.here, p.Absent = true, false
	return i
}

// fromWeb reports whether the line came through the portal, which has seen to
// who its author is.
func (t *turn) fromWeb() bool {
	return t.line.Kind == hackfest.Web || t.line.Kind == hackfest.Private && t.line.Command != ""
}

// identifyWeb trusts the nick: the portal has checked whose it is. It tells
// nothing about who has the nick on IRC. Whoever has neither a nick nor an
// account there is called "name/web" and is a person of their own, whom nobody
// on IRC can be: a relay may show such a nick, but no server allows one.
func (t *turn) identifyWeb(nick, account string) int {
	if account == "" && strings.HasSuffix(nick, webSuffix) {
		if i := t.onWeb(nick); i >= 0 {
			return i
		}
		return t.add(Person{Nick: t.line.Nick, web: true})
	}
	for i, p := range t.s.People {
		if account != "" && p.account == account || account == "" && (p.nick == nick || p.holds(nick)) && !p.web {
			return i
		}
	}
	if account != "" {
		if i := t.holder(nick); i >= 0 && t.s.People[i].account == "" && !t.s.People[i].unproven {
			return i
		}
	}
	return t.add(Person{Nick: t.line.Nick, Account: t.line.Account})
}

// webSuffix ends the nick of whoever is known to the portal only.
const webSuffix = "/web"

// onWeb is who has nick on the web only; -1 when nobody.
func (t *turn) onWeb(nick string) int {
	return slices.IndexFunc(t.s.People, func(p *Person) bool { return p.web && p.nick == nick })
}

// byAccount finds whoever is logged in to account and has nick now.
func (t *turn) byAccount(nick, account string) int {
	l := t.line
	i := slices.IndexFunc(t.s.People, func(p *Person) bool { return p.account == account })
	j := t.holder(nick)
	if i < 0 {
		i = t.login(nick, j)
		if i < 0 {
			t.displace(nick, -1)
			return t.add(Person{Nick: l.Nick, Account: l.Account, here: true})
		}
		p := t.edit(i)
		if p.unproven || !p.here && !p.Absent {
			p.lives++
		}
		p.Account, p.account = l.Account, account
	} else if j >= 0 && j != i && t.s.People[j].mayBe(account) {
		i = t.merge(i, j) // spoke as a guest and has logged in since
	} else if k := t.lastKnown(nick); j < 0 && k >= 0 && t.s.People[k].Absent {
		i = t.merge(i, k) // the nick was named for whoever has it
	}
	t.displace(nick, i)
	t.rename(i, l.Nick) // before the next line, as it has to know whether they were proven
	p := t.edit(i)
	p.here, p.unproven, p.gapped, p.Absent = true, false, false, false
	return i
}

// login finds the person without an account who has now logged in to one: who
// has the nick, or was last known by it. A chair or voter whose chain of nicks is
// broken is not given to an account that was never seen with it; -1 means
// somebody new.
func (t *turn) login(nick string, holder int) int {
	i := holder
	if i < 0 {
		i = t.lastKnown(nick)
	}
	if i < 0 {
		return -1
	}
	p := t.s.People[i]
	broken := p.unproven || !p.here && !p.Absent
	if p.account != "" || broken && (slices.Contains(t.s.chairs, i) || slices.Contains(t.s.poll.voters, i)) {
		return -1
	}
	return i
}

// holder is who has the nick now; -1 when nobody known.
func (t *turn) holder(nick string) int {
	return slices.IndexFunc(t.s.People, func(p *Person) bool { return p.holds(nick) })
}

// lastKnown is who was last known by nick without having it now: somebody
// absent that was named, else somebody who left.
func (t *turn) lastKnown(nick string) int {
	found := -1
	for i, p := range t.s.People {
		if p.nick != nick || p.here || p.web {
			continue
		}
		if p.Absent {
			return i
		}
		if found < 0 {
			found = i
		}
	}
	return found
}

// move takes in who came, left or changed nick.
func (t *turn) move() {
	l := t.line
	nick := t.s.fold.Fold(l.Nick)
	switch l.Kind {
	case hackfest.Join:
		t.arrive(nick)
		t.joined(nick)
	case hackfest.Part, hackfest.Quit:
		t.leave(nick)
	case hackfest.Kick:
		t.leave(t.s.fold.Fold(l.Target))
	case hackfest.Nick:
		t.changeNick(nick, t.s.fold.Fold(l.Target))
	}
}

// joined looks whether somebody known came back. Whoever joins was not here the
// moment before, so the chain of nicks is broken; only an account shows that
// they are who they were.
func (t *turn) joined(nick string) {
	account := t.s.fold.Fold(t.line.Account)
	if account != "" && slices.ContainsFunc(t.s.People, func(p *Person) bool { return p.account == account }) {
		t.byAccount(nick, account)
		return
	}
	i := t.holder(nick)
	if i >= 0 && len(t.s.People[i].also) > 0 { // here by another client still, which this one is not
		t.drop(i, nick)
		i = -1
	}
	if i < 0 {
		i = t.lastKnown(nick)
	}
	if i < 0 {
		if was := t.accountOf(nick); was != "" && account == "" {
			t.add(Person{Nick: t.line.Nick, here: true, was: was, unproven: true})
		}
		return
	}
	if account != "" && t.s.People[i].account != "" { // somebody else took the nick
		t.displace(nick, -1)
		return
	}
	p := t.edit(i)
	p.unproven = !p.Absent
	p.here, p.Absent = true, false
}

func (t *turn) leave(nick string) {
	if at, found := slices.BinarySearch(t.s.present, nick); found {
		t.s.present = slices.Delete(slices.Clone(t.s.present), at, at+1)
	}
	for i, p := range t.s.People {
		if p.holds(nick) || p.Absent && p.nick == nick {
			t.drop(i, nick)
		}
	}
}

// arrive notes that nick is in the channel.
func (t *turn) arrive(nick string) {
	at, found := slices.BinarySearch(t.s.present, nick)
	if !found {
		t.s.present = slices.Insert(slices.Clone(t.s.present), at, nick)
	}
}

// changeNick follows a NICK. A person named in advance whose nick somebody else
// takes this way is taken to be here, without proof.
func (t *turn) changeNick(from, to string) {
	i := t.holder(from)
	if i < 0 {
		if i = t.lastKnown(from); i >= 0 && !t.s.People[i].Absent {
			i = -1 // they left: this is somebody else
		}
	}
	if at, found := slices.BinarySearch(t.s.present, from); found {
		t.s.present = slices.Delete(slices.Clone(t.s.present), at, at+1)
	}
	t.arrive(to)
	t.displace(to, i)
	if i >= 0 {
		t.followNick(i, from, t.line.Target)
		return
	}
	if j := t.lastKnown(to); j >= 0 {
		p := t.edit(j)
		p.here, p.Absent, p.unproven = true, false, true
	}
}

// gap notes that the bot was away: what happened meanwhile is not known.
func (t *turn) gap() {
	t.s.Problems = append(slices.Clip(t.s.Problems),
		"The log has a gap at "+t.line.At.UTC().Format("2006-01-02 15:04:05 UTC")+": "+clean(t.line.Text))
	for i, p := range t.s.People {
		if p.here && !p.gapped {
			p := t.edit(i)
			p.gapped, p.also = true, nil
		}
	}
}

package meeting

import (
	"slices"
	"strings"
	"testing"
	"time"
)

type hijack struct {
	name   string
	ann    string // who starts
	attack string // lines, separated by newlines; the last is the try
	back   string // how ann goes on; her last line is the proof
	told   bool   // ann cannot prove who she is, and is told the way back
}

// Somebody tries to take the chair that ann has. Each row is what happens after
// ann, with or without an account, has started a meeting. The last line of
// attack is the try and must do nothing; after it the lines of back, if any,
// are those of the true ann, and her #topic must be carried out, or else the
// row says that she is told how to get the chair back.
var hijacks = []hijack{
	{name: "a bystander", ann: "ann", attack: "<mal> #topic x", back: "<ann> #topic y"},
	{name: "a bystander with an account", ann: "ann", attack: "<mal!mal> #topic x", back: "<ann> #topic y"},
	{name: "ann changes nick, mal joins as ann", ann: "ann", attack: "ann => ann_\n--> ann\n<ann> #topic x", back: "<ann_> #topic y"},
	{name: "ann changes nick, mal changes to ann", ann: "ann", attack: "<mal> hi\nann => ann_\nmal => ann\n<ann> #topic x", back: "<ann_> #topic y"},
	{name: "the same, mal had not spoken", ann: "ann", attack: "ann => ann_\nmal => ann\n<ann> #topic x", back: "<ann_> #topic y"},
	{name: "the same, nobody saw mal change", ann: "ann", attack: "ann => ann_\n<ann> #topic x", back: "<ann_> #topic y"},
	{name: "ann changes nick and back", ann: "ann", attack: "ann => ann_\n<mal> #topic x", back: "ann_ => ann\n<ann> #topic y"},
	{name: "ann changes nick twice", ann: "ann", attack: "ann => b\nb => c\n--> b\n<b> #topic x", back: "<c> #topic y"},
	{name: "nick in other letters", ann: "ann", attack: "ann => z\n<ANN> #topic x", back: "<z> #topic y"},
	{name: "ann quits, mal joins as ann", ann: "ann", attack: "<~~ ann bye\n--> ann\n<ann> #topic x", back: "<~~ ann bye\n--> ann\n<ann> #topic y", told: true},
	{name: "ann quits, mal changes to ann", ann: "ann", attack: "<mal> hi\n<~~ ann bye\nmal => ann\n<ann> #topic x"},
	{name: "ann quits, mal speaks as ann unseen", ann: "ann", attack: "<~~ ann bye\n<ann> #topic x"},
	{name: "ann parts, mal joins as ann", ann: "ann", attack: "<-- ann\n--> ann\n<ann> #topic x"},
	{name: "ann is kicked, mal joins as ann", ann: "ann", attack: "op kicks ann\n--> ann\n<ann> #topic x"},
	{name: "netsplit, mal joins as ann", ann: "ann", attack: "<~~ ann a.example b.example\n--> ann\n<ann> #topic x", back: "<~~ ann Ghosted\n--> ann\n<ann> #topic y", told: true},
	{name: "netsplit, mal logged in", ann: "ann", attack: "<~~ ann a.example b.example\n--> ann!mal\n<ann!mal> #topic x"},
	{name: "ann quits, mal joins logged in and logs out", ann: "ann", attack: "<~~ ann bye\n--> ann!mal\n<ann> #topic x"},
	{name: "ann quits, mal as ann logs in later", ann: "ann", attack: "<~~ ann bye\n--> ann\n<ann> hi\n<ann!mal> #topic x"},
	{name: "mal was there with an account, takes the nick", ann: "ann", attack: "<mal!mal> hi\n<~~ ann bye\nmal => ann\n<ann!mal> #topic x"},
	{name: "ann logs in later and comes back", ann: "ann", attack: "<ann!ann> now logged in\n<~~ ann bye\n--> ann\n<ann> #topic x", back: "<~~ ann Ghosted\n--> ann!ann\n<ann!ann> #topic y"},
	{name: "mal is as quiet as ann", ann: "ann", attack: "ann => ann_\n--> mal\nmal => ann\n<ann> #topic x", back: "<ann_> #topic y"},
	{name: "mal swaps nicks about", ann: "ann", attack: "<mal> hi\nmal => m2\nann => mal\nm2 => ann\n<ann> #topic x", back: "<mal> #topic y"},

	{name: "account, a bystander", ann: "ann!ann", attack: "<mal!mal> #topic x", back: "<ann!ann> #topic y"},
	{name: "account, mal speaks with another", ann: "ann!ann", attack: "<ann!mal> #topic x", back: "<ann_!ann> #topic y"},
	{name: "account, ann quits, mal joins as ann", ann: "ann!ann", attack: "<~~ ann bye\n--> ann\n<ann> #topic x", back: "--> ann_!ann\n<ann_!ann> #topic y"},
	{name: "account, ann quits, mal speaks unseen", ann: "ann!ann", attack: "<~~ ann bye\n<ann> #topic x", back: "<ann_!ann> #topic y"},
	{name: "account, ann quits, mal joins logged in", ann: "ann!ann", attack: "<~~ ann bye\n--> ann!mal\n<ann!mal> #topic x", back: "--> ann_!ann\n<ann_!ann> #topic y"},
	{name: "account, ann quits, mal logs out as ann", ann: "ann!ann", attack: "<~~ ann bye\n--> ann!mal\n<ann!mal> hi\n<ann> #topic x", back: "<ann_!ann> #topic y"},
	{name: "account, ann parts, mal joins as ann", ann: "ann!ann", attack: "<-- ann\n--> ann\n<ann> #topic x", back: "--> ann_!ann\n<ann_!ann> #topic y"},
	{name: "account, ann is kicked", ann: "ann!ann", attack: "op kicks ann\n--> ann\n<ann> #topic x", back: "<~~ ann bye\n--> ann!ann\n<ann!ann> #topic y"},
	{name: "account, netsplit", ann: "ann!ann", attack: "<~~ ann a.example b.example\n--> ann\n<ann> #topic x", back: "<~~ ann Ghosted\n--> ann!ann\n<ann!ann> #topic y"},
	{name: "account, ann changes nick", ann: "ann!ann", attack: "ann => ann_\n--> ann\n<ann> #topic x", back: "<ann_!ann> #topic y"},
	{name: "account, ann logs out but stays", ann: "ann!ann", attack: "<mal> #topic x", back: "<ann> #topic y"},
	{name: "account, ann logs out and in", ann: "ann!ann", attack: "<ann> logged out\n<mal> #topic x", back: "<ann!ann> #topic y"},
	{name: "account, ann logs out and changes nick", ann: "ann!ann", attack: "ann => z\n<z> hi\n--> ann\n<ann> #topic x", back: "<z> #topic y"},
	{name: "account, ann comes back under another nick", ann: "ann!ann", attack: "<~~ ann bye\n<mal> #topic x", back: "--> other!ann\n<other!ann> #topic y"},
	{name: "account, ann comes back before she logs in", ann: "ann!ann", attack: "<~~ ann bye\n<mal> #topic x", back: "--> ann\n<ann> hello\n<ann!ann> #topic y"},
	{name: "account, ann comes back and cannot log in", ann: "ann!ann", attack: "<~~ ann bye\n<mal> #topic x", back: "--> ann\n<ann> #topic y", told: true},
	{name: "account, a guest of hers logs in", ann: "ann!ann", attack: "<mal> #topic x", back: "<phone> hi\n<phone!ann> #topic y"},
	{name: "account, two clients at once", ann: "ann!ann", attack: "<ann2!ann> hi\n<mal> #topic x", back: "<ann!ann> #topic y"},
	{name: "two clients, one leaves, mal joins under its nick", ann: "ann!ann", attack: "<phone!ann> hi\n<~~ ann bye\n--> ann\n<ann> #topic x", back: "<phone> #topic y"},
	{name: "two clients, one leaves, mal changes to its nick", ann: "ann!ann", attack: "<phone!ann> hi\n<~~ ann bye\nmal => ann\n<ann> #topic x", back: "<phone> #topic y"},
	{name: "two clients, the newer leaves, mal joins under its nick", ann: "ann!ann", attack: "<phone!ann> hi\n<~~ phone bye\n--> phone\n<phone> #topic x", back: "<ann> #topic y"},
	{name: "two clients, mal joins while both are thought here", ann: "ann!ann", attack: "<phone!ann> hi\n--> ann\n<ann> #topic x", back: "<phone> #topic y"},
	{name: "two clients, one changes nick, mal takes it", ann: "ann!ann", attack: "<phone!ann> hi\nann => away\n<mal!mal> hi\nmal => ann\n<ann> #topic x", back: "<away> #topic y"},
	{name: "two clients, one is mal's with another account", ann: "ann!ann", attack: "<phone!ann> hi\n<ann!mal> hi\n<ann> #topic x", back: "<phone!ann> #topic y"},
	{name: "two clients, gap, mal took a nick", ann: "ann!ann", attack: "<phone!ann> hi\ngap away\n<ann> #topic x", back: "<phone!ann> #topic y"},
	{name: "two clients after mal was there under the nick", ann: "ann!ann", attack: "<~~ ann bye\n--> ann\n<phone!ann> hi\n<ann> #topic x", back: "<phone!ann> #topic y"},
	{name: "two clients, the one logs out", ann: "ann!ann", attack: "<phone!ann> hi\n<mal> #topic x", back: "<ann> #topic y"},
	{name: "two clients, both leave, mal joins", ann: "ann!ann", attack: "<phone!ann> hi\n<~~ ann bye\n<~~ phone bye\n--> ann\n<ann> #topic x", back: "--> ann_!ann\n<ann_!ann> #topic y"},
	{name: "account, capitals", ann: "ann!Ann", attack: "<mal!annn> #topic x", back: "<ann!ANN> #topic y"},
	{name: "account, gap and mal took the nick", ann: "ann!ann", attack: "gap away\n<ann> #topic x", back: "<ann_!ann> #topic y"},
	{name: "gap, mal took the nick with an account already known", ann: "ann", attack: "<mal!mal> hi\ngap away\n<ann!mal> #topic x"},
}

func TestChairHijack(t *testing.T) {
	t.Parallel()
	if len(hijacks) < 40 {
		t.Errorf("only %d scenarios", len(hijacks))
	}
	for _, tt := range hijacks {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := play{t: t, at: start}
			p.lines("<" + tt.ann + "> #startmeeting Hijack")
			p.lines(tt.attack)
			if p.topics != 0 {
				t.Fatal("the attacker is obeyed")
			}
			if tt.back == "" {
				return
			}
			p.at = p.at.Add(time.Hour)
			p.lines(tt.back)
			if got := p.topics == 1; got == tt.told {
				t.Errorf("carried out %t, want %t; chairs %v", got, !tt.told, p.state.Header.Chairs)
			}
			told := strings.Contains(p.said, "#chair ann") || strings.Contains(p.said, "log in")
			if tt.told && !told {
				t.Errorf("not told how to get the chair back: %q", p.said)
			}
		})
	}
}

// play folds lines of a transcript.
type play struct {
	t      *testing.T
	at     time.Time
	n      int
	state  State
	topics int    // topics opened
	said   string // last
}

func (p *play) lines(text string) {
	for one := range strings.SplitSeq(text, "\n") {
		l, ok := readLine(one)
		if !ok {
			p.t.Fatalf("cannot read %q", one)
		}
		p.n++
		p.at = p.at.Add(time.Second)
		l.Ref, l.At, l.Network, l.Channel = refAt(p.at, p.n), p.at, "freenode", "#euca"
		var effects []Effect
		p.state, effects = Apply(p.state, l)
		for _, e := range effects {
			switch e := e.(type) {
			case TopicNoted:
				if e.Topic.Title != "" {
					p.topics++
				}
			case Say:
				p.said = e.Text
			}
		}
	}
}

// A nick that comes back without proof is counted as the same person but has
// the chair only after somebody who may vouches for it.
func TestVouching(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, lines string
		wantTopics  int
	}{
		{name: "by another chair", lines: "<bob> hi\n<ann> #chair bob\n<~~ ann bye\n--> ann\n<bob> #chair ann\n<ann> #topic x", wantTopics: 1},
		{name: "by an operator when no chair is here", lines: "<~~ ann bye\n--> ann\n<@op> #chair ann\n<ann> #topic x", wantTopics: 1},
		{name: "not by an operator while a chair is here", lines: "<@op> #chair op\n<op> #topic x"},
		{name: "not by themselves", lines: "<~~ ann bye\n--> ann\n<ann> #chair ann\n<ann> #topic x"},
		{name: "an operator is no chair", lines: "<@op> #topic x"},
		{name: "no longer after #unchair", lines: "<bob> hi\n<ann> #chair bob\n<ann> #unchair bob\n<bob> #topic x"},
		{name: "named before they came", lines: "<ann> #chair bob\n--> bob!bob\n<bob!bob> #topic x", wantTopics: 1},
		{name: "named before they came, somebody changes to it", lines: "<ann> #chair bob\nmal => bob\n<bob> #topic x"},
		{name: "named before they came, somebody known changes to it", lines: "<mal> hi\n<ann> #chair bob\nmal => bob\n<bob> #topic x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := play{t: t, at: start}
			p.lines("<ann> #startmeeting Vouching\n" + tt.lines)
			if p.topics != tt.wantTopics {
				t.Errorf("%d topics, want %d", p.topics, tt.wantTopics)
			}
		})
	}
}

// People are counted by person, not by nick.
func TestPeopleAreCountedOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, lines string
		want        string // "nicks lines" of each
	}{
		{name: "nick changes", lines: "<bob> a\nbob => bob2\n<bob2> b\nbob2 => bob\n<bob> c", want: "ann 1, bob/bob2 3"},
		{name: "back after a quit", lines: "<bob> a\n<~~ bob bye\n--> bob\n<bob> b", want: "ann 1, bob 2"},
		{name: "back after a netsplit", lines: "<bob> a\n<~~ bob x.y z.w\n--> bob\n<bob> b", want: "ann 1, bob 2"},
		{name: "one account, two nicks", lines: "<bob!b> a\n<robert!b> b", want: "ann 1, bob/robert 2"},
		{name: "a guest who logs in", lines: "<bob!b> a\n<guest> b\n<guest!b> c", want: "ann 1, bob/guest 3"},
		{name: "logs in under the same nick", lines: "<bob> a\n<bob!b> b\n<robert!b> c", want: "ann 1, bob/robert 3"},
		{name: "two clients at once", lines: "<bob!b> a\n<phone!b> b\n<bob> c\nbob => away\n<phone> d\n<away> e", want: "ann 1, bob/phone/away 5"},
		{name: "comes back beside another client, not logged in", lines: "<bob!b> a\n<phone!b> b\n<~~ bob bye\n--> bob\n<bob> c\n<bob!b> d", want: "ann 1, bob/phone 4"},
		{name: "named in advance, comes with a known account", lines: "<bob!b> a\n<ann> #nick phone\n<phone!b> b", want: "ann 2, bob/phone 2"},
		{name: "a nick passed on", lines: "<bob> a\nbob => rob\n<bob> b\n<rob> c", want: "ann 1, bob/rob 2, bob 1"},
		{name: "other letters", lines: "<Bob[1]> a\n<bob{1}> b", want: "ann 1, Bob[1]/bob{1} 2"},
		{name: "joins do not count", lines: "--> bob\n<-- bob", want: "ann 1"},
		{name: "the guest came first", lines: "<guest> a\n<bob!b> b\n<guest!b> c\n<ann> d", want: "ann 2, bob/guest 3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := play{t: t, at: start}
			p.lines("<ann> #startmeeting People\n" + tt.lines)
			want := strings.Split(tt.want, ", ")
			var got []string
			for person := range strings.SplitSeq(summary(p.state), ", ") {
				nicks, lines, _ := strings.Cut(person, " ")
				nicks, _, _ = strings.Cut(nicks, "!")
				got = append(got, nicks+" "+lines)
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

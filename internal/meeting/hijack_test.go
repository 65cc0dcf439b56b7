package meeting

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Whoever cannot take ann's chair for a #topic cannot take it for anything else:
// every command for chairs is tried in every way of TestChairHijack, in a meeting
// that has something to lose.
func TestHijackersGetNoCommandAtAll(t *testing.T) {
	t.Parallel()
	without := []string{"save", "unlurk", "on", "unchair", "startvote"} // change nothing here, or nothing of what is looked at
	tried := 0
	for _, c := range commands {
		if c.who == everybody {
			continue
		}
		said := "#" + c.name + map[string]string{"quorum": " 2", "voters": " mal", "chair": " mal", "off": " 5m"}[c.name]
		if c.needs != "" && !strings.Contains(said, " ") {
			said += " x"
		}
		for _, h := range append(hijacks, hijack{name: "", attack: "<ann> #topic x", ann: "ann"}) {
			attack := strings.Split(h.attack, "\n")
			last := len(attack) - 1
			who, _, _ := strings.Cut(attack[last], "> ")
			ann := "\n<" + h.ann + "> "
			p := play{t: t, at: start}
			p.lines("context " + prepared + ann + "#startmeeting Hijack" + ann + "#next" + ann + "#info x" + ann + "#startvote Which? a, b")
			if last > 0 {
				p.lines(strings.Join(attack[:last], "\n"))
			}
			before := powers(p.state)
			p.lines(who + "> " + said)
			changed := !reflect.DeepEqual(powers(p.state), before)
			switch {
			case h.name != "" && changed:
				t.Errorf("%s: %s was carried out", h.name, said)
			case h.name == "" && !changed && !slices.Contains(without, c.name):
				t.Errorf("%s does nothing when ann says it", said)
			}
			tried++
		}
	}
	if tried < 800 {
		t.Errorf("only %d tries", tried)
	}
}

// powers is what only chairs can change.
func powers(s State) []any {
	var undone []bool
	for _, i := range s.Items {
		undone = append(undone, i.Undone)
	}
	var vote Vote
	if v := s.openVote(); v != nil {
		vote = Vote{Question: v.Question, Secret: v.Secret, Open: v.Open, Quorum: v.Quorum}
	}
	return []any{
		s.Running(), len(s.Items), len(s.Topics), s.Topics[s.topicNow()].Title, s.Header.Name, s.Header.Suffix, s.Header.Restricted, len(s.chairs), undone,
		vote, len(s.Votes), len(s.poll.voters), s.poll.secret, s.offUntil, s.lurking, s.Target, len(s.taken), len(s.settled),
	}
}

// What is given on the web has the rights that the portal gives, and no more; and
// nobody on IRC gets them by a name.
func TestRightsOfTheWeb(t *testing.T) {
	t.Parallel()
	const begin = "<ann!ann> #startmeeting T\n<bob> hi\n<ann!ann> #secretvote\n<ann!ann> #startvote Which? a, b\n"
	for _, tt := range []struct {
		name, lines string
		wants       bool // the last line is carried out
	}{
		{"a visitor's #topic", "web:1 root/web #topic x", false},
		{"a visitor's #restrictlogs", "web:1 root/web #restrictlogs", false},
		{"a visitor's #off", "web:1 root/web #off", false},
		{"a visitor's #endvote", "web:1 root/web #endvote", false},
		{"a visitor's #endmeeting", "web:1 root/web #endmeeting", false},
		{"with the portal's right: #topic", "web:1 @root/web #topic x", true},
		{"with the portal's right: #restrictlogs", "web:1 @root/web #restrictlogs", true},
		{"with the portal's right: #off", "web:1 @root/web #off", true},
		{"with the portal's right: #endvote", "web:1 @root/web #endvote", true},
		{"with the portal's right, a second time", "web:1 @root/web #topic x\nweb:2 @root/web #undo\nweb:1 @root/web #topic x", false},
		{"with an id that a visitor used", "web:1 root/web #topic x\nweb:1 @root/web #topic x", false},
		{"the right is one line's, not its author's", "web:1 @root/web #info x\nweb:2 root/web #topic x", false},
		{"and gives nothing on IRC", "web:1 @root/web #info x\n<root/web> #topic x", false},
		{"nor to whoever has the name there", "web:1 @bob #info x\n<bob> #topic x", false},
		{"an operator on IRC has no such right", "<@bob> #restrictlogs", false},
		{"the chair by account, from the web", "web:1 ann!ann #topic x", true},
		{"the chair's nick with another account, from the web", "web:1 ann!mal #topic x", false},
		{"the chair's account is taken back on IRC by none", "web:1 ann!ann #info x\n<~~ ann bye\n--> ann\n<ann> #topic x", false},
		{"a relay's nick that looks like the web's", "<ann/web> #topic x", false},
		{"off the record: a visitor cannot end it", "<ann!ann> #off\nweb:1 root/web #on", false},
		{"off the record: an operator cannot while a chair is here", "<ann!ann> #off\n<@bob> #on", false},
		{"off the record: with the portal's right", "<ann!ann> #off\nweb:1 @root/web #on", true},
		{"a secret vote said openly", "<bob> #vote a", false},
		{"a secret vote in another's name", "--> ann2\npm ann2 #vote a\n<~~ ann bye\npm ann #vote b", false},
		{"a secret vote", "pm bob #vote a", true},
		{"a secret vote on the web, twice with one id", "pm:3 bob #vote a\npm:3 bob #vote b", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := play{t: t, at: start}
			lines := strings.Split(begin+tt.lines, "\n")
			p.lines(strings.Join(lines[:len(lines)-1], "\n"))
			before := append(powers(p.state), p.state.poll.ballots)
			p.at = p.at.Add(time.Second)
			p.lines(lines[len(lines)-1])
			if got := !reflect.DeepEqual(append(powers(p.state), p.state.poll.ballots), before); got != tt.wants {
				t.Errorf("carried out %t, want %t", got, tt.wants)
			}
		})
	}
}

package meeting

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Vote is a question that was put to the vote. A person has one vote, their
// newest: a services account is a person, else a chain of nicks, as in Person.
type Vote struct {
	ID       hackfest.ItemID // ID.Ref is the #startvote line
	Item     hackfest.ItemID // the item that records the result; zero until the vote has ended
	At       time.Time       // UTC, when it was opened
	By       string          // nick of who opened it
	Question string
	Options  []VoteOption // at least two
	Secret   bool         // cast by private message: no names, and no counts while it is open
	Open     bool
	Undone   bool     // taken back with #undo: it is not in the minutes
	Result   string   // the option that won, or "no decision" and why; "" while it is open
	Voters   []string // nicks of those who may vote; nil when everybody may
	Quorum   int      // how many must vote for a decision; 0 when any number will do
	Cast     int      // how many have voted
}

// VoteOption is what could be voted for.
type VoteOption struct {
	Option string
	Count  int
	Voters []string // current nicks, in the order of their votes; nil when the vote is secret
}

// openVote is the vote that is open; nil when none is.
func (s State) openVote() *Vote {
	if n := len(s.Votes); n > 0 && s.Votes[n-1].Open {
		return s.Votes[n-1]
	}
	return nil
}

// setVote makes v the state of the vote at place n.
func (t *turn) setVote(n int, v Vote) {
	t.s.Votes = slices.Clone(t.s.Votes)
	t.s.Votes[n] = &v
	t.out = append(t.out, VoteMoved{Vote: v})
}

// startVote answers #startvote.
func (t *turn) startVote() {
	if v := t.s.openVote(); v != nil {
		t.refuse("a vote is open already: " + shorten(v.Question) + " #endvote ends it")
		return
	}
	question, rest, ok := cutQuestion(t.arg)
	if !ok {
		t.refuse("end the question with a question mark: #startvote Question? option, option")
		return
	}
	options, many := cutOptions(rest)
	if wrong := wrongOptions(options, many); wrong != "" {
		t.refuse(wrong)
		return
	}
	if many == 0 {
		options = []string{yes, no, abstain}
	}
	v := Vote{
		ID: t.newID(), At: t.line.At, By: t.line.Nick, Question: question,
		Secret: t.s.poll.secret, Open: true, Quorum: t.s.poll.quorum, Voters: t.voterNames(),
	}
	for _, o := range options {
		v.Options = append(v.Options, VoteOption{Option: o})
	}
	t.s.poll.secret = false
	t.s.Votes = append(slices.Clip(t.s.Votes), &v)
	t.out = append(t.out, VoteMoved{Vote: v})
	t.say(t.call(v))
}

// call is how a vote is announced.
func (t *turn) call(v Vote) string {
	var names []string
	for _, o := range v.Options {
		names = append(names, o.Option)
	}
	text := fmt.Sprintf("Vote: %s Options: %s. ", shorten(v.Question), strings.Join(names, ", "))
	switch {
	case v.Secret:
		text = "Secret v" + text[1:] + "It is cast by private message: " + t.privately("OPTION") + "."
	case v.yesNo() && v.has(abstain) >= 0:
		text += "Say #vote OPTION, or +1, -1 or 0 alone."
	case v.yesNo():
		text += "Say #vote OPTION, or +1 or -1 alone."
	default:
		text += "Say #vote OPTION."
	}
	if len(v.Voters) > 0 {
		text += " Voters: " + told(v.Voters) + "."
	}
	if v.Quorum > 0 {
		text += " Quorum: " + strconv.Itoa(v.Quorum) + "."
	}
	return text
}

// privately is how one votes in secret.
func (t *turn) privately(option string) string {
	bot := t.s.Context.Bot
	if bot == "" {
		bot = "BOT"
	}
	return "/msg " + bot + " #vote " + t.line.Channel + " " + option
}

// showVote answers #showvote.
func (t *turn) showVote() {
	if v := t.s.openVote(); v != nil {
		v := t.counted(*v) // whoever asks may just have turned out to be somebody who has voted
		text := "Vote: " + shorten(v.Question) + " " + v.tally()
		if v.Secret {
			text = "Secret vote: " + shorten(v.Question)
		}
		text += " " + strconv.Itoa(v.Cast) + " voted."
		if v.Quorum > 0 {
			text += " Quorum: " + strconv.Itoa(v.Quorum) + "."
		}
		t.say(text)
		return
	}
	for _, v := range slices.Backward(t.s.Votes) {
		if !v.Undone {
			t.say("The last vote: " + v.outcome())
			return
		}
	}
	t.refuse(noVote)
}

// noVote is the answer to whoever votes when there is nothing to vote on.
const noVote = "no vote is open; a chair opens one with #startvote Question? option, option"

// endVote answers #endvote.
func (t *turn) endVote() {
	if t.s.openVote() == nil {
		t.refuse(noVote)
		return
	}
	t.closeVote()
}

// closeVote ends the open vote, if there is one, and notes its result.
func (t *turn) closeVote() {
	open := t.s.openVote()
	if open == nil {
		return
	}
	v := *open
	v.Open = false
	v = t.s.withTally(t.counted(v))
	v.Result = v.result()
	i := Item{Kind: Voted, Text: v.words(), Topic: t.s.Topics[t.s.topicNow()].ID, At: t.line.At, Nick: t.line.Nick}
	if t.line.Kind == hackfest.Context { // ended by the clock: no line that anybody can look at
		i.ID, i.Nick = hackfest.ItemID{Ref: v.ID.Ref, N: v.ID.N + 1}, v.By
	} else {
		i.ID = t.newID()
	}
	v.Item = i.ID
	t.s.poll.ballots = nil
	t.setVote(len(t.s.Votes)-1, v)
	t.s.Items = append(slices.Clip(t.s.Items), &i)
	t.out = append(t.out, Noted{i})
	t.say("Vote ended: " + v.outcome())
}

// words is a vote that has ended as its item keeps it: "Ship it? yes".
func (v Vote) words() string { return v.Question + " " + v.Result }

// outcome is a vote that has ended as an answer tells it.
func (v Vote) outcome() string {
	return shorten(v.Question) + " Result: " + v.Result + ". " + v.tally()
}

// tally is what each option got, with names where there are some.
func (v Vote) tally() string {
	var list []string
	for _, o := range v.Options {
		text := o.Option + " " + strconv.Itoa(o.Count)
		if len(o.Voters) > 0 {
			text += " (" + told(o.Voters) + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ") + "."
}

// told is a list of names as an answer has it, which need not be whole.
func told(names []string) string {
	if n := len(names) - maxNamesTold; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamesTold], ", "), n)
	}
	return strings.Join(names, ", ")
}

const maxNamesTold = 20

// result is what a vote decided: the option with most votes. A tie decides
// nothing, nor do too few.
func (v Vote) result() string {
	best, tied := 0, false // best is the option's place and one
	none := v.has(abstain)
	for i, o := range v.Options {
		switch {
		case o.Count == 0 || i == none:
		case best == 0 || o.Count > v.Options[best-1].Count:
			best, tied = i+1, false
		case o.Count == v.Options[best-1].Count:
			tied = true
		}
	}
	switch {
	case v.Cast < v.Quorum:
		return fmt.Sprintf("no decision, quorum not reached (%d of %d)", v.Cast, v.Quorum)
	case best == 0 || tied:
		return "no decision"
	}
	return v.Options[best-1].Option
}

// undoVote takes back the vote whose result is that item.
func (t *turn) undoVote(item hackfest.ItemID) {
	for n, v := range t.s.Votes {
		if v.Item == item {
			w := *v
			w.Undone = true
			t.setVote(n, w)
		}
	}
}

// withdrawVote answers #undo when the newest thing is the open vote. Once
// somebody has voted it has to be ended first.
func (t *turn) withdrawVote() {
	if len(t.s.poll.ballots) > 0 {
		t.refuse("a vote is open and people have voted: #endvote ends it, then #undo takes it back")
		return
	}
	v := *t.s.openVote()
	v.Open, v.Undone = false, true
	t.setVote(len(t.s.Votes)-1, v)
	t.say("Removed, vote: " + shorten(v.Question))
}

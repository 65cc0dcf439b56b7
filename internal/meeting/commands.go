package meeting

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// right says who may use a command.
type right int

const (
	everybody right = iota
	chairs
	enders     // who may end the meeting; see turn.mayEnd
	appointers // who may appoint chairs; see turn.mayAppoint
)

// command is one #word people can say while a meeting runs. What #commands
// tells and the manual lists is made from this table.
type command struct {
	name    string
	aliases []string
	arg     string // how the help writes what follows the word
	help    string
	who     right
	needs   string // the hint when nothing follows the word; "" when nothing must
	run     func(*turn)
}

var commands = []command{
	{name: "startmeeting", arg: "[title]", help: "start a meeting; you become its chair", run: (*turn).startAgain},
	{
		name: "endmeeting", help: "end the meeting; chairs, anyone an hour past its scheduled end, a channel operator when no chair is here",
		who: enders, run: (*turn).end,
	},
	{name: "topic", arg: "T", help: "open a section", who: chairs, needs: "say what the topic is: #topic T", run: (*turn).topic},
	{name: "subtopic", arg: "T", help: "open a section inside the topic", who: chairs, needs: "say what the subtopic is: #subtopic T", run: (*turn).subtopic},
	{name: "next", help: "take the next item of the prepared agenda as the topic", who: chairs, run: (*turn).next},
	{
		name: "meetingtopic", arg: "T", help: "put T behind every channel topic; none clears it", who: chairs,
		needs: "say what to put behind each topic: #meetingtopic T, or none", run: (*turn).meetingTopic,
	},
	{name: "meetingname", arg: "N", help: "give the meeting a name for URLs", who: chairs, needs: "say the name: #meetingname N", run: (*turn).meetingName},
	{name: "agreed", aliases: []string{"agree"}, arg: "T", help: "note a decision", who: chairs, needs: "say what was agreed: #agreed T", run: note(Agreed)},
	{name: "accepted", aliases: []string{"accept"}, arg: "T", help: "note that a proposal was accepted", who: chairs, needs: "say what was accepted: #accepted T", run: note(Accepted)},
	{name: "rejected", aliases: []string{"reject"}, arg: "T", help: "note that a proposal was rejected", who: chairs, needs: "say what was rejected: #rejected T", run: note(Rejected)},
	{name: "action", arg: "T", help: "note who will do what; nicks in T own it", needs: "say who does what: #action NICK to do it", run: (*turn).action},
	{name: "done", arg: "N", help: "close open action N of an earlier meeting; \"1, 3\" closes two. Chairs and its owner", run: settle(Done)},
	{name: "carry", arg: "N", help: "carry open action N over to the next meeting", run: settle(Carried)},
	{name: "drop", arg: "N", help: "drop open action N", run: settle(Dropped)},
	{name: "info", arg: "T", help: "note something", needs: "say what to note: #info T", run: note(Info)},
	{name: "idea", arg: "T", help: "note an idea", needs: "say what the idea is: #idea T", run: note(Idea)},
	{
		name: "help", aliases: []string{"halp"}, arg: "T", help: "note a call for help",
		needs: "#help notes a call for help: say what is needed. #commands lists the commands", run: note(Help),
	},
	{name: "link", arg: "[text] URL", help: "note a link; a line that begins with a URL does the same", needs: "say what to link: #link URL text", run: (*turn).link},
	{name: "lesson", arg: "T", help: "note what the session taught", needs: "say what was learned: #lesson T", run: lesson(hackfest.LessonUnknown)},
	{name: "lesson+", arg: "T", help: "the same, for what to do again", needs: "say what to do again: #lesson+ T", run: lesson(hackfest.LessonDoAgain)},
	{name: "lesson-", arg: "T", help: "the same, for what to avoid", needs: "say what to avoid: #lesson- T", run: lesson(hackfest.LessonAvoid)},
	{name: "target", arg: "NAME", help: "say which target the session is about", who: chairs, needs: "say which target: #target NAME", run: (*turn).target},
	{name: "chair", arg: "a, b", help: "let others chair as well", who: appointers, needs: "say who: #chair NICK", run: (*turn).chair},
	{name: "unchair", arg: "a, b", help: "take chairs back, the owner's excepted", who: chairs, needs: "say who: #unchair NICK", run: (*turn).unchair},
	{name: "nick", arg: "a b", help: "make absent people known, so that actions can name them", needs: "say who: #nick NICK", run: (*turn).nick},
	{name: "here", arg: "[alias]", help: "say that you are here, and what else you are called", run: (*turn).here},
	{
		name: "startvote", arg: "Question? [a, b]", help: "open a vote; options with commas between them, or none for yes, no, abstain", who: chairs,
		needs: "say what to vote on: #startvote Question? option, option", run: (*turn).startVote,
	},
	{name: "vote", arg: "OPTION", help: "vote; your last vote counts. On yes or no, +1, -1 or 0 alone on a line does the same", needs: "say what you vote for: #vote OPTION", run: (*turn).vote},
	{name: "showvote", help: "tell how the vote stands", run: (*turn).showVote},
	{name: "endvote", help: "end the vote and note its result; a tie is no decision", who: chairs, run: (*turn).endVote},
	{name: "voters", arg: "a b", help: "let only these people vote; all lets everybody", who: chairs, needs: "say who votes: #voters NICK NICK, or all", run: (*turn).voters},
	{name: "quorum", arg: "N", help: "ask for that many votes before one decides anything; none takes it back", who: chairs, needs: "say how many must vote: #quorum 5, or none", run: (*turn).setQuorum},
	{name: "secretvote", arg: "[off]", help: "have the next vote cast by private message and counted without names", who: chairs, run: (*turn).secretVote},
	{name: "undo", help: "take back the newest item or topic", who: chairs, run: (*turn).undo},
	{name: "lurk", help: "keep the bot silent; it still records", who: chairs, run: (*turn).lurk},
	{name: "unlurk", help: "let the bot speak again", who: chairs, run: (*turn).unlurk},
	{name: "off", arg: "[5m]", help: "go off the record, for a time or until #on, at most an hour: nothing is kept", who: chairs, run: (*turn).off},
	{name: "on", help: "go back on the record", who: chairs, run: (*turn).on},
	{name: "restrictlogs", help: "show minutes and log of this meeting to members only", who: chairs, run: (*turn).restrictLogs},
	{name: "save", help: "store the draft of the minutes as it stands", who: chairs, run: (*turn).save},
	{name: "commands", help: "list the commands", run: (*turn).list},
	{name: "status", help: "tell where the meeting is", run: (*turn).status},
}

// byWord finds a command by its name or an alias.
var byWord = func() map[string]int {
	words := map[string]int{}
	for i, c := range commands {
		words[c.name] = i
		for _, a := range c.aliases {
			words[a] = i
		}
	}
	return words
}()

// Command describes a command for the manual.
type Command struct {
	Name    string // without the "#"
	Aliases []string
	Arg     string // how to write what follows; "" when nothing does
	Help    string
	Chairs  bool // not for everybody
}

// Commands lists the commands in the order of the manual.
func Commands() []Command {
	list := make([]Command, len(commands))
	for i, c := range commands {
		list[i] = Command{c.name, slices.Clone(c.aliases), c.arg, c.help, c.who != everybody}
	}
	return list
}

// commandWord splits "#Action bob: fix CI" into "action" and " bob: fix CI".
// The word starts in the first column and ends at a blank or with the line.
func commandWord(text string) (word, rest string, ok bool) {
	if len(text) < 2 || text[0] != '#' {
		return "", "", false
	}
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		end = len(text)
	}
	return strings.ToLower(text[1:end]), text[end:], true
}

// clean is text as an item keeps it: no formatting codes, no control
// characters, no blanks around it.
func clean(text string) string {
	text = irctext.Strip(text)
	if strings.IndexFunc(text, unicode.IsControl) >= 0 {
		text = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, text)
	}
	return strings.TrimSpace(text)
}

// carryOut runs c if its author may and has said all it needs.
func (t *turn) carryOut(c command) {
	switch {
	case !t.may(c.who):
		t.refuse(t.onlyChairs())
	case c.needs != "" && t.arg == "":
		t.refuse(c.needs)
	default:
		c.run(t)
	}
}

// refusalPause is how long nobody is refused twice.
const refusalPause = time.Minute

// refuse answers a command that is not carried out, at most once a minute per
// person.
func (t *turn) refuse(why string) {
	last := t.s.People[t.by].refusedAt
	if !last.IsZero() && t.line.At.Sub(last).Abs() < refusalPause {
		return
	}
	t.edit(t.by).refusedAt = t.line.At
	t.say(why)
}

// mayRefuseOutside is the same rule while no meeting runs and nobody is known.
func (t *turn) mayRefuseOutside() bool {
	l := t.line
	if t.s.refused == l.Nick && l.At.Sub(t.s.refusedAt).Abs() < refusalPause {
		return false
	}
	t.s.refused, t.s.refusedAt = l.Nick, l.At
	return true
}

// list answers #commands.
func (t *turn) list() {
	var all, forChairs []string
	for _, c := range t.commands {
		if c.who == everybody {
			all = append(all, "#"+c.name)
		} else {
			forChairs = append(forChairs, "#"+c.name)
		}
	}
	t.tell("Everybody: " + strings.Join(all, " ") + ". [off] at the start keeps a line off the record.")
	t.tell("Chairs: " + strings.Join(forChairs, " "))
}

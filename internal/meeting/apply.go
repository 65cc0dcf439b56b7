package meeting

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// State is one channel's meeting so far, as a value: Apply never changes the
// one it is given, nor anything it points to. The zero State is a channel
// without a meeting. After a meeting has ended its State stays until the next
// one starts.
type State struct {
	Header   Header
	Context  Context   // what the shell said last
	Topics   []Topic   // in order; the first is the untitled one
	Items    []*Item   // in order, undone ones included; never change one
	People   []*Person // in order of appearance; never change one
	Issues   []Issue   // in order of appearance
	Votes    []*Vote   // in order, undone ones included; never change one
	LastRef  hackfest.Ref
	Target   string   // slug of the target it is about; "" for none
	Regrets  []string // who said that they do not come; Attendance leaves out who came all the same
	Problems []string // what the minutes' diagnostics list

	chairs   []int               // places in People, in order of appointment
	owner    int                 // place in People; -1 for a whole log
	fold     irctext.Casemapping // fixed when the meeting starts
	present  []string            // folded nicks in the channel, sorted, as far as known
	topicSet bool                // the channel's topic was changed by this meeting
	lurking  bool
	spokeAt  time.Time // when a person last spoke
	done     []string  // ids of the web commands carried out
	tallies  []Tally   // of secret votes, in a replay
	endSaid  bool      // the bot was heard to announce the end
	poll     poll      // what votes rest on
	queue    []queued  // who wants to speak
	offSince time.Time // when #off was said; zero while the meeting is on the record
	offUntil time.Time // when it is on the record again; zero while it is

	taken   []taken      // items of the agenda that became topics
	settled []Settlement // of the open actions, by their place; "" or too short where nothing was said

	refused   string    // nick that was last refused outside a meeting
	refusedAt time.Time // and when
}

// Running reports whether a meeting is under way.
func (s State) Running() bool {
	return !s.Header.StartedAt.IsZero() && s.Header.EndedAt.IsZero()
}

// Replay applies lines in order to an empty state and drops the effects.
func Replay(lines []hackfest.Line) State {
	var s State
	for _, l := range lines {
		s, _ = Apply(s, l)
	}
	return s
}

// Apply returns the state after line l in state s, and the effects in the order
// in which they are to be carried out. It never changes s.
func Apply(s State, l hackfest.Line) (State, []Effect) {
	s.LastRef = l.Ref
	t := turn{s: s, line: l, by: -1, commands: commands, words: byWord}
	switch {
	case l.History:
		return s, nil
	case l.Kind == hackfest.Context:
		t.context()
	case t.s.Running():
		t.during()
	default:
		t.outside()
	}
	if t.chairsMoved {
		t.nameChairs()
	}
	if t.namesMoved && t.s.Running() {
		t.namesChanged()
	}
	return t.s, t.out
}

// turn is one call of Apply: the new state in the making.
type turn struct {
	s    State
	line hackfest.Line
	text string // of the line, without formatting codes
	arg  string // what follows the command word
	by   int    // the author's place in People; -1 when not known
	out  []Effect

	commands []command // the table; handed over since its own entries list it
	words    map[string]int

	ownPeople   bool // s.People is this turn's own copy
	namesMoved  bool // somebody changed nick
	chairsMoved bool // a chair came, went or changed nick
	items       int  // how many ids this line has given out
}

// during handles a line while a meeting runs.
func (t *turn) during() {
	if !t.firstTime() {
		return
	}
	if !t.s.offUntil.IsZero() && t.hushed() {
		return
	}
	switch t.line.Kind {
	case hackfest.Message, hackfest.Act, hackfest.Web:
		t.speech()
	case hackfest.Private:
		t.private()
	case hackfest.Join, hackfest.Part, hackfest.Quit, hackfest.Kick, hackfest.Nick:
		t.move()
	case hackfest.Topic:
		t.topicByHand()
	case hackfest.Gap:
		t.gap()
	}
}

// speech counts what somebody said and carries out what it asks for.
func (t *turn) speech() {
	l := t.line
	if l.OffRecord && l.Text == "" {
		return
	}
	t.text = irctext.Strip(l.Text)
	bot := t.author()
	if t.chairsMoved {
		t.nameChairs() // before the line has effects that show them
	}
	if bot {
		return // bots carry out nothing and end no silence
	}
	t.s.spokeAt = l.At
	t.noteIssues(t.text)
	if l.Kind == hackfest.Act {
		return
	}
	if word, arg, ok := commandWord(t.text); ok {
		if i, known := t.words[word]; known {
			t.arg = clean(arg)
			t.carryOut(t.commands[i])
		} else {
			t.nearMiss(word)
		}
		return
	}
	if t.w3c() || t.plusOne() || t.speaker() {
		return
	}
	if !t.correct() && !t.attend() {
		t.linkLine()
		t.s.People[t.by].spoke = t.text // their own copy since author counted the line
	}
}

// outside handles a line while no meeting runs: only #startmeeting counts.
func (t *turn) outside() {
	l := t.line
	if l.Self && t.announcesEnd() {
		t.s.endSaid = true
	}
	if l.Self || l.Bot || l.Kind != hackfest.Message && l.Kind != hackfest.Web {
		return
	}
	word, arg, ok := commandWord(irctext.Strip(l.Text))
	if !ok {
		return
	}
	t.arg = clean(arg)
	switch i := t.words[word]; {
	case word == "startmeeting":
		t.start()
	case word == "endmeeting" && i > 0 && t.mayRefuseOutside():
		t.tell("No meeting is running here. #startmeeting TITLE starts one.")
	}
}

// firstTime reports whether the web command of this line is new, and notes it.
// A line that is no web command is new.
func (t *turn) firstTime() bool {
	id := t.line.Command
	if id == "" {
		return true
	}
	if slices.Contains(t.s.done, id) {
		return false
	}
	t.s.done = append(slices.Clip(t.s.done), id)
	return true
}

// silence is how long nobody may speak before a meeting ends by itself.
const silence = 3 * time.Hour

// context takes in what the shell says. While a meeting runs only some of it
// is news: what else the meeting started with stays true for it.
func (t *turn) context() {
	var c Context
	if json.Unmarshal([]byte(t.line.Text), &c) != nil {
		return
	}
	running := t.s.Running()
	switch {
	case c.Whole == WholeBegins && !running:
		t.openWhole()
	case c.Whole == WholeEnds && running:
		t.close("silence")
	case c.Whole != "":
	case c.Tallies != nil:
		t.s.tallies = c.Tallies
	case !c.Tick.IsZero():
		if running && !t.line.At.Before(t.s.offUntil) {
			t.backOnRecord()
		}
		if running && !t.line.At.Before(t.s.spokeAt.Add(silence)) {
			t.endBySilence()
		}
	case running:
		t.news(c)
	default:
		t.s.Context = c
	}
}

// say queues a line for the channel, unless the bot was asked to be silent.
func (t *turn) say(text string) {
	if !t.s.lurking {
		t.out = append(t.out, Say{text})
	}
}

// tell queues a notice to the author of the line, unless they are on no IRC.
func (t *turn) tell(text string) {
	if t.by >= 0 && t.s.People[t.by].web {
		return
	}
	t.out = append(t.out, Tell{Nick: t.line.Nick, Text: text})
}

// newID gives out the next id that belongs to this line.
func (t *turn) newID() hackfest.ItemID {
	t.items++
	return hackfest.ItemID{Ref: t.line.Ref, N: t.items}
}

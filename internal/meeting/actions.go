package meeting

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// OpenAction is an action that an earlier session of the series left open.
type OpenAction struct {
	ID       hackfest.ItemID `json:"id"`
	Text     string          `json:"text"`
	Owners   []string        `json:"owners,omitempty"` // nicks
	Due      time.Time       `json:"due,omitzero"`     // UTC midnight of its day; zero without one
	Sessions int             `json:"sessions"`         // for how many it has been open
}

// Settlement is what became of an open action.
type Settlement string

const (
	Done    Settlement = "done"
	Carried Settlement = "carried" // stays open
	Dropped Settlement = "dropped"
)

// settlementSaid is how an answer about a settlement begins.
var settlementSaid = map[Settlement]string{Done: "Done", Carried: "Carried over", Dropped: "Dropped"}

// ActionSettled means that an open action was closed, or carried over, which
// leaves it open. The last one for an action counts: #carry takes back a #done.
type ActionSettled struct {
	ID  hackfest.ItemID
	How Settlement
	By  string // nick
}

func (ActionSettled) effect() {}

// standing is how an open action stands, for the list at the start.
func (a OpenAction) standing() string {
	var parts []string
	if !a.Due.IsZero() {
		parts = append(parts, "due "+a.Due.UTC().Format(time.DateOnly))
	}
	if a.Sessions > 1 {
		parts = append(parts, fmt.Sprintf("open for %d sessions", a.Sessions))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// settle makes the run function of #done, #carry and #drop: all of the named
// actions are settled or, when there is anything wrong, none.
func settle(how Settlement) func(*turn) {
	return func(t *turn) {
		actions := t.s.session().Actions
		places, why := actionNumbers(t.arg, len(actions))
		for _, n := range places {
			if why == "" && !t.maySettle(actions[n]) {
				why = t.onlyOwners(n, actions[n])
			}
		}
		if why != "" {
			t.refuse(why)
			return
		}
		t.s.settled = append(slices.Clone(t.s.settled), make([]Settlement, len(actions)-len(t.s.settled))...)
		var list []string
		for _, n := range places {
			list = append(list, fmt.Sprintf("%d. %s", n+1, shorten(clean(actions[n].Text))))
			if t.s.settled[n] != how {
				t.s.settled[n] = how
				t.out = append(t.out, ActionSettled{ID: actions[n].ID, How: how, By: t.s.People[t.by].Nick})
			}
		}
		text := settlementSaid[how] + ": " + list[0]
		for i, one := range list[1:] {
			if len(text)+len(one) > startBytes {
				text += fmt.Sprintf("; and %d more", len(list)-1-i)
				break
			}
			text += "; " + one
		}
		t.say(text)
	}
}

// actionNumbers reads "1, 3" as places in a list of n open actions. Why says
// what is wrong with it; "" when nothing is.
func actionNumbers(arg string, n int) (places []int, why string) {
	if n == 0 {
		return nil, "no open actions were carried over to this meeting"
	}
	for word := range strings.FieldsFuncSeq(arg, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		number, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSuffix(word, "."), "#"))
		if err != nil || number < 1 || number > n {
			return nil, fmt.Sprintf("there is no open action %s: they are numbered 1 to %d", shorten(word), n)
		}
		if !slices.Contains(places, number-1) {
			places = append(places, number-1)
		}
	}
	if len(places) == 0 {
		return nil, fmt.Sprintf("say which open actions: their numbers, from 1 to %d", n)
	}
	return places, ""
}

// maySettle reports whether the author chairs or owns action a. An owner is
// found as in the minutes; one whose nick was away in this meeting has to prove
// who they are, as a chair does.
func (t *turn) maySettle(a OpenAction) bool {
	if t.may(chairs) {
		return true
	}
	me := t.s.People[t.by]
	if me.unproven {
		return false
	}
	finder := t.s.Finder()
	return slices.ContainsFunc(a.Owners, func(owner string) bool {
		folded := t.s.fold.Fold(owner)
		return me.account != "" && me.account == folded || me.lives == 0 && finder.words[folded] == me
	})
}

// onlyOwners is the answer to whoever neither chairs nor owns action n.
func (t *turn) onlyOwners(n int, a OpenAction) string {
	text := fmt.Sprintf("only chairs settle action %d: %s", n+1, t.chairList())
	if len(a.Owners) > 0 {
		text = fmt.Sprintf("only chairs and its owners settle action %d: %s", n+1, strings.Join(slices.Concat(t.s.Header.Chairs, a.Owners), ", "))
	}
	return text
}

// action answers #action.
func (t *turn) action() {
	i, wrong := t.read(Action, t.arg, t.line.At)
	t.noteItem(i)
	if wrong != "" {
		t.tell(fmt.Sprintf("There is no such date: %s. The action is noted without one; s/%s/DATE/ sets it.", shorten(wrong), strings.ReplaceAll(shorten(wrong), "/", `\/`)))
	}
}

// read makes an item of kind k of what was said at some time, and says which
// words look like a date and are none.
func (t *turn) read(k ItemKind, said string, at time.Time) (i Item, wrong string) {
	i = Item{Kind: k, Text: said, said: said}
	switch k {
	case Action:
		i.Text, i.Due, wrong = cutDue(said, t.s.today(at))
	case Link:
		i.URL, i.Text = cutURL(said)
	}
	return i, wrong
}

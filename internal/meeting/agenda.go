package meeting

import (
	"fmt"
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/irctext"
)

// AgendaItem is one line of the agenda that was prepared for a session.
type AgendaItem struct {
	ID   int64  `json:"id"`
	Text string `json:"text"`
	From string `json:"from,omitempty"` // slug of the session it was carried over from; "" when it is new
}

// AgendaTaken means that an item of the prepared agenda became a topic or, when
// Undone, that this topic was taken back and the item is open again. Within one
// meeting the last one counts.
type AgendaTaken struct {
	ID     int64
	Undone bool
}

func (AgendaTaken) effect() {}

// taken is an item of the agenda that became a topic.
type taken struct {
	item  AgendaItem
	topic hackfest.ItemID
}

const (
	startLines = 3   // how many lines of each list the start of a meeting shows
	startBytes = 350 // how long one of them is, so that it is one line on IRC
)

// Agenda returns what is left of the agenda prepared for the session of the
// meeting, in order.
func (s State) Agenda() []AgendaItem {
	var left []AgendaItem
	for _, i := range s.session().Agenda {
		if i.Text = oneSpaced(clean(i.Text)); i.Text != "" && !s.hasTaken(i.ID) {
			left = append(left, i)
		}
	}
	return left
}

func (s State) hasTaken(id int64) bool {
	return slices.ContainsFunc(s.taken, func(x taken) bool { return x.item.ID == id })
}

// session is the planned session of the meeting; zero when it has none.
func (s State) session() ContextSession {
	for _, c := range s.Context.Sessions {
		if c.Slug == s.Header.SessionSlug && c.Slug != "" {
			return c
		}
	}
	return ContextSession{}
}

// sessionURL is the page of the meeting's session; "" offline or without one.
func (s State) sessionURL() string {
	if s.Context.BaseURL == "" || s.Header.SessionSlug == "" {
		return ""
	}
	return s.Context.BaseURL + "/sessions/" + s.Header.SessionSlug
}

// news takes in what has changed while the meeting runs: settings, targets, and
// agenda, repository and regrets of its session. Open actions keep the numbers they
// were listed with, so they stay.
func (t *turn) news(c Context) {
	t.s.Context.Settings = c.Settings
	if len(c.Targets) > 0 {
		t.s.Context.Targets = c.Targets
	}
	for _, fresh := range c.Sessions {
		at := slices.IndexFunc(t.s.Context.Sessions, func(x ContextSession) bool { return x.Slug == fresh.Slug })
		if at < 0 || fresh.Slug != t.s.Header.SessionSlug {
			continue
		}
		var agenda []AgendaItem
		for _, x := range t.s.taken { // #undo gives them back, whoever has left them out
			if !slices.ContainsFunc(fresh.Agenda, func(i AgendaItem) bool { return i.ID == x.item.ID }) {
				agenda = append(agenda, x.item)
			}
		}
		t.s.Context.Sessions = slices.Clone(t.s.Context.Sessions)
		t.s.Context.Sessions[at].Agenda = append(agenda, fresh.Agenda...)
		t.s.Context.Sessions[at].Repository = fresh.Repository
		t.regretsMoved(t.s.Context.Sessions[at].Regrets, fresh.Regrets)
		t.s.Context.Sessions[at].Regrets = fresh.Regrets
	}
}

// next answers #next.
func (t *turn) next() {
	left := t.s.Agenda()
	switch {
	case len(left) > 0:
		t.arg = left[0].Text
		t.topic()
		t.say("Topic: " + shorten(t.arg))
	case len(t.s.taken) > 0:
		t.refuse("nothing is left of the agenda. #topic T opens another topic")
	default:
		t.refuse("no agenda was prepared. #topic T opens a topic")
	}
}

// take notes that the newest topic is an item of the agenda, if it is: #topic
// with the words of an item does what #next does.
func (t *turn) take() {
	topic := t.s.Topics[len(t.s.Topics)-1]
	for _, i := range t.s.Agenda() {
		if strings.EqualFold(i.Text, oneSpaced(topic.Title)) {
			t.s.taken = append(slices.Clip(t.s.taken), taken{i, topic.ID})
			t.out = append(t.out, AgendaTaken{ID: i.ID})
			return
		}
	}
}

// giveBack opens the item of the agenda again that a topic was taken from.
func (t *turn) giveBack(topic hackfest.ItemID) {
	at := slices.IndexFunc(t.s.taken, func(x taken) bool { return x.topic == topic })
	if at < 0 {
		return
	}
	id := t.s.taken[at].item.ID
	t.s.taken = slices.Delete(slices.Clone(t.s.taken), at, at+1)
	t.out = append(t.out, AgendaTaken{ID: id, Undone: true})
}

// leftOver is how much of the agenda was not reached, for the end.
func (s State) leftOver() string {
	if n := len(s.Agenda()); n > 0 {
		return ", " + irctext.Count(n, "agenda item") + " not reached"
	}
	return ""
}

// standingElse is what else #status tells.
func (s State) standingElse() string {
	text := ""
	if n := len(s.Agenda()); n > 0 {
		text += " Agenda: " + irctext.Count(n, "item") + " left."
	}
	if s.Target != "" {
		text += " Target: " + s.Target + "."
	}
	if s.Header.Restricted {
		text += " Minutes and log are for members only."
	}
	return text
}

func oneSpaced(text string) string { return strings.Join(strings.Fields(text), " ") }

// sayPlan tells, at the start, what was prepared: the agenda and the actions
// that are still open, each in a few lines.
func (t *turn) sayPlan() {
	var agenda, actions []string
	for n, i := range t.s.Agenda() {
		agenda = append(agenda, fmt.Sprintf("%d. %s", n+1, shorten(i.Text)))
	}
	for n, a := range t.s.session().Actions {
		actions = append(actions, fmt.Sprintf("%d. %s%s", n+1, shorten(clean(a.Text)), a.standing()))
	}
	t.sayList("Agenda (#next takes the next): ", agenda)
	t.sayList("Open actions (#done 1, #carry 1 or #drop 1 settles the first): ", actions)
}

// sayList says a list in at most startLines lines, and where the rest is.
func (t *turn) sayList(head string, list []string) {
	said, text := 0, head
	for n, one := range list {
		last := said == startLines-1
		if n > 0 && len(text)+len(one) > startBytes {
			if last {
				t.say(text + t.more(len(list)-n))
				return
			}
			t.say(text)
			said, text = said+1, ""
		}
		if text != "" && text != head {
			text += "; "
		}
		text += one
	}
	if len(list) > 0 {
		t.say(text)
	}
}

// more says that a list goes on, and where.
func (t *turn) more(n int) string {
	text := fmt.Sprintf("; and %d more", n)
	if u := t.s.sessionURL(); u != "" {
		text += ": " + u
	}
	return text
}

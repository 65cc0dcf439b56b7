package minutes

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// Written are minutes as people work on them: what is published, or noted when
// nothing is yet, with what they write besides.
type Written struct {
	Minutes          // as they stand; nobody is left out of them
	Summary string   // Markdown; may be empty
	Noted   Minutes  // what the engine made of the channel
	Number  int      // of the published revision; 0 is none
	Target  string   // slug of the session's target; "" is none
	Unnamed []string // nicks of those who are not to be named: no page shows them
}

// Source is a line of the log that entries can stand on.
type Source struct {
	Nick string
	At   time.Time
}

// FirstAdded is the lowest number of an entry that people added to a line. What
// the engine makes of one line has lower numbers.
const FirstAdded = 1001

// Added reports whether people made the entry, and not the engine.
func Added(id hackfest.ItemID) bool { return id.N >= FirstAdded }

// NotedItem is item id as the engine noted it.
func (w Written) NotedItem(id hackfest.ItemID) (Item, bool) {
	for _, t := range w.Noted.Topics {
		for _, i := range t.Items {
			if i.ID == id {
				return i, true
			}
		}
	}
	return Item{}, false
}

// notedTopic is the title of topic id as the engine noted it.
func (w Written) notedTopic(id hackfest.ItemID) (string, bool) {
	for _, t := range w.Noted.Topics {
		if t.ID == id {
			return t.Title, true
		}
	}
	return "", false
}

// unnamed reports whether nick is not to be named.
func (w Written) unnamed(nick string) bool {
	return nick == Unnamed || slices.ContainsFunc(w.Unnamed, func(u string) bool { return strings.EqualFold(u, nick) })
}

// Candidates are the lessons of w, those first that are picked, then those that
// were noted and are not. Before the first publication all count as picked, as
// what the channel noted is to be published.
func (w Written) Candidates() (list []Lesson, picked map[hackfest.ItemID]bool) {
	picked = map[hackfest.ItemID]bool{}
	for _, l := range w.Lessons {
		if l.Redacted {
			continue
		}
		list = append(list, l)
		picked[l.ID] = l.Scope != "" || w.Number == 0
	}
	for _, l := range w.Noted.Lessons {
		known := slices.ContainsFunc(list, func(x Lesson) bool { return x.ID == l.ID })
		if !known && !l.Redacted && !slices.ContainsFunc(w.Lessons, func(x Lesson) bool { return x.ID == l.ID }) {
			list = append(list, l)
		}
	}
	return list, picked
}

// scope is what a lesson counts for when nobody said.
func (w Written) scope(l Lesson) string {
	switch {
	case l.Scope != "":
		return l.Scope
	case w.Target != "":
		return string(hackfest.ScopeTarget)
	}
	return string(hackfest.ScopeAll)
}

// place puts items that people added where their lines were said: under the topic
// of that time, in the order of lines.
func place(topics []Topic, added []Item) []Topic {
	for _, item := range added {
		n := 0
		for i, t := range topics {
			if t.ID.Ref.Compare(item.ID.Ref) <= 0 {
				n = i
			}
		}
		if len(topics) == 0 || topics[0].Title != "" && topics[0].ID.Ref.Compare(item.ID.Ref) > 0 {
			topics = slices.Insert(topics, 0, Topic{ID: hackfest.ItemID{Ref: item.ID.Ref, N: item.ID.N}, StartedAt: item.At, Items: []Item{}})
			n = 0
		}
		t := &topics[n]
		at := slices.IndexFunc(t.Items, func(i Item) bool { return i.LineID.Compare(item.LineID) > 0 })
		if at < 0 {
			at = len(t.Items)
		}
		t.Items = slices.Insert(slices.Clone(t.Items), at, item)
	}
	return topics
}

// list again which items decide and which are actions.
func (m *Minutes) relist() {
	m.Decisions, m.Actions = []hackfest.ItemID{}, []hackfest.ItemID{}
	for _, i := range m.Items {
		switch {
		case i.Kind.Decision():
			m.Decisions = append(m.Decisions, i.ID)
		case i.Kind == meeting.Action:
			m.Actions = append(m.Actions, i.ID)
		}
	}
}

// Unowned counts the actions that nobody was named for.
func (m Minutes) Unowned() int {
	n := 0
	for _, i := range m.Items {
		if i.Kind == meeting.Action && len(i.Owners) == 0 && !i.Redacted {
			n++
		}
	}
	return n
}

// NamesAll reports whether nobody is left out of m. Minutes that leave somebody
// out are for reading: what is stored names everybody.
func (m Minutes) NamesAll() bool {
	return !slices.Contains(m.Regrets, Unnamed) && !slices.ContainsFunc(m.Present, func(p Person) bool { return p.Nick == Unnamed })
}

// compareIDs orders entries as their lines were said.
func compareIDs(a, b hackfest.ItemID) int {
	return cmp.Or(a.Ref.Compare(b.Ref), cmp.Compare(a.N, b.N))
}

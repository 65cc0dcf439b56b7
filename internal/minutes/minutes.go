// Package minutes is the one model of a meeting's minutes and its renderings as
// text, Markdown and JSON; pages render the same model through templates. It
// decides what belongs into the minutes and in which order; it stores nothing,
// fetches nothing and knows no viewer.
package minutes

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// Schema names this version of the JSON form. A change that a reader could
// stumble over gets a new number.
const Schema = "hackfest.minutes/1"

// Minutes are the minutes of one meeting; their JSON is the stable machine
// form. Empty lists are [] and never null. Undone items are part of it, marked;
// renderings leave them out.
type Minutes struct {
	Schema      string            `json:"schema"`
	ID          hackfest.Ref      `json:"id"` // of the #startmeeting line
	Title       string            `json:"title"`
	Name        string            `json:"name"` // for URLs; "" when none was given
	Network     string            `json:"network"`
	Channel     string            `json:"channel"`
	StartedAt   Time              `json:"started_at"`
	EndedAt     Time              `json:"ended_at"` // zero while it runs
	Owner       string            `json:"owner"`    // whoever started it; "" when nobody did
	Chairs      []string          `json:"chairs"`   // the owner first
	Present     []Person          `json:"present"`  // in order of appearance, bots included
	Regrets     []string          `json:"regrets"`  // who said that they do not come, and did not
	Topics      []Topic           `json:"topics"`
	Decisions   []hackfest.ItemID `json:"decisions"` // items that decide something
	Actions     []hackfest.ItemID `json:"actions"`
	Votes       []Vote            `json:"votes"`
	Lessons     []Lesson          `json:"lessons"`
	Issues      []Issue           `json:"issues"`
	Diagnostics []string          `json:"diagnostics"` // what the reader should know about how the minutes came to be
}

// Unnamed stands for the nick of somebody who was there and does not want to be
// named. Nobody can have such a nick.
const Unnamed = "(unnamed)"

// Person is somebody who was there.
type Person struct {
	Nick    string `json:"nick"`    // the newest, or Unnamed
	Account string `json:"account"` // services account; "" when none is known
	Lines   int    `json:"lines"`   // what they said, commands included
	Alias   string `json:"alias"`   // given with #here
	Bot     bool   `json:"bot"`
}

// Topic is a section with its items in order. Items from before the first
// #topic stand in a first topic without a title.
type Topic struct {
	ID        hackfest.ItemID `json:"id"`
	Title     string          `json:"title"`
	Subtopic  bool            `json:"subtopic"`
	StartedAt Time            `json:"started_at"`
	Items     []Item          `json:"items"`
	Redacted  bool            `json:"redacted,omitempty"` // its words were taken out
	Edited    bool            `json:"edited,omitempty"`   // people changed its words afterwards
}

// Item is one entry.
type Item struct {
	ID       hackfest.ItemID  `json:"id"`
	LineID   hackfest.Ref     `json:"line_id"` // the log line that made it
	Kind     meeting.ItemKind `json:"kind"`
	At       Time             `json:"at"`
	Nick     string           `json:"nick"`
	Text     string           `json:"text"`
	URL      string           `json:"url"`    // of a link, always one that may be clicked; "" otherwise
	Owners   []string         `json:"owners"` // of an action; empty means unassigned
	Due      Date             `json:"due"`
	Undone   bool             `json:"undone"`
	Redacted bool             `json:"redacted,omitempty"` // its words were taken out
	Edited   bool             `json:"edited,omitempty"`   // people changed or added it afterwards
}

// Vote is a vote with its result.
type Vote struct {
	ID       hackfest.ItemID `json:"id"`
	Question string          `json:"question"`
	Options  []Option        `json:"options"`
	Secret   bool            `json:"secret"`
	Result   string          `json:"result"`
	Redacted bool            `json:"redacted,omitempty"` // its words were taken out
}

// Option is what could be voted for, and who did; Voters is empty when the vote
// was secret.
type Option struct {
	Option string   `json:"option"`
	Count  int      `json:"count"`
	Voters []string `json:"voters"`
}

// Lesson is a candidate lesson; in published minutes it has a scope when it was
// picked, and is published too.
type Lesson struct {
	ID       hackfest.ItemID `json:"id"`
	LineID   hackfest.Ref    `json:"line_id"` // the log line that taught it
	Text     string          `json:"text"`
	Kind     string          `json:"kind"`               // a hackfest.LessonKind
	Scope    string          `json:"scope,omitempty"`    // a hackfest.LessonScope; "" was not picked
	Image    string          `json:"image,omitempty"`    // the base image it is about; "" is none
	Redacted bool            `json:"redacted,omitempty"` // its words were taken out
}

// Label is what a lesson tells people to do; "" when it does not say.
func (l Lesson) Label() string {
	switch hackfest.LessonKind(l.Kind) {
	case hackfest.LessonDoAgain:
		return "Do again"
	case hackfest.LessonAvoid:
		return "Avoid"
	case hackfest.LessonBroken:
		return "Broken upstream"
	}
	return ""
}

// Issue is a GitHub issue or pull request that was named.
type Issue struct {
	Repo   string `json:"repo"` // owner/name
	Number int    `json:"number"`
}

// Time is an instant in UTC, to the second. In JSON it is RFC 3339 with "Z";
// the zero Time is "".
type Time struct{ time.Time }

// MarshalJSON writes t as the type says.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte(`""`), nil
	}
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05Z"`)), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == `""` {
		*t = Time{}
		return nil
	}
	return t.Time.UnmarshalJSON(b)
}

// Date is a calendar day, at midnight UTC. In JSON it is YYYY-MM-DD; the zero
// Date is "".
type Date struct{ time.Time }

// MarshalJSON writes d as the type says.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte(`""`), nil
	}
	return []byte(d.Format(`"2006-01-02"`)), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *Date) UnmarshalJSON(b []byte) error {
	if string(b) == `""` {
		*d = Date{}
		return nil
	}
	at, err := time.Parse(`"2006-01-02"`, string(b))
	*d = Date{at}
	return err
}

// Ended reports whether the meeting is over.
func (m Minutes) Ended() bool { return !m.EndedAt.IsZero() }

// Items yields the items that stand, in order, each with the topic it is noted
// under.
func (m Minutes) Items(yield func(Topic, Item) bool) {
	for _, t := range m.Topics {
		for _, i := range t.Items {
			if !i.Undone && !yield(t, i) {
				return
			}
		}
	}
}

// Standing returns the items of t that were not undone.
func (t Topic) Standing() []Item {
	var items []Item
	for _, i := range t.Items {
		if !i.Undone {
			items = append(items, i)
		}
	}
	return items
}

// ShownTopics returns the topics for people to read: all but an untitled one
// in which nothing stands.
func (m Minutes) ShownTopics() []Topic {
	if len(m.Topics) > 0 && m.Topics[0].Title == "" && len(m.Topics[0].Standing()) == 0 {
		return m.Topics[1:]
	}
	return m.Topics
}

// DecisionItems returns the items of m.Decisions.
func (m Minutes) DecisionItems() []Item {
	var items []Item
	for _, i := range m.Items {
		if i.Kind.Decision() {
			items = append(items, i)
		}
	}
	return items
}

// ActionsOf is somebody's actions.
type ActionsOf struct {
	Owner string // "" for actions nobody was named for
	Items []Item
}

// ActionsByOwner returns the actions of each owner, in order of their first,
// and last those that nobody owns. An action of two people is listed for both.
func (m Minutes) ActionsByOwner() []ActionsOf {
	var list []ActionsOf
	var nobody []Item
	place := map[string]int{}
	for _, i := range m.Items {
		if i.Kind != meeting.Action {
			continue
		}
		if len(i.Owners) == 0 {
			nobody = append(nobody, i)
		}
		for _, owner := range i.Owners {
			n, known := place[owner]
			if !known {
				n = len(list)
				place[owner] = n
				list = append(list, ActionsOf{Owner: owner})
			}
			list[n].Items = append(list[n].Items, i)
		}
	}
	if len(nobody) > 0 {
		list = append(list, ActionsOf{Items: nobody})
	}
	return list
}

// People returns who was there: people, and bots apart.
func (m Minutes) People() (people, bots []Person) {
	for _, p := range m.Present {
		if p.Bot {
			bots = append(bots, p)
		} else {
			people = append(people, p)
		}
	}
	return people, bots
}

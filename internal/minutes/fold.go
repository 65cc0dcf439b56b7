package minutes

import (
	"time"

	"github.com/eucalyptus/hackfest/internal/hackfest"
	"github.com/eucalyptus/hackfest/internal/meeting"
)

// FromState makes the minutes of the meeting that s holds, ended or not. The
// owners of actions are resolved against everybody known in s.
func FromState(s meeting.State) Minutes {
	h := s.Header
	m := Minutes{
		Schema: Schema,
		ID:     h.Ref, Title: h.Title, Name: h.Name, Network: h.Network, Channel: h.Channel,
		StartedAt: stamp(h.StartedAt), EndedAt: stamp(h.EndedAt),
		Owner: h.Owner, Chairs: orEmpty(h.Chairs),
		Present: []Person{},
		Topics:  topics(s), Decisions: []hackfest.ItemID{}, Actions: []hackfest.ItemID{},
		Votes: votes(s), Lessons: lessons(s), Issues: []Issue{}, Diagnostics: orEmpty(s.Problems),
	}
	present, regrets := s.Attendance()
	for _, p := range present {
		m.Present = append(m.Present, Person{Nick: p.Nick, Account: p.Account, Lines: p.Lines, Alias: p.Alias, Bot: p.Bot})
	}
	m.Regrets = orEmpty(regrets)
	for _, i := range s.Issues {
		m.Issues = append(m.Issues, Issue(i))
	}
	for _, i := range m.Items {
		switch {
		case i.Kind.Decision():
			m.Decisions = append(m.Decisions, i.ID)
		case i.Kind == meeting.Action:
			m.Actions = append(m.Actions, i.ID)
		}
	}
	return m
}

// lessons are the items that say what was learned, with what to make of it.
func lessons(s meeting.State) []Lesson {
	list := []Lesson{}
	for _, i := range s.Items {
		if i.Kind == meeting.Lesson && !i.Undone {
			list = append(list, Lesson{ID: i.ID, LineID: i.ID.Ref, Text: i.Text, Kind: string(i.Lesson)})
		}
	}
	return list
}

// topics puts the items under the topics that stand. What is left of an undone
// topic, undone items only, goes to the topic before it.
func topics(s meeting.State) []Topic {
	list := []Topic{}
	place := map[hackfest.ItemID]int{} // of a topic in list
	for _, t := range s.Topics {
		if !t.Undone {
			list = append(list, Topic{ID: t.ID, Title: t.Title, Subtopic: t.Subtopic, StartedAt: stamp(t.At), Items: []Item{}})
		}
		place[t.ID] = len(list) - 1
	}
	finder := s.Finder()
	for _, i := range s.Items {
		owners := []string{}
		if i.Kind == meeting.Action {
			owners = orEmpty(finder.In(i.Text))
		}
		n := place[i.Topic]
		list[n].Items = append(list[n].Items, Item{
			ID: i.ID, LineID: i.ID.Ref, Kind: i.Kind, At: stamp(i.At), Nick: i.Nick,
			Text: i.Text, URL: i.URL, Owners: owners, Due: Date{i.Due}, Undone: i.Undone,
		})
	}
	if len(list) > 0 && list[0].Title == "" && len(list[0].Items) == 0 {
		list = list[1:] // nothing came before the first topic
	}
	return list
}

// votes are those that have ended and were not taken back.
func votes(s meeting.State) []Vote {
	list := []Vote{}
	for _, v := range s.Votes {
		if v.Open || v.Undone {
			continue
		}
		vote := Vote{ID: v.ID, Question: v.Question, Options: make([]Option, len(v.Options)), Secret: v.Secret, Result: v.Result}
		for i, o := range v.Options {
			vote.Options[i] = Option{Option: o.Option, Count: o.Count, Voters: orEmpty(o.Voters)}
		}
		list = append(list, vote)
	}
	return list
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// stamp is an instant as the minutes keep it.
func stamp(at time.Time) Time {
	if at.IsZero() {
		return Time{}
	}
	return Time{at.UTC().Truncate(time.Second)}
}

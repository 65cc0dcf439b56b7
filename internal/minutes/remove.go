package minutes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// Removal says what is to be taken out of minutes.
type Removal struct {
	Lines   []hackfest.Ref    // of the log: all that they noted
	Entries []hackfest.ItemID // items, topics, votes and lessons by themselves
	Words   []string          // of those lines, as they may stand elsewhere too
	Mark    string            // what stands there instead: "removed by marlow, 15 Aug 2012"
	Title   string            // of the meeting instead of its own; "" leaves that
	Names   []string          // the meeting's name goes if it is one of them
}

// Taken is what was taken out of minutes, by its place in them, to be put back.
type Taken map[string]json.RawMessage

// takes reports whether what id names has to go.
func (r Removal) takes(id hackfest.ItemID) bool {
	return slices.Contains(r.Lines, id.Ref) || slices.Contains(r.Entries, id)
}

// telling is how many characters words have that stand nowhere by chance.
const telling = 12

// Telling reports whether w is long enough that whoever has it quotes it.
func Telling(w string) bool { return utf8.RuneCountInString(w) >= telling }

// Says reports whether text is one of words or holds one that is telling.
func Says(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return text == w || Telling(w) && strings.Contains(text, w) })
}

// in reports whether any of r.Words stands in text, which the engine made.
func (r Removal) in(text string) bool {
	return slices.ContainsFunc(r.Words, func(w string) bool { return strings.Contains(text, w) })
}

// Remove takes r out of m: the words go, the entries stay, with when and by whom.
// What was taken out already stays as it is. It returns what it took; nothing
// when there was nothing to take.
func (m *Minutes) Remove(r Removal) Taken {
	t := Taken{}
	for i := range m.Topics {
		topic := &m.Topics[i]
		if topic.Title != "" && !topic.Redacted && r.takes(topic.ID) {
			t.keep("topic/"+topic.ID.String(), topicWords{topic.Title})
			topic.Title, topic.Redacted = r.Mark, true
		}
		for j := range topic.Items {
			if item := &topic.Items[j]; !item.Redacted && (r.takes(item.ID) || slices.Contains(r.Lines, item.LineID)) {
				t.keep("item/"+item.ID.String(), itemWords{item.Text, item.URL, item.Owners, item.Due})
				item.Text, item.URL, item.Owners, item.Due, item.Redacted = r.Mark, "", []string{}, Date{}, true
			}
		}
	}
	for i := range m.Votes {
		if v := &m.Votes[i]; !v.Redacted && r.takes(v.ID) {
			t.keep("vote/"+v.ID.String(), voteWords{v.Question, v.Options, v.Result})
			v.Question, v.Options, v.Result, v.Redacted = r.Mark, blank(v.Options), "", true
		}
	}
	for i := range m.Lessons {
		if l := &m.Lessons[i]; !l.Redacted && (r.takes(l.ID) || slices.Contains(r.Lines, l.LineID)) {
			t.keep("lesson/"+l.ID.String(), lessonWords{l.Text})
			l.Text, l.Redacted = r.Mark, true
		}
	}
	m.removeQuotes(r, t)
	m.removeWords(r, t)
	return t
}

// removeQuotes takes r.Words out of what people wrote afterwards.
func (m *Minutes) removeQuotes(r Removal, t Taken) {
	for i := range m.Topics {
		topic := &m.Topics[i]
		if cut := CutWords(topic.Title, r.Words); topic.Edited && !topic.Redacted && cut != topic.Title {
			t.keep("topic/"+topic.ID.String(), topicWords{topic.Title})
			topic.Title = cut
		}
		for j := range topic.Items {
			item := &topic.Items[j]
			if cut := CutWords(item.Text, r.Words); item.Edited && !item.Redacted && cut != item.Text {
				t.keep("item/"+item.ID.String(), itemWords{item.Text, item.URL, item.Owners, item.Due})
				item.Text = cut
			}
		}
	}
	for i := range m.Lessons {
		l := &m.Lessons[i]
		if cut := CutWords(l.Text, r.Words); l.Scope != "" && !l.Redacted && cut != l.Text {
			t.keep("lesson/"+l.ID.String(), lessonWords{l.Text})
			l.Text = cut
		}
	}
}

// cutMark stands in what people wrote about a meeting for what it quoted.
const cutMark = "[removed]"

// CutWords is text without those of words that stand nowhere by chance.
func CutWords(text string, words []string) string {
	for _, w := range words {
		if Telling(w) {
			text = strings.ReplaceAll(text, w, cutMark)
		}
	}
	return text
}

// removeWords takes r.Words out of what belongs to no entry.
func (m *Minutes) removeWords(r Removal, t Taken) {
	if r.Title != "" && m.Title != r.Title {
		t.keep("title", m.Title)
		m.Title = r.Title
	}
	if m.Name != "" && slices.Contains(r.Names, m.Name) {
		t.keep("name", m.Name)
		m.Name = ""
	}
	for i := range m.Present {
		if p := &m.Present[i]; p.Alias != "" && Says(p.Alias, r.Words) {
			t.keep("alias/"+p.Nick, p.Alias)
			p.Alias = ""
		}
	}
	m.Diagnostics = slices.Clone(m.Diagnostics) // they may be the engine's own
	for i, d := range m.Diagnostics {
		if r.in(d) {
			t.keep("diagnostic/"+strconv.Itoa(i), d)
			m.Diagnostics[i] = r.Mark
		}
	}
	named := func(i Issue) bool {
		return slices.ContainsFunc(r.Words, func(w string) bool {
			return strings.Contains(strings.ToLower(w), strings.ToLower(i.Repo)) && strings.Contains(w, strconv.Itoa(i.Number))
		})
	}
	if slices.ContainsFunc(m.Issues, named) {
		t.keep("issues", m.Issues)
		m.Issues = slices.DeleteFunc(slices.Clone(m.Issues), named)
	}
}

// PutBack puts back what a Remove of the same minutes took out.
func (m *Minutes) PutBack(t Taken) error {
	var errs error
	put := func(place string, into any) bool {
		text, ok := t[place]
		if !ok || errs != nil {
			return false
		}
		if err := json.Unmarshal(text, into); err != nil {
			errs = fmt.Errorf("minutes: put back %s: %w", place, err)
		}
		return errs == nil
	}
	for i := range m.Topics {
		topic := &m.Topics[i]
		var w topicWords
		if put("topic/"+topic.ID.String(), &w) {
			topic.Title, topic.Redacted = w.Title, false
		}
		for j := range topic.Items {
			item := &topic.Items[j]
			var w itemWords
			if put("item/"+item.ID.String(), &w) {
				item.Text, item.URL, item.Owners, item.Due, item.Redacted = w.Text, w.URL, w.Owners, w.Due, false
			}
		}
	}
	for i := range m.Votes {
		var w voteWords
		if v := &m.Votes[i]; put("vote/"+v.ID.String(), &w) {
			v.Question, v.Options, v.Result, v.Redacted = w.Question, w.Options, w.Result, false
		}
	}
	for i := range m.Lessons {
		var w lessonWords
		if l := &m.Lessons[i]; put("lesson/"+l.ID.String(), &w) {
			l.Text, l.Redacted = w.Text, false
		}
	}
	put("title", &m.Title)
	put("name", &m.Name)
	put("issues", &m.Issues)
	for i := range m.Present {
		put("alias/"+m.Present[i].Nick, &m.Present[i].Alias)
	}
	for i := range m.Diagnostics {
		put("diagnostic/"+strconv.Itoa(i), &m.Diagnostics[i])
	}
	return errs
}

// What is taken of each sort of entry.
type (
	topicWords struct{ Title string }
	itemWords  struct {
		Text, URL string
		Owners    []string
		Due       Date
	}
	voteWords struct {
		Question string
		Options  []Option
		Result   string
	}
	lessonWords struct{ Text string }
)

// keep notes what stood at a place.
func (t Taken) keep(place string, words any) {
	text, err := json.Marshal(words)
	if err != nil {
		panic(err) // strings, numbers and dates only
	}
	t[place] = text
}

// blank is options without their words; the count of each stays.
func blank(options []Option) []Option {
	list := make([]Option, len(options))
	for i, o := range options {
		list[i] = Option{Option: "option " + strconv.Itoa(i+1), Count: o.Count, Voters: o.Voters}
	}
	return list
}

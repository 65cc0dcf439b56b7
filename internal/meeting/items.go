package meeting

import (
	"slices"
	"time"
)

// note makes the run function of a command that notes an item of kind k.
func note(k ItemKind) func(*turn) {
	return func(t *turn) { t.noteItem(Item{Kind: k, Text: t.arg, said: t.arg}) }
}

// noteItem adds an item under the current topic.
func (t *turn) noteItem(i Item) {
	i.ID = t.newID()
	i.Topic = t.s.Topics[t.s.topicNow()].ID
	i.At, i.Nick, i.author = t.line.At, t.line.Nick, t.by+1
	if t.by >= 0 {
		i.life = t.s.People[t.by].lives
	}
	t.s.Items = append(slices.Clip(t.s.Items), &i) // Clip: earlier states keep their own
	t.out = append(t.out, Noted{i})
	if t.s.Context.Settings.Noisy {
		t.say("Noted, " + string(i.Kind) + ": " + shorten(i.words()))
	}
}

// words is an item as an answer quotes it.
func (i Item) words() string {
	switch {
	case !i.Due.IsZero():
		return i.Text + " (due " + i.Due.Format(time.DateOnly) + ")"
	case i.URL == "":
		return i.Text
	case i.Text == "":
		return i.URL
	}
	return i.URL + " " + i.Text
}

// link answers #link.
func (t *turn) link() {
	i, _ := t.read(Link, t.arg, t.line.At)
	t.noteItem(i)
}

// linkLine notes a line that begins with a URL.
func (t *turn) linkLine() {
	if !beginsWithURL(t.text) {
		return
	}
	i, _ := t.read(Link, clean(t.text), t.line.At)
	t.noteItem(i)
}

// undo answers #undo: it takes back whatever is newest, item or topic.
func (t *turn) undo() {
	item := -1
	for i, it := range slices.Backward(t.s.Items) {
		if !it.Undone {
			item = i
			break
		}
	}
	topic := t.s.topicNow()
	vote := t.s.openVote()
	switch {
	case vote != nil && (item < 0 || after(vote.ID, t.s.Items[item].ID)) && after(vote.ID, t.s.Topics[topic].ID):
		t.withdrawVote()
	case item < 0 && topic == 0:
		t.refuse("nothing to undo")
	case topic == 0 || item >= 0 && after(t.s.Items[item].ID, t.s.Topics[topic].ID):
		t.undoItem(item)
	default:
		t.undoTopic(topic)
	}
}

func (t *turn) undoItem(n int) {
	t.s.Items = slices.Clone(t.s.Items)
	i := *t.s.Items[n]
	i.Undone = true
	t.s.Items[n] = &i
	t.out = append(t.out, Noted{i})
	if i.Kind == Voted {
		t.undoVote(i.ID)
	}
	t.say("Removed, " + string(i.Kind) + ": " + shorten(i.words()))
}

func (t *turn) undoTopic(n int) {
	t.s.Topics = slices.Clone(t.s.Topics)
	t.s.Topics[n].Undone = true
	topic := t.s.Topics[n]
	t.out = append(t.out, TopicNoted{topic})
	t.giveBack(topic.ID)
	if !topic.Subtopic {
		t.setTopic()
	}
	t.say("Removed, topic: " + shorten(topic.Title))
}

package meeting

import (
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// maxName is how long a #meetingname may be, in characters.
const maxName = 60

// topic answers #topic.
func (t *turn) topic() {
	t.openTopic(false)
	t.take()
	t.setTopic()
}

// subtopic answers #subtopic. The channel's topic stays.
func (t *turn) subtopic() { t.openTopic(true) }

func (t *turn) openTopic(sub bool) {
	topic := Topic{ID: t.newID(), Title: t.arg, Subtopic: sub, At: t.line.At}
	t.s.Topics = append(slices.Clip(t.s.Topics), topic)
	t.out = append(t.out, TopicNoted{topic})
}

// meetingTopic answers #meetingtopic.
func (t *turn) meetingTopic() {
	t.s.Header.Suffix = t.arg
	if strings.EqualFold(t.arg, "none") {
		t.s.Header.Suffix = ""
	}
	t.out = append(t.out, Changed{t.s.Header})
	if t.s.topicText() != "" {
		t.setTopic()
	}
}

// meetingName answers #meetingname.
func (t *turn) meetingName() {
	name := urlName(t.arg)
	if name == "" {
		t.refuse("a name needs letters or digits: a-z, 0-9 and -")
		return
	}
	t.s.Header.Name = name
	t.out = append(t.out, Changed{t.s.Header})
	t.say("The meeting's name is " + name + ".")
}

// urlName makes a name for URLs: small letters, digits and single hyphens.
func urlName(text string) string {
	var out []byte
	for _, b := range []byte(strings.ToLower(text)) {
		switch {
		case b >= 'a' && b <= 'z' || b >= '0' && b <= '9':
			out = append(out, b)
		case len(out) > 0 && out[len(out)-1] != '-':
			out = append(out, '-')
		}
	}
	if len(out) > maxName {
		out = out[:maxName]
	}
	return strings.Trim(string(out), "-")
}

// topicNow returns the place of the topic that things are noted under, which
// may be a subtopic.
func (s State) topicNow() int {
	for i := len(s.Topics) - 1; i > 0; i-- {
		if !s.Topics[i].Undone {
			return i
		}
	}
	return 0
}

// mainTopic is the title of the current topic, subtopics left aside; "" before
// the first.
func (s State) mainTopic() string {
	for _, topic := range slices.Backward(s.Topics) {
		if !topic.Undone && !topic.Subtopic {
			return topic.Title
		}
	}
	return ""
}

// topicText is the current topic with its subtopic, for people to read.
func (s State) topicText() string {
	if len(s.Topics) == 0 {
		return ""
	}
	now, main := s.Topics[s.topicNow()], s.mainTopic()
	if now.Subtopic && main != "" {
		return main + ", " + now.Title
	}
	return now.Title
}

// channelTopic is what the channel's topic should be now.
func (s State) channelTopic() string {
	title := s.mainTopic()
	switch {
	case title == "" && s.Context.Topic != nil:
		return *s.Context.Topic
	case title != "" && s.Header.Suffix != "":
		return title + " (" + s.Header.Suffix + ")"
	}
	return title
}

func (t *turn) setTopic() {
	if t.s.mainTopic() == "" && t.s.Context.Topic == nil {
		return // nobody knows what it was before
	}
	t.s.topicSet = true
	t.out = append(t.out, SetTopic{t.s.channelTopic()})
}

// restoreTopic gives the channel the topic it had before the meeting, if the
// meeting changed it.
func (t *turn) restoreTopic() {
	if t.s.topicSet && t.s.Context.Topic != nil {
		t.out = append(t.out, SetTopic{*t.s.Context.Topic})
	}
}

// topicByHand takes in that somebody changed the channel's topic with /topic
// during the meeting: that is what the end of the meeting restores.
func (t *turn) topicByHand() {
	l := t.line
	if l.Self || l.Nick == "" || t.s.fold.Equal(l.Nick, t.s.Context.Bot) || l.Text == t.s.channelTopic() {
		return
	}
	t.s.Context.Topic = &l.Text
}

// after reports whether id a was given out after id b.
func after(a, b hackfest.ItemID) bool {
	if c := a.Ref.Compare(b.Ref); c != 0 {
		return c > 0
	}
	return a.N > b.N
}

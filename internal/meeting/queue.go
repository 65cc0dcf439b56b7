package meeting

import (
	"slices"
	"strings"
	"unicode"
)

// queued is somebody in the speaker queue.
type queued struct {
	person int    // place in People
	why    string // what they want to say, as in "to say that it works"; "" when they did not tell
}

// Queue lists the speaker queue, first come first: nicks, each with what they
// want to say if they told it, as in "ann (to say that it works)".
func (s State) Queue() []string {
	var list []string
	for _, q := range s.queue {
		text := s.People[q.person].Nick
		if q.why != "" {
			text += " (" + q.why + ")"
		}
		list = append(list, text)
	}
	return list
}

// speaker carries out the lines that W3C's Zakim knows, and reports whether the
// line is one: q+, q-, q?, q= and ack. What only looks like one is talk.
func (t *turn) speaker() bool {
	word, rest, _ := strings.Cut(strings.TrimRightFunc(t.text, unicode.IsSpace), " ")
	if len(word) < 2 || len(word) > 3 {
		return false
	}
	t.arg = clean(rest)
	switch strings.ToLower(word) {
	case "q+":
		t.queueUp()
	case "q-":
		t.leaveQueue()
	case "q?":
		if t.arg != "" {
			return false
		}
		t.say(t.queueText())
	case "q=":
		t.setQueue()
	case "ack":
		return t.acknowledge()
	default:
		return false
	}
	return true
}

// queueUp answers q+: it puts those it names at the end, and the author, with
// what they want to say, when it names nobody who is here.
func (t *turn) queueUp() {
	people, known := t.speakers(t.arg)
	why := ""
	if !known {
		people, why = []int{t.by}, shorten(t.arg)
	}
	queue := slices.Clone(t.s.queue)
	for _, i := range people {
		at := placeIn(queue, i)
		switch {
		case at < 0 && len(queue) < maxQueue:
			queue = append(queue, queued{person: i, why: why})
		case at >= 0 && why != "":
			queue[at].why = why
		}
	}
	t.requeue(queue)
}

// maxQueue is how many may wait.
const maxQueue = 50

// leaveQueue answers q-: the author leaves, or those it names if the author
// chairs; "q- later" goes to the end.
func (t *turn) leaveQueue() {
	queue := slices.Clone(t.s.queue)
	if strings.EqualFold(t.arg, "later") {
		if at := placeIn(queue, t.by); at >= 0 {
			queue = append(slices.Delete(queue, at, at+1), t.s.queue[at])
		}
		t.requeue(queue)
		return
	}
	people, known := t.speakers(t.arg)
	if !known {
		people = []int{t.by} // whatever they say about it
	}
	for _, i := range people {
		if i != t.by && !t.may(chairs) {
			t.refuse(t.onlyChairs())
			return
		}
		if at := placeIn(queue, i); at >= 0 {
			queue = slices.Delete(queue, at, at+1)
		}
	}
	t.requeue(queue)
}

// setQueue answers q=: the queue is whom it names, or empty.
func (t *turn) setQueue() {
	people, known := t.speakers(t.arg)
	empty := t.arg == "" || strings.EqualFold(t.arg, "none")
	switch {
	case !t.may(chairs):
		t.refuse(t.onlyChairs())
	case !known && !empty:
		t.refuse("not all of them are here: q= NICK, NICK, or none")
	default:
		var queue []queued
		for _, i := range people {
			queue = append(queue, queued{person: i})
		}
		t.requeue(queue)
	}
}

// acknowledge answers "ack nick" by a chair: it is that person's turn. Of
// somebody who does not wait it is talk, and so is "ack" alone.
func (t *turn) acknowledge() bool {
	people, known := t.speakers(t.arg)
	if !known || len(people) != 1 {
		return false
	}
	at := placeIn(t.s.queue, people[0])
	if at < 0 {
		return false
	}
	if !t.may(chairs) {
		t.refuse(t.onlyChairs())
		return true
	}
	turn := t.s.Queue()[at]
	t.s.queue = slices.Delete(slices.Clone(t.s.queue), at, at+1)
	t.out = append(t.out, QueueMoved{t.s.Queue()})
	t.say("Now: " + turn + ". " + t.queueText())
	return true
}

// speakers finds whom a list of nicks means. known is false when it is empty or
// names anybody who is not known to be here: then it is no list. "me" is the
// author.
func (t *turn) speakers(text string) (people []int, known bool) {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		word = strings.TrimLeft(word, "@+")
		i := t.holder(t.s.fold.Fold(word))
		switch {
		case i < 0 && strings.EqualFold(word, "me"):
			i = t.by
		case i < 0 && t.isPresent(word):
			i = t.named(word)
		case i < 0:
			i = t.onWeb(t.s.fold.Fold(word))
		}
		if i < 0 {
			return nil, false
		}
		if !slices.Contains(people, i) {
			people = append(people, i)
		}
	}
	return people, len(people) > 0
}

// requeue makes queue the queue and says it.
func (t *turn) requeue(queue []queued) {
	if !slices.Equal(queue, t.s.queue) {
		t.s.queue = queue
		t.out = append(t.out, QueueMoved{t.s.Queue()})
	}
	t.say(t.queueText())
}

// queueText tells the queue.
func (t *turn) queueText() string {
	list := t.s.Queue()
	if len(list) == 0 {
		return "The queue is empty."
	}
	return "Queue: " + strings.Join(list, ", ") + "."
}

// placeIn is where the person at place i waits; -1 when they do not.
func placeIn(queue []queued, i int) int {
	return slices.IndexFunc(queue, func(q queued) bool { return q.person == i })
}

// namesChanged brings what shows nicks in line with a change of them.
func (t *turn) namesChanged() {
	t.recount()
	if len(t.s.queue) > 0 {
		t.out = append(t.out, QueueMoved{t.s.Queue()})
	}
}

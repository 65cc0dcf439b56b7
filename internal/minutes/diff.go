package minutes

import (
	"slices"
	"strings"
	"unicode"

	"github.com/eucalyptus/hackfest/internal/meeting"
)

// Part is one paragraph of minutes, or one entry, by itself: what a comparison of
// two revisions tells apart.
type Part struct {
	Key     string // the same in both revisions
	Section string // "Decisions"
	Label   string // "Action, noted by ann"; may be empty
	Text    string
}

// Parts are w in the order in which it is read.
func (w Written) Parts() []Part {
	var list []Part
	add := func(key, section, label, text string) {
		if text != "" {
			list = append(list, Part{Key: key, Section: section, Label: label, Text: text})
		}
	}
	add("title", "Title", "", w.Title)
	add("summary", "Summary", "", w.Summary)
	for _, t := range w.Topics {
		add("topic."+t.ID.String(), "Topics", "Topic", t.Title)
		for _, i := range t.Standing() {
			add("item."+i.ID.String(), "Topics", ItemLabels[i.Kind], i.wording())
		}
	}
	for _, v := range w.Votes {
		add("vote."+v.ID.String(), "Votes", "Vote", v.Question+" "+v.Tally()+": "+v.Result)
	}
	for _, l := range w.Lessons {
		label := l.Label()
		if label == "" {
			label = "Lesson"
		}
		add("lesson."+l.ID.String(), "Lessons", label, l.Text)
		about := l.Scope
		if l.Image != "" {
			about += " " + l.Image
		}
		add("scope."+l.ID.String(), "Lessons", "is about", about)
	}
	people, _ := w.People()
	names := make([]string, len(people))
	for i, p := range people {
		names[i] = p.Nick
	}
	add("present", "People", "Present", strings.Join(names, ", "))
	add("regrets", "People", "Regrets", strings.Join(w.Regrets, ", "))
	add("issues", "Issues", "", issueList(w.Issues))
	return list
}

// wording is all that an item says.
func (i Item) wording() string {
	text := strings.TrimSpace(i.URL + " " + i.Text)
	if i.Kind != meeting.Action {
		return text
	}
	who := "nobody yet"
	if len(i.Owners) > 0 {
		who = strings.Join(i.Owners, ", ")
	}
	return text + " · " + who + i.DueNote()
}

// Op is what became of a piece of text.
type Op string

// What becomes of a piece of text.
const (
	Same Op = ""
	Cut  Op = "cut"
	Put  Op = "put"
)

// Piece is a run of text that stayed, went or came.
type Piece struct {
	Op   Op
	Text string
}

// Change is a part that is not the same in two revisions.
type Change struct {
	Part                 // as it is in the newer one, else in the older
	Paragraphs [][]Piece // only those with a change in them
}

// Changes compares two revisions, part by part and in the parts word by word.
func Changes(before, after []Part) []Change {
	var list []Change
	was := map[string]Part{}
	for _, p := range before {
		was[p.Key] = p
	}
	is := map[string]bool{}
	for _, p := range after {
		is[p.Key] = true
	}
	next := 0 // of before
	gone := func(upTo string) {
		for ; next < len(before); next++ {
			p := before[next]
			if p.Key == upTo {
				next++
				return
			}
			if !is[p.Key] {
				list = append(list, Change{Part: p, Paragraphs: compare(p.Text, "")})
			}
		}
	}
	for _, p := range after {
		old, known := was[p.Key]
		if known && slices.ContainsFunc(before[min(next, len(before)):], func(o Part) bool { return o.Key == p.Key }) {
			gone(p.Key)
		}
		if old.Text != p.Text {
			list = append(list, Change{Part: p, Paragraphs: compare(old.Text, p.Text)})
		}
	}
	gone("\x00") // no key
	return list
}

// compare tells two texts apart: paragraphs first, then the words of those that
// were changed.
func compare(before, after string) [][]Piece {
	var out [][]Piece
	var cut, put []string
	flush := func() {
		for len(cut) > 0 || len(put) > 0 {
			var a, b string
			if len(cut) > 0 {
				a, cut = cut[0], cut[1:]
			}
			if len(put) > 0 {
				b, put = put[0], put[1:]
			}
			out = append(out, join(script(words(a), words(b))))
		}
	}
	for _, p := range script(paragraphs(before), paragraphs(after)) {
		switch p.Op {
		case Cut:
			cut = append(cut, p.Text)
		case Put:
			put = append(put, p.Text)
		default:
			flush()
		}
	}
	flush()
	return out
}

func paragraphs(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(p string) bool { return strings.TrimSpace(p) == "" })
}

// words are text cut into words and what is between them.
func words(text string) []string {
	var list []string
	from, blank := 0, false
	for i, r := range text {
		if is := unicode.IsSpace(r); i > from && is != blank {
			list, from, blank = append(list, text[from:i]), i, is
		} else if i == from {
			blank = is
		}
	}
	if from < len(text) {
		list = append(list, text[from:])
	}
	return list
}

// join puts neighbours of one kind together. A blank between two words that came
// or went goes with them.
func join(list []Piece) []Piece {
	for i := 1; i+1 < len(list); i++ {
		if list[i].Op == Same && strings.TrimSpace(list[i].Text) == "" && list[i-1].Op != Same && list[i+1].Op == list[i-1].Op {
			list[i].Op = list[i-1].Op
		}
	}
	var out []Piece
	for _, p := range list {
		if n := len(out); n > 0 && out[n-1].Op == p.Op {
			out[n-1].Text += p.Text
			continue
		}
		out = append(out, p)
	}
	return out
}

// mostCompared bounds the work for two texts that have little in common, in
// pairs of words.
const mostCompared = 4_000_000

// script is how a becomes b, by their longest common subsequence.
func script(a, b []string) []Piece {
	var out []Piece
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		out = append(out, Piece{Same, a[head]})
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(x)*len(y) > mostCompared {
		out = append(append(out, all(Cut, x)...), all(Put, y)...)
	} else {
		out = append(out, longest(x, y)...)
	}
	return append(out, all(Same, a[len(a)-tail:])...)
}

func all(op Op, list []string) []Piece {
	out := make([]Piece, len(list))
	for i, s := range list {
		out[i] = Piece{op, s}
	}
	return out
}

// longest is script by dynamic programming.
func longest(x, y []string) []Piece {
	width := len(y) + 1
	common := make([]int32, (len(x)+1)*width) // of x[i:] and y[j:]
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				common[i*width+j] = common[(i+1)*width+j+1] + 1
			} else {
				common[i*width+j] = max(common[(i+1)*width+j], common[i*width+j+1])
			}
		}
	}
	var out []Piece
	i, j := 0, 0
	for i < len(x) && j < len(y) {
		switch {
		case x[i] == y[j]:
			out = append(out, Piece{Same, x[i]})
			i, j = i+1, j+1
		case common[(i+1)*width+j] >= common[i*width+j+1]:
			out = append(out, Piece{Cut, x[i]})
			i++
		default:
			out = append(out, Piece{Put, y[j]})
			j++
		}
	}
	return append(append(out, all(Cut, x[i:])...), all(Put, y[j:])...)
}

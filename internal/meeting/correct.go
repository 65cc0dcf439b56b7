package meeting

import (
	"slices"
	"strings"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// longestItem is how long a correction may make an item, in bytes; what people
// type is shorter.
const longestItem = 2000

// correct carries out s/old/new/: the newest item that contains old and that
// the author may correct has its first old replaced. It reports whether the
// line has that form. Nothing is answered; what did not work is told in the
// minutes' diagnostics.
func (t *turn) correct() bool {
	if !strings.HasPrefix(t.text, "s/") {
		return false
	}
	old, fresh, ok := correction(clean(t.text))
	if !ok {
		return false
	}
	for n, i := range slices.Backward(t.s.Items) {
		if i.Undone || !strings.Contains(i.said, old) || !t.mayCorrect(*i) {
			continue
		}
		said := strings.TrimSpace(strings.Replace(i.said, old, fresh, 1))
		switch {
		case said == "":
			t.notCorrected("nothing would be left of the item")
		case len(said) > longestItem:
			t.notCorrected("the item would be too long")
		default:
			t.rewrite(n, said)
		}
		return true
	}
	if !strings.Contains(t.s.People[t.by].spoke, old) { // else they take back a word of their talk
		t.notCorrected("no item that they may correct has those words")
	}
	return true
}

// rewrite gives the item at place n another text, as if that had been said
// in the first place.
func (t *turn) rewrite(n int, said string) {
	i := *t.s.Items[n]
	again, _ := t.read(i.Kind, said, i.At)
	i.Text, i.URL, i.Due, i.said = again.Text, again.URL, again.Due, said
	t.s.Items = slices.Clone(t.s.Items)
	t.s.Items[n] = &i
	t.out = append(t.out, Noted{i})
	t.noteIssues(said)
}

// mayCorrect reports whether the author noted item i or chairs. Whose nick was
// away has to prove who they are first, as a chair does.
func (t *turn) mayCorrect(i Item) bool {
	me := t.s.People[t.by]
	mine := i.author == t.by+1 && i.life == me.lives && (!me.unproven || t.line.Kind == hackfest.Web)
	return mine || t.may(chairs)
}

// notCorrected does not repeat the words: they may have to be taken out of the
// log one day.
func (t *turn) notCorrected(why string) {
	t.problem("A correction by " + t.line.Nick + " was not made: " + why + ".")
}

// problem adds what happened now to the minutes' diagnostics.
func (t *turn) problem(text string) {
	t.s.Problems = append(slices.Clip(t.s.Problems), t.line.At.UTC().Format("2006-01-02 15:04:05 UTC")+": "+text)
}

// correction reads s/old/new and s/old/new/, in which \/ is a slash.
func correction(text string) (old, fresh string, ok bool) {
	body, ok := strings.CutPrefix(text, "s/")
	if !ok {
		return "", "", false
	}
	var parts []string
	part := ""
	for i := 0; i < len(body); i++ {
		switch {
		case body[i] == '\\' && i+1 < len(body) && body[i+1] == '/':
			part += "/"
			i++
		case body[i] == '/':
			parts = append(parts, part)
			part = ""
		default:
			part += body[i : i+1]
		}
	}
	parts = append(parts, part)
	if len(parts) == 3 && parts[2] == "" {
		parts = parts[:2]
	}
	if len(parts) != 2 || parts[0] == "" {
		return "", "", false
	}
	return parts[0], parts[1], true
}

// moveAuthors follows people to their new places.
func (t *turn) moveAuthors(place func(int) int) {
	t.s.Items = slices.Clone(t.s.Items)
	for n, i := range t.s.Items {
		if i.author > 0 && place(i.author-1) != i.author-1 {
			moved := *i
			moved.author = place(i.author-1) + 1
			t.s.Items[n] = &moved
		}
	}
}

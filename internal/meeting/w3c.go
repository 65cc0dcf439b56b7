package meeting

import "strings"

// w3cForms are what people who meet at W3C type by habit, with the commands
// that say the same. Settings.W3C turns them on.
var w3cForms = map[string]string{
	"action":     "action",
	"resolved":   "agreed",
	"resolution": "agreed",
	"topic":      "topic",
	"proposed":   "idea",
}

// longestForm is how far into a line the colon of a form can be.
const longestForm = len("resolution")

// w3c carries out a line like "ACTION: bob to file it", in any case, and
// reports whether it is one. A proposal is noted as an idea; what comes of it is
// for RESOLVED, or for a vote.
func (t *turn) w3c() bool {
	if !t.s.Context.Settings.W3C {
		return false
	}
	colon := strings.IndexByte(t.text, ':')
	if colon < 0 || colon > longestForm || colon+1 < len(t.text) && t.text[colon+1] != ' ' {
		return false
	}
	form := strings.ToLower(t.text[:colon])
	word, ok := w3cForms[form]
	if !ok {
		return false
	}
	t.arg = clean(t.text[colon+1:])
	if form == "proposed" && t.arg != "" {
		t.arg = "Proposed: " + t.arg
	}
	t.carryOut(t.commands[t.words[word]])
	return true
}

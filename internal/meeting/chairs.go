package meeting

import (
	"slices"
	"strings"
	"unicode"

	"github.com/eucalyptus/hackfest/internal/hackfest"
)

// may reports whether the author of the line has right r.
func (t *turn) may(r right) bool {
	if r == everybody || t.portalChair() || t.s.owner < 0 && len(t.s.chairs) == 0 { // a whole log has no chair
		return true
	}
	switch {
	case t.chairs(t.by):
		return true
	case r == enders:
		return t.mayEnd()
	case r == appointers:
		return t.mayAppoint()
	}
	return false
}

// portalChair reports whether the portal lets the author of a line given on the
// web chair this session.
func (t *turn) portalChair() bool { return t.line.Kind == hackfest.Web && t.line.Op }

// chairs reports whether the person at i chairs and is known to be who they
// were when they became chair. On the web the portal has seen to that.
func (t *turn) chairs(i int) bool {
	return slices.Contains(t.s.chairs, i) && (!t.s.People[i].unproven || t.line.Kind == hackfest.Web)
}

// ChairedBy reports whether who has that nick now chairs the meeting that runs.
func (s State) ChairedBy(nick string) bool {
	return s.Running() && slices.ContainsFunc(s.chairs, func(i int) bool {
		p := s.People[i]
		return p.here && !p.unproven && s.fold.Equal(p.Nick, nick)
	})
}

// mayEnd is who but a chair may end the meeting: anybody once it is an hour
// past its scheduled end, and a channel operator when no chair is here.
func (t *turn) mayEnd() bool {
	if !t.line.At.Before(t.s.scheduledEnd().Add(overdue)) {
		return true
	}
	return t.mayAppoint()
}

// mayAppoint is who but a chair may appoint one: a channel operator when no
// chair is here, so that a meeting whose chair lost their nick can go on.
func (t *turn) mayAppoint() bool {
	return t.line.Op && !slices.ContainsFunc(t.s.chairs, func(i int) bool {
		return t.s.People[i].here && !t.s.People[i].unproven
	})
}

// mayNotStart says why the author may not start a meeting; "" when they may.
func (t *turn) mayNotStart() string {
	if t.portalChair() {
		return ""
	}
	set := t.s.Context.Settings
	switch set.StartRight {
	case "ops":
		if !t.line.Op {
			return "Only channel operators start meetings here."
		}
	case "members":
		account := strings.ToLower(t.line.Account)
		if account == "" || !slices.ContainsFunc(set.MemberAccounts, func(m string) bool { return strings.ToLower(m) == account }) {
			return "Only members start meetings here; log in to your services account first."
		}
	}
	return ""
}

// onlyChairs is the answer to whoever is no chair. A chair who cannot prove to
// be one is told the way back.
func (t *turn) onlyChairs() string {
	text := "only chairs: " + t.chairList()
	if !slices.Contains(t.s.chairs, t.by) {
		return text
	}
	p := t.s.People[t.by]
	if p.account != "" {
		return text + ". To chair again under this nick, log in to the services account it had."
	}
	return text + ". This nick was away; another chair, or a channel operator when no chair is here, can say #chair " + p.Nick
}

// chairList names the chairs, owner first.
func (t *turn) chairList() string { return strings.Join(t.s.Header.Chairs, ", ") }

// nameChairs brings the header's names in line with who chairs.
func (t *turn) nameChairs() {
	var names []string
	owner := ""
	for _, i := range t.s.chairs {
		names = append(names, t.s.People[i].Nick)
	}
	if t.s.owner >= 0 {
		owner = t.s.People[t.s.owner].Nick
	}
	t.chairsMoved = false
	if owner == t.s.Header.Owner && slices.Equal(names, t.s.Header.Chairs) {
		return
	}
	t.s.Header.Owner, t.s.Header.Chairs = owner, names
	t.out = append(t.out, Changed{t.s.Header})
}

// appoint makes the person at i a chair.
func (t *turn) appoint(i int) {
	if !slices.Contains(t.s.chairs, i) {
		t.s.chairs = append(slices.Clip(t.s.chairs), i)
	}
	if t.s.People[i].unproven {
		t.edit(i).unproven = false // somebody who may vouches for them
	}
}

// chair answers #chair.
func (t *turn) chair() {
	var unseen []string
	for _, nick := range t.names() {
		i := t.named(nick)
		if t.s.People[i].Absent {
			unseen = append(unseen, nick)
		}
		t.appoint(i)
	}
	t.nameChairs()
	text := "Chairs: " + t.chairList() + "."
	if len(unseen) > 0 {
		text += " Not seen here yet: " + strings.Join(unseen, ", ") + "."
	}
	t.say(text)
}

// unchair answers #unchair. The owner stays.
func (t *turn) unchair() {
	text := ""
	var none []string
	for _, nick := range t.names() {
		folded := t.s.fold.Fold(nick)
		at := slices.IndexFunc(t.s.chairs, func(i int) bool { return t.s.People[i].nick == folded })
		switch {
		case at < 0:
			none = append(none, nick)
		case t.s.chairs[at] == t.s.owner:
			text = " Whoever started the meeting stays a chair."
		default:
			t.s.chairs = slices.Delete(slices.Clone(t.s.chairs), at, at+1)
		}
	}
	if len(none) > 0 {
		text += " No chair: " + strings.Join(none, ", ") + "."
	}
	t.nameChairs()
	t.say("Chairs: " + t.chairList() + "." + text)
}

// nick answers #nick.
func (t *turn) nick() {
	for _, nick := range t.names() {
		t.named(nick)
	}
}

// here answers #here.
func (t *turn) here() {
	if t.arg != "" {
		t.edit(t.by).Alias = shorten(t.arg)
	}
	t.presentPlus([]string{t.s.People[t.by].Nick})
}

// maxNames is how many people one command may name.
const maxNames = 30

// names reads a list of nicks, separated by commas or blanks or both.
func (t *turn) names() []string { return t.namesUpTo(maxNames) }

func (t *turn) namesUpTo(most int) []string {
	var nicks []string
	for word := range strings.FieldsFuncSeq(t.arg, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		word = strings.TrimLeft(word, "@+")
		if word != "" && len(word) <= 64 && len(nicks) < most {
			nicks = append(nicks, word)
		}
	}
	return nicks
}

// named finds whom nick means, and adds them if nobody is known by it.
// Somebody who has the nick now comes before somebody who had it.
func (t *turn) named(nick string) int {
	folded := t.s.fold.Fold(nick)
	i := t.holder(folded)
	if i < 0 {
		i = t.lastKnown(folded)
	}
	if i < 0 {
		i = t.onWeb(folded)
	}
	if i >= 0 {
		return i
	}
	if t.isPresent(nick) {
		return t.add(Person{Nick: nick, here: true})
	}
	return t.add(Person{Nick: nick, Absent: true})
}

// isPresent reports whether nick is known to be in the channel.
func (t *turn) isPresent(nick string) bool {
	_, found := slices.BinarySearch(t.s.present, t.s.fold.Fold(nick))
	return found
}
